"""``aurora run``, ``sql`` and ``check``: a document's rows, its SQL, a catalog's faults."""

from __future__ import annotations

import json
import sys
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from aurora_widgets.cli.parser import UsageInvalid, data_options, needs_data, opened
from aurora_widgets.errors import AuroraError, CatalogInvalid, ExportTooLarge

if TYPE_CHECKING:
    import argparse

    from aurora_widgets.cli.parser import Commands
    from aurora_widgets.export.result import Writer
    from aurora_widgets.query.model import Query
    from aurora_widgets.service.run import Runner

FORMATS = ("csv", "xlsx", "arrow", "json")
_RUN = """\
Runs a document and writes every row of its result. Only Excel is capped, at
EXPORT_EXCEL_MAX_ROWS rows, and refused before it starts. A file appears when it is whole.

  aurora run question.json --data sales.parquet -o result.xlsx
  cat question.json | aurora run - --demo | head

csv    RFC 4180 in UTF-8; an empty cell is NULL, "" an empty text; decimals exact. A text that a
       spreadsheet would take for a formula gets an apostrophe (--keep-formulas leaves it).
xlsx   numbers of more than 15 digits, which Excel would round, are text; formulas are text;
       timestamps with a zone stand in the catalog's zone.
arrow  an IPC file; on standard output an IPC stream.
json   {"columns": [...], "rows": [[...]]}; decimals and integers beyond 2^53 are strings.
"""
_SQL = """\
Prints the SQL of a document, laid out for reading, with its values in their places. No question is
run, but for the tables' columns the data or the catalog's files have to be at hand.

  aurora sql question.json --data sales.parquet --dialect duckdb
"""
_CHECK = """\
Checks a catalog against its files, or against --data: tables, columns, keys, joins and formats that
are not there or don't fit are all listed, each with its line.

  aurora check catalog.yaml
  aurora check catalog.yaml --data warehouse.duckdb --json
"""


def add(commands: Commands) -> None:
    """Add these commands."""
    run = commands.add("run", "run a document and write its rows", _RUN, _run)
    run.add_argument("query", metavar="QUERY.json", help="the document; - is standard input")
    run.add_argument("--format", choices=FORMATS, help="by default what FILE ends with, else csv")
    run.add_argument(
        "-o",
        "--output",
        metavar="FILE",
        default="-",
        help="where to write; - (the default) is standard output",
    )
    run.add_argument(
        "--keep-formulas", action="store_true", help="csv: leave texts that look like formulas as they are"
    )
    data_options(run)

    printed = commands.add("sql", "print the SQL of a document", _SQL, _sql)
    printed.add_argument("query", metavar="QUERY.json", help="the document; - is standard input")
    printed.add_argument("--dialect", default="duckdb", help="whose SQL (duckdb)")
    data_options(printed)

    checked = commands.add("check", "check a catalog against its data", _CHECK, _check)
    checked.add_argument("catalog", metavar="CATALOG", type=Path, help="the YAML file")
    checked.add_argument(
        "--data",
        metavar="PATH",
        type=Path,
        action="append",
        default=[],
        help="check against these files instead of the catalog's; may be repeated",
    )
    checked.add_argument("--json", action="store_true", help="print the faults as JSON")


def _run(chosen: argparse.Namespace) -> None:
    form = chosen.format or _format_of(chosen.output)
    if chosen.output == "-" and sys.stdout is None:  # as Python has it where it is closed
        raise UsageInvalid("Standard output is closed; name a file with -o.")
    if chosen.output == "-" and form in {"xlsx", "arrow"} and sys.stdout.isatty():
        raise UsageInvalid(f"An {form} result is not for a terminal: name a file with -o.")
    runner, query = _asked(chosen)
    if form == "xlsx":
        _fits_excel(runner, query)
    notes = _write(runner, query, _writer(form, chosen), chosen.output)
    for note in notes:
        print(note, file=sys.stderr)


def _sql(chosen: argparse.Namespace) -> None:
    runner, query = _asked(chosen)
    print(runner.sql(query, chosen.dialect))


def _check(chosen: argparse.Namespace) -> None:
    from aurora_widgets.service.open import open_runner

    try:
        runner = open_runner(*chosen.data, catalog=chosen.catalog)
    except CatalogInvalid as error:
        if chosen.json:
            print(
                json.dumps(
                    {"faults": [fault.as_json() for fault in error.faults]}, ensure_ascii=False, indent=2
                )
            )
        elif len(error.faults) == 1:
            raise
        else:
            for fault in error.faults:
                print(f"{fault.path}: {fault.message}" if fault.path else fault.message)
        faults = "1 fault" if len(error.faults) == 1 else f"{len(error.faults)} faults"
        raise AuroraError(f"{chosen.catalog} has {faults}.") from error
    tables = runner.tables()
    runner.close()
    if chosen.json:
        print(json.dumps({"faults": []}))
    else:
        print(f"{chosen.catalog} holds for {len(tables)} table{'' if len(tables) == 1 else 's'}.")


def _asked(chosen: argparse.Namespace) -> tuple[Runner, Query]:
    from aurora_widgets.service.reading import read

    source = sys.stdin.buffer.read() if chosen.query == "-" else Path(chosen.query).read_bytes()
    needs_data(chosen)
    runner = opened(chosen)
    return runner, read(source, runner.catalog, runner.settings)


def _format_of(output: str) -> str:
    ending = Path(output).suffix.lower().removeprefix(".")
    return ending if ending in FORMATS else "csv"


def _fits_excel(runner: Runner, query: Query) -> None:
    from aurora_widgets.export.xlsx import SHEET_ROWS
    from aurora_widgets.service import questions

    most = min(runner.settings.whole("EXPORT_EXCEL_MAX_ROWS"), SHEET_ROWS)
    if runner.numbers(questions.count(query, most + 1), of=query)[0] > most:
        raise ExportTooLarge(
            f"The result has more than the {most:,} rows an Excel export may have: narrow the question "
            "with a filter, or use --format csv, which has no limit."
        )


def _writer(form: str, chosen: argparse.Namespace) -> Writer:
    from aurora_widgets.export.arrow import write_arrow, write_arrow_stream
    from aurora_widgets.export.csv import write_csv
    from aurora_widgets.export.json import write_json
    from aurora_widgets.export.xlsx import write_xlsx

    writers: dict[str, Writer] = {
        "csv": partial(write_csv, formulas=chosen.keep_formulas),
        "xlsx": write_xlsx,
        "arrow": write_arrow_stream if chosen.output == "-" else write_arrow,
        "json": write_json,
    }
    return writers[form]


def _write(runner: Runner, query: Query, writer: Writer, output: str) -> tuple[str, ...]:
    from aurora_widgets.export.files import whole

    console = Console(stderr=True)
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed:,.0f} rows"),
        TimeElapsedColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )
    with ExitStack() as stack:
        result = stack.enter_context(runner.stream(query))
        file: BinaryIO = sys.stdout.buffer if output == "-" else stack.enter_context(whole(Path(output)))
        stack.enter_context(bar)
        task = bar.add_task("Writing", total=None)
        notes = writer(result, file, lambda rows: bar.update(task, completed=rows))
        file.flush()
    return notes
