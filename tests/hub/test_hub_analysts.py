"""Analysts: JupyterLab with the portal's tables, and nothing secret in their reach."""

from __future__ import annotations

import re
from collections.abc import Callable

import duckdb
import pytest
from hub_lab import Hub
from playwright.sync_api import Page, expect

from aurora_widgets import demo


@pytest.fixture
def notebook(hub: Hub, window: Callable[..., Page]) -> Page:
    """The tour, open in the analyst's own JupyterLab."""
    page = window()
    hub.log_in(page, "analyst")
    expect(page).to_have_url(re.compile("/user/analyst/lab"), timeout=60_000)
    page.goto(f"{hub.url}user/analyst/lab/tree/connect.ipynb")
    expect(page.get_by_text("Python 3 (ipykernel) | Idle")).to_be_visible(timeout=60_000)
    return page


def test_the_tour_runs_as_it_stands_and_its_numbers_are_the_data_s_own(notebook: Page) -> None:
    tables = demo.prepare().tables
    (miles,) = duckdb.sql(
        f"""SELECT sum(distance) AS miles FROM read_parquet('{tables["flights"]}') AS f
        LEFT JOIN read_parquet('{tables["airlines"]}') AS a USING (carrier)
        WHERE month BETWEEN 9 AND 11 GROUP BY a.name ORDER BY miles DESC LIMIT 1"""
    ).fetchone() or (0,)

    notebook.get_by_role("menuitem", name="Run", exact=True).click()
    notebook.get_by_role("menuitem", name="Run All Cells", exact=True).click()

    expect(notebook.locator(".aurora").first).to_be_visible(timeout=60_000)
    frame = notebook.locator(".jp-RenderedHTMLCommon table.dataframe")
    expect(frame).to_contain_text(str(miles), timeout=60_000)
    expect(notebook.locator(".jp-RenderedText[data-mime-type*=error]")).to_have_count(0)
