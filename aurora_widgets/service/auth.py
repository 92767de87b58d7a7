"""Who asks: a bearer token to a user and groups; and whether it is the host itself."""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import yaml

from aurora_widgets.errors import AuroraError, Forbidden, Unauthenticated

if TYPE_CHECKING:
    from collections.abc import Container, Mapping
    from pathlib import Path

    from fastapi import APIRouter
    from starlette.requests import Request
    from starlette.responses import Response

_LOG = logging.getLogger(__name__)


class TokensInvalid(AuroraError):
    """A file of tokens that can't be read."""

    code = "TOKENS_INVALID"


@dataclass(frozen=True, slots=True)
class User:
    """Who asks, and the groups they are in."""

    name: str
    groups: frozenset[str] = frozenset()

    def require(self, groups: str, what: str) -> None:
        """Refuse who is in none of these groups.

        Parameters
        ----------
        groups
            With commas between them; ``*`` is everybody's.
        what
            What only they may have: the subject of the refusal's sentence.

        Raises
        ------
        Forbidden
        """
        if groups != "*" and self.groups.isdisjoint(groups.split(",")):
            raise Forbidden(f"{what} are for the group {groups.replace(',', ' or ')}.")


class Identity(Protocol):
    """Says whose token it is; the hub's tokens and a file's are told apart nowhere else."""

    browsers: Browsers | None

    async def user(self, token: str) -> User:
        """Return whose token it is.

        Raises
        ------
        Unauthenticated
            Nobody's, or nobody's any more.
        """
        ...

    async def watches(self, token: str) -> bool:
        """Return whether it is a token for watching the service, whoever's it is.

        Raises
        ------
        ServiceUnavailable
        """
        ...

    async def close(self) -> None:
        """Close what it asks by."""
        ...


class Browsers(Protocol):
    """Lets browsers in that open an address, which have no token to send: by a cookie."""

    def token(self, request: Request) -> str | None:
        """Return the token of the request's cookie, if it has one and may use it."""
        ...

    def wanted(self, request: Request) -> bool:
        """Whether a person is opening an address, who can be sent to log in."""
        ...

    def login(self, request: Request) -> Response:
        """Send a browser to log in, and to come back."""
        ...

    def routes(self) -> APIRouter:
        """Return where browsers come back to."""
        ...


def from_host(headers: Container[str], address: str | None) -> bool:
    """Return whether a process of this host asks, and not a proxy for someone else.

    Parameters
    ----------
    headers
        Of the request; their names in any case.
    address
        Where the connection comes from.
    """
    if any(name in headers for name in ("X-Forwarded-For", "Forwarded", "X-Real-IP")):
        return False
    try:
        return ipaddress.ip_address(address or "").is_loopback
    except ValueError:
        return False


def expired() -> Unauthenticated:
    """Return the refusal of a token that is nobody's, or nobody's any more."""
    return Unauthenticated("This token is not valid (any more); log in again.")


class Tokens:
    """Users by their tokens; only what the tokens hash to is kept.

    Parameters
    ----------
    users
        By secret.
    """

    browsers: Browsers | None = None

    def __init__(self, users: Mapping[str, User]) -> None:
        self._users = tuple((_hashed(secret), user) for secret, user in users.items())

    async def user(self, token: str) -> User:
        """Return whose token it is, in a time that tells nothing of the others."""
        given = _hashed(token)
        found = None
        for hashed, user in self._users:
            if hmac.compare_digest(hashed, given):
                found = user
        if found is None:
            raise expired()
        return found

    async def watches(self, token: str) -> bool:  # noqa: ARG002
        """Return that it is not: here are people alone, who watch by their groups."""
        return False

    async def close(self) -> None:
        """Do nothing: nobody is asked."""


def read_tokens(path: Path) -> Tokens:
    """Read a YAML file of ``secret: {user: …, groups: […]}``.

    Raises
    ------
    TokensInvalid
        Without a word of what it holds.
    """
    shape = f"{path} should hold lines of the form `secret: {{user: name, groups: [group]}}`"
    try:
        found = yaml.safe_load(path.read_text())
    except (yaml.YAMLError, UnicodeDecodeError):
        raise TokensInvalid(f"{shape}, but is not YAML.") from None
    if not isinstance(found, dict) or not found:
        raise TokensInvalid(f"{shape}.")
    users: dict[str, User] = {}
    for number, (secret, entry) in enumerate(found.items(), 1):
        if not isinstance(secret, str) or not secret.strip():
            raise TokensInvalid(f"Secret {number} of {path} should be a text; put it in quotes.")
        if len(secret) < _SHORT:
            _LOG.warning(
                "secret %d of %s has fewer than %d characters, which can be guessed", number, path, _SHORT
            )
        match entry:
            case {"user": str(name), **rest} if name and set(rest) <= {"groups"}:
                groups = rest.get("groups", [])
            case _:
                raise TokensInvalid(f"{shape}; its entry {number} has no user, or more than user and groups.")
        if not isinstance(groups, list) or not all(isinstance(group, str) for group in groups):
            raise TokensInvalid(f"The groups of entry {number} of {path} should be a list of names.")
        users[secret] = User(name, frozenset(groups))
    return Tokens(users)


_SHORT = 8


def _hashed(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogateescape")).digest()
