"""What is wrong with a document is said all at once: where, in a sentence, with what was meant."""

from __future__ import annotations

import datetime as dt

import pytest

from aurora_widgets.errors import Fault, QueryInvalid
from aurora_widgets.query import Query
from aurora_widgets.query.faults import at, in_order, nearest, unknown
from aurora_widgets.query.model import Condition, Filter, Group, SortKey, Vintage
from aurora_widgets.query.read import Limits, from_json, part_from_object, step_from_object, tree_from_object

FLIGHTS = {"version": 1, "table": "flights"}


def faults(source: object, **limits: int) -> list[tuple[str, str, str, str | None]]:
    with pytest.raises(QueryInvalid) as caught:
        from_json(source, Limits(**limits))
    return [(fault.path, fault.code, fault.message, fault.suggestion) for fault in caught.value.faults]


def of_steps(*steps: object, **limits: int) -> list[tuple[str, str]]:
    return [(path, code) for path, code, _, _ in faults({**FLIGHTS, "steps": list(steps)}, **limits)]


def of_rule(**rule: object) -> list[tuple[str, str]]:
    condition = {"type": "condition", "column": "month", **rule}
    found = of_steps({"type": "filter", "where": condition})
    return [(path.removeprefix("steps[0].where."), code) for path, code in found]


def test_all_faults_come_at_once_in_the_order_of_the_document() -> None:
    rule = {"type": "condition", "column": "month", "op": "between", "low": 1, "hihg": 3}
    steps = [
        {"type": "filter", "where": rule},
        *({"type": "limit", "rows": 1},) * 8,
        {"type": "limit"},
        {"type": "srot"},
    ]
    assert faults({"version": 1, "tabel": "flights", "steps": steps}) == [
        ("steps[0].where.high", "missing-key", "`high` is missing from a condition.", None),
        (
            "steps[0].where.hihg",
            "unknown-key",
            "`hihg` is no key of a condition; did you mean `high`?",
            "high",
        ),
        ("steps[9].rows", "missing-key", "`rows` is missing from a limit.", None),
        ("steps[10].type", "unknown-word", "`srot` is not a step; did you mean `sort`?", "sort"),
        ("tabel", "unknown-key", "`tabel` is no key of a question; did you mean `table`?", "table"),
        ("table", "missing-key", "`table` is missing from a question.", None),
    ]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "not-json"),
        ("{", "not-json"),
        ("{'version': 1}", "not-json"),
        ('{"version": 1, "table": NaN}', "not-json"),
        (b"\xff\xfe", "not-json"),
        ("[" * 200_000, "too-deep"),
        ('{"a":' * 100_000, "too-deep"),
        ("[]", "wrong-type"),
        ("null", "wrong-type"),
        ('"flights"', "wrong-type"),
        ('{"version": 1, "table": "a", "table": "b"}', "duplicate-key"),
        ('{"version": 1, "table": "\\ud800"}', "wrong-value"),
        ('{"version": 1, "table": ""}', "wrong-value"),
        ('{"version": 1, "table": 5}', "wrong-type"),
        ('{"table": "flights"}', "missing-key"),
        ('{"version": "1", "table": "flights"}', "unknown-version"),
        ('{"version": true, "table": "flights"}', "unknown-version"),
        ('{"version": 0, "table": "flights"}', "unknown-version"),
        ('{"version": 1, "table": "flights", "as_of": "yesterday"}', "wrong-value"),
        ('{"version": 1, "table": "flights", "as_of": "2024-02-30"}', "wrong-value"),
    ],
)
def test_what_is_no_document_gets_one_sentence(text: str | bytes, code: str) -> None:
    assert [found[1] for found in faults(text)] == [code]


def test_a_document_of_a_future_version_is_refused_in_one_sentence() -> None:
    assert faults({"version": 7, "tables": ["flights"], "steps": [{"type": "pivot"}]}) == [
        (
            "version",
            "future-version",
            (
                "The question was saved by a newer Aurora (document version 7, this one reads up to 1): "
                "update Aurora to open it."
            ),
            None,
        )
    ]


