"""What the page is shown: the JSON of the four traits in ``js/protocol.ts``."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Protocol

from aurora_widgets.errors import QueryInvalid
from aurora_widgets.query import formula_text, url, write
from aurora_widgets.query.functions import BUCKETS
from aurora_widgets.query.measures import MEASURES
from aurora_widgets.query.model import TOTAL, Query, Scalar, Sort, Vintage
from aurora_widgets.query.operators import OPERATORS
from aurora_widgets.query.types import ColumnType, Family
from aurora_widgets.widgets import filters, words
from aurora_widgets.widgets import format as formats
from aurora_widgets.widgets.parts import search_text

if TYPE_CHECKING:
    from aurora_widgets.catalog.model import Catalog, Format, Table
    from aurora_widgets.errors import AuroraError, Fault
    from aurora_widgets.plan.context import InForce
    from aurora_widgets.service.answers import Loads
    from aurora_widgets.widgets.reading import Reading

Json = dict[str, object]

EMPTY_PAGE: Json = {"epoch": 0, "columns": [], "rows": [], "totals": None, "offset": 0, "more": False}
"""The trait ``page`` where there is nothing to show."""

_EXACT = 2**53
_SAID = 3
"""Faults that are told at once; the editor shows each at its rule."""


class Look(Protocol):
    """How an answer's column is called and shown."""

    @property
    def name(self) -> str:
        """The document's name."""
        ...

    @property
    def type(self) -> ColumnType:
        """Its type."""
        ...

    @property
    def label(self) -> str:
        """What a person reads."""
        ...

    @property
    def format(self) -> Format | None:
        """The catalog's format."""
        ...


def tables(catalog: Catalog) -> list[Json]:
    """Return the trait ``tables``: what may be picked."""
    return [
        {
            "name": table.name,
            "label": table.label or table.name,
            "description": table.description,
            "columns": len(table.columns),
            "rows": table.rows,
            "has_vintage": table.vintage is not None,
        }
        for table in catalog.tables.values()
    ]


def question(
    now: Reading | None,
    *,
    undo: bool,
    redo: bool,
    loads: Sequence[Loads] = (),
    in_force: Sequence[InForce] = (),
    faults: Sequence[Fault] = (),
) -> Json:
    """Return the trait ``question``.

    Parameters
    ----------
    now
        The document that stands; ``None`` before a table is chosen.
    undo, redo
        Whether there is something to undo or redo.
    loads
        What the vintage pickers offer, once it is known.
    in_force
        What ``latest`` turned out to be, from the newest answer.
    faults
        Of the last edit that was refused.
    """
    shared: Json = {
        "undo": undo,
        "redo": redo,
        "measures": [
            {
                "fn": row.fn,
                "label": row.label,
                "families": sorted(family.value for family in row.families),
                "column": row.needs_column,
            }
            for row in MEASURES.values()
        ],
        "buckets": list(BUCKETS),
        "operators": {
            row.name: {"label": row.label, "operand": row.operand, "case_sensitive": row.case_sensitive}
            for row in OPERATORS.values()
        },
    }
    if now is None:
        return shared | {
            "query": None,
            "link": "",
            "table": None,
            "vintage": None,
            "base": [],
            "final": [],
            "parts": _no_parts(),
            "chips": [],
            "counts": {"filter": 0, "join": 0, "aggregate": 0, "select": 0},
            "faults": [fault.as_json() for fault in faults],
        }
    parts = now.parts
    aggregate = parts.aggregate
    select = parts.select
    return shared | {
        "query": plain(write.as_object(now.query)),
        "link": link(now.runnable),
        "table": now.query.table,
        "vintage": _vintage(now, loads),
        "base": [column.as_json() for column in now.base],
        "final": [column.as_json() for column in now.final],
        "parts": {
            "joins": [plain(write.step_as_object(step)) for step in parts.joins],
            "derives": [
                {
                    "column": step.column,
                    "formula": formula_text.text(step.expression),
                    "disabled": step.disabled,
                }
                for step in parts.derives
            ],
            "filter": None if parts.tree is None else plain(write.tree_as_object(parts.tree)),
            "aggregate": None if aggregate is None else plain(write.step_as_object(aggregate)),
            "sort": _sort_keys(parts.sort),
            "select": None if select is None else list(select.columns),
            "search": search_text(parts.searched),
            "canonical": parts.canonical,
        },
        "chips": words.chips(now, in_force),
        "counts": {
            "filter": filters.conditions(parts.tree),
            "join": sum(not join.disabled for join in parts.joins),
            "aggregate": 0 if aggregate is None else len(aggregate.by) + len(aggregate.measures),
            "select": 0 if select is None else len(select.columns),
        },
        "faults": [fault.as_json() for fault in (*now.faults, *faults)],
    }


