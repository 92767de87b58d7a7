"""Tables in a real DuckDB, and documents asked of them in every way that SQL can be asked.

``Lab.ask`` reads a document as JSON, plans it, and runs its statement with binds, its text
with literals, and its Ibis expression: all three must give the same rows, in the types that
the plan says, with no ``SELECT *`` anywhere.
"""

from __future__ import annotations

import datetime as dt
import json
import math
from typing import Any

import duckdb
import ibis
import sqlglot

from aurora_widgets import sql
from aurora_widgets.catalog.model import Catalog, Column, Table
from aurora_widgets.engine.types import column_type
from aurora_widgets.plan import Context, Planned, plan
from aurora_widgets.query.read import from_json
from aurora_widgets.settings import load
from aurora_widgets.sql.dialects import DIALECTS

NOW = dt.datetime(2024, 5, 15, 12, 0, tzinfo=dt.UTC)
Rows = list[tuple[Any, ...]]


class Lab:
    """Tables by name, each the SELECT that makes it."""

    def __init__(self, time_zone: str = "UTC", *, key: tuple[str, ...] = (), **tables: str) -> None:
        self.connection = duckdb.connect()
        # Neither the session's zone nor its order of NULLs may show in an answer.
        self.connection.execute("SET TimeZone = 'America/New_York'")
        self.connection.execute("SET threads = 2")
        known = {}
        for name, select in tables.items():
            quoted = '"' + name.replace('"', '""') + '"'
            self.connection.execute(f"CREATE TABLE {quoted} AS {select}")
            described = self.connection.execute(f"DESCRIBE {quoted}").fetchall()
            columns = tuple(Column(row[0], column_type(row[1]), row[0]) for row in described)
            known[name] = Table(name, columns, key=key)
        self.catalog = Catalog(known, time_zone)
        backend = ibis.duckdb.from_connection(self.connection.cursor())
        self.tables = {name: backend.table(name) for name in tables}

    def planned(self, table: str, *steps: dict[str, Any], **more: Any) -> Planned:
        query = from_json(json.dumps({"version": 1, "table": table, "steps": list(steps)}))
        return plan(query, Context(self.catalog, load({}), NOW), **more)

    def ask(self, table: str, *steps: dict[str, Any], **page: int) -> Rows:
        return self.run(self.planned(table, *steps), **page)

    def run(self, planned: Planned, **page: int) -> Rows:
        compiled = sql.compile(planned, self.catalog, **page)
        no_star(compiled.sql)
        found = self._rows(compiled.sql, compiled.binds)
        told = [(name, str(kind)) for name, kind, *_ in self.connection.description or ()]
        duckdb_type = DIALECTS["duckdb"].type_name
        assert told == [(each.name, _spelled(duckdb_type(each.type))) for each in planned.schema], told
        text = sql.compile_text(planned, self.catalog, **page)
        no_star(text)
        assert alike(self._rows(text, {}), found), text
        if not page:
            self._as_expression(planned, found)
        return found

    def _as_expression(self, planned: Planned, found: Rows) -> None:
        expression = sql.to_ibis(planned, self.tables, self.catalog.time_zone)
        assert list(expression.columns) == [field.name for field in planned.schema]
        assert alike(self._rows(ibis.to_sql(expression, dialect="duckdb"), {}), found)

    def _rows(self, statement: str, binds: dict[str, Any]) -> Rows:
        table = self.connection.execute(statement, binds).to_arrow_table()
        columns = [[_cell(cell) for cell in column.to_pylist()] for column in table.columns]
        return list(zip(*columns, strict=True)) if columns else [()] * table.num_rows


def _spelled(kind: str) -> str:
    return {"TIMESTAMPTZ": "TIMESTAMP WITH TIME ZONE"}.get(kind, kind.replace(", ", ","))


def _cell(value: Any) -> Any:
    if isinstance(value, float) and math.isnan(value):
        return "NaN"
    if isinstance(value, dt.datetime) and value.tzinfo is not None:
        return value.astimezone(dt.UTC)
    return value


def alike(some: Rows, others: Rows) -> bool:
    """Whether two answers hold the same rows, in whatever order."""
    return sorted(map(repr, some)) == sorted(map(repr, others))


def no_star(statement: str) -> None:
    """Refuse ``*`` as a column; it stays for ``COUNT(*)`` and for products."""
    texts = [token.text.upper() for token in sqlglot.tokenize(statement, dialect="duckdb")]
    for before, text in zip(["", *texts], texts, strict=False):
        assert text != "*" or before not in {"SELECT", "DISTINCT", ",", "."}, statement


def where(column: str, op: str, *value: Any, **more: Any) -> dict[str, Any]:
    """Return a filter of one condition."""
    operand = {"value": value[0]} if value else {}
    return {"type": "filter", "where": {"type": "condition", "column": column, "op": op, **operand, **more}}


def select(*columns: str) -> dict[str, Any]:
    return {"type": "select", "columns": list(columns)}


def derive(column: str, expression: Any) -> dict[str, Any]:
    return {"type": "derive", "column": column, "expression": expression}


def col(name: str) -> dict[str, Any]:
    return {"column": name}


def fn(name: str, *args: Any) -> dict[str, Any]:
    """Return a call; an argument that is not an object is a constant."""
    return {"fn": name, "args": [arg if isinstance(arg, dict) else {"value": arg} for arg in args]}
