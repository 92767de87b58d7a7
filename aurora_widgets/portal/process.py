"""A page kernel's process: what it begins with, what it may use, how it ends.

``python -m aurora_widgets.portal.process`` is such a process started the ordinary way, for where
it can't be forked (see ``forked``); it reads its ``Start`` from standard input, so that nobody
can read a token from its command or its environment in ``/proc``.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import io
import json
import logging
import os
import resource
import signal
import sys
import threading
import time
from dataclasses import asdict, dataclass
from enum import IntEnum
from typing import TYPE_CHECKING, Any, Final, NoReturn

if TYPE_CHECKING:
    from collections.abc import Mapping

_LOG = logging.getLogger(__name__)
_FILES: Final = 1024
_STACK_BYTES: Final = 512 * 1024


class Exit(IntEnum):
    """How a kernel ends itself: its process's exit code."""

    CLOSED = 0
    CRASHED = 1
    MEMORY = 75
    """It came to its memory ceiling where no question could say so."""


@dataclass(frozen=True, slots=True)
class Start:
    """What a kernel begins with.

    Parameters
    ----------
    name
        Its id, with which every line of its log begins.
    connection
        Of Jupyter's connection file: transport, ip, ports, key.
    environment
        All of its variables; none of the process that starts it is kept.
    folder
        Where it runs.
    memory
        Its ceiling in bytes; 0 for none.
    """

    name: str
    connection: Mapping[str, Any]
    environment: Mapping[str, str]
    folder: str
    memory: int

    def written(self) -> bytes:
        """Return it as JSON."""
        return json.dumps(asdict(self)).encode()

    @classmethod
    def read(cls, text: bytes | str) -> Start:
        """Return what ``written`` wrote."""
        return cls(**json.loads(text))


def run(start: Start, portal: int) -> NoReturn:
    """Be the kernel until it is closed; for a process with one thread, which this ends.

    Parameters
    ----------
    start
        What to begin with.
    portal
        A file that can be read once the portal is gone: its pidfd, or a pipe that it holds.
    """
    code = Exit.CRASHED
    try:
        _settle(start)
        asyncio.run(_served(start.connection, portal))
        code = Exit.CLOSED
    except MemoryError:
        code = Exit.MEMORY
    except BaseException:  # noqa: BLE001  the log says what, the exit code that
        _LOG.exception("The kernel broke")
    finally:
        os._exit(code)


async def _served(connection: Mapping[str, Any], portal: int) -> None:
    from aurora_widgets.portal.kernel import PageKernel  # noqa: PLC0415  the portal needs no widgets

    gc.freeze()  # a kernel collects often, and what it was made of stays
    await PageKernel(connection, portal).served()


def _settle(start: Start) -> None:
    os.environ.clear()
    os.environ.update(start.environment)
    time.tzset()
    os.chdir(start.folder)
    if start.memory:
        resource.setrlimit(resource.RLIMIT_DATA, (start.memory, start.memory))
    if isinstance(sys.stderr, _Labelled):
        sys.stderr.label = f"kernel {start.name}: "


def prepare() -> None:
    """Do what all kernels have in common: a log on standard error, and no ear for interrupts."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.stack_size(_STACK_BYTES)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a core would hold the token
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    files = _FILES if most == resource.RLIM_INFINITY else min(_FILES, most)
    resource.setrlimit(resource.RLIMIT_NOFILE, (files, files))
    os.umask(0o077)
    sys.stdout = sys.stderr = _Labelled("kernels: ")
    logging.basicConfig(stream=sys.stderr, format="%(levelname)s %(name)s: %(message)s", force=True)


class _Labelled(io.TextIOBase):
    """Standard error, a whole line at a time, each with a label before it."""

    def __init__(self, label: str) -> None:
        self.label = label
        self._rest = ""
        self._lock = threading.Lock()

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        with self._lock:
            *lines, self._rest = (self._rest + text).split("\n")
            if lines:
                whole = "".join(f"{self.label}{line}\n" for line in lines)
                with contextlib.suppress(OSError):  # nobody reads the log any more
                    os.write(2, whole.encode("utf-8", "backslashreplace"))
        return len(text)


def main() -> NoReturn:
    """Be a kernel that was started the ordinary way."""
    prepare()
    run(Start.read(sys.stdin.buffer.readline()), sys.stdin.fileno())


if __name__ == "__main__":
    main()
