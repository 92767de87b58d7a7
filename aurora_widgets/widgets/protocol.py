"""Messages from the page, checked: the twin of ``js/protocol.ts``.

The page is not trusted. ``message`` takes whatever arrived and returns a frozen deed or ask,
or refuses it with a sentence; sizes and depths are bounded before anything looks inside.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING

from aurora_widgets.errors import AuroraError
from aurora_widgets.query import read
from aurora_widgets.query.model import Aggregate, Filter, Join, Query, Scalar, SortKey, Tree, Vintage
from aurora_widgets.query.read import Limits
from aurora_widgets.widgets.messages import (
    Ask,
    AskCalculated,
    AskCell,
    AskCode,
    AskCount,
    Asked,
    AskFormulas,
    AskFunctions,
    AskJoinCheck,
    AskKeys,
    AskLoads,
    AskProfile,
    AskSummary,
    AskTable,
    AskValues,
    Before,
    Calculate,
    Calculated,
    ChooseVintage,
    Deed,
    FilterCell,
    OnChip,
    Pick,
    Plain,
    Search,
    SetFilter,
    SetJoins,
    SetQuery,
    SetSelect,
    SetSort,
    ShowPage,
    SortHeader,
    Summarize,
    SwitchGrid,
)

if TYPE_CHECKING:
    from aurora_widgets.settings import Settings


class MessageInvalid(AuroraError):
    """The page sent what is no deed and no ask."""

    code = "MESSAGE_INVALID"
    status = 422


def message(content: object, settings: Settings) -> Deed | Asked:
    """Check a message from the page.

    Parameters
    ----------
    content
        Whatever arrived.
    settings
        For the limits of size and depth.

    Raises
    ------
    MessageInvalid
        It is no message of the protocol.
    QueryInvalid
        Its part of a document has faults, with paths in the message.
    """
    _bounded(content, settings)
    limits = limits_of(settings)
    fields = _mapping(content, "message")
    name = fields.get("do", fields.get("ask"))
    if not isinstance(name, str) or ("do" in fields) == ("ask" in fields):
        raise MessageInvalid("A message says either what to do or what it asks.")
    if "do" in fields:
        if name not in _DEEDS:
            raise MessageInvalid(f"“{name[:40]}” is nothing that can be done here.")
        return _DEEDS[name](fields, limits)
    if name not in _ASKS:
        raise MessageInvalid(f"“{name[:40]}” is nothing that can be asked here.")
    return Asked(_whole(fields, "id"), _ASKS[name](fields, limits))


def limits_of(settings: Settings) -> Limits:
    """Return the limits of a document that are in force."""
    return Limits.of(settings)


def id_of(content: object) -> int | None:
    """Return the number of an ask, however wrong the rest of it is."""
    number = content.get("id") if isinstance(content, Mapping) else None
    return number if isinstance(number, int) and not isinstance(number, bool) else None


def part_of(content: object) -> str | None:
    """Return the part of the question that a wrong deed was about, to say so beside it."""
    name = content.get("do") if isinstance(content, Mapping) else None
    return _PARTS.get(name) if isinstance(name, str) else None


def scalar(value: object, name: str) -> Scalar:
    """Return a JSON value; a number with a fraction is exact from here on."""
    match value:
        case None | bool() | int() | str() | Decimal():
            return value
        case float() if math.isfinite(value):
            return int(value) if value.is_integer() and abs(value) < 2**53 else Decimal(repr(value))
        case _:
            raise MessageInvalid(f"“{name}” is a text, a number, true, false or null.")


def _bounded(content: object, settings: Settings) -> None:
    # Walked without recursion: depth is what the sender chose. A group is two levels of JSON.
    most_deep = 2 * settings.whole("FILTER_MAX_DEPTH") + 40
    left = settings.whole("QUERY_MAX_BYTES")
    waiting: list[tuple[object, int]] = [(content, 0)]
    while waiting:
        item, depth = waiting.pop()
        if depth > most_deep:
            raise MessageInvalid("The message is nested too deeply.")
        match item:
            case str():
                _whole_text(item)
                left -= len(item) + 2
            case Mapping():
                for key in item:
                    if not isinstance(key, str):
                        raise MessageInvalid("The message has a key that is no text.")
                    _whole_text(key)
                    left -= len(key) + 3
                waiting.extend((child, depth + 1) for child in item.values())
            case list() | tuple():
                left -= len(item)
                waiting.extend((child, depth + 1) for child in item)
            case None | bool() | int() | float() | Decimal():
                left -= 1
            case _:
                raise MessageInvalid("The message holds what is not JSON.")
        if left < 0:
            raise MessageInvalid(
                f"The message is larger than {settings.whole('QUERY_MAX_BYTES'):,} bytes, which is the limit."
            )


def _whole_text(text: str) -> None:
    if not text.isascii() and any("\ud800" <= letter <= "\udfff" for letter in text):
        raise MessageInvalid("The message holds half a character (a lone surrogate).")


def _mapping(value: object, name: str) -> Mapping[str, object]:
    if not isinstance(value, Mapping):
        raise MessageInvalid(f"“{name}” is not an object.")
    return value


def _list(fields: Mapping[str, object], name: str) -> list[object]:
    value = fields.get(name)
    if not isinstance(value, list | tuple):
        raise MessageInvalid(f"“{name}” is not a list.")
    return list(value)


def _text(fields: Mapping[str, object], name: str) -> str:
    value = fields.get(name)
    if not isinstance(value, str):
        raise MessageInvalid(f"“{name}” is not a text.")
    return value


def _flag(fields: Mapping[str, object], name: str) -> bool:
    value = fields.get(name, False)
    if not isinstance(value, bool):
        raise MessageInvalid(f"“{name}” is neither true nor false.")
    return value


def _whole(fields: Mapping[str, object], name: str) -> int:
    value = fields.get(name)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 2**53:
        raise MessageInvalid(f"“{name}” is not a whole number from 0 up.")
    return value


def _epoch(fields: Mapping[str, object]) -> int | None:
    return None if fields.get("epoch") is None else _whole(fields, "epoch")


def _filter(fields: Mapping[str, object], limits: Limits) -> Tree | None:
    value = fields.get("where")
    if value is None:
        return None
    step = read.step_from_object({"type": "filter", "where": value}, limits)
    return step.where if isinstance(step, Filter) else None


def _joins(values: list[object], limits: Limits, path: str) -> tuple[Join, ...]:
    return tuple(
        read.part_from_object(Join, value, limits, f"{path}[{index}]") for index, value in enumerate(values)
    )


def _vintage(fields: Mapping[str, object], limits: Limits, path: str) -> Vintage | None:
    given = fields.get("vintage")
    return None if given is None else read.part_from_object(Vintage, given, limits, path)


def _first(value: object, limits: Limits, path: str) -> Query:
    fields = _mapping(value, path)
    return Query(_text(fields, "table"), _vintage(fields, limits, f"{path}.vintage"))


def _before(fields: Mapping[str, object], limits: Limits) -> Before | None:
    value = fields.get("before")
    if value is None:
        return None
    words = _mapping(value, "before")
    joins = _joins(_list(words, "joins"), limits, "before.joins")
    return Before(_first(words.get("first"), limits, "before.first"), joins)


def _set_joins(fields: Mapping[str, object], limits: Limits) -> SetJoins:
    first = fields.get("first")
    joins = _joins(_list(fields, "joins"), limits, "joins")
    return SetJoins(joins, None if first is None else _first(first, limits, "first"))


def _summarize(fields: Mapping[str, object], limits: Limits) -> Summarize:
    value = fields.get("aggregate")
    if value is None:
        return Summarize(None)
    return Summarize(read.part_from_object(Aggregate, value, limits, "aggregate"))


def _calculated(fields: Mapping[str, object]) -> tuple[Calculated, ...]:
    found = []
    for item in _list(fields, "columns"):
        column = _mapping(item, "columns")
        was = None if column.get("was") is None else _text(column, "was")
        found.append(
            Calculated(_text(column, "column"), _text(column, "formula"), was, _flag(column, "disabled"))
        )
    return tuple(found)


def _sort(fields: Mapping[str, object], limits: Limits) -> SetSort:
    keys = enumerate(_list(fields, "by"))
    return SetSort(tuple(read.part_from_object(SortKey, key, limits, f"by[{index}]") for index, key in keys))


def _select(fields: Mapping[str, object]) -> SetSelect:
    if fields.get("columns") is None:
        return SetSelect(None)
    names = _list(fields, "columns")
    texts = tuple(name for name in names if isinstance(name, str))
    if len(texts) < len(names):
        raise MessageInvalid("“columns” holds what is no text.")
    return SetSelect(texts)


def _grid(fields: Mapping[str, object]) -> SwitchGrid:
    match fields.get("view"):
        case "table":
            return SwitchGrid("table")
        case "datagrid":
            return SwitchGrid("datagrid")
        case _:
            raise MessageInvalid("“view” is table or datagrid.")


_DEEDS: dict[str, Callable[[Mapping[str, object], Limits], Deed]] = {
    "pick": lambda fields, _: Pick(_text(fields, "table")),
    "vintage": lambda fields, _: ChooseVintage(
        scalar(fields.get("load_type"), "load_type"), scalar(fields.get("load_id"), "load_id")
    ),
    "filter": lambda fields, limits: SetFilter(_filter(fields, limits)),
    "search": lambda fields, _: Search(_text(fields, "text")),
    "joins": _set_joins,
    "summarize": _summarize,
    "calculate": lambda fields, _: Calculate(_calculated(fields)),
    "sort": _sort,
    "sort_header": lambda fields, _: SortHeader(_flag(fields, "also")),
    "select": lambda fields, _: _select(fields),
    "remove": lambda fields, _: OnChip("remove", _text(fields, "chip")),
    "toggle": lambda fields, _: OnChip("toggle", _text(fields, "chip")),
    "filter_cell": lambda fields, _: FilterCell(
        _whole(fields, "row"), _text(fields, "column"), _flag(fields, "negate"), _epoch(fields)
    ),
    "undo": lambda *_: Plain("undo"),
    "redo": lambda *_: Plain("redo"),
    "reset": lambda *_: Plain("reset"),
    "cancel": lambda *_: Plain("cancel"),
    "retry": lambda *_: Plain("retry"),
    "fix": lambda *_: Plain("fix"),
    "page": lambda fields, _: ShowPage(_whole(fields, "offset")),
    "grid": lambda fields, _: _grid(fields),
    "query": lambda fields, limits: SetQuery(read.from_json(_mapping(fields.get("query"), "query"), limits)),
}

_ASKS: dict[str, Callable[[Mapping[str, object], Limits], Ask]] = {
    "count": lambda fields, limits: AskCount(_filter(fields, limits)),
    "values": lambda fields, _: AskValues(
        _text(fields, "column"), _text(fields, "search"), _whole(fields, "limit")
    ),
    "columns": lambda fields, _: AskTable("columns", _text(fields, "table")),
    "example": lambda fields, _: AskTable("example", _text(fields, "table")),
    "loads": lambda fields, limits: AskLoads(_text(fields, "table"), _vintage(fields, limits, "vintage")),
    "suggest_keys": lambda fields, limits: AskKeys(
        _text(fields, "table"), _whole(fields, "index"), _before(fields, limits)
    ),
    "join_check": lambda fields, limits: AskJoinCheck(
        read.part_from_object(Join, fields.get("join"), limits, "join"),
        _whole(fields, "index"),
        _before(fields, limits),
    ),
    "summary": lambda fields, limits: AskSummary(
        read.part_from_object(Aggregate, fields.get("aggregate"), limits, "aggregate")
    ),
    "formulas": lambda fields, _: AskFormulas(_calculated(fields)),
    "calculated": lambda fields, _: AskCalculated(_calculated(fields), _whole(fields, "index")),
    "functions": lambda *_: AskFunctions(),
    "profile": lambda fields, _: AskProfile(_text(fields, "column")),
    "cell": lambda fields, _: AskCell(_whole(fields, "row"), _text(fields, "column"), _epoch(fields)),
    "code": lambda *_: AskCode(),
}

_PARTS = {
    "pick": "table",
    "vintage": "vintage",
    "filter": "filter",
    "filter_cell": "filter",
    "search": "search",
    "joins": "join",
    "summarize": "aggregate",
    "calculate": "derive",
    "sort": "sort",
    "sort_header": "sort",
    "select": "select",
}
