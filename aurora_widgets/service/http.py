"""The query service over HTTP: each route in a few lines, everything hard in its own module.

``Desk`` takes a request in (token, rate, size, place, thread, a client that leaves), ``Runner``
answers the question, ``wire`` says it in JSON, ``Observed`` logs and counts it.
"""

from __future__ import annotations

import asyncio
import contextlib
import io
import ipaddress
import os
from typing import TYPE_CHECKING

import pyarrow as pa
from fastapi import APIRouter, FastAPI, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response

from aurora_widgets import __version__
from aurora_widgets.errors import AuroraError, NotFound, Unauthenticated
from aurora_widgets.service import openapi, wire
from aurora_widgets.service.cache import Cache
from aurora_widgets.service.desk import Asked, Desk, gone
from aurora_widgets.service.limits import Budget, Limits
from aurora_widgets.service.metrics import CONTENT_TYPE, Metrics
from aurora_widgets.service.observed import Observed, Refusal, problem

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

    from starlette.types import Receive, Scope, Send

    from aurora_widgets.engine.base import Cancellation
    from aurora_widgets.service.answers import Page
    from aurora_widgets.service.auth import Browsers, Identity
    from aurora_widgets.service.run import Runner

_STALLED_SECONDS = 60
"""After which a client that takes nothing of a result is given up."""


def application(
    runner: Runner,
    identity: Identity,
    *,
    limits: Limits | None = None,
    prefix: str | None = None,
) -> FastAPI:
    """Return the service as an ASGI application, which closes the runner when it ends.

    Parameters
    ----------
    runner
        Answers the questions.
    identity
        Whose token it is.
    limits
        What each user may ask; counted in this process alone by default.
    prefix
        The path it is served under; ``JUPYTERHUB_SERVICE_PREFIX`` by default, else none.
    """
    under = (os.environ.get("JUPYTERHUB_SERVICE_PREFIX", "") if prefix is None else prefix).rstrip("/")
    metrics = Metrics()
    if runner.cache is None:
        runner.cache = Cache(runner.settings.whole("CACHE_MAX_BYTES"))
    desk = Desk(identity, limits or Limits(runner.settings), runner.settings)
    runner.engine.watch_pool(metrics.pool)

    @contextlib.asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        await identity.close()
        desk.close()
        runner.close()

    app = FastAPI(
        title="Aurora query service",
        version=__version__,
        lifespan=lifespan,
        openapi_url=f"{under}/openapi.json",
        docs_url=None,  # these pages load scripts from elsewhere
        redoc_url=None,
    )
    app.add_middleware(Observed, metrics=metrics)
    app.add_exception_handler(AuroraError, _refused_to(identity.browsers))
    app.add_exception_handler(HTTPException, _refused_by_http)
    app.include_router(_questions(runner, desk, metrics), prefix=under)
    app.include_router(_tables(runner, desk), prefix=under)
    app.include_router(_operations(desk, metrics), prefix=under)
    if identity.browsers is not None:
        app.include_router(identity.browsers.routes(), prefix=under)
    described = app.openapi

    def complete() -> dict[str, object]:
        return app.openapi_schema or openapi.completed(described())

    app.openapi = complete  # type: ignore[method-assign]  # FastAPI's own way to extend it
    return app


def _refused_to(browsers: Browsers | None) -> Callable[[Request, Exception], Awaitable[Response]]:
    async def refused(request: Request, error: Exception) -> Response:
        assert isinstance(error, AuroraError)  # noqa: S101  registered for these alone
        if isinstance(error, Unauthenticated) and browsers is not None and browsers.wanted(request):
            return browsers.login(request)
        return problem(error)

    return refused


