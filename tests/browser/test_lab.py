"""The same widgets in JupyterLab: in a cell, in step with the kernel, and out of the notebook's way."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import duckdb
import pytest
from conftest import Served, axe, windows, write_notebook
from doing import apply, cells, choose, open_editor, pick, rows_said, rule
from playwright.sync_api import Browser, Locator, Page, expect

EXPLORER = "from aurora_widgets import *\nexplorer = Explorer()\nexplorer"
ASK = """explorer.query = {"version": 1, "table": "airports", "steps": [
    {"type": "filter", "where": {"type": "condition", "column": "alt", "op": ">", "value": 5000}}]}"""
SHOW = "print(explorer.query.to_json())"
ALONE = """for widget in (DatasetPicker, ChipBar, DataGrid, FilterBuilder, JoinBuilder, AggregationBuilder,
               ColumnPicker, StatusLine):
    display(widget(explorer.state))"""
TEXT = "# A heading\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n- point\n"

HOST = (
    *(".jp-NotebookPanel-toolbar jp-button", ".jp-SideBar .lm-TabBar-tab", ".lm-MenuBar-item", "body"),
    *(f".jp-RenderedMarkdown {tag}" for tag in ("h1", "table", "th", "td", "ul")),
)
STYLES = """selectors => Object.fromEntries(selectors.map(selector => {
    const style = getComputedStyle(document.querySelector(selector));
    const said = Object.fromEntries([...style].map(name => [name, style.getPropertyValue(name)]));
    return [selector, said];
}))"""


class Notebook:
    """An open notebook, and what a person does in it."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.styles: dict[str, dict[str, str]] = {}

    def cell(self, index: int) -> Locator:
        return self.page.locator(".jp-Notebook .jp-Cell").nth(index)

    def run(self, index: int) -> str:
        """Run a cell and return what it printed."""
        cell = self.cell(index)
        prompt = cell.locator(".jp-InputPrompt")
        before = prompt.inner_text()
        cell.locator(".cm-content").click()
        self.page.keyboard.press("Control+Enter")
        expect(prompt).not_to_have_text(before)
        expect(prompt).to_have_text(re.compile(r"\[\d+\]"))
        printed = cell.locator(".jp-OutputArea-output pre")
        return "\n".join(printed.all_inner_texts())

    def asked(self) -> dict[str, object]:
        """Return the question as the kernel has it."""
        return json.loads(self.run(2))

    @property
    def explorer(self) -> Locator:
        return self.cell(0).locator(".aurora")

    def state(self) -> tuple[list[str], list[str]]:
        """Return the cells' sources and prompts."""
        return (
            self.page.locator(".jp-Notebook .jp-Cell .cm-content").all_inner_texts(),
            self.page.locator(".jp-Notebook .jp-InputPrompt").all_inner_texts(),
        )


@pytest.fixture(scope="module")
def notebook(lab: Served, chromium: Browser) -> Iterator[Notebook]:
    """One notebook for all tests here; the explorer's cell has run."""
    write_notebook(lab.log.parent / "explore.ipynb", EXPLORER, ASK, SHOW, ALONE, TEXT)
    with windows(chromium) as window:
        page = window(1100, 1400)
        page.goto(f"{lab.url}lab/tree/explore.ipynb?token={lab.token}")
        notebook = Notebook(page)
        expect(page.locator(".jp-Notebook .jp-Cell")).to_have_count(5, timeout=60_000)
        expect(page.get_by_text("Python 3 (ipykernel) | Idle")).to_be_visible(timeout=60_000)
        for selector in HOST:
            expect(page.locator(selector).first).to_be_attached()
        notebook.styles = page.evaluate(STYLES, list(HOST))
        notebook.run(0)
        expect(notebook.explorer).to_be_visible(timeout=60_000)
        yield notebook


