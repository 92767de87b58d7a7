"""What each operator keeps, in a real DuckDB."""

# ruff: noqa: E501 - a table of cases reads best with a row a line

from __future__ import annotations

from typing import Any

import pytest
from sql_lab import Lab, select, where

from aurora_widgets.plan import Planned
from aurora_widgets.query.model import Condition, Filter, Query, Select
from aurora_widgets.query.types import ColumnType, Field

NUMBERS = Lab(
    n="""SELECT * FROM (VALUES
        ('one',  1::INTEGER,    1.10::DECIMAL(10, 2),  1.1::DOUBLE,        1.1::FLOAT),
        ('two',  2,             2.25,                  'inf'::DOUBLE,      2.5::FLOAT),
        ('many', 2147483647,    99999999.99,           'nan'::DOUBLE,      'nan'::FLOAT),
        ('low',  -2147483648,   -99999999.99,          '-inf'::DOUBLE,     '-inf'::FLOAT),
        ('none', NULL,          NULL,                  NULL,               NULL)
    ) t(name, whole, money, ratio, small)"""
)


def kept(lab: Lab, table: str, column: str, op: str, *value: Any, **more: Any) -> list[Any]:
    name = lab.catalog[table].columns[0].name
    return [row[0] for row in lab.ask(table, where(column, op, *value, **more), select(name))]


@pytest.mark.parametrize(
    ("column", "op", "operand", "names"),
    [
        ("whole", "=", {"value": 2}, ["two"]),
        ("whole", "!=", {"value": 2}, ["one", "many", "low", "none"]),
        ("whole", "<", {"value": 2}, ["one", "low"]),
        ("whole", "<=", {"value": 2}, ["one", "two", "low"]),
        ("whole", ">", {"value": 1}, ["two", "many"]),
        ("whole", ">=", {"value": 2}, ["two", "many"]),
        ("whole", "between", {"low": 1, "high": 2}, ["one", "two"]),
        ("whole", "not between", {"low": 1, "high": 2}, ["many", "low", "none"]),
        ("whole", "in", {"values": [1, 2, 3]}, ["one", "two"]),
        ("whole", "not in", {"values": [1, 2, 3]}, ["many", "low", "none"]),
        ("whole", "in", {"values": []}, []),
        ("whole", "not in", {"values": []}, ["one", "two", "many", "low", "none"]),
        ("whole", "is empty", {}, ["none"]),
        ("whole", "is not empty", {}, ["one", "two", "many", "low"]),
        ("money", "=", {"value": "2.25"}, ["two"]),
        ("money", "in", {"values": [1.1, 2.25]}, ["one", "two"]),
        ("ratio", "=", {"value": 1.1}, ["one"]),
        ("small", "=", {"value": 1.1}, ["one"]),
        ("small", "in", {"values": [1.1, 2.5]}, ["one", "two"]),
    ],
)
def test_numbers_are_compared(column: str, op: str, operand: dict[str, Any], names: list[str]) -> None:
    assert kept(NUMBERS, "n", column, op, **operand) == names


@pytest.mark.parametrize(
    ("op", "operand", "names"),
    [
        ("=", {"value": "NaN"}, ["many"]),
        ("!=", {"value": "NaN"}, ["one", "two", "low", "none"]),
        (">", {"value": "Infinity"}, ["many"]),
        (">=", {"value": "Infinity"}, ["two", "many"]),
        ("<", {"value": "NaN"}, ["one", "two", "low"]),
        ("<=", {"value": "NaN"}, ["one", "two", "many", "low"]),
        ("in", {"values": ["NaN", "-Infinity"]}, ["many", "low"]),
        ("not in", {"values": ["NaN", "-Infinity"]}, ["one", "two", "none"]),
        ("between", {"low": "Infinity", "high": "NaN"}, ["two", "many"]),
        ("not between", {"low": "Infinity", "high": "NaN"}, ["one", "low", "none"]),
    ],
)
def test_nan_equals_nan_and_stands_above_infinity(op: str, operand: dict[str, Any], names: list[str]) -> None:
    assert kept(NUMBERS, "n", "ratio", op, **operand) == names


