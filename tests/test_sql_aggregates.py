"""What measures, buckets and totals give, in a real DuckDB."""

# ruff: noqa: DTZ001, E501 - timestamps without a zone are what is asked about; a case a line

from __future__ import annotations

import datetime as dt
import math
from decimal import Decimal
from typing import Any

import ibis
import pytest
from sql_lab import Lab, Rows, select, where

from aurora_widgets import sql

VALUES = Lab(
    v="""SELECT * FROM (VALUES
        ('a', 9223372036854775807::BIGINT, 127::TINYINT, 18446744073709551615::UBIGINT, 1.10::DECIMAL(10, 2), 1.5, 'x'),
        ('a', 9223372036854775807,         127,          18446744073709551615,          2.25,                 2.5, 'x'),
        ('a', NULL,                        NULL,         NULL,                          NULL,                 NULL, NULL),
        ('b', NULL,                        NULL,         NULL,                          NULL,                 NULL, NULL)
    ) t(g, big, tiny, unsigned, money, ratio, word)""",
    f="""SELECT * FROM (VALUES ('nan', 'nan'::DOUBLE), ('nan', 1), ('inf', 'inf'::DOUBLE), ('inf', 1),
        ('both', 'inf'::DOUBLE), ('both', '-inf'::DOUBLE)) t(g, x)""",
    e="SELECT 'a' AS g, 1 AS x, DATE '2024-01-01' AS d WHERE FALSE",
)


def aggregate(by: list[Any], *measures: tuple[str, ...], totals: str = "none") -> dict[str, Any]:
    """Return an aggregate; a measure is ``(as, fn, column)``, a key a name or an object."""
    return {
        "type": "aggregate",
        "by": [key if isinstance(key, dict) else {"column": key} for key in by],
        "measures": [dict(zip(("as", "fn", "column"), measure, strict=False)) for measure in measures],
        **({} if totals == "none" else {"totals": totals}),
    }


@pytest.mark.parametrize(
    ("fn", "column", "of_a", "of_b"),
    [
        ("sum", "big", 18446744073709551614, None),
        ("sum", "tiny", 254, None),
        ("sum", "unsigned", 36893488147419103230, None),
        ("sum", "money", Decimal("3.35"), None),
        ("sum", "ratio", 4.0, None),
        ("avg", "big", 9.223372036854775807e18, None),
        ("avg", "tiny", 127.0, None),
        ("avg", "money", 1.675, None),
        ("min", "money", Decimal("1.10"), None),
        ("max", "word", "x", None),
        ("count", "big", 2, 0),
        ("distinct_count", "word", 1, 0),
        ("distinct_count", "money", 2, 0),
        ("median", "money", 1.675, None),
        ("stddev", "ratio", math.sqrt(0.5), None),
        ("variance", "tiny", 0.0, None),
    ],
)
def test_measures_pass_over_empty_cells(fn: str, column: str, of_a: Any, of_b: Any) -> None:
    rows = VALUES.ask("v", aggregate(["g"], ("m", fn, column)))
    assert rows == [("a", pytest.approx(of_a) if isinstance(of_a, float) else of_a), ("b", of_b)]


@pytest.mark.parametrize("column", ["big", "tiny", "unsigned", "money", "ratio"])
def test_an_average_is_a_double_to_ibis_too(column: str) -> None:
    planned = VALUES.planned("v", aggregate(["g"], ("m", "avg", column)), aggregate([], ("s", "sum", "m")))
    expression = sql.to_ibis(planned, VALUES.tables, "UTC")
    assert expression.schema() == ibis.schema({"s": "float64"})
    assert expression.to_pyarrow().to_pylist() == [{"s": VALUES.run(planned)[0][0]}]


def test_count_counts_rows() -> None:
    assert VALUES.ask("v", aggregate(["g"], ("n", "count"))) == [("a", 3), ("b", 1)]
    assert VALUES.ask("v", aggregate([], ("n", "count"))) == [(4,)]


