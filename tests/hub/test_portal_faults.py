"""What goes wrong around a page: a hub that is away, a browser that is silent, a memory that is full."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from doing import kernel_of, pick, rows_said
from hub_lab import Hub, eventually, port_of
from playwright.sync_api import Page, expect
from portal_lab import BROWSER, Person, closed_with, lives, message, person, portal
from relay import relay

OWN = "aurora_widgets.portal"
CLIENT = "aurora_widgets.service.hub_client"


@pytest.fixture
def bob(hub: Hub) -> Iterator[Person]:
    with person(hub, "business") as someone:
        yield someone


# ── the hub is away


def test_without_the_hub_its_last_word_holds_for_a_while_and_open_pages_work_on(
    hub: Hub, bob: Person, tmp_path: Path
) -> None:
    sooner = {
        f"{CLIENT}._FRESH_SECONDS": 1,
        f"{CLIENT}._AGAIN_SECONDS": 0.1,
        f"{CLIENT}._OUTAGE_SECONDS": 12,
        f"{OWN}.kernels._VOUCH_SECONDS": 0.2,
    }
    with (
        relay(port_of(hub.inside("hub"))) as wire,
        portal(hub, tmp_path, sooner, JUPYTERHUB_API_URL=f"http://127.0.0.1:{wire.port}/hub/api") as url,
    ):
        one, log = Person(bob.client, url), tmp_path / "portal.log"
        first = one.open()

        def status() -> int:
            return one.get(f"ended/{first}").status_code

        with one.connect(first) as connection:
            wire.cut()
            eventually(lambda: status() == 200 and "Error connecting" in log.read_text(), "the hub was asked")
            second = one.open()
            assert lives(one, second)

            eventually(lambda: status() == 503, "its word is too old")
            refused = one.get("?q=abc")
            assert refused.status_code == 503
            assert refused.headers["Retry-After"] == "5"
            assert "Log-ins can&#x27;t be checked" in refused.text
            assert answers(connection)

            wire.mend()
            eventually(lambda: status() == 200, "the hub is asked again")
            assert answers(connection)
        assert one.get(f"ended/{first}").json() == {"ended": False}
        one.close(first)
        one.close(second)


# ── pings


@pytest.fixture(scope="module")
def brisk(hub: Hub, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A portal that pings its pages each second."""
    with portal(hub, tmp_path_factory.mktemp("brisk"), {f"{OWN}.server._PING_MS": 1000}) as url:
        yield url


def test_a_page_that_answers_each_ping_is_kept(bob: Person, brisk: str) -> None:
    one = Person(bob.client, brisk)
    kernel = one.open()
    pings = Pings()
    with one.connect(kernel, logger=pings.logger) as connection:
        eventually(lambda: pings.count >= 5, "five pings came")
        assert answers(connection)
    one.close(kernel)


def test_a_page_that_answers_none_is_let_go(bob: Person, brisk: str) -> None:
    one = Person(bob.client, brisk)
    kernel = one.open()
    with one.connect(kernel) as connection:
        connection.protocol.send_frame = lambda _: None  # it reads, and says nothing
        assert closed_with(connection) == 1005  # without a word
    one.close(kernel)


class Pings(logging.Handler):
    """Counts the pings that a websocket's log tells of."""

    def __init__(self) -> None:
        super().__init__()
        self.count = 0
        self.logger = logging.getLogger(f"{__name__}.{id(self)}")
        self.logger.propagate = False
        self.logger.setLevel(logging.DEBUG)
        self.logger.addHandler(self)

    def emit(self, record: logging.LogRecord) -> None:
        self.count += "< PING" in record.getMessage()


def answers(connection: Any) -> bool:
    """Whether a page's kernel answers on a websocket that is open."""
    asked = message("kernel_info_request")
    connection.send(json.dumps(asked))
    while True:
        told = json.loads(connection.recv(timeout=15))
        if told["parent_header"].get("msg_id") == asked["header"]["msg_id"]:
            return True


# ── no memory left


def test_without_memory_for_one_more_page_a_person_is_told_so(hub: Hub, bob: Person, tmp_path: Path) -> None:
    with portal(hub, tmp_path, {f"{OWN}.kernels._SMALLEST_FREE": 10**15}) as url:
        refused = Person(bob.client, url).get("?q=abc")
        assert refused.status_code == 503
        assert refused.headers["Retry-After"] == "30"
        assert "There is no memory left for one more page" in refused.text
        assert "Try again" in refused.text


def test_a_page_that_needs_too_much_memory_says_so_keeps_its_question_and_leaves_others_alone(
    hub: Hub, bob: Person, tmp_path: Path, window: Callable[..., Page]
) -> None:
    with portal(hub, tmp_path, KERNEL_MEMORY_MB=100) as url, person(hub, "analyst") as someone:
        alice = Person(someone.client, url)
        other = alice.open()
        page = window()
        hub.log_in(page, "business")
        page.goto(url)
        pick(page, "Airlines")
        page.get_by_label("Search in the data").fill("delta")
        rows_said(page, "1 row")
        page.wait_for_url(re.compile(r"\?q="))
        kernel = kernel_of(page)

        # A message as large as one may be, of which each two bytes become an object of 64.
        large = message("comm_msg", comm_id="none", data={"x": [[]] * 490_000})
        with Person(bob.client, url).connect(kernel, max_size=None) as connection:
            for _ in range(4):
                connection.send(json.dumps(large, separators=(",", ":")))
            said = page.get_by_role("alertdialog", name="This session has ended")
            expect(said).to_contain_text("needed more memory than one page may have", timeout=30_000)
        expect(said).to_contain_text("Your question is kept")
        assert bob.client.get(f"{url}ended/{kernel}", headers=BROWSER).json()["reason"] == "memory"
        assert lives(alice, other)

        said.get_by_role("button", name="Continue").click()
        rows_said(page, "1 row")
        expect(page.get_by_text("Delta Air Lines")).to_be_visible()
        assert kernel_of(page) != kernel
        page.context.close()
        alice.close(other)
