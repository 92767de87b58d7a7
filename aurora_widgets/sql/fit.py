"""How a value stands to a column's type, and the same value as the type's own.

A comparison never widens the column (which would cost its statistics, or lose digits): a
value that the column could not hold is compared by what follows from that instead.
"""

from __future__ import annotations

import datetime as dt
import enum
import functools
from decimal import ROUND_FLOOR, Context, Decimal
from typing import TYPE_CHECKING

from aurora_widgets.query.types import UNKNOWN, ColumnType

if TYPE_CHECKING:
    from aurora_widgets.query.model import Scalar

_EXACT = Context(prec=500)


class Fit(enum.Enum):
    """How a value stands to a type."""

    HELD = "the type holds it"
    BETWEEN = "it lies between two values of the type"
    ABOVE = "it is greater than every value of the type"
    BELOW = "it is less than every value of the type"


@functools.lru_cache(maxsize=256)
def bounds(column_type: ColumnType) -> tuple[Decimal, Decimal] | None:
    """Return the least and the greatest value of an exact number type."""
    if column_type.is_decimal:
        precision, scale = column_type.precision_scale
        most = Decimal(10**precision - 1).scaleb(-scale, _EXACT)
        return -most, most
    if column_type.is_whole:
        bits = int(column_type.name.lstrip("uint"))
        if column_type.name.startswith("u"):
            return Decimal(0), Decimal(2**bits - 1)
        return Decimal(-(2 ** (bits - 1))), Decimal(2 ** (bits - 1) - 1)
    return None


def fit(value: Scalar, column_type: ColumnType) -> Fit:
    """Return how a value stands to the type of the column it is compared with."""
    limits = bounds(column_type)
    if limits is None or not isinstance(value, int | float | Decimal):
        return Fit.HELD
    if isinstance(value, int) and limits[0] <= value <= limits[1]:
        return Fit.HELD
    number = Decimal(value)
    if number.is_nan() or number > limits[1]:
        return Fit.ABOVE
    if number < limits[0]:
        return Fit.BELOW
    return Fit.HELD if _floor(number, column_type) == number else Fit.BETWEEN


def held(value: Scalar, column_type: ColumnType) -> Scalar:
    """Return the value as its type's own, rounded down where it lies between two."""
    if value is None or column_type == UNKNOWN:
        return value
    if column_type.is_whole:
        return int(_floor(Decimal(value), column_type)) if isinstance(value, float | Decimal) else value
    if column_type.is_decimal:
        return _floor(Decimal(value), column_type)  # type: ignore[arg-type]
    if column_type.is_float:
        return float(value)  # type: ignore[arg-type]
    if column_type.name.startswith("timestamp") and not isinstance(value, dt.datetime):
        return dt.datetime.combine(value, dt.time())  # type: ignore[arg-type]
    return value


def _floor(number: Decimal, column_type: ColumnType) -> Decimal:
    scale = column_type.precision_scale[1] if column_type.is_decimal else 0
    return number.quantize(Decimal(1).scaleb(-scale), rounding=ROUND_FLOOR, context=_EXACT)
