"""Planned documents as Ibis expressions and as SQL: the only room that knows Ibis and sqlglot.

Both take half a second to import, so the room's modules are loaded with its first use.
"""

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from aurora_widgets.sql.code import NotPrintable, ibis_code
    from aurora_widgets.sql.lazy import IbisTable, tables_on
    from aurora_widgets.sql.statement import Compiled, compile, compile_text, to_ibis  # noqa: A004

__all__ = [
    "Compiled",
    "IbisTable",
    "NotPrintable",
    "compile",
    "compile_text",
    "ibis_code",
    "tables_on",
    "to_ibis",
]

_HOMES = {
    "Compiled": "statement",
    "IbisTable": "lazy",
    "NotPrintable": "code",
    "compile": "statement",
    "compile_text": "statement",
    "ibis_code": "code",
    "tables_on": "lazy",
    "to_ibis": "statement",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted(__all__)
