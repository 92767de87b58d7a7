"""Real Chromium, for every test that drives it."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright
from served import ROOT

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


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    if not Path(CHROMIUM).exists():
        pytest.skip(f"{CHROMIUM} is not installed (Debian package chromium): nothing was clicked")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


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


def axe(page: Page, within: str = ".aurora") -> list[str]:
    """Return what axe finds wrong, a line each."""
    page.evaluate(AXE.read_text())  # no script tag: the portal's Content-Security-Policy takes only its own
    found = page.evaluate(
        "async (within) => (await axe.run(within)).violations.map("
        "v => `${v.id}: ${v.help} — ${v.nodes.slice(0, 3).map(n => n.html.slice(0, 160)).join(' | ')}`)",
        within,
    )
    return list(found)
