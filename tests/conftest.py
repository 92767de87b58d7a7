"""What several test modules share."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest
from truth import World
from windows import chromium, window

from aurora_widgets import demo
from aurora_widgets.service.open import open_runner

__all__ = ["chromium", "window"]  # one browser for all of a run: a process can drive but one

TPCH = ("lineitem", "orders", "customer", "nation", "region", "part", "supplier", "partsupp")


@pytest.fixture(scope="session")
def sample(tmp_path_factory):
    """The sample data, made once for all workers of a run."""
    base = tmp_path_factory.getbasetemp()
    return demo.prepare(parent=base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base)


@pytest.fixture(scope="session")
def tpch(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tpch")
    command = Path(sys.executable).parent / "tpchgen-cli"
    subprocess.run(
        [command, "parquet", "-s", "0.01", "--output-dir", folder], check=True, capture_output=True
    )
    return {name: folder / f"{name}.parquet" for name in TPCH}


@pytest.fixture(scope="session")
def worlds(sample, tpch):
    """A runner and a plain DuckDB over the same files: ``flights`` and ``tpch``."""
    runners = {"flights": open_runner(catalog=sample.catalog), "tpch": open_runner(*tpch.values())}
    plain = {"flights": duckdb.connect(), "tpch": duckdb.connect()}
    for name, tables in (("flights", sample.tables), ("tpch", tpch)):
        plain[name].execute("SET TimeZone = 'America/New_York'")
        for table, path in tables.items():
            plain[name].execute(f"CREATE VIEW {table} AS FROM '{path}'")
    yield runners, plain
    for runner in runners.values():
        runner.close()


@pytest.fixture(scope="session")
def world(tmp_path_factory):
    """The table with everything that makes figures wrong, beside plain DuckDB."""
    found = World(tmp_path_factory.mktemp("truth"))
    yield found
    found.close()
