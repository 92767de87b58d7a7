"""Edits: a document in, a document out; what an edit breaks is kept and heals."""

from __future__ import annotations

import pytest

from aurora_widgets import settings as limits
from aurora_widgets.catalog.model import Catalog, Column, JoinHint, Table, VintageColumns
from aurora_widgets.errors import QueryInvalid
from aurora_widgets.query.model import (
    Aggregate,
    Condition,
    Derive,
    Filter,
    Group,
    Join,
    Key,
    Limit,
    Measure,
    On,
    Query,
    Select,
    Sort,
    SortKey,
    Vintage,
)
from aurora_widgets.query.model import Column as Named
from aurora_widgets.query.types import BOOLEAN, DATE, FLOAT64, INT64, NESTED, TEXT, decimal
from aurora_widgets.service.labels import of_table
from aurora_widgets.widgets import edit
from aurora_widgets.widgets.keys import suggest
from aurora_widgets.widgets.reading import Reading, read

SALES = Table(
    "sales",
    (
        Column("id", INT64, "Sale"),
        Column("region", TEXT, "Region"),
        Column("day", DATE, "Sale date"),
        Column("revenue", decimal(12, 2), "Revenue"),
        Column("rate", FLOAT64, "Rate"),
        Column("renewal", BOOLEAN, "Renewal"),
        Column("tags", NESTED, "Tags"),
        Column("rep", INT64, "Rep"),
    ),
    label="Sales",
    key=("id",),
    joins=(JoinHint("people", (("rep", "id"),), "many_to_one"),),
)
PEOPLE = Table(
    "people",
    (Column("id", INT64, "Person"), Column("name", TEXT, "Name"), Column("region", TEXT, "Home region")),
    label="People",
    key=("id",),
)
LOADS = Table(
    "loads",
    (Column("kind", TEXT, "Kind"), Column("load", TEXT, "Load"), Column("x", INT64, "X")),
    vintage=VintageColumns("kind", "load", default_load_type="ACTUALS"),
)
CATALOG = Catalog({table.name: table for table in (SALES, PEOPLE, LOADS)})
SETTINGS = limits.load({})

JOIN = Join("people", (On("rep", "id"),), "left")
BIG = Condition("revenue", ">", value=1000)
EMEA = Condition("region", "=", value="EMEA")
BY_REGION = Aggregate((Key("region"),), (Measure("total", "sum", "revenue"), Measure("n", "count")))
RICH = Condition("total", ">", value=1_000_000)


def reading(*steps: object, table: str = "sales") -> Reading:
    return read(Query(table, steps=tuple(steps)), CATALOG, SETTINGS)


def test_picking_a_table_starts_a_new_question_with_its_load_written_out() -> None:
    assert edit.pick("sales", CATALOG) == Query("sales")
    assert edit.pick("loads", CATALOG) == Query("loads", Vintage("ACTUALS", "latest"))
    with pytest.raises(QueryInvalid, match="did you mean `sales`"):
        edit.pick("salse", CATALOG)


def test_steps_are_written_in_canonical_order_whatever_comes_first() -> None:
    now = reading()
    for change in (
        lambda now: (
            edit.set_select(now, ["name", "total"])
            if now.parts.aggregate
            else edit.set_sort(now, [SortKey("id")])
        ),
        lambda now: edit.set_filter(now, Group("and", (BIG,))),
        lambda now: edit.set_joins(now, [JOIN]),
        lambda now: edit.set_aggregate(now, Aggregate((Key("name"),), (Measure("total", "sum", "revenue"),))),
        lambda now: edit.set_filter(now, Group("and", (BIG, RICH))),
        lambda now: edit.set_select(now, ["name", "total"]),
        lambda now: edit.set_sort(now, [SortKey("total", descending=True)]),
    ):
        now = read(change(now), CATALOG, SETTINGS)
    assert now.query.steps == (
        JOIN,
        Filter(BIG),
        Aggregate((Key("name"),), (Measure("total", "sum", "revenue"),)),
        Filter(RICH),
        Sort((SortKey("total", descending=True),)),
        Select(("name", "total")),
    )
    assert not now.broken


