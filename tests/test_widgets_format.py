"""Cells as texts: exact, and as a person reads them."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aurora_widgets.catalog.model import Format
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
from aurora_widgets.widgets.format import formatter, shown, width

MONEY = Format("currency", decimals=2)


@pytest.mark.parametrize(
    ("type_", "chosen", "cell", "text"),
    [
        (INT64, None, 1234567, "1,234,567"),
        (INT64, None, 0, "0"),
        (INT64, None, -5000000000, "-5,000,000,000"),
        (INT64, None, "9007199254740993", "9,007,199,254,740,993"),
        (
            INT128,
            None,
            "170141183460469231731687303715884105727",
            "170,141,183,460,469,231,731,687,303,715,884,105,727",
        ),
        (INT64, Format("integer", thousands=False), 2013, "2013"),
        (INT64, Format("text"), 2013, "2013"),
        (decimal(12, 2), None, "1234.50", "1,234.50"),
        (decimal(12, 2), None, "-0.00", "0.00"),
        (decimal(38, 10), None, "0.1234567891", "0.1234567891"),
        (decimal(38, 10), MONEY, "1.0050000000", "1.01"),
        (decimal(38, 10), MONEY, "-1.0050000000", "-1.01"),
        (decimal(38, 10), MONEY, "2.6749999999", "2.67"),
        (
            decimal(38, 2),
            None,
            "123456789012345678901234567890123456.78",
            "123,456,789,012,345,678,901,234,567,890,123,456.78",
        ),
        (FLOAT64, None, 1.005, "1.01"),
        (FLOAT64, None, 2.675, "2.68"),
        (FLOAT64, None, 0.1, "0.10"),
        (FLOAT64, None, -0.0, "0.00"),
        (FLOAT64, None, 3, "3.00"),
        (FLOAT64, None, 0.0004, "0.0004"),
        (FLOAT64, None, 1e-30, "1.00e-30"),
        (FLOAT64, None, 1e300, "1.00e+300"),
        (FLOAT64, Format("number", decimals=2), 0.0004, "0.00"),
        (FLOAT64, Format("number", decimals=0), 2.5, "3"),
        (FLOAT64, None, "NaN", "NaN"),
        (FLOAT64, None, "Infinity", "∞"),
        (FLOAT64, None, "-Infinity", "-∞"),
        (FLOAT64, Format("percent", decimals=1), 0.125, "12.5%"),
        (FLOAT64, Format("percent"), 0.0725, "7.3%"),
        (decimal(5, 4), Format("percent", decimals=0), "0.0850", "9%"),
        (BOOLEAN, None, True, "true"),
        (BOOLEAN, None, False, "false"),
        (DATE, None, "2024-02-29", "2024-02-29"),
        (TIMESTAMP, None, "2024-02-29T13:30:00", "2024-02-29 13:30:00"),
        (TIMESTAMP, None, "2024-02-29T13:30:00.120000", "2024-02-29 13:30:00.12"),
        (TIMESTAMPTZ, None, "2024-02-29T13:30:00.500+01:00", "2024-02-29 13:30:00.5+01:00"),
        (TIMESTAMP, Format("date"), "2024-02-29T13:30:00", "2024-02-29"),
        (TEXT, None, "007", "007"),
        (TEXT, None, "NaN", "NaN"),
        (TEXT, None, "", ""),
        (NESTED, None, '[1, "é"]', '[1, "é"]'),
        (ColumnType("interval"), None, "2 days", "2 days"),
    ],
)
def test_a_cell_reads_as_a_person_expects(
    type_: ColumnType, chosen: Format | None, cell: object, text: str
) -> None:
    assert formatter(type_, chosen)(cell) == text


@pytest.mark.parametrize("type_", [INT64, FLOAT64, decimal(5, 2), TEXT, DATE, TIMESTAMP, BOOLEAN, NESTED])
def test_an_empty_cell_stays_empty(type_: ColumnType) -> None:
    assert formatter(type_)(None) is None


@given(st.decimals(allow_nan=False, allow_infinity=False, places=10, min_value=-(10**27), max_value=10**27))
@settings(max_examples=100, deadline=None)
def test_decimals_lose_no_digit(number: Decimal) -> None:
    text = formatter(decimal(38, 10))(format(number, "f"))
    assert text is not None
    assert Decimal(text.replace(",", "")) == number


@given(st.decimals(allow_nan=False, allow_infinity=False, places=6, min_value=-(10**20), max_value=10**20))
@settings(max_examples=100, deadline=None)
def test_money_is_rounded_half_away_from_zero_exactly(number: Decimal) -> None:
    text = formatter(decimal(38, 6), MONEY)(format(number, "f"))
    assert text is not None
    cents = abs(int(number.scaleb(6)))
    rounded = (cents + 5_000) // 10_000
    assert abs(Decimal(text.replace(",", ""))) == Decimal(rounded).scaleb(-2)


@given(st.integers(-(2**127), 2**127))
@settings(max_examples=100, deadline=None)
def test_whole_numbers_lose_no_digit(number: int) -> None:
    cell = number if abs(number) <= 2**53 else str(number)
    text = formatter(INT128)(json.loads(json.dumps(cell)))
    assert text == f"{number:,}"


def test_a_very_long_text_is_cut_and_says_so() -> None:
    assert shown("x" * 1_000) == "x" * 1_000
    assert shown("x" * 2_000_000) == "x" * 1_000 + "…"
    assert shown(None) is None


def test_a_column_is_as_wide_as_it_needs_within_bounds() -> None:
    assert width("n", ["1"]) < width("Number of rows", ["1"]) <= 420
    assert width("x", ["y" * 500]) == 420
    assert width("", [None]) >= 48
    assert width("x", ["東京" * 8]) > width("x", ["ab" * 8])


@pytest.mark.parametrize(
    ("bucket", "type_", "cell", "text"),
    [
        ("year", DATE, "2024-01-01", "2024"),
        ("quarter", DATE, "2024-04-01", "2024 Q2"),
        ("quarter", TIMESTAMP, "2024-10-01T00:00:00", "2024 Q4"),
        ("month", DATE, "2024-06-01", "2024-06"),
        ("month", TIMESTAMPTZ, "2024-06-01T00:00:00+02:00", "2024-06"),
        ("week", DATE, "2024-06-03", "2024-W23"),
        ("week", DATE, "2024-12-30", "2025-W01"),
        ("day", TIMESTAMP, "2024-06-03T00:00:00", "2024-06-03"),
        ("hour", TIMESTAMP, "2024-06-03T13:00:00", "2024-06-03 13:00"),
        ("month", DATE, "0044-03-01 (BC)", "0044-03-01 (BC)"),
        ("month", DATE, "12024-03-01", "12024-03-01"),
        ("month", DATE, None, None),
        ("month", DATE, "2024-06-15", "2024-06-15"),
        ("quarter", TIMESTAMP, "2024-04-01T00:00:01", "2024-04-01 00:00:01"),
    ],
)
def test_a_date_that_is_cut_reads_as_what_it_was_cut_to(
    bucket: str, type_: ColumnType, cell: str | None, text: str | None
) -> None:
    assert formatter(type_, Format(bucket))(cell) == text


@pytest.mark.parametrize("bucket", ["year", "quarter", "month", "week", "day"])
@given(st.lists(st.dates(), min_size=2, max_size=9))
def test_buckets_sort_as_their_dates(bucket: str, days: list[dt.date]) -> None:
    cut = {
        "year": lambda day: day.replace(month=1, day=1),
        "quarter": lambda day: day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1),
        "month": lambda day: day.replace(day=1),
        "week": lambda day: day if day.toordinal() < 7 else day - dt.timedelta(day.weekday()),
        "day": lambda day: day,
    }[bucket]
    first = sorted(cut(day) for day in days)
    show = formatter(DATE, Format(bucket))
    texts = [show(day.isoformat()) for day in first]
    assert texts == sorted(texts, key=str)


def test_a_moment_shows_its_nanoseconds() -> None:
    assert formatter(TIMESTAMP)("2024-06-03T13:00:00.123456789") == "2024-06-03 13:00:00.123456789"
