"""Moving windows and places kept exactly by all worker processes of one host, without a broker.

They live in one anonymous piece of memory that forked workers inherit, under a record lock
that the kernel takes back from a process that dies. Every change ends with one eight-byte
store, so that a worker killed in the middle of it has changed nothing.

A moving window is a ring of the newest moments at which its key was let through. A place is
held by a worker's number, and a worker's number by a lock for as long as the worker lives:
what a killed one held is free at once.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import mmap
import os
import struct
import tempfile
import threading
import time
from typing import TYPE_CHECKING

from limits.storage import MovingWindowSupport, Storage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_WINDOW = struct.Struct("16sdQ")  # key, when the newest entry leaves the window, entries ever
_PLACE = struct.Struct("16sQ")  # key, number of the worker from 1; 0 is free
_MOMENT = struct.Struct("d")
_NUMBER = struct.Struct("Q")
_MUTEX = 0
_WORKERS = 1  # the lock of worker n is at byte _WORKERS + n
_MOST_WORKERS = 1024


class SharedMemory(Storage, MovingWindowSupport):
    """A storage of the ``limits`` library, and places, for the forks of one process.

    Parameters
    ----------
    entries
        The most that any window may let through.
    windows
        Keys that may have entries in their windows at once; memory is used as they come.
    places
        Places that may be taken at once.
    clock
        Seconds that never go back, the same in every process of the host.
    """

    STORAGE_SCHEME = None

    def __init__(
        self,
        entries: int,
        *,
        windows: int = 8192,
        places: int = 512,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__()
        self._entries, self._windows, self._places, self._clock = entries, windows, places, clock
        self._places_at = windows * _WINDOW.size
        self._rings_at = self._places_at + places * _PLACE.size
        size = self._rings_at + windows * entries * _MOMENT.size
        self._file = _memory()
        os.ftruncate(self._file, size)
        self._memory = mmap.mmap(self._file, size)
        self._lock = threading.Lock()
        self._worker = (0, 0)  # the process, and its number

    @property
    def base_exceptions(self) -> type[Exception]:
        """What the library may wrap."""
        return OSError

    # ── moving windows

    def acquire_entry(self, key: str, limit: int, expiry: int, amount: int = 1) -> bool:
        """Let ``amount`` through if no window of ``expiry`` seconds then holds more than ``limit``."""
        if not 0 < amount <= min(limit, self._entries):
            return False
        with self._locked():
            now = self._clock()
            at = self._find(key)
            if at is None:
                at = self._claim(key, now)
            if at is None:
                return False
            _, _, count = _WINDOW.unpack_from(self._memory, at)
            earlier = count - (limit - amount) - 1
            if earlier >= 0 and now - self._moment(at, earlier) <= expiry:
                return False
            for entry in range(count, count + amount):
                _MOMENT.pack_into(self._memory, self._ring(at, entry), now)
            _MOMENT.pack_into(self._memory, at + 16, now + expiry)
            _NUMBER.pack_into(self._memory, at + 24, count + amount)
            return True

    def get_moving_window(self, key: str, limit: int, expiry: int) -> tuple[float, int]:
        """Return when the oldest entry in the window came (Unix time), and how many there are."""
        with self._locked():
            now = self._clock()
            live = self._live(key, now - expiry, limit)
        oldest = live[0] if live else now
        return time.time() - (now - oldest), len(live)

    def get(self, key: str) -> int:
        """Return how many entries of a key are in its window."""
        with self._locked():
            at = self._find(key)
            if at is None:
                return 0
            _, ends, count = _WINDOW.unpack_from(self._memory, at)
            if ends <= self._clock() or not count:
                return 0
            expiry = ends - self._moment(at, count - 1)
            return len(self._live(key, self._clock() - expiry, self._entries))

    def get_expiry(self, key: str) -> float:
        """Return when a key's newest entry leaves its window (Unix time)."""
        with self._locked():
            at = self._find(key)
            now = self._clock()
            ends = now if at is None else _WINDOW.unpack_from(self._memory, at)[1]
        return time.time() + float(max(ends - now, 0))

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Refuse: a fixed window lets twice its limit through where two of them meet."""
        raise NotImplementedError(f"Only moving windows are kept here ({key}, {amount} in {expiry} s).")

    def check(self) -> bool:
        """Say that the memory is there: it is this process's own."""
        return not self._memory.closed

    def reset(self) -> int:
        """Forget every window, and return how many there were."""
        with self._locked():
            used: int = sum(count > 0 for _, _, count in _WINDOW.iter_unpack(self._memory[: self._places_at]))
            self._memory[: self._places_at] = bytes(self._places_at)
            return used

    def clear(self, key: str) -> None:
        """Forget the window of a key."""
        with self._locked():
            at = self._find(key)
            if at is not None:
                self._memory[at : at + _WINDOW.size] = bytes(_WINDOW.size)

    # ── places

    def take(self, key: str, most: int) -> int | None:
        """Take one of the ``most`` places of a key; ``None`` where living workers hold them all."""
        wanted = _digest(key)
        with self._locked():
            number = self._own_number()
            places = list(_PLACE.iter_unpack(self._memory[self._places_at : self._rings_at]))
            held = [at for at, (holder, worker) in enumerate(places) if worker and holder == wanted]
            free = next((at for at, (_, worker) in enumerate(places) if not worker), None)
            if len(held) >= most or free is None:
                gone = [at for at, (_, worker) in enumerate(places) if worker and not self._lives(worker)]
                for at in gone:
                    _NUMBER.pack_into(self._memory, self._place(at) + 16, 0)
                held = [at for at in held if at not in gone]
                free = gone[0] if free is None and gone else free
            if len(held) >= most or free is None:
                return None
            place = self._place(free)
            self._memory[place : place + 16] = wanted
            _NUMBER.pack_into(self._memory, place + 16, number)
            return place

    def give_back(self, place: int) -> None:
        """Free a place."""
        with self._locked():
            _NUMBER.pack_into(self._memory, place + 16, 0)

    def close(self) -> None:
        """Let the memory go; other processes keep it."""
        self._memory.close()
        os.close(self._file)

    # ── what both stand on

    def _find(self, key: str) -> int | None:
        """Return where a key's window is, if it has one."""
        wanted = _digest(key)
        at = self._memory.find(wanted, 0, self._places_at)
        while at >= 0 and at % _WINDOW.size:
            at = self._memory.find(wanted, at + 1, self._places_at)
        return None if at < 0 else at

    def _claim(self, key: str, now: float) -> int | None:
        """Return a window that nobody needs any more as this key's, or ``None`` where all are in use."""
        windows = _WINDOW.iter_unpack(self._memory[: self._places_at])
        free = next((index for index, (_, ends, _) in enumerate(windows) if ends <= now), None)
        if free is None:
            return None
        at = free * _WINDOW.size
        _NUMBER.pack_into(self._memory, at + 24, 0)
        self._memory[at : at + 16] = _digest(key)
        return at

    def _ring(self, at: int, entry: int) -> int:
        ring = self._rings_at + at // _WINDOW.size * self._entries * _MOMENT.size
        return ring + entry % self._entries * _MOMENT.size

    def _moment(self, at: int, entry: int) -> float:
        return float(_MOMENT.unpack_from(self._memory, self._ring(at, entry))[0])

    def _live(self, key: str, since: float, most: int) -> list[float]:
        """Return the moments of a key's newest entries that came after ``since``, oldest first."""
        at = self._find(key)
        if at is None:
            return []
        count = _WINDOW.unpack_from(self._memory, at)[2]
        first = max(0, count - min(most, self._entries))
        moments = (self._moment(at, entry) for entry in range(first, count))
        return [moment for moment in moments if moment >= since]

    def _place(self, index: int) -> int:
        return self._places_at + index * _PLACE.size

    def _own_number(self) -> int:
        """Return this process's number, which no living process of the family shares."""
        process, number = self._worker
        if process == os.getpid():
            return number
        for candidate in range(1, _MOST_WORKERS):
            with contextlib.suppress(OSError):
                fcntl.lockf(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, _WORKERS + candidate)
                self._worker = (os.getpid(), candidate)
                for at, (_, worker) in enumerate(
                    _PLACE.iter_unpack(self._memory[self._places_at : self._rings_at])
                ):
                    if worker == candidate:  # one that died had the number before
                        _NUMBER.pack_into(self._memory, self._place(at) + 16, 0)
                return candidate
        raise OSError(f"More than {_MOST_WORKERS} processes share these limits.")

    def _lives(self, worker: int) -> bool:
        if worker == self._own_number():
            return True
        try:
            fcntl.lockf(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, _WORKERS + worker)
        except OSError:
            return True
        fcntl.lockf(self._file, fcntl.LOCK_UN, 1, _WORKERS + worker)
        return False

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        with self._lock:  # the kernel's lock is a process's, not a thread's
            fcntl.lockf(self._file, fcntl.LOCK_EX, 1, _MUTEX)
            try:
                yield
            finally:
                fcntl.lockf(self._file, fcntl.LOCK_UN, 1, _MUTEX)


def _digest(key: str) -> bytes:
    return hashlib.blake2b(key.encode(), digest_size=16).digest()


def _memory() -> int:
    """Return a file that has no name and, on Linux, no disk."""
    if hasattr(os, "memfd_create"):
        return os.memfd_create("aurora-limits")
    with tempfile.TemporaryFile() as file:
        return os.dup(file.fileno())
