"""The SQL of a corpus of documents, in every dialect; ``UPDATE_SNAPSHOTS=1`` writes what is new.

``tests/corpus/tables.json`` says what tables there are, each other file is a document, and
``tests/snapshots/<dialect>/<document>.sql`` its statement and its text for people.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import duckdb
import pytest
from sql_lab import NOW, no_star

from aurora_widgets import sql
from aurora_widgets.catalog.model import Catalog, Column, Table, VintageColumns
from aurora_widgets.plan import Context, Planned, plan
from aurora_widgets.query.read import from_json
from aurora_widgets.query.types import ColumnType
from aurora_widgets.settings import load
from aurora_widgets.sql.dialects import DIALECTS

CORPUS = Path(__file__).parent / "corpus"
SNAPSHOTS = Path(__file__).parent / "snapshots"
DOCUMENTS = sorted(path.stem for path in CORPUS.glob("*.json") if path.stem != "tables")


def catalog() -> Catalog:
    described = json.loads((CORPUS / "tables.json").read_text())
    tables = {
        name: Table(
            name,
            tuple(Column(column, ColumnType(kind), column) for column, kind in table["columns"].items()),
            key=tuple(table["key"]),
            vintage=VintageColumns(**table["vintage"]) if "vintage" in table else None,
        )
        for name, table in described["tables"].items()
    }
    return Catalog(tables, described["time_zone"])


def planned(document: str, tables: Catalog) -> Planned:
    return plan(from_json((CORPUS / f"{document}.json").read_text()), Context(tables, load({}), NOW))


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("document", DOCUMENTS)
def test_the_sql_of_a_document_is_as_reviewed(document: str, dialect: str) -> None:
    tables = catalog()
    found = planned(document, tables)
    compiled = sql.compile(found, tables, dialect, offset=0, limit=51)
    text = sql.compile_text(found, tables, dialect)
    for statement in (compiled.sql, text):
        no_star(statement)
    binds = "\n".join(f"-- {name} = {value!r}" for name, value in compiled.binds.items())
    snapshot = f"{text}\n\n-- as it runs:\n{compiled.sql}\n{binds}\n"
    path = SNAPSHOTS / dialect / f"{document}.sql"
    if os.environ.get("UPDATE_SNAPSHOTS"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(snapshot)
    assert path.exists(), f"{path.name} is new: run with UPDATE_SNAPSHOTS=1 and review it"
    assert snapshot == path.read_text()


@pytest.mark.parametrize("document", DOCUMENTS)
def test_duckdb_runs_it(document: str) -> None:
    tables = catalog()
    found = planned(document, tables)
    connection = duckdb.connect()
    spelled = DIALECTS["duckdb"].type_name
    for table in tables.tables.values():
        columns = ", ".join(f'"{column.name}" {spelled(column.type)}' for column in table.columns)
        connection.execute(f'CREATE TABLE "{table.name}" ({columns})')
    compiled = sql.compile(found, tables)
    connection.execute(compiled.sql, compiled.binds)
    told = [(name, str(kind).replace(",", ", ")) for name, kind, *_ in connection.description or ()]
    assert told == [
        (field.name, spelled(field.type).replace("TIMESTAMPTZ", "TIMESTAMP WITH TIME ZONE"))
        for field in found.schema
    ]
