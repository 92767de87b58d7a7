"""Pictures of the editors, and what axe and the console say about them.

node tests/js/harness-editors/build.mjs
python tests/js/harness-editors/shots.py [name...]   (into test-results/harness-editors)
"""

from __future__ import annotations

import functools
import http.server
import sys
import threading
from pathlib import Path

from playwright.sync_api import ConsoleMessage, sync_playwright

OUT = Path(__file__).parents[3] / "test-results" / "harness-editors"
ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
SPILLS = """() => [...document.querySelectorAll('.au-dialog, .au-dialog-body, .au-editor-panel, .au-tree')]
  .filter((box) => box.scrollWidth > box.clientWidth + 1)
  .map((box) => `${box.className} ${box.scrollWidth} > ${box.clientWidth}`)"""
AXE = """async () => (await axe.run('.aurora')).violations
  .map(({ id, nodes }) => `${id}: ${nodes[0].html.slice(0, 90)} ${nodes[0].failureSummary}`)"""
SHOTS = {
    "look": ("filter=look", 1440, 900),
    "all": ("filter=all", 1440, 900),
    "all-700": ("filter=all", 700, 600),
    "all-dark": ("filter=all&theme=dark", 1440, 900),
    "none": ("filter=none", 1024, 700),
    "rules": ("filter=rules", 1440, 900),
    "rules-700": ("filter=rules", 700, 600),
    "deep": ("filter=deep", 1440, 900),
    "deep-700": ("filter=deep", 700, 600),
    "long": ("filter=long", 1440, 900),
    "long-700": ("filter=long", 700, 600),
    "fault": ("filter=look&extra=fault", 1024, 700),
    "error": ("filter=look&extra=error", 1024, 700),
    "panel": ("filter=look&panel=1", 700, 500),
    "join": ("editor=join&extra=join", 1440, 900),
    "join-none": ("editor=join", 1440, 900),
    "join-700": ("editor=join&extra=join", 700, 600),
    "join-dark": ("editor=join&extra=join&theme=dark", 1440, 900),
    "join-error": ("editor=join&extra=error", 1024, 700),
    "summary": ("editor=summarize&extra=summary", 1440, 900),
    "summary-none": ("editor=summarize", 1024, 700),
    "summary-700": ("editor=summarize&extra=summary", 700, 600),
    "summary-dark": ("editor=summarize&extra=summary&theme=dark", 1024, 700),
    "columns": ("editor=columns&extra=columns", 1440, 900),
    "columns-700": ("editor=columns&extra=long", 700, 600),
    "columns-dark": ("editor=columns&theme=dark", 1024, 700),
    "columns-panel": ("editor=columns&panel=1", 320, 600),
}


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Say nothing."""


def say(*words: object) -> None:
    """Write a line for the person who looks."""
    sys.stdout.write(" ".join(map(str, words)) + "\n")


def heard(message: ConsoleMessage) -> None:
    """Say what the page's console complains of."""
    if message.type in {"error", "warning"}:
        say("console:", message.text)


def main(names: list[str]) -> None:
    handler = functools.partial(Quiet, directory=OUT)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    axe = Path(__file__).parents[3] / "node_modules" / "axe-core" / "axe.min.js"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=ARGS)
        for name, (query, width, height) in SHOTS.items():
            if names and not any(name.startswith(wanted) for wanted in names):
                continue
            page = browser.new_page(viewport={"width": width, "height": height})
            page.on("console", heard)
            page.on("pageerror", lambda error: say("error:", error))
            page.goto(f"http://127.0.0.1:{server.server_port}/index.html?{query}")
            page.wait_for_timeout(900)
            page.screenshot(path=OUT / f"{name}.png")
            spills = page.evaluate(SPILLS)
            page.add_script_tag(path=str(axe))
            found = [f"spills {text}" for text in spills] + [f"axe {text}" for text in page.evaluate(AXE)]
            say(name, *(f"\n  {text}" for text in found))
            page.close()
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1:])
