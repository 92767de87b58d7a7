"""DuckDB in this process, over files and frames that it scans where they are.

Read-only and closed: once the sources are open, no statement can reach another file, load
an extension, change a setting or write to a disk.
"""

from __future__ import annotations

import hashlib
import re
import threading
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from aurora_widgets import settings as limits
from aurora_widgets.catalog.model import Listing
from aurora_widgets.engine import cost, finding
from aurora_widgets.engine import sources as opening
from aurora_widgets.engine.names import literal, physical, quoted
from aurora_widgets.engine.pool import Lease, Pool
from aurora_widgets.engine.rows import DuckDBRows, translated
from aurora_widgets.errors import SourceInvalid

if TYPE_CHECKING:
    from collections.abc import Callable

    from aurora_widgets.engine.base import Cancellation, PoolUse
    from aurora_widgets.engine.finding import Source
    from aurora_widgets.engine.sources import Relation
    from aurora_widgets.query.model import Scalar


class DuckDBEngine:
    """An engine over files, folders and frames; made by ``open``."""

    dialect = "duckdb"

    def __init__(self, sources: tuple[Source, ...], settings: limits.Settings) -> None:
        self._sources = sources
        self._lock = threading.Lock()
        self._connection = _connect(settings)
        # What a Parquet file's footer says is a third of a page's work; kept where no file can change unseen.
        self._keeps_footers = not any(source.unsettled() for source in sources)
        self._connection.execute(f"SET GLOBAL parquet_metadata_cache = {self._keeps_footers}")
        self._signatures = {source: source.signature() for source in sources}
        self._opened: dict[Source, tuple[Relation, ...]] = {}
        try:
            for source in sources:
                self._opened[source] = opening.open_source(self._connection, source)
            self._expose()
            _lock_down(self._connection, sources)
        except BaseException:
            self._connection.close()
            raise
        self._pool = Pool(self._cursor, settings.whole("DUCKDB_POOL"), settings.seconds("POOL_WAIT_SECONDS"))

    @classmethod
    def open(
        cls,
        sources: Mapping[str, object] | Iterable[Path | str] = (),
        settings: limits.Settings | None = None,
        *,
        tables: Mapping[str, object] | None = None,
    ) -> DuckDBEngine:
        """Open files, folders and frames as tables.

        Parameters
        ----------
        sources
            Paths of Parquet, CSV and DuckDB files and of folders of them; or files and frames
            (pandas, polars, Arrow, Ibis) by the name that their table is to have.
        settings
            Limits; the environment's by default.
        tables
            More files and frames by name, beside paths.

        Raises
        ------
        SourceInvalid
            One of them cannot be read as a table, or two tables would have one name.
        """
        named = dict(tables or {})
        paths: Iterable[Path | str] = ()
        if isinstance(sources, Mapping):
            named = {**sources, **named}
        elif isinstance(sources, str | Path):
            paths = (sources,)
        else:
            paths = sources
        return cls(finding.find(paths, named), settings or limits.load())

    @property
    def data_version(self) -> str:
        """Changes when a file does."""
        now = repr([source.signature() for source in self._sources])
        return hashlib.sha256(now.encode()).hexdigest()[:16]

    def listings(self) -> tuple[Listing, ...]:
        """Return what tables there are, in the order they were given."""
        return tuple(
            Listing(
                name=relation.name,
                schema=relation.schema,
                rows=relation.rows,
                source=self._view_names[relation.name],
                key=relation.key,
                ordered=relation.ordered,
                row_id=relation.row_id,
                physical={
                    field.name: stored
                    for field, stored in zip(relation.schema, relation.stored, strict=True)
                    if field.name != stored
                },
            )
            for relation in self._relations()
        )

    def execute(
        self,
        sql: str,
        binds: Mapping[str, Scalar],
        *,
        timeout: float,
        cancellation: Cancellation | None = None,
    ) -> DuckDBRows:
        """Run one SELECT; see ``engine.base.Engine.execute``."""
        changed = self._refresh(sql)
        lease = Lease(self._pool, timeout, cancellation)
        try:
            with translated(lease):
                self._register(lease.cursor, changed)
                lease.cursor.execute(sql, dict(binds))
                lease.check()
                return DuckDBRows(lease)
        except KeyboardInterrupt:
            lease.release(stopped=True)
            raise
        except BaseException:
            lease.release()
            raise

    def estimate(
        self,
        sql: str,
        binds: Mapping[str, Scalar],
        *,
        timeout: float,
        cancellation: Cancellation | None = None,
    ) -> int:
        """Return the rows out of the largest join, sort or aggregate; see ``engine.base.Engine``."""
        asked = f"EXPLAIN (FORMAT JSON) {sql}"
        found = self.execute(asked, binds, timeout=timeout, cancellation=cancellation)
        try:
            return cost.rows(next(iter(found)).column(1)[0].as_py())
        finally:
            found.close()

    def watch_pool(self, callback: Callable[[PoolUse], None]) -> None:
        """Call back with the cursors' use; see ``engine.base.Engine.watch_pool``."""
        self._pool.watch(callback)

    def connection(self) -> duckdb.DuckDBPyConnection:
        """Return a connection of its own that sees every table, outside the pool: an expression's."""
        self._refresh()
        return self._cursor()

    def close(self) -> None:
        """Close the database; a result still open keeps its own cursor until it is closed."""
        self._pool.close()
        self._connection.close()

    def _relations(self) -> list[Relation]:
        return [relation for source in self._sources for relation in self._opened[source]]

    def _expose(self) -> None:
        relations = self._relations()
        names = [relation.name for relation in relations]
        for name in names:
            if names.count(name) > 1:
                raise SourceInvalid(f"Two tables would be named {name}; open only one of them.")
        self._view_names = dict(zip(names, physical(names), strict=True))
        for relation in relations:
            if relation.frame is None:
                self._create_view(self._connection, relation)

    def _create_view(self, connection: duckdb.DuckDBPyConnection, relation: Relation) -> None:
        kind = "TEMP VIEW" if relation.frame is not None else "VIEW"
        name = quoted(self._view_names[relation.name])
        connection.execute(f"CREATE OR REPLACE {kind} {name} AS {relation.select}")

    def _cursor(self) -> duckdb.DuckDBPyConnection:
        cursor = self._connection.cursor()
        self._register(cursor, self._relations())
        return cursor

    def _register(self, cursor: duckdb.DuckDBPyConnection, relations: Iterable[Relation]) -> None:
        for relation in relations:
            if relation.frame is not None:
                cursor.register(relation.frame_name, relation.frame)
                self._create_view(cursor, relation)

    def _is_named(self, relation: Relation, sql: str) -> bool:
        name = quoted(self._view_names[relation.name])[1:-1]
        return re.search(rf"(?<!\w){re.escape(name)}(?!\w)", sql, re.IGNORECASE) is not None

    def _refresh(self, sql: str | None = None) -> list[Relation]:
        """Open again, and return, what has changed, as far as the statement (or any) may name it."""
        changed: list[Relation] = []
        with self._lock:
            for source in self._sources:
                now = source.signature()
                before = self._opened[source]
                if now == self._signatures[source]:
                    continue
                if sql is not None and not any(self._is_named(relation, sql) for relation in before):
                    continue
                if self._keeps_footers:
                    now = _settled(source, now)
                if now is None:
                    raise SourceInvalid(f"{source.path} is no longer there.")
                after = opening.open_source(self._connection, source)
                if not opening.takes_the_place(after, before):
                    raise SourceInvalid(
                        f"The columns of the table {source.name} are others now; open it again."
                        if source.kind == "frame"
                        else f"{source.path} was replaced by a file of other columns; open it again."
                    )
                self._opened[source] = after
                self._expose()
                self._signatures[source] = now
                changed += after
        return changed


