"""Who asks, by the word of JupyterHub: its tokens, and its log-in for browsers that fetch a file."""

from __future__ import annotations

import asyncio
import hashlib
import re
import secrets
from typing import TYPE_CHECKING, Final

from fastapi import APIRouter, Request
from jupyterhub.httpclient import JupyterHubHTTPClient
from starlette.responses import RedirectResponse, Response
from tornado.httputil import url_concat
from tornado.web import HTTPError, create_signed_value, decode_signed_value

from aurora_widgets.errors import AuroraError, Forbidden
from aurora_widgets.service.auth import User, expired
from aurora_widgets.service.hub_client import PATIENCE_SECONDS, PatientHub

if TYPE_CHECKING:
    from aurora_widgets.service.auth import Browsers

_TOKEN = re.compile(r"[!-~]{1,512}")
_LOGIN_SECONDS: Final = 600
_COOKIE_DAYS: Final = 14  # as the hub's own; the token in it may end sooner
_PAGES: Final = frozenset({"GET", "HEAD"})


class HubIdentity:
    """The hub's word on whose token it is, by the environment of a service of the hub."""

    def __init__(self) -> None:
        self._hub = PatientHub()
        self.browsers: Browsers | None = HubLogin(self._hub)

    async def user(self, token: str) -> User:
        """Return whose token it is, and their groups at the hub.

        Raises
        ------
        Unauthenticated
            The hub does not know it (any more).
        Forbidden
            It is good for something else.
        ServiceUnavailable
            The hub does not answer, and has not vouched for this token lately.
        """
        model = await self._hub.model(token) if _TOKEN.fullmatch(token) else None
        if model is None:
            raise expired()
        if model["kind"] != "user" or not self._hub.check_scopes(self._hub.access_scopes, model):
            raise Forbidden("This token is not good for the query service; use one of your own session.")
        return User(str(model["name"]), frozenset(model.get("groups") or ()))

    async def watches(self, token: str) -> bool:
        """Return whether a token is good for the figures: one with the scope of the hub's own."""
        return _TOKEN.fullmatch(token) is not None and await self._hub.watches(token)

    async def close(self) -> None:
        """Close the connections to the hub."""
        await JupyterHubHTTPClient.loop_instance().close()


class HubLogin:
    """The hub's OAuth for browsers: what fetches a file by a link has no token to send.

    The cookie holds the person's token, signed; it is sent to this service alone and to no
    script. It counts for reading by GET only: another site's page can't make anything happen
    by it.

    Parameters
    ----------
    hub
        The hub's client.
    """

    def __init__(self, hub: PatientHub) -> None:
        self._hub = hub
        self._key = hashlib.sha256(b"aurora cookies " + hub.api_token.encode()).hexdigest()

    def token(self, request: Request) -> str | None:
        """Return the token of the request's cookie, if it has a good one and may use it."""
        if request.method not in _PAGES:
            return None
        return self._read(request, self._hub.cookie_name, days=_COOKIE_DAYS)

    def wanted(self, request: Request) -> bool:
        """Whether a person is opening an address, who can be sent to log in."""
        navigates = request.headers.get("sec-fetch-mode", "navigate") == "navigate"
        return (
            request.method in _PAGES
            and navigates
            and "authorization" not in request.headers
            and "text/html" in request.headers.get("accept", "")
        )

    def login(self, request: Request) -> Response:
        """Send a browser to the hub, to come back to what it asked for."""
        verifier, challenge, method = self._hub.generate_pkce_code_challenge()
        state = secrets.token_urlsafe(16)
        asked = {"state": state, "code_challenge": challenge, "code_challenge_method": method}
        answer = RedirectResponse(url_concat(self._hub.login_url, asked), 302)
        back = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        self._write(answer, request, self._state_cookie(state), f"{state} {verifier} {back}", _LOGIN_SECONDS)
        return answer

    def routes(self) -> APIRouter:
        """Return where the hub sends browsers back to."""
        router = APIRouter()

        @router.get("/oauth_callback", include_in_schema=False)
        async def callback(request: Request) -> Response:
            state = request.query_params.get("state", "")
            name = self._state_cookie(state)
            given, _, rest = (self._read(request, name, days=1) or "").partition(" ")
            verifier, _, back = rest.partition(" ")
            code = request.query_params.get("code", "")
            if not code or not given or not secrets.compare_digest(given.encode(), state.encode()):
                raise _unfinished()
            try:
                async with asyncio.timeout(PATIENCE_SECONDS):
                    token = await self._hub.token_for_code(code, code_verifier=verifier, sync=False)
            except (HTTPError, TimeoutError):
                raise _unfinished() from None
            answer = RedirectResponse(back, 302)
            self._write(answer, request, self._hub.cookie_name, token)
            answer.delete_cookie(name, path=self._hub.cookie_path)
            return answer

        return router

    def _state_cookie(self, state: str) -> str:
        # One for each log-in that is under way, as two tabs may come at once.
        return f"{self._hub.state_cookie_name}-{re.sub('[^A-Za-z0-9_-]', '', state)[:8]}"

    def _read(self, request: Request, name: str, *, days: float) -> str | None:
        value = decode_signed_value(self._key, name, request.cookies.get(name, ""), max_age_days=days)
        return None if value is None else value.decode("utf-8", "replace")

    def _write(
        self, answer: Response, request: Request, name: str, value: str, seconds: int | None = None
    ) -> None:
        forwarded = request.headers.get("x-forwarded-proto", request.url.scheme)
        answer.set_cookie(
            name,
            create_signed_value(self._key, name, value).decode(),
            max_age=seconds,
            path=self._hub.cookie_path,
            secure=forwarded.partition(",")[0].strip() == "https",
            httponly=True,
            samesite="lax",
        )


def _unfinished() -> AuroraError:
    return Forbidden("The log-in was not finished, or took too long; open the link again.")
