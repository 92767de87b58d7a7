"""The functions of an expression: a closed table of names, arguments and result types.

A constant takes the type that its place wants; so a signature names the families that a
place accepts. What a function means in SQL is the SQL room's.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

from aurora_widgets.query.model import Bucket
from aurora_widgets.query.types import (
    DATE,
    FLOAT64,
    INT64,
    INT128,
    TEXT,
    TIMESTAMP,
    UNKNOWN,
    ColumnType,
    Family,
    decimal,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

BUCKETS: tuple[Bucket, ...] = get_args(Bucket)
"""What a date can be cut to, coarse to fine."""

MAX_DIGITS = 38
"""Digits of the widest decimal, in DuckDB and in Oracle; ``round`` takes as many."""

Literally = Literal["unit", "digits"]
"""An argument that is a constant by itself: a bucket's name, or a whole number of digits."""


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument: what it may be.

    Parameters
    ----------
    name
        For faults and documentation.
    families
        Types that the place takes; a constant there is typed by them.
    literally
        Set where only a constant will do.
    optional
        May be left out (the last only).
    """

    name: str
    families: frozenset[Family]
    literally: Literally | None = None
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Function:
    """One function.

    Parameters
    ----------
    name
        As the document writes it.
    arguments
        In order.
    result
        The type of the result by the arguments' types.
    more
        Whether the last argument may be repeated.
    alike
        Whether the arguments must have a common type (``coalesce``, ``null_if``).
    """

    name: str
    arguments: tuple[Argument, ...]
    result: Callable[[Sequence[ColumnType]], ColumnType]
    more: bool = False
    alike: bool = False

    @property
    def least(self) -> int:
        """How many arguments it takes at least."""
        return sum(not argument.optional for argument in self.arguments)

    @property
    def most(self) -> int | None:
        """How many arguments it takes at most; ``None`` is any number."""
        return None if self.more else len(self.arguments)

    def argument(self, index: int) -> Argument:
        """Return what the argument at that place may be."""
        return self.arguments[min(index, len(self.arguments) - 1)]


_WHOLE_DIGITS = {8: 3, 16: 5, 32: 10, 64: 19, 128: 38}


def _bits(whole: ColumnType) -> int:
    """Return the width of the signed integer that holds every value of ``whole``."""
    width = int(whole.name.lstrip("uint"))
    return min(128, width * 2) if whole.name.startswith("u") else width


def _as_decimal(number: ColumnType) -> tuple[int, int]:
    if number.is_decimal:
        return number.precision_scale
    return _WHOLE_DIGITS[_bits(number)], 0


def _numbers(types: Sequence[ColumnType], carry: int = 0) -> ColumnType:
    """Return the number type that holds each of these, with ``carry`` digits more.

    Floats win; then decimals, as wide as the widest whole part and the finest scale
    (38 digits at most); integers are ``int64``, or ``int128`` where one may not fit.
    """
    known = [each for each in types if each.family is Family.NUMBER]
    if not known:
        return INT64
    if any(each.is_float for each in known):
        return FLOAT64
    if any(each.is_decimal for each in known):
        shapes = [_as_decimal(each) for each in known]
        scale = max(scale for _, scale in shapes)
        whole = max(precision - scale for precision, scale in shapes)
        return decimal(min(MAX_DIGITS, whole + scale + carry), scale)
    return INT128 if any(_bits(each) > _bits(INT64) for each in known) else INT64


def common_type(types: Iterable[ColumnType]) -> ColumnType | None:
    """Return the one type that holds all of these, or ``None``.

    ``unknown`` (an untyped NULL) goes with anything. Numbers go together, and a date goes
    with timestamps as its midnight; everything else only with its own kind.
    """
    known = list(dict.fromkeys(each for each in types if each != UNKNOWN))
    if len(known) <= 1:
        return known[0] if known else UNKNOWN
    families = {each.family for each in known}
    if families == {Family.NUMBER}:
        return _numbers(known)
    stamps = [each for each in known if each.family is Family.TIMESTAMP]
    if families <= {Family.DATE, Family.TIMESTAMP} and len(stamps) == 1:
        return stamps[0]
    return None


def _sum_of(types: Sequence[ColumnType]) -> ColumnType:
    return _numbers(types, carry=1)


def _product_of(types: Sequence[ColumnType]) -> ColumnType:
    plain = _numbers(types)
    if not plain.is_decimal:
        return plain
    shapes = [_as_decimal(each) for each in types if each.family is Family.NUMBER]
    scale = sum(scale for _, scale in shapes)
    if scale > MAX_DIGITS:
        return FLOAT64
    return decimal(min(MAX_DIGITS, sum(precision for precision, _ in shapes)), scale)


def _first_number(types: Sequence[ColumnType]) -> ColumnType:
    return _numbers(types[:1])


def _rounded(types: Sequence[ColumnType]) -> ColumnType:
    """Return the argument's type; a decimal keeps its scale, as the digits may be fewer."""
    plain = _numbers(types[:1])
    if not plain.is_decimal:
        return plain
    precision, scale = plain.precision_scale
    return decimal(min(MAX_DIGITS, precision + 1), scale)


