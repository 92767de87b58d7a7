"""Documents for hypothesis: any that reads (``documents``), and any that runs (``questions``).

``documents()`` knows no table: odd names, odd text, every part of the document.
``questions(tables)`` asks only what the given tables can answer, type by type, and returns
the document; ``trees(schema)`` and ``expressions(schema)`` are its parts.
"""

# ruff: noqa: DTZ001 - times without a zone are part of the contract

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING

from hypothesis import strategies as st

from aurora_widgets.query import model
from aurora_widgets.query.functions import BUCKETS, FUNCTIONS, Function, buckets_for, common_type
from aurora_widgets.query.measures import MEASURES, measures_for
from aurora_widgets.query.operators import OPERATORS, UNITS, Operator, operators_for
from aurora_widgets.query.types import (
    BOOLEAN,
    DATE,
    INT64,
    TEXT,
    TIMESTAMP,
    UNKNOWN,
    ColumnType,
    Family,
    Field,
    Schema,
    decimal,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

# ── any document ────────────────────────────────────────────────────────────────────────

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12) | st.sampled_from(
    ["'", '"', "\\", "a, b", "%_", "é", "\u2028", "\x00", "{}", "'''", "NaN", "2024-02-29", "\U0001f600"]
)
NAMES = TEXTS.filter(lambda text: text not in {"", model.TOTAL} and "\0" not in text)
NUMBERS = (
    st.integers()
    | st.integers(-(10**300), 10**300)
    | st.decimals(allow_nan=False, allow_infinity=False, places=3)
    | st.sampled_from([Decimal("1.50"), Decimal("1E+5"), Decimal("-0.0"), Decimal("1E-30"), Decimal("0.10")])
)
SCALARS = TEXTS | NUMBERS | st.booleans()
FLAGS = st.booleans()


def maybe(strategy: st.SearchStrategy) -> st.SearchStrategy:
    return st.none() | strategy


def tuples_of(strategy: st.SearchStrategy, least: int = 0, most: int = 3) -> st.SearchStrategy[tuple]:
    return st.lists(strategy, min_size=least, max_size=most).map(tuple)


@st.composite
def conditions(draw: st.DrawFn) -> model.Condition:
    operator = draw(st.sampled_from(list(OPERATORS.values())))
    given: dict[str, object] = {}
    match operator.operand:
        case "value":
            if draw(FLAGS):
                given["other"] = draw(NAMES)
            else:
                given["value"] = draw(SCALARS)
        case "values":
            given["values"] = draw(tuples_of(SCALARS))
        case "range":
            given.update(low=draw(SCALARS), high=draw(SCALARS))
        case "relative":
            given.update(
                count=draw(st.integers(1, 10_000)),
                unit=draw(st.sampled_from(UNITS)),
                include_current=draw(FLAGS),
            )
        case "unit":
            given["unit"] = draw(st.sampled_from(UNITS))
    if operator.case_sensitive is not None:
        given["case_sensitive"] = draw(maybe(FLAGS))
    return model.Condition(draw(NAMES), operator.name, disabled=draw(FLAGS), **given)


def groups(children: st.SearchStrategy[tuple]) -> st.SearchStrategy[model.Group]:
    return st.builds(
        model.Group, op=st.sampled_from(["and", "or"]), children=children, negate=FLAGS, disabled=FLAGS
    )


TREES = st.recursive(conditions(), lambda tree: groups(tuples_of(tree)), max_leaves=8)


def calls(expression: st.SearchStrategy) -> st.SearchStrategy[model.Call]:
    @st.composite
    def call(draw: st.DrawFn) -> model.Call:
        function = draw(st.sampled_from(list(FUNCTIONS.values())))
        most = function.most or function.least + 2
        count = draw(st.integers(function.least, most))
        args = []
        for index in range(count):
            literally = function.argument(index).literally
            if literally == "unit":
                args.append(model.Constant(draw(st.sampled_from(BUCKETS))))
            elif literally == "digits":
                args.append(model.Constant(draw(st.integers(-38, 38))))
            else:
                args.append(draw(expression))
        return model.Call(function.name, tuple(args))

    return call()


def cases(expression: st.SearchStrategy) -> st.SearchStrategy[model.Case]:
    branch = st.builds(model.Branch, when=TREES, then=expression)
    return st.builds(model.Case, branches=tuples_of(branch, 1, 2), otherwise=maybe(expression))


