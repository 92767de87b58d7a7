"""Cells as a person reads them: JSON cells of a page to texts, and widths that fit them.

Everything is exact: decimals and large whole numbers arrive as text and are rounded as
decimal numbers (half away from zero), never by way of a float.
"""

from __future__ import annotations

import datetime as dt
import json
import unicodedata
from decimal import ROUND_HALF_UP, Context, Decimal, InvalidOperation
from typing import TYPE_CHECKING

from aurora_widgets.query.functions import BUCKETS
from aurora_widgets.query.types import ColumnType, Family

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from aurora_widgets.catalog.model import Format

Cell = object
"""A JSON value as a page carries it."""

CUT = 1_000
"""Characters of a cell that are sent to the page; the ask ``cell`` gives the rest."""

_EXACT = Context(prec=1_000, rounding=ROUND_HALF_UP)
_HUNDRED = Decimal(100)
_LONGEST_PLAIN = Decimal("1e21")
_WORDS = {"NaN": "NaN", "Infinity": "∞", "-Infinity": "-∞", "inf": "∞", "-inf": "-∞", "nan": "NaN"}


def formatter(type_: ColumnType, chosen: Format | None = None) -> Callable[[Cell], str | None]:
    """Return what turns a column's cells into text.

    Parameters
    ----------
    type_
        The column's type.
    chosen
        The catalog's format; by default two decimals for doubles, a decimal's own scale,
        thousands separators for every number, ISO dates.

    Returns
    -------
    callable
        A cell to the whole text of it; ``None`` for an empty cell.
    """
    kind = chosen.type if chosen is not None else ""
    bucket = bucket_of(chosen)
    if bucket is not None:
        return lambda cell: bucketed(cell, bucket) if isinstance(cell, str) else _text(cell)
    if type_.family is Family.NUMBER and kind not in {"text", "date"}:
        return _number(type_, chosen)
    if type_.family is Family.TIMESTAMP:
        return _day if kind == "date" else _moment
    return _text


def bucket_of(chosen: Format | None) -> str | None:
    """Return what a date is cut to, by its format."""
    return chosen.type if chosen is not None and chosen.type in BUCKETS else None


def bucketed(text: str, bucket: str) -> str:
    """Return the first day of a bucket as the bucket: ``2024``, ``2024 Q2``, ``2024-06``, ``2024-W23``.

    Sorted as texts they stand in the order of the dates. A date before year 1 or after 9999, and
    whatever is not a bucket's first day, stays as it is: nothing may hide that it is another day.
    """
    day, _, clock = text.replace("T", " ", 1).partition(" ")
    try:
        date = dt.date.fromisoformat(day)
    except ValueError:
        return text
    first = (date.month, date.day)
    midnight = not clock.removesuffix("Z")[:8].strip("0:")
    match bucket:
        case "year" if first == (1, 1) and midnight:
            return f"{date.year:04d}"
        case "quarter" if date.day == 1 and date.month % 3 == 1 and midnight:
            return f"{date.year:04d} Q{(date.month + 2) // 3}"
        case "month" if date.day == 1 and midnight:
            return day[:7]
        case "week" if date.weekday() == 0 and midnight:
            year, week, _ = date.isocalendar()
            return f"{year:04d}-W{week:02d}"
        case "day" if midnight:
            return day
        case "hour" if clock[2:8] in {":00:00", ":00"}:
            return f"{day} {clock[:5]}"
        case _:
            return _moment(text) or text


def shown(text: str | None) -> str | None:
    """Cut a text to what is sent to the page; what was cut ends in ``…``."""
    if text is None or len(text) <= CUT:
        return text
    return text[:CUT] + "…"


def width(label: str, texts: Iterable[str | None]) -> int:
    """Return the pixels that fit a column's header and cells, between 48 and 420."""
    header = _pixels(label) + 44  # type glyph, sort arrow, menu
    cells = max((_pixels(text) for text in texts if text), default=0)
    return max(48, min(420, max(header, cells) + 17))


def _number(type_: ColumnType, chosen: Format | None) -> Callable[[Cell], str | None]:
    comma = "," if chosen is None or chosen.thousands else ""
    decimals = _decimals(type_, chosen)
    percent = chosen is not None and chosen.type == "percent"
    # A double that is tiny must not read as zero, unless the catalog says how many digits count.
    faithful = type_.is_float and (chosen is None or chosen.decimals is None) and not percent

    def show(cell: Cell) -> str | None:
        if cell is None:
            return None
        if isinstance(cell, bool):
            return _text(cell)
        written = repr(cell) if isinstance(cell, float) else str(cell)
        if written in _WORDS:
            return _WORDS[written]
        try:
            number = _EXACT.create_decimal(written)
        except InvalidOperation:
            return written
        if percent:
            number = _EXACT.multiply(number, _HUNDRED)
        if faithful and abs(number) >= _LONGEST_PLAIN:
            return f"{number:.2e}"
        rounded = number if decimals is None else _EXACT.quantize(number, Decimal(1).scaleb(-decimals))
        if not rounded:
            if faithful and number:
                return f"{number:.2g}" if abs(number) >= Decimal("0.00001") else f"{number:.2e}"
            rounded = abs(rounded)  # no minus before zero
        return f"{rounded:{comma}f}" + ("%" if percent else "")

    return show


def _decimals(type_: ColumnType, chosen: Format | None) -> int | None:
    if chosen is not None and chosen.decimals is not None:
        return chosen.decimals
    match chosen.type if chosen is not None else "":
        case "integer":
            return 0
        case "currency":
            return 2
        case "percent":
            return 1
    if type_.is_decimal:
        return type_.precision_scale[1]
    return 2 if type_.is_float else None


def _moment(cell: Cell) -> str | None:
    if not isinstance(cell, str):
        return _text(cell)
    text = cell.replace("T", " ", 1)
    clock, point, fraction = text.partition(".")
    if point:
        digits = len(fraction) - len(fraction.lstrip("0123456789"))
        kept = fraction[:digits].rstrip("0")
        text = clock + (f".{kept}" if kept else "") + fraction[digits:]
    return text


def _day(cell: Cell) -> str | None:
    text = _text(cell)
    return text if text is None else text.replace("T", " ", 1).partition(" ")[0]


def _text(cell: Cell) -> str | None:
    match cell:
        case None:
            return None
        case bool():
            return "true" if cell else "false"
        case str():
            return cell
        case int() | float() | Decimal():
            written = str(cell)
            return _WORDS.get(written, written)
        case _:
            return json.dumps(cell, ensure_ascii=False, default=str)


def _pixels(text: str) -> int:
    # 12.5 px text: about 7 px a character, twice that for East Asian wide ones.
    line = text[:120]
    return sum(13 if unicodedata.east_asian_width(letter) in "WF" else 7 for letter in line)
