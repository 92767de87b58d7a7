"""The explorer's state: one immutable document, its history, its page, its status.

Every widget observes this model and changes it by deeds; a notebook does the same with
``state.query = …``. A change of the document starts a run (see ``runs``): the older run is
cancelled down to the database, and its answer is dropped.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import traitlets as t

from aurora_widgets.errors import AuroraError, Cancelled, Fault, QueryInvalid
from aurora_widgets.widgets import calculate, edit, messages, said, view
from aurora_widgets.widgets.asked import Asked, Result
from aurora_widgets.widgets.history import History
from aurora_widgets.widgets.reading import Reading, coerced, read
from aurora_widgets.widgets.runs import Runs

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from aurora_widgets.query.model import Query
    from aurora_widgets.service.answers import Loads
    from aurora_widgets.widgets.client import Client

_PART = {
    messages.Pick: "table",
    messages.ChooseVintage: "vintage",
    messages.SetFilter: "filter",
    messages.FilterCell: "filter",
    messages.Search: "search",
    messages.SetJoins: "join",
    messages.Summarize: "aggregate",
    messages.Calculate: "derive",
    messages.SetSort: "sort",
    messages.SetSelect: "select",
}


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
    account
        Whose portal page this is, and where they sign out; empty where nobody logged in.
    """

    query = t.Any(None, allow_none=True)
    result = t.Any(None, allow_none=True)
    tables: t.List[Any] = t.List()
    question = t.Dict()
    page = t.Dict()
    status = t.Dict()
    account = t.Dict()
    grid = t.Unicode("table")

    def __init__(
        self,
        client: Client,
        query: object = None,
        *,
        grid: messages.GridView = "table",
        source: str = "",
        clock: Callable[[], float] | None = None,
    ) -> None:
        super().__init__(grid=grid)
        self.client = client
        self.source = source
        self.header: str | None = None
        self.runs = Runs()
        self.asked = Asked(
            client, self.runs, answered=self._answered, counted=self._counted, failed=self._failed
        )
        self._clock = clock or time.monotonic
        self._history = History(self._clock)
        self._reading: Reading | None = None
        self._adopting = False
        self._loads: dict[str, tuple[Loads, ...]] = {}
        self._refusal: AuroraError | None = None
        self._refused_part: str | None = None
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

    @t.validate("query")
    def _coerce(self, proposal: Mapping[str, Any]) -> Query | None:
        return coerced(proposal["value"], self.client.settings)

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

    def do(self, deed: messages.Deed) -> None:
        """Do what a person asked; what can't be done is said in the status, never raised."""
        try:
            self._do(deed)
        except AuroraError as refusal:
            self.refuse(refusal, _PART.get(type(deed)))

    def _do(self, deed: messages.Deed) -> None:
        match deed:
            case messages.Plain(do="undo"):
                if self._history.can_undo:
                    self._adopt(self._history.undo(self._whole))
            case messages.Plain(do="redo"):
                if self._history.can_redo:
                    self._adopt(self._history.redo(self._whole))
            case messages.Plain(do="reset"):
                if self._reading is not None:
                    self._replace(edit.pick(self._reading.query.table, self.client.catalog), None)
            case messages.Plain(do="cancel"):
                self.cancel()
            case messages.Plain(do="retry"):
                self._run(self.asked.offset)
            case messages.Plain(do="fix"):
                self._fix()
            case messages.ShowPage(offset=offset):
                self._run(offset)
            case messages.SwitchGrid(view=chosen):
                self.grid = chosen
                self.status = self.status | {"grid": chosen}
            case messages.Pick(table=table):
                self._replace(edit.pick(table, self.client.catalog), None)
            case messages.SetQuery(query=query):
                document = edit.written(query, self.client.catalog)
                after = self._read(document)
                if after.faults:
                    raise QueryInvalid(after.faults)
                self._replace(document, None)
            case _:
                self._edit(deed)

    def _edit(self, deed: messages.Deed) -> None:
        now = self._reading
        if now is None:
            raise QueryInvalid([Fault("no-table", "table", "Choose a table first.")], "Choose a table first.")
        burst: str | None = None
        lenient = False
        match deed:
            case messages.ChooseVintage():
                document = edit.set_vintage(now, deed.load_type, deed.load_id)
            case messages.SetFilter():
                document = edit.set_filter(now, deed.where)
            case messages.FilterCell():
                document = self._filter_cell(now, deed)
            case messages.Search():
                document, burst = edit.set_search(now, deed.text), "search"
            case messages.SetJoins():
                document = edit.set_joins(now, deed.joins, deed.first)
            case messages.Summarize():
                document = edit.set_aggregate(now, deed.aggregate)
            case messages.Calculate():
                document = calculate.set_columns(now, deed.columns)
            case messages.SetSort():
                document, burst = edit.set_sort(now, deed.by), "sort"
            case messages.SortHeader():
                if self.header is None:  # what was pressed last is no header
                    return
                document, burst = edit.sort_by(now, self.header, also=deed.also), "sort"
            case messages.SetSelect():
                document, burst = edit.set_select(now, deed.columns), "select"
            case messages.OnChip(do="remove"):
                document, lenient = edit.remove(now, deed.chip), True
            case messages.OnChip():
                document, lenient = edit.toggle(now, deed.chip), True
            case _:
                raise TypeError(deed)
        document = edit.follow(document, self.client.catalog, self.client.settings)
        if not lenient:
            edit.require_valid(now, self._read(document))
        self._replace(document, burst)

    def _filter_cell(self, now: Reading, deed: messages.FilterCell) -> Query:
        value = self.asked.cell(deed.row, deed.column, deed.epoch)
        return edit.filter_cell(now, deed.column, value, negate=deed.negate)

    def cancel(self) -> None:
        """End what runs, down to the database."""
        if not self.runs.running("page"):
            self.runs.cancel("count")
        else:
            self.asked.stop()
            if self.asked.question != self.query:
                self.asked.forget()  # rows of an older question under the words of a newer one mislead
                self.page = dict(view.EMPTY_PAGE)
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
            self._set_query(None if self._reading is None else self._reading.runnable)
            self._show_question()
            self._run(self.asked.offset)
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
            self._replace(coerced(document, self.client.settings), None)

    def _show_question(self) -> None:
        now = self._reading
        refusal = self._refusal
        self.question = view.question(
            now,
            undo=self._history.can_undo,
            redo=self._history.can_redo,
            loads=() if now is None else self._loads.get(now.query.table, ()),
            in_force=said.in_force(self.asked, self.query),
            faults=() if refusal is None else refusal.faults,
        )

    def _learn_loads(self) -> None:
        now = self._reading
        if now is None or now.table.vintage is None or (table := now.table.name) in self._loads:
            return

        def done(answer: tuple[Loads, ...] | AuroraError) -> None:
            if not isinstance(answer, AuroraError):
                self._loads[table] = answer
                self._show_question()

        self.runs.start("loads", lambda stop: self.client.loads(table, cancellation=stop), done)

    # ── runs

    def _run(self, offset: int) -> None:
        query: Query | None = self.query
        if query is None:
            self.asked.stop()
            self.asked.forget()
            self.page = dict(view.EMPTY_PAGE)
            self._say("start")
            return
        self._refused_part = None
        self._say("loading", announce="Loading")
        self.asked.run(query, offset)

    def _answered(self) -> None:
        now, asked, answer = self._reading, self.asked, self.asked.answer
        if answer is None:
            return
        shown = f"{len(answer.rows)} rows" if len(answer.rows) != 1 else "1 row"
        with self.hold_trait_notifications():
            self.page = view.page(
                answer.columns,
                answer.rows,
                sort=now.parts.sort if now is not None else None,
                epoch=asked.epoch,
                offset=answer.offset,
                more=answer.more,
            )
            if self._refused_part is not None and self._refusal is not None:
                self.refuse(self._refusal, self._refused_part)  # rows that come later don't take away why
            else:
                self._refusal = None
                self._say("ready", announce=f"{shown} shown")
            if answer.vintage:
                self._show_question()
        self._publish()

    def _counted(self) -> None:
        if self.status["state"] in {"ready", "loading"}:
            self._say(str(self.status["state"]), announce=str(self.status["announce"]))
        self._publish()

    def _publish(self) -> None:
        asked, query = self.asked, self.query
        if asked.answer is not None and asked.question == query:
            count = asked.count(query)
            rows, exact = (None, False) if count is None else (count.rows, count.exact)
            self.result = Result(query, asked.answer, rows, exact)

    def _failed(self, refusal: AuroraError) -> None:
        if refusal.retry_after is not None:
            self._refusal = refusal
            self._say("busy", refusal=refusal, announce=refusal.detail)
            return
        if self.asked.answer is None:
            self.page = dict(view.EMPTY_PAGE)
        self.refuse(refusal, None)

    def refuse(self, refusal: AuroraError, part: str | None) -> None:
        """Say why something was not done; the document stays as it was."""
        self._refusal, self._refused_part = refusal, part
        if refusal.faults:
            self._show_question()
        self._say("error", refusal=refusal, part=part, announce=refusal.detail)

    def _say(
        self,
        state: str,
        *,
        refusal: AuroraError | None = None,
        part: str | None = None,
        announce: str = "",
    ) -> None:
        self.status = said.status(
            state,
            self._reading,
            self.asked,
            self.query,
            self.client.settings,
            grid=self.grid,
            refusal=refusal,
            part=part,
            announce=announce,
        )
