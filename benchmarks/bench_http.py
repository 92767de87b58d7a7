"""The query service under load: 200 people, 20 requests a second, ten million rows, no page cache.

Prints what the service adds to the engine, what it weighs idle, and how long pages, filtered pages,
grouped questions and top lists take while all of them are asked, against the same asked alone.

    python benchmarks/bench_http.py [--seconds 60] [--rate 20] [--processes 1]
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

import aiohttp
import psutil
from data import TEN_MILLION, lineitem

from aurora_widgets import connect
from aurora_widgets.query import from_json
from aurora_widgets.service.open import open_runner

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PEOPLE = 200
MIX = ["page"] * 14 + ["filtered"] * 4 + ["grouped", "top"]
SPREAD = [*MIX[:7], "filtered", "filtered", "grouped", *MIX[7:14], "filtered", "filtered", "top"]
"""The same, so that kinds follow one another evenly."""


def question(kind: str, number: int) -> dict[str, object]:
    """Return the body of a request: a page, TPC-H Q6's rows, Q1's groups, the dearest twenty.

    Numbers near each other ask different questions, so that none is answered by another's run.
    """
    steps: list[dict[str, object]] = []
    offset = 0
    match kind:
        case "page":
            offset = number % 20 * 50
        case "filtered":
            year, discount = 1993 + number % 5, 2 + number // 5 % 7
            rules = [
                rule("l_shipdate", ">=", f"{year}-01-01"),
                rule("l_shipdate", "<", f"{year + 1}-01-01"),
                rule("l_discount", ">=", f"0.0{discount - 1}"),
                rule("l_discount", "<=", f"0.0{discount + 1}"),
                rule("l_quantity", "<", 24 + number // 35 % 2),
            ]
            steps = [{"type": "filter", "where": {"type": "group", "op": "and", "children": rules}}]
        case "grouped":
            steps = [
                {"type": "filter", "where": rule("l_orderkey", ">", number)},
                {
                    "type": "aggregate",
                    "by": [{"column": "l_returnflag"}, {"column": "l_linestatus"}],
                    "measures": [
                        {"as": "quantity", "fn": "sum", "column": "l_quantity"},
                        {"as": "price", "fn": "sum", "column": "l_extendedprice"},
                        {"as": "discount", "fn": "avg", "column": "l_discount"},
                        {"as": "rows", "fn": "count"},
                    ],
                },
            ]
        case "top":
            steps = [
                {"type": "filter", "where": rule("l_orderkey", ">", number)},
                {"type": "sort", "by": [{"column": "l_extendedprice", "descending": True}]},
                {"type": "limit", "rows": 20},
            ]
    return {"query": {"version": 1, "table": "lineitem", "steps": steps}, "offset": offset}


def rule(column: str, op: str, value: object) -> dict[str, object]:
    return {"type": "condition", "column": column, "op": op, "value": value}


@contextlib.contextmanager
def service(processes: int) -> Iterator[tuple[str, psutil.Process, float]]:
    """Run ``aurora service``; gives its address, its process, and the seconds until it was ready."""
    with tempfile.TemporaryDirectory() as folder:
        tokens = Path(folder) / "tokens.yaml"
        tokens.write_text("".join(f"secret-of-{n:03}: {{user: user-{n:03}}}\n" for n in range(PEOPLE)))
        data = lineitem(TEN_MILLION)
        command = [sys.executable, "-m", "aurora_widgets.cli", "service", "--port", "0", "--tokens", tokens]
        started = time.perf_counter()
        with subprocess.Popen(
            [*command, "--data", data, "--processes", str(processes)],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env={**os.environ, "CACHE_MAX_BYTES": "0"},
        ) as running:
            try:
                line = running.stdout.readline() if running.stdout else ""
                ready = time.perf_counter() - started
                yield line.split(" at ")[1].split()[0].rstrip("/"), psutil.Process(running.pid), ready
            finally:
                running.send_signal(signal.SIGTERM)


def weight(parent: psutil.Process) -> float:
    """Return megabytes of the service, memory that its processes share counted once."""
    family = [parent, *parent.children(recursive=True)]
    return sum(process.memory_full_info().pss for process in family) / 1e6


def median_ms(ask: Callable[[], object], times: int) -> float:
    ask()
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        ask()
        taken.append(time.perf_counter() - start)
    return statistics.median(taken) * 1000


def added(url: str) -> None:
    """Print what HTTP adds to the same question in this process."""
    client, runner = connect(url, "secret-of-000"), open_runner(lineitem(TEN_MILLION))
    for kind, times in (("page", 25), ("filtered", 10), ("top", 5)):
        query = from_json(question(kind, 1)["query"])
        near, far = (median_ms(lambda at=at, q=query: at.page(q), times) for at in (runner, client))
        print(f"{kind:>9}: embedded {near:7.1f} ms, over HTTP {far:7.1f} ms: {far - near:+.1f} ms")
    client.close()
    runner.close()


async def ask(web: aiohttp.ClientSession, url: str, kind: str, number: int) -> tuple[str, float, int]:
    start = time.perf_counter()
    headers = {"Authorization": f"Bearer secret-of-{number % PEOPLE:03}"}
    async with web.post(f"{url}/api/page", json=question(kind, number), headers=headers) as answer:
        await answer.read()
        return kind, time.perf_counter() - start, answer.status


async def alone(web: aiohttp.ClientSession, url: str) -> dict[str, float]:
    """Return seconds of each kind with nothing beside it."""
    return {
        kind: statistics.median([(await ask(web, url, kind, 10_000 + at))[1] for at in range(8)])
        for kind in dict.fromkeys(MIX)
    }


async def load(url: str, rate: float, seconds: float) -> None:
    """Send at fixed moments, whether or not the answers before have come, and print what came."""
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as web:
        own = await alone(web, url)
        start, asked = time.perf_counter(), []
        for number in range(round(rate * seconds)):
            await asyncio.sleep(start + number / rate - time.perf_counter())
            asked.append(asyncio.create_task(ask(web, url, SPREAD[number % len(SPREAD)], number)))
        taken = defaultdict(list)
        statuses: Counter[int] = Counter()
        for kind, seconds_taken, status in await asyncio.gather(*asked):
            taken[kind].append(seconds_taken)
            statuses[status] += 1
    print(f"{len(asked)} requests, {rate:g} a second: {dict(statuses)}")
    for kind, times in taken.items():
        cuts = statistics.quantiles(times, n=20)
        alone_ms, half, most = own[kind] * 1000, statistics.median(times) * 1000, cuts[-1] * 1000
        print(
            f"{kind:>9}: alone {alone_ms:7.1f} ms, median {half:7.1f} ms, p95 {most:7.1f} ms "
            f"({most / alone_ms:.1f} x alone)"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--rate", type=float, default=20)
    parser.add_argument("--processes", type=int, default=1)
    chosen = parser.parse_args()
    print(f"load of the machine before: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    with service(chosen.processes) as (url, process, ready):
        print(f"ready in {ready:.1f} s, idle {weight(process):.0f} MB")
        added(url)
        asyncio.run(load(url, chosen.rate, chosen.seconds))
        print(f"after the load {weight(process):.0f} MB")
    print("Superset 6.1 on such a machine and data: a page 95 ms (56 tuned), 6 to 10 requests a second")
    print("at most with p95 of 3 to 5 s, 599 MB idle.")


if __name__ == "__main__":
    main()
