"""The large grid: endless scrolling, and each defect of ipydatagrid that Aurora works around."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import pytest
from conftest import Served, axe, windows
from doing import apply, open_editor, ready, rows_said, rule
from playwright.sync_api import Browser, Page, expect

N = 90_000
ROWS = f"""
    SELECT i AS id, 5000000000 + i AS big,
           CASE WHEN i % 3 = 0 THEN NULL ELSE TIMESTAMP '2024-01-01' + to_minutes(i) END AS seen,
           CASE WHEN i % 5 = 0 THEN NULL ELSE 'name ' || i END AS name,
           (i * 7919) % 100003 AS mixed
    FROM range({N}) AS numbers(i)"""

# What is on a canvas is known from what was painted on it. Each text is kept by where it stands.
WATCH_THE_CANVAS = """
    window.painted = [];
    const paint = CanvasRenderingContext2D.prototype.fillText;
    CanvasRenderingContext2D.prototype.fillText = function (text, x, y, ...more) {
        window.painted.push([text, Math.round(x), Math.round(y)]);
        return paint.call(this, text, x, y, ...more);
    };"""
PAINTED = """() => {
    const rows = new Map();
    for (const [text, x, y] of window.painted) {
        if (!rows.has(y)) rows.set(y, new Map());
        rows.get(y).set(x, text);
    }
    return [...rows].sort((a, b) => a[0] - b[0])
        .map(([, row]) => [...row].sort((a, b) => a[0] - b[0]).map(([, text]) => text));
}"""


PLACES = PAINTED.replace(".map(([, text]) => text)", ".map(([x, text]) => [text, x])")


class Grid:
    """The large grid on a page, and what a person sees and does there."""

    def __init__(self, page: Page, log: Path, truth: duckdb.DuckDBPyConnection, heard: list[bytes]) -> None:
        self.page, self.log, self.truth, self.heard = page, log, truth, heard
        self.shows(0)
        heads = next(row for row in page.evaluate(PLACES) if row[0][0] == "id")
        self.edges = [x - 8 for _, x in heads]  # 8 px stand before a header's text

    @property
    def box(self) -> dict[str, float]:
        box = self.page.locator(".lm-DataGrid").bounding_box()
        assert box is not None
        return box

    def rows(self) -> list[list[str]]:
        """Return the rows painted since the last `forget`, whole ones only."""
        return [row for row in self.page.evaluate(PAINTED) if len(row) == 5 and row[0][:1].isdigit()]

    def forget(self) -> None:
        self.page.evaluate("window.painted = []")

    def shows(self, *ids: int) -> None:
        """Wait until the rows of these ids are painted, one under the other, and hold them against SQL."""
        wanted = [self.row(identity) for identity in ids]
        self.page.wait_for_function(
            f"wanted => {{ const rows = ({PAINTED})(); return wanted.every(row => rows.some("
            "found => found.length === row.length && found.every((text, at) => text === row[at]))); }",
            arg=wanted,
        )
        rows = self.rows()
        at = rows.index(wanted[0])
        assert rows[at : at + len(wanted)] == wanted

    def row(self, identity: int) -> list[str]:
        found = self.truth.execute("SELECT id, big, seen, name, mixed FROM rows WHERE id = ?", [identity])
        number, big, at, name, mixed = found.fetchone() or ()
        return [
            f"{number:,}",
            f"{big:,}",
            "—" if at is None else f"{at:%Y-%m-%d %H:%M:%S}",
            name or "—",
            f"{mixed:,}",
        ]

    def header(self, column: int) -> None:
        """Click a column's header."""
        self.page.mouse.click(self.box["x"] + self.edges[column] + 20, self.box["y"] + 13)

    def menu(self, column: int) -> None:
        """Click the small icon in a column's header."""
        self.page.mouse.click(self.box["x"] + self.edges[column + 1] - 7, self.box["y"] + 26 - 7)

    def wheel(self, rows: int) -> None:
        """Scroll by so many rows of 24 px."""
        self.page.mouse.move(self.box["x"] + 200, self.box["y"] + 200)
        self.page.mouse.wheel(0, 24 * rows)

    def complaints(self) -> list[str]:
        """Return what the kernel or the server had to complain of."""
        heard = [frame.decode("utf-8", "replace") for frame in self.heard]
        return [text for text in (*heard, self.log.read_text()) if "Traceback" in text or "KeyError" in text]


