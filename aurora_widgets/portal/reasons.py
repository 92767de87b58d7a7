"""Why a page's kernel ended, as the page says it."""

from __future__ import annotations

from enum import Enum


class Reason(Enum):
    """Each with the sentence that the page shows; *Continue* opens the same question again."""

    IDLE = "idle"
    MEMORY = "memory"
    CLOSED = "closed"
    REPLACED = "replaced"
    DIED = "died"
    FAILED = "failed"
    SIGNED_OUT = "signed-out"
    RESTARTED = "restarted"

    @property
    def sentence(self) -> str:
        """What happened, for the person in front of the page."""
        return _SENTENCES[self]


_SENTENCES = {
    Reason.IDLE: "This page was not used for a while, so Aurora closed it to make room for others.",
    Reason.MEMORY: "This page needed more memory than one page may have. Show fewer columns or rows, "
    "or sum up before you look.",
    Reason.CLOSED: "The connection to this page was lost for too long, so Aurora closed it.",
    Reason.REPLACED: "This page had lost its connection, and made room for another that you opened.",
    Reason.DIED: "Something ended this page's session from outside.",
    Reason.FAILED: "Aurora could not open this page.",
    Reason.SIGNED_OUT: "You have logged out, or your log-in has expired.",
    Reason.RESTARTED: "Aurora was started anew.",
}
