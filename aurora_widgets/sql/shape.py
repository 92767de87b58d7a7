"""The shape of a planned document: the document with each value replaced by a slot.

Documents of one shape share one statement; only the values that are bound to it differ.
What stays in the shape are names, operators, and constants that change the statement
itself: units, digits to round to, the type of a constant in an expression.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import assert_never, cast

from aurora_widgets.plan.expressions import constant_type
from aurora_widgets.query.functions import FUNCTIONS
from aurora_widgets.query.model import (
    Aggregate,
    Branch,
    Call,
    Case,
    Column,
    Condition,
    Constant,
    Derive,
    Expression,
    Filter,
    Group,
    Join,
    Limit,
    Query,
    Scalar,
    Select,
    Sort,
    Step,
    Tree,
)

Value = Scalar | tuple[Scalar, ...]


@dataclass(frozen=True, slots=True)
class Slot:
    """The place of a value: its index among the document's values.

    A constant of an expression has no column to go by: ``kind`` is the name of its type.
    """

    index: int
    kind: str = ""


def lift(query: Query) -> tuple[Query, list[Value]]:
    """Return the shape of a planned document, and its values in the slots' order.

    In the shape, ``Condition.value``, ``values``, ``low`` and ``high``, ``Constant.value``
    and ``Limit.rows`` are slots.
    """
    values: list[Value] = []
    return replace(query, steps=_steps(query.steps, values), as_of=None), values


def _slot(value: Value, values: list[Value], kind: str = "") -> Slot:
    values.append(value)
    return Slot(len(values) - 1, kind)


def _steps(steps: tuple[Step, ...], values: list[Value]) -> tuple[Step, ...]:
    return tuple(_step(step, values) for step in steps)


def _step(step: Step, values: list[Value]) -> Step:
    match step:
        case Filter():
            return Filter(_tree(step.where, values))
        case Derive():
            return Derive(step.column, _expression(step.expression, values))
        case Join():
            return replace(step, steps=_steps(step.steps, values)) if step.steps else step
        case Limit():
            return Limit(cast("int", _slot(step.rows, values)))
        case Aggregate() | Sort() | Select():
            return step
        case _:
            assert_never(step)


def _tree(tree: Tree, values: list[Value]) -> Tree:
    match tree:
        case Group():
            return Group(tree.op, tuple(_tree(child, values) for child in tree.children), tree.negate)
        case Condition():
            return _condition(tree, values)
        case _:
            assert_never(tree)


def _condition(condition: Condition, values: list[Value]) -> Condition:
    def slot(value: Value) -> Scalar:
        return None if value is None else cast("Scalar", _slot(value, values))

    return Condition(
        condition.column,
        condition.op,
        value=slot(condition.value),
        values=cast("tuple[Scalar, ...] | None", slot(condition.values)),
        low=slot(condition.low),
        high=slot(condition.high),
        other=condition.other,
        case_sensitive=condition.case_sensitive,
    )


def _expression(expression: Expression, values: list[Value]) -> Expression:
    match expression:
        case Column():
            return expression
        case Constant():
            slot = _slot(expression.value, values, constant_type(expression.value).name)
            return Constant(cast("Scalar", slot))
        case Call():
            function = FUNCTIONS[expression.fn]
            return Call(
                expression.fn,
                tuple(
                    arg if function.argument(at).literally else _expression(arg, values)
                    for at, arg in enumerate(expression.args)
                ),
            )
        case Case():
            return Case(
                tuple(
                    Branch(_tree(branch.when, values), _expression(branch.then, values))
                    for branch in expression.branches
                ),
                None if expression.otherwise is None else _expression(expression.otherwise, values),
            )
        case _:
            assert_never(expression)
