"""Pictures of the harness in each scene, size and theme, and what axe and the console say about them.

node aurora_widgets/widgets/js/build.mjs --dev
python tests/js/harness/shots.py FOLDER [name…]
"""

from __future__ import annotations

import sys
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from shutil import which

from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).resolve().parents[3]
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
SIZES = {"1440": (1440, 900), "1024": (1024, 700), "700": (700, 700)}
SCENES = [
    "start", "empty-catalog", "plain", "ready", "loading", "reloading", "wide", "over", "none",
    "error", "error-filter", "error-plain", "busy", "broken", "totals",
]  # fmt: skip


class Quiet(SimpleHTTPRequestHandler):
    """Serves the harness without a word."""

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def opened(page: Page, name: str) -> None:
    """Open one of the editors from the bar or the status line."""
    page.locator(".au-bar, .au-status").get_by_role("button", name=name, exact=False).first.click()
    page.get_by_role("dialog").wait_for()
    page.wait_for_timeout(250)


def cell(page: Page, row: int, column: int) -> None:
    """Click a cell of the grid."""
    page.locator(".au-scroll tbody tr").nth(row).locator("td").nth(column).click()


ACTS = {
    "dataset": lambda page: opened(page, "Dataset:"),
    "filter": lambda page: opened(page, "Filter"),
    "join": lambda page: opened(page, "Join"),
    "summarize": lambda page: opened(page, "Summarize"),
    "columns": lambda page: opened(page, "Columns"),
    "code": lambda page: opened(page, "View SQL"),
    "share": lambda page: opened(page, "Share"),
    "example": lambda page: (
        opened(page, "Dataset:"),
        page.get_by_role("button", name="View example").first.click(),
        page.locator(".au-rows").wait_for(),
    ),
    "menu": lambda page: page.get_by_role("button", name="Menu of Revenue").click(),
    "cellmenu": lambda page: page.locator(".au-scroll tbody td").nth(20).click(button="right"),
    "selection": lambda page: (
        cell(page, 3, 2), page.keyboard.press("Shift+ArrowDown"), page.keyboard.press("Shift+ArrowRight"),
    ),
    "profile": lambda page: (
        page.get_by_role("button", name="Menu of Region").click(),
        page.get_by_role("menuitem", name="Profile").click(),
        page.locator(".au-facts").wait_for(),
    ),
    "cell": lambda page: (
        cell(page, 2, 0), page.keyboard.press("Enter"), page.locator(".au-code").wait_for(),
    ),
    "sort": lambda page: (
        page.get_by_role("button", name="Sort: Revenue, largest first", exact=True).click(),
        page.get_by_role("dialog").wait_for(),
    ),
}  # fmt: skip


def jobs() -> list[tuple[str, str, str, str, str]]:
    """Name, query, size, theme, act."""
    every = [(f"{scene}-1440", f"scene={scene}", "1440", "light", "") for scene in SCENES]
    every += [
        (f"{scene}-{size}", f"scene={scene}", size, "light", "")
        for scene in ("start", "ready", "broken", "error", "wide")
        for size in ("1024", "700")
    ]
    every += [
        (f"{scene}-dark", f"scene={scene}&theme=dark", "1440", "dark", "")
        for scene in ("start", "ready", "broken", "error", "busy", "totals", "reloading")
    ]
    every += [(f"act-{act}", "scene=ready", "1440", "light", act) for act in ACTS]
    every += [
        (f"act-{act}-dark", "scene=ready&theme=dark", "1024", "dark", act)
        for act in ("filter", "join", "profile", "code")
    ]
    every += [
        (f"cell-{act or 'ready'}", "scene=ready&cell", "1024", "light", act)
        for act in ("", "filter", "summarize", "dataset", "menu")
    ]
    panels = ["bar", "chips", "grid", "status", "head", "filter", "join", "summarize", "columns", "datasets"]
    every += [(f"panel-{panel}", f"scene=ready&cell&panel={panel}", "1024", "light", "") for panel in panels]
    return every


def main() -> None:
    """Take the pictures."""
    out = Path(sys.argv[1])
    out.mkdir(parents=True, exist_ok=True)
    wanted = sys.argv[2:]
    axe = (ROOT / "node_modules/axe-core/axe.min.js").read_text()
    handler = partial(Quiet, directory=str(ROOT / "test-results/harness"))
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=which("chromium"), args=FLAGS)
        for name, query, size, theme, act in jobs():
            if wanted and not any(word in name for word in wanted):
                continue
            width, height = SIZES[size]
            page = browser.new_page(viewport={"width": width, "height": height}, color_scheme=theme)  # type: ignore[arg-type]
            page.set_default_timeout(30000)
            said: list[str] = []
            page.on("console", lambda m, said=said: said.append(f"{m.type}: {m.text}"))
            page.on("pageerror", lambda e, said=said: said.append(str(e)))
            page.goto(f"http://127.0.0.1:{server.server_port}/index.html?{query}")
            page.locator(".aurora").wait_for()
            try:
                if act:
                    ACTS[act](page)
                page.wait_for_timeout(1200 if "loading" in name else 150)
                page.screenshot(path=out / f"{name}.png")
                page.evaluate(axe)
                found = page.evaluate("axe.run(document.querySelector('.aurora')).then(r => r.violations)")
                said += [
                    f"axe {v['id']}: {n['target']} {n['failureSummary'].splitlines()[-1].strip()[:300]}"
                    for v in found for n in v["nodes"][:3]
                ]  # fmt: skip
            except Exception as error:  # noqa: BLE001 - one bad picture must not hide the others
                said.append(f"FAILED {error}"[:300])
            sys.stdout.write(f"{name}\n" + "".join(f"    {line}\n" for line in said))
            page.close()
        browser.close()


if __name__ == "__main__":
    main()
