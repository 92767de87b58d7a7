"""Who may do what in the portal: log-in by the hub, kernels by owner, and the few messages of widgets."""

from __future__ import annotations

import contextlib
import json
import logging
import struct
import time
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

from jupyter_server.auth import Authorizer
from jupyter_server.services.kernels.connection.channels import ZMQChannelsWebsocketConnection
from jupyterhub.singleuser.extension import JupyterHubIdentityProvider
from tornado.web import HTTPError
from tornado.websocket import WebSocketClosedError
from traitlets import default

from aurora_widgets.portal.figures import FIGURES
from aurora_widgets.service.hub_client import PatientHub

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Awaitable, Callable

    from jupyter_server.auth import User

_LOG = logging.getLogger("aurora_widgets.portal")

WIDGETS: Final = "jupyter.widget"
"""The target of a widget that a kernel makes; a page itself may open none."""
CONTROL: Final = "jupyter.widget.control"
"""The one target that a page may open: it asks for the state of all widgets."""
ALLOWED: Final = frozenset(
    {
        ("shell", "comm_msg"),
        ("shell", "comm_open"),
        ("shell", "comm_close"),
        ("shell", "comm_info_request"),
        ("shell", "kernel_info_request"),
        ("control", "kernel_info_request"),
    }
)
"""Every channel and type of message that a page may send."""
V1: Final = "v1.kernel.websocket.jupyter.org"
MESSAGE_BYTES: Final = 2_000_000
"""The largest message: a document of a megabyte, escaped as JSON within JSON."""
_MOST_PARTS: Final = 64
_POLICY_VIOLATED: Final = 1008
_CONNECTIONS: Final = 3  # of one page: one, and those that a lost network has not let go yet
_BURST: Final = 200
_RATE: Final = 50.0
_BURST_BYTES: Final = 8_000_000.0
_RATE_BYTES: Final = 1_000_000.0


class PortalIdentity(JupyterHubIdentityProvider):  # type: ignore[misc]
    """Whoever the hub says it is; a kernel's own address is there for its owner alone."""

    def __init__(self, **traits: Any) -> None:
        for unused in ("token", "login_handler_class"):  # what Voila passes to its own provider
            traits.pop(unused, None)
        super().__init__(**traits)

    @default("hub_auth")
    def _patient_hub(self) -> PatientHub:
        hub = PatientHub(parent=self)
        hub.cookie_options = {"samesite": "Lax", **hub.cookie_options}
        return hub

    async def get_user(self, handler: Any) -> User | None:
        """Return who asks; another's kernel, or none, is not found."""
        user: User | None = await super().get_user(handler)
        kernel_id = handler.path_kwargs.get("kernel_id")
        if user is not None and kernel_id is not None and not handler.allows(kernel_id, user.username):
            refused(handler, user.username, "KERNEL_OF_ANOTHER", kernel_id)
            raise HTTPError(404)
        return user

    def voucher(self, handler: Any) -> Callable[[], Awaitable[bool]]:
        """Return what tells, from time to time, whether the one who asks is still logged in."""
        token, session = self.hub_auth.get_token(handler), self.hub_auth.get_session_id(handler)

        async def vouched() -> bool:
            return await self.hub_auth.model(token, session) is not None

        return vouched


class WidgetsOnly(Authorizer):
    """A page talks with its kernel, and that is all that anyone may do."""

    def is_authorized(self, handler: Any, user: User, action: str, resource: str) -> bool:  # noqa: ARG002
        """Allow the connection of one's own page."""
        return resource == "kernels" and action == "execute" and getattr(handler, "is_connection", False)


def refused(handler: Any, user: str, code: str, what: str) -> None:
    """Log and count what somebody tried."""
    FIGURES.refusals.labels(code).inc()
    told = {"user": user, "code": code, "path": handler.request.path, "method": handler.request.method}
    _LOG.warning("Refused: %s", what[:200], extra=told)


@dataclass
class Pace:
    """How much a page may send: a burst, then so much a second; more waits, and delays no one else."""

    clock: Callable[[], float] = time.monotonic
    messages: float = _BURST
    octets: float = _BURST_BYTES
    at: float = field(default=0.0)

    def __post_init__(self) -> None:
        self.at = self.clock()

    def take(self, size: int) -> float:
        """Take a message in, and return the seconds to wait before the next."""
        now = self.clock()
        passed, self.at = now - self.at, now
        self.messages = min(_BURST, self.messages + passed * _RATE) - 1
        self.octets = min(_BURST_BYTES, self.octets + passed * _RATE_BYTES) - size
        return max(0.0, -self.messages / _RATE, -self.octets / _RATE_BYTES)


