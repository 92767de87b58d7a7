"""Files and frames that are wrong or odd: a right display, or one sentence that says where and what to do."""

from __future__ import annotations

import json
import os
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from aurora_widgets import Explorer
from aurora_widgets.errors import EngineFailed, QueryInvalid, SourceInvalid
from aurora_widgets.query import from_code, from_json, from_url, to_code, to_url
from aurora_widgets.service.open import open_runner


def asked(table, *steps):
    return from_json(json.dumps({"version": 1, "table": table, "steps": list(steps)}))


def refusal(source):
    with pytest.raises(SourceInvalid) as refused:
        Explorer(source)
    assert "\n" not in refused.value.detail
    return refused.value.detail


def test_a_parquet_file_damaged_inside_is_said_when_it_is_read(tmp_path):
    path = tmp_path / "sales.parquet"
    pq.write_table(pa.table({"a": [1, 2, 3]}), path)
    whole = path.read_bytes()
    path.write_bytes(whole[:40] + b"\xff" * 30 + whole[70:])
    shown = Explorer(path)
    assert shown.state.status["state"] == "error"
    assert "damaged" in shown.state.status["error"]["detail"]
    with pytest.raises(EngineFailed, match="damaged or can no longer be read: make it again"):
        shown.to_arrow()


def test_a_database_cut_short_and_a_footer_with_a_wrong_byte_are_said_to_be_damaged(tmp_path):
    database, file = tmp_path / "sales.duckdb", tmp_path / "sales.parquet"
    with duckdb.connect(database) as made:
        made.execute("CREATE TABLE t AS SELECT 1 AS n")
    database.write_bytes(database.read_bytes()[: database.stat().st_size // 2])
    assert refusal(database) == "sales.duckdb is damaged."
    pq.write_table(pa.table({"a": [1, 2, 3], "b": ["x", "y", None]}), file)
    whole = bytearray(file.read_bytes())
    whole[-30] ^= 0xFF
    file.write_bytes(whole)
    assert refusal(file) == "sales.parquet is damaged."


def test_an_encrypted_parquet_file_is_said(tmp_path):
    path = tmp_path / "secret.parquet"
    pq.write_table(pa.table({"a": [1]}), path)
    path.write_bytes(path.read_bytes().replace(b"PAR1", b"PARE"))
    assert refusal(path) == "secret.parquet is encrypted, which cannot be opened."


def test_a_value_too_long_for_a_csv_is_not_called_a_missing_quote(tmp_path):
    path = tmp_path / "long.csv"
    path.write_bytes(b"a,b\n1," + b"x" * 17_000_000 + b"\n")
    assert "line 2 has a value of more than 16 MB" in refusal(path)


ODD = [
    'a"b', "it's", "a b", "a.b", "é😀", "עברית", "x" * 120, "select", "ORDER", "ID", "id", " lead", "trail ",
    "new\nline", "__total__", "other.col", "tab\t", "=1+1", "{x}", "a;b", "--c", "$p1", "%s", "?", "*", "c0",
    "rowid", "a\\b", "null", "123", "ß", "SS", "İ", "a\0b", "a%b", "data", "p1",
]  # fmt: skip


def test_columns_of_every_name_answer_each_question(tmp_path):
    path = tmp_path / "odd.parquet"
    pq.write_table(pa.table({name: [at, at + 100] for at, name in enumerate(ODD)}), path)
    runner = open_runner(path)
    shown = [name.replace("\0", "�") for name in ODD]  # which no SQL can hold
    assert [column.name for column in runner.page(asked("odd")).columns] == shown
    for at, name in enumerate(shown):
        rows = asked(
            "odd",
            {"type": "filter", "where": {"type": "condition", "column": name, "op": ">", "value": at}},
            {
                "type": "derive",
                "column": "more",
                "expression": {"fn": "add", "args": [{"column": name}, {"value": 1}]},
            },
            {"type": "select", "columns": [name, "more"]},
        )
        assert runner.page(rows).rows == [[at + 100, at + 101]], name
        assert runner.expression(rows).to_pyarrow().to_pydict() == {name: [at + 100], "more": [at + 101]}
        assert from_code(to_code(rows)) == rows
        assert from_url(to_url(rows)) == rows
        compile(runner.ibis_code(rows), "cell", "exec")
        assert [value.value for value in runner.values(asked("odd"), name).values] == [at, at + 100]


def test_columns_that_differ_by_case_are_not_mixed_up_in_an_expression():
    runner = open_runner(frames={"f": pa.table({"ID": [1, 5], "id": [2, 3]})})
    derive = {
        "type": "derive",
        "column": "d",
        "expression": {"fn": "add", "args": [{"column": "id"}, {"value": 1}]},
    }
    only = asked("f", derive, {"type": "select", "columns": ["d"]})
    assert runner.page(only).rows == [[3], [4]]
    assert sorted(runner.expression(only).to_pyarrow()["d"].to_pylist()) == [3, 4]
    with pytest.raises(QueryInvalid, match="differ by case alone"):
        runner.expression(asked("f"))


EDGES = """SELECT * FROM (VALUES
  ('infinity'::TIMESTAMP, '-infinity'::TIMESTAMPTZ, 'infinity'::DATE, '24:00:00'::TIME,
   INTERVAL '1 month 2 days', [TIMESTAMP 'infinity', TIMESTAMP '12000-01-01'], [INTERVAL '1 day'],
   340282366920938463463374607431768211455::UHUGEINT, 170141183460469231731687303715884105727::HUGEINT,
   18446744073709551615::UBIGINT, 12345678901234567890.1234567891::DECIMAL(38,10)),
  ('12000-01-01'::TIMESTAMP, '12000-01-01'::TIMESTAMPTZ, '0044-03-15 (BC)'::DATE, NULL,
   INTERVAL '-1 year', [], NULL, 0, NULL, 0, -0.0000000001)
) t(stamp, instant, day, clock, span, stamps, spans, uhuge, huge, big, exact)"""


def test_values_beyond_what_other_houses_hold_are_shown_and_handed_over_exactly(tmp_path):
    path = tmp_path / "edges.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute(f"CREATE TABLE edges AS {EDGES}")
    shown = Explorer(path)
    first, second = shown.state.client.page(shown.query).rows
    assert first == [
        "infinity", "-infinity", "infinity", "24:00:00", "1 month 2 days",
        '["infinity", "12000-01-01T00:00:00"]', '["1 day"]', "340282366920938463463374607431768211455",
        "170141183460469231731687303715884105727", "18446744073709551615", "12345678901234567890.1234567891",
    ]  # fmt: skip
    assert second == [
        "12000-01-01T00:00:00", "12000-01-01T00:00:00+00:00", "0044-03-15 (BC)", None, "-1 year",
        "[]", None, 0, None, 0, "-0.0000000001",
    ]  # fmt: skip
    polars = shown.to_polars()
    assert polars["uhuge"].to_list() == ["340282366920938463463374607431768211455", "0"]
    assert polars["span"].to_list() == ["1 month 2 days", "-1 year"]
    assert polars["spans"].to_list() == ['["1 day"]', None]
    assert "months=1" in shown.to_pandas()[["span", "uhuge"]].to_string()


def test_a_parquet_text_that_is_not_utf8_is_said(tmp_path):
    path = tmp_path / "old.parquet"
    bytes_of = [None, pa.py_buffer(b"\0\0\0\0\2\0\0\0"), pa.py_buffer(b"\xff\xfe")]
    pq.write_table(pa.table({"a": pa.Array.from_buffers(pa.string(), 1, bytes_of)}), path)
    assert "is not UTF-8" in Explorer(path).state.status["error"]["detail"]


def test_a_path_that_is_not_utf8_is_said(tmp_path):
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff.csv"))
    path.write_text("a\n1\n")
    assert refusal(path) == "�.csv cannot be read: its path is not UTF-8; rename it."
