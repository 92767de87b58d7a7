"""How long a page takes to open: log-in done to usable, behind the whole hub, and plain Voila beside it.

The clock is the browser's own, from the navigation (with every redirect of the log-in) to the first
frame in which a dataset can be clicked. Plain Voila shows the same notebook, without a hub, a proxy
or a log-in, with its own front end and an ordinary kernel.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from playwright.sync_api import Browser, BrowserContext, Error, Page, sync_playwright

sys.path.extend(str(Path(__file__).parents[1] / "tests" / folder) for folder in ("", "hub"))
from hub_lab import Hub, running
from served import free_port, serving
from windows import CHROMIUM, FLAGS

from aurora_widgets.portal import page as portal_page

if TYPE_CHECKING:
    from collections.abc import Callable

ROUNDS = int(sys.argv[1]) if len(sys.argv) > 1 else 5
FIRST_BUDGET, WARM_BUDGET = 3000, 1000
STATIC_BUDGET = 200_000
CLOCK = """
const seen = new MutationObserver(() => {
  if (window.usable !== undefined || !document.querySelector('.aurora [data-region=start] button')) return;
  seen.disconnect();
  window.usable = 0;
  requestAnimationFrame(() => {
    const channel = new MessageChannel();
    channel.port1.onmessage = () => { window.usable = performance.now(); };
    channel.port2.postMessage(0);
  });
});
seen.observe(document, { subtree: true, childList: true });
"""
TIMES = """() => {
  const [page] = performance.getEntriesByType('navigation');
  const paint = performance.getEntriesByName('first-contentful-paint')[0];
  const files = performance.getEntriesByType('resource').filter((file) => file.responseEnd <= window.usable);
  const sum = (name) => files.reduce((total, file) => total + file[name], 0);
  return {
    skeleton: paint ? paint.startTime : 0, document: page.responseEnd, usable: window.usable,
    files: files.length, bytes: sum('transferSize'), held: sum('decodedBodySize'),
  };
}"""


@dataclass
class Loads:
    """What some loads of a page took, in ms and bytes."""

    name: str
    all: list[dict[str, float]] = field(default_factory=list)

    def middle(self, what: str) -> float:
        """Return the median."""
        return median(load[what] for load in self.all)

    def tell(self, budget: int | None = None) -> None:
        """Print a line."""
        times = "".join(f"{self.middle(what):9.0f}" for what in ("skeleton", "document", "usable"))
        longest = max(load["usable"] for load in self.all)
        weight = f"{self.middle('files'):8.0f}{self.middle('bytes') / 1000:9.0f}"
        met = (
            "" if budget is None else f"{budget:8}  {'met' if self.middle('usable') <= budget else 'MISSED'}"
        )
        print(f"{self.name:34}{times}{longest:9.0f}{weight}{met}", flush=True)


def opened(page: Page) -> dict[str, float]:
    """Wait until a person could click, and return the times."""
    end = time.monotonic() + 60
    while not is_usable(page):
        if time.monotonic() > end:
            raise TimeoutError(page.url)
        time.sleep(0.05)  # it asks seldom, so as not to be what is measured
    found: dict[str, float] = page.evaluate(TIMES)
    return found


def is_usable(page: Page) -> bool:
    """Whether it is, as far as a page between two redirects can say."""
    try:
        return bool(page.evaluate("window.usable || 0"))
    except Error:
        return False


def visits(browser: Browser, arrive: Callable[[Page], None], url: str, first: Loads, warm: Loads) -> None:
    """Open the page as somebody new does, then again."""
    context: BrowserContext = browser.new_context(viewport={"width": 1440, "height": 900})
    for loads, go in ((first, arrive), (warm, lambda page: page.goto(url, wait_until="commit"))):
        page = context.new_page()
        page.add_init_script(CLOCK)
        go(page)
        loads.all.append(opened(page))
        page.close()
    context.close()


def log_in(hub: Hub) -> Callable[[Page], None]:
    """Return what fills in the log-in page; the clock starts as it is sent."""

    def arrive(page: Page) -> None:
        page.goto(hub.url)
        page.get_by_label("Name").fill("business")
        page.get_by_label("Password", exact=True).fill(hub.passwords["business"])
        page.get_by_role("button", name="Sign in").click(no_wait_after=True)

    return arrive


def main() -> None:
    port = free_port()
    plain = f"http://127.0.0.1:{port}/"
    command = [sys.executable, "-m", "voila", str(portal_page.notebook()), "--no-browser", f"--port={port}"]
    names = ("Aurora behind its hub", "plain Voila, no hub")
    first, warm = ([Loads(f"{name}, {kind}") for name in names] for kind in ("first", "warm"))
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        log = Path(folder) / "voila.txt"
        with running(Path(folder)) as hub, serving(command, plain + "static/favicon.ico", log):
            for _ in range(ROUNDS):  # in turns, so that both meet the same machine
                visits(browser, log_in(hub), hub.portal, first[0], warm[0])
                visits(browser, lambda page: page.goto(plain, wait_until="commit"), plain, first[1], warm[1])
        browser.close()
    print(f"median of {ROUNDS}, ms from the navigation; files and kB over the wire until then")
    print(
        f"{'':34}{'skeleton':>9}{'document':>9}{'usable':>9}{'longest':>9}{'files':>8}{'kB':>9}{'budget':>8}"
    )
    first[0].tell(FIRST_BUDGET)
    warm[0].tell(WARM_BUDGET)
    first[1].tell()
    warm[1].tell()
    for kind, (ours, theirs) in (("first", first), ("warm", warm)):
        print(f"{kind}: {ours.middle('usable') / theirs.middle('usable'):.2f} of plain Voila's time")
    held = warm[0].middle("bytes")
    met = "met" if held <= STATIC_BUDGET else "MISSED"
    print(f"static transfer of a warm load: {held:.0f} bytes, budget {STATIC_BUDGET}: {met}")
    with Path("/proc/loadavg").open() as load:
        print(f"load of the machine in the last minute: {load.read().split()[0]} on {os.cpu_count()} cores")


if __name__ == "__main__":
    main()
