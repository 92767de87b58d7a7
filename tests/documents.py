"""Documents written short, and the rows that plain SQL gives for the same question."""

from __future__ import annotations

import datetime as dt
import json
import math
from decimal import Decimal

import pyarrow as pa

from aurora_widgets.query.read import from_json


def where(*children, op="and"):
    return {"type": "filter", "where": {"type": "group", "op": op, "children": list(children)}}


def is_(column, op, **operand):
    return {"type": "condition", "column": column, "op": op, **operand}


def join(table, how, *on, **more):
    pairs = [{"left": left, "right": right} for left, right in on]
    return {"type": "join", "table": table, "how": how, "on": pairs, **more}


def by(*columns, **measures):
    """Group by columns (``"date:month"`` is bucketed); ``total="sum:distance"``."""
    keys = [dict(zip(("column", "bucket"), column.split(":"), strict=False)) for column in columns]
    made = [
        dict(zip(("as", "fn", "column"), (name, *m.split(":")), strict=False)) for name, m in measures.items()
    ]
    return {"type": "aggregate", "by": keys, "measures": made}


def sort(*columns):
    return {
        "type": "sort",
        "by": [
            {"column": c.removeprefix("-"), **({"descending": True} if c[0] == "-" else {})} for c in columns
        ],
    }


def derive(column, expression):
    return {"type": "derive", "column": column, "expression": expression}


def call(fn, *args):
    return {"fn": fn, "args": [{"column": a} if isinstance(a, str) else a for a in args]}


def select(*columns):
    return {"type": "select", "columns": list(columns)}


def limit(rows):
    return {"type": "limit", "rows": rows}


def agree(runner, plain, table, steps, sql, **more):
    """Hold a document's whole result against plain SQL's, in order where the document sorts."""
    document = {"version": 1, "table": table, "steps": steps, "as_of": "2013-08-15T12:00:00Z", **more}
    with runner.stream(from_json(json.dumps(document))) as result:
        found = pa.Table.from_batches(list(result.batches), result.arrow)
    wanted = plain.execute(sql).to_arrow_table()
    assert found.num_columns == wanted.num_columns
    mine, theirs = as_rows(found), as_rows(wanted)
    if not any(step["type"] == "sort" for step in steps):
        mine, theirs = sorted(mine, key=repr), sorted(theirs, key=repr)
    assert len(mine) == len(theirs)
    for got, expected in zip(mine, theirs, strict=True):
        assert all(map(same, got, expected)), (got, expected)


def as_rows(table):
    return list(zip(*(column.to_pylist() for column in table.columns), strict=True))


def same(got, expected):
    """Exactly equal; a double within the last digits, since its sum's order is nobody's."""
    if isinstance(got, dt.datetime) and got.tzinfo and expected is not None:
        return got.timestamp() == expected.timestamp()  # where clocks go back, Python's == denies it
    if isinstance(got, float) and expected is not None:
        return math.isclose(got, expected, rel_tol=1e-12)
    if isinstance(expected, float) and isinstance(got, Decimal):
        return False
    return got == expected
