"""The columns after each step: names and types, by rules that are the same on every engine.

Types follow the query room's tables (``functions``, ``measures``), whatever an engine would
choose by itself; the SQL room casts where an engine differs. A bucketed key keeps its
column's type. A key that a right or full join coalesces has the common type of both sides.
"""

from __future__ import annotations

import zoneinfo
from typing import TYPE_CHECKING, assert_never

from aurora_widgets.plan.columns import Columns
from aurora_widgets.plan.expressions import Expressions
from aurora_widgets.plan.names import folded
from aurora_widgets.query.functions import common_type
from aurora_widgets.query.measures import MEASURES
from aurora_widgets.query.model import (
    ROW,
    TOTAL,
    Aggregate,
    Derive,
    Expression,
    Filter,
    Join,
    Limit,
    Query,
    Select,
    Sort,
    Step,
)
from aurora_widgets.query.types import INT64, UNKNOWN, ColumnType, Field, Schema

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from aurora_widgets.catalog.model import Catalog

_UTC = zoneinfo.ZoneInfo("UTC")


def after(schema: Schema, step: Step, catalog: Catalog) -> Schema:
    """Return the columns that a valid step leaves.

    Parameters
    ----------
    schema
        The columns before it.
    step
        Any step; a disabled one leaves the columns as they are.
    catalog
        Where a joined table's columns are found.

    Raises
    ------
    KeyError
        The step names a table or column that is not there; validate first.
    """
    if step.disabled:
        return schema
    match step:
        case Join():
            return _joined(schema, step, catalog)
        case Derive():
            return (*schema, Field(step.column, expression_type(step.expression, schema)))
        case Aggregate():
            return _aggregated(schema, step)
        case Select():
            types = {ROW: INT64, **_types(schema)}
            return tuple(Field(name, types[name]) for name in step.columns)
        case Filter() | Sort() | Limit():
            return schema
        case _:
            assert_never(step)


def stages(query: Query, catalog: Catalog) -> list[Schema]:
    """Return the columns before step 0, after step 0, after step 1, and so on."""
    return through(catalog[query.table].schema, query.steps, catalog)


def through(schema: Schema, steps: Sequence[Step], catalog: Catalog) -> list[Schema]:
    """Return the columns before the first of these steps and after each."""
    found = [schema]
    for step in steps:
        found.append(after(found[-1], step, catalog))
    return found


def expression_type(expression: Expression, schema: Schema) -> ColumnType:
    """Return the type of a valid expression over these columns."""
    reader = Expressions(Columns.of(schema), [], _UTC)
    return reader.read(expression, "")[1] or UNKNOWN


def joined_schema(join: Join, catalog: Catalog) -> Schema:
    """Return the columns of the joined table once its own steps have run."""
    return through(catalog[join.table].schema, join.steps, catalog)[-1]


def outputs(names: Iterable[str], join: Join, right: Schema) -> tuple[tuple[str, str], ...]:
    """Name the joined table's columns: ``(its column, the name in the result)``, in order.

    A key of the same name on both sides of ``=`` is dropped; a column whose name is taken,
    also by one that differs by case alone, is called ``<table>.<column>``, or
    ``<as>.<column>`` where the join names the table.
    """
    dropped = {pair.right for pair in join.on if pair.op == "=" and pair.left == pair.right}
    taken = {folded(name) for name in names}
    prefix = join.alias or join.table
    return tuple(
        (field.name, f"{prefix}.{field.name}" if folded(field.name) in taken else field.name)
        for field in right
        if field.name not in dropped
    )


def coalesced(join: Join) -> dict[str, str]:
    """Return the left keys a join coalesces with a right key: those of ``=`` in a right or full join."""
    if join.how not in {"right", "full"}:
        return {}
    pairs: dict[str, str] = {}
    for pair in join.on:
        if pair.op == "=":
            pairs.setdefault(pair.left, pair.right)
    return pairs


def _joined(schema: Schema, join: Join, catalog: Catalog) -> Schema:
    right = joined_schema(join, catalog)
    types = _types(right)
    kept = outputs((field.name for field in schema), join, right) if join.outputs is None else join.outputs
    keys = coalesced(join)
    left = (
        Field(field.name, common_type((field.type, types[keys[field.name]])) or field.type)
        if field.name in keys
        else field
        for field in schema
    )
    return (*left, *(Field(name, types[column]) for column, name in kept))


def _aggregated(schema: Schema, step: Aggregate) -> Schema:
    types = _types(schema)
    keys = tuple(Field(key.name, types[key.column]) for key in step.by)
    measures = tuple(
        Field(
            measure.alias,
            MEASURES[measure.fn].result(None if measure.column is None else types[measure.column]),
        )
        for measure in step.measures
    )
    totals = () if step.totals == "none" else (Field(TOTAL, INT64),)
    return (*keys, *measures, *totals)


def _types(schema: Schema) -> dict[str, ColumnType]:
    return {field.name: field.type for field in schema}
