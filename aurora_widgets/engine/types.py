"""DuckDB's types as Aurora names them, and how a table's view exposes each.

Documents know few types, so a view casts the rest to one of them once, and all that
comes after (operators, cells, exports, the other engine) meets only those. A cast keeps
every value readable: as text where nothing else holds it.
"""

from __future__ import annotations

import re

from aurora_widgets.query import types as t
from aurora_widgets.query.types import ColumnType

_PLAIN: dict[str, ColumnType] = {
    "BOOLEAN": t.BOOLEAN,
    "TINYINT": ColumnType("int8"),
    "SMALLINT": ColumnType("int16"),
    "INTEGER": ColumnType("int32"),
    "BIGINT": t.INT64,
    "HUGEINT": t.INT128,
    "UTINYINT": ColumnType("uint8"),
    "USMALLINT": ColumnType("uint16"),
    "UINTEGER": ColumnType("uint32"),
    "UBIGINT": ColumnType("uint64"),
    "UHUGEINT": ColumnType("uint128"),
    "FLOAT": ColumnType("float32"),
    "DOUBLE": t.FLOAT64,
    "VARCHAR": t.TEXT,
    "DATE": t.DATE,
    "TIMESTAMP": t.TIMESTAMP,
    "TIMESTAMP WITH TIME ZONE": t.TIMESTAMPTZ,
    "TIME": t.TIME,
    "INTERVAL": t.INTERVAL,
    "BLOB": t.BINARY,
    "UUID": t.UUID,
}
"""Exposed as they are."""

_CAST: dict[str, str] = {
    "TIMESTAMP_S": "TIMESTAMP",
    "TIMESTAMP_MS": "TIMESTAMP",
    "TIMESTAMP_NS": "TIMESTAMP",
    "TIME_NS": "TIME",
    "TIME WITH TIME ZONE": "VARCHAR",
    "BIT": "VARCHAR",
    "BIGNUM": "VARCHAR",
    "JSON": "VARCHAR",
    "VARIANT": "VARCHAR",
    "GEOMETRY": "VARCHAR",
    '"NULL"': "VARCHAR",
    "NULL": "VARCHAR",
}
"""Exposed as another type."""

_NESTED = re.compile(r"(?:STRUCT|MAP)\(|.*\]$", re.DOTALL)
_OPAQUE = re.compile(r"\b(?:UHUGEINT|BIT|BIGNUM|VARIANT|UNION|GEOMETRY|TIME WITH TIME ZONE|TIME_NS|ENUM)\b")
"""What Arrow cannot carry inside a list or a struct; such a column is shown as text."""
_DECIMAL = re.compile(r"DECIMAL\((\d+),\s*(\d+)\)$")
_SPELLED = {known.name: spelled for spelled, known in _PLAIN.items()}


def exposed(spelled: str) -> str:
    """Return the DuckDB type under which a view shows a column of the type ``spelled``."""
    if spelled in _PLAIN or _DECIMAL.match(spelled):
        return spelled
    if _NESTED.match(spelled) and not _OPAQUE.search(spelled):
        return spelled
    return _CAST.get(spelled, "VARCHAR")  # ENUM, UNION and what DuckDB learns next


def column_type(spelled: str) -> ColumnType:
    """Return the type that a view's column of the DuckDB type ``spelled`` has for documents."""
    shown = exposed(spelled)
    digits = _DECIMAL.match(shown)
    if digits is not None:
        return t.decimal(int(digits[1]), int(digits[2]))
    return _PLAIN.get(shown, t.NESTED)


def duckdb_type(known: ColumnType) -> str | None:
    """Return DuckDB's spelling of a column type; ``None`` where there is no one spelling."""
    if known.is_decimal:
        precision, scale = known.precision_scale
        return f"DECIMAL({precision},{scale})"
    return _SPELLED.get(known.name)
