"""Columns and tables of any name, two that differ by case, and results of any name."""

# ruff: noqa: E501 - a table of cases reads best with a row a line

from __future__ import annotations

import pytest
from sql_lab import NOW, Lab, alike, col, derive, fn, no_star, select, where

from aurora_widgets import sql
from aurora_widgets.catalog.model import Catalog, Column, Table
from aurora_widgets.plan import Context, Planned, plan
from aurora_widgets.query.model import Aggregate, Derive, Join, Key, Measure, On, Query, Select, Sort, SortKey
from aurora_widgets.query.model import Column as Read
from aurora_widgets.query.types import INT64, INT128, TEXT, Field
from aurora_widgets.settings import load

ODD = [
    'with "quotes"',
    "with 'one'",
    "a.b.c",
    "with space",
    "Größe 🙂",
    "select",
    "x" * 120,
    "$p1",
    "t0",
    "%",
    "limit",
]


@pytest.mark.parametrize("name", ODD)
def test_a_column_of_any_name_goes_through_every_step(name: str) -> None:
    quoted = '"' + name.replace('"', '""') + '"'
    lab = Lab(t=f"SELECT * FROM (VALUES (1, 'a'), (2, 'b'), (NULL, 'c')) t({quoted}, other)")
    assert lab.ask("t", where(name, ">=", 1), derive("new", fn("add", col(name), 1)), select(name, "new")) == [
        (1, 2), (2, 3),
    ]  # fmt: skip
    grouped = {
        "type": "aggregate", "by": [{"column": "other"}],
        "measures": [{"as": name, "fn": "sum", "column": name}], "totals": "grand",
    }  # fmt: skip
    assert len(lab.ask("t", grouped)) == 4
    joined = {
        "type": "join",
        "table": "t",
        "as": "again",
        "how": "left",
        "on": [{"left": name, "right": name}],
    }
    assert lab.ask("t", joined, select("other", "again.other")) == [("a", "a"), ("b", "b"), ("c", None)]
    assert lab.ask("t", derive(f"{name} 2", col(name)), select(f"{name} 2")) == [(1,), (2,), (None,)]


@pytest.mark.parametrize("name", ['odd "table"', "main.t", "order", "Ünï"])
def test_a_table_of_any_name(name: str) -> None:
    assert Lab(**{name: "SELECT 1 AS a"}).ask(name) == [(1,)]


def test_two_columns_that_differ_by_case_alone() -> None:
    lab = Lab(t="SELECT * FROM (VALUES (1, 10, 'x'), (2, 20, 'x')) t(id, \"ID_2\", word)")
    columns = (
        Column("id", INT64, "id"),
        Column("ID", INT64, "ID", physical="ID_2"),
        Column("word", TEXT, "word"),
    )
    catalog = Catalog({"t": Table("t", columns)})

    def rows(*steps: object) -> list[tuple[object, ...]]:
        query = Query("t", steps=steps)  # type: ignore[arg-type]
        planned = plan(query, Context(catalog, load({}), NOW))
        compiled = sql.compile(planned, catalog)
        no_star(compiled.sql)
        found = lab._rows(compiled.sql, compiled.binds)
        assert [entry[0] for entry in lab.connection.description or ()] == [
            field.name for field in planned.schema
        ]
        assert alike(lab._rows(sql.compile_text(planned, catalog), {}), found)
        return found

    assert rows() == [(1, 10, "x"), (2, 20, "x")]
    assert rows(Select(("ID", "id"))) == [(10, 1), (20, 2)]
    assert rows(Sort((SortKey("ID", descending=True),)), Select(("id", "ID"))) == [(2, 20), (1, 10)]
    assert rows(Aggregate((Key("word"),), (Measure("a", "sum", "id"), Measure("b", "sum", "ID")))) == [
        ("x", 3, 30)
    ]
    assert rows(Derive("new", Read("ID")), Select(("new", "id", "ID"))) == [(10, 1, 10), (20, 2, 20)]
    again = Join("t", (On("id", "id"),), how="left", alias="o")
    assert rows(again) == [(1, 10, "x", 10, "x"), (2, 20, "x", 20, "x")]
    twins = Join("t", (On("word", "word"),), how="full", alias="o")
    assert rows(twins, Sort((SortKey("o.ID", descending=True), SortKey("id"))), Select(("id", "o.id", "o.ID"))) == [
        (1, 2, 20), (2, 2, 20), (1, 1, 10), (2, 1, 10),
    ]  # fmt: skip
    assert rows(Select(("word",)), twins, Aggregate((Key("id"),), (Measure("a", "sum", "ID"),), "grand")) == [
        (1, 20, 0), (2, 40, 0), (None, 60, 1),
    ]  # fmt: skip


def test_measures_and_keys_that_differ_by_case_alone() -> None:
    """Planning refuses them; were they to come from elsewhere, the right columns would still be shown."""
    lab = Lab(t="SELECT * FROM (VALUES ('x', 1::BIGINT), ('y', 2), ('y', 3)) t(total, n)")
    step = Aggregate((Key("total"),), (Measure("Total", "sum", "n"), Measure("TOTAL", "count")))
    schema = (Field("total", TEXT), Field("Total", INT128), Field("TOTAL", INT64))
    steps = (step, Sort((SortKey("Total", descending=True),)))
    compiled = sql.compile(Planned(Query("t", steps=steps), schema), lab.catalog)
    assert lab._rows(compiled.sql, compiled.binds) == [("y", 5, 2), ("x", 1, 1)]