@pytest.mark.parametrize(
    ("column", "op", "operand", "names"),
    [
        ("whole", "<", {"value": "1.5"}, ["one", "low"]),
        ("whole", "<=", {"value": "-1.5"}, ["low"]),
        ("whole", ">", {"value": "1.5"}, ["two", "many"]),
        ("whole", ">=", {"value": "1.5"}, ["two", "many"]),
        ("whole", "=", {"value": "1.5"}, []),
        ("whole", "!=", {"value": "1.5"}, ["one", "two", "many", "low", "none"]),
        ("whole", "in", {"values": ["1.5", 2, 10**30]}, ["two"]),
        ("whole", "not in", {"values": ["1.5", 10**30]}, ["one", "two", "many", "low", "none"]),
        ("whole", "between", {"low": "0.5", "high": "1.5"}, ["one"]),
        ("whole", "<", {"value": 2147483648}, ["one", "two", "many", "low"]),
        ("whole", ">", {"value": 2147483648}, []),
        ("whole", ">", {"value": -(10**30)}, ["one", "two", "many", "low"]),
        ("whole", "not between", {"low": -(10**30), "high": 10**30}, ["none"]),
        ("money", "<", {"value": "2.2500000000000000000000000000000000001"}, ["one", "two", "low"]),
        ("money", ">=", {"value": "2.2500000000000000000000000000000000001"}, ["many"]),
        ("money", "<=", {"value": "2.255"}, ["one", "two", "low"]),
        ("money", ">", {"value": "-99999999.995"}, ["one", "two", "many", "low"]),
        ("money", ">", {"value": "99999999.991"}, []),
        ("money", "<", {"value": 10**20}, ["one", "two", "many", "low"]),
        ("money", "!=", {"value": "2.255"}, ["one", "two", "many", "low", "none"]),
    ],
)
def test_a_value_the_column_cannot_hold_is_compared_exactly(
    column: str, op: str, operand: dict[str, Any], names: list[str]
) -> None:
    assert kept(NUMBERS, "n", column, op, **operand) == names


HUGE = Lab(
    h="""SELECT * FROM (VALUES
        ('top',  170141183460469231731687303715884105727::HUGEINT, 18446744073709551615::UBIGINT,
                 9223372036854775807::BIGINT, 9999999999999999999999999999.9999999999::DECIMAL(38, 10)),
        ('next', 170141183460469231731687303715884105726, 18446744073709551614, 9223372036854775806,
                 9999999999999999999999999999.9999999998),
        ('zero', 0, 0, 0, 0)
    ) t(name, hugeint, ubigint, bigint, wide)"""
)


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("hugeint", "99999999999999999999999999999999999999"),
        ("ubigint", "18446744073709551614"),
        ("bigint", "9223372036854775806"),
        ("wide", "9999999999999999999999999999.9999999998"),
    ],
)
def test_the_largest_numbers_lose_no_digit(column: str, value: str) -> None:
    above = ["top", "next"] if column == "hugeint" else ["top"]
    assert kept(HUGE, "h", column, ">", value=value) == above
    assert kept(HUGE, "h", column, "=", value=value) == ([] if column == "hugeint" else ["next"])
    assert kept(HUGE, "h", column, "<", value=value) == ["zero"]


def test_numbers_beyond_64_bits_are_found_in_a_list() -> None:
    assert kept(HUGE, "h", "ubigint", "in", values=[0, 18446744073709551615]) == ["top", "zero"]


WORDS = Lab(
    w=r"""SELECT * FROM (VALUES
        (1, 'Anna'), (2, 'anna'), (3, 'Banana'), (4, '100%'), (5, '1000'), (6, 'a_b'), (7, 'axb'), (8, ''),
        (9, NULL), (10, 'Straße'), (11, 'STRASSE'), (12, 'ΟΔΟΣ'), (13, 'οδός'), (14, 'İzmir'), (15, 'izmir'),
        (16, 'O''Brien "x" \ y'), (17, 'nul' || chr(0) || 'l'), (18, 'Müller'), (19, 'MÜLLER'), (20, 'STRAẞE'),
        (21, 'οδος')
    ) t(id, word)"""
)
EVERYBODY = list(range(1, 22))


