"""``aurora hub``: the whole portal, with log-in."""

from __future__ import annotations

import os
import signal
import sys
import webbrowser
from pathlib import Path
from typing import TYPE_CHECKING

from aurora_widgets import demo
from aurora_widgets.cli.parser import UsageInvalid, data_options

if TYPE_CHECKING:
    import argparse

    from aurora_widgets.cli.parser import Commands
    from aurora_widgets.portal.hub_wiring import Wiring

_HUB = """\
Serves the whole portal: log-in, the explorer for business users, JupyterLab for analysts, and the one
query service that opens the data. Without --data and --catalog it is sample data. Without --config there
are three demo accounts, for this machine alone; hub_config/jupyterhub_config.py is a configuration to
begin with for everybody else. Ctrl+C or SIGTERM lets the running questions finish; a second one doesn't.

  aurora hub
  aurora hub --data warehouse.duckdb --catalog catalog.yaml --port 8080
  aurora hub --config jupyterhub_config.py --host 0.0.0.0 --catalog catalog.yaml
"""


def add(commands: Commands) -> None:
    """Add the command."""
    hub = commands.add("hub", "serve the whole portal, with log-in", _HUB, _hub)
    hub.add_argument("--host", default="127.0.0.1", help="the address to listen on (127.0.0.1)")
    hub.add_argument("--port", type=int, default=8000, help="the port (8000)")
    hub.add_argument("--config", metavar="FILE", type=Path, help="JupyterHub's configuration: who may log in")
    hub.add_argument(
        "--state", metavar="FOLDER", type=Path, help="what outlives a restart (~/.local/state/aurora/hub)"
    )
    hub.add_argument("--no-browser", action="store_true", help="don't open the browser")
    data_options(hub)


def _hub(chosen: argparse.Namespace) -> None:
    from aurora_widgets import settings as limits

    if not hasattr(signal, "sigtimedwait"):  # by which the parts are kept together
        raise UsageInvalid(
            "`aurora hub` runs on Linux: start it there, or in a container of hub_config/Containerfile. "
            "`aurora demo` and `aurora open` run here as well."
        )
    from aurora_widgets.portal import hub_start, hub_state

    if sys.stderr.isatty():  # what the parts say otherwise is for a file
        os.environ.setdefault("LOG_LEVEL", "warning")
    settings = limits.load()
    state = (chosen.state or hub_state.home()).expanduser().absolute()
    config = chosen.config.absolute() if chosen.config else hub_start.DEMO_CONFIG
    hub_start.proxy_command()
    with hub_state.held(state):
        hub_state.end_left_over(state)
        wiring = hub_start.wire(chosen.host, chosen.port, state)
        accounts = _checked(config, wiring)
        data = _data(chosen)

        def ready() -> None:
            print(f"Aurora is at {wiring.public} (Ctrl+C ends it)", flush=True)
            for line in accounts:
                print(line, flush=True)
            if not chosen.no_browser:
                webbrowser.open(wiring.public)

        hub_start.serve(wiring, config, data, settings, ready)


def _checked(config: Path, wiring: Wiring) -> list[str]:
    """See that the configuration can be read and is safe; return the lines on its demo accounts."""
    from aurora_widgets.portal import hub

    accounts = hub.read(config, wiring)
    width = max((len(account.name) for account in accounts), default=0)
    return [
        f"  {account.name:<{width}}  password {account.password}  ({account.about})" for account in accounts
    ]


def _data(chosen: argparse.Namespace) -> list[str]:
    """Return the options for the query service, after a look at whether the data can be opened."""
    from aurora_widgets.portal import hub_data

    if chosen.demo and (chosen.data or chosen.catalog):
        raise UsageInvalid("--demo reads the sample data alone: leave out --data and --catalog.")
    if not chosen.data and chosen.catalog is None:
        sample = demo.prepare()
        if sample.note:
            print(sample.note, file=sys.stderr)
        chosen.catalog = sample.catalog
    else:
        hub_data.see(chosen.data, chosen.catalog)
    options = [text for path in chosen.data for text in ("--data", str(path.absolute()))]
    return options + (["--catalog", str(chosen.catalog.absolute())] if chosen.catalog else [])
