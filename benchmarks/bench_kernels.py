"""Page kernels, forked, against ordinary ones of the same run: how soon they start, what each weighs.

``python benchmarks/bench_kernels.py [forked] [ordinary]``: how many of each. Every kernel opens the page
on a real query service and is asked fifteen questions, and then forty more. Weights are PSS: what several
share is divided by them.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
from jupyter_client.manager import AsyncKernelManager
from jupyter_client.provisioning import KernelProvisionerFactory

from aurora_widgets.portal.provisioner import parent

if TYPE_CHECKING:
    from collections.abc import Iterator

FORKED, ORDINARY = (int(text) for text in (*sys.argv[1:], *("50", "3")[len(sys.argv) - 1 :]))
CELL = "from aurora_widgets import Explorer\n\nExplorer.from_environment()"
JOIN = {"table": "regions", "on": [{"left": "region", "right": "region"}], "how": "left"}
SUMMARY = {"by": [{"column": "region"}], "measures": [{"fn": "sum", "column": "amount", "as": "total"}]}
MUCH = {"type": "condition", "column": "amount", "op": ">", "value": 5000}
DEEDS: tuple[dict[str, Any], ...] = (
    {"do": "filter", "where": MUCH},
    {"do": "page", "offset": 50},
    {"do": "sort", "by": [{"column": "amount", "descending": True}]},
    {"do": "search", "text": "customer 9"},
    {"do": "undo"},
    {"do": "joins", "joins": [JOIN]},
    {"do": "summarize", "aggregate": SUMMARY},
    {"do": "undo"},
    {"do": "filter_cell", "row": 0, "column": "customer", "negate": False},
    {"do": "select", "columns": ["id", "customer", "amount"]},
    {"do": "reset"},
    {"ask": "values", "column": "customer", "search": "", "limit": 50},
    {"ask": "count", "where": MUCH},
    {"ask": "profile", "column": "amount"},
)
MORE: tuple[dict[str, Any], ...] = tuple(
    {"do": "page", "offset": 50 * number}
    if number % 2
    else {"do": "filter", "where": MUCH | {"value": number}}
    for number in range(40)
)


class Page:
    """A kernel, and the browser that its page would be in."""

    def __init__(self, folder: str, number: int, environment: dict[str, str]) -> None:
        self.environment = environment
        self.manager = AsyncKernelManager(
            kernel_name="python3", transport="ipc", connection_file=f"{folder}/{number}.json"
        )
        self.panel, self.asked = "", 0

    async def start(self) -> float:
        """Start the kernel; return after how many seconds it answers."""
        begun = time.perf_counter()
        await self.manager.start_kernel(env=self.environment, cwd="/")
        self.client = self.manager.client()
        self.client.start_channels(hb=False)
        asked = self.client.kernel_info()
        while (await self.client.get_shell_msg(timeout=60))["parent_header"].get("msg_id") != asked:
            pass
        return time.perf_counter() - begun

    async def open(self) -> float:
        """Run the notebook; return after how many seconds its widget is there."""
        begun = time.perf_counter()
        self.client.execute(CELL)
        while not self.panel:
            found = (await self.client.get_iopub_msg(timeout=60))["content"]
            if "panel" in found.get("data", {}).get("state", {}):
                self.panel = found["comm_id"]
        return time.perf_counter() - begun

    async def ask(self, deed: dict[str, Any]) -> None:
        """Do or ask what a person would, and wait for the answer."""
        self.asked += 1
        data = {"method": "custom", "content": deed if "do" in deed else deed | {"id": self.asked}}
        sent = self.client.session.msg("comm_msg", {"comm_id": self.panel, "data": data})
        self.client.shell_channel.send(sent)
        while True:
            found = (await self.client.get_iopub_msg(timeout=60))["content"].get("data", {})
            if found.get("content", {}).get("id") == self.asked:
                return
            state = found.get("state", {})
            if state.get("status", {}).get("state") == "error":
                raise RuntimeError(state["status"]["error"]["detail"])
            if (
                "page" in state and state["status"]["state"] == "ready"
            ):  # an answer's rows come with its status
                return

    async def close(self) -> None:
        """End the kernel."""
        self.client.stop_channels()
        await self.manager.shutdown_kernel(now=True)


@contextlib.contextmanager
def service(folder: str, users: int) -> Iterator[str]:
    sales, regions, tokens = (
        Path(folder) / name for name in ("sales.parquet", "regions.parquet", "tokens.yaml")
    )
    columns = """range AS id, range % 97 AS region, 'customer ' || range % 1000 AS customer,
        DATE '2020-01-01' + (range % 2000)::INT AS day, (range * 7919 % 1000000 / 100)::DECIMAL(9, 2)
        AS amount, range % 7 AS a, range % 11 AS b, range % 13 / 7.0 AS c"""
    with duckdb.connect() as db:
        db.execute(f"COPY (SELECT {columns} FROM range(100000)) TO '{sales}'")
        db.execute(f"COPY (SELECT range AS region, 'Region ' || range AS name FROM range(97)) TO '{regions}'")
    tokens.write_text("".join(f"secret-{user}: {{user: user{user}}}\n" for user in range(users)))
    command = [sys.executable, "-m", "aurora_widgets.cli", "service", "--port", "0", "--tokens", str(tokens)]
    process = subprocess.Popen(
        [*command, "--data", str(sales), "--data", str(regions)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env={**os.environ, "PREVIEW_RATE_LIMIT": "10000/minute", "HELPER_RATE_LIMIT": "10000/minute"},
    )
    try:
        yield (process.stdout.readline() if process.stdout else "").split(" at ")[1].split()[0]
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(20)


def megabytes(pid: int, name: str = "Pss") -> float:
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1]) * 1024 / 1e6
    return 0.0


def weigh(stage: str, pages: list[Page]) -> None:
    pids = [page.manager.provisioner.pid for page in pages]  # type: ignore[union-attr]
    pss = statistics.mean(map(megabytes, pids))
    own = statistics.mean(megabytes(pid, "Private_Dirty") for pid in pids)
    print(f"  {stage:24}{pss:8.1f} MB each {own:8.1f} its own {sum(map(megabytes, pids)):9.0f} in all")


def spread(stage: str, seconds: list[float]) -> None:
    slow = sorted(seconds)[int(len(seconds) * 0.95)] if len(seconds) > 1 else seconds[0]
    print(f"  {stage:24}{statistics.median(seconds) * 1000:8.0f} ms median {slow * 1000:8.0f} ms p95")


async def measure(name: str, provisioner: str, count: int, url: str, folder: str) -> None:
    if not count:
        return
    print(f"{name}, {count} kernels")
    KernelProvisionerFactory.instance().default_provisioner_name = provisioner
    kept = {key: os.environ[key] for key in ("PATH", "HOME", "LANG", "PYTHONPATH") if key in os.environ}
    kept["AURORA_SERVICE_URL"] = url
    pages = [Page(folder, number, kept | {"AURORA_TOKEN": f"secret-{number}"}) for number in range(count)]
    one_by_one = [await page.start() for page in pages[: min(5, count)]]
    spread("start, one at a time", one_by_one)
    if count > len(one_by_one):
        spread("start, the rest at once", list(await asyncio.gather(*(page.start() for page in pages[5:]))))
    weigh("started", pages)
    spread("open the page", [await page.open() for page in pages])
    weigh("page open", pages)
    for page in pages:
        await page.ask({"do": "pick", "table": "sales"})
    weigh("a table shown", pages)
    for deeds in (DEEDS, MORE):
        for deed in deeds:
            for page in pages:
                await page.ask(deed)
        weigh(f"{len(deeds)} questions later", pages)
    await asyncio.gather(*(page.close() for page in pages))


async def main() -> None:
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108
    with tempfile.TemporaryDirectory(dir=memory) as folder, service(folder, max(FORKED, ORDINARY)) as url:
        await measure("ordinary (ipykernel)", "local-provisioner", ORDINARY, url, folder)
        begun = time.perf_counter()
        parent().start()
        pid = parent().pid or 0
        print(f"the parent: ready in {time.perf_counter() - begun:.1f} s, {megabytes(pid):.0f} MB alone")
        await measure("forked", "aurora-forked", FORKED, url, folder)
    print(f"load of the machine in the last minute: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")


if __name__ == "__main__":
    asyncio.run(main())
