"""What each function of an expression gives, in a real DuckDB, and of which type."""

# ruff: noqa: DTZ001, E501 - timestamps without a zone are what is asked about; a case a line

from __future__ import annotations

import ast
import datetime as dt
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sql_lab import Lab, col, derive, fn, select

from aurora_widgets import sql
from aurora_widgets.sql import dialects, moments

ONE = Lab(
    "Europe/Berlin",
    t="""SELECT
        7::TINYINT AS seven, -7::INTEGER AS minus, 0::BIGINT AS zero, NULL::INTEGER AS nothing,
        9223372036854775807::BIGINT AS top, 18446744073709551615::UBIGINT AS utop,
        12345678901234567890123456789012345678::HUGEINT AS huge,
        12.345::DECIMAL(10, 3) AS money, -0.05::DECIMAL(2, 2) AS rate, 99999.9999::DECIMAL(9, 4) AS wage, 0.10::DECIMAL(4, 2) AS dime, 99.99::DECIMAL(4, 2) AS full,
        2.5::DOUBLE AS half, -0.0::DOUBLE AS nought, 'nan'::DOUBLE AS nan, pi() AS pi, 'inf'::DOUBLE AS inf, 1.5::FLOAT AS small,
        'Straße' AS word, '' AS blank, NULL::VARCHAR AS missing, '  x ' AS padded, '🙂é日本' AS wide,
        TRUE AS yes, DATE '2024-01-31' AS day, DATE '2024-02-29' AS leap, NULL::DATE AS never,
        TIMESTAMP '2024-12-31 23:59:59.999999' AS stamp, TIMESTAMPTZ '2024-03-31 00:30:00+00' AS spring,
        TIMESTAMPTZ '2024-10-27 00:30:00+00' AS autumn, TIMESTAMPTZ '2024-10-27 01:30:00+00' AS later""",
)


def gives(expression: Any, lab: Lab = ONE) -> Any:
    """Return the one value of an expression; ``Lab.ask`` has checked its type."""
    ((found,),) = lab.ask("t", derive("x", expression), select("x"))
    return found


