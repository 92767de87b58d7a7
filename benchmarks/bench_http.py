"""A page over HTTP against the same page in this process: what the service adds to the engine.

A million rows of sample data in memory-backed storage, page cache off, one client on one connection.
"""

from __future__ import annotations

import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from aurora_widgets import connect
from aurora_widgets.query import from_json
from aurora_widgets.service.open import open_runner

if TYPE_CHECKING:
    from collections.abc import Callable

ROWS, TIMES = 1_000_000, 60
QUESTIONS = {
    "first page": [],
    "filtered": [
        {"type": "filter", "where": {"type": "condition", "column": "amount", "op": ">", "value": 9000}}
    ],
    "top": [{"type": "sort", "by": [{"column": "amount", "descending": True}]}],
}


def median(ask: Callable[[], object]) -> float:
    ask()
    taken = []
    for _ in range(TIMES):
        start = time.perf_counter()
        ask()
        taken.append(time.perf_counter() - start)
    return statistics.median(taken) * 1000


def main() -> None:
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108
    with tempfile.TemporaryDirectory(dir=memory) as folder:
        path = Path(folder) / "sales.parquet"
        columns = "range AS id, range % 97 AS region, (range * 7919 % 1000000 / 100)::DECIMAL(9,2) AS amount"
        with duckdb.connect() as db:
            db.execute(f"COPY (SELECT {columns} FROM range({ROWS})) TO '{path}'")
        tokens = Path(folder) / "tokens.yaml"
        tokens.write_text("secret-of-bench: {user: bench}\n")
        started = time.perf_counter()
        service = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "aurora_widgets.cli",
                "service",
                "--port",
                "0",
                "--tokens",
                tokens,
                "--data",
                path,
            ],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env={**os.environ, "CACHE_MAX_BYTES": "0", "PREVIEW_RATE_LIMIT": "100000/minute"},
        )
        try:
            url = (service.stdout.readline() if service.stdout else "").split(" at ")[1].split()[0]
            print(f"ready in {time.perf_counter() - started:.1f} s")
            client, runner = connect(url, "secret-of-bench"), open_runner(path)
            for name, steps in QUESTIONS.items():
                query = from_json({"version": 1, "table": "sales", "steps": steps})
                near, far = median(lambda q=query: runner.page(q)), median(lambda q=query: client.page(q))
                added, ratio = far - near, far / near
                print(
                    f"{name:>12}: embedded {near:.1f} ms, HTTP {far:.1f} ms: + {added:.1f} ms, {ratio:.2f} x"
                )
            runner.close()
        finally:
            service.send_signal(signal.SIGTERM)
            service.wait()


if __name__ == "__main__":
    main()
