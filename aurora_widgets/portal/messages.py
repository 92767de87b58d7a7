"""Jupyter's messages on the wire: signed frames, made and read.

``jupyter_client.session`` does the same and more, at the cost of a megabyte of every kernel (see
``docs/decisions/2026-11-22-forked-kernels.md``).
"""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import json
import secrets
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Message = dict[str, Any]

PROTOCOL: Final = "5.4"
_DELIMITER: Final = b"<IDS|MSG>"
_PARTS: Final = ("header", "parent_header", "metadata", "content")
_JSON: Final = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"), default=str)


class MessageInvalid(ValueError):
    """What came is no message, or nobody with the key signed it."""


class Wire:
    """One kernel's side of the protocol.

    Parameters
    ----------
    key, scheme
        As in Jupyter's connection file; the scheme is ``hmac-`` and a hash's name.
    """

    def __init__(self, key: bytes, scheme: str) -> None:
        self._signature = hmac.new(key, digestmod=getattr(hashlib, scheme.removeprefix("hmac-")))
        self._session = secrets.token_hex(16)
        self._sent = 0

    def frames(
        self,
        kind: str,
        content: Mapping[str, Any],
        *,
        parent: Message | None,
        idents: Sequence[bytes],
        metadata: Mapping[str, Any] | None = None,
        buffers: Sequence[bytes] | None = None,
    ) -> list[bytes]:
        """Return a message as its frames; ``parent`` is the message that it answers."""
        self._sent += 1
        header = {
            "msg_id": f"{self._session}_{self._sent}",
            "msg_type": kind,
            "username": "kernel",
            "session": self._session,
            "date": dt.datetime.now(dt.UTC).isoformat(),
            "version": PROTOCOL,
        }
        answered = {} if parent is None else parent["header"]
        parts = [
            _JSON.encode(part).encode("utf-8", "replace")
            for part in (header, answered, metadata or {}, content)
        ]
        return [*idents, _DELIMITER, self._signed(parts), *parts, *(buffers or ())]

    def read(self, frames: Sequence[bytes]) -> tuple[list[bytes], Message]:
        """Return who sent a message, and the message.

        Raises
        ------
        MessageInvalid
        """
        try:
            start = frames.index(_DELIMITER)
        except ValueError:
            raise MessageInvalid("it has no beginning.") from None
        parts = list(frames[start + 2 : start + 2 + len(_PARTS)])
        if len(parts) != len(_PARTS) or not hmac.compare_digest(frames[start + 1], self._signed(parts)):
            raise MessageInvalid("it is not signed with the key.")
        message = {name: json.loads(part) for name, part in zip(_PARTS, parts, strict=True)}
        message["buffers"] = list(frames[start + 2 + len(_PARTS) :])
        return list(frames[:start]), message

    def _signed(self, parts: Sequence[bytes]) -> bytes:
        signature = self._signature.copy()
        for part in parts:
            signature.update(part)
        return signature.hexdigest().encode()
