"""``aurora service``: questions over HTTP."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from aurora_widgets.cli.parser import data_options, needs_data, opened

if TYPE_CHECKING:
    import argparse

    from aurora_widgets.cli.parser import Commands

_SERVICE = """\
Serves questions over HTTP, for kernels and programs: API_PROCESSES workers, every limit kept over all
of them. Each line of the tokens' file is `secret: {user: name, groups: [group]}`; who asks sends
`Authorization: Bearer secret`. Settings come from the environment (docs/settings.md). Ctrl+C or
SIGTERM lets the pages that run finish.

  aurora service --tokens tokens.yaml --data sales.parquet
  aurora service --tokens tokens.yaml --catalog catalog.yaml --host 0.0.0.0 --port 8700 --processes 4
"""


def add(commands: Commands) -> None:
    """Add the command."""
    served = commands.add("service", "serve questions over HTTP", _SERVICE, _service)
    served.add_argument("--host", default="127.0.0.1", help="the address to listen on (127.0.0.1)")
    served.add_argument("--port", type=int, default=8700, help="the port (8700); 0 is any free one")
    served.add_argument(
        "--tokens", metavar="FILE", type=Path, required=True, help="YAML: who may ask, by secret"
    )
    served.add_argument("--processes", type=int, help="worker processes; by default API_PROCESSES")
    data_options(served)


def _service(chosen: argparse.Namespace) -> None:
    from aurora_widgets import settings as limits
    from aurora_widgets.service import auth, workers

    settings = limits.load()
    if chosen.processes is not None:
        settings = settings.replace(API_PROCESSES=max(1, chosen.processes))
    identity = auth.read_tokens(chosen.tokens)
    needs_data(chosen)
    listening = workers.listening(chosen.host, chosen.port)
    host, port = listening.getsockname()[:2]
    address = f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"

    def ready() -> None:
        print(f"Aurora's query service is at {address} (Ctrl+C ends it)", flush=True)

    code = workers.serve(listening, lambda: opened(chosen, settings), identity, settings, ready)
    if code:
        raise SystemExit(code)
