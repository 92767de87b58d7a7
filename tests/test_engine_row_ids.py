"""Rows that tie keep the order they have in their table, and what tells them apart is never seen."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from aurora_widgets import settings as limits
from aurora_widgets.errors import QueryInvalid
from aurora_widgets.query.model import ROW, Query
from aurora_widgets.query.read import from_json
from aurora_widgets.service.open import open_runner

if TYPE_CHECKING:
    from pathlib import Path

    from aurora_widgets.service.run import Runner

ROWS = {"kind": ["b", "a"] * 150, "n": list(range(300, 0, -1))}
BY_KIND = {"type": "sort", "by": [{"column": "kind"}]}


def parquet(path: Path, **columns: list[object]) -> Path:
    pq.write_table(pa.table(columns), path, row_group_size=64)
    return path


def database(path: Path, text: str) -> Path:
    with duckdb.connect(str(path)) as connection:
        connection.execute(text)
    return path


def asked(*steps: dict[str, object], table: str = "t") -> Query:
    return from_json(json.dumps({"version": 1, "table": table, "steps": list(steps)}))


def everything(runner: Runner, query: Query, size: int = 50) -> list[tuple[object, ...]]:
    found: list[tuple[object, ...]] = []
    while True:
        page = runner.page(query, len(found), size)
        found += [tuple(row) for row in page.rows]
        if not page.more:
            return found


@pytest.fixture(params=["parquet", "csv", "database"])
def tied(request: pytest.FixtureRequest, tmp_path: Path) -> Runner:
    made = parquet(tmp_path / "t.parquet", **ROWS)
    if request.param == "csv":
        duckdb.sql(f"COPY (FROM '{made}') TO '{tmp_path / 't.csv'}'")
        return open_runner(tmp_path / "t.csv")
    if request.param == "database":
        return open_runner(database(tmp_path / "d.duckdb", f"CREATE TABLE t AS FROM '{made}'"))
    return open_runner(made)


def test_rows_that_tie_stay_as_they_stand_in_the_table_on_every_page(tied: Runner) -> None:
    wanted = sorted(zip(ROWS["kind"], ROWS["n"], strict=True), key=lambda row: row[0])
    assert everything(tied, asked(BY_KIND)) == wanted
    assert everything(tied, asked(BY_KIND), 300) == wanted


def test_they_do_so_where_the_column_sorted_by_is_hidden(tied: Runner) -> None:
    select = {"type": "select", "columns": ["n"]}
    wanted = [n for n in ROWS["n"] if n % 2] + [n for n in ROWS["n"] if n % 2 == 0]
    assert everything(tied, asked(BY_KIND, select)) == [(n,) for n in wanted]


def test_the_place_of_a_row_is_nowhere_to_be_seen(tied: Runner) -> None:
    query = asked(BY_KIND, {"type": "limit", "rows": 3})
    page = tied.page(query)
    assert [column["name"] for column in page.as_json()["columns"]] == ["kind", "n"]
    assert tied.to_arrow(query).column_names == ["kind", "n"]
    assert [column.name for column in tied.table("t").columns] == ["kind", "n"]
    assert tied.expression(query).columns == ("kind", "n")
    for text in (tied.sql(query), tied.explain(query).sql, tied.ibis_code(query), tied.plan(query).schema):
        assert ROW not in str(text)
    for step in (
        {"type": "select", "columns": [ROW]},
        {"type": "sort", "by": [{"column": ROW}]},
        {"type": "derive", "column": "x", "expression": {"column": ROW}},
    ):
        with pytest.raises(QueryInvalid) as refused:
            tied.page(asked(step))
        assert refused.value.faults[0].code == "unknown-column"
        assert refused.value.faults[0].suggestion is None


def test_columns_and_made_columns_may_have_its_name(tmp_path: Path) -> None:
    runner = open_runner(
        parquet(tmp_path / "t.parquet", __ROW__=[2, 1, 2, 1], n=[4, 3, 2, 1]),
        parquet(tmp_path / "u.parquet", kind=["b", "a", "b"], n=[3, 2, 1]),
    )
    by = {"type": "sort", "by": [{"column": "__ROW__"}]}
    assert everything(runner, asked(by)) == [(1, 1), (1, 3), (2, 2), (2, 4)]
    derive = {"type": "derive", "column": ROW, "expression": {"column": "n"}}
    assert everything(runner, asked(derive, BY_KIND, table="u")) == [("a", 2, 2), ("b", 1, 1), ("b", 3, 3)]
    renamed = {"type": "join", "table": "t", "how": "left", "on": [{"left": "n", "right": "n"}]}
    assert everything(runner, asked(BY_KIND, renamed, table="u")) == [("a", 2, 2), ("b", 1, 1), ("b", 3, 1)]


@pytest.mark.parametrize("name", ["file_row_number", "rowid", "FILE_ROW_NUMBER", "RowID"])
def test_a_column_of_the_engines_own_word_for_it_is_a_column(name: str, tmp_path: Path) -> None:
    rows = {"kind": ["b", "a", "b", "a"], name: [3, 3, 1, 1]}
    made = parquet(tmp_path / "t.parquet", **rows)
    data = database(tmp_path / "d.duckdb", f"CREATE TABLE u AS FROM '{made}'")
    runner = open_runner(made, data)
    for table in ("t", "u"):
        wanted = {("a", 3), ("a", 1)}
        found = everything(runner, asked(BY_KIND, table=table))
        assert {found[0], found[1]} == wanted
        assert sorted(found) == sorted(zip(*rows.values(), strict=True))


def test_a_page_of_sorted_rows_reads_only_what_it_shows(tmp_path: Path) -> None:
    runner = open_runner(parquet(tmp_path / "t.parquet", **ROWS))
    size = limits.load({}).whole("PREVIEW_PAGE_ROWS") + 1
    query = f"EXPLAIN FROM t SELECT kind, n ORDER BY n, {ROW} LIMIT {size}"
    ((_, text),) = runner.engine.connection().execute(query).fetchall()
    assert "SEMI" in text


def test_a_late_page_puts_nan_above_all_numbers_and_null_last(tmp_path: Path) -> None:
    nan, inf = float("nan"), float("inf")
    x = [None if at % 5 == 0 else nan if at % 50 == 1 else inf if at % 50 == 2 else at for at in range(1000)]
    runner = open_runner(parquet(tmp_path / "t.parquet", n=list(range(1000)), x=x))
    by = {"type": "sort", "by": [{"column": "x", "descending": True}]}
    top = [at for at in range(1000) if at % 50 == 1] + [at for at in range(1000) if at % 50 == 2]
    numbers = [at for at in reversed(range(1000)) if at % 5 and at % 50 > 2]
    wanted = [*top, *numbers, *range(0, 1000, 5)]
    assert [row[0] for row in everything(runner, asked(by))] == wanted


@pytest.mark.parametrize("form", ["filter", "case"])
def test_rows_stay_in_order_where_a_long_list_is_looked_up(form: str, tmp_path: Path) -> None:
    """DuckDB joins the list, and a join by several threads leaves rows as they come."""
    duckdb.sql(
        f"COPY (SELECT range AS n FROM range(300000)) TO '{tmp_path / 't.parquet'}' (ROW_GROUP_SIZE 20000)"
    )
    runner = open_runner(tmp_path / "t.parquet")
    chosen = list(range(7, 300_000, 60))
    listed = {"type": "condition", "column": "n", "op": "in", "values": chosen}
    if form == "filter":
        question, wanted = asked({"type": "filter", "where": listed}), [(n,) for n in chosen]
    else:
        mark = {"case": [{"when": listed, "then": {"value": 1}}], "else": {"value": 0}}
        question = asked({"type": "derive", "column": "mark", "expression": mark})
        wanted = [(n, int(n % 60 == 7)) for n in range(5_000)]
    found: list[tuple[object, ...]] = []
    while len(found) < len(wanted):
        found += map(tuple, runner.page(question, len(found), 500).rows)
    assert found == wanted
    runner.close()
