"""Formulas as a spreadsheet has them (``revenue - cost``), read into the document's expressions.

=================  ====================================================================
``revenue``        a column; ``[Sale date]`` where its name is no plain word
``15.5 10% "EU"``  constants; also ``true``, ``false`` and ``empty``
``+ - * / &``      as in a spreadsheet; ``&`` puts texts together
``round(x, 2)``    the functions of ``functions``; a spreadsheet's names for them serve too
``if(a, x, y)``    a case: condition, outcome, again any number of times, what else
=================  ====================================================================

A condition compares a column as a filter does: ``revenue > cost``, ``region in ("EMEA", "APAC")``,
``sale_date in the last 3 months``, ``name is empty``, with ``and``, ``or``, ``not`` and brackets.
What brackets can't say is said by ``all(…)``, ``any(…)`` (a group of what stands inside) and
``off(…)`` (a rule that is kept but means nothing). ``formula_text`` writes what this reads.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from aurora_widgets.query.faults import nearest
from aurora_widgets.query.formula_conditions import ConditionReader
from aurora_widgets.query.formula_tokens import Misread, Token, Tokens, Wrong, tokens
from aurora_widgets.query.functions import FUNCTIONS
from aurora_widgets.query.model import Branch, Call, Case, Column, Constant, Expression, Group, Tree
from aurora_widgets.query.read import DEFAULT_LIMITS, Limits

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

ALIASES: Mapping[str, str] = {
    "mod": "modulo",
    "ceiling": "ceil",
    "concatenate": "concat",
    "len": "length",
    "mid": "substring",
    "substitute": "replace",
    "text": "to_text",
    "value": "to_number",
    "datevalue": "to_date",
}
"""A spreadsheet's names for our functions."""

_SIGNS = {"+": "add", "-": "subtract", "*": "multiply", "/": "divide"}
_NODES = Expression | Tree
_STEP = re.compile(r"(\w+)|\[(\d+)\]")

