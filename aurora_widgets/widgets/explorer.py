"""``Explorer``: every widget on one state, and its result for the notebook."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

import ipywidgets
import traitlets as t

from aurora_widgets.errors import AuroraError, Fault, QueryInvalid, SourceInvalid
from aurora_widgets.query import code
from aurora_widgets.query.model import Query
from aurora_widgets.query.types import UNKNOWN
from aurora_widgets.widgets import words
from aurora_widgets.widgets.client import Client, embedded
from aurora_widgets.widgets.http_client import connect
from aurora_widgets.widgets.panel import Panel
from aurora_widgets.widgets.state import ExplorerState

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl
    import pyarrow as pa

    from aurora_widgets.catalog.model import Catalog
    from aurora_widgets.widgets.messages import GridView


class Explorer(ipywidgets.VBox):  # type: ignore[misc]  # ipywidgets has no types
    """Explore tables: pick, filter, join, summarize, and take the result along.

    Parameters
    ----------
    source
        A path or several (Parquet, CSV, DuckDB files, folders), a frame (pandas, polars,
        Arrow, Ibis), frames by name, or a ``Client``. The sample data by default.
    query
        A question to begin with: a ``Query``, a dict, JSON text, or the ``q`` of a link.
        Without one a source of one table shows that table, any other shows the list.
    catalog
        Catalog YAML over the source.
    grid
        ``table`` (light, accessible) or ``datagrid`` (ipydatagrid: endless scrolling).

    Attributes
    ----------
    query
        The question; set it and the page follows.
    result
        The newest :class:`~aurora_widgets.widgets.state.Result`; ``observe(fn, "result")``.
    state
        What other widgets can share.

    Examples
    --------
    >>> explorer = Explorer("sales.parquet")  # doctest: +SKIP
    >>> explorer.query = {"version": 1, "table": "sales", "steps": []}  # doctest: +SKIP
    >>> explorer.to_pandas()  # doctest: +SKIP
    """

    query = t.Any(None, allow_none=True)
    result = t.Any(None, allow_none=True)

    def __init__(
        self,
        source: object = None,
        *,
        query: object = None,
        catalog: Path | str | None = None,
        grid: GridView = "table",
    ) -> None:
        if grid not in {"table", "datagrid"}:
            raise QueryInvalid([Fault("unknown-grid", "grid", "A grid is “table” or “datagrid”.")])
        given = isinstance(source, Client)
        client = source if isinstance(source, Client) else embedded(source, catalog=catalog)
        self._source = _source_code(source, catalog)
        if query is None and source is not None and not given and len(client.catalog.tables) == 1:
            query = Query(next(iter(client.catalog.tables)))
        self._setting = False
        self._parts: tuple[ipywidgets.Widget, ...] = ()
        self.state = ExplorerState(client, query, grid=grid, source=self._source)
        super().__init__()
        self.add_class("aurora-explorer")
        self._compose()
        self._follow({})
        self.state.observe(self._follow, ["query", "result"])
        self.state.observe(lambda _: self._compose(), "grid")

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> Explorer:
        """Open what the portal's page is to show, and the question of the link that led there.

        ``AURORA_OPEN`` and ``AURORA_CATALOG`` name local files; without them ``AURORA_SERVICE_URL`` and
        ``AURORA_TOKEN`` name the query service; with neither it is the sample data. With the service,
        ``AURORA_USER`` and ``AURORA_SIGN_OUT`` (an address) make the account's menu. No table is chosen
        and nothing is asked until a person acts; following a link that carries a question
        (``QUERY_STRING`` with ``q=…``) is such an act.
        """
        found = os.environ if environment is None else environment
        if "AURORA_OPEN" not in found and found.get("AURORA_SERVICE_URL"):
            explorer = cls(connect(found["AURORA_SERVICE_URL"], found.get("AURORA_TOKEN", "")))
            if found.get("AURORA_USER") and found.get("AURORA_SIGN_OUT"):
                explorer.state.account = {"name": found["AURORA_USER"], "sign_out": found["AURORA_SIGN_OUT"]}
        else:
            explorer = cls._of_files(found)
        link = parse_qs(found.get("QUERY_STRING", "")).get("q")
        if link:
            try:
                explorer.state.query = link[0]
            except AuroraError as refusal:
                explorer.state.refuse(refusal, None)
        return explorer

    @classmethod
    def _of_files(cls, found: Mapping[str, str]) -> Explorer:
        try:
            paths = json.loads(found.get("AURORA_OPEN") or "[]")
        except ValueError:
            paths = None
        if not isinstance(paths, list) or not all(isinstance(path, str) for path in paths):
            raise SourceInvalid("AURORA_OPEN is a JSON list of paths.")
        catalog = found.get("AURORA_CATALOG") or None
        client = embedded(paths or None, catalog=catalog)
        client.warm()
        explorer = cls(client)
        explorer.state.source = _source_code(paths or None, catalog)
        return explorer

    @t.observe("query")
    def _assigned(self, change: dict[str, Any]) -> None:
        if self._setting:
            return
        try:
            self.state.query = change["new"]
        finally:
            self._follow({})

    def _follow(self, _change: object) -> None:
        self._setting = True
        try:
            self.query = self.state.query
            self.result = self.state.result
        finally:
            self._setting = False

    def _compose(self) -> None:
        before = self._parts
        self._parts = self._views()
        self.children = self._parts
        for part in before:
            part.close()

    def _views(self) -> tuple[ipywidgets.Widget, ...]:
        state = self.state
        if state.grid == "table":
            return (Panel(state, "explorer"),)
        from aurora_widgets.widgets.datagrid import StreamedGrid  # noqa: PLC0415  it imports pandas

        return (Panel(state, "head"), StreamedGrid(state), Panel(state, "foot"))

    @property
    def value(self) -> Any:
        """The question as an Ibis expression; nothing runs until it is asked for."""
        return self.state.client.expression(self._asked())

    def to_arrow(self) -> pa.Table:
        """Return the whole result as an Arrow table, up to ``RESULT_MAX_ROWS`` rows."""
        return self.state.client.to_arrow(self._asked())

    def to_pandas(self) -> pd.DataFrame:
        """Return the whole result as a pandas frame on Arrow types, so that nothing is rounded."""
        import pandas  # noqa: ICN001, PLC0415  heavy: only where it is asked for

        def kept(kind: pa.DataType) -> pandas.ArrowDtype | None:  # a frame can't show Arrow's intervals
            return None if _holds(kind, "interval") else pandas.ArrowDtype(kind)

        return self.to_arrow().to_pandas(types_mapper=kept)

    def to_polars(self) -> pl.DataFrame:
        """Return the whole result as a polars frame; a column of a type that polars lacks is text."""
        import polars  # noqa: ICN001, PLC0415  optional

        found = self.to_arrow()
        for at, column in enumerate(found.itercolumns()):
            if _holds(column.type, "interval", "decimal256"):
                found = found.set_column(at, found.column_names[at], _texts(column))
        frame = polars.from_arrow(found)
        if not isinstance(frame, polars.DataFrame):
            raise TypeError(type(frame))
        return frame

    @property
    def catalog(self) -> Catalog:
        """The tables that may be asked, with their columns' types; ``Query.sql`` takes it."""
        return self.state.client.catalog

    def sql(self) -> str:
        """Return the question as SQL."""
        return self.state.client.sql(self._asked())

    def code(self) -> str:
        """Return a notebook cell that recreates this explorer."""
        query = self._asked()
        return code.to_code(query, source=self.state.source, ibis=self.state.client.ibis_code(query))

    def __repr__(self) -> str:
        query = self.state.query
        if query is None:
            tables = len(self.state.client.catalog.tables)
            return (
                f"Explorer({tables} tables, none chosen)" if tables != 1 else "Explorer(1 table, not chosen)"
            )
        return f"Explorer({words.query_words(query, self.state.client.catalog.tables)})"

    def _asked(self) -> Query:
        query: Query | None = self.state.query
        if query is None:
            raise QueryInvalid([Fault("no-table", "table", "Choose a table first.")], "Choose a table first.")
        return query


