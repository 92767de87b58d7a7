"""What Aurora adds to the same question asked of DuckDB by hand, on 10 million rows.

Each pair runs alternately in one process over one file; the medians stand side by side. The
budget of a page is 1.2 times the hand's own time and 10 ms; of planning and compiling, 5 ms.
"""

from __future__ import annotations

import json
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

import duckdb
from data import TEN_MILLION, lineitem

from aurora_widgets import sql
from aurora_widgets.plan import Context, plan
from aurora_widgets.query.read import from_json
from aurora_widgets.service.open import open_runner

if TYPE_CHECKING:
    from collections.abc import Callable

ROUNDS = int(sys.argv[1]) if len(sys.argv) > 1 else 9
FEW = ["l_orderkey", "l_linenumber", "l_shipdate", "l_extendedprice", "l_shipmode"]


def where(column: str, op: str, **operand: object) -> dict[str, object]:
    return {"type": "filter", "where": {"type": "condition", "column": column, "op": op, **operand}}


SORT: dict[str, object] = {"type": "sort", "by": [{"column": "l_extendedprice", "descending": True}]}
KEYS = [{"column": "l_returnflag"}, {"column": "l_shipdate", "bucket": "month"}]
MEASURES = [{"as": "total", "fn": "sum", "column": "l_extendedprice"}, {"as": "n", "fn": "count"}]
GROUP: dict[str, object] = {"type": "aggregate", "by": KEYS, "measures": MEASURES}
ASKED: dict[str, tuple[list[dict[str, object]], int, str]] = {
    "first page, 16 columns": ([], 0, "FROM lineitem LIMIT 51"),
    "page at 50,000, 16 columns": ([], 50_000, "FROM lineitem LIMIT 51 OFFSET 50000"),
    "sort, 5 columns": (
        [SORT, {"type": "select", "columns": FEW}],
        0,
        f"SELECT {', '.join(FEW)} FROM lineitem ORDER BY l_extendedprice DESC LIMIT 51",
    ),
    "sort, 16 columns": ([SORT], 0, "FROM lineitem ORDER BY l_extendedprice DESC LIMIT 51"),
    "filter on a date": (
        [where("l_shipdate", "between", low="1995-03-01", high="1995-03-31")],
        0,
        "FROM lineitem WHERE l_shipdate BETWEEN DATE '1995-03-01' AND DATE '1995-03-31' LIMIT 51",
    ),
    "filter on text, few rows": (
        [where("l_comment", "contains", value="quickly unusual packages")],
        0,
        "FROM lineitem WHERE l_comment ILIKE '%quickly unusual packages%' LIMIT 51",
    ),
    "group by flag and month": (
        [GROUP, {"type": "sort", "by": [{"column": "total", "descending": True}]}],
        0,
        """SELECT l_returnflag, date_trunc('month', l_shipdate) m, sum(l_extendedprice) total, count(*)
           FROM lineitem GROUP BY ALL ORDER BY total DESC LIMIT 51""",
    ),
}


def timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return (time.perf_counter() - start) * 1000


def main() -> None:
    path = lineitem(TEN_MILLION)
    runner = open_runner(path)
    hand = duckdb.connect()
    hand.execute("SET enable_progress_bar = false")
    hand.execute(f"CREATE VIEW lineitem AS FROM '{path}'")
    print(f"{runner.catalog['lineitem'].rows:,} rows, median of {ROUNDS} rounds, ms")
    print(f"{'':28}{'aurora':>9}{'by hand':>9}{'ratio':>7}{'more':>8}   budget")
    for name, (steps, offset, text) in ASKED.items():
        query = from_json(json.dumps({"version": 1, "table": "lineitem", "steps": steps}))

        def ours(query: object = query, offset: int = offset) -> object:
            return runner.page(query, offset).as_json()  # type: ignore[arg-type]

        def theirs(text: str = text) -> object:
            return hand.execute(text).to_arrow_table()

        ours(), theirs()
        both = [(timed(ours), timed(theirs)) for _ in range(ROUNDS)]
        mine, plain = (median(times) for times in zip(*both, strict=True))
        met = "met" if mine <= 1.2 * plain + 10 else "MISSED"
        print(f"{name:28}{mine:9.1f}{plain:9.1f}{mine / plain:7.2f}{mine - plain:+8.1f}   {met}")
    print(f"\n{'plan and compile, warm':28}{'plan':>9}{'compile':>9}{'both':>9}   budget 5 ms")
    context = Context(runner.catalog, runner.settings, datetime.now(UTC))
    for name, (steps, offset, _) in ASKED.items():
        query = from_json(json.dumps({"version": 1, "table": "lineitem", "steps": steps}))
        sql.compile(plan(query, context), runner.catalog, offset=offset, limit=51)
        plans, compiles = [], []
        for _ in range(200):
            start = time.perf_counter()
            planned = plan(query, context)
            middle = time.perf_counter()
            sql.compile(planned, runner.catalog, offset=offset, limit=51)
            plans.append((middle - start) * 1000)
            compiles.append((time.perf_counter() - middle) * 1000)
        print(f"{name:28}{median(plans):9.2f}{median(compiles):9.2f}{median(plans) + median(compiles):9.2f}")


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parent))
    main()
