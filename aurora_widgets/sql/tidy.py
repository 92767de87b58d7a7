"""Statements with fewer SELECTs: one that only names columns gives way to what it selects from.

Ibis writes a SELECT for each projection that it can't merge, as those around a join. Here
nothing is moved but names and a single WHERE, so that the rows and their order are the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlglot.expressions as sge

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_PLAIN = {"expressions", "from_", "joins", "where"}
"""The parts of a SELECT that may give way."""


def tidy(tree: Any) -> Any:
    """Return a statement without the SELECTs that only name columns."""
    tree = tree.copy()  # in Ibis's own, one node may stand in two places
    for select in reversed(list(tree.find_all(sge.Select))):  # the innermost first
        places = [select.args.get("from_"), *(select.args.get("joins") or ())]
        for place in places:
            if place is not None and isinstance(place.this, sge.Subquery):
                _lift(select, place.this)
    return tree


def _lift(select: Any, place: Any) -> None:
    """Let ``select`` read what the query at ``place`` reads, where that only names columns."""
    inner = place.this
    if not isinstance(inner, sge.Select) or not _may_give_way(inner, select):
        return
    columns = {each.alias_or_name: each.unalias() for each in inner.expressions}
    read = {(column.table, column.name) for column in columns.values() if isinstance(column, sge.Column)}
    # A column that is grouped by twice, in totals, must stay two: each is rolled up on its own.
    fewest = len(columns) if select.args.get("group") else 1
    if len(read) < fewest or not all(isinstance(column, sge.Column) for column in columns.values()):
        return
    source = inner.args["from_"].this
    if not inner.args.get("joins"):
        # The place's name is unlike any beside it; a source's own may be used beside it as well.
        source.set("alias", place.args["alias"].copy())
        for column in _own_columns(inner):
            column.set("table", sge.to_identifier(place.alias, quoted=True))
    _rename(select, place.alias, columns)
    place.replace(source)
    for part in ("joins", "where"):
        if inner.args.get(part):
            select.set(part, inner.args[part])


def _may_give_way(inner: Any, select: Any) -> bool:
    parts = {name for name, part in inner.args.items() if part}
    if "from_" not in parts or parts - _PLAIN:
        return False
    if select.args.get("joins") and parts & {"joins", "where"}:
        return False
    return not ("where" in parts and select.args.get("where"))


def _rename(select: Any, table: str, columns: Mapping[str, Any]) -> None:
    """Put the columns in the places of those of ``table``; a result's column keeps its name."""
    for column in list(_own_columns(select)):
        if column.table != table:
            continue
        found = columns[column.name].copy()
        if column.parent is select and found.name != column.name:
            found = sge.alias_(found, column.name, quoted=True)
        column.replace(found)


def _own_columns(node: Any) -> Iterator[Any]:
    """Yield the columns that a SELECT reads itself, without those of the queries in it."""
    for child in node.iter_expressions():
        if isinstance(child, sge.Column):
            yield child
        elif not isinstance(child, sge.Query):
            yield from _own_columns(child)
