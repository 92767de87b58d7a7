"""People at the portal without a browser: pages they open, websockets, and portals of a test's own."""

from __future__ import annotations

import contextlib
import json
import re
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
import websockets.sync.client as websockets
from hub_lab import Hub, close_page, eventually
from served import ROOT, free_port
from websockets.exceptions import ConnectionClosed, InvalidStatus

_KERNEL = re.compile(r'"kernelId": "([0-9a-f-]{36})"')
BROWSER = {"Accept": "text/html", "Sec-Fetch-Dest": "document", "Sec-Fetch-Mode": "navigate"}
"""What a browser sends when a person opens an address."""


@dataclass
class Person:
    """Somebody logged in, at one portal.

    Parameters
    ----------
    client
        With their cookies.
    portal
        The portal's address, with its slash at the end.
    """

    client: httpx.Client
    portal: str
    opened: list[str] = field(default_factory=list)

    def get(self, path: str = "", **given: Any) -> httpx.Response:
        """Open an address of the portal as a browser does."""
        return self.client.get(self.portal + path, headers=BROWSER | given.pop("headers", {}), **given)

    def open(self, query: str = "") -> str:
        """Open a page and return its kernel's id."""
        answer = self.get(query)
        found = _KERNEL.search(answer.text)
        assert found, f"{answer.status_code}: {answer.text[-2000:]}"
        self.opened.append(found[1])
        return found[1]

    def close_all(self) -> None:
        """Close every page that is left."""
        for kernel in self.opened:
            self.close(kernel)
        self.opened.clear()

    def close(self, kernel: str, **given: Any) -> httpx.Response:
        """Say that a page is closed, as the page itself does."""
        form = {"_xsrf": self.cookie("_xsrf")}
        headers = {"Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Site": "same-origin"}
        given = {"data": form, "headers": headers} | given
        return self.client.post(f"{self.portal}voila/api/shutdown/{kernel}", **given)

    def cookie(self, name: str) -> str:
        """A cookie that the portal has set."""
        path = httpx.URL(self.portal).path
        return next(
            one.value or "" for one in self.client.cookies.jar if (one.name, one.path) == (name, path)
        )

    def connect(self, kernel: str, *, origin: str | None = "", cookies: bool = True, **given: Any) -> Any:
        """Connect to a kernel; the origin is the portal's own unless another is given."""
        where = httpx.URL(self.portal)
        url = (
            f"ws://{where.netloc.decode()}{where.path}api/kernels/{kernel}/channels?session_id={uuid.uuid4()}"
        )
        own = f"http://{where.netloc.decode()}"
        sent = [
            f"{one.name}={one.value}" for one in self.client.cookies.jar if where.path.startswith(one.path)
        ]
        headers = {"Cookie": "; ".join(sent)} if cookies else {}
        return websockets.connect(
            url, origin=own if origin == "" else origin, additional_headers=headers, open_timeout=30, **given
        )


@contextlib.contextmanager
def person(hub: Hub, name: str, portal: str | None = None) -> Iterator[Person]:
    """Somebody who has logged in and been at the portal; the pages they leave open are closed."""
    with hub.person(name) as client:
        close_page(client, client.get(hub.portal))
        someone = Person(client, portal or hub.portal)
        yield someone
        someone.close_all()


@contextlib.contextmanager
def portal(
    hub: Hub, folder: Path, changed: dict[str, float] | None = None, **limits: object
) -> Iterator[str]:
    """Run a portal of one's own beside the hub's; yields its address, and leaves ``portal.log``.

    Parameters
    ----------
    hub, folder
        Whose people it is for, and where its log is.
    changed
        Constants of its modules that would take minutes to come true: ``aurora_widgets.module._NAME``.
    limits
        Settings, and other variables.
    """
    port, log = free_port(), folder / "portal.log"
    env = hub.part("aurora_widgets.portal.app").environ() | {
        name: str(value) for name, value in limits.items()
    }
    env["JUPYTERHUB_SERVICE_URL"] = f"http://127.0.0.1:{port}"
    prefix = env["JUPYTERHUB_SERVICE_PREFIX"]
    start = ["-m", "aurora_widgets.portal.app"]
    if changed:
        lines = [f"import {name.rpartition('.')[0]}; {name} = {value!r}" for name, value in changed.items()]
        start = ["-c", "\n".join((*lines, "from aurora_widgets.portal import app; app.main()"))]
    with log.open("wb") as out:
        process = subprocess.Popen([sys.executable, *start], env=env, cwd=ROOT, stdout=out, stderr=out)
    url = f"http://127.0.0.1:{port}{prefix}"
    try:
        eventually(lambda: process.poll() is not None or _answers(url + "healthz"), "the portal is ready")
        assert process.poll() is None, log.read_text()
        yield url
    finally:
        process.terminate()
        process.wait(30)
    assert process.returncode == 0, log.read_text()


def _answers(url: str) -> bool:
    with contextlib.suppress(httpx.TransportError):
        return httpx.get(url).status_code == 200
    return False


def message(kind: str, channel: str = "shell", **content: Any) -> dict[str, Any]:
    """A message of Jupyter's protocol, as a page's script would send it."""
    header = {"msg_id": uuid.uuid4().hex, "msg_type": kind, "session": "s", "username": "", "version": "5.4"}
    return {"channel": channel, "header": header, "parent_header": {}, "metadata": {}, "content": content}


def packed(sent: dict[str, Any]) -> bytes:
    """The same in the newer, binary form."""
    parts = [sent["channel"].encode()]
    parts += [json.dumps(sent[name]).encode() for name in ("header", "parent_header", "metadata", "content")]
    offsets = [8 * (len(parts) + 2)]
    for part in parts:
        offsets.append(offsets[-1] + len(part))
    return b"".join(number.to_bytes(8, "little") for number in (len(offsets), *offsets)) + b"".join(parts)


def closed_with(connection: Any, seconds: float = 15) -> int:
    """The code that a websocket is closed with."""
    end = time.monotonic() + seconds
    with contextlib.suppress(ConnectionClosed):
        while time.monotonic() < end:
            with contextlib.suppress(TimeoutError):
                connection.recv(timeout=0.2)
        pytest.fail("the connection was not closed")
    return int(connection.close_code)


def refused_with(someone: Person, kernel: str, **given: Any) -> int:
    """The status that a websocket is refused with."""
    with pytest.raises(InvalidStatus) as refusal:
        someone.connect(kernel, **given)
    return int(refusal.value.response.status_code)


def lives(someone: Person, kernel: str) -> bool:
    """Whether a page's kernel answers."""
    with someone.connect(kernel) as connection:
        asked = message("kernel_info_request")
        connection.send(json.dumps(asked))
        end = time.monotonic() + 15
        while time.monotonic() < end:
            told = json.loads(connection.recv(timeout=15))
            if (
                told["msg_type"] == "kernel_info_reply"
                and told["parent_header"]["msg_id"] == asked["header"]["msg_id"]
            ):
                return True
    return False


def logged(log: Path, *words: str) -> bool:
    """Whether a line of the log has all these words."""
    return any(all(word in line for word in words) for line in log.read_text().splitlines())
