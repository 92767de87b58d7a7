"""What each pass does to a document, seen on small ones."""

import datetime as dt
from dataclasses import replace

import pytest

from aurora_widgets import settings as limits
from aurora_widgets.catalog.model import Catalog, Column, Table, VintageColumns
from aurora_widgets.plan import Context, plan, vintage
from aurora_widgets.query.model import (
    Aggregate,
    Call,
    Condition,
    Constant,
    Derive,
    Filter,
    Group,
    Join,
    Key,
    Limit,
    Measure,
    On,
    Query,
    Select,
    Sort,
    SortKey,
    Vintage,
)
from aurora_widgets.query.model import Column as Of
from aurora_widgets.query.types import DATE, FLOAT64, INT64, TEXT, TIMESTAMP, TIMESTAMPTZ, Field, decimal


def table(name, columns, **known):
    return Table(name, tuple(Column(column, kind, column) for column, kind in columns.items()), **known)


SALES = {
    "id": INT64,
    "rep": INT64,
    "amount": decimal(10, 2),
    "sold": DATE,
    "booked": TIMESTAMP,
    "region": TEXT,
}
CATALOG = Catalog(
    {
        "sales": table("sales", SALES, key=("id",)),
        "lines": table("lines", SALES),
        "heap": table("heap", SALES, ordered=False),
        "people": table("people", {"rep": INT64, "name": TEXT, "region": TEXT}, key=("rep",)),
        "loads": table(
            "loads",
            {"kind": TEXT, "load": TEXT, "at": TIMESTAMP, "amount": INT64, "rep": INT64},
            vintage=VintageColumns("kind", "load", "at"),
        ),
    },
    time_zone="Europe/Berlin",
)
LAST = dt.datetime.fromisoformat("9999-12-31 23:59:59.999999")
NOW = dt.datetime(2024, 3, 31, 22, 30, tzinfo=dt.UTC)  # in Berlin it is April already
CONTEXT = Context(CATALOG, limits.load({}), NOW, {"loads": (("B", "2"), ("A", "7"))})
JOIN = Join("people", (On("rep", "rep"),), "left")


def at(text):
    return dt.datetime.fromisoformat(text)


def planned(table, *steps, without=(), context=CONTEXT, **document):
    return plan(Query(table, steps=steps, **document), context, without=without)


def steps(table, *given, without=(), **document):
    return planned(table, *given, without=without, **document).query.steps


def one(steps, kind):
    (found,) = (step for step in steps if isinstance(step, kind))
    return found


def conditions(tree):
    if isinstance(tree, Condition):
        return [(tree.column, tree.op, tree.value)]
    return [each for child in tree.children for each in conditions(child)]


def asked(table, condition):
    """The plain comparisons that one condition becomes."""
    return one(steps(table, Filter(condition), without=("push_down",)), Filter).where


# ── values and dates


def test_relative_dates_go_by_whole_units_where_the_catalog_is():
    assert asked("sales", Condition("sold", "in the last", count=3, unit="month")) == Condition(
        "sold", "between", low=dt.date(2024, 1, 1), high=dt.date(2024, 3, 31)
    )
    assert asked("sales", Condition("sold", "this", unit="week")) == Condition(
        "sold", "between", low=dt.date(2024, 4, 1), high=dt.date(2024, 4, 7)
    )


def test_as_of_settles_relative_dates():
    where = Filter(Condition("sold", "previous", unit="quarter"))
    tree = one(steps("sales", where, as_of="2023-02-01T00:30:00+00:00"), Filter).where
    assert (tree.low, tree.high) == (dt.date(2022, 10, 1), dt.date(2022, 12, 31))


