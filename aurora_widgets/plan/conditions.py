"""One condition, checked against its column and rewritten to plain comparisons.

Values are typed by their column. A relative date, a day on a timestamp and a day as an
upper end become half-open ranges; on a timestamp the days before, on and after a date are
told apart as days: ``<=`` reaches through the end of the day, ``>`` begins after it. A
negative stays the exact complement of its positive: where the positive becomes several
comparisons, the negative is their negated group.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, TypeGuard, assert_never

from aurora_widgets.errors import Fault
from aurora_widgets.plan import moments
from aurora_widgets.query.faults import at, one_of, shown, unknown
from aurora_widgets.query.model import Condition, Group, Scalar, Tree
from aurora_widgets.query.operators import OPERATORS, UNITS, Operator, operators_for
from aurora_widgets.query.types import ColumnType, Family
from aurora_widgets.query.values import typed, typed_list

if TYPE_CHECKING:
    import zoneinfo

    from aurora_widgets.plan.columns import Columns

HOLDS = {
    Family.NUMBER: "numbers",
    Family.TEXT: "text",
    Family.BOOLEAN: "true or false",
    Family.DATE: "dates",
    Family.TIMESTAMP: "dates with times",
    Family.OTHER: "values of a special kind",
}
"""What a column of each family holds, as a sentence says it."""


@dataclass(slots=True)
class Conditions:
    """Reads conditions against the columns at hand; collects what is wrong with them.

    Parameters
    ----------
    now
        The wall clock's time in ``zone`` that settles relative dates.
    zone
        The catalog's time zone.
    """

    now: dt.datetime
    zone: zoneinfo.ZoneInfo
    faults: list[Fault] = field(default_factory=list)

    def tree(self, tree: Tree, columns: Columns, path: str) -> Tree:
        """Return the tree without its disabled parts, every condition rewritten."""
        if tree.disabled:
            # It asks nothing, as an empty group does.
            return Group()
        match tree:
            case Group():
                children = tuple(
                    self.tree(child, columns, at(at(path, "children"), index))
                    for index, child in enumerate(tree.children)
                    if not child.disabled
                )
                return Group(tree.op, children, negate=tree.negate)
            case Condition():
                return self.condition(tree, columns, path)
            case _:
                assert_never(tree)

    def condition(self, condition: Condition, columns: Columns, path: str) -> Tree:
        """Return one condition rewritten, or as it is where it has a fault."""
        operator = OPERATORS.get(condition.op)
        if operator is None:
            self.faults.append(
                unknown(
                    "unknown-operator", at(path, "op"), condition.op, "an operator", OPERATORS, list_them=True
                )
            )
        column_type = columns.find(condition.column, at(path, "column"), self.faults)
        if operator is None or column_type is None:
            return condition
        if column_type.family not in operator.families:
            self.faults.append(_wrong_operator(condition, column_type, at(path, "op")))
            return condition
        before = len(self.faults)
        told = self._typed(condition, operator, column_type, columns, path)
        if len(self.faults) > before:
            return condition
        return rewritten(told, column_type, self.zone)

    def _typed(
        self, condition: Condition, operator: Operator, column_type: ColumnType, columns: Columns, path: str
    ) -> Condition:
        plain = Condition(condition.column, condition.op)
        if operator.case_sensitive is not None and column_type.family is Family.TEXT:
            own = condition.case_sensitive
            plain = replace(plain, case_sensitive=operator.case_sensitive if own is None else own)
        match operator.operand:
            case "none":
                return plain
            case "value" if condition.other is not None:
                self._other(condition, column_type, columns, path)
                return replace(plain, other=condition.other)
            case "value":
                return replace(
                    plain, value=self._value(condition, condition.value, column_type, at(path, "value"))
                )
            case "range":
                low = self._value(condition, condition.low, column_type, at(path, "low"))
                high = self._value(condition, condition.high, column_type, at(path, "high"))
                return replace(plain, low=low, high=high)
            case "values":
                if condition.values is None:
                    self._fault("missing-value", path, f"`{condition.op}` needs its list of `values`.")
                    return plain
                values, faults = typed_list(
                    condition.values, column_type, at(path, "values"), condition.column
                )
                self.faults.extend(faults)
                return replace(plain, values=values)
            case "relative" | "unit":
                return self._relative(condition, operator, path)
            case _:
                assert_never(operator.operand)

    def _value(self, condition: Condition, value: Scalar, column_type: ColumnType, path: str) -> Scalar:
        found = typed(value, column_type, path, condition.column)
        if isinstance(found, Fault):
            self.faults.append(found)
            return None
        return found

    def _other(self, condition: Condition, column_type: ColumnType, columns: Columns, path: str) -> None:
        other = condition.other or ""
        other_type = columns.find(other, at(path, "other"), self.faults)
        if other_type is not None and other_type.family is not column_type.family:
            self._fault(
                "wrong-type",
                at(path, "other"),
                f"`{condition.column}` holds {HOLDS[column_type.family]} and {shown(other)} holds "
                f"{HOLDS[other_type.family]}: they can't be compared.",
            )

    def _relative(self, condition: Condition, operator: Operator, path: str) -> Condition:
        """Return the days a relative date spans as ``between``: the first and the last."""
        plain = Condition(condition.column, condition.op)
        unit, count = condition.unit, condition.count if operator.operand == "relative" else 1
        if unit is None:
            self._fault("missing-value", path, f"`{condition.op}` needs a `unit`: {one_of(UNITS)}.")
        elif unit not in UNITS:
            self.faults.append(
                unknown("unknown-unit", at(path, "unit"), unit, "a unit here", UNITS, list_them=True)
            )
        if count is None:
            self._fault("missing-value", path, f"`{condition.op}` needs a `count` of units.")
        elif count < 0:
            self._fault("wrong-value", at(path, "count"), "The count of units can't be negative.")
        if unit not in UNITS or count is None or count < 0:
            return plain
        if operator.build is not None:
            return replace(plain, unit=unit, count=count, include_current=condition.include_current)
        try:
            first, end = moments.span(
                condition.op, self.now, unit, count, include_current=condition.include_current
            )
        except moments.OutOfCalendar:
            self._fault("wrong-value", at(path, "count"), f"{count} {unit}s reach out of the calendar.")
            return plain
        return replace(plain, op="between", low=first, high=end - dt.timedelta(days=1))

    def _fault(self, code: str, path: str, message: str) -> None:
        self.faults.append(Fault(code, path, message))


def rewritten(condition: Condition, column_type: ColumnType, zone: zoneinfo.ZoneInfo) -> Tree:
    """Return a typed condition as plain comparisons with what its column compares with."""
    if column_type.family is not Family.TIMESTAMP or condition.other is not None:
        return condition
    days = _Days(condition.column, column_type, zone)
    match condition.op:
        case "=" | "!=" if _is_day(condition.value):
            return _complement(days.on(condition.value), negate=condition.op == "!=")
        case "<" | "<=" | ">" | ">=" if _is_day(condition.value):
            return days.compare(condition.op, condition.value)
        case "between" | "not between":
            low = days.compare(">=", condition.low)
            high = days.compare("<=", condition.high)
            return _complement(Group("and", (low, high)), negate=condition.op == "not between")
        case "in" | "not in":
            return _complement(days.among(condition.values or ()), negate=condition.op == "not in")
        case _:
            return replace(
                condition,
                value=days.bound(condition.value),
                low=days.bound(condition.low),
                high=days.bound(condition.high),
                values=None if condition.values is None else tuple(map(days.bound, condition.values)),
            )


@dataclass(frozen=True, slots=True)
class _Days:
    """Comparisons of a timestamp column with times, and with whole days."""

    column: str
    type: ColumnType
    zone: zoneinfo.ZoneInfo

    def bound(self, value: Scalar) -> Scalar:
        """Return the time, or a day's midnight, as the column compares with it."""
        return moments.bound(value, self.type, self.zone) if isinstance(value, dt.date) else value

    def compare(self, op: str, value: Scalar) -> Condition:
        """Compare with a time; or with a day, whose ``<=`` and ``>`` turn at its end."""
        if not _is_day(value) or op in {"<", ">="}:
            return Condition(self.column, op, self.bound(value))
        try:
            end = moments.move(value, "day", 1)
        except moments.OutOfCalendar:
            return Condition(self.column, op, self.bound(moments.LAST))
        return Condition(self.column, "<" if op == "<=" else ">=", self.bound(end))

    def on(self, day: dt.date) -> Group:
        """Keep any time of that day."""
        return Group("and", (self.compare(">=", day), self.compare("<=", day)))

    def among(self, values: tuple[Scalar, ...]) -> Tree:
        """Keep these times and any time of these days."""
        times = tuple(self.bound(value) for value in values if not _is_day(value))
        days = tuple(self.on(value) for value in dict.fromkeys(values) if _is_day(value))
        exact = Condition(self.column, "in", values=times)
        if not days:
            return exact
        return Group("or", (exact, *days) if times else days)


def _is_day(value: Scalar) -> TypeGuard[dt.date]:
    return isinstance(value, dt.date) and not isinstance(value, dt.datetime)


def _complement(tree: Tree, *, negate: bool) -> Tree:
    return Group("and", (tree,), negate=True) if negate else tree


def _wrong_operator(condition: Condition, column_type: ColumnType, path: str) -> Fault:
    names = [row.name for row in operators_for(column_type)]
    return Fault(
        "wrong-operator",
        path,
        f"`{condition.op}` can't be asked of `{condition.column}`, which holds {HOLDS[column_type.family]}; "
        f"use {one_of(names)}.",
    )
