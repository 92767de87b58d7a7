"""Answers kept for whoever asks the same again, and one run for those who ask it at once.

The key is the SQL with its values and the version of the data: what a policy hides is hidden
in the SQL, so that an answer never crosses to someone who may not see it.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field

import pyarrow as pa

from aurora_widgets.engine.base import Cancellation
from aurora_widgets.errors import Cancelled

Ask = Callable[[Cancellation], pa.Table]
_SHARE = 8
_OVERHEAD = 1024


class Cache:
    """Small tables, the longest unused of them dropped first.

    Parameters
    ----------
    most_bytes
        Of all that is kept; an answer of more than an eighth of it is not.
    """

    def __init__(self, most_bytes: int) -> None:
        self._most = most_bytes
        self._lock = threading.Lock()
        self._kept: OrderedDict[Hashable, pa.Table] = OrderedDict()
        self._flights: dict[Hashable, _Flight] = {}
        self.bytes = 0

    def answer(
        self,
        key: Callable[[], Hashable],
        ask: Ask,
        cancellation: Cancellation | None = None,
    ) -> tuple[pa.Table, bool]:
        """Return the answer, and whether it was at hand.

        Parameters
        ----------
        key
            Names the question at the version of the data there is now.
        ask
            Runs it; called in this thread unless another is running the same.
        cancellation
            Ends this caller's waiting; the run ends when the last who waits for it has gone.

        Raises
        ------
        Cancelled
            And whatever ``ask`` raises, to all who wait for it.
        """
        own = cancellation or Cancellation()
        name = key()
        with self._lock:
            kept = self._kept.get(name)
            if kept is not None:
                self._kept.move_to_end(name)
                return kept, True
            flight = self._flights.get(name)
            leads = flight is None
            if flight is None:
                flight = self._flights[name] = _Flight()
            flight.waiting += 1
        gone = threading.Event()

        def leave() -> None:
            gone.set()
            with self._lock:
                flight.waiting -= 1
                last = flight.waiting == 0
                if last and self._flights.get(name) is flight:
                    del self._flights[name]  # whoever asks from now on starts anew
            if last:
                flight.cancellation.cancel()
            with flight.changed:
                flight.changed.notify_all()

        forget = own.on_cancel(leave)
        try:
            if leads:
                self._run(flight, name, key, ask)
            else:
                with flight.changed:
                    flight.changed.wait_for(lambda: flight.done or gone.is_set())
        finally:
            forget()
        if gone.is_set():
            raise Cancelled("The question was cancelled.")
        if flight.failure is not None:
            raise flight.failure
        if flight.table is None:
            raise RuntimeError(name)
        return flight.table, False

    def _run(self, flight: _Flight, name: Hashable, key: Callable[[], Hashable], ask: Ask) -> None:
        try:
            flight.table = ask(flight.cancellation)
            current = key() == name  # else the data changed meanwhile
        except BaseException as failure:
            flight.failure = failure
            raise
        else:
            if current:
                self._keep(name, flight.table)
        finally:
            with self._lock:
                if self._flights.get(name) is flight:
                    del self._flights[name]
            with flight.changed:
                flight.done = True
                flight.changed.notify_all()

    def _keep(self, name: Hashable, table: pa.Table) -> None:
        if _size(table) > self._most // _SHARE:
            return
        table = _compact(table)
        size = _size(table)
        with self._lock:
            if name in self._kept:
                return
            self._kept[name] = table
            self.bytes += size
            while self.bytes > self._most:
                self.bytes -= _size(self._kept.popitem(last=False)[1])


@dataclass(slots=True, eq=False)
class _Flight:
    """One run, and how many wait for it."""

    cancellation: Cancellation = field(default_factory=Cancellation)
    changed: threading.Condition = field(default_factory=threading.Condition)
    waiting: int = 0
    done: bool = False
    table: pa.Table | None = None
    failure: BaseException | None = None


def _compact(table: pa.Table) -> pa.Table:
    """Return a copy that holds on to no more than its rows.

    An engine gives buffers made for thousands of rows, of which Arrow sees the part that is filled.
    """
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return pa.ipc.open_stream(sink.getvalue()).read_all()


def _size(table: pa.Table) -> int:
    """Return the bytes that the table holds on to, which a slice shares with all it was cut from."""
    return table.get_total_buffer_size() + _OVERHEAD
