"""Which columns would join two tables: what the catalog declares, else equal names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from aurora_widgets.query.model import On
from aurora_widgets.query.types import ColumnType, Family

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aurora_widgets.catalog.model import Catalog
    from aurora_widgets.service.labels import Shown

Source = Literal["declared", "names", "none"]


def suggest(
    left: Sequence[Shown], right: Sequence[Shown], table: str, catalog: Catalog
) -> tuple[tuple[On, ...], Source]:
    """Suggest the pairs of a join.

    Parameters
    ----------
    left
        Columns of the rows so far, of one or more tables.
    right
        Columns of the table to join.
    table
        Its name.

    Returns
    -------
    tuple
        The pairs, and where they come from. Declared joins are read in both directions;
        equal names count where the types can be compared, the joined table's key alone
        where all of it is there.
    """
    declared = _declared(left, right, table, catalog)
    if declared:
        return declared, "declared"
    types = {column.name: column.type for column in right}
    equal = [
        column.name for column in left if column.name in types and comparable(column.type, types[column.name])
    ]
    found = catalog.get(table)
    key = found.key if found is not None else ()
    if key and set(key) <= set(equal):
        equal = list(key)
    return tuple(On(name, name) for name in equal), "names" if equal else "none"


def comparable(left: ColumnType, right: ColumnType) -> bool:
    """Say whether two types may stand on the sides of a join."""
    moments = {Family.DATE, Family.TIMESTAMP}
    if left.family is Family.OTHER or right.family is Family.OTHER:
        return left.name == right.name == "uuid"
    return left.family is right.family or {left.family, right.family} <= moments


def _declared(left: Sequence[Shown], right: Sequence[Shown], table: str, catalog: Catalog) -> tuple[On, ...]:
    names = {column.name for column in right}
    for origin in dict.fromkeys(column.origin for column in left):
        from_left = catalog.get(origin)
        if from_left is None:
            continue
        hints = [hint.on for hint in from_left.joins if hint.to == table]
        to_join = catalog.get(table)
        if to_join is not None:
            hints += [
                tuple((mine, theirs) for theirs, mine in hint.on)
                for hint in to_join.joins
                if hint.to == origin
            ]
        for pairs in hints:
            found = tuple(
                On(column, theirs)
                for mine, theirs in pairs
                if (column := _called(left, origin, mine)) is not None and theirs in names
            )
            if len(found) == len(pairs):
                return found
    return ()


def _called(left: Sequence[Shown], origin: str, column: str) -> str | None:
    """Return what an origin's column is called in the rows so far."""
    for shown in left:
        if shown.origin == origin and (shown.name == column or shown.name.endswith(f".{column}")):
            return shown.name
    return None
