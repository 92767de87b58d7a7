"""Conditions as Ibis booleans: a table from operator to builder.

A condition here may be NULL where it is not true (``WHERE`` and ``CASE`` treat the two
alike), but each negative is the exact complement of its positive: never NULL, and true
wherever the positive is not. Without regard to case, text is compared after
``lower(upper(…))``, character by character, so that every form of a letter is one: Σ, σ
and ς; K and the Kelvin sign; I, i, ı and İ. ß is ẞ, but not SS.
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, assert_never, cast

import ibis

from aurora_widgets.query.functions import common_type
from aurora_widgets.query.model import Condition, Group, Scalar, Tree
from aurora_widgets.query.operators import OPERATORS
from aurora_widgets.query.types import DATE, TEXT, TIMESTAMP, TIMESTAMPTZ, ColumnType
from aurora_widgets.sql.datatypes import call
from aurora_widgets.sql.fit import Fit, fit, held
from aurora_widgets.sql.shape import Slot
from aurora_widgets.sql.target import Target, Typed

MANY = 64
"""A longer list is bound as one array."""

Columns = Mapping[str, Typed]


def predicate(tree: Tree, columns: Columns, target: Target) -> Any:
    """Return a tree of a shape as an Ibis boolean that is true for the rows to keep."""
    match tree:
        case Group():
            return _group(tree, columns, target)
        case Condition():
            return _condition(tree, columns, target)
        case _:
            assert_never(tree)


def _group(group: Group, columns: Columns, target: Target) -> Any:
    parts = [predicate(child, columns, target) for child in group.children]
    if not parts:
        return ibis.literal(not group.negate)
    whole = functools.reduce(operator.and_ if group.op == "and" else operator.or_, parts)
    return complement(whole) if group.negate else whole


def complement(positive: Any) -> Any:
    """Return what is true exactly where ``positive`` is not."""
    return ~ibis.coalesce(positive, ibis.literal(value=False))


@dataclass(frozen=True, slots=True)
class _Asked:
    """A condition with its column found, and what it is built for."""

    column: Typed
    condition: Condition
    columns: Columns
    target: Target

    @property
    def folds(self) -> bool:
        if self.column.type != TEXT:
            return False
        sensitive = self.condition.case_sensitive
        if sensitive is None:
            sensitive = OPERATORS[self.condition.op].case_sensitive
        return not (True if sensitive is None else sensitive)

    def folded(self, text: Any) -> Any:
        return call("lower", call("upper", text, to=TEXT), to=TEXT) if self.folds else text

    def pair(self) -> tuple[Any, Any]:
        """Return the column and its operand, which is text, as they are compared."""
        condition = self.condition
        other = (
            self.columns[condition.other].value
            if condition.other is not None
            else self.target.place(_slot(condition.value), TEXT)
        )
        return self.folded(self.column.value), self.folded(other)


def _slot(value: object) -> Slot:
    return cast("Slot", value)


_COMPARE: dict[str, Callable[[Any, Any], Any]] = {
    "=": operator.eq,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_AROUND = {"<": "<=", "<=": "<=", ">": ">", ">=": ">"}
"""How to compare with a value rounded down, where the value lies between two of the type."""


def compare(op: str, left: Typed, right: Typed, target: Target) -> Any:
    """Return the comparison of two columns or expressions; NULL where one is."""
    together = common_type((left.type, right.type))
    moments = {DATE, TIMESTAMP, TIMESTAMPTZ}
    if left.type != right.type and {left.type, right.type} <= moments:
        together = TIMESTAMPTZ if TIMESTAMPTZ in {left.type, right.type} else TIMESTAMP
        return _COMPARE[op](target.cast(left, together), target.cast(right, together))
    if together is not None and together.is_float and left.type != right.type:
        return _COMPARE[op](target.cast(left, together), target.cast(right, together))
    return _COMPARE[op](left.value, right.value)


def _against(op: str, asked: _Asked, value: Scalar) -> Any:
    """Return the comparison with a constant, in the column's own type."""
    column, target, slot = asked.column, asked.target, _slot(value)
    match cast("Fit", target.decide(slot, fit, column.type)):
        case Fit.HELD:
            return _COMPARE[op](asked.folded(column.value), asked.folded(target.place(slot, column.type)))
        case Fit.BETWEEN if op != "=":
            return _COMPARE[_AROUND[op]](column.value, target.place(slot, column.type))
        case Fit.ABOVE if op in {"<", "<="}:
            return column.value.notnull()
        case Fit.BELOW if op in {">", ">="}:
            return column.value.notnull()
        case _:
            return ibis.literal(value=False)


