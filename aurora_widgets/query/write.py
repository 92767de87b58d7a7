"""Documents to JSON: canonical, so that one question has one text.

Keys stand in the grammar's order, optional keys that hold their default are left out, and
numbers are written digit by digit as they are (``1.50`` stays ``1.50``; a float, which only
Python code can put in, by its shortest text). Dates of Python become ISO text; NaN and
infinities, which JSON has not, the texts ``NaN``, ``Infinity`` and ``-Infinity``.
"""

from __future__ import annotations

import datetime as dt
import math
from decimal import Decimal
from typing import TYPE_CHECKING

import simplejson

from aurora_widgets.query.grammar import RECORDS
from aurora_widgets.query.model import VERSION

if TYPE_CHECKING:
    from aurora_widgets.query.model import Expression, Query, Step, Tree

Json = dict[str, object]


def to_json(query: Query, *, indent: int | None = None) -> str:
    """Return the canonical JSON text; with ``indent``, the same on several lines."""
    separators = (",", ":") if indent is None else (",", ": ")
    return simplejson.dumps(
        as_object(query),
        use_decimal=True,
        ensure_ascii=False,
        allow_nan=False,
        indent=indent,
        separators=separators,
    )


def as_object(query: Query) -> Json:
    """Return the document as dictionaries, lists and exact scalars."""
    return {"version": VERSION, **_object(query)}


def step_as_object(step: Step) -> Json:
    """Return one step as it stands in ``steps``."""
    return _object(step)


def tree_as_object(tree: Tree) -> Json:
    """Return a filter tree as it stands in ``where``."""
    return _object(tree)


def expression_as_object(expression: Expression) -> Json:
    """Return an expression as it stands in a ``derive``."""
    return _object(expression)


def part_as_object(part: object) -> Json:
    """Return any part of a document (a ``Vintage``, ``Key``, ``SortKey``, …) as it is written."""
    return _object(part)


def _object(part: object) -> Json:
    record = RECORDS.get(type(part))
    if record is None:
        raise TypeError(f"{part!r} is no part of a question")
    made: Json = {} if record.tag is None else {"type": record.tag}
    for entry in record.entries:
        value = getattr(part, entry.field)
        if entry.required or entry.written or value != record.defaults[entry.field]:
            made[entry.name] = _json(value)
    return made


def _json(value: object) -> object:
    if isinstance(value, tuple | list):
        return [_json(each) for each in value]
    return _object(value) if type(value) in RECORDS else plain(value)


def plain(value: object) -> str | int | Decimal | bool | None:
    """Return a Python value as the document's scalar.

    Raises
    ------
    TypeError
        It is none that a document can hold.
    """
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, int):
        return int(value)
    if isinstance(value, Decimal) and value.is_finite():
        return value
    if isinstance(value, float | Decimal):
        if math.isfinite(value):
            return Decimal(repr(float(value)))
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    if hasattr(value, "item"):  # a NumPy scalar
        return plain(value.item())
    raise TypeError(f"{value!r} is neither text, a number, true or false, nor a date")
