"""Self-service reporting over DuckDB and Oracle: one query document, edited by widgets."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from aurora_widgets.query.model import Query
    from aurora_widgets.widgets.explorer import Explorer
    from aurora_widgets.widgets.http_client import connect
    from aurora_widgets.widgets.panel import (
        AggregationBuilder,
        CalculatedColumns,
        ChipBar,
        ColumnPicker,
        DataGrid,
        DatasetPicker,
        FilterBuilder,
        JoinBuilder,
        StatusLine,
    )
    from aurora_widgets.widgets.state import ExplorerState

__version__ = "0.1.0"

__all__ = [
    "AggregationBuilder",
    "CalculatedColumns",
    "ChipBar",
    "ColumnPicker",
    "DataGrid",
    "DatasetPicker",
    "Explorer",
    "ExplorerState",
    "FilterBuilder",
    "JoinBuilder",
    "Query",
    "StatusLine",
    "__version__",
    "connect",
]

_PANEL = "aurora_widgets.widgets.panel"
_HOMES = {
    "AggregationBuilder": _PANEL,
    "CalculatedColumns": _PANEL,
    "ChipBar": _PANEL,
    "ColumnPicker": _PANEL,
    "DataGrid": _PANEL,
    "DatasetPicker": _PANEL,
    "Explorer": "aurora_widgets.widgets.explorer",
    "ExplorerState": "aurora_widgets.widgets.state",
    "FilterBuilder": _PANEL,
    "JoinBuilder": _PANEL,
    "Query": "aurora_widgets.query.model",
    "StatusLine": _PANEL,
    "connect": "aurora_widgets.widgets.http_client",
}


def __getattr__(name: str) -> object:
    # Importing the package costs nothing: a widget's libraries come with its first use.
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
