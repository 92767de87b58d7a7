"""The ipydatagrid view: what its stock classes get wrong, seen from the kernel."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest

from aurora_widgets import Explorer
from aurora_widgets.query.model import Condition, Filter, Query, Select, Sort, SortKey
from aurora_widgets.widgets import messages

if TYPE_CHECKING:
    from pathlib import Path

pytest.importorskip("ipydatagrid")

N = 1_000
ROWS = pa.table(
    {
        "id": list(range(N)),
        "big": [5_000_000_000 + i for i in range(N)],
        "at": pa.array([None] * N, pa.timestamp("us")),
        "ipydguuid": ["$NaN$"] * N,
    }
)


@pytest.fixture
def explorer() -> Explorer:
    return Explorer({"rows": ROWS}, query=Query("rows"), grid="datagrid")


def asked(explorer: Explorer, message: object) -> list[dict]:
    grid = explorer.children[1]
    sent: list[dict] = []
    grid.send = lambda content, buffers=None: sent.append(content)
    grid._msg_callbacks(grid, message, [])
    return json.loads(json.dumps(sent))


PRESS = {"event_type": "cell-click", "region": "column-header", "column_index": 0}
WINDOW = {"type": "data-request", "r1": 60, "r2": 62, "c1": 0, "c2": 3}


def test_the_visible_window_comes_as_exact_texts(explorer: Explorer) -> None:
    (reply,) = asked(explorer, WINDOW)
    data = {name: column["value"] for name, column in reply["value"]["data"].items()}
    assert data["c0"] == ["60", "61", "62"]
    assert data["c1"] == ["5,000,000,060", "5,000,000,061", "5,000,000,062"]
    assert data["c2"] == [None, None, None]
    assert data["c3"] == ["$NaN$\u200b"] * 3, "a text that the view would read as a number"
    assert all(column["type"] == "raw" for column in reply["value"]["data"].values())
    assert (reply["r1"], reply["r2"]) == (60, 62)


def test_the_last_rows_come_without_any_made_up(explorer: Explorer) -> None:
    (reply,) = asked(explorer, WINDOW | {"r1": 998, "r2": 1_040})
    assert (reply["r1"], reply["r2"]) == (998, 999)
    assert explorer.children[1]._row_count == N


@pytest.mark.parametrize(
    "wrong", [{}, {"r1": -1}, {"r1": "0"}, {"r2": 10**12, "r1": 10**12}, {"c1": 3, "c2": 0}]
)
def test_a_wrong_request_is_not_answered(explorer: Explorer, wrong: dict) -> None:
    assert asked(explorer, {"type": "data-request", **(WINDOW | wrong if wrong else {})}) == []


def test_each_question_has_a_schema_of_its_own(explorer: Explorer) -> None:
    grid = explorer.children[1]
    before = grid._data["schema"]
    explorer.query = Query("rows", steps=(Filter(Condition("id", "<", value=10)),))
    assert grid._data["schema"] != before
    assert grid._row_count == 10
    assert set(grid._data["data"]) == {"aurora row", "c0", "c1", "c2", "c3", "ipydguuid"}
    assert [field["name"] for field in grid._data["schema"]["fields"][1:-1]] == [
        "id",
        "big",
        "at",
        "ipydguuid ",
    ]


def test_a_grid_that_still_waits_for_its_first_answer_can_be_drawn() -> None:
    grid = Explorer({"rows": ROWS, "others": ROWS}, grid="datagrid").children[1]
    assert set(grid._data["data"]) == {"aurora row", "c0", "ipydguuid"}, "the view needs a column"
    assert [field["name"] for field in grid._data["schema"]["fields"]] == ["aurora row", " ", "ipydguuid"]


def test_two_columns_may_have_one_label(tmp_path: Path) -> None:
    catalog = tmp_path / "catalog.yaml"
    catalog.write_text(
        "version: 1\ntables:\n  rows:\n    columns:\n      id: {label: Number}\n      big: {label: Number}\n"
    )
    explorer = Explorer({"rows": ROWS}, query=Query("rows"), catalog=catalog, grid="datagrid")
    (reply,) = asked(explorer, WINDOW)
    labels = [field["name"] for field in reply["value"]["schema"]["fields"]]
    assert labels[1:3] == ["Number", "Number "]


def test_a_header_sorts_up_then_down_then_not_and_its_arrow_follows_the_question(explorer: Explorer) -> None:
    grid = explorer.children[1]
    asked(explorer, PRESS)
    assert explorer.query.steps == (), "the icon or the edge of the header"
    explorer.state.do(messages.SortHeader(also=False))
    assert explorer.query.steps == (Sort((SortKey("id"),)),)
    asked(explorer, PRESS)
    explorer.state.do(messages.SortHeader(also=False))
    assert explorer.query.steps == (Sort((SortKey("id", descending=True),)),)
    assert grid._transforms == [{"type": "sort", "column": "c0", "desc": True}]
    assert asked(explorer, WINDOW)[0]["value"]["data"]["c0"]["value"] == ["939", "938", "937"]
    asked(explorer, PRESS)
    explorer.state.do(messages.SortHeader(also=False))
    assert explorer.query.steps == ()
    assert grid._transforms == []


def test_a_header_sorts_beside_the_others_where_shift_is_held(explorer: Explorer) -> None:
    wanted = [
        (0, False, [SortKey("id")]),
        (1, True, [SortKey("id"), SortKey("big")]),
        (0, True, [SortKey("id", descending=True), SortKey("big")]),
        (0, True, [SortKey("big")]),
        (2, True, [SortKey("big"), SortKey("at")]),
        (2, False, [SortKey("at")]),
    ]
    for index, also, keys in wanted:
        asked(explorer, PRESS | {"column_index": index})
        explorer.state.do(messages.SortHeader(also=also))
        assert explorer.query.steps == (Sort(tuple(keys)),)


@pytest.mark.parametrize(
    "wrong", [{"region": "body"}, {"column_index": 4}, {"column_index": -1}, {"column_index": True}]
)
def test_what_is_no_header_sorts_nothing(explorer: Explorer, wrong: dict) -> None:
    asked(explorer, PRESS)
    asked(explorer, PRESS | wrong)
    explorer.state.do(messages.SortHeader(also=False))
    assert explorer.query.steps == ()


def test_the_views_own_sort_is_the_questions_and_its_filter_is_not_kept(explorer: Explorer) -> None:
    grid = explorer.children[1]
    grid.set_state({"_transforms": [{"type": "sort", "column": "c1", "columnIndex": 2, "desc": True}]})
    assert explorer.query.steps == (Sort((SortKey("big", descending=True),)),)
    narrowed = {"type": "filter", "column": "c0", "columnIndex": 1, "operator": "<", "value": 3}
    grid.set_state({"_transforms": [narrowed]})
    assert explorer.query.steps == (Sort((SortKey("big", descending=True),)),)
    assert grid._transforms == [{"type": "sort", "column": "c1", "desc": True}]
    grid.set_state({"_transforms": []})
    assert explorer.query.steps == ()


def test_a_sort_that_the_view_only_repeats_is_not_taken_for_a_persons(explorer: Explorer) -> None:
    grid = explorer.children[1]
    for _ in range(2):
        asked(explorer, PRESS)
        explorer.state.do(messages.SortHeader(also=False))
    grid.set_state({"_transforms": [{"type": "sort", "column": "c0", "desc": False}]})  # of the first press
    assert explorer.query.steps == (Sort((SortKey("id", descending=True),)),)
    assert grid._transforms == [{"type": "sort", "column": "c0", "desc": True}]


def test_the_page_sets_nothing_but_selection_and_sort(explorer: Explorer) -> None:
    grid = explorer.children[1]
    grid.set_state({"_row_count": 5, "editable": True, "selections": [{"r1": 1, "r2": 2, "c1": 0, "c2": 1}]})
    assert grid._row_count == N
    assert grid.editable is False
    assert grid.selected == [(1, "id"), (1, "big"), (2, "id"), (2, "big")]


def test_the_view_can_be_changed_while_it_is_shown(explorer: Explorer) -> None:
    explorer.state.do(messages.SwitchGrid("table"))
    assert [type(part).__name__ for part in explorer.children] == ["Panel"]
    explorer.state.do(messages.SwitchGrid("datagrid"))
    assert [type(part).__name__ for part in explorer.children] == ["Panel", "StreamedGrid", "Panel"]
    explorer.query = Query("rows", steps=(Select(("big",)),))
    assert [column.name for column in explorer.children[1].columns] == ["big"]
