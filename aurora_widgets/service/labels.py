"""What a result's columns are called and how they are shown, followed through the steps."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, assert_never

from aurora_widgets.catalog.model import Format
from aurora_widgets.plan import shape
from aurora_widgets.query.measures import MEASURES
from aurora_widgets.query.model import (
    TOTAL,
    Aggregate,
    Derive,
    Filter,
    Join,
    Limit,
    Measure,
    Query,
    Select,
    Sort,
)
from aurora_widgets.service.answers import PageColumn

if TYPE_CHECKING:
    from aurora_widgets.catalog.model import Catalog
    from aurora_widgets.query.types import Schema

_KEEPS_FORMAT = frozenset({"sum", "avg", "min", "max", "median", "stddev"})
_INTEGER = Format("integer")


@dataclass(frozen=True, slots=True)
class _Look:
    label: str
    format: Format | None = None


def columns(query: Query, schema: Schema, catalog: Catalog) -> tuple[PageColumn, ...]:
    """Return the columns of a valid document's result, with the catalog's labels and formats.

    Parameters
    ----------
    query
        As it was asked.
    schema
        What it returns.
    catalog
        The tables' labels and formats.
    """
    looks = _of_table(query.table, catalog)
    before = catalog[query.table].schema
    for step in query.steps:
        if step.disabled:
            continue
        match step:
            case Join():
                looks = _joined(step, before, catalog) | looks
            case Derive():
                looks[step.column] = _Look(step.column)
            case Aggregate():
                looks = _summary(step, looks)
            case Filter() | Sort() | Select() | Limit():
                pass
            case _:
                assert_never(step)
        before = shape.after(before, step, catalog)
    shown = (looks.get(field.name, _Look(field.name)) for field in schema)
    return tuple(
        PageColumn(field.name, field.type, look.label, look.format)
        for field, look in zip(schema, shown, strict=True)
    )


def _of_table(name: str, catalog: Catalog) -> dict[str, _Look]:
    return {column.name: _Look(column.label, column.format) for column in catalog[name].columns}


def _joined(step: Join, before: Schema, catalog: Catalog) -> dict[str, _Look]:
    looks = _of_table(step.table, catalog)
    words = step.alias or catalog[step.table].label or step.table
    return {
        name: looks[column]
        if name == column
        else replace(looks[column], label=f"{looks[column].label} ({words})")
        for column, name in shape.outputs((field.name for field in before), step, catalog[step.table].schema)
    }


def _summary(step: Aggregate, looks: dict[str, _Look]) -> dict[str, _Look]:
    found = {}
    for key in step.by:
        look = looks.get(key.column, _Look(key.column))
        if key.alias is not None:
            look = replace(look, label=key.alias)
        elif key.bucket is not None:
            look = replace(look, label=f"{look.label} ({key.bucket})")
        found[key.name] = look
    found.update({measure.alias: _measure(measure, looks) for measure in step.measures})
    found[TOTAL] = _Look("Total level", _INTEGER)
    return found


def _measure(measure: Measure, looks: dict[str, _Look]) -> _Look:
    source = looks.get(measure.column or "")
    label = measure_label(measure, source.label if source is not None else measure.column or "")
    if measure.fn in {"count", "distinct_count"}:
        return _Look(label, _INTEGER)
    keeps = source is not None and measure.fn in _KEEPS_FORMAT
    return _Look(label, source.format if source is not None and keeps else None)


def measure_label(measure: Measure, source: str) -> str:
    """Return what a measure is called: ``Sum of revenue``, but the alias where a person gave it one.

    Parameters
    ----------
    measure
        The measure; ``sum_revenue`` is the alias that the editors give to a sum of ``revenue``.
    source
        The label of the column that it measures.
    """
    if measure.column is None:
        return "Rows" if measure.alias in {"count", "rows"} else measure.alias
    if measure.alias != f"{measure.fn}_{measure.column}":
        return measure.alias
    row = MEASURES.get(measure.fn)
    return f"{row.label if row is not None else measure.fn} of {lowered(source)}"


def lowered(label: str) -> str:
    """Return a label as it stands inside a sentence: ``Sale date`` → ``sale date``, ``ID`` → ``ID``."""
    return label[0].lower() + label[1:] if len(label) > 1 and label[1].islower() else label