class WidgetConnection(ZMQChannelsWebsocketConnection):
    """The websocket of a page: what widgets say passes, anything else closes it."""

    def __init__(self, **traits: Any) -> None:
        super().__init__(**traits)
        self._pace = Pace()
        self._ended = False

    async def prepare(self) -> None:
        """Refuse one connection too many; else get the kernel ready."""
        page = self.multi_kernel_manager.opened.get(self.kernel_id)
        if page is None:
            raise HTTPError(404)
        if len(page.connections) >= _CONNECTIONS:
            refused(self.websocket_handler, page.user, "TOO_MANY_CONNECTIONS", self.kernel_id)
            raise HTTPError(429)
        await super().prepare()  # type: ignore[no-untyped-call]

    def connect(self) -> asyncio.Future[None] | None:  # type: ignore[override]  # as its parent does
        """Take note of it, and connect."""
        self.multi_kernel_manager.connected(self.kernel_id, self)
        return super().connect()

    def disconnect(self) -> None:  # type: ignore[override]
        """Take note of it, and disconnect."""
        self.multi_kernel_manager.disconnected(self.kernel_id, self)
        super().disconnect()  # type: ignore[no-untyped-call]

    def end(self) -> None:
        """Tell the page that its kernel is gone, and hang up."""
        if not self._ended:
            self._ended = True
            with contextlib.suppress(WebSocketClosedError):  # it has hung up itself
                self._send_status_message("dead")  # type: ignore[no-untyped-call]
            self.websocket_handler.close(1000, "ended")

    def passed(self, raw: bytes | str) -> float:
        """Pass a message on, or close the connection; returns the seconds to wait before the next."""
        if self._ended:
            return 0.0
        fault = self._fault(raw)
        if fault is None:
            try:
                self.handle_incoming_message(raw)  # type: ignore[arg-type]
            except Exception:  # noqa: BLE001  parts that widgets' messages have, and this one lacks
                fault = "a malformed message"
        if fault is None:
            FIGURES.messages.inc()
            return self._pace.take(len(raw))
        self._ended = True
        refused(
            self.websocket_handler, self.websocket_handler.current_user.username, "MESSAGE_REFUSED", fault
        )
        self.websocket_handler.close(_POLICY_VIOLATED, "refused")
        return 0.0

    def _fault(self, raw: bytes | str) -> str | None:
        """Return what is wrong with a message: nothing, if it is a widget's."""
        try:
            channel, header, content = self._parts(raw)
            kind = header["msg_type"]
            target = content.get("target_name") if kind == "comm_open" else CONTROL
        except Exception:  # noqa: BLE001  whatever a stranger sends
            return "a malformed message"
        if (channel, kind) not in ALLOWED:
            return f"{kind} on {channel}"
        if target != CONTROL:
            return f"comm_open of {target}"
        if kind == "comm_msg":
            self.multi_kernel_manager.touch(self.kernel_id)
        return None

    def _parts(self, raw: bytes | str) -> tuple[str, dict[str, Any], dict[str, Any]]:
        if self.subprotocol == V1:
            channel, header, _, _, content, *_ = split(raw, "<Q", first=1)
            return channel.decode(), json.loads(header), json.loads(content)
        message = json.loads(split(raw, "!I", first=0)[0] if isinstance(raw, bytes) else raw)
        return message["channel"], message["header"], message["content"]


def split(raw: bytes | str, number: str, *, first: int) -> list[bytes]:
    """Return the parts of a binary message; Jupyter's own reading would count to what a stranger says.

    Parameters
    ----------
    raw
        How many offsets there are, the offsets, the parts.
    number
        How a number is packed.
    first
        1 where the last offset is the end, 0 where the end is not said.
    """
    if isinstance(raw, str):
        raise TypeError(raw)
    (count,) = struct.unpack_from(number, raw)
    if not first < count <= _MOST_PARTS:
        raise ValueError(count)
    offsets = list(struct.unpack_from(f"{number[0]}{count}{number[1]}", raw, struct.calcsize(number)))
    ends = offsets if first else [*offsets, len(raw)]
    if ends != sorted(ends) or ends[-1] > len(raw):
        raise ValueError(offsets)
    return [raw[start:end] for start, end in pairwise(ends)]
