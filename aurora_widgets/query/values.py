"""Values typed by the column they stand against, exactly, or a fault that says what would do.

Nothing passes through a float unless the column is one. A number in text is a number
(digits, a point, perhaps an exponent: ``1e5`` is 100000; ``12,5`` and ``1_000`` are
refused). A number may have more digits than the column, or a fraction where the column
has none: the comparison is exact all the same. On a timestamp, a date stays a ``date``,
which means the whole day.
"""

from __future__ import annotations

import datetime as dt
import math
import re
import struct
from decimal import Decimal
from typing import TYPE_CHECKING

from aurora_widgets.errors import Fault
from aurora_widgets.query.faults import at, shown
from aurora_widgets.query.functions import MAX_DIGITS
from aurora_widgets.query.types import ColumnType, Family

if TYPE_CHECKING:
    from collections.abc import Iterable

    from aurora_widgets.query.model import Scalar

_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,4})?\Z", re.ASCII)
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}\Z", re.ASCII)
_STAMP = re.compile(
    r"(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2})(:\d{2})?(?:\.(\d{1,9}))?(Z|[+-]\d{2}(?::?\d{2})?)?\Z", re.ASCII
)
_NOT_FINITE = {"nan": math.nan, "infinity": math.inf, "+infinity": math.inf, "-infinity": -math.inf}
_MOST_TEXT = 1_000


class _Refused(Exception):
    """Carries what would be accepted, and the nearest value where there is one."""

    def __init__(self, wanted: str, suggestion: str | None = None) -> None:
        super().__init__(wanted)
        self.wanted = wanted
        self.suggestion = suggestion


def typed(value: Scalar, column_type: ColumnType, path: str, column: str) -> Scalar | Fault:
    """Return a value as its column's type, or the fault.

    Parameters
    ----------
    value
        As the document has it.
    column_type
        What it stands against.
    path
        Where it stands, for the fault.
    column
        The column's name, for the fault.

    Returns
    -------
    Scalar or Fault
        ``int`` or ``Decimal`` on integers and decimals, ``float`` on floats (rounded to
        ``float32`` there), ``str``, ``bool``, ``date``; on a timestamp a ``date`` (the
        whole day) or a ``datetime``, which has a zone only where the text has one.
    """
    try:
        return _convert(value, column_type)
    except _Refused as refused:
        message = f"{shown(value)} does not fit `{column}`: {refused.wanted}."
        return Fault("wrong-value", path, message, refused.suggestion)


def typed_list(
    values: Iterable[Scalar], column_type: ColumnType, path: str, column: str
) -> tuple[tuple[Scalar, ...], tuple[Fault, ...]]:
    """Return the values of a list typed by their column, and a fault for each bad one."""
    good: list[Scalar] = []
    faults: list[Fault] = []
    for index, value in enumerate(values):
        result = typed(value, column_type, at(path, index), column)
        if isinstance(result, Fault):
            faults.append(result)
        else:
            good.append(result)
    return tuple(good), tuple(faults)


def _convert(value: Scalar, column_type: ColumnType) -> Scalar:
    if value is None:
        raise _Refused("a value is needed here; use `is empty` for cells without one")
    if column_type.is_float:
        return _floating(value, column_type)
    match column_type.family:
        case Family.NUMBER:
            return _exact(value, column_type)
        case Family.TEXT:
            return _text(value)
        case Family.BOOLEAN:
            return _boolean(value)
        case Family.DATE:
            return _date(value)
        case Family.TIMESTAMP:
            return _timestamp(value, zoned=column_type.name == "timestamptz")
        case Family.OTHER:
            raise _Refused("this kind of column can only be asked whether it is empty")


_A_NUMBER = "write a number with digits and a point, such as 12.5"


def _number(value: Scalar) -> Decimal:
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        number = Decimal(value)
    elif isinstance(value, float):
        number = Decimal(repr(value))
    elif isinstance(value, str) and len(value) <= _MOST_TEXT and _NUMBER.match(value.strip()):
        number = Decimal(value.strip())
    else:
        raise _Refused(_A_NUMBER, _with_a_point(value))
    return number


def _with_a_point(value: Scalar) -> str | None:
    """Return ``12.5`` for ``12,5`` and ``1234.5`` for ``1,234.5``: only where it is plain."""
    if not isinstance(value, str):
        return None
    text = value.strip()
    if re.match(r"[+-]?\d+,(\d{1,2}|\d{4,})\Z", text, re.ASCII):
        return text.replace(",", ".")
    if re.match(r"[+-]?\d{1,3}(,\d{3}){2,}(\.\d+)?\Z|[+-]?\d{1,3},\d{3}\.\d+\Z", text, re.ASCII):
        return text.replace(",", "")
    return None


_WIDEST = {"int128": (-(2**127), 2**127 - 1), "uint128": (0, 2**128 - 1)}
"""The ends of the integers that have a digit more than a decimal."""


