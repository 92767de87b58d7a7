"""The question that is asked right now: its page, and beside it how many rows there are."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from aurora_widgets.errors import AuroraError
from aurora_widgets.query.model import TOTAL, Query, Scalar, Select, Sort
from aurora_widgets.widgets import protocol

if TYPE_CHECKING:
    from collections.abc import Callable

    from aurora_widgets.engine.base import Cancellation
    from aurora_widgets.service.answers import Count, Page
    from aurora_widgets.widgets.client import Client
    from aurora_widgets.widgets.runs import Runs


@dataclass(frozen=True, slots=True)
class Result:
    """What ``observe(fn, "result")`` is told: the page of a question that has run."""

    query: Query
    page: Page
    rows: int | None
    exact: bool


@dataclass(frozen=True, slots=True)
class Exactly:
    """A count that the last page gave away."""

    rows: int
    exact: bool = True


class Asked:
    """Runs a question's pages, and its count only where that is not known already.

    Parameters
    ----------
    client
        Where it is run.
    runs
        What ends the older run when a newer starts.
    answered, counted
        Called when a page, or the count, has come.
    failed
        Called with what the page was refused for; ``answer`` is gone where it was another
        question's.
    """

    def __init__(
        self,
        client: Client,
        runs: Runs,
        *,
        answered: Callable[[], None],
        counted: Callable[[], None],
        failed: Callable[[AuroraError], None],
    ) -> None:
        self._client = client
        self._runs = runs
        self._answered = answered
        self._counted = counted
        self._failed = failed
        self._count: tuple[Query, Count | Exactly] | None = None
        self.answer: Page | None = None
        self.question: Query | None = None
        self.offset = 0
        self.epoch = 0

    def run(self, query: Query, offset: int) -> None:
        """Ask for the page that begins at a row, and for the count."""
        self.offset = offset
        client = self._client
        rows = client.settings.whole("PREVIEW_PAGE_ROWS")

        def work(cancellation: Cancellation) -> Page:
            return client.page(query, offset=offset, limit=rows, cancellation=cancellation)

        def count(cancellation: Cancellation) -> Count:
            return client.count(query, cancellation=cancellation)

        self._runs.cancel("count")
        self._runs.start("page", work, lambda answer: self._page(query, offset, answer))
        if self.count(query) is None:
            self._runs.start("count", count, lambda answer: self._number(query, answer))

    def stop(self) -> None:
        """End what runs, down to the database."""
        self._runs.cancel("page")
        self._runs.cancel("count")

    def forget(self) -> None:
        """Let go of the page."""
        self.answer = self.question = None
        self.offset = 0

    def count(self, query: Query) -> Count | Exactly | None:
        """Return how many rows a question has, where that is known."""
        return self._count[1] if self._count is not None and self._count[0] == _unordered(query) else None

    def cell(self, row: int, column: str, epoch: int | None = None) -> Scalar:
        """Return a cell's exact value.

        Parameters
        ----------
        row
            Counted from the first row of the page.
        column
            The document's name of it.
        epoch
            Which page the row was read on; the one that stands by default.

        Raises
        ------
        MessageInvalid
            It is not on the page, or too long to be there whole.
        """
        index = self.place(row, column, epoch)
        answer = self.answer
        if answer is None or (row, index) in answer.cut:
            raise protocol.MessageInvalid(
                "That text is too long to filter by; use “contains” with a part of it."
            )
        cells = answer.rows[row]
        level = next((place for place, each in enumerate(answer.columns) if each.name == TOTAL), None)
        if level is not None and cells[level] and cells[index] is None:
            raise protocol.MessageInvalid(
                "That row is a total: what it sums up is no empty cell to filter by."
            )
        return protocol.scalar(cells[index], column)

    def place(self, row: int, column: str, epoch: int | None = None) -> int:
        """Return which cell of a row a column is; ``MessageInvalid`` where the page has no such cell."""
        names = [entry.name for entry in self.answer.columns] if self.answer is not None else []
        stale = epoch is not None and epoch != self.epoch
        if stale or self.answer is None or column not in names or row >= len(self.answer.rows):
            raise protocol.MessageInvalid("That cell is not on the page any more.")
        return names.index(column)

    def _page(self, query: Query, offset: int, answer: Page | AuroraError) -> None:
        if isinstance(answer, AuroraError):
            if answer.retry_after is None:
                self._runs.cancel("count")
                if query != self.question:
                    self.forget()
                elif self.answer is not None:
                    self.offset = self.answer.offset
            self._failed(answer)
            return
        self.answer, self.question = answer, query
        self.epoch += 1
        if not answer.more and (answer.rows or offset == 0):
            self._runs.cancel("count")
            self._count = (_unordered(query), Exactly(offset + len(answer.rows)))
        known = self.count(query)
        if answer.more and known is not None and known.exact and known.rows <= offset + len(answer.rows):
            self._count = None  # the data has grown since it was counted
            self._runs.start(
                "count",
                lambda stop: self._client.count(query, cancellation=stop),
                lambda number: self._number(query, number),
            )
        self._answered()

    def _number(self, query: Query, answer: Count | AuroraError) -> None:
        if isinstance(answer, AuroraError):
            return  # the page says what is wrong; without a count the rows are merely not said
        self._count = (_unordered(query), answer)
        self._counted()


def _unordered(query: Query) -> Query:
    # Neither the order nor the choice of columns changes how many rows there are.
    return replace(query, steps=tuple(step for step in query.steps if not isinstance(step, Sort | Select)))
