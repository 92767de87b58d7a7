"""Real Chromium against a real Voila or JupyterLab with real kernels."""

from __future__ import annotations

import contextlib
import json
import secrets
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import pytest
from playwright.sync_api import Page, expect
from served import Served, free_port, serving
from windows import axe, windows

from aurora_widgets import demo

__all__ = ["Served", "axe", "windows"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.timeout(180))


@pytest.fixture(scope="session")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """`aurora demo`: the portal page on sample data."""
    port, log = free_port(), tmp_path_factory.mktemp("portal") / "log.txt"
    command = [sys.executable, "-m", "aurora_widgets.cli", "demo", "--no-browser", "--port", str(port)]
    url = f"http://127.0.0.1:{port}/"
    with serving(command, url + "static/favicon.ico", log):
        yield Served(url, log)


@pytest.fixture(scope="session")
def open_files(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Served]]:
    """`aurora open PATH…` on files of the test's own."""
    with contextlib.ExitStack() as stack:

        def start(*paths: Path, catalog: Path | None = None) -> Served:
            port, log = free_port(), tmp_path_factory.mktemp("open") / "log.txt"
            command = [sys.executable, "-m", "aurora_widgets.cli", "open", *map(str, paths)]
            command += ["--no-browser", "--port", str(port)]
            if catalog:
                command += ["--catalog", str(catalog)]
            url = f"http://127.0.0.1:{port}/"
            stack.enter_context(serving(command, url + "static/favicon.ico", log))
            return Served(url, log)

        yield start


def write_notebook(path: Path, *cells: str) -> None:
    """Write a notebook of code cells; one that begins with ``#`` and a blank is text."""
    kinds = ["markdown" if text.startswith("# ") else "code" for text in cells]
    notebook = {
        "cells": [
            {"cell_type": kind, "id": f"c{index}", "metadata": {}, "source": text}
            | ({"outputs": [], "execution_count": None} if kind == "code" else {})
            for index, (kind, text) in enumerate(zip(kinds, cells, strict=True))
        ],
        "metadata": {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    path.write_text(json.dumps(notebook))


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """JupyterLab in the folder of its log, which may hold notebooks (see `write_notebook`)."""
    port, folder, token = free_port(), tmp_path_factory.mktemp("lab"), secrets.token_hex(16)
    config = folder / "config" / "labconfig"
    config.mkdir(parents=True)
    quiet = {"@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False}}
    (config / "default_setting_overrides.json").write_text(json.dumps(quiet))
    log = folder / "log.txt"
    command = [
        *(sys.executable, "-m", "jupyter", "lab", "--no-browser", "--allow-root", f"--port={port}"),
        *(f"--IdentityProvider.token={token}", f"--ServerApp.root_dir={folder}", "--ServerApp.ip=127.0.0.1"),
        "--LabApp.news_url=",
    ]
    url = f"http://127.0.0.1:{port}/"
    with serving(command, url + "api", log, {"JUPYTER_CONFIG_DIR": str(folder / "config")}):
        yield Served(url, log, token)


@pytest.fixture(scope="session")
def truth() -> duckdb.DuckDBPyConnection:
    """Plain DuckDB over the same sample files."""
    connection = duckdb.connect()
    for name, path in demo.prepare().tables.items():
        connection.execute(f"CREATE VIEW {name} AS SELECT * FROM read_parquet('{path}')")
    return connection


@pytest.fixture
def explorer(portal: Served, window: Callable[..., Page]) -> Page:
    """The portal page, open and waiting for a person."""
    page = window()
    page.goto(portal.url)
    expect(page.locator(".aurora").first).to_be_visible(timeout=60_000)
    return page