EXPRESSIONS = st.recursive(
    st.builds(model.Column, NAMES) | st.builds(model.Constant, maybe(SCALARS)),
    lambda inner: calls(inner) | cases(inner),
    max_leaves=5,
)
VINTAGES = st.builds(model.Vintage, maybe(SCALARS), maybe(SCALARS))


@st.composite
def joins(draw: st.DrawFn) -> model.Join:
    pair = st.builds(model.On, NAMES, NAMES)
    on = draw(tuples_of(pair, 1, 2))
    if draw(FLAGS):
        on += (model.On(draw(NAMES), draw(NAMES), draw(st.sampled_from(["<", "<=", ">", ">="]))),)
    return model.Join(
        draw(NAMES),
        on,
        draw(st.sampled_from(["inner", "left", "right", "full"])),
        alias=draw(NAMES),
        vintage=draw(maybe(VINTAGES)),
        disabled=draw(FLAGS),
    )


@st.composite
def measures(draw: st.DrawFn) -> model.Measure:
    row = draw(st.sampled_from(list(MEASURES.values())))
    column = draw(NAMES if row.needs_column else maybe(NAMES))
    return model.Measure(draw(NAMES), row.fn, column)


@st.composite
def aggregates(draw: st.DrawFn) -> model.Aggregate:
    key = st.builds(model.Key, NAMES, maybe(st.sampled_from(BUCKETS)), maybe(NAMES))
    taken: set[str] = set()

    def fresh(name: str) -> bool:
        new = name not in taken
        taken.add(name)
        return new

    by = tuple(each for each in draw(tuples_of(key)) if fresh(each.name))
    found = tuple(each for each in draw(tuples_of(measures(), 0 if by else 1)) if fresh(each.alias))
    totals = draw(st.sampled_from(["none", "grand", "rollup"]))
    return model.Aggregate(by, found, totals, disabled=draw(FLAGS))


STEPS = (
    joins()
    | st.builds(model.Filter, TREES, st.sampled_from([None, "search"]), FLAGS)
    | st.builds(model.Derive, NAMES, EXPRESSIONS, FLAGS)
    | aggregates()
    | st.builds(model.Sort, tuples_of(st.builds(model.SortKey, NAMES, FLAGS), 1), FLAGS)
    | st.builds(model.Select, st.lists(NAMES, min_size=1, max_size=3, unique=True).map(tuple), FLAGS)
    | st.builds(model.Limit, st.integers(0, 2**63 - 1), FLAGS)
)


@st.composite
def documents(draw: st.DrawFn) -> model.Query:
    """Any document that reads."""
    steps = []
    joined: set[str] = set()
    for step in draw(st.lists(STEPS, max_size=4)):
        if isinstance(step, model.Join):
            if step.alias in joined:
                continue
            joined.add(step.alias or step.table)
        steps.append(step)
    as_of = draw(maybe(st.datetimes(dt.datetime(1900, 1, 1), dt.datetime(2200, 1, 1))))
    return model.Query(
        draw(NAMES), draw(maybe(VINTAGES)), tuple(steps), as_of.isoformat() if as_of is not None else None
    )


# ── a document that runs on given tables ────────────────────────────────────────────────

MOMENTS = st.datetimes(dt.datetime(2023, 12, 1), dt.datetime(2024, 3, 31)).map(
    lambda stamp: stamp.replace(minute=0, second=0, microsecond=0)
)


def values_of(column_type: ColumnType) -> st.SearchStrategy:
    """Values that a document may hold against a column: few, so that some are met."""
    match column_type.family:
        case Family.NUMBER if column_type.is_whole:
            return st.integers(-2, 5) | st.integers(-2, 5).map(str)
        case Family.NUMBER:
            return st.sampled_from(
                [Decimal("-1.5"), Decimal("0.00"), Decimal("0.1"), Decimal("2.25"), 1, 3, "2.5"]
            )
        case Family.TEXT:
            return st.sampled_from(["", "a", "A", "b", "ab", "aB%", "a_b", "é", "É", " ", "o'c", '"'])
        case Family.BOOLEAN:
            return st.booleans()
        case Family.DATE:
            return MOMENTS.map(lambda stamp: stamp.date().isoformat())
        case Family.TIMESTAMP:
            return MOMENTS.map(lambda stamp: stamp.isoformat()) | values_of(DATE)
        case Family.OTHER:
            return st.nothing()


def _alike(schema: Schema, column_type: ColumnType) -> list[str]:
    return [each.name for each in schema if each.type == column_type]


