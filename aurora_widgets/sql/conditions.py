"""Conditions as Ibis booleans: a table from operator to builder.

A positive condition is NULL where it meets an empty cell (``WHERE`` and ``CASE`` take that
for not true); each negative is the exact complement: never NULL, and true wherever the
positive is not. Without regard to case, text is compared after
``lower(upper(…))``, character by character, so that every form of a letter is one: the
three sigmas, K and the Kelvin sign, I with and without a dot. ß is ẞ, but not SS.
"""

from __future__ import annotations

import datetime as dt
import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, assert_never, cast

import ibis

from aurora_widgets.query.functions import common_type
from aurora_widgets.query.model import Condition, Group, Scalar, Tree
from aurora_widgets.query.operators import LONG_LIST, OPERATORS
from aurora_widgets.query.types import BOOLEAN, DATE, FLOAT64, TEXT, TIMESTAMP, TIMESTAMPTZ, ColumnType
from aurora_widgets.sql.datatypes import call
from aurora_widgets.sql.fit import Fit, fit, held
from aurora_widgets.sql.target import Target, Typed

if TYPE_CHECKING:
    from aurora_widgets.sql.shape import Slot

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
    whole = _joined(parts, operator.and_ if group.op == "and" else operator.or_)
    return ~ibis.coalesce(whole, ibis.literal(value=False)) if group.negate else whole


def _joined(parts: Sequence[Any], joint: Callable[[Any, Any], Any]) -> Any:
    """Join booleans as a balanced tree, as Ibis recurses into the first."""
    if len(parts) == 1:
        return parts[0]
    half = len(parts) // 2
    return joint(_joined(parts[:half], joint), _joined(parts[half:], joint))


@dataclass(frozen=True, slots=True)
class _Asked:
    """A condition, its column and its other column, and what it is built for."""

    condition: Condition
    column: Typed
    other: Typed | None
    target: Target

    @property
    def folds(self) -> bool:
        """Whether text is compared without regard to case."""
        sensitive = self.condition.case_sensitive
        if sensitive is None:
            sensitive = OPERATORS[self.condition.op].case_sensitive
        return self.column.type == TEXT and sensitive is False

    def folded(self, text: Any) -> Any:
        return call("lower", call("upper", text, to=TEXT), to=TEXT) if self.folds else text

    @property
    def nulls(self) -> Any:
        """Where the condition meets an empty cell; anywhere else it is true or false."""
        empty = self.column.value.isnull()
        return empty if self.other is None else empty | self.other.value.isnull()


def _condition(condition: Condition, columns: Columns, target: Target) -> Any:
    other = None if condition.other is None else columns[condition.other]
    asked = _Asked(condition, columns[condition.column], other, target)
    row = OPERATORS[condition.op]
    if row.build is not None:
        return row.build(asked.column.value, *_operands(asked))
    if row.negates is None:
        return _POSITIVE[condition.op](asked)
    positive = _POSITIVE[row.negates](asked)
    return ~positive if row.operand == "none" else ~positive | asked.nulls


def _slot(value: object) -> Slot:
    return cast("Slot", value)


_COMPARE: dict[str, Callable[[Any, Any], Any]] = {
    "=": operator.eq,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_MOMENTS = {DATE, TIMESTAMP, TIMESTAMPTZ}


def compare(op: str, left: Typed, right: Typed, target: Target) -> Any:
    """Return the comparison of two columns; NULL where one is.

    Integers of two kinds are compared as the engine does, which is exact; with a decimal,
    both as decimals that hold either; with a float, both as doubles. Of dates and timestamps
    the coarser is taken as its first moment, in the time zone in force.
    """
    kinds = {left.type, right.type}
    together = None
    if len(kinds) > 1 and kinds <= _MOMENTS:
        together = TIMESTAMPTZ if TIMESTAMPTZ in kinds else TIMESTAMP
    elif len(kinds) > 1 and any(kind.is_float for kind in kinds):
        together = FLOAT64
    elif len(kinds) > 1 and any(kind.is_decimal for kind in kinds):
        together = common_type(kinds)
    if together is None:
        return _COMPARE[op](left.value, right.value)
    return _COMPARE[op](target.cast(left, together), target.cast(right, together))


def _compared(op: str) -> Callable[[_Asked], Any]:
    def build(asked: _Asked) -> Any:
        if asked.other is None:
            return _against(op, asked, asked.condition.value)
        if asked.folds:
            return _COMPARE[op](asked.folded(asked.column.value), asked.folded(asked.other.value))
        return compare(op, asked.column, asked.other, asked.target)

    return build


_AROUND = {"<": "<=", "<=": "<=", ">": ">", ">=": ">"}
"""How to compare with a value rounded down, where the value lies between two of the type."""


def _against(op: str, asked: _Asked, value: Scalar) -> Any:
    """Return the comparison with a constant, in the column's own type; NULL in an empty cell."""
    column, target, slot = asked.column, asked.target, _slot(value)
    if column.type == TIMESTAMPTZ and target.decide(slot, _without_zone, column.type):
        return _COMPARE[op](
            column.value, target.cast(Typed(target.place(slot, TIMESTAMP), TIMESTAMP), TIMESTAMPTZ)
        )
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


def _without_zone(value: Scalar, _: ColumnType) -> bool:
    return not isinstance(value, dt.datetime) or value.tzinfo is None


def _between(asked: _Asked) -> Any:
    return _against(">=", asked, asked.condition.low) & _against("<=", asked, asked.condition.high)


def _in(asked: _Asked) -> Any:
    slot, column_type, target = _slot(asked.condition.values), asked.column.type, asked.target
    size = target.decide(slot, _places, column_type)
    if size == 0:
        return ibis.literal(value=False)
    column = asked.folded(asked.column.value)
    if size <= LONG_LIST:
        items = (target.place_item(slot, listed, column_type, at) for at in range(size))
        return column.isin([asked.folded(item) for item in items])
    rows = target.place_list(slot, listed, column_type).unnest().name("value").as_table()
    return column.isin(asked.folded(rows["value"]))


def listed(values: tuple[Scalar, ...], column_type: ColumnType) -> list[Scalar]:
    """Return the values of a list that a column may hold, as its own type's, without repeats."""
    kept = (held(value, column_type) for value in values if fit(value, column_type) is Fit.HELD)
    return list(dict.fromkeys(kept))


def _places(values: tuple[Scalar, ...], column_type: ColumnType) -> int:
    """Return how many binds a list takes: a power of two, so that lists share statements."""
    count = len(listed(values, column_type))
    return 0 if count == 0 else min(1 << (count - 1).bit_length(), 2 * LONG_LIST)


def _text(function: str) -> Callable[[_Asked], Any]:
    def build(asked: _Asked) -> Any:
        part = (
            asked.target.place(_slot(asked.condition.value), TEXT)
            if asked.other is None
            else asked.other.value
        )
        return call(function, asked.folded(asked.column.value), asked.folded(part), to=BOOLEAN)

    return build


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


def _operands(asked: _Asked) -> list[Any]:
    """Return a registered operator's operands as Ibis values."""
    if asked.other is not None:
        return [asked.other.value]
    condition, target, column_type = asked.condition, asked.target, asked.column.type
    singles = [value for value in (condition.value, condition.low, condition.high) if value is not None]
    operands: list[Any] = [target.place(_slot(value), column_type) for value in singles]
    if condition.values is not None:
        slot = _slot(condition.values)
        count = target.decide(slot, lambda values, kind: len(listed(values, kind)), column_type)
        operands.append(tuple(target.place_item(slot, listed, column_type, at) for at in range(count)))
    return operands
