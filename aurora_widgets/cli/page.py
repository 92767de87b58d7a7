"""``aurora demo`` and ``aurora open``: the explorer in the browser, for one user."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from aurora_widgets import demo
from aurora_widgets.cli.parser import UsageInvalid, waiting

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from aurora_widgets.cli.parser import Commands

_OPEN = """\
Opens the explorer in the browser, for you alone: it listens on this machine's own address.
A file's table is named after its stem; a folder's own files are its tables, and names that
begin with . or _ are passed over. Ctrl+C ends it.

  aurora open sales.parquet
  aurora open data/ --catalog catalog.yaml
  aurora open --catalog catalog.yaml           the files that the catalog names
"""


def add(commands: Commands) -> None:
    """Add these commands."""
    text = (
        "Opens the explorer on sample data, for you alone. Ctrl+C ends it.\n"
        f"The data is made on first use in {demo.home()}; AURORA_DATA names another folder."
    )
    _page_options(commands.add("demo", "explore sample data in the browser", text, _demo))

    opened = commands.add("open", "explore your own files in the browser", _OPEN, _open)
    opened.add_argument(
        "paths",
        nargs="*",
        metavar="PATH",
        type=Path,
        help="a Parquet, CSV or DuckDB file, or a folder of them",
    )
    opened.add_argument(
        "--catalog", metavar="FILE", type=Path, help="YAML with labels, keys, joins and formats"
    )
    _page_options(opened)


def _page_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--port", type=int, help="the port; by default a free one from 8866 up")
    parser.add_argument("--no-browser", action="store_true", help="don't open the browser")


def _demo(chosen: argparse.Namespace) -> None:
    from aurora_widgets.portal import page

    port = page.free_port(chosen.port)
    sample = demo.prepare()
    if sample.note:
        print(sample.note, file=sys.stderr)
    _serve((), sample.catalog, port, browser=not chosen.no_browser)


def _open(chosen: argparse.Namespace) -> None:
    from aurora_widgets import catalog
    from aurora_widgets.engine import csv_kept, finding
    from aurora_widgets.portal import page
    from aurora_widgets.service.open import open_runner

    if not chosen.paths and chosen.catalog is None:
        raise UsageInvalid(
            "Name files or folders to open, or a catalog with --catalog; `aurora demo` has sample data."
        )
    port = page.free_port(chosen.port)
    with ExitStack() as stack:
        with waiting("Reading the data"):  # what can't be read is said here
            named = {} if chosen.paths else catalog.sources(chosen.catalog)
            stack.enter_context(csv_kept.kept(finding.find(chosen.paths, named)))
            open_runner(*chosen.paths, catalog=chosen.catalog).close()
        _serve(chosen.paths, chosen.catalog, port, browser=not chosen.no_browser)


def _serve(paths: Sequence[Path], catalog: Path | None, port: int, *, browser: bool) -> None:
    from aurora_widgets.portal import page

    print(f"Aurora is at http://{page.HOST}:{port}/ (Ctrl+C ends it)", flush=True)
    page.serve(paths, catalog, port=port, browser=browser)
