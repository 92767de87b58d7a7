"""A second reading of QUERY.md: documents evaluated over Python lists of dicts.

It shares nothing with the planner or the SQL but the document's types, and takes every
shortcut that a few rows allow. Values are Python's own (``int``, ``Decimal``, ``float``,
``str``, ``bool``, ``date``, ``datetime``, ``None``); a column's kind is one of ``number``,
``text``, ``boolean``, ``date``, ``timestamp``, ``timestamptz``.

Where QUERY.md leaves rows tied, the order is the product's promise: the columns sorted by,
the latest sort first; then a key of the rows if one is known, else their place in the table
where the engine numbers them, else every column shown.
"""

from __future__ import annotations

import datetime as dt
import functools
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from reference_expressions import kind_of, plus, value_of
from reference_values import Row, Table, World, bucketed, compare, holds, same, true

from aurora_widgets.query.model import (
    Aggregate,
    Derive,
    Filter,
    Join,
    Limit,
    Query,
    Select,
    Sort,
    Vintage,
)

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass
class Line:
    """A row with what orders it: values sorted by (with their direction) and a key that is its own."""

    row: Row
    held: tuple[tuple[Any, bool], ...] = ()
    unique: tuple[Any, ...] | None = None


@dataclass
class Result:
    """Some step's result."""

    kinds: dict[str, str]
    lines: list[Line]
    scanned: bool = False


def evaluate(query: Query, world: World) -> tuple[list[str], list[tuple[Any, ...]]]:
    """Return the column names and the rows, in order, of a valid document."""
    result = in_order(run(query.table, query.vintage, query.steps, world, query.as_of))
    return list(result.kinds), [tuple(line.row[name] for name in result.kinds) for line in result.lines]


def run(
    table: str, vintage: Vintage | None, steps: Sequence[Any], world: World, as_of: str | None = None
) -> Result:
    source = world.tables[table]
    key = (
        [*source.key, *(each for each in (source.load_type, source.load_id) if each)] if source.key else None
    )
    places = {id(row): at for at, row in enumerate(source.rows)}

    def unique(row: Row) -> tuple[Any, ...] | None:
        if key is None:
            return (places[id(row)],) if source.numbered else None
        return tuple(row[name] for name in key)

    lines = [Line(dict(row), unique=unique(row)) for row in loaded(source, vintage)]
    result = Result(dict(source.kinds), lines, scanned=source.ordered)
    if as_of is not None:
        stamp = dt.datetime.fromisoformat(as_of)
        world = replace(world, now=stamp if stamp.tzinfo else stamp.replace(tzinfo=world.zone))
    for step in steps:
        if not step.disabled:
            result = apply(step, result, world)
    return result


def loaded(table: Table, vintage: Vintage | None) -> list[Row]:
    """Keep the rows of the loads asked for; a table without a vintage keeps all."""
    if table.load_id is None:
        return table.rows
    asked = vintage or Vintage()
    wanted_type, wanted_id = asked.load_type or "all", asked.load_id or "latest"
    rows = [
        row for row in table.rows if wanted_type in ("all", "latest") or row[table.load_type] == wanted_type
    ]
    named = [row for row in rows if row[table.load_id] is not None]
    if wanted_type == "latest":
        newest = max(named, key=lambda row: (row[table.load_id], row[table.load_type] or ""), default=None)
        rows = [row for row in rows if newest and row[table.load_type] == newest[table.load_type]]
    if wanted_id == "all":
        return rows
    if wanted_id != "latest":
        return [row for row in rows if row[table.load_id] == wanted_id]
    latest: dict[Any, Any] = {}
    for row in named:
        kind = row[table.load_type] if table.load_type else None
        latest[kind] = max(latest.get(kind, row[table.load_id]), row[table.load_id])
    return [
        row
        for row in rows
        if row[table.load_id] is not None
        and row[table.load_id] == latest.get(row[table.load_type] if table.load_type else None)
    ]


# Order


def in_order(result: Result) -> Result:
    """Put the rows in their total order."""
    if result.scanned and not any(line.held for line in result.lines):
        return result

    def before(a: Line, b: Line) -> int:
        for (mine, descending), (its, _) in zip(a.held, b.held, strict=True):
            if turn := ordered(mine, its, descending):
                return turn
        ties = (
            [(a.row[name], b.row[name]) for name in result.kinds]
            if a.unique is None or b.unique is None
            else zip(a.unique, b.unique, strict=True)
        )
        return next((turn for mine, its in ties if (turn := ordered(mine, its, False))), 0)

    return replace(result, lines=sorted(result.lines, key=functools.cmp_to_key(before)))


def ordered(a: Any, b: Any, descending: bool) -> int:
    """Compare for sorting: NULL last either way, NaN above infinity."""
    if a is None or b is None:
        return (a is None) - (b is None)
    turn = compare(a, b)
    return -turn if descending else turn


# Steps


