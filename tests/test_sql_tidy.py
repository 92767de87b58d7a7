"""A SELECT that only names columns gives way to what it selects from; any other stays."""

from __future__ import annotations

import pytest
import sqlglot

from aurora_widgets.sql.tidy import tidy


@pytest.mark.parametrize(
    ("written", "tidied"),
    [
        ("SELECT b.x FROM (SELECT a.x FROM t AS a) AS b", 'SELECT "b".x FROM t AS b'),
        ("SELECT b.y FROM (SELECT a.x AS y FROM t AS a) AS b", 'SELECT "b".x AS "y" FROM t AS b'),
        (
            "SELECT b.x + 1 AS x FROM (SELECT a.x FROM t AS a WHERE a.y > 0) AS b ORDER BY b.x LIMIT 2",
            'SELECT "b".x + 1 AS x FROM t AS b WHERE "b".y > 0 ORDER BY "b".x LIMIT 2',
        ),
        (
            "SELECT c.z FROM (SELECT a.x, b.y AS z FROM t AS a JOIN u AS b ON a.x = b.x) AS c WHERE c.x > 0",
            'SELECT b.y AS "z" FROM t AS a JOIN u AS b ON a.x = b.x WHERE a.x > 0',
        ),
        (
            (
                "SELECT b.x, c.y FROM (SELECT a.x FROM t AS a) AS b "
                "LEFT JOIN (SELECT a.x AS y FROM t AS a) AS c ON b.x = c.y"
            ),
            'SELECT "b".x, "c".x AS "y" FROM t AS b LEFT JOIN t AS c ON "b".x = "c".x',
        ),
        (
            "SELECT b.x, COUNT(*) AS n FROM (SELECT a.y AS x FROM t AS a) AS b GROUP BY 1",
            'SELECT "b".y AS "x", COUNT(*) AS n FROM t AS b GROUP BY 1',
        ),
    ],
)
def test_names_alone_are_no_select_of_their_own(written: str, tidied: str) -> None:
    assert tidy(sqlglot.parse_one(written, dialect="duckdb")).sql("duckdb") == tidied


@pytest.mark.parametrize(
    "written",
    [
        "SELECT b.x FROM (SELECT a.x + 1 AS x FROM t AS a) AS b",
        "SELECT b.x FROM (SELECT DISTINCT a.x, a.y FROM t AS a) AS b",
        "SELECT b.x FROM (SELECT a.x FROM t AS a LIMIT 3) AS b",
        "SELECT b.x FROM (SELECT a.x FROM t AS a ORDER BY a.x) AS b",
        "SELECT b.x FROM (SELECT a.x FROM t AS a GROUP BY a.x) AS b",
        # A WHERE may not be moved over a join, nor one before another that it shields.
        "SELECT b.x FROM u AS c LEFT JOIN (SELECT a.x FROM t AS a WHERE a.y > 0) AS b ON b.x = c.x",
        "SELECT b.x FROM (SELECT a.x FROM t AS a WHERE a.y > 0) AS b WHERE 1 / b.x > 1",
        "SELECT c.x FROM v AS d JOIN (SELECT a.x FROM t AS a JOIN u AS b ON a.x = b.x) AS c ON c.x = d.x",
        # Totals roll up each of two keys on its own, also where they are one column.
        "SELECT b.x, b.y FROM (SELECT a.x, a.x AS y FROM t AS a) AS b GROUP BY ROLLUP (b.x, b.y)",
    ],
)
def test_a_select_that_does_more_stays(written: str) -> None:
    tree = sqlglot.parse_one(written, dialect="duckdb")
    assert tidy(tree).sql("duckdb") == tree.sql("duckdb") == written


def test_the_statement_that_is_given_is_left_as_it_was() -> None:
    tree = sqlglot.parse_one("SELECT b.x FROM (SELECT a.x FROM t AS a) AS b")
    before = tree.sql()
    tidy(tree)
    assert tree.sql() == before
