"""What DuckDB expects a statement to cost, read from its plan.

These are guesses. A filter is taken to keep a fifth of its rows, and a file tells nothing of how
often a value occurs, so that a join of many rows to many is far underestimated. What is too large
by them is large; what is small by them need not be.
"""

from __future__ import annotations

import json
import re
from typing import Any

_HOLDING = re.compile(r"JOIN|ORDER_BY|GROUP_BY|TOP_N|WINDOW|CROSS_PRODUCT|DISTINCT")
"""Operators that hold their rows, where a scan lets them pass."""


def rows(plan: str) -> int:
    """Return the most rows that come out of one join, sort or aggregate of a plan.

    Parameters
    ----------
    plan
        What ``EXPLAIN (FORMAT JSON)`` gives.
    """
    return max((_worst(node) for node in json.loads(plan)), default=0)


def _worst(node: dict[str, Any]) -> int:
    below = max((_worst(child) for child in node["children"]), default=0)
    return max(below, _out(node)) if _HOLDING.search(node["name"]) else below


def _out(node: dict[str, Any]) -> int:
    """Return the rows out of an operator; one that does not say lets through what comes in."""
    said = node["extra_info"].get("Estimated Cardinality")
    if said is None:
        coming = sum(map(_out, node["children"]))
        top = node["extra_info"].get("Top")
        return coming if top is None else min(coming, int(top))
    return int(said)
