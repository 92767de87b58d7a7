"""What the service answers: pages, counts, values, profiles, joins checked before they are made."""

from __future__ import annotations

import json
import threading
import time
from decimal import Decimal

import duckdb
import pandas as pd
import polars as pl
import pytest

from aurora_widgets import settings
from aurora_widgets.engine.base import Cancellation
from aurora_widgets.errors import (
    Cancelled,
    NotFound,
    OffsetTooDeep,
    QueryInvalid,
    QueryTimeout,
    ResultTooLarge,
    SourceInvalid,
)
from aurora_widgets.query.model import Join, On
from aurora_widgets.query.read import from_json
from aurora_widgets.service.answers import Count
from aurora_widgets.service.open import open_runner, open_source

SALES = """VALUES
    (1, 'EMEA', 'ada', 10.50, DATE '2024-01-31'),
    (2, 'EMEA', 'bo',  NULL,  DATE '2024-02-29'),
    (3, 'APAC', 'ada', -3.25, NULL),
    (4, NULL,   'cy',  10.50, DATE '2024-02-29'),
    (5, '',     NULL,  0.00,  DATE '2023-12-31')
"""


def table(rows, *columns):
    with duckdb.connect() as connection:
        return connection.execute(f"FROM ({rows}) AS t({', '.join(columns)})").to_arrow_table()


def opened(catalog=None, limits=None, **frames):
    return open_runner(frames=frames, catalog=catalog, settings=settings.load(limits or {}))


def ask(name, *steps, **more):
    return from_json(json.dumps({"version": 1, "table": name, "steps": list(steps), **more}))


def where(column, op, **operand):
    return {"type": "filter", "where": {"type": "condition", "column": column, "op": op, **operand}}


@pytest.fixture
def sales():
    frame = table(SALES, "id", "region", "rep", "revenue", "day")
    with_limits = opened(sales=frame)
    yield with_limits
    with_limits.close()


@pytest.fixture
def many():
    runner = opened(
        None,
        {
            "PREVIEW_PAGE_ROWS": "10",
            "PREVIEW_MAX_ROWS": "25",
            "MAX_ROW_LIMIT": "100",
            "RESULT_MAX_ROWS": "200",
        },
        numbers=table("SELECT range, range % 7 FROM range(250)", "n", "seventh"),
    )
    yield runner
    runner.close()


# ── pages


def test_a_page_knows_whether_there_is_more(many):
    first = many.page(ask("numbers"))
    assert [row[0] for row in first.rows] == list(range(10))
    assert first.more
    narrow = ask("numbers", where("n", "<", value=12))
    assert not many.page(narrow, 10).more
    assert [row[0] for row in many.page(narrow, 10).rows] == [10, 11]
    assert many.page(ask("numbers", where("n", "<", value=10))).more is False


def test_a_page_larger_than_allowed_is_cut_and_says_so(many):
    page = many.page(ask("numbers"), 0, 1000)
    assert len(page.rows) == 25
    assert page.truncated
    assert page.more
    assert page.notes == ("A page has at most 25 rows.",)
    assert not many.page(ask("numbers"), 0, 25).truncated


def test_paging_ends_at_the_row_limit_and_says_what_to_do(many):
    assert len(many.page(ask("numbers"), 99).rows) == 10
    with pytest.raises(OffsetTooDeep, match=r"ends after 100 rows: narrow the question .* or export it"):
        many.page(ask("numbers"), 100)


def test_a_negative_offset_or_limit_is_refused(many):
    with pytest.raises(QueryInvalid, match="offset can't be negative"):
        many.page(ask("numbers"), -1)
    with pytest.raises(QueryInvalid, match="limit can't be negative"):
        many.page(ask("numbers"), 0, -5)


def test_a_page_past_the_end_and_an_empty_one_have_columns_and_no_rows(many):
    assert many.page(ask("numbers", where("n", "<", value=3)), 50).rows == []
    nothing = many.page(ask("numbers", where("n", "<", value=0)))
    assert (nothing.rows, nothing.more) == ([], False)
    assert [column.name for column in nothing.columns] == ["n", "seventh"]
    assert many.page(ask("numbers"), 0, 0).rows == []


