"""What a person waits for: from a click to new rows on the screen, in Chromium without a GPU.

`aurora open` serves 10 million rows, of a Parquet file or, with the word `duckdb`, of a DuckDB database; the
clock is the page's own, from the click to
the first frame after the change is drawn. Each figure is a median; the longest stands beside it.
The same sort by hand, in turns with the clicks, tells how busy the machine was meanwhile. No page is
kept (NOTEBOOK_CACHE_MAX_BYTES=0, unless it is set), so that each click asks DuckDB.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

import duckdb
from data import TEN_MILLION, database, lineitem
from playwright.sync_api import Browser, CDPSession, Page, sync_playwright

from aurora_widgets.query.read import from_json
from aurora_widgets.query.url import to_url

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from served import free_port, serving
from windows import CHROMIUM, FLAGS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROUNDS = next((int(word) for word in sys.argv[1:] if word.isdecimal()), 7)
DATA = database(TEN_MILLION) if "duckdb" in sys.argv[1:] else lineitem(TEN_MILLION)
RULES = 200
IDLE_SECONDS = 4
CLOCK = """
window.bench = {
  painted: (done) => requestAnimationFrame(() => {
    const channel = new MessageChannel();
    channel.port1.onmessage = done;
    channel.port2.postMessage(0);
  }),
  rows: () => {
    const grid = document.querySelector('[role=grid][aria-label="Rows of the answer"]');
    if (!grid || grid.getAttribute('aria-busy') === 'true' || !grid.tBodies[0]?.rows.length) return '';
    return grid.tHead.textContent + [...grid.tBodies[0].rows].slice(0, 3).map((row) => row.textContent)
      + [...grid.querySelectorAll('th')].map((th) => th.ariaSort) + grid.tBodies[0].rows[0].ariaRowIndex;
  },
  until: (act, done) => new Promise((resolve) => {
    const start = performance.now();
    const check = () => {
      if (!done()) return;
      observer.disconnect();
      bench.painted(() => resolve(performance.now() - start));
    };
    const observer = new MutationObserver(check);
    observer.observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
    act();
    check();
  }),
  click: (element) => {
    const before = bench.rows();
    const changed = () => { const now = bench.rows(); return now && now !== before; };
    return bench.until(() => element.click(), changed);
  },
  type: (box, text) => new Promise((resolve) => {
    const start = performance.now();
    Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value').set.call(box, text);
    box.dispatchEvent(new InputEvent('input', { bubbles: true, data: text.slice(-1) }));
    bench.painted(() => resolve(performance.now() - start));
  }),
};
const seen = new MutationObserver(() => {
  if (bench.usable || !document.querySelector('.aurora [data-region=start] button')) return;
  seen.disconnect();
  bench.painted(() => { bench.usable = performance.now(); });
});
seen.observe(document, { subtree: true, childList: true });
"""
IMPORTS = {
    "Python and ipykernel": "import ipykernel.ipkernel",
    "ipywidgets and anywidget": "import anywidget",
    "Aurora's widgets": "from aurora_widgets import Explorer",
    "DuckDB": "import duckdb",
    "Arrow and NumPy": "import pyarrow.compute",
    "Ibis and sqlglot (after the page shows)": "import aurora_widgets.sql.statement",
    "pandas (DuckDB's own, after the page shows)": "import pandas",
}
MEMORY = """
def pss():
    lines = open("/proc/self/smaps_rollup")
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024
before = 0
for code in {codes!r}:
    exec(code)
    print(pss() - before)
    before = pss()
"""


class Figures:
    """The table, printed line by line as it is measured."""

    def __init__(self) -> None:
        print(f"{DATA.name}: median of {ROUNDS} and the longest, ms")
        print(f"{'':46}{'median':>8}{'longest':>9}{'budget':>8}")

    def add(self, name: str, times: list[float], budget: int | None = None) -> None:
        """Print the times of one deed against what it may take."""
        middle = median(times)
        said = "" if budget is None else f"{budget:8}   {'met' if middle <= budget else 'MISSED'}"
        print(f"{name:46}{middle:8.0f}{max(times):9.0f}{said}", flush=True)


def question(rules: int) -> str:
    """Return the link of a question with so many rules, none of which leaves out a row."""
    rule = {"type": "condition", "column": "l_quantity", "op": "<"}
    where = {
        "type": "group", "op": "and",
        "children": [{**rule, "value": 1000 + number} for number in range(rules)],
    }  # fmt: skip
    steps = [{"type": "filter", "where": where}] if rules else []
    return to_url(from_json(json.dumps({"version": 1, "table": "lineitem", "steps": steps})))


def kernels() -> Iterator[int]:
    """Yield the kernels that this process's servers started."""
    for status in Path("/proc").glob("[0-9]*/status"):
        pid = int(status.parent.name)
        try:
            if b"ipykernel" in (status.parent / "cmdline").read_bytes() and os.getpid() in ancestors(pid):
                yield pid
        except OSError:
            continue


