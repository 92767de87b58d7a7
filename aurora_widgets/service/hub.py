"""Who asks, by the word of JupyterHub: its tokens, and its log-in for browsers that fetch a file.

A token is asked about once a minute. While the hub can't be reached its last word holds for a
while, so that a restart of the hub stops nobody's work.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
import secrets
import time
from typing import TYPE_CHECKING, Any, Final

from fastapi import APIRouter, Request
from jupyterhub.httpclient import JupyterHubHTTPClient
from jupyterhub.services.auth import HubOAuth
from starlette.responses import RedirectResponse, Response
from tornado.httputil import url_concat
from tornado.web import HTTPError, create_signed_value, decode_signed_value

from aurora_widgets.errors import AuroraError, Forbidden, ServiceUnavailable
from aurora_widgets.service.auth import User, expired

if TYPE_CHECKING:
    from aurora_widgets.service.auth import Browsers

_TOKEN = re.compile(r"[!-~]{1,512}")
_FRESH_SECONDS: Final = 60
_OUTAGE_SECONDS: Final = 600
"""For how long the hub's last word on a token holds while the hub can't be asked."""
_PATIENCE_SECONDS: Final = 5
_AGAIN_SECONDS: Final = 5
"""After which a hub that did not answer is asked again."""
_MOST_KNOWN: Final = 4096
_LOGIN_SECONDS: Final = 600
_COOKIE_DAYS: Final = 14  # as the hub's own; the token in it may end sooner
_PAGES: Final = frozenset({"GET", "HEAD"})


class HubIdentity:
    """The hub's word on whose token it is, by the environment of a service of the hub."""

    def __init__(self) -> None:
        self._hub = HubOAuth(cache_max_age=_FRESH_SECONDS)
        self._known: dict[bytes, tuple[float, User]] = {}
        self._again_at = 0.0
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
        if not _TOKEN.fullmatch(token):
            raise expired()
        key = hashlib.sha256(token.encode()).digest()
        try:
            model = await self._model(token)
        except ServiceUnavailable:
            since, user = self._known.get(key, (0.0, None))
            if user is None or time.monotonic() - since > _OUTAGE_SECONDS:
                raise
            return user
        self._known.pop(key, None)
        if model is None:
            raise expired()
        if model["kind"] != "user" or not self._hub.check_scopes(self._hub.access_scopes, model):
            raise Forbidden("This token is not good for the query service; use one of your own session.")
        user = User(str(model["name"]), frozenset(model.get("groups") or ()))
        while len(self._known) >= _MOST_KNOWN:
            del self._known[next(iter(self._known))]  # the one that was not used for longest
        self._known[key] = (time.monotonic(), user)
        return user

    async def _model(self, token: str) -> dict[str, Any] | None:
        """Ask the hub, unless it failed a moment ago: then nobody waits for it again."""
        if time.monotonic() < self._again_at:
            raise _unavailable()
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                found: dict[str, Any] | None = await self._hub.user_for_token(token, sync=False)
                return found
        except (HTTPError, TimeoutError):
            self._again_at = time.monotonic() + _AGAIN_SECONDS
            raise _unavailable() from None

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

    def __init__(self, hub: HubOAuth) -> None:
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
                async with asyncio.timeout(_PATIENCE_SECONDS):
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


def _unavailable() -> ServiceUnavailable:
    return ServiceUnavailable("Log-ins can't be checked at the moment; try again in a few seconds.")


def _unfinished() -> AuroraError:
    return Forbidden("The log-in was not finished, or took too long; open the link again.")
