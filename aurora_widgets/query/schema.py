"""The JSON Schema of the document, made from the grammar: what it accepts, the reader does.

Published as ``docs/query.schema.json``, which ``make docs`` writes.
What a schema can't say stays the reader's: names made twice, the calendar, depth and size.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, assert_never

from aurora_widgets.query import grammar, model
from aurora_widgets.query.functions import BUCKETS, FUNCTIONS, MAX_DIGITS, Function
from aurora_widgets.query.measures import MEASURES
from aurora_widgets.query.model import TOTAL, VERSION
from aurora_widgets.query.operators import OPERATORS
from aurora_widgets.query.scalars import MOMENT

if TYPE_CHECKING:
    from collections.abc import Mapping

Schema = dict[str, object]


def json_schema() -> Schema:
    """Return the schema (draft 2020-12) with every operator and measure that is registered."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:aurora-widgets:query:{VERSION}",
        "title": "Aurora query document",
        "description": "What is asked of which table, as steps in the order they run.",
        **_record(grammar.QUERY, {"version": {"const": VERSION}}, ("version",)),
        "$defs": {
            **{name: _rule(rule) for name, rule in grammar.RULES.items()},
            **{
                record.cls.__name__.lower(): _special(record)
                for rule in grammar.RULES.values()
                for record in rule.records.values()
            },
        },
    }


def _rule(rule: grammar.Tagged | grammar.Keyed) -> Schema:
    return {"oneOf": [_ref(record.cls.__name__.lower()) for record in rule.records.values()]}


def _ref(name: str) -> Schema:
    return {"$ref": f"#/$defs/{name}"}


def _special(record: grammar.Record) -> Schema:
    """Return a record of a rule, with what its class asks beyond its keys."""
    if record.cls is model.Condition:
        return {"oneOf": _conditions()}
    if record.cls is model.Call:
        return {"oneOf": _calls(record)}
    made = _record(record)
    if record.cls is model.Aggregate:
        made["anyOf"] = [_not_empty("by"), _not_empty("measures")]
    if record.cls is model.Join:
        equal: Schema = {"properties": {"op": {"const": "="}}}
        pairs = made["properties"]
        assert isinstance(pairs, dict)  # noqa: S101 - as `_record` makes it
        pairs["on"]["allOf"] = [
            {"contains": equal, "minContains": 1},
            {"contains": {"not": equal}, "minContains": 0, "maxContains": 1},
        ]
    return made


def _not_empty(key: str) -> Schema:
    return {"required": [key], "properties": {key: {"minItems": 1}}}


def _conditions() -> list[Schema]:
    """Return one schema for the operators that take the same keys."""
    alike: dict[tuple[object, bool], list[str]] = defaultdict(list)
    for operator in OPERATORS.values():
        alike[operator.operand, operator.case_sensitive is not None].append(operator.name)
    made: list[Schema] = []
    for (operand, _), names in alike.items():
        one = _record(grammar.condition_record(names[0]), {"op": {"enum": names}})
        if operand == "value":
            one["oneOf"] = [{"required": ["value"]}, {"required": ["other"]}]
        made.append(one)
    return made


def _calls(record: grammar.Record) -> list[Schema]:
    """Return one schema for the functions that take the same arguments."""
    alike: dict[tuple[object, ...], list[Function]] = defaultdict(list)
    for function in FUNCTIONS.values():
        literally = tuple(argument.literally for argument in function.arguments)
        alike[function.least, function.most, any(literally) and literally].append(function)
    made: list[Schema] = []
    for functions in alike.values():
        first = functions[0]
        args: Schema = {"type": "array", "minItems": first.least}
        if first.most is not None:
            args["maxItems"] = first.most
        places = [_place(argument.literally) for argument in first.arguments]
        while places and places[-1] == _ref("expression"):
            places.pop()
        if places:
            args["prefixItems"] = places
        args["items"] = _ref("expression")
        made.append(_record(record, {"fn": {"enum": [each.name for each in functions]}, "args": args}))
    return made


def _place(literally: str | None) -> Schema:
    if literally is None:
        return _ref("expression")
    value: Schema = (
        {"enum": list(BUCKETS)}
        if literally == "unit"
        else {"type": "integer", "minimum": -MAX_DIGITS, "maximum": MAX_DIGITS}
    )
    return {
        "type": "object",
        "properties": {"value": value},
        "required": ["value"],
        "additionalProperties": False,
    }


def _record(
    record: grammar.Record, instead: Mapping[str, Schema] | None = None, required: tuple[str, ...] = ()
) -> Schema:
    tag: Schema = {"type": {"const": record.tag}} if record.tag else {}
    properties = {**tag, **{entry.name: _kind(entry.kind) for entry in record.entries}, **(instead or {})}
    made: Schema = {
        "type": "object",
        "properties": properties,
        "required": [*required, *tag, *(entry.name for entry in record.entries if entry.required)],
        "additionalProperties": False,
    }
    if record.cls is model.Measure:
        of_columns = [name for name, measure in MEASURES.items() if measure.needs_column]
        made["if"] = {"properties": {"fn": {"enum": of_columns}}}
        made["then"] = {"required": ["column"]}
    return made


def _kind(kind: grammar.Kind) -> Schema:
    match kind:
        case grammar.Name(made=made):
            name: Schema = {"type": "string", "minLength": 1}
            return {**name, "not": {"const": TOTAL}} if made else name
        case grammar.Choice(words=words):
            return {"enum": list(words())}
        case grammar.Flag():
            return {"type": "boolean"}
        case grammar.Whole(least=least, most=most):
            return {"type": "integer", "minimum": least, "maximum": most}
        case grammar.Value(null=null):
            return {"type": ["string", "number", "boolean", *(("null",) if null else ())]}
        case grammar.Moment():
            return {"type": "string", "pattern": MOMENT}
        case grammar.Many(of=of, least=least, unique=unique):
            many: Schema = {"type": "array", "items": _kind(of)}
            if least:
                many["minItems"] = least
            if unique:
                many["uniqueItems"] = True
            return many
        case grammar.Ref(rule=rule):
            return _ref(rule)
        case grammar.Record():
            return _record(kind)
        case _:
            assert_never(kind)
