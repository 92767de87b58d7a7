"""The question in a person's words."""

from __future__ import annotations

import pytest

from aurora_widgets import settings as limits
from aurora_widgets.catalog.model import Catalog, Column, Table, VintageColumns
from aurora_widgets.plan.context import InForce
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
    Step,
    Vintage,
)
from aurora_widgets.query.model import Column as Named
from aurora_widgets.query.types import BOOLEAN, DATE, INT64, TEXT, TIMESTAMP, decimal
from aurora_widgets.widgets.reading import read
from aurora_widgets.widgets.words import chips, lowered, vintage_words

CATALOG = Catalog(
    {
        "global_sales": Table(
            "global_sales",
            (
                Column("sale_date", DATE, "Sale date"),
                Column("loaded_at", TIMESTAMP, "Loaded at"),
                Column("region", TEXT, "Region"),
                Column("revenue", decimal(12, 2), "Revenue"),
                Column("id", INT64, "ID"),
                Column("renewal", BOOLEAN, "Renewal"),
                Column("load_type", TEXT, "Load type"),
                Column("load_id", TEXT, "Load"),
            ),
            label="Global sales",
            vintage=VintageColumns("load_type", "load_id"),
        ),
        "staff": Table(
            "staff", (Column("id", INT64, "ID"), Column("name", TEXT, "Name")), label="Employee roster"
        ),
    }
)


def said(*steps: Step) -> list[str]:
    now = read(Query("global_sales", Vintage("ACTUALS", "2026-11-20"), steps), CATALOG, limits.load({}))
    assert not now.broken
    return [str(chip["text"]) for chip in chips(now)]


BETWEEN = Condition("sale_date", "between", low="2024-06-01", high="2025-06-30")
EITHER = Group(
    "or", (Condition("region", "in", values=("EMEA", "APAC")), Condition("revenue", ">", value=15000))
)


def test_a_whole_question_reads_as_a_sentence_each() -> None:
    assert said(
        Join("staff", (On("id", "id"),), "left"),
        Filter(Group("and", (BETWEEN, EITHER))),
        Aggregate((Key("region"), Key("sale_date", "month")), (Measure("total", "sum", "revenue"),)),
        Filter(Condition("total", ">", value=1_000_000)),
        Sort((SortKey("total", descending=True), SortKey("region"))),
        Limit(10),
        Select(("region", "total")),
    ) == [
        "Global sales",
        "ACTUALS · 2026-11-20",
        "⋈ Employee roster (left)",
        "sale date between 1 Jun 2024 and 30 Jun 2025 AND (region in EMEA, APAC OR revenue > 15,000)",
        "Σ revenue by region, month of sale date",
        "Σ total > 1,000,000",
        "sorted by total ↓, region ↑",
        "first 10 rows",
        "columns region, total",
    ]


@pytest.mark.parametrize(
    ("step", "text"),
    [
        (Filter(Group("or", (BETWEEN,), negate=True)), "NOT (sale date between 1 Jun 2024 and 30 Jun 2025)"),
        (
            Filter(Condition("sale_date", "in the last", count=3, unit="month")),
            "sale date in the last 3 months",
        ),
        (
            Filter(Condition("sale_date", "in the last", count=1, unit="year", include_current=True)),
            "sale date in the last 1 year and this one",
        ),
        (Filter(Condition("sale_date", "this", unit="quarter")), "sale date in this quarter"),
        (Filter(Condition("loaded_at", ">", value="2024-06-01T08:30:00")), "loaded at > 1 Jun 2024 08:30:00"),
        (Filter(Condition("renewal", "is true")), "renewal is true"),
        (Filter(Condition("region", "is empty")), "region is empty"),
        (Filter(Condition("region", "=", value="EMEA", case_sensitive=False)), "region = EMEA (any case)"),
        (
            Filter(Condition("region", "contains", value="a", case_sensitive=True)),
            "region contains a (exact case)",
        ),
        (Filter(Condition("region", "=", value=" x")), "region = “ x”"),
        (Filter(Condition("region", "in", values=())), "region in nothing"),
        (Filter(Condition("revenue", ">", other="id")), "revenue > ID"),
        (
            Filter(Group("and", (Condition("id", "=", value=1, disabled=True),))),
            "every row (all rules are off)",
        ),
        (Filter(Group("or", (Condition("region", "contains", value="x"),)), role="search"), "search “x”"),
        (Aggregate((Key("region"),)), "distinct region"),
        (Aggregate((), (Measure("n", "count"),)), "count of rows of all rows"),
        (
            Aggregate(
                (Key("region"),),
                (Measure("a", "avg", "revenue"), Measure("d", "distinct_count", "id")),
                "grand",
            ),
            "average revenue, distinct ID by region, with a grand total",
        ),
        (
            Derive("gain", Call("subtract", (Named("revenue"), Constant(5)))),
            "gain = revenue - 5",
        ),
    ],
)
def test_each_step_has_its_words(step: Step, text: str) -> None:
    assert said(step)[2] == text


