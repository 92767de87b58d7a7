"""Which load of a table is read: pins as filters on its partition columns, before anything else.

``latest`` is the newest load of its load type, by the column the catalog orders loads by
(the load ID itself by default); rows without a load ID are no load, and are read under
``all`` alone. What the latest loads are is asked once for each version of the data::

    question = vintage.loads_question(table)            # plan and run it like any document
    latest = {table.name: vintage.latest_loads(table, rows)}    # its rows, as tuples
    Context(catalog, settings, now, latest)

Without that answer (a statement for people to read, made without a connection) the
statement finds the latest loads itself, by joining the table with its own latest loads.
"""

from __future__ import annotations

import zoneinfo
from dataclasses import replace
from typing import TYPE_CHECKING

from aurora_widgets.errors import CatalogInvalid, Fault
from aurora_widgets.plan.conditions import rewritten
from aurora_widgets.plan.context import Context, InForce, Load
from aurora_widgets.query.model import (
    ALL,
    LATEST,
    Aggregate,
    Condition,
    Filter,
    Group,
    Join,
    Key,
    Limit,
    Measure,
    On,
    Query,
    Scalar,
    Sort,
    SortKey,
    Step,
    Tree,
    Vintage,
)
from aurora_widgets.query.types import Family
from aurora_widgets.query.values import typed

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from aurora_widgets.catalog.model import Table, VintageColumns

ORDER = "__order__"
"""The column of ``loads_question`` that orders loads; the newest stand first."""

ROWS = "__rows__"
"""The column of ``loads_question`` that counts a load's rows."""


def vintage(query: Query, context: Context) -> Query:
    """Turn the pins of every table, given or by default, into filters on its load columns, first."""
    table = context.catalog[query.table]
    steps = tuple(_pinned(step, context) if isinstance(step, Join) else step for step in query.steps)
    return replace(query, vintage=None, steps=(*_pins(table, query.vintage, context), *steps))


def in_force(query: Query, context: Context) -> tuple[InForce, ...]:
    """Return the vintage that each table of a validated document is read at."""
    tables = [(query.table, query.table, query.vintage)]
    tables += [
        (each.alias or each.table, each.table, each.vintage) for each in query.steps if isinstance(each, Join)
    ]
    found = []
    for name, of, asked in tables:
        table = context.catalog[of]
        if table.vintage is not None:
            load_type, load_id = _asked(table, asked)
            found.append(InForce(name, load_type, load_id, _loads(table, load_type, load_id, context)))
    return tuple(found)


def loads_question(table: Table) -> Query:
    """Return the document that lists a table's loads, newest first.

    Its columns are the load type (where the table has one), the load ID, ``ORDER`` and ``ROWS``.
    """
    return Query(table.name, Vintage(ALL, ALL), _loads_of(_columns(table), Measure(ROWS, "count")))


def latest_loads(table: Table, rows: Iterable[Sequence[Scalar]]) -> tuple[Load, ...]:
    """Return the latest load of each load type, newest first, from the rows of ``loads_question``."""
    typed = _columns(table).load_type is not None
    latest: dict[Scalar, Load] = {}
    for row in rows:
        load = (row[0], row[1]) if typed else (None, row[0])
        latest.setdefault(load[0], load)
    return tuple(latest.values())


def _pinned(join: Join, context: Context) -> Join:
    pins = _pins(context.catalog[join.table], join.vintage, context)
    return replace(join, vintage=None, steps=(*pins, *join.steps))


def _asked(table: Table, vintage: Vintage | None) -> tuple[Scalar, Scalar]:
    """Return the load type and load ID asked for, with the catalog's defaults.

    The default load ID belongs to the default load type; beside another one it is ``latest``.
    """
    pins = _columns(table)
    given = vintage or Vintage()
    usual = _default(table, pins.load_type, pins.default_load_type, ALL)
    load_type = usual if given.load_type is None or pins.load_type is None else given.load_type
    if given.load_id is not None:
        return load_type, given.load_id
    if load_type == usual:
        return load_type, _default(table, pins.load_id, pins.default_load_id, LATEST)
    return load_type, LATEST


def _default(table: Table, name: str | None, value: str | None, otherwise: str) -> Scalar:
    """Return a default of the catalog as its column's type; ``otherwise`` where there is none."""
    column = None if name is None else table.column(name)
    if column is None or value is None:
        return otherwise
    if value in {LATEST, ALL}:
        return value
    told = typed(value, column.type, f"tables.{table.name}.vintage.default", column.name)
    if isinstance(told, Fault):
        raise CatalogInvalid((told,))
    return told