def test_a_question_is_clicked_together_in_a_cell_and_the_kernel_has_it(
    notebook: Notebook, truth: duckdb.DuckDBPyConnection
) -> None:
    explorer = notebook.explorer
    box = explorer.bounding_box()
    assert box is not None
    assert 600 <= box["width"] <= 760
    assert axe(notebook.page) == []
    pick(explorer, "Flights")

    dialog = open_editor(explorer, "Filter")
    rule(dialog.locator(".au-rule").first, "Month", ">")
    dialog.locator(".au-rule").first.get_by_label("Value").fill("10")
    apply(explorer)
    dialog = open_editor(explorer, "Join")
    choose(dialog.get_by_role("combobox", name="Right dataset"), "Airlines")
    expect(dialog.get_by_text("As declared in the catalog")).to_be_visible()
    apply(explorer)
    dialog = open_editor(explorer, "Summarize")
    choose(dialog.get_by_role("combobox", name="Group by one more column"), "Airline")
    choose(dialog.get_by_role("combobox", name="Add a measure of a column"), "Distance")
    apply(explorer)

    wanted = truth.execute(
        "SELECT name, sum(distance) FROM flights JOIN airlines USING (carrier) WHERE month > 10 GROUP BY ALL"
    ).fetchall()
    rows_said(explorer, f"{len(wanted)} rows")
    assert sorted(cells(explorer)) == sorted([name, f"{total:,}"] for name, total in wanted)
    asked = notebook.asked()
    assert asked["table"] == "flights"
    assert [step["type"] for step in asked["steps"]] == ["join", "filter", "aggregate"]
    assert asked["steps"][1]["where"] == {
        "type": "condition", "column": "month", "op": ">", "value": 10,
    }  # fmt: skip

    explorer.get_by_role("button", name="Undo").click()
    rows_said(
        explorer, f"{truth.execute('SELECT count(*) FROM flights WHERE month > 10').fetchone()[0]:,} rows"
    )
    assert [step["type"] for step in notebook.asked()["steps"]] == ["join", "filter"]


def test_dialogs_open_inside_the_widgets_own_bounds(notebook: Notebook) -> None:
    explorer = notebook.explorer
    around = explorer.bounding_box()
    assert around is not None
    for editor in ("Filter", "Join", "Summarize", "Columns", "Share"):
        dialog = open_editor(explorer, editor)
        box = dialog.bounding_box()
        assert box is not None
        assert box["x"] >= around["x"]
        assert box["y"] >= around["y"]
        assert box["x"] + box["width"] <= around["x"] + around["width"]
        assert box["y"] + box["height"] <= around["y"] + around["height"]
        assert axe(notebook.page) == []
        notebook.page.keyboard.press("Escape")
        expect(dialog).to_have_count(0)


def test_a_question_set_in_another_cell_moves_the_page(
    notebook: Notebook, truth: duckdb.DuckDBPyConnection
) -> None:
    notebook.run(1)
    explorer = notebook.explorer
    wanted = truth.execute("SELECT count(*) FROM airports WHERE alt > 5000").fetchone()[0]
    rows_said(explorer, f"{wanted} rows")
    chips = explorer.get_by_label("The question in words")
    expect(chips).to_contain_text("Airports")
    expect(chips).to_contain_text("altitude > 5,000")
    explorer.get_by_role("button", name="Remove Filter").click()
    rows_said(explorer, "1,458 rows")
    assert "steps" not in notebook.asked()
    explorer.get_by_role("button", name="Undo").click()
    rows_said(explorer, f"{wanted} rows")


