"""What a document means against a catalog: its columns at each stage, and which steps are broken.

The explorer keeps the whole document as the person made it. Which of its steps can't run
(an earlier edit took away a column they name) is found anew from the document each time;
so a step heals by itself once the cause is undone, in whatever way.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from aurora_widgets.errors import Fault, QueryInvalid
from aurora_widgets.plan import shape
from aurora_widgets.plan.context import Context
from aurora_widgets.plan.validate import validate
from aurora_widgets.query import url
from aurora_widgets.query.model import Query
from aurora_widgets.query.read import from_json
from aurora_widgets.service import labels
from aurora_widgets.widgets.parts import Parts, take_apart
from aurora_widgets.widgets.protocol import limits_of

if TYPE_CHECKING:
    from aurora_widgets.catalog.model import Catalog, Table
    from aurora_widgets.service.labels import Shown
    from aurora_widgets.settings import Settings

_STEP = re.compile(r"steps\[(\d+)\]")


@dataclass(frozen=True, slots=True)
class Reading:
    """A document read against a catalog.

    Parameters
    ----------
    query
        The whole document, broken steps included.
    runnable
        The document that is run: without the broken ones.
    standing
        The whole document with the broken steps switched off: the stages are its.
    broken
        Why, by the index of each broken step.
    faults
        What is behind the reasons, with paths in ``query``.
    stages
        The columns before each step and after the last; a broken step changes nothing.
    parts
        The steps by what edits them.
    """

    query: Query
    runnable: Query
    standing: Query
    broken: Mapping[int, str]
    faults: tuple[Fault, ...]
    stages: tuple[tuple[Shown, ...], ...]
    parts: Parts
    catalog: Catalog
    settings: Settings

    @property
    def table(self) -> Table:
        """The first table."""
        return self.catalog[self.query.table]

    @property
    def base(self) -> tuple[Shown, ...]:
        """Columns that a raw filter, a group key or a measure may name."""
        return self.stages[self.parts.base_index]

    @property
    def final(self) -> tuple[Shown, ...]:
        """Columns that the sort and the choice of columns may name."""
        return self.stages[self.parts.final_index]

    @property
    def visible(self) -> tuple[Shown, ...]:
        """Columns of the result."""
        return self.stages[-1]


def read(query: Query, catalog: Catalog, settings: Settings) -> Reading:
    """Read a document against a catalog.

    Raises
    ------
    QueryInvalid
        What is wrong is no single step's: the table is not there, a limit is passed.
    """
    context = Context(catalog, settings, dt.datetime.now(dt.UTC))
    trial = query
    broken: dict[int, str] = {}
    behind: list[Fault] = []
    while True:
        try:
            validate(trial, context)
            break
        except QueryInvalid as refusal:
            of_step = [
                (int(match[1]), fault) for fault in refusal.faults if (match := _STEP.match(fault.path))
            ]
            if len(of_step) < len(refusal.faults):
                raise
            # Only the first broken step is surely broken by itself: later ones may hang on it.
            first = min(index for index, _ in of_step)
            found = [fault for index, fault in of_step if index == first]
            broken[first] = found[0].message
            behind += found
            trial = _without(trial, first)
    schemas = shape.stages(trial, catalog)
    stages = [labels.of_table(catalog[trial.table])]
    for step, schema in zip(trial.steps, schemas[1:], strict=True):
        stages.append(stages[-1] if step.disabled else labels.after(stages[-1], step, schema, catalog))
    runnable = replace(
        query, steps=tuple(step for index, step in enumerate(query.steps) if index not in broken)
    )
    return Reading(
        query,
        runnable,
        trial,
        broken,
        tuple(behind),
        tuple(stages),
        take_apart(query, schemas),
        catalog,
        settings,
    )


def coerced(value: object, settings: Settings) -> Query | None:
    """Return a document from whatever may be assigned: a ``Query``, a dict, JSON text, a link's ``q``.

    Raises
    ------
    QueryInvalid
        It is none of these, or has faults.
    """
    limits = limits_of(settings)
    match value:
        case None | Query():
            return value
        case Mapping():
            return from_json(value, limits)
        case str() | bytes():
            text = value.decode("utf-8", "replace") if isinstance(value, bytes) else value
            return from_json(text, limits) if text.lstrip()[:1] in {"{", ""} else url.from_url(text)
        case _:
            raise QueryInvalid(
                [Fault("not-a-query", "", "A question is a Query, a dict, JSON text or the q of a link.")]
            )


def _without(query: Query, index: int) -> Query:
    steps = list(query.steps)
    steps[index] = replace(steps[index], disabled=True)
    return replace(query, steps=tuple(steps))
