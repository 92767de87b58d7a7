"""Messages from the page: right ones are read, wrong ones are refused with a sentence."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aurora_widgets import settings as limits
from aurora_widgets.errors import AuroraError, QueryInvalid
from aurora_widgets.query.model import (
    Aggregate,
    Condition,
    Group,
    Join,
    Key,
    Measure,
    On,
    Query,
    SortKey,
    Vintage,
)
from aurora_widgets.widgets import messages, protocol
from aurora_widgets.widgets.protocol import message

SETTINGS = limits.load({})
RULE = {"type": "condition", "column": "x", "op": ">", "value": 0.1}


@pytest.mark.parametrize(
    ("content", "deed"),
    [
        ({"do": "pick", "table": "sales"}, messages.Pick("sales")),
        ({"do": "vintage", "load_type": "ACTUALS", "load_id": None}, messages.ChooseVintage("ACTUALS", None)),
        ({"do": "filter", "where": None}, messages.SetFilter(None)),
        (
            {"do": "filter", "where": {"type": "group", "op": "and", "children": [RULE]}},
            messages.SetFilter(Group("and", (Condition("x", ">", value=Decimal("0.1")),))),
        ),
        ({"do": "search", "text": "a, b"}, messages.Search("a, b")),
        (
            {
                "do": "joins",
                "joins": [{"type": "join", "table": "p", "how": "left", "on": [{"left": "a", "right": "b"}]}],
                "first": {"table": "q", "vintage": {"load_type": "A", "load_id": "latest"}},
            },
            messages.SetJoins((Join("p", (On("a", "b"),), "left"),), Query("q", Vintage("A", "latest"))),
        ),
        ({"do": "summarize", "aggregate": None}, messages.Summarize(None)),
        (
            {
                "do": "summarize",
                "aggregate": {
                    "type": "aggregate",
                    "by": [{"column": "a"}],
                    "measures": [{"as": "n", "fn": "count"}],
                },
            },
            messages.Summarize(Aggregate((Key("a"),), (Measure("n", "count"),))),
        ),
        (
            {"do": "sort", "by": [{"column": "a", "descending": True}, {"column": "b"}]},
            messages.SetSort((SortKey("a", descending=True), SortKey("b"))),
        ),
        ({"do": "sort_header", "also": True}, messages.SortHeader(also=True)),
        ({"do": "select", "columns": ["a", "b"]}, messages.SetSelect(("a", "b"))),
        ({"do": "select", "columns": None}, messages.SetSelect(None)),
        ({"do": "remove", "chip": "step:1"}, messages.OnChip("remove", "step:1")),
        (
            {"do": "filter_cell", "row": 3.0, "column": "a", "negate": True},
            messages.FilterCell(3, "a", negate=True),
        ),
        ({"do": "undo"}, messages.Plain("undo")),
        ({"do": "page", "offset": 50}, messages.ShowPage(50)),
        ({"do": "grid", "view": "datagrid"}, messages.SwitchGrid("datagrid")),
        ({"do": "query", "query": {"version": 1, "table": "t"}}, messages.SetQuery(Query("t"))),
        ({"id": 1, "ask": "code"}, messages.Asked(1, messages.AskCode())),
        ({"id": 2, "ask": "count", "where": None}, messages.Asked(2, messages.AskCount(None))),
        (
            {"id": 3, "ask": "values", "column": "a", "search": "", "limit": 20},
            messages.Asked(3, messages.AskValues("a", "", 20)),
        ),
        ({"id": 4, "ask": "example", "table": "t"}, messages.Asked(4, messages.AskTable("example", "t"))),
        (
            {
                "id": 5,
                "ask": "suggest_keys",
                "table": "t",
                "index": 0,
                "before": {"first": {"table": "s"}, "joins": []},
            },
            messages.Asked(5, messages.AskKeys("t", 0, messages.Before(Query("s"), ()))),
        ),
    ],
)
def test_a_message_is_read_as_what_it_says(content: object, deed: object) -> None:
    assert message(content, SETTINGS) == deed


def nested(levels: int) -> dict[str, object]:
    tree: dict[str, object] = RULE
    for _ in range(levels):
        tree = {"type": "group", "op": "and", "children": [tree]}
    return tree


@pytest.mark.parametrize(
    "content",
    [
        None,
        7,
        "undo",
        [],
        {},
        {"do": "undo", "ask": "code"},
        {"do": "drop table"},
        {"do": ["undo"]},
        {"do": "pick"},
        {"do": "pick", "table": 7},
        {"do": "page", "offset": -1},
        {"do": "page", "offset": True},
        {"do": "page", "offset": 1.5},
        {"do": "page", "offset": 10**30},
        {"do": "filter", "where": "1=1"},
        {"do": "filter", "where": {**RULE, "op": "like"}},
        {"do": "filter", "where": {**RULE, "value": {"$sql": "1"}}},
        {"do": "filter", "where": {**RULE, "sql": "1=1"}},
        {"do": "filter", "where": nested(40)},
        {"do": "filter", "where": nested(5_000)},
        {"do": "filter", "where": {"type": "group", "op": "and", "children": [RULE] * 1_001}},
        {"do": "search", "text": "x" * 1_100_000},
        {"do": "joins", "joins": [{"table": "p"}]},
        {"do": "joins", "joins": {}},
        {"do": "sort", "by": [["a"]]},
        {"do": "select", "columns": [1]},
        {"do": "grid", "view": "canvas"},
        {"do": "query", "query": {"version": 2, "table": "t"}},
        {"do": "filter_cell", "row": 0, "column": "a", "negate": "no"},
        {"ask": "code"},
        {"id": "1", "ask": "code"},
        {"id": 1, "ask": "eval"},
        {1: 2},
        {"do": "pick", "table": b"sales"},
    ],
)
def test_a_wrong_message_is_refused_with_a_sentence(content: object) -> None:
    with pytest.raises(AuroraError) as refused:
        message(content, SETTINGS)
    assert len(refused.value.detail) < 500
    assert refused.value.detail.endswith((".", ")"))


def test_faults_of_a_tree_have_its_own_paths() -> None:
    with pytest.raises(QueryInvalid) as refused:
        message(
            {"do": "filter", "where": {"type": "group", "op": "and", "children": [RULE, {"type": "x"}]}},
            SETTINGS,
        )
    assert refused.value.faults[0].path == "where.children[1].type"


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.binary(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
WORDS = st.sampled_from([*protocol._DEEDS, *protocol._ASKS])
FIELDS = st.sampled_from(
    [
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
        "negate",
        "offset",
        "view",
        "query",
        "id",
        "search",
        "limit",
        "index",
        "before",
        "join",
        "load_type",
        "load_id",
    ]
)


@given(st.sampled_from(["do", "ask"]), WORDS, st.dictionaries(FIELDS, JUNK | st.just(RULE), max_size=6))
@settings(max_examples=200, deadline=None)
def test_nothing_that_arrives_raises_anything_but_a_refusal(
    verb: str, word: str, fields: dict[str, object]
) -> None:
    try:
        found = message({verb: word, **fields}, SETTINGS)
    except AuroraError:
        return
    assert isinstance(found, messages.Deed | messages.Asked)
