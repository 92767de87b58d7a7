"""Statements: values are bound, shapes are shared, orders hold, pages fit together, text is readable."""

# ruff: noqa: DTZ001, E501 - timestamps without a zone are what is asked about; a case a line

from __future__ import annotations

import concurrent.futures
import datetime as dt
import random
import re
from decimal import Decimal
from typing import Any

import pytest
from sql_lab import Lab, col, derive, fn, select, where

from aurora_widgets import sql
from aurora_widgets.errors import AuroraError
from aurora_widgets.sql import statement

LAB = Lab(
    key=("id",),
    t="""SELECT * FROM (VALUES
        (1, 'b', 2.50::DECIMAL(10, 2), 1.5::DOUBLE, DATE '2024-01-01', TIMESTAMP '2024-01-01 10:00:00.000001'),
        (2, 'a', NULL, 'nan'::DOUBLE, NULL, NULL),
        (3, NULL, -1, 'inf'::DOUBLE, DATE '2024-02-01', TIMESTAMP '2024-02-01'),
        (4, 'a', 2.5, NULL, DATE '2024-01-01', TIMESTAMP '2024-01-01 10:00:00')
    ) t(id, word, money, ratio, day, stamp)""",
)


def compiled(*steps: Any, **page: int) -> sql.Compiled:
    return sql.compile(LAB.planned("t", *steps), LAB.catalog, **page)


@pytest.mark.parametrize(
    ("column", "value", "bound"),
    [
        ("word", "it's; DROP TABLE t --", "it's; DROP TABLE t --"),
        ("word", "\0$p1", "\0$p1"),
        ("money", "1e5", Decimal("100000.00")),
        ("money", "2.5", Decimal("2.50")),
        ("id", "7", 7),
        ("ratio", "0.1", 0.1),
        ("day", "2024-02-29", dt.date(2024, 2, 29)),
        ("stamp", "2024-01-01 10:00:00.000001", dt.datetime(2024, 1, 1, 10, 0, 0, 1)),
    ],
)
def test_a_value_is_bound_as_its_columns_type(column: str, value: str, bound: Any) -> None:
    made = compiled(where(column, "=", value))
    assert list(made.binds.values()) == [bound]
    assert type(made.binds["p1"]) is type(bound)
    assert "DROP" not in made.sql
    assert "$p1" in made.sql


def test_a_large_power_of_ten_is_not_bound_as_another_number() -> None:
    # DuckDB's Python client reads Decimal("1E+5") as 1.00000.
    assert LAB.ask("t", where("money", "<", "1e5"), select("id")) == [(1,), (3,), (4,)]


def test_pages_and_values_of_one_shape_share_one_statement() -> None:
    first = compiled(where("word", "=", "a"), offset=0, limit=2)
    before = len(statement._shapes)
    second = compiled(where("word", "=", "zebra's"), offset=40, limit=50)
    assert second.sql is first.sql
    assert (second.binds["offset"], second.binds["limit"]) == (40, 50)
    assert compiled(where("money", ">", "7.25")).sql is compiled(where("money", ">", 1000)).sql
    shared = compiled(where("id", "in", values=[1, 2, 3])).sql
    assert compiled(where("id", "in", values=[9, 8, 7, 6])).sql is shared
    many = compiled(where("id", "in", values=list(range(100)))).sql
    assert compiled(where("id", "in", values=list(range(500)))).sql is many
    assert len(statement._shapes) <= before + 3  # a long list is sorted, too


def test_values_that_decide_otherwise_do_not_share() -> None:
    held = compiled(where("money", "<", "2.50"))
    between = compiled(where("money", "<", "2.505"))
    assert held.sql != between.sql
    assert LAB.ask("t", where("money", "<", "2.505"), select("id")) == [(1,), (3,), (4,)]
    assert LAB.ask("t", where("money", "<", "2.5"), select("id")) == [(3,)]
    assert LAB.ask("t", where("money", "<", "2.495"), select("id")) == [(3,)]
    numbers = {
        str(LAB.ask("t", derive("x", fn("add", col("id"), n)), select("x"))) for n in ("1", "1.5", "1.25")
    }
    assert len(numbers) == 3


def test_another_table_of_the_same_name_does_not_share() -> None:
    other = Lab(t="SELECT 5 AS id, 6 AS word")
    assert other.ask("t", select("id")) == [(5,)]
    assert LAB.ask("t", select("id")) == [(1,), (2,), (3,), (4,)]


def test_the_cache_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(statement, "CACHED_SHAPES", 3)
    for number in range(6):
        compiled(derive(f"c{number}", col("id")))
    assert len(statement._shapes) == 3


def test_many_threads_compile_at_once() -> None:
    planned = [
        LAB.planned("t", where("id", ">", number), derive(f"n{number % 5}", col("id")))
        for number in range(40)
    ]

    def rows(at: int) -> tuple[int, sql.Compiled]:
        return at, sql.compile(planned[at], LAB.catalog)

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        for at, made in pool.map(rows, range(40)):
            assert made.binds == {"p1": at}
            assert f'"n{at % 5}"' in made.sql


