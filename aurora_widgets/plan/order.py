"""A total order, so that the same question gives the same rows on every page.

What the order is made of, first to last: the columns sorted by (a later sort before an earlier
one); then columns that together tell every row from every other, if some are known (group
keys and ``__total__`` after an aggregate; the catalog's key, with its vintage columns, where
joins carry it through; without one the row's place in its table, where the engine has it);
else every sortable column shown, in order. Where nothing sorts and the only scan keeps its own
order, nothing is needed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import zip_longest
from typing import TYPE_CHECKING, assert_never

from aurora_widgets.plan import shape
from aurora_widgets.plan.names import folded, of_expression
from aurora_widgets.query.model import (
    ROW,
    TOTAL,
    Aggregate,
    Call,
    Case,
    Column,
    Condition,
    Derive,
    Expression,
    Filter,
    Group,
    Join,
    Limit,
    Query,
    Select,
    Sort,
    SortKey,
    Step,
    Tree,
)
from aurora_widgets.query.operators import LONG_LIST

if TYPE_CHECKING:
    from collections.abc import Iterable

    from aurora_widgets.catalog.model import Catalog, Table
    from aurora_widgets.plan.context import Context
    from aurora_widgets.query.types import Schema

UNSORTABLE = frozenset({"nested", "unknown"})
"""Types with no order that every engine shares."""


def order(query: Query, context: Context) -> Query:
    """Put the sort that holds last, and make it and every sort before a limit total."""
    steps = _ordered(query, context.catalog, by_place=_has_place(query, context.catalog))
    if ROW not in _sorted_by(steps):
        steps = _ordered(query, context.catalog, by_place=False)
    return replace(query, steps=steps)


def _ordered(query: Query, catalog: Catalog, *, by_place: bool) -> tuple[Step, ...]:
    walk = _Walk(catalog, query)
    if by_place:
        walk.number()
    for step, following in zip_longest(query.steps, query.steps[1:]):
        if isinstance(step, Limit) and _counts(following):
            # Any rows will do: they are only counted.
            walk.sorted = True
        walk.take(step)
    return tuple(walk.finish())


def _has_place(query: Query, catalog: Catalog) -> bool:
    """Return whether only a row's place tells the table's rows apart, and its name is free."""
    table = catalog[query.table]
    if not table.row_id or row_key(table) is not None:
        return False
    return folded(ROW) not in {*_made(query.steps), *(folded(column.name) for column in table.columns)}


def _joins_a_list(part: Tree | Expression | None) -> bool:
    """Return whether a condition somewhere in it has a list so long that it is joined."""
    match part:
        case Condition():
            return len(part.values or ()) > LONG_LIST
        case Group():
            return any(map(_joins_a_list, part.children))
        case Call():
            return any(map(_joins_a_list, part.args))
        case Case():
            parts = (each for branch in part.branches for each in (branch.when, branch.then))
            return any(map(_joins_a_list, (*parts, part.otherwise)))
        case _:
            return False


def _sorted_by(steps: Iterable[Step]) -> set[str]:
    """Return the columns that some step sorts by, as they are called where they are made."""
    renamed = {
        step.column: step.expression.column
        for step in steps
        if isinstance(step, Derive) and isinstance(step.expression, Column)
    }
    keys = {key.column for step in steps if isinstance(step, Sort) for key in step.by}
    return keys | {renamed[name] for name in keys & renamed.keys()}


@dataclass(slots=True)
class _Walk:
    """The steps written so far and what is known of the rows' order after them.

    ``held`` are the keys to sort by, ``unique`` columns that tell all rows apart (``None``
    where none are known), ``constant`` columns that are the same on every row, ``scanned``
    whether the rows still stand in their scan's order, ``sorted`` whether the last step
    written leaves them in the order of ``held``.
    ``schema`` may hold carried columns that ``shown`` doesn't name.
    """

    catalog: Catalog
    steps: list[Step]
    schema: Schema
    shown: tuple[str, ...]
    held: tuple[SortKey, ...]
    unique: tuple[str, ...] | None
    constant: set[str]
    scanned: bool
    sorted: bool
    later: frozenset[str]

    def __init__(self, catalog: Catalog, query: Query) -> None:
        table = catalog[query.table]
        self.catalog = catalog
        self.steps = []
        self.schema = table.schema
        self.shown = tuple(field.name for field in table.schema)
        self.held = ()
        self.unique = row_key(table)
        self.constant = set()
        self.scanned = table.ordered
        self.sorted = False
        self.later = frozenset(_made(query.steps))

    def number(self) -> None:
        """Let each row's place in the table tell it from every other."""
        self._write(Select((*self.shown, ROW)))
        self.unique = (ROW,)

    def take(self, step: Step) -> None:
        match step:
            case Sort():
                by = {key.column: key for key in step.by if key.column not in self.constant}
                self.held = (*by.values(), *(key for key in self.held if key.column not in by))
                self.sorted = False
            case Limit():
                self._settle()
                self._write(step)
            case Select():
                self.shown = step.columns
                carried = self._carried()
                self._write(Select((*step.columns, *carried)))
            case Filter():
                self.sorted = False
                self.scanned = self.scanned and not _joins_a_list(step.where)
                self._write(step)
            case Derive():
                self.sorted = False
                self.scanned = self.scanned and not _joins_a_list(step.expression)
                self.shown = (*self.shown, step.column)
                if set(of_expression(step.expression)) <= self.constant:
                    self.constant.add(step.column)
                self._write(step)
            case Join():
                self._join(step)
            case Aggregate():
                self._aggregate(step)
            case _:
                assert_never(step)

    def finish(self) -> list[Step]:
        """Settle the order of the result and hide what was carried for it."""
        self._settle()
        if self.shown != tuple(field.name for field in self.schema):
            self._write(Select(self.shown))
        return self.steps

    def _settle(self) -> None:
        """Sort by the total order unless the rows stand in it already."""
        if self.sorted or (self.scanned and not self.held):
            return
        keys = self._total()
        if keys:
            self._write(Sort(keys))
        self.sorted = True

    def _total(self) -> tuple[SortKey, ...]:
        types = {field.name: field.type for field in self.schema}
        keys = {key.column: key for key in self.held}
        for name in self.shown if self.unique is None else self.unique:
            if types[name].name not in UNSORTABLE:
                keys.setdefault(name, SortKey(name))
        return tuple(key for name, key in keys.items() if name not in self.constant)

    def _carried(self) -> tuple[str, ...]:
        """Return the columns that are hidden but still order the rows, under names that stay free."""
        wanted = dict.fromkeys((*(key.column for key in self.held), *(self.unique or ())))
        names: dict[str, str] = {}
        for name in wanted:
            if name in self.shown:
                continue
            names[name] = self._free(name)
            if names[name] != name:
                self._write(Derive(names[name], Column(name)))
        self.held = tuple(replace(key, column=names.get(key.column, key.column)) for key in self.held)
        if self.unique is not None:
            self.unique = tuple(names.get(name, name) for name in self.unique)
        return tuple(names.values())

    def _free(self, name: str) -> str:
        """Return the name, or one made from it that no later step makes."""
        taken = self.later | {folded(field.name) for field in self.schema if field.name != name}
        number, free = 0, name
        while folded(free) in taken:
            number += 1
            free = f"__order_{number}__"
        return free

    def _join(self, step: Join) -> None:
        kept = step.outputs or ()
        if step.how in {"inner", "left"}:
            self.unique = self._joined_key(step)
        else:
            # Rows of the right side alone are nowhere in the left's order.
            self.unique, self.held = None, ()
            self.constant.clear()
        self.shown = (*self.shown, *(name for _, name in kept))
        self.scanned = self.sorted = False
        self._write(step)

    def _joined_key(self, step: Join) -> tuple[str, ...] | None:
        """Return columns that tell the rows of an inner or left join apart."""
        right = row_key(self.catalog[step.table])
        if (
            right is None
            or self.unique is None
            or any(isinstance(own, Aggregate | Join) for own in step.steps)
        ):
            return None
        equal = {pair.right: pair.left for pair in step.on if pair.op == "="}
        names = {**equal, **dict(step.outputs or ())}
        if not set(right) <= set(names):
            return None
        unmatched = () if set(right) <= set(equal) else tuple(names[column] for column in right)
        return tuple(dict.fromkeys((*self.unique, *unmatched)))

    def _aggregate(self, step: Aggregate) -> None:
        keys = tuple(key.name for key in step.by)
        self.unique = keys if step.totals == "none" else (*keys, TOTAL)
        self.held = ()
        self.constant.clear()
        self.scanned = self.sorted = False
        self._write(step)
        self.shown = tuple(field.name for field in self.schema)

    def _write(self, step: Step) -> None:
        self.steps.append(step)
        self.schema = shape.after(self.schema, step, self.catalog)


def _counts(step: Step | None) -> bool:
    """Return whether a step asks how many rows there are, and nothing else."""
    return (
        isinstance(step, Aggregate)
        and not step.by
        and all(measure.fn == "count" and measure.column is None for measure in step.measures)
    )


def row_key(table: Table) -> tuple[str, ...] | None:
    """Return the columns that tell a table's rows apart: its key, with the columns of its vintage."""
    if not table.key:
        return None
    load = table.vintage
    pins = () if load is None else (load.load_type, load.load_id)
    return tuple(dict.fromkeys((*table.key, *(name for name in pins if name is not None))))


def _made(steps: Iterable[Step]) -> Iterable[str]:
    """Yield every name that a join or a derived column makes, as names are compared."""
    for step in steps:
        match step:
            case Join():
                yield from (folded(name) for _, name in step.outputs or ())
            case Derive():
                yield folded(step.column)
            case _:
                continue
