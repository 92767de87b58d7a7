"""Expressions as formulas: what ``formula`` reads back as the same expression."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import assert_never

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

_JOINED, _SUM, _PRODUCT, _UNARY, _ALONE = range(5)
"""How tightly a text holds together."""

_SIGNS = {"add": ("+", _SUM), "subtract": ("-", _SUM), "multiply": ("*", _PRODUCT), "divide": ("/", _PRODUCT)}
_KEPT = frozenset(
    "and or not if all any off empty true false exact case including".split()  # noqa: SIM905
)


def text(expression: Expression) -> str:
    """Return the formula of an expression."""
    return _text(expression)[0]


def name(column: str) -> str:
    """Return how a formula names a column."""
    kept = _KEPT | {word for words, _ in spelled() for word in words}
    if PLAIN.fullmatch(column) and column.casefold() not in kept:
        return column
    return f"[{column.replace(']', ']]')}]"


def _text(expression: Expression) -> tuple[str, int]:
    match expression:
        case Column():
            return name(expression.column), _ALONE
        case Constant():
            written = _scalar(expression.value)
            return written, _UNARY if written.startswith("-") else _ALONE
        case Call(fn=fn, args=(left, right)) if fn in _SIGNS:
            sign, own = _SIGNS[fn]
            return f"{_within(left, own)} {sign} {_within(right, own + 1)}", own
        case Call(fn="negate", args=(inner,)) if not _number(inner):
            return f"-{_within(inner, _ALONE)}", _UNARY
        case Call(fn="concat", args=(_, _, *_)):
            return " & ".join(_within(arg, _SUM) for arg in expression.args), _JOINED
        case Call():
            return f"{expression.fn}({', '.join(_arguments(expression))})", _ALONE
        case Case():
            parts = [part for each in expression.branches for part in (condition(each.when), text(each.then))]
            if expression.otherwise is not None:
                parts.append(text(expression.otherwise))
            return f"if({', '.join(parts)})", _ALONE
        case _:
            assert_never(expression)


def _within(expression: Expression, least: int) -> str:
    written, own = _text(expression)
    return written if own >= least else f"({written})"


def _arguments(call: Call) -> list[str]:
    function = FUNCTIONS.get(call.fn)
    unit = function is not None and function.arguments[0].literally == "unit"
    return [
        str(arg.value)
        if index == 0 and unit and isinstance(arg, Constant) and arg.value in BUCKETS
        else text(arg)
        for index, arg in enumerate(call.args)
    ]


def condition(tree: Tree) -> str:
    """Return a condition as it stands in an ``if``."""
    match tree:
        case Condition(disabled=True) | Group(disabled=True):
            return f"off({_plain(tree)})"
        case Condition() | Group():
            return _plain(tree)
        case _:
            assert_never(tree)


def _plain(tree: Tree) -> str:
    match tree:
        case Condition():
            return _rule(tree)
        case Group(negate=True, op="and", children=(Condition() as only,)):
            return f"not {condition(only)}"
        case Group():
            several = len(tree.children) > 1
            if several:
                inner = f" {tree.op} ".join(_child(child) for child in tree.children)
                return f"not ({inner})" if tree.negate else inner
            word = "all" if tree.op == "and" else "any"
            inner = f"{word}({', '.join(condition(child) for child in tree.children)})"
            return f"not {inner}" if tree.negate else inner


def _child(tree: Tree) -> str:
    loose = isinstance(tree, Group) and len(tree.children) > 1 and not tree.negate and not tree.disabled
    return f"({condition(tree)})" if loose else condition(tree)


def _rule(rule: Condition) -> str:
    row = OPERATORS.get(rule.op)
    said = f"{name(rule.column)} {rule.op}"
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
            said += f" {_scalar(rule.value) if rule.other is None else name(rule.other)}"
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
