"""Many people on one portal: what they wait for, and what the whole of it weighs.

`aurora hub` with sample data; each of N people logs in, opens the page and asks a question every ten
seconds on average. Memory is the proportional set size of every process of the hub.

    python benchmarks/bench_hub.py [people] [minutes]
"""

from __future__ import annotations

import asyncio
import os
import resource
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path
from statistics import quantiles

import httpx
from people import ANYBODY, FIRST, Noted, Person

PEOPLE = int(sys.argv[1]) if len(sys.argv) > 1 else 200
MINUTES = float(sys.argv[2]) if len(sys.argv) > 2 else 10  # noqa: PLR2004
EVERY_SECONDS = 10
ARRIVALS_A_SECOND = 4
PASSWORD = "only-for-this-benchmark"  # noqa: S105


async def soak(hub: str, noted: Noted, family: int) -> None:
    """Let everybody work, and print the memory while they do."""
    people = [Person(hub, f"person-{number}", PASSWORD, noted) for number in range(PEOPLE)]
    loop = asyncio.get_running_loop()
    start = loop.time()
    until = start + PEOPLE / ARRIVALS_A_SECOND + MINUTES * 60

    async def live(number: int, person: Person) -> None:
        await asyncio.sleep(number / ARRIVALS_A_SECOND)
        try:
            await person.log_in()
            await person.open()
            await person.do("table", FIRST)
            await person.work(until, EVERY_SECONDS)
        except (RuntimeError, TimeoutError, OSError, httpx.HTTPError) as error:
            noted.failed.append(f"{person.name}: {error!r}")

    async def watch() -> None:
        while loop.time() < until:
            await asyncio.sleep(30)
            total = sum(size for sizes in weights(family).values() for size in sizes)
            asked = sum(map(len, noted.asked.values()))
            print(
                f"  {loop.time() - start:4.0f} s: {asked} answers, {total:,.0f} MB, "
                f"load {os.getloadavg()[0]:.1f}, {len(noted.failed)} failed",
                flush=True,
            )

    watching = asyncio.create_task(watch())
    await asyncio.gather(*(live(number, person) for number, person in enumerate(people)))
    watching.cancel()
    report(noted, weights(family))
    await asyncio.gather(*(person.leave() for person in people))


def weights(family: int) -> dict[str, list[float]]:
    """Return megabytes (PSS) of each process that descends from the hub, by what it is."""
    parents = {}
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            parents[int(status.parent.name)] = int(status.read_text().partition("PPid:")[2].split()[0])
        except OSError:
            continue
    found = defaultdict(list)
    for pid in parents:
        above = pid
        while above > 1 and above != family:
            above = parents.get(above, 0)
        if above != family:
            continue
        try:
            rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
            found[kind(pid)].append(int(rollup.partition("\nPss:")[2].split()[0]) / 1024)
        except (OSError, IndexError):
            continue
    return found


def kind(pid: int) -> str:
    """Return which part of the portal a process is."""
    line = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    names = {"configurable-http-proxy": "proxy", "forked": "kernels and their parent", "portal.app": "portal"}
    names |= {"service": "query service", "jupyterhub": "hub", " hub": "hub"}
    return next((name for part, name in names.items() if part in line), "other")


def report(noted: Noted, weights: dict[str, list[float]]) -> None:
    """Print the table."""
    print(f"\n{'':24}{'number':>8}{'median':>9}{'p95':>9}{'longest':>9}   ms")
    rows = {"page delivered": noted.opened, "page usable": noted.usable} | noted.asked
    rows["all questions"] = [seconds for times in noted.asked.values() for seconds in times]
    for name, times in rows.items():
        cuts = quantiles(times, n=20) if len(times) > 1 else (times or [0.0]) * 19
        figures = (1000 * figure for figure in (cuts[9], cuts[18], max(times, default=0)))
        print(f"{name:24}{len(times):8}" + "".join(f"{figure:9.0f}" for figure in figures))
    print(f"\n{'':32}{'processes':>10}{'MB (PSS)':>10}{'each':>8}")
    for name, sizes in sorted(weights.items()):
        print(f"{name:32}{len(sizes):10}{sum(sizes):10.0f}{sum(sizes) / len(sizes):8.1f}")
    print(f"{'together':32}{'':10}{sum(size for sizes in weights.values() for size in sizes):10.0f}")
    print(f"\nrefused: {noted.refused or 'none'}; failed: {len(noted.failed)}")
    for line in noted.failed[:20]:
        print(f"  {line}")


def main() -> None:
    """Start the hub, let everybody in, and stop it."""
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    with tempfile.TemporaryDirectory() as folder, socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        probe.close()
        config = Path(folder) / "hub.py"
        config.write_text(ANYBODY.format(password=PASSWORD))
        command = [sys.executable, "-m", "aurora_widgets.cli", "hub", "--config", str(config)]
        log = Path(folder) / "hub.log"
        with log.open("w") as output:
            begun = time.perf_counter()
            hub = subprocess.Popen(
                [*command, "--port", str(port), "--state", str(Path(folder) / "state"), "--no-browser"],
                stdout=output,
                stderr=subprocess.STDOUT,
            )
            try:
                address = f"http://127.0.0.1:{port}"
                serving(address, hub, log)
                print(
                    f"{PEOPLE} people; the hub serves after {time.perf_counter() - begun:.1f} s", flush=True
                )
                asyncio.run(soak(address, Noted(), hub.pid))
            finally:
                hub.send_signal(signal.SIGTERM)
                hub.wait(60)
                (Path(tempfile.gettempdir()) / "aurora-bench-hub.log").write_text(log.read_text())


def serving(address: str, hub: subprocess.Popen[bytes], log: Path) -> None:
    """Wait until the portal answers."""
    until = time.monotonic() + 90
    while time.monotonic() < until:
        if hub.poll() is not None:
            break
        try:
            if httpx.get(f"{address}/services/portal/healthz").status_code == 200:  # noqa: PLR2004
                return
        except httpx.HTTPError:
            pass
        time.sleep(0.2)
    raise SystemExit(f"The hub did not start:\n{log.read_text()[-3000:]}")


if __name__ == "__main__":
    main()
