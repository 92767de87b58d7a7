"""The loads asked for are the loads read, whether the latest are asked before or found in the statement."""

import datetime as dt
import itertools
from dataclasses import replace

import duckdb
import pytest
import reference

from aurora_widgets import settings as limits
from aurora_widgets import sql
from aurora_widgets.catalog.model import Catalog, Column, Table, VintageColumns
from aurora_widgets.plan import Context, plan, vintage
from aurora_widgets.query.model import ALL, LATEST, Join, On, Query, Vintage
from aurora_widgets.query.types import INT64, TEXT

LOADS = [
    ("A", "2024-01", 1),
    ("A", "2024-02", 2),
    ("A", "2024-02", 2),
    ("B", "2023-12", 3),
    ("B", "2024-01", 4),
    ("B", None, 5),
    ("C", None, 6),
]
UNTYPED = [(None, "2024-03", 7), (None, "2024-01", 8)]
PINS = [None, "A", "C", "nowhere", LATEST, ALL]
IDS = [None, "2024-01", "nowhen", ALL]
NOW = dt.datetime(2024, 3, 10, tzinfo=dt.UTC)


class World:
    def __init__(self, rows, *, kinds=True):
        self.connection = duckdb.connect()
        self.connection.execute("CREATE TABLE loads (kind VARCHAR, load VARCHAR, n BIGINT)")
        for row in rows:
            self.connection.execute("INSERT INTO loads VALUES (?, ?, ?)", row)
        self.connection.execute("CREATE TABLE people AS SELECT n, 'p' || n AS name FROM range(9) AS t(n)")
        pins = VintageColumns("kind" if kinds else None, "load")
        columns = tuple(
            Column(name, kind, name) for name, kind in (("kind", TEXT), ("load", TEXT), ("n", INT64))
        )
        people = Table("people", (Column("n", INT64, "n"), Column("name", TEXT, "name")))
        self.table = Table("loads", columns, vintage=pins)
        self.context = Context(Catalog({"loads": self.table, "people": people}), limits.load({}), NOW)
        listed = self.ask(vintage.loads_question(self.table), self.context)
        self.answered = replace(self.context, latest={"loads": vintage.latest_loads(self.table, listed)})
        texts = {"kind": "text", "load": "text", "n": "number"}
        found = [dict(zip(texts, row, strict=True)) for row in rows]
        self.world = reference.World(
            {
                "loads": reference.Table(texts, found, load_type=pins.load_type, load_id="load"),
                "people": reference.Table(
                    {"n": "number", "name": "text"}, [{"n": n, "name": f"p{n}"} for n in range(9)]
                ),
            },
            NOW,
        )

    def ask(self, query, context):
        compiled = sql.compile(plan(query, context), context.catalog)
        return self.connection.execute(compiled.sql, compiled.binds).fetchall()


@pytest.mark.parametrize(
    ("rows", "joined"),
    [(LOADS, False), (LOADS + UNTYPED, True), (UNTYPED, False), ([], False)],
    ids=["typed", "mixed and joined", "untyped", "empty"],
)
def test_the_loads_asked_for_are_read(rows, joined):
    world = World(rows)
    for load_type, load_id in itertools.product(PINS, IDS):
        asked = Vintage(load_type, load_id)
        query = Query("loads", asked)
        if joined:
            query = Query("people", steps=(Join("loads", (On("n", "n"),), "full", vintage=asked),))
        _, wanted = reference.evaluate(query, world.world)
        in_statement = [] if any(row[0] is None for row in rows) else [world.context]
        for context in (world.answered, *in_statement):
            assert sorted(world.ask(query, context), key=repr) == sorted(wanted, key=repr), asked


def test_a_table_without_load_types_has_one_latest_load():
    world = World([(None, "1", 1), (None, "2", 2), (None, None, 3)], kinds=False)
    for context in (world.answered, world.context):
        assert world.ask(Query("loads"), context) == [(None, "2", 2)]
