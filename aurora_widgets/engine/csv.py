"""CSV files, read whole when they are opened, so that every row is checked before any is shown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from aurora_widgets.engine.names import literal, quoted

if TYPE_CHECKING:
    from pathlib import Path

    import duckdb


@dataclass(frozen=True, slots=True)
class Loaded:
    """A CSV file that stands in memory: its header and its rows."""

    names: tuple[str, ...]
    rows: int


def load(connection: duckdb.DuckDBPyConnection, path: Path, table: str) -> Loaded:
    """Read the file into a table of the connection."""
    item = f"read_csv({literal(str(path))}, header = true, sample_size = -1)"
    connection.execute(f"CREATE OR REPLACE TABLE {quoted(table)} AS FROM {item}")
    names = [str(row[0]) for row in connection.execute(f"DESCRIBE {quoted(table)}").fetchall()]
    (rows,) = connection.execute(f"SELECT count(*) FROM {quoted(table)}").fetchone() or (0,)
    return Loaded(tuple(names), int(rows))