async def _refused_by_http(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101
    if error.status_code == NotFound.status:
        return problem(NotFound("There is nothing at this address."))
    code = "METHOD_NOT_ALLOWED" if error.status_code == 405 else "REQUEST_REFUSED"  # noqa: PLR2004
    answer = problem(Refusal(error.status_code, code, f"{error.detail}."))
    answer.headers.update(error.headers or {})
    return answer


def _tables(runner: Runner, desk: Desk) -> APIRouter:
    router = APIRouter()

    @router.get("/api/tables", responses=openapi.answers(openapi.TABLES))
    async def tables(request: Request) -> Response:
        """List every table this user may see, and the limits to go by."""
        await desk.admitted(request, Budget.HELPER)
        return _json(wire.dumped(wire.catalog(runner.catalog, runner.settings)))

    @router.get("/api/tables/{name:path}/vintages", responses=openapi.answers(openapi.VINTAGES))
    async def vintages(request: Request, name: str) -> Response:
        """List load types and load IDs of a table, newest first."""
        await desk.admitted(request, Budget.HELPER)
        await desk.body(request)
        found = await desk.run(request, lambda stop: runner.vintages(name, cancellation=stop))
        return _json(wire.dumped(wire.vintages(found)))

    @router.get("/api/tables/{name:path}", responses=openapi.answers(openapi.TABLE))
    async def table(request: Request, name: str) -> Response:
        """Describe one table: columns, types, labels, formats, joins."""
        await desk.admitted(request, Budget.HELPER)
        return _json(wire.dumped(wire.table(runner.table(name))))

    return router


def _questions(runner: Runner, desk: Desk, metrics: Metrics) -> APIRouter:
    router = APIRouter()

    async def helped(
        request: Request, fields: tuple[str, ...], work: Callable[[Asked, Cancellation], object]
    ) -> Response:
        await desk.admitted(request, Budget.HELPER)
        body = await desk.body(request)
        return _json(
            await desk.run(request, lambda stop: wire.dumped(work(Asked(body, fields, desk.bounds), stop)))
        )

    fields = ("query", "offset", "limit")

    @router.post(
        "/api/page",
        responses=openapi.answers(openapi.PAGE, arrow=True),
        openapi_extra=openapi.body("query", "offset", "limit"),
    )
    async def page(request: Request) -> Response:
        """Return some rows of a question's result, as JSON or, by Accept, an Arrow stream."""
        user = await desk.admitted(request, Budget.PAGE)
        body = await desk.body(request)
        arrow = _wants_arrow(request)

        def work(stop: Cancellation) -> bytes:
            asked = Asked(body, fields, desk.bounds)
            found = runner.page(
                asked.query(runner), asked.whole("offset") or 0, asked.whole("limit"), cancellation=stop
            )
            metrics.page(from_cache=found.from_cache, cache=runner.cache)
            return _arrow_page(found) if arrow else wire.dumped(found.as_json())

        async with desk.place(user):
            answer = await desk.run(request, work)
        return Response(answer, media_type=wire.ARROW) if arrow else _json(answer)

    @router.post(
        "/api/result",
        responses=openapi.answers(None, arrow=True),
        openapi_extra=openapi.body("query"),
        response_class=Response,
    )
    async def result(request: Request) -> Response:
        """Return the whole result, up to RESULT_MAX_ROWS rows, as an Arrow stream; counts as an export."""
        user = await desk.admitted(request, Budget.EXPORT)
        body = await desk.body(request)
        held = contextlib.AsyncExitStack()
        await held.enter_async_context(desk.place(user))
        try:
            table = await desk.run(
                request,
                lambda stop: runner.to_arrow(
                    Asked(body, ("query",), desk.bounds).query(runner), cancellation=stop
                ),
            )
        except BaseException:
            await held.aclose()
            raise
        return _ArrowStream(table, request, held)

    @router.post("/api/count", responses=openapi.answers(openapi.COUNT), openapi_extra=openapi.body("query"))
    async def count(request: Request) -> Response:
        """Count the rows, no further than MAX_ROW_LIMIT."""
        return await helped(
            request,
            ("query",),
            lambda asked, stop: wire.count(runner.count(asked.query(runner), cancellation=stop)),
        )

    @router.post(
        "/api/values",
        responses=openapi.answers(openapi.VALUES),
        openapi_extra=openapi.body("query", "column", "search", "limit"),
    )
    async def values(request: Request) -> Response:
        """Return distinct values of a column, the most frequent first."""

        def work(asked: Asked, stop: Cancellation) -> object:
            column, search, limit = asked.needed_text("column"), asked.text("search"), asked.whole("limit")
            return wire.values(runner.values(asked.query(runner), column, search, limit, cancellation=stop))

        return await helped(request, ("query", "column", "search", "limit"), work)

    @router.post(
        "/api/profile",
        responses=openapi.answers(openapi.PROFILE),
        openapi_extra=openapi.body("query", "column"),
    )
    async def profile(request: Request) -> Response:
        """Sum a column up."""

        def work(asked: Asked, stop: Cancellation) -> object:
            return wire.profile(
                runner.profile(asked.query(runner), asked.needed_text("column"), cancellation=stop)
            )

        return await helped(request, ("query", "column"), work)

    @router.post(
        "/api/join-check",
        responses=openapi.answers(openapi.JOIN_CHECK),
        openapi_extra=openapi.body("query", "join"),
    )
    async def join_check(request: Request) -> Response:
        """Say what a join would match, multiply and leave, with sample rows."""

        def work(asked: Asked, stop: Cancellation) -> object:
            query, join = asked.query(runner), wire.join_step(asked.part("join"), desk.bounds)
            return wire.join_check(runner.join_check(query, join, cancellation=stop))

        return await helped(request, ("query", "join"), work)

    @router.post(
        "/api/explain",
        responses=openapi.answers(openapi.EXPLANATION),
        openapi_extra=openapi.body("query"),
    )
    async def explain(request: Request) -> Response:
        """Return what the question would run: its SQL, its Python, the loads in force."""

        def work(asked: Asked, _: Cancellation) -> object:
            found = runner.explain(asked.query(runner))
            return {
                "sql": found.sql,
                "python": runner.ibis_code(asked.query(runner)),
                "vintage": wire.in_force(found.vintage),
                "notes": list(found.notes),
            }

        return await helped(request, ("query",), work)

    return router


def _operations(desk: Desk, metrics: Metrics) -> APIRouter:
    router = APIRouter()

    @router.get("/healthz", responses={200: openapi.answers(openapi.HEALTH)[200]})
    async def healthz() -> Response:
        """Say that questions are taken: the data is open."""
        return _json(wire.dumped({"status": "ok", "version": __version__}))

    @router.get("/metrics", include_in_schema=False)
    async def figures(request: Request) -> Response:
        """Prometheus text, for the host itself and for whoever has a token."""
        if not _from_host(request):
            await desk.user(request)
        return Response(metrics.text(), media_type=CONTENT_TYPE)

    return router


def _from_host(request: Request) -> bool:
    """Whether a process of this host asks, and not a proxy for someone else."""
    forwarded = any(name in request.headers for name in ("x-forwarded-for", "forwarded", "x-real-ip"))
    try:
        local = request.client is not None and ipaddress.ip_address(request.client.host).is_loopback
    except ValueError:
        local = False
    return local and not forwarded


def _json(content: bytes) -> Response:
    return Response(content, media_type="application/json")


def _wants_arrow(request: Request) -> bool:
    return any(
        kind.split(";")[0].strip().lower() == wire.ARROW
        for kind in request.headers.get("accept", "").split(",")
    )


def _arrow_page(page: Page) -> bytes:
    """Return the rows as an Arrow stream; the rest stands in the schema's metadata ``aurora``."""
    assert page.arrow is not None  # noqa: S101  a page that was run has them
    rest = {name: value for name, value in page.as_json().items() if name not in {"rows", "cut"}}
    named = page.arrow.rename_columns([column.name for column in page.columns])
    told = named.replace_schema_metadata({"aurora": wire.dumped(rest)})
    sink = io.BytesIO()
    with pa.ipc.new_stream(sink, told.schema) as writer:
        writer.write_table(told)
    return sink.getvalue()


class _ArrowStream(Response):
    """A table as it is written, batch by batch, to a client that takes it."""

    media_type = wire.ARROW

    def __init__(self, table: pa.Table, request: Request, held: contextlib.AsyncExitStack) -> None:
        super().__init__()
        del self.headers["content-length"]
        self._table, self._request, self._held = table, request, held

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002
        leaving = asyncio.create_task(gone(self._request))
        try:
            await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
            for chunk in _chunks(self._table):
                if leaving.done():
                    return
                async with asyncio.timeout(_STALLED_SECONDS):
                    await send({"type": "http.response.body", "body": chunk, "more_body": True})
            await send({"type": "http.response.body", "body": b""})
        finally:
            leaving.cancel()
            await self._held.aclose()


def _chunks(table: pa.Table) -> Iterator[bytes]:
    sink = io.BytesIO()

    def taken() -> bytes:
        chunk = sink.getvalue()
        sink.seek(0)
        sink.truncate()
        return chunk

    with pa.ipc.new_stream(sink, table.schema) as writer:
        yield taken()
        for batch in table.to_batches():
            writer.write_batch(batch)
            yield taken()
    yield taken()
