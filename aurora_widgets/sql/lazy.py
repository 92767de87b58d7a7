"""The catalog's tables as Ibis tables on an open DuckDB connection, for questions that stay expressions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import ibis.expr.types as ir
from ibis.backends.duckdb import Backend

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from aurora_widgets.catalog.model import Table

IbisTable = ir.Table
"""An expression, for rooms that pass it on."""


class _Locked(Backend):  # type: ignore[misc]
    """Ibis on a connection whose settings are closed; it already has those that Ibis would set."""

    def _post_connect(self, extensions: Any = None) -> None:  # noqa: ARG002
        self._record_batch_readers_consumed: dict[Any, Any] = {}


def tables_on(connection: object, tables: Iterable[Table]) -> Mapping[str, ir.Table]:
    """Return the tables by name, with the engine's own names of their columns.

    Parameters
    ----------
    connection
        A DuckDB connection that sees them; it belongs to the expressions from here on.
    tables
        The catalog's.
    """
    backend = _Locked.from_connection(connection)
    return {table.name: backend.table(table.source or table.name) for table in tables}
