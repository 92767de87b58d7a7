"""In a notebook: what is asked again is kept, never stale, never another's answer, within its bytes."""

import os
import random
from pathlib import Path

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from aurora_widgets import Explorer, settings
from aurora_widgets.errors import SourceInvalid
from aurora_widgets.query import from_json
from aurora_widgets.widgets import messages
from aurora_widgets.widgets.client import embedded

SALES = (
    "SELECT range AS id, range % 7 AS shop, (range * 37 % 1000) / 8 AS amount, 'é' || range % 50 AS name "
    "FROM range(2000)"
)
COLUMNS = ("id", "shop", "amount", "name")


def ask(*steps, table="sales"):
    return from_json({"version": 1, "table": table, "steps": list(steps)})


def sort(column, *, down=False):
    return {"type": "sort", "by": [{"column": column, "descending": down}]}


def over(column, value):
    return {"type": "filter", "where": {"type": "condition", "column": column, "op": ">", "value": value}}


COUNT = {"type": "aggregate", "measures": [{"as": "rows", "fn": "count"}]}


@pytest.fixture
def sales(tmp_path):
    path = tmp_path / "sales.parquet"
    duckdb.sql(SALES).write_parquet(str(path))
    return path


@pytest.fixture
def client(sales):
    found = embedded(sales)
    yield found
    found.runner.close()


def test_undo_and_redo_are_answered_from_what_was_kept_and_the_status_says_so(sales):
    explorer = Explorer(sales)
    state = explorer.state
    explorer.query = ask()
    first = explorer.state.page["rows"]
    explorer.query = ask(sort("amount", down=True))
    assert state.status["from_cache"] is False
    sorted_rows = state.page["rows"]
    state.do(messages.Plain("undo"))
    assert (state.page["rows"], state.status["from_cache"]) == (first, True)
    state.do(messages.Plain("redo"))
    assert (state.page["rows"], state.status["from_cache"]) == (sorted_rows, True)
    state.do(messages.ShowPage(50))
    assert state.status["from_cache"] is False


def test_a_file_that_changes_is_asked_anew(client, sales):
    assert client.page(ask(COUNT)).rows == [[2000]]
    assert client.page(ask(COUNT)).from_cache
    other = sales.with_name("other")
    duckdb.sql("SELECT * FROM (" + SALES + ") LIMIT 3").write_parquet(str(other))
    other.replace(sales)
    page = client.page(ask(COUNT))
    assert (page.rows, page.from_cache) == ([[3]], False)
    stat = sales.stat()
    os.utime(sales, ns=(stat.st_atime_ns, stat.st_mtime_ns + 1))
    assert not client.page(ask(COUNT)).from_cache


def test_a_kept_page_is_the_page_that_is_asked_fresh(client, sales):
    luck = random.Random(7)  # noqa: S311 - the same questions each time
    fresh = embedded(sales)
    fresh.runner.cache = None
    kept = 0
    for _ in range(300):
        steps = []
        for _ in range(luck.randrange(3)):
            value = luck.choice([1, 1.0, "1", 3, 5])  # alike as keys of a dict, alike as questions or not
            steps.append(
                luck.choice([over("shop", value), over("amount", value), sort(luck.choice(COLUMNS))])
            )
        query, offset = ask(*steps), luck.choice([0, 50])
        ours, theirs = client.page(query, offset=offset), fresh.page(query, offset=offset)
        assert (ours.rows, ours.more, ours.columns) == (theirs.rows, theirs.more, theirs.columns)
        assert ours.arrow.equals(theirs.arrow)
        kept += ours.from_cache
    fresh.runner.close()
    assert kept > 50


def test_what_is_kept_stays_within_its_bytes(sales, monkeypatch):
    monkeypatch.setenv("NOTEBOOK_CACHE_MAX_BYTES", "1MB")
    client = embedded(sales)
    before = pa.total_allocated_bytes()
    for value in range(300):
        client.page(ask(over("id", value)), limit=500)
    assert 0 < client.runner.cache.bytes <= 1_000_000
    assert pa.total_allocated_bytes() - before < 3_000_000
    client.runner.close()


def test_what_is_kept_weighs_what_is_counted(tmp_path):
    path = tmp_path / "sales.parquet"
    columns = ", ".join(f"'word ' || range * {number} AS w{number}" for number in range(20))
    duckdb.sql(f"SELECT range AS id, {columns} FROM range(50000)").write_parquet(str(path))
    client = embedded(path)

    def weight():
        lines = Path("/proc/self/smaps_rollup").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("Pss:")) * 1024

    for at in range(30):
        client.page(ask(), offset=50 * at)
    before, counted = weight(), client.runner.cache.bytes
    for at in range(30, 230):
        client.page(ask(), offset=50 * at)
    assert 2_000_000 < client.runner.cache.bytes - counted < 10_000_000
    assert weight() - before < 50_000_000  # 200 MB where DuckDB's own buffers are held
    client.runner.close()


