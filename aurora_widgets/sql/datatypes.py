"""Column types as Ibis knows them, and calls of engine functions as typed Ibis values."""

from __future__ import annotations

import functools
import inspect
from typing import Any

import ibis.expr.datatypes as dt
import ibis.expr.types as ir
from ibis.expr.operations import udf

from aurora_widgets.query.types import INT128, INTERVAL, TIMESTAMP, TIMESTAMPTZ, ColumnType, decimal

_PLAIN: dict[str, dt.DataType] = {
    "int8": dt.int8,
    "int16": dt.int16,
    "int32": dt.int32,
    "int64": dt.int64,
    "int128": dt.Decimal(38, 0),
    "uint8": dt.uint8,
    "uint16": dt.uint16,
    "uint32": dt.uint32,
    "uint64": dt.uint64,
    "uint128": dt.Decimal(38, 0),
    "float32": dt.float32,
    "float64": dt.float64,
    "text": dt.string,
    "boolean": dt.boolean,
    "date": dt.date,
    "timestamp": dt.Timestamp(),
    "timestamptz": dt.Timestamp(timezone="UTC"),
    "time": dt.time,
    "interval": dt.Interval("us"),
    "binary": dt.binary,
    "uuid": dt.uuid,
    "nested": dt.unknown,
    "unknown": dt.unknown,
}
"""Ibis has no 128-bit integer; the widest decimal stands for it and is never printed."""


def ibis_type(column_type: ColumnType) -> dt.DataType:
    """Return the Ibis type of a column of this type."""
    if column_type.is_decimal:
        return dt.Decimal(*column_type.precision_scale)
    return _PLAIN[column_type.name]


_NAMES: dict[dt.DataType, str] = {
    kind: name for name, kind in reversed(_PLAIN.items()) if name not in {"int128", "uint128", "nested"}
}


def column_type(kind: dt.DataType) -> ColumnType:
    """Return the column type of an Ibis type, which shows a 128-bit integer as the widest decimal."""
    kind = kind(nullable=True)
    if kind == _PLAIN["int128"]:
        return INT128
    if isinstance(kind, dt.Decimal) and kind.precision is not None and kind.scale is not None:
        return decimal(kind.precision, kind.scale)
    if isinstance(kind, dt.Timestamp):
        return TIMESTAMP if kind.timezone is None else TIMESTAMPTZ
    if isinstance(kind, dt.Interval):
        return INTERVAL
    return ColumnType(_NAMES.get(kind, "nested"))


def call(function: str, *args: ir.Value, to: ColumnType) -> Any:
    """Return the call of an engine's own function, typed as ``to``."""
    return _function(function, tuple(arg.type() for arg in args), ibis_type(to))(*args)


def decimal_call(function: str, *args: ir.Value) -> Any:
    """Return the call of a function that makes a decimal of as many digits as the engine chooses."""
    return _function(function, tuple(arg.type() for arg in args), dt.Decimal())(*args)


@functools.lru_cache(maxsize=1024)
def _function(name: str, args: tuple[dt.DataType, ...], result: dt.DataType) -> Any:
    def function() -> None: ...

    function.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
        [inspect.Parameter(f"a{at}", inspect.Parameter.POSITIONAL_ONLY) for at, _ in enumerate(args)]
    )
    return udf.scalar.builtin(name=name, signature=(args, result))(function)
