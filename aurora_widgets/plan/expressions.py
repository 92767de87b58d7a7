"""An expression's type, and the same expression with its constants typed by their place.

A constant among columns that must be alike (``coalesce``, ``null_if``, the outcomes of a
case) is typed by them; elsewhere by what its function takes there; on its own it is what
it looks like, and text is text. NULL goes anywhere.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, assert_never

from aurora_widgets.errors import Fault
from aurora_widgets.plan import moments
from aurora_widgets.plan.conditions import HOLDS, Conditions
from aurora_widgets.query.checks import check_part
from aurora_widgets.query.faults import at, unknown
from aurora_widgets.query.functions import FUNCTIONS, MAX_DIGITS, Function, buckets_for, common_type
from aurora_widgets.query.model import Branch, Call, Case, Column, Constant, Expression, Scalar
from aurora_widgets.query.types import (
    BOOLEAN,
    DATE,
    FLOAT64,
    INT64,
    INT128,
    TEXT,
    TIME,
    TIMESTAMP,
    TIMESTAMPTZ,
    UNKNOWN,
    ColumnType,
    Family,
    decimal,
)
from aurora_widgets.query.values import typed

if TYPE_CHECKING:
    import zoneinfo
    from collections.abc import Sequence

    from aurora_widgets.plan.columns import Columns

Typed = tuple[Expression, ColumnType | None]
"""An expression and its type; ``None`` where a fault leaves it open."""

_WHOLE = frozenset({"n", "start", "length"})
"""Arguments that count something."""

_ANYTHING = frozenset(Family)


@dataclass(slots=True)
class Expressions:
    """Reads expressions over the columns at hand; collects what is wrong with them.

    Parameters
    ----------
    conditions
        Reads the conditions of cases; its faults are where these go too. Without it, cases
        keep their conditions as they are: enough to tell a type.
    """

    columns: Columns
    faults: list[Fault]
    zone: zoneinfo.ZoneInfo
    conditions: Conditions | None = None

    def read(
        self, expression: Expression, path: str, wanted: frozenset[Family] = _ANYTHING, name: str = ""
    ) -> Typed:
        """Return the expression with typed constants, and its type.

        Parameters
        ----------
        wanted
            The families that its place takes.
        name
            What its place is called, for faults.
        """
        match expression:
            case Column():
                found = self.columns.find(expression.column, at(path, "column"), self.faults)
                return expression, self._fits(found, wanted, path, f"`{expression.column}`")
            case Constant():
                return self._constant(expression.value, wanted, path, name)
            case Call():
                return self._call(expression, path, wanted)
            case Case():
                return self._case(expression, path, wanted, name)
            case _:
                assert_never(expression)

    def _constant(self, value: Scalar, wanted: frozenset[Family], path: str, name: str) -> Typed:
        kind = _place(value, wanted)
        if value is None or kind is None:
            return Constant(value), UNKNOWN
        result = typed(value, kind, at(path, "value"), name or "value")
        if isinstance(result, Fault):
            self.faults.append(result)
            return Constant(value), None
        return Constant(result), constant_type(result)

    def _call(self, call: Call, path: str, wanted: frozenset[Family]) -> Typed:
        function = FUNCTIONS.get(call.fn)
        if function is None:
            self.faults.append(unknown("unknown-function", at(path, "fn"), call.fn, "a function", FUNCTIONS))
            for index, arg in enumerate(call.args):
                self.read(arg, at(at(path, "args"), index))
            return call, None
        wrong = list(check_part(call, path))
        self.faults.extend(wrong)
        if wrong:
            return call, None
        if function.alike:
            args, types = self._alike(
                call.args, [at(at(path, "args"), i) for i in range(len(call.args))], wanted, path
            )
        else:
            args, types = self._each(function, call.args, path)
        if any(each is None for each in types):
            return Call(call.fn, args), None
        known = [each for each in types if each is not None]
        self._unit(function, args, known, path)
        return Call(call.fn, args), self._fits(function.result(known), wanted, path, f"`{call.fn}`")

    def _each(
        self, function: Function, args: Sequence[Expression], path: str
    ) -> tuple[tuple[Expression, ...], list[ColumnType | None]]:
        done: list[Expression] = []
        types: list[ColumnType | None] = []
        for index, arg in enumerate(args):
            place, argument = at(at(path, "args"), index), function.argument(index)
            if argument.literally is not None:
                done.append(arg)
                types.append(INT64 if argument.literally == "digits" else TEXT)
                continue
            read, found = self.read(arg, place, argument.families, argument.name)
            if argument.name in _WHOLE and found is not None and found != UNKNOWN and not found.is_whole:
                self._fault(
                    "wrong-type", place, f"`{function.name}` needs a whole number for `{argument.name}`."
                )
                found = None
            done.append(read)
            types.append(found)
        return tuple(done), types

    def _unit(
        self, function: Function, args: Sequence[Expression], types: Sequence[ColumnType], path: str
    ) -> None:
        """Check a unit against the date or timestamp that it cuts, moves or counts."""
        if function.arguments[0].literally != "unit":
            return
        place = at(at(path, "args"), 0)
        finest = max((buckets_for(each) for each in types[1:]), key=len) or buckets_for(TIMESTAMP)
        value = args[0].value if isinstance(args[0], Constant) else None
        if isinstance(value, str) and value not in finest:
            self.faults.append(
                unknown("unknown-unit", at(place, "value"), value, "a unit here", finest, list_them=True)
            )

    def _case(self, case: Case, path: str, wanted: frozenset[Family], name: str) -> Typed:
        outcomes = [branch.then for branch in case.branches]
        paths = [at(at(at(path, "case"), index), "then") for index in range(len(case.branches))]
        if case.otherwise is not None:
            outcomes.append(case.otherwise)
            paths.append(at(path, "else"))
        whens = [
            branch.when
            if self.conditions is None
            else self.conditions.tree(branch.when, self.columns, at(at(at(path, "case"), index), "when"))
            for index, branch in enumerate(case.branches)
        ]
        done, types = self._alike(outcomes, paths, wanted, path)
        last = None if case.otherwise is None else done[-1]
        read = Case(tuple(Branch(when, then) for when, then in zip(whens, done, strict=False)), last)
        if any(each is None for each in types):
            return read, None
        found = common_type(each for each in types if each is not None)
        return read, self._fits(found, wanted, path, f"`{name}`" if name else "The case")

    def _alike(
        self, args: Sequence[Expression], paths: Sequence[str], wanted: frozenset[Family], path: str
    ) -> tuple[tuple[Expression, ...], list[ColumnType | None]]:
        """Read expressions that must have a common type; constants take the others'."""
        read: dict[int, Typed] = {
            index: self.read(arg, paths[index])
            for index, arg in enumerate(args)
            if not isinstance(arg, Constant)
        }
        others = [found for _, found in read.values() if found is not None]
        together = common_type(others)
        for index, arg in enumerate(args):
            if not isinstance(arg, Constant):
                continue
            if together is None or together == UNKNOWN or arg.value is None:
                read[index] = self._constant(arg.value, wanted, paths[index], "")
            else:
                read[index] = self._beside(arg.value, together, paths[index])
        types = [read[index][1] for index in range(len(args))]
        known = [each for each in types if each is not None]
        if len(known) == len(types) and common_type(known) is None:
            kinds = " and ".join(dict.fromkeys(HOLDS[each.family] for each in known if each != UNKNOWN))
            self._fault("wrong-type", path, f"These can't be mixed in one column: {kinds}.")
            types = [None] * len(types)
        return tuple(read[index][0] for index in range(len(args))), types

    def _beside(self, value: Scalar, kind: ColumnType, path: str) -> Typed:
        """Type a constant that stands beside expressions of one type."""
        result = typed(value, kind, at(path, "value"), "the others")
        if isinstance(result, Fault):
            self.faults.append(result)
            return Constant(value), None
        if isinstance(result, dt.date):
            return Constant(moments.bound(result, kind, self.zone)), kind
        return Constant(result), constant_type(result)

    def _fits(
        self, found: ColumnType | None, wanted: frozenset[Family], path: str, what: str
    ) -> ColumnType | None:
        if found is None or found == UNKNOWN or found.family in wanted:
            return found
        kinds = " or ".join(HOLDS[family] for family in Family if family in wanted)
        self._fault("wrong-type", path, f"{what} holds {HOLDS[found.family]}, where this takes {kinds}.")
        return None

    def _fault(self, code: str, path: str, message: str) -> None:
        self.faults.append(Fault(code, path, message))


