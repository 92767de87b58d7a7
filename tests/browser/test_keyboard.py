"""A whole session without a mouse: everything is reached, focus is seen, and it never gets lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conftest import axe
from doing import cells, ready, rows_said
from playwright.sync_api import Locator, Page, expect

if TYPE_CHECKING:
    import duckdb

FOCUSED = "element => element === document.activeElement"
LOST = "() => document.activeElement === document.body || document.activeElement === null"
SEEN = """() => {
    let element = document.activeElement;
    for (let level = 0; element && level < 3; level++, element = element.parentElement) {
        const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(element);
        if (outlineStyle !== "none" && outlineWidth !== "0px") return true;
        if (boxShadow !== "none" && element.matches(":focus, :focus-within")) return true;
    }
    return false;
}"""


HOLD = """() => {
    const send = WebSocket.prototype.send;
    const held = [];
    WebSocket.prototype.send = function (data) { held.push(() => send.call(this, data)); };
    window.letGo = () => { WebSocket.prototype.send = send; held.forEach((each) => each()); };
}"""


class Keys:
    """Somebody at a keyboard."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def write(self, text: str) -> None:
        self.page.keyboard.insert_text(text)

    def to(self, target: Locator, *, back: bool = False) -> None:
        """Press Tab until a control has focus, which must then be seen."""
        expect(target).to_be_visible()
        expect(target).to_be_enabled()
        for _ in range(120):
            if target.evaluate(FOCUSED):
                assert self.page.evaluate(SEEN), f"focus on {target} is not seen"
                return
            self.press("Shift+Tab" if back else "Tab")
        raise AssertionError(f"{target} is not in the reach of Tab")

    def kept(self) -> None:
        """Hold that focus is not lost."""
        self.page.wait_for_function(f"!({LOST})()")

    def opens(self, name: str) -> Locator:
        """Open an editor from the bar."""
        self.to(self.tool(name))
        self.press("Enter")
        dialog = self.page.get_by_role("dialog")
        expect(dialog).to_be_visible()
        self.page.wait_for_function("document.activeElement.closest('[role=dialog]') !== null")
        return dialog

    def applies(self, name: str) -> None:
        """Apply the open editor; focus goes back to what opened it."""
        self.press("Control+Enter")
        expect(self.page.get_by_role("dialog")).to_have_count(0)
        expect(self.tool(name)).to_be_focused()
        ready(self.page)

    def tool(self, name: str) -> Locator:
        return self.page.get_by_role("toolbar", name="The question").get_by_role("button", name=name)

    def operator(self, box: Locator, value: str) -> None:
        """Choose an operator with the arrow keys."""
        self.to(box)
        for _ in range(20):
            if box.input_value() == value:
                return
            self.press("ArrowDown")
        raise AssertionError(f"no operator {value}")


