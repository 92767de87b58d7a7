"""Calculated columns as their editor has them: each a name and a formula.

The page sends what was typed; here it is read against the columns at hand, and what is wrong
is said at its place in the formula.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, assert_never

from aurora_widgets.errors import Fault, QueryInvalid
from aurora_widgets.plan.names import folded, of_expression, rename_expression, rename_tree
from aurora_widgets.query import formula, write
from aurora_widgets.query import read as reader
from aurora_widgets.query.formula_tokens import Misread
from aurora_widgets.query.model import (
    Aggregate,
    Derive,
    Filter,
    Join,
    Limit,
    Query,
    Select,
    Sort,
    Step,
)
from aurora_widgets.widgets.parts import put_together
from aurora_widgets.widgets.protocol import limits_of
from aurora_widgets.widgets.reading import Reading, read

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from aurora_widgets.query.types import ColumnType
    from aurora_widgets.service.labels import Shown
    from aurora_widgets.widgets.messages import Calculated


@dataclass(frozen=True, slots=True)
class Line:
    """What became of one calculated column of the editor.

    Parameters
    ----------
    derive
        The step; ``None`` where the formula can't be read.
    type
        Of its values; ``None`` where something is wrong.
    wrong
        What is, at its place in the formula.
    misnamed
        What is wrong with its name.
    """

    derive: Derive | None
    type: ColumnType | None
    wrong: tuple[Misread, ...]
    misnamed: str | None = None

    def as_json(self) -> dict[str, object]:
        """Return the ask's answer for one column."""
        return {
            "type": None if self.type is None else self.type.name,
            "family": None if self.type is None else self.type.family.value,
            "wrong": [
                {"message": each.message, "start": each.start, "end": each.end, "suggestion": each.suggestion}
                for each in self.wrong
            ],
            "misnamed": self.misnamed,
        }


def check(now: Reading, columns: Sequence[Calculated]) -> tuple[Line, ...]:
    """Read the formulas one after the other; each may use the columns before it."""
    return _read(now, columns)[0]


def sample(now: Reading, columns: Sequence[Calculated], index: int) -> Query:
    """Return the rows of a column, beside the columns that its formula uses.

    Raises
    ------
    QueryInvalid
        It can't be calculated yet.
    """
    lines, trial = _read(now, columns)
    line = lines[index] if index < len(lines) else None
    if line is None or line.derive is None or line.wrong or line.misnamed:
        raise _refused("columns", "The formula is not finished.")
    used = dict.fromkeys((*of_expression(line.derive.expression), line.derive.column))
    steps = tuple(step for step in trial.runnable.steps if not step.disabled)
    return replace(trial.runnable, steps=(*steps, Select(tuple(used))))


def set_columns(now: Reading, columns: Sequence[Calculated]) -> Query:
    """Replace the calculated columns; what used a renamed one uses its new name.

    Raises
    ------
    QueryInvalid
        With what is wrong, by the column's place in the list.
    """
    lines = check(now, columns)
    faults = [
        Fault("formula", f"columns[{index}]", f"{columns[index].column or 'A column'}: {text}")
        for index, line in enumerate(lines)
        for text in (*filter(None, [line.misnamed]), *(each.message for each in line.wrong))
    ]
    if faults:
        raise QueryInvalid(faults, faults[0].message)
    made = tuple(line.derive for line in lines if line.derive is not None)
    parts = now.parts
    old = {step.column for step in parts.derives}
    renamed = {each.was: each.column for each in columns if each.was in old and each.was != each.column}
    kept = {each.was for each in columns}
    query = put_together(now.query, replace(parts, derives=made))
    first = len(parts.head) + len(parts.joins) + len(made)
    later = rename(query.steps[first:], {was: name for was, name in renamed.items() if was is not None})
    added = tuple(each.column for each in columns if each.was is None)
    gone = old - kept
    return replace(query, steps=(*query.steps[:first], *_shown(later, added, gone)))


def without(steps: Iterable[Step], column: str) -> tuple[Step, ...]:
    """Return the steps that follow a calculated column once it is gone: none shows it any more."""
    return _shown(steps, (), {column})


