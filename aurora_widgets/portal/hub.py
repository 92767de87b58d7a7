"""JupyterHub's configuration for Aurora: roles, services, landing pages, look.

``configure(c)`` is what ``aurora hub`` and a production ``jupyterhub_config.py`` both call; who may
log in is the one thing that the latter adds.
"""

from __future__ import annotations

import logging
import os
import shutil
import sys
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any

from traitlets.config.loader import PyFileConfigLoader

from aurora_widgets import settings
from aurora_widgets.errors import AuroraError
from aurora_widgets.portal import hub_accounts, hub_wiring, page
from aurora_widgets.portal.hub_wiring import PORTAL, SERVICE, prefix_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from traitlets.config import Config

    from aurora_widgets.portal.hub_accounts import Account
    from aurora_widgets.portal.hub_wiring import Wiring

ANALYSTS, OPERATORS = ("analysts",), ("operators",)
TEMPLATES = Path(__file__).parent / "templates"
_LAB = Path(__file__).parent / "lab"  # no news from outside, no search for updates
_TOUR = Path(__file__).parent / "tours" / "connect.ipynb"
_POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; font-src 'self' data:; frame-ancestors 'none'; base-uri 'self'; object-src 'none'"
)  # JupyterHub's own pages have scripts and styles in them
WATCHER = "AURORA_METRICS_TOKEN"
"""The variable that holds what Prometheus sends as its token, if it has one."""
_SHORTEST = 32
_PARTS = [f"access:services!service={name}" for name in (PORTAL, SERVICE)]
_LOOK = ["admin-ui", "list:users", "list:groups", "list:services", "read:users", "read:servers"]
_LOOK += ["read:groups", "read:services", "read:hub", "read:metrics"]
_SELF = ["read:users:name!user", "read:users:groups!user"]


_UNSAID = (
    "Setting new xsrf cookie for",  # with the session's id, and what the hub's cookie says of a person
    "user role overridden with scopes=",
    "Allowing service %s to complete OAuth without confirmation",
    "Adding missing route for %s",  # the proxy runs already when the hub comes
    "Received signal %s, initiating shutdown",
)
_LOGS = {
    "formatters": {"console": {"class": "aurora_widgets.service.logs.Lines"}},  # as the other parts log
    "filters": {"said": {"()": f"{__name__}.Said"}},
    "handlers": {"console": {"filters": ["said"]}},
}


class Said(logging.Filter):
    """Leaves out what is secret, and what JupyterHub warns of that ``configure`` means to be so."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Return whether it is nothing of these."""
        return not str(record.msg).startswith(_UNSAID)


class ConfigInvalid(AuroraError):
    """A configuration that JupyterHub could not start with."""

    code = "CONFIG_INVALID"


class LoginUnsafe(AuroraError):
    """Demo accounts where others than this machine's people could use them."""

    code = "LOGIN_UNSAFE"


class ServersUnsafe(AuroraError):
    """Analysts who could read the hub's secrets."""

    code = "SERVERS_UNSAFE"


def configure(
    c: Config,
    wiring: Wiring | None = None,
    *,
    analysts: Sequence[str] = ANALYSTS,
    operators: Sequence[str] = OPERATORS,
) -> None:
    """Make JupyterHub the front of Aurora's portal.

    Call it after ``c.JupyterHub.authenticator_class`` is set; without one there are demo accounts.
    What is set before stays. People's groups are those that their log-in gives, as told by the authenticator
    or by a ``post_auth_hook``, else those that the hub has for them.

    Parameters
    ----------
    c
        JupyterHub's configuration, ``get_config()`` in its file.
    wiring
        Where the parts are; by default what the environment says.
    analysts
        Groups whose members get a server of their own with JupyterLab.
    operators
        Groups whose members see the hub's admin page and metrics.

    Raises
    ------
    LoginUnsafe
        There are demo accounts, and the portal listens to other machines.
    ServersUnsafe
        Analysts of a real portal would share the hub's own user.
    WiringInvalid
        The environment does not say where the parts are.
    ConfigInvalid
        The token of ``AURORA_METRICS_TOKEN`` is short.
    """
    wiring = wiring or hub_wiring.from_environment()
    hub = c.JupyterHub
    if "authenticator_class" not in hub:
        _demo(c, wiring)
    elif analysts and "spawner_class" not in hub:
        raise ServersUnsafe(
            "Analysts' servers would run as the hub's own user and could read its secrets: set "
            "c.JupyterHub.spawner_class to one that gives each a user or a container, or call "
            "configure(c, analysts=()) to have none."
        )
    c.Authenticator.manage_groups = True
    hub.authenticator_class = _with_logins(hub.authenticator_class)
    _parts(c, wiring)
    _roles(hub, tuple(analysts), tuple(operators))
    _watchers(hub, os.environ.get(WATCHER, ""))
    _servers(c, wiring)
    _look(hub, tuple(analysts), tuple(operators))