def test_removing_a_join_breaks_what_named_its_columns_and_undoing_that_heals_it() -> None:
    now = reading(JOIN, Filter(Condition("name", "=", value="Ann")), Sort((SortKey("revenue"),)))
    without = read(edit.remove(now, "step:0"), CATALOG, SETTINGS)
    assert list(without.broken) == [0]
    assert "`name` is not a column" in without.broken[0]
    assert without.runnable.steps == (Sort((SortKey("revenue"),)),)
    assert len(without.query.steps) == 2
    healed = read(edit.set_joins(without, [JOIN]), CATALOG, SETTINGS)
    assert not healed.broken
    assert healed.query == now.query


def test_removing_the_aggregation_keeps_the_filter_on_its_results_until_it_is_back() -> None:
    now = reading(Filter(BIG), BY_REGION, Filter(RICH))
    without = read(edit.remove(now, "step:1"), CATALOG, SETTINGS)
    assert without.broken.keys() == {1}
    assert without.parts.waits
    assert without.parts.tree == Group("and", (BIG,))
    narrowed = read(edit.set_filter(without, Group("and", (BIG, EMEA))), CATALOG, SETTINGS)
    back = read(edit.set_aggregate(narrowed, BY_REGION), CATALOG, SETTINGS)
    assert back.query.steps == (Filter(Group("and", (BIG, EMEA))), BY_REGION, Filter(RICH))
    assert not back.broken


def test_a_broken_aggregation_does_not_keep_the_filter_before_it_from_being_edited() -> None:
    by_name = Aggregate((Key("name"),), (Measure("total", "sum", "revenue"),))
    now = reading(Filter(BIG), by_name, Filter(RICH))
    assert now.broken.keys() == {1, 2}
    assert now.parts.tree == Group("and", (BIG,))
    assert edit.set_filter(now, Group("and", (EMEA,))).steps == (Filter(EMEA), by_name, Filter(RICH))


def test_a_filter_on_results_alone_finds_its_place_again_too() -> None:
    now = reading(BY_REGION, Filter(RICH))
    without = read(edit.remove(now, "step:0"), CATALOG, SETTINGS)
    back = read(edit.set_aggregate(without, BY_REGION), CATALOG, SETTINGS)
    assert back.query == now.query


def test_summarizing_keeps_a_filter_on_raw_columns_before_it() -> None:
    now = reading(Filter(EMEA), Sort((SortKey("id"),)))
    after = read(edit.set_aggregate(now, BY_REGION), CATALOG, SETTINGS)
    assert after.query.steps == (Filter(EMEA), BY_REGION, Sort((SortKey("id"),)))
    assert after.broken.keys() == {2}


def test_an_edit_may_break_others_but_not_write_what_cannot_run() -> None:
    now = reading()
    with pytest.raises(QueryInvalid) as refused:
        edit.set_filter(now, Group("and", (EMEA, Group("or", (Condition("revenue", ">", value="12,5"),)))))
    assert [fault.path for fault in refused.value.faults] == ["where.children[1].children[0].value"]
    after = read(edit.set_aggregate(now, Aggregate((Key("nowhere"),), ())), CATALOG, SETTINGS)
    with pytest.raises(QueryInvalid) as refused:
        edit.require_valid(now, after)
    assert refused.value.faults[0].path == "aggregate.by[0].column"
    after = read(
        edit.set_joins(now, [JOIN, Join("people", (On("rep", "nope"),), alias="p")]), CATALOG, SETTINGS
    )
    with pytest.raises(QueryInvalid) as refused:
        edit.require_valid(now, after)
    assert refused.value.faults[0].path.startswith("joins[1].on[0]")


def test_faults_of_rules_on_both_sides_of_the_aggregation_come_together_with_their_paths() -> None:
    now = reading(BY_REGION)
    tree = Group("and", (Condition("total", ">", value="x"), Condition("day", "=", value="2024-02-30")))
    with pytest.raises(QueryInvalid) as refused:
        edit.set_filter(now, tree)
    assert sorted(fault.path for fault in refused.value.faults) == [
        "where.children[0].value",
        "where.children[1].value",
    ]


def test_an_empty_filter_is_no_step() -> None:
    now = reading(Filter(EMEA))
    assert edit.set_filter(now, None).steps == ()
    assert edit.set_filter(now, Group("and", (Group("or"),))).steps == ()