def _holds(kind: pa.DataType, *names: str) -> bool:
    """Whether an Arrow type is of one of these names, or has a part that is."""
    own = any(name in str(kind) for name in names)
    parts = [kind.field(at).type for at in range(kind.num_fields)]
    return any(_holds(part, *names) for part in parts) if parts else own


def _texts(column: pa.ChunkedArray[Any]) -> pa.Array[Any]:
    import pyarrow as pa  # noqa: PLC0415

    from aurora_widgets.export.cells import cells  # noqa: PLC0415

    texts = cells(column, UNKNOWN)
    return pa.array([None if text is None else str(text) for text in texts], pa.string())


def _source_code(source: object, catalog: object) -> str:
    """Return the arguments that open a source again; a frame goes by the name of its table."""
    match source:
        case None:
            first = []
        case str() | Path():
            first = [repr(str(source))]
        case Mapping():
            entries = (
                f"{name!r}: {str(item)!r}" if isinstance(item, str | Path) else f"{name!r}: {name}"
                for name, item in source.items()
            )
            first = [f"{{{', '.join(entries)}}}"]
        case Sequence() if all(isinstance(item, str | Path) for item in source):
            first = [repr([str(item) for item in source])]
        case _ if isinstance(source, Client):
            first = [source.source] if source.source else []
        case _:
            first = ["data"]
    return ", ".join([*first, *([f"catalog={str(catalog)!r}"] if catalog is not None else [])])