C = col


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        (fn("add", C("seven"), 127), 134),
        (fn("add", C("money"), C("dime")), Decimal("12.445")),
        (fn("add", C("money"), C("half")), 14.845),
        (fn("add", C("nothing"), 1), None),
        (fn("add", C("utop"), C("utop")), 36893488147419103230),
        (fn("subtract", C("seven"), C("minus")), 14),
        (fn("subtract", C("dime"), C("money")), Decimal("-12.245")),
        (fn("multiply", C("seven"), 1000), 7000),
        (fn("multiply", C("money"), C("dime")), Decimal("1.23450")),
        (fn("multiply", C("seven"), "0.1"), Decimal("0.7")),
        (fn("multiply", *[fn("add", C("wage"), C("wage"))] * 2), Decimal("39999999920.00000004")),
        (fn("multiply", *[fn("round", C("wage"), 2)] * 2), Decimal("10000000000.00000000")),
        (fn("divide", C("seven"), 2), 3.5),
        (fn("divide", C("minus"), 2), -3.5),
        (fn("divide", C("seven"), 0), None),
        (fn("divide", C("seven"), C("zero")), None),
        (fn("divide", C("half"), C("nought")), None),
        (fn("divide", C("money"), C("dime")), 123.45),
        (fn("divide", C("nan"), C("seven")), "NaN"),
        (fn("modulo", C("seven"), 3), 1),
        (fn("modulo", C("minus"), 3), -1),
        (fn("modulo", C("seven"), -3), 1),
        (fn("modulo", C("seven"), 0), None),
        (fn("modulo", C("half"), 0), None),
        (fn("modulo", C("half"), 2), 0.5),
        (fn("modulo", C("money"), "0.1"), Decimal("0.045")),
        (fn("modulo", C("money"), "0.0"), None),
        (fn("negate", C("seven")), -7),
        (fn("negate", C("money")), Decimal("-12.345")),
        (fn("abs", C("minus")), 7),
        (fn("abs", C("utop")), 18446744073709551615),
        (fn("abs", fn("negate", C("half"))), 2.5),
        (fn("negate", C("utop")), -18446744073709551615),
    ],
)
def test_arithmetic(expression: Any, value: Any) -> None:
    assert gives(expression) == value


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        (fn("round", C("half")), 3.0),
        (fn("round", fn("negate", C("half"))), -3.0),
        (fn("round", C("money"), 2), Decimal("12.350")),
        (fn("round", C("money"), 5), Decimal("12.345")),
        (fn("round", C("money"), -1), Decimal("10.000")),
        (fn("round", C("full")), Decimal("100.00")),
        (fn("round", C("full"), -2), Decimal("100.00")),
        (fn("round", C("full"), -3), Decimal("0.00")),
        (fn("round", fn("multiply", C("half"), 10), -1), 30.0),
        (fn("round", fn("multiply", C("seven"), 5), -1), 40),
        (fn("round", fn("multiply", C("minus"), 5), -1), -40),
        (fn("round", C("pi"), 2), 3.14),
        (fn("round", C("pi"), 30), 3.141592653589793),
        (fn("round", fn("divide", C("pi"), 10**20), 20), 3e-20),
        (fn("round", C("inf"), 2), float("inf")),
        (fn("round", C("top"), -18), 9000000000000000000),
        (fn("round", C("top"), -25), 0),
        (fn("round", C("huge"), 2), 12345678901234567890123456789012345678),
        (fn("round", C("huge"), -36), 12000000000000000000000000000000000000),
        (fn("round", C("nan"), 1), "NaN"),
        (fn("round", C("nothing"), 1), None),
        (fn("floor", C("money")), Decimal(12)),
        (fn("floor", fn("negate", C("money"))), Decimal(-13)),
        (fn("ceil", C("full")), Decimal(100)),
        (fn("ceil", fn("negate", C("half"))), -2.0),
        (fn("floor", C("seven")), 7),
        (fn("floor", C("small")), 1.0),
    ],
)
def test_rounding_goes_half_away_from_zero(expression: Any, value: Any) -> None:
    assert gives(expression) == value


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        (fn("concat", C("word"), C("missing"), "!"), "Straße!"),
        (fn("concat", C("missing")), ""),
        (fn("upper", C("word")), "STRAẞE"),
        (fn("lower", "ÉÀ"), "éà"),
        (fn("trim", C("padded")), "x"),
        (fn("length", C("wide")), 4),
        (fn("length", C("blank")), 0),
        (fn("length", C("missing")), None),
        (fn("substring", C("word"), 1, 3), "Str"),
        (fn("substring", C("word"), 3, 100), "raße"),
        (fn("substring", C("word"), 0, 3), "St"),
        (fn("substring", C("word"), -1, 3), "S"),
        (fn("substring", C("word"), 7, 1), ""),
        (fn("substring", C("word"), 2, 0), ""),
        (fn("substring", C("word"), 2, -1), ""),
        (fn("substring", C("wide"), 1, 2), "🙂é"),
        (fn("substring", C("missing"), 1, 2), None),
        (fn("substring", C("word"), C("nothing"), 2), None),
        (fn("substring", C("word"), 2, C("nothing")), None),
        (fn("substring", C("word"), 2, 3_000_000_000), "traße"),
        (fn("replace", C("word"), "ß", "ss"), "Strasse"),
        (fn("replace", C("word"), "", "x"), "Straße"),
        (fn("replace", C("missing"), "a", "b"), None),
    ],
)
def test_text(expression: Any, value: Any) -> None:
    assert gives(expression) == value


@pytest.mark.parametrize(
    ("column", "parts"),
    [
        ("day", {"year": 2024, "quarter": 1, "month": 1, "day": 31, "weekday": 3}),
        ("stamp", {"year": 2024, "quarter": 4, "month": 12, "day": 31, "weekday": 2, "hour": 23}),
        ("spring", {"month": 3, "day": 31, "weekday": 7, "hour": 1}),  # 01:30 in Berlin
        ("autumn", {"month": 10, "day": 27, "weekday": 7, "hour": 2}),
        ("never", {"year": None, "weekday": None}),
    ],
)
def test_parts_of_a_moment(column: str, parts: dict[str, int | None]) -> None:
    assert {part: gives(fn(part, C(column))) for part in parts} == parts


