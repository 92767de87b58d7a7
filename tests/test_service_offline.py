"""A document shows its SQL by itself: a catalog's types are enough, and no database is there."""

from __future__ import annotations

import pytest

from aurora_widgets.catalog import Catalog, Column, Table, VintageColumns
from aurora_widgets.errors import AuroraError, CatalogInvalid, QueryInvalid
from aurora_widgets.query import Aggregate, Condition, Filter, Key, Measure, Query
from aurora_widgets.query.types import DATE, INT64, TEXT, decimal

TYPES = {"region": TEXT, "day": DATE, "revenue": decimal(12, 2), "load_id": INT64}
SALES = Table("sales", tuple(Column(name, kind, name) for name, kind in TYPES.items()))
CATALOG = Catalog({"sales": SALES})
ASKED = Query(
    "sales",
    steps=(
        Filter(Condition("day", "=", "2024-02-29")),
        Aggregate((Key("region"),), (Measure("total", "sum", "revenue"),)),
    ),
)


def test_the_sql_of_a_document_needs_no_connection() -> None:
    text = ASKED.sql("duckdb", catalog=CATALOG)
    assert text == ASKED.sql(catalog=CATALOG)
    assert "\"day\" = CAST('2024-02-29' AS DATE)" in text


def test_the_latest_load_is_found_within_the_sql() -> None:
    loaded = Catalog({"sales": Table("sales", SALES.columns, vintage=VintageColumns(None, "load_id"))})
    assert 'MAX("' in Query("sales").sql(catalog=loaded)


def test_what_is_missing_is_said() -> None:
    with pytest.raises(CatalogInvalid, match="needs to know the columns' types: give `catalog`"):
        ASKED.sql("duckdb")
    with pytest.raises(QueryInvalid, match="revnue"):
        Query("sales", steps=(Filter(Condition("revnue", ">", 1)),)).sql(catalog=CATALOG)
    with pytest.raises(AuroraError, match="no SQL for sqlite yet; use duckdb"):
        ASKED.sql("sqlite", catalog=CATALOG)