def test_numbers_that_would_blow_up_are_refused_where_they_stand() -> None:
    for number in ("1e999999999", "-1e-999999999", "9" * 5000, "0." + "1" * 5000):
        rule = f'{{"type":"condition","column":"a","op":"=","value":{number}}}'
        found = faults(f'{{"version":1,"table":"t","steps":[{{"type":"filter","where":{rule}}}]}}')
        assert [fault[:3] for fault in found] == [
            ("steps[0].where.value", "wrong-value", "The number has too many digits.")
        ]


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ({"op": "=", "value": 1, "low": 2}, [("low", "wrong-operand")]),
        ({"op": "=", "value": 1, "other": "day"}, [("other", "wrong-operand")]),
        ({"op": "="}, [("value", "missing-key")]),
        ({"op": "=", "value": None}, [("value", "wrong-type")]),
        ({"op": "=", "value": [1]}, [("value", "wrong-type")]),
        ({"op": "in", "values": 3}, [("values", "wrong-type")]),
        ({"op": "in", "values": [1, None, {}]}, [("values[1]", "wrong-type"), ("values[2]", "wrong-type")]),
        ({"op": "in", "value": 3}, [("value", "wrong-operand"), ("values", "missing-key")]),
        ({"op": "between", "low": 3}, [("high", "missing-key")]),
        ({"op": "is empty", "value": ""}, [("value", "wrong-operand")]),
        ({"op": "<", "value": 3, "case_sensitive": True}, [("case_sensitive", "wrong-operand")]),
        ({"op": "in the last", "count": 0, "unit": "month"}, [("count", "out-of-range")]),
        (
            {"op": "in the last", "count": 1.5, "unit": "hour"},
            [("count", "wrong-type"), ("unit", "unknown-word")],
        ),
        ({"op": "in the last", "count": True, "unit": "day"}, [("count", "wrong-type")]),
        ({"op": "this", "unit": "month", "count": 2}, [("count", "wrong-operand")]),
        ({"op": "eqals", "value": 1}, [("op", "unknown-word")]),
        ({"value": 1}, [("op", "missing-key")]),
        ({"op": "=", "value": 1, "disabled": "yes"}, [("disabled", "wrong-type")]),
    ],
)
def test_a_rule_takes_the_operand_of_its_operator(
    rule: dict[str, object], expected: list[tuple[str, str]]
) -> None:
    assert of_rule(**rule) == expected


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        ({"type": "join", "table": "a", "on": []}, [("on", "too-few")]),
        (
            {"type": "join", "table": "a", "how": "outer", "on": [{"left": "x", "right": "y"}]},
            [("how", "unknown-word")],
        ),
        (
            {"type": "join", "table": "a", "on": [{"left": "x", "right": "y", "op": "<"}]},
            [("on[0].op", "wrong-join")],
        ),
        (
            {
                "type": "join",
                "table": "a",
                "on": [{"left": "x", "right": "y"}, *({"left": "x", "right": "y", "op": ">"},) * 2],
            },
            [("on[2].op", "wrong-join")],
        ),
        ({"type": "aggregate"}, [("", "too-few")]),
        (
            {"type": "aggregate", "by": [{"column": "a"}], "measures": [{"as": "a", "fn": "count"}]},
            [("measures[0].as", "duplicate-name")],
        ),
        (
            {"type": "aggregate", "measures": [{"as": "a", "fn": "sum"}]},
            [("measures[0].column", "missing-key")],
        ),
        (
            {"type": "aggregate", "measures": [{"as": "__total__", "fn": "count"}]},
            [("measures[0].as", "reserved-name")],
        ),
        (
            {"type": "aggregate", "by": [{"column": "__total__"}], "totals": "grand"},
            [("by[0].as", "duplicate-name")],
        ),
        (
            {"type": "aggregate", "by": [{"column": "a", "bucket": "minute"}]},
            [("by[0].bucket", "unknown-word")],
        ),
        ({"type": "sort", "by": []}, [("by", "too-few")]),
        ({"type": "select", "columns": ["a", "b", "a"]}, [("columns[2]", "duplicate-name")]),
        ({"type": "select", "columns": []}, [("columns", "too-few")]),
        ({"type": "limit", "rows": -1}, [("rows", "out-of-range")]),
        ({"type": "derive", "column": "x", "expression": {}}, [("expression", "wrong-type")]),
        (
            {"type": "derive", "column": "x", "expression": {"column": "a", "value": 1}},
            [("expression", "wrong-type")],
        ),
        (
            {"type": "derive", "column": "x", "expression": {"fn": "abs", "args": []}},
            [("expression.args", "wrong-arguments")],
        ),
        (
            {
                "type": "derive",
                "column": "x",
                "expression": {"fn": "truncate", "args": [{"column": "u"}, {"column": "d"}]},
            },
            [("expression.args[0]", "wrong-arguments")],
        ),
        (
            {
                "type": "derive",
                "column": "x",
                "expression": {"fn": "round", "args": [{"column": "u"}, {"value": 1.5}]},
            },
            [("expression.args[1]", "wrong-arguments")],
        ),
        ("filter", [("", "wrong-type")]),
        ({"where": {}}, [("type", "missing-key")]),
    ],
)
def test_a_step_that_makes_no_sense_is_refused_at_its_place(
    step: object, expected: list[tuple[str, str]]
) -> None:
    assert of_steps(step) == [(f"steps[0].{path}".rstrip("."), code) for path, code in expected]


def test_a_table_joined_twice_needs_another_name_while_both_are_there() -> None:
    join = {"type": "join", "table": "people", "how": "left", "on": [{"left": "id", "right": "id"}]}
    assert of_steps(join, join) == [("steps[1].as", "duplicate-name")]
    for good in (
        [join, {**join, "as": "managers"}],
        [join, {**join, "disabled": True}],
        [join, {"type": "aggregate", "by": [{"column": "id"}]}, join],
    ):
        assert from_json({**FLIGHTS, "steps": good})


