"""Functions of an expression as Ibis values: a table from name to builder.

A builder gets typed arguments and the type that the result has for the document, and
returns a value of that very type: where DuckDB would choose another, it casts.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, assert_never, cast

import ibis

from aurora_widgets.query.functions import FUNCTIONS, MAX_DIGITS, common_type
from aurora_widgets.query.model import Call, Case, Column, Constant, Expression
from aurora_widgets.query.types import (
    BOOLEAN,
    DATE,
    INT64,
    INT128,
    TEXT,
    TIMESTAMP,
    UNKNOWN,
    ColumnType,
    decimal,
)
from aurora_widgets.sql.conditions import Columns, predicate
from aurora_widgets.sql.datatypes import call, decimal_call, ibis_type
from aurora_widgets.sql.moments import Moments
from aurora_widgets.sql.target import Bind, Target, Typed

if TYPE_CHECKING:
    from collections.abc import Callable

    from aurora_widgets.sql.shape import Slot


def value(expression: Expression, columns: Columns, target: Target) -> Typed:
    """Return an expression of a shape as a typed Ibis value."""
    match expression:
        case Column():
            return columns[expression.column]
        case Constant():
            return _constant(cast("Slot", expression.value), target)
        case Call():
            return _call(expression, columns, target)
        case Case():
            return _case(expression, columns, target)
        case _:
            assert_never(expression)


def _constant(slot: Slot, target: Target) -> Typed:
    column_type = ColumnType(slot.kind)
    if column_type == UNKNOWN:
        return Typed(ibis.null(), UNKNOWN)
    return Typed(target.place(slot, column_type), column_type)


def _case(case: Case, columns: Columns, target: Target) -> Typed:
    results = [value(branch.then, columns, target) for branch in case.branches]
    otherwise = (
        Typed(ibis.null(), UNKNOWN) if case.otherwise is None else value(case.otherwise, columns, target)
    )
    together = common_type(each.type for each in (*results, otherwise)) or UNKNOWN
    whens = [predicate(branch.when, columns, target) for branch in case.branches]
    branches = [(when, as_type(each, together, target)) for when, each in zip(whens, results, strict=True)]
    return Typed(ibis.cases(*branches, else_=as_type(otherwise, together, target)), together)


def as_type(typed: Typed, to: ColumnType, target: Target) -> Any:
    """Return a value as another type; an untyped NULL as that type's."""
    if typed.type == UNKNOWN:
        return ibis.null(ibis_type(to)) if to != UNKNOWN else typed.value
    return target.cast(typed, to)


@dataclass(frozen=True, slots=True)
class _Called:
    """A function's arguments and the type of its result."""

    args: tuple[Typed, ...]
    literals: tuple[Any, ...]
    result: ColumnType
    target: Target

    def arg(self, at: int, to: ColumnType | None = None) -> Any:
        """Return an argument's value, as the type of the result where none is named."""
        return as_type(self.args[at], self.result if to is None else to, self.target)

    def decimal(self, function: str, *args: Any) -> Any:
        """Return an engine's function of decimals, cast to the digits of the result."""
        return self.target.written_as(decimal_call(function, *args), self.result)

    @property
    def moments(self) -> Moments:
        return Moments(self.target)


def _call(expression: Call, columns: Columns, target: Target) -> Typed:
    function = FUNCTIONS[expression.fn]
    literals = tuple(
        arg.value
        for at, arg in enumerate(expression.args)
        if function.argument(at).literally and isinstance(arg, Constant)
    )
    args = tuple(
        value(arg, columns, target)
        for at, arg in enumerate(expression.args)
        if not function.argument(at).literally
    )
    kinds = iter(args)
    types = [
        TEXT if function.argument(at).literally == "unit"
        else INT64 if function.argument(at).literally
        else next(kinds).type
        for at in range(len(expression.args))
    ]  # fmt: skip
    result = function.result(types)
    return Typed(_BUILD[expression.fn](_Called(args, literals, result, target)), result)


def _arithmetic(function: str) -> Callable[[_Called], Any]:
    """Compute in the result's type; decimals at their own scales, exactly, and cast then."""

    def build(called: _Called) -> Any:
        if not called.result.is_decimal:
            return call(function, called.arg(0), called.arg(1), to=called.result)
        return called.decimal(function, *(_roomy(called, at) for at in range(len(called.args))))

    return build


def _roomy(called: _Called, at: int) -> Any:
    """Return a number that is wide where its result is.

    DuckDB makes no more than ``_FAST_DIGITS`` of decimals that have no more each, and then
    fails: 100,000.0000 times 100,000.0000 would overflow.
    """
    number = called.args[at]
    if number.type == UNKNOWN:
        return called.arg(at)
    digits, scale = number.type.precision_scale if number.type.is_decimal else (MAX_DIGITS, 0)
    if called.result.precision_scale[0] > _FAST_DIGITS >= digits:
        return called.arg(at, decimal(_FAST_DIGITS + 1, scale))
    return number.value


_FAST_DIGITS = 18


def _divide(called: _Called) -> Any:
    divisor = called.arg(1)
    return called.arg(0) / divisor.nullif(0)


def _modulo(called: _Called) -> Any:
    number, divisor = called.arg(0), called.arg(1).nullif(0)
    if called.result.is_decimal:
        return called.decimal("mod", number, divisor)
    return call("mod", number, divisor, to=called.result)


def _round(called: _Called) -> Any:
    digits = int(called.literals[0]) if called.literals else 0
    number, result = called.arg(0), called.result
    if result.is_float:
        rounded = call("round", number, ibis.literal(digits), to=result)
        # A double has 17 digits; scaling one up that has none left to lose would change it.
        whole = call("abs", number, to=result) >= ibis.literal(10.0 ** (16 - digits))
        return ibis.ifelse(whole, number, rounded) if digits > 0 else rounded
    if result.is_whole:
        return number if digits >= 0 else _rounded(number, -digits, called)
    return called.decimal("round", number, ibis.literal(min(digits, result.precision_scale[1])))