@pytest.mark.parametrize(
    ("op", "value", "becomes"),
    [
        ("=", "2024-01-05", [(">=", at("2024-01-05")), ("<", at("2024-01-06"))]),
        ("<=", "2024-01-05", [("<", at("2024-01-06"))]),
        (">", "2024-01-05", [(">=", at("2024-01-06"))]),
        ("<", "2024-01-05", [("<", at("2024-01-05"))]),
        ("<=", "2024-01-05 12:00", [("<=", at("2024-01-05 12:00"))]),
        ("<=", "9999-12-31", [("<=", LAST)]),
    ],
)
def test_a_date_on_a_timestamp_is_the_whole_day(op, value, becomes):
    found = conditions(asked("sales", Condition("booked", op, value)))
    assert [(op, value) for _, op, value in found] == becomes


def test_a_negative_is_the_complement_of_the_ranges_of_its_positive():
    tree = asked("sales", Condition("booked", "not in", values=("2024-01-05", "2024-01-07 10:00")))
    assert isinstance(tree, Group)
    assert tree.negate


# ── push down


def test_conditions_go_to_the_side_of_a_join_that_they_ask():
    filters = (Filter(Condition("name", "=", "Ann")), Filter(Condition("amount", ">", 5)))
    found = steps("sales", replace(JOIN, how="inner"), *filters)
    assert [type(step) for step in found[:3]] == [Select, Filter, Join]
    assert conditions(found[1].where) == [("amount", ">", 5)]
    assert conditions(one(found[2].steps, Filter).where) == [("name", "=", "Ann")]


def test_a_left_join_keeps_conditions_on_its_right_above_it():
    found = steps("sales", JOIN, Filter(Condition("name", "is empty")))
    assert [type(step) for step in found[:3]] == [Select, Join, Filter]
    assert [type(step) for step in found[1].steps] == [Select]


def test_a_full_join_takes_conditions_on_its_keys_to_both_sides():
    found = steps("sales", replace(JOIN, how="full"), Filter(Condition("rep", ">", 5)))
    assert [type(step) for step in found[:3]] == [Select, Filter, Join]
    assert conditions(one(found[2].steps, Filter).where) == [("rep", ">", 5)]
    blocked = steps("sales", replace(JOIN, how="full"), Filter(Condition("amount", ">", 5)))
    assert [type(step) for step in blocked[:3]] == [Select, Join, Filter]


def test_conditions_on_group_keys_go_before_the_aggregate_but_not_through_totals():
    by = Aggregate((Key("region"), Key("sold", "month")), (Measure("n", "count"),))
    where = Filter(
        Group(
            children=(
                Condition("region", "=", "North"),
                Condition("sold_month", ">", "2024-01-01"),
                Condition("n", ">", 3),
            )
        )
    )
    found = steps("sales", by, where)
    assert [type(step) for step in found[:4]] == [Select, Filter, Aggregate, Filter]
    assert conditions(found[1].where) == [("region", "=", "North"), ("sold", ">=", dt.date(2024, 2, 1))]
    assert conditions(found[3].where) == [("n", ">", 3)]
    stays = steps("sales", replace(by, totals="grand"), where)
    assert [type(step) for step in stays[:3]] == [Select, Aggregate, Filter]


def test_no_condition_goes_through_a_limit_or_into_an_aggregate_without_keys():
    limited = steps("sales", Limit(5), Filter(Condition("amount", ">", 5)))
    assert [type(step) for step in limited] == [Select, Limit, Filter]
    summed = steps("sales", Aggregate(measures=(Measure("n", "count"),)), Filter(Condition("n", ">", 5)))
    assert [type(step) for step in summed] == [Select, Aggregate, Filter]


# ── prune


def test_each_scan_names_only_what_is_used():
    found = steps("sales", JOIN, Aggregate((Key("region"),), (Measure("total", "sum", "amount"),)))
    assert found[0] == Select(("rep", "amount", "region"))
    assert found[1].steps == (Select(("rep",)),)
    assert found[1].outputs == ()


def test_a_count_of_rows_reads_the_cheapest_column():
    assert steps("sales", Aggregate(measures=(Measure("n", "count"),)))[0] == Select(("id",))