@pytest.fixture(scope="module")
def served(open_files: Callable[..., Served], tmp_path_factory: pytest.TempPathFactory) -> Served:
    folder = tmp_path_factory.mktemp("grid")
    duckdb.sql(f"COPY ({ROWS}) TO '{folder / 'rows.parquet'}'")
    return open_files(folder / "rows.parquet")


@pytest.fixture(scope="module")
def grid(served: Served, chromium: Browser) -> Iterator[Grid]:
    """The page of one table, in the large grid; all tests here share it."""
    truth = duckdb.connect()
    truth.execute(f"CREATE TABLE rows AS {ROWS}")
    with windows(chromium) as window:
        page = window(1100, 800)
        heard: list[bytes] = []
        page.on(
            "websocket", lambda socket: socket.on("framereceived", lambda frame: heard.append(_bytes(frame)))
        )
        page.add_init_script(WATCH_THE_CANVAS)
        page.goto(served.url)
        page.locator(".au-card-main").first.click(timeout=60_000)
        rows_said(page, f"{N:,} rows")
        page.get_by_role("button", name="Scroll through all rows").click()
        expect(page.locator(".lm-DataGrid")).to_be_visible(timeout=60_000)
        yield Grid(page, served.log, truth, heard)


def _bytes(frame: str | bytes) -> bytes:
    return frame.encode() if isinstance(frame, str) else frame


def test_whole_numbers_dates_and_empty_cells_are_shown_as_they_are(grid: Grid) -> None:
    grid.shows(*range(10))
    assert grid.rows()[0] == ["0", "5,000,000,000", "—", "—", "0"]
    assert axe(grid.page) == []


def test_rows_deep_in_a_big_table_are_the_right_ones(grid: Grid) -> None:
    for rows, first in ((60_000, 60_000), (29_000, 89_000), (-44_000, 45_000)):
        grid.forget()
        grid.wheel(rows)
        grid.shows(*range(first + 1, first + 15))
    grid.wheel(-N)
    grid.shows(*range(10))
    assert grid.complaints() == []


def test_a_header_sorts_and_its_arrow_goes_with_the_question(grid: Grid) -> None:
    page = grid.page
    chip = page.locator(".au-chip-sort")
    for words, order in (("mixed", "mixed"), ("mixed", "mixed DESC")):
        grid.forget()
        grid.header(4)
        expect(chip).to_contain_text(words)
        ready(page)
        ids = grid.truth.execute(f"SELECT id FROM rows ORDER BY {order}, id LIMIT 12").fetchall()
        grid.shows(*(identity for (identity,) in ids))
    page.get_by_role("button", name="Reset all").click()
    expect(chip).to_have_count(0)
    grid.forget()
    grid.header(4)  # were an arrow left, this would sort downwards
    expect(chip).to_be_visible()
    ids = grid.truth.execute("SELECT id FROM rows ORDER BY mixed, id LIMIT 12").fetchall()
    grid.shows(*(identity for (identity,) in ids))
    page.get_by_role("button", name="Remove Sort").click()
    grid.shows(*range(10))


