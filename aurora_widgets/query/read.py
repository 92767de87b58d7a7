"""JSON to documents: strict, exact, and with every fault at once.

What is checked here needs no catalog: keys, types, words of closed lists, the operand that
an operator takes, the number of a function's arguments, names made twice, depth and size.
Whether a table or a column exists, and values against their columns, is the plan's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar, cast

from aurora_widgets.errors import Fault, QueryInvalid
from aurora_widgets.query import grammar
from aurora_widgets.query.checks import check_part
from aurora_widgets.query.faults import at, in_order, nearest, one_of, shown, unknown
from aurora_widgets.query.model import TOTAL, VERSION
from aurora_widgets.query.operators import OPERATORS
from aurora_widgets.query.scalars import LargeNumber, is_moment, parsed, scalar
from aurora_widgets.settings import SETTINGS

if TYPE_CHECKING:
    from collections.abc import Callable

    from aurora_widgets.query.model import Expression, Query, Step, Tree
    from aurora_widgets.settings import Settings

_DEFAULTS = {setting.name: setting.default for setting in SETTINGS}


@dataclass(frozen=True, slots=True)
class Limits:
    """How large a document may be; the settings' defaults unless told otherwise."""

    depth: int = cast("int", _DEFAULTS["FILTER_MAX_DEPTH"])
    """Levels of groups in a filter, and of functions in an expression."""
    conditions: int = cast("int", _DEFAULTS["FILTER_MAX_CONDITIONS"])
    """Conditions in a filter; a list of values is one."""
    size: int = cast("int", _DEFAULTS["QUERY_MAX_BYTES"])
    """Bytes of the document's text."""

    @classmethod
    def of(cls, settings: Settings) -> Limits:
        """Return the limits in force."""
        return cls(
            settings.whole("FILTER_MAX_DEPTH"),
            settings.whole("FILTER_MAX_CONDITIONS"),
            settings.whole("QUERY_MAX_BYTES"),
        )

    @property
    def too_deep(self) -> str:
        """The sentence for what passes ``depth``."""
        return f"This is nested deeper than {self.depth} level{'' if self.depth == 1 else 's'}."


DEFAULT_LIMITS = Limits()

MOST_FAULTS = 1_000
"""Faults after which reading ends: more help nobody, and each costs time."""

UPGRADES: Mapping[int, Callable[[dict[str, object]], dict[str, object]]] = {}
"""By the version they start from: each makes a document of the next version."""


def from_json(source: str | bytes | Mapping[str, object], limits: Limits = DEFAULT_LIMITS) -> Query:
    """Read a document.

    Parameters
    ----------
    source
        JSON text, or what it means as dictionaries and lists.
    limits
        How large it may be.

    Raises
    ------
    QueryInvalid
        With every fault, in the order of the document.
    """
    return from_object(source if isinstance(source, Mapping) else parsed(source, limits.size), limits)


def from_object(source: object, limits: Limits = DEFAULT_LIMITS) -> Query:
    """Read a document from dictionaries and lists; ``from_json`` of what is parsed already."""
    query, faults = _partly(source, limits)
    if query is None or faults:
        raise QueryInvalid(in_order(faults))
    return query


def partly(
    source: str | bytes | Mapping[str, object], limits: Limits = DEFAULT_LIMITS
) -> tuple[Query | None, list[Fault]]:
    """Read what can be read, with ``None`` and unknown words in it where something can't; and the faults."""
    return _partly(source if isinstance(source, Mapping) else parsed(source, limits.size), limits)


def _partly(source: object, limits: Limits) -> tuple[Query | None, list[Fault]]:
    reader = _Reader(limits)
    document = reader.upgraded(source)
    query = None if document is None else reader.record(grammar.QUERY, document, "", "version")
    return cast("Query | None", query), reader.faults


