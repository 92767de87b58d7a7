"""Who may do what at the hub, how one gets in, and what a log-out ends."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import psutil
import pytest
from hub_lab import METRICS_TOKEN, Hub, eventually, sign_in


@pytest.fixture
def stranger(hub: Hub) -> Iterator[httpx.Client]:
    """Somebody who has not logged in."""
    with httpx.Client(base_url=hub.url, follow_redirects=True, timeout=30) as client:
        yield client


def xsrf(client: httpx.Client) -> dict[str, str]:
    """The header that the hub's own pages send along."""
    return {"X-XSRFToken": re.search(r'xsrf_token: "([^"]+)"', client.get("hub/home").text)[1]}  # type: ignore[index]


def landing(client: httpx.Client) -> str:
    """Where the hub sends somebody who comes without saying where to."""
    return str(client.get("hub/", follow_redirects=False).headers["location"])


def test_each_lands_where_their_work_is(hub: Hub) -> None:
    with hub.person("business") as client:
        assert landing(client) == "/services/portal/"
    with hub.person("operator") as client:
        assert landing(client) == "/hub/home"
    with hub.person("analyst") as client:
        assert landing(client).startswith(("/hub/spawn", "/user/analyst/"))


def test_an_address_that_leads_nowhere_leads_back(hub: Hub) -> None:
    with hub.person("business") as client:
        answer = client.get("hub/nothing")
    assert answer.status_code == 404
    assert "There is nothing at this address" in answer.text
    assert '<a href="/services/portal/">To the portal</a>' in answer.text
    assert "moons" not in answer.text


def test_a_wrong_password_is_told_in_a_sentence_and_tells_nothing_else(
    hub: Hub, stranger: httpx.Client
) -> None:
    for name in ("business", "nobody", "ädä", "x" * 500):
        answer = sign_in(stranger, name, "wrong")
        assert answer.status_code == 403
        assert (
            "This name and password don't belong together. Check both and try again."
            in answer.text.replace("&#39;", "'")
        )
    answer = sign_in(stranger, "business", hub.passwords["analyst"])
    assert answer.status_code == 403


@pytest.mark.parametrize("host", ["evil.example:8000", "127.0.0.1.evil.example", "[::1].evil"])
def test_a_page_of_another_host_that_leads_here_logs_nobody_in(
    hub: Hub, stranger: httpx.Client, host: str
) -> None:
    """A name that its owner points at 127.0.0.1: a browser then takes the portal for a part of that site."""
    stranger.headers["Host"] = host
    answer = sign_in(stranger, "analyst", hub.passwords["analyst"])
    assert answer.status_code == 403
    assert f"open {hub.url}" in answer.text


@pytest.mark.parametrize("host", ["localhost:8000", "127.0.0.1", "[::1]:8000"])
def test_the_machine_s_own_names_are_fine(hub: Hub, stranger: httpx.Client, host: str) -> None:
    stranger.headers["Host"] = host
    assert sign_in(stranger, "operator", hub.passwords["operator"]).status_code == 200


def test_nobody_gets_past_the_log_in(hub: Hub, stranger: httpx.Client) -> None:
    for path in ("services/portal/", "hub/home", "hub/admin", "user/analyst/lab"):
        assert "/hub/login" in str(stranger.get(path).url)
    assert stranger.get("services/aurora/api/tables").status_code == 401
    assert stranger.get("hub/metrics").status_code == 403


@pytest.mark.parametrize("name", ["business", "operator"])
def test_who_is_no_analyst_starts_no_server_and_makes_no_token(hub: Hub, name: str) -> None:
    with hub.person(name) as client:
        assert client.get("hub/spawn").status_code == 403
        head = xsrf(client)
        assert client.post(f"hub/api/users/{name}/server", headers=head).status_code == 403
        assert client.post(f"hub/api/users/{name}/tokens", headers=head).status_code in {403, 404}
        assert client.get("user/analyst/lab").status_code in {403, 404}
        assert client.post("hub/api/shutdown", headers=head, json={}).status_code == 403


def test_an_operator_looks_and_a_business_user_does_not(hub: Hub) -> None:
    with hub.person("operator") as client:
        assert client.get("hub/admin").status_code == 200
        assert {user["name"] for user in client.get("hub/api/users").json()} == {
            "business",
            "analyst",
            "operator",
        }
        assert "jupyterhub_active_users" in client.get("hub/metrics").text
        assert client.delete("hub/api/users/business", headers=xsrf(client)).status_code in {403, 404}
    with hub.person("business") as client:
        assert client.get("hub/admin").status_code == 403
        assert client.get("hub/api/users").status_code == 403
        assert client.get("hub/metrics").status_code == 403