def test_no_keys_give_one_row_and_no_measures_the_keys() -> None:
    assert VALUES.ask("e", aggregate([], ("n", "count"), ("s", "sum", "x"))) == [(0, None)]
    assert VALUES.ask("e", aggregate(["g"], ("n", "count"))) == []
    assert VALUES.ask("v", aggregate(["g"])) == [("a",), ("b",)]
    assert VALUES.ask("v", aggregate(["word"])) == [("x",), (None,)]


def test_infinities_and_nan_are_summed_as_they_are() -> None:
    rows = VALUES.ask("f", aggregate(["g"], ("s", "sum", "x"), ("lo", "min", "x"), ("hi", "max", "x")))
    assert rows == [
        ("both", "NaN", -math.inf, math.inf),
        ("inf", math.inf, 1.0, math.inf),
        ("nan", "NaN", 1.0, "NaN"),
    ]


def test_a_deviation_of_what_is_not_finite_is_nan() -> None:
    rows = VALUES.ask("f", aggregate(["g"], ("s", "stddev", "x"), ("v", "variance", "x")))
    assert rows == [("both", "NaN", "NaN"), ("inf", "NaN", "NaN"), ("nan", "NaN", "NaN")]
    assert VALUES.ask("e", aggregate([], ("s", "stddev", "x"))) == [(None,)]


def test_nan_is_one_group() -> None:
    lab = Lab(t="SELECT unnest(['nan'::DOUBLE, 'nan', 0.0, -0.0, NULL, NULL]) AS x")
    assert lab.ask("t", aggregate(["x"], ("n", "count"))) == [(0.0, 2), ("NaN", 2), (None, 2)]


@pytest.mark.parametrize("table", ["v", "e"])
@pytest.mark.parametrize("totals", ["grand", "rollup"])
def test_totals_of_no_measures_are_one_row(table: str, totals: str) -> None:
    rows = VALUES.ask(table, aggregate(["g"], totals=totals))
    assert rows == ([("a", 0), ("b", 0), (None, 1)] if table == "v" else [(None, 1)])
    counted = aggregate(["g"], ("n", "count"), totals=totals)
    assert VALUES.ask(table, counted, select("g", "__total__")) == rows


MOMENTS = """SELECT * FROM (VALUES
    (DATE '2024-01-01', TIMESTAMP '2024-01-01 00:30:00', TIMESTAMPTZ '2023-12-31 23:30:00+00', 1),
    (DATE '2024-01-07', TIMESTAMP '2024-01-07 23:59:59', TIMESTAMPTZ '2024-01-07 22:59:59+00', 2),
    (DATE '2024-01-08', TIMESTAMP '2024-01-08 00:00:00', TIMESTAMPTZ '2024-01-07 23:00:00+00', 4),
    (NULL, NULL, NULL, 8)
) t(day, stamp, instant, n)"""
BERLIN = Lab("Europe/Berlin", t=MOMENTS)


def utc(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("column", "bucket", "rows"),
    [
        ("day", "year", [(dt.date(2024, 1, 1), 7), (None, 8)]),
        ("day", "week", [(dt.date(2024, 1, 1), 3), (dt.date(2024, 1, 8), 4), (None, 8)]),
        ("stamp", "week", [(dt.datetime(2024, 1, 1), 3), (dt.datetime(2024, 1, 8), 4), (None, 8)]),
        ("instant", "week", [(utc("2023-12-31T23:00"), 3), (utc("2024-01-07T23:00"), 4), (None, 8)]),
        ("instant", "year", [(utc("2023-12-31T23:00"), 7), (None, 8)]),
        ("stamp", "quarter", [(dt.datetime(2024, 1, 1), 7), (None, 8)]),
        ("stamp", "hour",
         [(dt.datetime(2024, 1, 1, 0), 1), (dt.datetime(2024, 1, 7, 23), 2), (dt.datetime(2024, 1, 8, 0), 4),
          (None, 8)]),
        ("instant", "day",
         [(utc("2023-12-31T23:00"), 1), (utc("2024-01-06T23:00"), 2), (utc("2024-01-07T23:00"), 4), (None, 8)]),
    ],
)  # fmt: skip
def test_buckets_begin_where_the_calendar_says(column: str, bucket: str, rows: Rows) -> None:
    assert BERLIN.ask("t", aggregate([{"column": column, "bucket": bucket}], ("n", "sum", "n"))) == rows


