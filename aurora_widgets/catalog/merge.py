"""What a checked catalog file says, over what an engine found."""

from __future__ import annotations

import zoneinfo
from typing import TYPE_CHECKING, Any, Final

from aurora_widgets.catalog.model import (
    Catalog,
    Column,
    Format,
    JoinHint,
    Listing,
    Table,
    VintageColumns,
)
from aurora_widgets.errors import Fault
from aurora_widgets.query.faults import at, shown, unknown
from aurora_widgets.query.types import Family

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from aurora_widgets.catalog.check import Note

_SUITS: Final[Mapping[str, frozenset[Family]]] = {
    "number": frozenset({Family.NUMBER}),
    "integer": frozenset({Family.NUMBER}),
    "currency": frozenset({Family.NUMBER}),
    "percent": frozenset({Family.NUMBER}),
    "date": frozenset({Family.DATE, Family.TIMESTAMP}),
    "text": frozenset(Family),
}
"""Which columns a format can show."""


FEW: Final = 9
"""That many names are listed in a sentence where none is near."""


def discovered(listings: Iterable[Listing]) -> Catalog:
    """Return the catalog of what an engine found alone."""
    return Catalog({listing.name: _plain(listing.name, listing) for listing in listings})


def merged(said: Mapping[str, Any], listings: Iterable[Listing], note: Note) -> Catalog:
    """Return the catalog: the file's tables in its order, then the others.

    Parameters
    ----------
    said
        The file's object, already checked against the schema.
    listings
        What the engine found.
    note
        Told each name that isn't one.
    """
    found = {listing.name: listing for listing in listings}
    tables: dict[str, Table] = {}
    words: Mapping[str, Mapping[str, Any]] = said.get("tables", {})
    used: set[str] = set()
    for name, about in words.items():
        path = at("tables", name)
        listing = found.get(about.get("source", name), found.get(name))
        if listing is None:
            few = len(found) <= FEW
            note(unknown("unknown-table", path, name, "a table that was found", found, list_them=few))
            continue
        used.add(listing.name)
        tables[name] = _table(name, listing, about, note, path)
    for name, listing in found.items():
        if name not in used and name not in tables:
            tables[name] = _plain(name, listing)
    for name, about in words.items():
        if name in tables:
            _check_joins(tables, name, about.get("joins", ()), note, at(at("tables", name), "joins"))
    return Catalog(tables, _time_zone(said.get("time_zone", "UTC"), note))


def _time_zone(name: str, note: Note) -> str:
    try:
        zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        zones = zoneinfo.available_timezones()
        note(unknown("unknown-time-zone", "time_zone", name, "a time zone, such as Europe/Berlin", zones))
    return name


def _plain(name: str, listing: Listing) -> Table:
    return _table(name, listing, {}, lambda _: None, "")


def _table(name: str, listing: Listing, about: Mapping[str, Any], note: Note, path: str) -> Table:
    names = [field.name for field in listing.schema]
    words: Mapping[str, Mapping[str, Any]] = about.get("columns", {})
    for column in words:
        if column not in names:
            here = at(at(path, "columns"), column)
            note(unknown("unknown-column", here, column, f"a column of {shown(name)}", names))
    key = tuple(column for column in about.get("key", listing.key) if column is not None)
    for index, column in enumerate(about.get("key", ())):
        if column is not None:
            _known(column, names, name, note, at(at(path, "key"), index))
    return Table(
        name=name,
        columns=tuple(
            _column(listing, index, words.get(column, {}), note, at(at(path, "columns"), column))
            for index, column in enumerate(names)
        ),
        label=about.get("label", name),
        description=about.get("description", ""),
        source=listing.source,
        key=key,
        vintage=_vintage(about.get("vintage"), names, name, note, at(path, "vintage")),
        joins=tuple(
            JoinHint(join["to"], tuple(join["on"].items()), join.get("cardinality"))
            for join in about.get("joins", ())
            if join is not None
        ),
        rows=listing.rows,
        ordered=listing.ordered,
        row_id=listing.row_id,
    )


def _known(column: str, names: Iterable[str], table: str, note: Note, path: str) -> None:
    if column not in names:
        note(unknown("unknown-column", path, column, f"a column of {shown(table)}", names))


def _column(listing: Listing, index: int, about: Mapping[str, Any], note: Note, path: str) -> Column:
    field = listing.schema[index]
    shape = about.get("format")
    if shape is not None and field.type.family not in _SUITS[shape["type"]]:
        note(
            Fault(
                "wrong-format",
                at(path, "format"),
                f"a {shown(shape['type'])} format does not suit {shown(field.name)}, "
                f"a column of type {field.type}.",
            )
        )
    return Column(
        name=field.name,
        type=field.type,
        label=about.get("label", field.name),
        description=about.get("description", ""),
        format=Format(**shape) if shape is not None else None,
        physical=listing.physical.get(field.name, ""),
    )


def _vintage(
    about: Mapping[str, Any] | None,
    names: list[str],
    table: str,
    note: Note,
    path: str,
) -> VintageColumns | None:
    if about is None:
        return None
    for role in ("load_type", "load_id", "order_by"):
        if role in about:
            _known(about[role], names, table, note, at(path, role))
    default: Mapping[str, Any] = about.get("default", {})
    if "load_type" in default and "load_type" not in about:
        note(
            Fault(
                "wrong-value",
                at(at(path, "default"), "load_type"),
                "a default load type needs `load_type`, the column that holds it.",
            )
        )
    return VintageColumns(
        load_type=about.get("load_type"),
        load_id=about["load_id"],
        order_by=about.get("order_by"),
        default_load_type=_as_text(default.get("load_type")),
        default_load_id=_as_text(default.get("load_id")),
    )


def _as_text(value: str | float | bool | None) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return str(value).lower() if isinstance(value, bool) else str(value)


def _check_joins(
    tables: Mapping[str, Table],
    name: str,
    joins: Iterable[Mapping[str, Any] | None],
    note: Note,
    path: str,
) -> None:
    left = tables[name]
    for index, join in enumerate(joins):
        if join is None:
            continue
        here = at(path, index)
        right = tables.get(join["to"])
        if right is None:
            few = len(tables) <= FEW
            note(unknown("unknown-table", at(here, "to"), join["to"], "a table here", tables, list_them=few))
        for mine, theirs in join["on"].items():
            pair = at(at(here, "on"), mine)
            _known(mine, [column.name for column in left.columns], name, note, pair)
            if right is None:
                continue
            _known(theirs, [column.name for column in right.columns], right.name, note, pair)
            ours, other = left.column(mine), right.column(theirs)
            if ours and other and not _comparable(ours, other):
                note(
                    Fault(
                        "wrong-join",
                        pair,
                        f"{shown(mine)} is {ours.type} and {shown(theirs)} is {other.type}, "
                        "which never match.",
                    )
                )


def _comparable(ours: Column, other: Column) -> bool:
    times = {Family.DATE, Family.TIMESTAMP}
    mine, theirs = ours.type.family, other.type.family
    if mine is Family.OTHER:
        return ours.type == other.type
    return mine is theirs or {mine, theirs} == times
