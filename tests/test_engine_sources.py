"""What can be opened, and what is said of what can't."""

from __future__ import annotations

import datetime as dt
import math
import os
import subprocess
import sys
import threading
import time
from decimal import Decimal

import duckdb
import ibis
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from aurora_widgets import settings
from aurora_widgets.engine.duckdb import DuckDBEngine
from aurora_widgets.engine.failures import sentence
from aurora_widgets.errors import AuroraError, EngineFailed, SourceInvalid
from aurora_widgets.query.model import ROW


@pytest.fixture
def opened():
    """Open sources; every engine is closed at the end."""
    engines = []

    def open_them(*paths, **tables):
        engines.append(DuckDBEngine.open(paths, settings.load({}), tables=tables))
        return engines[-1]

    yield open_them
    for engine in engines:
        engine.close()


def rows(engine, sql):
    """Return the rows without their hidden place, which `SELECT *` shows and no document can."""
    found = (row for batch in engine.execute(sql, {}, timeout=30) for row in batch.to_pylist())
    return [{name: value for name, value in row.items() if name != ROW} for row in found]


def names(engine):
    return [listing.name for listing in engine.listings()]


def types(engine):
    (listing,) = engine.listings()
    return {field.name: field.type.name for field in listing.schema}


def refusal(opened, *paths, **tables):
    with pytest.raises(SourceInvalid) as refused:
        opened(*paths, **tables)
    assert "\n" not in refused.value.detail
    return refused.value.detail


# Files and folders


def test_a_folders_own_files_are_its_tables(tmp_path, opened):
    pq.write_table(pa.table({"a": [1]}), tmp_path / "sales.parquet")
    (tmp_path / "people.csv").write_text("name\nAda\n")
    (tmp_path / "_draft.csv").write_text("x\n1\n")
    (tmp_path / ".hidden.csv").write_text("x\n1\n")
    (tmp_path / "notes.md").write_text("no table")
    (tmp_path / "archive").mkdir()
    pq.write_table(pa.table({"a": [1]}), tmp_path / "archive" / "old.parquet")
    assert names(opened(tmp_path)) == ["people", "sales"]


def test_two_files_of_one_stem_are_said(tmp_path, opened):
    pq.write_table(pa.table({"a": [1]}), tmp_path / "sales.parquet")
    (tmp_path / "sales.csv").write_text("a\n1\n")
    said = refusal(opened, tmp_path)
    assert "Two tables would be named sales" in said
    assert "sales.csv" in said
    assert "sales.parquet" in said