@pytest.mark.parametrize(
    ("op", "operand", "ids"),
    [
        ("=", {"value": "anna"}, [2]),
        ("=", {"value": "anna", "case_sensitive": False}, [1, 2]),
        ("in", {"values": ["anna", "100%"]}, [2, 4]),
        ("in", {"values": ["ANNA", "MÜLLER"], "case_sensitive": False}, [1, 2, 18, 19]),
        ("contains", {"value": "AN"}, [1, 2, 3]),
        ("contains", {"value": "ANNA"}, [1, 2]),
        ("contains", {"value": "anna", "case_sensitive": True}, [2]),
        ("contains", {"value": "%"}, [4]),
        ("contains", {"value": "_"}, [6]),
        ("contains", {"value": "\\"}, [16]),
        ("contains", {"value": "'"}, [16]),
        ("contains", {"value": "\0"}, [17]),
        ("starts with", {"value": "ban"}, [3]),
        ("starts with", {"value": "100%"}, [4]),
        ("starts with", {"value": "ban", "case_sensitive": True}, []),
        ("ends with", {"value": "NA"}, [1, 2, 3]),
        ("ends with", {"value": "%"}, [4]),
        ("ends with", {"value": "NA", "case_sensitive": True}, []),
        ("is empty", {}, [8, 9]),
    ],
)
def test_text_is_found(op: str, operand: dict[str, Any], ids: list[int]) -> None:
    assert kept(WORDS, "w", "word", op, **operand) == ids


@pytest.mark.parametrize(
    ("value", "ids"),
    [
        ("straße", [10, 20]),  # ß is ẞ, but not SS
        ("strasse", [11]),
        ("οδοσ", [12, 21]),  # every sigma is one letter
        ("IZMIR", [14, 15]),  # İ is I
        ("müller", [18, 19]),
    ],
)
def test_case_is_one_for_every_alphabet(value: str, ids: list[int]) -> None:
    assert kept(WORDS, "w", "word", "=", value=value, case_sensitive=False) == ids
    assert kept(WORDS, "w", "word", "contains", value=value) == ids


@pytest.mark.parametrize(
    ("positive", "negative", "operand"),
    [
        ("=", "!=", {"value": "anna"}),
        ("=", "!=", {"value": "anna", "case_sensitive": False}),
        ("contains", "does not contain", {"value": "a"}),
        ("contains", "does not contain", {"value": ""}),
        ("in", "not in", {"values": ["anna", ""]}),
        ("in", "not in", {"values": [str(number) for number in range(900, 1100)]}),
        ("is empty", "is not empty", {}),
    ],
)
def test_a_negative_is_the_exact_complement_with_empty_cells(
    positive: str, negative: str, operand: dict[str, Any]
) -> None:
    yes, no = kept(WORDS, "w", "word", positive, **operand), kept(WORDS, "w", "word", negative, **operand)
    assert sorted(yes + no) == EVERYBODY
    if positive != "is empty":
        assert 9 in no


MANY = Lab(
    m="SELECT range AS id, 'k' || range AS code, range::DECIMAL(10, 1) / 2 AS half FROM range(3000)",
    e="SELECT NULL::BIGINT AS id",
)


@pytest.mark.parametrize("count", [1, 2, 3, 63, 64, 65, 1000, 1001, 2500])
def test_a_long_list_is_like_a_short_one(count: int) -> None:
    assert len(kept(MANY, "m", "id", "in", values=list(range(count)))) == count
    assert len(kept(MANY, "m", "id", "not in", values=list(range(count)))) == 3000 - count
    assert (
        len(kept(MANY, "m", "code", "in", values=[f"K{n}" for n in range(count)], case_sensitive=False))
        == count
    )
    assert kept(MANY, "e", "id", "not in", values=list(range(count))) == [None]


BOTH = Lab(
    b="""SELECT * FROM (VALUES
        (1, 1::BIGINT, 1.0::DOUBLE, 1.00::DECIMAL(10, 2), 'a', 'A', TRUE),
        (2, 2, 'nan', 1.99, 'a', 'b', FALSE),
        (3, NULL, 3, 3, NULL, 'c', NULL),
        (4, 4, NULL, NULL, 'd', NULL, NULL),
        (5, NULL, NULL, NULL, NULL, NULL, TRUE),
        (6, 9007199254740993, 9007199254740992, 0, 'x', 'x', FALSE)
    ) t(id, whole, ratio, money, word, other, flag)"""
)


