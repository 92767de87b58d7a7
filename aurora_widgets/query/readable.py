"""What a document that can't be read wholly still asks, so that all of its faults are found at once.

What is broken is kept from the rest: a condition asks no more than for its column, a broken
expression is a column that no table has, and steps end before one whose columns can't be known.
"""

from __future__ import annotations

from dataclasses import MISSING, dataclass, field, fields, is_dataclass, replace
from typing import TYPE_CHECKING

from aurora_widgets.query.faults import at
from aurora_widgets.query.model import (
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
    Limit,
    Query,
    Sort,
    Step,
    Tree,
)
from aurora_widgets.query.read import DEFAULT_LIMITS, Limits, partly
from aurora_widgets.query.scalars import LargeNumber

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_NO_COLUMN = Column("\0")
_NOTHING = Group(disabled=True)


def readable(
    source: str | bytes | Mapping[str, object], limits: Limits = DEFAULT_LIMITS
) -> tuple[Query | None, tuple[str, ...]]:
    """Return what can be checked of a document, and the paths below which nothing is known.

    Raises
    ------
    QueryInvalid
        It is no JSON at all.
    """
    query, faults = partly(source, limits)
    if query is None or not isinstance(query.table, str):
        return None, ()
    mending = _Mending([fault.path for fault in faults])
    steps = tuple(mending.steps(query.steps))
    return replace(query, steps=steps), tuple(mending.open)


def related(path: str, other: str) -> bool:
    """Whether one of two paths is the other, or leads to it."""
    short, long = sorted((path, other), key=len)
    return long == short or long.startswith((f"{short}.", f"{short}["))


@dataclass(slots=True)
class _Mending:
    """Walks the steps; ``open`` grows by the paths of expressions that are kept out."""

    open: list[str] = field(default_factory=list)

    def steps(self, steps: Iterable[Step | None]) -> Iterable[Step]:
        for index, step in enumerate(steps):
            path = at("steps", index)
            match step:
                case Filter():
                    yield replace(step, where=self.tree(step.where, at(path, "where")))
                case Derive(column=str()):
                    yield replace(step, expression=self.expression(step.expression, at(path, "expression")))
                case Sort() | Limit() if not _sound(step):
                    yield Limit(0, disabled=True)
                case None:
                    return
                case _ if not _sound(step):
                    return
                case _:
                    yield step

    def tree(self, tree: Tree | None, path: str) -> Tree:
        match tree:
            case Group():
                children = (
                    self.tree(child, at(at(path, "children"), n)) for n, child in enumerate(tree.children)
                )
                return replace(tree, children=tuple(children))
            case Condition(column=str(), op=str()) if not self._broken(path):
                return tree
            case Condition(column=str()):
                return Condition(tree.column, "is empty", disabled=tree.disabled)
            case _:
                return _NOTHING

    def _broken(self, path: str) -> bool:
        return any(related(path, fault) and fault != at(path, "op") for fault in self.open)

    def expression(self, expression: Expression | None, path: str) -> Expression:
        match expression:
            case Call():
                args = (
                    self.expression(arg, at(at(path, "args"), n)) for n, arg in enumerate(expression.args)
                )
                return replace(expression, args=tuple(args))
            case Case() if None not in expression.branches:
                otherwise = expression.otherwise and self.expression(expression.otherwise, at(path, "else"))
                return Case(tuple(self._branches(expression, path)), otherwise)
            case Column() | Constant() if _sound(expression):
                return expression
            case _:
                self.open.append(path)
                return _NO_COLUMN

    def _branches(self, case: Case, path: str) -> Iterable[Branch]:
        for index, branch in enumerate(case.branches):
            where = at(at(path, "case"), index)
            yield Branch(
                self.tree(branch.when, at(where, "when")), self.expression(branch.then, at(where, "then"))
            )


def _sound(part: object) -> bool:
    """Whether everything that a part must have was read."""
    if isinstance(part, tuple):
        return all(each is not None and _sound(each) for each in part)
    if isinstance(part, Constant):
        return not isinstance(part.value, LargeNumber)
    if not is_dataclass(part):
        return True
    return all(
        value is not None and _sound(value) if value is not None or entry.default is MISSING else True
        for entry in fields(part)
        for value in (getattr(part, entry.name),)
    )