_Node = TypeVar("_Node", bound=_NODES)


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula that was read.

    Parameters
    ----------
    expression
        What it means; ``None`` where that can't be told.
    wrong
        What is wrong with it, each at its place in the text.
    """

    expression: Expression | None
    wrong: tuple[Misread, ...]
    length: int
    _places: Mapping[int, tuple[int, int]] = field(repr=False, default_factory=dict)

    def place(self, path: str) -> tuple[int, int]:
        """Return where in the text the part at a path of the expression stands: from, to."""
        part: object = self.expression
        found = self._places.get(id(part), (0, self.length))
        for name, index in _STEP.findall(path):
            match part, name or int(index):
                case tuple(), int(at) if at < len(part):
                    part = part[at]
                case Call(), "args":
                    part = part.args
                case Case(), "case":
                    part = part.branches
                case Case(), "else":
                    part = part.otherwise
                case Branch(), "when":
                    part = part.when
                case Branch(), "then":
                    part = part.then
                case Group(), "children":
                    part = part.children
                case _:
                    break
            found = self._places.get(id(part), found)
        return found


def read(text: str, names: Mapping[str, str] | None = None, limits: Limits = DEFAULT_LIMITS) -> Formula:
    """Read a formula.

    Parameters
    ----------
    text
        As it was typed; a leading ``=`` is none of it.
    names
        The columns at hand: how each may be called, in whatever case, and its name. Without
        them every name is taken as it is written.
    limits
        How deep it may be nested.
    """
    reader: _Reader | None = None
    try:
        reader = _Reader(tokens(text), names, limits)
        expression = reader.whole()
    except Wrong as wrong:
        before = () if reader is None else tuple(reader.tokens.wrong)
        return Formula(None, (*before, wrong.misread), len(text))
    except RecursionError:
        deep = Misread(limits.too_deep, 0, len(text))
        return Formula(None, (deep,), len(text))
    return Formula(expression, tuple(reader.tokens.wrong), len(text), reader.places)


class _Reader:
    """Reads tokens from left to right, the loosest binding first."""

    def __init__(self, found: list[Token], names: Mapping[str, str] | None, limits: Limits) -> None:
        self.tokens = Tokens(found, names)
        self.conditions = ConditionReader(self.tokens, self.made, limits)
        self.places: dict[int, tuple[int, int]] = {}
        self._levels: dict[int, int] = {}
        self._kept: list[_NODES] = []  # an id stands for its node only while that lives
        self._limits = limits

    def whole(self) -> Expression:
        """Read all there is."""
        self.tokens.take("=")
        found = self._joined()
        rest = self.tokens.next
        if rest.kind == "end":
            return found
        if rest.text in {"=", "<", ">", "<=", ">=", "!="}:
            raise Wrong("A comparison stands inside if(…), as in if(a > b, 1, 0).", rest)
        if rest.text == "%":
            raise Wrong(
                "% stands after a number, as in 10%; the remainder of a division is modulo(a, b).", rest
            )
        raise Wrong(f"“{rest.text}” can't stand here.", rest)

    def made(self, node: _Node, start: int, *parts: object) -> _Node:
        """Note where a part stands in the text, and that it is not too deep."""
        level = 1 + max((self._levels.get(id(part), 0) for part in parts), default=0)
        if level > self._limits.depth + 1:
            raise Wrong(self._limits.too_deep, self.tokens.last)
        self._levels[id(node)] = level
        self._kept.append(node)
        self.places[id(node)] = (start, self.tokens.last.end)
        return node

    def _joined(self) -> Expression:
        start = self.tokens.next.start
        parts = [self._sum()]
        while self.tokens.take("&"):
            parts.append(self._sum())
        return parts[0] if len(parts) == 1 else self.made(Call("concat", tuple(parts)), start, *parts)

    def _sum(self) -> Expression:
        return self._chain(("+", "-"), self._product)

    def _product(self) -> Expression:
        return self._chain(("*", "/"), self._unary)

    def _chain(self, signs: tuple[str, str], operand: Callable[[], Expression]) -> Expression:
        start = self.tokens.next.start
        left = operand()
        while (sign := self.tokens.next.text) in signs and self.tokens.next.kind == "sign":
            self.tokens.go()
            right = operand()
            left = self.made(Call(_SIGNS[sign], (left, right)), start, left, right)
        return left

    def _unary(self) -> Expression:
        start = self.tokens.next.start
        if self.tokens.take("+"):
            return self._unary()
        if not self.tokens.take("-"):
            return self._primary()
        if self.tokens.next.kind == "number":
            return self.made(Constant(self.tokens.number(minus=True)), start)
        inner = self._unary()
        return self.made(Call("negate", (inner,)), start, inner)

    def _primary(self) -> Expression:
        token = self.tokens.next
        match token.kind:
            case "number":
                return self.made(Constant(self.tokens.number()), token.start)
            case "text":
                self.tokens.go()
                return self.made(Constant(token.name), token.start)
            case "name" if self.tokens.after.text == "(":
                return self._call()
            case "name" if (word := token.text.casefold()) in _WORDS:
                self.tokens.go()
                return self.made(Constant(_WORDS[word]), token.start)
            case "name" | "column":
                return self.made(Column(self.tokens.column()), token.start)
            case _ if self.tokens.take("("):
                inner = self._joined()
                self.tokens.need(")")
                return inner
            case _:
                raise Wrong(_missing(token), token)

    def _call(self) -> Expression:
        token = self.tokens.go()
        name = token.text.casefold()
        self.tokens.need("(")
        if name == "if":
            return self._case(token.start)
        fn = ALIASES.get(name, name)
        args: list[Expression] = []
        function = FUNCTIONS.get(fn)
        while self.tokens.next.text != ")":
            unit = function is not None and not args and function.arguments[0].literally == "unit"
            if unit and self.tokens.next.kind == "name" and self.tokens.after.text != "(":
                word = self.tokens.go()
                args.append(self.made(Constant(word.text.casefold()), word.start))
            else:
                args.append(self._joined())
            if not self.tokens.take(","):
                break
        self.tokens.need(")")
        if fn == "left" and len(args) == 2:  # noqa: PLR2004  a text and how many of its characters
            fn, args = "substring", [args[0], Constant(1), args[1]]
        elif function is None:
            near = nearest(fn, (*FUNCTIONS, "if"))
            hint = f"; did you mean {near}?" if near else "."
            self.tokens.wrong.append(
                Misread(f"“{token.text}” is not a function here{hint}", token.start, token.end, near)
            )
        elif not function.least <= len(args) <= (function.most or len(args)):
            self.tokens.wrong.append(
                Misread(f"{fn} is written {_signature(fn)}.", token.start, self.tokens.last.end)
            )
        return self.made(Call(fn, tuple(args)), token.start, *args)

    def _case(self, start: int) -> Expression:
        branches: list[Branch] = []
        last: Expression | None = None
        while True:
            when = self._when(first=not branches)
            if when is None:
                last = self._joined()
                break
            then = self._joined()
            branches.append(Branch(when, then))
            if not self.tokens.take(","):
                break
        self.tokens.need(")")
        parts = [part for branch in branches for part in (branch.when, branch.then)]
        return self.made(Case(tuple(branches), last), start, *parts, last)

    def _when(self, *, first: bool) -> Tree | None:
        """Read a condition and its comma; ``None`` where what stands here is the outcome of all else."""
        at, wrong = self.tokens.at, len(self.tokens.wrong)
        try:
            when = self.conditions.tree()
            self.tokens.need(",")
        except Wrong:
            if first:
                raise
            self.tokens.at = at
            del self.tokens.wrong[wrong:]
            return None
        return when


_WORDS: Mapping[str, bool | None] = {"true": True, "false": False, "empty": None}


def _missing(token: Token) -> str:
    if token.kind == "end":
        return "Something is missing at the end: a column, a number, a text or a function."
    return f"A column, a number, a text or a function belongs here, not “{token.text}”."


def _signature(fn: str) -> str:
    row = FUNCTIONS[fn]
    names = [f"[{each.name}]" if each.optional else each.name for each in row.arguments]
    return f"{fn}({', '.join(names)}{', …' if row.more else ''})"
