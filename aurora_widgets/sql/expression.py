"""A planned document's steps, one after another, as an Ibis table.

Inside a statement every relation's columns have names that differ in more than case, as
engines fold case; a document's own names come back in the outermost projection.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, assert_never, cast

import ibis
import ibis.expr.types as ir

from aurora_widgets.plan.names import of_expression
from aurora_widgets.query.functions import common_type
from aurora_widgets.query.model import (
    TOTAL,
    Aggregate,
    Derive,
    Filter,
    Join,
    Limit,
    Query,
    Select,
    Sort,
    SortKey,
    Step,
)
from aurora_widgets.query.types import INT64, ColumnType, Schema
from aurora_widgets.sql.conditions import compare, predicate
from aurora_widgets.sql.functions import value
from aurora_widgets.sql.measures import aggregate
from aurora_widgets.sql.moments import Moments
from aurora_widgets.sql.target import Target, Typed

if TYPE_CHECKING:
    from aurora_widgets.sql.shape import Slot

Names = Mapping[str, tuple[str, ColumnType]]
"""The document's columns: what a table calls each, and its type."""

Scan = Callable[[str, tuple[str, ...] | None], tuple[ir.Table, Names]]
"""The table of a name, and those of its columns that are asked for (all, for ``None``)."""


@dataclass(frozen=True, slots=True)
class Relation:
    """Some step's result.

    Parameters
    ----------
    table
        The Ibis table.
    names
        The document's columns in it.
    order
        The sort that holds: columns of ``table``, and whether each descends.
    """

    table: ir.Table
    names: Names
    order: tuple[tuple[str, bool], ...] = ()

    def columns(self) -> dict[str, Typed]:
        """Return the document's columns as typed values."""
        return {name: Typed(self.table[inner], kind) for name, (inner, kind) in self.names.items()}

    def sorted(self) -> ir.Table:
        """Return the table in the order that holds."""
        if not self.order:
            return self.table
        keys = [
            (ibis.desc if descending else ibis.asc)(self.table[name], nulls_first=False)
            for name, descending in self.order
        ]
        return self.table.order_by(*keys)


def build(query: Query, schema: Schema, scan: Scan, target: Target) -> ir.Table:
    """Return a shape as an Ibis table of the document's columns, typed by ``schema``."""
    relation = _run(query.table, query.steps, scan, target)
    table = relation.sorted()
    result = {}
    for field in schema:
        inner, kind = relation.names[field.name]
        typed = Typed(table[inner], kind)
        result[field.name] = typed.value if kind == field.type else target.cast(typed, field.type)
    return table.select([each.name(name) for name, each in result.items()])


def _run(table: str, steps: Sequence[Step], scan: Scan, target: Target) -> Relation:
    first = steps[0] if steps and isinstance(steps[0], Select) else None
    relation = Relation(*scan(table, first.columns if first else None))
    for kind, batch in itertools.groupby(steps[1:] if first else steps, type):
        if kind is Derive:
            for derives in _together(cast("Iterable[Derive]", batch)):
                relation = _derive(derives, relation, target)
        else:
            for step in batch:
                relation = _apply(step, relation, scan, target)
    return relation


def _together(steps: Iterable[Derive]) -> list[list[Derive]]:
    """Return calculated columns by the SELECTs they take: none reads another of its own."""
    selects: list[list[Derive]] = []
    made: set[str] = set()
    for step in steps:
        if not selects or made & {step.column, *of_expression(step.expression)}:
            selects.append([])
            made.clear()
        selects[-1].append(step)
        made.add(step.column)
    return selects


def _apply(step: Step, relation: Relation, scan: Scan, target: Target) -> Relation:
    match step:
        case Join():
            return _join(step, relation, _run(step.table, step.steps, scan, target), target)
        case Filter():
            where = predicate(step.where, relation.columns(), target)
            return replace(relation, table=relation.table.filter(where))
        case Derive():
            return _derive([step], relation, target)
        case Aggregate():
            return _aggregate(step, relation, target)
        case Sort():
            return replace(relation, order=_order(step.by, relation))
        case Select():
            return replace(relation, names={name: relation.names[name] for name in step.columns})
        case Limit():
            return replace(relation, table=target.first(relation.sorted(), cast("Slot", step.rows)))
        case _:
            assert_never(step)


def distinct(wanted: Iterable[str], taken: Iterable[str] = ()) -> list[str]:
    """Return a name for each wanted one: itself, or with a number where it is taken in any case."""
    used = {name.casefold() for name in taken}
    found = []
    for name in wanted:
        candidate, number = name, 1
        while candidate.casefold() in used:
            number += 1
            candidate = f"{name}_{number}"
        used.add(candidate.casefold())
        found.append(candidate)
    return found