def test_pages_of_a_tie_never_repeat_a_row(many):
    tied = ask("numbers", {"type": "sort", "by": [{"column": "seventh"}]})
    seen = [row[0] for offset in range(0, 100, 10) for row in many.page(tied, offset).rows]
    assert len(set(seen)) == 100


def test_a_page_is_the_json_of_the_contract(sales):
    page = sales.page(ask("sales", {"type": "limit", "rows": 2})).as_json()
    assert page["columns"][3] == {
        "name": "revenue",
        "type": "decimal(4,2)",
        "label": "revenue",
        "format": None,
    }
    assert page["rows"] == [[1, "EMEA", "ada", "10.50", "2024-01-31"], [2, "EMEA", "bo", None, "2024-02-29"]]
    assert (page["more"], page["truncated"], page["from_cache"], page["vintage"]) == (False, False, False, [])
    assert page["elapsed_ms"] > 0
    json.dumps(page)


def test_a_long_text_is_cut_on_the_page_and_whole_in_the_result():
    runner = opened(notes=table("SELECT 1, repeat('é', 2000000)", "id", "body"))
    page = runner.page(ask("notes"))
    assert page.rows[0][1] == "é" * 10_000 + "…"
    assert page.cut == ((0, 1),)
    assert page.notes == ("Texts of more than 10,000 characters are cut here.",)
    assert len(runner.to_arrow(ask("notes"))["body"][0].as_py()) == 2_000_000
    runner.close()


def test_faults_are_told_before_the_database_is_asked(sales):
    with pytest.raises(QueryInvalid) as refused:
        sales.page(ask("sales", where("regoin", "=", value="EMEA"), where("revenue", ">", value="12,5")))
    assert [fault.path for fault in refused.value.faults] == ["steps[0].where.column", "steps[1].where.value"]
    with pytest.raises(QueryInvalid):
        sales.count(ask("slaes"))


def test_labels_and_formats_follow_a_column(tmp_path):
    (tmp_path / "c.yaml").write_text(
        "version: 1\ntables:\n  sales:\n    columns:\n"
        "      revenue: {label: Revenue, format: {type: currency, decimals: 2}}\n      day: {label: Day}\n"
    )
    runner = opened(tmp_path / "c.yaml", sales=table(SALES, "id", "region", "rep", "revenue", "day"))
    page = runner.page(
        ask(
            "sales",
            {
                "type": "aggregate",
                "by": [{"column": "day", "bucket": "month"}],
                "measures": [{"as": "total", "fn": "sum", "column": "revenue"}, {"as": "n", "fn": "count"}],
            },
        )
    )
    assert [(c.label, c.format.type if c.format else None) for c in page.columns] == [
        ("Day (month)", "month"),
        ("total", "currency"),
        ("n", "integer"),
    ]
    runner.close()


# ── counts


def test_a_bare_table_is_counted_whole_and_a_question_up_to_the_limit(many):
    assert many.count(ask("numbers")) == Count(250, True)
    assert many.count(ask("numbers", {"type": "sort", "by": [{"column": "n"}]})) == Count(250, True)
    assert many.count(ask("numbers", {"type": "limit", "rows": 30})) == Count(30, True)
    assert many.count(ask("numbers", where("n", ">=", value=0))) == Count(100, False)
    assert many.count(ask("numbers", where("n", "<", value=100))) == Count(100, True)
    assert many.count(ask("numbers", where("n", "<", value=0))) == Count(0, True)
    assert many.count(
        ask("numbers", {"type": "aggregate", "by": [{"column": "seventh"}], "measures": []})
    ) == Count(7, True)


def test_what_a_limit_keeps_among_ties_is_the_same_for_page_count_and_profile(many):
    top = {"type": "sort", "by": [{"column": "seventh"}]}, {"type": "limit", "rows": 20}
    kept = ask("numbers", *top, where("n", "<", value=100))
    seen = [row[0] for row in many.page(kept, 0, 25).rows]
    assert seen == list(range(0, 100, 7))
    assert many.count(kept) == Count(len(seen), True)
    assert many.profile(kept, "n").max == 98
    check = many.join_check(kept, Join("numbers", (On("n", "n"),), "left"))
    assert (check.left_rows, check.matched) == (len(seen), len(seen))


