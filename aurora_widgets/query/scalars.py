"""JSON text to exact scalars: no number goes through a float, none is allowed to blow up."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from decimal import Decimal
from typing import Any

import simplejson

from aurora_widgets.errors import Fault, QueryInvalid
from aurora_widgets.query.write import plain

MOST_DIGITS = 1_000
"""Digits of a number in a document, before and after the point together, zeros included."""


class LargeNumber:
    """A number with more digits than ``MOST_DIGITS``, kept to be refused where it stands."""

    def __str__(self) -> str:
        return "a very large number"


class _Object(dict[str, object]):
    """A JSON object that remembers which keys it had twice."""

    duplicates: tuple[str, ...] = ()


def _object(pairs: list[tuple[str, Any]]) -> _Object:
    made = _Object(pairs)
    if len(made) < len(pairs):
        counts = Counter(key for key, _ in pairs)
        made.duplicates = tuple(key for key, count in counts.items() if count > 1)
    return made


def _number(text: str) -> int | Decimal | LargeNumber:
    if len(text) > MOST_DIGITS:
        return LargeNumber()
    if re.fullmatch(r"-?\d+", text):
        return int(text)
    number = Decimal(text)
    return LargeNumber() if _is_large(number) else number


def _is_large(number: Decimal) -> bool:
    exponent = number.as_tuple().exponent
    return not isinstance(exponent, int) or max(abs(exponent), abs(number.adjusted())) > MOST_DIGITS


def exact_json(text: str) -> object:
    """Parse JSON text, numbers exactly.

    Raises
    ------
    simplejson.JSONDecodeError, RecursionError
    """
    parsed: object = simplejson.loads(text, parse_int=_number, parse_float=_number, object_pairs_hook=_object)
    return parsed


def parsed(source: str | bytes, most: int) -> object:
    """Parse a document's text of at most ``most`` bytes.

    Raises
    ------
    QueryInvalid
    """
    size = len(source) if isinstance(source, bytes) else len(source.encode("utf-8", "surrogatepass"))
    if size > most:
        raise QueryInvalid(
            [Fault("too-large", "", f"The question is {size:,} bytes long; {most:,} are allowed.")]
        )
    try:
        text = source.decode() if isinstance(source, bytes) else source
        return exact_json(text.removeprefix("\ufeff"))
    except UnicodeDecodeError:
        raise QueryInvalid([Fault("not-json", "", "The question is not UTF-8 text.")]) from None
    except RecursionError:
        raise QueryInvalid([Fault("too-deep", "", "The question is nested too deeply.")]) from None
    except simplejson.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise QueryInvalid([Fault("not-json", "", f"The question is not JSON ({where}).")]) from None


def scalar(value: object) -> str | int | Decimal | bool | LargeNumber | None:
    """Return a value of JSON or of Python as the document's scalar; ``None`` where it is none."""
    if isinstance(value, LargeNumber):
        return value
    try:
        found = plain(value)
    except TypeError:
        return None
    if isinstance(found, Decimal):
        return LargeNumber() if _is_large(found) else found
    if isinstance(found, int) and abs(found) > _LARGEST:
        return LargeNumber()
    return found


_LARGEST = 10**MOST_DIGITS
_DATE = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
_TIME = r"[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?(Z|[+-][0-9]{2}:[0-9]{2})?"
MOMENT = f"^{_DATE}([T ]{_TIME})?$"
"""An ISO date, or date and time, as a pattern that JSON Schema shares."""


def is_moment(text: str) -> bool:
    """Whether a text is an ISO date, or date and time, that the calendar has."""
    if text.endswith("\n") or not re.match(MOMENT, text):
        return False
    try:
        dt.datetime.fromisoformat(text)
    except ValueError:
        return False
    return True