@pytest.mark.parametrize(
    ("column", "op", "other", "ids", "more"),
    [
        ("whole", "=", "ratio", [1, 6], {}),  # as doubles, as 2^53 + 1 has no double of its own
        ("whole", "!=", "ratio", [2, 3, 4, 5], {}),
        ("whole", "<", "ratio", [2], {}),  # NaN is above everything
        ("whole", ">", "money", [2, 6], {}),
        ("money", "<=", "whole", [1, 2, 6], {}),
        ("word", "=", "other", [6], {}),
        ("word", "=", "other", [1, 6], {"case_sensitive": False}),
        ("word", "!=", "other", [1, 2, 3, 4, 5], {}),
        ("word", "contains", "other", [1, 6], {}),
        ("word", "does not contain", "other", [2, 3, 4, 5], {}),
    ],
)
def test_two_columns_are_compared(
    column: str, op: str, other: str, ids: list[int], more: dict[str, Any]
) -> None:
    assert kept(BOTH, "b", column, op, other=other, **more) == ids


def test_booleans_are_true_false_or_empty() -> None:
    assert kept(BOTH, "b", "flag", "is true") == [1, 5]
    assert kept(BOTH, "b", "flag", "is false") == [2, 6]
    assert kept(BOTH, "b", "flag", "is empty") == [3, 4]
    assert kept(BOTH, "b", "flag", "is not empty") == [1, 2, 5, 6]


def condition(column: str, op: str, **more: Any) -> dict[str, Any]:
    return {"type": "condition", "column": column, "op": op, **more}


def group(op: str, *children: dict[str, Any], negate: bool = False) -> dict[str, Any]:
    return {"type": "group", "op": op, "negate": negate, "children": list(children)}


@pytest.mark.parametrize(
    ("tree", "ids"),
    [
        (group("and"), [1, 2, 3, 4, 5, 6]),
        (group("or"), [1, 2, 3, 4, 5, 6]),
        (group("or", negate=True), []),
        (group("and", condition("whole", ">", value=1), negate=True), [1, 3, 5]),
        (group("or", condition("whole", ">", value=1), condition("word", "=", value="a"), negate=True), [3, 5]),
        (group("and", condition("whole", ">", value=1), condition("word", "=", value="a"), negate=True),
         [1, 3, 4, 5, 6]),
        (group("or", group("and", condition("flag", "is true"), negate=True), condition("whole", "=", value=1)),
         [1, 2, 3, 4, 6]),
        (group("and", group("or", condition("flag", "is true"), condition("flag", "is false"), negate=True)), [3, 4]),
        (group("and", group("and", condition("whole", "<", value=3), negate=True), negate=True), [1, 2]),
    ],
)  # fmt: skip
def test_groups_nest_and_negate_two_valued(tree: dict[str, Any], ids: list[int]) -> None:
    assert [row[0] for row in BOTH.ask("b", {"type": "filter", "where": tree}, select("id"))] == ids


def test_a_filter_as_deep_and_as_wide_as_the_limits_allow() -> None:
    tree = condition("id", "<=", value=3)
    for level in range(31):
        tree = group("and" if level % 2 else "or", tree, negate=True)
    assert [row[0] for row in BOTH.ask("b", {"type": "filter", "where": tree}, select("id"))] == [4, 5, 6]
    wide = group("or", *(condition("id", "=", value=number) for number in range(3, 1000)))
    assert [row[0] for row in BOTH.ask("b", {"type": "filter", "where": wide}, select("id"))] == [3, 4, 5, 6]


MOMENTS = Lab(
    "Europe/Berlin",
    m="""SELECT * FROM (VALUES
        (1, DATE '2024-02-29', TIMESTAMP '2024-02-29 00:00:00',        TIMESTAMPTZ '2024-02-28 23:00:00+00'),
        (2, DATE '2024-03-01', TIMESTAMP '2024-02-29 23:59:59.999999', TIMESTAMPTZ '2024-02-29 22:59:59.999999+00'),
        (3, DATE '2024-03-31', TIMESTAMP '2024-03-01 00:00:00',        TIMESTAMPTZ '2024-02-29 23:00:00+00'),
        (4, NULL, NULL, NULL)
    ) t(id, day, stamp, instant)""",
)


