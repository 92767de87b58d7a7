"""From a source (a file, a database, a frame) to the relations that DuckDB can scan: one, or a database's."""

from __future__ import annotations

import contextlib
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import duckdb

from aurora_widgets.engine import csv, csv_kept, frames
from aurora_widgets.engine.failures import sentence
from aurora_widgets.engine.names import documented, literal, physical, quoted
from aurora_widgets.engine.types import column_type, exposed
from aurora_widgets.errors import SourceInvalid
from aurora_widgets.query.model import ROW
from aurora_widgets.query.types import Field, Schema

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import pyarrow as pa

    from aurora_widgets.engine.finding import Source

_log = logging.getLogger("aurora_widgets.engine")


@dataclass(frozen=True, slots=True)
class Relation:
    """A table that was opened.

    Parameters
    ----------
    name
        The table's name in documents.
    schema
        Its columns as documents name them.
    stored
        The engine's names of them, in the same order.
    rows
        How many rows, where that costs nothing to know.
    select
        What its view is made of; ``None`` where the engine holds the rows itself.
    frame
        The Arrow table that each connection has to register, under ``frame_name``.
    key
        The primary key, where the source has one.
    ordered
        Whether an unsorted scan gives the rows in one stable order: all but a database's view.
    row_id
        What the view calls the number of each row, which is none of its columns; empty for none.
    """

    name: str
    schema: Schema
    stored: tuple[str, ...]
    rows: int | None
    select: str
    frame: pa.Table | None = None
    frame_name: str = ""
    key: tuple[str, ...] = ()
    ordered: bool = True
    row_id: str = ""


def open_source(connection: duckdb.DuckDBPyConnection, source: Source) -> tuple[Relation, ...]:
    """Open one source and return its relations; nothing is read that the first question can read.

    Raises
    ------
    SourceInvalid
        It cannot be read as a table; one sentence says which and why.
    """
    with _said_of(source):
        match source.kind:
            case "parquet":
                return (_parquet(connection, source),)
            case "csv":
                return (_csv(connection, source),)
            case "frame":
                return (_frame(connection, source),)
            case "database":
                return _database(connection, source)


def takes_the_place(after: tuple[Relation, ...], before: tuple[Relation, ...]) -> bool:
    """Say whether what is asked of some relations can be asked of others; a frame may have gained columns."""
    return len(after) == len(before) and all(
        (new.name, new.row_id) == (old.name, old.row_id)
        and new.schema[: len(old.schema)] == old.schema
        and new.stored[: len(old.stored)] == old.stored
        and (new.frame is not None or len(new.schema) == len(old.schema))
        for new, old in zip(after, before, strict=True)
    )


@contextlib.contextmanager
def _said_of(source: Source) -> Iterator[None]:
    try:
        yield
    except (duckdb.Error, OSError, ValueError) as error:
        what = source.name if source.kind == "frame" else source.path.name
        raise SourceInvalid(sentence(what, error)) from error


class Described(NamedTuple):
    """How a table is exposed; see ``Relation``."""

    schema: Schema
    stored: tuple[str, ...]
    select: str
    row_id: str


def described(
    connection: duckdb.DuckDBPyConnection,
    item: str,
    names: Iterable[str] | None = None,
    *,
    guard_nan: bool = False,
    row_id: str = "",
) -> Described:
    """Return the schema, the stored names, and the SELECT under which ``item`` is exposed.

    Parameters
    ----------
    connection
        Where ``item`` can be scanned.
    item
        A FROM item: what there is to expose.
    names
        The columns' own names where DuckDB had to change them.
    guard_nan
        Keep comparisons of floats out of the scan. DuckDB hands them to Arrow, for which NaN is
        above nothing, and to a Parquet file's statistics, which leave NaN out: it loses rows
        either way. It cannot see through two minus signs, which change no value.
    row_id
        What DuckDB calls the number of a row of ``item``, unless a column is called that; the view
        shows it under a name that no column has.
    """
    rows = connection.execute(f"DESCRIBE FROM {item}").fetchall()
    found = [(str(row[0]), str(row[1])) for row in rows]
    own = documented([name for name, _ in found] if names is None else names)
    if row_id in {name.casefold() for name, _ in found}:
        row_id = ""
    if any("\0" in name for name, _ in found):  # which no SQL text can hold
        row_id = ""
        found = [(f"c{at}", spelled) for at, (_, spelled) in enumerate(found)]
        item = f"{item} AS renamed({', '.join(name for name, _ in found)})"
    stored = physical(own)
    schema = tuple(Field(name, column_type(spelled)) for name, (_, spelled) in zip(own, found, strict=True))
    parts = []
    for (inner, spelled), outer in zip(found, stored, strict=True):
        shown = exposed(spelled)
        value = quoted(inner) if shown == spelled else f"CAST({quoted(inner)} AS {shown})"
        if guard_nan and shown in {"FLOAT", "DOUBLE"}:
            value = f"-(-{value})"
        parts.append(f"{value} AS {quoted(outer)}")
    shown_id = physical([*stored, ROW])[-1] if row_id else ""
    if row_id:
        parts.append(f"{row_id} AS {quoted(shown_id)}")
    return Described(schema, stored, f"FROM {item} SELECT {', '.join(parts)}", shown_id)


