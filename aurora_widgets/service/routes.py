"""Each route of a question in a few lines; everything hard is in its own module.

``Desk`` takes a request in (token, rate, size, place, thread, a client that leaves), ``Runner``
answers the question, ``wire`` says it in JSON.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from fastapi import APIRouter, Request
from starlette.responses import Response

from aurora_widgets.service import openapi, stream, wire
from aurora_widgets.service.desk import Asked, Desk
from aurora_widgets.service.estimates import estimate
from aurora_widgets.service.limits import Budget

if TYPE_CHECKING:
    from collections.abc import Callable

    from aurora_widgets.engine.base import Cancellation
    from aurora_widgets.service.metrics import Metrics
    from aurora_widgets.service.run import Runner


def tables(runner: Runner, desk: Desk) -> APIRouter:
    """Return the routes about what there is to ask."""
    router = APIRouter()

    @router.get("/api/tables", responses=openapi.answers(openapi.TABLES))
    async def listed(request: Request) -> Response:
        """List every table this user may see, and the limits to go by."""
        await desk.admitted(request, Budget.HELPER)
        return as_json(wire.dumped(wire.catalog(runner.catalog, runner.settings)))

    @router.get("/api/tables/{name:path}/vintages", responses=openapi.answers(openapi.VINTAGES))
    async def vintages(request: Request, name: str) -> Response:
        """List load types and load IDs of a table, newest first."""
        await desk.admitted(request, Budget.HELPER)
        await desk.body(request)
        found = await desk.run(request, lambda stop: runner.vintages(name, cancellation=stop))
        return as_json(wire.dumped(wire.vintages(found)))

    @router.get("/api/tables/{name:path}", responses=openapi.answers(openapi.TABLE))
    async def table(request: Request, name: str) -> Response:
        """Describe one table: columns, types, labels, formats, joins."""
        await desk.admitted(request, Budget.HELPER)
        return as_json(wire.dumped(wire.table(runner.table(name))))

    return router


def questions(runner: Runner, desk: Desk, metrics: Metrics) -> APIRouter:
    """Return the routes that ask."""
    router = APIRouter()

    async def helped(
        request: Request, fields: tuple[str, ...], work: Callable[[Asked, Cancellation], object]
    ) -> Response:
        await desk.admitted(request, Budget.HELPER)
        body = await desk.body(request)
        return as_json(
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
        arrow = stream.wanted(request)

        def work(stop: Cancellation) -> bytes:
            asked = Asked(body, fields, desk.bounds)
            found = runner.page(
                asked.query(runner), asked.whole("offset") or 0, asked.whole("limit"), cancellation=stop
            )
            metrics.page(from_cache=found.from_cache, cache=runner.cache)
            return stream.of_page(found) if arrow else wire.dumped(found.as_json())

        async with desk.place(user):
            answer = await desk.run(request, work)
        return Response(answer, media_type=wire.ARROW) if arrow else as_json(answer)

    @router.post(
        "/api/result",
        responses=openapi.answers(None, arrow=True),
        openapi_extra=openapi.body("query"),
        response_class=Response,
    )
    async def result(request: Request) -> Response:
        """Return the whole result, up to RESULT_MAX_ROWS rows, as an Arrow stream; counts as an export."""
        user = await desk.admitted(request, Budget.EXPORT)
        user.require(runner.settings.text("RESULT_GROUPS"), "Whole results")
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
        return stream.ArrowStream(table, request, held)

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
        """Return what the question would run, and what the engine expects of it."""

        def work(asked: Asked, stop: Cancellation) -> object:
            query = asked.query(runner)
            found, expected = runner.explain(query), estimate(runner, query, stop)
            return {
                "sql": found.sql,
                "python": runner.ibis_code(query),
                "vintage": [pin.as_json() for pin in found.vintage],
                "notes": list(found.notes),
                "estimate": expected.rows,
                "threshold": expected.threshold,
                "verdict": expected.verdict,
                "fix": None,
            }

        return await helped(request, ("query",), work)

    return router


def as_json(content: bytes) -> Response:
    """Return an answer in JSON."""
    return Response(content, media_type="application/json")
