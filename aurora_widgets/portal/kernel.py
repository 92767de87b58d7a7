"""The kernel of a business page: it runs the notebook's cells, then answers its widgets' messages.

It speaks as much of Jupyter's protocol as that needs. It has no shell, history, completer or
debugger, and one thread but for those that wait for the query service.
"""

from __future__ import annotations

import asyncio
import gc
import json
import logging
import os
import threading
from contextvars import ContextVar, copy_context
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import comm
import zmq
from comm.base_comm import BaseComm, CommManager
from ipywidgets import register_comm_target

from aurora_widgets import __version__
from aurora_widgets.portal.cells import CellFailed, Cells
from aurora_widgets.portal.messages import PROTOCOL, MessageInvalid, Wire

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aurora_widgets.portal.messages import Message

    Reply = tuple[str, dict[str, Any]]

_LOG = logging.getLogger(__name__)
_INFO: Final = {
    "status": "ok",
    "protocol_version": PROTOCOL,
    "implementation": "aurora",
    "implementation_version": __version__,
    "banner": "",
    "language_info": {"name": "python", "mimetype": "text/x-python", "file_extension": ".py"},
    "help_links": [],
}
_LINGER_MS: Final = 500
KINDS: Final = {
    "shell": zmq.ROUTER,
    "control": zmq.ROUTER,
    "stdin": zmq.ROUTER,
    "iopub": zmq.XPUB,
    "hb": zmq.ROUTER,
}
"""The channels of Jupyter's protocol."""
_SUBSCRIBED: Final = b"\x01"
_PARENT: ContextVar[Any] = ContextVar("parent", default=None)
"""The message being answered; a task goes on with that of the deed it began with."""