def step_from_object(source: object, limits: Limits = DEFAULT_LIMITS, path: str = "") -> Step:
    """Read one step; faults have their paths from ``path``."""
    return cast("Step", _part(grammar.Ref("step"), source, limits, path))


def tree_from_object(source: object, limits: Limits = DEFAULT_LIMITS, path: str = "") -> Tree:
    """Read a filter tree; faults have their paths from ``path``."""
    return cast("Tree", _part(grammar.Ref("tree"), source, limits, path))


def expression_from_object(source: object, limits: Limits = DEFAULT_LIMITS, path: str = "") -> Expression:
    """Read an expression; faults have their paths from ``path``."""
    return cast("Expression", _part(grammar.Ref("expression"), source, limits, path))


Part = TypeVar("Part")


def part_from_object(
    cls: type[Part], source: object, limits: Limits = DEFAULT_LIMITS, path: str = ""
) -> Part:
    """Read any part of a document by its class: ``Vintage``, ``On``, ``Key`` and their like."""
    return cast("Part", _part(grammar.RECORDS[cls], source, limits, path))


def _part(kind: grammar.Kind, source: object, limits: Limits, path: str) -> object:
    reader = _Reader(limits)
    return reader.result(reader.kind(kind, source, path))


def _is_plain(item: object) -> bool:
    """Whether it is a value of the common kinds, of which a list may have very many."""
    return (type(item) is str and item.isascii()) or (type(item) is int and item.bit_length() <= _WORD)


_WORD = 64
_STEPS = frozenset(record.cls for record in grammar.STEP.records.values())


