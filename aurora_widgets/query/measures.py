"""The measures of an aggregate, as a table by type.

The six of the contract have their SQL in the SQL room; every other one, shipped or from
a package, is a row that brings its own ``build``, through the entry point group
``aurora_widgets.measures``::

    [project.entry-points."aurora_widgets.measures"]
    geometric_mean = "my_package:GEOMETRIC_MEAN"
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from aurora_widgets.query.registry import Registry
from aurora_widgets.query.types import FLOAT64, INT64, INT128, ColumnType, Family, decimal

if TYPE_CHECKING:
    from collections.abc import Callable

_WIDEST = 38
"""Digits of the widest decimal, in DuckDB and in Oracle."""


@dataclass(frozen=True, slots=True)
class MeasureFunction:
    """One measure.

    Parameters
    ----------
    fn
        As the document writes it.
    label
        As a person reads it.
    families
        The types of column that it takes.
    result
        The type of the result, by the column's; ``None`` is a measure of rows.
    needs_column
        Whether the column may not be left out.
    build
        Of a registered measure, its meaning: ``build(column)`` takes an Ibis column and
        returns an Ibis scalar, NULL where there is no value.
    """

    fn: str
    label: str
    families: frozenset[Family]
    result: Callable[[ColumnType | None], ColumnType]
    needs_column: bool = True
    build: Callable[[Any], Any] | None = None

    @property
    def name(self) -> str:
        """The key of the table."""
        return self.fn


def _sum(column: ColumnType | None) -> ColumnType:
    """Return a type that holds any sum: hugeint, the widest decimal of the scale, a double."""
    if column is None or column.is_whole:
        return INT128
    return decimal(_WIDEST, column.precision_scale[1]) if column.is_decimal else FLOAT64


def _same(column: ColumnType | None) -> ColumnType:
    return column or INT64


def _double(_: ColumnType | None) -> ColumnType:
    return FLOAT64


def _count(_: ColumnType | None) -> ColumnType:
    return INT64


_NUMBER = frozenset({Family.NUMBER})
_ORDERED = frozenset({Family.NUMBER, Family.TEXT, Family.DATE, Family.TIMESTAMP})
_ANY = frozenset(Family)

MEASURES: Registry[MeasureFunction] = Registry(
    MeasureFunction,
    "aurora_widgets.measures",
    (
        MeasureFunction("sum", "Sum", _NUMBER, _sum),
        MeasureFunction("avg", "Average", _NUMBER, _double),
        MeasureFunction("min", "Minimum", _ORDERED, _same),
        MeasureFunction("max", "Maximum", _ORDERED, _same),
        MeasureFunction("count", "Count", _ANY, _count, needs_column=False),
        MeasureFunction("distinct_count", "Distinct count", _ANY, _count),
        MeasureFunction("median", "Median", _NUMBER, _double, build=lambda column: column.median()),
        MeasureFunction(
            "stddev", "Standard deviation", _NUMBER, _double, build=lambda column: column.std(how="sample")
        ),
        MeasureFunction(
            "variance", "Variance", _NUMBER, _double, build=lambda column: column.var(how="sample")
        ),
    ),
)
"""Every measure by name, in the order to offer them."""


def measures_for(column_type: ColumnType) -> tuple[MeasureFunction, ...]:
    """Return the measures that a column of this type has, in the order to offer them."""
    return tuple(row for row in MEASURES.values() if column_type.family in row.families)