def _settled(source: Source, now: tuple[int, int, int] | None) -> tuple[int, int, int] | None:
    """Wait until a file that has changed can't change unseen any more, and return its signature then."""
    for _ in range(_PATIENCE):
        if not (seconds := source.unsettled()):
            break
        time.sleep(min(seconds, _LONGEST_WAIT))
        before, now = now, source.signature()
        if now == before:
            break
    return now


_PATIENCE = 3
"""Times that a file may change once more while it is waited for."""
_LONGEST_WAIT = 1.1  # also where the file's clock is ahead of ours


def _connect(settings: limits.Settings) -> duckdb.DuckDBPyConnection:
    memory = settings.text("DUCKDB_MEMORY_LIMIT")
    connection = duckdb.connect(
        ":memory:",
        config={
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            # A file that is rewritten within a second at the same size is not read again by this cache, ever.
            "enable_external_file_cache": False,
            "temp_directory": "",
            "preserve_insertion_order": True,
            "python_enable_replacements": False,
        },
    )
    connection.execute(f"SET memory_limit = {literal(_memory(connection, memory))}")
    connection.execute("SET enable_progress_bar = false")
    connection.execute("SET GLOBAL TimeZone = 'UTC'")
    # A page asks for one row more than it has. Up to so many DuckDB sorts by the sorted columns alone,
    # and then reads the others of these rows: both limits are 50 by default.
    page = settings.whole("PREVIEW_PAGE_ROWS") + 1
    connection.execute(f"SET GLOBAL late_materialization_max_rows = {page}")
    connection.execute(f"SET GLOBAL dynamic_or_filter_threshold = {page}")
    return connection


DUCKDB_SHARE = 80
"""DuckDB's own limit, in percent of the memory of the machine or of its container."""


def _memory(connection: duckdb.DuckDBPyConnection, limit: str) -> str:
    """Return the limit as DuckDB reads it; a percentage is of what DuckDB sees as the memory."""
    if not limit.endswith("%"):
        return limit
    (default,) = connection.execute("SELECT current_setting('memory_limit')").fetchone() or ("1 GiB",)
    number, unit = str(default).split()
    return f"{float(number) * float(limit.rstrip('% ')) / DUCKDB_SHARE:.2f} {unit}"


def _lock_down(connection: duckdb.DuckDBPyConnection, sources: Iterable[Source]) -> None:
    files = ", ".join(literal(str(source.path)) for source in sources if source.kind != "frame")
    connection.execute(f"SET allowed_paths = [{files}]")
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")
