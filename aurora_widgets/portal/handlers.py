"""Every address of the portal, and what each of its answers has: an id, a log line, its headers."""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from typing import TYPE_CHECKING, Any, Final

from jupyter_server.base.handlers import JupyterHandler
from jupyterhub.singleuser.extension import JupyterHubOAuthCallbackHandler
from jupyterhub.utils import get_browser_protocol
from tornado import web
from tornado.iostream import StreamBufferFullError, StreamClosedError
from voila.static_file_handler import MultiStaticFileHandler
from voila.tornado.kernel_websocket_handler import VoilaKernelWebsocketHandler
from voila.utils import get_voila_labextensions_path

from aurora_widgets import __version__
from aurora_widgets.errors import AuroraError
from aurora_widgets.portal import refusals
from aurora_widgets.portal.answers import Answers, policy
from aurora_widgets.portal.figures import FIGURES
from aurora_widgets.portal.guard import refused
from aurora_widgets.portal.kernels import environment
from aurora_widgets.portal.reasons import Reason
from aurora_widgets.portal.rendering import NONCE
from aurora_widgets.portal.static import PageFiles
from aurora_widgets.service.auth import from_host

if TYPE_CHECKING:
    from aurora_widgets.portal.kernels import Opened, PortalKernels
    from aurora_widgets.portal.server import Portal

_LOG = logging.getLogger("aurora_widgets.portal")
_KERNEL: Final = r"(?P<kernel_id>[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})"
_UNREAD_BYTES: Final = 32_000_000
_TRY_AGAIN: Final = 1013


class Guarded(Answers, JupyterHandler):
    """What somebody has to be logged in for."""

    @property
    def kernels(self) -> PortalKernels:
        """The kernels of all pages."""
        kernels: PortalKernels = self.settings["kernel_manager"]
        return kernels

    @property
    def user(self) -> str:
        """Who asks."""
        return str(self.current_user.username)

    def allows(self, kernel_id: str, user: str) -> bool:
        """Whether a user may use this address for a kernel."""
        return self.kernels.mine(kernel_id, user)


class Page(Guarded):
    """The page, with a kernel of its own."""

    opened: Opened | None = None

    @web.authenticated
    async def get(self) -> None:
        """Open the page: its frame at once, the rest as its kernel has it."""
        started = time.perf_counter()
        portal: Portal = self.settings["portal"]
        NONCE.set(secrets.token_urlsafe(16))
        self.set_header("Content-Security-Policy", policy(NONCE.get()))
        self.opened = opened = await self.kernels.reserve(
            self.user, self.settings["identity_provider"].voucher(self)
        )
        self.xsrf_token  # noqa: B018  sets the cookie that the page ends its kernel with
        kernel = self.kernels.starting(opened, self._environment())
        try:
            rendering = await portal.rendering(kernel, self.flush)
            async for part in rendering.document(opened.kernel_id):
                self.write(part)
            await self.flush()
        except StreamClosedError:
            self.kernels.forget(opened, Reason.CLOSED)
        except Exception as error:
            self.kernels.forget(opened, Reason.FAILED)
            if not self._headers_written:
                raise
            self._stop(error)
        finally:
            self.opened = None
        FIGURES.open_seconds.observe(time.perf_counter() - started)

    def _environment(self) -> dict[str, str]:
        request = self.request
        address = f"{get_browser_protocol(request)}://{request.host}{request.uri}"
        link = {"QUERY_STRING": str(request.query), "VOILA_REQUEST_URL": address}
        token = self.settings["identity_provider"].hub_auth.get_token(self) or ""
        return environment(self.user, token, link)

    def _stop(self, error: Exception) -> None:
        """End a page that has begun with a sentence over it."""
        if isinstance(error, AuroraError):
            said, code, status = error.detail, error.code, error.status
        else:
            _LOG.error("A page failed in a way nobody foresaw", exc_info=error)
            said, code, status = refusals.sentence(500), "HTTP_500", 500
        FIGURES.refusals.labels(code).inc()
        self.write(refusals.stop(status, said, home=self.base_url, number=self.number))

    def on_connection_close(self) -> None:
        """End the kernel of a page that nobody waits for."""
        if self.opened is not None:
            self.kernels.forget(self.opened, Reason.CLOSED)
        super().on_connection_close()


class Connection(Guarded, VoilaKernelWebsocketHandler):  # type: ignore[misc]  # Voila has no types
    """The websocket of a page."""

    is_connection = True

    async def get(self, kernel_id: str) -> None:
        """Connect, from a page of this host alone."""
        origin = self.request.headers.get("Origin")
        if origin is not None and not self.check_origin(origin):
            raise web.HTTPError(403)
        await super().get(kernel_id)  # type: ignore[misc]

    async def on_message(self, ws_message: bytes | str) -> None:
        """Pass a message on, and wait where there were too many: the next is read after that."""
        if self.connection is not None:
            await asyncio.sleep(self.connection.passed(ws_message))

    async def open(self, kernel_id: str) -> None:
        """Begin; a browser that takes nothing of what it asked for is let go in the end."""
        self.ws_connection.stream.max_write_buffer_size = _UNREAD_BYTES
        await super().open(kernel_id)

    def write_message(self, message: Any, binary: bool = False) -> Any:
        """Send a message, unless too many were not taken."""
        try:
            return super().write_message(message, binary)
        except StreamBufferFullError:
            refused(self, self.user, "NOT_READ", "a websocket that takes nothing")
            self.close(_TRY_AGAIN, "too much unread")
            return None

    def check_origin(self, origin_to_satisfy_tornado: str = "") -> bool:
        """Refuse the pages of other hosts."""
        allowed = bool(super().check_origin(origin_to_satisfy_tornado or None))  # type: ignore[arg-type]
        if not allowed:
            user = self.user if self.current_user else ""
            refused(self, user, "OTHER_ORIGIN", f"a websocket from {origin_to_satisfy_tornado}")
        return allowed


