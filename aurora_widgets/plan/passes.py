"""The passes, in the order they run, and the plan they make together."""

from __future__ import annotations

from collections.abc import Callable, Collection

from aurora_widgets.plan import shape
from aurora_widgets.plan.context import Context, Planned
from aurora_widgets.plan.order import order
from aurora_widgets.plan.prune import prune
from aurora_widgets.plan.push_down import push_down
from aurora_widgets.plan.validate import validate
from aurora_widgets.plan.vintage import in_force, vintage
from aurora_widgets.query.faults import not_too_deep
from aurora_widgets.query.model import Query

Pass = Callable[[Query, Context], Query]

PASSES: tuple[tuple[str, Pass], ...] = (
    ("validate", validate),
    ("vintage", vintage),
    ("order", order),
    ("push_down", push_down),
    ("prune", prune),
)
"""Every pass by name. The order is settled before columns are pruned, as ties are told apart by them."""


@not_too_deep
def plan(query: Query, context: Context, *, without: Collection[str] = ()) -> Planned:
    """Make a document ready to be compiled.

    Parameters
    ----------
    query
        As a person asked it.
    context
        The catalog, the settings, the time, and the latest loads.
    without
        Passes to leave out, for tests that compare; ``validate`` always runs.

    Raises
    ------
    QueryInvalid
        With every fault and its path.
    """
    told = planned = validate(query, context)
    for name, run in PASSES[1:]:
        if name not in without:
            planned = run(planned, context)
    return Planned(planned, shape.stages(planned, context.catalog)[-1], in_force(told, context))
