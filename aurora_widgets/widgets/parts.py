"""A document taken apart in the explorer's canonical order, and put together again.

The canonical order (QUERY.md): joins, calculated columns, filter, search, aggregation, filter
on its results, search in them, sort, limit, columns. A document in another order is read as a head
that the editors leave alone, then the longest canonical tail, which they edit; so every
editor works on every document.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from aurora_widgets.plan.names import of_tree
from aurora_widgets.query.model import (
    Aggregate,
    Condition,
    Derive,
    Filter,
    Group,
    Join,
    Limit,
    Query,
    Select,
    Sort,
    Step,
    Tree,
)
from aurora_widgets.widgets import filters

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aurora_widgets.query.types import Schema


@dataclass(frozen=True, slots=True)
class Parts:
    """A document's steps by what edits them.

    Parameters
    ----------
    head
        Steps before the canonical ones, left alone; empty in a canonical document.
    filter, having
        Before and after the aggregation.
    raw_search, search
        Of the single rows, and of the aggregation's results.
    base, result
        Names of the columns that a raw filter, a group key or a measure may name, and of
        those after the aggregation (where there is one).
    """

    head: tuple[Step, ...] = ()
    joins: tuple[Join, ...] = ()
    derives: tuple[Derive, ...] = ()
    filter: Filter | None = None
    raw_search: Filter | None = None
    aggregate: Aggregate | None = None
    having: Filter | None = None
    search: Filter | None = None
    sort: Sort | None = None
    limit: Limit | None = None
    select: Select | None = None
    base: frozenset[str] = frozenset()
    result: frozenset[str] = frozenset()

    @property
    def canonical(self) -> bool:
        """Whether the editors show the whole document."""
        return not self.head

    @property
    def names(self) -> filters.Names:
        """Which columns are raw and which are results."""
        return filters.names(self.base, self.result, self.aggregate)

    @property
    def tree(self) -> Group | None:
        """Both filters as the one tree of the editor, but for one that waits for its aggregation."""
        return filters.merge(_tree(self.filter), None if self.waits else _tree(self.having))

    @property
    def waits(self) -> bool:
        """Whether a filter on results is kept though the aggregation is gone, broken or switched off."""
        if self.having is None or self.names.after:
            return False
        return not self.base.issuperset(of_tree(self.having.where))

    @property
    def steps(self) -> tuple[Step, ...]:
        """All steps, in the canonical order behind the head."""
        singles = (
            self.filter,
            self.raw_search,
            self.aggregate,
            self.having,
            self.search,
            self.sort,
            self.limit,
            self.select,
        )
        return (*self.head, *self.joins, *self.derives, *(step for step in singles if step is not None))

    @property
    def base_index(self) -> int:
        """How many steps stand before the raw filter."""
        return len(self.head) + len(self.joins) + len(self.derives)

    @property
    def final_index(self) -> int:
        """How many steps stand before the sort and the choice of columns."""
        middle = (self.having, self.search)
        return self.after_index + sum(step is not None for step in middle)

    @property
    def after_index(self) -> int:
        """How many steps stand before the filter on results."""
        middle = (self.filter, self.raw_search, self.aggregate)
        return self.base_index + sum(step is not None for step in middle)

    @property
    def summarized(self) -> bool:
        """Whether what is seen, and searched, is an aggregation's results."""
        return self.aggregate is not None and not self.aggregate.disabled

    @property
    def searched(self) -> Filter | None:
        """The search that looks in what is seen."""
        return self.search if self.summarized else self.raw_search or self.search


def take_apart(query: Query, stages: Sequence[Schema]) -> Parts:
    """Read a document's steps in canonical order.

    Parameters
    ----------
    query
        The whole document, broken steps included.
    stages
        The columns before each step and after the last.
    """
    for start in range(len(query.steps) + 1):
        parts = _read(query.steps[start:])
        if parts is None:
            continue
        parts = replace(parts, head=query.steps[:start])
        parts = replace(
            parts, base=_names(stages[parts.base_index]), result=_names(stages[parts.final_index])
        )
        if filters.mergeable(_tree(parts.having), parts.names, parts.aggregate):
            return parts
    raise AssertionError("the empty tail is canonical")


def put_together(query: Query, parts: Parts) -> Query:
    """Return the document with its steps written in canonical order."""
    return replace(query, steps=parts.steps)


def filter_step(tree: Tree | None, role: str | None = None) -> Filter | None:
    """Return the step of a tree; ``None`` where the tree holds nothing at all."""
    if tree is None or not _holds(tree):
        return None
    match tree:
        case Group(op="and", negate=False, disabled=False, children=(only,)) if not only.disabled:
            return filter_step(only, role)  # one rule needs no group
    if isinstance(tree, Group) and tree.disabled:
        return Filter(replace(tree, disabled=False), disabled=True)
    return Filter(tree, role="search" if role == "search" else None)


def search_text(step: Filter | None) -> str:
    """Return what a search step looks for."""
    if step is None or step.disabled:
        return ""
    found = step.where.children if isinstance(step.where, Group) else (step.where,)
    texts = {child.value for child in found if isinstance(child, Condition)}
    only = texts.pop() if len(texts) == 1 else ""
    return only if isinstance(only, str) else str(only)


def _read(steps: tuple[Step, ...]) -> Parts | None:
    parts = Parts()
    done = 0
    for step in steps:
        rank, field = _place(step, parts)
        if rank < done:
            return None
        done = rank
        match step:
            case Join():
                parts = replace(parts, joins=(*parts.joins, step))
            case Derive():
                parts = replace(parts, derives=(*parts.derives, step))
            case _ if getattr(parts, field) is not None:
                return None
            case _:
                parts = replace(parts, **{field: step})  # type: ignore[arg-type]
    return parts


def _place(step: Step, parts: Parts) -> tuple[int, str]:
    match step:
        case Join():
            return 0, "joins"
        case Derive():
            return 1, "derives"
        case Filter(role="search"):
            raw = parts.aggregate is None and parts.having is None and parts.raw_search is None
            return (3, "raw_search") if raw else (6, "search")
        case Filter():
            # A second filter without an aggregation is what is left of one on its results.
            behind = parts.aggregate is not None or parts.filter is not None
            return (5, "having") if behind else (2, "filter")
        case Aggregate():
            return 4, "aggregate"
        case Sort():
            return 7, "sort"
        case Limit():
            return 8, "limit"
        case Select():
            return 8, "select"


def _tree(step: Filter | None) -> Tree | None:
    if step is None:
        return None
    if not step.disabled:
        return step.where
    if isinstance(step.where, Group):
        return replace(step.where, disabled=True)
    return replace(step.where, disabled=True)


def _holds(tree: Tree) -> bool:
    match tree:
        case Condition():
            return True
        case Group():
            return any(map(_holds, tree.children))


def _names(schema: Schema) -> frozenset[str]:
    return frozenset(field.name for field in schema)
