"""A condition on a bucketed group key as a condition on the column that was cut.

``month(d) >= 15 March`` holds from the next month's first day on, and ``month(d) = 15 March``
never: every comparison with a bucket is one of the column with the edges of buckets.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import TYPE_CHECKING, assert_never

from aurora_widgets.plan import moments
from aurora_widgets.plan.names import of_tree
from aurora_widgets.query.model import Condition, Group, Key, Scalar, Tree
from aurora_widgets.query.operators import OPERATORS
from aurora_widgets.query.types import ColumnType, Family

if TYPE_CHECKING:
    from collections.abc import Mapping


def unbucketed(tree: Tree, keys: Mapping[str, Key], types: Mapping[str, ColumnType]) -> Tree | None:
    """Return the tree over the columns before an aggregate, or ``None`` where it can't be said of them.

    Parameters
    ----------
    tree
        Conditions on group keys alone.
    keys
        The group keys by their names.
    types
        The types of the columns before the aggregate.
    """
    match tree:
        case Group():
            children = [unbucketed(child, keys, types) for child in tree.children]
            told = tuple(child for child in children if child is not None)
            return replace(tree, children=told) if len(told) == len(children) else None
        case Condition():
            return _condition(tree, keys, types)
        case _:
            assert_never(tree)


def _condition(condition: Condition, keys: Mapping[str, Key], types: Mapping[str, ColumnType]) -> Tree | None:
    if all(keys[name].bucket is None for name in of_tree(condition)):
        other = None if condition.other is None else keys[condition.other].column
        return replace(condition, column=keys[condition.column].column, other=other)
    key = keys[condition.column]
    column_type = types[key.column]
    operator = OPERATORS[condition.op]
    # An instant's bucket is cut by a zone, which stays the engine's work.
    if condition.other is not None or operator.build is not None or column_type.name == "timestamptz":
        return None
    if condition.op in {"is empty", "is not empty"}:
        return replace(condition, column=key.column)
    if key.bucket is None:
        return None
    try:
        return _Cut(key.column, key.bucket, column_type).condition(condition)
    except moments.OutOfCalendar:
        return None


class _Cut:
    """Comparisons of a column that say what those of its bucket would."""

    def __init__(self, column: str, bucket: str, column_type: ColumnType) -> None:
        self.column = column
        self.bucket = bucket
        self.dates = column_type.family is Family.DATE

    def condition(self, condition: Condition) -> Tree | None:
        match condition.op:
            case "=" | "<" | "<=" | ">" | ">=":
                return self.compare(condition.op, condition.value)
            case "!=":
                return _not(self.compare("=", condition.value))
            case "between":
                return self.between(condition)
            case "not between":
                return _not(self.between(condition))
            case "in":
                return self.among(condition)
            case "not in":
                return _not(self.among(condition))
            case _:
                return None

    def compare(self, op: str, value: Scalar) -> Tree:
        first, following = self.edges(value)
        if op == "=":
            if first != value:
                return Condition(self.column, "in", values=())
            return Group("and", (self.plain(">=", first), self.plain("<", following)))
        if op in {"<=", ">"}:
            return self.plain("<" if op == "<=" else ">=", following)
        return self.plain(op, first if first == value else following)

    def between(self, condition: Condition) -> Tree:
        return Group("and", (self.compare(">=", condition.low), self.compare("<=", condition.high)))

    def among(self, condition: Condition) -> Tree:
        if not condition.values:
            return Condition(self.column, "in", values=())
        return Group("or", tuple(self.compare("=", value) for value in condition.values))

    def edges(self, value: Scalar) -> tuple[dt.date, dt.date]:
        """Return the bucket that holds a value: its first moment, and the next bucket's."""
        if isinstance(value, dt.datetime):
            return moments.begin_time(value, self.bucket), moments.next_time(value, self.bucket)
        if isinstance(value, dt.date):
            first = moments.begin(value, self.bucket)
            return first, moments.move(first, self.bucket, 1)
        raise TypeError(value)

    def plain(self, op: str, value: dt.date) -> Condition:
        return Condition(self.column, op, value)


def _not(tree: Tree) -> Group:
    return Group("and", (tree,), negate=True)