def utc(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        (fn("truncate", "week", C("leap")), dt.date(2024, 2, 26)),
        (fn("truncate", "month", C("leap")), dt.date(2024, 2, 1)),
        (fn("truncate", "quarter", C("stamp")), dt.datetime(2024, 10, 1)),
        (fn("truncate", "hour", C("stamp")), dt.datetime(2024, 12, 31, 23)),
        (fn("truncate", "day", C("spring")), utc("2024-03-30T23:00")),
        (fn("truncate", "month", C("autumn")), utc("2024-09-30T22:00")),
        (fn("truncate", "hour", C("autumn")), utc("2024-10-27T00:00")),  # the first of two hours 2
        (fn("truncate", "hour", C("later")), utc("2024-10-27T01:00")),  # and the second
        (fn("truncate", "year", C("never")), None),
        (fn("date_add", "month", 1, C("day")), dt.date(2024, 2, 29)),
        (fn("date_add", "month", -2, C("day")), dt.date(2023, 11, 30)),
        (fn("date_add", "year", 1, C("leap")), dt.date(2025, 2, 28)),
        (fn("date_add", "quarter", 1, C("day")), dt.date(2024, 4, 30)),
        (fn("date_add", "week", 1, C("day")), dt.date(2024, 2, 7)),
        (fn("date_add", "day", C("minus"), C("day")), dt.date(2024, 1, 24)),
        (fn("date_add", "hour", 1, C("stamp")), dt.datetime(2025, 1, 1, 0, 59, 59, 999999)),
        (fn("date_add", "day", 1, C("spring")), utc("2024-03-31T23:30")),  # the same time by the clock
        (fn("date_add", "hour", 1, C("spring")), utc("2024-03-31T01:30")),
        (fn("date_add", "hour", 1, C("autumn")), utc("2024-10-27T01:30")),
        (fn("date_add", "day", C("nothing"), C("day")), None),
        (fn("date_diff", "day", C("day"), C("leap")), 29),
        (fn("date_diff", "day", C("leap"), C("day")), -29),
        (fn("date_diff", "month", C("day"), C("leap")), 1),
        (fn("date_diff", "year", C("day"), C("stamp")), 0),
        (fn("date_diff", "quarter", C("day"), C("stamp")), 3),
        (fn("date_diff", "week", "2024-01-07", "2024-01-08"), 1),
        (fn("date_diff", "week", "2024-01-08", "2024-01-14"), 0),
        (fn("date_diff", "week", "2024-01-08", "2024-01-07"), -1),
        (fn("date_diff", "hour", "2024-12-31 22:59:59", C("stamp")), 1),
        (fn("date_diff", "day", C("day"), C("stamp")), 335),
        (fn("date_diff", "hour", C("autumn"), C("later")), 1),
        (fn("date_diff", "day", C("spring"), C("never")), None),
    ],
)
def test_moments_are_cut_moved_and_counted(expression: Any, value: Any) -> None:
    assert gives(expression) == value


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        (fn("coalesce", C("nothing"), C("seven")), 7),
        (fn("coalesce", C("nothing"), C("money")), Decimal("12.345")),
        (fn("coalesce", C("nothing"), C("half")), 2.5),
        (fn("coalesce", C("missing"), C("blank"), "x"), ""),
        (fn("coalesce", C("never"), C("stamp")), dt.datetime(2024, 12, 31, 23, 59, 59, 999999)),
        (fn("coalesce", C("never"), {"value": None}, "2024-05-01"), dt.date(2024, 5, 1)),
        (fn("coalesce", C("missing"), {"value": None}), None),
        (fn("null_if", C("seven"), 7), None),
        (fn("null_if", C("seven"), "7.5"), 7),
        (fn("null_if", C("money"), C("half")), Decimal("12.345")),
        (fn("null_if", C("nan"), C("nan")), None),
        (fn("null_if", C("word"), C("missing")), "Straße"),
    ],
)
def test_what_stands_in_for_nothing(expression: Any, value: Any) -> None:
    assert gives(expression) == value


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        (fn("to_text", C("seven")), "7"),
        (fn("to_text", C("money")), "12.345"),
        (fn("to_text", 0.1), "0.1"),
        (fn("to_text", C("rate")), "-0.05"),
        (fn("to_text", C("yes")), "true"),
        (fn("to_text", C("day")), "2024-01-31"),
        (fn("to_text", C("stamp")), "2024-12-31 23:59:59.999999"),
        (fn("to_text", C("spring")), "2024-03-31 01:30:00"),
        (fn("to_text", C("missing")), None),
        (fn("to_number", "12.50"), Decimal("12.5")),
        (fn("to_number", " -1e3 "), Decimal(-1000)),
        (fn("to_number", "12,5"), None),
        (fn("to_number", "1_000"), None),
        (fn("to_number", "0x10"), None),
        (fn("to_number", "nan"), None),
        (fn("to_number", "1e30"), None),
        (fn("to_number", C("word")), None),
        (fn("to_number", C("blank")), None),
        (fn("to_number", C("seven")), 7),
        (fn("to_date", "2024-02-29"), dt.date(2024, 2, 29)),
        (fn("to_date", "2024-02-30"), None),
        (fn("to_date", "2024-02-29 12:30"), dt.date(2024, 2, 29)),
        (fn("to_date", "29.02.2024"), None),
        (fn("to_date", " 2024-02-29 "), dt.date(2024, 2, 29)),
        (fn("to_date", " 2024-02-29 12:30 "), dt.date(2024, 2, 29)),
        (fn("to_date", C("stamp")), dt.date(2024, 12, 31)),
        (fn("to_date", C("spring")), dt.date(2024, 3, 31)),
        (fn("to_date", C("missing")), None),
    ],
)
def test_what_cannot_be_read_is_empty(expression: Any, value: Any) -> None:
    assert gives(expression) == value