def _exact(value: Scalar, column_type: ColumnType) -> int | Decimal:
    number = _number(value)
    if not number.is_finite():
        raise _Refused("this column has no such number")
    if number == 0:
        return 0
    least, most = _WIDEST.get(column_type.name, (0, 0))
    if least <= number <= most and number == int(number):
        return int(number)
    if max(_whole_digits(number) + _fraction_digits(number), 1) > MAX_DIGITS:
        raise _Refused(f"a number here has at most {MAX_DIGITS} digits")
    return int(number) if number == number.to_integral_value() else number


def _whole_digits(number: Decimal) -> int:
    return max(number.adjusted() + 1, 0)


def _fraction_digits(number: Decimal) -> int:
    """Return how many digits after the point are not trailing zeros."""
    _, digits, exponent = number.as_tuple()
    places = -exponent if isinstance(exponent, int) else 0
    trailing = 0
    while trailing < min(places, len(digits)) and digits[-1 - trailing] == 0:
        trailing += 1
    return max(places - trailing, 0)


def _floating(value: Scalar, column_type: ColumnType) -> float:
    if isinstance(value, str) and value.strip().casefold() in _NOT_FINITE:
        return _NOT_FINITE[value.strip().casefold()]
    if isinstance(value, float) and not math.isfinite(value):
        return value
    number = _number(value)
    if not number.is_finite():
        return float(number)
    try:
        nearest = float(number)
        if column_type.name == "float32":
            nearest = struct.unpack("f", struct.pack("f", nearest))[0]
    except OverflowError:
        nearest = math.inf
    if math.isinf(nearest):
        raise _Refused("the number is larger than this column can hold")
    return nearest


def _text(value: Scalar) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    if isinstance(value, bool):
        raise _Refused("this column holds text", str(value).lower())
    raise _Refused("this column holds text, so write it in quotes", str(value))


def _boolean(value: Scalar) -> bool:
    if isinstance(value, bool):
        return value
    words = {"true": True, "false": False}
    if isinstance(value, str) and value.strip().casefold() in words:
        return words[value.strip().casefold()]
    raise _Refused("use true or false")


def _date(value: Scalar) -> dt.date:
    if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        return value
    if isinstance(value, str) and _DATE.match(value.strip()):
        try:
            return dt.date.fromisoformat(value.strip())
        except ValueError:
            raise _Refused("there is no such day in the calendar") from None
    raise _Refused("write a date as year-month-day, such as 2024-02-29")


def _timestamp(value: Scalar, *, zoned: bool) -> dt.date:
    stamp: dt.date | None = value if isinstance(value, dt.date) else None
    if isinstance(value, str):
        if _DATE.match(value.strip()):
            return _date(value)
        stamp = _parse(value.strip())
    if stamp is None:
        raise _Refused("write a date and time such as 2024-02-29 13:30, or a date for the whole day")
    if isinstance(stamp, dt.datetime) and stamp.tzinfo is not None and not zoned:
        raise _Refused("the column's times have no time zone, so leave the zone out")
    return stamp


def _parse(text: str) -> dt.datetime | None:
    match = _STAMP.match(text)
    if match is None:
        return None
    day, minutes, seconds, fraction, zone = match.groups()
    if fraction and (seconds is None or fraction[6:].strip("0")):
        raise _Refused("times go down to the microsecond: six digits after the seconds' point")
    fraction = f".{fraction[:6]:0<6}" if fraction else ""
    try:
        return dt.datetime.fromisoformat(f"{day}T{minutes}{seconds or ':00'}{fraction}{zone or ''}")
    except ValueError:
        raise _Refused("there is no such day or time") from None


_ITEM = re.compile(r'\s*"((?:[^"]|"")*)"\s*(?=[,\n]|\Z)|([^,\n]*)')


def split_list(text: str) -> list[str]:
    """Return the items of the editor's text ``a, b, "c, d"``.

    Commas and line ends part the items; spaces around one are dropped, and so are items
    with nothing in them. In double quotes an item keeps commas, line ends and spaces, and
    a doubled quote is one; ``""`` is the empty text. A quote elsewhere is a character.
    """
    items: list[str] = []
    position = 0
    while position <= len(text):
        match = _ITEM.match(text, position)
        assert match is not None  # noqa: S101 - the second branch matches anything
        if match[1] is not None:
            items.append(match[1].replace('""', '"'))
        elif match[2].strip():
            items.append(match[2].strip())
        position = match.end() + 1
    return items


def join_list(items: Iterable[str]) -> str:
    """Return the text that ``split_list`` reads back as these items."""
    return ", ".join(_quoted(item) for item in items)


def _quoted(item: str) -> str:
    plain = item and item == item.strip() and not re.search(r'[,\n"]', item)
    return item if plain else '"' + item.replace('"', '""') + '"'
