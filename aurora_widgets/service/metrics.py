"""What Prometheus is told, summed over the worker processes.

Several processes meet in the ``prometheus_client`` library's own files, which the workers'
parent keeps in memory-backed storage (see ``workers``); one process needs none.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

from aurora_widgets.engine.base import PoolUse
from aurora_widgets.service.workers import DIRECTORY

if TYPE_CHECKING:
    from aurora_widgets.service.cache import Cache

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 120)


class Metrics:
    """The figures of one process."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()

        def gauge(name: str, text: str) -> Gauge:
            return Gauge(name, text, registry=self._registry, multiprocess_mode="livesum")

        self._busy = gauge("db_pool_busy_count", "Database connections that run a question.")
        self._waiting = gauge("db_pool_wait_count", "Questions that wait for a database connection.")
        self._size = gauge("db_pool_size", "Database connections there may be.")
        self._running = gauge("aurora_running_count", "Requests being answered.")
        self._cached = gauge("aurora_cache_bytes", "Bytes of answers kept.")
        self._workers = gauge("aurora_worker_count", "Worker processes.")
        self._answered = Counter(
            "aurora_answers_total", "Answers by origin.", ["origin"], registry=self._registry
        )
        self._refused = Counter(
            "aurora_refusals_total", "Requests refused, by code.", ["code"], registry=self._registry
        )
        self._seconds = Histogram(
            "aurora_request_seconds",
            "Time to the end of the answer.",
            ["route", "status"],
            buckets=_SECONDS,
            registry=self._registry,
        )
        self._workers.set(1)
        self.use = PoolUse(0)

    def pool(self, use: PoolUse) -> None:
        """Take note of the pool's use."""
        self.use = use
        self._busy.set(use.busy)
        self._waiting.set(use.waiting)
        self._size.set(use.size)

    def page(self, *, from_cache: bool, cache: Cache | None) -> None:
        """Count a page by where it came from."""
        self._answered.labels("cache" if from_cache else "database").inc()
        self._cached.set(0 if cache is None else cache.bytes)

    def begun(self) -> None:
        """Count a request that is being answered."""
        self._running.inc()

    def ended(self, route: str, status: int, seconds: float) -> None:
        """Count an answer."""
        self._running.dec()
        self._seconds.labels(route, str(status)).observe(seconds)

    def refused(self, code: str) -> None:
        """Count a refusal."""
        self._refused.labels(code).inc()

    def text(self) -> bytes:
        """Return all of it, of every process."""
        if not os.environ.get(DIRECTORY):
            return generate_latest(self._registry)
        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        return generate_latest(registry)
