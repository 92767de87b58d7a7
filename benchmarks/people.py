"""People who use the portal, without their browsers: real log-ins, real kernels, real comm messages.

Each logs in at the hub, opens the portal's page, talks to its kernel as the page does and asks a
question every so often: a filter, a page, a sort, a join, a new table.
"""

from __future__ import annotations

import asyncio
import json
import random
import re
import time
import uuid
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import httpx
from tornado.httpclient import HTTPRequest
from tornado.websocket import WebSocketClientConnection, websocket_connect

_KERNEL = re.compile(r'"kernelId":\s*"([0-9a-f-]{36})"|data-kernel(?:-id)?="([0-9a-f-]{36})"')
_PATIENCE_SECONDS = 60
ANYBODY = """
from aurora_widgets.portal import hub
c = get_config()
c.JupyterHub.authenticator_class = "dummy"
c.DummyAuthenticator.password = {password!r}
c.Authenticator.allow_all = True
hub.configure(c, analysts=())
"""
"""A hub's configuration that lets anybody in with one password, each with pages of their own."""


@dataclass
class Noted:
    """What people waited for, in seconds, and what went wrong."""

    opened: list[float] = field(default_factory=list)
    usable: list[float] = field(default_factory=list)
    asked: dict[str, list[float]] = field(default_factory=dict)
    refused: dict[str, int] = field(default_factory=dict)
    failed: list[str] = field(default_factory=list)

    def add(self, deed: str, seconds: float) -> None:
        """Note what one deed took."""
        self.asked.setdefault(deed, []).append(seconds)

    def refuse(self, code: str) -> None:
        """Note a sentence that a person was given instead of rows."""
        self.refused[code] = self.refused.get(code, 0) + 1


class Person:
    """One person with one page open.

    Parameters
    ----------
    hub
        The address of the portal's front door, ``http://127.0.0.1:8000``.
    name, password
        The account.
    noted
        Where what they wait for is written down.
    """

    def __init__(self, hub: str, name: str, password: str, noted: Noted) -> None:
        self.hub, self.name, self._password, self.noted = hub.rstrip("/"), name, password, noted
        self._http = httpx.AsyncClient(follow_redirects=True, timeout=_PATIENCE_SECONDS)
        self._socket: WebSocketClientConnection | None = None
        self._reader: asyncio.Task[None] | None = None
        self._session = uuid.uuid4().hex
        self._models: dict[str, dict[str, Any]] = {}
        self._changed = asyncio.Condition()
        self._random = random.Random(name)  # noqa: S311  which question comes next is no secret
        self.kernel = ""

    async def log_in(self) -> None:
        """Give name and password at the hub's own page."""
        page = await self._http.get(f"{self.hub}/hub/login")
        page.raise_for_status()
        form = {"username": self.name, "password": self._password}
        if token := self._http.cookies.get("_xsrf", path="/hub/"):
            form["_xsrf"] = token
        # The page they land on is opened by `open` alone, so that its time is its own.
        answer = await self._http.post(f"{self.hub}/hub/login", data=form, follow_redirects=False)
        if answer.status_code != 302:  # noqa: PLR2004  a form that was taken leads on
            raise RuntimeError(f"{self.name} could not log in: {answer.status_code}")

    async def open(self) -> None:
        """Open the portal's page and wait until its widget is there."""
        start = time.perf_counter()
        page = await self._http.get(f"{self.hub}/services/portal/")
        if page.status_code != 200:  # noqa: PLR2004
            raise RuntimeError(f"{self.name}'s page answered {page.status_code}: {page.text[:200]}")
        self.noted.opened.append(time.perf_counter() - start)
        found = _KERNEL.search(page.text)
        if found is None:
            raise RuntimeError(f"{self.name}'s page names no kernel")
        self.kernel = found[1] or found[2]
        await self._connect(str(page.url))
        await self._control({"method": "request_states"})
        await self._until(lambda: self._panel() is not None)
        self.noted.usable.append(time.perf_counter() - start)

    async def _connect(self, page: str) -> None:
        parts = urlsplit(page)
        scheme = "wss" if parts.scheme == "https" else "ws"
        address = f"{scheme}://{parts.netloc}/services/portal/api/kernels/{self.kernel}/channels"
        headers = {
            "Cookie": "; ".join(f"{cookie.name}={cookie.value}" for cookie in self._http.cookies.jar),
            "Origin": f"{parts.scheme}://{parts.netloc}",
        }
        request = HTTPRequest(f"{address}?session_id={self._session}", headers=headers)
        self._socket = await websocket_connect(request, max_message_size=64 << 20)
        self._reader = asyncio.create_task(self._read())

    async def _read(self) -> None:
        assert self._socket is not None  # noqa: S101
        while (text := await self._socket.read_message()) is not None:
            if not isinstance(text, str):
                text = _text(text)
            message = json.loads(text)
            if message["header"]["msg_type"] != "comm_msg":
                continue
            content = message["content"]
            data = content["data"]
            if data.get("method") == "update_states":
                for model, state in data["states"].items():
                    self._models[model] = state["state"]
            elif data.get("method") == "update" and content["comm_id"] in self._models:
                self._models[content["comm_id"]].update(data["state"])
            async with self._changed:
                self._changed.notify_all()
        async with self._changed:
            self._socket = None
            self._changed.notify_all()

    async def _until(self, done: Any) -> None:
        async with asyncio.timeout(_PATIENCE_SECONDS), self._changed:
            while not done():
                if self._socket is None:
                    raise RuntimeError(f"{self.name}'s page lost its kernel")
                await self._changed.wait()

    async def _send(self, kind: str, content: dict[str, Any], version: str = "2.1.0") -> None:
        if self._socket is None:
            raise RuntimeError(f"{self.name}'s page lost its kernel")
        header = {
            "msg_id": uuid.uuid4().hex,
            "msg_type": kind,
            "session": self._session,
            "username": self.name,
            "version": "5.3",
            "date": "2026-01-01T00:00:00Z",
        }
        message = {
            "channel": "shell",
            "header": header,
            "parent_header": {},
            "metadata": {"version": version},
            "content": content,
            "buffers": [],
        }
        await self._socket.write_message(json.dumps(message))

    async def _control(self, data: dict[str, Any]) -> None:
        content = {"comm_id": uuid.uuid4().hex, "target_name": "jupyter.widget.control", "data": {}}
        await self._send("comm_open", content, "1.0.0")
        await self._send("comm_msg", {"comm_id": content["comm_id"], "data": data})

    def _panel(self) -> str | None:
        for model, state in self._models.items():
            if state.get("panel") == "explorer":
                return model
        return None

    @property
    def _state(self) -> dict[str, Any]:
        return self._models[self._panel() or ""]

    async def do(self, deed: str, message: dict[str, Any]) -> None:
        """Do what a click does, and wait for its rows."""
        panel = self._panel()
        before = self._state["page"].get("epoch")
        start = time.perf_counter()
        data = {"method": "custom", "content": message}
        await self._send("comm_msg", {"comm_id": panel, "data": data})

        def shown() -> bool:
            state = self._state["status"]["state"]
            return state in {"error", "busy"} or (
                state == "ready" and self._state["page"].get("epoch") != before
            )

        try:
            await self._until(shown)
        except TimeoutError:
            self.noted.failed.append(f"{self.name}: {deed} brought nothing in {_PATIENCE_SECONDS} s")
            return
        error = self._state["status"]["error"]
        if error:
            self.noted.refuse(error["code"])
            if error["code"] not in {"RATE_LIMITED", "TOO_MANY_TASKS", "DATABASE_POOL_EXHAUSTED"}:
                self.noted.failed.append(f"{self.name}: {deed}: {error['code']} {error['detail']}")
        else:
            self.noted.add(deed, time.perf_counter() - start)

    async def ask(self) -> None:
        """Ask the next question, as it comes to them."""
        chosen = self._random.choices(tuple(QUESTIONS), [weight for _, weight in QUESTIONS.values()])[0]
        make, _ = QUESTIONS[chosen]
        await self.do(chosen, make(self._random, self._state))

    async def work(self, until: float, every: float) -> None:
        """Ask a question every so many seconds on average, until the loop's clock says so."""
        loop = asyncio.get_running_loop()
        while (wait := self._random.expovariate(1 / every)) < until - loop.time():
            await asyncio.sleep(wait)
            await self.ask()

    async def leave(self) -> None:
        """Close the page."""
        if self._socket is not None:
            self._socket.close()
        if self._reader is not None:
            self._reader.cancel()
        await self._http.aclose()


