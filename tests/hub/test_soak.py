"""Several people at work at once: every question is answered, and nothing is left of them when they leave.

`benchmarks/bench_hub.py` is the same with two hundred, for ten minutes.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from pathlib import Path

import psutil
from hub_lab import eventually, running
from people import ANYBODY, FIRST, Noted, Person

PEOPLE, SECONDS, EVERY_SECONDS = 12, 15, 2
PASSWORD = "open-sesame"  # noqa: S105  of a hub that lives for this test


async def work(url: str, noted: Noted) -> None:
    people = [Person(url, f"person-{number}", PASSWORD, noted) for number in range(PEOPLE)]

    async def live(person: Person) -> None:
        await person.log_in()
        await person.open()
        await person.do("table", FIRST)
        await person.work(asyncio.get_running_loop().time() + SECONDS, EVERY_SECONDS)

    try:
        await asyncio.gather(*map(live, people))
    finally:
        await asyncio.gather(*(person.leave() for person in people))


def test_a_dozen_people_work_side_by_side_and_leave_nothing(tmp_path: Path) -> None:
    config, noted = tmp_path / "config.py", Noted()
    config.write_text(ANYBODY.format(password=PASSWORD))

    with running(tmp_path, "--config", str(config), env={"KERNEL_LEFT_SECONDS": "2"}) as hub:
        portal = hub.part("aurora_widgets.portal.app")
        idle = len(portal.children(recursive=True))
        asyncio.run(work(hub.url, noted))

        assert noted.failed == []
        assert noted.refused == {}
        assert len(noted.usable) == PEOPLE
        assert len(noted.asked["table"]) == PEOPLE
        assert sum(map(len, noted.asked.values())) > 3 * PEOPLE
        eventually(lambda: len(kernels(portal)) <= idle, "the kernels of all pages have ended", 60)
        assert "Traceback" not in hub.log.read_text()


def kernels(portal: psutil.Process) -> list[psutil.Process]:
    """The portal's processes that are not waiting to be buried."""
    time.sleep(0.2)  # a look at all processes is not free
    found = []
    for one in portal.children(recursive=True):
        with contextlib.suppress(psutil.NoSuchProcess):  # it ended since it was listed
            if one.status() != psutil.STATUS_ZOMBIE:
                found.append(one)
    return found
