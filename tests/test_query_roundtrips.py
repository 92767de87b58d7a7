"""A document comes back the same from JSON, from a link and from code, whatever is in it."""

from __future__ import annotations

import copy
from decimal import Decimal

import jsonschema
import pytest
import simplejson
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from strategies import documents, questions

from aurora_widgets.errors import QueryInvalid
from aurora_widgets.query import Condition, Filter, Group, Query
from aurora_widgets.query.read import from_json
from aurora_widgets.query.schema import json_schema
from aurora_widgets.query.types import BOOLEAN, DATE, FLOAT64, INT64, TEXT, TIMESTAMP, Field, decimal
from aurora_widgets.query.write import as_object

BOUNDED = settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
VALIDATOR = jsonschema.Draft202012Validator(json_schema())
TABLES = {
    "orders": (
        Field("id", INT64), Field("city", TEXT), Field("price", decimal(12, 2)), Field("rate", FLOAT64),
        Field("day", DATE), Field("at", TIMESTAMP), Field("paid", BOOLEAN),
    ),
    "cities": (Field("city", TEXT), Field("id", INT64), Field("since", DATE)),
}  # fmt: skip


@BOUNDED
@given(documents())
def test_any_document_comes_back_from_json_a_link_and_code(query: Query) -> None:
    text = query.to_json()
    assert Query.from_json(text) == query
    assert Query.from_json(text).to_json() == text
    assert Query.from_json(query.to_json(indent=2)) == query
    assert Query.from_url(query.to_url()) == query
    assert Query.from_code(query.to_code()) == query
    assert Query.from_code(query.to_code()).to_json() == text


@BOUNDED
@given(documents())
def test_the_schema_accepts_any_document_that_reads(query: Query) -> None:
    VALIDATOR.validate(simplejson.loads(query.to_json(), use_decimal=True))


@BOUNDED
@given(questions(TABLES))
def test_questions_over_tables_read_and_come_back(query: Query) -> None:
    assert Query.from_json(query.to_json()) == query
    assert Query.from_code(query.to_code()) == query


@settings(BOUNDED, max_examples=200)
@given(documents(), st.data())
def test_where_a_document_is_spoilt_the_reader_and_the_schema_agree(
    query: Query, data: st.DataObject
) -> None:
    document = as_object(query)
    places = list(_places(document))
    container, key = data.draw(st.sampled_from(places))
    deed = data.draw(st.sampled_from(["remove", "replace", "add", "swap"]))
    if deed == "remove":
        del container[key]
    elif deed == "replace":
        container[key] = data.draw(
            st.sampled_from(
                [None, True, 0, -1, 1.5, "", "x", "=", "in", "group", [], {}, {"value": 1}, "__total__"]
            )
        )
    elif deed == "add" and isinstance(container, dict):
        word = data.draw(
            st.sampled_from(["value", "values", "other", "as", "extra", "disabled", "case_sensitive"])
        )
        container.setdefault(word, data.draw(st.sampled_from([True, "a", ["a"], 3])))
    else:
        other, other_key = data.draw(st.sampled_from(places))
        container[key] = copy.deepcopy(other[other_key])
    if len(str(document)) > 100_000:
        return
    valid = VALIDATOR.is_valid(document)
    found = _faults(document)
    if valid:
        assert {fault.code for fault in found} <= {"duplicate-name", "wrong-value", "too-deep"}, found
    else:
        assert found


def _faults(document: object):
    try:
        from_json(document)
    except QueryInvalid as error:
        return error.faults
    return ()


def _places(node: object):
    if isinstance(node, dict):
        for key, value in list(node.items()):
            yield node, key
            yield from _places(value)
    elif isinstance(node, list):
        for index, value in enumerate(node):
            yield node, index
            yield from _places(value)


def test_twenty_levels_and_two_hundred_rules_come_back() -> None:
    tree: Group | Condition = Condition("a", "=", 1)
    for level in range(20):
        tree = Group("or" if level % 2 else "and", (tree, Condition(f"c{level}", "contains", "x'\"\\")))
    wide = Group("and", tuple(Condition("n", "in", values=(number, f"{number}, ü")) for number in range(200)))
    query = Query("t", steps=(Filter(tree), Filter(wide)))
    for again in (
        Query.from_json(query.to_json()),
        Query.from_url(query.to_url()),
        Query.from_code(query.to_code()),
    ):
        assert again == query


def test_digits_stay_as_they_are_written() -> None:
    text = (
        '{"version":1,"table":"t","steps":[{"type":"filter","where":{"type":"condition","column":"a","op":"in",'
        '"values":[1.50,0.1,1E+5,123456789012345678901234567890,-0.0]}}]}'
    )
    assert Query.from_json(text).to_json() == text
    values = Query.from_json(text).steps[0].where.values
    assert values == (Decimal("1.50"), Decimal("0.1"), Decimal("1E+5"), 123456789012345678901234567890, 0)
    assert [type(value) for value in values] == [Decimal, Decimal, Decimal, int, Decimal]
    assert Query.from_code(Query.from_json(text).to_code()).to_json() == text


@pytest.mark.parametrize(
    "name", ["a b", "a.b", "O'Hara", '"q"', "SELECT", "naïve 😀", "x" * 120, "\\", "a\nb"]
)
def test_names_of_any_kind_come_back(name: str) -> None:
    query = Query(name, steps=(Filter(Condition(name, "is empty")),))
    assert (
        Query.from_json(query.to_json())
        == Query.from_url(query.to_url())
        == Query.from_code(query.to_code())
        == query
    )