def test_a_log_out_ends_the_portal_s_and_the_service_s_doors_too(hub: Hub) -> None:
    # Each look at the portal opens a page, so this is nobody who has to open one in another test.
    with hub.person("operator") as client:
        assert client.get("services/portal/").url == hub.portal
        assert client.get("services/aurora/api/tables", headers={"Accept": "text/html"}).is_success
        kept = httpx.Cookies()
        for cookie in client.cookies.jar:
            if cookie.path.startswith("/services/"):  # the hub's own one is gone from the browser
                kept.jar.set_cookie(cookie)
        client.get("hub/logout")
        for path in ("services/portal/", "hub/home"):
            assert "/hub/login" in str(client.get(path).url)

    # A tab that stayed open has a minute at most: so long the services remember what the hub said of a token.
    with httpx.Client(base_url=hub.url, cookies=kept, follow_redirects=True, timeout=30) as tab:
        eventually(lambda: "/hub/login" in str(tab.get("services/portal/").url), "the portal is closed", 75)
        asked = {"Accept": "text/html"}
        eventually(
            lambda: "/hub/login" in str(tab.get("services/aurora/api/tables", headers=asked).url),
            "the service is closed",
            75,
        )


def test_a_log_out_ends_what_was_copied_of_the_log_in(hub: Hub) -> None:
    with (
        hub.person("operator") as client,
        httpx.Client(base_url=hub.url, cookies=client.cookies, follow_redirects=True, timeout=30) as thief,
    ):
        assert "operator" in thief.get("hub/home").text
        client.get("hub/logout")
        assert "/hub/login" in str(thief.get("hub/home").url)
        assert "/hub/login" in str(thief.get("services/portal/").url)


def test_a_stranger_s_log_out_logs_nobody_out(hub: Hub, stranger: httpx.Client) -> None:
    with hub.person("operator") as client:
        stranger.get("hub/logout")
        assert "operator" in client.get("hub/home").text


FIGURES = {
    "hub/metrics": "jupyterhub_active_users",
    "services/portal/metrics": "aurora_portal_kernel_count",
    "services/aurora/metrics": "db_pool_size",
}


@pytest.mark.parametrize(("path", "figure"), FIGURES.items())
def test_the_token_for_figures_is_good_for_all_of_them_from_elsewhere(
    hub: Hub, stranger: httpx.Client, path: str, figure: str
) -> None:
    told = stranger.get(path, headers={"Authorization": f"Bearer {METRICS_TOKEN}"})
    assert told.status_code == 200, told.text
    assert figure in told.text
    assert METRICS_TOKEN not in hub.log.read_text()
    for other in ("", "Bearer nonsense", f"Bearer {hub.secret('token_portal')}"):
        refused = stranger.get(path, headers={"Authorization": other})
        assert refused.status_code in {401, 403, 404}
        assert figure not in refused.text


def test_the_token_for_figures_is_good_for_nothing_else(hub: Hub, stranger: httpx.Client) -> None:
    stranger.headers["Authorization"] = f"Bearer {METRICS_TOKEN}"
    for path in ("hub/api/users", "hub/api/services", "hub/api/proxy", "services/aurora/api/tables"):
        assert stranger.get(path).status_code == 403, path
    assert "kernelId" not in stranger.get("services/portal/").text
    assert stranger.post("hub/api/users/business/tokens", json={}).status_code in {403, 404}


def test_an_operator_may_look_at_the_service_s_figures(hub: Hub) -> None:
    with hub.person("operator") as client:
        assert client.get("services/aurora/api/tables", headers={"Accept": "text/html"}).is_success
        assert "db_pool_size" in client.get("services/aurora/metrics").text


@pytest.mark.parametrize("name", ["business", "analyst"])
def test_who_is_no_operator_sees_no_figures(hub: Hub, name: str) -> None:
    with hub.person(name) as client:
        assert client.get("services/aurora/api/tables", headers={"Accept": "text/html"}).is_success
        for path in FIGURES:
            assert client.get(path).status_code in {403, 404}, path


def test_no_cookie_and_no_link_is_in_the_log(hub: Hub) -> None:
    with hub.person("operator") as client:
        client.get("services/portal/", params={"q": "a-question-of-mine"})
        assert client.get("services/aurora/api/tables", headers={"Accept": "text/html"}).is_success
        client.get("hub/admin")
        cookies = {cookie.name: cookie.value or "" for cookie in client.cookies.jar}
    assert {"_xsrf", "jupyterhub-session-id", "service-portal", "service-aurora"} <= set(cookies)
    said = hub.log.read_text()
    assert '"path": "/services/portal/"' in said
    assert [name for name, value in cookies.items() if value.strip('"') in said] == []
    assert "a-question-of-mine" not in said


def test_no_page_of_the_hub_loads_from_elsewhere(hub: Hub, stranger: httpx.Client) -> None:
    with hub.person("operator") as operator:
        pages = [stranger.get("hub/login"), operator.get("hub/home"), operator.get("hub/admin")]
    for page in pages:
        assert "<title>Aurora" in page.text
        assert "default-src 'self'" in page.headers["content-security-policy"]
        assert not re.search(r"(?:src|href)=\"(?:https?:)?//", page.text)


def test_what_the_operator_s_environment_holds_reaches_the_hub_alone(hub: Hub) -> None:
    """The session's hub was started with this variable (see conftest)."""
    with hub.person("business") as client:
        assert client.get("services/portal/").is_success
    holders = set()
    for process in psutil.Process(hub.process.pid).children(recursive=True):
        shown = Path(f"/proc/{process.pid}/environ").read_bytes()
        if b"WAREHOUSE_PASSWORD=not-for-kernels" in shown or METRICS_TOKEN.encode() in shown:
            holders.add(" ".join(process.cmdline()))
    assert [words for words in holders if "jupyterhub -f" not in words] == []
