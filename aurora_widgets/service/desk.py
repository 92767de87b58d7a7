"""The way of one request: who asks, how often, and the work in a thread that ends when they leave."""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, TypeVar

import simplejson

from aurora_widgets.engine.base import Cancellation
from aurora_widgets.errors import (
    AuroraError,
    Cancelled,
    Fault,
    PoolExhausted,
    QueryInvalid,
    TooManyTasks,
    Unauthenticated,
)
from aurora_widgets.query.faults import unknown
from aurora_widgets.query.read import Limits as Bounds
from aurora_widgets.query.read import from_object
from aurora_widgets.query.scalars import exact_json
from aurora_widgets.service.reading import read

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import Request

    from aurora_widgets.query.model import Query
    from aurora_widgets.service.auth import Identity, User
    from aurora_widgets.service.limits import Budget, Limits
    from aurora_widgets.service.run import Runner
    from aurora_widgets.settings import Settings

Answer = TypeVar("Answer")

_THREADS = 96
"""Questions under way at once, most of them waiting for a connection."""
_ENVELOPE = 16_384
"""Bytes of a request besides its document."""
_BODY_SECONDS = 20
_PLACE_SECONDS = 0.5
"""How long a question waits for those before it to give their place back, which a new question ends."""
_AGAIN_SECONDS = 0.02


class RequestTimeout(AuroraError):
    """A request that does not arrive."""

    code = "REQUEST_TIMEOUT"
    status = 408


class Asked:
    """The body of a request: an object of known fields.

    Parameters
    ----------
    body
        JSON.
    fields
        What may stand in it.
    bounds
        How large its document may be.
    """

    def __init__(self, body: bytes, fields: tuple[str, ...], bounds: Bounds) -> None:
        self.bounds = bounds
        self._found = _object(body)
        odd = [
            unknown("unknown-key", name, name, "a field of this request", fields)
            for name in self._found
            if name not in fields
        ]
        if odd:
            raise QueryInvalid(odd)

    def query(self, runner: Runner) -> Query:
        """Return the document, read with all that the runner's catalog tells of its faults."""
        found = self._needed("query")
        if not isinstance(found, dict):
            return from_object(found, self.bounds)
        return read(found, runner.catalog, runner.settings)

    def whole(self, name: str) -> int | None:
        """Return a whole number, or ``None`` where it is left out."""
        value = self._found.get(name)
        if value is None:
            return None
        if type(value) is not int or abs(value) >= _LARGE:
            raise _fault(name, "This should be a whole number.")
        return value

    def text(self, name: str) -> str:
        """Return a text, empty where it is left out."""
        value = self._found.get(name)
        if value is None:
            return ""
        if not isinstance(value, str):
            raise _fault(name, "This should be a text.")
        return value

    def needed_text(self, name: str) -> str:
        """Return a text that must be there."""
        self._needed(name)
        return self.text(name)

    def part(self, name: str) -> object:
        """Return a part of a document, as it came."""
        return self._needed(name)

    def _needed(self, name: str) -> object:
        value = self._found.get(name)
        if value is None:
            raise _fault(name, f"The request needs `{name}`.", "missing")
        return value


_LARGE = 2**63


def _fault(name: str, message: str, code: str = "wrong-value") -> QueryInvalid:
    return QueryInvalid([Fault(code, name, message)])


def _object(body: bytes) -> dict[str, Any]:
    try:
        found = exact_json(body.decode().removeprefix("\ufeff"))
    except UnicodeDecodeError:
        raise _fault("", "The request is not UTF-8 text.", "not-json") from None
    except RecursionError:
        raise _fault("", "The request is nested too deeply.", "too-deep") from None
    except simplejson.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise _fault("", f"The request is not JSON ({where}).", "not-json") from None
    if not isinstance(found, dict):
        raise _fault("", "The request should be a JSON object.")
    return found


