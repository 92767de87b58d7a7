"""The explorer as a page of its own: Voila on the portal's notebook, for one user on this machine."""

from __future__ import annotations

import json
import logging
import os
import socket
import sys
import sysconfig
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aurora_widgets import settings as limits
from aurora_widgets.errors import AuroraError

if TYPE_CHECKING:
    from collections.abc import Sequence

HOST = "127.0.0.1"
PORT = 8866
_TRIES = 20


class PageUnavailable(AuroraError):
    """The page can't be served here."""

    code = "PAGE_UNAVAILABLE"


def notebook(name: str = "portal.ipynb") -> Path:
    """Return the page's notebook, or another that comes with Aurora: of the source tree, else as installed.

    Raises
    ------
    PageUnavailable
        It is in neither place.
    """
    source = Path(__file__).parents[2] / "notebooks" / name
    shares = [sysconfig.get_path("data"), sysconfig.get_path("data", _user_scheme()), sys.prefix]
    for path in (source, *(Path(share) / "share" / "aurora" / name for share in shares)):
        if path.is_file():
            return path
    raise PageUnavailable(f"The notebook {name} is not installed; install aurora-widgets again.")


def _user_scheme() -> str:
    return sysconfig.get_preferred_scheme("user")


def free_port(wanted: int | None) -> int:
    """Return the port to serve on: the one wanted, else the first free one from 8866 up.

    Raises
    ------
    PageUnavailable
        The one wanted is taken.
    """
    if wanted is not None:
        if not 1 <= wanted <= 65535:  # noqa: PLR2004 what TCP has
            raise PageUnavailable(f"There is no port {wanted}: choose one from 1 to 65535 with --port.")
        if not _is_free(wanted):
            raise PageUnavailable(
                f"Port {wanted} is taken; choose another with --port, or none for a free one."
            )
        return wanted
    tried = (port for port in range(PORT, PORT + _TRIES) if _is_free(port))
    found = next(tried, None)
    if found is not None:
        return found
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def serve(paths: Sequence[Path], catalog: Path | None, *, port: int, browser: bool) -> None:
    """Serve the page until it is interrupted.

    Parameters
    ----------
    paths, catalog
        What the explorer opens; its kernels find it in ``AURORA_OPEN`` and ``AURORA_CATALOG``,
        and in ``AURORA_PAGE`` that the page brings the browser's part along.
    port
        A free one, on this machine's own address alone.
    browser
        Whether to open it in the user's browser.
    """
    from traitlets.config import Config  # noqa: PLC0415
    from voila.app import Voila  # noqa: PLC0415  it takes a second to import

    from aurora_widgets.portal import static  # noqa: PLC0415

    class Page(Voila):  # type: ignore[misc]  # Voila has no types
        """Voila with the page's files as they are to be kept, for this machine's own names alone."""

        def init_settings(self) -> dict[str, Any]:
            # Another site's owner may point its name here, and its page could then read this one.
            return {**super().init_settings(), "allow_remote_access": False}

        def init_handlers(self) -> list[Any]:
            return [*static.routes(self.base_url), *super().init_handlers()]

    os.environ["AURORA_PAGE"] = "1"
    os.environ["AURORA_OPEN"] = json.dumps([str(path.absolute()) for path in paths])
    os.environ["AURORA_CATALOG"] = "" if catalog is None else str(catalog.absolute())
    config = Config()
    config.Voila.ip = HOST
    config.Voila.port = port
    config.Voila.port_retries = 0
    config.Voila.open_browser = browser
    config.Voila.log_level = "ERROR"
    # Jupyter's pings outlast Tornado's own, which would be said in the terminal of whoever starts this.
    logging.getLogger("tornado.general").setLevel(logging.ERROR)
    config.VoilaConfiguration.template = "aurora"
    config.VoilaConfiguration.file_allowlist = []
    config.MappingKernelManager.cull_idle_timeout = limits.load().whole("KERNEL_IDLE_SECONDS")
    config.MappingKernelManager.cull_interval = 60
    if os.name == "posix":  # a kernel's sockets are files of this user, not ports of the machine
        config.KernelManager.transport = "ipc"
    Page.launch_instance([str(notebook())], config=config)
