"""Around every request: its id, its log line, its figures, and the headers of its answer."""

from __future__ import annotations

import asyncio
import logging
import time
from typing import TYPE_CHECKING

from starlette.datastructures import MutableHeaders
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from aurora_widgets.errors import AuroraError, Cancelled, Unauthenticated
from aurora_widgets.service import logs
from aurora_widgets.service.wire import PROBLEM, dumped

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from aurora_widgets.service.metrics import Metrics

_LOG = logging.getLogger("aurora_widgets.service")
_QUIET = frozenset({"/healthz", "/metrics"})


class Broken(AuroraError):
    """A mistake of ours; the log has the traceback."""


class Refusal(AuroraError):
    """What HTTP itself refuses: no such path, no such method."""

    def __init__(self, status: int, code: str, detail: str) -> None:
        super().__init__(detail)
        self._status, self._code = status, code

    def as_problem(self) -> dict[str, object]:
        """Return the problem with its own status and code."""
        return {
            **super().as_problem(),
            "type": f"urn:aurora:{self._code.lower().replace('_', '-')}",
            "title": self._code.replace("_", " ").capitalize(),
            "status": self._status,
            "code": self._code,
        }


def problem(error: AuroraError) -> Response:
    """Return the answer to a request that is refused."""
    found = error.as_problem()
    headers = {"X-Aurora-Code": str(found["code"])}
    if error.retry_after is not None:
        headers["Retry-After"] = str(error.retry_after)
    if isinstance(error, Unauthenticated):
        headers["WWW-Authenticate"] = "Bearer"
    content = dumped({**found, "request_id": logs.REQUEST.get()})
    status = found["status"]
    return Response(content, int(str(status)), headers, media_type=PROBLEM)


class Observed:
    """ASGI middleware, outermost of ours.

    Parameters
    ----------
    app
        What it goes around.
    metrics
        Where it counts.
    """

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = Request(scope, receive)
        token = logs.REQUEST.set(logs.request_id(request.headers.get("x-request-id", "")))
        start = time.perf_counter()
        status, code, read = 0, "", False
        self._metrics.begun()

        async def observed_receive() -> Message:
            nonlocal read
            message = await receive()
            read = read or not message.get("more_body", False)
            return message

        async def observed_send(message: Message) -> None:
            nonlocal status, code
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                status, code = message["status"], headers.get("X-Aurora-Code", "")
                headers["X-Request-ID"] = logs.REQUEST.get()
                headers["Cache-Control"] = "no-store"
                headers["X-Content-Type-Options"] = "nosniff"
                if not read and _has_body(request):
                    headers["Connection"] = "close"  # what was not read is not the next request
            await send(message)

        try:
            try:
                await self._app(scope, observed_receive, observed_send)
            except (ClientDisconnect, asyncio.CancelledError):
                status, code = status or Cancelled.status, code or Cancelled.code
                raise
            except Exception:
                _LOG.exception("A request failed in a way nobody foresaw")
                if status:
                    raise
                broken = Broken("Something went wrong inside Aurora; its log says more.")
                await problem(broken)(scope, receive, observed_send)
        except ClientDisconnect:
            pass
        finally:
            self._told(scope, status, code, time.perf_counter() - start)
            logs.REQUEST.reset(token)

    def _told(self, scope: Scope, status: int, code: str, seconds: float) -> None:
        route = getattr(scope.get("route"), "path", "none")
        self._metrics.ended(route, status, seconds)
        if code:
            self._metrics.refused(code)
        path = scope["path"]
        if status < 400 and any(path.endswith(quiet) for quiet in _QUIET):  # noqa: PLR2004
            return
        fields = {"method": scope["method"], "path": path, "status": status, "ms": round(seconds * 1000, 1)}
        fields |= {"code": code} if code else {}
        user = scope.get("state", {}).get("user")
        fields |= {"user": user} if user else {}
        _LOG.info("answered", extra=fields)


def _has_body(request: Request) -> bool:
    return request.headers.get("content-length", "0") != "0" or "transfer-encoding" in request.headers
