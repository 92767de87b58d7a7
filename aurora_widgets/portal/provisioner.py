"""How Jupyter starts, watches and ends page kernels: forked from a warmed parent wherever that is possible.

Jupyter finds ``ForkedProvisioner`` by its entry point, ``aurora-forked``, in a kernel spec's metadata or as
``KernelProvisionerFactory.default_provisioner_name``.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import functools
import logging
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal, cast

from jupyter_client.provisioning import LocalProvisioner  # type: ignore[attr-defined]  # it exports it

from aurora_widgets import settings as limits
from aurora_widgets.errors import AuroraError
from aurora_widgets.portal.parent import Forked, ForkFailed, Parent, environment
from aurora_widgets.portal.process import Exit, Start

if TYPE_CHECKING:
    from typing import IO

    from jupyter_client.connect import KernelConnectionInfo

_LOG = logging.getLogger(__name__)
_MEGABYTE: Final = 1_000_000

Reason = Literal["closed", "memory", "killed", "broken"]
"""Why a kernel ended: it was asked to; its memory ceiling; a signal; a fault of its own."""


class KernelUnavailable(AuroraError):
    """The machine has no room for one more kernel."""

    code = "KERNEL_UNAVAILABLE"
    status = 503
    retry_after = 5


class ForkedProvisioner(LocalProvisioner):
    """One page kernel's process."""

    reason: Reason | None = None
    """Why the kernel ended; ``None`` while it lives."""
    _unwanted = False

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:  # noqa: ARG002
        """Start the kernel: a fork, or else a process of its own; a kernel spec's command is not used.

        Raises
        ------
        KernelUnavailable
        """
        start = Start(
            name=self.kernel_id or "",
            connection={key: _text(value) for key, value in self.connection_info.items()},
            environment=dict(kwargs.get("env", {})),
            folder=str(kwargs.get("cwd") or Path.cwd()),
            memory=limits.load().whole("KERNEL_MEMORY_MB") * _MEGABYTE,
        )
        self.reason, self._unwanted = None, False
        try:
            process: Any = await asyncio.to_thread(_started, start)
        except OSError as error:
            if error.errno not in {errno.ENOMEM, errno.EAGAIN}:
                raise
            raise KernelUnavailable(
                "This machine has no room for one more page just now; try again in a few seconds."
            ) from error
        self.process, self.pid, self.pgid = process, process.pid, process.pid
        self.cwd = kwargs.get("cwd")
        return self.connection_info

    async def poll(self) -> int | None:
        """Return the exit code, or ``None`` while the kernel lives."""
        code = await super().poll()
        if code is not None and self.process is not None and self.reason is None:
            self.reason = "closed" if self._unwanted and code < 0 else _reason(code)
            if self.reason != "closed":
                _LOG.warning("Kernel %s ended: %s (%s).", self.kernel_id, self.reason, code)
        return code

    async def kill(self, restart: bool = False) -> None:
        """End the kernel."""
        self._unwanted = True
        await super().kill(restart)

    async def terminate(self, restart: bool = False) -> None:
        """Ask the kernel to end."""
        self._unwanted = True
        await super().terminate(restart)

    async def send_signal(self, signum: int) -> None:
        """Send a signal to the kernel's process, and to no other that has its number since."""
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError):
                self.process.send_signal(signum)


@functools.cache
def parent() -> Parent:
    """Return this process's warmed parent; ``parent().start()`` starts it before the first kernel."""
    return Parent()


def _started(start: Start) -> Forked | subprocess.Popen[bytes]:
    try:
        return parent().fork(start)
    except ForkFailed as failed:
        _LOG.warning("A kernel is started without a fork: %s", failed)
    process = subprocess.Popen(
        [sys.executable, "-m", "aurora_widgets.portal.process"],
        stdin=subprocess.PIPE,
        stdout=2,
        env=environment(),
        cwd=start.folder,
        start_new_session=True,
    )
    pipe = cast("IO[bytes]", process.stdin)
    pipe.write(start.written() + b"\n")
    pipe.flush()  # it stays open: the kernel ends when it is closed, which the portal's own end does
    return process


def _reason(code: int) -> Reason:
    match code:
        case Exit.CLOSED:
            return "closed"
        case Exit.MEMORY:
            return "memory"
        case _ if code < 0:
            return "killed"
        case _:
            return "broken"


def _text(value: Any) -> Any:
    return value.decode() if isinstance(value, bytes) else value
