"""A second reading of QUERY.md: documents evaluated over Python lists of dicts.

It shares nothing with the planner or the SQL but the document's types, and takes every
shortcut that a few rows allow. Values are Python's own (``int``, ``Decimal``, ``float``,
``str``, ``bool``, ``date``, ``datetime``, ``None``); a column's kind is one of ``number``,
``text``, ``boolean``, ``date``, ``timestamp``, ``timestamptz``.

Where QUERY.md leaves rows tied, the order is the product's promise: the columns sorted by,
the latest sort first; then a key of the rows if one is known, else every column shown.
"""

from __future__ import annotations

import datetime as dt
import functools
import math
import re
import zoneinfo
from dataclasses import dataclass, field, replace
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Context, Decimal
from typing import TYPE_CHECKING, Any

from aurora_widgets.query.model import (
    Aggregate,
    Call,
    Case,
    Column,
    Condition,
    Constant,
    Derive,
    Expression,
    Filter,
    Join,
    Limit,
    Query,
    Select,
    Sort,
    Tree,
    Vintage,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

EXACT = Context(prec=200)
Row = dict[str, Any]


@dataclass(frozen=True)
class Table:
    """A table's columns with their kinds, its rows, and what a catalog says of it."""

    kinds: dict[str, str]
    rows: list[Row]
    key: tuple[str, ...] = ()
    load_type: str | None = None
    load_id: str | None = None


@dataclass(frozen=True)
class World:
    """The tables, the time of the run and its zone."""

    tables: dict[str, Table]
    now: dt.datetime
    zone: zoneinfo.ZoneInfo = field(default_factory=lambda: zoneinfo.ZoneInfo("UTC"))


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
    lines = [
        Line(dict(row), unique=None if key is None else tuple(row[name] for name in key))
        for row in loaded(source, vintage)
    ]
    result = Result(dict(source.kinds), lines, scanned=True)
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


def compare(a: Any, b: Any) -> int:
    """Compare two values that are there: NaN equals NaN and is above everything."""
    nan_a, nan_b = is_nan(a), is_nan(b)
    if nan_a or nan_b:
        return nan_a - nan_b
    if isinstance(a, float) != isinstance(b, float):
        a, b = float(a), float(b)
    if isinstance(a, dt.date) and isinstance(a, dt.datetime) != isinstance(b, dt.datetime):
        a, b = midnight(a), midnight(b)
    return (a > b) - (a < b)


def is_nan(value: Any) -> bool:
    return isinstance(value, float) and math.isnan(value)


def midnight(day: dt.date) -> dt.datetime:
    return day if isinstance(day, dt.datetime) else dt.datetime.combine(day, dt.time())


def same(value: Any) -> Any:
    """Return what stands for a value in a group: NaN is one value."""
    return "NaN" if is_nan(value) else value


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
            key = unique_right(step, world)
            if key is None:
                unique = None
            else:
                unique = (*unique, *(None if its is None else its.row[name] for name in key))
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


# Conditions


def holds(tree: Tree, row: Row, kinds: dict[str, str], world: World) -> bool:
    """Say whether a row satisfies a tree: true or not, never unknown."""
    if isinstance(tree, Condition):
        return condition_holds(tree, row, kinds, world)
    children = [holds(child, row, kinds, world) for child in tree.children if not child.disabled]
    whole = (all(children) if tree.op == "and" else any(children)) if children else True
    return whole != tree.negate


NEGATIVE = {
    "!=": "=",
    "does not contain": "contains",
    "not between": "between",
    "not in": "in",
    "is not empty": "is empty",
}


def condition_holds(condition: Condition, row: Row, kinds: dict[str, str], world: World) -> bool:
    if condition.op in NEGATIVE:
        return not condition_holds(replace(condition, op=NEGATIVE[condition.op]), row, kinds, world)
    value, kind = row[condition.column], kinds[condition.column]
    if condition.op == "is empty":
        return value is None or value == ""
    if value is None:
        return False
    match condition.op:
        case "is true" | "is false":
            return value is (condition.op == "is true")
        case "in the last" | "in the next" | "this" | "previous":
            first, after = relative(condition, world)
            return true(">=", value, at_zone(first, kind, world)) and true(
                "<", value, at_zone(after, kind, world)
            )
        case "between":
            return against(">=", value, condition.low, kind, world) and against(
                "<=", value, condition.high, kind, world
            )
        case "in":
            return any(
                told(replace(condition, op="="), value, each, kind, world) for each in condition.values or ()
            )
        case _ if condition.other is not None:
            other = row[condition.other]
            return other is not None and told(condition, value, other, "as is", world)
        case _:
            return told(condition, value, condition.value, kind, world)


def told(condition: Condition, value: Any, other: Any, kind: str, world: World) -> bool:
    """Apply an operator of one value."""
    if not isinstance(value, str):
        return against(condition.op, value, other, kind, world)
    sensitive = condition.case_sensitive
    if sensitive is None:
        sensitive = condition.op == "="
    if not sensitive:
        value, other = folded(value), folded(other)
    match condition.op:
        case "=":
            return bool(value == other)
        case "contains":
            return other in value
        case "starts with":
            return bool(value.startswith(other))
        case "ends with":
            return bool(value.endswith(other))
    raise KeyError(condition.op)


def folded(text: str) -> str:
    """Return text without regard to case, letter by letter: every form of one is one, but ß is not SS."""

    def one(letter: str) -> str:
        upper = letter.upper() if len(letter.upper()) == 1 else letter
        lower = "i" if upper == "İ" else upper.lower()
        return lower if len(lower) == 1 else upper

    return "".join(map(one, text))


def against(op: str, value: Any, other: Any, kind: str, world: World) -> bool:
    """Compare a cell with a document's value; a day on a timestamp is the whole day."""
    other = typed(other, kind)
    if kind not in ("timestamp", "timestamptz"):
        return true(op, value, other)
    if isinstance(other, dt.datetime):
        return true(op, value, at_zone(other, kind, world))
    if isinstance(value, dt.datetime) and value.tzinfo is not None:
        value = value.astimezone(world.zone).replace(tzinfo=None)
    return true(op, value.date(), other)


def at_zone(moment: dt.date, kind: str, world: World) -> dt.date:
    if kind == "date":
        return moment
    stamp = midnight(moment)
    if kind == "timestamptz" and stamp.tzinfo is None:
        return stamp.replace(tzinfo=world.zone).astimezone(dt.UTC)
    return stamp


def true(op: str, a: Any, b: Any) -> bool:
    """Say whether a comparison holds; never where either is NULL."""
    if a is None or b is None:
        return False
    turn = compare(a, b)
    return {"=": turn == 0, "<": turn < 0, "<=": turn <= 0, ">": turn > 0, ">=": turn >= 0}[op]


def typed(value: Any, kind: str) -> Any:
    if kind in ("date", "timestamp", "timestamptz") and isinstance(value, str):
        return dt.date.fromisoformat(value) if len(value) == 10 else dt.datetime.fromisoformat(value)
    if kind == "number" and isinstance(value, str):
        return math.nan if value == "NaN" else Decimal(value)
    return value


def relative(condition: Condition, world: World) -> tuple[dt.date, dt.date]:
    """Return the first day of a relative date, and the day after its last."""
    today = world.now.astimezone(world.zone).date()
    unit = condition.unit or ""
    this = bucket(today, unit)

    def later(count: int) -> dt.date:
        return (
            this + dt.timedelta(days=count * (7 if unit == "week" else 1))
            if unit in ("day", "week")
            else months(this, count * {"month": 1, "quarter": 3, "year": 12}[unit])
        )

    count = condition.count or 0
    current = int(condition.include_current)
    match condition.op:
        case "this":
            return this, later(1)
        case "previous":
            return later(-1), this
        case "in the last":
            return later(-count), later(current)
        case _:
            return later(1 - current), later(1 + count)


# Dates


def bucketed(value: Any, unit: str, world: World) -> Any:
    if not isinstance(value, dt.datetime):
        return None if value is None else bucket(value, unit)
    if value.tzinfo is not None:
        local = value.astimezone(world.zone)
        if unit == "hour":
            return value - (local - local.replace(minute=0, second=0, microsecond=0))
        return bucketed(local.replace(tzinfo=None), unit, world).replace(tzinfo=world.zone).astimezone(dt.UTC)
    if unit == "hour":
        return value.replace(minute=0, second=0, microsecond=0)
    return midnight(bucket(value.date(), unit))


def bucket(day: dt.date, unit: str) -> dt.date:
    match unit:
        case "week":
            return day - dt.timedelta(days=day.isoweekday() - 1)
        case "month":
            return dt.date(day.year, day.month, 1)
        case "quarter":
            return dt.date(day.year, 3 * ((day.month - 1) // 3) + 1, 1)
        case "year":
            return dt.date(day.year, 1, 1)
    return day


def months(day: dt.date, count: int) -> dt.date:
    """Move by months, keeping to the month's last day."""
    year, month = divmod(day.year * 12 + day.month - 1 + count, 12)
    last = (dt.date(year + (month == 11), (month + 1) % 12 + 1, 1) - dt.timedelta(days=1)).day
    return dt.date(year, month + 1, min(day.day, last))


def date_add(unit: str, count: int, moment: Any) -> Any:
    if unit in ("hour", "day", "week"):
        return moment + dt.timedelta(hours=count * {"hour": 1, "day": 24, "week": 168}[unit])
    moved = months(moment, count * {"month": 1, "quarter": 3, "year": 12}[unit])
    return dt.datetime.combine(moved, moment.time()) if isinstance(moment, dt.datetime) else moved


def date_diff(unit: str, start: Any, end: Any, world: World) -> int:
    """Count the boundaries of the unit between two moments."""
    first, last = (midnight(bucketed(midnight(each), unit, world)) for each in (start, end))
    if unit in ("hour", "day", "week"):
        return round((last - first) / dt.timedelta(hours={"hour": 1, "day": 24, "week": 168}[unit]))
    return ((last.year - first.year) * 12 + last.month - first.month) // {
        "month": 1,
        "quarter": 3,
        "year": 12,
    }[unit]


# Expressions


def kind_of(expression: Expression, kinds: dict[str, str], wanted: str = "") -> str:
    match expression:
        case Column():
            return kinds[expression.column]
        case Constant():
            return kind_of_value(typed(expression.value, wanted))
        case Case():
            outcomes: list[Expression] = [branch.then for branch in expression.branches]
            outcomes += [] if expression.otherwise is None else [expression.otherwise]
            return together(outcomes, kinds, wanted)
        case Call(fn=fn, args=args):
            if fn in ("coalesce", "null_if"):
                return together(args, kinds, wanted)
            if fn in ("concat", "upper", "lower", "trim", "substring", "replace", "to_text"):
                return "text"
            if fn in ("truncate", "date_add"):
                return kind_of(args[-1], kinds, "date")
            return "date" if fn == "to_date" else "number"
    raise TypeError(expression)


def together(expressions: Iterable[Expression], kinds: dict[str, str], wanted: str) -> str:
    """Return the kind that expressions share; constants follow the others."""
    found = [kind_of(each, kinds, wanted) for each in expressions if not isinstance(each, Constant)]
    known = [kind for kind in found if kind != "unknown"]
    if known:
        return next((kind for kind in known if kind.startswith("timestamp")), known[0])
    constants = [
        kind_of_value(typed(each.value, wanted)) for each in expressions if isinstance(each, Constant)
    ]
    return next((kind for kind in constants if kind != "unknown"), "unknown")


def kind_of_value(value: Any) -> str:
    match value:
        case None:
            return "unknown"
        case bool():
            return "boolean"
        case str():
            return "text"
        case dt.datetime():
            return "timestamp"
        case dt.date():
            return "date"
    return "number"


def value_of(expression: Expression, row: Row, kinds: dict[str, str], world: World, kind: str = "") -> Any:
    """Return an expression's value; ``kind`` is what its place wants of a constant."""
    match expression:
        case Column():
            return row[expression.column]
        case Constant():
            value = typed(expression.value, kind)
            return (
                at_zone(value, kind, world) if kind.startswith("timestamp") and value is not None else value
            )
        case Case():
            outcomes: list[Expression] = [branch.then for branch in expression.branches]
            outcomes += [] if expression.otherwise is None else [expression.otherwise]
            wanted = together(outcomes, kinds, kind)
            for branch in expression.branches:
                if holds(branch.when, row, kinds, world):
                    return value_of(branch.then, row, kinds, world, wanted)
            last = expression.otherwise
            return None if last is None else value_of(last, row, kinds, world, wanted)
        case Call(fn=fn, args=args):
            wanted = ""
            if fn in ("coalesce", "null_if"):
                wanted = together(args, kinds, kind)
            elif fn in DATE_ARGUMENTS:
                wanted = "date"
            elif fn in NUMBER_ARGUMENTS:
                wanted = "number"
            values = [value_of(arg, row, kinds, world, wanted) for arg in unitless(fn, args)]
            if fn in UNITS:
                values = [args[0].value, *values]  # type: ignore[union-attr]
            return called(fn, values, world)
    raise TypeError(expression)


UNITS = {"truncate", "date_add", "date_diff"}
DATE_ARGUMENTS = {"truncate", "date_add", "date_diff", "year", "quarter", "month", "day", "hour", "weekday"}
NUMBER_ARGUMENTS = {
    "add",
    "subtract",
    "multiply",
    "divide",
    "modulo",
    "negate",
    "abs",
    "round",
    "floor",
    "ceil",
}


def unitless(fn: str, args: Sequence[Expression]) -> Sequence[Expression]:
    return args[1:] if fn in UNITS else args


def called(fn: str, values: list[Any], world: World) -> Any:
    if fn == "concat":
        return "".join("" if value is None else value for value in values)
    if fn == "coalesce":
        return next((value for value in values if value is not None), None)
    if fn == "null_if":
        return None if true("=", *values) else values[0]
    if any(value is None for value in values):
        return None
    if fn == "date_diff":
        return date_diff(*values, world)
    if fn == "truncate":
        return bucketed(values[1], values[0], world)
    return FUNCTIONS[fn](*values)


def number(function: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    """Compute exactly, unless one of the two is a float."""

    def compute(a: Any, b: Any) -> Any:
        if isinstance(a, float) or isinstance(b, float):
            return function(float(a), float(b))
        if isinstance(a, Decimal) or isinstance(b, Decimal):
            return function(Decimal(a), Decimal(b))
        return function(a, b)

    return compute


plus = number(lambda a, b: EXACT.add(a, b) if isinstance(a, Decimal) else a + b)


def divide(a: Any, b: Any) -> float | None:
    return None if b == 0 else float(a) / float(b)


def modulo(a: Any, b: Any) -> Any:
    if b == 0:
        return None
    if isinstance(a, float):
        return math.nan if math.isinf(a) or is_nan(a) or is_nan(b) else math.fmod(a, b)
    rest = abs(a) % abs(b)
    return -rest if a < 0 else rest


def rounded(value: Any, digits: int = 0) -> Any:
    """Round half away from zero."""
    if isinstance(value, float):
        if not math.isfinite(value):
            return value
        return float(Decimal(value).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP, EXACT))
    if digits >= 0 and isinstance(value, int):
        return value
    whole = Decimal(value).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP, EXACT)
    return int(whole) if isinstance(value, int) else whole


def whole(rounding: str) -> Callable[[Any], Any]:
    def compute(value: Any) -> Any:
        if isinstance(value, float) and not math.isfinite(value):
            return value
        found = Decimal(value).to_integral_value(rounding)
        return float(found) if isinstance(value, float) else int(found)

    return compute


def substring(text: str, start: int, length: int) -> str:
    return "".join(letter for place, letter in enumerate(text, 1) if start <= place < start + length)


def to_number(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    if not re.fullmatch(r"\s*[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,4})?\s*", value, re.ASCII):
        return None
    return Decimal(value.strip()).quantize(Decimal("1e-10"), ROUND_HALF_UP, EXACT)


def to_text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.isoformat(" ") if isinstance(value, dt.datetime) else str(value)


def to_date(value: Any) -> dt.date | None:
    if isinstance(value, str):
        try:
            return dt.date.fromisoformat(value.strip())
        except ValueError:
            return None
    return value.date() if isinstance(value, dt.datetime) else value


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "add": plus,
    "subtract": number(lambda a, b: EXACT.subtract(a, b) if isinstance(a, Decimal) else a - b),
    "multiply": number(lambda a, b: EXACT.multiply(a, b) if isinstance(a, Decimal) else a * b),
    "divide": divide,
    "modulo": number(modulo),
    "negate": lambda a: -a,
    "abs": abs,
    "round": rounded,
    "floor": whole(ROUND_FLOOR),
    "ceil": whole(ROUND_CEILING),
    "upper": str.upper,
    "lower": str.lower,
    "trim": lambda text: text.strip(" "),
    "length": len,
    "substring": substring,
    "replace": lambda text, old, new: text.replace(old, new) if old else text,
    "year": lambda moment: moment.year,
    "quarter": lambda moment: (moment.month + 2) // 3,
    "month": lambda moment: moment.month,
    "day": lambda moment: moment.day,
    "hour": lambda moment: moment.hour,
    "weekday": lambda moment: moment.isoweekday(),
    "date_add": date_add,
    "to_text": to_text,
    "to_number": to_number,
    "to_date": to_date,
}
