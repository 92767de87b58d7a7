"""The state: deeds, history, runs that end in the database, answers that come too late."""

from __future__ import annotations

import asyncio
import sys
import threading
import time
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest

from aurora_widgets.errors import PoolExhausted, QueryInvalid
from aurora_widgets.query import to_url
from aurora_widgets.query.model import (
    Aggregate,
    Condition,
    Filter,
    Group,
    Join,
    Key,
    Limit,
    Measure,
    On,
    Query,
    Sort,
    SortKey,
    Vintage,
)
from aurora_widgets.service.open import open_runner
from aurora_widgets.widgets import messages
from aurora_widgets.widgets.client import EmbeddedClient
from aurora_widgets.widgets.state import ExplorerState

if TYPE_CHECKING:
    from collections.abc import Iterator

REGIONS = ["EMEA", "APAC", None, "AMER"]
SALES = pa.table(
    {
        "id": list(range(120)),
        "region": [REGIONS[i % 4] for i in range(120)],
        "revenue": pa.array([f"{i}.50" for i in range(120)]).cast(pa.decimal128(12, 2)),
        "big": [9007199254740993 + i for i in range(120)],
    }
)
# each row meets each other row: 40,000 million rows to count, which no machine does in a test's time
WIDE = pa.table({"k": pa.array([0] * 200_000, pa.int8())})
SLOW = Query(
    "wide",
    steps=(Join("wide", (On("k", "k"),), alias="other"), Aggregate((), (Measure("n", "count"),))),
)


@pytest.fixture(scope="module")
def client() -> Iterator[EmbeddedClient]:
    runner = open_runner(frames={"sales": SALES, "wide": WIDE})
    yield EmbeddedClient(runner)
    runner.close()