def test_a_text_column_is_read_row_by_row() -> None:
    lab = Lab(t="SELECT unnest(['1', 'x', NULL, '2.5', '']) AS word")
    assert [row[0] for row in lab.ask("t", derive("x", fn("to_number", C("word"))), select("x"))] == [
        1, None, None, Decimal("2.5"), None,
    ]  # fmt: skip


def when(column: str, op: str, **more: Any) -> dict[str, Any]:
    return {"type": "condition", "column": column, "op": op, **more}


@pytest.mark.parametrize(
    ("case", "value"),
    [
        ([("seven", ">", 10, C("seven")), ("money", ">", 10, C("money"))], Decimal("12.345")),
        ([("seven", ">", 5, {"value": 1}), ("money", ">", 10, {"value": "0.5"})], Decimal(1)),
        ([("nothing", ">", 5, {"value": "a"})], "else"),
        ([("nothing", "!=", 5, {"value": "a"})], "a"),
        ([("seven", "=", 7, C("missing"))], None),
    ],
)
def test_a_case_takes_the_first_branch_that_holds(case: list[Any], value: Any) -> None:
    branches = [{"when": when(column, op, value=operand), "then": then} for column, op, operand, then in case]
    otherwise = (
        {"value": "else"} if value in {"else", "a", None} else C("half") if value is None else C("dime")
    )
    assert gives({"case": branches, "else": otherwise}) == value
    if value == "else":
        assert gives({"case": branches}) is None


def test_a_case_of_ints_and_doubles_is_a_double() -> None:
    expression = {"case": [{"when": when("seven", "=", value=7), "then": C("seven")}], "else": C("half")}
    found = gives(expression)
    assert isinstance(found, float)
    assert found == 7.0


def test_a_derived_column_feeds_the_next() -> None:
    lab = Lab(t="SELECT * FROM (VALUES (1, 2), (3, NULL)) t(a, b)")
    steps = (
        derive("c", fn("add", C("a"), C("b"))),
        derive("d", fn("multiply", C("c"), C("c"))),
        select("d", "a"),
    )
    assert lab.ask("t", *steps) == [(9, 1), (None, 3)]


def test_a_constant_column() -> None:
    lab = Lab(t="SELECT range AS a FROM range(2)")
    assert lab.ask("t", derive("k", {"value": "it's"}), select("k")) == [("it's",), ("it's",)]


def test_each_function_that_is_called_by_name_is_a_row_of_every_dialects_table():
    room = Path(sql.__file__).parent
    called = {
        argument.value
        for path in room.glob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call)
        and getattr(node.func, "id", getattr(node.func, "attr", ""))
        in {"call", "decimal_call", "decimal", "_arithmetic", "_whole", "_plain", "_part", "_text"}
        for argument in node.args[:1]
        if isinstance(argument, ast.Constant)
    } | {function for function, _ in moments._INTERVALS.values()}
    called -= {"url_decode"}  # of an Ibis table alone, which is DuckDB's
    assert called == set(dialects.FUNCTIONS)
    for dialect in dialects.DIALECTS.values():
        assert set(dialect.functions) == set(dialects.FUNCTIONS)
