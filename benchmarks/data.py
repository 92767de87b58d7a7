"""TPC-H's lineitem for benchmarks: made once, kept in a folder of the cache (AURORA_BENCH_DATA).

As one Parquet file, and as the same rows in a DuckDB database.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import duckdb

TEN_MILLION = 1.67
ONE_GIGABYTE = 5.0


def lineitem(scale: float) -> Path:
    """Return a Parquet file of lineitem at that scale factor: 6 million rows a unit."""
    home = Path(os.environ.get("AURORA_BENCH_DATA") or Path.home() / ".cache" / "aurora-bench")
    folder = home / f"sf-{scale:g}"
    found = folder / "lineitem.parquet"
    if not found.exists():
        making = home / f".making-{os.getpid()}"
        making.mkdir(parents=True)
        command: list[str | Path] = [
            Path(sys.executable).parent / "tpchgen-cli",
            "parquet",
            "-s",
            f"{scale:g}",
        ]
        subprocess.run([*command, "--tables=lineitem", "--output-dir", making], check=True)
        folder.mkdir(exist_ok=True)
        (making / "lineitem.parquet").rename(found)
        making.rmdir()
    return found


def database(scale: float) -> Path:
    """Return a DuckDB database with the rows of ``lineitem(scale)`` in a table of that name."""
    rows = lineitem(scale)
    found = rows.with_name("lineitem.duckdb")
    if not found.exists():
        making = rows.with_name(f".making-{os.getpid()}.duckdb")
        with duckdb.connect(making) as connection:
            connection.execute(f"CREATE TABLE lineitem AS FROM '{rows}'")
        making.rename(found)
    return found
