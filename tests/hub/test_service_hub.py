"""Who may ask the query service, by the word of a real hub."""

from __future__ import annotations

import asyncio
import base64
import hashlib
from collections.abc import Awaitable, Callable, Iterator
from urllib.parse import urlsplit

import httpx
import pytest
from hub_lab import Hub, port_of
from relay import Relay, relay

from aurora_widgets import Explorer, connect
from aurora_widgets.errors import Forbidden, ServiceUnavailable, Unauthenticated
from aurora_widgets.query import Query
from aurora_widgets.service import hub_client
from aurora_widgets.service.auth import User
from aurora_widgets.service.hub import HubIdentity

ACCESS, GROUPS, NAME = "access:services!service=aurora", "read:users:groups!user", "read:users:name!user"
OPENS = {"Accept": "text/html,application/xhtml+xml", "Sec-Fetch-Mode": "navigate"}
QUESTION = {"query": {"version": 1, "table": "airlines", "steps": []}}


def inside(hub: Hub) -> str:
    return f"{hub.inside('service')}/services/aurora"


def token_of(analyst: httpx.Client, *scopes: str, seconds: int = 600) -> dict[str, str]:
    """Mint a token as an analyst may at the hub; gives its ``token`` and ``id``."""
    asked = {"scopes": list(scopes), "expires_in": seconds}
    headers = {"X-XSRFToken": xsrf(analyst), "Referer": f"{analyst.base_url}hub/token"}
    made = analyst.post("hub/api/users/analyst/tokens", json=asked, headers=headers)
    assert made.status_code == 201, made.text
    return made.json()


def revoke(analyst: httpx.Client, token: dict[str, str]) -> None:
    headers = {"X-XSRFToken": xsrf(analyst), "Referer": f"{analyst.base_url}hub/token"}
    gone = analyst.delete(f"hub/api/users/analyst/tokens/{token['id']}", headers=headers)
    assert gone.status_code == 204, gone.text


def xsrf(person: httpx.Client) -> str:
    return next(
        cookie.value or ""
        for cookie in person.cookies.jar
        if (cookie.name, cookie.path) == ("_xsrf", "/hub/")
    )


def opened(person: httpx.Client, hub: Hub) -> str:
    """Open an address of the service as a browser does, and return the token that its cookie holds."""
    answer = person.get("services/aurora/api/tables", headers=OPENS)
    assert answer.status_code == 200, answer.text
    assert answer.url == f"{hub.service}api/tables"
    signed = next(cookie for cookie in person.cookies.jar if cookie.name == "service-aurora")
    assert signed.path == "/services/aurora/"
    return base64.b64decode((signed.value or "").strip('"').split("|")[4].split(":")[1]).decode()


def test_an_analysts_token_asks_and_has_whole_results(hub: Hub) -> None:
    with hub.person("analyst") as analyst:
        token = token_of(analyst, ACCESS, GROUPS)["token"]
        client = connect(inside(hub), token)
        explorer = Explorer(client, query=Query("airlines"))
        assert explorer.state.status["state"] == "ready"
        assert explorer.to_arrow().num_rows == client.count(Query("airlines")).rows
        assert token not in explorer.code()
        client.close()
        log = hub.log.read_text()
        assert token not in log
        assert '"user": "analyst"' in log