def ancestors(pid: int) -> Iterator[int]:
    while pid > 1:
        text = Path(f"/proc/{pid}/status").read_text()
        pid = int(text.partition("PPid:")[2].split()[0])
        yield pid


def pss(pid: int) -> float:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024


def traffic(page: Page) -> dict[str, float]:
    """Count requests and bytes over the wire from now on."""
    found = {"requests": 0.0, "bytes": 0.0}
    session: CDPSession = page.context.new_cdp_session(page)
    session.send("Network.enable")

    def finished(event: dict[str, float]) -> None:
        found["requests"] += 1
        found["bytes"] += event["encodedDataLength"]

    session.on("Network.loadingFinished", finished)
    return found


def visit(page: Page, url: str) -> float:
    page.goto(url)
    page.wait_for_function("window.bench?.usable", timeout=60_000)
    return float(page.evaluate("bench.usable"))


def loads(browser: Browser, url: str, figures: Figures) -> None:
    cold, warm, lines = [], [], []
    for _ in range(3):
        context = browser.new_context(viewport={"width": 1440, "height": 900})
        page = context.new_page()
        page.add_init_script(CLOCK)
        for times in (cold, warm):
            seen = traffic(page)
            times.append(visit(page, url))
            lines.append(f"{seen['requests']:.0f} requests, {seen['bytes'] / 1e6:.2f} MB")
        context.close()
    figures.add("page load to usable, cold (3 loads)", cold)
    figures.add("page load to usable, warm (3 loads)", warm)
    print(f"  cold: {lines[0]}; warm: {lines[1]}")


def by_hand() -> Callable[[], float]:
    """Return what asks DuckDB for the sorted page, and takes its time in ms."""
    connection = duckdb.connect()
    connection.execute("SET enable_progress_bar = false")
    source = f"'{DATA}'"
    if DATA.suffix == ".duckdb":
        connection.execute(f"ATTACH {source} AS opened (READ_ONLY)")
        source = "opened.lineitem"
    text = f"FROM {source} ORDER BY l_extendedprice LIMIT 51"

    def ask() -> float:
        start = time.perf_counter()
        connection.execute(text).fetchall()
        return (time.perf_counter() - start) * 1000

    return ask


def clicks(page: Page, figures: Figures) -> None:
    def click(selector: str) -> float:
        page.wait_for_function("bench.rows()")
        return float(page.evaluate("s => bench.click(document.querySelector(s))", selector))

    def named(name: str) -> str:
        return f'button[title^="{name}"]'

    figures.add("next page", [click(named("Next page")) for _ in range(ROUNDS)], 300)
    page.evaluate("s => document.querySelector(s).click()", named("Reset all"))
    page.wait_for_timeout(500)
    header = 'th[title^="l_extendedprice "]'
    sort, hand, undo, redo = [], [], [], []
    ask = by_hand()
    for _ in range(ROUNDS):
        hand.append(ask())
        sort.append(click(header))
        undo.append(click(named("Undo")))
        redo.append(click(named("Redo")))
        click(named("Undo"))
    figures.add("sort", sort, 300)
    figures.add("  the same by hand, without a page to show it", hand)
    figures.add("undo a sort", undo, 300)
    figures.add("redo a sort", redo, 300)
    reset = []
    for _ in range(ROUNDS):
        click(header)
        reset.append(click(named("Reset all")))
    figures.add("reset", reset, 300)


OPENED = "document.querySelector('[role=dialog]')"


def opened(page: Page, name: str) -> float:
    act = "[...document.querySelectorAll('[role=toolbar][aria-label=\"The question\"] button')]"
    find = f"{act}.find(b => b.textContent.trim().startsWith('{name}'))"
    took = page.evaluate(f"bench.until(() => {find}.click(), () => {OPENED}?.querySelector('button'))")
    return float(took)