def _with_logins(chosen: Any) -> Any:
    """Return an authenticator with what each log-in of the portal has.

    As it was where JupyterHub isn't loaded, as in ``aurora hub``, which only sees that the file can be read.
    """
    if "jupyterhub.auth" not in sys.modules:
        return chosen
    from aurora_widgets.portal import hub_authenticator  # noqa: PLC0415  it loads JupyterHub

    return hub_authenticator.with_logins(chosen)


def read(path: Path, wiring: Wiring) -> tuple[Account, ...]:
    """Read a configuration as the hub will, and return the demo accounts that it has.

    Raises
    ------
    ConfigInvalid
        It can't be read, or never calls ``configure``.
    """
    before = dict(os.environ)
    os.environ.update(wiring.environment())
    try:
        path.read_bytes()  # the loader searches where it can't read
        found = PyFileConfigLoader(path.name, str(path.parent)).load_config()
    except AuroraError:
        raise
    except OSError as error:
        raise ConfigInvalid(f"{path} can't be read: {error.strerror or error}.") from None
    except Exception as error:  # noqa: BLE001  it is Python: anything may happen in it
        raise ConfigInvalid(f"{path} failed{_where(path, error)}: {type(error).__name__}: {error}.") from None
    finally:
        os.environ.clear()
        os.environ.update(before)
    if found.JupyterHub.get("hub_bind_url") != wiring.hub:
        raise ConfigInvalid(f"{path} does not call aurora_widgets.portal.hub.configure(c).")
    return tuple(found.DemoAuthenticator.get("accounts", {}).values())


def _where(path: Path, error: Exception) -> str:
    if isinstance(error, SyntaxError):
        return f" in line {error.lineno}"
    lines = [
        frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == str(path)
    ]
    return f" in line {lines[-1]}" if lines else ""


def _demo(c: Config, wiring: Wiring) -> None:
    if not wiring.is_local:
        raise LoginUnsafe(
            "The demo accounts show their passwords to whoever opens the page, so they are for this machine "
            "alone: leave out --host, or name a configuration with an authenticator by --config "
            "(hub_config/jupyterhub_config.py is one to begin with)."
        )
    accounts = hub_accounts.accounts(wiring.state)
    c.JupyterHub.authenticator_class = f"{hub_accounts.__package__}.hub_authenticator.DemoAuthenticator"
    c.DemoAuthenticator.accounts = {account.name: account for account in accounts}
    c.DemoAuthenticator.allowed_users = {account.name for account in accounts}
    c.JupyterHub.template_vars = {**c.JupyterHub.get("template_vars", {}), "demo_accounts": accounts}


def _parts(c: Config, wiring: Wiring) -> None:
    hub = c.JupyterHub
    hub.bind_url = wiring.public
    hub.hub_bind_url = wiring.hub
    hub.cookie_secret_file = str(wiring.state / "cookie_secret")
    hub.setdefault("db_url", f"sqlite:///{wiring.state / 'hub.sqlite'}")
    hub.setdefault("upgrade_db", True)
    proxy = c.ConfigurableHTTPProxy
    proxy.should_start = False  # a restart of the hub leaves open pages alone
    proxy.api_url = wiring.proxy
    proxy.auth_token = wiring.proxy_token
    hub.cleanup_proxy = False
    hub.services = [
        *hub.get("services", []),
        {
            "name": PORTAL,
            "url": wiring.portal,
            "api_token": wiring.portal_token,
            "oauth_no_confirm": True,
            "oauth_client_allowed_scopes": [*_SELF, *_PARTS],
        },
        {
            "name": SERVICE,
            "url": wiring.service,
            "api_token": wiring.service_token,
            "oauth_no_confirm": True,
            "oauth_client_allowed_scopes": [*_SELF, *_PARTS],
            "display": False,
        },
        {"name": "keeper", "api_token": wiring.keeper_token, "display": False},
    ]