SALES = Lab(
    s="""SELECT * FROM (VALUES ('N', 'x', 1), ('N', NULL, 2), (NULL, 'x', 4), (NULL, NULL, 8), ('S', 'x', 16))
        t(region, product, n)"""
)


def test_grand_total_is_told_from_empty_keys() -> None:
    rows = SALES.ask("s", aggregate(["region"], ("n", "sum", "n"), totals="grand"))
    assert sorted(rows, key=repr) == [("N", 3, 0), ("S", 16, 0), (None, 12, 0), (None, 31, 1)]


def test_rollup_has_a_total_for_every_level() -> None:
    rows = SALES.ask("s", aggregate(["region", "product"], ("n", "sum", "n"), totals="rollup"))
    assert sorted(rows, key=repr) == [
        ("N", "x", 1, 0),
        ("N", None, 2, 0),
        ("N", None, 3, 1),
        ("S", "x", 16, 0),
        ("S", None, 16, 1),
        (None, "x", 4, 0),
        (None, None, 12, 1),
        (None, None, 31, 2),
        (None, None, 8, 0),
    ]


def test_totals_of_two_keys_made_of_one_column() -> None:
    by = [
        {"column": "day", "bucket": "year", "as": "y"},
        {"column": "day", "bucket": "month", "as": "m"},
        "day",
    ]
    rows = BERLIN.ask("t", where("n", "<", 8), aggregate(by, ("n", "sum", "n"), totals="grand"))
    assert sorted(row[-2:] for row in rows) == [(1, 0), (2, 0), (4, 0), (7, 3)]
    twice = [{"column": "region"}, {"column": "region", "as": "again"}]
    rows = SALES.ask("s", aggregate(twice, ("n", "sum", "n"), totals="rollup"))
    assert sorted(rows, key=repr) == [
        ("N", "N", 3, 0), ("N", None, 3, 1), ("S", "S", 16, 0), ("S", None, 16, 1),
        (None, None, 12, 0), (None, None, 12, 1), (None, None, 31, 2),
    ]  # fmt: skip


def test_totals_of_no_rows_and_of_no_keys() -> None:
    assert VALUES.ask("e", aggregate(["g"], ("n", "count"), totals="grand")) == [(None, 0, 1)]
    assert VALUES.ask("e", aggregate(["g"], ("n", "count"), totals="rollup")) == [(None, 0, 1)]
    assert VALUES.ask("v", aggregate([], ("n", "count"), totals="grand")) == [(4, 0)]


def test_averages_of_totals_are_of_the_rows() -> None:
    rows = SALES.ask(
        "s", aggregate(["product"], ("a", "avg", "n"), ("d", "distinct_count", "region"), totals="grand")
    )
    assert sorted(rows, key=repr) == [("x", 7.0, 2, 0), (None, 5.0, 1, 0), (None, 6.2, 2, 1)]


def test_later_filters_meet_total_rows_as_rows() -> None:
    totals = aggregate(["region"], ("n", "sum", "n"), totals="grand")
    assert SALES.ask("s", totals, where("n", ">", 12), select("region", "n")) == [("S", 16), (None, 31)]
    assert SALES.ask("s", totals, where("region", "is empty"), select("n")) == [(12,), (31,)]


def test_an_aggregate_of_an_aggregate() -> None:
    first = aggregate(["region", "product"], ("n", "sum", "n"))
    assert SALES.ask("s", first, aggregate(["region"], ("n", "count"), ("most", "max", "n"))) == [
        ("N", 2, 2), ("S", 1, 16), (None, 2, 8),
    ]  # fmt: skip


def test_a_key_and_a_measure_may_have_the_name_of_the_column() -> None:
    by = [{"column": "region", "as": "n"}]
    assert SALES.ask("s", aggregate(by, ("region", "sum", "n"))) == [("N", 3), ("S", 16), (None, 12)]
