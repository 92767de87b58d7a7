"""What a question would cost, before it is run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from aurora_widgets import sql
from aurora_widgets.errors import PoolExhausted, QueryTimeout

if TYPE_CHECKING:
    from aurora_widgets.engine.base import Cancellation
    from aurora_widgets.query.model import Query
    from aurora_widgets.service.run import Runner

_SECONDS = 5
_THRESHOLDS = {"duckdb": "DUCKDB_COST_THRESHOLD", "oracle": "EXPLAIN_PLAN_THRESHOLD"}


@dataclass(frozen=True, slots=True)
class Estimate:
    """What the engine expects of a question's whole result.

    Parameters
    ----------
    rows
        Out of its largest join, sort or aggregate; ``None`` where the engine was too busy to say.
    threshold
        How many would be too many.
    """

    rows: int | None
    threshold: int

    @property
    def verdict(self) -> Literal["fine", "expensive", "unknown"]:
        """What to think of it."""
        if self.rows is None:
            return "unknown"
        return "fine" if self.rows <= self.threshold else "expensive"


def estimate(runner: Runner, query: Query, cancellation: Cancellation | None = None) -> Estimate:
    """Ask the engine what it expects; no row is read."""
    compiled = sql.compile(
        runner.plan(query, cancellation=cancellation), runner.catalog, runner.engine.dialect
    )
    try:
        rows = runner.engine.estimate(
            compiled.sql, compiled.binds, timeout=_SECONDS, cancellation=cancellation
        )
    except (PoolExhausted, QueryTimeout):
        rows = None
    return Estimate(rows, runner.settings.whole(_THRESHOLDS[runner.engine.dialect]))