def test_nothing_is_kept_where_there_may_be_no_bytes(sales, monkeypatch):
    monkeypatch.setenv("NOTEBOOK_CACHE_MAX_BYTES", "0")
    client = embedded(sales)
    client.page(ask())
    assert not client.page(ask()).from_cache
    client.runner.close()


def test_an_arrow_table_cannot_change_and_its_pages_are_kept():
    client = embedded({"sales": pa.table({"n": [1, 2]})})
    client.page(ask())
    assert client.page(ask()).from_cache
    client.runner.close()


FRAME = {"n": [1, 2, 3], "x": [1.5, None, 2.5], "word": ["a", "b", "c"]}


def test_a_pandas_frame_that_is_changed_in_place_is_read_as_it_is_now():
    frame = pd.DataFrame(FRAME)
    client = embedded({"sales": frame})

    def rows(*steps):
        page = client.page(ask(*steps))
        assert not page.from_cache
        return page.rows

    assert rows() == [[1, 1.5, "a"], [2, None, "b"], [3, 2.5, "c"]]
    frame.loc[0, "n"] = 10  # shared with Arrow
    frame.loc[1, "x"] = 7.0  # copied, as it holds a NaN
    frame.loc[2, "word"] = "z"
    assert rows() == [[10, 1.5, "a"], [2, 7.0, "b"], [3, 2.5, "z"]]
    assert client.runner.to_arrow(ask()).to_pydict() == {
        "n": [10, 2, 3], "x": [1.5, 7.0, 2.5], "word": ["a", "b", "z"],
    }  # fmt: skip
    frame.loc[3] = [4, 9.5, "d"]
    assert client.count(ask()).rows == 4
    frame["n"] = [4, 3, 2, 10]
    assert [row[0] for row in rows()] == [4, 3, 2, 10]
    frame["more"] = 1
    assert [row[0] for row in rows(over("n", 2))] == [4, 3, 10]
    del frame["x"]
    with pytest.raises(SourceInvalid, match="The columns of the table sales are others now; open it again"):
        rows()
    client.runner.close()


def test_a_pandas_frame_is_right_in_each_of_the_cursors_that_read_it():
    frame = pd.DataFrame({"n": range(5)})
    client = embedded({"sales": frame})
    first = client.runner.engine.execute("SELECT n FROM sales", {}, timeout=10)
    frame.loc[0, "n"] = 100
    second = client.runner.engine.execute("SELECT n FROM sales", {}, timeout=10)  # another cursor
    assert sum(batch.num_rows for batch in first) == 5
    assert sum(sum(batch.column(0).to_pylist()) for batch in second) == 110
    first.close(), second.close()
    for _ in range(3):
        frame.loc[1, "n"] += 1
        assert client.page(ask()).rows[1] == [int(frame.loc[1, "n"])]
    client.runner.close()


def test_a_polars_frame_that_is_changed_in_place_is_read_as_it_is_now():
    frame = pl.DataFrame({"n": [1, 2], "word": ["a", None]})
    client = embedded({"sales": frame})
    assert client.page(ask()).rows == [[1, "a"], [2, None]]
    frame[0, "word"] = "q"
    frame.extend(pl.DataFrame({"n": [3], "word": ["c"]}))
    assert client.page(ask()).rows == [[1, "q"], [2, None], [3, "c"]]
    assert client.count(ask()).rows == 3
    client.runner.close()


def test_the_loads_of_a_frame_are_those_it_has_now(tmp_path):
    catalog = tmp_path / "c.yaml"
    catalog.write_text("version: 1\ntables:\n  sales:\n    vintage: {load_id: load}\n")
    frame = pd.DataFrame({"load": ["1", "1"], "n": [1, 2]})
    client = embedded({"sales": frame}, catalog=catalog)
    assert client.page(ask()).rows == [["1", 1], ["1", 2]]
    frame.loc[1, "load"] = "2"
    assert client.page(ask()).rows == [["2", 2]]
    client.runner.close()


def test_the_kernels_share_is_small_by_default():
    assert settings.load({}).whole("NOTEBOOK_CACHE_MAX_BYTES") == 32_000_000
