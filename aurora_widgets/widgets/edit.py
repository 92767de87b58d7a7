"""What a person can do to a question: each edit a pure function from a document to a document.

An edit takes the reading of the document that stands and returns the next document. It may
break later steps (they are kept, see ``reading``), but what it writes itself must be valid.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

from aurora_widgets.errors import Fault, QueryInvalid
from aurora_widgets.plan.names import of_tree
from aurora_widgets.query.faults import unknown
from aurora_widgets.query.model import (
    ALL,
    LATEST,
    Aggregate,
    Condition,
    Derive,
    Filter,
    Group,
    Join,
    Query,
    Scalar,
    Select,
    Sort,
    SortKey,
    Tree,
    Vintage,
)
from aurora_widgets.query.types import Family
from aurora_widgets.widgets import calculate, filters
from aurora_widgets.widgets.parts import Parts, filter_step, put_together, search_text
from aurora_widgets.widgets.reading import Reading, read

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from aurora_widgets.catalog.model import Catalog, Table
    from aurora_widgets.service.labels import Shown
    from aurora_widgets.settings import Settings


def pick(name: str, catalog: Catalog) -> Query:
    """Start a new question on a table; undo brings the old one back."""
    found = table(name, catalog)
    return Query(found.name, default_vintage(found))


def table(name: str, catalog: Catalog, path: str = "table") -> Table:
    """Return a table of the catalog, or refuse with its nearest name."""
    found = catalog.get(name)
    if found is None:
        raise QueryInvalid([unknown("unknown-table", path, name, "a table here", catalog.tables)])
    return found


def default_vintage(table: Table) -> Vintage | None:
    """Return what a document without a vintage means, written out; ``None`` where the table has none."""
    return complete(None, table)


def complete(given: Vintage | None, table: Table) -> Vintage | None:
    """Write out what a vintage leaves to the catalog.

    The default load ID belongs to the default load type; beside another one it is ``latest``.
    """
    columns = table.vintage
    if columns is None:
        return given
    load_type = given.load_type if given is not None else None
    load_id = given.load_id if given is not None else None
    usual: Scalar = None
    if columns.load_type is not None:
        usual = columns.default_load_type if columns.default_load_type is not None else ALL
    if load_type is None:
        load_type = usual
    if load_id is None:
        by_default = columns.default_load_id if load_type == usual else None
        load_id = LATEST if by_default is None else by_default
    return Vintage(load_type, load_id)


def set_vintage(now: Reading, load_type: Scalar, load_id: Scalar) -> Query:
    """Choose which load of the first table is asked."""
    if now.table.vintage is None:
        raise _refused(
            "no-vintage", "vintage", f"{now.table.label or now.table.name} has no loads to choose from."
        )
    return replace(now.query, vintage=Vintage(load_type, load_id))


def set_filter(now: Reading, tree: Tree | None) -> Query:
    """Replace both filters by one tree, split at the aggregation.

    Raises
    ------
    QueryInvalid
        With every fault of the tree, at its place in the tree.
    """
    parts = now.parts
    faults = _tree_faults(now, tree)
    if faults:
        raise QueryInvalid(faults, faults[0].message)
    raw, after = filters.split(tree, parts.names)
    having = parts.having if parts.waits else filter_step(after)
    return put_together(now.query, replace(parts, filter=filter_step(raw), having=having))


def filter_cell(now: Reading, column: str, value: Scalar, *, negate: bool) -> Query:
    """Keep the rows like a cell, or those unlike it."""
    found = next((shown for shown in now.final if shown.name == column), None)
    if found is None:
        raise _refused("unknown-column", "column", f"{column} is not a column here.")
    rule = _rule(found, value, negate=negate)
    tree = now.parts.tree
    if tree is None:
        return set_filter(now, Group("and", (rule,)))
    if tree.op == "and" and not tree.negate and not tree.disabled:
        return set_filter(now, replace(tree, children=(*tree.children, rule)))
    return set_filter(now, Group("and", (tree, rule)))


def set_search(now: Reading, text: str) -> Query:
    """Look for a text in every shown text column; an empty one ends the search.

    Rows that are summarized later are searched before that, as they are when it is typed.
    """
    found = _search(now, text)
    if now.parts.summarized:
        return put_together(now.query, replace(now.parts, search=found))
    return put_together(now.query, replace(now.parts, raw_search=found, search=None))


def set_joins(now: Reading, joins: Sequence[Join], first: Query | None = None) -> Query:
    """Replace the joins, and the first table where the sides were swapped."""
    written = tuple(_with_vintage(join, now.catalog) for join in joins)
    query = put_together(now.query, replace(now.parts, joins=written))
    if first is None:
        return query
    start = table(first.table, now.catalog, "first.table")
    return replace(query, table=start.name, vintage=complete(first.vintage, start))


def set_aggregate(now: Reading, aggregate: Aggregate | None) -> Query:
    """Replace the aggregation; filters that the change would break move to where they hold."""
    if aggregate is not None and not aggregate.by and not aggregate.measures:
        aggregate = None
    parts = replace(now.parts, aggregate=aggregate)
    query = put_together(now.query, parts)
    plain = read(query, now.catalog, now.settings)
    if not plain.broken or plain.parts.waits:
        return query
    try:
        raw, after = filters.split(plain.parts.tree, plain.parts.names)
    except QueryInvalid:
        return query
    moved = replace(plain.parts, filter=filter_step(raw), having=filter_step(after))
    other = read(put_together(query, moved), now.catalog, now.settings)
    return other.query if len(other.broken) < len(plain.broken) else query


def set_sort(now: Reading, by: Sequence[SortKey]) -> Query:
    """Replace the order; none is the table's own."""
    return put_together(now.query, replace(now.parts, sort=Sort(tuple(by)) if by else None))


