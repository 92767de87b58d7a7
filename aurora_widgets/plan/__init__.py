"""Passes, each a pure function from document and catalog to document, in the order they run."""

from aurora_widgets.plan.context import Context, InForce, Load, Planned
from aurora_widgets.plan.passes import PASSES, plan

__all__ = ["PASSES", "Context", "InForce", "Load", "Planned", "plan"]
