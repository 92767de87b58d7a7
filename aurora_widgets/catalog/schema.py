"""What a catalog file may say: the one description that reading, checking and editors share.

It is a JSON Schema (2020-12), published as ``docs/catalog.schema.json``. The checker reads
the same keywords, and one of its own: ``x-later`` names what a later version enforces and
this one therefore refuses.
"""

from __future__ import annotations

from typing import Any, Final

_NAME: Final = {"type": "string", "minLength": 1}
_TEXT: Final = {"type": "string"}
_VALUE: Final = {"type": ["string", "number", "boolean"]}


def _object(description: str, properties: dict[str, Any], *required: str, **more: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "description": description,
        "properties": properties,
        "additionalProperties": False,
        **({"required": list(required)} if required else {}),
        **more,
    }


def _said(description: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {**schema, "description": description}


def _each(description: str, value: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "description": description, "additionalProperties": value}


_FORMAT: Final = _object(
    "How the cells are shown.",
    {
        "type": {"enum": ["number", "integer", "currency", "percent", "date", "text"]},
        "decimals": {
            "type": "integer",
            "minimum": 0,
            "maximum": 20,
            "description": "Digits after the point.",
        },
        "currency": {
            "type": "string",
            "pattern": "^[A-Z]{3}$",
            "description": "ISO code, such as USD.",
        },
        "thousands": {"type": "boolean", "description": "Whether thousands are set apart; true unless told."},
    },
    "type",
)

_COLUMN: Final = _object(
    "What is known of a column.",
    {
        "label": _said("What people call it; its name otherwise.", _NAME),
        "description": _said("One sentence, shown where the column is picked.", _TEXT),
        "format": _FORMAT,
    },
    **{"x-later": {"visible_to": "who may see a column"}},
)

_JOIN: Final = _object(
    "A way to another table, offered first.",
    {
        "to": _said("The other table.", _NAME),
        "on": {
            "type": "object",
            "minProperties": 1,
            "additionalProperties": _NAME,
            "description": "This table's column: the other's.",
        },
        "cardinality": {
            "enum": ["one_to_one", "one_to_many", "many_to_one", "many_to_many"],
            "description": "How many rows of this table meet how many of the other.",
        },
    },
    "to",
    "on",
)

_VINTAGE: Final = _object(
    "Which columns say what load a row is of.",
    {
        "load_type": _said("The column of the kind of load, such as ACTUALS or FORECAST.", _NAME),
        "load_id": _said("The column of the load.", _NAME),
        "order_by": _said("The column that orders loads; the load ID otherwise.", _NAME),
        "default": _object(
            "What a question without a vintage means; the latest load of each type otherwise.",
            {
                "load_type": _said("A value, `latest` or `all`.", _VALUE),
                "load_id": _said("A value, `latest` or `all`.", _VALUE),
            },
        ),
    },
    "load_id",
)

_TABLE: Final = _object(
    "What is known of a table.",
    {
        "label": _said("What people call it; its name otherwise.", _NAME),
        "description": _said("One sentence, shown where the table is picked.", _TEXT),
        "source": _said("A file, relative to this one, or the database's name for the table.", _NAME),
        "key": {
            "type": "array",
            "items": _NAME,
            "minItems": 1,
            "description": "The columns that tell its rows apart.",
        },
        "vintage": _VINTAGE,
        "columns": _each("By the column's name.", _COLUMN),
        "joins": {"type": "array", "items": _JOIN, "description": "Ways to other tables."},
    },
    **{
        "x-later": {
            "require_filter": "filters that a table requires",
            "rows": "row policies",
            "views": "materialized views",
            "visible_to": "who may see a table",
        },
    },
)

_CATALOG: Final = _object(
    "An Aurora catalog: what is known of tables, over what discovery finds.",
    {
        "version": {"const": 1},
        "time_zone": _said("Where days begin, such as Europe/Berlin; UTC otherwise.", _NAME),
        "tables": _each("By the table's name.", _TABLE),
    },
    "version",
)


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema of a catalog file."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Aurora catalog",
        **_CATALOG,
    }
