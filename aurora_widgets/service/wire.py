"""What the service says over HTTP, and back: tables and answers to JSON and from it.

Both directions stand here, so that neither changes alone. Cells are JSON already (see
``export.cells``); values of the data elsewhere are written as a document writes them.
"""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from aurora_widgets import settings as limits
from aurora_widgets.catalog.model import Catalog, Column, Format, JoinHint, Table, VintageColumns
from aurora_widgets.errors import AuroraError, CatalogInvalid, Fault, QueryInvalid
from aurora_widgets.plan.context import InForce
from aurora_widgets.query.model import Join
from aurora_widgets.query.read import DEFAULT_LIMITS, Limits, step_from_object
from aurora_widgets.query.types import ColumnType
from aurora_widgets.query.values import typed
from aurora_widgets.query.write import step_as_object
from aurora_widgets.service.answers import (
    Count,
    Fix,
    JoinCheck,
    Loads,
    Page,
    PageColumn,
    Profile,
    Value,
    Values,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aurora_widgets.query.model import Scalar
    from aurora_widgets.settings import Settings

Json = dict[str, Any]

ARROW = "application/vnd.apache.arrow.stream"
PROBLEM = "application/problem+json"

TOLD = (
    "PREVIEW_PAGE_ROWS", "PREVIEW_MAX_ROWS", "CELL_MAX_CHARACTERS", "SAMPLE_ROWS", "MAX_ROW_LIMIT",
    "QUERY_TIMEOUT_SECONDS", "POOL_WAIT_SECONDS", "FILTER_MAX_DEPTH", "FILTER_MAX_CONDITIONS",
    "QUERY_MAX_BYTES", "RESULT_MAX_ROWS",
)  # fmt: skip
"""The settings that a client goes by."""


def dumped(answer: object) -> bytes:
    """Return JSON, in which no number lost a digit and NaN has no place."""
    return json.dumps(
        answer, ensure_ascii=False, allow_nan=False, separators=(",", ":"), default=_plain
    ).encode("utf-8", "replace")


def _plain(value: object) -> object:
    if isinstance(value, Decimal):
        return str(value)
    if hasattr(value, "isoformat"):
        return value.isoformat()
    raise TypeError(type(value).__name__)


# ── tables


def catalog(known: Catalog, settings: Settings) -> Json:
    """Return every table, the zone of instants, and the limits that a client goes by."""
    return {
        "tables": [table(each) for each in known.tables.values()],
        "time_zone": known.time_zone,
        "limits": {name: settings[name] for name in TOLD},
    }


def catalog_back(found: Json) -> tuple[Catalog, Settings]:
    """Return what ``catalog`` was given, without what is the engine's alone."""
    tables = [_table_back(each) for each in found["tables"]]
    told = {name: value for name, value in found["limits"].items() if name in TOLD}
    return (
        Catalog({each.name: each for each in tables}, found["time_zone"]),
        limits.load({}).replace(**told),
    )


def table(known: Table) -> Json:
    """Return a table as ``GET /api/tables/{name}`` gives it."""
    vintage = known.vintage
    return {
        "name": known.name,
        "label": known.label,
        "description": known.description,
        "key": list(known.key),
        "vintage": None
        if vintage is None
        else {
            "load_type": vintage.load_type,
            "load_id": vintage.load_id,
            "order_by": vintage.order_by,
            "default_load_type": vintage.default_load_type,
            "default_load_id": vintage.default_load_id,
        },
        "joins": [
            {"to": hint.to, "on": [list(pair) for pair in hint.on], "cardinality": hint.cardinality}
            for hint in known.joins
        ],
        "rows": known.rows,
        "columns": [
            {
                "name": column.name,
                "type": column.type.name,
                "label": column.label,
                "description": column.description,
                "format": _format(column.format),
            }
            for column in known.columns
        ],
    }


def _table_back(found: Json) -> Table:
    vintage = found["vintage"]
    return Table(
        name=found["name"],
        label=found["label"],
        description=found["description"],
        key=tuple(found["key"]),
        vintage=None if vintage is None else VintageColumns(**vintage),
        joins=tuple(
            JoinHint(hint["to"], tuple((left, right) for left, right in hint["on"]), hint["cardinality"])
            for hint in found["joins"]
        ),
        rows=found["rows"],
        columns=tuple(
            Column(
                name=column["name"],
                type=ColumnType(column["type"]),
                label=column["label"],
                description=column["description"],
                format=_format_back(column["format"]),
            )
            for column in found["columns"]
        ),
    )


def _format(form: Format | None) -> Json | None:
    if form is None:
        return None
    return {
        "type": form.type,
        "decimals": form.decimals,
        "currency": form.currency,
        "thousands": form.thousands,
    }


def _format_back(found: Json | None) -> Format | None:
    return None if found is None else Format(**found)


def vintages(found: Sequence[Loads]) -> Json:
    """Return load types and load IDs, newest first."""
    return {
        "load_types": [
            {
                "load_type": loads.load_type,
                "load_ids": [{"load_id": value, "rows": rows} for value, rows in loads.load_ids],
            }
            for loads in found
        ]
    }


def vintages_back(found: Json, known: Table) -> tuple[Loads, ...]:
    """Return load types and IDs as the values that the table's columns hold."""
    columns = known.vintage
    if columns is None:
        return ()

    def value(cell: Scalar, name: str | None) -> Scalar:
        column = None if name is None else known.column(name)
        read = cell if column is None or cell is None else typed(cell, column.type, "", column.name)
        return cell if isinstance(read, Fault) else read

    return tuple(
        Loads(
            value(loads["load_type"], columns.load_type),
            tuple((value(each["load_id"], columns.load_id), each["rows"]) for each in loads["load_ids"]),
        )
        for loads in found["load_types"]
    )


# ── answers


def _in_force_back(found: Json) -> InForce:
    loads = None if found["loads"] is None else tuple((of, load) for of, load in found["loads"])
    return InForce(found["table"], found["load_type"], found["load_id"], loads)


def page_back(found: Json) -> Page:
    """Return what ``Page.as_json`` was made from."""
    return Page(
        columns=tuple(
            PageColumn(
                column["name"], ColumnType(column["type"]), column["label"], _format_back(column["format"])
            )
            for column in found["columns"]
        ),
        rows=found["rows"],
        offset=found["offset"],
        more=found["more"],
        truncated=found["truncated"],
        cut=tuple((row, column) for row, column in found["cut"]),
        elapsed_ms=found["elapsed_ms"],
        vintage=tuple(map(_in_force_back, found["vintage"])),
        notes=tuple(found["notes"]),
        from_cache=found["from_cache"],
    )


def count(found: Count) -> Json:
    """Return a count."""
    return {"rows": found.rows, "exact": found.exact}


def count_back(found: Json) -> Count:
    """Return what ``count`` was given."""
    return Count(**found)


def values(found: Values) -> Json:
    """Return distinct values."""
    return {"values": _values(found.values), "more": found.more}


def values_back(found: Json) -> Values:
    """Return what ``values`` was given."""
    return Values(_values_back(found["values"]), found["more"])


def _values(found: Sequence[Value]) -> list[Json]:
    return [{"value": each.value, "rows": each.rows} | ({"cut": True} if each.cut else {}) for each in found]


def _values_back(found: list[Json]) -> tuple[Value, ...]:
    return tuple(Value(each["value"], each["rows"], each.get("cut", False)) for each in found)


_JOIN_FIGURES = (
    "left_rows", "matched", "unmatched", "multiplied", "right_unmatched", "average_matches", "exact",
    "warning",
)  # fmt: skip


def join_check(found: JoinCheck) -> Json:
    """Return what a join would do."""
    fix = found.fix
    return {
        **{name: getattr(found, name) for name in _JOIN_FIGURES},
        "fix": None if fix is None else {"label": fix.label, "join": step_as_object(fix.join)},
        "sample": found.sample.as_json(),
    }


def join_check_back(found: Json) -> JoinCheck:
    """Return what ``join_check`` was given."""
    fix = found["fix"]
    return JoinCheck(
        **{name: found[name] for name in _JOIN_FIGURES},
        fix=None if fix is None else Fix(fix["label"], join_step(fix["join"])),
        sample=page_back(found["sample"]),
    )


def join_step(found: object, most: Limits = DEFAULT_LIMITS) -> Join:
    """Read the join that is to be checked.

    Raises
    ------
    QueryInvalid
        With paths from ``join``.
    """
    step = step_from_object(found, most, "join")
    if not isinstance(step, Join):
        raise QueryInvalid([Fault("wrong-value", "join", "This should be a join.")])
    return step


def profile(found: Profile) -> Json:
    """Return a column summed up."""
    return {
        "type": found.type.name,
        "rows": found.rows,
        "empty": found.empty,
        "distinct": found.distinct,
        "min": found.min,
        "max": found.max,
        "average": found.average,
        "top": _values(found.top),
    }


def profile_back(found: Json) -> Profile:
    """Return what ``profile`` was given."""
    return Profile(**{**found, "type": ColumnType(found["type"]), "top": _values_back(found["top"])})


# ── refusals


def problem_back(found: Json, status: int) -> AuroraError:
    """Return the error that a problem document tells of."""
    detail = str(found.get("detail") or f"The service answered with status {status}.")
    kind = _KINDS.get(str(found.get("code")), AuroraError)
    if kind is QueryInvalid:
        faults = found.get("faults") or ()
        return QueryInvalid(
            [Fault(**{str(key): value for key, value in fault.items()}) for fault in faults], detail
        )
    if status >= _BROKEN and not found.get("retry_after") and found.get("request_id"):
        detail = f"{detail} (Request {found['request_id']}.)"
    return kind(detail, fix=found.get("fix"), retry_after=found.get("retry_after"))


_BROKEN = 500


def _all(kind: type[AuroraError]) -> list[type[AuroraError]]:
    return [kind, *(each for below in kind.__subclasses__() for each in _all(below))]


_KINDS = {
    kind.code: kind
    for kind in _all(AuroraError)
    if kind.__module__ == AuroraError.__module__ and kind is not CatalogInvalid
}
