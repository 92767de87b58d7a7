"""Calculated columns, wide pages, joins in another order: clicked through in Chromium, against plain SQL."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest
from conftest import Served, axe
from doing import apply, cells, choose, open_editor, pick, ready
from playwright.sync_api import Locator, Page, expect

LATEST = (
    "load_type = 'ACTUALS' AND load_id = (SELECT max(load_id) FROM global_sales WHERE load_type = 'ACTUALS')"
)


def formula_of(page: Page) -> Locator:
    return page.get_by_role("dialog", name="Calculated columns").get_by_role("textbox", name="Formula")


def test_a_column_is_calculated_by_a_formula_and_summed_right(
    explorer: Page, truth: duckdb.DuckDBPyConnection
) -> None:
    pick(explorer, "Global sales")
    open_editor(explorer, "Columns").get_by_role("button", name="Add a calculated column").click()
    formula = formula_of(explorer)
    expect(formula).to_be_focused()
    formula.press_sequentially("rev")
    expect(explorer.get_by_role("option", name="revenue")).to_be_visible()
    formula.press("Enter")
    formula.press_sequentially(" - csot")
    dialog = explorer.get_by_role("dialog")
    expect(dialog.get_by_text("“csot” is not a column here; did you mean cost?")).to_be_visible()
    assert axe(explorer) == []
    dialog.get_by_role("button", name="Use cost").click()
    dialog.get_by_role("textbox", name="Name of the column").fill("margin")
    expect(dialog.get_by_text("Gives a number")).to_be_visible()
    expect(dialog.get_by_role("region", name="A few rows of what comes out")).to_be_visible()
    assert axe(explorer) == []
    apply(explorer)
    expect(explorer.get_by_role("columnheader", name="margin")).to_be_in_viewport()
    expect(explorer.locator("[data-region=chips]")).to_contain_text("margin = revenue - cost")

    dialog = open_editor(explorer, "Summarize")
    choose(dialog.get_by_role("combobox", name="Group by one more column"), "Region")
    choose(dialog.get_by_role("combobox", name="Add a measure of a column"), "margin")
    apply(explorer)
    expect(explorer.get_by_role("columnheader", name="Sum of margin")).to_be_visible()
    wanted = truth.execute(
        f"SELECT region, sum(revenue - cost) FROM global_sales WHERE {LATEST} GROUP BY ALL ORDER BY ALL"
    ).fetchall()
    shown = [(row[0], row[1].replace(",", "")) for row in cells(explorer)]
    assert shown == [(region, str(total)) for region, total in wanted]

    explorer.locator(".au-chip-derive .au-chip-body").click()
    dialog = explorer.get_by_role("dialog", name="Calculated columns")
    dialog.get_by_role("textbox", name="Name of the column").fill("profit")
    expect(dialog.get_by_text("Gives a number")).to_be_visible()
    apply(explorer)
    expect(explorer.locator("[data-region=chips]")).to_contain_text("Σ profit by region")
    explorer.get_by_role("button", name="Remove Calculated column").click()
    expect(explorer.locator(".au-chip-broken")).to_contain_text("profit")


def test_a_formula_is_written_without_a_mouse(explorer: Page) -> None:
    pick(explorer, "Flights")
    open_editor(explorer, "Columns").get_by_role("button", name="Add a calculated column").press("Enter")
    formula = formula_of(explorer)
    formula.press_sequentially("round(")
    formula.press_sequentially("dist")
    formula.press("ArrowDown")
    formula.press("ArrowUp")
    formula.press("Tab")
    formula.press_sequentially(" / 2)")
    expect(formula).to_have_value("round(distance / 2)")
    expect(explorer.get_by_text("Gives a number")).to_be_visible()
    formula.press("Control+Enter")
    expect(explorer.get_by_role("dialog")).to_have_count(0)
    ready(explorer)
    expect(explorer.locator("[data-region=chips]")).to_contain_text(
        "calculated = round(distance ÷ 2)".replace("÷", "/")
    )


@pytest.fixture
def wide(open_files: Callable[..., Served], window: Callable[..., Page], tmp_path: Path) -> Page:
    names = ", ".join(f'i * {n} AS "column {n:03d}"' for n in range(200))
    duckdb.sql(f"COPY (SELECT {names} FROM range(60) t(i)) TO '{tmp_path}/wide.parquet'")
    page = window()
    page.goto(open_files(tmp_path / "wide.parquet").url)
    pick(page, "wide")
    return page


def test_only_the_columns_in_sight_of_200_are_drawn_and_every_one_is_reached(wide: Page) -> None:
    grid = wide.get_by_role("grid", name="Rows of the answer")
    expect(grid).to_have_attribute("aria-colcount", "200")
    assert grid.locator("tbody tr").first.locator("td").count() < 60
    grid.locator("tbody td").first.click()
    wide.keyboard.press("End")
    last = grid.locator("td:focus")
    expect(last).to_have_attribute("aria-colindex", "200")
    expect(grid.get_by_role("columnheader", name="column 199")).to_be_in_viewport()
    wide.keyboard.press("ArrowDown")
    expect(grid.locator("td:focus")).to_have_text("199")
    assert axe(wide) == []

    wide.locator(".au-scroll").evaluate("box => { box.scrollLeft = 0; }")
    expect(grid.get_by_role("columnheader", name="column 000")).to_be_in_viewport()
    wide.keyboard.press("ArrowLeft")
    expect(grid.locator("td:focus")).to_have_attribute("aria-colindex", "199")

    wide.keyboard.press("Home")
    wide.keyboard.press("Shift+End")
    wide.keyboard.press("Control+c")
    copied = str(wide.evaluate("navigator.clipboard.readText()")).split("\t")
    assert copied == [str(n) for n in range(200)]

    wide.keyboard.press("Control+Home")
    wide.keyboard.press("End")
    wide.keyboard.press("ArrowUp")
    wide.keyboard.press("ArrowUp")
    expect(grid.locator("th:focus")).to_have_attribute("aria-colindex", "200")
    for direction in ("ascending", "descending"):
        wide.keyboard.press("Enter")
        expect(grid.get_by_role("columnheader", name="column 199")).to_have_attribute("aria-sort", direction)
    wide.keyboard.press("Alt+ArrowDown")
    expect(wide.get_by_role("menu", name="Column column 199")).to_be_visible()


def test_months_are_shown_as_months_and_joins_change_places(explorer: Page) -> None:
    pick(explorer, "Global sales")
    dialog = open_editor(explorer, "Join")
    choose(dialog.get_by_role("combobox", name="Right dataset"), "Employee roster")
    dialog.get_by_role("button", name="Join", exact=True).click()
    choose(dialog.get_by_role("combobox", name="Right dataset"), "Global sales")
    dialog.get_by_role("combobox", name="Load type of the joined dataset").select_option("FORECAST")
    dialog.get_by_role("button", name="Join earlier").click()
    tabs = dialog.get_by_role("list", name="Joins").locator(".au-joins-item")
    expect(tabs.nth(0)).to_contain_text("Global sales as")
    dialog.get_by_role("button", name="Join later").click()
    expect(tabs.nth(1)).to_contain_text("Global sales as")
    tabs.nth(1).get_by_role("button", name="Remove").click()
    apply(explorer)

    dialog = open_editor(explorer, "Summarize")
    choose(dialog.get_by_role("combobox", name="Group by one more column"), "Sale date")
    choose(dialog.get_by_role("combobox", name="Add a measure of a column"), "Revenue")
    apply(explorer)
    expect(explorer.get_by_role("columnheader", name="Sale date (month)")).to_be_visible()
    months = [row[0] for row in cells(explorer)]
    assert months[0] == "2024-01"
    assert months == sorted(months)