@st.composite
def condition_on(draw: st.DrawFn, field: Field, operator: Operator, schema: Schema) -> model.Condition:
    given: dict[str, object] = {}
    match operator.operand:
        case "value":
            others = _alike(schema, field.type)
            if draw(st.integers(0, 4)) == 0 and others:
                given["other"] = draw(st.sampled_from(others))
            else:
                given["value"] = draw(values_of(field.type))
        case "values":
            given["values"] = draw(tuples_of(values_of(field.type)))
        case "range":
            given.update(low=draw(values_of(field.type)), high=draw(values_of(field.type)))
        case "relative":
            given.update(
                count=draw(st.integers(1, 4)), unit=draw(st.sampled_from(UNITS)), include_current=draw(FLAGS)
            )
        case "unit":
            given["unit"] = draw(st.sampled_from(UNITS))
    if operator.case_sensitive is not None and field.type.family is Family.TEXT:
        given["case_sensitive"] = draw(st.sampled_from([None, None, True, False]))
    return model.Condition(field.name, operator.name, **given)


@st.composite
def condition_over(draw: st.DrawFn, schema: Schema) -> model.Condition:
    field = draw(st.sampled_from(schema))
    operator = draw(st.sampled_from([row for row in operators_for(field.type) if row.build is None]))
    condition = draw(condition_on(field, operator, schema))
    disabled = draw(st.integers(0, 9)) == 0
    return model.Condition(**{**_attributes(condition), "disabled": disabled})


def _attributes(part: object) -> dict[str, object]:
    return {name: getattr(part, name) for name in type(part).__dataclass_fields__}


def trees(schema: Schema, max_leaves: int = 5) -> st.SearchStrategy[model.Tree]:
    """Filter trees over these columns."""
    sometimes = st.integers(0, 4).map(lambda number: number == 0)
    return st.recursive(
        condition_over(schema),
        lambda tree: st.builds(
            model.Group,
            op=st.sampled_from(["and", "or"]),
            children=tuples_of(tree),
            negate=sometimes,
            disabled=st.integers(0, 9).map(lambda number: number == 0),
        ),
        max_leaves=max_leaves,
    )


TypedExpression = tuple[model.Expression, ColumnType]


@st.composite
def expressions(
    draw: st.DrawFn,
    schema: Schema,
    families: frozenset[Family] = frozenset(Family) - {Family.OTHER},
    depth: int = 2,
) -> TypedExpression:
    """An expression over these columns, and its type."""
    columns = [each for each in schema if each.type.family in families]
    made = [row for row in FUNCTIONS.values() if _may_return(row, families)]
    kinds = ["constant", *(["column"] * 3 if columns else []), *(["call", "call", "case"] if depth else [])]
    kind = draw(st.sampled_from(kinds))
    if kind == "column":
        field = draw(st.sampled_from(columns))
        return model.Column(field.name), field.type
    if kind == "call":
        return draw(call_of(schema, draw(st.sampled_from(made)), families, depth - 1))
    if kind == "case":
        return draw(case_of(schema, families, depth - 1))
    return draw(constants(families))


_EXAMPLES = {
    Family.NUMBER: (INT64, decimal(3, 2)),
    Family.TEXT: (TEXT,),
    Family.BOOLEAN: (BOOLEAN,),
    Family.DATE: (DATE,),
    Family.TIMESTAMP: (TIMESTAMP,),
}


@st.composite
def constants(draw: st.DrawFn, families: frozenset[Family]) -> TypedExpression:
    """A constant that no place can read as another type than this: numbers, text, true, false."""
    kinds = [family for family in (Family.NUMBER, Family.TEXT, Family.BOOLEAN) if family in families]
    if not kinds:
        return draw(moment_constants(families))
    family = draw(st.sampled_from(kinds))
    if family is Family.NUMBER:
        value = draw(st.integers(-3, 5) | st.sampled_from([Decimal("0.50"), Decimal("-1.25")]))
        return model.Constant(value), INT64 if isinstance(value, int) else decimal(3, 2)
    value = draw(values_of(_EXAMPLES[family][0]))
    return model.Constant(value), _EXAMPLES[family][0]


@st.composite
def moment_constants(draw: st.DrawFn, families: frozenset[Family]) -> TypedExpression:
    family = draw(st.sampled_from(sorted(families & {Family.DATE, Family.TIMESTAMP})))
    stamp = draw(MOMENTS)
    if family is Family.DATE:
        return model.Constant(stamp.date().isoformat()), DATE
    return model.Constant(stamp.isoformat()), TIMESTAMP


def _may_return(function: Function, families: frozenset[Family]) -> bool:
    for family in function.arguments[-1].families & _EXAMPLES.keys():
        types = [_EXAMPLES[family][0]] * function.least
        if function.result(types).family in families:
            return True
    return False


