"""Nothing a person did is lost, whatever goes wrong; and what takes too long is ended."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest
from conftest import Served, axe
from doing import apply, choose, open_editor, pick, ready, rows_said, rule
from playwright.sync_api import Page, expect

from aurora_widgets.query import Aggregate, Join, Measure, On, Query


def test_a_draft_that_was_not_applied_is_there_again_and_can_be_discarded(explorer: Page) -> None:
    pick(explorer, "Airports")
    dialog = open_editor(explorer, "Filter")
    rule(dialog.locator(".au-rule").first, "Altitude", ">")
    dialog.locator(".au-rule").first.get_by_label("Value").fill("5000")
    explorer.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(explorer.locator(".au-chip-filter")).to_have_count(0)
    rows_said(explorer, "1,458 rows")

    dialog = open_editor(explorer, "Filter")
    expect(dialog.get_by_text("Unapplied changes restored.")).to_be_visible()
    expect(dialog.locator(".au-rule").first.get_by_label("Value")).to_have_value("5000")
    dialog.get_by_role("button", name="Discard").click()
    expect(dialog.get_by_text("Unapplied changes restored.")).to_have_count(0)
    expect(dialog.get_by_label("Value")).to_have_count(0)
    dialog.get_by_role("button", name="Close").click()


def test_a_part_that_an_edit_broke_is_kept_with_the_reason_and_undo_heals_it(explorer: Page) -> None:
    pick(explorer, "Flights")
    dialog = open_editor(explorer, "Join")
    choose(dialog.get_by_role("combobox", name="Right dataset"), "Airlines")
    expect(dialog.get_by_text("As declared in the catalog")).to_be_visible()
    apply(explorer)
    dialog = open_editor(explorer, "Filter")
    rule(dialog.locator(".au-rule").first, "Airline", "contains")
    dialog.locator(".au-rule").first.get_by_label("Value").fill("delta")
    apply(explorer)
    said = explorer.locator(".au-said-good").inner_text().split(" ·")[0]

    explorer.get_by_role("button", name="Remove Join").click()
    broken = explorer.locator(".au-chip-filter.au-chip-broken")
    expect(broken).to_be_visible()
    expect(broken.locator(".au-chip-why")).to_contain_text("is not a column here")
    amber = explorer.locator(".aurora").first.evaluate(
        "root => getComputedStyle(root).getPropertyValue('--au-warn-soft').trim()"
    )
    painted = broken.evaluate("chip => getComputedStyle(chip).backgroundColor")
    red, green, blue = (int(amber[at : at + 2], 16) for at in (1, 3, 5))
    assert painted == f"rgb({red}, {green}, {blue})"
    expect(explorer.get_by_text("can't run and is left out")).to_be_visible()
    rows_said(explorer, "336,776 rows")
    assert axe(explorer) == []

    explorer.get_by_role("button", name="Undo").click()
    expect(broken).to_have_count(0)
    rows_said(explorer, said)


@pytest.fixture(scope="module")
def slow(open_files: Callable[..., Served], tmp_path_factory: pytest.TempPathFactory) -> str:
    """The link to a question that no machine answers soon."""
    folder: Path = tmp_path_factory.mktemp("slow")
    duckdb.sql(f"COPY (SELECT i AS id, 0 AS part FROM range(400000) n(i)) TO '{folder / 'left.parquet'}'")
    duckdb.sql(f"COPY (SELECT i AS other, 0 AS part FROM range(400000) n(i)) TO '{folder / 'right.parquet'}'")
    served = open_files(folder / "left.parquet", folder / "right.parquet")
    question = Query(
        "left",
        steps=(
            Join("right", how="inner", on=(On("part", "part"), On("id", "other", "<"))),
            Aggregate(measures=(Measure("n", "distinct_count", "other"), Measure("all", "count"))),
        ),
    )
    return f"{served.url}?q={question.to_url()}"


def test_what_takes_long_is_cancelled_or_ended_by_a_newer_question(
    slow: str, window: Callable[..., Page]
) -> None:
    page = window()
    page.goto(slow)
    cancel = page.locator(".au-waiting").get_by_role("button", name="Cancel")
    cancel.click(timeout=60_000)
    expect(page.get_by_role("alert").get_by_text("Cancelled before it was done")).to_be_visible()
    assert axe(page) == []
    page.get_by_role("button", name="Try again").click()
    expect(cancel).to_be_visible()
    page.get_by_role("button", name="Reset all").click()
    rows_said(page, "400,000 rows")
    expect(cancel).to_have_count(0)
    page.get_by_role("button", name="Undo").click()
    expect(cancel).to_be_visible()
    page.get_by_role("button", name="Redo").click()
    ready(page)
    rows_said(page, "400,000 rows")
