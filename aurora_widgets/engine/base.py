"""What every engine gives: listings of its tables, and rows of one SQL text under a deadline."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    import pyarrow as pa

    from aurora_widgets.catalog.model import Listing
    from aurora_widgets.query.model import Scalar


class Cancellation:
    """Ends a running question from another thread, once.

    A question's owner calls ``cancel()``; the engine registers with ``on_cancel`` what
    interrupts its call. Thread-safe; a callback registered after the fact runs at once.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._callbacks: list[Callable[[], None]] = []
        self._cancelled = False

    @property
    def cancelled(self) -> bool:
        """Whether ``cancel`` has been called."""
        return self._cancelled

    def cancel(self) -> None:
        """End the question: every registered callback runs once."""
        with self._lock:
            if self._cancelled:
                return
            self._cancelled = True
            callbacks, self._callbacks = self._callbacks, []
        for callback in callbacks:
            callback()

    def on_cancel(self, callback: Callable[[], None]) -> Callable[[], None]:
        """Register what interrupts the call; the returned function takes it back."""
        with self._lock:
            if not self._cancelled:
                self._callbacks.append(callback)
                return lambda: self._forget(callback)
        callback()
        return lambda: None

    def _forget(self, callback: Callable[[], None]) -> None:
        with self._lock:
            if callback in self._callbacks:
                self._callbacks.remove(callback)


@dataclass(frozen=True, slots=True)
class PoolUse:
    """How many connections a pool may have, how many are busy, and how many takers wait for one."""

    size: int
    busy: int = 0
    waiting: int = 0


class Rows(Protocol):
    """An open result: a schema at once, batches as they come; always closed."""

    @property
    def schema(self) -> pa.Schema:
        """The columns, known before the first batch."""
        ...

    def __iter__(self) -> Iterator[pa.RecordBatch]: ...

    def close(self) -> None:
        """Free the connection; a second call does nothing."""
        ...


class Engine(Protocol):
    """A database behind a bounded pool. Knows SQL, not users or documents."""

    @property
    def dialect(self) -> str:
        """Which SQL it speaks: ``duckdb`` or ``oracle``."""
        ...

    @property
    def data_version(self) -> str:
        """Changes when the data may have; part of a cache's key."""
        ...

    def listings(self) -> tuple[Listing, ...]:
        """Return what tables there are."""
        ...

    def execute(
        self,
        sql: str,
        binds: Mapping[str, Scalar],
        *,
        timeout: float,
        cancellation: Cancellation | None = None,
    ) -> Rows:
        """Run one statement.

        Parameters
        ----------
        sql
            One SELECT with named placeholders of the dialect.
        binds
            A value for each placeholder.
        timeout
            Seconds from now to the last row, after which the call is interrupted.
        cancellation
            Ends it sooner.

        Raises
        ------
        PoolExhausted, QueryTimeout, Cancelled, EngineFailed
        """
        ...

    def estimate(
        self,
        sql: str,
        binds: Mapping[str, Scalar],
        *,
        timeout: float,
        cancellation: Cancellation | None = None,
    ) -> int:
        """Return the rows that the engine expects out of the largest join, sort or aggregate.

        Takes and raises what ``execute`` does.
        """
        ...

    def watch_pool(self, callback: Callable[[PoolUse], None]) -> None:
        """Call back, quickly, with the pool's use: as it is now, and whenever it changes."""
        ...

    def close(self) -> None:
        """Close the database."""
        ...