def test_a_switched_off_filter_is_shown_switched_off_and_stays_so() -> None:
    now = reading(Filter(Group("and", (EMEA, BIG)), disabled=True))
    assert now.parts.tree == Group("and", (EMEA, BIG), disabled=True)
    assert edit.set_filter(now, now.parts.tree) == now.query


@pytest.mark.parametrize(
    ("column", "value", "negate", "rule"),
    [
        ("region", "EMEA", False, Condition("region", "=", value="EMEA")),
        ("region", "EMEA", True, Condition("region", "!=", value="EMEA")),
        ("region", None, False, Condition("region", "is empty")),
        ("region", None, True, Condition("region", "is not empty")),
        ("renewal", True, False, Condition("renewal", "is true")),
        ("renewal", False, True, Group("and", (Condition("renewal", "is false"),), negate=True)),
        ("revenue", "12.50", False, Condition("revenue", "=", value="12.50")),
    ],
)
def test_a_cell_becomes_a_rule(column: str, value: object, negate: bool, rule: object) -> None:
    query = edit.filter_cell(reading(), column, value, negate=negate)
    assert query.steps == (Filter(rule),)
    assert not read(query, CATALOG, SETTINGS).broken


def test_a_cell_of_a_list_cannot_be_filtered_by_its_value() -> None:
    with pytest.raises(QueryInvalid, match="can't be filtered by a value"):
        edit.filter_cell(reading(), "tags", "[1]", negate=False)
    assert not read(edit.filter_cell(reading(), "tags", None, negate=False), CATALOG, SETTINGS).broken


def test_a_cell_rule_joins_the_rules_that_stand() -> None:
    now = reading(Filter(Group("or", (EMEA, BIG))))
    assert edit.filter_cell(now, "id", 7, negate=False).steps == (
        Filter(Group("and", (Group("or", (EMEA, BIG)), Condition("id", "=", value=7)))),
    )


def test_a_cell_of_a_result_filters_behind_the_aggregation() -> None:
    now = reading(BY_REGION)
    assert edit.filter_cell(now, "n", 3, negate=False).steps == (
        BY_REGION,
        Filter(Condition("n", "=", value=3)),
    )


def test_the_search_looks_in_the_text_columns_that_are_shown_and_follows_them() -> None:
    found = edit.set_search(reading(JOIN), "ann")
    (search,) = found.steps[1:]
    assert [rule.column for rule in search.where.children] == ["region", "name", "people.region"]
    now = read(found, CATALOG, SETTINGS)
    fewer = edit.follow(edit.set_select(now, ["name", "revenue"]), CATALOG, SETTINGS)
    assert [rule.column for rule in fewer.steps[1].where.children] == ["name"]
    gone = edit.follow(edit.remove(read(fewer, CATALOG, SETTINGS), "step:0"), CATALOG, SETTINGS)
    assert gone.steps[0].where.children[0].value == "ann"
    assert edit.set_search(now, " ").steps == (JOIN,)


def test_a_search_typed_on_rows_is_asked_before_they_are_summarized_and_one_typed_on_results_after() -> None:
    searched = edit.set_search(reading(), "ann")
    (raw,) = searched.steps
    grouped = edit.follow(edit.set_aggregate(read(searched, CATALOG, SETTINGS), BY_REGION), CATALOG, SETTINGS)
    assert grouped.steps == (raw, BY_REGION)
    now = read(grouped, CATALOG, SETTINGS)
    assert now.parts.searched is None, "the box is empty: what is seen is not searched"
    both = edit.set_search(now, "EM")
    late = Filter(Group("or", (Condition("region", "contains", value="EM"),)), role="search")
    assert both.steps == (raw, BY_REGION, late)
    dear = Condition("revenue", ">", value=5)
    kept = edit.set_filter(read(both, CATALOG, SETTINGS), Group("and", (dear, Condition("n", ">", value=2))))
    assert kept.steps == (Filter(dear), raw, BY_REGION, Filter(Condition("n", ">", value=2)), late)
    alone = edit.follow(edit.set_aggregate(read(both, CATALOG, SETTINGS), None), CATALOG, SETTINGS)
    assert alone.steps == (raw,)