def _parquet(connection: duckdb.DuckDBPyConnection, source: Source) -> Relation:
    path = literal(str(source.path))
    item = f"read_parquet({path})"
    rows, writer = connection.execute(
        f"FROM parquet_file_metadata({path}) SELECT num_rows, created_by",
    ).fetchone() or (None, None)
    tree = connection.execute(f"FROM parquet_schema({path}) SELECT name, num_children").fetchall()
    sound = str(writer).startswith("DuckDB")  # which writes no statistics where there is a NaN
    names = _top_names(tree)
    seen = described(connection, item, names, guard_nan=not sound, row_id="file_row_number")
    return Relation(source.name, seen.schema, seen.stored, rows, seen.select, row_id=seen.row_id)


def _top_names(tree: list[tuple[str, int | None]]) -> list[str]:
    """Return the columns' own names: the root's children, each one's descendants passed over."""
    names: list[str] = []
    at = 1

    def skip(at: int) -> int:
        children = tree[at][1] or 0
        at += 1
        for _ in range(children):
            at = skip(at)
        return at

    while at < len(tree):
        names.append(tree[at][0])
        at = skip(at)
    return names


def _csv(connection: duckdb.DuckDBPyConnection, source: Source) -> Relation:
    found = csv_kept.attached(connection, source)
    if found is None:
        held = f"aurora csv {source.slot}"
        found = quoted(held), csv.load(connection, source.path, held)
    item, loaded = found
    seen = described(connection, item, loaded.names, row_id="rowid")
    return Relation(source.name, seen.schema, seen.stored, loaded.rows, seen.select, row_id=seen.row_id)


def _frame(connection: duckdb.DuckDBPyConnection, source: Source) -> Relation:
    table, names = frames.as_arrow(source.frame)
    held = f"aurora frame {source.slot}"
    connection.register(held, table)
    seen = described(connection, quoted(held), names, guard_nan=True)
    return Relation(source.name, seen.schema, seen.stored, table.num_rows, seen.select, table, held)


def _database(connection: duckdb.DuckDBPyConnection, source: Source) -> tuple[Relation, ...]:
    catalog = f"file {source.path}"
    connection.execute(f"DETACH DATABASE IF EXISTS {quoted(catalog)}")
    connection.execute(f"ATTACH {literal(str(source.path))} AS {quoted(catalog)} (READ_ONLY)")
    keys = {
        (schema, table): tuple(columns)
        for schema, table, columns in connection.execute(
            "SELECT schema_name, table_name, constraint_column_names FROM duckdb_constraints() "
            "WHERE database_name = ? AND constraint_type = 'PRIMARY KEY'",
            [catalog],
        ).fetchall()
    }
    tables = connection.execute(
        "SELECT schema_name, table_name, false FROM duckdb_tables() "
        "WHERE database_name = $name AND NOT internal "
        "UNION ALL SELECT schema_name, view_name, true FROM duckdb_views() "
        "WHERE database_name = $name AND NOT internal ORDER BY ALL",
        {"name": catalog},
    ).fetchall()
    relations = []
    for schema_name, table, is_view in tables:
        name = table if schema_name == "main" else f"{schema_name}.{table}"
        if source.name and source.name != name:
            continue
        item = ".".join(quoted(part) for part in (catalog, schema_name, table))
        try:
            seen = described(connection, item, row_id="" if is_view else "rowid")
        except duckdb.Error as error:
            if not is_view or source.name:
                raise
            _log.warning("the view %s of %s is passed over: %s", name, source.path, error)
            continue
        rows = None
        if not is_view:
            (rows,) = connection.execute(f"FROM {item} SELECT count(*)").fetchone() or (None,)
        relations.append(
            Relation(
                name,
                seen.schema,
                seen.stored,
                rows,
                seen.select,
                key=keys.get((schema_name, table), ()),
                ordered=not is_view,
                row_id=seen.row_id,
            ),
        )
    if not relations:
        raise ValueError(f"there is no table {source.name}".rstrip() + " in it")
    return tuple(relations)
