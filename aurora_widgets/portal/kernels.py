"""The kernels of the portal: one for each open page, owned by its user, few, and gone with its page."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import time
import uuid
from collections import OrderedDict, deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, TypeVar, cast

import zmq
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_core.utils import ensure_async
from jupyter_server.services.kernels.kernelmanager import AsyncMappingKernelManager, ServerKernelManager
from tornado.ioloop import PeriodicCallback

from aurora_widgets.errors import AuroraError
from aurora_widgets.portal.figures import FIGURES
from aurora_widgets.portal.reasons import Reason
from aurora_widgets.portal.room import free_memory

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine, Mapping

    from aurora_widgets.settings import Settings

_LOG = logging.getLogger("aurora_widgets.portal")

Answer = TypeVar("Answer")

PASSED: Final = (
    "PATH",
    "HOME",
    "LANG",
    "LC_ALL",
    "LC_CTYPE",
    "TZ",
    "PYTHONPATH",
    "LD_LIBRARY_PATH",
    "SSL_CERT_FILE",
    "AURORA_SERVICE_URL",
    "AURORA_NOTEBOOK",
    "AURORA_OPEN",
    "AURORA_CATALOG",
    "AURORA_DATA",
)
"""What a kernel gets of the portal's own environment; the rest, its credentials among it, stays."""

_ROUND_SECONDS: Final = 1.0
_VOUCH_SECONDS: Final = 60.0
_COMING_SECONDS: Final = 20.0
_GRACE_SECONDS: Final = 1.5
"""How long a new page waits for one that is being closed: a reload asks for it as it ends the old."""
_REMEMBERED: Final = 5_000
_MOST_SOCKETS: Final = 20_000
_SMALLEST_FREE: Final = 64_000_000


class TooManyPages(AuroraError):
    """A person has as many pages open as may be."""

    code = "TOO_MANY_PAGES"
    status = 429
    retry_after = 5


class PortalFull(AuroraError):
    """There is no room for one more page, of anyone."""

    code = "PORTAL_FULL"
    status = 503
    retry_after = 30


class KernelFailed(AuroraError):
    """A page's kernel did not start."""

    code = "KERNEL_FAILED"
    status = 503
    retry_after = 10


@dataclass(eq=False)
class Opened:
    """An open page: its kernel, its user, and who is connected.

    Parameters
    ----------
    kernel_id
        Its kernel's.
    user
        Whose it is.
    vouched
        Tells whether they are still logged in.
    """

    kernel_id: str
    user: str
    vouched: Callable[[], Awaitable[bool]]
    asked: float = field(default_factory=time.monotonic)
    used: float = field(default_factory=time.monotonic)
    left: float = field(default_factory=time.monotonic)
    connections: set[Any] = field(default_factory=set)
    running: bool = False
    came: bool = False

    @property
    def abandoned(self) -> bool:
        """Whether its browser was there once and is not now, or should have come long ago."""
        late = self.running and time.monotonic() - self.left > _COMING_SECONDS
        return not self.connections and (self.came or late)


class PortalKernel(ServerKernelManager):
    """One kernel: no events that nobody reads, and no second life, which would not know its widgets."""

    def emit(self, schema_id: str, data: object) -> None:
        """Drop an event."""


class OneKernel(KernelSpecManager):
    """The kernel of this Python alone; nothing that is installed for notebooks is looked at."""

    def find_kernel_specs(self) -> dict[str, str]:
        """Name the one there is."""
        return {"python3": self.get_kernel_spec("python3").resource_dir}


