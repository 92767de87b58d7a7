"""The Ibis code that is printed makes the same expression, and gives the same rows, as the question."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import ibis
import pytest
from hypothesis import HealthCheck, given, settings
from strategies import questions

from aurora_widgets.catalog.model import Catalog, Column, Table, VintageColumns
from aurora_widgets.plan import Context, plan
from aurora_widgets.query import (
    MEASURES,
    Aggregate,
    Call,
    Condition,
    Constant,
    Derive,
    Filter,
    Key,
    Limit,
    Measure,
    MeasureFunction,
    Query,
    Select,
    Sort,
    SortKey,
    Step,
)
from aurora_widgets.query import Column as Named
from aurora_widgets.query.types import (
    BOOLEAN,
    DATE,
    FLOAT64,
    INT64,
    TEXT,
    TIMESTAMP,
    TIMESTAMPTZ,
    Family,
    Field,
    decimal,
)
from aurora_widgets.settings import load
from aurora_widgets.sql import to_ibis
from aurora_widgets.sql.code import NotPrintable, ibis_code
from aurora_widgets.sql.datatypes import ibis_type

TABLES = {
    "orders": (
        Field("id", INT64), Field("city", TEXT), Field("price", decimal(12, 2)), Field("rate", FLOAT64),
        Field("day", DATE), Field("at", TIMESTAMP), Field("seen", TIMESTAMPTZ), Field("paid", BOOLEAN),
    ),
    "the cities": (
        Field("city", TEXT), Field("id", INT64), Field("since", DATE),
        Field("It's \"odd\"", TEXT),
    ),
}  # fmt: skip
CATALOG = Catalog(
    {
        name: Table(name, tuple(Column(field.name, field.type, field.name) for field in schema))
        for name, schema in TABLES.items()
    },
    time_zone="Europe/Berlin",
)
CONTEXT = Context(CATALOG, load({}), dt.datetime(2024, 2, 10, tzinfo=dt.UTC))
IBIS = {
    name: ibis.table({field.name: ibis_type(field.type) for field in schema}, name=name)
    for name, schema in TABLES.items()
}
AS_ASKED = ("push_down", "prune")


def run(code: str, tables: dict[str, ibis.Table]) -> ibis.Table:
    names: dict[str, object] = {}
    exec(code, names)  # noqa: S102
    return names["answer"](tables)


def printed(query: Query, catalog: Catalog = CATALOG) -> str:
    context = Context(catalog, load({}), dt.datetime(2024, 2, 10, tzinfo=dt.UTC))
    return ibis_code(plan(query, context, without=AS_ASKED), catalog)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(questions(TABLES))
def test_the_code_of_any_question_makes_its_expression(query: Query) -> None:
    planned = plan(query, CONTEXT, without=AS_ASKED)
    made = run(ibis_code(planned, CATALOG), IBIS)
    meant = to_ibis(planned, IBIS, CATALOG.time_zone)
    assert made.schema() == meant.schema()
    assert ibis.to_sql(made, dialect="duckdb") == ibis.to_sql(meant, dialect="duckdb")


def test_the_code_says_a_question_step_by_step() -> None:
    query = Query(
        "the cities",
        steps=(
            Filter(Condition("id", "!=", 3)),
            Derive("loud", Call("upper", (Named("city"),))),
            Aggregate((Key("loud"),), (Measure("n", "count"),)),
        ),
    )
    assert printed(query).splitlines() == EXPECTED.strip().splitlines()


EXPECTED = """
import ibis

@ibis.udf.scalar.builtin(name="upper", signature=(("string",), "string"))
def upper(a0): ...


def answer(tables):
    table = tables["the cities"]
    filtered = table.filter((~(table["id"] == 3)) | table["id"].isnull())
    derived = filtered.mutate(upper(filtered["city"]).name("loud"))
    chosen = derived.select("loud")
    grouped = chosen.aggregate([chosen.count().name("n")], by=["loud"])
    ordered = grouped.order_by(ibis.asc(grouped["loud"], nulls_first=False))
    chosen_2 = ordered.select("loud", "n")
    return chosen_2
