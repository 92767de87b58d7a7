"""Where the parts of a portal find each other, and the secrets by which they know each other."""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from aurora_widgets.errors import AuroraError

if TYPE_CHECKING:
    from collections.abc import Mapping

PORTAL, SERVICE = "portal", "aurora"
"""What the hub calls the page and the query service; they are served under ``/services/``."""


class WiringInvalid(AuroraError):
    """A part of the portal was not told where the others are."""

    code = "WIRING_INVALID"


@dataclass(frozen=True, slots=True)
class Wiring:
    """Addresses and tokens of a portal's parts; each field is an environment variable of the hub.

    Parameters
    ----------
    public
        What people open, ``http://127.0.0.1:8000/``; its address and port are what the proxy listens on.
    proxy, hub, portal, service
        Where each listens for the others: the proxy's interface for the hub, the hub, the page, the
        query service.
    proxy_token, portal_token, service_token, keeper_token
        By which the hub knows itself to the proxy, and each of the others to the hub. The keeper is what
        starts the parts.
    state
        A folder of this user alone, for what has to outlive a restart.
    """

    public: str
    proxy: str
    hub: str
    portal: str
    service: str
    proxy_token: str
    portal_token: str
    service_token: str
    keeper_token: str
    state: Path

    def environment(self) -> dict[str, str]:
        """Return the variables that tell the hub."""
        return {variable: str(getattr(self, field)) for field, variable in _VARIABLES.items()}

    @property
    def is_local(self) -> bool:
        """Whether only this machine's own people can open it."""
        return is_local(urlsplit(self.public).netloc)

    def of_service(self, name: str) -> dict[str, str]:
        """Return the variables by which JupyterHub tells a service who it is and where the hub is.

        Parameters
        ----------
        name
            ``PORTAL`` or ``SERVICE``.
        """
        token, url = {PORTAL: (self.portal_token, self.portal), SERVICE: (self.service_token, self.service)}[
            name
        ]
        prefix = prefix_of(name)
        access = json.dumps(["access:services", f"access:services!service={name}"])
        return {
            "JUPYTERHUB_API_TOKEN": token,
            "JUPYTERHUB_API_URL": f"{self.hub}/hub/api",
            "JUPYTERHUB_BASE_URL": "/",
            "JUPYTERHUB_CLIENT_ID": f"service-{name}",
            "JUPYTERHUB_HOST": "",
            "JUPYTERHUB_OAUTH_CALLBACK_URL": f"{prefix}oauth_callback",
            "JUPYTERHUB_OAUTH_ACCESS_SCOPES": access,
            "JUPYTERHUB_OAUTH_SCOPES": access,
            "JUPYTERHUB_OAUTH_CLIENT_ALLOWED_SCOPES": "[]",
            "JUPYTERHUB_SERVICE_NAME": name,
            "JUPYTERHUB_SERVICE_PREFIX": prefix,
            "JUPYTERHUB_SERVICE_URL": url,
        }


_VARIABLES = {
    "public": "AURORA_PUBLIC_URL",
    "proxy": "AURORA_PROXY_URL",
    "hub": "AURORA_HUB_URL",
    "portal": "AURORA_PORTAL_URL",
    "service": "AURORA_SERVICE_ORIGIN",
    "proxy_token": "CONFIGPROXY_AUTH_TOKEN",
    "portal_token": "AURORA_PORTAL_TOKEN",
    "service_token": "AURORA_SERVICE_TOKEN",
    "keeper_token": "AURORA_KEEPER_TOKEN",
    "state": "AURORA_STATE",
}


def is_local(host: str) -> bool:
    """Return whether a host, with or without a port, is this machine as only its own people name it."""
    return re.fullmatch(r"(127\.0\.0\.1|\[::1\]|localhost)(:\d+)?", host) is not None


def prefix_of(name: str) -> str:
    """Return the path a service is served under."""
    return f"/services/{name}/"


def from_environment(environment: Mapping[str, str] | None = None) -> Wiring:
    """Read the wiring that ``aurora hub``, or whoever starts the parts, has put in the environment.

    Raises
    ------
    WiringInvalid
        Something is missing; all of it is named.
    """
    found = os.environ if environment is None else environment
    missing = [variable for variable in _VARIABLES.values() if not found.get(variable)]
    if missing:
        raise WiringInvalid(
            f"The hub has to be told where its parts are, by {', '.join(missing)}; `aurora hub` does so."
        )
    values = {field: found[variable].rstrip("/") for field, variable in _VARIABLES.items()}
    return Wiring(**{**values, "public": f"{values['public']}/", "state": Path(values["state"])})  # type: ignore[arg-type]
