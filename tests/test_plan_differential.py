"""Random documents on awkward little tables mean the same to DuckDB and to a second reading of QUERY.md."""

import datetime as dt
import math
import os
import random
import zoneinfo
from decimal import Decimal

import duckdb
import pytest
import reference
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st
from strategies import questions

from aurora_widgets import settings as limits
from aurora_widgets import sql
from aurora_widgets.catalog.model import Catalog, Column, Table
from aurora_widgets.plan import PASSES, Context, plan
from aurora_widgets.query.model import Limit, Query
from aurora_widgets.query.types import (
    BOOLEAN,
    DATE,
    FLOAT64,
    INT64,
    TEXT,
    TIMESTAMP,
    TIMESTAMPTZ,
    ColumnType,
    Family,
    decimal,
)

NOW = dt.datetime(2024, 3, 10, 23, 30, tzinfo=dt.UTC)
ZONE = "America/New_York"  # its clocks go forward in the night before NOW

NUMBERS = [None, -2, -1, 0, 0, 1, 1, 2, 5]
AMOUNTS = [
    None,
    Decimal("-1.50"),
    Decimal("0.00"),
    Decimal("0.10"),
    Decimal("2.25"),
    Decimal("2.25"),
    Decimal("3.00"),
]
FLOATS = [None, -1.5, 0.0, 0.25, 2.25, 3.0, math.inf, -math.inf, math.nan, math.nan]
WORDS = [None, "", "a", "A", "b", "ab", "xaB%y", "a_b", "é", "É", " ", "o'c", '"', "Ab", "日本", "🙂"]
STAMPS = [
    None,
    *(
        dt.datetime.fromisoformat("2024-01-01") + dt.timedelta(hours=hours)
        for hours in (-744, -24, -1, 0, 1, 23, 24, 100, 744, 1439, 1440, 1655, 1656, 1657, 1658, 1663)
    ),
]
MAKERS = {
    "int32": NUMBERS,
    "int64": NUMBERS,
    "decimal(10,2)": AMOUNTS,
    "decimal(6,3)": AMOUNTS,
    "float64": FLOATS,
    "text": WORDS,
    "boolean": [None, True, False],
    "date": [None if stamp is None else stamp.date() for stamp in STAMPS],
    "timestamp": STAMPS,
    "timestamptz": [None if stamp is None else stamp.replace(tzinfo=dt.UTC) for stamp in STAMPS],
}
COLUMNS = {
    "sales": {
        "id": INT64,
        "n": ColumnType("int32"),
        "amount": decimal(10, 2),
        "x": FLOAT64,
        "name": TEXT,
        "flag": BOOLEAN,
        "day": DATE,
        "at": TIMESTAMP,
        "seen": TIMESTAMPTZ,
    },
    "people": {"name": TEXT, "n": INT64, "amount": decimal(6, 3), "day": DATE, "id": INT64, "Boss": TEXT},
    "words": {"name": TEXT, "x": FLOAT64, "at": TIMESTAMP},
}
SQL_TYPES = {"int32": "INTEGER", "int64": "BIGINT", "float64": "DOUBLE", "text": "VARCHAR"}
KINDS = {
    "timestamptz": "timestamptz",
    "timestamp": "timestamp",
    "date": "date",
    "text": "text",
    "boolean": "boolean",
}
SIZES = [(12, 6, 3), (25, 12, 8), (8, 0, 5), (0, 7, 2), (0, 0, 0), (40, 5, 1), (15, 15, 15)]
"""Rows of sales, people and words in each world."""


