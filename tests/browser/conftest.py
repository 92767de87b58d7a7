"""Real Chromium against a real Voila or JupyterLab with real kernels."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from aurora_widgets import demo

ROOT = Path(__file__).parents[2]
CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"

expect.set_options(timeout=20_000)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.timeout(180))


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    if not Path(CHROMIUM).exists():
        pytest.skip(f"{CHROMIUM} is not installed (Debian package chromium): nothing was clicked")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@dataclass
class Served:
    """A server that a test may open: where, and its log for when something fails."""

    url: str
    log: Path
    token: str = ""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def serving(command: list[str], url: str, log: Path, env: dict[str, str] | None = None) -> Iterator[None]:
    """Run a server until the block ends; it and its kernels end with it."""
    with log.open("wb") as out:
        process = subprocess.Popen(
            command,
            stdout=out,
            stderr=subprocess.STDOUT,
            cwd=ROOT,
            env={**os.environ, **(env or {})},
            start_new_session=True,
        )
        try:
            wait_for(lambda: _answers(url), process, log)
            yield
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait(10)


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2):  # noqa: S310  a server of ours
            return True
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False


def wait_for(done: Callable[[], bool], process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + 60
    while time.monotonic() < end:
        if done():
            return
        if process.poll() is not None:
            break
        time.sleep(0.1)
    pytest.fail(f"the server did not come up:\n{log.read_text()[-4000:]}")


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


@contextlib.contextmanager
def windows(chromium: Browser) -> Iterator[Callable[..., Page]]:
    """Open pages of a given size and scheme; fails at the end on script errors and outside requests."""
    pages: list[tuple[Page, list[str]]] = []

    def open_window(width: int = 1440, height: int = 900, scheme: str = "light") -> Page:
        context = chromium.new_context(
            viewport={"width": width, "height": height},
            color_scheme=scheme,  # type: ignore[arg-type]
            permissions=["clipboard-read", "clipboard-write"],
        )
        page = context.new_page()
        wrong: list[str] = []
        page.on("pageerror", lambda error: wrong.append(f"script error: {error}"))
        page.on("request", lambda request: _watch(request.url, wrong))
        pages.append((page, wrong))
        return page

    yield open_window
    problems = [line for _, wrong in pages for line in wrong]
    for page, _ in pages:
        page.context.close()
    assert not problems


@pytest.fixture
def window(chromium: Browser) -> Iterator[Callable[..., Page]]:
    """Pages of one test."""
    with windows(chromium) as open_window:
        yield open_window


def _watch(url: str, wrong: list[str]) -> None:
    if not url.startswith(("http://127.0.0.1:", "ws://127.0.0.1:", "data:", "blob:")):
        wrong.append(f"outside request: {url}")


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


def axe(page: Page, within: str = ".aurora") -> list[str]:
    """Return what axe finds wrong, a line each."""
    page.add_script_tag(path=str(AXE))
    found = page.evaluate(
        "async (within) => (await axe.run(within)).violations.map("
        "v => `${v.id}: ${v.help} — ${v.nodes.slice(0, 3).map(n => n.html.slice(0, 160)).join(' | ')}`)",
        within,
    )
    return list(found)
