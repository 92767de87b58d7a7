"""Planned document → SQL text and binds, with a cache by the document's shape.

Building an Ibis expression and printing it costs milliseconds; a page's neighbours, and
the same question about other values, need the same text. So a statement is kept by its
shape (``shape.lift``) together with what the values decided of it (``Target.decide``),
and a warm compile only reads the values into their places.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import ibis
import ibis.expr.types as ir
import sqlglot.expressions as sge

from aurora_widgets.query.faults import not_too_deep
from aurora_widgets.query.model import ROW, Join, Query, Step
from aurora_widgets.query.types import INT64
from aurora_widgets.sql import expression as expressions
from aurora_widgets.sql.datatypes import column_type, ibis_type
from aurora_widgets.sql.dialects import Dialect, dialect_of
from aurora_widgets.sql.literals import literal_text
from aurora_widgets.sql.shape import Value, lift
from aurora_widgets.sql.target import Decision, ForStatement, ForTable, Place
from aurora_widgets.sql.tidy import tidy

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from aurora_widgets.catalog.model import Catalog, Table
    from aurora_widgets.plan.context import Planned
    from aurora_widgets.query.types import ColumnType, Schema

CACHED_SHAPES = 512


@dataclass(frozen=True, slots=True)
class Compiled:
    """One statement.

    Parameters
    ----------
    sql
        A single SELECT with named placeholders.
    binds
        A value for each placeholder.
    schema
        The columns of the result, by position; names in the SQL are the same.
    """

    sql: str
    binds: dict[str, Any]
    schema: Schema


@dataclass(frozen=True, slots=True)
class _Template:
    """A statement of one shape, for all values that decide the same."""

    sql: str
    places: tuple[Place, ...]
    decisions: tuple[Decision, ...]

    def fits(self, values: Sequence[Value]) -> bool:
        return all(decision.holds(values) for decision in self.decisions)


@dataclass(slots=True)
class _Shape:
    tables: tuple[Table, ...]
    """Held so that their ids, which are part of the key, are not given to others."""
    templates: list[_Template] = field(default_factory=list)


_MOST_TEMPLATES = 32
_shapes: OrderedDict[object, _Shape] = OrderedDict()
_lock = threading.Lock()


@not_too_deep
def compile(  # noqa: A001 - the room's one verb
    planned: Planned,
    catalog: Catalog,
    dialect: str = "duckdb",
    *,
    offset: int | None = None,
    limit: int | None = None,
) -> Compiled:
    """Return a planned document as SQL with binds.

    Parameters
    ----------
    planned
        What ``plan.plan`` returns.
    catalog
        Where its tables are found, and the time zone.
    dialect
        The engine's SQL to write.
    offset, limit
        The page: rows to skip, and to return at most.

    Raises
    ------
    DialectUnknown
        There is no such dialect.
    """
    spoken = dialect_of(dialect)
    shape, values = lift(planned.query)
    tables = tuple(catalog[name] for name in _tables(planned.query.table, planned.query.steps))
    paged = (offset is not None, limit is not None)
    key = (shape, planned.schema, tuple(id(table) for table in tables), catalog.time_zone, dialect, paged)
    template = _find(key, values)
    if template is None:
        template = _template(shape, values, planned.schema, catalog, spoken, paged=paged)
        _keep(key, tables, template)
    binds = bound(template.places, values)
    if offset is not None:
        binds["offset"] = offset
    if limit is not None:
        binds["limit"] = limit
    return Compiled(template.sql, binds, planned.schema)


def bound(places: Sequence[Place], values: Sequence[Value]) -> dict[str, Any]:
    """Return what is bound to each place; a list is read once."""
    read: dict[tuple[int, object, ColumnType], Any] = {}
    binds = {}
    for place in places:
        key = (place.index, place.read, place.type)
        if key not in read:
            read[key] = place.read(values[place.index], place.type)
        found = read[key]
        binds[place.name] = found if place.at is None else found[min(place.at, len(found) - 1)]
    return binds


def _find(key: object, values: Sequence[Value]) -> _Template | None:
    with _lock:
        shape = _shapes.get(key)
        if shape is None:
            return None
        _shapes.move_to_end(key)
        templates = tuple(shape.templates)
    return next((template for template in templates if template.fits(values)), None)


def _keep(key: object, tables: tuple[Table, ...], template: _Template) -> None:
    with _lock:
        shape = _shapes.setdefault(key, _Shape(tables))
        shape.templates.append(template)
        del shape.templates[:-_MOST_TEMPLATES]
        while len(_shapes) > CACHED_SHAPES:
            _shapes.popitem(last=False)


def _tables(first: str, steps: Sequence[Step]) -> list[str]:
    found = [first]
    for step in steps:
        if isinstance(step, Join):
            found += _tables(step.table, step.steps)
    return found


def _template(
    shape: Query,
    values: Sequence[Value],
    schema: Schema,
    catalog: Catalog,
    dialect: Dialect,
    *,
    paged: tuple[bool, bool],
) -> _Template:
    tree, target = _tree(shape, values, schema, catalog, dialect)
    if paged[1]:
        tree = tree.limit(sge.Placeholder(this="limit"))
    if paged[0]:
        tree = tree.offset(sge.Placeholder(this="offset"))
    # A column that nothing reads is left out of the statement, and its values with it.
    used = {placeholder.this for placeholder in tree.find_all(sge.Placeholder)}
    places = tuple(place for place in target.places if place.name in used)
    return _Template(tree.sql(dialect.name), places, tuple(target.decisions))


def _tree(
    shape: Query, values: Sequence[Value], schema: Schema, catalog: Catalog, dialect: Dialect
) -> tuple[Any, ForStatement]:
    target = ForStatement(values, catalog.time_zone, dialect.type_name)
    table = expressions.build(shape, schema, _scan_of(catalog), target)
    return tidy(dialect.printer().to_sqlglot(table)), target


def _scan_of(catalog: Catalog) -> expressions.Scan:
    def scan(name: str, columns: tuple[str, ...] | None) -> tuple[ir.Table, expressions.Names]:
        table = catalog[name]
        names = _names(table, columns)
        return ibis.table(
            {stored: ibis_type(kind) for stored, kind in names.values()}, name=table.source or name
        ), names

    return scan


def _names(table: Table, columns: tuple[str, ...] | None) -> expressions.Names:
    known = {column.name: (column.stored, column.type) for column in table.columns}
    if table.row_id:
        known.setdefault(ROW, (table.row_id, INT64))
    return known if columns is None else {name: known[name] for name in columns}


@not_too_deep
def compile_text(
    planned: Planned,
    catalog: Catalog,
    dialect: str = "duckdb",
    *,
    offset: int | None = None,
    limit: int | None = None,
) -> str:
    """Return a planned document as SQL for people: laid out, with literals in their places.

    Parameters and errors are those of ``compile``.
    """
    spoken = dialect_of(dialect)
    shape, values = lift(planned.query)
    tree, target = _tree(shape, values, planned.schema, catalog, spoken)
    if limit is not None:
        tree = tree.limit(limit)
    if offset:
        tree = tree.offset(offset)
    return literal_text(tree, bound(target.places, values), spoken)


@not_too_deep
def to_ibis(
    planned: Planned,
    tables: Mapping[str, ir.Table],
    time_zone: str = "UTC",
    *,
    catalog: Catalog | None = None,
) -> ir.Table:
    """Return a planned document over Ibis tables, as an Ibis table of the document's columns.

    Parameters
    ----------
    planned
        What ``plan.plan`` returns.
    tables
        For each table of the document, one with the document's names of its columns.
    time_zone
        The catalog's, for timestamps with a zone.
    catalog
        Where it is given, the tables have the engine's names of their columns, as it has them.
    """
    shape, values = lift(planned.query)

    def scan(name: str, columns: tuple[str, ...] | None) -> tuple[ir.Table, expressions.Names]:
        table = tables[name]
        if catalog is not None:
            return table, _names(catalog[name], columns)
        wanted = table.columns if columns is None else columns
        return table, {column: (column, column_type(table[column].type())) for column in wanted}

    return expressions.build(shape, planned.schema, scan, ForTable(values, time_zone))
