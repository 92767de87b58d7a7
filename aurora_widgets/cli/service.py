"""``aurora service``: questions over HTTP."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from aurora_widgets.cli.parser import UsageInvalid, data_options, needs_data, opened

if TYPE_CHECKING:
    import argparse

    from aurora_widgets.cli.parser import Commands
    from aurora_widgets.service.auth import Identity

_SERVICE = """\
Serves questions over HTTP, for kernels and programs: API_PROCESSES workers, every limit kept over all
of them. Each line of the tokens' file is `secret: {user: name, groups: [group]}`; who asks sends
`Authorization: Bearer secret`. Without that file JupyterHub says who asks, where it starts this command
as a service of its own. Settings come from the environment (docs/settings.md). Ctrl+C or SIGTERM lets
the pages that run finish.

  aurora service --tokens tokens.yaml --data sales.parquet
  aurora service --tokens tokens.yaml --catalog catalog.yaml --host 0.0.0.0 --port 8700 --processes 4
"""


def add(commands: Commands) -> None:
    """Add the command."""
    served = commands.add("service", "serve questions over HTTP", _SERVICE, _service)
    served.add_argument("--host", help="the address to listen on (127.0.0.1, or what the hub says)")
    served.add_argument("--port", type=int, help="the port (8700, or what the hub says); 0 is any free one")
    served.add_argument(
        "--tokens", metavar="FILE", type=Path, help="YAML: who may ask, by secret; else the hub's users may"
    )
    served.add_argument("--processes", type=int, help="worker processes; by default API_PROCESSES")
    data_options(served)


def _service(chosen: argparse.Namespace) -> None:
    from aurora_widgets import settings as limits
    from aurora_widgets.service import auth, workers

    settings = limits.load()
    if chosen.processes is not None:
        settings = settings.replace(API_PROCESSES=max(1, chosen.processes))
    identity: Identity = _hub() if chosen.tokens is None else auth.read_tokens(chosen.tokens)
    needs_data(chosen)
    given = urlsplit("" if chosen.tokens else os.environ["JUPYTERHUB_SERVICE_URL"])
    host, port = chosen.host or given.hostname or "127.0.0.1", chosen.port
    listening = workers.listening(host, (given.port or 8700) if port is None else port)
    host, port = listening.getsockname()[:2]
    prefix = os.environ.get("JUPYTERHUB_SERVICE_PREFIX", "").rstrip("/")
    address = f"http://{f'[{host}]' if ':' in host else host}:{port}{prefix}/"

    def ready() -> None:
        print(f"Aurora's query service is at {address} (Ctrl+C ends it)", flush=True)

    each = workers.of_each(settings)
    code = workers.serve(listening, lambda: opened(chosen, each), identity, settings, ready)
    if code:
        raise SystemExit(code)


def _hub() -> Identity:
    names = ("JUPYTERHUB_API_TOKEN", "JUPYTERHUB_SERVICE_URL", "JUPYTERHUB_CLIENT_ID")
    if not all(os.environ.get(name) for name in names):
        raise UsageInvalid("Say who may ask: --tokens FILE, unless JupyterHub starts this as its service.")
    from aurora_widgets.service.hub import HubIdentity

    return HubIdentity()
