"""The whole of it behind nginx: real hub, real nginx as it is shipped, a real browser over TLS."""

from __future__ import annotations

import json
import re
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

import httpx
import pytest
from hub_lab import Hub, port_of, running, sign_in
from nginx_lab import NAME, Door, nginx
from playwright.sync_api import Browser, Page, expect
from windows import CHROMIUM, FLAGS

CONFIG = """\
from aurora_widgets.portal import hub

c = get_config()
c.JupyterHub.authenticator_class = "dummy"  # whoever knows the one password is whoever they say
c.DummyAuthenticator.password = "for-this-test"
c.DummyAuthenticator.allowed_users = {"business", "operator"}
c.DummyAuthenticator.post_auth_hook = lambda authenticator, handler, model: (
    {**model, "groups": ["operators"]} if model["name"] == "operator" else model
)
hub.configure(c, analysts=())
"""


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    """A portal whose people come from elsewhere: the demo's accounts are for its own machine alone."""
    folder = tmp_path_factory.mktemp("served")
    (folder / "config.py").write_text(CONFIG)
    with running(folder, "--config", str(folder / "config.py")) as found:
        yield replace(found, passwords=dict.fromkeys(("business", "operator"), "for-this-test"))


@pytest.fixture(scope="module")
def door(hub: Hub, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    with nginx(tmp_path_factory.mktemp("nginx"), port_of(hub.url)) as found:
        yield found


class Named(httpx.HTTPTransport):
    """Speaks with 127.0.0.1 as if a name server had said so."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.extensions["sni_hostname"] = NAME
        request.headers["Host"] = f"{NAME}:{request.url.port}"
        return super().handle_request(request)


@pytest.fixture
def person(hub: Hub, door: Door) -> Iterator[httpx.Client]:
    """An operator, who lands on no page that would stay open, logged in through nginx."""
    transport = Named(verify=door.context)
    url = f"https://127.0.0.1:{door.tls}/"
    with httpx.Client(transport=transport, base_url=url, follow_redirects=True, timeout=30) as client:
        assert sign_in(client, "operator", hub.passwords["operator"]).status_code == 200
        yield client


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    mapped = f"--host-resolver-rules=MAP {NAME} 127.0.0.1"
    browser = chromium.browser_type.launch(executable_path=CHROMIUM, args=[*FLAGS, mapped])
    found = browser.new_context(ignore_https_errors=True).new_page()
    yield found
    browser.close()


def lines(door: Door) -> list[dict[str, object]]:
    return [json.loads(line) for line in (door.folder / "access.log").read_text().splitlines()]


def test_the_hubs_session_is_what_nginx_takes_for_one(person: httpx.Client) -> None:
    (cookie,) = [one for one in person.cookies.jar if one.name == "jupyterhub-session-id"]
    assert re.fullmatch("[0-9a-f]{32}", cookie.value or "")
    assert (cookie.path, cookie.secure) == ("/", True)


def test_a_person_who_logged_in_has_a_bucket_of_their_own(person: httpx.Client, door: Door) -> None:
    crowd = httpx.Client(transport=Named(verify=door.context), base_url=str(person.base_url))
    start = time.monotonic()
    with crowd:
        assert all(crowd.get("hub/login").status_code == 200 for _ in range(25))
    assert time.monotonic() - start > 0.4, "the address has used up what it may ask at once before log-in"
    start = time.monotonic()
    assert person.get("hub/logo").status_code == 200
    assert time.monotonic() - start < 5


def test_every_cookie_is_for_tls_alone(person: httpx.Client) -> None:
    person.get("services/portal/ended/00000000-0000-4000-8000-000000000000")
    secure = {cookie.name: cookie.secure for cookie in person.cookies.jar}
    assert {"_xsrf", "jupyterhub-hub-login", "service-portal"} <= set(secure)
    assert set(secure.values()) == {True}


def test_figures_are_not_for_a_person_who_logged_in_either(person: httpx.Client) -> None:
    for path in (
        "services/aurora/metrics",
        "services/portal/metrics",
        "services/aurora/healthz",
        "hub/metrics",
    ):
        assert person.get(path).status_code == 404


def test_a_page_opens_through_nginx_and_no_limit_is_in_its_way(hub: Hub, door: Door, page: Page) -> None:
    failed: list[str] = []
    page.on("pageerror", lambda error: failed.append(str(error)))
    page.goto(f"https://{NAME}:{door.tls}/")
    page.get_by_label("Name").fill("business")
    page.get_by_label("Password", exact=True).fill(hub.passwords["business"])
    page.get_by_role("button", name="Sign in").click()
    expect(page.locator(".aurora").first).to_be_visible(timeout=60_000)
    before = len(lines(door))
    page.reload()
    expect(page.locator(".aurora").first).to_be_visible(timeout=60_000)
    assert page.evaluate("performance.getEntriesByType('navigation')[0].nextHopProtocol") == "h2"
    loaded = lines(door)[before:]
    assert {line["status"] for line in loaded} <= {101, 200, 204, 302, 304}, loaded
    counted = [line for line in loaded if "/voila/" not in str(line["path"])]
    assert len(counted) <= 20, Counter(str(line["path"]) for line in counted)
    page.goto("about:blank")  # a websocket is logged when it ends
    sockets = [line for line in lines(door) if str(line["path"]).endswith("/channels")]
    assert sockets
    assert {line["status"] for line in sockets} == {101}
    assert failed == []
