"""A value is typed by its column exactly, or refused with what would do."""

# ruff: noqa: DTZ001 - times without a zone are part of the contract

from __future__ import annotations

import datetime as dt
import math
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aurora_widgets.errors import Fault
from aurora_widgets.query.types import (
    BOOLEAN,
    DATE,
    FLOAT64,
    INT64,
    INT128,
    NESTED,
    TEXT,
    TIMESTAMP,
    TIMESTAMPTZ,
    ColumnType,
    decimal,
)
from aurora_widgets.query.values import join_list, split_list, typed, typed_list

INT8, UINT128, FLOAT32 = ColumnType("int8"), ColumnType("uint128"), ColumnType("float32")
PRICE = decimal(12, 2)


@pytest.mark.parametrize(
    ("value", "column_type", "expected"),
    [
        (3, INT64, 3),
        ("3", INT64, 3),
        (" -007 ", INT64, -7),
        ("1e5", INT64, 100_000),
        (Decimal("1E+5"), INT64, 100_000),
        (Decimal("3.0"), INT64, 3),
        (Decimal("3.5"), INT64, Decimal("3.5")),
        (1000, INT8, 1000),
        (10**37, INT64, 10**37),
        (2**127 - 1, INT128, 2**127 - 1),
        (str(-(2**127)), INT128, -(2**127)),
        (2**128 - 1, UINT128, 2**128 - 1),
        ("12.50", PRICE, Decimal("12.50")),
        ("12.505", PRICE, Decimal("12.505")),
        (0.1, PRICE, Decimal("0.1")),
        (Decimal("0E-99"), PRICE, 0),
        (Decimal("0.1"), FLOAT64, 0.1),
        (Decimal("0.1"), FLOAT32, 0.10000000149011612),
        ("Infinity", FLOAT64, math.inf),
        ("-infinity", FLOAT64, -math.inf),
        ("a", TEXT, "a"),
        ("", TEXT, ""),
        (dt.date(2024, 2, 29), TEXT, "2024-02-29"),
        (True, BOOLEAN, True),
        ("False", BOOLEAN, False),
        ("2024-02-29", DATE, dt.date(2024, 2, 29)),
        (dt.date(2024, 2, 29), DATE, dt.date(2024, 2, 29)),
        ("2024-02-29", TIMESTAMP, dt.date(2024, 2, 29)),
        ("2024-02-29T13:30", TIMESTAMP, dt.datetime(2024, 2, 29, 13, 30)),
        ("2024-02-29 13:30:15.25", TIMESTAMP, dt.datetime(2024, 2, 29, 13, 30, 15, 250_000)),
        ("2024-02-29 13:30:15.123456000", TIMESTAMP, dt.datetime(2024, 2, 29, 13, 30, 15, 123_456)),
        ("2024-02-29 13:30", TIMESTAMPTZ, dt.datetime(2024, 2, 29, 13, 30)),
        ("2024-02-29T13:30Z", TIMESTAMPTZ, dt.datetime(2024, 2, 29, 13, 30, tzinfo=dt.UTC)),
        ("2024-02-29T13:30:00+01:30", TIMESTAMPTZ, dt.datetime(2024, 2, 29, 12, 0, tzinfo=dt.UTC)),
    ],
)
def test_what_fits_becomes_the_columns_type(value: object, column_type: ColumnType, expected: object) -> None:
    result = typed(value, column_type, "p", "c")
    assert (result, type(result)) == (expected, type(expected))


def test_nan_is_a_number_of_float_columns_alone() -> None:
    assert math.isnan(typed("NaN", FLOAT64, "p", "c"))
    assert isinstance(typed("NaN", PRICE, "p", "c"), Fault)
    assert isinstance(typed(float("nan"), INT64, "p", "c"), Fault)


@pytest.mark.parametrize(
    ("value", "column_type", "says", "suggestion"),
    [
        ("12,5", PRICE, "a point", "12.5"),
        ("1,234,567.5", PRICE, "a point", "1234567.5"),
        ("1,234", PRICE, "a point", None),
        ("1_000", INT64, "a point", None),
        ("abc", INT64, "a number", None),
        ("", INT64, "a number", None),
        ("0x10", INT64, "a number", None),
        ("\u0661", INT64, "a number", None),
        ("9" * 39, INT64, "38 digits", None),
        (10**2000, INT64, "38 digits", None),
        (2**127, INT128, "38 digits", None),
        (Decimal("1E-39"), PRICE, "38 digits", None),
        (True, INT64, "a number", None),
        ("1e400", FLOAT64, "larger", None),
        ("1e39", FLOAT32, "larger", None),
        (5, TEXT, "in quotes", "5"),
        (1, BOOLEAN, "true or false", None),
        ("2024-02-30", DATE, "no such day", None),
        ("30/02/2024", DATE, "year-month-day", None),
        ("20240229", DATE, "year-month-day", None),
        ("2024-02-29T00:00:00", DATE, "year-month-day", None),
        (20240229, DATE, "year-month-day", None),
        ("2024-02-29 25:00", TIMESTAMP, "no such day or time", None),
        ("2024-02-29 13:30:00.1234567", TIMESTAMP, "microsecond", None),
        ("2024-02-29T13:30Z", TIMESTAMP, "no time zone", None),
        ("noon", TIMESTAMP, "date and time", None),
        (None, INT64, "is empty", None),
        ("[1]", NESTED, "whether it is empty", None),
    ],
)
def test_what_does_not_fit_is_refused_with_what_would_do(
    value: object, column_type: ColumnType, says: str, suggestion: str | None
) -> None:
    fault = typed(value, column_type, "steps[0].where.value", "revenue")
    assert isinstance(fault, Fault)
    assert says in fault.message
    assert "`revenue`" in fault.message
    assert (fault.code, fault.path, fault.suggestion) == ("wrong-value", "steps[0].where.value", suggestion)
    assert len(fault.message) < 250


def test_the_bad_item_of_a_list_is_named() -> None:
    good, faults = typed_list(["1", "abc", 3, "12,5"], INT64, "steps[0].where.values", "month")
    assert good == (1, 3)
    assert [fault.path for fault in faults] == ["steps[0].where.values[1]", "steps[0].where.values[3]"]
    assert "`abc` does not fit `month`" in faults[0].message


@pytest.mark.parametrize(
    ("text", "items"),
    [
        ('a, b, "c, d"', ["a", "b", "c, d"]),
        ("", []),
        (" , ,", []),
        ("a,,b,", ["a", "b"]),
        ("a\n b \r\nc", ["a", "b", "c"]),
        ('""', [""]),
        ('"say ""hi""", x', ['say "hi"', "x"]),
        ('5" pipe, 6" pipe', ['5" pipe', '6" pipe']),
        ('"open, end', ['"open', "end"]),
        ('"a" b, c', ['"a" b', "c"]),
        (' " spaced " ', [" spaced "]),
    ],
)
def test_comma_separated_text_becomes_a_list(text: str, items: list[str]) -> None:
    assert split_list(text) == items


@given(st.lists(st.text()))
def test_a_list_comes_back_from_its_text(items: list[str]) -> None:
    assert split_list(join_list(items)) == items
