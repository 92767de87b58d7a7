"""Log-ins inside JupyterHub: what each has whoever knows the people, and those of the demo."""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING, Any

from jupyterhub.app import JupyterHub
from jupyterhub.auth import Authenticator
from jupyterhub.handlers.login import LogoutHandler
from jupyterhub.utils import new_token
from tornado.web import HTTPError
from traitlets import Dict

from aurora_widgets.portal.hub_wiring import is_local

if TYPE_CHECKING:
    import logging

_LOGOUT = "/logout"


class Logins:
    """Goes before an authenticator among the bases of a class."""

    log: logging.Logger

    async def get_authenticated_user(self, handler: Any, data: Any) -> Any:
        """Return who logs in; say so where what knows the people is away, or fails in another way.

        Raises
        ------
        HTTPError
        """
        try:
            return await super().get_authenticated_user(handler, data)  # type: ignore[misc]
        except HTTPError:
            raise
        except Exception as error:  # whatever a provider's library raises
            self.log.exception("A log-in could not be checked")
            raise HTTPError(
                503, "Log-ins can't be checked at the moment; try again in a few minutes."
            ) from error

    async def run_post_auth_hook(self, handler: Any, auth_model: Any) -> Any:
        """Leave people's groups as the hub has them, where the log-in tells of none.

        JupyterHub would answer such a log-in with an error: it takes the silence for a mistake.
        """
        model = await super().run_post_auth_hook(handler, auth_model)  # type: ignore[misc]
        if model and model.get("groups") is None:
            known = handler.find_user(model["name"])
            model = model | {"groups": [group.name for group in known.groups] if known else []}
        return model

    def get_handlers(self, app: Any) -> list[Any]:
        """Return the authenticator's addresses, with a log-out that no cookie outlives."""
        given: list[Any] = super().get_handlers(app)  # type: ignore[misc]
        base = next((entry[1] for entry in given if entry[0] == _LOGOUT), LogoutHandler)

        class Leaving(base):  # type: ignore[misc, valid-type]
            """A log-out."""

            async def default_handle_logout(self) -> None:
                """Log out, and forget what the hub's cookies of this person know them by: stolen ones too."""
                user = self.current_user
                await super().default_handle_logout()
                if user is not None:
                    user.orm_user.cookie_id = new_token()
                    self.db.commit()

        return [(_LOGOUT, Leaving), *given]  # the first that fits is taken


def with_logins(chosen: Any) -> Any:
    """Return an authenticator, named as JupyterHub does or given as a class, with all that is above."""
    base = JupyterHub.class_traits()["authenticator_class"].validate(None, chosen)
    if issubclass(base, Logins):
        return base
    return type(f"Portal{base.__name__}", (Logins, base), {"__module__": __name__})


class DemoAuthenticator(Logins, Authenticator):  # type: ignore[misc]  # JupyterHub has no types
    """Knows the demo's accounts."""

    accounts: Any = Dict(config=True, help="The accounts by name.")

    async def authenticate(self, handler: Any, data: dict[str, str]) -> dict[str, object] | None:
        """Return who it is, if the password is theirs.

        Raises
        ------
        HTTPError
            A browser takes this for another site's, whose owner has pointed its name here: its page could
            read the passwords.
        """
        if not is_local(handler.request.host):
            here = self.config.JupyterHub.bind_url
            raise HTTPError(403, f"The demo accounts are for this machine alone: open {here}")
        name = self.normalize_username(data.get("username", ""))
        account = self.accounts.get(name)
        given = data.get("password", "").encode("utf-8", "surrogatepass")
        if account is None or not hmac.compare_digest(account.password.encode(), given):
            return None
        return {"name": name, "groups": list(account.groups)}