def test_keys_pressed_in_the_widget_are_not_the_notebooks(notebook: Notebook) -> None:
    page, explorer = notebook.page, notebook.explorer
    before = notebook.state()
    grid = explorer.get_by_role("grid", name="Rows of the answer")
    grid.locator("td").first.click()
    for key in ("d", "d", "a", "b", "x", "z", "y", "m", "ArrowDown", "ArrowRight", "Enter"):
        page.keyboard.press(key)
    dialog = explorer.get_by_role("dialog")
    expect(dialog).to_be_visible()  # Enter: the whole text of the cell
    for key in ("d", "d", "Escape"):
        page.keyboard.press(key)
    expect(dialog).to_have_count(0)
    assert notebook.state() == before

    dialog = open_editor(explorer, "Filter")
    value = dialog.get_by_label("Value").first
    value.fill("")
    value.press_sequentially("60")
    for key in ("ArrowUp", "ArrowDown", "Control+z", "Control+Shift+z", "Shift+Tab", "d", "d"):
        page.keyboard.press(key)
    dialog.get_by_role("button", name="Close").focus()
    for key in ("d", "d", "a", "b", "x", "z", "j", "k", "0", "0", "Shift+m"):
        page.keyboard.press(key)
    assert notebook.state() == before
    value = dialog.get_by_label("Value").first
    value.fill("6000")
    value.press("Control+Enter")
    expect(dialog).to_have_count(0)
    expect(explorer.get_by_label("The question in words")).to_contain_text("altitude > 6,000")
    grid.locator("td").first.click()
    page.keyboard.press("Control+z")
    expect(explorer.get_by_label("The question in words")).to_contain_text("altitude > 5,000")
    page.keyboard.press("Control+Shift+z")
    expect(explorer.get_by_label("The question in words")).to_contain_text("altitude > 6,000")
    assert notebook.state() == before


def test_each_widget_stands_alone_on_a_shared_state(notebook: Notebook) -> None:
    notebook.run(3)
    alone = notebook.cell(3).locator(".aurora")
    expect(alone).to_have_count(8)
    panels = {panel: notebook.cell(3).locator(f".aurora[data-panel={panel}]") for panel in
              ("datasets", "chips", "grid", "filter", "join", "summarize", "columns", "status")}  # fmt: skip
    expect(panels["chips"]).to_contain_text("altitude > 6,000")
    for panel in panels.values():
        expect(panel).to_be_visible()
        spill = panel.evaluate("panel => panel.scrollWidth - panel.clientWidth")
        assert spill <= 0
    assert axe(notebook.page) == []

    value = panels["filter"].get_by_label("Value").first
    value.fill("7000")
    panels["filter"].get_by_role("button", name="Apply").click()
    for place in (panels["chips"], notebook.explorer.get_by_label("The question in words")):
        expect(place).to_contain_text("altitude > 7,000")
    said = notebook.explorer.locator(".au-said-good").inner_text().split(" ·")[0]
    expect(panels["status"]).to_contain_text(said)
    expect(panels["grid"].locator("tbody tr")).to_have_count(int(said.split()[0]))

    opened = panels["chips"].locator(".au-chip-filter .au-chip-body")
    opened.click()
    dialog = panels["chips"].get_by_role("dialog")
    expect(dialog).to_be_visible()
    box, around = dialog.bounding_box(), panels["chips"].bounding_box()
    assert box is not None
    assert around is not None
    assert around["y"] <= box["y"]
    assert box["y"] + box["height"] <= around["y"] + around["height"]
    notebook.page.keyboard.press("Escape")
    expect(opened).to_be_focused()


def test_the_notebooks_theme_is_followed(notebook: Notebook) -> None:
    page = notebook.page

    def theme(name: str) -> None:
        page.locator(".lm-MenuBar-itemLabel").get_by_text("Settings", exact=True).click()
        page.locator(".lm-Menu-itemLabel").get_by_text("Theme", exact=True).click()
        page.locator(".lm-Menu-itemLabel").get_by_text(name, exact=True).click()

    expect(notebook.explorer).not_to_have_attribute("data-theme", "dark")
    theme("JupyterLab Dark")
    expect(notebook.explorer).to_have_attribute("data-theme", "dark")
    try:
        assert axe(page) == []
    finally:
        theme("JupyterLab Light")
        expect(notebook.explorer).not_to_have_attribute("data-theme", "dark")


def test_nothing_leaks_into_the_notebook(notebook: Notebook) -> None:
    now = notebook.page.evaluate(STYLES, list(HOST))
    sizes = re.compile(r"width|height|size|origin|inset|top|left|right|bottom")
    for selector in HOST:
        before = notebook.styles[selector]
        changed = {
            name: (before.get(name), value)
            for name, value in now[selector].items()
            if before.get(name) != value and not sizes.search(name)
        }
        assert changed == {}, selector