class World:
    """Tables in DuckDB, in the catalog and for the reference, from one seed."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, number: int) -> None:
        luck = random.Random(number)  # noqa: S311 - the same tables each time
        self.connection = connection
        keyed, numbered = number % 2 == 1, number % 4 >= 2
        tables, sources = {}, {}
        for (name, columns), size in zip(COLUMNS.items(), SIZES[number], strict=True):
            rows = [
                {column: luck.choice(MAKERS[kind.name]) for column, kind in columns.items()}
                for _ in range(size)
            ]
            if keyed and "id" in columns:
                for value, row in enumerate(rows):
                    row["id"] = value - 1
            key = ("id",) if keyed and "id" in columns else ()
            source = create(connection, f"{name}_{number}", columns, rows)
            if numbered:
                connection.execute(
                    f'CREATE VIEW "{source} numbered" AS SELECT *, rowid AS place FROM "{source}"'
                )
                source += " numbered"
            seen = tuple(Column(column, kind, column) for column, kind in columns.items())
            place = "place" if numbered else ""
            tables[name] = Table(name, seen, source=source, key=key, ordered=number % 3 != 2, row_id=place)
            kinds = {column: kind_of(kind) for column, kind in columns.items()}
            sources[name] = reference.Table(kinds, rows, key, ordered=number % 3 != 2, numbered=numbered)
        self.context = Context(Catalog(tables, ZONE), limits.load({}), NOW)
        self.world = reference.World(sources, NOW, zoneinfo.ZoneInfo(ZONE))

    def run(self, query: Query, without: tuple[str, ...] = ()) -> tuple[list[str], list[tuple]]:
        planned = plan(query, self.context, without=without)
        compiled = sql.compile(planned, self.context.catalog)
        try:
            result = self.connection.execute(compiled.sql, compiled.binds).to_arrow_table()
        except duckdb.Error as error:
            error.add_note(sql.compile_text(planned, self.context.catalog))
            raise
        names = [field.name for field in planned.schema]
        assert result.num_columns == len(names)
        return names, list(zip(*(column.to_pylist() for column in result.columns), strict=True))


def create(connection, name, columns, rows) -> str:
    spelled = ", ".join(
        f'"{column}" {SQL_TYPES.get(kind.name, kind.name)}' for column, kind in columns.items()
    )
    connection.execute(f'CREATE TABLE "{name}" ({spelled})')
    if rows:
        places = ", ".join("?" for _ in columns)
        connection.executemany(
            f'INSERT INTO "{name}" VALUES ({places})', [list(row.values()) for row in rows]
        )
    return name


def kind_of(column_type: ColumnType) -> str:
    return "number" if column_type.family is Family.NUMBER else KINDS[column_type.name]


@pytest.fixture(scope="module")
def worlds():
    connection = duckdb.connect()
    connection.execute(f"SET TimeZone = '{ZONE}'")
    yield [World(connection, number) for number in range(len(SIZES))]
    connection.close()


def plain(value: object) -> object:
    """Return a cell as it is compared: numbers by value, instants in UTC."""
    if isinstance(value, dt.datetime) and value.tzinfo is not None:
        return value.astimezone(dt.UTC)
    return value


def equal(a: object, b: object) -> bool:
    a, b = plain(a), plain(b)
    if a is None or b is None or isinstance(a, bool) or isinstance(b, bool):
        return a is b
    if isinstance(a, float) or isinstance(b, float):
        a, b = float(a), float(b)
        return (math.isnan(a) and math.isnan(b)) or math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-9)
    return type(a) is type(b) and a == b if isinstance(a, dt.date | str) else a == b


def rank(row: tuple) -> tuple:
    """Sort rows of any cells in some way that is the same for equal rows."""
    return tuple(
        (0, "")
        if value is None
        else (1, "nan")
        if isinstance(value, float) and math.isnan(value)
        else (2, f"{float(value):.6g}")
        if isinstance(value, int | float | Decimal)
        else (3, str(plain(value)))
        for value in row
    )


def check(found, wanted, *, in_order: bool = True) -> None:
    assert found[0] == wanted[0]
    mine, its = found[1], wanted[1]
    if not in_order:
        mine, its = sorted(mine, key=rank), sorted(its, key=rank)
    assert len(mine) == len(its), (mine, its)
    for a, b in zip(mine, its, strict=True):
        assert all(map(equal, a, b)), (a, b)


def schemas(world: World):
    return {name: table.schema for name, table in world.context.catalog.tables.items()}


ALL_KINDS = ("join", "join", "filter", "filter", "derive", "aggregate", "sort", "select", "limit")
MANY = os.environ.get("AURORA_EXAMPLES")
"""How many documents to try; by default the same few each time."""
ROUNDS = settings(
    max_examples=int(MANY or 60),
    derandomize=MANY is None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)


@given(data=st.data(), number=st.integers(0, len(SIZES) - 1))
@ROUNDS
def test_a_document_gives_what_its_words_say(worlds, data, number):
    world = worlds[number]
    query = data.draw(questions(schemas(world), max_steps=6, kinds=ALL_KINDS))
    wanted = reference.evaluate(query, world.world)
    event(f"rows: {min(len(wanted[1]), 5)}")
    check(world.run(query), wanted)


@given(
    data=st.data(),
    number=st.integers(0, len(SIZES) - 1),
    left_out=st.sampled_from([(name,) for name, _ in PASSES[1:]] + [tuple(name for name, _ in PASSES[1:])]),
)
@ROUNDS
def test_every_pass_keeps_the_answer(worlds, data, number, left_out):
    world = worlds[number]
    query = data.draw(questions(schemas(world), max_steps=6, kinds=ALL_KINDS))
    if "order" in left_out and any(isinstance(step, Limit) for step in query.steps):
        left_out = tuple(name for name in left_out if name != "order")
    check(world.run(query, left_out), world.run(query), in_order="order" not in left_out)