class Desk:
    """Takes requests in and runs their work within the limits.

    Parameters
    ----------
    identity
        Whose token it is.
    limits
        What each user may ask.
    settings
        The other limits.
    """

    def __init__(self, identity: Identity, limits: Limits, settings: Settings) -> None:
        self._identity = identity
        self._limits = limits
        self.bounds = Bounds.of(settings)
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="aurora")
        self._running = 0

    async def user(self, request: Request) -> User:
        """Return who asks.

        Raises
        ------
        Unauthenticated, Forbidden, ServiceUnavailable
        """
        user = await self._identity.user(self._token(request))
        request.state.user = user.name
        return user

    async def watcher(self, request: Request, groups: str) -> None:
        """Refuse who may not see the figures: neither a token for them, nor one of these groups'.

        Raises
        ------
        Unauthenticated, Forbidden, ServiceUnavailable
        """
        if not await self._identity.watches(self._token(request)):
            (await self.user(request)).require(groups, "The service's figures")

    def _token(self, request: Request) -> str:
        header, browsers = request.headers.get("authorization"), self._identity.browsers
        if header is None and browsers is not None:
            token = browsers.token(request)
        else:
            kind, _, token = (header or "").partition(" ")
            token = token.strip() if kind.lower() in {"bearer", "token"} else ""
        if not token:
            raise Unauthenticated("Send a token: `Authorization: Bearer …`.")
        return token

    async def admitted(self, request: Request, budget: Budget) -> User:
        """Return who asks, their request counted.

        Raises
        ------
        Unauthenticated, RateLimited
        """
        user = await self.user(request)
        await self._counted(self._limits.spend, budget, user.name)
        return user

    async def body(self, request: Request) -> bytes:
        """Return the request's body; one that is too large is refused before it is read.

        Raises
        ------
        QueryInvalid, RequestTimeout
        """
        most = self.bounds.size + _ENVELOPE
        declared = request.headers.get("content-length", "0")
        arrived = bytearray()
        try:
            async with asyncio.timeout(_BODY_SECONDS):
                if declared.isdecimal() and int(declared) > most:
                    raise self._too_large()
                async for chunk in request.stream():
                    arrived += chunk
                    if len(arrived) > most:
                        raise self._too_large()
        except TimeoutError:
            raise RequestTimeout(f"The request did not arrive within {_BODY_SECONDS} seconds.") from None
        return bytes(arrived)

    def _too_large(self) -> QueryInvalid:
        return _fault("", f"The question is too large: {self.bounds.size:,} bytes are allowed.", "too-large")

    @contextlib.asynccontextmanager
    async def place(self, user: User) -> Any:
        """Hold one of the user's places.

        Raises
        ------
        TooManyTasks
        """
        deadline = asyncio.get_running_loop().time() + _PLACE_SECONDS
        while True:
            try:
                held = await self._counted(self._limits.take, user.name)
                break
            except TooManyTasks:
                if asyncio.get_running_loop().time() >= deadline:
                    raise
                await asyncio.sleep(_AGAIN_SECONDS)
        try:
            yield
        finally:
            await self._counted(self._limits.give_back, held)

    async def check(self) -> None:
        """Raise ``LimitsUnavailable`` where requests can't be counted."""
        await self._counted(self._limits.check)

    async def run(self, request: Request, work: Callable[[Cancellation], Answer]) -> Answer:
        """Do blocking work in a thread; it is cancelled when the client goes away.

        Raises
        ------
        Cancelled
            The client has gone: nobody will read this.
        """
        if self._running >= _THREADS:
            raise PoolExhausted("The service is busy.")
        loop = asyncio.get_running_loop()
        stop = Cancellation()
        self._running += 1
        doing = loop.run_in_executor(self._threads, contextvars.copy_context().run, work, stop)
        doing.add_done_callback(self._done)
        leaving = loop.create_task(gone(request))
        try:
            either: set[asyncio.Future[Any]] = {doing, leaving}
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
            if doing.done():
                return doing.result()
            raise Cancelled("The client went away.")
        finally:
            leaving.cancel()
            if not doing.done():
                stop.cancel()

    def _done(self, doing: asyncio.Future[Any]) -> None:
        self._running -= 1
        if not doing.cancelled():
            doing.exception()  # of work whose client has gone, nobody else asks

    async def _counted(self, count: Callable[..., Answer], *arguments: Any) -> Answer:
        """Count here, or in a thread where that means the network."""
        if not self._limits.remote:
            return count(*arguments)
        return await asyncio.get_running_loop().run_in_executor(None, count, *arguments)

    def close(self) -> None:
        """Let the threads go."""
        self._threads.shutdown(wait=True, cancel_futures=True)


async def gone(request: Request) -> None:
    """Return when the client has gone; its body has to be read first."""
    while (await request.receive())["type"] != "http.disconnect":
        pass
