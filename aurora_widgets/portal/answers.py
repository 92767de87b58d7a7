"""What each answer of the portal has: an id, its headers, a log line, and words where it is a refusal."""

from __future__ import annotations

import json
import logging
from typing import Any, ClassVar, Final

from jupyterhub.utils import get_browser_protocol
from tornado import web
from tornado.iostream import StreamClosedError

from aurora_widgets.errors import AuroraError
from aurora_widgets.portal import refusals
from aurora_widgets.portal.figures import FIGURES
from aurora_widgets.service import logs

_LOG = logging.getLogger("aurora_widgets.portal")
_SOURCES: Final = {
    "default-src": "'none'",
    "script-src": "'none'",
    "style-src": "'self' 'unsafe-inline'",
    "img-src": "'self' data: blob:",
    "font-src": "'self' data:",
    "connect-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
}


def policy(nonce: str = "") -> str:
    """Return the Content-Security-Policy: this host alone, and of scripts in a page those with the nonce."""
    scripts = {"script-src": f"'self' blob: 'nonce-{nonce}'"} if nonce else {}
    return "; ".join(f"{what} {where}" for what, where in (_SOURCES | scripts).items())


_HEADERS: Final = {
    "Content-Security-Policy": policy(),
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


class Answers(web.RequestHandler):
    """What every answer has."""

    number = ""
    """The request's id, which the log has as well."""
    is_quiet: ClassVar[bool] = False
    """Whether an answer is no event that the log should tell of."""

    def set_default_headers(self) -> None:
        """Set the headers, and the request's id."""
        if not self.number:
            self.number = logs.request_id(self.request.headers.get("X-Request-Id", ""))
        logs.REQUEST.set(self.number)
        for name, value in _HEADERS.items():
            self.set_header(name, value)
        self.set_header("X-Request-ID", self.number)
        self.set_header("Cache-Control", "no-store")
        self.clear_header("Server")

    def set_cookie(self, name: str, value: str | bytes, *given: Any, **options: Any) -> None:
        """Set a cookie, which over HTTPS is sent over HTTPS alone."""
        options.setdefault("secure", get_browser_protocol(self.request) == "https")
        super().set_cookie(name, value, *given, **options)

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Say in one sentence what is wrong."""
        error = kwargs.get("exc_info", (None, None))[1]
        said, code = refusals.sentence(status_code), f"HTTP_{status_code}"
        if isinstance(error, AuroraError):
            said, code, status_code = error.detail, error.code, error.status
            self.set_status(status_code)
            if error.retry_after is not None:
                self.set_header("Retry-After", str(error.retry_after))
        FIGURES.refusals.labels(code).inc()
        if _is_page(self):
            self.set_header("Content-Type", "text/html; charset=utf-8")
            home = self.settings.get("base_url", "/")
            self.finish(refusals.page(status_code, said, home=home, number=self.number))
        else:
            self.set_header("Content-Type", "application/problem+json")
            told = {"status": status_code, "code": code, "detail": said, "request_id": self.number}
            self.finish(json.dumps(told))

    def log_exception(self, typ: Any, value: Any, tb: Any) -> None:
        """Log a traceback for what nobody foresaw alone."""
        if not isinstance(value, AuroraError | web.HTTPError | StreamClosedError):
            _LOG.error("A request failed in a way nobody foresaw", exc_info=(typ, value, tb))


def _is_page(handler: web.RequestHandler) -> bool:
    headers = handler.request.headers
    return headers.get("Sec-Fetch-Dest", "document") == "document" and "text/html" in headers.get(
        "Accept", ""
    )


def answered(handler: web.RequestHandler) -> None:
    """Log an answer as one line."""
    status = handler.get_status()
    if status < 400 and getattr(handler, "is_quiet", False):  # noqa: PLR2004
        return
    user = getattr(handler, "_jupyterhub_user", None)
    fields = {
        "method": handler.request.method,
        "path": handler.request.path,
        "status": status,
        "ms": round(handler.request.request_time() * 1000, 1),
        **({"user": user.username} if user else {}),
    }
    logs.REQUEST.set(getattr(handler, "number", ""))
    _LOG.info("answered", extra=fields)
