"""Formulas: what a person types is read, what is wrong is said where it is wrong, and it reads back."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from strategies import EXPRESSIONS

from aurora_widgets.query import formula, formula_text
from aurora_widgets.query.model import Branch, Call, Case, Column, Condition, Constant, Expression, Group

BOUNDED = settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
COLUMNS = {
    "revenue": "revenue",
    "cost": "cost",
    "region": "region",
    "sale_date": "sale_date",
    "sale date": "sale_date",
}
REVENUE, COST, REGION, DAY = Column("revenue"), Column("cost"), Column("region"), Column("sale_date")


def read(text: str) -> Expression:
    found = formula.read(text, COLUMNS)
    assert not found.wrong
    assert found.expression is not None
    return found.expression


@pytest.mark.parametrize(
    ("text", "means"),
    [
        ("revenue - cost", Call("subtract", (REVENUE, COST))),
        ("= Revenue − COST", Call("subtract", (REVENUE, COST))),
        ("[Sale date]", DAY),
        ("1 + 2 * 3", Call("add", (Constant(1), Call("multiply", (Constant(2), Constant(3)))))),
        ("(revenue - cost) / revenue", Call("divide", (Call("subtract", (REVENUE, COST)), REVENUE))),
        ("revenue - cost - 1", Call("subtract", (Call("subtract", (REVENUE, COST)), Constant(1)))),
        ("revenue * 12.5%", Call("multiply", (REVENUE, Constant(Decimal("0.125"))))),
        ("-revenue + -3", Call("add", (Call("negate", (REVENUE,)), Constant(-3)))),
        ('region & " " & "x"', Call("concat", (REGION, Constant(" "), Constant("x")))),
        ("ROUND(revenue; 1)", Call("round", (REVENUE, Constant(1)))),
        ("LEN(region)", Call("length", (REGION,))),
        ("left(region, 2)", Call("substring", (REGION, Constant(1), Constant(2)))),
        ("truncate(month, sale_date)", Call("truncate", (Constant("month"), DAY))),
        ("coalesce(revenue, empty)", Call("coalesce", (REVENUE, Constant(None)))),
        ('"say ""hi"""', Constant('say "hi"')),
        (
            'if(revenue > 1000 and region in ("EMEA", "APAC"), "big", "small")',
            Case(
                (
                    Branch(
                        Group(
                            "and",
                            (
                                Condition("revenue", ">", value=1000),
                                Condition("region", "in", values=("EMEA", "APAC")),
                            ),
                        ),
                        Constant("big"),
                    ),
                ),
                Constant("small"),
            ),
        ),
        (
            "if(revenue > cost, 1, sale_date in the last 3 months including this, 2)",
            Case(
                (
                    Branch(Condition("revenue", ">", other="cost"), Constant(1)),
                    Branch(
                        Condition("sale_date", "in the last", count=3, unit="month", include_current=True),
                        Constant(2),
                    ),
                )
            ),
        ),
        (
            "if(not (region is empty or revenue between 1 and 2), cost)",
            Case(
                (
                    Branch(
                        Group(
                            "or",
                            (Condition("region", "is empty"), Condition("revenue", "between", low=1, high=2)),
                            negate=True,
                        ),
                        COST,
                    ),
                )
            ),
        ),
    ],
)
def test_a_formula_means_what_a_spreadsheet_would_make_of_it(text: str, means: Expression) -> None:
    assert read(text) == means
    assert read(formula_text.text(means)) == means


@pytest.mark.parametrize(
    ("text", "sentence", "place"),
    [
        ("", "Something is missing at the end: a column, a number, a text or a function.", ""),
        ("revenue -", "Something is missing at the end: a column, a number, a text or a function.", ""),
        ("revenue cost", "“cost” can't stand here.", "cost"),
        ("(revenue", "A closing bracket is missing at the end.", ""),
        ("round(revenue, 1", "A closing bracket is missing at the end.", ""),
        ("revnue + 1", "“revnue” is not a column here; did you mean revenue?", "revnue"),
        ("if(region = EMEA, 1, 2)", '“EMEA” is not a column here. A text stands in quotes: "EMEA".', "EMEA"),
        ("rond(revenue)", "“rond” is not a function here; did you mean round?", "rond"),
        ("round()", "round is written round(x, [digits]).", "round()"),
        ("revenue > 3", "A comparison stands inside if(…), as in if(a > b, 1, 0).", ">"),
        ("revenue % 3", "% stands after a number, as in 10%; the remainder of a division is modulo(a, b).", "%"),  # noqa: E501
        ('region & "x', "The text that begins here has no closing quote.", '"x'),
        ("region & 'x'", 'A text stands in double quotes, as in "EMEA".', "'"),
        ("[revenue", "The name that begins here has no closing bracket.", "[revenue"),
        ("revenue $ 2", "“$” has no meaning in a formula.", "$"),
        ("if(1 > 2, 3)", "A condition begins with a column, as in revenue > 1000. To compare a calculation, make it a column of its own first.", "1"),  # noqa: E501
        ("if(revenue like 3, 3)", "“like” is no way to compare a column here; try =, >, between, in, contains or is empty.", "like"),  # noqa: E501
        ("1e99999", "The number has too many digits.", "1e99999"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_in_a_sentence_where_it_stands(text: str, sentence: str, place: str) -> None:
    found = formula.read(text, COLUMNS)
    assert found.wrong[0].message == sentence
    assert text[found.wrong[0].start : found.wrong[0].end] == place


def test_every_unknown_name_is_told_at_once() -> None:
    found = formula.read("revnue - csot", COLUMNS)
    assert [each.suggestion for each in found.wrong] == ["revenue", "cost"]


@pytest.mark.parametrize(
    "text", ["(" * 5_000, "-" * 5_000 + "1", "if(" * 3_000, "+".join(["1"] * 200), "not " * 9000]
)
def test_a_formula_that_is_nested_too_deeply_is_refused(text: str) -> None:
    assert formula.read(text).wrong


def test_the_place_of_a_part_is_found_by_its_path() -> None:
    text = 'if(revenue > cost, round(region, 1), "x")'
    found = formula.read(text, COLUMNS)
    for path, part in [
        ("", text),
        (".case[0].when.other", "revenue > cost"),
        (".case[0].then.args[0].column", "region"),
        (".else", '"x"'),
        (".nowhere[7]", text),
    ]:
        start, end = found.place(path)
        assert text[start:end] == part


@BOUNDED
@given(EXPRESSIONS)
def test_any_expression_comes_back_from_its_formula(expression: Expression) -> None:
    found = formula.read(formula_text.text(expression))
    assert not found.wrong
    assert found.expression == expression


@BOUNDED
@given(st.text(alphabet='aif()[]"&%,.+-*/<>= 0123not', max_size=40))
def test_no_text_is_more_than_a_fault(text: str) -> None:
    found = formula.read(text, COLUMNS)
    assert found.wrong or found.expression is not None
    for each in found.wrong:
        assert 0 <= each.start <= each.end <= len(text)
        assert each.message.endswith((".", "?"))
