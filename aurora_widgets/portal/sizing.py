"""How large a portal has to be for its people: processes × pool, connections, Oracle's SESSIONS, memory."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Final

from aurora_widgets.errors import AuroraError

if TYPE_CHECKING:
    from aurora_widgets.settings import Settings

ROWS: Final = ((1, 10), (2, 15), (4, 20), (8, 25))
"""Processes × connections of each, from the smallest portal to the largest of one machine."""

MOST_USERS: Final = 1_000_000
_REFUSED: Final = 0.001
"""One question in a thousand may find no connection within POOL_WAIT_SECONDS."""
_BUSY: Final = 0.8
"""Of the connections, on average; above it Prometheus is told to raise an alert."""

# Megabytes (10⁶ bytes) of memory that a process has to itself, its share of what it shares included (PSS),
# after 200 people had worked for ten minutes (benchmarks/README.md, 28 November 2026). Measure again by
# `benchmarks/bench_hub.py 200 10`, and change them here.
HUB_MB: Final = 127
"""JupyterHub, and what keeps the parts running."""
PROXY_MB: Final = 84
PORTAL_MB: Final = 193
KERNEL_MB: Final = 9.5
"""A page's kernel, forked; the parent that all are forked from is one more."""
SERVICE_MB: Final = 58
"""The parent of the query service's workers, as measured with 30 pages on 22 November 2026."""
WORKER_MB: Final = 338
"""A worker at work on DuckDB, without its cache: the service's 556, less its parent and 160 of cache,
which is what as many questions had filled on 22 November 2026."""
ANALYST_MB: Final = 204
"""An analyst's JupyterLab (117) with one kernel (87), of the trial that the design stands on."""


class SizingInvalid(AuroraError):
    """A number of people, or of seconds, that no portal has."""

    code = "SIZING_INVALID"


@dataclass(frozen=True, slots=True)
class Load:
    """What people do.

    Parameters
    ----------
    users
        At work at the same time.
    every
        Seconds between two questions of one user.
    seconds
        For which a question holds its connection, on average; ``aurora_request_seconds`` tells.
    wait
        Seconds that a question may wait for a connection, POOL_WAIT_SECONDS.
    """

    users: int
    every: float
    seconds: float
    wait: float

    @property
    def busy(self) -> float:
        """Connections that run a question, on average (Little's law: rate × time)."""
        return self.users / self.every * self.seconds


@dataclass(frozen=True, slots=True)
class Row:
    """One size of the query service.

    Parameters
    ----------
    processes, pool
        API_PROCESSES and ORACLE_MAX_POOL.
    connections
        All of them.
    users
        How many people it is enough for.
    sessions
        What it takes of Oracle's SESSIONS.
    memory_mb
        Of everything on the machine but Oracle, each user with one open page.
    fits
        Whether it is enough for the people asked about.
    """

    processes: int
    pool: int
    connections: int
    users: int
    sessions: int
    memory_mb: int
    fits: bool


@dataclass(frozen=True, slots=True)
class Sizing:
    """The table, the row to take, and how many machines of it."""

    load: Load
    rows: tuple[Row, ...]
    chosen: Row
    hosts: int

    def as_json(self) -> dict[str, object]:
        """Return it for a machine."""
        return {**asdict(self), "busy_connections": round(self.load.busy, 1)}


def sizing(load: Load, settings: Settings, analysts: int = 0) -> Sizing:
    """Return the sizes there are and the smallest that is enough.

    Parameters
    ----------
    load
        What people do.
    settings
        The limits; CACHE_MAX_BYTES counts.
    analysts
        People with a JupyterLab of their own at the same time, besides.

    Raises
    ------
    SizingInvalid
        A number that makes no sense.
    """
    if not 1 <= load.users <= MOST_USERS or not 0 <= analysts <= MOST_USERS:
        raise SizingInvalid(f"Say how many people, from 1 to {MOST_USERS:,}.")
    if not (0 < load.every < math.inf and 0 < load.seconds < math.inf):
        raise SizingInvalid("The seconds between questions, and those that one takes, are more than 0.")
    rows = tuple(_row(processes, pool, load, settings, analysts) for processes, pool in ROWS)
    chosen = next((row for row in rows if row.fits), rows[-1])
    hosts = 1 if chosen.fits else math.ceil(load.users / chosen.users) if chosen.users else 0
    if not hosts:
        raise SizingInvalid(
            f"Questions that take {load.seconds:g} seconds each leave no pool a free connection within "
            f"{load.wait:g} seconds: make them quicker, or raise POOL_WAIT_SECONDS."
        )
    return Sizing(load, rows, chosen, hosts)


def _row(processes: int, pool: int, load: Load, settings: Settings, analysts: int) -> Row:
    users = int(processes * _most_busy(pool, load) * load.every / load.seconds)
    here = min(load.users, users)
    return Row(
        processes,
        pool,
        processes * pool,
        users,
        sessions(processes * pool),
        memory_mb(processes, here, settings, analysts),
        users >= load.users,
    )


def _most_busy(pool: int, load: Load) -> float:
    """Return how many connections of one process's pool may be busy on average."""
    low, high = 0.0, pool * _BUSY
    if _late(pool, high, load) <= _REFUSED:
        return high
    for _ in range(50):
        middle = (low + high) / 2
        if _late(pool, middle, load) <= _REFUSED:
            low = middle
        else:
            high = middle
    return low


def _late(pool: int, busy: float, load: Load) -> float:
    """Return the share of questions that wait for longer than they may.

    Erlang's formula for a queue before ``pool`` servers (M/M/c): with B the share that a system
    without a queue would lose, a question waits at all with C = B / (1 - u (1 - B)), u = busy / pool,
    and for longer than t seconds with C exp(-(pool - busy) t / seconds). Questions are spread over the
    processes by chance, and each process has a pool of its own, so it is one queue a process.
    """
    lost = 1.0
    for server in range(1, pool + 1):
        lost = busy * lost / (server + busy * lost)
    waits = lost / (1 - busy / pool * (1 - lost))
    return waits * math.exp(-(pool - busy) * load.wait / load.seconds)


def sessions(connections: int) -> int:
    """Return what connections take of SESSIONS: each its own, and 10 % for recursive ones.

    Source: Oracle Database Reference, SESSIONS: the users at once, the background processes, and about
    10 % for recursive sessions.
    """
    return math.ceil(connections * 1.1)


def default_sessions(processes: int) -> int:
    """Return SESSIONS where only PROCESSES is set: 1.5 × PROCESSES + 22 (Oracle Database Reference)."""
    return int(1.5 * processes + 22)


def memory_mb(processes: int, users: int, settings: Settings, analysts: int = 0) -> int:
    """Return the megabytes of hub, proxy, portal, query service with full caches, kernels and Labs."""
    cache = settings.whole("CACHE_MAX_BYTES") / 1e6
    return round(
        HUB_MB
        + PROXY_MB
        + PORTAL_MB
        + SERVICE_MB
        + processes * (WORKER_MB + cache)
        + (users + 1) * KERNEL_MB
        + analysts * ANALYST_MB
    )