def nested(levels: int) -> dict[str, object]:
    tree: dict[str, object] = {"type": "condition", "column": "a", "op": "is empty"}
    for _ in range(levels):
        tree = {"type": "group", "op": "and", "children": [tree]}
    return {"type": "filter", "where": tree}


def test_depth_and_size_have_limits_that_are_said() -> None:
    assert from_json({**FLIGHTS, "steps": [nested(32)]})
    assert of_steps(nested(33)) == [("steps[0].where" + ".children[0]" * 32, "too-deep")]
    assert of_steps(nested(5000)) == [("steps[0].where" + ".children[0]" * 32, "too-deep")]
    assert of_steps(nested(3), depth=2) == [("steps[0].where.children[0].children[0]", "too-deep")]
    deep: dict[str, object] = {"column": "a"}
    for _ in range(33):
        deep = {"fn": "abs", "args": [deep]}
    derive = {"type": "derive", "column": "x", "expression": deep}
    assert of_steps(derive) == [("steps[0].expression" + ".args[0]" * 32, "too-deep")]


def test_too_many_rules_are_refused_with_both_numbers() -> None:
    rules = [{"type": "condition", "column": "a", "op": "in", "values": list(range(100))}] * 1001
    tree = {"type": "group", "op": "or", "children": rules}
    assert from_json({**FLIGHTS, "steps": [{"type": "filter", "where": {**tree, "children": rules[1:]}}]})
    assert faults({**FLIGHTS, "steps": [{"type": "filter", "where": tree}]}) == [
        (
            "steps[0]",
            "too-many-conditions",
            "A filter has at most 1,000 conditions; this one has 1,001.",
            None,
        )
    ]


def test_a_text_that_is_too_long_is_not_even_parsed() -> None:
    assert faults("[" * 1001, size=1000) == [
        ("", "too-large", "The question is 1,001 bytes long; 1,000 are allowed.", None)
    ]


def test_parts_read_by_themselves_with_paths_from_where_they_stand() -> None:
    rule = {"type": "condition", "column": "a", "op": "=", "value": 2.50}
    assert tree_from_object(rule) == Condition("a", "=", 2.5)
    assert step_from_object({"type": "filter", "where": rule}) == Filter(Condition("a", "=", 2.5))
    assert part_from_object(SortKey, {"column": "a", "descending": True}) == SortKey("a", descending=True)
    assert part_from_object(Vintage, {"load_id": "all"}) == Vintage(None, "all")
    with pytest.raises(QueryInvalid) as caught:
        tree_from_object({**rule, "op": "~"}, path="steps[3].where")
    assert caught.value.faults[0].path == "steps[3].where.op"


def test_python_dates_and_floats_are_written_as_documents_have_them() -> None:
    query = Query("t", steps=(Filter(Condition("d", "between", low=dt.date(2024, 2, 29), high=0.1)),))
    assert query.to_json() == (
        '{"version":1,"table":"t","steps":[{"type":"filter","where":'
        '{"type":"condition","column":"d","op":"between","low":"2024-02-29","high":0.1}}]}'
    )
    infinite = Query("t", steps=(Filter(Condition("d", "in", values=(float("nan"), float("-inf")))),))
    assert '"values":["NaN","-Infinity"]' in infinite.to_json()
    with pytest.raises(TypeError):
        Query("t", steps=(Filter(Condition("d", "=", object())),)).to_json()  # type: ignore[arg-type]


def test_paths_names_and_order() -> None:
    assert at(at(at("", "steps"), 2), "where") == "steps[2].where"
    assert at("steps[0]", 'odd "key"') == 'steps[0]["odd \\"key\\""]'
    assert nearest("Revnue", ["region", "revenue"]) == "revenue"
    assert nearest("zzz", ["region", "revenue"]) is None
    assert unknown("unknown-column", "p", "revnue", "a column here", ["revenue"]).message == (
        "`revnue` is not a column here; did you mean `revenue`?"
    )
    unordered = [
        Fault("b", path, "") for path in ("steps[10]", "steps[2].where", "steps[2]", "", "steps[2].where")
    ]
    assert [fault.path for fault in in_order(unordered)] == ["", "steps[2]", "steps[2].where", "steps[10]"]


def test_lists_given_to_parts_become_tuples() -> None:
    rules = [Condition("a", "in", values=[1, 2]), Condition("b", "is empty")]
    query = Query("t", steps=[Filter(Group("or", rules))])
    assert query == Query.from_json(query.to_json())
    assert hash(query) == hash(Query.from_json(query.to_json()))


def test_a_document_of_nothing_but_faults_ends_after_a_thousand() -> None:
    assert len(faults({**FLIGHTS, "steps": [{"type": "srot"}] * 50_000})) == 1_000
    assert len(faults({**FLIGHTS, **{f"key {number}": 1 for number in range(50_000)}})) == 1_000
    assert len(of_rule(op="in", values=[None] * 50_000)) == 1_000


def test_a_byte_order_mark_is_no_fault() -> None:
    for text in ('\ufeff{"version": 1, "table": "t"}', b'\xef\xbb\xbf{"version": 1, "table": "t"}'):
        assert from_json(text) == Query("t")
