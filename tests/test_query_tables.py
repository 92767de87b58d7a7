"""Operators, functions and measures are tables by type, which other packages add to."""

from __future__ import annotations

from importlib.metadata import EntryPoint

import pytest

from aurora_widgets.query import Aggregate, Measure, Query, json_schema, registry
from aurora_widgets.query.functions import FUNCTIONS, buckets_for, common_type
from aurora_widgets.query.measures import MEASURES, MeasureFunction, measures_for
from aurora_widgets.query.operators import OPERATORS, Operator, operators_for
from aurora_widgets.query.registry import Registry
from aurora_widgets.query.types import (
    BINARY,
    BOOLEAN,
    DATE,
    FLOAT64,
    INT64,
    INT128,
    TEXT,
    TIMESTAMP,
    TIMESTAMPTZ,
    UNKNOWN,
    ColumnType,
    Family,
    decimal,
)

INT32, UINT8, UINT64, FLOAT32 = (ColumnType(name) for name in ("int32", "uint8", "uint64", "float32"))
OPERATORS_OF = {
    INT64: {
        "=", "!=", "<", ">", "<=", ">=", "between", "not between", "in", "not in",
        "is empty", "is not empty",
    },
    TEXT: {
        "=", "!=", "contains", "does not contain", "starts with", "ends with", "in", "not in",
        "is empty", "is not empty",
    },
    BOOLEAN: {"is true", "is false", "is empty", "is not empty"},
    BINARY: {"is empty", "is not empty"},
}  # fmt: skip
RELATIVE = {"in the last", "in the next", "this", "previous"}


def test_each_type_has_its_operators() -> None:
    for column_type, names in OPERATORS_OF.items():
        assert {row.name for row in operators_for(column_type)} == names
    for column_type in (DATE, TIMESTAMP, TIMESTAMPTZ):
        assert {row.name for row in operators_for(column_type)} == OPERATORS_OF[INT64] | RELATIVE


def test_a_negative_is_like_its_positive_in_all_but_the_answer() -> None:
    for row in OPERATORS.values():
        if row.negates:
            positive = OPERATORS[row.negates]
            assert (row.operand, row.families, row.case_sensitive) == (
                positive.operand, positive.families, positive.case_sensitive,
            )  # fmt: skip
    assert {row.name for row in OPERATORS.values() if row.case_sensitive is False} == {
        "contains", "does not contain", "starts with", "ends with",
    }  # fmt: skip


def test_measures_have_results_that_hold_them() -> None:
    result = {name: row.result for name, row in MEASURES.items()}
    assert [str(result["sum"](each)) for each in (INT32, UINT64, decimal(12, 2), FLOAT32)] == [
        "int128", "int128", "decimal(38,2)", "float64",
    ]  # fmt: skip
    assert result["avg"](decimal(12, 2)) == result["median"](INT64) == FLOAT64
    assert result["min"](TEXT) == TEXT
    assert result["count"](None) == result["distinct_count"](TEXT) == INT64
    assert {row.fn for row in measures_for(BINARY)} == {"count", "distinct_count"}
    assert {row.fn for row in measures_for(DATE)} == {"min", "max", "count", "distinct_count"}


@pytest.mark.parametrize(
    ("name", "types", "expected"),
    [
        ("add", [INT32, UINT8], "int64"),
        ("add", [INT64, UINT64], "int128"),
        ("add", [INT64, FLOAT32], "float64"),
        ("add", [decimal(12, 2), decimal(10, 4)], "decimal(15,4)"),
        ("add", [decimal(38, 2), INT64], "decimal(38,2)"),
        ("subtract", [INT64, decimal(5, 2)], "decimal(22,2)"),
        ("multiply", [decimal(12, 2), decimal(12, 3)], "decimal(24,5)"),
        ("multiply", [decimal(38, 30), decimal(38, 30)], "float64"),
        ("multiply", [INT64, UNKNOWN], "int64"),
        ("divide", [INT64, INT64], "float64"),
        ("modulo", [decimal(12, 2), INT32], "decimal(12,2)"),
        ("round", [decimal(12, 2), INT64], "decimal(13,2)"),
        ("floor", [decimal(12, 2)], "decimal(11,0)"),
        ("ceil", [FLOAT64], "float64"),
        ("truncate", [TEXT, DATE], "date"),
        ("date_add", [TEXT, INT64, TIMESTAMPTZ], "timestamptz"),
        ("coalesce", [UNKNOWN, INT32, FLOAT64], "float64"),
        ("to_number", [TEXT], "decimal(38,10)"),
        ("to_number", [INT32], "int32"),
    ],
)
def test_functions_have_results_by_their_arguments(name: str, types: list[ColumnType], expected: str) -> None:
    assert str(FUNCTIONS[name].result(types)) == expected


def test_common_types() -> None:
    assert common_type([TEXT, UNKNOWN]) == TEXT
    assert common_type([UNKNOWN]) == UNKNOWN
    assert common_type([DATE, TIMESTAMP]) == TIMESTAMP
    assert common_type([TIMESTAMP, TIMESTAMPTZ]) is None
    assert common_type([TEXT, INT64]) is None
    assert common_type([INT64, INT128]) == INT128
    assert common_type([INT32, UINT8]) == INT64
    assert common_type([decimal(5, 2), INT32]) == decimal(12, 2)
    assert buckets_for(DATE)[-1] == "day"
    assert buckets_for(TIMESTAMP)[-1] == "hour"
    assert buckets_for(TEXT) == ()


SOUNDS_LIKE = Operator("sounds like", "sounds like", "value", frozenset({Family.TEXT}))


def test_a_package_adds_rows_by_entry_points(monkeypatch: pytest.MonkeyPatch) -> None:
    here = EntryPoint("sounds_like", f"{__name__}:SOUNDS_LIKE", "test.operators")
    gone = EntryPoint("gone", "no_such_package:ROW", "test.operators")
    monkeypatch.setattr(
        registry, "entry_points", lambda group: [here, gone] if group == "test.operators" else []
    )
    rows = Registry(Operator, "test.operators", [OPERATORS["="]])
    with pytest.warns(UserWarning, match="'gone'.*was left out: No module named 'no_such_package'"):
        assert list(rows) == ["=", "sounds like"]
    assert rows["sounds like"] is SOUNDS_LIKE
    with pytest.raises(ValueError, match="exists already"):
        rows.register(Operator("=", "=", "none", frozenset()))
    with pytest.raises(TypeError):
        rows.register("=")  # type: ignore[arg-type]


def test_a_registered_measure_is_read_and_offered() -> None:
    row = MeasureFunction(
        "test_spread",
        "Spread",
        frozenset({Family.NUMBER}),
        lambda _: FLOAT64,
        build=lambda c: c.max() - c.min(),
    )
    MEASURES.register(row)
    try:
        assert row in measures_for(INT64)
        spread = Query("t", steps=(Aggregate(measures=(Measure("s", "test_spread", "a"),)),))
        assert Query.from_json(spread.to_json()) == spread
        assert "test_spread" in str(json_schema())
    finally:
        del MEASURES._rows["test_spread"]
