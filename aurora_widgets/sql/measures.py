"""Measures as Ibis aggregates: a table from name to builder."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import ibis

from aurora_widgets.query.measures import MEASURES
from aurora_widgets.query.types import FLOAT64, INT128, ColumnType
from aurora_widgets.sql.datatypes import ibis_type
from aurora_widgets.sql.target import Target, Typed

if TYPE_CHECKING:
    from collections.abc import Callable

    import ibis.expr.types as ir

    from aurora_widgets.query.model import Measure

_BUILD: dict[str, Callable[[Any], Any]] = {
    "sum": lambda column: column.sum(),
    "avg": lambda column: column.mean(),
    "min": lambda column: column.min(),
    "max": lambda column: column.max(),
    "count": lambda column: column.count(),
    "distinct_count": lambda column: column.nunique(),
}
_DOUBLED = ("sum", ColumnType("uint128"))
"""The one sum of integers that DuckDB makes a double of."""


_RAISING = {"stddev", "variance"}
"""Measures that DuckDB refuses with an error where a value is NaN or infinite."""


def _finite(build: Callable[[Any], Any], column: Any) -> Any:
    """Return the measure, or NaN where a value is not finite."""
    odd = column.isnan() | column.isinf()
    return ibis.ifelse(
        odd.any(), ibis.literal(math.nan), build(ibis.ifelse(odd, ibis.null("float64"), column))
    )


def aggregate(measure: Measure, table: ir.Table, column: Typed | None, target: Target) -> Typed:
    """Return a measure of a table's rows as a typed Ibis scalar."""
    row = MEASURES[measure.fn]
    result = row.result(None if column is None else column.type)
    if column is None:
        return Typed(table.count(), result)
    if row.build is None:
        value = target.cast(column, INT128) if (measure.fn, column.type) == _DOUBLED else column.value
        built = _BUILD[measure.fn](value)
        # DuckDB makes a double of decimals' average, and Ibis a decimal of their few digits.
        wrong = result == FLOAT64 and built.type() != ibis_type(FLOAT64)
        return Typed(target.written_as(built, FLOAT64) if wrong else built, result)
    # A double made of decimals is computed in doubles, not rounded to the decimals' scale first.
    value = target.cast(column, FLOAT64) if result == FLOAT64 and column.type.is_decimal else column.value
    built = _finite(row.build, value) if measure.fn in _RAISING and column.type.is_float else row.build(value)
    return Typed(built if built.type() == ibis_type(result) else target.written_as(built, result), result)