class _Reader:
    """Reads kinds, collecting faults; what can't be read is ``None`` in what holds it."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.faults: list[Fault] = []
        self.depth = 0
        self.conditions = 0

    def result(self, part: object) -> object:
        if self.faults:
            raise QueryInvalid(in_order(self.faults))
        return part

    def fault(self, code: str, path: str, message: str, suggestion: str | None = None) -> None:
        self.faults.append(Fault(code, path, message, suggestion))

    def upgraded(self, source: object) -> Mapping[str, object] | None:
        """Return the document in the newest version, or ``None`` where that can't be."""
        if not isinstance(source, Mapping):
            self.fault("wrong-type", "", f"A question is an object, not {shown(source)}.")
            return None
        if "version" not in source:
            self.missing("version", "the question", "", f"this version is {VERSION}")
            return source
        version = source["version"]
        if isinstance(version, int) and not isinstance(version, bool) and version > VERSION:
            self.fault(
                "future-version",
                "version",
                f"The question was saved by a newer Aurora (document version {shown(version)[1:-1]}, "
                f"this one reads up to {VERSION}): update Aurora to open it.",
            )
            return None
        document = source
        while version != VERSION or isinstance(version, bool):
            if isinstance(version, bool) or not isinstance(version, int) or version not in UPGRADES:
                message = f"{shown(version)} is no version of a question; use {VERSION}."
                self.fault("unknown-version", "version", message)
                return document
            document = UPGRADES[version](dict(document))
            version = document["version"]
        return document

    def kind(self, kind: grammar.Kind, value: object, path: str) -> object:
        match kind:
            case grammar.Name(made=made):
                return self.name(value, path, made=made)
            case grammar.Choice():
                return self.choice(kind, value, path)
            case grammar.Flag():
                if not isinstance(value, bool):
                    self.wrong_type("true or false", value, path)
                return value
            case grammar.Whole():
                return self.whole(kind, value, path)
            case grammar.Value(null=null):
                return self.scalar(value, path, null=null)
            case grammar.Moment():
                text = self.text(value, path)
                if text is not None and not is_moment(text):
                    self.fault(
                        "wrong-value", path, f"{shown(text)} is no date or time such as 2024-02-29T13:30:00."
                    )
                return text
            case grammar.Many():
                return self.many(kind, value, path)
            case grammar.Ref(rule=rule):
                return self.one_of(grammar.RULES[rule], value, path)
            case grammar.Record():
                return self.record(kind, value, path)

    def wrong_type(self, wanted: str, value: object, path: str) -> None:
        self.fault("wrong-type", path, f"{shown(value)} stands where {wanted} belongs.")

    def text(self, value: object, path: str) -> str | None:
        if not isinstance(value, str):
            self.wrong_type("text", value, path)
            return None
        if any("\ud800" <= letter <= "\udfff" for letter in value):
            self.fault("wrong-value", path, "The text holds half a character (a lone surrogate).")
            return None
        return value

    def name(self, value: object, path: str, *, made: bool) -> str | None:
        text = self.text(value, path)
        if text == "":
            self.fault("wrong-value", path, "A name is needed here.")
        if text and "\0" in text:
            self.fault("wrong-value", path, "A name can't hold the character NUL.")
        if made and text == TOTAL:
            self.fault("reserved-name", path, f"`{TOTAL}` is the name of the column that totals add.")
        return text

    def choice(self, kind: grammar.Choice, value: object, path: str) -> str | None:
        words = tuple(kind.words())
        if not isinstance(value, str):
            self.wrong_type(kind.what, value, path)
            return None
        if value not in words:
            self.faults.append(unknown("unknown-word", path, value, kind.what, words, list_them=True))
        return value

    def whole(self, kind: grammar.Whole, value: object, path: str) -> int | None:
        number = scalar(value)
        if isinstance(number, bool | str | LargeNumber) or number is None or number != int(number):
            self.wrong_type("a whole number", value, path)
            return None
        if not kind.least <= number <= kind.most:
            self.fault(
                "out-of-range",
                path,
                f"{shown(value)} is out of range: {kind.least:,} to {kind.most:,} will do.",
            )
        return int(number)

    def scalar(self, value: object, path: str, *, null: bool) -> object:
        if value is None:
            if not null:
                self.fault(
                    "wrong-type",
                    path,
                    "A value is needed here; cells without one are found by `is empty`.",
                    "is empty",
                )
            return None
        if isinstance(value, str):
            return self.text(value, path)
        found = scalar(value)
        if isinstance(found, LargeNumber):
            self.fault("wrong-value", path, "The number has too many digits.")
        elif found is None:
            self.wrong_type("text, a number, true or false", value, path)
        return found

    def many(self, kind: grammar.Many, value: object, path: str) -> tuple[object, ...]:
        if not isinstance(value, list | tuple):
            self.wrong_type("a list", value, path)
            return ()
        if len(value) < kind.least:
            self.fault("too-few", path, "The list may not be empty.")
        scalars = isinstance(kind.of, grammar.Value)
        items = tuple(
            item if scalars and _is_plain(item) else self.kind(kind.of, item, at(path, index))
            for index, item in enumerate(value)
            if len(self.faults) < MOST_FAULTS
        )
        if kind.unique:
            seen: set[object] = set()
            for index, item in enumerate(items):
                if item is not None and item in seen and len(self.faults) < MOST_FAULTS:
                    self.fault("duplicate-name", at(path, index), f"{shown(item)} is here twice.")
                seen.add(item)
        return items

    def one_of(self, rule: grammar.Tagged | grammar.Keyed, value: object, path: str) -> object:
        """Read one of several records: a step, a group or a condition, an expression."""
        if not isinstance(value, Mapping):
            self.wrong_type(rule.what, value, path)
            return None
        if isinstance(rule, grammar.Keyed):
            found = [key for key in rule.records if key in value]
            if len(found) != 1:
                self.fault("wrong-type", path, f"An expression has one of the keys {one_of(rule.records)}.")
                return None
            return self.nested(rule.records[found[0]], value, path)
        if "type" not in value:
            self.missing("type", rule.what, path, one_of(rule.records))
            return None
        tag = self.choice(grammar.Choice(rule.what, lambda: rule.records), value["type"], at(path, "type"))
        return self.nested(rule.records[tag], value, path) if tag and tag in rule.records else None

    def nested(self, record: grammar.Record, value: Mapping[str, object], path: str) -> object:
        """Read a record of a rule, minding how deep and how many."""
        if record.cls in _STEPS:
            self.conditions = 0
            part = self.record(record, value, path)
            if self.conditions > self.limits.conditions:
                self.fault(
                    "too-many-conditions",
                    path,
                    f"A filter has at most {self.limits.conditions:,} conditions; "
                    f"this one has {self.conditions:,}.",
                )
            return part
        if record is grammar.CONDITION:
            self.conditions += 1
            return self.condition(value, path)
        if not any(isinstance(entry.kind, grammar.Many | grammar.Ref) for entry in record.entries):
            return self.record(record, value, path)
        if self.depth >= self.limits.depth:
            self.fault("too-deep", path, self.limits.too_deep)
            return None
        self.depth += 1
        part = self.record(record, value, path)
        self.depth -= 1
        return part

    def condition(self, value: Mapping[str, object], path: str) -> object:
        """Read a condition by its operator, which says what operand belongs to it."""
        op = value.get("op")
        if not isinstance(op, str) or op not in OPERATORS:
            return self.record(grammar.CONDITION, value, path)
        if OPERATORS[op].operand == "value" and ("value" in value) == ("other" in value):
            if "value" in value:
                both = "Compare with `value` or with `other`, not both."
                self.fault("wrong-operand", at(path, "other"), both)
            else:
                self.missing("value", f"`{op}`", path, "a value, or another column as `other`")
        return self.record(grammar.condition_record(op), value, path)

    def missing(self, key: str, what: str, path: str, wanted: str = "") -> None:
        hint = f": {wanted}" if wanted else ""
        self.fault("missing-key", at(path, key), f"`{key}` is missing from {what}{hint}.")

    def record(self, record: grammar.Record, value: object, path: str, *known: str) -> object:
        """Read an object's keys and make it, or ``None`` where one is missing."""
        if not isinstance(value, Mapping):
            self.wrong_type(record.what, value, path)
            return None
        names = {entry.name: entry for entry in record.entries}
        valid = (*known, *(("type",) if record.tag else ()), *names)
        for key in value:
            if key not in valid and len(self.faults) < MOST_FAULTS:
                self.unknown_key(record, key, valid, value, path)
        for key in getattr(value, "duplicates", ()):
            self.fault("duplicate-key", at(path, key), f"The key {shown(key)} is here twice.")
        complete = True
        attributes: dict[str, object] = {}
        for entry in record.entries:
            if entry.name in value:
                attributes[entry.field] = self.kind(entry.kind, value[entry.name], at(path, entry.name))
            elif entry.required:
                self.missing(entry.name, record.what, path)
                complete = False
        if not complete:
            return None
        part = record.cls(**attributes)
        found = tuple(check_part(part, path))
        told = {fault.path for fault in self.faults} if found else ()
        self.faults += (fault for fault in found if fault.path not in told)
        return part

    def unknown_key(
        self,
        record: grammar.Record,
        key: object,
        valid: tuple[str, ...],
        value: Mapping[str, object],
        path: str,
    ) -> None:
        text = key if isinstance(key, str) else repr(key)
        where = at(path, text)
        if record.tag == "condition" and any(text == each.name for each in grammar.CONDITION.entries):
            takes = [name for name in valid if name not in {"type", "column", "op", "disabled"}]
            instead = f"it takes {one_of(takes)}" if takes else "it takes no value"
            self.fault("wrong-operand", where, f"`{text}` does not go with `{value['op']}`: {instead}.")
            return
        close = nearest(text, valid)
        hint = f"; did you mean `{close}`?" if close else "."
        self.fault("unknown-key", where, f"{shown(text)} is no key of {record.what}{hint}", close)