def test_the_icon_in_a_header_opens_a_menu_and_neither_sorts_nor_hangs(grid: Grid) -> None:
    page = grid.page
    grid.menu(1)
    menu = page.locator(".ipydatagrid-context-menu")
    expect(menu).to_be_visible()
    shown = [text for text in menu.locator(".lm-Menu-itemLabel:visible").all_inner_texts() if text]
    assert "Sort Ascending" in shown
    assert not [text for text in shown if "ilter" in text]
    menu.get_by_text("Sort Descending").click()
    expect(page.locator(".au-chip-sort")).to_contain_text("big")
    ready(page)
    grid.shows(*range(N - 1, N - 11, -1))
    page.get_by_role("button", name="Remove Sort").click()
    grid.shows(*range(10))
    grid.menu(3)
    expect(menu).to_be_visible()
    page.keyboard.press("Escape")
    expect(menu).to_have_count(0)
    # The edge of a column changes its width and sorts nothing either.
    x, y = grid.box["x"] + grid.edges[3], grid.box["y"] + 8
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 30, y, steps=4)
    page.mouse.up()
    page.mouse.move(grid.box["x"] + 200, grid.box["y"] + 200)
    page.mouse.down()
    page.mouse.up()
    page.get_by_label("Search in the data").fill(
        "name 4"
    )  # an answer from the kernel: all before it was heard
    expect(page.locator(".au-chip-search")).to_be_visible()
    expect(page.locator(".au-chip-sort")).to_have_count(0)
    page.get_by_label("Search in the data").fill("")
    expect(page.locator(".au-chip-search")).to_have_count(0)


def test_a_filter_after_the_first_page_shows_its_rows_under_the_same_columns(grid: Grid) -> None:
    page = grid.page
    grid.wheel(50_000)
    dialog = open_editor(page, "Filter")
    box, around = dialog.bounding_box(), page.locator(".aurora[data-panel=head]").bounding_box()
    assert box is not None
    assert around is not None
    assert box["y"] + box["height"] <= around["y"] + around["height"]
    rule(dialog.locator(".au-rule").first, "id", ">=")
    dialog.locator(".au-rule").first.get_by_label("Value").fill("70000")
    grid.forget()
    apply(page)
    rows_said(page, "20,000 rows")
    grid.shows(*range(70_000, 70_010))
    grid.forget()
    page.get_by_role("button", name="Undo").click()
    rows_said(page, f"{N:,} rows")
    grid.shows(*range(10))


def test_the_views_are_switched_there_and_back(grid: Grid) -> None:
    page = grid.page
    page.get_by_role("button", name="Show pages").click()
    expect(page.locator(".lm-DataGrid")).to_have_count(0)
    table = page.get_by_role("grid", name="Rows of the answer")
    expect(table.locator("tbody tr")).to_have_count(50)
    page.get_by_role("button", name="Next page").click()
    expect(table.locator("tbody tr").first).to_contain_text("50")
    grid.forget()
    page.get_by_role("button", name="Scroll through all rows").click()
    expect(page.locator(".lm-DataGrid")).to_be_visible()
    grid.shows(*range(10))
    head, below = page.locator(".aurora[data-panel=head]"), page.locator(".lm-DataGrid")
    tools = page.locator(".au-grid-tools").bounding_box()
    box = head.bounding_box()
    assert box is not None
    assert tools is not None
    assert below.bounding_box()["y"] - (tools["y"] + tools["height"]) < 16, "the head hugs what it holds"
    assert axe(page) == []
    assert grid.complaints() == []


def test_the_views_are_switched_before_a_question_is_answered(grid: Grid) -> None:
    page = grid.page
    page.get_by_role("button", name="Show pages").click()
    expect(page.get_by_role("grid", name="Rows of the answer")).to_be_visible()
    expect(page.get_by_role("button", name="Scroll through all rows")).to_be_visible()
    grid.forget()
    page.evaluate("""() => {
        const name = text => button => button.getAttribute("aria-label")?.startsWith(text);
        [...document.querySelectorAll("th")].find(th => th.innerText.startsWith("mixed")).click();
        [...document.querySelectorAll("button")].find(name("Scroll through all rows")).click();
    }""")
    expect(page.locator(".lm-DataGrid")).to_be_visible()
    ids = grid.truth.execute("SELECT id FROM rows ORDER BY mixed, id LIMIT 12").fetchall()
    grid.shows(*(identity for (identity,) in ids))
    page.get_by_role("button", name="Remove Sort").click()
    grid.shows(*range(10))


