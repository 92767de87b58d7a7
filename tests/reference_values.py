"""Values, dates and conditions of the second reading of QUERY.md; see ``reference``."""

from __future__ import annotations

import datetime as dt
import math
import zoneinfo
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from aurora_widgets.query.model import (
    Condition,
    Tree,
)

Row = dict[str, Any]


@dataclass(frozen=True)
class Table:
    """A table's columns with their kinds, its rows, and what a catalog says of it."""

    kinds: dict[str, str]
    rows: list[Row]
    key: tuple[str, ...] = ()
    load_type: str | None = None
    load_id: str | None = None
    ordered: bool = True
    numbered: bool = False


@dataclass(frozen=True)
class World:
    """The tables, the time of the run and its zone."""

    tables: dict[str, Table]
    now: dt.datetime
    zone: zoneinfo.ZoneInfo = field(default_factory=lambda: zoneinfo.ZoneInfo("UTC"))


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


# Conditions


def holds(tree: Tree, row: Row, kinds: dict[str, str], world: World) -> bool:
    """Say whether a row satisfies a tree: true or not, never unknown."""
    if tree.disabled:
        return True
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
    if unit == "hour" and any(isinstance(each, dt.datetime) and each.tzinfo for each in (start, end)):
        first, last = (bucketed(at_zone(each, "timestamptz", world), unit, world) for each in (start, end))
    else:
        first, last = (bucketed(midnight(local(each, world)), unit, world) for each in (start, end))
    if unit in ("hour", "day", "week"):
        return round((last - first) / dt.timedelta(hours={"hour": 1, "day": 24, "week": 168}[unit]))
    return ((last.year - first.year) * 12 + last.month - first.month) // {
        "month": 1,
        "quarter": 3,
        "year": 12,
    }[unit]


def local(value: Any, world: World) -> Any:
    """Return an instant as the clock shows it in the zone; anything else as it is."""
    if isinstance(value, dt.datetime) and value.tzinfo is not None:
        return value.astimezone(world.zone).replace(tzinfo=None)
    return value