def _loads(table: Table, load_type: Scalar, load_id: Scalar, context: Context) -> tuple[Load, ...] | None:
    """Return the loads to read, ``all`` standing for any; ``None`` where they are not known.

    The answer ``((type, ALL),)`` reads all loads of a type, ``((ALL, id),)`` a load of any type.
    """
    if LATEST not in (load_type, load_id):
        return ((load_type, load_id),)
    known = context.latest.get(table.name)
    if known is None:
        return None
    if load_type == LATEST:
        known = known[:1]
    elif load_type != ALL:
        known = tuple(load for load in known if load[0] == load_type)
    return known if load_id == LATEST else tuple((each, load_id) for each, _ in known)


def _pins(table: Table, vintage: Vintage | None, context: Context) -> tuple[Step, ...]:
    """Return the steps that keep the rows of the loads asked for."""
    pins = table.vintage
    if pins is None:
        return ()
    load_type, load_id = _asked(table, vintage)
    zone = zoneinfo.ZoneInfo(context.catalog.time_zone)
    loads = _loads(table, load_type, load_id, context)
    if loads is None:
        return _found(table, pins, load_type, load_id, zone)
    if not loads:
        return (Filter(Condition(pins.load_id, "in", values=())),)
    trees = tuple(_is(table, pins, load, zone) for load in loads)
    if any(tree == Group() for tree in trees):
        return ()
    return (Filter(trees[0] if len(trees) == 1 else Group("or", trees)),)


def _is(table: Table, pins: VintageColumns, load: Load, zone: zoneinfo.ZoneInfo) -> Group:
    """Return the condition that a row is of a load; ``all`` asks nothing, a missing load type is empty."""
    columns = [
        (name, value)
        for name, value in zip((pins.load_type, pins.load_id), load, strict=True)
        if value != ALL
    ]
    return Group(
        "and", tuple(_equal(table, name, value, zone) for name, value in columns if name is not None)
    )


def _equal(table: Table, name: str, value: Scalar, zone: zoneinfo.ZoneInfo) -> Tree:
    if value is None:
        return Condition(name, "is empty")
    column = table.column(name)
    if column is None:
        raise KeyError(name)
    case = True if column.type.family is Family.TEXT else None
    return rewritten(Condition(name, "=", value, case_sensitive=case), column.type, zone)


def _loads_of(pins: VintageColumns, *more: Measure) -> tuple[Step, ...]:
    """Return the steps from a table to its loads, newest first."""
    keys = tuple(Key(name) for name in (pins.load_type, pins.load_id) if name is not None)
    newest = Measure(ORDER, "max", pins.order_by or pins.load_id)
    by = (SortKey(ORDER, descending=True), *(SortKey(key.name, descending=True) for key in reversed(keys)))
    return (
        Filter(Condition(pins.load_id, "is not empty")),
        Aggregate(keys, (newest, *more)),
        Sort(by),
    )


def _found(
    table: Table, pins: VintageColumns, load_type: Scalar, load_id: Scalar, zone: zoneinfo.ZoneInfo
) -> tuple[Step, ...]:
    """Return the steps that find the latest loads in the statement itself, and keep their rows."""
    pinned = _is(
        table, pins, (ALL if load_type == LATEST else load_type, ALL if load_id == LATEST else load_id), zone
    )
    filters = (Filter(pinned),) if pinned.children else ()
    loads = _loads_of(pins)
    if load_type == ALL and pins.load_type is not None:
        kind = Key(pins.load_type)
        newest = Join(
            table.name,
            (On(pins.load_type, pins.load_type), On(ORDER, ORDER)),
            steps=(loads[0], Aggregate((kind,), (Measure(ORDER, "max", pins.order_by or pins.load_id),))),
            outputs=(),
        )
        steps: tuple[Step, ...] = (
            *loads[:2],
            newest,
            Aggregate((kind,), (Measure(pins.load_id, "max", pins.load_id),)),
        )
    else:
        steps = (*(filters if load_type != LATEST else ()), *loads, Limit(1))
    names = [pins.load_type, pins.load_id if load_id == LATEST else None]
    on = tuple(On(name, name) for name in names if name is not None)
    return (*filters, Join(table.name, on, steps=steps, outputs=()))


def _columns(table: Table) -> VintageColumns:
    if table.vintage is None:
        raise ValueError(f"{table.name} has no loads")
    return table.vintage
