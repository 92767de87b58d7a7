"""How long a start takes and what it weighs: imports, and a gigabyte of Parquet to its first page.

Each line is a process of its own, so that nothing is warm but the disk.
"""

from __future__ import annotations

import json
import subprocess
import sys
from statistics import median

from data import ONE_GIGABYTE, lineitem

BUDGET_SECONDS = 3
ROUNDS = int(sys.argv[1]) if len(sys.argv) > 1 else 3
IMPORTS = {
    "nothing": "pass",
    "pyarrow": "import pyarrow",
    "pandas": "import pandas",
    "duckdb": "import duckdb",
    "ibis and sqlglot": "import ibis.backends.duckdb",
    "anywidget": "import anywidget",
    "ipydatagrid": "import ipydatagrid",
    "aurora_widgets.Explorer": "from aurora_widgets import Explorer",
    "aurora_widgets' service": "import aurora_widgets.service.open",
}
MEASURE = """
import time, resource, json
start = time.perf_counter()
{code}
took = time.perf_counter() - start
print(json.dumps([took, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024]))
"""
OPEN = """
from aurora_widgets.query.model import Query
from aurora_widgets.service.open import open_runner
start = time.perf_counter()
runner = open_runner({path!r})
opened = time.perf_counter()
page = runner.page(Query("lineitem"))
assert len(page.rows) == 50
"""


def measured(code: str) -> tuple[float, float]:
    """Return seconds and the peak of resident megabytes, each the median of some processes."""
    runs = []
    for _ in range(ROUNDS):
        done = subprocess.run(
            [sys.executable, "-c", MEASURE.format(code=code)], check=True, capture_output=True, text=True
        )
        runs.append(json.loads(done.stdout))
    seconds, megabytes = (median(values) for values in zip(*runs, strict=True))
    return seconds, megabytes


def main() -> None:
    print(f"median of {ROUNDS} processes")
    print(f"{'import':28}{'s':>7}{'MB':>8}")
    for name, code in IMPORTS.items():
        seconds, megabytes = measured(code)
        print(f"{name:28}{seconds:7.2f}{megabytes:8.0f}")
    path = lineitem(ONE_GIGABYTE)
    seconds, megabytes = measured(OPEN.format(path=str(path)))
    size = path.stat().st_size / 1e9
    met = "met" if seconds <= BUDGET_SECONDS else "MISSED"
    print(f"\n{size:.2f} GB of Parquet, opened to its first page: {seconds:.2f} s, {megabytes:.0f} MB")
    print(f"budget {BUDGET_SECONDS} s: {met}")


if __name__ == "__main__":
    main()
