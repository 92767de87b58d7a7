"""Conditions as early as they can be: below joins, through aggregates, into the joined table's own steps.

A filter falls apart at its top-level ``and``; each part sinks by itself as far as it keeps
the answer:

- through a sort, a select, a derived column it doesn't read, and beside other filters;
- through an aggregate, where it reads group keys alone and there are keys and no totals
  (a condition on a bucket becomes one on the column);
- under a join, into the side whose rows the join keeps whole or keeps only where matched:
  the left of an inner or left join, the right of an inner or right join, and both sides
  where it reads only keys that a full join coalesces;
- never through a limit.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, assert_never

from aurora_widgets.plan import shape
from aurora_widgets.plan.buckets import unbucketed
from aurora_widgets.plan.names import of_tree, rename_tree
from aurora_widgets.query.model import (
    Aggregate,
    Derive,
    Filter,
    Group,
    Join,
    Limit,
    Query,
    Select,
    Sort,
    Step,
    Tree,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from aurora_widgets.catalog.model import Catalog
    from aurora_widgets.plan.context import Context
    from aurora_widgets.query.types import ColumnType, Schema


def push_down(query: Query, context: Context) -> Query:
    """Move every condition as early as keeps the answer."""
    catalog = context.catalog
    steps = _sunk(query.steps, catalog[query.table].schema, catalog)
    return replace(query, steps=steps)


def _sunk(steps: Iterable[Step], schema: Schema, catalog: Catalog) -> tuple[Step, ...]:
    sunk = _Sunk(catalog, schema)
    for step in steps:
        if isinstance(step, Filter):
            for part in _parts(step.where):
                sunk.drop(part, len(sunk.steps))
        elif isinstance(step, Join) and step.steps:
            right = catalog[step.table].schema
            sunk.write(replace(step, steps=_sunk(step.steps, right, catalog)))
        else:
            sunk.write(step)
    return tuple(sunk.steps)


def _parts(tree: Tree) -> Iterable[Tree]:
    """Yield what a tree's top-level ``and`` joins; nothing for an empty group."""
    if isinstance(tree, Group) and not tree.negate and (tree.op == "and" or len(tree.children) <= 1):
        for child in tree.children:
            yield from _parts(child)
    else:
        yield tree


@dataclass(slots=True)
class _Sunk:
    """Steps with their filters sunk; ``schemas[i]`` stands before step ``i``."""

    catalog: Catalog
    steps: list[Step]
    schemas: list[Schema]

    def __init__(self, catalog: Catalog, schema: Schema) -> None:
        self.catalog = catalog
        self.steps = []
        self.schemas = [schema]

    def write(self, step: Step) -> None:
        self.steps.append(step)
        self.schemas.append(shape.after(self.schemas[-1], step, self.catalog))

    def drop(self, part: Tree, end: int) -> None:
        """Put the condition somewhere before step ``end``, as early as it may stand."""
        reads = frozenset(of_tree(part))
        at = end
        while at > 0:
            step = self.steps[at - 1]
            match step:
                case Sort() | Select() | Filter():
                    at -= 1
                case Derive():
                    if step.column in reads:
                        break
                    at -= 1
                case Limit():
                    break
                case Aggregate():
                    moved = _through_aggregate(part, step, _types(self.schemas[at - 1]))
                    if moved is None:
                        break
                    for piece in _parts(moved):
                        self.drop(piece, at - 1)
                    return
                case Join():
                    if self._through_join(part, reads, at - 1):
                        return
                    break
                case _:
                    assert_never(step)
        self._insert(part, at)

    def _insert(self, part: Tree, at: int) -> None:
        """Add the condition before step ``at``, to a filter that stands there if one does."""
        # Going back over filters stops before the first of a run: the run's first filter is at ``at``.
        here = self.steps[at] if at < len(self.steps) else None
        if isinstance(here, Filter):
            self.steps[at] = Filter(Group("and", (*_parts(here.where), part)))
        else:
            self.steps.insert(at, Filter(part))
            self.schemas.insert(at, self.schemas[at])

    def _through_join(self, part: Tree, reads: frozenset[str], at: int) -> bool:
        """Sink the condition to a side of the join at ``at``; say whether it went."""
        join = self.steps[at]
        if not isinstance(join, Join):
            raise TypeError(join)
        origin = {name: column for column, name in join.outputs or ()}
        keys = shape.coalesced(join)
        from_right = reads <= origin.keys()
        from_left = not (reads & (origin.keys() | keys.keys()))
        left_kept = join.how in {"inner", "left"}
        right_kept = join.how in {"inner", "right"}
        if from_left and left_kept:
            self.drop(part, at)
            return True
        if from_right and right_kept:
            self._into_right(part, origin, at)
            return True
        if keys and reads <= keys.keys() | (origin.keys() if join.how == "right" else frozenset()):
            left = _types(self.schemas[at])
            right = _types(shape.joined_schema(join, self.catalog))
            if all(left[name] == right[keys[name]] for name in reads & keys.keys()):
                self._into_right(part, {**origin, **keys}, at)
                if join.how == "full":
                    self.drop(part, at)
                return True
        return False

    def _into_right(self, part: Tree, origin: dict[str, str], at: int) -> None:
        join = self.steps[at]
        if not isinstance(join, Join):
            raise TypeError(join)
        inner = _Sunk(self.catalog, self.catalog[join.table].schema)
        for step in join.steps:
            inner.write(step)
        inner.drop(rename_tree(part, origin), len(inner.steps))
        self.steps[at] = replace(join, steps=tuple(inner.steps))


def _through_aggregate(part: Tree, step: Aggregate, types: dict[str, ColumnType]) -> Tree | None:
    """Return the condition as it reads before the aggregate, or ``None`` where it can't be asked there."""
    if step.totals != "none" or not step.by:
        return None
    keys = {key.name: key for key in step.by}
    if not all(name in keys for name in of_tree(part)):
        return None
    return unbucketed(part, keys, types)


def _types(schema: Schema) -> dict[str, ColumnType]:
    return {field.name: field.type for field in schema}
