"""What both modes call: a question in, its answer out, within the limits.

Every answer goes the one way: document → plan → SQL → engine → cells. Counts, values,
samples and checks are documents too (see ``questions``).
"""

from __future__ import annotations

import contextlib
import datetime as dt
import threading
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from aurora_widgets import sql
from aurora_widgets.errors import Fault, NotFound, OffsetTooDeep, QueryInvalid, ResultTooLarge
from aurora_widgets.export.result import Result
from aurora_widgets.plan import Context, plan, vintage
from aurora_widgets.query.faults import nearest, shown
from aurora_widgets.query.model import Join, Query
from aurora_widgets.service import checks, columns, pages, questions
from aurora_widgets.service.answers import (
    Count,
    Explanation,
    JoinCheck,
    Loads,
    Page,
    Profile,
    Values,
)
from aurora_widgets.service.loads import KnownLoads

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    from aurora_widgets.catalog.model import Catalog, Table
    from aurora_widgets.engine.base import Cancellation, Engine
    from aurora_widgets.plan.context import Planned
    from aurora_widgets.service.cache import Cache
    from aurora_widgets.service.loads import Rows
    from aurora_widgets.settings import Settings
    from aurora_widgets.sql import Compiled, IbisTable


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


class Runner:
    """Answers questions about the tables of one engine; for any number of threads.

    Parameters
    ----------
    engine
        Where the rows are.
    catalog
        What is known of its tables.
    settings
        The limits in force.
    now
        The clock that settles relative dates.
    cache
        Keeps answers, but for whole results; by default each question is run.
    """

    def __init__(
        self,
        engine: Engine,
        catalog: Catalog,
        settings: Settings,
        *,
        now: Callable[[], dt.datetime] = _now,
        cache: Cache | None = None,
    ) -> None:
        self.engine = engine
        self.catalog = catalog
        self.settings = settings
        self._portable = catalog.portable()
        self.cache = cache
        self._now = now
        self._opened_at = engine.data_version
        self._loads = KnownLoads(lambda: engine.data_version)

    def tables(self) -> tuple[Table, ...]:
        """Return every table, in the order to list them."""
        return tuple(self.catalog.tables.values())

    def table(self, name: str) -> Table:
        """Return one table; ``NotFound`` names the nearest where there is none."""
        found = self.catalog.get(name)
        if found is None:
            near = nearest(name, self.catalog.tables)
            hint = f"; did you mean {shown(near)}?" if near else "."
            raise NotFound(f"{shown(name)} is not a table here{hint}")
        return found

    def vintages(self, name: str, *, cancellation: Cancellation | None = None) -> tuple[Loads, ...]:
        """Return the load types of a table, that of the newest load first; none where it has no vintage."""
        table = self.table(name)
        if table.vintage is None:
            return ()
        ids: dict[Any, list[tuple[Any, int]]] = {}
        for *load, _, rows in self._loads_of(table, cancellation):
            ids.setdefault(load[0] if len(load) > 1 else None, []).append((load[-1], rows))
        return tuple(Loads(load_type, tuple(found)) for load_type, found in ids.items())

    def page(
        self,
        query: Query,
        offset: int = 0,
        limit: int | None = None,
        *,
        cancellation: Cancellation | None = None,
    ) -> Page:
        """Return some rows of a question's result.

        Parameters
        ----------
        query
            The question.
        offset
            Rows to skip; past ``MAX_ROW_LIMIT`` is refused.
        limit
            Rows to return; ``PREVIEW_PAGE_ROWS`` by default, cut to ``PREVIEW_MAX_ROWS``.
        cancellation
            Ends it from another thread.

        Raises
        ------
        QueryInvalid, OffsetTooDeep, QueryTimeout, Cancelled, PoolExhausted, EngineFailed
        """
        wanted = self.settings.whole("PREVIEW_PAGE_ROWS") if limit is None else limit
        _not_negative("offset", offset)
        _not_negative("limit", wanted)
        deepest = self.settings.whole("MAX_ROW_LIMIT")
        if offset >= max(deepest, 1):
            raise OffsetTooDeep(
                f"Paging ends after {deepest:,} rows: narrow the question with a filter, or export it."
            )
        return self._page(query, offset, wanted, cancellation)

    def example(self, name: str, *, cancellation: Cancellation | None = None) -> Page:
        """Return a few rows of a table as it stands, at its vintage by default."""
        return self.sample(Query(self.table(name).name), cancellation=cancellation)

    def sample(self, query: Query, *, cancellation: Cancellation | None = None) -> Page:
        """Return a few rows of a question's result, whichever the engine finds first."""
        return self._page(
            query, 0, self.settings.whole("SAMPLE_ROWS"), cancellation, questions.without_order(query)
        )

    def count(self, query: Query, *, cancellation: Cancellation | None = None) -> Count:
        """Count a question's rows, no further than ``MAX_ROW_LIMIT``.

        A count that the engine has for nothing is given whole.
        """
        known = self._known_rows(query)
        if known is not None:
            return Count(known, exact=True)
        most = self.settings.whole("MAX_ROW_LIMIT")
        found = self.numbers(questions.count(query, most + 1), of=query, cancellation=cancellation)[0]
        return Count(min(found, most), exact=found <= most)

    def values(
        self,
        query: Query,
        column: str,
        search: str = "",
        limit: int | None = None,
        *,
        order: questions.Order = "frequency",
        cancellation: Cancellation | None = None,
    ) -> Values:
        """Return distinct values of a column of the question's result, none of them empty.

        Parameters
        ----------
        query
            The question up to where the column is asked about.
        column
            A column of its result.
        search
            Text that a value contains, in whatever case.
        limit
            How many at most; ``PREVIEW_PAGE_ROWS`` by default.
        order
            The most frequent first, or from the least up.
        cancellation
            Ends it from another thread.
        """
        return columns.values(
            self, query, column, search=search, limit=limit, order=order, cancellation=cancellation
        )

    def profile(self, query: Query, column: str, *, cancellation: Cancellation | None = None) -> Profile:
        """Sum up a column of the question's result."""
        return columns.profile(self, query, column, cancellation)

    def join_check(self, query: Query, join: Join, *, cancellation: Cancellation | None = None) -> JoinCheck:
        """Say what a join after the question would match, multiply and leave, before it is made."""
        return checks.join_check(self, query, join, cancellation)

    def explain(self, query: Query) -> Explanation:
        """Return what the question would run."""
        planned = self._plan(query, catalog=self._portable)
        text = sql.compile_text(planned, self.catalog, self.engine.dialect)
        return Explanation(text, planned.vintage, planned.notes)

    def sql(self, query: Query, dialect: str | None = None) -> str:
        """Return the question as SQL for people."""
        planned = self._plan(query, catalog=self._portable)
        return sql.compile_text(planned, self.catalog, dialect or self.engine.dialect)

    def ibis_code(self, query: Query) -> str:
        """Return Python that gives the rows by Ibis alone; a comment where an extension has none."""
        as_asked = self._plan(query, ("push_down", "prune"), catalog=self._portable)
        try:
            return sql.ibis_code(as_asked, self._portable)
        except sql.NotPrintable as error:
            return f"# {error.detail}\n"

    @contextlib.contextmanager
    def stream(self, query: Query, *, cancellation: Cancellation | None = None) -> Iterator[Result]:
        """Open the whole result, however many rows it has and however long they take to come."""
        planned = self._plan(query, cancellation=cancellation)
        compiled = sql.compile(planned, self.catalog, self.engine.dialect)
        rows = self.engine.execute(
            compiled.sql, compiled.binds, timeout=threading.TIMEOUT_MAX, cancellation=cancellation
        )
        try:
            yield Result(planned.schema, rows.schema, rows, self.catalog.time_zone)
        finally:
            rows.close()

    def to_arrow(self, query: Query, *, cancellation: Cancellation | None = None) -> pa.Table:
        """Return the whole result as one Arrow table.

        Raises
        ------
        ResultTooLarge
            It has more than ``RESULT_MAX_ROWS`` rows.
        """
        most = self.settings.whole("RESULT_MAX_ROWS")
        planned = self._plan(query, (), cancellation)
        found = self._ask(self._compiled(planned, limit=most + 1), cancellation)
        if found.num_rows > most:
            raise ResultTooLarge(
                f"The result has more than {most:,} rows: narrow the question with a filter, or export it."
            )
        return found

    def expression(self, query: Query) -> IbisTable:
        """Return the question as an Ibis expression on a connection of its own, without deadline or limit.

        Raises
        ------
        NotFound
            The engine has none to give.
        QueryInvalid
            Two columns of the result differ by case alone: what is built on it would mix them up.
        """
        connect = getattr(self.engine, "connection", None)
        if connect is None:
            raise NotFound(f"{self.engine.dialect} gives no Ibis expressions here; use to_arrow().")
        planned = self._plan(query, catalog=self._portable)
        columns.told_apart(planned.schema)
        tables = sql.tables_on(connect(), self.tables_of(query))
        return sql.to_ibis(planned, tables, self.catalog.time_zone, catalog=self.catalog)

    def plan(self, query: Query, *, cancellation: Cancellation | None = None) -> Planned:
        """Return the document as it would run; ``QueryInvalid`` holds all that is wrong with it."""
        return self._plan(query, cancellation=cancellation)

    def numbers(
        self, query: Query, *, of: Query, cancellation: Cancellation | None = None
    ) -> tuple[int, ...]:
        """Return the one row of whole numbers that a document gives of the rows of another; NULL is 0."""
        planned = self._plan(query, questions.without_order(of), cancellation)
        found: list[Any] = [column[0].as_py() for column in self.answer(planned, cancellation).columns]
        return tuple(int(value or 0) for value in found)

    def answer(self, planned: Planned, cancellation: Cancellation | None = None) -> pa.Table:
        """Return all rows of a document that was made to have few of them."""
        return self._answer(self._compiled(planned), cancellation)[0]

    def warm(self) -> None:
        """Load what the first question needs, so that it is as fast as the next; no data is asked."""
        bare = next((table.name for table in self.tables() if table.vintage is None), None)
        if bare is not None:
            sql.compile(self._plan(Query(bare)), self.catalog, self.engine.dialect, offset=0, limit=1)
        self.engine.execute("SELECT $one", {"one": 1}, timeout=1).close()

    def close(self) -> None:
        """Close the engine."""
        self.engine.close()

    # ── the one way through

    def _plan(
        self,
        query: Query,
        without: Collection[str] = (),
        cancellation: Cancellation | None = None,
        catalog: Catalog | None = None,
    ) -> Planned:
        context = Context(catalog or self.catalog, self.settings, self._now())
        pinned = [table for table in self.tables_of(query) if table.vintage is not None]
        if not pinned:
            return plan(query, context, without=without)
        if any(self._loads.known(table) is None for table in pinned):
            plan(query, context)  # a document with faults is refused before the database sees it
        loads = {t.name: vintage.latest_loads(t, self._loads_of(t, cancellation)) for t in pinned}
        return plan(query, replace(context, latest=loads), without=without)

    def _loads_of(self, table: Table, cancellation: Cancellation | None) -> Rows:
        def ask() -> Rows:
            context = Context(self.catalog, self.settings, self._now())
            found = self.answer(plan(vintage.loads_question(table), context), cancellation)
            return tuple(zip(*(column.to_pylist() for column in found.columns), strict=True))

        return self._loads.of(table, ask)

    def _compiled(self, planned: Planned, *, offset: int | None = None, limit: int | None = None) -> Compiled:
        return sql.compile(planned, self.catalog, self.engine.dialect, offset=offset, limit=limit)

    def _answer(self, compiled: Compiled, cancellation: Cancellation | None) -> tuple[pa.Table, bool]:
        """Return the rows, and whether they were at hand."""
        if self.cache is None:
            return self._ask(compiled, cancellation), False
        binds = repr(compiled.binds)  # 1, 1.0 and True are one key, but not one question
        return self.cache.answer(
            lambda: (compiled.sql, binds, self.engine.data_version),
            lambda stop: self._ask(compiled, stop),
            cancellation,
        )

    def _ask(self, compiled: Compiled, cancellation: Cancellation | None) -> pa.Table:
        rows = self.engine.execute(
            compiled.sql,
            compiled.binds,
            timeout=self.settings.seconds("QUERY_TIMEOUT_SECONDS"),
            cancellation=cancellation,
        )
        try:
            return pa.Table.from_batches(list(rows), rows.schema)
        finally:
            rows.close()

    def _page(
        self,
        query: Query,
        offset: int,
        wanted: int,
        cancellation: Cancellation | None,
        without: Collection[str] = (),
    ) -> Page:
        """Ask for one row more than the page has, to know whether there is more."""
        most = self.settings.whole("PREVIEW_MAX_ROWS")
        size = min(wanted, most)
        start = time.perf_counter()
        planned = self._plan(query, without, cancellation)
        asked = self._compiled(planned, offset=offset, limit=size + 1)
        found, from_cache = self._answer(asked, cancellation)
        elapsed_ms = (time.perf_counter() - start) * 1000
        return pages.page(
            query,
            planned,
            found,
            self.catalog,
            offset=offset,
            wanted=wanted,
            most=most,
            longest=self.settings.whole("CELL_MAX_CHARACTERS"),
            elapsed_ms=elapsed_ms,
            from_cache=from_cache,
        )

    def _known_rows(self, query: Query) -> int | None:
        """Return the count of a bare table, where it costs nothing and nothing has changed since."""
        table = self.catalog.get(query.table)
        if table is None or table.rows is None or table.vintage is not None:
            return None
        rows = questions.rows_of(query, table.rows)
        if rows is None or self.engine.data_version != self._opened_at:
            return None
        self._plan(query)  # a document with faults has no count
        return rows

    def tables_of(self, query: Query) -> list[Table]:
        """Return the tables that the question reads."""
        names = dict.fromkeys((query.table, *(step.table for step in query.steps if isinstance(step, Join))))
        return [table for table in map(self.catalog.get, names) if table is not None]


def _not_negative(name: str, number: int) -> None:
    if number < 0:
        raise QueryInvalid([Fault("wrong-value", name, f"The {name} can't be negative.")])
