"""The command ``aurora``: exit code 0, or 2 with one sentence on standard error."""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, NoReturn

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from aurora_widgets import __version__, demo
from aurora_widgets.errors import AuroraError, CatalogInvalid, ExportTooLarge

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from aurora_widgets.export.result import Writer
    from aurora_widgets.query.model import Query
    from aurora_widgets.service.run import Runner
    from aurora_widgets.settings import Settings

FORMATS = ("csv", "xlsx", "arrow", "json")
_ABOUT = """\
Ask questions of Parquet, CSV and DuckDB files without SQL, and get numbers that are right.

  aurora demo                                  explore sample data in the browser
  aurora open sales.parquet people.csv         explore your own files
  aurora run question.json --data sales.parquet --format csv -o result.csv
  aurora sql question.json --data sales.parquet
  aurora check catalog.yaml

A question is a JSON document; the page gives it under View SQL / Python. `aurora COMMAND --help`
says more. The exit code is 0, or 2 with one sentence on standard error.
"""
_OPEN = """\
Opens the explorer in the browser, for you alone: it listens on this machine's own address.
A file's table is named after its stem; a folder's own files are its tables, and names that
begin with . or _ are passed over. Ctrl+C ends it.

  aurora open sales.parquet
  aurora open data/ --catalog catalog.yaml
  aurora open --catalog catalog.yaml           the files that the catalog names
"""
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
_SERVICE = """\
Serves questions over HTTP, for kernels and programs: API_PROCESSES workers, every limit kept over all
of them. Each line of the tokens' file is `secret: {user: name, groups: [group]}`; who asks sends
`Authorization: Bearer secret`. Settings come from the environment (docs/settings.md). Ctrl+C or
SIGTERM lets the pages that run finish.

  aurora service --tokens tokens.yaml --data sales.parquet
  aurora service --tokens tokens.yaml --catalog catalog.yaml --host 0.0.0.0 --port 8700 --processes 4
"""


class UsageInvalid(AuroraError):
    """A command line that can't be followed."""

    code = "USAGE_INVALID"


