"""The conditions of a formula's ``if``: a filter's rules, in words."""

from __future__ import annotations

import functools
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

from aurora_widgets.query.faults import one_of
from aurora_widgets.query.formula_tokens import Tokens, Wrong, tokens
from aurora_widgets.query.model import Condition, Group, Scalar, Tree
from aurora_widgets.query.operators import OPERATORS, UNITS, Operator

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Literal

    from aurora_widgets.query.read import Limits

THIS_ONE = "including this"
"""After a relative date: the current unit counts as well."""

EXACT_CASE, ANY_CASE = "exact case", "any case"
"""After a rule: capital letters matter, or don't."""


def words_of(text: str) -> tuple[str, ...]:
    """Return the tokens of an operator or another fixed phrase."""
    return tuple(token.text.casefold() for token in tokens(text)[:-1])


def spelled() -> list[tuple[tuple[str, ...], str]]:
    """Return every operator's words and its name, the longest first."""
    return _spelled(tuple(OPERATORS))


@functools.cache
def _spelled(names: tuple[str, ...]) -> list[tuple[tuple[str, ...], str]]:
    return sorted(((words_of(name), name) for name in names), key=lambda each: -len(each[0]))


class ConditionReader:
    """Reads a tree of conditions.

    Parameters
    ----------
    found
        Where reading stands.
    made
        Notes where each part stands.
    limits
        How deep a tree may be.
    """

    def __init__(self, found: Tokens, made: Callable[..., Any], limits: Limits) -> None:
        self._tokens = found
        self._made = made
        self._limits = limits
        self._spelled = spelled()

    def tree(self) -> Tree:
        """Read a condition, or several with ``and`` and ``or``."""
        return self._several("or", lambda: self._several("and", self._one))

    def _several(self, op: Literal["and", "or"], one: Callable[[], Tree]) -> Tree:
        start = self._tokens.next.start
        found = [one()]
        while self._tokens.take(op):
            found.append(one())
        return found[0] if len(found) == 1 else self._group(op, found, start)

    def _group(self, op: Literal["and", "or"], children: list[Tree], start: int) -> Group:
        return cast("Group", self._made(Group(op, tuple(children)), start, *children))

    def _one(self) -> Tree:
        read = self._tokens
        start = read.next.start
        word = read.next.text.casefold() if read.next.kind == "name" else ""
        if read.take("not"):
            inner = self._one()
            plain = isinstance(inner, Group) and not inner.negate and not inner.disabled
            group = inner if plain else Group("and", (inner,))
            return cast("Tree", self._made(replace(cast("Group", group), negate=True), start, inner))
        if word in {"all", "any"} and read.after.text == "(":
            read.go()
            return self._group("and" if word == "all" else "or", self._list(), start)
        if word == "off" and read.after.text == "(":
            read.go()
            read.need("(")
            inner = self.tree()
            read.need(")")
            return cast("Tree", self._made(replace(inner, disabled=True), start, inner))
        if read.take("("):
            inner = self.tree()
            read.need(")")
            return inner
        return self._rule(start)

    def _list(self) -> list[Tree]:
        read = self._tokens
        read.need("(")
        found: list[Tree] = []
        while read.next.text != ")":
            found.append(self.tree())
            if not read.take(","):
                break
        read.need(")")
        return found

    def _rule(self, start: int) -> Tree:
        read = self._tokens
        token = read.next
        if token.kind not in {"name", "column"} or read.after.text == "(":
            raise Wrong(
                "A condition begins with a column, as in revenue > 1000. "
                "To compare a calculation, make it a column of its own first.",
                token,
            )
        column = read.column()
        operator = self._operator()
        if operator is None:
            if read.next.text not in {",", ")", "and", "or"} and read.next.kind != "end":
                raise Wrong(
                    f"“{read.next.text}” is no way to compare a column here; "
                    "try =, >, between, in, contains or is empty.",
                    read.next,
                )
            return cast("Tree", self._made(Condition(column, "is true"), start))
        rule = self._operand(Condition(column, operator.name), operator)
        return cast("Tree", self._made(self._case(rule), start))

    def _operator(self) -> Operator | None:
        read = self._tokens
        for words, name in self._spelled:
            ahead = read.found[read.at : read.at + len(words)]
            said = tuple(token.text.casefold() for token in ahead if token.kind in {"name", "sign"})
            if said == words:
                read.at += len(words)
                return OPERATORS[name]
        return None

    def _operand(self, rule: Condition, operator: Operator) -> Condition:
        read = self._tokens
        match operator.operand:
            case "none":
                return rule
            case "unit":
                return replace(rule, unit=self._unit())
            case "relative":
                count = read.next
                number = read.number() if count.kind == "number" else None
                if not isinstance(number, int):
                    raise Wrong(
                        f"“{operator.name}” needs a whole number, as in {operator.name} 3 months.", count
                    )
                unit = self._unit()
                return replace(rule, count=number, unit=unit, include_current=self._phrase(THIS_ONE))
            case "range":
                low = self._value()
                if not read.take("and"):
                    raise Wrong(f"“and” is missing, as in {operator.name} 1 and 10.", read.next)
                return replace(rule, low=low, high=self._value())
            case "values":
                return replace(rule, values=tuple(self._values()))
            case _ if read.next.kind == "column" or (
                read.next.kind == "name" and read.next.text.casefold() not in {"true", "false"}
            ):
                return replace(rule, other=read.column())
            case _:
                return replace(rule, value=self._value())

    def _values(self) -> list[Scalar]:
        read = self._tokens
        read.need("(")
        found: list[Scalar] = []
        while read.next.text != ")":
            found.append(self._value())
            if not read.take(","):
                break
        read.need(")")
        return found

    def _value(self) -> Scalar:
        read = self._tokens
        token = read.next
        minus = read.take("-")
        if read.next.kind == "number":
            return read.number(minus=minus)
        if token.kind == "text":
            read.go()
            return token.name
        if token.kind == "name" and token.text.casefold() in {"true", "false"}:
            read.go()
            return token.text.casefold() == "true"
        what = f", not “{token.text}”" if token.text else ""
        raise Wrong(
            f'A value belongs here{what}: a number, or a text or date in quotes, as in "2024-06-30".', token
        )

    def _unit(self) -> str:
        token = self._tokens.go()
        word = token.text.casefold()
        unit = word if word in UNITS else word.removesuffix("s")
        if unit not in UNITS:
            raise Wrong(f"A unit belongs here: {one_of(UNITS)}.", token)
        return unit

    def _case(self, rule: Condition) -> Condition:
        if self._phrase(EXACT_CASE):
            return replace(rule, case_sensitive=True)
        return replace(rule, case_sensitive=False) if self._phrase(ANY_CASE) else rule

    def _phrase(self, phrase: str) -> bool:
        read = self._tokens
        words = words_of(phrase)
        ahead = read.found[read.at : read.at + len(words)]
        if tuple(token.text.casefold() for token in ahead if token.kind == "name") != words:
            return False
        read.at += len(words)
        return True
