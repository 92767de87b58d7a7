"""One filter tree for the editor, two filter steps in the document.

The editor shows a single tree. In the document its conditions on columns that exist
only after the aggregation stand behind it, all others before it. Conditions are
two-valued (QUERY.md), so De Morgan's rules hold and a negated ``or`` may be taken apart
like an ``and``.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from aurora_widgets.errors import Fault, QueryInvalid
from aurora_widgets.plan.names import of_tree
from aurora_widgets.query.model import Aggregate, Condition, Group, Tree

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True, slots=True)
class Names:
    """What a column's name means on the two sides of an aggregation.

    Parameters
    ----------
    raw
        Columns before the aggregation.
    after
        Columns that exist only after it.
    keys
        Columns of ``raw`` that pass through it unchanged under their own name.
    """

    raw: frozenset[str]
    after: frozenset[str] = frozenset()
    keys: frozenset[str] = frozenset()


def names(raw: frozenset[str], result: frozenset[str], aggregate: Aggregate | None) -> Names:
    """Tell the names before and after an aggregation apart.

    Parameters
    ----------
    raw
        Columns before it.
    result
        Columns after it (the same where there is none).
    aggregate
        The step, or ``None``.
    """
    if aggregate is None or aggregate.disabled:
        return Names(raw)
    plain = {key.column for key in aggregate.by if key.bucket is None and key.name == key.column}
    return Names(raw, result - raw, frozenset(plain & raw & result))


def conditions(tree: Tree | None) -> int:
    """Count the conditions in force: what the Filter button's number says."""
    match tree:
        case None:
            return 0
        case Condition():
            return 0 if tree.disabled else 1
        case Group():
            return 0 if tree.disabled else sum(map(conditions, tree.children))


def split(tree: Tree | None, known: Names) -> tuple[Tree | None, Tree | None]:
    """Take one tree apart into what filters before and what filters after the aggregation.

    Returns
    -------
    tuple
        The raw part and the part on results; each ``None`` where it is empty. Both
        together, joined by ``and``, keep what the tree keeps.

    Raises
    ------
    QueryInvalid
        A group that is no plain ``and`` mixes results with columns that are gone after
        the aggregation.
    """
    if tree is None:
        return None, None
    raw, after = _split(tree, known, "where")
    return _joined(raw), _joined(after)


def merge(raw: Tree | None, after: Tree | None) -> Group | None:
    """Put the two filters back into the one tree that the editor shows."""
    if raw is None and after is None:
        return None
    if raw is None or after is None:
        only = raw if raw is not None else after
        return only if isinstance(only, Group) else Group("and", (only,) if only is not None else ())
    return Group("and", (*_spliced(raw), *_spliced(after)))


def mergeable(after: Tree | None, known: Names, aggregate: Aggregate | None) -> bool:
    """Say whether a filter on results may be shown in the one editor without changing its meaning.

    It may not where it names a result that hides a raw column of the same name (``sum(revenue)
    as revenue``: the editor would read it as the raw one), nor, under ``totals``, where it names
    group keys alone (moved before the aggregation it would change the totals).
    """
    if after is None or aggregate is None or aggregate.disabled:
        return True
    if any(name in known.raw and name not in known.keys for name in of_tree(after)):
        return False
    try:
        moved = split(after, known)[0]
    except QueryInvalid:
        return False
    if moved is None:
        return True
    # A rule without columns holds for all rows or none: before an aggregation without keys, which
    # makes one row of none, that is another question.
    constant = not aggregate.by and any(not set(_used(part)) for part in _spliced(moved))
    return aggregate.totals == "none" and not constant


def _split(tree: Tree, known: Names, path: str) -> tuple[list[Tree], list[Tree]]:
    # An empty list keeps every row, on either side. What is disabled means nothing and is only kept.
    if tree.disabled:
        return ([], [tree]) if known.after.intersection(of_tree(tree)) else ([tree], [])
    used = set(_used(tree))
    if not used & known.after:
        return [tree], []
    match tree:
        case Group(op="and", negate=False):
            raw: list[Tree] = []
            after: list[Tree] = []
            for index, child in enumerate(tree.children):
                before, behind = _split(child, known, f"{path}.children[{index}]")
                raw += before
                after += behind
            return raw, after
        case Group(op="or", negate=True):
            opposite = Group("and", tuple(map(_negated, tree.children)))
            return _split(opposite, known, path)
    gone = sorted(used - known.after - known.keys)
    if not gone:
        return [], [tree]
    results = sorted(used & known.after)
    raise QueryInvalid(
        [
            Fault(
                "mixed-filter",
                path,
                f"{_listed(gone)} can't stand under one “or” with {_listed(results)}: "
                f"{'it is' if len(gone) == 1 else 'they are'} gone once the rows are summarized. "
                f"Group by {_listed(gone)} as well, or move the rules into separate groups joined by “and”.",
            ),
        ],
    )


def _used(tree: Tree) -> Iterator[str]:
    match tree:
        case Condition():
            yield from of_tree(tree)
        case Group():
            for child in tree.children:
                if not child.disabled:
                    yield from _used(child)


def _negated(tree: Tree) -> Tree:
    match tree:
        case Group() | Condition() if tree.disabled:
            return tree
        case Group():
            return replace(tree, negate=not tree.negate)
        case Condition():
            return Group("and", (tree,), negate=True)


def _joined(parts: list[Tree]) -> Tree | None:
    if not parts:
        return None
    return parts[0] if len(parts) == 1 else Group("and", tuple(parts))


def _spliced(tree: Tree) -> tuple[Tree, ...]:
    match tree:
        case Group(op="and", negate=False, disabled=False):
            return tree.children
        case _:
            return (tree,)


def _listed(columns: list[str]) -> str:
    if len(columns) == 1:
        return columns[0]
    return f"{', '.join(columns[:-1])} and {columns[-1]}"