def apply(step: Any, result: Result, world: World) -> Result:
    match step:
        case Join():
            return join(step, result, world)
        case Filter():
            if step.where.disabled:
                return result
            kept = [line for line in result.lines if holds(step.where, line.row, result.kinds, world)]
            return replace(result, lines=kept)
        case Derive():
            lines = [
                replace(
                    line,
                    row={**line.row, step.column: value_of(step.expression, line.row, result.kinds, world)},
                )
                for line in result.lines
            ]
            return replace(
                result,
                kinds={**result.kinds, step.column: kind_of(step.expression, result.kinds)},
                lines=lines,
            )
        case Aggregate():
            return aggregate(step, result, world)
        case Sort():
            by = [(key.column, key.descending) for key in step.by]
            lines = [
                replace(line, held=(*((line.row[name], down) for name, down in by), *line.held))
                for line in result.lines
            ]
            return replace(result, lines=lines)
        case Select():
            lines = [
                replace(line, row={name: line.row[name] for name in step.columns}) for line in result.lines
            ]
            return replace(result, kinds={name: result.kinds[name] for name in step.columns}, lines=lines)
        case Limit():
            result = in_order(result)
            return replace(result, lines=result.lines[: step.rows])
    raise TypeError(step)


def join(step: Join, left: Result, world: World) -> Result:
    right = run(step.table, step.vintage, step.steps, world)
    key = unique_right(step, world)
    outputs = step.outputs
    if outputs is None:
        gone = {pair.right for pair in step.on if pair.op == "=" and pair.left == pair.right}
        taken = {name.casefold() for name in left.kinds}
        named = step.alias or step.table
        outputs = tuple(
            (name, f"{named}.{name}" if name.casefold() in taken else name)
            for name in right.kinds
            if name not in gone
        )
    coalesced: dict[str, str] = {}
    for pair in step.on:
        if pair.op == "=" and step.how in ("right", "full"):
            coalesced.setdefault(pair.left, pair.right)

    def matches(mine: Row, its: Row) -> bool:
        return all(true(pair.op, mine[pair.left], its[pair.right]) for pair in step.on)

    def line(mine: Line | None, its: Line | None) -> Line:
        row = {name: None if mine is None else mine.row[name] for name in left.kinds}
        for name, other in coalesced.items():
            if row[name] is None and its is not None:
                row[name] = its.row[other]
        row |= {name: None if its is None else its.row[column] for column, name in outputs}
        if step.how in ("right", "full") or mine is None:
            return Line(row)
        unique = mine.unique
        if unique is not None:
            # A left row without a match is its own; no key of the right side is all NULL.
            unique = (*unique, *((its and its.unique) or (None,) * len(key))) if key else None
        return Line(row, mine.held, unique)

    lines: list[Line] = []
    met: set[int] = set()
    for mine in left.lines:
        found = [(at, its) for at, its in enumerate(right.lines) if matches(mine.row, its.row)]
        met.update(at for at, _ in found)
        lines += [line(mine, its) for _, its in found]
        if not found and step.how in ("left", "full"):
            lines.append(line(mine, None))
    if step.how in ("right", "full"):
        lines += [line(None, its) for at, its in enumerate(right.lines) if at not in met]
    kinds = {**left.kinds, **{name: right.kinds[column] for column, name in outputs}}
    return Result(kinds, lines)


def unique_right(step: Join, world: World) -> tuple[str, ...] | None:
    """Return the columns that tell a joined table's rows apart, where it has a key."""
    table = world.tables[step.table]
    if not table.key or any(isinstance(own, Aggregate | Join) for own in step.steps):
        return None
    return tuple(dict.fromkeys((*table.key, *(each for each in (table.load_type, table.load_id) if each))))


def aggregate(step: Aggregate, result: Result, world: World) -> Result:
    names = [key.name for key in step.by]
    groups: dict[tuple[Any, ...], tuple[tuple[Any, ...], list[Row]]] = {}
    keyed = [
        (
            tuple(
                bucketed(line.row[key.column], key.bucket, world) if key.bucket else line.row[key.column]
                for key in step.by
            ),
            line.row,
        )
        for line in result.lines
    ]
    depths = [0]
    if step.totals == "grand" and names:
        depths = [0, len(names)]
    elif step.totals == "rollup":
        depths = list(range(len(names) + 1))
    for depth in depths:
        kept = len(names) - depth
        if kept == 0:
            # A total is there, also of nothing.
            groups[(*["rolled"] * len(names), depth)] = (((None,) * len(names)) + (depth,), [])
        for values, row in keyed:
            shown = (*values[:kept], *([None] * depth), depth)
            group = groups.setdefault((*map(same, values[:kept]), *["rolled"] * depth, depth), (shown, []))
            group[1].append(row)
    lines = []
    for shown, rows in groups.values():
        row = dict(zip(names, shown, strict=False))
        row |= {each.alias: measured(each.fn, each.column, rows) for each in step.measures}
        if step.totals != "none":
            row["__total__"] = shown[-1]
        lines.append(Line(row, unique=shown if step.totals != "none" else shown[:-1]))
    kinds = {key.name: result.kinds[key.column] for key in step.by}
    kinds |= {
        each.alias: result.kinds[each.column] if each.fn in ("min", "max") and each.column else "number"
        for each in step.measures
    }
    if step.totals != "none":
        kinds["__total__"] = "number"
    return Result(kinds, lines)


def measured(fn: str, column: str | None, rows: list[Row]) -> Any:
    if column is None:
        return len(rows)
    values = [row[column] for row in rows if row[column] is not None]
    match fn:
        case "count":
            return len(values)
        case "distinct_count":
            return len({same(value) for value in values})
        case _ if not values:
            return None
        case "sum":
            return functools.reduce(plus, values)
        case "avg":
            return float(functools.reduce(plus, values)) / len(values)
        case "min" | "max":
            ranked = sorted(values, key=functools.cmp_to_key(compare))
            return ranked[0 if fn == "min" else -1]
    raise KeyError(fn)