def sort_by(now: Reading, column: str, *, also: bool) -> Query:
    """Sort by a column as a click on its header does: up, then down, then as it was.

    With ``also`` the other columns that the rows are sorted by stay (``js/cells.ts``: ``nextSort``).
    """
    sort = now.parts.sort
    keys = () if sort is None or sort.disabled else sort.by
    mine = next((key for key in keys if key.column == column), None)
    if mine is None:
        return set_sort(now, (*keys, SortKey(column)) if also else (SortKey(column),))
    if not also and len(keys) > 1:
        return set_sort(now, (SortKey(column),))
    turned = () if mine.descending else (SortKey(column, descending=True),)
    return set_sort(now, tuple(new for key in keys for new in (turned if key is mine else (key,))))


def set_select(now: Reading, columns: Sequence[str] | None) -> Query:
    """Replace the shown columns; ``None`` shows all."""
    select = None if columns is None else Select(tuple(columns))
    return put_together(now.query, replace(now.parts, select=select))


def remove(now: Reading, chip: str) -> Query:
    """Take away what a chip stands for; a vintage goes back to its default."""
    if chip == "vintage":
        return replace(now.query, vintage=default_vintage(now.table))
    index = _index(now, chip)
    step, later = now.query.steps[index], now.query.steps[index + 1 :]
    if isinstance(step, Derive):
        later = calculate.without(later, step.column)
    return replace(now.query, steps=(*now.query.steps[:index], *later))


def toggle(now: Reading, chip: str) -> Query:
    """Switch a step off without losing it, or on again."""
    index = _index(now, chip)
    step = now.query.steps[index]
    switched = replace(step, disabled=not step.disabled)
    return replace(now.query, steps=(*now.query.steps[:index], switched, *now.query.steps[index + 1 :]))


def follow(query: Query, catalog: Catalog, settings: Settings) -> Query:
    """Adjust what depends on other steps: the search looks in the text columns that are shown now."""
    now = read(query, catalog, settings)
    parts = now.parts
    text = search_text(parts.searched)
    if not text:
        return query
    try:
        search = _search(now, text)
    except QueryInvalid:  # nothing to look in: kept as it was, and shown as broken
        return query
    if parts.summarized:
        parts = replace(parts, search=search)
    else:  # what looked in results that are gone looks in the rows
        parts = replace(parts, raw_search=search, search=None if parts.aggregate is None else parts.search)
    return put_together(query, parts) if parts != now.parts else query


def written(query: Query, catalog: Catalog) -> Query:
    """Write the vintages out that a document leaves to the catalog."""
    found = catalog.get(query.table)
    if found is None:
        return query
    steps = tuple(_with_vintage(step, catalog) if isinstance(step, Join) else step for step in query.steps)
    return replace(query, vintage=complete(query.vintage, found), steps=steps)