def test_a_table_that_grew_is_not_counted_from_memory(tmp_path):
    path = tmp_path / "t.parquet"
    duckdb.sql("SELECT 1 AS a FROM range(3)").write_parquet(str(path))
    runner = open_runner(path)
    assert runner.count(ask("t")).rows == 3
    time.sleep(0.01)
    duckdb.sql("SELECT 1 AS a FROM range(5)").write_parquet(str(path))
    assert runner.count(ask("t")).rows == 5
    path.unlink()
    with pytest.raises(SourceInvalid, match="no longer there"):
        runner.page(ask("t"))
    runner.close()


# ── values and profiles


def test_values_are_the_frequent_ones_first_and_never_empty(sales):
    found = sales.values(ask("sales"), "region")
    assert [(each.value, each.rows) for each in found.values] == [("EMEA", 2), ("APAC", 1)]
    assert not found.more
    assert [each.value for each in sales.values(ask("sales"), "revenue", order="value").values] == [
        "-3.25",
        "0.00",
        "10.50",
    ]
    assert sales.values(ask("sales"), "region", limit=1).more


def test_values_are_searched_as_text_and_within_the_question(sales):
    assert [each.value for each in sales.values(ask("sales"), "rep", "A").values] == ["ada"]
    assert [each.value for each in sales.values(ask("sales"), "day", "2024-02").values] == ["2024-02-29"]
    assert [each.value for each in sales.values(ask("sales"), "revenue", ".5").values] == ["10.50"]
    assert sales.values(ask("sales"), "rep", "%").values == ()
    within = ask("sales", where("region", "=", value="EMEA"))
    assert [each.value for each in sales.values(within, "rep").values] == ["ada", "bo"]


def test_values_of_a_column_called_rows_or_of_a_kind_that_has_none():
    runner = opened(odd=table("SELECT 5, [1, 2]", "rows", "list"))
    assert [each.value for each in runner.values(ask("odd"), "rows").values] == [5]
    assert runner.values(ask("odd"), "list").values == ()
    with pytest.raises(QueryInvalid, match="did you mean `rows`"):
        runner.values(ask("odd"), "rowz")
    runner.close()


def test_a_profile_tells_empty_from_filled(sales):
    money = sales.profile(ask("sales"), "revenue")
    assert (money.rows, money.empty, money.distinct) == (5, 1, 3)
    assert (money.min, money.max) == ("-3.25", "10.50")
    assert money.average == pytest.approx(17.75 / 4)
    assert [(each.value, each.rows) for each in money.top] == [("10.50", 2), ("-3.25", 1), ("0.00", 1)]
    region = sales.profile(ask("sales"), "region")
    assert (region.rows, region.empty, region.min, region.average) == (5, 2, "", None)
    none = sales.profile(ask("sales", where("id", "=", value=99)), "day")
    assert (none.rows, none.empty, none.distinct, none.min, none.top) == (0, 0, 0, None, ())


# ── joins, before they are made


@pytest.fixture
def shops(tmp_path):
    """Three sales of one shop, one of another, one of none; three opening hours of shop 1, one of shop 9."""
    (tmp_path / "c.yaml").write_text(
        "version: 1\ntables:\n  sales: {label: Sales}\n"
        "  hours: {label: Opening hours, key: [shop, weekday]}\n  shops: {key: [id]}\n"
    )
    runner = opened(
        tmp_path / "c.yaml",
        sales=table(
            "VALUES (1, 1, 1), (2, 1, 2), (3, 1, 9), (4, 2, 1), (5, NULL, 1)", "sale", "shop", "weekday"
        ),
        hours=table(
            "VALUES (1, 1, 8), (1, 2, 9), (1, 3, 10), (9, 1, 8), (NULL, 1, 7)", "shop", "weekday", "opens"
        ),
        shops=table("VALUES (1, 'North'), (2, 'South'), (3, 'Unvisited')", "id", "name"),
    )
    yield runner
    runner.close()


def test_a_join_that_multiplies_is_warned_of_with_a_fix(shops):
    check = shops.join_check(ask("sales"), Join("hours", (On("shop", "shop"),), "left"))
    assert (check.left_rows, check.matched, check.unmatched, check.multiplied) == (5, 3, 2, 3)
    assert (check.right_unmatched, check.average_matches, check.exact) == (2, 3.0, True)
    assert (
        check.warning
        == "Each matched row of Sales matches 3.0 rows of Opening hours: totals would be inflated."
    )
    assert check.fix.label == "Also match on weekday"
    assert check.fix.join == Join("hours", (On("shop", "shop"), On("weekday", "weekday")), "left")
    assert len(check.sample.rows) == 3 * 3 + 2
    fixed = shops.join_check(ask("sales"), check.fix.join)
    assert (fixed.matched, fixed.multiplied, fixed.warning, fixed.fix) == (2, 0, None, None)


