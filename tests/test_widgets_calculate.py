"""Calculated columns: typed as formulas, checked as they are typed, followed by what uses them."""

from __future__ import annotations

import pytest
from test_widgets_edit import CATALOG, SETTINGS

from aurora_widgets.errors import QueryInvalid
from aurora_widgets.query.functions import FUNCTIONS
from aurora_widgets.query.model import (
    Aggregate,
    Call,
    Condition,
    Constant,
    Derive,
    Filter,
    Key,
    Measure,
    Query,
    Select,
    Sort,
    SortKey,
)
from aurora_widgets.query.model import Column as Named
from aurora_widgets.service.labels import of_table
from aurora_widgets.widgets import calculate, edit, functions
from aurora_widgets.widgets.messages import Calculated
from aurora_widgets.widgets.reading import Reading, read

DOUBLE = Derive("double", Call("multiply", (Named("revenue"), Constant(2))))


def reading(*steps: object) -> Reading:
    return read(Query("sales", steps=steps), CATALOG, SETTINGS)  # type: ignore[arg-type]


def test_a_formula_has_the_type_of_what_it_gives() -> None:
    lines = calculate.check(
        reading(),
        (
            Calculated("double", "Revenue * 2"),
            Calculated("share", "double / [Revenue]"),
            Calculated("when", "year([Sale date])"),
            Calculated("who", 'region & "!"'),
        ),
    )
    assert [str(line.type) for line in lines] == ["decimal(31,2)", "float64", "int64", "text"]
    assert not any(line.wrong or line.misnamed for line in lines)


@pytest.mark.parametrize(
    ("formula", "place", "sentence"),
    [
        ("revenue + region", "region", "`region` holds text, where this takes numbers."),
        ("year(region)", "region", "`region` holds text, where this takes dates or dates with times."),
        ("hour(day)", "day", "`day` holds dates, where this takes dates with times."),
        ("revenue * ", "", "Something is missing at the end: a column, a number, a text or a function."),
        ("if(region > 5, 1, 2)", "region > 5", "`>` can't be asked of `region`"),
        ("double * 2", "double", "“double” is not a column here."),
    ],
)
def test_what_is_wrong_stands_at_its_place(formula: str, place: str, sentence: str) -> None:
    (line,) = calculate.check(reading(), (Calculated("x", formula),))
    assert line.type is None
    assert formula[line.wrong[0].start : line.wrong[0].end] == place
    assert sentence in line.wrong[0].message


def test_a_name_that_is_taken_or_missing_is_said_beside_the_name() -> None:
    lines = calculate.check(
        reading(),
        tuple(
            Calculated(*each) for each in [("Revenue", "1 + rep"), (" ", "rep"), ("a", "rep"), ("A", "rep")]
        ),
    )
    assert [line.misnamed is not None for line in lines] == [True, True, False, True]
    assert lines[1].misnamed == "Give it a name."
    with pytest.raises(QueryInvalid, match="another name"):
        calculate.set_columns(reading(), (Calculated("revenue", "1 + rep"),))


def test_a_name_means_the_column_of_that_name_before_any_label() -> None:
    names = calculate.spoken(of_table(CATALOG["sales"]))
    assert names["Sale date"] == names["sale date"] == names["DAY".lower()] == "day"
    assert names["id"] == "id"


def test_a_new_column_shows_itself_where_columns_were_chosen() -> None:
    now = reading(Select(("id", "revenue")))
    after = calculate.set_columns(now, (Calculated("double", "revenue * 2"),))
    assert after.steps == (DOUBLE, Select(("id", "revenue", "double")))


def test_renaming_a_column_renames_it_wherever_it_is_used() -> None:
    now = reading(
        DOUBLE,
        Derive("more", Call("add", (Named("double"), Constant(1)))),
        Filter(Condition("double", ">", value=3)),
        Aggregate(by=(Key("double"),), measures=(Measure("sum_double", "sum", "double"),)),
        Sort((SortKey("double"),)),
    )
    after = calculate.set_columns(
        now, (Calculated("twice", "revenue * 2", was="double"), Calculated("more", "double + 1", was="more"))
    )
    assert after.steps == (
        Derive("twice", DOUBLE.expression),
        Derive("more", Call("add", (Named("twice"), Constant(1)))),
        Filter(Condition("twice", ">", value=3)),
        Aggregate(by=(Key("twice"),), measures=(Measure("sum_double", "sum", "twice"),)),
        Sort((SortKey("twice"),)),
    )


def test_taking_a_column_away_hides_it_and_turns_amber_what_used_it() -> None:
    now = reading(DOUBLE, Filter(Condition("double", ">", value=3)), Select(("id", "double")))
    for after in (calculate.set_columns(now, ()), edit.remove(now, "step:0")):
        assert after.steps == (Filter(Condition("double", ">", value=3)), Select(("id",)))
        assert list(read(after, CATALOG, SETTINGS).broken) == [0]


def test_the_sample_shows_the_columns_that_a_formula_uses_and_what_it_gives() -> None:
    columns = (Calculated("double", "revenue * 2"), Calculated("share", "double / rate"))
    query = calculate.sample(reading(), columns, 1)
    assert query.steps[-1] == Select(("double", "rate", "share"))
    with pytest.raises(QueryInvalid, match="not finished"):
        calculate.sample(reading(), (Calculated("x", "revenue *"),), 0)


def test_a_column_set_aside_stays_so_and_later_ones_still_read() -> None:
    now = reading(DOUBLE)
    after = calculate.set_columns(now, (Calculated("double", "revenue * 2", was="double", disabled=True),))
    assert after.steps == (Derive("double", DOUBLE.expression, disabled=True),)


def test_every_function_is_offered_with_a_sentence() -> None:
    offered = functions.offered()
    assert {row["name"] for row in offered} == {*FUNCTIONS, "if"}
    assert all(str(row["says"]).endswith(".") for row in offered)
