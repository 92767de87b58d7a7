"""Which columns a condition or an expression reads, and the same with columns renamed."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, assert_never

from aurora_widgets.query.model import (
    Branch,
    Call,
    Case,
    Column,
    Condition,
    Constant,
    Expression,
    Group,
    Tree,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


def of_tree(tree: Tree) -> Iterator[str]:
    """Yield every column the tree reads, repeated as it is."""
    match tree:
        case Group():
            for child in tree.children:
                yield from of_tree(child)
        case Condition():
            yield tree.column
            if tree.other is not None:
                yield tree.other
        case _:
            assert_never(tree)


def of_expression(expression: Expression) -> Iterator[str]:
    """Yield every column the expression reads, repeated as it is."""
    match expression:
        case Column():
            yield expression.column
        case Constant():
            return
        case Call():
            for arg in expression.args:
                yield from of_expression(arg)
        case Case():
            for branch in expression.branches:
                yield from of_tree(branch.when)
                yield from of_expression(branch.then)
            if expression.otherwise is not None:
                yield from of_expression(expression.otherwise)
        case _:
            assert_never(expression)


def rename_tree(tree: Tree, names: Mapping[str, str]) -> Tree:
    """Return the tree reading ``names[column]`` wherever it read ``column``."""
    match tree:
        case Group():
            return replace(tree, children=tuple(rename_tree(child, names) for child in tree.children))
        case Condition():
            other = None if tree.other is None else names.get(tree.other, tree.other)
            return replace(tree, column=names.get(tree.column, tree.column), other=other)
        case _:
            assert_never(tree)


def rename_expression(expression: Expression, names: Mapping[str, str]) -> Expression:
    """Return the expression reading ``names[column]`` wherever it read ``column``."""
    match expression:
        case Column():
            return Column(names.get(expression.column, expression.column))
        case Constant():
            return expression
        case Call():
            return replace(expression, args=tuple(rename_expression(arg, names) for arg in expression.args))
        case Case():
            branches = tuple(
                Branch(rename_tree(branch.when, names), rename_expression(branch.then, names))
                for branch in expression.branches
            )
            last = expression.otherwise
            return Case(branches, None if last is None else rename_expression(last, names))
        case _:
            assert_never(expression)


def folded(name: str) -> str:
    """Return the name as it is compared: two that differ by case alone cannot stand in one table."""
    return name.casefold()