def test_a_join_on_the_key_warns_of_nothing(shops):
    check = shops.join_check(ask("sales"), Join("shops", (On("shop", "id"),), "inner"))
    assert (check.matched, check.unmatched, check.multiplied, check.right_unmatched) == (4, 1, 0, 1)
    assert check.warning is None
    assert check.fix is None
    assert sorted(row[-1] for row in check.sample.rows) == ["North", "North", "North", "South"]


def test_a_join_with_an_inequality_counts_its_partners(shops):
    pairs = (On("shop", "shop"), On("weekday", "weekday", "<="))
    check = shops.join_check(ask("sales"), Join("hours", pairs, "left"))
    assert (check.matched, check.multiplied, check.average_matches) == (2, 2, 2.5)
    assert check.right_unmatched == 2


def test_a_join_that_matches_nothing_says_so(shops):
    check = shops.join_check(ask("sales"), Join("shops", (On("sale", "id"),), "left"))
    assert check.matched == 3
    none = shops.join_check(
        ask("sales", where("sale", ">", value=3)), Join("shops", (On("sale", "id"),), "left")
    )
    assert (none.left_rows, none.matched, none.average_matches) == (2, 0, 0.0)
    assert none.warning == "No row matches a row of shops: check the key columns."
    empty = shops.join_check(
        ask("sales", where("sale", ">", value=99)), Join("shops", (On("sale", "id"),), "left")
    )
    assert (empty.left_rows, empty.warning) == (0, None)
    assert empty.right_unmatched == 3


def test_a_join_is_checked_after_what_stands_before_it(shops):
    per_shop = {"type": "aggregate", "by": [{"column": "shop"}], "measures": [{"as": "n", "fn": "count"}]}
    check = shops.join_check(ask("sales", per_shop), Join("hours", (On("shop", "shop"),), "left"))
    assert (check.left_rows, check.matched, check.multiplied, check.average_matches) == (3, 1, 1, 3.0)
    assert check.fix is None
    with pytest.raises(QueryInvalid) as refused:
        shops.join_check(ask("sales"), Join("hours", (On("shop", "sohp"),), "left"))
    assert refused.value.faults[0].path == "steps[0].on[0].right"


# ── vintages


LOADS = """VALUES
    ('A', '2024-01', 1, 10), ('A', '2024-02', 2, 20), ('A', '2024-02', 3, 30),
    ('F', '2024-01', 4, 40), (NULL, NULL, 5, 50)
"""


@pytest.fixture
def loads(tmp_path):
    (tmp_path / "c.yaml").write_text(
        "version: 1\ntables:\n  facts:\n    key: [id]\n    vintage: {load_type: kind, load_id: load}\n"
    )
    runner = opened(tmp_path / "c.yaml", facts=table(LOADS, "kind", "load", "id", "amount"))
    yield runner
    runner.close()


def test_load_types_and_ids_stand_newest_first(loads):
    assert [(each.load_type, each.load_ids) for each in loads.vintages("facts")] == [
        ("A", (("2024-02", 2), ("2024-01", 1))),
        ("F", (("2024-01", 1),)),
    ]


def test_without_a_vintage_the_latest_of_each_load_type_is_read_never_silently_all(loads):
    assert [row[2] for row in loads.page(ask("facts")).rows] == [2, 3, 4]
    assert loads.count(ask("facts")) == Count(3, True)
    assert loads.count(ask("facts", vintage={"load_type": "all", "load_id": "all"})) == Count(5, True)
    assert [
        row[2] for row in loads.page(ask("facts", vintage={"load_type": "A", "load_id": "2024-01"})).rows
    ] == [1]
    page = loads.page(ask("facts", vintage={"load_type": "F", "load_id": "latest"}))
    assert page.as_json()["vintage"] == [
        {"table": "facts", "load_type": "F", "load_id": "latest", "loads": [["F", "2024-01"]]}
    ]