def test_an_empty_folder_and_a_missing_file_are_said(tmp_path, opened):
    assert "holds no Parquet, CSV or DuckDB file" in refusal(opened, tmp_path)
    assert "There is no file" in refusal(opened, tmp_path / "gone.parquet")
    (tmp_path / "a.xlsx").write_bytes(b"PK")
    assert "cannot be opened; Parquet, CSV and DuckDB files can" in refusal(opened, tmp_path / "a.xlsx")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "x.parquet is not a Parquet file, or was cut short."),
        (b"hello, this is text and not Parquet", "x.parquet is not a Parquet file, or was cut short."),
        ("half", "x.parquet is not a Parquet file, or was cut short."),
        ("no middle", "x.parquet is damaged."),
    ],
)
def test_a_file_that_is_no_parquet_is_said_in_one_sentence(tmp_path, opened, content, said):
    path = tmp_path / "x.parquet"
    pq.write_table(pa.table({"a": [1, 2, 3]}), path)
    whole = path.read_bytes()
    damaged = {"half": whole[: len(whole) // 2], "no middle": whole[:40] + whole[len(whole) // 2 :]}
    path.write_bytes(damaged.get(content, content))
    assert refusal(opened, path) == said


def test_a_parquet_file_without_columns_is_said(tmp_path, opened):
    pq.write_table(pa.table({}), tmp_path / "x.parquet")
    assert "x.parquet has no columns" in refusal(opened, tmp_path / "x.parquet")


def test_names_of_every_kind_keep_their_rows(tmp_path, opened):
    odd = [
        'say "so"',
        "two words",
        "a.b",
        "größe Ω",
        "x" * 120,
        "select",
        "id",
        "ID",
        "ID_2",
        "semi;colon",
        "it's",
    ]
    pq.write_table(pa.table([[at] for at in range(len(odd))], names=odd), tmp_path / "it's a.b table.parquet")
    engine = opened(tmp_path)
    (listing,) = engine.listings()
    assert listing.name == "it's a.b table"
    assert [field.name for field in listing.schema] == odd
    assert listing.physical == {"ID": "ID_3"}
    stored = [listing.physical.get(name, name) for name in odd]
    (row,) = rows(engine, f'SELECT * FROM "{listing.source}"')
    assert [row[name] for name in stored] == list(range(len(odd)))


def test_two_tables_that_differ_by_case_are_both_there(opened):
    engine = opened(sales=pa.table({"a": [1]}), SALES=pa.table({"a": [2]}))
    first, second = engine.listings()
    assert (first.name, second.name) == ("sales", "SALES")
    assert rows(engine, f'SELECT * FROM "{first.source}"') == [{"a": 1}]
    assert rows(engine, f'SELECT * FROM "{second.source}"') == [{"a": 2}]


# Values and types


def test_every_duckdb_type_is_listed_and_read(tmp_path, opened):
    made = {
        "bool": ("true", "boolean", True),
        "tiny": ("(-128)::TINYINT", "int8", -128),
        "hugeint": ("170141183460469231731687303715884105727::HUGEINT", "int128", Decimal(2**127 - 1)),
        "uhugeint": ("340282366920938463463374607431768211455::UHUGEINT", "uint128", Decimal(2**128 - 1)),
        "uint64": ("18446744073709551615::UBIGINT", "uint64", 2**64 - 1),
        "dec": ("1.5::DECIMAL(38,10)", "decimal(38,10)", Decimal("1.5000000000")),
        "real": ("0.5::FLOAT", "float32", 0.5),
        "inf": ("'-infinity'::DOUBLE", "float64", -math.inf),
        "txt": ("'a'", "text", "a"),
        "big": ("repeat('ä', 1000000)", "text", "ä" * 1_000_000),
        "day": ("DATE '2024-02-29'", "date", dt.date(2024, 2, 29)),
        "ts": ("TIMESTAMP '2024-02-29 01:02:03.000004'", "timestamp", dt.datetime(2024, 2, 29, 1, 2, 3, 4)),  # noqa: DTZ001
        "ts_s": ("TIMESTAMP_S '2024-02-29 01:02:03'", "timestamp", dt.datetime(2024, 2, 29, 1, 2, 3)),  # noqa: DTZ001
        "ts_ms": ("TIMESTAMP_MS '2024-02-29 01:02:03'", "timestamp", dt.datetime(2024, 2, 29, 1, 2, 3)),  # noqa: DTZ001
        "ts_ns": ("TIMESTAMP_NS '2024-02-29 01:02:03'", "timestamp", dt.datetime(2024, 2, 29, 1, 2, 3)),  # noqa: DTZ001
        "tz": (
            "TIMESTAMPTZ '2024-02-29 01:00:00+01'",
            "timestamptz",
            dt.datetime(2024, 2, 29, tzinfo=dt.UTC),
        ),
        "tm": ("TIME '01:02:03'", "time", dt.time(1, 2, 3)),
        "timetz": ("'01:02:03+02'::TIMETZ", "text", "01:02:03+02"),
        "span": ("INTERVAL '1 month 2 days'", "interval", pa.MonthDayNano([1, 2, 0])),
        "bytes": ("'\\x00\\xff'::BLOB", "binary", b"\x00\xff"),
        "bits": ("'0101'::BIT", "text", "0101"),
        "list": ("[1, NULL]", "nested", [1, None]),
        "struct": ("{'a': 1}", "nested", {"a": 1}),
        "map": ("MAP {'k': 1}", "nested", [("k", 1)]),
        "union": ("union_value(n := 1)", "text", "1"),
        "enum": ("'b'::ENUM('b', 'a')", "text", "b"),
        "uuid": (
            "'61616161-6161-6161-6161-616161616161'::UUID",
            "uuid",
            "61616161-6161-6161-6161-616161616161",
        ),
        "json": ("'{\"a\": 1}'::JSON", "text", '{"a": 1}'),
        "lost": ("[18446744073709551616::UHUGEINT]", "text", "[18446744073709551616]"),
    }
    with duckdb.connect(tmp_path / "all.duckdb") as connection:
        columns = ", ".join(f"{sql} AS {name}" for name, (sql, _, _) in made.items())
        connection.execute(f"CREATE TABLE t AS SELECT {columns}")
    engine = opened(tmp_path / "all.duckdb")
    assert types(engine) == {name: kind for name, (_, kind, _) in made.items()}
    (row,) = rows(engine, "SELECT * FROM t")
    assert row == {name: value for name, (_, _, value) in made.items()}


@pytest.mark.parametrize("kind", ["parquet", "arrow", "polars", "duckdb"])
def test_nan_is_above_every_number_wherever_it_is_stored(tmp_path, opened, kind):
    table = pa.table(
        {"x": [1.0, math.nan, 7.0, None, math.inf], "y": pa.array([1, math.nan, 7, None, 2], pa.float32())}
    )
    match kind:
        case "parquet":
            pq.write_table(table, tmp_path / "t.parquet")
            engine = opened(tmp_path / "t.parquet")
        case "duckdb":
            with duckdb.connect(tmp_path / "t.duckdb") as connection:
                connection.register("given", table)
                connection.execute("CREATE TABLE t AS FROM given")
            engine = opened(tmp_path / "t.duckdb")
        case _:
            engine = opened(t=table if kind == "arrow" else pl.from_arrow(table))
    assert rows(engine, "SELECT count(*) AS n FROM t WHERE x > 5") == [{"n": 3}]
    assert rows(engine, "SELECT count(*) AS n FROM t WHERE x = 'nan'") == [{"n": 1}]
    assert rows(engine, "SELECT count(*) AS n FROM t WHERE x <= 'nan'") == [{"n": 4}]
    assert rows(engine, "SELECT count(*) AS n FROM t WHERE y >= 7") == [{"n": 2}]
    assert math.isnan(rows(engine, "SELECT max(x) AS m FROM t")[0]["m"])


def test_pandas_columns_of_every_kind(opened):
    frame = pd.DataFrame(
        {
            "mixed": [1, "a", None],
            "stamp": pd.to_datetime(["2020-01-01", None, "2020-01-02"]),
            "category": pd.Categorical(["b", None, "a"]),
            "codes": pd.Categorical([3, None, 1]),
            "float": [1.0, np.nan, np.inf],
            "decimal": [Decimal("1.10"), None, Decimal(2)],
            "date": [dt.date(2020, 1, 1), None, dt.date(2021, 1, 1)],
            "period": pd.period_range("2020-01", periods=3, freq="M"),
            "nullable": pd.array([1, None, 3], dtype="Int64"),
            "complex": [1j, 2j, 3j],
            "maybe": [True, None, False],
            "sparse": pd.arrays.SparseArray([1, 0, 0]),
            1: [1, 2, 3],
        },
    )
    engine = opened(f=frame)
    assert types(engine) == {
        "mixed": "text", "stamp": "timestamp", "category": "text", "codes": "int64", "float": "float64",
        "decimal": "decimal(3,2)", "date": "date", "period": "text", "nullable": "int64", "complex": "text",
        "maybe": "boolean", "sparse": "int64", "1": "int64",
    }  # fmt: skip
    first, second, third = rows(engine, "SELECT * FROM f")
    assert second | {"complex": 0} == {
        "mixed": "a", "stamp": None, "category": None, "codes": None, "float": None, "decimal": None, "date": None,  # noqa: E501
        "period": "2020-02", "nullable": None, "complex": 0, "maybe": None, "sparse": 0, "1": 2,
    }  # fmt: skip
    assert (first["mixed"], third["float"]) == ("1", math.inf)


def test_a_named_index_is_a_column_and_a_repeated_name_is_told_apart(opened):
    frame = pd.DataFrame([[1, 2]], columns=["a", "a"], index=pd.Index(["p"], name="who"))
    engine = opened(f=frame)
    assert rows(engine, "SELECT * FROM f") == [{"who": "p", "a": 1, "a (2)": 2}]


def test_numbers_and_text_of_a_frame_are_not_copied(opened):
    frame = pd.DataFrame({"n": np.arange(100_000.0), "s": ["text of some length"] * 100_000})
    before = pa.total_allocated_bytes()
    opened(f=frame)
    assert pa.total_allocated_bytes() - before < 100_000


def test_polars_arrow_and_ibis_tables(opened):
    here = ibis.duckdb.connect()
    stored = here.create_table("stored", {"a": [1, 2]})
    engine = opened(
        polars=pl.DataFrame({"a": ["x", None]}), lazy=pl.LazyFrame({"a": [1]}), batch=pa.record_batch({"a": [1]}),  # noqa: E501
        memory=ibis.memtable({"a": [1]}), expression=stored.filter(stored.a > 1),
    )  # fmt: skip
    assert rows(engine, "SELECT * FROM polars WHERE a = 'x'") == [{"a": "x"}]
    assert rows(engine, "SELECT * FROM expression") == [{"a": 2}]
    assert [listing.rows for listing in engine.listings()] == [2, 1, 1, 1, 1]
    here.disconnect()


def test_what_is_no_table_is_said(opened):
    assert refusal(opened, f={"a": 1}) == (
        "f cannot be read: a dict is no table; pandas, polars, Arrow and Ibis tables are."
    )
    assert "it has no columns" in refusal(opened, f=pd.DataFrame())


# Database files


def test_a_database_files_tables_are_listed_by_schema(tmp_path, opened):
    with duckdb.connect(tmp_path / "w.duckdb") as connection:
        connection.execute(
            "CREATE TABLE t (id INTEGER PRIMARY KEY, x INTEGER); INSERT INTO t VALUES (1, 2), (2, 3)"
        )
        connection.execute(
            "DELETE FROM t WHERE id = 1; CREATE VIEW v AS FROM t; CREATE VIEW broken AS FROM t"
        )
        connection.execute("CREATE SCHEMA s; CREATE TABLE s.t AS SELECT 1 AS y")
    engine = opened(tmp_path)
    listings = {listing.name: listing for listing in engine.listings()}
    assert set(listings) == {"t", "v", "broken", "s.t"}
    assert (listings["t"].rows, listings["t"].key, listings["t"].ordered) == (1, ("id",), True)
    assert (listings["v"].rows, listings["v"].ordered) == (None, False)
    assert rows(engine, 'SELECT * FROM "s.t"') == [{"y": 1}]
    with pytest.raises(AuroraError):
        rows(engine, f'INSERT INTO "file {tmp_path / "w.duckdb"}".main.t VALUES (5, 5)')


def test_a_database_that_another_program_holds_is_said(tmp_path, opened):
    path = tmp_path / "w.duckdb"
    code = (
        f"import duckdb, sys; c = duckdb.connect({str(path)!r}); c.execute('CREATE TABLE t (a INT)');"
        "print('held', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout.readline() == "held\n"
        assert "is open in another program that writes to it" in refusal(opened, path)
        other.stdin.close()
    assert names(opened(path)) == ["t"]


def test_a_database_that_is_damaged_or_none_or_newer_is_said(tmp_path, opened):
    path = tmp_path / "w.duckdb"
    with duckdb.connect(path) as connection:
        connection.execute("CREATE TABLE t (a INT)")
    content = bytearray(path.read_bytes())
    content[20] ^= 255
    path.write_bytes(content)
    assert refusal(opened, path) == "w.duckdb is damaged."
    path.write_bytes(b"not a database at all" * 1000)
    assert refusal(opened, path) == "w.duckdb is not a DuckDB file."
    newer = (  # what DuckDB 1.5 says of a file of a storage version that it doesn't know
        "IO Error: Trying to read a database file with version number 99, but we can only read versions "
        "between 64 and 67. The database file was created with an newer version of DuckDB."
    )
    assert (
        sentence("w.duckdb", duckdb.IOException(newer))
        == "w.duckdb was written by a newer version of DuckDB."
    )


def test_two_engines_read_one_database_but_not_one_that_this_program_writes(tmp_path, opened):
    path = tmp_path / "w.duckdb"
    with duckdb.connect(path) as connection:
        connection.execute("CREATE TABLE t AS SELECT 1 AS a")
        assert "is open for writing in this very program" in refusal(opened, path)
    assert rows(opened(path), "SELECT * FROM t") == rows(opened(path), "SELECT * FROM t") == [{"a": 1}]


# While it runs


def test_a_file_that_is_replaced_is_read_anew_and_one_that_is_gone_is_said(tmp_path, opened):
    path, other = tmp_path / "t.parquet", tmp_path / "new.parquet"
    pq.write_table(pa.table({"a": [1]}), path)
    engine = opened(path, other=pa.table({"b": [5]}))
    first = engine.data_version
    assert rows(engine, "SELECT * FROM t") == [{"a": 1}]
    pq.write_table(pa.table({"a": [2, 3]}), other)
    other.replace(path)
    assert rows(engine, "SELECT * FROM t") == [{"a": 2}, {"a": 3}]
    assert engine.data_version != first
    assert engine.listings()[0].rows == 2
    path.unlink()
    with pytest.raises(SourceInvalid, match=r"t\.parquet is no longer there"):
        rows(engine, "SELECT * FROM t")
    assert rows(engine, "SELECT * FROM other") == [{"b": 5}]
    pq.write_table(pa.table({"b": [2, 3]}), path)
    with pytest.raises(SourceInvalid, match="was replaced by a file of other columns; open it again"):
        rows(engine, "SELECT * FROM t")
    pq.write_table(pa.table({"a": [9]}), path)
    assert rows(engine, "SELECT * FROM t") == [{"a": 9}]


def test_a_file_that_is_written_over_many_times_a_second_is_never_read_old(tmp_path, opened):
    path = tmp_path / "t.parquet"

    def write(first):
        pq.write_table(pa.table({"a": range(first, first + 1000)}), path)

    write(0)
    engine = opened(path)
    for first in range(1000, 12_000, 1000):
        assert rows(engine, "SELECT min(a) AS a FROM t") == [{"a": first - 1000}]
        write(first)


def test_a_file_of_long_ago_is_not_read_old_when_it_is_written_over_in_a_second(tmp_path, opened):
    path = tmp_path / "t.parquet"

    def write(first):
        pq.write_table(pa.table({"a": range(first, first + 1000)}), path)

    write(0)
    os.utime(path, (1e9, 1e9))
    engine = opened(path)
    assert rows(engine, "SELECT min(a) AS a FROM t") == [{"a": 0}]
    for first in (4000, 8000):
        while time.time() % 1 > 0.3:  # both writes in one second, whose end is far
            time.sleep(0.01)
        write(first - 1000)
        threading.Timer(0.05, write, [first]).start()  # while the first of them is asked about
        assert rows(engine, "SELECT min(a) AS a FROM t WHERE a >= 0") == [{"a": first}]


def test_a_csv_and_a_database_that_are_replaced_are_read_anew(tmp_path, opened):
    csv, base = tmp_path / "c.csv", tmp_path / "w.duckdb"
    csv.write_text("a\n1\n")
    with duckdb.connect(base) as connection:
        connection.execute("CREATE TABLE t AS SELECT 1 AS a")
    engine = opened(csv, base)
    assert rows(engine, "SELECT c.a, t.a AS b FROM c, t") == [{"a": 1, "b": 1}]
    csv.write_text("a\n22\n")
    with duckdb.connect(tmp_path / "new.duckdb") as connection:
        connection.execute("CREATE TABLE t AS SELECT 2 AS a")
    (tmp_path / "new.duckdb").replace(base)
    assert rows(engine, "SELECT c.a, t.a AS b FROM c, t") == [{"a": 22, "b": 2}]
    csv.write_text("a\n22,3\n")
    with pytest.raises(SourceInvalid, match=r"c\.csv cannot be read: line 2 has 2 values"):
        rows(engine, "SELECT * FROM c")


def test_no_statement_reaches_another_file_or_a_setting(tmp_path, opened):
    pq.write_table(pa.table({"a": [1]}), tmp_path / "t.parquet")
    (tmp_path / "secret.csv").write_text("a\n1\n")
    engine = opened(tmp_path / "t.parquet")
    for sql in (
        f"SELECT * FROM read_csv('{tmp_path / 'secret.csv'}')",
        f"SELECT * FROM read_text('{tmp_path / 'secret.csv'}')",
        f"COPY t TO '{tmp_path / 'out.parquet'}'",
        "SET memory_limit = '100GB'",
        "SET enable_external_access = true",
        "INSTALL spatial",
        "LOAD spatial",
        f"ATTACH '{tmp_path / 'new.duckdb'}'",
    ):
        with pytest.raises(EngineFailed):
            rows(engine, sql)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["secret.csv", "t.parquet"]
    settings_now = {
        row["name"]: row["value"] for row in rows(engine, "SELECT name, value FROM duckdb_settings()")
    }
    assert settings_now["TimeZone"] == "UTC"
    assert settings_now["temp_directory"] == ""
    assert settings_now["enable_progress_bar"] in {"false", "0"}


# The order of an unsorted scan


@pytest.mark.parametrize("kind", ["parquet", "arrow", "pandas", "polars", "duckdb", "csv"])
def test_pages_of_an_unsorted_table_are_its_rows_in_one_order(tmp_path, opened, kind):
    many = 150_000
    table = pa.table({"n": np.arange(many), "k": np.arange(many) % 7, "x": np.arange(many) / 2})
    match kind:
        case "parquet":
            pq.write_table(table, tmp_path / "t.parquet", row_group_size=20_000)
        case "duckdb":
            with duckdb.connect(tmp_path / "t.duckdb") as connection:
                connection.register("given", table)
                connection.execute("CREATE TABLE t AS FROM given")
        case "csv":
            table.to_pandas().to_csv(tmp_path / "t.csv", index=False)
    frames = {"arrow": table, "pandas": table.to_pandas(), "polars": pl.from_arrow(table)}
    engine = opened(t=frames[kind]) if kind in frames else opened(tmp_path)
    assert engine.listings()[0].ordered
    wanted = [n for n in range(many) if n % 7 == 3 and n >= 100]
    for offset in (0, 50, 10_000, 21_000):
        page = rows(engine, f"SELECT n FROM t WHERE k = 3 AND x >= 50 LIMIT 50 OFFSET {offset}")
        assert [row["n"] for row in page] == wanted[offset : offset + 50]
    assert [row["n"] for row in rows(engine, "SELECT n FROM t")] == list(range(many))
