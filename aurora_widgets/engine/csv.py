"""CSV files: their dialect, their broken rows, and reading them whole into memory.

DuckDB's own detection is not used. It guesses from a sample, and a guess can drop a row,
take a broken file for one of a single column, or read ``00123`` as 123. Here the first
record is the header; its delimiter is found by counting; ``"`` quotes; every row must
have the header's number of values; and a type is given only to a column whose every
value has it (``csv_types``). See ``docs/decisions`` for what this costs.
"""

from __future__ import annotations

import codecs
import contextlib
import csv
import io
import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa

from aurora_widgets.engine.csv_types import typed_select
from aurora_widgets.engine.names import documented, literal, quoted

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import duckdb

_DELIMITERS: Final = ",;\t|"
_HEAD_BYTES: Final = 1_000_000
_HEAD_ROWS: Final = 50
_BATCH_ROWS: Final = 10_000
_TEXTS: Final = "aurora csv texts"
_LONGEST_ROW: Final = 16 * 2**20
"""Bytes of a row at most, and of the pieces that threads read."""
_UTF16: Final = (b"\xff\xfe", b"\xfe\xff")
_ENCODINGS: Final = {"utf-8-sig": "utf-8", "latin-1": "latin-1"}
"""Python's name of an encoding and DuckDB's, which loses rows of UTF-16."""
_NOT_CONTROL: Final = bytes(byte for byte in range(256) if not 0x80 <= byte <= 0x9F)  # noqa: PLR2004
"""Bytes that Latin-1 shares with Windows-1252; the others are other characters there."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """How one CSV file is written.

    Parameters
    ----------
    encoding
        As Python names it.
    delimiter
        Between two values.
    skip
        Records before the first row: the header, and what stands before it.
    names
        The header.
    """

    encoding: str
    delimiter: str
    skip: int
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Loaded:
    """A CSV file that stands in memory: its header and its rows."""

    names: tuple[str, ...]
    rows: int


def load(connection: duckdb.DuckDBPyConnection, path: Path, table: str) -> Loaded:
    """Read the whole file into a table of the connection, its columns named ``c0``, ``c1``, ….

    Raises
    ------
    ValueError
        A row is broken (the sentence says which line and column), or the file is empty.
    """
    try:
        dialect = dialect_of(path)
        with _item(connection, path, dialect) as item:
            _load(connection, item, path, dialect, table)
    except UnicodeDecodeError as error:
        raise ValueError("it is not UTF-16 throughout; save it as CSV UTF-8") from error
    (rows,) = connection.execute(f"FROM {quoted(table)} SELECT count(*)").fetchone() or (0,)
    return Loaded(dialect.names, int(rows))


def _load(connection: duckdb.DuckDBPyConnection, item: str, path: Path, dialect: Dialect, table: str) -> None:
    try:
        select = typed_select(connection, item, len(dialect.names))
        connection.execute(f"CREATE OR REPLACE TABLE {quoted(table)} AS {select}")
    except Exception as error:
        broken = first_broken_row(path, dialect)
        if broken:
            raise ValueError(broken) from error
        raise


@contextlib.contextmanager
def _item(connection: duckdb.DuckDBPyConnection, path: Path, dialect: Dialect) -> Iterator[str]:
    """Let the file's texts be scanned: by DuckDB where it can decode them, else from memory."""
    if dialect.encoding in _ENCODINGS:
        yield _scan(path, dialect)
        return
    connection.register(_TEXTS, _texts(path, dialect))
    try:
        yield quoted(_TEXTS)
    finally:
        connection.unregister(_TEXTS)


def _texts(path: Path, dialect: Dialect) -> pa.Table:
    broken = first_broken_row(path, dialect)
    if broken:
        raise ValueError(broken)
    width = len(dialect.names)
    schema = pa.schema([(f"c{at}", pa.string()) for at in range(width)])
    batches = []
    with _reader(path, dialect) as reader:
        next(reader)
        rows = (row or [""] for row in reader if row or width == 1)
        while some := list(itertools.islice(rows, _BATCH_ROWS)):
            columns = itertools.islice(zip(*some, strict=False), width)
            texts = [pa.array([text or None for text in column], pa.string()) for column in columns]
            batches.append(pa.record_batch(texts, schema=schema))
    return pa.Table.from_batches(batches, schema)


def _scan(path: Path, dialect: Dialect) -> str:
    columns = ", ".join(f"'c{at}': 'VARCHAR'" for at in range(len(dialect.names)))
    return (
        f"read_csv({literal(str(path))}, auto_detect = false, header = false, skip = {dialect.skip}, "
        f"delim = {literal(dialect.delimiter)}, quote = '\"', escape = '\"', strict_mode = true, "
        f"encoding = '{_ENCODINGS[dialect.encoding]}', max_line_size = {_LONGEST_ROW}, "
        f"buffer_size = {_LONGEST_ROW}, columns = {{{columns}}})"
    )