def rename(steps: Iterable[Step], names: Mapping[str, str]) -> tuple[Step, ...]:
    """Return the steps reading ``names[column]`` wherever they read ``column``."""
    done: list[Step] = []
    for step in steps:
        if not names:
            done.append(step)
            continue
        match step:
            case Filter():
                done.append(replace(step, where=rename_tree(step.where, names)))
            case Derive():
                done.append(replace(step, expression=rename_expression(step.expression, names)))
            case Aggregate():
                by = tuple(replace(key, column=names.get(key.column, key.column)) for key in step.by)
                measures = tuple(
                    replace(each, column=names.get(each.column, each.column)) if each.column else each
                    for each in step.measures
                )
                done.append(replace(step, by=by, measures=measures))
                results = {old.name: new.name for old, new in zip(step.by, by, strict=True)}
                names = results if not step.disabled else {**names, **results}
            case Sort():
                keys = tuple(replace(key, column=names.get(key.column, key.column)) for key in step.by)
                done.append(replace(step, by=keys))
            case Select():
                done.append(Select(tuple(names.get(name, name) for name in step.columns), step.disabled))
            case Join():
                on = tuple(replace(pair, left=names.get(pair.left, pair.left)) for pair in step.on)
                done.append(replace(step, on=on))
            case Limit():
                done.append(step)
            case _:
                assert_never(step)
    return tuple(done)


def spoken(columns: Iterable[Shown]) -> dict[str, str]:
    """Return how each column may be called in a formula: its name and its label, in whatever case.

    What could mean two columns means none, unless it is the very name of one.
    """
    known = list(columns)
    names: dict[str, str | None] = {}
    for words in (
        ((column.name, column.name.casefold()) for column in known),
        ((column.label, column.label.casefold()) for column in known),
    ):
        fresh: dict[str, str | None] = {}
        for column, texts in zip(known, words, strict=True):
            for text in set(texts) - names.keys():
                fresh[text] = column.name if fresh.get(text, column.name) == column.name else None
        names.update(fresh)
    names.update({column.name: column.name for column in known})
    return {text: name for text, name in names.items() if name is not None}


def _read(now: Reading, columns: Sequence[Calculated]) -> tuple[tuple[Line, ...], Reading]:
    parts = now.parts
    start = len(parts.head) + len(parts.joins)
    limits = limits_of(now.settings)
    names = spoken(now.stages[start])
    steps: list[Step] = list(now.standing.steps[:start])
    read_so_far: list[tuple[formula.Formula, int | None]] = []
    for each in columns:
        if each.was is not None:
            names.setdefault(each.was, each.column)
        found = formula.read(each.formula, names, limits)
        place = None
        if found.expression is not None and not found.wrong and each.column:
            place = len(steps)
            steps.append(Derive(each.column, found.expression, each.disabled))
        read_so_far.append((found, place))
        names |= {each.column: each.column, each.column.casefold(): each.column}
    for step in steps[start:]:
        reader.step_from_object(write.step_as_object(step), limits)
    live = [replace(step, disabled=False) if isinstance(step, Derive) else step for step in steps]
    trial = read(replace(now.standing, steps=tuple(live)), now.catalog, now.settings)
    lines = tuple(
        _line(trial, found, place, each.disabled)
        for (found, place), each in zip(read_so_far, columns, strict=True)
    )
    return _named(lines, columns), trial


def _line(trial: Reading, found: formula.Formula, place: int | None, disabled: bool) -> Line:
    if place is None:
        return Line(None, None, found.wrong)
    here = f"steps[{place}]."
    wrong, misnamed = list(found.wrong), None
    for fault in trial.faults:
        inside = fault.path.removeprefix(here)
        if inside == fault.path:
            continue
        if inside.startswith("expression"):
            spot = found.place(inside.removeprefix("expression"))
            wrong.append(Misread(fault.message, *spot, fault.suggestion))
        else:
            misnamed = fault.message
    step = trial.query.steps[place]
    if not isinstance(step, Derive):
        raise TypeError(step)
    kind = None
    if not wrong and misnamed is None:
        kind = next((each.type for each in trial.stages[place + 1] if each.name == step.column), None)
    return Line(replace(step, disabled=disabled), kind, tuple(wrong), misnamed)


def _named(lines: Sequence[Line], columns: Sequence[Calculated]) -> tuple[Line, ...]:
    seen: set[str] = set()
    done = []
    for line, each in zip(lines, columns, strict=True):
        misnamed = line.misnamed
        if not each.column.strip():
            misnamed = "Give it a name."
        elif folded(each.column) in seen:
            misnamed = f"Two columns are called “{each.column}”: give one of them another name."
        seen.add(folded(each.column))
        done.append(replace(line, misnamed=misnamed))
    return tuple(done)


def _shown(steps: Iterable[Step], added: Sequence[str], gone: set[str]) -> tuple[Step, ...]:
    """Show new columns where columns were chosen, and no longer name those that are gone."""
    known = list(steps)
    summarized = any(isinstance(step, Aggregate) and not step.disabled for step in known)
    done: list[Step] = []
    for step in known:
        if isinstance(step, Select) and not summarized:
            columns = (*(name for name in step.columns if name not in gone), *added)
            if columns:
                done.append(Select(tuple(dict.fromkeys(columns)), step.disabled))
        else:
            done.append(step)
    return tuple(done)


def _refused(path: str, message: str) -> QueryInvalid:
    return QueryInvalid([Fault("formula", path, message)], message)
