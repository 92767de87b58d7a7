"""The operators of a condition, as a table by type.

An operator says which families of columns have it, what operand it takes and, where it
is a negative, whose exact complement it is. What an operator means in SQL is the SQL
room's; a registered one brings its own ``build``.

A package adds operators through the entry point group ``aurora_widgets.operators``::

    [project.entry-points."aurora_widgets.operators"]
    sounds_like = "my_package:SOUNDS_LIKE"
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, get_args

from aurora_widgets.query.registry import Registry
from aurora_widgets.query.types import ColumnType, Family

if TYPE_CHECKING:
    from collections.abc import Callable

Operand = Literal["value", "values", "range", "relative", "unit", "none"]
"""What an operator takes.

``value``: ``value``, or ``other`` in its place; ``values``: ``values``; ``range``: ``low``
and ``high``; ``relative``: ``count``, ``unit`` and ``include_current``; ``unit``: ``unit``.
"""

Unit = Literal["day", "week", "month", "quarter", "year"]
UNITS: tuple[Unit, ...] = get_args(Unit)
"""The units of relative dates."""


@dataclass(frozen=True, slots=True)
class Operator:
    """One operator.

    Parameters
    ----------
    name
        As the document writes it.
    label
        As a person reads it between the column and the operand.
    operand
        What it takes.
    families
        The types that have it.
    negates
        The positive operator of which this is the exact complement; ``None`` for a positive.
    case_sensitive
        The default on text; ``None`` where case plays no part and the key is refused.
    build
        Of a registered operator, its meaning: ``build(column, *operands)`` takes an Ibis
        column and typed values (or the other column; a tuple for ``values``) and returns
        an Ibis boolean. Where it is NULL the row is not kept.
    """

    name: str
    label: str
    operand: Operand
    families: frozenset[Family]
    negates: str | None = None
    case_sensitive: bool | None = None
    build: Callable[..., Any] | None = None


_NUMBER = frozenset({Family.NUMBER})
_TEXT = frozenset({Family.TEXT})
_MOMENT = frozenset({Family.DATE, Family.TIMESTAMP})
_ORDERED = _NUMBER | _MOMENT
_BOOLEAN = frozenset({Family.BOOLEAN})
_ANY = frozenset(Family)

OPERATORS: Registry[Operator] = Registry(
    Operator,
    "aurora_widgets.operators",
    (
        Operator("=", "=", "value", _ORDERED | _TEXT, case_sensitive=True),
        Operator("!=", "≠", "value", _ORDERED | _TEXT, negates="=", case_sensitive=True),
        Operator("contains", "contains", "value", _TEXT, case_sensitive=False),
        Operator(
            "does not contain", "does not contain", "value", _TEXT, negates="contains", case_sensitive=False
        ),
        Operator("starts with", "starts with", "value", _TEXT, case_sensitive=False),
        Operator("ends with", "ends with", "value", _TEXT, case_sensitive=False),
        Operator("<", "<", "value", _ORDERED),
        Operator(">", ">", "value", _ORDERED),
        Operator("<=", "≤", "value", _ORDERED),
        Operator(">=", "≥", "value", _ORDERED),
        Operator("between", "between", "range", _ORDERED),
        Operator("not between", "not between", "range", _ORDERED, negates="between"),
        Operator("in", "in", "values", _ORDERED | _TEXT, case_sensitive=True),
        Operator("not in", "not in", "values", _ORDERED | _TEXT, negates="in", case_sensitive=True),
        Operator("in the last", "in the last", "relative", _MOMENT),
        Operator("in the next", "in the next", "relative", _MOMENT),
        Operator("this", "in this", "unit", _MOMENT),
        Operator("previous", "in the previous", "unit", _MOMENT),
        Operator("is true", "is true", "none", _BOOLEAN),
        Operator("is false", "is false", "none", _BOOLEAN),
        Operator("is empty", "is empty", "none", _ANY),
        Operator("is not empty", "is not empty", "none", _ANY, negates="is empty"),
    ),
)
"""Every operator by name, in the order to offer them."""


LONG_LIST = 64
"""A list of more values is bound as one array and joined, which leaves rows in no order."""


def operators_for(column_type: ColumnType) -> tuple[Operator, ...]:
    """Return the operators that a column of this type has, in the order to offer them."""
    return tuple(row for row in OPERATORS.values() if column_type.family in row.families)