def test_a_search_without_text_columns_is_refused() -> None:
    with pytest.raises(QueryInvalid, match="No text column"):
        edit.set_search(reading(Select(("id", "revenue"))), "x")


def test_a_document_in_another_order_is_edited_from_its_canonical_tail_on() -> None:
    again = Aggregate((), (Measure("regions", "count"),))
    now = reading(BY_REGION, Filter(RICH), again)
    assert not now.parts.canonical
    assert now.parts.head == (BY_REGION,)
    assert now.parts.tree == Group("and", (RICH,))
    edited = edit.set_filter(now, Group("and", (Condition("n", ">", value=2),)))
    assert edited.steps == (BY_REGION, Filter(Condition("n", ">", value=2)), again)
    assert edit.remove(now, "step:0").steps == (Filter(RICH), again)


def test_a_result_named_like_a_raw_column_is_never_mistaken_for_it() -> None:
    hiding = Aggregate((Key("region"),), (Measure("revenue", "sum", "revenue"),))
    now = reading(hiding, Filter(BIG))
    assert now.parts.head == (hiding,)
    assert edit.set_filter(now, now.parts.tree) == now.query


def test_swapping_the_sides_of_a_join_changes_the_first_table() -> None:
    now = reading(JOIN)
    swapped = edit.set_joins(now, [Join("sales", (On("id", "rep"),), "right")], Query("people"))
    assert swapped == Query("people", steps=(Join("sales", (On("id", "rep"),), "right"),))
    assert not read(swapped, CATALOG, SETTINGS).broken


def test_a_joined_table_gets_its_load_written_out() -> None:
    query = edit.set_joins(reading(), [Join("loads", (On("region", "kind"),))])
    assert query.steps[0].vintage == Vintage("ACTUALS", "latest")


def test_a_chosen_load_type_keeps_its_own_latest() -> None:
    partial = edit.complete(Vintage("FORECAST"), LOADS)
    assert partial == Vintage("FORECAST", "latest")


def test_switching_a_step_off_keeps_it_and_on_again_brings_it_back() -> None:
    now = reading(Filter(EMEA), Limit(5))
    off = edit.toggle(now, "step:0")
    assert off.steps[0] == Filter(EMEA, disabled=True)
    assert edit.toggle(read(off, CATALOG, SETTINGS), "step:0") == now.query


@pytest.mark.parametrize("chip", ["step:9", "step:-1", "step:x", "", "table", "step:²"])
def test_a_chip_that_is_not_there_is_refused_in_words(chip: str) -> None:
    with pytest.raises(QueryInvalid, match="not there any more"):
        edit.remove(reading(), chip)


def test_a_calculated_column_survives_every_other_edit() -> None:
    derive = Derive("twice", Named("revenue"))
    now = reading(derive)
    for change in (
        lambda now: edit.set_filter(now, Group("and", (BIG,))),
        lambda now: edit.set_joins(now, [JOIN]),
        lambda now: edit.set_select(now, ["twice"]),
    ):
        now = read(change(now), CATALOG, SETTINGS)
    assert derive in now.query.steps
    assert not now.broken


def test_suggested_keys_are_the_declared_ones_in_both_directions() -> None:
    assert suggest(of_table(SALES), of_table(PEOPLE), "people", CATALOG) == ((On("rep", "id"),), "declared")
    assert suggest(of_table(PEOPLE), of_table(SALES), "sales", CATALOG) == ((On("id", "rep"),), "declared")


def test_without_a_declared_join_the_key_by_name_is_suggested_else_equal_names() -> None:
    bare = Catalog({"sales": SALES, "more": Table("more", SALES.columns, key=("id",))})
    assert suggest(of_table(SALES), of_table(bare["more"]), "more", bare) == ((On("id", "id"),), "names")
    loose = Catalog({"more": Table("more", (Column("region", TEXT, ""), Column("revenue", TEXT, "")))})
    assert suggest(of_table(SALES), of_table(loose["more"]), "more", loose) == (
        (On("region", "region"),),
        "names",
    )
    assert suggest(of_table(SALES), of_table(LOADS), "loads", CATALOG) == ((), "none")
