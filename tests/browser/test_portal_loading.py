"""The page opens with little, says so when its kernel is gone, and brings the question back."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from conftest import Served, write_notebook
from doing import kernel_of, open_editor, pick, rows_said
from playwright.sync_api import Page, Response, Route, expect
from relay import relay
from served import free_port, serving
from windows import axe

STATIC_BYTES = 200_000


def files(page: Page) -> list[Response]:
    """Collect what is fetched from now on but the document itself."""
    found: list[Response] = []
    page.on(
        "response",
        lambda answer: None if answer.request.resource_type == "document" else found.append(answer),
    )
    return found


def end_kernel(page: Page, url: str) -> None:
    """End the page's kernel from outside, as the server does with one that is idle."""
    token = next(cookie["value"] for cookie in page.context.cookies() if cookie["name"] == "_xsrf")
    answer = page.request.post(f"{url}voila/api/shutdown/{kernel_of(page)}", form={"_xsrf": token})
    assert answer.ok


def test_it_takes_two_small_files_that_are_kept_for_good(portal: Served, window: Callable[..., Page]) -> None:
    page = window()
    first = files(page)
    page.goto(portal.url)
    expect(page.locator("[data-region=start] button").first).to_be_visible(timeout=60_000)
    assert sorted(urlsplit(answer.url).path.rpartition("/")[2] for answer in first) == ["page.css", "page.js"]
    assert sum(answer.request.sizes()["responseBodySize"] for answer in first) < STATIC_BYTES
    for answer in first:
        assert answer.header_value("content-encoding") in {"br", "gzip"}
        assert answer.header_value("cache-control") == "public, max-age=31536000, immutable"
        assert "?v=" in answer.url
        assert "sourceMappingURL" not in answer.text()


@pytest.mark.parametrize(("scheme", "paper"), [("light", "rgb(238, 242, 246)"), ("dark", "rgb(11, 18, 32)")])
def test_the_skeleton_is_there_before_the_kernel(
    portal: Served, window: Callable[..., Page], scheme: str, paper: str
) -> None:
    page = window(700, 800, scheme)
    page.goto(portal.url, wait_until="commit")
    skeleton = page.get_by_role("status", name="Aurora is opening")
    expect(skeleton).to_be_visible()
    assert page.locator("main").count() == 0
    assert skeleton.evaluate("element => getComputedStyle(element).backgroundColor") == paper
    expect(page.locator("[data-region=start] button").first).to_be_visible(timeout=60_000)
    expect(skeleton).to_be_hidden()


def test_a_page_whose_kernel_is_gone_says_so_and_goes_on_with_the_question(
    explorer: Page, portal: Served
) -> None:
    pick(explorer, "Airlines")
    explorer.get_by_label("Search in the data").fill("delta")
    rows_said(explorer, "1 row")
    explorer.wait_for_url(re.compile(r"\?q="))
    before = kernel_of(explorer)
    end_kernel(explorer, portal.url)
    explorer.get_by_role("button", name="Undo").click()  # nobody answers
    said = explorer.get_by_role("alertdialog", name="This session has ended")
    expect(said).to_contain_text("Your question is kept")
    assert axe(explorer, "#aurora-gone") == []
    explorer.keyboard.press("Escape")
    expect(said).to_be_visible()
    expect(said.get_by_role("button", name="Continue")).to_be_focused()
    explorer.keyboard.press("Enter")
    rows_said(explorer, "1 row")
    expect(explorer.get_by_text("Delta Air Lines")).to_be_visible()
    assert kernel_of(explorer) != before


def test_a_network_that_comes_back_finds_the_same_kernel(portal: Served, window: Callable[..., Page]) -> None:
    with relay(urlsplit(portal.url).port or 0) as wire:
        page = window()
        page.goto(f"http://127.0.0.1:{wire.port}/")
        pick(page, "Airlines")
        kernel = kernel_of(page)
        wire.cut()
        said = page.get_by_role("alertdialog", name="The server can't be reached")
        expect(said).to_contain_text("Aurora goes on trying")
        wire.mend()
        expect(said).to_be_hidden()
        page.get_by_label("Search in the data").fill("delta")
        rows_said(page, "1 row")
        assert kernel_of(page) == kernel


def test_leaving_the_page_ends_its_kernel_and_a_download_does_not(
    portal: Served, window: Callable[..., Page]
) -> None:
    page = window()
    page.goto(portal.url)
    pick(page, "Airlines")
    address = f"{portal.url}api/kernels/{kernel_of(page)}"
    page.evaluate("dispatchEvent(new Event('beforeunload'))")  # what a download announces
    page.get_by_label("Search in the data").fill("delta")
    rows_said(page, "1 row")
    assert page.request.get(address).ok
    page.goto("about:blank")
    other = window()
    other.goto(portal.url)
    expect(other.locator("[data-region=start] button").first).to_be_visible(timeout=60_000)
    assert other.request.get(address).status == 404


