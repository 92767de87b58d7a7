"""The files of the page: kept by browsers by their fingerprint, sent as the build compressed them."""

from __future__ import annotations

import mimetypes
from pathlib import Path
from typing import Any, Final

from jupyter_server.utils import url_path_join
from tornado import web
from voila.static_file_handler import TemplateStaticFileHandler

_TEMPLATE: Final = "aurora/static/"
_CODINGS: Final = {"br": ".br", "gzip": ".gz"}
_FOR_GOOD: Final = "public, max-age=31536000, immutable"
_ASK_AGAIN: Final = "public, no-cache"


class PageFiles(TemplateStaticFileHandler):  # type: ignore[misc]  # Voila has no types
    """The page's script and style sheet; their address carries their fingerprint as ``v``."""

    _coding: str | None = None

    def parse_url_path(self, url_path: str) -> str:
        """Refuse what is not a file of the page's template."""
        if not url_path.startswith(_TEMPLATE) or ".." in url_path:
            raise web.HTTPError(404)
        return str(super().parse_url_path(url_path))

    def validate_absolute_path(self, root: str, absolute_path: str) -> str | None:
        """Choose the file that is compressed as the browser takes it."""
        accepted = {part.partition(";")[0].strip() for part in self._accepted().split(",")}
        for coding, suffix in _CODINGS.items():
            if coding in accepted and Path(absolute_path + suffix).is_file():
                self._coding = coding
                absolute_path += suffix
                break
        found: str | None = super().validate_absolute_path(root, absolute_path)
        return found

    def _accepted(self) -> str:
        return str(self.request.headers.get("Accept-Encoding", ""))

    def get_content_type(self) -> str:
        """Return the type of what is inside."""
        return mimetypes.guess_type(self.path)[0] or "application/octet-stream"

    def set_extra_headers(self, path: str) -> None:  # noqa: ARG002
        """Let a file be kept under its fingerprint."""
        self.set_header("Vary", "Accept-Encoding")
        self.set_header("Cache-Control", _FOR_GOOD if "v" in self.request.arguments else _ASK_AGAIN)
        self.clear_header("Expires")
        if self._coding is not None:
            self.set_header("Content-Encoding", self._coding)


def routes(base_url: str) -> list[Any]:
    """Return the address of the page's files."""
    return [(url_path_join(base_url, "/voila/templates/(.*)"), PageFiles)]
