"""A real service on a free loopback port: in a thread of the test, or as the command runs it."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import httpx
import uvicorn

from aurora_widgets import settings
from aurora_widgets.service.auth import Tokens, User
from aurora_widgets.service.connections import config
from aurora_widgets.service.http import application
from aurora_widgets.service.limits import Limits
from aurora_widgets.service.open import open_runner
from aurora_widgets.service.workers import listening

ADA, BO, CY = "secret-of-ada", "secret-of-bo", "secret-of-cy"
USERS = {
    ADA: User("ada", frozenset({"analysts"})),
    BO: User("bo"),
    CY: User("cy", frozenset({"operators"})),
}
TOKENS = f"{ADA}: {{user: ada, groups: [analysts]}}\n{BO}: {{user: bo}}\n"


def client(url, token=ADA, **more):
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return httpx.Client(base_url=url, headers=headers, timeout=30, **more)


@contextlib.contextmanager
def served(*paths, limits=None, storage=None, prefix="", **more):
    """Serve from a thread; gives the address and the runner."""
    chosen = settings.load(limits or {})
    runner = open_runner(*paths, settings=chosen, **more)
    app = application(runner, Tokens(USERS), limits=Limits(chosen, storage), prefix=prefix)
    opened = listening("127.0.0.1", 0)
    server = uvicorn.Server(config(app, chosen))
    server.capture_signals = contextlib.nullcontext  # the test's own process keeps its signals
    thread = threading.Thread(target=server.run, kwargs={"sockets": [opened]})
    thread.start()
    port = opened.getsockname()[1]
    until(lambda: server.started)
    try:
        yield f"http://127.0.0.1:{port}{prefix}", runner
    finally:
        server.should_exit = True
        thread.join(20)


@contextlib.contextmanager
def command(folder, *arguments, **environment):
    """Run ``aurora service``; gives its address and its process."""
    tokens = Path(folder) / "tokens.yaml"
    tokens.write_text(TOKENS)
    log = (Path(folder) / "log").open("w")
    process = subprocess.Popen(
        [
            sys.executable, "-m", "aurora_widgets.cli", "service",
            "--port", "0", "--tokens", str(tokens), *map(str, arguments),
        ],
        stdout=subprocess.PIPE,
        stderr=log,
        text=True,
        env={**os.environ, **environment},
    )  # fmt: skip
    try:
        line = process.stdout.readline()
        assert "http://" in line, (Path(folder) / "log").read_text()
        yield line.split(" at ")[1].split()[0].rstrip("/"), process
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(20)
        process.stdout.close()
        log.close()


def workers(process):
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text()
    return [int(child) for child in children.split()]


def until(holds, seconds=20.0):
    deadline = time.monotonic() + seconds
    while not (found := holds()):
        assert time.monotonic() < deadline, "this did not come about"
        time.sleep(0.01)
    return found


def ask(table, *steps, **more):
    return {"query": {"version": 1, "table": table, "steps": list(steps)}, **more}
