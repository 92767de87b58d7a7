"""The log-in of the demo, inside JupyterHub."""

from __future__ import annotations

import hmac
from typing import Any

from jupyterhub.auth import Authenticator
from traitlets import Dict


class DemoAuthenticator(Authenticator):  # type: ignore[misc]  # JupyterHub has no types
    """Knows the demo's accounts."""

    accounts: Any = Dict(config=True, help="The accounts by name.")

    async def authenticate(self, _: Any, data: dict[str, str]) -> dict[str, object] | None:
        """Return who it is, if the password is theirs."""
        name = self.normalize_username(data.get("username", ""))
        account = self.accounts.get(name)
        given = data.get("password", "").encode("utf-8", "surrogatepass")
        if account is None or not hmac.compare_digest(account.password.encode(), given):
            return None
        return {"name": name, "groups": list(account.groups)}
