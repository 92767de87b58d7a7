"""The documents behind counts, values, samples and checks: each made from the question at hand.

They take the same way through plan and SQL as any other document, so that they mean what the
question means.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from aurora_widgets.plan.names import folded
from aurora_widgets.query.measures import MEASURES
from aurora_widgets.query.model import (
    Aggregate,
    Branch,
    Call,
    Case,
    Column,
    Condition,
    Constant,
    Derive,
    Filter,
    Group,
    Join,
    Key,
    Limit,
    Measure,
    Query,
    Select,
    Sort,
    SortKey,
    Step,
)
from aurora_widgets.query.types import Family

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from aurora_widgets.query.model import Expression
    from aurora_widgets.query.types import Schema

Order = Literal["frequency", "value"]
"""How suggested values stand: the most frequent first, or from the least up."""

COMPARABLE = frozenset({Family.NUMBER, Family.TEXT, Family.BOOLEAN, Family.DATE, Family.TIMESTAMP})
"""Families whose values can be grouped and asked for."""


def unordered(query: Query) -> Query:
    """Return the document without the sorts that decide nothing but the order of its rows."""
    steps: list[Step] = []
    limited = False
    for step in reversed(query.steps):
        limited = limited or (isinstance(step, Limit) and not step.disabled)
        if limited or not isinstance(step, Sort):
            steps.append(step)
    return replace(query, steps=tuple(reversed(steps)))


def without_order(query: Query) -> tuple[str, ...]:
    """Return the passes that a count, a check or a sample of the document's rows can do without.

    Which rows a limit keeps is decided by their order, down to its ties; without a limit no
    order shows.
    """
    limited = any(isinstance(step, Limit) and not step.disabled for step in query.steps)
    return () if limited else ("order",)


def then(query: Query, *steps: Step) -> Query:
    """Return the document with more steps at its end."""
    return replace(query, steps=(*query.steps, *steps))


def fresh(name: str, taken: Iterable[str]) -> str:
    """Return the name, or one made from it that no column has."""
    names = {folded(other) for other in taken}
    return next(free for free in _numbered(name) if folded(free) not in names)


def _numbered(name: str) -> Iterator[str]:
    yield name
    number = 2
    while True:
        yield f"{name} {number}"
        number += 1


def count(query: Query, most: int | None) -> Query:
    """Count the rows, of the first ``most`` where that is bounded."""
    bound = () if most is None else (Limit(most),)
    return then(unordered(query), *bound, Aggregate(measures=(Measure("rows", "count"),)))


def rows_of(query: Query, table_rows: int) -> int | None:
    """Return how many rows the document gives, where the rows of its table alone tell; else ``None``."""
    rows = table_rows
    for step in query.steps:
        match step:
            case _ if step.disabled:
                continue
            case Sort() | Select() | Derive():
                continue
            case Limit():
                rows = min(rows, step.rows)
            case Join() | Filter() | Aggregate():
                return None
    return rows


def values(query: Query, schema: Schema, column: str, *, search: str, most: int, order: Order) -> Query:
    """List the distinct values of a column that are not empty, and how often each stands there.

    Parameters
    ----------
    query
        The question up to where the column is asked about.
    schema
        Its columns.
    column
        Whose values.
    search
        Text that a value contains, in whatever case; empty for all.
    most
        How many values.
    order
        Which of them.
    """
    types = {field.name: field.type for field in schema}
    steps: list[Step] = []
    if search:
        shown = column
        if types[column].family is not Family.TEXT:
            shown = fresh("text", types)
            steps.append(Derive(shown, Call("to_text", (Column(column),))))
        steps.append(Filter(Condition(shown, "contains", value=search)))
    steps.append(Filter(Condition(column, "is not empty")))
    rows = fresh("rows", (column,))
    steps.append(Aggregate(by=(Key(column),), measures=(Measure(rows, "count"),)))
    by = (SortKey(column),)
    steps.append(Sort((SortKey(rows, descending=True), *by) if order == "frequency" else by))
    steps.append(Limit(most))
    return then(unordered(query), *steps)


def profile(query: Query, schema: Schema, column: str) -> Query:
    """Sum a column up in one row.

    Its columns are ``rows``, one that counts the filled, and ``distinct``, ``min``, ``max``
    and ``avg`` where the type has them.
    """
    kind = next(field.type for field in schema if field.name == column)
    filled = fresh("filled", (field.name for field in schema))
    flag = Case((Branch(Condition(column, "is not empty"), Constant(1)),))
    measures = [Measure("rows", "count"), Measure("filled", "count", filled)]
    if kind.family in COMPARABLE:
        measures.append(Measure("distinct", "distinct_count", column))
    measures += [
        Measure(fn, fn, column) for fn in ("min", "max", "avg") if kind.family in MEASURES[fn].families
    ]
    return then(unordered(query), Derive(filled, flag), Aggregate(measures=tuple(measures)))


@dataclass(frozen=True, slots=True)
class JoinQuestion:
    """What a join would do to the rows before it, in one row of numbers.

    ``document`` gives, in this order: ``matched`` (left rows with a partner), ``joined`` (rows
    of an inner join), ``multiplied`` (left rows with more than one partner), ``right_unmatched``
    (right rows without one). NULL is none.

    The left rows are grouped by the join's keys and counted, since rows of the same keys have
    the same partners; then joined, and grouped again to count the partners of each group.
    """

    document: Query
    left: Query


def join_check(query: Query, left: Schema, join: Join, right: Schema) -> JoinQuestion:
    """Ask how many rows match and multiply when ``join`` comes after ``query``."""
    keys = tuple(dict.fromkeys(pair.left for pair in join.on))
    taken = [field.name for field in (*left, *right)]
    group, partners = fresh("left rows", taken), fresh("partners", taken)
    grouped = Aggregate(by=tuple(map(Key, keys)), measures=(Measure(group, "count"),))
    joined = replace(join, how="right", disabled=False)
    counted = Aggregate(by=(*map(Key, keys), Key(group)), measures=(Measure(partners, "count"),))
    has_left, alone = Condition(group, "is not empty"), Condition(group, "is empty")
    steps: list[Step] = [grouped, joined, counted]
    sums: dict[str, Expression] = {
        "matched": Case((Branch(has_left, Column(group)),)),
        "joined": Call("multiply", (Column(group), Column(partners))),
        "multiplied": Case(
            (Branch(Group("and", (has_left, Condition(partners, ">", value=1))), Column(group)),)
        ),
        "right_unmatched": Case((Branch(alone, Column(partners)),)),
    }
    names = {name: fresh(f"{name} rows", (*taken, group, partners)) for name in sums}
    steps += [Derive(names[name], expression) for name, expression in sums.items()]
    steps.append(Aggregate(measures=tuple(Measure(name, "sum", names[name]) for name in sums)))
    before = unordered(query)
    return JoinQuestion(then(before, *steps), count(before, None))