def require_valid(before: Reading | None, after: Reading) -> None:
    """Refuse an edit that wrote a step which can't run; steps that it merely broke are kept.

    Raises
    ------
    QueryInvalid
        With the faults of the steps that the edit wrote.
    """
    old = set(before.query.steps) if before is not None else set()
    wrong = {index for index in after.broken if after.query.steps[index] not in old}
    faults = [
        replace(fault, path=_local(fault.path, index, after.parts))
        for index in sorted(wrong)
        for fault in after.faults
        if fault.path.startswith(f"steps[{index}]")
    ]
    if faults:
        raise QueryInvalid(faults, faults[0].message)


def shown_text(parts: Parts, final: Sequence[Shown]) -> tuple[str, ...]:
    """Return the text columns that are shown: where the search looks."""
    select = parts.select
    chosen = set(select.columns) if select is not None and not select.disabled else None
    text = [column.name for column in final if column.type.family is Family.TEXT]
    return tuple(name for name in text if chosen is None or name in chosen)


def _tree_faults(now: Reading, tree: Tree | None) -> list[Fault]:
    # Each rule is read where it will stand; the others are blanked, so that paths stay the tree's.
    if tree is None:
        return []
    parts, known = now.parts, now.parts.names
    after = parts.after_index

    def behind(rule: Condition) -> bool:
        return not known.after.isdisjoint(of_tree(rule))

    found = []
    for end, kept in (
        (parts.base_index, _blanked(tree, lambda rule: not behind(rule))),
        (after, _blanked(tree, behind)),
    ):
        steps = (*now.standing.steps[:end], Filter(kept))
        trial = read(replace(now.standing, steps=steps), now.catalog, now.settings)
        found += [
            replace(fault, path=fault.path.removeprefix(f"steps[{end}]."))
            for fault in trial.faults
            if fault.path.startswith(f"steps[{end}]")
        ]
    return found


def _blanked(tree: Tree, keep: Callable[[Condition], bool]) -> Tree:
    match tree:
        case Group():
            return replace(tree, children=tuple(_blanked(child, keep) for child in tree.children))
        case Condition():
            return tree if keep(tree) else Group()


def _local(path: str, index: int, parts: Parts) -> str:
    """Return where a fault of a step stands in the message that wrote the step."""
    rest = path.removeprefix(f"steps[{index}]").removeprefix(".")
    first = len(parts.head)
    if first <= index < first + len(parts.joins):
        return f"joins[{index - first}].{rest}".rstrip(".")
    if parts.aggregate is not None and index < len(parts.steps) and parts.steps[index] is parts.aggregate:
        return f"aggregate.{rest}".rstrip(".")
    return rest


def _search(now: Reading, text: str) -> Filter | None:
    if not text.strip():
        return None
    names = shown_text(now.parts, now.final)
    if not names:
        raise _refused("nothing-to-search", "search", "No text column is shown to search in.")
    looks = tuple(Condition(name, "contains", value=text) for name in names)
    return Filter(Group("or", looks), role="search")


def _rule(column: Shown, value: Scalar, *, negate: bool) -> Tree:
    name = column.name
    if value is None:
        return Condition(name, "is not empty" if negate else "is empty")
    match column.type.family:
        case Family.BOOLEAN:
            rule = Condition(name, "is true" if value is True else "is false")
            return Group("and", (rule,), negate=True) if negate else rule
        case Family.OTHER:
            raise _refused("not-comparable", "column", f"{column.label} can't be filtered by a value.")
        case _:
            exact = Decimal(repr(value)) if isinstance(value, float) else value
            return Condition(name, "!=" if negate else "=", value=exact)


def _with_vintage(join: Join, catalog: Catalog) -> Join:
    found = catalog.get(join.table)
    return join if found is None else replace(join, vintage=complete(join.vintage, found))


def _index(now: Reading, chip: str) -> int:
    kind, _, digits = chip.partition(":")
    if kind == "step" and digits.isdecimal() and int(digits) < len(now.query.steps):
        return int(digits)
    raise _refused("unknown-chip", "chip", "That part of the question is not there any more.")


def _refused(code: str, path: str, message: str) -> QueryInvalid:
    return QueryInvalid([Fault(code, path, message)], message)
