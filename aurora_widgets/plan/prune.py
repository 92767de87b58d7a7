"""Only what the result needs: columns of each scan, outputs of each join, derived columns, measures.

A join stays even where none of its columns is used, as it keeps and multiplies rows.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, assert_never

from aurora_widgets.plan import shape
from aurora_widgets.plan.names import of_expression, of_tree
from aurora_widgets.query.model import ROW, Aggregate, Derive, Filter, Join, Limit, Query, Select, Sort, Step
from aurora_widgets.query.types import ColumnType, Family

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from aurora_widgets.catalog.model import Catalog, Table
    from aurora_widgets.plan.context import Context

_CHEAPEST = (Family.BOOLEAN, Family.NUMBER, Family.DATE, Family.TIMESTAMP, Family.TEXT, Family.OTHER)


def prune(query: Query, context: Context) -> Query:
    """Name the columns that are used at each scan, first; drop what nothing uses."""
    result = shape.stages(query, context.catalog)[-1]
    table = context.catalog[query.table]
    wanted = frozenset(field.name for field in result)
    steps = _pruned(table, query.steps, wanted, context.catalog)
    last = shape.through(table.schema, steps, context.catalog)[-1]
    if last != result:
        steps = (*steps, Select(tuple(field.name for field in result)))
    return replace(query, steps=steps)


def _pruned(
    table: Table, steps: Sequence[Step], wanted: frozenset[str], catalog: Catalog
) -> tuple[Step, ...]:
    """Return the steps over a scan of the table that make the wanted columns, perhaps among others."""
    kept: list[Step] = []
    for step in reversed(steps):
        if isinstance(step, Derive) and step.column not in wanted:
            continue
        smaller = _less(step, wanted, catalog)
        wanted = _needed(smaller, wanted)
        kept.append(smaller)
    return (_scan(table, wanted), *reversed(kept))


def _less(step: Step, wanted: frozenset[str], catalog: Catalog) -> Step:
    """Return the step making no more than is wanted of it."""
    match step:
        case Select():
            return Select(tuple(name for name in step.columns if name in wanted) or step.columns[:1])
        case Aggregate():
            return _aggregate(step, wanted)
        case Join():
            return _join(step, wanted, catalog)
        case _:
            return step


def _needed(step: Step, wanted: frozenset[str]) -> frozenset[str]:
    """Return the columns that must stand before a step for the wanted ones to stand after it."""
    match step:
        case Filter():
            return wanted | set(of_tree(step.where))
        case Sort():
            return wanted | {key.column for key in step.by}
        case Limit():
            return wanted
        case Select():
            return frozenset(step.columns)
        case Derive():
            return (wanted - {step.column}) | set(of_expression(step.expression))
        case Aggregate():
            measured = {measure.column for measure in step.measures if measure.column is not None}
            return frozenset((*measured, *(key.column for key in step.by)))
        case Join():
            made = {name for _, name in step.outputs or ()}
            return (wanted - made) | {pair.left for pair in step.on}
        case _:
            assert_never(step)


def _aggregate(step: Aggregate, wanted: frozenset[str]) -> Aggregate:
    measures = tuple(measure for measure in step.measures if measure.alias in wanted)
    if not measures and not step.by:
        # No keys is one row, which some measure has to make.
        measures = step.measures[:1]
    return replace(step, measures=measures)


def _join(step: Join, wanted: frozenset[str], catalog: Catalog) -> Join:
    outputs = tuple((column, name) for column, name in step.outputs or () if name in wanted)
    needed = frozenset(column for column, _ in outputs) | {pair.right for pair in step.on}
    return replace(step, steps=_pruned(catalog[step.table], step.steps, needed, catalog), outputs=outputs)


def _scan(table: Table, wanted: Iterable[str]) -> Select:
    """Name the columns of a scan in the table's order; a scan for its rows alone reads the cheapest."""
    names = set(wanted)
    columns = tuple(column.name for column in table.columns if column.name in names)
    if ROW in names and ROW not in columns:
        columns += (ROW,)
    return Select(columns or (min(table.columns, key=lambda column: _cost(column.type)).name,))


def _cost(column_type: ColumnType) -> tuple[int, int]:
    bits = int(column_type.name.lstrip("uint")) if column_type.is_whole else 128
    return _CHEAPEST.index(column_type.family), bits
