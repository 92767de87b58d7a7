"""A question in a person's words: the chips above the grid."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING, assert_never

from aurora_widgets.query import formula_text
from aurora_widgets.query.model import (
    ALL,
    LATEST,
    Aggregate,
    Condition,
    Derive,
    Filter,
    Group,
    Join,
    Limit,
    Measure,
    Query,
    Scalar,
    Select,
    Sort,
    Step,
    Tree,
    Vintage,
)
from aurora_widgets.query.operators import OPERATORS
from aurora_widgets.query.types import ColumnType, Family
from aurora_widgets.service.labels import SUMMARY, lowered
from aurora_widgets.widgets import format as formats
from aurora_widgets.widgets.edit import default_vintage
from aurora_widgets.widgets.parts import search_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from aurora_widgets.catalog.model import Catalog, Table
    from aurora_widgets.plan.context import InForce
    from aurora_widgets.service.labels import Shown
    from aurora_widgets.widgets.reading import Reading

_LISTED = 30
"""Values of a list and columns of a choice that are written out; the rest are counted."""

_SPELLED = 3
"""Loads that are named where ``latest`` means several."""

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_HOW = {"inner": "inner", "left": "left", "right": "right", "full": "full"}
_MEASURES = {
    "sum": "Σ",
    "avg": "average",
    "min": "minimum",
    "max": "maximum",
    "count": "count of",
    "distinct_count": "distinct",
}


def chips(now: Reading, in_force: Sequence[InForce] = ()) -> list[dict[str, object]]:
    """Return protocol.ts's ``Chip`` for the table, its vintage and each step.

    Parameters
    ----------
    now
        The question.
    in_force
        What ``latest`` turned out to be, from the newest answer.
    """
    table = now.table
    found = [_chip("table", "table", table.label or table.name)]
    if table.vintage is not None:
        vintage = now.query.vintage
        found.append(
            _chip(
                "vintage",
                "vintage",
                vintage_words(vintage, in_force[0] if in_force else None),
                removable=vintage != default_vintage(table),
            )
        )
    aggregated = False
    for index, step in enumerate(now.query.steps):
        behind = aggregated
        aggregated |= isinstance(step, Aggregate) and not step.disabled
        found.append(
            _chip(
                f"step:{index}",
                _part(step, now, index, behind=behind),
                step_words(step, now.stages[index], now.catalog, in_force),
                step=index,
                broken=now.broken.get(index),
                disabled=step.disabled,
                removable=True,
            )
        )
    return found


def step_words(
    step: Step, before: Sequence[Shown], catalog: Catalog, in_force: Sequence[InForce] = ()
) -> str:
    """Return one step in words.

    Parameters
    ----------
    step
        Any step, broken ones included: a column that is not there is called by its name.
    before
        The columns that it sees.
    catalog
        For the joined table's label.
    in_force
        What ``latest`` turned out to be.
    """
    known = {column.name: column for column in before}
    match step:
        case Join():
            table = catalog.get(step.table)
            name = table.label if table is not None and table.label else step.table
            called = f"{name} as {step.alias}" if step.alias else name
            load = ""
            if table is not None and table.vintage is not None:
                alias = step.alias or step.table
                load = (
                    f" · {vintage_words(step.vintage, next((p for p in in_force if p.table == alias), None))}"
                )
            return f"⋈ {called}{load} ({_HOW[step.how]})"
        case Filter(role="search"):
            return f"search “{search_text(step) or tree_words(step.where, known)}”"
        case Filter():
            return _top(step.where, known)
        case Derive():
            return f"{step.column} = {formula_text.text(step.expression, lambda name: _name(name, known))}"
        case Aggregate():
            return _aggregate(step, known)
        case Sort():
            keys = (f"{_name(key.column, known)} {'↓' if key.descending else '↑'}" for key in step.by)
            return f"sorted by {', '.join(keys)}"
        case Select():
            return f"columns {_enumerated([_name(column, known) for column in step.columns])}"
        case Limit():
            return f"first {step.rows:,} rows" if step.rows != 1 else "first row"
        case _:
            assert_never(step)


def tree_words(tree: Tree, known: Mapping[str, Shown]) -> str:
    """Return a filter in words, without the rules that are switched off."""
    match tree:
        case Condition():
            return _condition(tree, known)
        case Group():
            inner = [
                _bracketed(child, tree, known)
                for child in tree.children
                if not child.disabled and _says(child)
            ]
            text = f" {tree.op.upper()} ".join(inner) if inner else "every row"
            return f"NOT ({text})" if tree.negate else text
        case _:
            assert_never(tree)


def left_out(broken: int) -> str:
    """Return what the status says of parts that an earlier edit broke."""
    what = "One part of the question" if broken == 1 else f"{broken} parts of the question"
    return f"{what} can't run and {'is' if broken == 1 else 'are'} left out."


def vintage_words(vintage: Vintage | None, in_force: InForce | None = None) -> str:
    """Return which load is asked: ``Actuals · 2026-11-20``; ``latest`` with what it turned out to be."""
    load_type = vintage.load_type if vintage is not None else None
    load_id = vintage.load_id if vintage is not None else LATEST
    loads = in_force.loads if in_force is not None and in_force.loads is not None else ()
    parts = []
    match load_type:
        case None:
            pass
        case "all":
            parts.append("all load types")
        case "latest":
            parts.append(_resolved("latest load type", [type_ for type_, _ in loads]))
        case _:
            parts.append(value_words(load_type, None))
    match load_id:
        case "all":
            parts.append("all loads")
        case "latest" | None:
            parts.append(_resolved("latest", [id_ for _, id_ in loads]))
        case _:
            parts.append(value_words(load_id, None))
    return " · ".join(parts)


def _resolved(word: str, found: Sequence[Scalar]) -> str:
    values = dict.fromkeys(value for value in found if value not in {ALL, LATEST})
    return (
        f"{word} ({', '.join(value_words(value, None) for value in values)})"
        if 0 < len(values) <= _SPELLED
        else word
    )


def value_words(value: Scalar, type_: ColumnType | None, bucket: str | None = None) -> str:
    """Return a value as it is written in a sentence: ``15,000``, ``1 Jun 2024``, ``2024 Q2``."""
    if bucket is not None and isinstance(value, str | dt.date):
        return formats.bucketed(str(value), bucket)
    family = type_.family if type_ is not None else None
    match value:
        case None:
            return "empty"
        case bool():
            return "true" if value else "false"
        case dt.datetime() | dt.date() | dt.time():
            return value_words(value.isoformat(), type_)
        case int() | Decimal() | float():
            return f"{value:,}"
        case str() if family in {Family.DATE, Family.TIMESTAMP}:
            return _date(value)
        case str() if family is Family.NUMBER:
            try:
                return f"{Decimal(value.strip()):,}"
            except ArithmeticError:
                return value
        case str():
            return value if value.strip() == value and value else f"“{value}”"


def query_words(query: Query, tables: Mapping[str, Table]) -> str:
    """Return a one-line title of a question: its table and how many steps."""
    table = tables.get(query.table)
    name = table.label if table is not None and table.label else query.table
    count = len(query.steps)
    return name if not count else f"{name}, {count} step{'s' if count > 1 else ''}"


def _chip(
    key: str,
    part: str,
    text: str,
    *,
    step: int | None = None,
    broken: str | None = None,
    disabled: bool = False,
    removable: bool = False,
) -> dict[str, object]:
    return {
        "key": key,
        "part": part,
        "text": text,
        "step": step,
        "broken": broken,
        "disabled": disabled,
        "removable": removable,
    }


def _part(step: Step, now: Reading, index: int, *, behind: bool) -> str:
    match step:
        case Join():
            return "join"
        case Derive():
            return "derive"
        case Filter(role="search"):
            return "search"
        case Filter():
            waits = now.parts.waits and index >= len(now.parts.head) and step is now.parts.having
            return "having" if behind or waits else "filter"
        case Aggregate():
            return "aggregate"
        case Sort():
            return "sort"
        case Select():
            return "select"
        case Limit():
            return "limit"
        case _:
            assert_never(step)


def _top(tree: Tree, known: Mapping[str, Shown]) -> str:
    return tree_words(tree, known) if _says(tree) else "every row (all rules are off)"


def _says(tree: Tree) -> bool:
    match tree:
        case Condition():
            return not tree.disabled
        case Group():
            return not tree.disabled and (tree.negate or any(map(_says, tree.children)))
        case _:
            assert_never(tree)


def _bracketed(child: Tree, parent: Group, known: Mapping[str, Shown]) -> str:
    text = tree_words(child, known)
    if isinstance(child, Group) and not child.negate and child.op != parent.op:
        alone = sum(_says(inner) for inner in child.children) < 2  # noqa: PLR2004  two make a list
        return text if alone else f"({text})"
    return text


def _condition(rule: Condition, known: Mapping[str, Shown]) -> str:
    shown = known.get(rule.column)
    type_ = shown.type if shown is not None else None
    name = _name(rule.column, known)
    bucket = formats.bucket_of(shown.format) if shown is not None else None
    if shown is not None and shown.origin == SUMMARY and shown.numeric:
        given = shown.label == shown.name  # by a person; others say what they measure
        name = f"Σ {name.removeprefix('sum of ')}" if given or name.startswith("sum of ") else name
    row = OPERATORS.get(rule.op)
    label = row.label if row is not None else rule.op
    exact = " (exact case)" if rule.case_sensitive and row is not None and not row.case_sensitive else ""
    loose = " (any case)" if rule.case_sensitive is False and row is not None and row.case_sensitive else ""
    match row.operand if row is not None else "value":
        case "none":
            operand = ""
        case "unit":
            operand = rule.unit or ""
        case "relative":
            unit = f"{rule.unit or ''}{'' if rule.count == 1 else 's'}"
            operand = f"{rule.count} {unit}{' and this one' if rule.include_current else ''}"
        case "range":
            operand = f"{value_words(rule.low, type_, bucket)} and {value_words(rule.high, type_, bucket)}"
        case "values":
            operand = (
                _enumerated([value_words(value, type_, bucket) for value in rule.values or ()]) or "nothing"
            )
        case _ if rule.other is not None:
            operand = _name(rule.other, known)
        case _:
            operand = value_words(rule.value, type_, bucket)
    return f"{name} {label} {operand}".rstrip() + exact + loose


def _aggregate(step: Aggregate, known: Mapping[str, Shown]) -> str:
    keys = ", ".join(
        f"{key.bucket} of {_name(key.column, known)}" if key.bucket else _name(key.column, known)
        for key in step.by
    )
    measures = ", ".join(_measure(measure, known) for measure in step.measures)
    totals = {"none": "", "grand": ", with a grand total", "rollup": ", with subtotals"}[step.totals]
    if not measures:
        return f"distinct {keys}{totals}"
    return (f"{measures} by {keys}" if keys else f"{measures} of all rows") + totals


def _measure(measure: Measure, known: Mapping[str, Shown]) -> str:
    if measure.column is None:
        return "count of rows"
    return f"{_MEASURES.get(measure.fn, measure.fn)} {_name(measure.column, known)}"


def _name(column: str, known: Mapping[str, Shown]) -> str:
    shown = known.get(column)
    return lowered(shown.label) if shown is not None and shown.label != column else column


def _enumerated(texts: list[str]) -> str:
    if len(texts) <= _LISTED:
        return ", ".join(texts)
    return f"{', '.join(texts[:_LISTED])} and {len(texts) - _LISTED:,} more"


def _date(text: str) -> str:
    # ISO dates as people write them; a clock stays where it says more than midnight.
    day, _, clock = text.strip().replace("T", " ", 1).partition(" ")
    try:
        read = dt.date.fromisoformat(day)
    except ValueError:
        return text
    shown = f"{read.day} {_MONTHS[read.month - 1]} {read.year}"
    return f"{shown} {clock}" if clock else shown
