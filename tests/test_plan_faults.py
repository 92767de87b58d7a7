"""What a document is refused for: every fault at once, where it stands, and what was meant."""

import datetime as dt

import pytest

from aurora_widgets import settings as limits
from aurora_widgets.catalog.model import Catalog, Column, Table, VintageColumns
from aurora_widgets.errors import QueryInvalid
from aurora_widgets.plan import Context, plan
from aurora_widgets.query.model import Aggregate, Join, Limit, Query
from aurora_widgets.query.read import from_json
from aurora_widgets.query.types import BOOLEAN, DATE, INT64, NESTED, TEXT, TIMESTAMP, decimal


def table(name, columns, **known):
    return Table(name, tuple(Column(column, kind, column) for column, kind in columns.items()), **known)


CATALOG = Catalog(
    {
        "sales": table(
            "sales",
            {
                "region": TEXT,
                "amount": decimal(10, 2),
                "units": INT64,
                "sold": DATE,
                "booked": TIMESTAMP,
                "paid": BOOLEAN,
                "tags": NESTED,
            },
        ),
        "people": table("people", {"region": TEXT, "name": TEXT, "units": INT64, "since": TIMESTAMP}),
        "plans": table(
            "plans", {"region": TEXT, "kind": TEXT, "load": INT64}, vintage=VintageColumns("kind", "load")
        ),
    }
)
CONTEXT = Context(CATALOG, limits.load({}), dt.datetime(2024, 3, 15, tzinfo=dt.UTC))


def faults(*steps, table="sales", **document) -> list[tuple[str, str]]:
    with pytest.raises(QueryInvalid) as refused:
        plan(from_json({"version": 1, "table": table, "steps": list(steps), **document}), CONTEXT)
    return [(fault.path, fault.message) for fault in refused.value.faults]


def where(*children, op="and"):
    return {"type": "filter", "where": {"type": "group", "op": op, "children": list(children)}}


def asks(column, op, **operands):
    return {"type": "condition", "column": column, "op": op, **operands}


def test_all_faults_come_at_once_in_the_order_they_stand():
    found = faults(
        {"type": "sort", "by": [{"column": "amuont"}]},
        where(asks("amount", "contains", value="1"), asks("units", "in", values=[1, "abc"])),
        {
            "type": "aggregate",
            "by": [{"column": "region"}],
            "measures": [{"as": "t", "fn": "sum", "column": "sold"}],
        },
    )
    assert [path for path, _ in found] == [
        "steps[0].by[0].column",
        "steps[1].where.children[0].op",
        "steps[1].where.children[1].values[1]",
        "steps[2].measures[0].fn",
    ]
    assert found[0][1] == "`amuont` is not a column here; did you mean `amount`?"


def test_paths_count_disabled_steps_and_conditions():
    found = faults(
        {"type": "limit", "rows": 5, "disabled": True},
        where({**asks("nope", "=", value=1), "disabled": True}, asks("units", "=", value="x")),
    )
    assert [path for path, _ in found] == ["steps[1].where.children[1].value"]


def test_a_disabled_step_may_be_broken():
    query = from_json(
        {
            "version": 1,
            "table": "sales",
            "steps": [
                {"type": "derive", "column": "x", "expression": {"column": "nope"}, "disabled": True},
                {"type": "join", "table": "nope", "on": [{"left": "a", "right": "b"}], "disabled": True},
                where(
                    {"type": "group", "op": "or", "children": [asks("nope", "=", value=1)], "disabled": True}
                ),
            ],
        }
    )
    names = [field.name for field in plan(query, CONTEXT).schema]
    assert names == ["region", "amount", "units", "sold", "booked", "paid", "tags"]


def test_an_unknown_table_names_the_nearest():
    assert faults(table="sale") == [("table", "`sale` is not a table here; did you mean `sales`?")]


def test_an_unknown_joined_table_does_not_blame_its_columns():
    found = faults(
        {"type": "join", "table": "peple", "on": [{"left": "region", "right": "region"}]},
        where(asks("name", "=", value="Ann")),
    )
    assert found == [("steps[0].table", "`peple` is not a table here; did you mean `people`?")]


def test_a_column_is_gone_after_an_aggregate_that_does_not_keep_it():
    aggregate = {"type": "aggregate", "by": [{"column": "region"}], "measures": [{"as": "n", "fn": "count"}]}
    found = faults(aggregate, where(asks("units", "=", value=1)))
    assert found == [("steps[1].where.children[0].column", "`units` is not a column here.")]