def _rounded(number: Any, places: int, called: _Called) -> Any:
    """Round a whole number to a power of ten; DuckDB's own rounding overflows unseen near its ends."""
    unit, half = (_large(called, number) for number in (10**places, 10**places // 2))
    rest = call("mod", number, unit, to=INT128)
    up = ibis.cases((rest >= half, unit), (rest <= -half, -unit), else_=_large(called, 0))
    return called.target.written_as(number - rest + up, called.result)


def _large(called: _Called, number: int) -> Any:
    if called.result == INT64 and abs(number) < _INT64_END:
        return ibis.literal(number)
    return called.target.written_as(ibis.literal(number, type=ibis_type(INT128)), INT128)


_INT64_END = 2**63


def _whole(function: str) -> Callable[[_Called], Any]:
    def build(called: _Called) -> Any:
        if called.result.is_whole:
            return called.arg(0)
        if called.result.is_decimal:
            return called.decimal(function, called.args[0].value)
        return call(function, called.arg(0), to=called.result)

    return build


def _plain(function: str, *, types: tuple[ColumnType, ...] = ()) -> Callable[[_Called], Any]:
    def build(called: _Called) -> Any:
        args = [called.arg(at, types[at] if at < len(types) else TEXT) for at in range(len(called.args))]
        return call(function, *args, to=called.result)

    return build


def _concat(called: _Called) -> Any:
    parts = [ibis.coalesce(called.arg(at), "") for at in range(len(called.args))]
    return functools.reduce(lambda a, b: a + b, parts)


def _substring(called: _Called) -> Any:
    """Keep the characters whose place is at least ``start`` and less than ``start + length``."""
    start, length = called.arg(1, INT64), called.arg(2, INT64)
    first = ibis.greatest(start, 1)
    count = ibis.greatest(length + ibis.least(start, 1) - 1, 0)
    cut = call("substring", called.arg(0), first, count, to=TEXT)
    # ``greatest`` and ``least`` pass over a NULL.
    known = [place.notnull() for place in (start, length) if not isinstance(place.op(), Bind)]
    return ibis.ifelse(ibis.and_(*known), cut, ibis.null("string")) if known else cut


def _part(function: str) -> Callable[[_Called], Any]:
    return lambda called: call(function, called.moments.local(called.args[0]), to=INT64)


def _coalesce(called: _Called) -> Any:
    return ibis.coalesce(*(called.arg(at) for at in range(len(called.args))))


def _null_if(called: _Called) -> Any:
    first, second = called.args
    together = common_type((first.type, second.type)) or first.type
    same = as_type(first, together, called.target) == as_type(second, together, called.target)
    return ibis.ifelse(same, ibis.null(ibis_type(called.result)), first.value)


def _to_text(called: _Called) -> Any:
    """Write a value as it is shown; DuckDB leaves out the 0 of 0.5 where the type has no digit for it."""
    number = called.args[0].type
    if number.is_decimal and number.precision_scale[0] == number.precision_scale[1] < MAX_DIGITS:
        digits = number.precision_scale[1]
        wide = decimal(digits + 1, digits)
        return called.target.cast(Typed(called.arg(0, wide), wide), TEXT)
    return called.arg(0)


_NUMERAL = r"\s*[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,4})?\s*"
_DAY = r"\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?)?"


def _read(text: Any, pattern: str, column_type: ColumnType) -> Any:
    """Return text read as a type where the pattern matches, else NULL."""
    matched = call("regexp_full_match", text, ibis.literal(pattern), to=BOOLEAN)
    return ibis.ifelse(matched, text, ibis.null("string")).try_cast(ibis_type(column_type))


def _to_number(called: _Called) -> Any:
    if called.args[0].type != TEXT:
        return called.arg(0)
    return _read(called.args[0].value, _NUMERAL, called.result)


def _to_date(called: _Called) -> Any:
    if called.args[0].type != TEXT:
        return called.arg(0)
    bare = call("trim", called.args[0].value, to=TEXT)  # no blank may follow a time that is cast
    return called.target.written_as(_read(bare, _DAY, TIMESTAMP), DATE)


_BUILD: dict[str, Callable[[_Called], Any]] = {
    "add": _arithmetic("add"),
    "subtract": _arithmetic("subtract"),
    "multiply": _arithmetic("multiply"),
    "divide": _divide,
    "modulo": _modulo,
    "negate": lambda called: -called.arg(0),
    "abs": lambda called: call("abs", called.arg(0), to=called.result),
    "round": _round,
    "floor": _whole("floor"),
    "ceil": _whole("ceil"),
    "concat": _concat,
    "upper": _plain("upper"),
    "lower": _plain("lower"),
    "trim": _plain("trim"),
    "length": _plain("length"),
    "substring": _substring,
    "replace": _plain("replace"),
    "year": _part("year"),
    "quarter": _part("quarter"),
    "month": _part("month"),
    "day": _part("day"),
    "hour": _part("hour"),
    "weekday": _part("isodow"),
    "truncate": lambda called: called.moments.truncate(called.literals[0], called.args[0]),
    "date_add": lambda called: called.moments.add(called.literals[0], called.arg(0, INT64), called.args[1]),
    "date_diff": lambda called: called.moments.difference(called.literals[0], *called.args),
    "coalesce": _coalesce,
    "null_if": _null_if,
    "to_text": _to_text,
    "to_number": _to_number,
    "to_date": _to_date,
}
