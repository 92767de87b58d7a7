"""Work that must not freeze the page: in a worker thread, the newest only, cancelled to the database.

Each kind of work has a slot. What starts in a slot ends what still runs there: its asyncio
task, its database call, and its answer, which is dropped. Without a running event loop (a
plain script) the work is done at once.
"""

from __future__ import annotations

import asyncio
import logging
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Generic, TypeVar

from aurora_widgets.engine.base import Cancellation
from aurora_widgets.errors import AuroraError, Cancelled

if TYPE_CHECKING:
    from collections.abc import Callable

Answer = TypeVar("Answer")

_LOG = logging.getLogger(__name__)


class Unexpected(AuroraError):
    """A mistake of ours; the log has the traceback."""

    code = "INTERNAL_ERROR"


class Runs:
    """The running work of one explorer."""

    def __init__(self) -> None:
        self._cancellations: dict[str, Cancellation] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def start(
        self,
        slot: str,
        work: Callable[[Cancellation], Answer],
        done: Callable[[Answer | AuroraError], None],
        *,
        dropped: Callable[[], None] | None = None,
    ) -> None:
        """Run ``work`` in a thread and hand its answer to ``done`` on the loop.

        Parameters
        ----------
        slot
            What starts here ends what runs here.
        work
            Blocking; ends soon after its cancellation.
        done
            Takes the answer or the refusal, unless something newer has started.
        dropped
            Called in place of ``done`` where something newer has started.
        """
        self.cancel(slot)
        job = _Job(slot, Cancellation(), work, done, dropped)
        self._cancellations[slot] = job.cancellation
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            self._finish(job, job.outcome())
            return
        task = loop.create_task(self._run(job))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def cancel(self, slot: str | None = None) -> None:
        """End what runs in a slot, or everything."""
        for name in [slot] if slot is not None else list(self._cancellations):
            running = self._cancellations.pop(name, None)
            if running is not None:
                running.cancel()

    def running(self, slot: str) -> bool:
        """Say whether work of this slot is under way."""
        return slot in self._cancellations

    async def settled(self) -> None:
        """Wait until nothing runs any more."""
        while self._tasks:
            await asyncio.wait(set(self._tasks))

    async def _run(self, job: _Job[Answer]) -> None:
        outcome: Answer | AuroraError = Cancelled("A newer question took its place.")
        if not job.cancellation.cancelled:
            outcome = await asyncio.get_running_loop().run_in_executor(_threads(), job.outcome)
        try:
            self._finish(job, outcome)
        except Exception:  # noqa: BLE001  nothing else would see it
            _LOG.exception("An answer could not be shown")

    def _finish(self, job: _Job[Answer], outcome: Answer | AuroraError) -> None:
        if self._cancellations.get(job.slot) is not job.cancellation:
            if job.dropped is not None:
                job.dropped()
            return
        del self._cancellations[job.slot]
        job.done(outcome)


class MemoryFull(AuroraError):
    """The process may not take more memory."""

    code = "MEMORY_FULL"
    status = 507


@dataclass(frozen=True, slots=True)
class _Job(Generic[Answer]):
    slot: str
    cancellation: Cancellation
    work: Callable[[Cancellation], Answer]
    done: Callable[[Answer | AuroraError], None]
    dropped: Callable[[], None] | None

    def outcome(self) -> Answer | AuroraError:
        try:
            return self.work(self.cancellation)
        except AuroraError as refusal:
            return refusal
        except MemoryError:
            return MemoryFull(
                "This page has used up the memory that one page may have: show fewer columns or rows, "
                "or sum up before you look."
            )
        except Exception as mistake:  # noqa: BLE001  a thread of ours ends with an answer, always
            _LOG.exception("A question failed in a way nobody foresaw")
            name = type(mistake).__name__
            return Unexpected(f"Something went wrong inside Aurora ({name}); its log says more.")


def rest() -> None:
    """Wait for the worker threads and end them; what is asked next starts new ones."""
    _threads().shutdown()
    _threads.cache_clear()


@cache
def _threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(16, thread_name_prefix="aurora")
