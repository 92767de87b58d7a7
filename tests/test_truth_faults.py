# ruff: noqa: E501 - a document and its faults stand on a line each
"""Everything wrong with a document is said at once, each with its place and the nearest name."""

from __future__ import annotations

import json

import pytest

from aurora_widgets.errors import QueryInvalid
from aurora_widgets.service.reading import read

# steps
# path code suggestion
ASKED = r"""
{"type": "filter", "where": {"type": "condition", "column": "nn", "op": "==", "value": 1}}
steps[0].where.column unknown-column n
steps[0].where.op unknown-word =

{"type": "filter", "wher": 1, "where": {"type": "group", "op": "and", "children": [{"type": "condition", "column": "dya", "op": "=", "value": null}, {"type": "condition", "column": "n", "op": "=", "value": "12,5"}]}}
steps[0].wher unknown-key where
steps[0].where.children[0].column unknown-column day
steps[0].where.children[0].value wrong-type is empty
steps[0].where.children[1].value wrong-value 12.5

{"type": "derive", "column": "a", "expression": {"fn": "upperr", "args": [{"column": "tt"}]}}, {"type": "sort", "by": [{"column": "a"}, {"column": "idd"}]}
steps[0].expression.args[0].column unknown-column t
steps[0].expression.fn unknown-word upper
steps[1].by[1].column unknown-column id

{"type": "derive", "column": "a", "expression": {"fn": "add", "args": [{"colum": "n"}, {"column": "mm"}]}}, {"type": "select", "columns": ["a", "zzzzz"]}
steps[0].expression.args[0] wrong-type -
steps[0].expression.args[1].column unknown-column m
steps[1].columns[1] unknown-column -

{"type": "aggregate", "by": [{"column": "mm"}], "measures": [{"as": "s", "fn": "summ", "column": "nn"}], "totals": "all"}, {"type": "sort", "by": [{"column": "s"}, {"column": "day"}]}
steps[0].by[0].column unknown-column m
steps[0].measures[0].column unknown-column n
steps[0].measures[0].fn unknown-word sum
steps[0].totals unknown-word -
steps[1].by[1].column unknown-column -

{"type": "join", "table": "sid", "how": "outer", "on": [{"left": "kk", "right": "k", "op": "!="}]}, {"type": "filter", "where": {"type": "condition", "column": "v", "op": "contains", "value": "x"}}
steps[0].how unknown-word -
steps[0].on[0].left unknown-column k
steps[0].on[0].op unknown-word =
steps[0].table unknown-table side

{"type": "limit", "rows": "5"}, {"type": "filter", "where": {"type": "condition", "column": "t", "op": "<", "value": "a"}}, {"type": "pivot"}, {"type": "select", "columns": ["nothing"]}
steps[0].rows wrong-type -
steps[1].where.op wrong-operator -
steps[2].type unknown-word -

{"type": "join", "table": "side", "on": [{"left": "k"}]}, {"type": "select", "columns": ["side.v"]}
steps[0].on[0].right missing-key -

{"type": "derive", "column": "a", "expression": {"case": [{"when": {"type": "condition", "column": "nn", "op": "=", "value": 1}, "then": 5}], "else": {"column": "tt"}}}
steps[0].expression.case[0].then wrong-type -
steps[0].expression.case[0].when.column unknown-column n
steps[0].expression.else.column unknown-column t

{"type": "filter", "where": {"type": "condition", "column": "x", "op": "=", "value": 1e309}}
steps[0].where.value wrong-value -

{"type": "filter", "where": {"type": "condition", "column": "f", "op": "<", "value": -1e39}}, {"type": "filter", "where": {"type": "condition", "column": "day", "op": "=", "value": "2024-02-30"}}, {"type": "filter", "where": {"type": "condition", "column": "n", "op": "in", "values": [1, "abc", 2]}}
steps[0].where.value wrong-value -
steps[1].where.value wrong-value -
steps[2].where.values[1] wrong-value -

{"type": "aggregate", "by": [{"column": "m"}], "measures": [{"as": "s", "fn": "sum", "column": "n"}]}, {"type": "filter", "where": {"type": "condition", "column": "n", "op": ">", "value": 1}}, {"type": "sort", "by": [{"column": "day"}]}, {"type": "select", "columns": ["m", "ss"]}
steps[1].where.column unknown-column -
steps[2].by[0].column unknown-column -
steps[3].columns[1] unknown-column s
"""


def faults(world, document):
    with pytest.raises(QueryInvalid) as refused:  # noqa: PT012 - refused on the way, or by the catalog
        query = read(document, world.runner.catalog, world.runner.settings)
        world.runner.page(query)
    return refused.value.faults


@pytest.mark.parametrize("asked", ASKED.strip().split("\n\n"))
def test_all_faults_are_said_at_once_each_where_it_is(world, asked):
    steps, *wanted = asked.split("\n")
    found = faults(world, f'{{"version": 1, "table": "mess", "steps": [{steps}]}}')
    assert [f"{each.path} {each.code} {each.suggestion or '-'}" for each in found] == wanted


def test_a_wrong_table_hides_nothing_that_can_be_read(world):
    document = {"version": 1, "table": "mes", "step": [], "as_of": "yesterday", "steps": [{"type": "limit"}]}
    found = [(each.path, each.suggestion) for each in faults(world, json.dumps(document))]
    assert found == [("as_of", None), ("step", "steps"), ("steps[0].rows", None), ("table", "mess")]


@pytest.mark.parametrize(
    "document", ["", "[]", "{", '{"version": 2, "table": "mess"}', '{"version": 1}', b"\xff"]
)
def test_what_is_no_document_has_one_fault(world, document):
    assert len(faults(world, document)) == 1
