"""What a person sees instead of a page: one sentence, and what to do; never a traceback."""

from __future__ import annotations

from html import escape
from http import HTTPStatus
from pathlib import Path
from string import Template
from typing import Final

_TITLES: Final = {
    HTTPStatus.FORBIDDEN: "You may not open this",
    HTTPStatus.NOT_FOUND: "There is nothing here",
    HTTPStatus.METHOD_NOT_ALLOWED: "That is not possible here",
    HTTPStatus.TOO_MANY_REQUESTS: "Too many pages are open",
    HTTPStatus.SERVICE_UNAVAILABLE: "Aurora can't open this page now",
}
_SENTENCES: Final = {
    HTTPStatus.BAD_REQUEST: "The log-in was not finished, or the address is not complete: begin again.",
    HTTPStatus.FORBIDDEN: "Your account may not open this. If it should, ask the person who runs Aurora.",
    HTTPStatus.NOT_FOUND: "Nothing is at this address, or it is not yours to see.",
    HTTPStatus.METHOD_NOT_ALLOWED: "This address can't be used in that way.",
    HTTPStatus.TOO_MANY_REQUESTS: "That was too much at once: wait a little, then try again.",
    HTTPStatus.SERVICE_UNAVAILABLE: "Aurora is busy or starting: try again in a few seconds.",
}
_BROKEN: Final = "Something went wrong inside Aurora; its log says more under the number below."
_AGAIN: Final = frozenset({HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE})

_STOP: Final = Template(Path(__file__).with_name("refusal.html").read_text(encoding="utf-8"))
_PAGE: Final = Template("""\
<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Aurora: $title</title><link rel="icon" href="data:,"></head><body>
$stop</body></html>
""")


def title(status: int) -> str:
    """Return the heading of a refusal."""
    return _TITLES.get(HTTPStatus(status), "This did not work") if _known(status) else "This did not work"


def sentence(status: int) -> str:
    """Return what to say where nothing more is known than the status."""
    return _SENTENCES.get(HTTPStatus(status), _BROKEN) if _known(status) else _BROKEN


def _known(status: int) -> bool:
    return status in HTTPStatus.__members__.values()


def stop(status: int, said: str, *, home: str, number: str) -> str:
    """Return the refusal as a part of a page that has begun already.

    Parameters
    ----------
    status
        The HTTP status that it has, or would have.
    said
        The sentence.
    home
        Where the portal is.
    number
        The request's id, to be found in the log.
    """
    again = status in _AGAIN
    return _STOP.substitute(
        title=escape(title(status)),
        sentence=escape(said),
        link="" if again else escape(home),
        action="Try again" if again else "Open Aurora",
        number=escape(f"Number {number}") if number else "",
    )


def page(status: int, said: str, *, home: str, number: str) -> str:
    """Return the refusal as a page; the parameters are those of ``stop``."""
    return _PAGE.substitute(title=escape(title(status)), stop=stop(status, said, home=home, number=number))
