"""Expressions as formulas: what ``formula`` reads back as the same expression."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING, assert_never

from aurora_widgets.query.formula_conditions import ANY_CASE, EXACT_CASE, THIS_ONE, spelled
from aurora_widgets.query.formula_tokens import PLAIN
from aurora_widgets.query.functions import BUCKETS, FUNCTIONS
from aurora_widgets.query.model import (
    Call,
    Case,
    Column,
    Condition,
    Constant,
    Expression,
    Group,
    Scalar,
    Tree,
)
from aurora_widgets.query.operators import OPERATORS

if TYPE_CHECKING:
    from collections.abc import Callable

_JOINED, _SUM, _PRODUCT, _UNARY, _ALONE = range(5)
"""How tightly a text holds together."""

_SIGNS = {"add": ("+", _SUM), "subtract": ("-", _SUM), "multiply": ("*", _PRODUCT), "divide": ("/", _PRODUCT)}
_KEPT = frozenset(
    "and or not if all any off empty true false exact case including".split()  # noqa: SIM905
)


def text(expression: Expression, called: Callable[[str], str] | None = None) -> str:
    """Return the formula of an expression.

    Parameters
    ----------
    expression
        Any.
    called
        What a person calls a column; by default as ``formula`` reads it back.
    """
    return _Writer(called or name).text(expression)


def kept_words() -> frozenset[str]:
    """Return the words that are no column's unless they stand in square brackets."""
    return _KEPT | {word for words, _ in spelled() for word in words}


def name(column: str) -> str:
    """Return how a formula names a column."""
    if PLAIN.fullmatch(column) and column.casefold() not in kept_words():
        return column
    return f"[{column.replace(']', ']]')}]"


class _Writer:
    """Writes with one way to name columns."""

    def __init__(self, called: Callable[[str], str]) -> None:
        self._called = called

    def text(self, expression: Expression) -> str:
        """Return the formula of an expression."""
        return self.bound(expression)[0]

    def bound(self, expression: Expression) -> tuple[str, int]:
        match expression:
            case Column():
                return self._called(expression.column), _ALONE
            case Constant():
                written = _scalar(expression.value)
                return written, _UNARY if written.startswith("-") else _ALONE
            case Call(fn=fn, args=(left, right)) if fn in _SIGNS:
                sign, own = _SIGNS[fn]
                return f"{self._within(left, own)} {sign} {self._within(right, own + 1)}", own
            case Call(fn="negate", args=(inner,)) if not _number(inner):
                return f"-{self._within(inner, _ALONE)}", _UNARY
            case Call(fn="concat", args=(_, _, *_)):
                return " & ".join(self._within(arg, _SUM) for arg in expression.args), _JOINED
            case Call():
                return f"{expression.fn}({', '.join(self._arguments(expression))})", _ALONE
            case Case():
                parts = [
                    part
                    for each in expression.branches
                    for part in (self.condition(each.when), self.text(each.then))
                ]
                if expression.otherwise is not None:
                    parts.append(self.text(expression.otherwise))
                return f"if({', '.join(parts)})", _ALONE
            case _:
                assert_never(expression)

    def _within(self, expression: Expression, least: int) -> str:
        written, own = self.bound(expression)
        return written if own >= least else f"({written})"

    def _arguments(self, call: Call) -> list[str]:
        function = FUNCTIONS.get(call.fn)
        unit = function is not None and function.arguments[0].literally == "unit"
        return [
            str(arg.value)
            if index == 0 and unit and isinstance(arg, Constant) and arg.value in BUCKETS
            else self.text(arg)
            for index, arg in enumerate(call.args)
        ]

    def condition(self, tree: Tree) -> str:
        """Return a condition as it stands in an ``if``."""
        match tree:
            case Condition(disabled=True) | Group(disabled=True):
                return f"off({self._plain(tree)})"
            case Condition() | Group():
                return self._plain(tree)
            case _:
                assert_never(tree)

    def _plain(self, tree: Tree) -> str:
        match tree:
            case Condition():
                return self._rule(tree)
            case Group(negate=True, op="and", children=(Condition() as only,)):
                return f"not {self.condition(only)}"
            case Group():
                several = len(tree.children) > 1
                if several:
                    inner = f" {tree.op} ".join(self._child(child) for child in tree.children)
                    return f"not ({inner})" if tree.negate else inner
                word = "all" if tree.op == "and" else "any"
                inner = f"{word}({', '.join(self.condition(child) for child in tree.children)})"
                return f"not {inner}" if tree.negate else inner

    def _child(self, tree: Tree) -> str:
        loose = isinstance(tree, Group) and len(tree.children) > 1 and not tree.negate and not tree.disabled
        return f"({self.condition(tree)})" if loose else self.condition(tree)

    def _rule(self, rule: Condition) -> str:
        row = OPERATORS.get(rule.op)
        said = f"{self._called(rule.column)} {rule.op}"
        match row.operand if row is not None else "value":
            case "none":
                pass
            case "unit":
                said += f" {rule.unit}"
            case "relative":
                said += f" {rule.count} {rule.unit}{'' if rule.count == 1 else 's'}"
                said += f" {THIS_ONE}" if rule.include_current else ""
            case "range":
                said += f" {_scalar(rule.low)} and {_scalar(rule.high)}"
            case "values":
                said += f" ({', '.join(map(_scalar, rule.values or ()))})"
            case _:
                said += f" {_scalar(rule.value) if rule.other is None else self._called(rule.other)}"
        if rule.case_sensitive is None:
            return said
        return f"{said} {EXACT_CASE if rule.case_sensitive else ANY_CASE}"


def _number(expression: Expression) -> bool:
    value = expression.value if isinstance(expression, Constant) else None
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)


def _scalar(value: Scalar) -> str:
    match value:
        case None:
            return "empty"
        case bool():
            return "true" if value else "false"
        case Decimal():
            return format(value, "f")
        case int() | float():
            return str(value)
        case dt.date() | dt.time():
            return f'"{value.isoformat()}"'
        case str():
            quoted = value.replace('"', '""')
            return f'"{quoted}"'
