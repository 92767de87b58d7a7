"""The explorer's state: one immutable document, its history, its page, its status.

Every widget observes this model and changes it by deeds; a notebook does the same with
``state.query = …``. A change of the document starts a run (see ``runs``): the older run is
cancelled down to the database, and its answer is dropped.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import traitlets as t

from aurora_widgets.errors import AuroraError, Cancelled, Fault, QueryInvalid
from aurora_widgets.query import read as reading_of
from aurora_widgets.query import url
from aurora_widgets.query.model import Query, Scalar, Select, Sort
from aurora_widgets.widgets import edit, protocol, view, words
from aurora_widgets.widgets.history import History
from aurora_widgets.widgets.reading import Reading, read
from aurora_widgets.widgets.runs import Runs

if TYPE_CHECKING:
    from aurora_widgets.engine.base import Cancellation
    from aurora_widgets.plan.context import InForce
    from aurora_widgets.service.answers import Count, Loads, Page
    from aurora_widgets.widgets.client import Client

DEBOUNCE_SECONDS = 0.02
"""How long a change waits for the next one, so that a burst runs once."""

_PART = {
    protocol.Pick: "table",
    protocol.ChooseVintage: "vintage",
    protocol.SetFilter: "filter",
    protocol.FilterCell: "filter",
    protocol.Search: "search",
    protocol.SetJoins: "join",
    protocol.Summarize: "aggregate",
    protocol.SetSort: "sort",
    protocol.SetSelect: "select",
}


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


class ExplorerState(t.HasTraits):
    """The one model behind every widget.

    Parameters
    ----------
    client
        Where questions are run.
    query
        A document to begin with; it is run at once.
    source
        The arguments that open the data again, for the code that is shown.
    clock
        For the history's bursts; tests bring their own.

    Attributes
    ----------
    query
        The document that is run; set a ``Query``, JSON text or object, or the ``q`` of a link.
        Steps that an earlier edit broke are not in it.
    result
        The newest :class:`Result`; observe it.
    tables, question, page, status
        What the widgets show, as JSON (``js/protocol.ts``).
    """

    query = t.Any(None, allow_none=True)
    result = t.Any(None, allow_none=True)
    tables: t.List[Any] = t.List()
    question = t.Dict()
    page = t.Dict()
    status = t.Dict()
    grid = t.Unicode("table")

    def __init__(
        self,
        client: Client,
        query: object = None,
        *,
        grid: protocol.GridView = "table",
        source: str = "",
        clock: Callable[[], float] | None = None,
    ) -> None:
        super().__init__(grid=grid)
        self.client = client
        self.source = source
        self.runs = Runs()
        self._clock = clock or time.monotonic
        self._history = History(self._clock)
        self._reading: Reading | None = None
        self._answer: Page | None = None
        self._answered: Query | None = None
        self._count: tuple[Query, Count | Exactly] | None = None
        self._offset = 0
        self._epoch = 0
        self._adopting = False
        self._loads: dict[str, tuple[Loads, ...]] = {}
        self._refusal: AuroraError | None = None
        self.tables = view.tables(client.catalog)
        self._show_question()
        self.page = dict(view.EMPTY_PAGE)
        self._say("start")
        if query is not None:
            self.query = query
            self._history = History(self._clock)  # a beginning is nothing to undo
            self._show_question()

    @property
    def reading(self) -> Reading | None:
        """The whole document read against the catalog; ``None`` before a table is chosen."""
        return self._reading

    @property
    def answer(self) -> Page | None:
        """The page that is shown, with its cells as the service gave them."""
        return self._answer

    @t.validate("query")
    def _coerce(self, proposal: Mapping[str, Any]) -> Query | None:
        return coerced(proposal["value"], self.client)

    @t.observe("query")
    def _assigned(self, change: Mapping[str, Any]) -> None:
        if self._adopting:
            return
        document: Query | None = change["new"]
        try:
            if document is not None:
                document = edit.written(document, self.client.catalog)
                after = self._read(document)
                if after.faults:
                    raise QueryInvalid(after.faults)
        except AuroraError:
            self._set_query(change["old"])
            raise
        self._replace(document, "query")

    # ── deeds

    def do(self, deed: protocol.Deed) -> None:
        """Do what a person asked; what can't be done is said in the status, never raised."""
        try:
            self._do(deed)
        except AuroraError as refusal:
            self.refuse(refusal, _PART.get(type(deed)))

    def _do(self, deed: protocol.Deed) -> None:
        match deed:
            case protocol.Plain(do="undo"):
                if self._history.can_undo:
                    self._adopt(self._history.undo(self._whole))
            case protocol.Plain(do="redo"):
                if self._history.can_redo:
                    self._adopt(self._history.redo(self._whole))
            case protocol.Plain(do="reset"):
                if self._reading is not None:
                    self._replace(edit.pick(self._reading.query.table, self.client.catalog), None)
            case protocol.Plain(do="cancel"):
                self.cancel()
            case protocol.Plain(do="retry"):
                self._run(self._offset)
            case protocol.Plain(do="fix"):
                self._fix()
            case protocol.ShowPage(offset=offset):
                self._run(offset)
            case protocol.SwitchGrid(view=chosen):
                self.grid = chosen
                self.status = self.status | {"grid": chosen}
            case protocol.Pick(table=table):
                self._replace(edit.pick(table, self.client.catalog), None)
            case protocol.SetQuery(query=query):
                document = edit.written(query, self.client.catalog)
                after = self._read(document)
                if after.faults:
                    raise QueryInvalid(after.faults)
                self._replace(document, None)
            case _:
                self._edit(deed)

    def _edit(self, deed: protocol.Deed) -> None:
        now = self._reading
        if now is None:
            raise QueryInvalid([Fault("no-table", "table", "Choose a table first.")], "Choose a table first.")
        burst: str | None = None
        lenient = False
        match deed:
            case protocol.ChooseVintage():
                document = edit.set_vintage(now, deed.load_type, deed.load_id)
            case protocol.SetFilter():
                document = edit.set_filter(now, deed.where)
            case protocol.FilterCell():
                document = self._filter_cell(now, deed)
            case protocol.Search():
                document, burst = edit.set_search(now, deed.text), "search"
            case protocol.SetJoins():
                document = edit.set_joins(now, deed.joins, deed.first)
            case protocol.Summarize():
                document = edit.set_aggregate(now, deed.aggregate)
            case protocol.SetSort():
                document, burst = edit.set_sort(now, deed.by), "sort"
            case protocol.SetSelect():
                document, burst = edit.set_select(now, deed.columns), "select"
            case protocol.OnChip(do="remove"):
                document, lenient = edit.remove(now, deed.chip), True
            case protocol.OnChip():
                document, lenient = edit.toggle(now, deed.chip), True
            case _:
                raise TypeError(deed)
        document = edit.follow(document, self.client.catalog, self.client.settings)
        if not lenient:
            edit.require_valid(now, self._read(document))
        self._replace(document, burst)

    def _filter_cell(self, now: Reading, deed: protocol.FilterCell) -> Query:
        column, value = self.cell(deed.row, deed.column)
        return edit.filter_cell(now, column, value, negate=deed.negate)

    def cell(self, row: int, column: str) -> tuple[str, Scalar]:
        """Return a cell of the page that is shown: its column and its exact value.

        Parameters
        ----------
        row
            Counted from the first row of the page.
        column
            The document's name of it.
        """
        answer = self._answer
        names = [entry.name for entry in answer.columns] if answer is not None else []
        if answer is None or column not in names or row >= len(answer.rows):
            raise protocol.MessageInvalid("That cell is not on the page any more.")
        value = answer.rows[row][names.index(column)]
        return column, protocol.scalar(value, column)

    def cancel(self) -> None:
        """End what runs, down to the database."""
        if self.runs.running("page") or self.runs.running("count"):
            self.runs.cancel("page")
            self.runs.cancel("count")
            self.refuse(
                Cancelled("Cancelled before it was done. Run it again, or change the question."), None
            )

    # ── the document

    @property
    def _whole(self) -> Query | None:
        return self._reading.query if self._reading is not None else None

    def _read(self, document: Query) -> Reading:
        return read(document, self.client.catalog, self.client.settings)

    def _replace(self, document: Query | None, burst: str | None) -> None:
        if document == self._whole:
            self._refusal = None
            self._show_question()
            self._run(self._offset)
            return
        self._history.leave(self._whole, burst)
        self._adopt(document)

    def _adopt(self, document: Query | None) -> None:
        self._reading = None if document is None else self._read(document)
        self._refusal = None
        self._set_query(None if self._reading is None else self._reading.runnable)
        self._show_question()
        self._learn_loads()
        self._run(0)

    def _set_query(self, query: Query | None) -> None:
        self._adopting = True
        try:
            self.query = query
        finally:
            self._adopting = False

    def _fix(self) -> None:
        fix = self._refusal.fix if self._refusal is not None else None
        document = fix.get("query") if fix is not None else None
        if document is not None:
            self._replace(coerced(document, self.client), None)

    def _show_question(self) -> None:
        now = self._reading
        refusal = self._refusal
        self.question = view.question(
            now,
            undo=self._history.can_undo,
            redo=self._history.can_redo,
            loads=() if now is None else self._loads.get(now.query.table, ()),
            in_force=self._in_force(),
            faults=() if refusal is None else refusal.faults,
        )

    def _in_force(self) -> tuple[InForce, ...]:
        answer = self._answer
        return answer.vintage if answer is not None and self._answered == self.query else ()

    def _learn_loads(self) -> None:
        now = self._reading
        if now is None or now.table.vintage is None or now.table.name in self._loads:
            return
        table = now.table.name

        def done(answer: tuple[Loads, ...] | AuroraError) -> None:
            if not isinstance(answer, AuroraError):
                self._loads[table] = answer
                self._show_question()

        self.runs.start("loads", lambda stop: self.client.loads(table, cancellation=stop), done)

    # ── runs

    def _run(self, offset: int) -> None:
        query: Query | None = self.query
        self._offset = offset
        if query is None:
            self.runs.cancel()
            self._forget_page()
            self._say("start")
            return
        client = self.client
        rows = client.settings.whole("PREVIEW_PAGE_ROWS")
        changed = query != self._answered
        self._say("loading", announce="Loading")

        def work(cancellation: Cancellation) -> Page:
            return client.page(query, offset=offset, limit=rows, cancellation=cancellation)

        def done(answer: Page | AuroraError) -> None:
            if isinstance(answer, AuroraError):
                self._fail(answer, changed=changed)
            else:
                self._show(query, offset, answer)

        delay = DEBOUNCE_SECONDS if changed else 0.0
        self.runs.start("page", work, done, delay=delay)
        if self._counted(query) is None and self.runs is not None:
            self.runs.start(
                "count",
                lambda cancellation: client.count(query, cancellation=cancellation),
                lambda count: self._show_count(query, count),
                delay=delay,
            )
        else:
            self.runs.cancel("count")

    def _show(self, query: Query, offset: int, answer: Page) -> None:
        self._answer, self._answered = answer, query
        if not answer.more and (answer.rows or offset == 0):
            self.runs.cancel("count")
            self._count = (_uncounted(query), Exactly(offset + len(answer.rows)))
        now = self._reading
        self._epoch += 1
        self.page = view.page(
            answer.columns,
            answer.rows,
            sort=now.parts.sort if now is not None else None,
            epoch=self._epoch,
            offset=offset,
            more=answer.more,
        )
        shown = f"{len(answer.rows)} rows" if len(answer.rows) != 1 else "1 row"
        self._say("ready", announce=f"{shown} shown")
        if answer.vintage:
            self._show_question()
        self._publish(query)

    def _show_count(self, query: Query, count: Count | AuroraError) -> None:
        if isinstance(count, AuroraError):
            return  # the page says what is wrong; without a count the rows are merely not said
        self._count = (_uncounted(query), count)
        if self.status.get("state") in {"ready", "loading"}:
            self._say(str(self.status["state"]), announce=str(self.status["announce"]))
        self._publish(query)

    def _publish(self, query: Query) -> None:
        if self._answer is None or self._answered != query:
            return
        count = self._counted(query)
        self.result = Result(
            query,
            self._answer,
            None if count is None else count.rows,
            count is not None and count.exact,
        )

    def _counted(self, query: Query) -> Count | Exactly | None:
        return self._count[1] if self._count is not None and self._count[0] == _uncounted(query) else None

    def _fail(self, refusal: AuroraError, *, changed: bool) -> None:
        if refusal.retry_after is not None:
            self._refusal = refusal
            self._say("busy", refusal=refusal, announce=refusal.detail)
            return
        self.runs.cancel("count")
        if changed:
            self._forget_page()
        else:
            self._offset = int(self.page["offset"])
        self.refuse(refusal, None)

    def refuse(self, refusal: AuroraError, part: str | None) -> None:
        """Say why something was not done; the document stays as it was."""
        self._refusal = refusal
        if refusal.faults:
            self._show_question()
        self._say("error", refusal=refusal, part=part, announce=refusal.detail)

    def _forget_page(self) -> None:
        self._answer = self._answered = None
        self.page = dict(view.EMPTY_PAGE)

    def _say(
        self,
        state: str,
        *,
        refusal: AuroraError | None = None,
        part: str | None = None,
        announce: str = "",
    ) -> None:
        settings = self.client.settings
        query: Query | None = self.query
        count = None if query is None else self._counted(query)
        answer = self._answer
        self.status = {
            "state": state,
            "rows": None if count is None else count.rows,
            "exact": count is not None and count.exact,
            "elapsed_ms": None if answer is None else answer.elapsed_ms,
            "offset": self._offset,
            "page_rows": settings.whole("PREVIEW_PAGE_ROWS"),
            "max_offset": settings.whole("MAX_ROW_LIMIT"),
            "notes": self._notes(),
            "vintage": self._vintage_words(),
            "error": None if refusal is None else view.error(refusal, part),
            "grid": self.grid,
            "announce": announce,
        }

    def _notes(self) -> list[str]:
        notes = list(self._answer.notes) if self._answer is not None else []
        broken = len(self._reading.broken) if self._reading is not None else 0
        if broken:
            what = "One part of the question" if broken == 1 else f"{broken} parts of the question"
            notes.insert(0, f"{what} can't run and {'is' if broken == 1 else 'are'} left out.")
        return notes

    def _vintage_words(self) -> str:
        now = self._reading
        if now is None or now.table.vintage is None:
            return ""
        in_force = self._in_force()
        return words.vintage_words(now.query.vintage, in_force[0] if in_force else None)


def coerced(value: object, client: Client) -> Query | None:
    """Return a document from whatever may be assigned: a ``Query``, a dict, JSON text, a link's ``q``.

    Raises
    ------
    QueryInvalid
        It is none of these, or has faults.
    """
    limits = protocol.limits_of(client.settings)
    match value:
        case None | Query():
            return value
        case Mapping():
            return reading_of.from_json(value, limits)
        case str() | bytes():
            text = value.decode("utf-8", "replace") if isinstance(value, bytes) else value
            return (
                reading_of.from_json(text, limits) if text.lstrip()[:1] in {"{", ""} else url.from_url(text)
            )
        case _:
            raise QueryInvalid(
                [Fault("not-a-query", "", "A question is a Query, a dict, JSON text or the q of a link.")]
            )


def _uncounted(query: Query) -> Query:
    # Neither the order nor the choice of columns changes how many rows there are.
    return replace(query, steps=tuple(step for step in query.steps if not isinstance(step, Sort | Select)))
