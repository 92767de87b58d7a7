"""A business user's day at the portal: from the log-in to a summary that is right, and back to it."""

from __future__ import annotations

import re
import signal
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest
from doing import apply, cells, choose, open_editor, pick, ready, rows_said, rule
from hub_lab import Hub, running
from playwright.sync_api import Page, expect
from windows import axe

from aurora_widgets import demo


@pytest.fixture(scope="module")
def truth() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    for name, path in demo.prepare().tables.items():
        connection.execute(f"CREATE VIEW {name} AS SELECT * FROM read_parquet('{path}')")
    return connection


@pytest.fixture
def portal(hub: Hub, window: Callable[..., Page]) -> Page:
    """The explorer, as a business user finds it after the log-in."""
    page = window()
    hub.log_in(page, "business")
    expect(page).to_have_url(re.compile("/services/portal/"), timeout=60_000)
    expect(page.locator(".aurora").first).to_be_visible(timeout=60_000)
    return page


def test_late_flights_of_two_airlines_are_filtered_joined_and_summarized(
    portal: Page, truth: duckdb.DuckDBPyConnection
) -> None:
    pick(portal, "Flights")
    (everything,) = truth.execute("SELECT count(*) FROM flights").fetchone() or (0,)
    rows_said(portal, f"{everything:,} rows")

    dialog = open_editor(portal, "Filter")
    dialog.get_by_role("button", name="Rule", exact=True).first.click()
    row = dialog.get_by_role("row").nth(1)
    rule(row, "Departure delay", ">")
    row.get_by_label("Value").fill("60")
    apply(portal)
    (late,) = truth.execute("SELECT count(*) FROM flights WHERE dep_delay > 60").fetchone() or (0,)
    rows_said(portal, f"{late:,} rows")

    dialog = open_editor(portal, "Join")
    choose(dialog.get_by_role("combobox", name="Right dataset"), "Airlines")
    expect(dialog.get_by_text("match", exact=False).first).to_be_visible()
    apply(portal)
    expect(portal.get_by_label("The question in words").get_by_text("Airlines (left)")).to_be_visible()

    dialog = open_editor(portal, "Summarize")
    choose(dialog.get_by_role("combobox", name="Group by one more column"), "Airline")
    choose(dialog.get_by_role("combobox", name="Add a measure of a column"), "Distance")
    apply(portal)
    wanted = truth.execute(
        """SELECT name, sum(distance) FROM flights JOIN airlines USING (carrier)
           WHERE dep_delay > 60 GROUP BY ALL ORDER BY ALL"""
    ).fetchall()
    rows_said(portal, f"{len(wanted)} rows")
    shown = [(row[0], int(row[1].replace(",", ""))) for row in cells(portal)]
    assert sorted(shown) == [(name, int(total)) for name, total in wanted]
    assert axe(portal) == []


def test_a_reload_the_back_button_and_a_link_bring_the_question_back(
    portal: Page, hub: Hub, window: Callable[..., Page]
) -> None:
    pick(portal, "Airlines")
    portal.get_by_label("Search in the data").fill("delta")
    rows_said(portal, "1 row")
    expect(portal).to_have_url(re.compile(r"\?q="))
    link = portal.url

    portal.reload()
    rows_said(portal, "1 row")

    portal.goto(f"{hub.url}hub/home")
    portal.go_back()
    rows_said(portal, "1 row")

    other = window()
    other.goto(link)
    other.get_by_label("Name").fill("operator")
    other.get_by_label("Password", exact=True).fill(hub.passwords["operator"])
    other.get_by_role("button", name="Sign in").click()
    rows_said(other, "1 row")
    assert other.url == link


def test_nobody_asks_the_database_before_a_person_acts(hub: Hub, window: Callable[..., Page]) -> None:
    before = hub.log.read_text().count("/api/page")
    page = window(700, 900, "dark")
    hub.log_in(page, "business")
    expect(page.get_by_text("No dataset chosen")).to_be_visible(timeout=60_000)
    assert axe(page) == []
    assert hub.log.read_text().count("/api/page") == before

    pick(page, "Airports")
    ready(page)
    assert hub.log.read_text().count("/api/page") == before + 1


def test_signing_out_ends_the_page_and_all_its_rights(portal: Page, hub: Hub) -> None:
    pick(portal, "Airlines")
    account = portal.get_by_role("button", name="Account: business")
    account.click()
    menu = portal.get_by_role("menu", name="Account")
    expect(menu.get_by_text("Signed in as business")).to_be_visible()
    assert axe(portal) == []
    portal.keyboard.press("Escape")
    expect(account).to_be_focused()

    portal.keyboard.press("Enter")
    portal.get_by_role("menuitem", name="Sign out").click()
    expect(portal).to_have_url(re.compile("/hub/login"))
    expect(portal.get_by_role("button", name="Sign in")).to_be_visible()
    portal.go_back()
    expect(portal).to_have_url(re.compile("/hub/login"))
    assert portal.request.get(f"{hub.service}api/tables", max_redirects=0).status != 200
    portal.goto(hub.portal)
    expect(portal).to_have_url(re.compile("/hub/login"))


def test_a_service_that_is_away_is_waited_for_and_the_question_is_asked_again(
    window: Callable[..., Page], tmp_path: Path
) -> None:
    with running(tmp_path) as hub:
        page = window()
        hub.log_in(page, "business")
        expect(page.locator(".aurora").first).to_be_visible(timeout=60_000)
        pick(page, "Flights")
        hub.process.send_signal(signal.SIGSTOP)  # or it would start a new one at once
        service = hub.part("aurora_widgets.cli service")
        for process in [service, *service.children()]:
            process.kill()

        try:
            page.get_by_role("button", name="Next page").click()
            expect(page.get_by_text(re.compile(r"does not answer.* Retrying in \d s"))).to_be_visible()
        finally:
            hub.process.send_signal(signal.SIGCONT)
        expect(page.get_by_text("Rows 51–100")).to_be_visible(timeout=60_000)
        page.context.close()
