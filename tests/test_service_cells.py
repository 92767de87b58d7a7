"""Every type that a file may hold, as the cell a person reads: no digit lost, no crash."""

from __future__ import annotations

import json

import duckdb
import pytest

from aurora_widgets.export.cells import cells
from aurora_widgets.query.model import Query
from aurora_widgets.query.types import BINARY, DATE, INT64, INT128, NESTED, TIMESTAMP, UNKNOWN, ColumnType
from aurora_widgets.service.open import open_runner


def shown(expression, kind=UNKNOWN, zone="America/New_York"):
    with duckdb.connect() as connection:
        return cells(connection.execute(f"SELECT {expression} AS c").to_arrow_table()["c"], kind, zone)[0]


@pytest.mark.parametrize(
    ("expression", "kind", "cell"),
    [
        ("NULL::INTEGER", INT64, None),
        ("9007199254740992", INT64, 9007199254740992),
        ("9007199254740993", INT64, "9007199254740993"),
        ("-9007199254740993", INT64, "-9007199254740993"),
        ("5000000000", INT64, 5000000000),
        ("18446744073709551615::UBIGINT", ColumnType("uint64"), "18446744073709551615"),
        ("12::HUGEINT", INT128, 12),
        (
            "-170141183460469231731687303715884105727::HUGEINT",
            INT128,
            "-170141183460469231731687303715884105727",
        ),
        ("340282366920938463463374607431768211455::UHUGEINT", ColumnType("uint128"), str(2**128 - 1)),
        ("1.5::DECIMAL(38,10)", ColumnType("decimal(38,10)"), "1.5000000000"),
        ("0::DECIMAL(38,10)", ColumnType("decimal(38,10)"), "0.0000000000"),
        ("0.1::FLOAT", ColumnType("float32"), 0.1),
        ("'nan'::DOUBLE", ColumnType("float64"), "NaN"),
        ("'-infinity'::FLOAT", ColumnType("float32"), "-Infinity"),
        ("1e308::DOUBLE", ColumnType("float64"), 1e308),
        ("true", UNKNOWN, True),
        ("DATE '2024-02-29'", DATE, "2024-02-29"),
        ("DATE '290000-01-01'", DATE, "290000-01-01"),
        ("DATE '0044-03-15 (BC)'", DATE, "0044-03-15 (BC)"),
        ("'infinity'::DATE", DATE, "infinity"),
        ("TIMESTAMP '2024-02-29 13:45:00'", TIMESTAMP, "2024-02-29T13:45:00"),
        ("TIMESTAMP '1969-12-31 23:59:59.5'", TIMESTAMP, "1969-12-31T23:59:59.500000"),
        ("TIMESTAMP_NS '2024-01-01 00:00:00.123456789'", TIMESTAMP, "2024-01-01T00:00:00.123456789"),
        ("'-infinity'::TIMESTAMP", TIMESTAMP, "-infinity"),
        ("TIMESTAMP '290000-01-01'", TIMESTAMP, "290000-01-01T00:00:00"),
        ("TIMESTAMPTZ '2013-07-04 04:00:00Z'", UNKNOWN, "2013-07-04T00:00:00-04:00"),
        ("TIMESTAMPTZ '2013-01-04 05:00:00Z'", UNKNOWN, "2013-01-04T00:00:00-05:00"),
        ("TIMESTAMPTZ '20000-01-01 00:00:00Z'", UNKNOWN, "20000-01-01T00:00:00+00:00"),
        ("TIME '13:45:00.5'", UNKNOWN, "13:45:00.500000"),
        ("TIME '24:00:00'", UNKNOWN, "24:00:00"),
        ("INTERVAL '14 months 3 days 4.5 seconds'", UNKNOWN, "1 year 2 months 3 days 00:00:04.500000"),
        ("INTERVAL '-1 month'", UNKNOWN, "-1 month"),
        ("INTERVAL '0 days'", UNKNOWN, "00:00:00"),
        ("'\\xAA'::BLOB", BINARY, "0xaa (1 byte)"),
        ("repeat('a', 40)::BLOB", BINARY, f"0x{'61' * 16}… (40 bytes)"),
        ("''::BLOB", BINARY, "0x (0 bytes)"),
        ("'b'::ENUM('a', 'b')", UNKNOWN, "b"),
        ("[1.5, NULL]", NESTED, "[1.5, null]"),
        ("[9007199254740993]", NESTED, "[9007199254740993]"),
        ("['nan'::DOUBLE]", NESTED, '["NaN"]'),
        (
            "{'a': 1, 'b': [DATE '2020-01-01'], 'c': NULL::INTEGER}",
            NESTED,
            '{"a": 1, "b": ["2020-01-01"], "c": null}',
        ),
        ("MAP {1: 'x', 2: NULL}", NESTED, '{"1": "x", "2": null}'),
        ("[]::INTEGER[]", NESTED, "[]"),
        ("[[1], NULL, [2, 3]]", NESTED, "[[1], null, [2, 3]]"),
        ("NULL::INTEGER[]", NESTED, None),
    ],
)
def test_a_cell_is_exact(expression, kind, cell):
    found = shown(expression, kind)
    assert found == cell
    assert type(found) is type(cell)
    json.dumps(found, allow_nan=False)


def test_no_rows_are_no_cells():
    with duckdb.connect() as connection:
        empty = connection.execute("SELECT 1 AS a, [1] AS b WHERE false").to_arrow_table()
    assert cells(empty["a"], INT64) == []
    assert cells(empty["b"], NESTED) == []


def test_a_file_of_every_type_is_shown_whole(tmp_path):
    path = tmp_path / "all.parquet"
    with duckdb.connect() as connection:
        connection.execute(f"COPY (FROM test_all_types()) TO '{path}' (FORMAT parquet)")
    runner = open_runner(path)
    page = runner.page(Query("all"))
    assert len(page.rows) == 3
    assert all(cell is None for cell in page.rows[2])
    json.dumps(page.as_json(), allow_nan=False)
    for column in page.columns:
        runner.profile(Query("all"), column.name)
    runner.close()
