"""One line of JSON an event, with the request that it belongs to; never a token or a value."""

from __future__ import annotations

import datetime as dt
import json
import logging
import re
import sys
import uuid
from contextvars import ContextVar

from aurora_widgets import settings

REQUEST: ContextVar[str] = ContextVar("request", default="")
"""The id of the request at hand, also in the thread that runs its question."""

_GIVEN = re.compile(r"[A-Za-z0-9_-]{8,64}")
_FIELDS = ("method", "path", "status", "code", "ms", "user", "kernel", "reason")


def request_id(given: str) -> str:
    """Return the id that a proxy gave, or a new one."""
    return given if _GIVEN.fullmatch(given) else uuid.uuid4().hex[:16]


class Lines(logging.Formatter):
    """Writes a record as one JSON object."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        line: dict[str, object] = {
            "time": dt.datetime.fromtimestamp(record.created, dt.UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            "process": record.process,
        }
        if REQUEST.get():
            line["request_id"] = REQUEST.get()
        line |= {name: getattr(record, name) for name in _FIELDS if hasattr(record, name)}
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)


def configure() -> None:
    """Send every log of this process to standard error as JSON lines."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Lines())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(settings.load().text("LOG_LEVEL").upper())
