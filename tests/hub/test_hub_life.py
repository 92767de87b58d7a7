"""What a portal outlives, and what outlives it: parts that are killed, a stop, a kill, a new start."""

from __future__ import annotations

import contextlib
import json
import os
import pty
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import httpx
import psutil
import pytest
from doing import pick
from hub_lab import Hub, close_page, eventually, port_of, running, sign_in
from playwright.sync_api import Page, expect
from served import free_port

from aurora_widgets.portal import hub_state


@pytest.fixture(scope="module")
def frail(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    """A hub whose parts are killed."""
    with running(tmp_path_factory.mktemp("frail")) as hub:
        yield hub


def killed(hub: Hub, words: str) -> None:
    """Kill a part, and wait until there is another."""
    victim = hub.part(words)
    victim.kill()

    def replaced() -> bool:
        with contextlib.suppress(LookupError):
            return hub.part(words).pid != victim.pid
        return False

    eventually(replaced, f"{words} is replaced")


def answers(url: str, status: int = 200) -> Callable[[], bool]:
    def asked() -> bool:
        with contextlib.suppress(httpx.HTTPError):
            return httpx.get(url).status_code == status
        return False

    return asked


def _is_lab(client: httpx.Client) -> bool:
    answer = client.get("user/analyst/lab")
    return answer.is_success and answer.url.path == "/user/analyst/lab"


def explore(page: Page, hub: Hub) -> None:
    """Open the portal and a table."""
    hub.log_in(page, "business")
    pick(page, "Global sales")


def test_an_open_page_goes_on_while_the_hub_is_replaced(frail: Hub, window: Callable[..., Page]) -> None:
    page = window()
    explore(page, frail)
    killed(frail, "jupyterhub -f")

    page.get_by_role("button", name="Next page").click()
    expect(page.get_by_text("Rows 51–100")).to_be_visible(timeout=60_000)
    eventually(answers(f"{frail.url}hub/health"), "the new hub answers", 60)
    with frail.person("business") as client:
        assert client.get("hub/", follow_redirects=False).headers["location"] == "/services/portal/"


def test_an_open_page_goes_on_after_the_proxy_was_replaced(frail: Hub, window: Callable[..., Page]) -> None:
    page = window()
    explore(page, frail)
    killed(frail, "configurable-http-proxy")
    eventually(answers(f"{frail.service}healthz"), "the new proxy knows the way", 60)

    page.get_by_role("button", name="Next page").click()
    expect(page.get_by_text("Rows 51–100")).to_be_visible(timeout=60_000)


@pytest.mark.parametrize("words", ["aurora_widgets.portal.app", "aurora_widgets.cli service"])
def test_a_service_that_was_killed_comes_back(frail: Hub, words: str) -> None:
    killed(frail, words)
    eventually(answers(f"{frail.service}healthz"), "the query service answers", 60)
    eventually(answers(frail.portal, 302), "the page's process answers", 60)
    with frail.person("operator") as client:
        assert client.get("services/portal/").status_code == 200


def test_a_terminal_is_told_where_it_is_who_may_log_in_and_nothing_else(tmp_path: Path) -> None:
    """The first start, of which a part is ready before the others know; and an analyst who comes to work."""
    screen, terminal = pty.openpty()
    command = [sys.executable, "-m", "aurora_widgets.cli", "hub", "--no-browser"]
    command += ["--port", str(free_port()), "--state", str(tmp_path / "state")]
    quiet = {name: value for name, value in os.environ.items() if name != "LOG_LEVEL"}
    said = b""

    def work() -> None:
        url, password = re.findall(rb"is at (\S+) |analyst +password (\S+)", said)
        with httpx.Client(base_url=url[0].decode(), follow_redirects=True, timeout=60) as analyst:
            assert sign_in(analyst, "analyst", password[1].decode()).status_code == 200
            analyst.get("hub/spawn", follow_redirects=False)
            eventually(lambda: _is_lab(analyst), "JupyterLab runs", 60)
            close_page(analyst, analyst.get("services/portal/"))

    with (
        subprocess.Popen(command, stdout=terminal, stderr=terminal, env=quiet, process_group=0) as hub,
        ThreadPoolExecutor() as other,
    ):
        os.close(terminal)
        working: Future[None] | None = None
        with contextlib.suppress(OSError):  # nobody has the terminal any more
            while shown := os.read(screen, 65536):
                said += shown
                if said.count(b"password") == 3 and working is None:
                    working = other.submit(work)
                    working.add_done_callback(lambda _: hub.send_signal(signal.SIGTERM))
        assert working is not None, said
        working.result()
    os.close(screen)
    assert hub.returncode == 0
    lines = said.decode().splitlines()
    assert re.fullmatch(r"Aurora is at http://127\.0\.0\.1:\d+/ \(Ctrl\+C ends it\)", lines[0]), lines
    assert [line.split()[0] for line in lines[1:]] == ["business", "analyst", "operator"], lines


def test_nothing_is_left_by_a_stop_and_whoever_had_logged_in_still_is(tmp_path: Path) -> None:
    state = tmp_path / "state"
    with running(tmp_path, state=state) as hub, hub.person("analyst") as analyst:
        analyst.get("hub/spawn", follow_redirects=False)
        eventually(lambda: _is_lab(analyst), "JupyterLab runs", 60)
        family = psutil.Process(hub.process.pid).children(recursive=True)
        assert len(family) > 5

        hub.process.send_signal(signal.SIGTERM)
        assert hub.process.wait(20) == 0
        assert not [member for member in family if member.is_running()]

        with running(tmp_path, state=state, port=port_of(hub.url)) as again:
            assert again.passwords == hub.passwords
            with httpx.Client(base_url=again.url, cookies=analyst.cookies, follow_redirects=True) as client:
                assert "analyst" in client.get("hub/home").text

            # And now without a chance to say good-bye.
            family = psutil.Process(again.process.pid).children(recursive=True)
            again.process.kill()
            again.process.wait()
            eventually(lambda: not [one for one in family if one.is_running()], "all are gone")

        with running(tmp_path, state=state, port=port_of(hub.url)) as third:
            assert third.passwords == hub.passwords


def test_what_a_kill_left_is_ended_by_the_next_start_and_nobody_else_is(tmp_path: Path) -> None:
    """A part that did not hear of its parent's end, and a number that is another's by now."""
    deaf = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(flush=True); signal.pause()"
    with (
        subprocess.Popen([sys.executable, "-c", deaf], stdout=subprocess.PIPE) as left,
        subprocess.Popen(["sleep", "600"]) as other,
    ):
        assert left.stdout is not None
        left.stdout.readline()
        began = psutil.Process(left.pid).create_time()
        recorded = [[left.pid, began], [other.pid, began - 60]]
        (tmp_path / "processes.json").write_text(json.dumps(recorded))
        hub_state.end_left_over(tmp_path)
        assert left.wait(10) == -signal.SIGKILL
        assert other.poll() is None
        other.kill()


def test_what_is_kept_is_for_its_user_alone(frail: Hub) -> None:
    assert frail.state.stat().st_mode & 0o777 == 0o700
    kept = [path for path in frail.state.iterdir() if path.is_file()]
    assert [path.name for path in kept if path.stat().st_mode & 0o077] == []
