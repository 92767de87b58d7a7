"""The query document: types, reading, writing, operators, faults.

A question is a table and steps::

    from aurora_widgets.query import Aggregate, Condition, Filter, Key, Measure, Query

    query = Query(
        "flights",
        steps=(
            Filter(Condition("month", ">", 3)),
            Aggregate(by=(Key("carrier"),), measures=(Measure("flights", "count"),)),
        ),
    )
    query.to_json()  # and to_url(), to_code()
    Query.from_json('{"version": 1, "table": "flights"}')

Everything is immutable: ``dataclasses.replace`` makes a changed copy, and lists given to a
part become tuples. Python dates may stand as values; they are written as ISO text.
"""

from aurora_widgets.query.code import from_code, to_code
from aurora_widgets.query.measures import MEASURES, MeasureFunction
from aurora_widgets.query.model import (
    Aggregate,
    Branch,
    Call,
    Case,
    Column,
    Condition,
    Constant,
    Derive,
    Expression,
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
    Tree,
    Vintage,
)
from aurora_widgets.query.operators import OPERATORS, Operator, operators_for
from aurora_widgets.query.read import Limits, from_json
from aurora_widgets.query.schema import json_schema
from aurora_widgets.query.url import from_url, to_url
from aurora_widgets.query.write import to_json

__all__ = [
    "MEASURES",
    "OPERATORS",
    "Aggregate",
    "Branch",
    "Call",
    "Case",
    "Column",
    "Condition",
    "Constant",
    "Derive",
    "Expression",
    "Filter",
    "Group",
    "Join",
    "Key",
    "Limit",
    "Limits",
    "Measure",
    "MeasureFunction",
    "On",
    "Operator",
    "Query",
    "Select",
    "Sort",
    "SortKey",
    "Step",
    "Tree",
    "Vintage",
    "from_code",
    "from_json",
    "from_url",
    "json_schema",
    "operators_for",
    "to_code",
    "to_json",
    "to_url",
]
