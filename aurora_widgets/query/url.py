"""Documents as the ``q`` of a URL: base64url of the deflated canonical JSON.

The deflate stream is zlib's (with its checksum, so that a cut link is noticed); a raw one
is read too. What is inflated is bounded, however much a link claims to hold.
"""

from __future__ import annotations

import base64
import binascii
import re
import zlib
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

from aurora_widgets.errors import Fault, QueryInvalid
from aurora_widgets.query.read import DEFAULT_LIMITS, Limits, from_json
from aurora_widgets.query.write import to_json

if TYPE_CHECKING:
    from aurora_widgets.query.model import Query

MOST_CHARACTERS = 16 * 1024
"""The longest ``q``; a larger question is shared as a file."""

_BASE64URL = re.compile(r"[A-Za-z0-9_-]+={0,2}\Z")


def to_url(query: Query) -> str:
    """Return the document as the value of ``q``.

    Raises
    ------
    QueryInvalid
        It is longer than ``MOST_CHARACTERS``.
    """
    deflated = zlib.compress(to_json(query).encode(), 9)
    text = base64.urlsafe_b64encode(deflated).rstrip(b"=").decode()
    if len(text) > MOST_CHARACTERS:
        raise _refused(
            "link-too-long",
            f"The question is too large for a link ({len(text):,} characters; {MOST_CHARACTERS:,} "
            "are allowed): share it as a file.",
        )
    return text


def from_url(text: str, limits: Limits = DEFAULT_LIMITS) -> Query:
    """Read the value of ``q``, or a whole URL that has one.

    Raises
    ------
    QueryInvalid
        The link is damaged, or its document has faults.
    """
    encoded = _q(text) if "?" in text else text.strip()
    if len(encoded) > MOST_CHARACTERS:
        raise _refused("link-too-long", f"A link holds {MOST_CHARACTERS:,} characters at most.")
    inflated = _inflate(encoded, limits.size)
    if inflated is None:
        raise _refused("damaged-link", "The link is damaged or was cut short: copy the whole of it again.")
    if len(inflated) > limits.size:
        raise _refused("too-large", f"The link's question is larger than {limits.size:,} bytes.")
    return from_json(inflated, limits)


def _q(url: str) -> str:
    try:
        return parse_qs(urlsplit(url.strip()).query).get("q", [""])[0]
    except ValueError:
        return ""


def _inflate(encoded: str, most: int) -> bytes | None:
    """Return what the text holds, at most one byte over ``most``; ``None`` for garbage."""
    if not _BASE64URL.match(encoded):
        return None
    bare = encoded.rstrip("=")
    try:
        deflated = base64.urlsafe_b64decode(bare + "=" * (-len(bare) % 4))
    except binascii.Error:
        return None
    for window in (zlib.MAX_WBITS, -zlib.MAX_WBITS):
        stream = zlib.decompressobj(window)
        try:
            inflated = stream.decompress(deflated, most + 1)
        except zlib.error:
            continue
        if (stream.eof and not stream.unused_data) or len(inflated) > most:
            return inflated
    return None


def _refused(code: str, message: str) -> QueryInvalid:
    return QueryInvalid([Fault(code, "", message)])
