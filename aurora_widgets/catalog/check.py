"""Whether a parsed file says only what ``schema`` allows, each fault in a sentence.

Of JSON Schema it knows the keywords that ``schema`` uses.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from aurora_widgets.errors import Fault
from aurora_widgets.query.faults import at, shown, unknown

Note = Callable[[Fault], None]

_WORDS = {
    "object": "keys and values",
    "array": "a list",
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
}


def check(value: Any, schema: Mapping[str, Any], note: Note, path: str = "") -> bool:
    """Note every fault of a value, and cut out what is at fault, so that the rest can be looked at too.

    A key at fault is gone from its object afterwards, an entry at fault is ``None`` in its list.

    Parameters
    ----------
    value
        What was read.
    schema
        What it may be.
    note
        Told each fault.
    path
        Where the value stands.

    Returns
    -------
    bool
        Whether the value (less what was cut out of it) can be used.
    """
    if "const" in schema:
        if value == schema["const"] and not isinstance(value, bool):
            return True
        note(Fault("wrong-value", path, f"{shown(value)} is not {schema['const']}, which this must be."))
        return False
    if "enum" in schema:
        if value in schema["enum"]:
            return True
        name = value if isinstance(value, str) else str(value)
        note(unknown("wrong-value", path, name, "one of the values here", schema["enum"], list_them=True))
        return False
    wanted = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    if not any(_is(value, kind) for kind in wanted):
        words = " or ".join(_WORDS[kind] for kind in wanted)
        hint = "; put it in quotes" if "string" in wanted and isinstance(value, int | float) else ""
        note(Fault("wrong-type", path, f"{shown(value)} stands where {words} must{hint}."))
        return False
    match value:
        case dict():
            return _object(value, schema, note, path)
        case list():
            return _list(value, schema, note, path)
        case _:
            why = _refusal(value, schema)
            if why:
                note(Fault("wrong-value", path, why))
            return not why


def _refusal(value: str | float, schema: Mapping[str, Any]) -> str:
    """Return why a scalar of the right type is not allowed; empty where it is."""
    if isinstance(value, str):
        if not value.strip() and schema.get("minLength"):
            return "this text is empty; leave it out or write something."
        if not re.search(schema.get("pattern", ""), value):
            return f"{shown(value)} is not allowed here: {schema['description']}"
        return ""
    low, high = schema.get("minimum", value), schema.get("maximum", value)
    return "" if low <= value <= high else f"{shown(value)} is not from {low} to {high}."


def _is(value: Any, kind: str) -> bool:
    match kind:
        case "object":
            return isinstance(value, dict)
        case "array":
            return isinstance(value, list)
        case "string":
            return isinstance(value, str)
        case "boolean":
            return isinstance(value, bool)
        case "integer":
            return isinstance(value, int) and not isinstance(value, bool)
        case _:
            return isinstance(value, int | float) and not isinstance(value, bool)


def _list(value: list[Any], schema: Mapping[str, Any], note: Note, path: str) -> bool:
    if len(value) < schema.get("minItems", 0):
        note(Fault("empty", path, "this list is empty; leave it out or name something."))
    for index, each in enumerate(value):
        if not check(each, schema["items"], note, at(path, index)):
            value[index] = None
    return True


def _object(value: dict[str, Any], schema: Mapping[str, Any], note: Note, path: str) -> bool:
    properties = schema.get("properties", {})
    later = schema.get("x-later", {})
    others = schema["additionalProperties"]
    if len(value) < schema.get("minProperties", 0):
        note(Fault("empty", path, "nothing is said here; leave it out or name something."))
    for key in schema.get("required", ()):
        if key not in value:
            note(Fault("missing-key", path, f"{shown(key)} is missing here."))
    for key in list(value):
        here = at(path, key)
        good = False
        if key in properties:
            good = check(value[key], properties[key], note, here)
        elif key in later:
            note(
                Fault(
                    "not-enforced",
                    here,
                    f"this version cannot enforce {shown(key)} ({later[key]}), and a catalog that asks "
                    "for it is refused rather than ignored.",
                )
            )
        elif others:
            good = check(value[key], others, note, here)
        else:
            note(unknown("unknown-key", here, key, "a key here", properties, list_them=True))
        if not good:
            del value[key]
    return all(key in value for key in schema.get("required", ()))
