"""The command ``aurora``: exit code 0, or 2 with one sentence on standard error."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from typing import TYPE_CHECKING, NoReturn

from aurora_widgets import __version__
from aurora_widgets.cli import hub, page, questions, service, sizing
from aurora_widgets.cli.parser import Commands, Parser
from aurora_widgets.errors import AuroraError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_ABOUT = """\
Ask questions of Parquet, CSV and DuckDB files without SQL, and get numbers that are right.

  aurora demo                                  explore sample data in the browser
  aurora open sales.parquet people.csv         explore your own files
  aurora hub                                   the portal: log-in, a page for each, JupyterLab
  aurora run question.json --data sales.parquet --format csv -o result.csv
  aurora sql question.json --data sales.parquet
  aurora check catalog.yaml

A question is a JSON document; the page gives it under View SQL / Python. `aurora COMMAND --help`
says more. The exit code is 0, or 2 with one sentence on standard error.
"""
COMMANDS = (page, hub, questions, service, sizing)
"""The modules that add commands, in the order in which `aurora --help` lists them."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code: 0, 2 where it was refused, 130 on Ctrl+C."""
    signal.signal(signal.SIGTERM, _terminated)
    try:
        chosen = _parser().parse_args(arguments)
        command: Callable[[argparse.Namespace], None] = chosen.command
        command(chosen)
        sys.stdout.flush()
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # whoever read the output has had enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except AuroraError as error:
        return _refused(error.detail)
    except OSError as error:
        said = error.strerror or str(error)
        return _refused(f"{said}: {error.filename}" if error.filename else f"{said}.")
    except Exception as error:
        if os.environ.get("AURORA_DEBUG"):
            raise
        return _refused(f"Something broke that nobody foresaw ({error!r}); AURORA_DEBUG=1 shows where.")
    return 0


def _terminated(*_: object) -> NoReturn:
    raise SystemExit(128 + signal.SIGTERM)


def _refused(sentence: str) -> int:
    print(" ".join(sentence.split()), file=sys.stderr)
    return 2


def _parser() -> argparse.ArgumentParser:
    parser = Parser("aurora", description=_ABOUT, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--version", action="version", version=f"aurora {__version__}")
    commands = Commands(parser)
    for module in COMMANDS:
        module.add(commands)
    return parser
