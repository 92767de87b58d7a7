"""A bounded pool of cursors, and the one statement that each is running.

A statement is ended from another thread (deadline, cancel) by interrupting its cursor.
An interrupt that came late would end the *next* statement on the cursor, so that each
run is a ``Lease`` and interrupts only while it holds the cursor, under a lock.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from aurora_widgets.errors import Cancelled, PoolExhausted, QueryTimeout

if TYPE_CHECKING:
    import duckdb

    from aurora_widgets.engine.base import Cancellation


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

    def take(self) -> duckdb.DuckDBPyConnection:
        """Return a cursor that nobody else has.

        Raises
        ------
        PoolExhausted
            None came free in time.
        """
        if not self._places.acquire(timeout=self._wait):
            raise PoolExhausted("All database connections are busy; try again in a few seconds.")
        try:
            return self._free.pop()
        except IndexError:
            pass
        try:
            return self._make()
        except BaseException:
            self._places.release()
            raise

    def give_back(self, cursor: duckdb.DuckDBPyConnection) -> None:
        """Put a cursor back for the next taker."""
        self._free.append(cursor)
        self._places.release()

    def close(self) -> None:
        """Close the cursors that are free."""
        while self._free:
            self._free.pop().close()


class Lease:
    """One statement's hold on a cursor, until the deadline, a cancel, or its end.

    Parameters
    ----------
    pool
        Where the cursor comes from and goes back to.
    timeout
        Seconds from now until the statement is interrupted.
    cancellation
        Interrupts it sooner.
    """

    def __init__(self, pool: Pool, timeout: float, cancellation: Cancellation | None) -> None:
        self._pool = pool
        self._lock = threading.Lock()
        self._ended_by: type[QueryTimeout] | type[Cancelled] | None = None
        self._timeout = timeout
        if cancellation is not None and cancellation.cancelled:
            raise Cancelled("The question was cancelled.")
        deadline = time.monotonic() + timeout
        self.cursor = pool.take()
        self._held = True
        self._timer = threading.Timer(max(0.0, deadline - time.monotonic()), self._end, [QueryTimeout])
        self._timer.daemon = True
        self._timer.start()
        self._forget = cancellation.on_cancel(lambda: self._end(Cancelled)) if cancellation else (lambda: None)

    def _end(self, reason: type[QueryTimeout] | type[Cancelled]) -> None:
        with self._lock:
            if self._held and self._ended_by is None:
                self._ended_by = reason
                self.cursor.interrupt()

    def check(self) -> None:
        """Raise what has ended the statement, if anything has."""
        if self._ended_by is Cancelled:
            raise Cancelled("The question was cancelled.")
        if self._ended_by is QueryTimeout:
            raise QueryTimeout(
                f"The question took longer than {self._timeout:g} seconds and was stopped; narrow it with a filter.",
            )

    def release(self) -> None:
        """Give the cursor back; a second call does nothing."""
        with self._lock:
            if not self._held:
                return
            self._held = False
        self._timer.cancel()
        self._forget()
        self._pool.give_back(self.cursor)
