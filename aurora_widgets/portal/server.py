"""The portal as an application: Voila with one notebook, and routes, kernels and a guard of its own."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import logging
import os
import shutil
import signal
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

import nbformat
from jupyter_client.provisioning.factory import KernelProvisionerFactory
from tornado import web
from traitlets.config import Config
from voila.app import Voila
from voila.utils import get_page_config

from aurora_widgets.portal import answers, handlers, provisioner
from aurora_widgets.portal.guard import MESSAGE_BYTES, PortalIdentity, WidgetConnection, WidgetsOnly
from aurora_widgets.portal.kernels import KernelFailed, OneKernel, PortalKernel, PortalKernels
from aurora_widgets.portal.parent import ForkFailed
from aurora_widgets.portal.rendering import Rendering

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from tornado.httpserver import HTTPServer

    from aurora_widgets.settings import Settings

_LOG = logging.getLogger("aurora_widgets.portal")
_FORKED: Final = "aurora-forked"
_MEMORY: Final = Path("/dev/shm")  # noqa: S108  memory-backed on Linux
_FOLDER: Final = "aurora-portal-"
_BODY_BYTES: Final = 64_000  # nothing that is sent here is longer but messages of a websocket
_STALLED_SECONDS: Final = 60
_PING_MS: Final = 20_000


class Portal(Voila):  # type: ignore[misc]  # Voila has no types
    """Voila's application with routes, kernels and a guard of its own."""

    name = "portal"
    limits: Settings
    notebook: nbformat.NotebookNode
    page_config: dict[str, Any]

    def init_settings(self) -> dict[str, Any]:
        """Return Tornado's settings."""
        found: dict[str, Any] = super().init_settings()
        self.kernel_manager.begin(self.limits)
        os.environ["AURORA_NOTEBOOK"] = str(Path(self.notebook_path).absolute())  # all that its kernels run
        self.notebook = nbformat.read(self.notebook_path, as_version=4)  # type: ignore[no-untyped-call]
        self.notebook.metadata.kernelspec.language = "python"
        self.page_config = get_page_config(self.base_url, found, self.log, self.voila_configuration)
        secret = os.environ.get("JUPYTERHUB_API_TOKEN", "").encode()
        return found | {
            "portal": self,
            "cookie_secret": hashlib.sha256(b"aurora portal cookies " + secret).digest(),
            "default_handler_class": handlers.Nothing,
            "log_function": answers.answered,
            "websocket_max_message_size": MESSAGE_BYTES,
            "ws_ping_interval": _PING_MS,
            "ws_ping_timeout": 2 * _PING_MS,  # Jupyter counts it from the last pong, a whole interval ago
            "xsrf_cookie_kwargs": {"samesite": "Strict"},
        }

    def init_handlers(self) -> list[Any]:
        """Return every address there is: whatever is not here is refused."""
        return handlers.routes(self)

    async def rendering(
        self, kernel: Awaitable[PortalKernel], flush: Callable[[], Awaitable[None]]
    ) -> Rendering:
        """Return a page's document, as far as it is without its kernel."""
        found = Rendering(
            self.notebook,
            kernel,
            flush,
            voila_configuration=self.voila_configuration,
            traitlet_config=self.config,
            notebook_path=Path(self.notebook_path).name,
            template_paths=self.template_paths,
            config_manager=self.config_manager,
            contents_manager=self.contents_manager,
            base_url=self.base_url,
            kernel_spec_manager=self.kernel_spec_manager,
            page_config=self.page_config,
        )
        await found.initialize()
        return found

    async def _warm(self) -> None:
        """Compile the template, and start what kernels are forked from, before the first page."""

        async def nothing() -> None:
            pass

        never: asyncio.Future[PortalKernel] = asyncio.get_running_loop().create_future()
        never.set_exception(KernelFailed(""))
        with contextlib.suppress(KernelFailed):
            async for _ in (await self.rendering(never, nothing)).document(""):
                pass
        if "default_provisioner_name" in self.config.KernelProvisionerFactory:
            with contextlib.suppress(ForkFailed):  # logged; a page's own start tries again
                await asyncio.to_thread(provisioner.parent().start)

    def listen(self) -> None:
        """Serve until told to stop."""
        self.server: HTTPServer = self.app.listen(
            self.port,
            self.ip,
            max_body_size=_BODY_BYTES,
            max_header_size=_BODY_BYTES,
            body_timeout=_STALLED_SECONDS,
            idle_connection_timeout=_STALLED_SECONDS * 2,
        )
        _LOG.info("The portal is at port %s under %s", self.port, self.base_url)

    async def _serve(self) -> None:
        self._stopping = asyncio.Event()
        loop = asyncio.get_running_loop()
        for signum in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(signum, self._stopping.set)
        self.connection_dir = tempfile.mkdtemp(prefix=_FOLDER, dir=_memory())
        try:
            self.app = web.Application(**self.init_settings())
            self.app.add_handlers(".*$", self.init_handlers())
            self.listen()
            warming = asyncio.create_task(self._warm())
            await self._stopping.wait()
            warming.cancel()
            self.server.stop()
            await self.kernel_manager.end_all()
            await self.server.close_all_connections()
        finally:
            provisioner.parent().close()
            shutil.rmtree(self.connection_dir, ignore_errors=True)

    def start(self) -> None:
        """Serve until SIGTERM or Ctrl+C."""
        asyncio.run(self._serve())


def _memory() -> str | None:
    """Return a folder of this user's that is in memory; nothing of a page is written to a disk."""
    given = os.environ.get("XDG_RUNTIME_DIR", "")
    for folder in (Path(given) if given else _MEMORY, _MEMORY):
        if folder.is_dir() and os.access(folder, os.W_OK):
            return str(folder)
    return None


def configured(address: str, prefix: str) -> Config:
    """Return the configuration of Voila.

    Parameters
    ----------
    address
        Where to listen: ``http://127.0.0.1:8700``.
    prefix
        The path it is served under, as the hub gave it.
    """
    where = urlsplit(address)
    config = Config()
    app = config.Portal
    app.ip, app.port, app.port_retries = where.hostname or "127.0.0.1", where.port or 0, 0
    app.base_url = app.server_url = prefix
    app.open_browser = False
    app.config_file_paths = []
    app.identity_provider_class = PortalIdentity
    app.authorizer_class = WidgetsOnly
    app.kernel_websocket_connection_class = WidgetConnection
    voila = config.VoilaConfiguration
    voila.multi_kernel_manager_class = PortalKernels
    voila.kernel_spec_manager_class = OneKernel
    voila.template = "aurora"
    voila.allow_template_override = voila.allow_theme_override = "NO"
    voila.file_allowlist = []
    voila.http_header_envs = []
    config.PortalKernels.kernel_manager_class = f"{PortalKernel.__module__}.{PortalKernel.__name__}"
    config.PortalKernels.buffer_offline_messages = True
    config.PortalKernels.allow_tracebacks = False
    config.PortalKernel.autorestart = False
    config.PortalKernel.shutdown_wait_time = 1.0
    if os.name == "posix":
        config.PortalKernel.transport = "ipc"
    if _FORKED in KernelProvisionerFactory.instance().get_provisioner_entries():
        config.KernelProvisionerFactory.default_provisioner_name = _FORKED
    KernelProvisionerFactory.clear_instance()
    return config