class PageKernel:
    """One page's kernel, on the event loop of its process.

    Parameters
    ----------
    connection
        Of Jupyter's connection file: transport, ip, ports, key.
    portal
        A file that can be read once the portal is gone, which ends the kernel.
    """

    def __init__(self, connection: Mapping[str, Any], portal: int) -> None:
        self._portal = portal
        self._wire = Wire(connection["key"].encode(), connection["signature_scheme"])
        self._context = zmq.Context()
        self._sockets = {name: self._bound(name, connection) for name in KINDS}
        self._cells = Cells(lambda shown: self.publish("display_data", {"data": shown, "metadata": {}}))
        self._allowed = _allowed(os.environ.get("AURORA_NOTEBOOK"))
        self._comms = CommManager()
        self._loop = asyncio.get_running_loop()
        self._thread = threading.get_ident()
        self._asked: asyncio.Queue[list[bytes]] = asyncio.Queue()
        self._ended: asyncio.Future[None] = self._loop.create_future()

    def _bound(self, name: str, connection: Mapping[str, Any]) -> zmq.Socket[bytes]:
        socket = self._context.socket(KINDS[name])
        socket.linger = _LINGER_MS
        between = "-" if connection["transport"] == "ipc" else ":"
        port = connection[f"{name}_port"]
        socket.bind(f"{connection['transport']}://{connection['ip']}{between}{port}")
        return socket

    async def served(self) -> None:
        """Serve until asked to end, or until the portal is gone."""
        before = comm.create_comm, comm.get_comm_manager
        comm.create_comm, comm.get_comm_manager = self._comm, lambda: self._comms
        register_comm_target()
        self._loop.set_exception_handler(self._failed)
        self._loop.add_reader(self._portal, self.end)
        for name in ("shell", "control", "iopub", "hb"):
            self._loop.add_reader(self._sockets[name].fileno(), self._take, name)
        answering = asyncio.create_task(self._answering())
        try:
            await self._ended
        finally:
            answering.cancel()
            self._context.destroy(linger=_LINGER_MS)
            comm.create_comm, comm.get_comm_manager = before

    def _failed(self, loop: asyncio.AbstractEventLoop, told: dict[str, Any]) -> None:
        if isinstance(told.get("exception"), MemoryError):
            self.end(told["exception"])
        else:
            loop.default_exception_handler(told)

    def end(self, error: BaseException | None = None) -> None:
        """End the kernel, well or by an error."""
        if self._ended.done():
            return
        if error is None:
            self._ended.set_result(None)
        else:
            self._ended.set_exception(error)

    # ── sockets

    def _take(self, name: str) -> None:
        """Take what has come; zmq wakes the loop for the first of several only."""
        socket = self._sockets[name]
        while not socket.closed and zmq.POLLIN & int(socket.get(zmq.EVENTS)):
            frames = socket.recv_multipart()
            match name:
                case "shell":
                    self._asked.put_nowait(frames)
                case "control":
                    copy_context().run(self._control, frames)
                case "hb":
                    socket.send_multipart(frames)
                case "iopub" if frames[0][:1] == _SUBSCRIBED:
                    topic = frames[0][1:]
                    self.publish("iopub_welcome", {"subscription": topic.decode()}, topic=topic)

    def _send(
        self, name: str, kind: str, content: Mapping[str, Any], idents: list[bytes], **more: Any
    ) -> None:
        if self._sockets[name].closed:
            return
        frames = self._wire.frames(kind, content, parent=_PARENT.get(), idents=idents, **more)
        self._sockets[name].send_multipart(frames)
        self._loop.call_soon(self._take, name)  # sending may have taken zmq's notice of what has come

    def publish(
        self, kind: str, content: Mapping[str, Any], *, topic: bytes | None = None, **more: Any
    ) -> None:
        """Send a message to all that listen to this kernel; from any thread."""
        if threading.get_ident() != self._thread:
            again = copy_context().run
            self._loop.call_soon_threadsafe(again, lambda: self.publish(kind, content, topic=topic, **more))
            return
        self._send("iopub", kind, content, [kind.encode() if topic is None else topic], **more)

    # ── questions

    async def _answering(self) -> None:
        while True:
            frames = await self._asked.get()
            try:
                found = self._read(frames)
                if found is None:
                    continue
                idents, message = found
                _PARENT.set(message)
                self._status("busy")
                reply = (
                    await self._execute(message)
                    if _kind(message) == "execute_request"
                    else self._reply(message)
                )
                self._answered("shell", idents, reply)
            except MemoryError as full:
                self.end(full)
            except Exception:  # noqa: BLE001  a message must not end the page
                _LOG.exception("A message could not be answered")
            gc.collect()  # 0.2 ms, as most is frozen; it gives back the tuples that Python keeps for later

    def _control(self, frames: list[bytes]) -> None:
        found = self._read(frames)
        if found is not None:
            idents, message = found
            _PARENT.set(message)
            self._status("busy")
            self._answered("control", idents, self._reply(message))

    def _read(self, frames: list[bytes]) -> tuple[list[bytes], Message] | None:
        try:
            return self._wire.read(frames)
        except MessageInvalid as invalid:
            _LOG.warning("A message was dropped: %s", invalid)
            return None

    def _answered(self, channel: str, idents: list[bytes], reply: Reply | None) -> None:
        if reply is not None:
            kind, content = reply
            self._send(channel, kind, content, idents)
        self._status("idle")

    def _status(self, state: str) -> None:
        self.publish("status", {"execution_state": state})

    def _reply(self, message: Message) -> Reply | None:
        match _kind(message):
            case "kernel_info_request":
                return "kernel_info_reply", _INFO
            case "comm_info_request":
                return "comm_info_reply", self._comm_info(message["content"].get("target_name"))
            case "comm_open":
                self._comms.comm_open(None, "", message)  # type: ignore[arg-type]  # it has no use for them
            case "comm_msg":
                self._comms.comm_msg(None, "", message)  # type: ignore[arg-type]
            case "comm_close":
                self._comms.comm_close(None, "", message)  # type: ignore[arg-type]
            case "interrupt_request":
                return "interrupt_reply", {"status": "ok"}  # a cell is interrupted by its signal
            case "shutdown_request":
                self._loop.call_soon(self.end)
                return "shutdown_reply", {"status": "ok", "restart": message["content"].get("restart", False)}
            case other:
                _LOG.warning("This kernel does not answer %s.", other)
        return None

    def _comm_info(self, target: str | None) -> dict[str, Any]:
        known = self._comms.comms.items()
        shown = {
            key: {"target_name": found.target_name}
            for key, found in known
            if target in {None, "", found.target_name}
        }
        return {"status": "ok", "comms": shown}

    async def _execute(self, message: Message) -> Reply:
        content = message["content"]
        source = content["code"]
        try:
            self._check(source)
            shown = await self._cells.run(source)
        except CellFailed as failed:
            name, sentence = failed.args
            error = {"ename": name, "evalue": sentence, "traceback": [sentence]}
            self.publish("error", error)
            return "execute_reply", {"status": "error", "execution_count": self._cells.ran, **error}
        count = self._cells.ran
        if shown is not None and not content.get("silent"):
            self.publish("execute_result", {"execution_count": count, "data": shown, "metadata": {}})
        return "execute_reply", {
            "status": "ok",
            "execution_count": count,
            "user_expressions": {},
            "payload": [],
        }

    def _check(self, source: str) -> None:
        if self._allowed is not None and source.strip() not in self._allowed:
            raise CellFailed("Forbidden", "This page runs its own notebook's cells and nothing else.")

    def _comm(self, *arguments: Any, **named: Any) -> BaseComm:
        return _Comm(self, *arguments, **named)


class _Comm(BaseComm):
    """A widget's line to its page."""

    def __init__(self, kernel: PageKernel, *arguments: Any, **named: Any) -> None:
        self._kernel = kernel
        super().__init__(*arguments, **named)

    def handle_msg(self, msg: Message) -> None:
        """Hand a message to its widget; a kernel that had no memory for it ends, and says why."""
        try:
            super().handle_msg(msg)
        except MemoryError as full:
            self._kernel.end(full)

    def publish_msg(
        self,
        msg_type: str,
        data: dict[str, Any] | None = None,
        metadata: dict[str, Any] | None = None,
        buffers: list[bytes] | None = None,
        **keys: Any,
    ) -> None:
        content = {"data": data or {}, "comm_id": self.comm_id, **keys}
        self._kernel.publish(msg_type, content, topic=self.topic, metadata=metadata or {}, buffers=buffers)


def _kind(message: Message) -> str:
    return str(message["header"]["msg_type"])


def _allowed(notebook: str | None) -> frozenset[str] | None:
    """Return the sources of a notebook's code cells; ``None`` without one."""
    if not notebook:
        return None
    found = json.loads(Path(notebook).read_text(encoding="utf-8"))["cells"]
    return frozenset("".join(cell["source"]).strip() for cell in found if cell["cell_type"] == "code")
