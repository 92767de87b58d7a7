"""The warmed parent of page kernels: it imports what they need once, and forks itself for each.

``python -m aurora_widgets.portal.forked FD`` is started by the portal (see ``provisioner``), which
holds the other end of the socket FD and sends one JSON object a message:

``{"start": …}``
    Answered by ``{"pid": …}`` with a pidfd of the new kernel, or ``{"error": …}``.
``{"ended": pid}``
    Answered by ``{"status": …}``, what ``wait`` said of a kernel that has ended.

It has one thread, always: a fork keeps only the thread that forks, and the locks of the others.
"""

from __future__ import annotations

import gc
import json
import os
import select
import socket
import struct
import sys
import time
import traceback
from pathlib import Path
from typing import Any, Final, NoReturn

from aurora_widgets.portal.packing import fill, gather
from aurora_widgets.portal.parent import MESSAGE_BYTES
from aurora_widgets.portal.process import Exit, Start, prepare, run

_OWN_FILES: Final = 3
_MOST_FILES: Final = 2**31 - 1
_ENDING_SECONDS: Final = 2


def main() -> None:
    """Serve the portal until it is gone."""
    channel = socket.socket(fileno=int(sys.argv[1]))
    prepare()
    if warm():
        gather(warm)
    threads = left()
    if threads != 1:
        sys.exit(f"Kernels can't be forked here: the parent has {threads} threads and may have one.")
    gc.disable()
    gc.collect()
    fill()
    gc.freeze()
    channel.send(b"{}")
    _Parent(channel).serve()


def left() -> int:
    """Return how many threads there are, once those that Python has done with are gone from Linux too."""
    until = time.monotonic() + _ENDING_SECONDS
    while (threads := len(list(Path("/proc/self/task").iterdir()))) > 1 and time.monotonic() < until:
        time.sleep(0.001)
    return threads


def warm() -> bool:
    """Import and use what a kernel does; return whether that went well."""
    from aurora_widgets.portal.rehearsal import rehearse  # noqa: PLC0415  after the check of this process

    try:
        rehearse()
    except Exception:  # noqa: BLE001  kernels are larger then, and no less right
        traceback.print_exc()
        return False
    return True


class _Parent:
    def __init__(self, channel: socket.socket) -> None:
        self._channel = channel
        creator = channel.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
        self._portal = os.pidfd_open(struct.unpack("3i", creator)[0])
        self._events = select.poll()
        self._events.register(channel, select.POLLIN)
        self._living: dict[int, int] = {}
        self._ended: dict[int, int] = {}

    def serve(self) -> None:
        while True:
            for file, _ in self._events.poll():
                if file != self._channel.fileno():
                    self._reap(file)
                elif not self._answer():
                    return

    def _answer(self) -> bool:
        asked = self._channel.recv(MESSAGE_BYTES)
        if not asked:
            return False
        message: dict[str, Any] = json.loads(asked)
        if "start" in message:
            self._start(Start(**message["start"]))
        else:
            self._channel.send(json.dumps({"status": self._status(message["ended"])}).encode())
        return True

    def _start(self, start: Start) -> None:
        try:
            pid = os.fork()
        except OSError as error:
            self._channel.send(json.dumps({"error": error.strerror, "errno": error.errno}).encode())
            return
        if pid == 0:
            _be(start, self._portal)
        file = os.pidfd_open(pid)
        self._living[file] = pid
        self._ended.pop(pid, None)
        self._events.register(file, select.POLLIN)
        socket.send_fds(self._channel, [json.dumps({"pid": pid}).encode()], [file])

    def _status(self, pid: int) -> int | None:
        for file, living in list(self._living.items()):
            if living == pid:
                self._reap(file)
        return self._ended.pop(pid, None)

    def _reap(self, file: int) -> None:
        pid = self._living.pop(file, None)
        if pid is None:  # it was asked for between two looks
            return
        self._events.unregister(file)
        os.close(file)
        self._ended[pid] = os.waitpid(pid, 0)[1]


def _be(start: Start, portal: int) -> NoReturn:
    """Be the new kernel, with no file of the parent's but its log and the portal's pidfd."""
    try:
        os.setsid()
        os.closerange(_OWN_FILES, portal)
        os.closerange(portal + 1, _MOST_FILES)
        gc.enable()
        run(start, portal)
    except BaseException:  # noqa: BLE001  the parent's loop is never this process's
        traceback.print_exc()
    finally:
        os._exit(Exit.CRASHED)


if __name__ == "__main__":
    main()
