"""What a portal keeps from one start to the next, in a folder of its user alone.

Secrets, so that nobody has to log in again; the ports of its inside, so that what outlived a kill finds
the hub again; and which processes it started, so that the next start can end what a kill left behind.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import secrets
import socket
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

from aurora_widgets.errors import AuroraError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

HOST = "127.0.0.1"
"""Where the parts listen for each other."""

_PROCESSES, _PORTS, _LOCK = "processes.json", "ports.json", "lock"
_GRACE_SECONDS = 3


class StateUnusable(AuroraError):
    """The folder can't be used, or is in use."""

    code = "STATE_UNUSABLE"


def home() -> Path:
    """Return the usual folder: ``AURORA_STATE``, else ``aurora/hub`` among the user's state."""
    if chosen := os.environ.get("AURORA_STATE"):
        return Path(chosen).expanduser().absolute()
    state = Path(os.environ.get("XDG_STATE_HOME", ""))
    return (state if state.is_absolute() else Path.home() / ".local" / "state") / "aurora" / "hub"


@contextlib.contextmanager
def held(folder: Path) -> Iterator[None]:
    """Make the folder and keep it for this process while the block runs.

    Raises
    ------
    StateUnusable
        It can't be made, holds other things, or another portal has it.
    """
    try:
        if folder.is_dir() and any(folder.iterdir()) and not (folder / _LOCK).exists():
            raise StateUnusable(
                f"{folder} holds other things than a portal's state: choose a folder of its own by --state."
            )
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        folder.chmod(0o700)
        lock = os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise StateUnusable(
            f"The portal's state can't be kept in {folder} ({error.strerror}): "
            "choose a folder of your own by --state."
        ) from None
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise StateUnusable(
                f"A portal runs already with the state of {folder}: end it first, or choose another folder "
                "by --state."
            ) from None
        yield
    finally:
        os.close(lock)


def secret(folder: Path, name: str, make: Callable[[], str] = lambda: secrets.token_hex(32)) -> str:
    """Return a secret of this folder, made the first time; its file is this user's alone."""
    path = folder / name
    with contextlib.suppress(FileNotFoundError):
        if found := path.read_text().strip():
            path.chmod(0o600)
            return found
    return _written(path, make())


def ports(folder: Path, count: int) -> list[int]:
    """Return free ports of this machine's own address, the same as last time where they still are."""
    kept = [port for port in kept_ports(folder) if _is_free(port)][:count]
    with contextlib.ExitStack() as probes:
        while len(kept) < count:
            probe = probes.enter_context(socket.socket())
            probe.bind((HOST, 0))
            kept.append(int(probe.getsockname()[1]))
    _written(folder / _PORTS, json.dumps(kept))
    return kept


def kept_ports(folder: Path) -> list[int]:
    """Return the ports that were last used."""
    try:
        return [int(port) for port in json.loads((folder / _PORTS).read_text())]
    except (OSError, ValueError):
        return []


def listen_once(host: str, port: int) -> None:
    """See whether a port can be listened on.

    Raises
    ------
    OSError
        It can't; the error says why.
    """
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind((host, port))


def _is_free(port: int) -> bool:
    try:
        listen_once(HOST, port)
    except OSError:
        return False
    return True


def record(folder: Path, processes: Iterable[int]) -> None:
    """Write down the processes that now belong to this portal, each with the moment it started."""
    found = []
    for pid in processes:
        with contextlib.suppress(psutil.Error):
            found.append([pid, psutil.Process(pid).create_time()])
    _written(folder / _PROCESSES, json.dumps(found))


def end_left_over(folder: Path) -> int:
    """End what an earlier portal of this folder started and a kill left running; return how many."""
    try:
        entries = json.loads((folder / _PROCESSES).read_text())
    except (OSError, ValueError):
        return 0
    found: list[psutil.Process] = []
    for pid, started in entries:
        with contextlib.suppress(psutil.Error):
            process = psutil.Process(pid)
            if process.create_time() == started:
                found += [process, *process.children(recursive=True)]
    return len(end(found))


def end(processes: Iterable[psutil.Process]) -> list[psutil.Process]:
    """End these processes, politely first; return them. A number that is another's by now is let be."""
    found = list(processes)
    for process in found:
        with contextlib.suppress(psutil.Error):
            process.terminate()
    for process in psutil.wait_procs(found, timeout=_GRACE_SECONDS)[1]:
        with contextlib.suppress(psutil.Error):
            process.kill()
    return found


def _written(path: Path, text: str) -> str:
    beside = path.with_name(f".{path.name}.new")
    beside.unlink(missing_ok=True)
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
    beside.rename(path)
    return text