"""


def test_texts_put_together_are_printed() -> None:
    told = Call("concat", (Named("city"), Constant(": "), Call("upper", (Named("city"),))))
    planned = plan(Query("orders", steps=(Derive("told", told),)), CONTEXT, without=AS_ASKED)
    made = run(ibis_code(planned, CATALOG), IBIS)
    meant = to_ibis(planned, IBIS, CATALOG.time_zone)
    assert ibis.to_sql(made, dialect="duckdb") == ibis.to_sql(meant, dialect="duckdb")


def test_a_filter_on_the_one_row_of_an_aggregate_reads_the_aggregate_once() -> None:
    query = Query(
        "orders",
        steps=(
            Aggregate((), (Measure("total", "sum", "id"), Measure("most", "max", "id"))),
            Filter(Condition("total", ">", other="most")),
        ),
    )
    assert printed(query).count("sum()") == 1
    meant = to_ibis(plan(query, CONTEXT), IBIS, CATALOG.time_zone)
    assert str(ibis.to_sql(meant, dialect="duckdb")).count("SUM(") == 1


def test_a_decimal_has_the_digits_of_the_question_also_in_code() -> None:
    query = Query(
        "orders", steps=(Derive("more", Call("add", (Named("price"), Constant(1)))), Select(("more",)))
    )
    made = run(printed(query), IBIS)
    assert "AS DECIMAL(22, 2))" in str(ibis.to_sql(made, dialect="duckdb"))


def test_the_code_gives_the_rows_on_a_real_database() -> None:
    con = ibis.duckdb.connect()
    con.raw_sql(
        """
        create table orders as from (values
            (1, 'Bonn', 1.50::decimal(12,2), 0.1::double, date '2024-01-31', timestamp '2024-01-31 10:00'),
            (2, 'bonn', NULL, 'nan'::double, NULL, timestamp '2024-02-29 23:59:59'),
            (3, NULL, 2.25, NULL, date '2024-02-01', NULL),
            (3, '', 2.25, 7, date '2024-02-01', NULL)
        ) as t(id, city, price, rate, day, "at")
        """
    )
    schema = tuple(field for field in TABLES["orders"] if field.name not in {"seen", "paid"})
    columns = tuple(Column(field.name, field.type, field.name) for field in schema)
    catalog = Catalog({"orders": Table("orders", columns)})
    tables = {"orders": con.table("orders")}

    def rows(*steps: Step) -> list[tuple[object, ...]]:
        found = run(printed(Query("orders", steps=steps), catalog), tables).to_pyarrow().to_pylist()
        return [tuple(row.values()) for row in found]

    assert rows(Filter(Condition("city", "!=", "Bonn")), Select(("city",)), Sort((SortKey("city"),))) == [
        ("",),
        ("bonn",),
        (None,),
    ]
    assert rows(Filter(Condition("at", "=", "2024-02-29")), Select(("id",))) == [(2,)]
    assert rows(Filter(Condition("city", "is empty")), Select(("id",))) == [(3,), (3,)]
    assert rows(Filter(Condition("id", "in", values=tuple(range(2, 300)))), Select(("id",))) == [
        (2,),
        (3,),
        (3,),
    ]
    assert rows(Aggregate((Key("day", "month"),), (Measure("total", "sum", "price"),), "grand")) == [
        (dt.date(2024, 1, 1), Decimal("1.50"), 0),
        (dt.date(2024, 2, 1), Decimal("4.50"), 0),
        (None, None, 0),
        (None, Decimal("6.00"), 1),
    ]
    half = Call("divide", (Named("id"), Call("subtract", (Named("id"), Constant(1)))))
    assert rows(
        Derive("half", half), Select(("half",)), Sort((SortKey("half", descending=True),)), Limit(2)
    ) == [
        (2.0,),
        (1.5,),
    ]


def test_a_vintage_is_pinned_in_the_code() -> None:
    columns = tuple(Column(name, INT64, name) for name in ("load_id", "n"))
    catalog = Catalog({"sales": Table("sales", columns, vintage=VintageColumns(None, "load_id"))})
    sales = ibis.memtable({"load_id": [1, 2, 2], "n": [10, 20, 30]})
    code = printed(Query("sales", steps=(Aggregate((), (Measure("n", "sum", "n"),)),)), catalog)
    assert run(code, {"sales": sales}).to_pyarrow().to_pylist() == [{"n": 50}]


def test_an_extension_that_builds_what_is_unknown_is_named() -> None:
    row = MeasureFunction(
        "test_first", "First", frozenset({Family.TEXT}), lambda _: TEXT, build=lambda c: c.first()
    )
    MEASURES.register(row)
    try:
        with pytest.raises(NotPrintable, match=r"an extension that cannot be printed as Ibis code \(First\)"):
            printed(Query("orders", steps=(Aggregate((), (Measure("f", "test_first", "city"),)),)))
    finally:
        del MEASURES._rows["test_first"]