def test_what_nothing_uses_is_not_computed():
    double = Derive("double", Call("multiply", (Of("amount"), Constant(2))))
    measures = (Measure("total", "sum", "amount"), Measure("most", "max", "id"))
    found = steps("sales", double, Aggregate((Key("region"),), measures), Select(("total",)))
    assert found[0] == Select(("amount", "region"))
    assert one(found, Aggregate).measures == measures[:1]


# ── order


def by(*names):
    return Sort(tuple(SortKey(name.lstrip("-"), name.startswith("-")) for name in names))


@pytest.mark.parametrize(
    ("table", "given", "total"),
    [
        ("sales", (), None),
        ("heap", (), ("id", "rep", "amount", "sold", "booked", "region")),
        ("sales", (by("-amount"),), ("-amount", "id")),
        ("lines", (by("-amount"), Select(("rep", "region"))), ("-amount", "rep", "region")),
        ("sales", (JOIN,), ("id",)),
        ("sales", (Join("people", (On("region", "region"),), "left"),), ("id", "people.rep")),
        ("sales", (by("sold"), by("-amount")), ("-amount", "sold", "id")),
        ("sales", (Aggregate((Key("region"),), totals="grand"),), ("region", "__total__")),
        ("sales", (by("sold"), Aggregate((Key("region"),))), ("region",)),
    ],
)
def test_ties_are_told_apart_by_a_key_or_else_by_all_that_is_shown(table, given, total):
    found = [step for step in steps(table, *given) if isinstance(step, Sort)]
    assert found == ([] if total is None else [by(*total)])


def test_a_column_that_is_hidden_still_sorts():
    found = planned("sales", by("-amount"), Select(("region",)))
    assert found.query.steps[-2:] == (by("-amount", "id"), Select(("region",)))
    assert found.schema == (Field("region", TEXT),)


def test_a_hidden_sort_column_makes_way_for_a_later_one_of_its_name():
    found = planned("sales", by("-region"), Select(("id", "rep")), replace(JOIN, how="inner"))
    assert [field.name for field in found.schema] == ["id", "rep", "name", "region"]
    assert one(found.query.steps, Sort).by[0] == SortKey("__order_1__", descending=True)


def test_a_column_that_is_the_same_on_every_row_sorts_nothing():
    one_on_each = Derive("one", Constant(1))
    copied = Derive("same", Of("one"))
    found = planned("sales", one_on_each, copied, by("same", "-amount"), Select(("id", "same")))
    assert one(found.query.steps, Sort) == by("-amount", "id")


def test_the_first_rows_are_the_same_ones_each_time():
    found = steps("lines", by("amount"), Limit(3), Filter(Condition("rep", ">", 1)))
    kinds = [type(step) for step in found]
    assert kinds == [Select, Sort, Limit, Filter, Sort]
    assert found[1] == found[4] == by("amount", "id", "rep", "sold", "booked", "region")


def test_a_count_of_the_first_rows_sorts_nothing():
    count = Aggregate(measures=(Measure("rows", "count"),))
    assert not any(isinstance(step, Sort) for step in steps("heap", Limit(100), count))


# ── vintage


@pytest.mark.parametrize(
    ("asked", "pins"),
    [
        (None, [("kind", "=", "B"), ("load", "=", "2"), ("kind", "=", "A"), ("load", "=", "7")]),
        (Vintage("A"), [("kind", "=", "A"), ("load", "=", "7")]),
        (Vintage("latest", "latest"), [("kind", "=", "B"), ("load", "=", "2")]),
        (Vintage("latest", "all"), [("kind", "=", "B")]),
        (Vintage("all", "3"), [("load", "=", "3")]),
        (Vintage("A", "3"), [("kind", "=", "A"), ("load", "=", "3")]),
        (Vintage("C", "latest"), [("load", "in", None)]),
    ],
)
def test_loads_are_pinned_first(asked, pins):
    found = steps("loads", vintage=asked)
    assert isinstance(found[1], Filter)
    assert conditions(found[1].where) == pins


