"""What a person does on the page, in one line each; found by role and name, as a screen reader would."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect


def pick(page: Page | Locator, label: str) -> None:
    """Pick a dataset on the start page."""
    page.locator("[data-region=start]").get_by_text(label, exact=True).click()
    ready(page)


def ready(page: Page | Locator) -> None:
    """Wait until the answer stands and is counted."""
    expect(page.locator("[data-region=status] .au-said-good")).to_contain_text("row")


def rows_said(page: Page | Locator, text: str) -> None:
    """Expect the status line to say that many rows."""
    expect(page.locator("[data-region=status] .au-said-good")).to_contain_text(text)


def open_editor(page: Page | Locator, name: str) -> Locator:
    """Open an editor from the bar."""
    page.get_by_role("toolbar", name="The question").get_by_role("button", name=name).click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    return dialog


def apply(page: Page | Locator) -> None:
    """Apply the open editor."""
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Apply", exact=True).click()
    expect(dialog).to_have_count(0)
    ready(page)


def choose(box: Locator, text: str) -> None:
    """Type into a combobox and take the option of exactly that name, or else the first."""
    box.click()
    box.fill(text)
    box.press("Enter")


def rule(row: Locator, column: str, operator: str) -> None:
    """Fill in a rule's column and operator."""
    choose(row.get_by_role("combobox", name="Column"), column)
    row.get_by_role("combobox", name="Operator").select_option(operator)


def cells(page: Page | Locator) -> list[list[str]]:
    """Return the texts on screen, row by row."""
    return page.get_by_role("grid", name="Rows of the answer").evaluate(
        """grid => [...grid.querySelectorAll('tbody tr, [role=rowgroup] [role=row]')].map(
            row => [...row.querySelectorAll('td, [role=gridcell]')].map(cell => cell.innerText.trim()))"""
    )


def kernel_of(page: Page) -> str:
    """Return the id of a page's kernel."""
    found = page.locator("main[data-kernel-id]").get_attribute("data-kernel-id")
    assert found
    return found