class PortalKernels(AsyncMappingKernelManager):
    """Starts, counts, watches and ends the kernels of all pages."""

    limits: Settings

    def begin(self, limits: Settings) -> None:
        """Take the limits, and begin to watch.

        Parameters
        ----------
        limits
            KERNELS_PER_USER, KERNELS_MAX, KERNEL_STARTS, KERNEL_IDLE_SECONDS, KERNEL_LEFT_SECONDS.
        """
        self.limits = limits
        self.opened: dict[str, Opened] = {}
        self.ended: OrderedDict[str, tuple[str, Reason]] = OrderedDict()
        self._starts = asyncio.Semaphore(limits.whole("KERNEL_STARTS"))
        self._tasks: set[asyncio.Task[Any]] = set()
        self._waiting: deque[asyncio.Event] = deque()
        self.context.set(zmq.MAX_SOCKETS, _MOST_SOCKETS)
        self._watch = PeriodicCallback(self._round, _ROUND_SECONDS * 1000)
        self._watch.start()
        FIGURES.live.set_function(lambda: len(self.opened))
        FIGURES.connected.set_function(lambda: sum(len(page.connections) for page in self.opened.values()))

    # ── opening

    async def reserve(self, user: str, vouched: Callable[[], Awaitable[bool]]) -> Opened:
        """Take a place for one more page of a user.

        Raises
        ------
        TooManyPages
            The user has all they may have, and is looking at each.
        PortalFull
            All users together have.
        """
        await self._own_place(user)
        most = self.limits.whole("KERNELS_MAX")
        if len(self.opened) >= most and not self._give_up_abandoned(None):
            raise PortalFull(
                f"All {most} places for open pages are taken: try again in a few minutes, "
                "or ask the people you know to close pages they no longer need."
            )
        free = free_memory()
        if free is not None and free < _SMALLEST_FREE:
            raise PortalFull("There is no memory left for one more page: try again in a few minutes.")
        page = Opened(str(uuid.uuid4()), user, vouched)
        self.opened[page.kernel_id] = page
        return page

    async def _own_place(self, user: str) -> None:
        most = self.limits.whole("KERNELS_PER_USER")
        deadline = time.monotonic() + _GRACE_SECONDS
        while sum(page.user == user for page in self.opened.values()) >= most:
            if self._give_up_abandoned(user):
                return
            waiting = asyncio.Event()
            self._waiting.append(waiting)
            try:
                async with asyncio.timeout(deadline - time.monotonic()):
                    await waiting.wait()
            except TimeoutError:
                pages = "one page" if most == 1 else f"{most} pages"
                raise TooManyPages(
                    f"You have {pages} of Aurora open, and that is as many as one person may have: "
                    "close another one, then try again."
                ) from None
            finally:
                with contextlib.suppress(ValueError):
                    self._waiting.remove(waiting)

    def _give_up_abandoned(self, user: str | None) -> bool:
        """End the page that was left the longest, if one was left."""
        left = [page for page in self.opened.values() if page.abandoned and user in {None, page.user}]
        if not left:
            return False
        page = min(left, key=lambda page: page.left)
        self.forget(page, Reason.REPLACED)
        return True

    def starting(self, page: Opened, environment: Mapping[str, str]) -> asyncio.Task[PortalKernel]:
        """Start the kernel of a page in the background; who waits for it may go away, and it ends then."""
        return self._in_background(self._start(page, environment))

    async def _start(self, page: Opened, environment: Mapping[str, str]) -> PortalKernel:
        """Start the kernel of a page, when its turn comes.

        Raises
        ------
        KernelFailed
            It did not start; the log says why.
        """
        asked = time.perf_counter()
        async with self._starts:
            if page.kernel_id not in self.opened:  # its browser went away while it waited
                raise KernelFailed("This page was closed before it opened.")
            try:
                await self.start_kernel(kernel_id=page.kernel_id, env=dict(environment), cwd="/")
            except Exception as error:
                _LOG.exception("A kernel did not start", extra={"user": page.user, "kernel": page.kernel_id})
                FIGURES.starts.labels("failed").inc()
                self.forget(page, Reason.FAILED)
                raise KernelFailed(
                    "Aurora could not open this page: there may be no memory left for it. "
                    "Try again in a minute; if it still does not open, tell the person who runs Aurora."
                ) from error
        FIGURES.starts.labels("started").inc()
        FIGURES.start_seconds.observe(time.perf_counter() - asked)
        kernel = self.kernel(page)
        if page.kernel_id not in self.opened:
            await self._stop(page.kernel_id)
            raise KernelFailed("This page was closed before it opened.")
        kernel.execution_state = "idle"
        page.running = True
        page.left = page.used = time.monotonic()
        return kernel

    def kernel(self, page: Opened) -> PortalKernel:
        """Return the kernel of a page; ``KeyError`` if there is none (any more)."""
        return cast("PortalKernel", self._kernels[page.kernel_id])

    def start_watching_activity(self, kernel_id: str) -> None:
        """Do nothing: what passes the page's own connection says that it is used."""

    # ── being used

    def mine(self, kernel_id: str, user: str) -> bool:
        """Whether a kernel is there and this user's."""
        page = self.opened.get(kernel_id)
        return page is not None and page.user == user

    def connected(self, kernel_id: str, connection: object) -> None:
        """Take note of a page's connection."""
        if page := self.opened.get(kernel_id):
            page.connections.add(connection)
            page.came = True
            page.used = time.monotonic()

    def disconnected(self, kernel_id: str, connection: object) -> None:
        """Take note that a connection is gone."""
        if page := self.opened.get(kernel_id):
            page.connections.discard(connection)
            page.left = time.monotonic()
            self._wake()  # whoever waits for a place may have this one's

    def touch(self, kernel_id: str) -> None:
        """Take note that a page is used."""
        if page := self.opened.get(kernel_id):
            page.used = time.monotonic()

    # ── ending

    def forget(self, page: Opened, reason: Reason) -> None:
        """End a page's kernel: its place is free at once, its process soon after."""
        if self.opened.pop(page.kernel_id, None) is None:
            return
        self.ended[page.kernel_id] = (page.user, reason)
        while len(self.ended) > _REMEMBERED:
            self.ended.popitem(last=False)
        FIGURES.ends.labels(reason.value).inc()
        told = {"user": page.user, "kernel": page.kernel_id, "reason": reason.value}
        _LOG.info("A kernel ends", extra=told)
        for connection in list(page.connections):
            connection.end()
        self._wake()
        if page.kernel_id in self:
            self._in_background(self._stop(page.kernel_id))

    def _in_background(self, work: Coroutine[Any, Any, Answer]) -> asyncio.Task[Answer]:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)
        return task

    def _done(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled():
            task.exception()  # whoever waits has it, and what nobody foresaw is logged where it arose

    async def _stop(self, kernel_id: str) -> None:
        try:
            await self.shutdown_kernel(kernel_id)  # type: ignore[no-untyped-call]
        except Exception:  # noqa: BLE001  whatever it is, the others go on
            _LOG.exception("A kernel did not end", extra={"kernel": kernel_id})

    async def end_all(self) -> None:
        """End every kernel and wait for it."""
        self._watch.stop()
        for page in list(self.opened.values()):
            self.forget(page, Reason.RESTARTED)
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def reason(self, kernel_id: str, user: str) -> Reason | None:
        """Return why a user's kernel ended; nothing if it lives, is another's, or was never there."""
        owner, reason = self.ended.get(kernel_id, ("", None))
        return reason if owner == user else None

    def _wake(self) -> None:
        for waiting in self._waiting:
            waiting.set()

    async def _round(self) -> None:
        now = time.monotonic()
        idle = self.limits.whole("KERNEL_IDLE_SECONDS")
        left = self.limits.seconds("KERNEL_LEFT_SECONDS")
        for page in list(self.opened.values()):
            if not page.running:
                continue
            if page.kernel_id not in self or not await ensure_async(self.kernel(page).is_alive()):
                self.forget(page, self._why_died(page))
            elif not page.connections and now - page.left > left:
                self.forget(page, Reason.CLOSED)
            elif idle and now - page.used > idle:
                self.forget(page, Reason.IDLE)
            elif now - page.asked > _VOUCH_SECONDS:
                page.asked = now
                self._in_background(self._still(page))

    async def _still(self, page: Opened) -> None:
        """End a page whose user has logged out."""
        with contextlib.suppress(AuroraError):  # the hub does not answer, which is not their fault
            if not await page.vouched():
                self.forget(page, Reason.SIGNED_OUT)

    def _why_died(self, page: Opened) -> Reason:
        provisioner = self.kernel(page).provisioner if page.kernel_id in self else None
        return Reason.MEMORY if getattr(provisioner, "reason", None) == "memory" else Reason.DIED


def environment(user: str, token: str, link: Mapping[str, str]) -> dict[str, str]:
    """Return all that a kernel's environment holds.

    Parameters
    ----------
    user, token
        Who asks, and the token that the query service knows them by.
    link
        What the page was opened with: ``QUERY_STRING``, ``VOILA_REQUEST_URL``.
    """
    kept = {name: os.environ[name] for name in PASSED if name in os.environ}
    hub = f"{os.environ.get('JUPYTERHUB_HOST', '')}{os.environ.get('JUPYTERHUB_BASE_URL', '/')}hub"
    own = {"AURORA_USER": user, "AURORA_TOKEN": token, "AURORA_SIGN_OUT": f"{hub}/logout"}
    # AURORA_PAGE: the page brings the widgets' module along, so kernels need not send it.
    return kept | own | {"AURORA_PAGE": "1"} | dict(link)