def _compared(op: str) -> Callable[[_Asked], Any]:
    def build(asked: _Asked) -> Any:
        other = asked.condition.other
        if other is None:
            return _against(op, asked, asked.condition.value)
        right = asked.columns[other]
        if asked.folds:
            return _COMPARE[op](*asked.pair())
        return compare(op, asked.column, right, asked.target)

    return build


def _between(asked: _Asked) -> Any:
    return _against(">=", asked, asked.condition.low) & _against("<=", asked, asked.condition.high)


def _listed(values: tuple[Scalar, ...], column_type: ColumnType) -> list[Scalar]:
    """Return the values that the column may hold, without repeats."""
    kept = (held(value, column_type) for value in values if value is not None and fit(value, column_type) is Fit.HELD)
    return list(dict.fromkeys(kept))


def _size(values: tuple[Scalar, ...], column_type: ColumnType) -> int:
    """Return how many places a list takes: a power of two, so that lists share statements."""
    count = len(_listed(values, column_type))
    return 0 if count == 0 else 1 << (count - 1).bit_length()


def _nth(at: int) -> Callable[[tuple[Scalar, ...], ColumnType], Scalar]:
    def read(values: tuple[Scalar, ...], column_type: ColumnType) -> Scalar:
        listed = _listed(values, column_type)
        return listed[min(at, len(listed) - 1)]

    return read


_NTH = tuple(_nth(at) for at in range(MANY))


def _in(asked: _Asked) -> Any:
    slot, column_type, target = _slot(asked.condition.values), asked.column.type, asked.target
    size = target.decide(slot, _bounded_size, column_type)
    if size == 0:
        return ibis.literal(value=False)
    column = asked.folded(asked.column.value)
    if size <= MANY:
        return column.isin([asked.folded(target.place_by(slot, _NTH[at], column_type)) for at in range(size)])
    listed = target.place_list(slot, _listed, column_type).unnest().name("value").as_table()
    return column.isin(asked.folded(listed["value"]))


def _bounded_size(values: tuple[Scalar, ...], column_type: ColumnType) -> int:
    return min(_size(values, column_type), MANY + 1)


def _text(function: str) -> Callable[[_Asked], Any]:
    def build(asked: _Asked) -> Any:
        text, part = asked.pair()
        return call(function, text, part, to=_BOOLEAN)

    return build


_BOOLEAN = ColumnType("boolean")


def _empty(asked: _Asked) -> Any:
    column = asked.column
    if column.type == TEXT:
        return column.value.isnull() | (column.value == "")
    return column.value.isnull()


_POSITIVE: dict[str, Callable[[_Asked], Any]] = {
    **{op: _compared(op) for op in _COMPARE},
    "between": _between,
    "in": _in,
    "contains": _text("contains"),
    "starts with": _text("starts_with"),
    "ends with": _text("suffix"),
    "is true": lambda asked: asked.column.value,
    "is false": lambda asked: ~asked.column.value,
    "is empty": _empty,
}
"""Each positive operator's meaning; relative dates are ranges by now."""


def _condition(condition: Condition, columns: Columns, target: Target) -> Any:
    row = OPERATORS[condition.op]
    asked = _Asked(columns[condition.column], condition, columns, target)
    positive = row.negates or condition.op
    if row.build is not None:
        built = row.build(asked.column.value, *_operands(asked))
        return built
    built = _POSITIVE[positive](asked)
    if row.negates is None:
        return built
    return complement(built)


def _operands(asked: _Asked) -> list[Any]:
    """Return a registered operator's operands as Ibis values."""
    condition, target, column_type = asked.condition, asked.target, asked.column.type
    if condition.other is not None:
        return [asked.columns[condition.other].value]
    operands: list[Any] = [
        target.place(_slot(value), column_type)
        for value in (condition.value, condition.low, condition.high)
        if value is not None
    ]
    if condition.values is not None:
        slot = _slot(condition.values)
        size = target.decide(slot, _size, column_type)
        operands.append(tuple(target.place_by(slot, _nth(at), column_type) for at in range(size)))
    return operands
