"""Statements for people: laid out, with the values in their places."""

from __future__ import annotations

import datetime as dt
import functools
import math
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import sqlglot.expressions as sge

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aurora_widgets.sql.dialects import Dialect


def literal_text(tree: Any, binds: Mapping[str, Any], dialect: Dialect) -> str:
    """Return a statement's text with each bind replaced by its value."""

    def placed(node: Any) -> Any:
        bare = node.this if isinstance(node, sge.Cast) else node
        if not isinstance(bare, sge.Placeholder):
            return node
        value = binds[bare.name]
        written = _literal(value)
        plain = isinstance(value, str | int | Decimal) or value is None
        return written if plain or bare is node else sge.Cast(this=written, to=node.args["to"])

    text: str = tree.transform(placed).sql(dialect.name, pretty=True)
    return text


def _literal(value: Any) -> Any:
    match value:
        case None:
            return sge.null()
        case bool():
            return sge.true() if value else sge.false()
        case int() | Decimal():
            return sge.Literal.number(format(value, "f") if isinstance(value, Decimal) else str(value))
        case float():
            if math.isfinite(value):
                return sge.cast(sge.Literal.number(repr(value)), "DOUBLE")
            return sge.cast(sge.Literal.string(str(value)), "DOUBLE")
        case dt.datetime():
            kind = "TIMESTAMP" if value.tzinfo is None else "TIMESTAMPTZ"
            return sge.cast(sge.Literal.string(value.isoformat(sep=" ")), kind)
        case dt.date():
            return sge.cast(sge.Literal.string(value.isoformat()), "DATE")
        case str() if "\0" in value:
            # No SQL text may hold a NUL: it ends the statement.
            parts: list[Any] = [sge.Literal.string(part) for part in value.split("\0")]
            nul: Any = sge.Anonymous(this="CHR", expressions=[sge.Literal.number(0)])
            return functools.reduce(
                lambda a, b: sge.DPipe(this=sge.DPipe(this=a, expression=nul), expression=b), parts
            )
        case list():
            return sge.Array(expressions=[_literal(each) for each in value])
        case _:
            return sge.Literal.string(str(value))
