"""Undo and redo: lists of documents."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from aurora_widgets.query.model import Query

if TYPE_CHECKING:
    from collections.abc import Callable

BURST_SECONDS = 0.6
"""Edits of one kind that follow each other sooner are undone as one."""

_MOST = 200

Document = Query | None


class History:
    """The documents before and after the one that stands.

    Parameters
    ----------
    clock
        Seconds that never go back; tests bring their own.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._back: list[Document] = []
        self._forth: list[Document] = []
        self._last: tuple[str, float] | None = None

    @property
    def can_undo(self) -> bool:
        """Whether there is an older document."""
        return bool(self._back)

    @property
    def can_redo(self) -> bool:
        """Whether there is an undone one."""
        return bool(self._forth)

    def leave(self, document: Document, burst: str | None) -> None:
        """Keep the document that an edit replaces.

        Parameters
        ----------
        document
            What stood until now.
        burst
            The kind of edit where a quick run of it is one edit to a person (keystrokes of
            the search); ``None`` where each counts.
        """
        now = self._clock()
        same = (
            burst is not None
            and self._last is not None
            and self._last[0] == burst
            and now - self._last[1] < BURST_SECONDS
        )
        self._last = None if burst is None else (burst, now)
        self._forth.clear()
        if not same:
            self._back.append(document)
            del self._back[:-_MOST]

    def undo(self, document: Document) -> Document:
        """Return the older document; the one that stands can be redone."""
        self._last = None
        self._forth.append(document)
        return self._back.pop()

    def redo(self, document: Document) -> Document:
        """Return the document that was undone last."""
        self._last = None
        self._back.append(document)
        return self._forth.pop()