def _roles(hub: Any, analysts: tuple[str, ...], operators: tuple[str, ...]) -> None:
    hub.load_roles = [
        *hub.get("load_roles", []),
        {
            "name": "user",
            "description": "Business users: the portal, and nothing of the hub",
            "scopes": [*_SELF, *_PARTS],
        },
        {
            "name": "analyst",
            "description": "A server of their own with JupyterLab",
            "scopes": ["self"],
            "groups": list(analysts),
        },
        {
            "name": "operator",
            "description": "The hub's admin page and metrics, to look at",
            "scopes": _LOOK,
            "groups": list(operators),
        },
        {
            "name": "server",
            "description": "An analyst's server: its own activity, and the query service",
            "scopes": ["users:activity!user", "access:servers!server", *_SELF, _PARTS[1]],
        },
        {
            "name": "keeper",
            "description": "Tells the hub that its proxy is new",
            "scopes": ["proxy"],
            "services": ["keeper"],
        },
    ]


def _watchers(hub: Any, token: str) -> None:
    """Let a token see the figures of all parts and nothing else."""
    if not token:
        return
    if len(token) < _SHORTEST:
        raise ConfigInvalid(
            f"{WATCHER} has to be a random text of {_SHORTEST} or more characters; "
            "`openssl rand -hex 32` makes one."
        )
    hub.services = [*hub.services, {"name": "metrics", "api_token": token, "display": False}]
    role = {"name": "metrics", "description": "The figures of all parts", "scopes": ["read:metrics"]}
    hub.load_roles = [*hub.load_roles, role | {"services": ["metrics"]}]


def _servers(c: Config, wiring: Wiring) -> None:
    spawner = c.Spawner
    spawner.setdefault("default_url", "/lab")
    spawner.setdefault("cmd", [sys.executable, "-m", "aurora_widgets.portal.lean", "jupyterhub.singleuser"])
    told = {
        "AURORA_SERVICE_URL": f"{wiring.service}{prefix_of(SERVICE)}",
        "JUPYTER_CONFIG_PATH": str(_LAB),
    }
    spawner.environment = told | spawner.get("environment", {})
    if "spawner_class" in c.JupyterHub:
        return
    c.JupyterHub.spawner_class = "simple"
    c.SimpleLocalProcessSpawner.home_dir_template = f"{wiring.state}/homes/{{username}}"
    spawner.setdefault("pre_spawn_hook", _furnish)
    if os.geteuid() == 0:
        spawner.setdefault("args", ["--allow-root"])


def _furnish(spawner: Any) -> None:
    """Put the tour into an analyst's folder, beside what is there, and what their server says."""
    home = Path(spawner.home_dir)
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    for notebook in (_TOUR, page.notebook("compose.ipynb")):
        if not (home / notebook.name).exists():
            shutil.copyfile(notebook, home / notebook.name)
    said = (home / ".jupyterlab.log").open("wb")
    spawner.popen_kwargs = {**spawner.popen_kwargs, "stdout": said, "stderr": said}


def _look(hub: Any, analysts: tuple[str, ...], operators: tuple[str, ...]) -> None:
    hub.template_paths = [*hub.get("template_paths", []), str(TEMPLATES)]
    hub.template_vars = {**hub.get("template_vars", {}), "aurora_analysts": analysts}
    hub.setdefault("logo_file", str(TEMPLATES / "aurora_mark.svg"))
    hub.setdefault("log_level", logging.getLevelNamesMapping()[settings.load().text("LOG_LEVEL").upper()])
    hub.setdefault("logging_config", _LOGS)
    given = hub.get("tornado_settings", {})
    hub.tornado_settings = {
        **given,
        "headers": {"Content-Security-Policy": _POLICY},
        "cookie_options": {"samesite": "Lax", **given.get("cookie_options", {})},
    }

    def landing(handler: Any) -> str:
        if handler.current_user is None:
            return ""  # to the log-in page, and back here
        groups = {group.name for group in handler.current_user.groups}
        if groups.intersection(analysts):
            return ""  # to their server, which it starts
        return "/hub/home" if groups.intersection(operators) else prefix_of(PORTAL)

    hub.setdefault("default_url", landing)