class Asked(Guarded):
    """What a page's own script reads, which sends no token for a mere question."""

    def check_xsrf_cookie(self) -> None:
        """Let scripts of this host ask: a browser says so, and no script can."""
        if self.request.headers.get("Sec-Fetch-Site") != "same-origin":
            super().check_xsrf_cookie()


class Model(Asked):
    """That a page's kernel is there, which its scripts ask before they connect."""

    @web.authenticated
    async def get(self, kernel_id: str) -> None:
        """Say so."""
        self.finish({"id": kernel_id, "name": "python3"})


class Closing(Guarded):
    """Where a page that is closed says so."""

    @web.authenticated
    async def post(self, kernel_id: str) -> None:
        """End the page's kernel."""
        if page := self.kernels.opened.get(kernel_id):
            self.kernels.forget(page, Reason.CLOSED)
        self.set_status(204)

    def allows(self, kernel_id: str, user: str) -> bool:
        """Also for one that has ended already."""
        return super().allows(kernel_id, user) or self.kernels.reason(kernel_id, user) is not None


class Ended(Asked):
    """Why a page's kernel is gone."""

    @web.authenticated
    async def get(self, kernel_id: str) -> None:
        """Say so in a sentence."""
        reason = self.kernels.reason(kernel_id, self.user)
        if reason is None and not self.kernels.mine(kernel_id, self.user):
            self.set_status(404)
            reason = Reason.RESTARTED  # so it reads for a kernel of another, and for one that never was
        told = (
            {"ended": True, "reason": reason.value, "detail": reason.sentence} if reason else {"ended": False}
        )
        self.finish(told)

    def allows(self, kernel_id: str, user: str) -> bool:  # noqa: ARG002  ``get`` tells
        """Everyone, as what is not theirs reads as not there."""
        return True


class Nothing(Guarded):
    """Every other address: refused, and logged with who tried."""

    async def prepare(self, **_: Any) -> None:
        """Refuse."""
        user = await self.settings["identity_provider"].get_user(self)
        refused(self, user.username if user else "", "NO_SUCH_ADDRESS", self.request.path)
        raise web.HTTPError(404)


class WithoutSlash(Answers, web.RedirectHandler):
    """The portal's address as a person may type it."""


class Health(Answers):
    """Whether pages can be opened."""

    is_quiet = True

    def get(self) -> None:
        """Say so."""
        kernels: PortalKernels = self.settings["portal"].kernel_manager
        room = kernels.limits.whole("KERNELS_MAX") - len(kernels.opened)
        self.set_status(200 if room > 0 else 503)
        told: dict[str, object] = {"status": "ok" if room > 0 else "full", "version": __version__}
        if from_host(self.request.headers, self.request.remote_ip):
            told["room"] = room
        self.finish(told)


class Metrics(Answers):
    """Prometheus text, for the host itself and for tokens with the hub's scope read:metrics."""

    is_quiet = True

    async def get(self) -> None:
        """Give it."""
        hub, request = self.settings["identity_provider"].hub_auth, self.request
        if not from_host(request.headers, request.remote_ip):
            token = hub.get_token(self, in_cookie=False)
            if not token or not await hub.watches(token):
                refused(self, "", "NOT_FROM_HOST", request.path)
                raise web.HTTPError(404)
        self.set_header("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
        self.finish(FIGURES.text())


class LoggedIn(Answers, JupyterHubOAuthCallbackHandler):  # type: ignore[misc]
    """Where the hub sends a browser back to."""


class Files(Answers, MultiStaticFileHandler):  # type: ignore[misc]
    """Voila's own files, the extensions' and the themes'."""

    is_quiet = True

    def set_extra_headers(self, path: str) -> None:  # noqa: ARG002
        """Let them be kept."""
        self.set_header("Cache-Control", "public, max-age=3600")

    def parse_url_path(self, url_path: str) -> str:
        """Refuse what no page asks for."""
        if url_path.endswith(".map") or any(part.startswith(".") for part in url_path.split("/")):
            raise web.HTTPError(404)
        return str(super().parse_url_path(url_path))


class TemplateFiles(Answers, PageFiles):
    """The files of the page's template."""

    is_quiet = True


def routes(portal: Portal) -> list[Any]:
    """Return every address there is."""
    extensions = get_voila_labextensions_path(portal.voila_configuration.extra_labextensions_path)
    found: list[tuple[Any, ...]] = [
        ("/", Page),
        ("", WithoutSlash, {"url": portal.base_url, "permanent": False}),
        (f"/api/kernels/{_KERNEL}", Model),
        (f"/api/kernels/{_KERNEL}/channels", Connection),
        (f"/voila/api/shutdown/{_KERNEL}", Closing),
        (f"/ended/{_KERNEL}", Ended),
        ("/oauth_callback", LoggedIn, {"hub_auth": portal.identity_provider.hub_auth}),
        ("/healthz", Health),
        ("/metrics", Metrics),
        ("/voila/templates/(.*)", TemplateFiles),
        ("/voila/static/(.*)", Files, {"paths": portal.static_paths}),
        ("/voila/labextensions/(.*)", Files, {"paths": extensions}),
        ("/voila/themes/(.*)", Files, {"paths": [portal.themes_dir]}),
    ]
    return [(portal.base_url.rstrip("/") + address, *rest) for address, *rest in found]
