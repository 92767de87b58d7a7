"""TPC-H's lineitem for benchmarks: made once, kept in a folder of the cache (AURORA_BENCH_DATA)."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

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