def closed(page: Page) -> None:
    page.get_by_role("dialog").get_by_role("button", name="Cancel", exact=True).click()
    page.get_by_role("dialog").wait_for(state="detached")


def editors(page: Page, figures: Figures) -> None:
    for name in ("Filter", "Join", "Summarize", "Columns"):
        times = []
        for _ in range(ROUNDS):
            times.append(opened(page, name))
            closed(page)
        figures.add(f"open {name}", times, 100)


def keystrokes(page: Page) -> list[float]:
    box = "[...document.querySelectorAll('[role=dialog] input')].filter(i => i.ariaLabel === 'Value').at(-1)"
    return [
        float(page.evaluate(f"text => bench.type({box}, text)", "1234567890"[: 1 + at % 9]))
        for at in range(max(ROUNDS, 9))
    ]


def filters(page: Page, figures: Figures, pick: Callable[[Page], None]) -> None:
    applied = []
    for at in range(ROUNDS):
        opened(page, "Filter")
        if at == 0:
            pick(page)
        else:
            page.get_by_role("dialog").get_by_label("Value", exact=True).last.fill(str(at + 1))
        page.wait_for_timeout(600)  # the editor counts what is typed before a person clicks
        find = f"[...{OPENED}.querySelectorAll('button')].find(b => b.textContent.trim() === 'Apply')"
        applied.append(float(page.evaluate(f"bench.click({find})")))
        page.wait_for_timeout(300)
    figures.add("apply a filter", applied, 500)
    opened(page, "Filter")
    figures.add("keystroke in the filter editor", keystrokes(page), 50)
    closed(page)


def rule(page: Page) -> None:
    dialog = page.get_by_role("dialog")
    if not dialog.get_by_role("combobox", name="Column").count():
        dialog.get_by_role("button", name="Rule", exact=True).first.click()
    column = dialog.get_by_role("combobox", name="Column").last
    column.click()
    column.fill("l_linenumber")
    column.press("Enter")
    dialog.get_by_role("combobox", name="Operator").last.select_option("=")
    dialog.get_by_label("Value", exact=True).last.fill("1")


def main() -> None:
    os.environ.setdefault("NOTEBOOK_CACHE_MAX_BYTES", "0")
    port = free_port()
    url = f"http://127.0.0.1:{port}/"
    command = [sys.executable, "-m", "aurora_widgets.cli", "open", str(DATA), "--no-browser"]
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        log = Path(folder) / "log.txt"
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        with serving([*command, f"--port={port}"], url + "static/favicon.ico", log):
            figures = Figures()
            loads(browser, url, figures)
            page = browser.new_page(viewport={"width": 1440, "height": 900})
            page.add_init_script(CLOCK)
            visit(page, url)
            page.wait_for_timeout(IDLE_SECONDS * 1000)
            idle = min(pss(pid) for pid in kernels())
            first = "document.querySelector('[data-region=start] button')"
            took = page.evaluate(f"bench.until(() => {first}.click(), () => bench.rows())")
            figures.add("first page of a table (once)", [float(took)], 300)
            clicks(page, figures)
            editors(page, figures)
            filters(page, figures, rule)
            page.close()
            page = browser.new_page(viewport={"width": 1440, "height": 900})
            page.add_init_script(CLOCK)
            page.goto(f"{url}?q={question(RULES)}")
            page.wait_for_function("window.bench && bench.rows()", timeout=60_000)
            times = []
            for _ in range(ROUNDS):
                times.append(opened(page, "Filter"))
                closed(page)
            figures.add(f"open Filter, {RULES} rules", times, 100)
            opened(page, "Filter")
            page.wait_for_timeout(500)
            figures.add(f"keystroke, {RULES} rules", keystrokes(page), 50)
        browser.close()
    with Path("/proc/loadavg").open() as load:
        print(f"load of the machine in the last minute: {load.read().split()[0]} on {os.cpu_count()} cores")
    print(f"\nidle kernel after {IDLE_SECONDS} s: {idle:.0f} MB (PSS), of which, imported one after another:")
    code = MEMORY.format(codes=list(IMPORTS.values()))
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    for name, more in zip(IMPORTS, done.stdout.split(), strict=True):
        print(f"{name:46}{float(more):8.0f}")


if __name__ == "__main__":
    main()
