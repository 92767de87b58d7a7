"""The portal's side of the warmed parent: it starts it, asks it for kernels, and starts it again."""

from __future__ import annotations

import json
import logging
import os
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from aurora_widgets.portal.process import Start

_LOG = logging.getLogger(__name__)
_READY_SECONDS: Final = 60
_ANSWER_SECONDS: Final = 10
MESSAGE_BYTES: Final = 1 << 18
"""A message's size at most; most of a start is the link that a page was opened with."""
UNKNOWN: Final = -1000
"""The exit code of a kernel whose parent ended before it."""
_AGAIN_SECONDS: Final = 30
"""How long a parent that could not start is left alone."""
_KEPT: Final = (
    "PATH",
    "HOME",
    "LANG",
    "LC_ALL",
    "LC_CTYPE",
    "TZ",
    "PYTHONPATH",
    "VIRTUAL_ENV",
    "LD_LIBRARY_PATH",
)
_SMALL: Final = {
    "MALLOC_ARENA_MAX": "1",
    "MALLOC_MMAP_THRESHOLD_": "65536",
    "MALLOC_TRIM_THRESHOLD_": "65536",
}
"""How the C library keeps a kernel small: one heap for all threads, and what is large goes back at once."""


class ForkFailed(Exception):
    """A kernel can't be forked; it can be started the ordinary way."""


def environment() -> dict[str, str]:
    """Return what a kernel's process is started with: what ``/proc`` shows, so no secret."""
    return {name: os.environ[name] for name in _KEPT if name in os.environ} | _SMALL


class Forked:
    """A forked kernel, as ``subprocess.Popen`` shows a process.

    Parameters
    ----------
    pid, file
        Its process's number and pidfd.
    parent
        Knows how it ended.
    """

    stdin = stdout = stderr = None

    def __init__(self, pid: int, file: int, parent: Parent) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self._file = file
        self._parent = parent

    def poll(self) -> int | None:
        """Return the exit code, negative for a signal; ``None`` while it lives."""
        return self._waited(0)

    def wait(self, timeout: float | None = None) -> int | None:
        """Wait for its end, for some seconds at most."""
        return self._waited(None if timeout is None else timeout * 1000)

    def _waited(self, milliseconds: float | None) -> int | None:
        if self.returncode is None:
            watched = select.poll()  # select() ends at file 1023
            watched.register(self._file, select.POLLIN)
            if watched.poll(milliseconds):
                os.close(self._file)
                self.returncode = self._parent.ended(self.pid)
        return self.returncode

    def send_signal(self, signum: int) -> None:
        """Send a signal to this process, never to another of its number."""
        if self.returncode is None:
            signal.pidfd_send_signal(self._file, signum)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it."""
        self.send_signal(signal.SIGKILL)


class Parent:
    """The warmed parent, started when it is first needed; for any number of threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._channel: socket.socket | None = None
        self._rest = 0.0

    @property
    def pid(self) -> int | None:
        """Its process's number while it runs."""
        return None if self._process is None else self._process.pid

    def start(self) -> None:
        """Start it where it does not run, and wait until it can fork.

        Raises
        ------
        ForkFailed
        """
        with self._lock:
            self._started()

    def fork(self, start: Start) -> Forked:
        """Return a new kernel; a parent that died is started again.

        Raises
        ------
        ForkFailed
            Also for some seconds after the parent could not be started.
        OSError
            The machine has no room for one more process.
        """
        message = {"start": asdict(start)}
        if len(json.dumps(message)) > MESSAGE_BYTES:
            raise ForkFailed("what the kernel is to begin with is too large.")
        with self._lock:
            for again in (True, False):
                channel = self._started()
                try:
                    answer, files = _exchanged(channel, message, files=1)
                    break
                except OSError as error:
                    self._close()
                    if not again:
                        raise ForkFailed(f"the parent does not answer ({error}).") from error
                    _LOG.warning("The kernels' parent is gone (%s); it is started again.", error)
        if "error" in answer:
            raise OSError(answer["errno"], answer["error"])
        return Forked(answer["pid"], files[0], self)

    def ended(self, pid: int) -> int | None:
        """Return how a kernel that has ended did, as ``Popen.returncode``; ``UNKNOWN`` if its parent died."""
        with self._lock:
            if self._channel is None:
                return UNKNOWN
            try:
                answer, _ = _exchanged(self._channel, {"ended": pid})
            except OSError:
                self._close()
                return UNKNOWN
        status = answer["status"]
        return UNKNOWN if status is None else os.waitstatus_to_exitcode(status)

    def close(self) -> None:
        """End it; its kernels live on."""
        with self._lock:
            self._close()

    def _started(self) -> socket.socket:
        if self._channel is not None:
            return self._channel
        if time.monotonic() < self._rest:
            raise ForkFailed("the parent could not be started a moment ago.")
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603  our own command
                [sys.executable, "-m", "aurora_widgets.portal.forked", str(theirs.fileno())],
                stdin=subprocess.DEVNULL,
                stdout=2,
                env=environment(),
                pass_fds=[theirs.fileno()],
                start_new_session=True,
            )
        self._channel = ours
        ours.settimeout(_READY_SECONDS)
        try:
            ready = ours.recv(MESSAGE_BYTES)
        except OSError:
            ready = b""
        if not ready:
            self._close()
            self._rest = time.monotonic() + _AGAIN_SECONDS
            raise ForkFailed("the parent did not start; its log says why.")
        ours.settimeout(_ANSWER_SECONDS)
        ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, MESSAGE_BYTES)
        return ours

    def _close(self) -> None:
        if self._channel is not None:
            self._channel.close()
            self._channel = None
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None


def _exchanged(
    channel: socket.socket, message: dict[str, Any], *, files: int = 0
) -> tuple[dict[str, Any], list[int]]:
    channel.send(json.dumps(message).encode())
    answer, received, _, _ = socket.recv_fds(channel, MESSAGE_BYTES, files)
    if not answer:
        raise ConnectionResetError("it has ended")
    return json.loads(answer), received
