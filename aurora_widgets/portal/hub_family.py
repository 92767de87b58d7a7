"""The parts of a portal as one family of processes: started together, replaced one by one, ended whole.

Nothing outlives the keeper: on Linux the kernel tells its children when it dies, whoever loses its own
parent becomes its child, and at the end it ends all that are left. What a kill leaves all the same, the
next start ends (``hub_state.end_left_over``).
"""

from __future__ import annotations

import ctypes
import logging
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import psutil

from aurora_widgets.errors import AuroraError
from aurora_widgets.portal import hub_state

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

_LOG = logging.getLogger(__name__)
_ENDS = {signal.SIGTERM, signal.SIGINT}
_HEARD = {*_ENDS, signal.SIGCHLD}
_POLL_SECONDS = 0.2
_AGAIN_SECONDS = (0.0, 0.5, 1.0, 2.0, 5.0)
_LIVED_SECONDS = 30.0
_REFUSED = 2
_PR_SET_PDEATHSIG, _PR_SET_CHILD_SUBREAPER = 1, 36
_LIBC = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


class PartRefused(AuroraError):
    """A part of the portal doesn't start; it has said why."""

    code = "PART_REFUSED"


@dataclass(slots=True)
class Part:
    """One process of the portal.

    Parameters
    ----------
    name
        For the log.
    command, environment
        What to run, and all its variables.
    stop_seconds
        How long it may take to end.
    speaks
        Whether code 2 is its refusal, said in a sentence.
    renewed
        Called when it was replaced, until it returns true.
    logs_alone
        Whether what it prints beside its log is for nobody.
    """

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    stop_seconds: float = 5.0
    speaks: bool = False
    renewed: Callable[[], bool] = lambda: True
    logs_alone: bool = False
    is_new: bool = field(default=False, init=False)
    process: subprocess.Popen[bytes] | None = field(default=None, init=False)
    started: float = field(default=0.0, init=False)
    falls: int = field(default=0, init=False)
    due: float = field(default=0.0, init=False)
    code: int = field(default=0, init=False)


class Family:
    """Keeps the parts running.

    Parameters
    ----------
    parts
        In the order in which they are started; they end in the reverse one.
    state
        Where their process numbers are written down.
    """

    def __init__(self, parts: Sequence[Part], state: Path) -> None:
        self._parts, self._state = tuple(parts), state
        self._keeper = os.getpid()
        self._came = self._is_ending = False

    def run(self, is_ready: Callable[[], bool], ready: Callable[[], None]) -> None:
        """Keep the parts running until SIGTERM or SIGINT; a second one ends them at once.

        Parameters
        ----------
        is_ready
            Whether people can come; asked several times a second until they can.
        ready
            Called then.

        Raises
        ------
        PartRefused
            A part ended before people could come.
        SystemExit
            It was one of ours, and has said why in a sentence.
        """
        if _LIBC is not None:
            _LIBC.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
        signal.pthread_sigmask(signal.SIG_BLOCK, _HEARD)
        try:
            while True:
                fallen = self._reap()
                if fallen is not None and not self._came:
                    if fallen.code == _REFUSED and fallen.speaks:
                        raise SystemExit(_REFUSED)
                    raise PartRefused(
                        f"The portal can't start, because its {fallen.name} ended by {fallen.code}."
                    )
                self._start_due()
                if not self._came and is_ready():
                    self._came = True
                    ready()
                for part in self._parts:
                    if part.is_new and part.process is not None and part.renewed():
                        part.is_new = False
                if _is_told_to_end():
                    return
        finally:
            self._end()
            signal.pthread_sigmask(signal.SIG_UNBLOCK, _HEARD)

    def _start_due(self) -> None:
        for part in self._parts:
            if part.process is None and time.monotonic() >= part.due:
                part.process = subprocess.Popen(  # noqa: S603  commands of our own
                    part.command,
                    env=part.environment,
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL if part.logs_alone else sys.stderr,
                    preexec_fn=self._born,  # noqa: PLW1509  the keeper has one thread
                    process_group=0,
                    umask=0o077,
                )
                part.started = time.monotonic()
                hub_state.record(self._state, [one.process.pid for one in self._parts if one.process])

    def _born(self) -> None:
        signal.pthread_sigmask(signal.SIG_SETMASK, set())
        if _LIBC is not None:
            _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
            if os.getppid() != self._keeper:
                os._exit(1)

    def _reap(self) -> Part | None:
        """Bury the dead, plan the next start of the parts among them, and return one of these."""
        fallen = None
        for pid, status in _dead():
            for part in self._parts:
                if part.process is None or part.process.pid != pid:
                    continue
                part.process.returncode = part.code = os.waitstatus_to_exitcode(status)
                lived = time.monotonic() - part.started
                part.falls = 1 if lived > _LIVED_SECONDS else part.falls + 1
                wait = _AGAIN_SECONDS[min(part.falls, len(_AGAIN_SECONDS)) - 1]
                part.due, part.is_new = time.monotonic() + wait, True
                if self._came and not self._is_ending:
                    _LOG.error("the %s ended with code %d and is replaced", part.name, part.code)
                part.process = None
                fallen = part
        return fallen

    def _end(self) -> None:
        self._is_ending = True
        for part in reversed(self._parts):
            if part.process is None:
                continue
            part.process.terminate()
            self._await(part)
        hub_state.end(psutil.Process().children(recursive=True))
        for _ in _dead():
            pass
        hub_state.record(self._state, ())

    def _await(self, part: Part) -> None:
        """Wait for a part's end, until its time is over or a person insists."""
        over = time.monotonic() + part.stop_seconds
        while part.process is not None and time.monotonic() < over:
            if _is_told_to_end():
                return
            self._reap()


def _is_told_to_end() -> bool:
    """Wait a little, or until a child ends, and say whether a signal asks for the end.

    A wait that was interrupted (the process was stopped, the machine slept) until its time was over
    answers with a number that is no signal's: CPython returns what it has not filled in.
    """
    heard = signal.sigtimedwait(_HEARD, _POLL_SECONDS)
    return heard is not None and heard.si_signo in _ENDS


def _dead() -> list[tuple[int, int]]:
    found = []
    try:
        while (ended := os.waitpid(-1, os.WNOHANG))[0]:
            found.append(ended)
    except ChildProcessError:
        pass
    return found