def test_a_long_list_is_counted_not_written_out() -> None:
    (text,) = said(Filter(Condition("id", "in", values=tuple(range(1_000)))))[2:]
    assert text.endswith("27, 28, 29 and 970 more")


def test_a_broken_or_switched_off_step_still_has_its_words() -> None:
    broken = Filter(Condition("gone", "=", value=1))
    now = read(Query("global_sales", None, (broken, Limit(3, disabled=True))), CATALOG, limits.load({}))
    *_, first, second = chips(now)
    assert (first["text"], bool(first["broken"]), first["part"]) == ("gone = 1", True, "filter")
    assert (second["text"], second["disabled"], second["key"]) == ("first 3 rows", True, "step:1")


def test_latest_and_all_are_said() -> None:
    assert vintage_words(Vintage("all", "latest")) == "all load types · latest"
    assert vintage_words(Vintage(None, "all")) == "all loads"


def test_a_result_without_a_name_of_its_own_says_what_it_measures() -> None:
    assert said(
        Aggregate((Key("region"),), (Measure("sum_revenue", "sum", "revenue"), Measure("rows", "count"))),
        Filter(Condition("sum_revenue", ">", value=1_000_000)),
        Sort((SortKey("rows"), SortKey("sum_revenue"))),
    )[2:] == [
        "Σ revenue, count of rows by region",
        "Σ revenue > 1,000,000",
        "sorted by rows ↑, sum of revenue ↑",
    ]


def test_a_label_inside_a_sentence_is_lower_case_unless_it_is_an_abbreviation() -> None:
    assert [lowered(label) for label in ("Sale date", "ID", "EMEA share", "x", "")] == [
        "sale date",
        "ID",
        "EMEA share",
        "x",
        "",
    ]


def test_a_join_says_which_load_it_joins() -> None:
    join = Join(
        "global_sales", (On("id", "id"),), alias="before", vintage=Vintage("ACTUALS", "latest"), how="left"
    )
    now = read(Query("global_sales", Vintage("FORECAST", "F1"), (join,)), CATALOG, limits.load({}))
    in_force = (
        InForce("global_sales", "FORECAST", "F1", (("FORECAST", "F1"),)),
        InForce("before", "ACTUALS", "latest", (("ACTUALS", "2026-11-20"),)),
    )
    assert [chip["text"] for chip in chips(now, in_force)][1:] == [
        "FORECAST · F1",
        "⋈ Global sales as before · ACTUALS · latest (2026-11-20) (left)",
    ]


def test_a_rule_on_a_month_names_the_month() -> None:
    by = Aggregate(
        by=(Key("sale_date", "month"), Key("loaded_at", "quarter")), measures=(Measure("n", "count"),)
    )
    rules = Group(
        "and",
        (
            Condition("sale_date_month", "between", low="2024-06-01", high="2024-08-01"),
            Condition("loaded_at_quarter", "=", value="2024-04-01"),
            Condition("sale_date_month", ">", value="2024-06-15"),
        ),
    )
    now = read(Query("global_sales", Vintage("A", "B"), (by, Filter(rules))), CATALOG, limits.load({}))
    assert chips(now)[-1]["text"] == (
        "sale date (month) between 2024-06 and 2024-08 AND loaded at (quarter) = 2024 Q2 "
        "AND sale date (month) > 2024-06-15"
    )
