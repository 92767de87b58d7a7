"""The life of pages and their kernels: how many, how long, and what is said when one ends."""

from __future__ import annotations

import contextlib
import json
import re
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import psutil
import pytest
from hub_lab import Hub, close_page, eventually, sign_in
from portal_lab import BROWSER, Person, lives, message, person, portal, refused_with


@pytest.fixture(scope="module")
def logged_in(hub: Hub) -> Iterator[Person]:
    with person(hub, "business") as someone:
        yield someone


@pytest.fixture
def bob(logged_in: Person) -> Iterator[Person]:
    yield logged_in
    logged_in.close_all()


def figure(url: str, name: str) -> float:
    """A figure of a portal, as Prometheus reads it."""
    found = re.search(rf"^{re.escape(name)} (\S+)$", httpx.get(url + "metrics").text, re.MULTILINE)
    return float(found[1]) if found else 0.0


def direct(hub: Hub) -> str:
    """The hub's portal as a process of this machine reaches it."""
    return hub.inside("portal") + "/services/portal/"


@pytest.fixture(scope="module")
def crowded(hub: Hub, logged_in: Person, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A portal where a person may have many pages, and all together forty."""
    with portal(hub, tmp_path_factory.mktemp("crowded"), KERNELS_PER_USER=250, KERNELS_MAX=40) as url:
        yield url


@pytest.fixture(scope="module")
def hasty(hub: Hub, logged_in: Person, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A portal where pages end after moments."""
    with portal(hub, tmp_path_factory.mktemp("hasty"), KERNEL_IDLE_SECONDS=3, KERNEL_LEFT_SECONDS=1) as url:
        yield url


# ── how many


def test_the_fifth_page_of_a_person_is_refused_in_words_and_the_others_live_on(bob: Person) -> None:
    with contextlib.ExitStack() as stack:
        kernels = [bob.open() for _ in range(4)]
        for kernel in kernels:
            stack.enter_context(bob.connect(kernel))
        refusal = bob.get("?q=abc")
        assert refusal.status_code == 429
        assert refusal.headers["Content-Type"].startswith("text/html")
        assert refusal.headers["Retry-After"]
        assert "You have 4 pages of Aurora open" in refusal.text
        assert "Try again" in refusal.text
        assert bob.close(kernels.pop()).status_code == 204
        bob.open()
        assert lives(bob, kernels[0])


def test_a_page_that_is_loaded_again_does_not_count_twice(bob: Person) -> None:
    with contextlib.ExitStack() as stack:
        kernels = [bob.open() for _ in range(4)]
        connections = [stack.enter_context(bob.connect(kernel)) for kernel in kernels]
        with ThreadPoolExecutor() as other:  # a browser asks for the new page before it has left the old
            again = other.submit(bob.open)
            time.sleep(0.3)
            connections[0].close()
            bob.close(kernels[0])
            kernels.append(again.result())


def test_a_page_whose_browser_was_killed_makes_room_at_once(bob: Person) -> None:
    kernels = [bob.open() for _ in range(4)]
    for kernel in kernels:
        with bob.connect(kernel):
            pass
    kernels.append(bob.open())
    told = bob.get(f"ended/{kernels[0]}").json()
    assert told["reason"] == "replaced"


def test_two_hundred_page_loads_in_a_second_are_served_one_after_the_other_till_all_places_are_taken(
    bob: Person, crowded: str
) -> None:
    one = Person(bob.client, crowded)
    with ThreadPoolExecutor(200) as crowd:
        answers = list(crowd.map(lambda _: one.get(), range(200)))
    statuses = {status: sum(answer.status_code == status for answer in answers) for status in (200, 503)}
    assert statuses == {200: 40, 503: 160}
    for answer in answers:
        if answer.status_code == 200:
            assert "kernelId" in answer.text
            assert "aurora-stop" not in answer.text
        else:
            assert "All 40 places for open pages are taken" in answer.text
    assert httpx.get(crowded + "healthz").status_code == 503
    assert figure(crowded, 'aurora_portal_kernel_starts_total{outcome="started"}') == 40
    for answer in answers:
        close_page(one.client, answer)


# ── how long


def test_an_idle_page_is_ended_though_it_is_connected_and_says_why(bob: Person, hasty: str) -> None:
    one = Person(bob.client, hasty)
    kernel = one.open()
    with one.connect(kernel) as connection:
        assert '"execution_state": "dead"' in last_words(connection)
        assert connection.close_code == 1000
    told = one.get(f"ended/{kernel}").json()
    assert told["ended"] is True
    assert told["reason"] == "idle"
    assert "not used for a while" in told["detail"]
    assert figure(hasty, 'aurora_portal_kernel_ends_total{reason="idle"}') == 1


def test_a_page_that_is_used_is_not_idle(bob: Person, hasty: str) -> None:
    one = Person(bob.client, hasty)
    kernel = one.open()
    with one.connect(kernel) as connection:
        end = time.monotonic() + 6
        while time.monotonic() < end:
            connection.send(json.dumps(message("comm_msg", comm_id="none", data={})))
            with contextlib.suppress(TimeoutError):
                while True:
                    connection.recv(timeout=0.5)
        assert one.get(f"ended/{kernel}").json() == {"ended": False}


def test_a_page_that_lost_its_browser_ends_soon(bob: Person, hasty: str) -> None:
    one = Person(bob.client, hasty)
    came, never = one.open(), one.open()
    with one.connect(came):
        pass
    for kernel in (came, never):
        eventually(lambda kernel=kernel: one.get(f"ended/{kernel}").json()["ended"], "it has ended")
        assert one.get(f"ended/{kernel}").json()["reason"] == "closed"
    assert figure(hasty, "aurora_portal_kernel_count") == 0


def test_who_goes_away_while_the_page_is_made_leaves_no_kernel(hub: Hub, bob: Person) -> None:
    live = figure(direct(hub), "aurora_portal_kernel_count")
    for _ in range(3):
        with bob.client.stream("GET", bob.portal, headers=BROWSER) as answer:
            assert answer.status_code == 200
    eventually(lambda: figure(direct(hub), "aurora_portal_kernel_count") <= live, "no kernel is left", 70)


def test_closing_a_page_ends_its_process(hub: Hub, bob: Person) -> None:
    before = kernels_of(hub)
    kernel = bob.open()
    (process,) = kernels_of(hub) - before
    assert bob.close(kernel).status_code == 204
    eventually(lambda: not process.is_running() or process.status() == psutil.STATUS_ZOMBIE, "it has ended")


def test_a_killed_kernel_is_noticed_and_said(hub: Hub, bob: Person) -> None:
    before = kernels_of(hub)
    kernel = bob.open()
    (process,) = kernels_of(hub) - before
    with bob.connect(kernel) as connection:
        process.kill()
        assert '"execution_state": "dead"' in last_words(connection)
    assert bob.get(f"ended/{kernel}").json()["reason"] == "died"


@pytest.mark.parametrize("address", ["ended/{}", "api/kernels/{}"])
def test_a_page_s_script_may_ask_after_its_kernel_and_no_other_site_s(bob: Person, address: str) -> None:
    kernel = bob.open()
    asked = {"Accept": "application/json", "Sec-Fetch-Dest": "empty", "Sec-Fetch-Mode": "cors"}
    told = bob.get(address.format(kernel), headers=asked | {"Sec-Fetch-Site": "same-origin"})
    assert told.status_code == 200
    assert told.headers["Content-Type"].startswith("application/json")
    for site in ("cross-site", "same-site", "none"):
        refused = bob.get(
            address.format(kernel), headers=asked | {"Sec-Fetch-Site": site}, follow_redirects=False
        )
        assert refused.status_code in {302, 403}


def test_no_script_reads_a_whole_page(bob: Person) -> None:
    asked = {"Sec-Fetch-Dest": "empty", "Sec-Fetch-Mode": "cors", "Sec-Fetch-Site": "same-origin"}
    assert bob.get(headers=asked, follow_redirects=False).status_code in {302, 403}


def test_the_parent_of_all_kernels_may_die_and_pages_open_on(bob: Person, crowded: str) -> None:
    one = Person(bob.client, crowded)
    first = one.open()
    portal_process = next(
        process for process in psutil.Process().children() if "portal.app" in " ".join(process.cmdline())
    )
    (parent,) = [
        process for process in portal_process.children() if "portal.forked" in " ".join(process.cmdline())
    ]
    parent.kill()
    second = one.open()
    assert lives(one, second)
    one.close(first)
    one.close(second)


def test_without_the_query_service_the_page_says_so_and_offers_to_try_again(
    hub: Hub, bob: Person, tmp_path: Path
) -> None:
    with portal(hub, tmp_path, AURORA_SERVICE_URL="http://127.0.0.1:9/services/aurora/") as url:
        answer = bob.client.get(url + "?q=abc", headers=BROWSER)
        assert answer.status_code == 200  # its frame was sent before that was known
        assert "aurora-stop" in answer.text
        assert "The query service" in answer.text
        assert "Try again" in answer.text
        assert "Traceback" not in answer.text
        assert figure(url, "aurora_portal_kernel_count") == 0


def test_without_the_hub_whoever_it_does_not_know_is_told_to_wait(
    hub: Hub, bob: Person, tmp_path: Path
) -> None:
    with portal(hub, tmp_path, JUPYTERHUB_API_URL="http://127.0.0.1:9/hub/api") as url:
        answer = bob.client.get(url, headers=BROWSER)
        assert answer.status_code == 503
        assert "Log-ins can&#x27;t be checked" in answer.text
        assert answer.headers["Retry-After"]


# ── what a kernel knows


def test_a_kernel_has_the_users_own_token_and_nothing_of_the_portals(hub: Hub, bob: Person) -> None:
    before = kernels_of(hub)
    kernel = bob.open("?q=abc")
    (process,) = kernels_of(hub) - before
    secret = hub.part("aurora_widgets.portal.app").environ()["JUPYTERHUB_API_TOKEN"]
    shown = process.environ()
    assert not {name for name in shown if name.startswith("JUPYTERHUB")}
    assert secret not in " ".join(shown.values())
    assert secret not in " ".join(process.cmdline())
    bob.close(kernel)


def test_no_secret_is_in_the_log(hub: Hub, bob: Person) -> None:
    bob.close(bob.open())
    said = hub.log.read_text()
    for name in ("token_portal", "token_aurora", "token_proxy"):
        assert hub.secret(name) not in said
    assert bob.cookie("service-portal") not in said


# ── faults around it


def test_after_a_log_out_the_page_asks_to_log_in_and_keeps_the_question(hub: Hub) -> None:
    with person(hub, "operator") as someone:
        someone.open()
        someone.client.get("hub/logout")
        answer = someone.get("?q=abc")
        assert answer.url.path == "/hub/login"
        form = {"username": "operator", "password": hub.passwords["operator"]}
        form["_xsrf"] = re.findall(r'name="_xsrf" value="([^"]+)"', answer.text)[0]
        back = someone.client.post(str(answer.url), data=form)
        assert str(back.url) == f"{hub.portal}?q=abc"
        close_page(someone.client, back)
        someone.opened.clear()


def test_a_flood_of_messages_delays_no_one_else(hub: Hub, bob: Person) -> None:
    with person(hub, "analyst") as alice:
        flooded, quiet = bob.open(), alice.open()
        with (
            bob.connect(flooded, close_timeout=1) as flood,
            alice.connect(quiet) as calm,
            ThreadPoolExecutor() as other,
        ):
            text = json.dumps(message("comm_msg", comm_id="none", data={"x": "y" * 1000}))

            def pour() -> None:
                with contextlib.suppress(Exception):
                    for _ in range(20_000):
                        flood.send(text)

            pouring = other.submit(pour)
            slowest = 0.0
            for _ in range(20):
                asked = message("kernel_info_request")
                start = time.monotonic()
                calm.send(json.dumps(asked))
                while (
                    json.loads(calm.recv(timeout=15))["parent_header"].get("msg_id")
                    != asked["header"]["msg_id"]
                ):
                    pass
                slowest = max(slowest, time.monotonic() - start)
            assert slowest < 5
            flood.close()
            pouring.result()
        bob.close(flooded)
        alice.close(quiet)


def test_a_fourth_connection_to_a_page_is_refused(bob: Person) -> None:
    kernel = bob.open()
    with contextlib.ExitStack() as stack:
        for _ in range(3):
            stack.enter_context(bob.connect(kernel))
        assert refused_with(bob, kernel) == 429
    bob.close(kernel)


def test_figures_are_for_the_host_alone(hub: Hub, bob: Person) -> None:
    assert "aurora_portal_kernel_start_seconds_bucket" in httpx.get(direct(hub) + "metrics").text
    assert bob.get("metrics").status_code == 404
    assert httpx.get(direct(hub) + "metrics", headers={"X-Forwarded-For": "127.0.0.1"}).status_code == 404


def test_every_answer_has_its_headers(bob: Person) -> None:
    for path in ("", "nothing", "healthz", "voila/static/voila.js"):
        answer = bob.get(path)
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "http" not in policy
        assert "unsafe-eval" not in policy
        assert not re.search(r"script-src[^;]*unsafe-inline", policy)
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["X-Frame-Options"] == "DENY"
        assert answer.headers["Referrer-Policy"] == "same-origin"
        assert "Server" not in answer.headers
        found = re.search(r'"kernelId": "([^"]+)"', answer.text)
        if found:
            bob.close(found[1])


def test_the_log_ins_cookie_is_for_no_script_and_no_other_site(hub: Hub) -> None:
    set_by: list[str] = []
    with httpx.Client(base_url=hub.url, follow_redirects=True, timeout=30) as client:
        client.event_hooks["response"] = [lambda answer: set_by.extend(answer.headers.get_list("Set-Cookie"))]
        sign_in(client, "business", hub.passwords["business"])
        close_page(client, client.get(hub.portal))
    (token,) = [cookie for cookie in set_by if cookie.startswith("service-portal=")]
    assert "HttpOnly" in token
    assert "SameSite=Lax" in token
    xsrf = [cookie for cookie in set_by if cookie.startswith("_xsrf=") and "Path=/services/portal/" in cookie]
    assert all("SameSite=Strict" in cookie for cookie in xsrf)
    assert xsrf


def test_over_https_no_cookie_is_sent_in_the_clear(hub: Hub, bob: Person) -> None:
    cookie = {"Cookie": f"service-portal={bob.cookie('service-portal')}", "X-Forwarded-Proto": "https"}
    answer = httpx.get(direct(hub), headers=BROWSER | cookie)
    bob.opened += re.findall(r'"kernelId": "([^"]+)"', answer.text)
    (xsrf,) = [one for one in answer.headers.get_list("Set-Cookie") if one.startswith("_xsrf=")]
    assert "Secure" in xsrf
    begun = httpx.get(direct(hub), headers=BROWSER | {"X-Forwarded-Proto": "https"})
    assert all("Secure" in one and "HttpOnly" in one for one in begun.headers.get_list("Set-Cookie"))


# ── helpers


def kernels_of(hub: Hub) -> set[psutil.Process]:
    """The processes of all kernels: whatever the parent of all has forked."""
    (parent,) = [
        process
        for process in hub.part("aurora_widgets.portal.app").children()
        if "portal.forked" in " ".join(process.cmdline())
    ]
    return set(parent.children())


def last_words(connection: object) -> str:
    """What a websocket said last before it was closed."""
    said = [""]
    with contextlib.suppress(Exception):
        while True:
            said.append(connection.recv(timeout=30))  # type: ignore[attr-defined]
    return str(said[-1])