def dialect_of(path: Path) -> Dialect:
    """Find out how the file is written, from its beginning.

    Raises
    ------
    ValueError
        It is empty, or no text.
    """
    encoding = _encoding(path)
    with path.open(encoding=encoding, newline="") as file:
        head = file.read(_HEAD_BYTES)
    if not head.strip():
        raise ValueError("it is empty")
    whole = len(head) < _HEAD_BYTES
    skip, delimiters = 0, _DELIMITERS
    if head.startswith("sep=") and head[5:6] in {"\r", "\n"}:  # what Excel writes for itself
        skip, delimiters, head = 1, head[4], head[5:].removeprefix("\r").removeprefix("\n")
    while head[:1] in {"\r", "\n"}:
        head = head.removeprefix("\r").removeprefix("\n")
        skip += 1
    best: tuple[tuple[float, int], str, list[str]] | None = None
    for delimiter in delimiters:
        rows = [row for row in _records(head, delimiter, whole=whole) if row]
        if not rows:
            continue
        alike = sum(len(row) == len(rows[0]) for row in rows) / len(rows)
        score = (alike if len(rows[0]) > 1 else 0.0, len(rows[0]))
        if best is None or score > best[0]:
            best = (score, delimiter, rows[0])
    if best is None:
        raise ValueError("its header is not closed: a quote is missing, or it is no CSV file")
    _, delimiter, header = best
    return Dialect(encoding, delimiter, skip + 1, documented([name.strip() for name in header]))


def _records(head: str, delimiter: str, *, whole: bool) -> list[list[str]]:
    """Return the head's first records; one that the head may have cut short is left out."""
    records: list[list[str]] = []
    with _long_values(), contextlib.suppress(csv.Error):
        reader = csv.reader(io.StringIO(head, newline=""), delimiter=delimiter, strict=True)
        for record in reader:
            records.append(record)
            if len(records) > _HEAD_ROWS:
                return records
        return records if whole else records[:-1]
    return records


def _encoding(path: Path) -> str:
    """Return the encoding: UTF-16 by its mark, else UTF-8, else Latin-1 where no byte speaks against it."""
    checker = codecs.getincrementaldecoder("utf-8")()
    line, bad_line = 1, 0
    with path.open("rb") as file:
        if file.read(2) in _UTF16:
            return "utf-16"
        file.seek(0)
        while chunk := file.read(_HEAD_BYTES):
            if b"\0" in chunk:
                raise ValueError("it is no text file")
            if not bad_line:
                try:
                    checker.decode(chunk)
                except UnicodeDecodeError as error:
                    bad_line = line + chunk.count(b"\n", 0, error.start)
            if bad_line and chunk.translate(None, _NOT_CONTROL):
                raise ValueError(f"line {bad_line} is not UTF-8; save the file as CSV UTF-8")
            line += chunk.count(b"\n")
        if not bad_line and checker.getstate()[0]:
            raise ValueError(f"line {line} is not UTF-8; save the file as CSV UTF-8")
    return "latin-1" if bad_line else "utf-8-sig"


def first_broken_row(path: Path, dialect: Dialect) -> str:
    """Return a sentence on the first row that the header does not fit; empty where there is none.

    DuckDB counts records; this counts lines, as a person's editor does.
    """
    names = dialect.names
    with _reader(path, dialect) as reader:
        line = dialect.skip
        try:
            for row in reader:
                if row and len(row) < len(names):
                    return (
                        f"line {line} has {_values(len(row))} where the header has {len(names)}: "
                        f"there is nothing for {names[len(row)]}"
                    )
                if len(row) > len(names) and any(row[len(names) :]):
                    return (
                        f"line {line} has {_values(len(row))} where the header has {len(names)}: "
                        f"nothing names the one after {names[-1]}"
                    )
                line = dialect.skip + reader.line_num
        except csv.Error as error:
            if "field limit" in str(error):
                return f"line {line} has a value of more than 16 MB; is a quote not closed?"
            return f"the quotes in line {line} do not pair ({error})"
    return ""


@contextlib.contextmanager
def _reader(path: Path, dialect: Dialect) -> Iterator[Any]:
    """Open the file at its header, for Python's own reader of CSV."""
    with path.open(encoding=dialect.encoding, newline="") as file, _long_values():
        for _ in range(dialect.skip - 1):
            file.readline()
        yield csv.reader(file, delimiter=dialect.delimiter, strict=True)


def _values(count: int) -> str:
    return "1 value" if count == 1 else f"{count} values"


@contextlib.contextmanager
def _long_values() -> Iterator[None]:
    before = csv.field_size_limit(_LONGEST_ROW)
    try:
        yield
    finally:
        csv.field_size_limit(before)
