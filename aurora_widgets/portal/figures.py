"""What Prometheus is told of the portal."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

_SECONDS = (0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1, 2, 5, 10, 30)


class Figures:
    """The figures of this process."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()

        def counter(name: str, text: str, *labels: str) -> Counter:
            return Counter(name, text, labels, registry=self._registry)

        def gauge(name: str, text: str) -> Gauge:
            return Gauge(name, text, registry=self._registry)

        self.live = gauge("aurora_portal_kernel_count", "Kernels of open pages, those that start among them.")
        self.connected = gauge("aurora_portal_connection_count", "Websockets of pages.")
        self.starts = counter("aurora_portal_kernel_starts_total", "Kernels started, or not.", "outcome")
        self.ends = counter("aurora_portal_kernel_ends_total", "Kernels ended, by reason.", "reason")
        self.refusals = counter("aurora_portal_refusals_total", "Requests and messages refused.", "code")
        self.messages = counter("aurora_portal_messages_total", "Messages of pages to their kernels.")
        self.start_seconds = Histogram(
            "aurora_portal_kernel_start_seconds",
            "From asking for a kernel, waiting included, to having it.",
            buckets=_SECONDS,
            registry=self._registry,
        )
        self.open_seconds = Histogram(
            "aurora_portal_page_seconds",
            "From a page's request to the end of its document.",
            buckets=_SECONDS,
            registry=self._registry,
        )

    def text(self) -> bytes:
        """Return all of it."""
        return generate_latest(self._registry)


FIGURES = Figures()
