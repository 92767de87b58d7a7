"""A stranger's first half hour on the portal page, and every number held against plain SQL."""

from __future__ import annotations

from collections.abc import Callable

import duckdb
import pytest
from conftest import Served, axe
from doing import apply, cells, choose, open_editor, pick, ready, rows_said, rule
from playwright.sync_api import Page, expect


def one(truth: duckdb.DuckDBPyConnection, sql: str) -> object:
    row = truth.execute(sql).fetchone()
    assert row is not None
    return row[0]


def test_nothing_is_chosen_and_nothing_asked_before_a_person_acts(explorer: Page) -> None:
    expect(explorer.get_by_text("No dataset chosen")).to_be_visible()
    expect(explorer.locator("[data-region=start]").get_by_text("Flights", exact=True)).to_be_visible()
    expect(explorer.get_by_role("grid")).to_have_count(0)
    assert axe(explorer) == []


def test_a_table_is_picked_filtered_by_a_tree_joined_summarized_and_right(
    explorer: Page, truth: duckdb.DuckDBPyConnection
) -> None:
    pick(explorer, "Flights")
    rows_said(explorer, f"{one(truth, 'SELECT count(*) FROM flights'):,} rows")

    dialog = open_editor(explorer, "Filter")
    dialog.get_by_role("button", name="Rule", exact=True).first.click()
    first = dialog.get_by_role("row").nth(1)
    rule(first, "Month", ">")
    first.get_by_label("Value").fill("3")
    dialog.get_by_role("button", name="Group", exact=True).first.click()
    group = dialog.locator(".au-children .au-group")
    group.get_by_role("radio", name="OR").check(force=True)
    while group.locator(".au-rule").count() < 2:
        group.get_by_role("button", name="Rule", exact=True).click()
    carrier, dest = group.locator(".au-rule").nth(0), group.locator(".au-rule").nth(1)
    rule(carrier, "Carrier", "in")
    tags = carrier.get_by_role("combobox", name="Values")
    tags.fill("AA, UA")
    tags.press("Enter")
    rule(dest, "To", "starts with")
    dest.get_by_label("Value").fill("s")
    kept = one(
        truth, "SELECT count(*) FROM flights WHERE month > 3 AND (carrier IN ('AA','UA') OR dest ILIKE 's%')"
    )
    expect(dialog.get_by_text(f"{kept:,}").or_(dialog.get_by_text("over 100,000"))).to_be_visible()
    assert axe(explorer) == []
    apply(explorer)

    dialog = open_editor(explorer, "Join")
    dialog.get_by_role("button", name="Join", exact=True).click()
    choose(dialog.get_by_role("combobox", name="Right dataset"), "Airlines")
    expect(dialog.get_by_text("match", exact=False).first).to_be_visible()
    assert axe(explorer) == []
    apply(explorer)

    dialog = open_editor(explorer, "Summarize")
    choose(dialog.get_by_role("combobox", name="Group by one more column"), "Airline")
    choose(dialog.get_by_role("combobox", name="Add a measure of a column"), "Distance")
    assert axe(explorer) == []
    apply(explorer)

    wanted = truth.execute(
        """SELECT name, sum(distance) FROM flights JOIN airlines USING (carrier)
           WHERE month > 3 AND (carrier IN ('AA','UA') OR dest ILIKE 's%') GROUP BY ALL ORDER BY ALL"""
    ).fetchall()
    rows_said(explorer, f"{len(wanted)} rows")
    shown = [(row[0], int(row[1].replace(",", ""))) for row in cells(explorer)]
    assert sorted(shown) == [(name, int(total)) for name, total in wanted]
    assert axe(explorer) == []


def test_sorting_paging_undo_redo_and_reset(explorer: Page, truth: duckdb.DuckDBPyConnection) -> None:
    pick(explorer, "Airports")
    header = explorer.get_by_role("columnheader", name="Altitude")
    header.click()
    expect(header).to_have_attribute("aria-sort", "ascending")
    header.click()
    expect(header).to_have_attribute("aria-sort", "descending")
    ready(explorer)
    wanted = [
        f"{alt:,}"
        for (alt,) in truth.execute(
            "SELECT alt FROM airports ORDER BY alt DESC NULLS LAST LIMIT 100"
        ).fetchall()
    ]
    column = [text.inner_text().split("\n")[0] for text in explorer.get_by_role("columnheader").all()].index(
        "Altitude"
    )
    assert [row[column] for row in cells(explorer)] == wanted[:50]
    explorer.get_by_role("button", name="Next page").click()
    expect(explorer.get_by_text("Rows 51–100")).to_be_visible()
    assert [row[column] for row in cells(explorer)] == wanted[50:]
    explorer.get_by_role("button", name="Undo").click()
    expect(header).not_to_have_attribute("aria-sort", "descending")
    explorer.get_by_role("button", name="Redo").click()
    expect(header).to_have_attribute("aria-sort", "descending")
    explorer.get_by_role("button", name="Reset all").click()
    expect(header).not_to_have_attribute("aria-sort", "descending")
    explorer.get_by_role("button", name="Undo").click()
    expect(header).to_have_attribute("aria-sort", "descending")


def test_a_chip_opens_its_editor_and_its_cross_removes_it(explorer: Page) -> None:
    pick(explorer, "Airlines")
    dialog = open_editor(explorer, "Columns")
    dialog.get_by_role("option").first.click()
    apply(explorer)
    chips = explorer.get_by_label("The question in words")
    cross = chips.get_by_role("button", name="Remove")
    expect(cross).to_be_visible()
    expect(explorer.get_by_role("columnheader")).to_have_count(1)
    cross.click()
    expect(explorer.get_by_role("columnheader")).to_have_count(2)


def test_a_link_brings_the_same_question_back(
    explorer: Page, portal: Served, window: Callable[..., Page]
) -> None:
    pick(explorer, "Airlines")
    explorer.get_by_label("Search in the data").fill("delta")
    rows_said(explorer, "1 row")
    explorer.get_by_role("button", name="Share").click()
    link = explorer.get_by_role("dialog").get_by_label("Link").input_value()
    assert link.startswith(portal.url)
    other = window()
    other.goto(link)
    rows_said(other, "1 row")
    expect(other.get_by_text("Delta Air Lines")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("width", "height"), [(1440, 900), (1024, 700), (700, 800)])
def test_the_page_fits_and_reads_well_at(
    portal: Served, window: Callable[..., Page], width: int, height: int, scheme: str
) -> None:
    page = window(width, height, scheme)
    page.goto(portal.url)
    pick(page, "Global sales")
    spill = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert spill <= 0
    assert axe(page) == []
    for editor in ("Filter", "Join", "Summarize", "Columns"):
        dialog = open_editor(page, editor)
        box = dialog.bounding_box()
        assert box is not None
        assert box["height"] <= 0.92 * height
        assert box["width"] <= width
        assert axe(page) == []
        page.keyboard.press("Escape")
        expect(dialog).to_have_count(0)


def test_a_header_s_menu_is_as_tall_as_what_it_offers(explorer: Page) -> None:
    pick(explorer, "Airlines")
    explorer.get_by_role("columnheader").first.get_by_role("button").last.click()
    menu = explorer.get_by_role("menu")
    expect(menu.get_by_role("menuitem", name="Sort ascending")).to_be_visible()
    last, box = menu.get_by_role("menuitem").last.bounding_box(), menu.locator("..").bounding_box()
    assert last
    assert box
    assert box["y"] + box["height"] - last["y"] - last["height"] < 20
