"""The functions of a formula as its editor offers them: by what they are about, with a sentence each."""

from __future__ import annotations

from aurora_widgets.query.functions import FUNCTIONS

_SAYS: dict[str, tuple[str, str]] = {
    "add": ("Numbers", "Adds two numbers; written a + b."),
    "subtract": ("Numbers", "Takes b from a; written a - b."),
    "multiply": ("Numbers", "Multiplies two numbers; written a * b."),
    "divide": ("Numbers", "Divides a by b; written a / b. By zero it is empty."),
    "modulo": ("Numbers", "What is left when a is divided by b."),
    "negate": ("Numbers", "The number with the other sign; written -x."),
    "abs": ("Numbers", "The number without its sign."),
    "round": ("Numbers", "Rounds half away from zero, to so many digits after the point."),
    "floor": ("Numbers", "The next whole number below."),
    "ceil": ("Numbers", "The next whole number above."),
    "concat": ("Text", "Puts texts together; written a & b."),
    "upper": ("Text", "In capital letters."),
    "lower": ("Text", "In small letters."),
    "trim": ("Text", "Without spaces at both ends."),
    "length": ("Text", "How many characters it has."),
    "substring": ("Text", "A part of the text; the first character is 1."),
    "replace": ("Text", "Puts one text in place of another."),
    "year": ("Dates", "The year as a number."),
    "quarter": ("Dates", "The quarter, 1 to 4."),
    "month": ("Dates", "The month, 1 to 12."),
    "day": ("Dates", "The day of the month."),
    "hour": ("Dates", "The hour, 0 to 23."),
    "weekday": ("Dates", "The day of the week; Monday is 1."),
    "truncate": ("Dates", "The first day of the year, quarter, month or week it is in."),
    "date_add": ("Dates", "So many days, weeks, months, quarters or years later."),
    "date_diff": ("Dates", "How many days, months or years from one date to the other."),
    "coalesce": ("Empty cells", "The first that is not empty."),
    "null_if": ("Empty cells", "Empty where both are equal, else the first."),
    "to_text": ("Conversion", "As text."),
    "to_number": ("Conversion", "Text as a number; empty where it is none."),
    "to_date": ("Conversion", "Text as a date; empty where it is none."),
}


def offered() -> list[dict[str, object]]:
    """Return every function: its name, how it is written, what it is about, and what it does."""
    rows: list[dict[str, object]] = [
        {
            "name": "if",
            "written": "if(condition, then, else)",
            "group": "Conditions",
            "says": "One value where the condition holds, else the other.",
        }
    ]
    for row in FUNCTIONS.values():
        names = [f"[{each.name}]" if each.optional else each.name for each in row.arguments]
        group, says = _SAYS[row.name]
        written = f"{row.name}({', '.join(names)}{', …' if row.more else ''})"
        rows.append({"name": row.name, "written": written, "group": group, "says": says})
    return rows
