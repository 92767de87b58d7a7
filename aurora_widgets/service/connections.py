"""How connections are served: by uvicorn, and given up where a client says half a request and waits."""

from __future__ import annotations

import asyncio
import contextlib
import resource
from typing import TYPE_CHECKING

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

if TYPE_CHECKING:
    from starlette.types import ASGIApp

    from aurora_widgets.settings import Settings

_HEAD_SECONDS = 20
"""What the head of a request may take; its body has its own time (see ``desk``)."""
_KEEP_ALIVE_SECONDS = 75  # longer than a proxy keeps its connections
_FILES = 65_536


def config(app: ASGIApp, settings: Settings) -> uvicorn.Config:
    """Return how the application is served."""
    return uvicorn.Config(
        app,
        http=Connection,
        ws="none",
        log_config=None,
        log_level="warning",
        access_log=False,
        proxy_headers=False,
        server_header=False,
        lifespan="on",
        timeout_keep_alive=_KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=round(settings.seconds("QUERY_TIMEOUT_SECONDS")) or None,
    )


def room_for_many() -> None:
    """Let this process hold as many connections as the system allows it, not the 1,024 of old."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = _FILES if hard == resource.RLIM_INFINITY else min(hard, _FILES)
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, most), hard))


class Connection(H11Protocol):
    """A connection that is closed where the head of a request does not arrive."""

    _late: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Wait for the first request."""
        super().connection_made(transport)
        self._await_head()

    def data_received(self, data: bytes) -> None:
        """Take what came; what is no whole head has to be one soon."""
        super().data_received(data)
        self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no more."""
        self._arrived()
        super().connection_lost(exc)

    def _await_head(self) -> None:
        answering = self.cycle is not None and not self.cycle.response_complete
        if answering:
            self._arrived()
        elif self._late is None:
            self._late = asyncio.get_running_loop().call_later(_HEAD_SECONDS, self.transport.close)

    def _arrived(self) -> None:
        if self._late is not None:
            self._late.cancel()
            self._late = None