def page(
    columns: Sequence[Look],
    rows: Sequence[Sequence[object]],
    *,
    sort: Sort | None = None,
    epoch: int = 0,
    offset: int = 0,
    more: bool = False,
) -> Json:
    """Return the trait ``page``: cells as texts, columns as wide as they need.

    Parameters
    ----------
    columns
        One for each cell of a row.
    rows
        JSON cells as the service gives them.
    sort
        The order in force, for the arrows.
    """
    level = next((index for index, column in enumerate(columns) if column.name == TOTAL), None)
    kept = [index for index in range(len(columns)) if index != level]
    shown = []
    texts = []
    for index in kept:
        column = columns[index]
        show = formats.formatter(column.type, column.format)
        cells = [formats.shown(show(row[index])) for row in rows]
        texts.append(cells)
        shown.append(_page_column(column, cells, sort))
    return {
        "epoch": epoch,
        "columns": shown,
        "rows": [list(row) for row in zip(*texts, strict=True)] if texts else [[] for _ in rows],
        "totals": None if level is None else [row[level] for row in rows],
        "offset": offset,
        "more": more,
    }


def error(refusal: AuroraError, part: str | None) -> Json:
    """Return what the trait ``status`` says of a refusal."""
    label = refusal.fix.get("label") if refusal.fix is not None else None
    return {
        "code": refusal.code,
        "detail": _sentences(refusal),
        "fix": label if isinstance(label, str) else None,
        "retry_after": refusal.retry_after,
        "part": part,
    }


def _sentences(refusal: AuroraError) -> str:
    # Faults as a person reads them: without the paths that are a program's.
    said = list(dict.fromkeys(fault.message for fault in refusal.faults))
    return " ".join(said[:_SAID]) if said else refusal.detail


def plain(value: object) -> object:
    """Return what a browser reads without losing a digit: decimals and large numbers as text."""
    match value:
        case Mapping():
            return {str(key): plain(child) for key, child in value.items()}
        case list() | tuple():
            return [plain(child) for child in value]
        case Decimal():
            near = float(value)
            return near if Decimal(repr(near)) == value else str(value)
        case bool():
            return value
        case int():
            return value if -_EXACT <= value <= _EXACT else str(value)
        case _:
            return value


def _page_column(column: Look, cells: Sequence[str | None], sort: Sort | None) -> Json:
    keys = sort.by if sort is not None and not sort.disabled else ()
    rank = next((index for index, key in enumerate(keys) if key.column == column.name), None)
    return {
        "name": column.name,
        "label": column.label,
        "type": column.type.name,
        "family": column.type.family.value,
        "numeric": column.type.family is Family.NUMBER,
        "sort": None if rank is None else "desc" if keys[rank].descending else "asc",
        "sort_rank": rank + 1 if rank is not None and len(keys) > 1 else None,
        "width": formats.width(column.label, cells),
    }


def _sort_keys(sort: Sort | None) -> list[Json]:
    if sort is None or sort.disabled:
        return []
    return [{"column": key.column, "descending": key.descending} for key in sort.by]


def _no_parts() -> Json:
    return {
        "joins": [],
        "derives": [],
        "filter": None,
        "aggregate": None,
        "sort": [],
        "select": None,
        "search": "",
        "canonical": True,
    }


def _vintage(now: Reading, loads: Sequence[Loads]) -> Json | None:
    return loads_offered(now.table, now.query.vintage, loads)


def loads_offered(table: Table, chosen: Vintage | None, loads: Sequence[Loads]) -> Json | None:
    """Return protocol.ts's ``VintageView``: what may be chosen and what is; ``None`` without loads.

    Parameters
    ----------
    table
        Whose loads.
    chosen
        A vintage that leaves nothing to the catalog.
    loads
        Those that there are, newest first.
    """
    columns = table.vintage
    if columns is None:
        return None
    load_type = chosen.load_type if chosen is not None else None
    load_id = chosen.load_id if chosen is not None else None
    types = [_json_scalar(each.load_type) for each in loads if each.load_type is not None]
    ids = list(
        dict.fromkeys(
            _json_scalar(value)
            for each in loads
            if load_type in {None, "all", "latest"} or _json_scalar(each.load_type) == load_type
            for value, _ in each.load_ids
        )
    )
    return {
        "load_types": _choices(types, load_type, "All load types", latest=False)
        if columns.load_type is not None
        else [],
        "load_ids": _choices(ids, load_id, "All loads", latest=True),
        "load_type": plain(load_type),
        "load_id": plain(load_id),
    }


def _json_scalar(value: Scalar) -> Scalar:
    return value.isoformat() if isinstance(value, dt.date | dt.time) else value


def _choices(values: list[Scalar], chosen: Scalar, everything: str, *, latest: bool) -> list[Json]:
    offered: list[Json] = [{"value": "latest", "label": "Latest"}] if latest else []
    offered.append({"value": "all", "label": everything})
    if chosen is not None and chosen not in {"latest", "all"} and chosen not in values:
        values = [chosen, *values]
    offered += [{"value": plain(value), "label": str(value)} for value in values if value is not None]
    if not latest and chosen == "latest":
        offered.append({"value": "latest", "label": "Latest"})
    return offered


def link(query: Query) -> str:
    """Return a link's ``q``; empty where the question is too long for one."""
    try:
        return url.to_url(query)
    except QueryInvalid:  # the page offers the document as a file
        return ""
