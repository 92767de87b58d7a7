"""A real ``aurora hub``, and people who log in to it."""

from __future__ import annotations

import contextlib
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import psutil
import pytest
from playwright.sync_api import Page, expect
from served import ROOT, free_port, started

from aurora_widgets.portal import hub_state

_ACCOUNT = re.compile(r"^  (\S+) +password (\S+)", re.MULTILINE)
_READY_SECONDS = 90
METRICS_TOKEN = "for-figures-alone-" * 3
"""With which the session's hub lets somebody elsewhere watch it."""


@dataclass
class Hub:
    """A portal that runs.

    Parameters
    ----------
    url
        What people open, with its slash at the end.
    passwords
        Of the demo's accounts: ``business``, ``analyst``, ``operator``.
    process
        ``aurora hub`` itself.
    log
        All that it and its parts say.
    state
        Its folder.
    seconds
        From its start until people could come.
    """

    url: str
    passwords: dict[str, str]
    process: subprocess.Popen[bytes]
    log: Path
    state: Path
    seconds: float

    @property
    def portal(self) -> str:
        """Where the explorer is."""
        return f"{self.url}services/portal/"

    @property
    def service(self) -> str:
        """Where the query service is, through the proxy."""
        return f"{self.url}services/aurora/"

    def inside(self, part: str) -> str:
        """Where a part listens on this machine: ``proxy``, ``hub``, ``portal`` or ``service``."""
        place = ("proxy", "hub", "portal", "service").index(part)
        return f"http://127.0.0.1:{hub_state.kept_ports(self.state)[place]}"

    def secret(self, name: str) -> str:
        """A secret of its state: ``token_portal``, ``token_aurora``, ``token_proxy``, ``token_keeper``."""
        return (self.state / name).read_text()

    def part(self, words: str) -> psutil.Process:
        """The process, of those ``aurora hub`` started, with these words in its command."""
        for child in psutil.Process(self.process.pid).children():
            with contextlib.suppress(psutil.Error):
                if words in " ".join(child.cmdline()):
                    return child
        raise LookupError(words)

    @contextlib.contextmanager
    def person(self, name: str, password: str | None = None) -> Iterator[httpx.Client]:
        """Somebody who has logged in, without a browser; the pages that they open are closed at the end."""
        answers: list[httpx.Response] = []
        with httpx.Client(base_url=self.url, follow_redirects=True, timeout=30) as client:
            client.event_hooks["response"] = [answers.append]
            answer = sign_in(client, name, self.passwords[name] if password is None else password)
            assert answer.status_code < 400, answer.text
            yield client
            client.event_hooks["response"] = []
            for shown in answers:
                with contextlib.suppress(httpx.TransportError, httpx.StreamError):  # its portal has ended
                    close_page(client, shown)

    def log_in(self, page: Page, name: str) -> None:
        """Log in in a browser, which then shows where this person lands."""
        page.goto(self.url)
        page.get_by_label("Name").fill(name)
        page.get_by_label("Password", exact=True).fill(self.passwords[name])
        page.get_by_role("button", name="Sign in").click()
        expect(page).not_to_have_url(re.compile("/hub/login"), timeout=60_000)


def sign_in(client: httpx.Client, name: str, password: str) -> httpx.Response:
    """Send the log-in page's form, on the way to the hub's own page: the portal's would start a kernel."""
    shown = client.get("hub/login", params={"next": "/hub/home"})
    xsrf = re.search(r'name="_xsrf" value="([^"]+)"', shown.text)
    assert xsrf, shown.text
    return client.post(
        "hub/login?next=%2Fhub%2Fhome",
        data={"_xsrf": xsrf[1], "username": name, "password": password},
        follow_redirects=True,
    )


def close_page(client: httpx.Client, answer: httpx.Response) -> None:
    """Say that a page is closed, if this is one: a person may have only so many open."""
    kernel = re.search(r'"kernelId": "([0-9a-f-]{36})"', answer.text)
    xsrf = [one.value for one in client.cookies.jar if (one.name, one.path) == ("_xsrf", answer.url.path)]
    if kernel and xsrf:
        path = str(answer.url.copy_with(query=None))
        client.post(f"{path}voila/api/shutdown/{kernel[1]}", data={"_xsrf": xsrf[0] or ""})


def eventually(done: Callable[[], object], what: str, seconds: float = 30) -> None:
    """Wait until it is so."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if done():
            return
        time.sleep(0.05)
    pytest.fail(f"not within {seconds} s: {what}")


@contextlib.contextmanager
def running(
    folder: Path,
    *options: str,
    state: Path | None = None,
    port: int | None = None,
    env: dict[str, str] | None = None,
) -> Iterator[Hub]:
    """Run ``aurora hub`` until the block ends; nothing of it is left then.

    Parameters
    ----------
    folder
        For its log, and its state unless another is given.
    options
        Of the command, beside the port.
    env
        Variables beside this process's own.
    """
    port = port or free_port()
    state = state or Path(tempfile.mkdtemp(prefix="state-", dir=folder))
    log = Path(tempfile.mkstemp(prefix="hub-", suffix=".log", dir=folder)[1])
    command = [sys.executable, "-m", "aurora_widgets.cli", "hub", "--no-browser", *options]
    command += ["--port", str(port), "--state", str(state)]
    began = time.monotonic()
    process = started(command, log, env)
    try:
        while "Aurora is at " not in log.read_text():
            if process.poll() is not None or time.monotonic() - began > _READY_SECONDS:
                pytest.fail(f"the hub did not come up (code {process.poll()}):\n{log.read_text()[-6000:]}")
            time.sleep(0.05)
        seconds = time.monotonic() - began
        said = log.read_text()
        url = re.search(r"Aurora is at (\S+)", said)
        assert url
        yield Hub(url[1], dict(_ACCOUNT.findall(said)), process, log, state, seconds)
    finally:
        stop(process, state)


def shipped(folder: Path, **values: str) -> Path:
    """The configuration that is shipped, changed alone in what it says is to be changed.

    Parameters
    ----------
    folder
        Where it goes.
    values
        What is assigned otherwise: ``server_address='"127.0.0.1"'``. There are analysts in any case.
    """
    text = (ROOT / "hub_config" / "jupyterhub_config.py").read_text()
    values["ANALYSTS: list[str]"] = f"""\
["analysts"]
c.JupyterHub.spawner_class = "simple"
c.SimpleLocalProcessSpawner.home_dir_template = "{folder}/homes/{{username}}"
c.Spawner.args = ["--allow-root"]"""
    for name, value in values.items():
        text, found = re.subn(rf"(?m)^((?:[\w.]+\.)?{re.escape(name)} =) .*$", rf"\1 {value}", text)
        assert found == 1, name
    config = folder / "jupyterhub_config.py"
    config.write_text(text)
    return config


def stop(process: subprocess.Popen[bytes], state: Path) -> None:
    """End a hub as its operator does; if it doesn't, everything it started is killed and the test fails."""
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
    try:
        process.wait(30)
    except subprocess.TimeoutExpired:
        children = psutil.Process(process.pid).children(recursive=True)
        process.kill()
        process.wait()
        for child in children:
            with contextlib.suppress(psutil.Error):
                child.kill()
        pytest.fail("the hub did not end within 30 s")
    finally:
        hub_state.end_left_over(state)


def port_of(url: str) -> int:
    """The port of an address."""
    return int(urlsplit(url).port or 0)
