"""Where a widget's questions go: one protocol, in this process or (the portal) over HTTP.

The widgets know only ``Client``. Its methods block: they are called from worker threads
(see ``runs``) and end soon after their cancellation. They raise the tree of ``errors``.
"""

from __future__ import annotations

import contextlib
import threading
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import pyarrow as pa

    from aurora_widgets.catalog.model import Catalog
    from aurora_widgets.engine.base import Cancellation
    from aurora_widgets.query.model import Join, Query
    from aurora_widgets.service.answers import Count, JoinCheck, Loads, Page, Profile, Values
    from aurora_widgets.service.run import Runner
    from aurora_widgets.settings import Settings


@runtime_checkable
class Client(Protocol):
    """What the widgets ask."""

    @property
    def source(self) -> str:
        """The Python that opens it again as an explorer's source; empty where there is none."""
        ...

    @property
    def catalog(self) -> Catalog:
        """Every table that this person may see."""
        ...

    @property
    def settings(self) -> Settings:
        """The limits in force."""
        ...

    def page(
        self,
        query: Query,
        *,
        offset: int = 0,
        limit: int | None = None,
        cancellation: Cancellation | None = None,
    ) -> Page:
        """Return some rows of the result."""
        ...

    def count(self, query: Query, *, cancellation: Cancellation | None = None) -> Count:
        """Return how many rows there are, as far as is counted."""
        ...

    def values(
        self, query: Query, column: str, search: str, limit: int, *, cancellation: Cancellation | None = None
    ) -> Values:
        """Return distinct values of a column."""
        ...

    def join_check(self, query: Query, join: Join, *, cancellation: Cancellation | None = None) -> JoinCheck:
        """Return what a join would do to the rows so far."""
        ...

    def profile(self, query: Query, column: str, *, cancellation: Cancellation | None = None) -> Profile:
        """Return a column summed up."""
        ...

    def loads(self, table: str, *, cancellation: Cancellation | None = None) -> tuple[Loads, ...]:
        """Return the loads of a table with a vintage, newest first."""
        ...

    def sql(self, query: Query) -> str:
        """Return the question as SQL for people."""
        ...

    def ibis_code(self, query: Query) -> str:
        """Return Python that gives the question's rows by Ibis alone."""
        ...

    def to_arrow(self, query: Query) -> pa.Table:
        """Return the whole result."""
        ...

    def expression(self, query: Query) -> Any:
        """Return the question as an Ibis expression; not over HTTP."""
        ...


class EmbeddedClient:
    """Runs questions in this process.

    Parameters
    ----------
    runner
        The service that ``aurora service`` serves over HTTP, called directly.
    """

    def __init__(self, runner: Runner) -> None:
        self.runner = runner

    @property
    def source(self) -> str:
        """Nothing: the explorer that opened the data knows how."""
        return ""

    @property
    def catalog(self) -> Catalog:
        """Every table there is."""
        return self.runner.catalog

    @property
    def settings(self) -> Settings:
        """The limits in force."""
        return self.runner.settings

    def warm(self) -> None:
        """Import what the first question needs, in a thread of its own, so that it is as fast as the next.

        Nothing is asked of the data.
        """
        threading.Thread(target=_quietly, args=(self.runner.warm,), daemon=True).start()

    def page(
        self,
        query: Query,
        *,
        offset: int = 0,
        limit: int | None = None,
        cancellation: Cancellation | None = None,
    ) -> Page:
        """Return some rows of the result."""
        return self.runner.page(query, offset=offset, limit=limit, cancellation=cancellation)

    def count(self, query: Query, *, cancellation: Cancellation | None = None) -> Count:
        """Return how many rows there are, as far as is counted."""
        return self.runner.count(query, cancellation=cancellation)

    def values(
        self, query: Query, column: str, search: str, limit: int, *, cancellation: Cancellation | None = None
    ) -> Values:
        """Return distinct values of a column."""
        return self.runner.values(query, column, search, limit, cancellation=cancellation)

    def join_check(self, query: Query, join: Join, *, cancellation: Cancellation | None = None) -> JoinCheck:
        """Return what a join would do to the rows so far."""
        return self.runner.join_check(query, join, cancellation=cancellation)

    def profile(self, query: Query, column: str, *, cancellation: Cancellation | None = None) -> Profile:
        """Return a column summed up."""
        return self.runner.profile(query, column, cancellation=cancellation)

    def loads(self, table: str, *, cancellation: Cancellation | None = None) -> tuple[Loads, ...]:
        """Return the loads of a table with a vintage, newest first."""
        return self.runner.vintages(table, cancellation=cancellation)

    def sql(self, query: Query) -> str:
        """Return the question as SQL for people."""
        return self.runner.sql(query)

    def ibis_code(self, query: Query) -> str:
        """Return Python that gives the question's rows by Ibis alone."""
        return self.runner.ibis_code(query)

    def to_arrow(self, query: Query) -> pa.Table:
        """Return the whole result."""
        return self.runner.to_arrow(query)

    def expression(self, query: Query) -> Any:
        """Return the question as an Ibis expression on the runner's own connection."""
        return self.runner.expression(query)


def _quietly(work: Callable[[], object]) -> None:
    with contextlib.suppress(Exception):  # a question that is asked says itself what is wrong
        work()


def embedded(source: object = None, *, catalog: Path | str | None = None) -> EmbeddedClient:
    """Open data in this process.

    Parameters
    ----------
    source
        A path or several, a frame (pandas, polars, Arrow, Ibis), files and frames by name,
        a ``Runner``, or nothing for the sample data.
    catalog
        Catalog YAML over it.

    Raises
    ------
    SourceInvalid, CatalogInvalid
    """
    from aurora_widgets.service.cache import Cache  # noqa: PLC0415  DuckDB only where it is used
    from aurora_widgets.service.open import open_source  # noqa: PLC0415

    runner = open_source(source, catalog=catalog)
    if runner is not source:
        runner.cache = Cache(runner.settings.whole("NOTEBOOK_CACHE_MAX_BYTES"))
    return EmbeddedClient(runner)
