"""A bounded pool of cursors, and the one statement that each is running.

A statement is ended from another thread (deadline, cancel) by interrupting its cursor. One
that came late would end the *next* statement there: a ``Lease`` interrupts only under the
lock under which it is given up.
"""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

from aurora_widgets.engine.base import PoolUse
from aurora_widgets.errors import Cancelled, PoolExhausted, QueryTimeout

if TYPE_CHECKING:
    from collections.abc import Callable

    import duckdb

    from aurora_widgets.engine.base import Cancellation

_CANCELLED = "The question was cancelled."
_AGAIN_SECONDS = 0.02


class Pool:
    """Cursors of one database, made when first needed, at most ``size``.

    Parameters
    ----------
    make
        Makes a cursor.
    size
        How many at most.
    wait
        Seconds that a taker waits for one.
    """

    def __init__(self, make: Callable[[], duckdb.DuckDBPyConnection], size: int, wait: float) -> None:
        self._make = make
        self._wait = wait
        self._free: list[duckdb.DuckDBPyConnection] = []
        self._places = threading.BoundedSemaphore(size)
        self._counting = threading.Lock()
        self._use = PoolUse(size)
        self._watch: Callable[[PoolUse], None] = lambda _: None

    def watch(self, callback: Callable[[PoolUse], None]) -> None:
        """Call back with the use there is now, and with each that follows."""
        with self._counting:
            self._watch = callback
            callback(self._use)

    def take(self) -> duckdb.DuckDBPyConnection:
        """Return a cursor that nobody else has.

        Raises
        ------
        PoolExhausted
            None came free in time.
        """
        if not self._places.acquire(blocking=False):
            self._count(waiting=1)
            try:
                if not self._places.acquire(timeout=self._wait):
                    raise PoolExhausted("The warehouse is busy.")
            finally:
                self._count(waiting=-1)
        self._count(busy=1)
        try:
            return self._free.pop()
        except IndexError:
            pass
        try:
            return self._make()
        except BaseException:
            self._leave()
            raise

    def give_back(self, cursor: duckdb.DuckDBPyConnection) -> None:
        """Put a cursor back for the next taker."""
        self._free.append(cursor)
        self._leave()

    def discard(self, cursor: duckdb.DuckDBPyConnection) -> None:
        """End a cursor that may still be running something; the next taker gets a new one."""
        try:
            cursor.interrupt()
            cursor.close()
        finally:
            self._leave()

    def close(self) -> None:
        """Close the cursors that are free."""
        while self._free:
            self._free.pop().close()

    def _leave(self) -> None:
        self._count(busy=-1)
        self._places.release()

    def _count(self, *, busy: int = 0, waiting: int = 0) -> None:
        with self._counting:
            use = self._use
            self._use = PoolUse(use.size, use.busy + busy, use.waiting + waiting)
            self._watch(self._use)


class Lease:
    """One statement's hold on a cursor, until its end, its deadline or a cancel.

    A thread of its own waits for what ends it first. It interrupts again and again until the
    cursor is given back, as DuckDB forgets an interrupt that comes before the statement starts.

    Parameters
    ----------
    pool
        Where the cursor comes from and goes back to.
    timeout
        Seconds from now until the statement is interrupted.
    cancellation
        Interrupts it sooner.

    Raises
    ------
    PoolExhausted, Cancelled
    """

    def __init__(self, pool: Pool, timeout: float, cancellation: Cancellation | None) -> None:
        if cancellation is not None and cancellation.cancelled:
            raise Cancelled(_CANCELLED)
        self._pool = pool
        self._timeout = timeout
        self._deadline = time.monotonic() + timeout
        self._ended_by: type[QueryTimeout | Cancelled] | None = None
        self._changed = threading.Condition()
        self.cursor = pool.take()
        self._held = True
        self._forget: Callable[[], None] = lambda: None
        try:
            if cancellation is not None:
                self._forget = cancellation.on_cancel(self._cancel)
            threading.Thread(target=self._watch, name="aurora-deadline", daemon=True).start()
        except BaseException:
            self.release()
            raise

    def check(self) -> None:
        """Raise what has ended the statement, if anything has."""
        if self._ended_by is Cancelled:
            raise Cancelled(_CANCELLED)
        if self._ended_by is QueryTimeout:
            raise QueryTimeout(
                f"The question took longer than {self._timeout:g} seconds and was stopped; "
                "narrow it with a filter.",
            )

    def release(self, *, stopped: bool = False) -> None:
        """Give the cursor up; a second call does nothing.

        Parameters
        ----------
        stopped
            Python left the call while DuckDB may still be at it (Control-C).
        """
        with self._changed:
            if not self._held:
                return
            self._held = False
            self._changed.notify()
        self._forget()
        if stopped:
            self._pool.discard(self.cursor)
        else:
            self._pool.give_back(self.cursor)

    def _cancel(self) -> None:
        with self._changed:
            self._ended_by = self._ended_by or Cancelled
            self._changed.notify()

    def _watch(self) -> None:
        with self._changed:
            while self._held:
                now = time.monotonic()
                if self._ended_by is None and now < self._deadline:
                    self._changed.wait(min(self._deadline - now, threading.TIMEOUT_MAX))
                    continue
                self._ended_by = self._ended_by or QueryTimeout
                self.cursor.interrupt()
                self._changed.wait(_AGAIN_SECONDS)
