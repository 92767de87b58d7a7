"""Expressions of the second reading of QUERY.md; see ``reference``."""

from __future__ import annotations

import datetime as dt
import math
import re
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Context, Decimal
from typing import TYPE_CHECKING, Any

from reference_values import (
    Row,
    World,
    at_zone,
    bucketed,
    date_add,
    date_diff,
    holds,
    is_nan,
    local,
    true,
    typed,
)

from aurora_widgets.query.model import (
    Call,
    Case,
    Column,
    Constant,
    Expression,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

EXACT = Context(prec=200)


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
    if fn == "date_add" and isinstance(values[2], dt.datetime) and values[2].tzinfo and values[0] != "hour":
        return at_zone(date_add(values[0], values[1], local(values[2], world)), "timestamptz", world)
    if fn == "date_add":
        return date_add(*values)
    return FUNCTIONS[fn](*(local(value, world) for value in values))


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
            return dt.date.fromisoformat(value.strip(" "))
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
    "to_text": to_text,
    "to_number": to_number,
    "to_date": to_date,
}