def test_all_loads_are_read_only_where_it_says_so():
    assert [type(step) for step in steps("loads", vintage=Vintage("all", "all"))] == [Select]


def test_a_joined_table_is_pinned_too():
    found = planned("people", Join("loads", (On("rep", "rep"),), "left", vintage=Vintage("A")))
    join = one(found.query.steps, Join)
    assert conditions(one(join.steps, Filter).where) == [("kind", "=", "A"), ("load", "=", "7")]
    assert [(each.table, each.load_type, each.load_id, each.loads) for each in found.vintage] == [
        ("loads", "A", "latest", (("A", "7"),))
    ]


def test_the_catalogs_default_load_belongs_to_its_default_load_type():
    pins = VintageColumns("kind", "load", default_load_type="A", default_load_id="5")
    catalog = Catalog({"loads": replace(CATALOG["loads"], vintage=pins)})
    context = replace(CONTEXT, catalog=catalog)
    usual = planned("loads", context=context).vintage[0]
    other = planned("loads", context=context, vintage=Vintage("B")).vintage[0]
    assert (usual.load_type, usual.load_id) == ("A", "5")
    assert (other.load_type, other.load_id) == ("B", "latest")


def test_a_default_load_is_typed_by_its_column():
    pins = VintageColumns(None, "amount", default_load_id="5")
    context = replace(CONTEXT, catalog=Catalog({"loads": replace(CATALOG["loads"], vintage=pins)}))
    found = planned("loads", context=context)
    assert conditions(one(found.query.steps, Filter).where) == [("amount", "=", 5)]
    assert found.vintage[0].loads == (("all", 5),)


def test_the_latest_loads_are_read_from_the_rows_of_their_question():
    rows = [("B", "2", None, 4), ("A", "7", None, 3), ("B", "1", None, 5), (None, "9", None, 1)]
    assert vintage.latest_loads(CATALOG["loads"], rows) == (("B", "2"), ("A", "7"), (None, "9"))


# ── shape


def test_columns_that_are_taken_are_named_after_their_table():
    found = planned("sales", JOIN, Join("people", (On("rep", "rep"),), alias="boss"))
    assert [field.name for field in found.schema][6:] == ["name", "people.region", "boss.name", "boss.region"]


def test_sums_and_averages_have_their_types():
    measures = [Measure(fn, fn, "amount") for fn in ("sum", "avg", "min", "count")]
    found = planned("sales", Aggregate((Key("booked", "month"),), tuple(measures)))
    assert [str(field.type) for field in found.schema] == [
        "timestamp",
        "decimal(38,2)",
        "float64",
        "decimal(10,2)",
        "int64",
    ]


def test_constants_take_the_type_of_their_place():
    found = planned("sales", Derive("d", Call("coalesce", (Of("sold"), Constant("2024-01-05")))))
    assert found.schema[-1] == Field("d", DATE)
    assert one(found.query.steps, Derive).expression.args[1] == Constant(dt.date(2024, 1, 5))
    assert planned("sales", Derive("d", Call("divide", (Of("id"), Constant(2))))).schema[-1].type == FLOAT64


def test_an_instant_is_compared_by_the_days_of_the_catalogs_zone():
    catalog = replace(CATALOG, tables={"seen": table("seen", {"at": TIMESTAMPTZ})})
    found = planned(
        "seen", Filter(Condition("at", "=", "2024-03-31")), context=replace(CONTEXT, catalog=catalog)
    )
    assert conditions(one(found.query.steps, Filter).where) == [
        ("at", ">=", dt.datetime(2024, 3, 30, 23, tzinfo=dt.UTC)),
        ("at", "<", dt.datetime(2024, 3, 31, 22, tzinfo=dt.UTC)),
    ]