def test_a_business_users_token_asks_for_pages_but_not_for_whole_results(hub: Hub) -> None:
    with hub.person("business") as business:
        headers = {"Authorization": f"Bearer {opened(business, hub)}"}
        assert httpx.post(f"{inside(hub)}/api/page", json=QUESTION, headers=headers).status_code == 200
        answer = httpx.post(f"{inside(hub)}/api/result", json=QUESTION, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (403, "FORBIDDEN")
        assert answer.json()["detail"] == "Whole results are for the group analysts."


def test_tokens_of_nobody_of_another_service_and_for_something_else_are_refused(hub: Hub) -> None:
    def asked(token: str) -> tuple[int, str]:
        answer = httpx.get(f"{inside(hub)}/api/tables", headers={"Authorization": f"Bearer {token}"})
        return answer.status_code, answer.json()["code"]

    with hub.person("analyst") as analyst:
        narrow, revoked = token_of(analyst, NAME), token_of(analyst, ACCESS)
        revoke(analyst, revoked)
    assert asked(narrow["token"]) == (403, "FORBIDDEN")
    assert asked(hub.secret("token_portal")) == (403, "FORBIDDEN")
    for nobody in (revoked["token"], "nonsense", "x" * 5000, "a b"):
        assert asked(nobody) == (401, "UNAUTHENTICATED")


def test_a_browser_that_opens_a_file_is_sent_to_log_in_and_back(hub: Hub) -> None:
    with hub.person("business") as business:
        opened(business, hub)
        again = business.get("services/aurora/api/tables/airlines", headers=OPENS, follow_redirects=False)
        assert again.status_code == 200
        by_script = business.get(
            "services/aurora/api/tables", headers={**OPENS, "Sec-Fetch-Mode": "cors"}, follow_redirects=False
        )
        assert by_script.status_code == 200
        posted = business.post("services/aurora/api/page", json=QUESTION, headers=OPENS)
        assert (posted.status_code, posted.json()["code"]) == (401, "UNAUTHENTICATED")


def test_the_cookie_goes_to_this_service_alone_and_to_no_script(hub: Hub) -> None:
    with httpx.Client(headers={**OPENS, "X-Forwarded-Proto": "https,http"}) as browser:
        sent = browser.get(f"{inside(hub)}/api/tables")
        assert sent.status_code == 302
        assert urlsplit(sent.headers["location"]).path == "/hub/api/oauth2/authorize"
        for part in ("HttpOnly", "Path=/services/aurora/", "SameSite=lax", "Secure"):
            assert part in sent.headers["set-cookie"]
    plain = httpx.get(f"{inside(hub)}/api/tables", headers=OPENS)
    assert "Secure" not in plain.headers["set-cookie"]


def test_a_log_in_that_this_browser_did_not_begin_is_refused(hub: Hub) -> None:
    for query in ("", "?code=x", "?code=x&state=y", "?state=y&error=access_denied"):
        answer = httpx.get(f"{inside(hub)}/oauth_callback{query}", headers=OPENS)
        assert (answer.status_code, answer.json()["code"]) == (403, "FORBIDDEN")
    with hub.person("business") as business:
        business.cookies.set(
            "service-aurora", "2|1:0|10:1|14:service-aurora|4:eHg=|00", path="/services/aurora/"
        )
        forged = business.get("services/aurora/api/tables", headers={"Accept": "application/json"})
        assert forged.status_code == 401


# ── the hub's word grows old, and the hub goes away


@pytest.fixture
def analyst(hub: Hub) -> Iterator[httpx.Client]:
    with hub.person("analyst") as found:
        yield found


def with_identity(
    hub: Hub, monkeypatch: pytest.MonkeyPatch, scenario: Callable[[HubIdentity, Relay], Awaitable[None]]
) -> None:
    """Run a scenario with the service's own word of the hub, whose answers are fresh for a second."""

    async def run(wire: Relay) -> None:
        for name, value in {
            "JUPYTERHUB_API_URL": f"http://127.0.0.1:{wire.port}/hub/api",
            "JUPYTERHUB_API_TOKEN": hub.secret("token_aurora"),
            "JUPYTERHUB_SERVICE_NAME": "aurora",
            "JUPYTERHUB_CLIENT_ID": "service-aurora",
        }.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(hub_client, "_FRESH_SECONDS", 1)
        monkeypatch.setattr(hub_client, "_AGAIN_SECONDS", 0.1)
        identity = HubIdentity()
        try:
            await scenario(identity, wire)
        finally:
            await identity.close()

    with relay(port_of(hub.inside("hub"))) as wire:
        asyncio.run(run(wire))


async def in_time(user: Callable[[], Awaitable[User]], refusal: type[Exception] | None) -> None:
    """Wait until a token is refused so, or is taken."""
    end = asyncio.get_running_loop().time() + 10
    while True:
        try:
            await user()
            found = None
        except (Forbidden, ServiceUnavailable, Unauthenticated) as error:
            found = type(error)
        if found is refusal:
            return
        assert asyncio.get_running_loop().time() < end, found
        await asyncio.sleep(0.05)


def test_a_token_that_is_revoked_while_it_is_used_ends(
    hub: Hub, analyst: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = token_of(analyst, ACCESS, GROUPS)

    async def scenario(identity: HubIdentity, _: Relay) -> None:
        assert await identity.user(token["token"]) == User("analyst", frozenset({"analysts"}))
        await asyncio.to_thread(revoke, analyst, token)
        await in_time(lambda: identity.user(token["token"]), Unauthenticated)

    with_identity(hub, monkeypatch, scenario)


def test_a_token_expires(hub: Hub, analyst: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    token = token_of(analyst, ACCESS, seconds=1)

    async def scenario(identity: HubIdentity, _: Relay) -> None:
        await in_time(lambda: identity.user(token["token"]), Unauthenticated)

    with_identity(hub, monkeypatch, scenario)


def test_while_the_hub_is_away_its_last_word_holds_and_strangers_are_told_to_come_back(
    hub: Hub, analyst: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    known, unknown = (token_of(analyst, ACCESS, GROUPS)["token"] for _ in range(2))

    async def scenario(identity: HubIdentity, wire: Relay) -> None:
        found = await identity.user(known)
        wire.cut()
        await in_time(lambda: identity.user(unknown), ServiceUnavailable)
        key = f"token::{hashlib.sha256(known.encode()).hexdigest()}"
        while key in identity._hub.cache:  # noqa: ASYNC110  its word is fresh still, and it tells nobody when not
            await asyncio.sleep(0.05)
        assert await identity.user(known) == found
        with pytest.raises(ServiceUnavailable) as refused:
            await identity.user(unknown)
        assert refused.value.retry_after == 5
        assert refused.value.detail == ("Log-ins can't be checked at the moment; try again in a few seconds.")
        monkeypatch.setattr(hub_client, "_OUTAGE_SECONDS", 0)
        await in_time(lambda: identity.user(known), ServiceUnavailable)
        wire.mend()
        await in_time(lambda: identity.user(unknown), None)

    with_identity(hub, monkeypatch, scenario)
