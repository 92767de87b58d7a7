"""The routes of those who watch the service: life, readiness, figures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import APIRouter, Request
from starlette.responses import Response

from aurora_widgets import __version__
from aurora_widgets.errors import PoolExhausted
from aurora_widgets.service import openapi, wire
from aurora_widgets.service.auth import from_host
from aurora_widgets.service.metrics import CONTENT_TYPE, Metrics
from aurora_widgets.service.routes import as_json

if TYPE_CHECKING:
    from aurora_widgets.service.desk import Desk
    from aurora_widgets.settings import Settings


def operations(desk: Desk, metrics: Metrics, settings: Settings) -> APIRouter:
    """Return the routes of those who watch the service."""
    router = APIRouter()

    def ok() -> Response:
        return as_json(wire.dumped({"status": "ok", "version": __version__}))

    @router.get("/healthz", responses={200: openapi.answers(openapi.HEALTH)[200]})
    async def healthz() -> Response:
        """Say that this process lives: it answers, whatever the database does."""
        return ok()

    @router.get("/readyz", responses={code: openapi.answers(openapi.HEALTH)[code] for code in (200, 503)})
    async def readyz() -> Response:
        """Say whether to send questions here: the data is open, and no question waits for a connection."""
        if metrics.use.waiting:
            raise PoolExhausted(
                f"{metrics.use.waiting} questions wait for one of {metrics.use.size} connections."
            )
        await desk.check()
        return ok()

    @router.get("/metrics", include_in_schema=False)
    async def figures(request: Request) -> Response:
        """Prometheus text, for the host itself, the hub's scope read:metrics and METRICS_GROUPS."""
        if not from_host(request.headers, request.client and request.client.host):
            await desk.watcher(request, settings.text("METRICS_GROUPS"))
        return Response(metrics.text(), media_type=CONTENT_TYPE)

    return router
