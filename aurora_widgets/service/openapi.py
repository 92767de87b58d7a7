"""The shapes of requests and answers, as OpenAPI describes them."""

from __future__ import annotations

from typing import Any

from aurora_widgets.query import json_schema
from aurora_widgets.service.wire import ARROW, PROBLEM

Json = dict[str, Any]

_TEXT: Json = {"type": "string"}
_WHOLE: Json = {"type": "integer"}
_FLAG: Json = {"type": "boolean"}
_CELL: Json = {"type": ["string", "number", "boolean", "null"]}


def _maybe(kind: str) -> Json:
    return {"type": [kind, "null"]}


def _list(of: Json) -> Json:
    return {"type": "array", "items": of}


def _object(**properties: Json) -> Json:
    return {"type": "object", "properties": properties, "required": list(properties)}


_FORMAT: Json = {
    "anyOf": [
        _object(type=_TEXT, decimals=_maybe("integer"), currency=_maybe("string"), thousands=_FLAG),
        {"type": "null"},
    ]
}
_LOADS: Json = {"anyOf": [_list(_list(_CELL)), {"type": "null"}]}
_PAGE_PARTS: Json = {
    "columns": _list(_object(name=_TEXT, type=_TEXT, label=_TEXT, format=_FORMAT)),
    "rows": _list(_list(_CELL)),
    "offset": _WHOLE,
    "more": _FLAG,
    "truncated": _FLAG,
    "cut": _list(_list(_WHOLE)),
    "elapsed_ms": {"type": "number"},
    "vintage": _list(_object(table=_TEXT, load_type=_CELL, load_id=_CELL, loads=_LOADS)),
    "notes": _list(_TEXT),
    "from_cache": _FLAG,
}
PAGE = _object(**_PAGE_PARTS)
TABLE = _object(
    name=_TEXT,
    label=_TEXT,
    description=_TEXT,
    key=_list(_TEXT),
    vintage=_maybe("object"),
    joins=_list(_object(to=_TEXT, on=_list(_list(_TEXT)), cardinality=_maybe("string"))),
    rows=_maybe("integer"),
    columns=_list(_object(name=_TEXT, type=_TEXT, label=_TEXT, description=_TEXT, format=_FORMAT)),
)
TABLES = _object(tables=_list(TABLE), time_zone=_TEXT, limits={"type": "object"})
VINTAGES = _object(
    load_types=_list(_object(load_type=_CELL, load_ids=_list(_object(load_id=_CELL, rows=_WHOLE))))
)
COUNT = _object(rows=_WHOLE, exact=_FLAG)
_VALUE = _object(value=_CELL, rows=_WHOLE)
_VALUE["properties"] |= {"cut": _FLAG}
VALUES = _object(values=_list(_VALUE), more=_FLAG)
PROFILE = _object(
    type=_TEXT,
    rows=_WHOLE,
    empty=_WHOLE,
    distinct=_maybe("integer"),
    min=_CELL,
    max=_CELL,
    average=_CELL,
    top=_list(_VALUE),
)
JOIN_CHECK = _object(
    left_rows=_WHOLE,
    matched=_WHOLE,
    unmatched=_WHOLE,
    multiplied=_WHOLE,
    right_unmatched=_WHOLE,
    average_matches={"type": "number"},
    exact=_FLAG,
    warning=_maybe("string"),
    fix=_maybe("object"),
    sample=PAGE,
)
EXPLANATION = _object(
    sql=_TEXT,
    python=_TEXT,
    vintage=_PAGE_PARTS["vintage"],
    notes=_list(_TEXT),
    estimate=_maybe("integer"),
    threshold=_WHOLE,
    verdict={"type": "string", "enum": ["fine", "expensive", "unknown"]},
    fix=_maybe("object"),
)
PROBLEM_SCHEMA = _object(
    type=_TEXT,
    title=_TEXT,
    status=_WHOLE,
    code=_TEXT,
    detail=_TEXT,
    faults=_list(_object(code=_TEXT, path=_TEXT, message=_TEXT, suggestion=_maybe("string"))),
    fix=_maybe("object"),
    request_id=_TEXT,
)
HEALTH = _object(status=_TEXT, version=_TEXT)

_REFUSED = {
    401: "No token, or one that is not valid (any more).",
    403: "Not for this token, or not for its user's groups.",
    404: "Not there, or not for this user.",
    408: "The request did not arrive.",
    422: "The question is refused; `faults` say why.",
    429: "Too often, or too much at once; Retry-After says when to go on.",
    500: "The database failed.",
    503: "No connection came free; Retry-After says when to try again.",
    504: "The deadline passed.",
}


def answers(schema: Json | None, *, arrow: bool = False) -> dict[int | str, Json]:
    """Return the ``responses`` of a route that answers with JSON, an Arrow stream or either."""
    content: Json = {} if schema is None else {"application/json": {"schema": schema}}
    if arrow:
        content[ARROW] = {"schema": {"type": "string", "format": "binary"}}
    refused: dict[int | str, Json] = {
        status: {
            "description": text,
            "content": {PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
        for status, text in _REFUSED.items()
    }
    return {200: {"description": "The answer.", "content": content}, **refused}


_FIELDS: dict[str, Json] = {
    "query": {"$ref": "#/components/schemas/Query"},
    "offset": {"type": "integer", "minimum": 0},
    "limit": {"type": ["integer", "null"], "minimum": 0},
    "column": _TEXT,
    "search": _TEXT,
    "join": {"$ref": "#/components/schemas/Query/$defs/join"},
}
NEEDED = frozenset({"query", "column", "join"})


def body(*fields: str) -> Json:
    """Return the ``openapi_extra`` of a route that takes these fields."""
    schema = {
        "type": "object",
        "properties": {name: _FIELDS[name] for name in fields},
        "required": [name for name in fields if name in NEEDED],
        "additionalProperties": False,
    }
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}


def completed(document: Json) -> Json:
    """Add what the routes refer to: the query document and the problem."""
    components = document.setdefault("components", {})
    query = _moved(json_schema(), "#/components/schemas/Query")
    query.pop("$id", None)
    query.pop("$schema", None)
    components.setdefault("schemas", {}).update({"Query": query, "Problem": PROBLEM_SCHEMA})
    components["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
    document["security"] = [{"token": []}]
    return document


def _moved(schema: Any, home: str) -> Any:
    """Return a schema whose references start from where it now stands."""
    if isinstance(schema, dict):
        return {
            key: home + value[1:] if key == "$ref" and isinstance(value, str) else _moved(value, home)
            for key, value in schema.items()
        }
    return [_moved(item, home) for item in schema] if isinstance(schema, list) else schema