def test_a_session_with_the_keyboard_alone(  # noqa: PLR0915  one session is the point
    explorer: Page, truth: duckdb.DuckDBPyConnection
) -> None:
    page, keys = explorer, Keys(explorer)
    keys.to(page.locator(".au-card-main", has=page.get_by_text("Flights", exact=True)))
    keys.press("Enter")
    ready(page)
    keys.kept()

    dialog = keys.opens("Filter")
    rules = dialog.locator(".au-rule")
    expect(rules.nth(0).get_by_label("Column")).to_be_focused()
    keys.write("Month")
    keys.press("Enter")
    keys.operator(rules.nth(0).get_by_label("Operator"), ">")
    keys.press("Tab")
    keys.write("3")
    keys.to(dialog.get_by_role("button", name="Group", exact=True).first, back=True)
    keys.press("Enter")
    expect(rules.nth(1).get_by_label("Column")).to_be_focused()
    keys.write("Carrier")
    keys.press("Enter")
    keys.operator(rules.nth(1).get_by_label("Operator"), "in")
    keys.press("Tab")
    keys.write("AA, UA")
    keys.press("Enter")
    keys.to(
        dialog.locator(".au-children .au-group").get_by_role("button", name="Rule", exact=True), back=True
    )
    keys.press("Enter")
    expect(rules.nth(2).get_by_label("Column")).to_be_focused()
    keys.write("To")
    keys.press("Enter")
    keys.operator(rules.nth(2).get_by_label("Operator"), "starts with")
    keys.press("Tab")
    keys.write("s")
    keys.applies("Filter")
    where = "month > 3 AND (carrier IN ('AA', 'UA') OR dest ILIKE 's%')"
    kept = truth.execute(f"SELECT count(*) FROM flights WHERE {where}").fetchone()
    assert kept is not None
    rows_said(page, f"{kept[0]:,} rows")

    keys.to(page.get_by_role("button", name="Next page"))
    keys.press("Enter")
    expect(page.get_by_text("Rows 51–100")).to_be_visible()
    expect(page.get_by_role("button", name="Next page")).to_be_focused()

    keys.opens("Join")
    expect(page.get_by_label("Right dataset")).to_be_focused()
    keys.write("Airlines")
    keys.press("Enter")
    expect(page.get_by_text("As declared in the catalog")).to_be_visible()
    keys.applies("Join")

    dialog = keys.opens("Summarize")
    keys.to(dialog.get_by_label("Group by one more column"))
    keys.write("Airline")
    keys.press("Enter")
    keys.to(dialog.get_by_label("Add a measure of a column"))
    keys.write("Distance")
    keys.press("Enter")
    keys.applies("Summarize")
    wanted = truth.execute(
        f"SELECT name, sum(distance) AS total FROM flights JOIN airlines USING (carrier) WHERE {where} "
        "GROUP BY ALL ORDER BY total DESC"
    ).fetchall()
    rows_said(page, f"{len(wanted)} rows")

    head = page.get_by_role("grid", name="Rows of the answer").locator("th")
    keys.to(head.nth(0))
    keys.press("ArrowRight", "Enter")
    expect(head.nth(1)).to_have_attribute("aria-sort", "ascending")
    expect(head.nth(1)).to_be_focused()
    keys.press("Enter")
    expect(head.nth(1)).to_have_attribute("aria-sort", "descending")
    shown = [[name, f"{total:,}"] for name, total in wanted]
    page.wait_for_function("text => document.querySelector('tbody td').innerText === text", arg=shown[0][0])
    assert cells(page) == shown

    keys.press("ArrowDown", "ArrowLeft", "Shift+ArrowDown", "Shift+ArrowRight", "Control+c")
    expect(page.get_by_role("status").filter(has_text="Copied")).to_be_attached()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.replace("\r\n", "\n") == "\n".join("\t".join(row) for row in shown[:2])

    keys.press("Control+z")
    expect(page.locator(".au-chip-sort")).to_have_count(0)
    keys.press("Control+z")
    expect(page.locator(".au-chip-aggregate")).to_have_count(0)
    keys.kept()
    keys.press("Control+Shift+z")
    expect(page.locator(".au-chip-aggregate")).to_have_count(1)
    ready(page)
    keys.kept()

    dialog = keys.opens("Columns")
    keys.to(dialog.get_by_role("option").first)
    keys.press("Space")
    expect(dialog.get_by_role("option").first).to_have_attribute("aria-selected", "false")
    keys.applies("Columns")
    expect(page.get_by_role("columnheader")).to_have_count(1)

    keys.to(page.get_by_role("button", name="Remove Columns"))
    keys.press("Enter")
    expect(page.get_by_role("columnheader")).to_have_count(2)
    keys.kept()
    chip = page.locator(".au-chip-filter .au-chip-body")
    keys.to(chip, back=True)
    keys.press("Enter")
    expect(page.get_by_role("dialog")).to_be_visible()
    assert axe(page) == []
    keys.press("Escape")
    expect(chip).to_be_focused()
    keys.to(page.get_by_role("button", name="Remove Filter"))
    keys.press("Enter")
    expect(page.locator(".au-chip-filter")).to_have_count(0)
    keys.kept()


def test_escape_gives_focus_back_to_what_opened(explorer: Page) -> None:
    page, keys = explorer, Keys(explorer)
    keys.to(page.locator(".au-card-main", has=page.get_by_text("Airlines", exact=True)))
    keys.press("Enter")
    ready(page)
    for name in ("Columns", "Filter", "Join", "Summarize", "Share"):
        dialog = keys.opens(name)
        for _ in range(40):  # round the dialog and never out of it
            keys.press("Tab")
            assert dialog.evaluate("dialog => dialog.contains(document.activeElement)")
        keys.press("Escape")
        expect(dialog).to_have_count(0)
        expect(keys.tool(name)).to_be_focused()
    data = page.get_by_role("button", name="Dataset:").first
    code = page.get_by_role("button", name="View SQL / Python")
    for opener in (data, code):
        keys.to(opener)
        keys.press("Enter")
        expect(page.get_by_role("dialog")).to_be_visible()
        keys.press("Escape")
        expect(opener).to_be_focused()
    keys.to(page.get_by_role("grid", name="Rows of the answer").locator("th").first)
    keys.press("Alt+ArrowDown")
    expect(page.get_by_role("menu")).to_be_visible()
    keys.press("Escape")
    expect(page.get_by_role("columnheader").first).to_be_focused()
    keys.press("ArrowDown", "Enter")
    expect(page.get_by_role("dialog")).to_be_visible()
    keys.press("Escape")
    expect(page.locator("tbody td").first).to_be_focused()


def test_focus_stays_in_a_dialog_whose_content_comes_later(explorer: Page) -> None:
    page, keys = explorer, Keys(explorer)
    keys.to(page.locator(".au-card-main", has=page.get_by_text("Airlines", exact=True)))
    keys.press("Enter")
    ready(page)
    page.evaluate(HOLD)
    dialog = keys.opens("Share")
    expect(dialog.get_by_text("Making the link…")).to_be_visible()
    waiting = dialog.locator(".au-dialog-body")
    keys.to(waiting)
    dialog.evaluate("""dialog => dialog.addEventListener("focusout", (event) => {
        if (!dialog.contains(event.relatedTarget)) window.left = true;
    })""")
    page.evaluate("() => window.letGo()")
    expect(dialog.get_by_role("button", name="Copy").first).to_be_visible()
    expect(waiting.locator(":focus")).to_have_count(1)
    assert not page.evaluate("window.left")