def _text(message: bytes) -> str:
    """Return the JSON before the buffers of a binary message."""
    count = int.from_bytes(message[:4], "big")
    offsets = [int.from_bytes(message[4 + 4 * at : 8 + 4 * at], "big") for at in range(count)]
    end = offsets[1] if count > 1 else len(message)
    return message[offsets[0] : end].decode()


def _query(*steps: dict[str, Any]) -> dict[str, Any]:
    return {"do": "query", "query": {"version": 1, "table": "flights", "steps": list(steps)}}


def _filtered(chance: random.Random, _: dict[str, Any]) -> dict[str, Any]:
    carrier = chance.choice(("UA", "B6", "EV", "DL", "AA", "MQ", "US", "9E", "WN", "VX"))
    condition = {"type": "condition", "column": "carrier", "op": "=", "value": carrier}
    late = {"type": "condition", "column": "dep_delay", "op": ">", "value": chance.randrange(5, 120)}
    group = {"type": "group", "op": "and", "children": [condition, late]}
    return _query({"type": "filter", "where": group})


def _sorted(chance: random.Random, state: dict[str, Any]) -> dict[str, Any]:
    before = [key["column"] for key in state["question"]["parts"]["sort"]]
    columns = [name for name in ("dep_delay", "arr_delay", "distance", "air_time") if name not in before]
    return {"do": "sort", "by": [{"column": chance.choice(columns), "descending": chance.random() < 0.7}]}  # noqa: PLR2004


def _joined(chance: random.Random, _: dict[str, Any]) -> dict[str, Any]:
    join = {
        "type": "join",
        "table": "airlines",
        "how": "left",
        "on": [{"left": "carrier", "right": "carrier"}],
    }
    month = {"type": "condition", "column": "month", "op": "=", "value": chance.randrange(1, 13)}
    return _query(join, {"type": "filter", "where": month})


def _turned(_: random.Random, state: dict[str, Any]) -> dict[str, Any]:
    page = state["page"]
    return {"do": "page", "offset": page["offset"] + 50 if page["more"] else 0}


QUESTIONS = {"filter": (_filtered, 4), "page": (_turned, 8), "sort": (_sorted, 3), "join": (_joined, 1)}
FIRST = {"do": "pick", "table": "flights"}