class _Parser(argparse.ArgumentParser):
    """Says one sentence where ``argparse`` would print its usage too."""

    def error(self, message: str) -> NoReturn:
        raise UsageInvalid(f"{message[:1].upper()}{message[1:]}; see `{self.prog} --help`.")


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
        return _refused(f"{error.strerror or error}: {error.filename}." if error.filename else f"{error}.")
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
    parser = _Parser("aurora", description=_ABOUT, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--version", action="version", version=f"aurora {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True, parser_class=_Parser)

    def add(name: str, help_line: str, text: str, command: Callable[[argparse.Namespace], None]) -> _Parser:
        found = commands.add_parser(
            name, help=help_line, description=text, formatter_class=argparse.RawDescriptionHelpFormatter
        )
        found.set_defaults(command=command)
        return found

    text = (
        "Opens the explorer on sample data, for you alone. Ctrl+C ends it.\n"
        f"The data is made on first use in {demo.home()}; AURORA_DATA names another folder."
    )
    _page_options(add("demo", "explore sample data in the browser", text, _demo))

    opened = add("open", "explore your own files in the browser", _OPEN, _open)
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

    run = add("run", "run a document and write its rows", _RUN, _run)
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
    _data_options(run)

    printed = add("sql", "print the SQL of a document", _SQL, _sql)
    printed.add_argument("query", metavar="QUERY.json", help="the document; - is standard input")
    printed.add_argument("--dialect", default="duckdb", help="whose SQL (duckdb)")
    _data_options(printed)

    checked = add("check", "check a catalog against its data", _CHECK, _check)
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

    served = add("service", "serve questions over HTTP", _SERVICE, _service)
    served.add_argument("--host", default="127.0.0.1", help="the address to listen on (127.0.0.1)")
    served.add_argument("--port", type=int, default=8700, help="the port (8700); 0 is any free one")
    served.add_argument(
        "--tokens", metavar="FILE", type=Path, required=True, help="YAML: who may ask, by secret"
    )
    served.add_argument("--processes", type=int, help="worker processes; by default API_PROCESSES")
    _data_options(served)
    return parser


def _page_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--port", type=int, help="the port; by default a free one from 8866 up")
    parser.add_argument("--no-browser", action="store_true", help="don't open the browser")


def _data_options(parser: argparse.ArgumentParser) -> None:
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


# ── commands


def _demo(chosen: argparse.Namespace) -> None:
    from aurora_widgets.portal import page  # noqa: PLC0415  each command imports what it needs alone

    port = page.free_port(chosen.port)
    sample = demo.prepare()
    if sample.note:
        print(sample.note, file=sys.stderr)
    _serve((), sample.catalog, port, browser=not chosen.no_browser)


def _open(chosen: argparse.Namespace) -> None:
    from aurora_widgets.portal import page  # noqa: PLC0415
    from aurora_widgets.service.open import open_runner  # noqa: PLC0415

    if not chosen.paths and chosen.catalog is None:
        raise UsageInvalid(
            "Name files or folders to open, or a catalog with --catalog; `aurora demo` has sample data."
        )
    port = page.free_port(chosen.port)
    open_runner(*chosen.paths, catalog=chosen.catalog).close()  # a file that can't be read is said here
    _serve(chosen.paths, chosen.catalog, port, browser=not chosen.no_browser)


def _serve(paths: Sequence[Path], catalog: Path | None, port: int, *, browser: bool) -> None:
    from aurora_widgets.portal import page  # noqa: PLC0415

    print(f"Aurora is at http://{page.HOST}:{port}/ (Ctrl+C ends it)", flush=True)
    page.serve(paths, catalog, port=port, browser=browser)


def _run(chosen: argparse.Namespace) -> None:
    form = chosen.format or _format_of(chosen.output)
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
    from aurora_widgets.service.open import open_runner  # noqa: PLC0415

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


def _service(chosen: argparse.Namespace) -> None:
    from aurora_widgets import settings as limits  # noqa: PLC0415
    from aurora_widgets.service import auth, workers  # noqa: PLC0415

    settings = limits.load()
    if chosen.processes is not None:
        settings = settings.replace(API_PROCESSES=max(1, chosen.processes))
    identity = auth.read_tokens(chosen.tokens)
    _needs_data(chosen)
    opened = workers.listening(chosen.host, chosen.port)
    host, port = opened.getsockname()[:2]
    address = f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"

    def ready() -> None:
        print(f"Aurora's query service is at {address} (Ctrl+C ends it)", flush=True)

    code = workers.serve(opened, lambda: _opened(chosen, settings), identity, settings, ready)
    if code:
        raise SystemExit(code)


# ── what they need


def _asked(chosen: argparse.Namespace) -> tuple[Runner, Query]:
    from aurora_widgets.service.reading import read  # noqa: PLC0415

    source = sys.stdin.buffer.read() if chosen.query == "-" else Path(chosen.query).read_bytes()
    runner = _runner(chosen)
    return runner, read(source, runner.catalog, runner.settings)


def _needs_data(chosen: argparse.Namespace) -> None:
    if chosen.demo and (chosen.data or chosen.catalog):
        raise UsageInvalid("--demo reads the sample data alone: leave out --data and --catalog.")
    if not chosen.demo and not chosen.data and chosen.catalog is None:
        raise UsageInvalid(
            "The document's tables have to be at hand: name files with --data, a catalog with --catalog, "
            "or the sample data with --demo."
        )
    if chosen.demo:
        chosen.catalog = demo.prepare().catalog


def _runner(chosen: argparse.Namespace) -> Runner:
    _needs_data(chosen)
    return _opened(chosen)


def _opened(chosen: argparse.Namespace, settings: Settings | None = None) -> Runner:
    from aurora_widgets.service.open import open_runner  # noqa: PLC0415

    return open_runner(*chosen.data, catalog=chosen.catalog, settings=settings)


def _format_of(output: str) -> str:
    ending = Path(output).suffix.lower().removeprefix(".")
    return ending if ending in FORMATS else "csv"


def _fits_excel(runner: Runner, query: Query) -> None:
    from aurora_widgets.export.xlsx import SHEET_ROWS  # noqa: PLC0415
    from aurora_widgets.service import questions  # noqa: PLC0415

    most = min(runner.settings.whole("EXPORT_EXCEL_MAX_ROWS"), SHEET_ROWS)
    if runner.numbers(questions.count(query, most + 1), of=query)[0] > most:
        raise ExportTooLarge(
            f"The result has more than the {most:,} rows an Excel export may have: narrow the question "
            "with a filter, or use --format csv, which has no limit."
        )


def _writer(form: str, chosen: argparse.Namespace) -> Writer:
    from aurora_widgets.export.arrow import write_arrow, write_arrow_stream  # noqa: PLC0415
    from aurora_widgets.export.csv import write_csv  # noqa: PLC0415
    from aurora_widgets.export.json import write_json  # noqa: PLC0415
    from aurora_widgets.export.xlsx import write_xlsx  # noqa: PLC0415

    writers: dict[str, Writer] = {
        "csv": partial(write_csv, formulas=chosen.keep_formulas),
        "xlsx": write_xlsx,
        "arrow": write_arrow_stream if chosen.output == "-" else write_arrow,
        "json": write_json,
    }
    return writers[form]


def _write(runner: Runner, query: Query, writer: Writer, output: str) -> tuple[str, ...]:
    from aurora_widgets.export.files import whole  # noqa: PLC0415

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


if __name__ == "__main__":
    sys.exit(main())
