"""A formula's text as words, numbers, texts and signs, each with its place."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Literal, cast

from aurora_widgets.query.faults import nearest

if TYPE_CHECKING:
    from collections.abc import Mapping

Kind = Literal["number", "text", "name", "column", "sign", "end"]

PLAIN = re.compile(r"[^\W\d]\w*(?:\.[^\W\d]\w*)*")
"""A name that needs no square brackets."""

_TOKEN = re.compile(
    rf"""(?P<space>\s+)
    |(?P<number>(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)
    |(?P<text>"(?:[^"]|"")*"|“[^”]*”)
    |(?P<column>\[(?:[^\]]|\]\])*\])
    |(?P<name>{PLAIN.pattern})
    |(?P<sign><=|>=|<>|!=|[-+*/&%(),;<>=×÷−≤≥≠])""",  # noqa: RUF001  as people write them
    re.VERBOSE,
)
_SAME = {"×": "*", "÷": "/", "−": "-", "≤": "<=", "≥": ">=", "≠": "!=", "<>": "!=", ";": ","}  # noqa: RUF001
_MOST_DIGITS = 1_000
"""Digits and powers of ten that a number may have: far more than any column holds."""


@dataclass(frozen=True, slots=True)
class Misread:
    """What is wrong, in a sentence, from one place of the text to another; what was meant, perhaps."""

    message: str
    start: int
    end: int
    suggestion: str | None = None


class Wrong(Exception):
    """Reading can't go on here."""

    def __init__(self, message: str, token: Token) -> None:
        super().__init__(message)
        self.misread = Misread(message, token.start, token.end)


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of the text; ``name`` is what quotes or brackets hold."""

    kind: Kind
    text: str
    start: int
    end: int
    name: str = ""


@dataclass(slots=True)
class Tokens:
    """Where reading stands, and what was wrong so far though it went on."""

    found: list[Token]
    names: Mapping[str, str] | None
    at: int = 0
    wrong: list[Misread] = field(default_factory=list)

    @property
    def next(self) -> Token:
        """What comes next."""
        return self.found[min(self.at, len(self.found) - 1)]

    @property
    def after(self) -> Token:
        """What comes after that."""
        return self.found[min(self.at + 1, len(self.found) - 1)]

    @property
    def last(self) -> Token:
        """What was read last."""
        return self.found[max(self.at - 1, 0)]

    def go(self) -> Token:
        """Read one."""
        token = self.next
        self.at += 1
        return token

    def take(self, text: str) -> bool:
        """Read one if it is this sign or word; say whether it was."""
        token = self.next
        if token.kind not in {"sign", "name"} or token.text.casefold() != text:
            return False
        self.at += 1
        return True

    def need(self, sign: str) -> None:
        """Read a sign that must stand here."""
        if self.take(sign):
            return
        what = {"(": "An opening bracket", ")": "A closing bracket", ",": "A comma"}[sign]
        token = self.next
        raise Wrong(
            f"{what} is missing at the end."
            if token.kind == "end"
            else f"{what} is missing before “{token.text}”.",
            token,
        )

    def number(self, *, minus: bool = False) -> int | Decimal:
        """Read a number and the percent sign after it, exactly: no digit is rounded away."""
        token = self.go()
        _, _, power = token.text.lower().partition("e")
        if len(token.text) > _MOST_DIGITS or abs(int(power or 0)) > _MOST_DIGITS:
            raise Wrong("The number has too many digits.", token)
        number = Decimal(token.text)
        percent = self.take("%")
        if token.text.isdecimal() and not percent:
            return -int(token.text) if minus else int(token.text)
        _, digits, exponent = number.as_tuple()
        return Decimal((int(minus), digits, cast("int", exponent) - 2 * percent))

    def column(self) -> str:
        """Read a column and return its name."""
        token = self.go()
        if self.names is None:
            return token.name
        found = self.names.get(token.name) or self.names.get(token.name.casefold())
        if found is not None:
            return found
        near = nearest(token.name, self.names)
        if near is not None:
            hint = f"; did you mean {near}?"
        elif token.kind == "name":
            hint = f'. A text stands in quotes: "{token.name}".'
        else:
            hint = "."
        self.wrong.append(Misread(f"“{token.name}” is not a column here{hint}", token.start, token.end, near))
        return token.name


def tokens(text: str) -> list[Token]:
    """Take a text apart; the last token is the end.

    Raises
    ------
    Wrong
        Something in it is no part of any formula.
    """
    found: list[Token] = []
    at = 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise Wrong(*_strange(text, at))
        if match.lastgroup != "space":
            found.append(_token(match))
        at = match.end()
    return [*found, Token("end", "", len(text), len(text))]


def _token(match: re.Match[str]) -> Token:
    text, kind = match[0], match.lastgroup
    place = (match.start(), match.end())
    match kind:
        case "number":
            return Token("number", text, *place)
        case "text":
            inner = text[1:-1]
            return Token("text", text, *place, inner.replace('""', '"') if text[0] == '"' else inner)
        case "column":
            return Token("column", text, *place, text[1:-1].replace("]]", "]"))
        case "name":
            return Token("name", text, *place, text)
        case _:
            return Token("sign", _SAME.get(text, text), *place)


def _strange(text: str, at: int) -> tuple[str, Token]:
    letter = text[at]
    rest = Token("sign", text[at:], at, len(text))
    match letter:
        case '"' | "“":
            return "The text that begins here has no closing quote.", rest
        case "[":
            return "The name that begins here has no closing bracket.", rest
        case "'":
            return 'A text stands in double quotes, as in "EMEA".', Token("sign", letter, at, at + 1)
        case _:
            return f"“{letter}” has no meaning in a formula.", Token("sign", letter, at, at + 1)