def test_a_question_without_rows_says_so(grid: Grid) -> None:
    page = grid.page
    page.get_by_label("Search in the data").fill("nowhere")
    expect(page.get_by_text("Nothing matches the search.")).to_be_visible()
    page.get_by_role("button", name="Clear the search").click()
    rows_said(page, f"{N:,} rows")
    expect(page.get_by_text("Nothing matches the search.")).to_have_count(0)
    grid.shows(*range(10))


def test_shift_and_a_header_sort_by_one_column_more(grid: Grid) -> None:
    page = grid.page
    chip = page.locator(".au-chip-sort")
    for column, words, order in (
        (3, "name ↑", "name"),
        (4, "mixed ↑", "name, mixed"),
        (4, "mixed ↓", "name, mixed DESC"),
    ):
        grid.forget()
        if column == 4:
            page.keyboard.down("Shift")
        grid.header(column)
        page.keyboard.up("Shift")
        expect(chip).to_contain_text(words)
        expect(chip).to_contain_text("name ↑")
        ready(page)
        wanted = f"SELECT id FROM rows ORDER BY {order.replace('name', 'name NULLS LAST')}, id LIMIT 12"
        grid.shows(*(identity for (identity,) in grid.truth.execute(wanted).fetchall()))
    page.keyboard.down("Shift")
    grid.header(4)
    page.keyboard.up("Shift")
    expect(chip).not_to_contain_text("mixed")
    page.get_by_role("button", name="Remove Sort").click()
    expect(chip).to_have_count(0)
    grid.shows(*range(10))


def test_a_header_pressed_again_at_once_is_told_each_time(grid: Grid) -> None:
    page = grid.page
    chip = page.locator(".au-chip-sort")
    grid.forget()
    grid.header(4)
    grid.header(4)
    expect(chip).to_contain_text("mixed ↓")
    ids = grid.truth.execute("SELECT id FROM rows ORDER BY mixed DESC, id LIMIT 12").fetchall()
    grid.shows(*(identity for (identity,) in ids))
    grid.header(4)
    expect(chip).to_have_count(0)
    grid.header(3)
    grid.header(1)  # another column's, before the rows of the first have come
    expect(chip).to_contain_text("big ↑")
    expect(chip).not_to_contain_text("name")
    page.get_by_role("button", name="Remove Sort").click()
    expect(chip).to_have_count(0)
    grid.forget()
    grid.shows(*range(10))


def test_copied_cells_read_as_they_are_shown(grid: Grid) -> None:
    page = grid.page
    page.evaluate("navigator.clipboard.writeText('')")  # what another test copied
    grid.forget()
    x, y = grid.box["x"] + grid.edges[1] + 12, grid.box["y"] + 26 + 12
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(grid.box["x"] + grid.edges[2] + 12, y + 48, steps=4)
    page.mouse.up()
    page.keyboard.press("Control+c")
    page.wait_for_function("async () => (await navigator.clipboard.readText()).includes('\\t')")
    copied = page.evaluate("navigator.clipboard.readText()")
    shown = [grid.row(identity)[1:3] for identity in range(3)]
    assert [line.split("\t") for line in copied.split("\n")] == [
        [big, "" if seen == "—" else seen] for big, seen in shown
    ]


def test_the_grid_is_dark_where_the_page_is_also_when_that_changes_while_it_is_open(grid: Grid) -> None:
    page = grid.page
    painted = """([x, y]) => {
        const canvas = document.querySelector(".lm-DataGrid canvas");
        const scale = canvas.width / canvas.getBoundingClientRect().width;
        const [r, g, b] = canvas.getContext("2d").getImageData(x * scale, y * scale, 1, 1).data;
        return (r + g + b) / 3;
    }"""
    for scheme, holds in (("dark", "< 80"), ("light", "> 200"), ("dark", "< 80"), ("light", "> 200")):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        page.wait_for_function(f"place => ({painted})(place) {holds}", arg=[4, 100])  # a row
        page.wait_for_function(f"place => ({painted})(place) < 80", arg=[4, 4])  # a header is navy in both
    assert axe(page) == []