@pytest.mark.parametrize(
    ("condition", "path", "says"),
    [
        (asks("amount", "=", value="12,5"), "value", "write a number with digits and a point"),
        (asks("sold", ">", value="2024-02-30"), "value", "there is no such day in the calendar"),
        (asks("units", "in", values=["abc"]), "values[0]", "write a number"),
        (asks("paid", "=", value=True), "op", "use `is true`, `is false`, `is empty` or `is not empty`"),
        (asks("tags", "=", value="x"), "op", "use `is empty` or `is not empty`"),
        (asks("region", "<", value="x"), "op", "which holds text"),
        (asks("units", "=", other="region"), "other", "they can't be compared"),
        (asks("sold", "=", other="booked"), "other", "they can't be compared"),
        (asks("sold", "in the last", count=9999, unit="year"), "count", "out of the calendar"),
    ],
)
def test_a_condition_is_refused_where_its_column_can_not_answer(condition, path, says):
    ((found, message),) = faults(where(condition))
    assert found == f"steps[0].where.children[0].{path}"
    assert says in message


@pytest.mark.parametrize(
    ("step", "path", "says"),
    [
        ({"type": "derive", "column": "units", "expression": {"value": 1}}, "column", "already"),
        ({"type": "derive", "column": "UNITS", "expression": {"value": 1}}, "column", "already"),
        (
            {"type": "derive", "column": "x", "expression": {"value": None}},
            "expression",
            "empty on every row",
        ),
        (
            {"type": "derive", "column": "x", "expression": {"fn": "upper", "args": [{"column": "units"}]}},
            "expression.args[0]",
            "where this takes text",
        ),
        (
            {"type": "derive", "column": "x", "expression": {"fn": "add", "args": [{"column": "units"}]}},
            "expression.args",
            "`add` takes 2 arguments",
        ),
        (
            {
                "type": "derive",
                "column": "x",
                "expression": {"fn": "coalesce", "args": [{"column": "units"}, {"column": "region"}]},
            },
            "expression",
            "can't be mixed",
        ),
        (
            {
                "type": "derive",
                "column": "x",
                "expression": {"fn": "truncate", "args": [{"value": "hour"}, {"column": "sold"}]},
            },
            "expression.args[0].value",
            "`hour` is not a unit here",
        ),
        (
            {"type": "aggregate", "by": [{"column": "sold", "bucket": "hour"}]},
            "by[0].bucket",
            "can't be cut to `hour`",
        ),
        (
            {"type": "aggregate", "by": [{"column": "region", "bucket": "month"}]},
            "by[0].bucket",
            "only dates can",
        ),
        ({"type": "aggregate", "by": [{"column": "tags"}]}, "by[0].column", "can't be grouped by"),
        ({"type": "sort", "by": [{"column": "tags"}]}, "by[0].column", "can't be sorted by"),
        ({"type": "select", "columns": ["region", "region"]}, "columns[1]", "twice"),
        (
            {
                "type": "aggregate",
                "by": [{"column": "region"}],
                "measures": [{"as": "region", "fn": "count"}],
            },
            "measures[0].as",
            "Two columns of the summary",
        ),
    ],
)
def test_a_step_is_refused_where_it_can_not_mean_anything(step, path, says):
    ((found, message),) = faults(step)
    assert found == f"steps[0].{path}"
    assert says in message


def test_join_keys_must_hold_the_same_kind_of_value():
    found = faults({"type": "join", "table": "people", "on": [{"left": "sold", "right": "since"}]})
    assert found == [
        ("steps[0].on[0]", "`sold` holds dates and `since` holds dates with times: they can't be matched.")
    ]


def test_a_join_needs_an_equal_pair():
    ((path, message),) = faults(
        {"type": "join", "table": "people", "on": [{"left": "units", "right": "units", "op": "<"}]}
    )
    assert path == "steps[0].on[0].op"
    assert "needs a pair that is `=`" in message


def test_a_table_joined_twice_needs_a_name():
    join = {"type": "join", "table": "people", "on": [{"left": "region", "right": "region"}]}
    assert faults(join, join) == [("steps[1].as", "`people` is joined already: give this one another `as`.")]


def test_a_table_without_loads_takes_no_vintage():
    assert faults(vintage={"load_type": "A", "load_id": "latest"}) == [
        ("vintage", "`sales` has no loads to choose from.")
    ]


def test_a_load_is_typed_by_its_column():
    ((path, message),) = faults(table="plans", vintage={"load_type": "A", "load_id": "newest"})
    assert path == "vintage.load_id"
    assert "`newest` does not fit `load`" in message


def test_a_document_without_steps_is_fine():
    assert [field.name for field in plan(Query("people"), CONTEXT).schema] == [
        "region",
        "name",
        "units",
        "since",
    ]


def test_a_document_made_in_python_is_held_to_the_same_rules():
    with pytest.raises(QueryInvalid) as refused:
        plan(Query("sales", steps=(Join("people", ()), Aggregate(), Limit(-1))), CONTEXT)
    assert [fault.path for fault in refused.value.faults] == ["steps[0].on", "steps[1]", "steps[2].rows"]
