"""What the commands are added to, and the options that several of them share."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from aurora_widgets import demo
from aurora_widgets.errors import AuroraError

if TYPE_CHECKING:
    from collections.abc import Callable

    from aurora_widgets.service.run import Runner
    from aurora_widgets.settings import Settings


class UsageInvalid(AuroraError):
    """A command line that can't be followed."""

    code = "USAGE_INVALID"


class Parser(argparse.ArgumentParser):
    """Says one sentence where ``argparse`` would print its usage too."""

    def error(self, message: str) -> NoReturn:
        """Refuse the command line."""
        raise UsageInvalid(f"{message[:1].upper()}{message[1:]}; see `{self.prog} --help`.")


class Commands:
    """The commands of a parser.

    Parameters
    ----------
    parser
        Of ``aurora`` itself.
    """

    def __init__(self, parser: Parser) -> None:
        self._found = parser.add_subparsers(
            title="commands", metavar="COMMAND", required=True, parser_class=Parser
        )

    def add(
        self, name: str, help_line: str, text: str, command: Callable[[argparse.Namespace], None]
    ) -> Parser:
        """Add a command, which is called with the options chosen."""
        found = self._found.add_parser(
            name, help=help_line, description=text, formatter_class=argparse.RawDescriptionHelpFormatter
        )
        found.set_defaults(command=command)
        return found


def data_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that say what tables there are."""
    parser.add_argument(
        "--data",
        metavar="PATH",
        type=Path,
        action="append",
        default=[],
        help="a file or a folder to read; may be repeated",
    )
    parser.add_argument(
        "--catalog",
        metavar="FILE",
        type=Path,
        help="YAML over the tables; without --data, its own files are read",
    )
    parser.add_argument("--demo", action="store_true", help="read the sample data")


def needs_data(chosen: argparse.Namespace) -> None:
    """See that one of these options was given, and make the sample data where it is that one.

    Raises
    ------
    UsageInvalid
        There is nothing to read, or too much.
    """
    if chosen.demo and (chosen.data or chosen.catalog):
        raise UsageInvalid("--demo reads the sample data alone: leave out --data and --catalog.")
    if not chosen.demo and not chosen.data and chosen.catalog is None:
        raise UsageInvalid(
            "The document's tables have to be at hand: name files with --data, a catalog with --catalog, "
            "or the sample data with --demo."
        )
    if chosen.demo:
        chosen.catalog = demo.prepare().catalog


def opened(chosen: argparse.Namespace, settings: Settings | None = None) -> Runner:
    """Open what these options name, saying so where it takes a while."""
    from aurora_widgets.service.open import open_runner

    with waiting("Reading the data"):
        return open_runner(*chosen.data, catalog=chosen.catalog, settings=settings)


def waiting(what: str) -> Progress:
    """Return a bar to be shown, on a terminal, while something goes on of which no end is known."""
    console = Console(stderr=True)
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TimeElapsedColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )
    bar.add_task(what, total=None)
    return bar