def _whole(types: Sequence[ColumnType]) -> ColumnType:
    plain = _numbers(types[:1])
    if not plain.is_decimal:
        return plain
    precision, scale = plain.precision_scale
    return decimal(min(MAX_DIGITS, precision - scale + 1), 0)


def _moment(types: Sequence[ColumnType]) -> ColumnType:
    """Return the type of the date or timestamp among the arguments (a NULL is a timestamp's)."""
    return next((each for each in types if each.family in _MOMENT), TIMESTAMP)


def _together(types: Sequence[ColumnType]) -> ColumnType:
    return common_type(types) or UNKNOWN


def _first(types: Sequence[ColumnType]) -> ColumnType:
    return types[0]


def _number_of(types: Sequence[ColumnType]) -> ColumnType:
    """Return a number as it is; text is read as an exact decimal, never through a float."""
    return types[0] if types[0].family is Family.NUMBER else decimal(MAX_DIGITS, 10)


def _always(column_type: ColumnType) -> Callable[[Sequence[ColumnType]], ColumnType]:
    return lambda _: column_type


_NUMBER = frozenset({Family.NUMBER})
_TEXT = frozenset({Family.TEXT})
_MOMENT = frozenset({Family.DATE, Family.TIMESTAMP})
_STAMP = frozenset({Family.TIMESTAMP})
_PLAIN = frozenset(Family) - {Family.OTHER}

_a, _b = Argument("a", _NUMBER), Argument("b", _NUMBER)
_x = Argument("x", _NUMBER)
_text = Argument("text", _TEXT)
_when = Argument("x", _MOMENT)
_unit = Argument("unit", _TEXT, literally="unit")

FUNCTIONS: dict[str, Function] = {
    row.name: row
    for row in (
        Function("add", (_a, _b), _sum_of),
        Function("subtract", (_a, _b), _sum_of),
        Function("multiply", (_a, _b), _product_of),
        Function("divide", (_a, _b), _always(FLOAT64)),
        Function("modulo", (_a, _b), _numbers),
        Function("negate", (_x,), _first_number),
        Function("abs", (_x,), _first_number),
        Function("round", (_x, Argument("digits", _NUMBER, literally="digits", optional=True)), _rounded),
        Function("floor", (_x,), _whole),
        Function("ceil", (_x,), _whole),
        Function("concat", (_text,), _always(TEXT), more=True),
        Function("upper", (_text,), _always(TEXT)),
        Function("lower", (_text,), _always(TEXT)),
        Function("trim", (_text,), _always(TEXT)),
        Function("length", (_text,), _always(INT64)),
        Function(
            "substring", (_text, Argument("start", _NUMBER), Argument("length", _NUMBER)), _always(TEXT)
        ),
        Function("replace", (_text, Argument("from", _TEXT), Argument("to", _TEXT)), _always(TEXT)),
        Function("year", (_when,), _always(INT64)),
        Function("quarter", (_when,), _always(INT64)),
        Function("month", (_when,), _always(INT64)),
        Function("day", (_when,), _always(INT64)),
        Function("hour", (Argument("x", _STAMP),), _always(INT64)),
        Function("weekday", (_when,), _always(INT64)),
        Function("truncate", (_unit, _when), _moment),
        Function("date_add", (_unit, Argument("n", _NUMBER), _when), _moment),
        Function("date_diff", (_unit, Argument("from", _MOMENT), Argument("to", _MOMENT)), _always(INT64)),
        Function("coalesce", (Argument("a", _PLAIN),), _together, more=True, alike=True),
        Function("null_if", (Argument("a", _PLAIN), Argument("b", _PLAIN)), _first, alike=True),
        Function("to_text", (Argument("x", _PLAIN),), _always(TEXT)),
        Function("to_number", (Argument("x", _NUMBER | _TEXT),), _number_of),
        Function("to_date", (Argument("x", _MOMENT | _TEXT),), _always(DATE)),
    )
}
"""Every function by name."""


def buckets_for(column_type: ColumnType) -> tuple[Bucket, ...]:
    """Return the units that a date or timestamp can be cut to or moved by; a date has no hours."""
    if column_type.family is Family.TIMESTAMP:
        return BUCKETS
    return BUCKETS[:-1] if column_type.family is Family.DATE else ()
