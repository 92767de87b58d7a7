"""What a join would do, before it is made: matches, multiplied rows, a warning and a fix."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from aurora_widgets.query.model import Join, On, Query
from aurora_widgets.service import questions
from aurora_widgets.service.answers import Fix, JoinCheck

if TYPE_CHECKING:
    from collections.abc import Iterator

    from aurora_widgets.catalog.model import Catalog
    from aurora_widgets.engine.base import Cancellation
    from aurora_widgets.query.types import Schema
    from aurora_widgets.service.run import Runner


@dataclass(frozen=True, slots=True)
class _Numbers:
    left_rows: int
    matched: int
    joined: int
    multiplied: int
    right_unmatched: int


def join_check(runner: Runner, query: Query, join: Join, cancellation: Cancellation | None) -> JoinCheck:
    """Check ``join`` after ``query``; see ``Runner.join_check``."""
    before = questions.unordered(query)
    join = replace(join, disabled=False)
    left = runner.plan(before, cancellation=cancellation).schema
    joined = questions.then(before, join)
    runner.plan(joined, cancellation=cancellation)  # the join's own faults, with its own paths
    numbers = _numbers(runner, before, left, join, cancellation)
    average = numbers.joined / numbers.matched if numbers.matched else 0.0
    fix = None
    if numbers.multiplied:
        for label, better in _better(before, left, join, runner.catalog):
            after = _numbers(runner, before, left, better, cancellation)
            if after.matched and not after.multiplied:
                fix = Fix(label, better)
                break
    return JoinCheck(
        left_rows=numbers.left_rows,
        matched=numbers.matched,
        unmatched=numbers.left_rows - numbers.matched,
        multiplied=numbers.multiplied,
        right_unmatched=numbers.right_unmatched,
        average_matches=average,
        exact=True,
        warning=_warning(numbers, average, query, join, runner.catalog),
        fix=fix,
        sample=runner.sample(joined, cancellation=cancellation),
    )


def _numbers(
    runner: Runner, query: Query, left: Schema, join: Join, cancellation: Cancellation | None
) -> _Numbers:
    asked = questions.join_check(query, left, join, runner.catalog[join.table].schema)
    left_rows = runner.numbers(asked.left, of=query, cancellation=cancellation)[0]
    return _Numbers(left_rows, *runner.numbers(asked.document, of=query, cancellation=cancellation))


def _warning(numbers: _Numbers, average: float, query: Query, join: Join, catalog: Catalog) -> str | None:
    left, right = (catalog[name].label or name for name in (query.table, join.table))
    if not numbers.left_rows:
        return None
    if not numbers.matched:
        return f"No row matches a row of {right}: check the key columns."
    if not numbers.multiplied:
        return None
    if round(average, 1) >= 1.1:  # noqa: PLR2004 below it, the average says less than the count
        return f"Each matched row of {left} matches {average:,.1f} rows of {right}: totals would be inflated."
    rows = "1 row" if numbers.multiplied == 1 else f"{numbers.multiplied:,} rows"
    verb = "matches" if numbers.multiplied == 1 else "match"
    return f"{rows} of {left} {verb} more than one row of {right}: totals would be inflated."


def _better(query: Query, left: Schema, join: Join, catalog: Catalog) -> Iterator[tuple[str, Join]]:
    """Yield joins that might not multiply: on the declared columns, then on the other table's whole key."""
    types = {field.name: field.type for field in left}
    right = {field.name: field.type for field in catalog[join.table].schema}
    for hint in catalog[query.table].joins:
        pairs = tuple(On(mine, other) for mine, other in hint.on)
        if hint.to == join.table and pairs != join.on and all(pair.left in types for pair in pairs):
            yield f"Match on {_words(pairs)}", replace(join, on=pairs)
    paired = {pair.right for pair in join.on if pair.op == "="}
    missing = [name for name in catalog[join.table].key if name not in paired]
    alike = all(name in types and types[name].family is right[name].family for name in missing)
    if missing and alike:
        added = tuple(On(name, name) for name in missing)
        yield f"Also match on {_words(added)}", replace(join, on=(*join.on, *added))


def _words(pairs: tuple[On, ...]) -> str:
    names = [pair.left if pair.left == pair.right else f"{pair.left} = {pair.right}" for pair in pairs]
    return " and ".join(names)
