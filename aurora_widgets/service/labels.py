"""What columns are called and how they are shown, followed through a question's steps."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, assert_never

from aurora_widgets.catalog.model import Catalog, Format, Table
from aurora_widgets.plan import shape
from aurora_widgets.query.measures import MEASURES
from aurora_widgets.query.model import (
    TOTAL,
    Aggregate,
    Derive,
    Filter,
    Join,
    Key,
    Limit,
    Measure,
    Query,
    Select,
    Sort,
    Step,
)
from aurora_widgets.query.operators import operators_for
from aurora_widgets.query.types import ColumnType, Family, Schema
from aurora_widgets.service.answers import PageColumn

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

CALCULATED = "calculated"
SUMMARY = "summary"

_KEEPS_FORMAT = frozenset({"sum", "avg", "min", "max", "median", "stddev"})
_INTEGER = Format("integer")


@dataclass(frozen=True, slots=True)
class Shown:
    """A column at some stage: the document's name and what a person reads.

    Parameters
    ----------
    name
        In the document.
    type
        At this stage.
    label
        What a person reads.
    origin
        The table it comes from, or ``calculated`` or ``summary``.
    """

    name: str
    type: ColumnType
    label: str
    origin: str
    description: str = ""
    format: Format | None = None

    @property
    def numeric(self) -> bool:
        """Whether it is right-aligned."""
        return self.type.family is Family.NUMBER

    def as_json(self) -> dict[str, object]:
        """Return protocol.ts's ``ColumnInfo``."""
        return {
            "name": self.name,
            "label": self.label,
            "type": self.type.name,
            "family": self.type.family.value,
            "description": self.description,
            "numeric": self.numeric,
            "origin": self.origin,
            "operators": [operator.name for operator in operators_for(self.type)],
        }


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
    table = catalog[query.table]
    stage, shown = table.schema, of_table(table)
    for step in query.steps:
        if not step.disabled:
            stage = shape.after(stage, step, catalog)
            shown = after(shown, step, stage, catalog)
    known = {column.name: column for column in shown}
    return tuple(
        PageColumn(field.name, field.type, known[field.name].label, known[field.name].format)
        if field.name in known
        else PageColumn(field.name, field.type, field.name)
        for field in schema
    )


def of_table(table: Table) -> tuple[Shown, ...]:
    """Return a table's columns as its catalog entry words them."""
    return tuple(
        Shown(
            column.name,
            column.type,
            column.label or column.name,
            table.name,
            column.description,
            column.format,
        )
        for column in table.columns
    )


def after(before: Sequence[Shown], step: Step, schema: Schema, catalog: Catalog) -> tuple[Shown, ...]:
    """Return the columns after a step.

    Parameters
    ----------
    before
        The columns that the step sees.
    step
        One that is neither disabled nor broken.
    schema
        What the step leaves: names and types (the plan's word).
    catalog
        For a joined table's labels.
    """
    known = {column.name: column for column in before}
    match step:
        case Join():
            known = {**_joined(before, step, catalog), **known}
        case Derive():
            known[step.column] = Shown(step.column, ColumnType("unknown"), step.column, CALCULATED)
        case Aggregate():
            known = _summary(known, step)
        case Filter() | Sort() | Select() | Limit():
            pass
        case _:
            assert_never(step)
    return tuple(
        replace(known[field.name], type=field.type)
        if field.name in known
        else Shown(field.name, field.type, field.name, SUMMARY)
        for field in schema
    )


def _joined(before: Sequence[Shown], step: Join, catalog: Catalog) -> dict[str, Shown]:
    table = catalog[step.table]
    words = step.alias or table.label or table.name
    right = {column.name: column for column in of_table(table)}
    return {
        name: right[column]
        if name == column
        else replace(right[column], name=name, label=f"{right[column].label} ({words})")
        for column, name in shape.outputs((shown.name for shown in before), step, table.schema)
    }


def _summary(known: Mapping[str, Shown], step: Aggregate) -> dict[str, Shown]:
    found = {key.name: _key(known.get(key.column), key) for key in step.by}
    found.update(
        (measure.alias, _measure(known.get(measure.column or ""), measure)) for measure in step.measures
    )
    found[TOTAL] = Shown(
        TOTAL,
        ColumnType("int64"),
        "Total level",
        SUMMARY,
        "How many group keys were rolled up; 0 on ordinary rows.",
        _INTEGER,
    )
    return found


def _key(source: Shown | None, key: Key) -> Shown:
    unknown = ColumnType("unknown")
    if source is None:
        return Shown(key.name, unknown, key.name, SUMMARY)
    if key.alias is not None:
        label = key.alias
    else:
        label = f"{source.label} ({key.bucket})" if key.bucket else source.label
    cut = Format(key.bucket) if key.bucket else source.format
    return replace(source, name=key.name, label=label, format=cut)


def _measure(source: Shown | None, measure: Measure) -> Shown:
    row = MEASURES.get(measure.fn)
    label = row.label if row is not None else measure.fn
    described = f"{label} of {source.label}" if source is not None else "Number of rows"
    chosen = source.format if source is not None and measure.fn in _KEEPS_FORMAT else None
    if measure.fn in {"count", "distinct_count"}:
        chosen = _INTEGER
    shown = measure_label(measure, source.label if source is not None else measure.column or "")
    return Shown(measure.alias, ColumnType("unknown"), shown, SUMMARY, described, chosen)


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
