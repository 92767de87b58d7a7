"""What joins keep, in a real DuckDB."""

# ruff: noqa: E501 - a table of cases reads best with a row a line

from __future__ import annotations

import itertools
from typing import Any

import pytest
from sql_lab import Lab, Rows, col, derive, fn, select, where

LAB = Lab(
    left="""SELECT * FROM (VALUES (1, 'a', 10), (2, 'b', 20), (2, 'c', 20), (NULL, 'd', 30), (5, 'e', 50)) t(k, name, n)""",
    right="""SELECT * FROM (VALUES (1::BIGINT, 'x', 5), (2, 'y', 15), (2, 'z', 25), (NULL, 'w', 35), (9, 'v', 45))
        t(k, name, m)""",
    ratio="SELECT * FROM (VALUES ('nan'::DOUBLE, 'n'), (1.0, 'one'), (NULL, 'none')) t(f, word)",
    empty="SELECT 1::BIGINT AS k, 'q' AS name, 1 AS m WHERE FALSE",
)


def join(table: str, how: str, *on: Any, **more: Any) -> dict[str, Any]:
    pairs = [dict(zip(("left", "right", "op"), pair, strict=False)) for pair in on]
    return {"type": "join", "table": table, "how": how, "on": pairs, **more}


def asked(*steps: Any, table: str = "left") -> Rows:
    return sorted(LAB.ask(table, *steps), key=repr)


@pytest.mark.parametrize(
    ("how", "rows"),
    [
        ("inner", [("a", 1, "x"), ("b", 2, "y"), ("b", 2, "z"), ("c", 2, "y"), ("c", 2, "z")]),
        ("left", [("a", 1, "x"), ("b", 2, "y"), ("b", 2, "z"), ("c", 2, "y"), ("c", 2, "z"), ("d", None, None),
                  ("e", 5, None)]),
        ("right", [("a", 1, "x"), ("b", 2, "y"), ("b", 2, "z"), ("c", 2, "y"), ("c", 2, "z"), (None, 9, "v"),
                   (None, None, "w")]),
        ("full", [("a", 1, "x"), ("b", 2, "y"), ("b", 2, "z"), ("c", 2, "y"), ("c", 2, "z"), ("d", None, None),
                  ("e", 5, None), (None, 9, "v"), (None, None, "w")]),
    ],
)  # fmt: skip
def test_each_kind_of_join_with_empty_and_repeated_keys(how: str, rows: Rows) -> None:
    steps = (join("right", how, ("k", "k")), select("name", "k", "right.name"))
    assert asked(*steps) == rows


def test_a_right_hand_key_of_another_name_is_kept_and_the_left_one_is_whole() -> None:
    renamed = Lab(a="SELECT unnest([1, 2]) AS id", b="SELECT unnest([2, 3]) AS ref")
    rows = sorted(renamed.ask("a", join("b", "full", ("id", "ref"))), key=repr)
    assert rows == [(1, None), (2, 2), (3, 3)]


@pytest.mark.parametrize("op", ["<", "<=", ">", ">="])
@pytest.mark.parametrize("how", ["inner", "left", "right", "full"])
def test_a_second_pair_may_compare(op: str, how: str) -> None:
    matched = {
        (name, other)
        for k, name, n in [(1, "a", 10), (2, "b", 20), (2, "c", 20), (None, "d", 30), (5, "e", 50)]
        for j, other, m in [(1, "x", 5), (2, "y", 15), (2, "z", 25), (None, "w", 35), (9, "v", 45)]
        if k is not None and k == j and {"<": n < m, "<=": n <= m, ">": n > m, ">=": n >= m}[op]
    }
    left = {(name, None) for name in "abcde"} - {(name, None) for name, _ in matched}
    right = {(None, name) for name in "xyzwv"} - {(None, name) for _, name in matched}
    expected = (
        matched
        | (left if how in {"left", "full"} else set())
        | (right if how in {"right", "full"} else set())
    )
    found = asked(join("right", how, ("k", "k"), ("n", "m", op)), select("name", "right.name"))
    assert set(found) == expected
    assert len(found) == len(expected)


def test_one_table_joined_twice_and_to_itself() -> None:
    steps = (
        join("left", "inner", ("k", "k"), **{"as": "one"}),
        join("left", "left", ("one.n", "n"), **{"as": "two"}),
        select("name", "one.name", "two.name"),
        where("name", "=", "a"),
    )
    assert asked(*steps) == [("a", "a", "a")]


def test_nan_keys_match_and_empty_ones_never() -> None:
    steps = (join("ratio", "inner", ("f", "f"), **{"as": "r"}), select("word", "r.word"))
    assert asked(*steps, table="ratio") == [("n", "n"), ("one", "one")]


@pytest.mark.parametrize(("how", "count"), [("inner", 0), ("left", 5), ("right", 0), ("full", 5)])
def test_a_join_with_no_rows(how: str, count: int) -> None:
    assert len(asked(join("empty", how, ("k", "k")))) == count
    assert len(asked(join("left", how, ("k", "k")), table="empty")) == {"inner": 0, "left": 0}.get(how, 5)


def test_steps_before_and_after_a_join() -> None:
    steps = (
        where("n", ">=", 20),
        derive("k2", fn("add", col("k"), 0)),
        {
            "type": "aggregate",
            "by": [{"column": "k2"}],
            "measures": [{"as": "total", "fn": "sum", "column": "n"}],
        },
        join("right", "left", ("k2", "k")),
        where("m", "not between", low=0, high=20),
        select("k2", "total", "name"),
    )
    assert asked(*steps) == [(2, 40, "z"), (5, 50, None), (None, 30, None)]


def test_keys_of_different_number_types() -> None:
    lab = Lab(
        a="SELECT unnest([1.00::DECIMAL(10, 2), 2.50, 9007199254740993]) AS k",
        b="SELECT unnest([1::BIGINT, 9007199254740993, 7]) AS k, 1 AS one",
        c="SELECT unnest([1.0::DOUBLE, 2.5]) AS k, 2 AS two",
    )
    assert len(lab.ask("a", join("b", "inner", ("k", "k")))) == 2
    assert sorted(row[0] for row in lab.ask("a", join("b", "full", ("k", "k")))) == sorted(
        row[0] for row in lab.ask("b", join("a", "full", ("k", "k")))
    )
    assert len(lab.ask("c", join("b", "full", ("k", "k")))) == 4


NUMBERS = ("TINYINT", "BIGINT", "HUGEINT", "UBIGINT", "FLOAT", "DOUBLE", "DECIMAL(4, 2)",
           "DECIMAL(6, 3)", "DECIMAL(10, 2)", "DECIMAL(18, 4)", "DECIMAL(38, 0)", "DECIMAL(38, 10)")  # fmt: skip


def test_any_two_number_columns_are_matched_and_compared() -> None:
    columns = {f"n{at}": kind for at, kind in enumerate(NUMBERS)}
    typed = ", ".join(f"v::{kind} AS {name}" for name, kind in columns.items())
    lab = Lab(t=f"SELECT {typed} FROM (VALUES (1), (2), (NULL)) t(v)")
    for left, right in itertools.permutations(columns, 2):
        compared = where(left, "<=", other=right)
        matched = join("t", "full", (left, right), **{"as": "o"})
        assert len(lab.ask("t", compared, select(left))) == 2, (columns[left], columns[right])
        assert len(lab.ask("t", matched, select(left))) == 4, (columns[left], columns[right])