def test_the_page_is_in_use_while_the_large_grid_is_fetched(explorer: Page) -> None:
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    explorer.route("**/voila.js", hold)
    pick(explorer, "Airlines")
    explorer.get_by_role("button", name="Scroll through all rows").click()
    said = explorer.get_by_text("Fetching the large grid")
    expect(said).to_be_visible()
    assert axe(explorer, "#aurora-fetching") == []
    explorer.get_by_label("Search in the data").fill("delta")
    rows_said(explorer, "1 row")
    dialog = open_editor(explorer, "Columns")
    held[0].continue_()
    dialog.get_by_role("option").first.click()  # an open editor is not taken away
    explorer.wait_for_selector(".jp-OutputArea-output .aurora", state="attached", timeout=60_000)
    expect(dialog).to_be_visible()
    dialog.get_by_role("button", name="Apply", exact=True).click()
    expect(explorer.locator(".lm-DataGrid")).to_be_visible(timeout=60_000)
    expect(said).to_have_count(0)
    rows_said(explorer, "1 row")
    expect(explorer.get_by_label("Search in the data")).to_have_value("delta")


def test_a_large_grid_that_can_not_be_fetched_leaves_the_page_as_it_is(explorer: Page) -> None:
    explorer.route("**/voila.js", lambda route: route.abort())
    pick(explorer, "Airlines")
    explorer.get_by_role("button", name="Scroll through all rows").click()
    expect(explorer.get_by_text("The large grid could not be fetched")).to_be_visible()
    explorer.get_by_label("Search in the data").fill("delta")
    rows_said(explorer, "1 row")
    explorer.unroute("**/voila.js")
    explorer.get_by_role("button", name="Scroll through all rows").click()
    expect(explorer.locator(".lm-DataGrid")).to_be_visible(timeout=60_000)
    rows_said(explorer, "1 row")


def test_a_dashboard_of_any_widgets_is_drawn_by_voilas_own_front_end(
    tmp_path: Path, window: Callable[..., Page]
) -> None:
    notebook = tmp_path / "dashboard.ipynb"
    write_notebook(
        notebook,
        "# Sales by size",
        "import ipywidgets as w\n"
        "from aurora_widgets import Explorer\n"
        "explorer = Explorer()\n"
        "size, seen = w.IntSlider(description='Size', max=9), w.Output()\n"
        "def show(change):\n"
        "    with seen:\n"
        "        print('size', change['new'])\n"
        "size.observe(show, 'value')\n"
        "w.VBox([w.HTML('<b>Bold words</b>'), size, seen, explorer])",
    )
    port = free_port()
    url = f"http://127.0.0.1:{port}/"
    command = [sys.executable, "-m", "voila", str(notebook), "--no-browser", f"--port={port}"]
    with serving([*command, "--template=aurora"], url + "static/favicon.ico", tmp_path / "log.txt"):
        page = window()
        page.goto(url, wait_until="commit")
        expect(page.get_by_role("heading", name="Sales by size")).to_be_visible(timeout=60_000)
        expect(page.get_by_text("Bold words")).to_be_visible(timeout=60_000)
        page.get_by_role("slider").press("ArrowRight")
        expect(page.get_by_text("size 1")).to_be_visible()
        page.locator("[data-region=start] .au-card-main").first.click()
        expect(page.get_by_role("grid", name="Rows of the answer")).to_be_visible()


def test_a_dashboard_of_auroras_own_widgets_needs_no_more_than_the_page(
    tmp_path: Path, window: Callable[..., Page]
) -> None:
    notebook = tmp_path / "panels.ipynb"
    write_notebook(
        notebook,
        "import ipywidgets as w\n"
        "from aurora_widgets import Explorer\n"
        "from aurora_widgets.widgets.panel import DataGrid, StatusLine\n"
        "state = Explorer(query={'version': 1, 'table': 'airlines', 'steps': []}).state",
        "w.VBox([DataGrid(state), StatusLine(state)], layout=w.Layout(width='600px'))",
    )
    port = free_port()
    url = f"http://127.0.0.1:{port}/"
    command = [sys.executable, "-m", "voila", str(notebook), "--no-browser", f"--port={port}"]
    with serving([*command, "--template=aurora"], url + "static/favicon.ico", tmp_path / "log.txt"):
        page = window()
        fetched = files(page)
        page.goto(url)
        expect(page.get_by_text("Delta Air Lines")).to_be_visible(timeout=60_000)
        box = page.locator(".aurora-column").bounding_box()
        assert box is not None
        assert box["width"] == 600
        assert not [answer.url for answer in fetched if "voila.js" in answer.url]


def test_the_page_is_for_this_machine_s_own_names_alone(portal: Served) -> None:
    """A site whose owner points its name at 127.0.0.1 could read it otherwise."""
    kernel = "00000000-0000-4000-8000-000000000000"
    for path in ("", f"api/kernels/{kernel}/channels"):
        refused = httpx.get(f"{portal.url}{path}", headers={"Host": "evil.example:8866"})
        assert refused.status_code == 403, path
        assert "kernelId" not in refused.text