class Clock:
    """Seconds as the test says."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def column(state: ExplorerState, name: str) -> list[str | None]:
    index = [entry["name"] for entry in state.page["columns"]].index(name)
    return [row[index] for row in state.page["rows"]]


def test_nothing_is_chosen_and_nothing_runs_until_a_person_acts(client: EmbeddedClient) -> None:
    state = ExplorerState(client)
    assert state.status["state"] == "start"
    assert state.page["rows"] == []
    assert [table["name"] for table in state.tables] == ["sales", "wide"]
    assert state.question["query"] is None


def test_picking_a_table_shows_its_first_page_and_how_many_rows_there_are(client: EmbeddedClient) -> None:
    state = ExplorerState(client)
    state.do(messages.Pick("sales"))
    assert state.status["state"] == "ready"
    assert state.status["rows"] == 120
    assert state.status["exact"] is True
    assert len(state.page["rows"]) == 50
    assert state.page["more"] is True
    assert state.page["rows"][0] == ["0", "EMEA", "0.50", "9,007,199,254,740,993"]


def test_the_last_page_ends(client: EmbeddedClient) -> None:
    state = ExplorerState(client, Query("sales"))
    state.do(messages.ShowPage(100))
    assert len(state.page["rows"]) == 20
    assert (state.page["offset"], state.page["more"]) == (100, False)


def test_no_row_is_on_two_pages(client: EmbeddedClient) -> None:
    state = ExplorerState(client, Query("sales", steps=(Sort((SortKey("region"),)),)))
    seen: list[str | None] = []
    for offset in (0, 50, 100):
        state.do(messages.ShowPage(offset))
        seen += column(state, "id")
    assert sorted(map(int, filter(None, seen))) == list(range(120))


def test_a_question_from_python_moves_everything_and_can_be_undone(client: EmbeddedClient) -> None:
    state = ExplorerState(client, Query("sales"))
    assert state.question["undo"] is False
    state.query = {
        "version": 1,
        "table": "sales",
        "steps": [
            {"type": "filter", "where": {"type": "condition", "column": "region", "op": "=", "value": "EMEA"}}
        ],
    }
    assert state.status["rows"] == 30
    assert state.question["counts"]["filter"] == 1
    state.do(messages.Plain("undo"))
    assert state.query == Query("sales")
    assert state.status["rows"] == 120
    state.do(messages.Plain("redo"))
    assert state.status["rows"] == 30


def test_json_text_and_links_are_questions_too(client: EmbeddedClient) -> None:
    query = Query("sales", steps=(Limit(3),))
    state = ExplorerState(client)
    state.query = '{"version": 1, "table": "sales", "steps": [{"type": "limit", "rows": 3}]}'
    assert state.query == query
    state.query = None
    assert state.status["state"] == "start"
    state.query = to_url(query)
    assert state.query == query
    assert state.status["rows"] == 3


@pytest.mark.parametrize(
    "wrong",
    [
        7,
        "{",
        "no link",
        {"version": 1, "table": "salse"},
        {"version": 99, "table": "sales"},
        Query("sales", steps=(Filter(Condition("nowhere", "=", value=1)),)),
    ],
)
def test_a_wrong_question_is_refused_and_the_old_one_stays(client: EmbeddedClient, wrong: object) -> None:
    state = ExplorerState(client, Query("sales"))
    with pytest.raises(QueryInvalid):
        state.query = wrong
    assert state.query == Query("sales")
    assert state.status["rows"] == 120


def test_reset_clears_the_question_and_undo_brings_it_back(client: EmbeddedClient) -> None:
    full = Query("sales", steps=(Filter(Condition("region", "=", value="EMEA")), Sort((SortKey("id"),))))
    state = ExplorerState(client, full)
    state.do(messages.Plain("reset"))
    assert state.query == Query("sales")
    state.do(messages.Plain("undo"))
    assert state.query == full


def test_typing_a_search_is_one_edit_and_a_pause_makes_two(client: EmbeddedClient) -> None:
    clock = Clock()
    state = ExplorerState(client, Query("sales"), clock=clock)
    for text in ("E", "EM", "EME"):
        clock.now += 0.2
        state.do(messages.Search(text))
    clock.now += 5
    state.do(messages.Search("EMEA"))
    assert column(state, "region") == ["EMEA"] * 30
    state.do(messages.Plain("undo"))
    assert state.question["parts"]["search"] == "EME"
    state.do(messages.Plain("undo"))
    assert state.query == Query("sales")
    assert state.question["undo"] is False


def test_two_filters_in_quick_succession_are_two_edits(client: EmbeddedClient) -> None:
    state = ExplorerState(client, Query("sales"), clock=Clock())
    for value in ("EMEA", "APAC"):
        state.do(messages.SetFilter(Condition("region", "=", value=value)))
    state.do(messages.Plain("undo"))
    assert column(state, "region")[0] == "EMEA"


def test_rows_that_come_after_a_refused_edit_leave_its_reason_standing(client: EmbeddedClient) -> None:
    state = ExplorerState(client, Query("sales"))
    state.refuse(QueryInvalid([], "Not like that."), "filter")
    state._answered()  # as when the page was still on its way
    assert state.status["state"] == "error"
    assert state.status["error"]["detail"] == "Not like that."
    assert len(state.page["rows"]) == 50
    state.do(messages.Plain("retry"))
    assert state.status["state"] == "ready"


def test_a_refused_edit_says_why_beside_its_cause_and_keeps_the_page(client: EmbeddedClient) -> None:
    state = ExplorerState(client, Query("sales"))
    state.do(messages.SetFilter(Condition("revenue", ">", value="12,5")))
    assert state.status["state"] == "error"
    assert state.status["error"]["part"] == "filter"
    assert "12,5" in state.status["error"]["detail"]
    assert state.question["faults"][0]["path"] == "where.value"
    assert state.query == Query("sales")
    assert len(state.page["rows"]) == 50


def test_a_broken_step_is_amber_left_out_of_the_run_and_said(client: EmbeddedClient) -> None:
    summary = Aggregate((Key("region"),), (Measure("total", "sum", "revenue"),))
    state = ExplorerState(client, Query("sales", steps=(summary, Sort((SortKey("total", descending=True),)))))
    state.do(messages.OnChip("remove", "step:0"))
    assert state.status["rows"] == 120
    chip = state.question["chips"][-1]
    assert "`total` is not a column" in chip["broken"]
    assert state.query == Query("sales")
    assert any("left out" in note for note in state.status["notes"])
    state.do(messages.Plain("undo"))
    assert state.question["chips"][-1]["broken"] is None
    assert state.query.steps[-1] == Sort((SortKey("total", descending=True),))


def test_a_cell_filters_by_its_exact_value(client: EmbeddedClient) -> None:
    state = ExplorerState(client, Query("sales"))
    state.do(messages.FilterCell(3, "big", negate=False))
    assert state.query.steps == (Filter(Condition("big", "=", value="9007199254740996")),)
    assert column(state, "id") == ["3"]
    state.do(messages.Plain("undo"))
    state.do(messages.FilterCell(2, "region", negate=True))
    assert state.status["rows"] == 90
    state.do(messages.FilterCell(5_000, "region", negate=True))
    assert "not on the page" in state.status["error"]["detail"]


def test_a_cell_of_an_older_page_never_filters_by_what_stands_there_now(client: EmbeddedClient) -> None:
    state = ExplorerState(client, Query("sales"))
    old = state.page["epoch"]
    state.do(messages.ShowPage(50))
    state.do(messages.FilterCell(3, "id", negate=False, epoch=old))
    assert state.query == Query("sales")
    assert "not on the page" in state.status["error"]["detail"]
    state.do(messages.FilterCell(3, "id", negate=False, epoch=state.page["epoch"]))
    assert len(state.query.steps) == 1


def test_a_total_is_no_empty_cell_to_filter_by(client: EmbeddedClient) -> None:
    summary = Aggregate((Key("region"),), (Measure("n", "count"),), totals="grand")
    state = ExplorerState(client, Query("sales", steps=(summary, Sort((SortKey("n", descending=True),)))))
    assert state.page["totals"] == [1, 0, 0, 0, 0]
    assert state.page["rows"][0] == [None, "120"]
    state.do(messages.FilterCell(0, "region", negate=False))
    assert "is a total" in state.status["error"]["detail"]
    empty = column(state, "region").index(None, 1)
    state.do(messages.FilterCell(empty, "region", negate=False))
    assert state.status["rows"] == 2


def test_the_result_can_be_observed(client: EmbeddedClient) -> None:
    state = ExplorerState(client)
    heard = []
    state.observe(lambda change: heard.append(change["new"]), "result")
    state.query = Query("sales")
    assert heard[-1].query == Query("sales")
    assert (heard[-1].rows, heard[-1].exact) == (120, True)


def test_a_page_too_deep_is_refused_and_the_page_stays(client: EmbeddedClient) -> None:
    state = ExplorerState(client, Query("sales"))
    state.do(messages.ShowPage(10_000_000))
    assert state.status["error"]["code"] == "OFFSET_TOO_DEEP"
    assert state.status["offset"] == 0
    assert len(state.page["rows"]) == 50


def test_the_order_of_rows_asks_for_no_new_count(
    client: EmbeddedClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    state = ExplorerState(client, Query("sales", steps=(Filter(Condition("id", ">=", value=0)),)))
    counted: list[object] = []
    monkeypatch.setattr(client, "count", lambda query, **_: counted.append(query))
    state.do(messages.SetSort((SortKey("revenue", descending=True),)))
    assert state.status["rows"] == 120
    assert counted == []


def test_a_busy_warehouse_says_when_to_try_again_and_retrying_does(
    client: EmbeddedClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(*_: object, **__: object) -> None:
        raise PoolExhausted("The warehouse is busy.")

    state = ExplorerState(client)
    with monkeypatch.context() as patch:
        patch.setattr(client.runner.engine, "execute", busy)
        state.do(messages.Pick("sales"))
    assert state.status["state"] == "busy"
    assert state.status["error"]["retry_after"] == 5
    state.do(messages.Plain("retry"))
    assert state.status["state"] == "ready"
    assert len(state.page["rows"]) == 50


async def settled(state: ExplorerState) -> None:
    await asyncio.wait_for(state.runs.settled(), 60)


def test_a_newer_question_ends_the_older_one_in_the_database(client: EmbeddedClient) -> None:
    async def act() -> ExplorerState:
        state = ExplorerState(client)
        state.query = SLOW
        await asyncio.sleep(1)
        assert state.status["state"] == "loading"
        assert running() >= 1
        asked = time.monotonic()
        state.query = Query("sales")
        assert time.monotonic() - asked < 1, "setting a question waits for nothing"
        await settled(state)
        return state

    state = asyncio.run(act())
    assert state.status["state"] == "ready"
    assert state.status["rows"] == 120
    assert running() == 0


def running() -> int:
    """Count the worker threads that are inside the database."""
    frames = sys._current_frames()
    threads = [thread for thread in threading.enumerate() if thread.name.startswith("aurora")]
    return sum(
        any(name.endswith("duckdb.py") for name in _files(frames[thread.ident]))
        for thread in threads
        if thread.ident in frames
    )


def _files(frame: object) -> Iterator[str]:
    while frame is not None:
        yield frame.f_code.co_filename
        frame = frame.f_back


def test_cancel_ends_the_run_and_says_so(client: EmbeddedClient) -> None:
    async def act() -> ExplorerState:
        state = ExplorerState(client)
        state.query = SLOW
        await asyncio.sleep(0.5)
        state.do(messages.Plain("cancel"))
        assert state.status["error"]["code"] == "CANCELLED"
        await settled(state)
        return state

    state = asyncio.run(act())
    assert state.status["state"] == "error"
    assert running() == 0
    assert state.question["table"] == "wide"


def test_an_answer_that_comes_too_late_is_dropped(
    client: EmbeddedClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    released = threading.Event()
    asked = client.page

    def late(query: Query, **kwargs: object) -> object:
        if query == Query("sales"):
            released.wait(30)  # as a database that does not hear the interrupt
            kwargs["cancellation"] = None
        return asked(query, **kwargs)

    async def act() -> ExplorerState:
        state = ExplorerState(client)
        with monkeypatch.context() as patch:
            patch.setattr(client, "page", late)
            state.query = Query("sales")
            await asyncio.sleep(0.2)
            state.query = Query("sales", steps=(Limit(2),))
            while state.status["state"] != "ready":  # noqa: ASYNC110  the page polls nothing; a test may
                await asyncio.sleep(0.02)
            released.set()
            await settled(state)
        return state

    state = asyncio.run(act())
    assert len(state.page["rows"]) == 2


def test_a_burst_of_changes_runs_once(client: EmbeddedClient, monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[Query] = []
    asked = client.page

    def page(query: Query, **kwargs: object) -> object:
        ran.append(query)
        return asked(query, **kwargs)

    async def act() -> None:
        state = ExplorerState(client)
        with monkeypatch.context() as patch:
            patch.setattr(client, "page", page)
            for rows in range(1, 30):
                state.query = Query("sales", steps=(Limit(rows),))
            await settled(state)

    asyncio.run(act())
    assert ran == [Query("sales", steps=(Limit(29),))]


def test_a_mistake_of_ours_is_one_sentence(client: EmbeddedClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    state = ExplorerState(client)
    with monkeypatch.context() as patch:
        patch.setattr(client, "page", broken)
        state.do(messages.Pick("sales"))
    assert "inside Aurora" in state.status["error"]["detail"]


LOADS = pa.table(
    {
        "kind": ["ACTUALS", "ACTUALS", "ACTUALS", "FORECAST"],
        "load": ["2026-11-19", "2026-11-20", "2026-11-20", "2026-11-01"],
        "x": [1, 2, 3, 4],
    }
)


def test_vintages_are_offered_and_latest_says_what_it_is(tmp_path) -> None:
    catalog = tmp_path / "catalog.yaml"
    catalog.write_text(
        "version: 1\ntables:\n  loads:\n    label: Loads\n    vintage: {load_type: kind, load_id: load}\n"
    )
    runner = open_runner(frames={"loads": LOADS}, catalog=catalog)
    state = ExplorerState(EmbeddedClient(runner))
    state.do(messages.Pick("loads"))
    assert state.query.vintage == Vintage("all", "latest")
    assert state.status["rows"] == 3
    offered = state.question["vintage"]
    assert [each["value"] for each in offered["load_types"]] == ["all", "ACTUALS", "FORECAST"]
    state.query = Query("loads")
    assert state.query.vintage == Vintage("all", "latest"), "always written out"
    state.do(messages.ChooseVintage("ACTUALS", "latest"))
    assert state.status["rows"] == 2
    assert state.status["vintage"] == "ACTUALS · latest (2026-11-20)"
    assert [each["value"] for each in state.question["vintage"]["load_ids"]] == [
        "latest",
        "all",
        "2026-11-20",
        "2026-11-19",
    ]
    state.do(messages.ChooseVintage("ACTUALS", "2026-11-19"))
    assert state.status["rows"] == 1
    assert state.question["chips"][1]["text"] == "ACTUALS · 2026-11-19"
    runner.close()


def test_a_group_of_rules_reaches_the_database_as_it_was_built(client: EmbeddedClient) -> None:
    state = ExplorerState(client, Query("sales"))
    tree = Group("or", (Condition("region", "is empty"), Condition("revenue", ">", value=118)), negate=True)
    state.do(messages.SetFilter(tree))
    kept = [i for i in range(120) if not (REGIONS[i % 4] is None or i + 0.5 > 118)]
    assert state.status["rows"] == len(kept)