def test_a_new_load_is_found_when_the_file_changes(tmp_path):
    path = tmp_path / "facts.parquet"
    (tmp_path / "c.yaml").write_text("version: 1\ntables:\n  facts: {vintage: {load_id: load}}\n")
    duckdb.sql("SELECT * FROM (VALUES (1, 'a')) t(load, v)").write_parquet(str(path))
    runner = open_runner(path, catalog=tmp_path / "c.yaml")
    assert runner.page(ask("facts")).rows == [[1, "a"]]
    time.sleep(0.01)
    duckdb.sql("SELECT * FROM (VALUES (1, 'a'), (2, 'b')) t(load, v)").write_parquet(str(path))
    assert runner.page(ask("facts")).rows == [[2, "b"]]
    assert runner.vintages("facts")[0].load_ids == ((2, 1), (1, 1))
    runner.close()


def test_a_table_without_a_vintage_has_no_loads(sales):
    assert sales.vintages("sales") == ()
    with pytest.raises(NotFound, match="did you mean `sales`"):
        sales.vintages("slaes")


# ── whole results, and their end


def test_a_whole_result_is_exact_arrow_and_bounded(many, sales):
    assert sales.to_arrow(ask("sales"))["revenue"].to_pylist()[:2] == [Decimal("10.50"), None]
    with pytest.raises(ResultTooLarge, match="more than 200 rows"):
        many.to_arrow(ask("numbers"))
    assert many.to_arrow(ask("numbers", where("n", "<", value=200))).num_rows == 200
    with many.stream(ask("numbers")) as result:
        assert sum(batch.num_rows for batch in result.batches) == 250


def test_an_expression_gives_the_same_rows(sales):
    query = ask("sales", where("region", "=", value="EMEA"), {"type": "select", "columns": ["id"]})
    assert sales.expression(query).to_pyarrow().to_pydict() == {"id": [1, 2]}


def slow():
    pair = {"left": "seventh", "right": "seventh"}
    return ask(
        "numbers",
        *({"type": "join", "table": "numbers", "as": f"n{i}", "on": [pair]} for i in range(6)),
        {"type": "aggregate", "by": [], "measures": [{"as": "n", "fn": "distinct_count", "column": "n"}]},
    )  # fmt: skip


def test_a_cancelled_question_ends_at_once(many):
    cancellation = Cancellation()
    threading.Timer(0.3, cancellation.cancel).start()
    begun = time.monotonic()
    with pytest.raises(Cancelled):
        many.page(slow(), cancellation=cancellation)
    assert time.monotonic() - begun < 10
    assert many.page(ask("numbers")).rows[0] == [0, 0]


def test_a_question_has_a_deadline():
    runner = opened(
        None,
        {"QUERY_TIMEOUT_SECONDS": "0.3"},
        numbers=table("SELECT range, range % 7 FROM range(250)", "n", "seventh"),
    )
    with pytest.raises(QueryTimeout, match=r"longer than 0\.3 seconds"):
        runner.page(slow())
    runner.close()


def test_many_threads_ask_at_once(many):
    wrong, start = [], threading.Barrier(6)

    def work(low):
        start.wait()
        for _ in range(5):
            rows = many.page(ask("numbers", where("n", ">=", value=low))).rows
            if rows[0][0] != low:
                wrong.append(rows[0])

    threads = [threading.Thread(target=work, args=(low,)) for low in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


# ── what may be opened


def test_a_notebook_may_hand_over_anything(tmp_path, sales):
    duckdb.sql("SELECT 7 AS a").write_parquet(str(tmp_path / "p.parquet"))
    assert open_source(sales) is sales
    for source, name in (
        (tmp_path / "p.parquet", "p"),
        (str(tmp_path), "p"),
        ([tmp_path / "p.parquet"], "p"),
        (pd.DataFrame({"a": [7]}), "data"),
        ({"left": pl.DataFrame({"a": [7]})}, "left"),
        (duckdb.sql("SELECT 7 AS a").to_arrow_table(), "data"),
    ):
        runner = open_source(source)
        assert runner.page(ask(name)).rows == [[7]]
        runner.close()


def test_a_catalog_alone_opens_its_files(sample):
    runner = open_runner(catalog=sample.catalog)
    assert runner.table("global_sales").label == "Global sales"
    assert runner.count(ask("flights")) == Count(336_776, True)
    runner.close()