@st.composite
def call_of(
    draw: st.DrawFn, schema: Schema, function: Function, families: frozenset[Family], depth: int
) -> TypedExpression:
    """A call whose result is of one of the families."""
    count = draw(st.integers(function.least, function.most or function.least + 1))
    args: list[model.Expression] = []
    types: list[ColumnType] = []
    for index in range(count):
        argument = function.argument(index)
        wanted = argument.families & (frozenset(Family) - {Family.OTHER})
        if function.alike or _passes_on(function, index):
            wanted &= families
        if function.alike and types:
            expression, found = draw(same_type(schema, types[0]))
        elif argument.literally == "unit":
            expression, found = model.Constant(None), TEXT
        elif argument.literally == "digits":
            expression, found = model.Constant(draw(st.integers(-2, 3))), INT64
        elif argument.name in {"n", "start", "length"}:
            expression, found = model.Constant(draw(st.integers(0, 4))), INT64
        elif function.name == "date_diff" and types[1:]:
            expression, found = draw(same_type(schema, types[1]))
        else:
            expression, found = draw(expressions(schema, wanted, depth))
        args.append(expression)
        types.append(found)
    for index, argument in enumerate(function.arguments):
        if argument.literally == "unit":
            moments = [each for each in types if each.family in {Family.DATE, Family.TIMESTAMP}]
            args[index] = model.Constant(draw(st.sampled_from(buckets_for(moments[0]))))
    return model.Call(function.name, tuple(args)), function.result(types)


def _passes_on(function: Function, index: int) -> bool:
    """Whether the result's family is this argument's."""
    argument = function.argument(index)
    return function.name in {"truncate", "date_add"} and bool(
        argument.families & {Family.DATE, Family.TIMESTAMP}
    )


@st.composite
def same_type(draw: st.DrawFn, schema: Schema, column_type: ColumnType) -> TypedExpression:
    columns = _alike(schema, column_type)
    if columns and draw(st.integers(0, 2)):
        return model.Column(draw(st.sampled_from(columns))), column_type
    if column_type.family in {Family.DATE, Family.TIMESTAMP}:
        return draw(moment_constants(frozenset({column_type.family})))[0], column_type
    return draw(constants(frozenset({column_type.family})))


@st.composite
def case_of(draw: st.DrawFn, schema: Schema, families: frozenset[Family], depth: int) -> TypedExpression:
    first, first_type = draw(expressions(schema, families, depth))
    branches = [model.Branch(draw(trees(schema, 2)), first)]
    types = [first_type]
    if draw(FLAGS):
        second, second_type = draw(same_type(schema, first_type))
        branches.append(model.Branch(draw(trees(schema, 2)), second))
        types.append(second_type)
    otherwise = None
    if draw(FLAGS):
        otherwise, last_type = draw(same_type(schema, first_type))
        types.append(last_type)
    return model.Case(tuple(branches), otherwise), common_type(types) or UNKNOWN


def _fresh(stem: str, schema: Sequence[Field]) -> str:
    names = {each.name.casefold() for each in schema}
    number = 1
    while f"{stem}{number}".casefold() in names:
        number += 1
    return f"{stem}{number}"


@st.composite
def join_over(
    draw: st.DrawFn, schema: Schema, tables: Mapping[str, Schema], taken: set[str]
) -> tuple[model.Join, Schema] | None:
    """A join on columns of one type, or on exact numbers of any, and what is there after it."""
    table = draw(st.sampled_from(sorted(tables)))
    right = tables[table]
    pairs = [
        (left, other)
        for left in schema
        for other in right
        if (left.type == other.type and left.type.family not in {Family.OTHER, Family.BOOLEAN})
        or (_is_exact(left.type) and _is_exact(other.type))
    ]
    if not pairs:
        return None
    chosen = draw(st.lists(st.sampled_from(pairs), min_size=1, max_size=2, unique=True))
    on = [model.On(left.name, other.name) for left, other in chosen]
    if len(on) > 1 and draw(FLAGS):
        on[1] = model.On(on[1].left, on[1].right, draw(st.sampled_from(["<", "<=", ">", ">="])))
    alias = f"{table}_{len(taken)}" if table in taken or draw(FLAGS) else None
    taken.add(alias or table)
    names = {each.name for each in schema}
    dropped = {pair.right for pair in on if pair.op == "=" and pair.left == pair.right}
    kept = [
        Field(f"{alias or table}.{each.name}" if each.name in names else each.name, each.type)
        for each in right
        if each.name not in dropped
    ]
    if len({*names, *(each.name for each in kept)}) < len(schema) + len(kept):
        return None
    how = draw(st.sampled_from(["inner", "left", "right", "full"]))
    if how in {"right", "full"}:  # the left name holds the key of whichever side has it
        kinds = {other.name: other.type for other in right}
        first = {pair.left: kinds[pair.right] for pair in reversed(on) if pair.op == "="}
        both = ((each, (each.type, first.get(each.name, each.type))) for each in schema)
        schema = tuple(Field(each.name, common_type(types) or each.type) for each, types in both)
    return model.Join(table, tuple(on), how, alias=alias), (*schema, *kept)


