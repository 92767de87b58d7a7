"""The demo's three accounts: one of each role, with passwords that its log-in page shows."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

from aurora_widgets.portal import hub_state

if TYPE_CHECKING:
    from pathlib import Path

_WORDS = (
    "amber", "birch", "cedar", "coral", "delta", "ember", "fjord", "grove", "harbor", "island", "lagoon",
    "maple", "meadow", "ocean", "olive", "orchard", "pebble", "prairie", "river", "saffron", "summit",
    "tundra", "valley", "willow",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Account:
    """Who may log in to the demo.

    Parameters
    ----------
    name, password
        As typed.
    groups
        Which the roles follow.
    about
        What this person is for, in a few words.
    """

    name: str
    password: str
    groups: tuple[str, ...]
    about: str


def accounts(state: Path) -> tuple[Account, ...]:
    """Return the accounts of this installation; the passwords are made once and kept in its state."""
    return tuple(
        Account(name, hub_state.secret(state, f"password_{name}", _password), groups, about)
        for name, groups, about in (
            ("business", (), "the portal"),
            ("analyst", ("analysts",), "JupyterLab, the portal"),
            ("operator", ("operators",), "the admin page, the portal"),
        )
    )


def _password() -> str:
    return f"{secrets.choice(_WORDS)}-{secrets.choice(_WORDS)}-{secrets.randbelow(90) + 10}"