@pytest.mark.parametrize(
    ("by", "ids"),
    [
        ([{"column": "word"}], [2, 4, 1, 3]),
        ([{"column": "word", "descending": True}], [1, 2, 4, 3]),
        ([{"column": "money"}, {"column": "id", "descending": True}], [3, 4, 1, 2]),
        ([{"column": "ratio"}], [1, 3, 2, 4]),  # NaN above infinity, and the empty cell last
        ([{"column": "ratio", "descending": True}], [2, 3, 1, 4]),
    ],
)
def test_empty_cells_sort_last_both_ways(by: list[dict[str, Any]], ids: list[int]) -> None:
    assert [row[0] for row in LAB.ask("t", {"type": "sort", "by": by}, select("id"))] == ids
    pages = [LAB.ask("t", {"type": "sort", "by": by}, select("id"), offset=at, limit=1) for at in range(5)]
    assert [row[0] for page in pages for row in page] == ids


def sort(*by: str) -> dict[str, Any]:
    return {"type": "sort", "by": [{"column": name.lstrip("-"), "descending": name[0] == "-"} for name in by]}


def limit(rows: int) -> dict[str, Any]:
    return {"type": "limit", "rows": rows}


def test_the_first_rows_are_kept_anywhere() -> None:
    assert LAB.ask("t", sort("-id"), limit(2), select("id")) == [(4,), (3,)]
    assert LAB.ask("t", sort("-id"), limit(2), where("id", ">", 3), select("id")) == [(4,)]
    assert LAB.ask("t", sort("-id"), limit(3), sort("id"), limit(1), select("id")) == [(2,)]
    assert LAB.ask("t", sort("-id"), limit(3), select("id"), offset=1, limit=5) == [(3,), (2,)]
    assert LAB.ask("t", limit(0)) == []
    assert len(LAB.ask("t", limit(10**15))) == 4


def test_pages_of_a_large_table_with_ties_fit_together() -> None:
    lab = Lab(
        key=("id",), big="SELECT range AS id, range % 7 AS g, hash(range) % 1000 AS h FROM range(20000)"
    )
    whole = lab.ask("big", sort("g", "-h"), select("h"))
    at = random.Random(7).sample(range(0, 20000, 50), 5)  # noqa: S311 - any pages will do
    for offset in at:
        assert (
            lab.ask("big", sort("g", "-h"), select("h"), offset=offset, limit=50)
            == whole[offset : offset + 50]
        )


def test_text_for_people_is_laid_out_with_values_in_place() -> None:
    planned = LAB.planned(
        "t", where("word", "!=", "O'Neil"), where("money", "in", values=["1.5", 2]), select("id", "day")
    )
    text = sql.compile_text(planned, LAB.catalog)
    assert "$" not in text
    assert "'O''Neil'" in text
    assert "IN (1.50, 2.00)" in text
    assert '"word" <> \'O\'\'Neil\' OR "t0"."word" IS NULL' in re.sub(r"\s+", " ", text)
    assert text.count("\n") > 5


def test_a_dialect_that_is_not_there_is_named() -> None:
    planned = LAB.planned("t")
    with pytest.raises(AuroraError, match="no SQL for oracle yet"):
        sql.compile(planned, LAB.catalog, "oracle")
    with pytest.raises(AuroraError, match="duckdb"):
        sql.compile_text(planned, LAB.catalog, "sqlite")


def test_an_empty_document_names_its_columns() -> None:
    assert compiled().sql.startswith('SELECT "t0"."id", "t0"."word"')


def test_a_limit_counts_its_rows_before_a_join_or_a_sort_has_its_say() -> None:
    """DuckDB 1.5 filters what it scans by what these keep, also below a LIMIT."""
    lab = Lab(
        t="SELECT range AS id, (range * 7919) % 1000003 AS z FROM range(400000)",
        few="SELECT unnest([9, 11, 70000]) AS id",
    )

    def limit(rows: int) -> dict[str, Any]:
        return {"type": "limit", "rows": rows}

    def sort(column: str) -> dict[str, Any]:
        return {"type": "sort", "by": [{"column": column, "descending": True}]}

    join = {"type": "join", "table": "few", "how": "inner", "on": [{"left": "id", "right": "id"}]}
    largest = lab.connection.execute("SELECT id FROM t WHERE id < 300000 ORDER BY z DESC LIMIT 5").fetchall()
    for steps, rows in (
        ((limit(2), join), []),
        ((limit(5), limit(2), join), []),
        ((sort("id"), limit(2), join), []),
        ((limit(10), join), [(9, 71271)]),
        ((limit(300_000), sort("z"), limit(5), select("id")), largest),
    ):
        planned = lab.planned("t", *steps)
        compiled = sql.compile(planned, lab.catalog)
        text = sql.compile_text(planned, lab.catalog)
        expression = sql.to_ibis(planned, lab.tables, catalog=lab.catalog)
        for _ in range(10):
            assert lab._rows(compiled.sql, compiled.binds) == rows, steps
            assert lab._rows(text, {}) == rows, text
            assert [tuple(row.values()) for row in expression.to_pyarrow().to_pylist()] == rows, steps
