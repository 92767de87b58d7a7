"""CSV files that one process has read, for all that open them after it.

The command that opens a page reads each file once, into a database in memory-backed storage;
the page's kernels find it there, as long as the file is still the one that was read.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Final

import duckdb

from aurora_widgets.engine import csv, memory
from aurora_widgets.engine.failures import sentence
from aurora_widgets.engine.names import literal, quoted
from aurora_widgets.errors import SourceInvalid

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from aurora_widgets.engine.finding import Source

FOLDER: Final = "AURORA_CSV_KEPT"
"""Names the folder, to the kernels too."""

_PREFIX: Final = "aurora-csv-"
_ROWS: Final = "rows"


@contextlib.contextmanager
def kept(sources: Iterable[Source]) -> Iterator[None]:
    """Read the CSV files among these now, and keep what was read for as long as the block lasts.

    One that there is no room for is left to whoever opens it.

    Raises
    ------
    SourceInvalid
        One is broken.
    """
    files = [source for source in sources if source.kind == "csv"]
    if not files:
        yield
        return
    with memory.folder(_PREFIX) as folder:
        for source in files:
            _keep(source, folder)
        os.environ[FOLDER] = str(folder)
        try:
            yield
        finally:
            del os.environ[FOLDER]


def attached(connection: duckdb.DuckDBPyConnection, source: Source) -> tuple[str, csv.Loaded] | None:
    """Return what to scan for the rows of a file that is kept, and what was read; else ``None``."""
    folder = os.environ.get(FOLDER)
    found = Path(folder) / _name(source) if folder else None
    if found is None or not found.is_file():
        return None
    catalog = quoted(f"aurora kept {source.slot}")
    connection.execute(f"ATTACH {literal(str(found))} AS {catalog} (READ_ONLY)")
    names = connection.execute(f"FROM {catalog}.header SELECT name ORDER BY rowid").fetchall()
    (rows,) = connection.execute(f"FROM {catalog}.{_ROWS} SELECT count(*)").fetchone() or (0,)
    return f"{catalog}.main.{_ROWS}", csv.Loaded(tuple(name for (name,) in names), int(rows))


def _keep(source: Source, folder: Path) -> None:
    found = folder / _name(source)
    if shutil.disk_usage(folder).free < source.path.stat().st_size:
        return
    part = found.with_suffix(".part")
    try:
        with duckdb.connect(str(part), config={"temp_directory": ""}) as connection:
            loaded = csv.load(connection, source.path, _ROWS)
            connection.execute("CREATE TABLE header AS SELECT unnest($1) AS name", [list(loaded.names)])
    except ValueError as error:
        raise SourceInvalid(sentence(source.path.name, error)) from error
    except (duckdb.Error, OSError):
        part.unlink(missing_ok=True)
        return
    if found.name == _name(source):  # it did not change meanwhile
        part.rename(found)


def _name(source: Source) -> str:
    told = repr((str(source.path), source.signature()))
    return f"{hashlib.sha256(told.encode()).hexdigest()[:32]}.duckdb"
