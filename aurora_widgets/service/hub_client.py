"""The hub's word on a token, for the query service and the portal alike.

A token is asked about once a minute. While the hub can't be reached its last word holds for a
while, so that a restart of the hub stops nobody's work.
"""

from __future__ import annotations

import asyncio
import time
from typing import Any, Final

from jupyterhub.services.auth import HubOAuth
from tornado.web import HTTPError

from aurora_widgets.errors import ServiceUnavailable

PATIENCE_SECONDS: Final = 10
_FRESH_SECONDS: Final = 60
_OUTAGE_SECONDS: Final = 600
"""For how long the hub's last word on a token holds while the hub can't be asked."""
_AGAIN_SECONDS: Final = 5
"""After which a hub that did not answer is asked again."""
_MOST_KNOWN: Final = 4096
_WATCHES: Final = "read:metrics"


class PatientHub(HubOAuth):  # type: ignore[misc]  # JupyterHub has no types
    """JupyterHub's client, which remembers the hub's last word on each token."""

    def __init__(self, **traits: Any) -> None:
        super().__init__(cache_max_age=_FRESH_SECONDS, **traits)
        self._known: dict[str, tuple[float, dict[str, Any]]] = {}
        self._again_at = 0.0

    async def model(self, token: str, session_id: str = "") -> dict[str, Any] | None:
        """Return whose token it is, as the hub tells it; ``None`` where it is nobody's (any more).

        Raises
        ------
        ServiceUnavailable
            The hub does not answer, and has not vouched for this token lately.
        """
        found: dict[str, Any] | None = await self.user_for_token(token, session_id=session_id, sync=False)
        return found

    async def watches(self, token: str) -> bool:
        """Return whether a token is good for the figures, by the scope that the hub's own figures ask for.

        Raises
        ------
        ServiceUnavailable
        """
        found = await self.model(token)
        return found is not None and _WATCHES in found["scopes"]

    async def _check_hub_authorization(
        self, url: str, api_token: str, cache_key: str = "", use_cache: bool = True
    ) -> dict[str, Any] | None:
        if time.monotonic() < self._again_at and cache_key in self._known and cache_key not in self.cache:
            # It failed a moment ago: who is known does not wait for it again. Who is not must, for a hub
            # that is slow while a crowd logs in is not away.
            return self._last_word(cache_key)
        found: dict[str, Any] | None
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                found = await super()._check_hub_authorization(url, api_token, cache_key, use_cache)
        except (HTTPError, TimeoutError):
            self._again_at = time.monotonic() + _AGAIN_SECONDS
            return self._last_word(cache_key)
        self._known.pop(cache_key, None)
        if found is not None:
            while len(self._known) >= _MOST_KNOWN:
                del self._known[next(iter(self._known))]  # the one that was not used for longest
            self._known[cache_key] = (time.monotonic(), found)
        return found

    def _last_word(self, cache_key: str) -> dict[str, Any]:
        since, model = self._known.get(cache_key, (0.0, None))
        if model is None or time.monotonic() - since > _OUTAGE_SECONDS:
            raise ServiceUnavailable(
                "Log-ins can't be checked at the moment; try again in a few seconds."
            ) from None
        return model