def _is_exact(column_type: ColumnType) -> bool:
    return column_type.is_whole or column_type.is_decimal


@st.composite
def aggregate_over(draw: st.DrawFn, schema: Schema, totals: bool = True) -> tuple[model.Aggregate, Schema]:
    """An aggregate of these columns, and what is there after it."""
    plain = [each for each in schema if each.type.family is not Family.OTHER]
    by: list[model.Key] = []
    after: list[Field] = []
    for field in draw(st.lists(st.sampled_from(plain), max_size=2, unique=True)) if plain else []:
        buckets = buckets_for(field.type)
        bucket = draw(maybe(st.sampled_from(buckets))) if buckets else None
        key = model.Key(field.name, bucket)
        if key.name == model.TOTAL or key.name in {each.name for each in after}:
            key = model.Key(field.name, bucket, _fresh("key", after))
        by.append(key)
        after.append(Field(key.name, field.type))
    made: list[model.Measure] = []
    for _ in range(draw(st.integers(0 if by else 1, 2))):
        name = _fresh("m", after)
        field = draw(st.sampled_from(schema))
        row = draw(st.sampled_from([each for each in measures_for(field.type) if each.build is None]))
        column = None if row.fn == "count" and draw(FLAGS) else field.name
        made.append(model.Measure(name, row.fn, column))
        after.append(Field(name, row.result(field.type)))
    kind = draw(st.sampled_from(["none", "none", "grand", "rollup"])) if totals else "none"
    if kind != "none":
        after.append(Field(model.TOTAL, INT64))
    return model.Aggregate(tuple(by), tuple(made), kind), tuple(after)


@st.composite
def questions(
    draw: st.DrawFn,
    tables: Mapping[str, Schema],
    *,
    max_steps: int = 5,
    kinds: Sequence[str] = ("join", "filter", "filter", "derive", "aggregate", "sort", "select", "limit"),
) -> model.Query:
    """A document that these tables can answer.

    Parameters
    ----------
    tables
        Columns and types by table.
    max_steps
        Steps at most.
    kinds
        Which kinds of steps, as often as they stand here.
    """
    table = draw(st.sampled_from(sorted(tables)))
    schema = tables[table]
    taken = {table}
    steps: list[model.Step] = []
    for kind in draw(st.lists(st.sampled_from(list(kinds)), max_size=max_steps)):
        before = len(steps)
        after = schema
        match kind:
            case "join":
                made = draw(join_over(schema, tables, taken))
                if made is not None:
                    steps.append(made[0])
                    after = made[1]
            case "filter":
                steps.append(model.Filter(draw(trees(schema))))
            case "derive":
                name = _fresh("d", schema)
                expression, found = draw(expressions(schema))
                if found == UNKNOWN:
                    continue
                steps.append(model.Derive(name, expression))
                after = (*schema, Field(name, found))
            case "aggregate":
                step, after = draw(aggregate_over(schema))
                steps.append(step)
            case "sort":
                names = [each.name for each in schema if each.type.family is not Family.OTHER]
                keys = (
                    draw(st.lists(st.sampled_from(names), min_size=1, max_size=3, unique=True))
                    if names
                    else []
                )
                if keys:
                    steps.append(model.Sort(tuple(model.SortKey(name, draw(FLAGS)) for name in keys)))
            case "select":
                chosen = draw(st.lists(st.sampled_from(schema), min_size=1, unique=True))
                steps.append(model.Select(tuple(each.name for each in chosen)))
                after = tuple(chosen)
            case "limit":
                steps.append(model.Limit(draw(st.integers(0, 8))))
        if len(steps) > before and draw(st.integers(0, 9)) == 0:
            steps[-1] = type(steps[-1])(**{**_attributes(steps[-1]), "disabled": True})
        else:
            schema = after
    return model.Query(table, steps=tuple(steps))
