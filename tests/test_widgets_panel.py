"""Panels and the explorer: what the page is shown, what it may do, what a notebook gets."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from decimal import Decimal
from typing import TYPE_CHECKING

import ibis
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from service_lab import ADA, served

import aurora_widgets
from aurora_widgets import ChipBar, DataGrid, Explorer, ExplorerState, FilterBuilder
from aurora_widgets.errors import AuroraError, QueryInvalid, SourceInvalid
from aurora_widgets.query import from_code, to_url
from aurora_widgets.query.model import (
    Aggregate,
    Condition,
    Filter,
    Group,
    Key,
    Limit,
    Measure,
    Query,
    Sort,
    SortKey,
)
from aurora_widgets.widgets.panel import Panel

if TYPE_CHECKING:
    from pathlib import Path

SALES = pa.table(
    {
        "id": [1, 2, 3, 4],
        "region": ["EMEA", "APAC", None, "EMEA"],
        "revenue": pa.array(["1.50", "20000.25", "3.00", None]).cast(pa.decimal128(12, 2)),
        "rep": [1, 2, 9, 1],
        "note": ["x" * 5_000, "b", "c", "d"],
    }
)
PEOPLE = pa.table({"rep": [1, 1, 2], "name": ["Ann", "Anna", "Bob"]})
RULE = {"type": "condition", "column": "region", "op": "=", "value": "EMEA"}


@pytest.fixture(scope="module")
def explorer() -> Explorer:
    return Explorer({"sales": SALES, "people": PEOPLE})


@pytest.fixture
def state(explorer: Explorer) -> ExplorerState:
    return ExplorerState(explorer.state.client, Query("sales"))


def told(panel: Panel, content: object) -> list[dict[str, object]]:
    """Send a message as the page does and return the answers; they must be JSON."""
    answers: list[dict[str, object]] = []
    panel.send = answers.append
    panel._received(panel, content, [])
    return json.loads(json.dumps(answers))


def test_a_panel_shows_the_state_and_its_messages_change_it(state: ExplorerState) -> None:
    panel = Panel(state)
    chips = ChipBar(state)
    assert told(panel, {"do": "filter", "where": RULE}) == []
    assert panel.page["rows"][0][:3] == ["1", "EMEA", "1.50"]
    assert chips.question["chips"][1]["text"] == "region = EMEA"
    assert chips.page["rows"] == [], "rows are sent only to panels that show them"
    assert DataGrid(state).page == panel.page
    json.dumps([panel.tables, panel.question, panel.page, panel.status])


def test_the_page_may_not_set_traits(state: ExplorerState) -> None:
    panel = Panel(state)
    before = dict(panel.question)
    panel.set_state({"question": {"table": "secrets"}, "panel": "bar"})
    panel._handle_msg({"content": {"data": {"method": "update", "state": {"page": {}, "_esm": "evil()"}}}})
    assert panel.question == before
    assert panel.panel == "explorer"
    assert "evil" not in panel._esm


def test_a_closed_panel_listens_no_more(state: ExplorerState) -> None:
    panel = FilterBuilder(state)
    panel.close()
    state.query = Query("people")
    assert panel.question["table"] == "sales"


def test_a_wrong_deed_is_said_and_a_wrong_ask_is_answered(state: ExplorerState) -> None:
    panel = Panel(state)
    assert told(panel, {"do": "filter", "where": {**RULE, "op": "like"}}) == []
    assert panel.status["error"]["part"] == "filter"
    (answer,) = told(panel, {"id": 7, "ask": "values"})
    assert answer["id"] == 7
    assert answer["error"]["code"] == "MESSAGE_INVALID"


def test_asks_are_answered(state: ExplorerState) -> None:
    panel = Panel(state)
    (count,) = told(panel, {"id": 1, "ask": "count", "where": RULE})
    assert count == {"id": 1, "answer": {"rows": 2, "exact": True}}
    (values,) = told(panel, {"id": 2, "ask": "values", "column": "region", "search": "", "limit": 10})
    assert values["answer"] == {
        "values": [{"value": "EMEA", "text": "EMEA"}, {"value": "APAC", "text": "APAC"}],
        "more": False,
    }
    (columns,) = told(panel, {"id": 3, "ask": "columns", "table": "people"})
    assert [column["name"] for column in columns["answer"]["columns"]] == ["rep", "name"]
    (example,) = told(panel, {"id": 4, "ask": "example", "table": "people"})
    assert sorted(example["answer"]["page"]["rows"]) == [["1", "Ann"], ["1", "Anna"], ["2", "Bob"]]
    (keys,) = told(panel, {"id": 5, "ask": "suggest_keys", "table": "people", "index": 0})
    assert keys["answer"]["pairs"] == [{"left": "rep", "right": "rep"}]
    assert keys["answer"]["source"] == "names"
    (profile,) = told(panel, {"id": 6, "ask": "profile", "column": "revenue"})
    assert profile["answer"] | {"top": []} == {
        "rows": 4,
        "empty": 1,
        "distinct": 3,
        "exact": True,
        "min": "1.50",
        "max": "20,000.25",
        "average": "6,668.25",
        "top": [],
    }
    (cell,) = told(panel, {"id": 7, "ask": "cell", "row": 0, "column": "note"})
    assert cell["answer"] == {"text": "x" * 5_000, "cut": False}
    assert panel.page["rows"][0][4] == "x" * 1_000 + "…"


def test_a_join_is_checked_before_it_is_made(state: ExplorerState) -> None:
    join = {"type": "join", "table": "people", "how": "left", "on": [{"left": "rep", "right": "rep"}]}
    (check,) = told(Panel(state), {"id": 1, "ask": "join_check", "join": join, "index": 0})
    answer = check["answer"]
    assert [answer[key] for key in ("left_rows", "matched", "unmatched", "multiplied")] == [4, 3, 1, 2]
    assert answer["warning"]
    assert len(answer["sample"]["rows"]) == 6
    assert answer["sample"]["columns"][-1]["name"] == "name"
    wrong = join | {"on": [{"left": "nope", "right": "rep"}]}
    (refused,) = told(Panel(state), {"id": 2, "ask": "join_check", "join": wrong, "index": 0})
    assert refused["error"]["faults"][0]["path"].startswith("join.on[0]")
    draft = {"first": {"table": "people"}, "joins": []}
    back = {"type": "join", "table": "sales", "how": "left", "on": [{"left": "rep", "right": "rep"}]}
    (check,) = told(Panel(state), {"id": 3, "ask": "join_check", "join": back, "index": 0, "before": draft})
    assert check["answer"]["left_rows"] == 3


def test_a_draft_of_the_filter_that_is_wrong_says_where(state: ExplorerState) -> None:
    tree = {"type": "group", "op": "and", "children": [RULE, {**RULE, "column": "revenue", "value": "12,5"}]}
    (answer,) = told(Panel(state), {"id": 1, "ask": "count", "where": tree})
    assert answer["error"]["faults"][0]["path"] == "where.children[1].value"


def test_a_newer_ask_of_a_kind_takes_the_older_ones_place(state: ExplorerState) -> None:
    async def act() -> list[dict[str, object]]:
        panel = Panel(state)
        answers: list[dict[str, object]] = []
        panel.send = answers.append
        for number in (1, 2, 3):
            panel._received(panel, {"id": number, "ask": "count", "where": RULE}, [])
        await state.runs.settled()
        return answers

    answers = asyncio.run(act())
    assert [answer["id"] for answer in answers if "answer" in answer] == [3]
    assert {answer["error"]["code"] for answer in answers if "error" in answer} == {"CANCELLED"}


WORDS = st.sampled_from(["sales", "region", "step:0", "x"])
KEYS = st.sampled_from(["table", "on", "column"])
JUNK = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.floats() | WORDS,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(KEYS, inner, max_size=2),
    max_leaves=5,
)
FIELDS = [
    "table",
    "where",
    "text",
    "joins",
    "first",
    "aggregate",
    "by",
    "columns",
    "chip",
    "row",
    "column",
    "offset",
    "view",
    "query",
    "id",
    "search",
    "limit",
    "index",
    "join",
    "load_type",
    "load_id",
]
VERBS = [
    "pick",
    "vintage",
    "search",
    "sort",
    "select",
    "remove",
    "toggle",
    "filter_cell",
    "page",
    "fix",
    "values",
    "columns",
    "example",
    "suggest_keys",
    "profile",
    "cell",
    "code",
]


@given(
    st.sampled_from(["do", "ask"]),
    st.sampled_from(VERBS),
    st.dictionaries(st.sampled_from(FIELDS), JUNK, max_size=5),
)  # fmt: skip
@settings(max_examples=60, deadline=None)
def test_no_message_raises_in_the_kernel(
    explorer: Explorer, verb: str, word: str, fields: dict[str, object]
) -> None:
    state = ExplorerState(explorer.state.client, Query("sales"))
    told(Panel(state), {verb: word, **fields})
    assert state.status["state"] in {"ready", "error", "start"}


# ── the explorer in a notebook


def test_an_explorer_of_one_frame_shows_it(explorer: Explorer) -> None:
    shown = Explorer(pd.DataFrame({"a": [1, 2]}))
    assert shown.state.page["rows"] == [["1"], ["2"]]
    assert explorer.state.status["state"] == "start"
    assert repr(explorer) == "Explorer(2 tables, none chosen)"


@pytest.mark.parametrize(
    "frame",
    [
        pd.DataFrame({"a": [1, 2]}),
        pl.DataFrame({"a": [1, 2]}),
        pa.table({"a": [1, 2]}),
        ibis.memtable(pa.table({"a": [1, 2]})),
    ],
    ids=["pandas", "polars", "arrow", "ibis"],
)
def test_frames_of_every_house_are_explored_where_they_are(frame: object) -> None:
    shown = Explorer(
        {"numbers": frame}, query=Query("numbers", steps=(Filter(Condition("a", ">", value=1)),))
    )
    assert shown.to_arrow().to_pydict() == {"a": [2]}


def test_a_file_is_explored_and_its_code_opens_it_again(tmp_path: Path) -> None:
    path = tmp_path / "sales.parquet"
    pq.write_table(SALES, path)
    shown = Explorer(path)
    assert shown.query == Query("sales")
    code = shown.code()
    assert f"Explorer({str(path)!r}, query=query)" in code
    assert from_code(code) == shown.query
    again: dict[str, object] = {}
    exec(compile(code, "cell", "exec"), again)  # noqa: S102  what a person would paste
    assert again["explorer"].query == shown.query


def test_the_result_comes_exactly_in_every_form(explorer: Explorer) -> None:
    summary = Aggregate((Key("region"),), (Measure("total", "sum", "revenue"),))
    explorer.query = Query("sales", steps=(summary, Sort((SortKey("region"),))))
    rows = [("APAC", Decimal("20000.25")), ("EMEA", Decimal("1.50")), (None, Decimal("3.00"))]
    assert [tuple(row.values()) for row in explorer.to_arrow().to_pylist()] == rows
    frame = explorer.to_pandas()
    assert list(frame["total"]) == [total for _, total in rows]
    assert explorer.to_polars().rows() == rows
    assert explorer.value.to_pyarrow().to_pydict()["region"] == ["APAC", "EMEA", None]
    assert "SUM" in explorer.sql().upper()
    assert explorer.result.rows == 3
    explorer.query = None
    with pytest.raises(QueryInvalid, match="Choose a table"):
        explorer.to_arrow()


def test_a_notebook_hears_of_each_result_and_moves_the_question(explorer: Explorer) -> None:
    heard = []
    explorer.observe(lambda change: heard.append(change["new"].query), "result")
    explorer.query = Query("sales", steps=(Limit(1),))
    assert heard[-1] == Query("sales", steps=(Limit(1),))
    with pytest.raises(QueryInvalid):
        explorer.query = {"version": 1, "table": "nope"}
    assert explorer.query == Query("sales", steps=(Limit(1),))
    explorer.query = None
    explorer.unobserve_all("result")


def test_the_portal_page_runs_nothing_by_itself_and_follows_a_link(tmp_path: Path) -> None:
    for name, table in (("sales", SALES), ("people", PEOPLE)):
        pq.write_table(table, tmp_path / f"{name}.parquet")
    environment = {"AURORA_OPEN": json.dumps([str(tmp_path)])}
    bare = Explorer.from_environment(environment)
    assert bare.state.status["state"] == "start"
    assert [table["name"] for table in bare.state.tables] == ["people", "sales"]
    one = Explorer.from_environment({"AURORA_OPEN": json.dumps([str(tmp_path / "sales.parquet")])})
    assert one.query is None
    query = Query("sales", steps=(Filter(Group("or", (Condition("id", "=", value=2),))),))
    linked = Explorer.from_environment(environment | {"QUERY_STRING": f"token=x&q={to_url(query)}"})
    assert linked.state.status["rows"] == 1
    broken = Explorer.from_environment(environment | {"QUERY_STRING": "q=nonsense"})
    assert broken.state.status["state"] == "error"
    for wrong in ('"sales.parquet"', "sales.parquet", "[1]"):
        with pytest.raises(SourceInvalid, match="JSON list of paths"):
            Explorer.from_environment({"AURORA_OPEN": wrong})


def test_the_portal_page_knows_whose_it_is_and_nothing_else_does(tmp_path: Path) -> None:
    pq.write_table(SALES, tmp_path / "sales.parquet")
    environment = {"AURORA_USER": "maria", "AURORA_SIGN_OUT": "/bank/hub/logout"}
    with served(tmp_path) as (url, _):
        service = {"AURORA_SERVICE_URL": url, "AURORA_TOKEN": ADA}
        portal = Explorer.from_environment(environment | service)
        assert portal.children[0].account == {"name": "maria", "sign_out": "/bank/hub/logout"}
        nameless = Explorer.from_environment(service)
    assert nameless.children[0].account == {}
    local = Explorer.from_environment(environment | {"AURORA_OPEN": json.dumps([str(tmp_path)])})
    assert local.children[0].account == {}


def test_what_cannot_be_opened_is_one_sentence(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.parquet"
    wrong.write_bytes(b"no parquet")
    with pytest.raises(AuroraError):
        Explorer(wrong)
    with pytest.raises(AuroraError, match=r"table.*datagrid"):
        Explorer({"sales": SALES}, grid="canvas")


def test_importing_the_package_costs_nothing() -> None:
    script = (
        "import sys, aurora_widgets; "
        "heavy = {'ibis', 'duckdb', 'pandas', 'pyarrow', 'ipywidgets'} & set(sys.modules); "
        "assert not heavy, heavy; "
        "import aurora_widgets.widgets.explorer; "
        "heavy = {'ibis', 'duckdb', 'pandas', 'pyarrow', 'ipydatagrid'} & set(sys.modules); "
        "assert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", script], check=True)
    assert set(aurora_widgets.__all__) <= set(dir(aurora_widgets))


def test_a_text_that_is_too_long_is_offered_as_no_value() -> None:
    long = Explorer({"notes": pa.table({"note": ["x" * 2_000_000, "short", "short"]})})
    state = ExplorerState(long.state.client)
    state.query = Query("notes")
    (values,) = told(Panel(state), {"id": 1, "ask": "values", "column": "note", "search": "", "limit": 10})
    assert values["answer"]["values"] == [
        {"value": "short", "text": "short"},
        {"value": None, "text": "x" * 1_000 + "…", "cut": True},
    ]


def test_the_loads_of_a_joined_table_can_be_chosen(tmp_path: Path) -> None:
    pq.write_table(pa.table({"id": [1, 2], "rep": [1, 2]}), tmp_path / "orders.parquet")
    budgets = pa.table(
        {"rep": [1, 1, 1], "kind": ["A", "A", "F"], "load": ["1", "2", "3"], "plan": [5, 6, 7]}
    )
    pq.write_table(budgets, tmp_path / "budgets.parquet")
    catalog = tmp_path / "c.yaml"
    catalog.write_text(
        "version: 1\ntables:\n  budgets:\n    label: Budgets\n    vintage: {load_type: kind, load_id: load}\n"
    )
    explorer = Explorer(str(tmp_path), catalog=catalog)
    state = ExplorerState(explorer.state.client)
    state.query = Query("orders")
    panel = Panel(state)
    (none,) = told(panel, {"id": 1, "ask": "loads", "table": "orders", "vintage": None})
    assert none["answer"] == {"vintage": None}
    chosen = {"load_type": "A", "load_id": "1"}
    (loads,) = told(panel, {"id": 2, "ask": "loads", "table": "budgets", "vintage": chosen})
    view = loads["answer"]["vintage"]
    assert [each["value"] for each in view["load_types"]] == ["all", "F", "A"]
    assert [each["value"] for each in view["load_ids"]] == ["latest", "all", "2", "1"]
    assert (view["load_type"], view["load_id"]) == ("A", "1")
    join = {"type": "join", "table": "budgets", "how": "left", "on": [{"left": "rep", "right": "rep"}]}
    told(panel, {"do": "joins", "joins": [join | {"vintage": chosen}]})
    assert panel.question["chips"][-1]["text"] == "⋈ Budgets · A · 1 (left)"
    assert explorer.state.client.to_arrow(state.query).column("plan").to_pylist() == [5, None]


def test_what_a_summary_gives_is_said_by_the_plan(state: ExplorerState) -> None:
    measures = [
        {"as": "sum_id", "fn": "sum", "column": "id"},
        {"as": "least", "fn": "min", "column": "note"},
        {"as": "n", "fn": "count"},
        {"as": "mean", "fn": "avg", "column": "revenue"},
    ]
    draft = {"type": "aggregate", "by": [{"column": "region"}], "measures": measures, "totals": "grand"}
    (found,) = told(Panel(state), {"id": 1, "ask": "summary", "aggregate": draft})
    assert [(each["name"], each["type"]) for each in found["answer"]["columns"]] == [
        ("region", "text"),
        ("sum_id", "int128"),
        ("least", "text"),
        ("n", "int64"),
        ("mean", "float64"),
    ]
    wrong = draft | {"measures": [{"as": "x", "fn": "sum", "column": "region"}]}
    (refused,) = told(Panel(state), {"id": 2, "ask": "summary", "aggregate": wrong})
    assert refused["error"]["faults"][0]["path"].startswith("aggregate.measures[0]")


def test_where_nothing_else_helps_a_join_may_start_from_the_other_side(state: ExplorerState) -> None:
    pairs = [{"left": "rep", "right": "rep"}]
    panel = Panel(state)
    (forwards,) = told(
        panel,
        {
            "id": 1,
            "ask": "join_check",
            "index": 0,
            "join": {"type": "join", "table": "people", "how": "left", "on": pairs},
        },
    )
    # Two people share a number and so do two sales: whichever comes first, rows are multiplied.
    assert forwards["answer"]["multiplied"] == 2
    assert not forwards["answer"]["swap"]
    join = {"type": "join", "table": "sales", "how": "left", "on": [{"left": "id", "right": "rep"}]}
    managers = Explorer({"sales": SALES, "managers": pa.table({"id": [1, 2, 3]})})
    other = ExplorerState(managers.state.client)
    other.query = Query("managers")
    (backwards,) = told(Panel(other), {"id": 2, "ask": "join_check", "index": 0, "join": join})
    assert (backwards["answer"]["multiplied"], backwards["answer"]["swap"]) == (1, True)