def _order(by: tuple[SortKey, ...], relation: Relation) -> tuple[tuple[str, bool], ...]:
    seen: dict[str, bool] = {}
    for key in by:
        seen.setdefault(relation.names[key.column][0], key.descending)
    return tuple(seen.items())


def _kept(relation: Relation) -> list[str]:
    """Return the columns of the table that are shown, or sorted by."""
    return list(
        dict.fromkeys(
            [*(inner for inner, _ in relation.names.values()), *(name for name, _ in relation.order)]
        )
    )


def _derive(steps: Sequence[Derive], relation: Relation, target: Target) -> Relation:
    columns, kept = relation.columns(), _kept(relation)
    inner = distinct([step.column for step in steps], kept)
    typed = [value(step.expression, columns, target) for step in steps]
    table = relation.table.select(
        [*kept, *(each.value.name(name) for each, name in zip(typed, inner, strict=True))]
    )
    made = {step.column: (name, each.type) for step, name, each in zip(steps, inner, typed, strict=True)}
    return replace(relation, table=table, names={**relation.names, **made})


def _aggregate(step: Aggregate, relation: Relation, target: Target) -> Relation:
    columns, moments = relation.columns(), Moments(target)
    read = dict.fromkeys(measure.column for measure in step.measures if measure.column is not None)
    inner = iter(
        distinct(
            [*(key.name for key in step.by), *read, *(measure.alias for measure in step.measures), TOTAL]
        )
    )
    keys = {key.name: next(inner) for key in step.by}
    fed = {name: next(inner) for name in read}
    named = {measure.alias: next(inner) for measure in step.measures}
    total = next(inner)

    values = {}
    for key in step.by:
        column = columns[key.column]
        values[keys[key.name]] = moments.truncate(key.bucket, column) if key.bucket else column.value
    values |= {fed[name]: columns[name].value for name in read}
    table = (
        relation.table.select([each.name(name) for name, each in values.items()])
        if values
        else relation.table
    )

    results = {
        measure.alias: aggregate(
            measure,
            table,
            None
            if measure.column is None
            else Typed(table[fed[measure.column]], columns[measure.column].type),
            target,
        )
        for measure in step.measures
    }
    metrics = {named[alias]: typed.value for alias, typed in results.items()}
    names = {key.name: (keys[key.name], columns[key.column].type) for key in step.by}
    names |= {alias: (named[alias], typed.type) for alias, typed in results.items()}
    if step.totals != "none":
        names[TOTAL] = (total, INT64)
        return Relation(target.totals(table, list(keys.values()), metrics, step.totals, total), names)
    if not metrics:
        return Relation(table.distinct(), names)
    grouped = table.aggregate([metric.name(name) for name, metric in metrics.items()], by=list(keys.values()))
    # Ibis asks for a column of a table without keys by a query of its own, unless it is some projection's.
    return Relation(grouped if keys else grouped.select(list(metrics)), names)


def _join(step: Join, left: Relation, right: Relation, target: Target) -> Relation:
    """Join; the right side's columns are renamed first, so that no name means two columns."""
    outputs = step.outputs or ()
    needed = list(dict.fromkeys([*(pair.right for pair in step.on), *(column for column, _ in outputs)]))
    kept = _kept(replace(left, order=()))
    inner = dict(zip(needed, distinct(needed, kept), strict=True))
    shown = [right.table[right.names[name][0]].name(inner[name]) for name in needed]
    left_table, right_table = left.table.select(kept), right.table.select(shown)

    lefts = {name: Typed(left_table[column], kind) for name, (column, kind) in left.names.items()}
    rights = {name: Typed(right_table[inner[name]], right.names[name][1]) for name in needed}
    on = [compare(pair.op, lefts[pair.left], rights[pair.right], target) for pair in step.on]
    joined = left_table.join(right_table, on, how={"full": "outer"}.get(step.how, step.how))

    values: dict[str, Any] = {}
    names: dict[str, tuple[str, ColumnType]] = {}
    coalesced = {
        pair.left: pair.right
        for pair in reversed(step.on)
        if pair.op == "=" and step.how in {"right", "full"}
    }
    for name, (column, kind) in left.names.items():
        values[column], names[name] = joined[column], (column, kind)
        if name in coalesced:
            other = rights[coalesced[name]].type
            together = common_type((kind, other)) or kind
            sides = (Typed(joined[column], kind), Typed(joined[inner[coalesced[name]]], other))
            values[column] = ibis.coalesce(*(target.cast(side, together) for side in sides))
            names[name] = (column, together)
    for name, result in outputs:
        values[inner[name]] = joined[inner[name]]
        names[result] = (inner[name], rights[name].type)
    return Relation(joined.select([each.name(column) for column, each in values.items()]), names)
