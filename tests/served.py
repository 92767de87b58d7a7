"""Real servers, for every test that starts one."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@dataclass
class Served:
    """A server that a test may open: where, and its log for when something fails."""

    url: str
    log: Path
    token: str = ""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def started(command: list[str], log: Path, env: dict[str, str] | None = None) -> subprocess.Popen[bytes]:
    """A server that was just started, in a group of its own; all that it says goes to its log.

    Parameters
    ----------
    command, log
        What to run, and the file.
    env
        Variables beside this process's own.
    """
    with log.open("wb") as out:
        return subprocess.Popen(
            command,
            stdout=out,
            stderr=subprocess.STDOUT,
            cwd=ROOT,
            env={**os.environ, **(env or {})},
            start_new_session=True,
        )


@contextlib.contextmanager
def serving(command: list[str], url: str, log: Path, env: dict[str, str] | None = None) -> Iterator[None]:
    """Run a server until the block ends; it and its kernels end with it."""
    process = started(command, log, env)
    try:
        wait_for(lambda: _answers(url), process, log)
        yield
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait(10)


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2):  # noqa: S310  a server of ours
            return True
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False


def wait_for(done: Callable[[], bool], process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + 60
    while time.monotonic() < end:
        if done():
            return
        if process.poll() is not None:
            break
        time.sleep(0.1)
    pytest.fail(f"the server did not come up:\n{log.read_text()[-4000:]}")