@pytest.mark.parametrize("column", ["stamp", "instant"])
@pytest.mark.parametrize(
    ("op", "operand", "ids"),
    [
        ("=", {"value": "2024-02-29"}, [1, 2]),
        ("!=", {"value": "2024-02-29"}, [3, 4]),
        ("in", {"values": ["2024-02-29", "2024-03-01T00:00:00"]}, [1, 2, 3]),
        ("not in", {"values": ["2024-02-29"]}, [3, 4]),
        ("between", {"low": "2024-02-01", "high": "2024-02-29"}, [1, 2]),
        ("not between", {"low": "2024-02-01", "high": "2024-02-29"}, [3, 4]),
        ("=", {"value": "2024-02-29 23:59:59.999999"}, [2]),
        ("<", {"value": "2024-02-29 23:59:59.999999"}, [1]),
        (">", {"value": "2024-02-29"}, [3]),
        ("<=", {"value": "2024-02-29"}, [1, 2]),
        ("is empty", {}, [4]),
    ],
)
def test_timestamps_are_asked_by_day_and_by_microsecond(
    column: str, op: str, operand: dict[str, Any], ids: list[int]
) -> None:
    assert kept(MOMENTS, "m", column, op, **operand) == ids


def test_dates_are_asked() -> None:
    assert kept(MOMENTS, "m", "day", "between", low="2024-02-29", high="2024-03-01") == [1, 2]
    assert kept(MOMENTS, "m", "day", "!=", value="2024-03-01") == [1, 3, 4]
    assert kept(MOMENTS, "m", "day", "in", values=["2024-03-31", "0001-01-01", "9999-12-31"]) == [3]


@pytest.mark.parametrize(
    ("column", "op", "other", "ids"),
    [
        ("day", "<", "stamp", []),
        ("stamp", "<", "day", [2, 3]),
        ("stamp", "=", "instant", [1, 2, 3]),
        ("day", "=", "instant", [1]),
        ("day", "!=", "stamp", [2, 3, 4]),
    ],
)
def test_dates_and_timestamps_are_compared_in_the_time_zone(
    column: str, op: str, other: str, ids: list[int]
) -> None:
    # Made by hand, as a document compares only what is of one family.
    steps = (Filter(Condition(column, op, other=other)), Select(("id",)))
    planned = Planned(Query("m", steps=steps), (Field("id", ColumnType("int32")),))
    assert [row[0] for row in MOMENTS.run(planned)] == ids


@pytest.mark.parametrize(
    ("op", "operand", "first", "last"),
    [  # it is Wednesday, 15 May 2024
        ("this", {"unit": "week"}, "2024-05-13", "2024-05-19"),
        ("previous", {"unit": "month"}, "2024-04-01", "2024-04-30"),
        ("in the last", {"count": 3, "unit": "month"}, "2024-02-01", "2024-04-30"),
        ("in the last", {"count": 1, "unit": "quarter", "include_current": True}, "2024-01-01", "2024-06-30"),
        ("in the next", {"count": 2, "unit": "day"}, "2024-05-16", "2024-05-17"),
        ("this", {"unit": "year"}, "2024-01-01", "2024-12-31"),
    ],
)
def test_relative_dates_go_by_calendar_units(op: str, operand: dict[str, Any], first: str, last: str) -> None:
    days = Lab(
        d="""SELECT d::DATE AS day, d + INTERVAL '23 hours 59 minutes' AS stamp
        FROM range(TIMESTAMP '2023-12-01', TIMESTAMP '2025-02-01', INTERVAL 1 DAY) t(d)"""
    )
    for column in ("day", "stamp"):
        found = [row[0].isoformat() for row in days.ask("d", where(column, op, **operand), select("day"))]
        assert (min(found), max(found)) == (first, last)


def test_every_other_type_can_be_asked_whether_it_is_empty() -> None:
    lab = Lab(
        o="""SELECT * FROM (VALUES
            (1, TIME '10:00', INTERVAL 1 DAY, 'x'::BLOB, uuid(), [1], {'a': 1}),
            (2, NULL, NULL, NULL, NULL, NULL, NULL)
        ) t(id, clock, span, bytes, ident, list, struct)"""
    )
    for column in ("clock", "span", "bytes", "ident", "list", "struct"):
        assert kept(lab, "o", column, "is empty") == [2]
        assert kept(lab, "o", column, "is not empty") == [1]


@pytest.mark.parametrize(("op", "ids"), [("=", [1]), ("!=", [2, 3, 4]), ("<", [2]), (">=", [1, 4])])
def test_decimals_of_different_scales_are_compared_exactly(op: str, ids: list[int]) -> None:
    lab = Lab(
        d="""SELECT * FROM (VALUES (1, 1.50::DECIMAL(12, 2), 1.5000::DECIMAL(6, 4)), (2, 1.50, 1.5001), (3, NULL, 1),
            (4, 9999999999.99, 0)) t(id, wide, fine)"""
    )
    assert kept(lab, "d", "wide", op, other="fine") == ids
