"""Arrow columns to JSON cells, exactly: what a page's rows and a JSON export hold.

========================  ===========================================================
type                      cell
========================  ===========================================================
integer                   a number; beyond 2^53 its digits as text
decimal                   its digits as text, at its scale
float                     a number; ``NaN``, ``Infinity`` and ``-Infinity`` as text
date, timestamp, time     ISO 8601; a fraction of a second only where there is one
timestamp with a zone     the same in the catalog's zone, with its offset
interval                  in words: ``1 year 2 months 3 days 04:05:06``
binary                    its first bytes in hex, and how many there are
list, struct, map         JSON text
NULL                      ``null``
========================  ===========================================================
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.types as kinds
import simplejson

if TYPE_CHECKING:
    from collections.abc import Callable

    from aurora_widgets.query.types import ColumnType

Cell = str | int | float | bool | None
"""What JSON has room for."""

_EXACT = 2**53
_BYTES_SHOWN = 16
_DAY_ONE = 719_163  # 1970-01-01, counted as ``date.fromordinal`` does
_LAST_DAY = dt.date.max.toordinal() - _DAY_ONE
_FIRST_DAY = dt.date.min.toordinal() - _DAY_ONE
_NS = 1_000_000_000
_DAY_NS = 86_400 * _NS
_TICK = {"s": _NS, "ms": 1_000_000, "us": 1_000, "ns": 1}
_FOREVER = {32: 2**31 - 1, 64: 2**63 - 1}
_EPOCH = dt.datetime(1970, 1, 1)  # noqa: DTZ001 a timestamp without a zone
_EPOCH_UTC = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


def cells(
    column: pa.Array[Any] | pa.ChunkedArray[Any], kind: ColumnType, time_zone: str = "UTC"
) -> list[Cell]:
    """Return the cells of one column.

    Parameters
    ----------
    column
        The values as the engine gave them.
    kind
        The column's type; it decides where an engine's Arrow type is wider (a huge
        integer that comes as a decimal).
    time_zone
        The zone in which instants are shown.
    """
    array = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    if isinstance(array, pa.ChunkedArray):  # no chunk at all
        return []
    values = _plain(array, ZoneInfo(time_zone))
    if kind.is_whole:
        top = 2**128 if kind.name == "uint128" else 0  # Arrow has no unsigned one: its sign bit is a digit
        return [None if v is None else _whole(int(v) + (top if v < 0 else 0)) for v in values]
    if kind.name == "nested":
        return [None if value is None else _text(value) for value in values]
    return [_cell(value) for value in values]


def cut(rows: list[Cell], longest: int) -> list[int]:
    """Shorten in place the texts of more than ``longest`` characters; return which they were."""
    found = [i for i, cell in enumerate(rows) if isinstance(cell, str) and len(cell) > longest]
    for i in found:
        rows[i] = f"{str(rows[i])[:longest]}…"
    return found


def _whole(value: int) -> Cell:
    return value if -_EXACT <= value <= _EXACT else str(value)


def _cell(value: Any) -> Cell:
    match value:
        case None | bool() | str():
            return value
        case int():
            return _whole(value)
        case float():
            return value if abs(value) < float("inf") else _infinite(value)
        case Decimal():
            return format(value, "f")
        case _:
            return _text(value)


def _text(value: Any) -> str:
    return simplejson.dumps(_json(value), ensure_ascii=False, use_decimal=True)


def _infinite(value: float) -> str:
    return "NaN" if value != value else "Infinity" if value > 0 else "-Infinity"  # noqa: PLR0124 NaN's own test


def _json(value: Any) -> Any:
    match value:
        case float() if not abs(value) < float("inf"):
            return _infinite(value)
        case list():
            return [_json(item) for item in value]
        case dict():
            return {key: _json(item) for key, item in value.items()}
        case _:
            return value


def _plain(array: pa.Array[Any], zone: ZoneInfo) -> list[Any]:
    """Return Python values in which no date, time, interval or bytes are left: those are text."""
    kind = array.type
    if isinstance(kind, pa.BaseExtensionType):
        return _plain(array.storage, zone)  # type: ignore[attr-defined]
    if kinds.is_dictionary(kind):
        return _plain(array.dictionary_decode(), zone)  # type: ignore[attr-defined]
    if kinds.is_float32(kind):  # its shortest text is what a person typed; as a double it grows digits
        return [None if text is None else float(text) for text in pc.cast(array, pa.string()).to_pylist()]
    if kinds.is_date(kind):
        days = pc.cast(array, pa.date32()) if kinds.is_date64(kind) else array
        return _each(pc.cast(days, pa.int32()), _date)
    if kinds.is_timestamp(kind):
        tick = _TICK[kind.unit]
        shown = zone if kind.tz else None
        return _each(pc.cast(array, pa.int64()), lambda value: _timestamp(value, tick, shown))
    if kinds.is_time(kind):
        tick = _TICK[kind.unit]
        width = pa.int32() if kind.bit_width == 32 else pa.int64()  # noqa: PLR2004 Arrow's two widths
        return _each(pc.cast(array, width), lambda value: _time(value * tick))
    if kinds.is_interval(kind):
        return _each(array, _interval)
    if kinds.is_duration(kind):
        tick = _TICK[kind.unit]
        return _each(pc.cast(array, pa.int64()), lambda value: _interval((0, 0, value * tick)))
    if kinds.is_binary(kind) or kinds.is_large_binary(kind) or kinds.is_fixed_size_binary(kind):
        return _each(array, _blob)
    if kinds.is_map(kind):
        return [None if not s.is_valid else _map(s.values, zone) for s in array]
    if kinds.is_struct(kind):
        fields = {f.name: _plain(part, zone) for f, part in zip(kind, array.flatten(), strict=True)}  # type: ignore[attr-defined]
        return [
            {name: values[i] for name, values in fields.items()} if s.is_valid else None
            for i, s in enumerate(array)
        ]
    if kinds.is_list(kind) or kinds.is_large_list(kind) or kinds.is_fixed_size_list(kind):
        return [None if not s.is_valid else _plain(s.values, zone) for s in array]
    if kinds.is_union(kind):
        return [None if not s.is_valid else _plain(pa.array([s.value]), zone)[0] for s in array]
    return array.to_pylist()


def _each(array: pa.Array[Any], text: Callable[[Any], str]) -> list[str | None]:
    return [None if value is None else text(value) for value in array.to_pylist()]


def _map(entries: pa.Array[Any], zone: ZoneInfo) -> dict[str, Any]:
    pairs = _plain(entries, zone)
    return {str(_cell(next(iter(pair.values())))): list(pair.values())[1] for pair in pairs}


def _date(days: int) -> str:
    if _FIRST_DAY <= days <= _LAST_DAY:
        return dt.date.fromordinal(days + _DAY_ONE).isoformat()
    if abs(days) == _FOREVER[32]:
        return "infinity" if days > 0 else "-infinity"
    cycles, day = divmod(days, 146_097)  # the calendar repeats every 400 years
    shifted = dt.date.fromordinal(day + _DAY_ONE)
    year = shifted.year + 400 * cycles
    rest = shifted.isoformat()[4:]
    return f"{year:04d}{rest}" if year > 0 else f"{1 - year:04d}{rest} (BC)"


def _time(ns: int) -> str:
    seconds, fraction = divmod(ns, _NS)
    text = f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
    if fraction:
        text += f".{fraction // 1000:06d}" if fraction % 1000 == 0 else f".{fraction:09d}"
    return text


def _timestamp(value: int, tick: int, zone: ZoneInfo | None) -> str:
    ns = value * tick
    try:
        if ns % 1000 == 0:
            since = dt.timedelta(microseconds=ns // 1000)
            return (_EPOCH + since if zone is None else (_EPOCH_UTC + since).astimezone(zone)).isoformat()
    except OverflowError:  # beyond the years that Python has: by hand, below
        if abs(value) == _FOREVER[64]:
            return "infinity" if value > 0 else "-infinity"
    offset = ""
    if zone is not None:
        shift = _offset(ns, zone)
        ns += shift * _NS
        hours, rest = divmod(abs(shift), 3600)
        offset = f"{'-' if shift < 0 else '+'}{hours:02d}:{rest // 60:02d}"
    days, in_day = divmod(ns, _DAY_NS)
    date, _, era = _date(days).partition(" ")
    return f"{date}T{_time(in_day)}{offset} {era}".rstrip()


def _offset(ns: int, zone: ZoneInfo) -> int:
    """Return the seconds by which the zone's clock is ahead of UTC; none in years without a clock."""
    try:
        shift = dt.datetime.fromtimestamp(ns // _NS, dt.UTC).astimezone(zone).utcoffset()
    except (OverflowError, ValueError):
        return 0
    return 0 if shift is None else round(shift.total_seconds())


def _interval(value: Any) -> str:
    months, days, ns = value
    sign = "-" if ns < 0 else ""
    years, months = divmod(abs(months), 12) if months >= 0 else (-(-months // 12), -(-months % 12))
    parts = [
        f"{count} {word}{'' if abs(count) == 1 else 's'}"
        for count, word in ((years, "year"), (months, "month"), (days, "day"))
        if count
    ]
    if ns or not parts:
        parts.append(sign + _time(abs(ns)))
    return " ".join(parts)


def _blob(value: bytes) -> str:
    more = "…" if len(value) > _BYTES_SHOWN else ""
    return f"0x{value[:_BYTES_SHOWN].hex()}{more} ({len(value):,} byte{'' if len(value) == 1 else 's'})"
