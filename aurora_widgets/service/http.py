"""The query service as an application: its routes, and what stands around every one of them."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING

from fastapi import FastAPI, Request
from starlette.exceptions import HTTPException

from aurora_widgets import __version__
from aurora_widgets.errors import AuroraError, NotFound, Unauthenticated
from aurora_widgets.service import openapi, routes
from aurora_widgets.service.cache import Cache
from aurora_widgets.service.desk import Desk
from aurora_widgets.service.limits import Limits
from aurora_widgets.service.metrics import Metrics
from aurora_widgets.service.observed import Observed, Refusal, problem
from aurora_widgets.service.operations import operations

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from starlette.responses import Response

    from aurora_widgets.service.auth import Browsers, Identity
    from aurora_widgets.service.run import Runner


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
    app.include_router(routes.questions(runner, desk, metrics), prefix=under)
    app.include_router(routes.tables(runner, desk), prefix=under)
    app.include_router(operations(desk, metrics, runner.settings), prefix=under)
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
