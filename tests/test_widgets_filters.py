"""One tree for the editor, two filter steps in the document: the meaning stays."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from aurora_widgets.errors import QueryInvalid
from aurora_widgets.query.model import Aggregate, Condition, Group, Key, Measure, Tree
from aurora_widgets.widgets.filters import Names, conditions, merge, mergeable, names, split

if TYPE_CHECKING:
    from collections.abc import Mapping

# region is a group key, revenue is raw and gone after the aggregation, total exists only after it
KNOWN = Names(frozenset({"region", "revenue", "day"}), frozenset({"total", "n"}), frozenset({"region"}))

REGION = Condition("region", "=", value="EMEA")
REVENUE = Condition("revenue", ">", value=15000)
DAY = Condition("day", "=", value="2024-06-01")
TOTAL = Condition("total", ">", value=1000)
COUNT = Condition("n", ">", value=3)
LEAVES = (REGION, REVENUE, DAY, TOTAL, COUNT)


def holds(tree: Tree | None, truth: Mapping[str, bool]) -> bool:
    """Read a tree as the contract says: disabled parts mean nothing, an empty group keeps every row."""
    if tree is None or tree.disabled:
        return True
    if isinstance(tree, Condition):
        return truth[tree.column]
    inner = [holds(child, truth) for child in tree.children if not child.disabled]
    kept = True if not inner else all(inner) if tree.op == "and" else any(inner)
    return kept != tree.negate


def trees(leaves: st.SearchStrategy[Condition]) -> st.SearchStrategy[Tree]:
    def group(children: st.SearchStrategy[Tree]) -> st.SearchStrategy[Group]:
        return st.builds(
            Group,
            op=st.sampled_from(["and", "or"]),
            children=st.lists(children, max_size=4).map(tuple),
            negate=st.booleans(),
            disabled=st.sampled_from([False, False, False, True]),
        )

    off = leaves.map(lambda leaf: Condition(leaf.column, leaf.op, value=leaf.value, disabled=True))
    return group(st.recursive(leaves | leaves | off, group, max_leaves=12))


@given(trees(st.sampled_from(LEAVES)))
@settings(max_examples=100, deadline=None)
def test_splitting_a_tree_keeps_what_it_keeps(tree: Tree) -> None:
    try:
        raw, after = split(tree, KNOWN)
    except QueryInvalid:
        return
    columns = ("region", "revenue", "day", "total", "n")
    for values in itertools.product([False, True], repeat=len(columns)):
        truth = dict(zip(columns, values, strict=True))
        assert holds(tree, truth) == (holds(raw, truth) and holds(after, truth))


@given(trees(st.sampled_from(LEAVES)))
@settings(max_examples=100, deadline=None)
def test_each_part_names_only_columns_that_are_there(tree: Tree) -> None:
    try:
        raw, after = split(tree, KNOWN)
    except QueryInvalid:
        return
    assert used(raw) <= KNOWN.raw
    assert used(after) <= KNOWN.after | KNOWN.keys


def used(tree: Tree | None) -> set[str]:
    match tree:
        case None:
            return set()
        case Condition():
            return set() if tree.disabled else {tree.column}
        case Group():
            return set() if tree.disabled else set().union(*map(used, tree.children))


@given(trees(st.sampled_from((REGION, REVENUE, DAY))), trees(st.sampled_from((TOTAL, COUNT))))
@settings(max_examples=100, deadline=None)
def test_merging_two_filters_and_splitting_again_changes_nothing(raw: Tree, after: Tree) -> None:
    step = Aggregate((), (Measure("total", "sum", "revenue"), Measure("n", "count")))
    assume(mergeable(after, KNOWN, step))
    merged = merge(raw, after)
    columns = ("region", "revenue", "day", "total", "n")
    again = split(merged, KNOWN)
    for values in itertools.product([False, True], repeat=len(columns)):
        truth = dict(zip(columns, values, strict=True))
        assert holds(again[0], truth) == holds(raw, truth)
        assert holds(again[1], truth) == holds(after, truth)


def test_rules_on_results_go_behind_the_aggregation() -> None:
    assert split(Group("and", (REVENUE, TOTAL, DAY)), KNOWN) == (Group("and", (REVENUE, DAY)), TOTAL)


def test_a_mixed_or_is_accepted_where_its_raw_columns_are_group_keys() -> None:
    tree = Group("or", (REGION, TOTAL))
    assert split(tree, KNOWN) == (None, tree)


def test_a_mixed_or_on_a_column_that_is_gone_is_refused_with_the_reason() -> None:
    with pytest.raises(QueryInvalid) as refused:
        split(Group("and", (DAY, Group("or", (REVENUE, TOTAL)))), KNOWN)
    (fault,) = refused.value.faults
    assert fault.path == "where.children[1]"
    assert "revenue can't stand under one “or” with total" in fault.message
    assert "Group by revenue as well" in fault.message


def test_not_a_or_b_is_taken_apart_as_not_a_and_not_b() -> None:
    raw, after = split(Group("or", (REVENUE, TOTAL), negate=True), KNOWN)
    assert raw == Group("and", (REVENUE,), negate=True)
    assert after == Group("and", (TOTAL,), negate=True)


def test_not_a_and_b_mixes_like_an_or() -> None:
    with pytest.raises(QueryInvalid):
        split(Group("and", (REVENUE, TOTAL), negate=True), KNOWN)


def test_a_column_compared_with_a_result_is_mixed() -> None:
    with pytest.raises(QueryInvalid):
        split(Condition("total", ">", other="revenue"), KNOWN)
    assert split(Condition("total", ">", other="n"), KNOWN)[0] is None


def test_a_switched_off_rule_is_kept_and_never_a_reason_to_refuse() -> None:
    off = Condition("total", ">", value=5, disabled=True)
    tree = Group("or", (REVENUE, off))
    assert split(tree, KNOWN) == (tree, None)
    assert split(Group("or", (REVENUE, TOTAL), disabled=True), KNOWN)[1] is not None


def test_the_button_counts_the_rules_in_force() -> None:
    assert conditions(None) == 0
    assert conditions(Group("and", (REGION, Group("or", (REVENUE, TOTAL), disabled=True)))) == 1


BY_REGION = Aggregate((Key("region"),), (Measure("total", "sum", "revenue"),))


def test_a_key_with_a_bucket_or_a_name_of_its_own_is_no_raw_column() -> None:
    step = Aggregate((Key("day", "month"), Key("region", alias="area"), Key("revenue")))
    known = names(frozenset({"day", "region", "revenue"}), frozenset({"day_month", "area", "revenue"}), step)
    assert known.keys == {"revenue"}
    assert known.after == {"day_month", "area"}


def test_a_result_that_hides_a_raw_column_is_not_shown_in_the_one_editor() -> None:
    step = Aggregate((Key("region"),), (Measure("revenue", "sum", "revenue"),))
    known = names(frozenset({"region", "revenue"}), frozenset({"region", "revenue"}), step)
    assert not mergeable(REVENUE, known, step)
    assert mergeable(REGION, known, step)


def test_under_totals_a_rule_on_a_key_may_not_move_before_the_aggregation() -> None:
    step = Aggregate((Key("region"),), (Measure("total", "sum", "revenue"),), totals="grand")
    known = names(frozenset({"region", "revenue"}), frozenset({"region", "total", "__total__"}), step)
    assert not mergeable(Group("and", (REGION, TOTAL)), known, step)
    assert mergeable(Group("or", (REGION, TOTAL)), known, step)
    assert mergeable(REGION, names(known.raw, frozenset({"region", "total"}), BY_REGION), BY_REGION)