def constant_type(value: Scalar) -> ColumnType:
    """Return the type of a typed constant."""
    match value:
        case None:
            return UNKNOWN
        case bool():
            return BOOLEAN
        case int():
            return INT64 if -(2**63) <= value < 2**63 else INT128
        case Decimal():
            _, digits, exponent = value.as_tuple()
            scale = -exponent if isinstance(exponent, int) and exponent < 0 else 0
            return decimal(max(len(digits), scale), scale)
        case float():
            return FLOAT64
        case str():
            return TEXT
        case dt.datetime():
            return TIMESTAMP if value.tzinfo is None else TIMESTAMPTZ
        case dt.date():
            return DATE
        case dt.time():
            return TIME
        case _:
            assert_never(value)


def _place(value: Scalar, wanted: frozenset[Family]) -> ColumnType | None:
    """Return the type a constant is read as: its own where the place takes it, else the place's."""
    own = constant_type(value)
    if value is None:
        return None
    if own.is_decimal or own.is_whole:
        own = decimal(MAX_DIGITS, 0)
    if own.family in wanted:
        return own
    for family, kind in (
        (Family.NUMBER, decimal(MAX_DIGITS, 0)),
        (Family.TIMESTAMP, TIMESTAMP),
        (Family.DATE, DATE),
        (Family.BOOLEAN, BOOLEAN),
        (Family.TEXT, TEXT),
    ):
        if family in wanted:
            return kind
    return own
