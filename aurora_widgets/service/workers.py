"""The worker processes of ``aurora service``: forked from one parent, on one socket.

The parent imports everything, opens no data and starts no thread (the import of DuckDB starts
one, idle until data is opened). It waits, replaces a worker that dies, and ends them when it is
told to. What the workers share (the limits, the figures)
is memory that they inherit.
"""

from __future__ import annotations

import contextlib
import gc
import logging
import os
import re
import select
import signal
import socket
import sys
import threading
import time
from typing import TYPE_CHECKING, NoReturn

from aurora_widgets.engine import memory
from aurora_widgets.errors import AuroraError, ServiceUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from aurora_widgets.service.auth import Identity
    from aurora_widgets.service.run import Runner
    from aurora_widgets.service.shared import SharedMemory
    from aurora_widgets.settings import Settings

_LOG = logging.getLogger(__name__)

DIRECTORY = "PROMETHEUS_MULTIPROC_DIR"
"""Where the ``prometheus_client`` library keeps the figures of several processes; read at its import."""

_FIGURES = "aurora-figures-"
_REFUSED = 2
_GRACE_SECONDS = 5
_POLL_MILLISECONDS = 250
_AGAIN_SECONDS = 1.0


def listening(host: str, port: int) -> socket.socket:
    """Return a socket that all workers accept on; port 0 is any free one.

    Raises
    ------
    ServiceUnavailable
        The port is taken, or the address is not this machine's.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # Without its protocol's number asyncio leaves Nagle's delay on: 40 ms on every answer.
    opened = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        opened.bind((host, port))
    except OSError as error:
        opened.close()
        raise ServiceUnavailable(f"Port {port} of {host} can't be used: {error.strerror}.") from None
    opened.listen(2048)
    return opened


def of_each(settings: Settings) -> Settings:
    """Return the settings of one worker: DuckDB's memory is divided among them, its threads are not.

    Every worker's DuckDB may use all cores, so that a question that is alone has them all; the system
    shares them out where several run.
    """
    limit = settings.text("DUCKDB_MEMORY_LIMIT")
    number = re.match(r"[\d.]+", limit)
    assert number is not None  # noqa: S101  the setting's own form
    share = float(number[0]) / max(1, settings.whole("API_PROCESSES"))
    return settings.replace(DUCKDB_MEMORY_LIMIT=f"{share:.3f}{limit[number.end() :]}")


def serve(
    opened: socket.socket,
    data: Callable[[], Runner],
    identity: Identity,
    settings: Settings,
    ready: Callable[[], None],
) -> int:
    """Serve until SIGTERM or SIGINT; return the exit code.

    Parameters
    ----------
    opened
        From ``listening``.
    data
        Opens it, in each worker.
    identity
        Whose token it is.
    settings
        The limits; ``API_PROCESSES`` workers.
    ready
        Called when the first worker takes requests.
    """
    # Threads don't survive a fork: these libraries would start some with their import.
    os.environ.setdefault("JE_ARROW_MALLOC_CONF", "background_thread:false")
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    with _figures():
        import aurora_widgets.engine.duckdb  # noqa: PLC0415  after the figures have their place
        import aurora_widgets.service.http  # noqa: PLC0415
        import aurora_widgets.sql.statement  # noqa: F401, PLC0415
        from aurora_widgets.service.limits import shared  # noqa: PLC0415

        memory = None if settings["LIMITS_STORAGE"] else shared(settings)

        def work(tell: Callable[[], object]) -> None:
            _work(opened, data(), identity, memory, tell)

        gc.collect()
        gc.freeze()
        return _Family(settings, work, ready).run()


@contextlib.contextmanager
def _figures() -> Iterator[None]:
    """Keep the figures of all workers in memory-backed files, gone with the service."""
    with memory.folder(_FIGURES) as folder:
        os.environ[DIRECTORY] = str(folder)
        try:
            yield
        finally:
            del os.environ[DIRECTORY]


class _Family:
    """The parent of the workers."""

    def __init__(
        self, settings: Settings, work: Callable[[Callable[[], object]], None], ready: Callable[[], None]
    ) -> None:
        self._size = max(1, settings.whole("API_PROCESSES"))
        self._patience = settings.seconds("QUERY_TIMEOUT_SECONDS") + settings.seconds("POOL_WAIT_SECONDS")
        self._work, self._ready = work, ready
        self._workers: dict[int, float] = {}
        self._is_ready = False
        self._code = 0
        self._kill_at: float | None = None
        self._alive, self._held = os.pipe()  # the writing end closes with the parent, however that ends
        self._told, self._tell = os.pipe()
        self._woken, self._wake = os.pipe()

    def run(self) -> int:
        """Keep the workers until told to stop."""
        for end in (self._wake, self._woken, self._told):
            os.set_blocking(end, False)
        signal.set_wakeup_fd(self._wake, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self._stop())
        waiting = select.poll()
        for end in (self._woken, self._told):
            waiting.register(end, select.POLLIN)
        while True:
            self._reap()
            if self._kill_at is None:
                self._replace()
            elif not self._workers:
                return self._code
            elif time.monotonic() > self._kill_at:
                self._signal(signal.SIGKILL)
            waiting.poll(_POLL_MILLISECONDS)
            _drained(self._woken)
            if _drained(self._told) and not self._is_ready:
                self._is_ready = True
                self._ready()

    def _stop(self, code: int = 0) -> None:
        if self._kill_at is None:
            self._code = code
            self._kill_at = time.monotonic() + self._patience + _GRACE_SECONDS
        self._signal(signal.SIGTERM)

    def _signal(self, number: signal.Signals) -> None:
        for worker in list(self._workers):
            with contextlib.suppress(ProcessLookupError):
                os.kill(worker, number)

    def _reap(self) -> None:
        from prometheus_client import multiprocess  # noqa: PLC0415  after the figures have their place

        while self._workers:
            worker, status = os.waitpid(-1, os.WNOHANG)
            if not worker:
                return
            started = self._workers.pop(worker, 0.0)
            multiprocess.mark_process_dead(worker)  # type: ignore[no-untyped-call]
            if self._kill_at is not None:
                continue
            code = os.waitstatus_to_exitcode(status)
            if code == _REFUSED and not self._is_ready:
                self._stop(_REFUSED)
                continue
            _LOG.error("worker %d ended with code %d and is replaced", worker, code)
            if time.monotonic() - started < _AGAIN_SECONDS:
                time.sleep(_AGAIN_SECONDS)  # one that can't live must not fork without end

    def _replace(self) -> None:
        while len(self._workers) < self._size:
            worker = os.fork()
            if not worker:
                self._be_worker()
            self._workers[worker] = time.monotonic()

    def _be_worker(self) -> NoReturn:
        code = 1
        try:
            signal.set_wakeup_fd(-1)
            for number in (signal.SIGCHLD, signal.SIGTERM, signal.SIGINT):
                signal.signal(number, signal.SIG_DFL)
            os.close(self._held)
            threading.Thread(target=self._outlive, daemon=True).start()
            self._work(lambda: os.write(self._tell, b"."))
            code = 0
        except AuroraError as error:
            print(error.detail, file=sys.stderr, flush=True)  # noqa: T201
            code = _REFUSED
        except BaseException:  # noqa: BLE001  a fork must never run on into its parent's code
            _LOG.exception("a worker failed")
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)

    def _outlive(self) -> None:
        """End this worker when its parent is gone."""
        os.read(self._alive, 1)
        os.kill(os.getpid(), signal.SIGTERM)


def _drained(end: int) -> bytes:
    try:
        return os.read(end, 4096)
    except BlockingIOError:
        return b""


def _work(
    opened: socket.socket,
    runner: Runner,
    identity: Identity,
    memory: SharedMemory | None,
    tell: Callable[[], object],
) -> None:
    import uvicorn  # noqa: PLC0415  the parent's imports are all shared, but this module is read without them

    from aurora_widgets.service import connections, http, logs  # noqa: PLC0415
    from aurora_widgets.service.limits import Limits  # noqa: PLC0415

    logs.configure()
    with contextlib.suppress(AuroraError):  # on a busy machine the first question is slow, that is all
        runner.warm()
    app = http.application(runner, identity, limits=Limits(runner.settings, memory))
    connections.room_for_many()

    class Server(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            tell()

    Server(connections.config(app, runner.settings)).run(sockets=[opened])
