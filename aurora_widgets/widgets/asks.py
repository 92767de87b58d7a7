"""What the page asks beside the question: counts, values, samples, checks, code.

``answer`` returns the work to be done in a thread and never touches the state from there.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, assert_never

from aurora_widgets.errors import Fault, QueryInvalid
from aurora_widgets.query import code, formula_text, write
from aurora_widgets.query.model import TOTAL, Aggregate, Join, On, Query
from aurora_widgets.query.types import FLOAT64
from aurora_widgets.service.labels import Shown, of_table
from aurora_widgets.widgets import calculate, edit, functions, keys, messages, view
from aurora_widgets.widgets import format as formats
from aurora_widgets.widgets.reading import Reading, read

if TYPE_CHECKING:
    from aurora_widgets.catalog.model import Table
    from aurora_widgets.engine.base import Cancellation
    from aurora_widgets.service.answers import Count, Page, Value
    from aurora_widgets.widgets.client import Client
    from aurora_widgets.widgets.state import ExplorerState

Json = dict[str, object]
Work = Callable[["Cancellation"], Json]

_MOST_VALUES = 200
_SAMPLE = 6


def answer(ask: messages.Ask, state: ExplorerState) -> Work:
    """Return the work that answers an ask.

    Parameters
    ----------
    ask
        Checked already.
    state
        As it is now; the work sees nothing of what changes later.

    Raises
    ------
    AuroraError
        It can't be answered.
    """
    client = state.client
    match ask:
        case messages.AskCount():
            now = _chosen(state)
            draft = read(edit.set_filter(now, ask.where), client.catalog, client.settings)
            edit.require_valid(now, draft)
            return lambda cancellation: _count(client.count(draft.runnable, cancellation=cancellation))
        case messages.AskValues():
            now = _chosen(state)
            column = _column((*now.base, *now.final), ask.column)
            query = before_filter(now, ask.column)
            limit = min(max(ask.limit, 1), _MOST_VALUES)

            def values(cancellation: Cancellation) -> Json:
                found = client.values(query, ask.column, ask.search, limit, cancellation=cancellation)
                show = formats.formatter(column.type, column.format)
                return {"values": [_value(each, show) for each in found.values], "more": found.more}

            return values
        case messages.AskTable(ask="columns"):
            found = [column.as_json() for column in of_table(_table(state, ask.table))]
            return lambda _: {"columns": found}
        case messages.AskTable():
            sample = Query(ask.table, edit.default_vintage(_table(state, ask.table)))
            rows = client.settings.whole("SAMPLE_ROWS")
            return lambda cancellation: {
                "page": page_json(client.page(sample, limit=rows, cancellation=cancellation))
            }
        case messages.AskLoads():
            table = _table(state, ask.table)
            chosen = edit.complete(ask.vintage, table)
            if table.vintage is None:
                return lambda _: {"vintage": None}
            return lambda cancellation: {
                "vintage": view.loads_offered(
                    table, chosen, client.loads(table.name, cancellation=cancellation)
                )
            }
        case messages.AskKeys():
            left = _left(state, ask.index, ask.before)
            right = of_table(_table(state, ask.table))
            pairs, source = keys.suggest(left.visible, right, ask.table, client.catalog)
            suggested: Json = {
                "pairs": [write.part_as_object(pair) for pair in pairs],
                "source": source,
                "left": [column.as_json() for column in left.visible],
                "right": [column.as_json() for column in right],
            }
            return lambda _: suggested
        case messages.AskJoinCheck():
            return _join_check(ask, state)
        case messages.AskSummary():
            outcome = _summary(_chosen(state), ask.aggregate)
            return lambda _: {"columns": [column.as_json() for column in outcome]}
        case messages.AskFormulas():
            lines = calculate.check(_chosen(state), ask.columns)
            return lambda _: {"columns": [line.as_json() for line in lines]}
        case messages.AskCalculated():
            some = calculate.sample(_chosen(state), ask.columns, ask.index)
            return lambda cancellation: {
                "page": page_json(client.page(some, limit=_SAMPLE, cancellation=cancellation))
            }
        case messages.AskFunctions():
            return lambda _: {"functions": functions.offered(), "kept": sorted(formula_text.kept_words())}
        case messages.AskProfile():
            now = _chosen(state)
            column = _column(now.visible, ask.column)
            return _profile(now, column, state)
        case messages.AskCell():
            return _cell(ask, state)
        case messages.AskCode():
            now = _chosen(state)
            runnable, opened_by = now.runnable, state.source
            return lambda _: {
                "sql": client.sql(runnable),
                "python": code.to_code(runnable, source=opened_by, ibis=client.ibis_code(runnable)),
                "json": write.to_json(runnable, indent=2),
                "url": view.link(runnable),
            }
        case _:
            assert_never(ask)


def page_json(page: Page) -> Json:
    """Return an answer's page as the browser shows it."""
    return view.page(page.columns, page.rows, offset=page.offset, more=page.more)


def before_filter(now: Reading, column: str) -> Query:
    """Return the rows from which a rule on a column chooses: those that its filter is given."""
    known = {shown.name for shown in now.base}
    parts = now.parts
    kept = now.standing.steps[: parts.base_index]
    if column not in known:
        kept = now.standing.steps[: parts.after_index]
    return replace(now.standing, steps=tuple(step for step in kept if not step.disabled))


def _value(found: Value, show: Callable[[object], str | None]) -> Json:
    # A text that is cut is no value: to filter by it would find nothing, or something else.
    text = formats.shown(show(found.value)) or ""
    if found.cut:
        return {"value": None, "text": text, "cut": True}
    return {"value": view.plain(found.value), "text": text}


def _count(found: Count) -> Json:
    return {"rows": found.rows, "exact": found.exact}


def _join_check(ask: messages.AskJoinCheck, state: ExplorerState) -> Work:
    client = state.client
    left = _left(state, ask.index, ask.before)
    query = left.runnable
    join = edit.written(replace(query, steps=(ask.join,)), client.catalog).steps[0]
    trial = read(replace(query, steps=(*query.steps, join)), client.catalog, client.settings)
    if trial.faults:
        here = f"steps[{len(query.steps)}]"
        raise QueryInvalid(
            [replace(fault, path=fault.path.replace(here, "join", 1)) for fault in trial.faults],
            trial.faults[0].message,
        )
    checked = replace(ask.join, vintage=getattr(join, "vintage", None), disabled=False)

    def check(cancellation: Cancellation) -> Json:
        found = client.join_check(query, checked, cancellation=cancellation)
        stuck = found.multiplied > 0 and found.fix is None
        return {
            "left_rows": found.left_rows,
            "matched": found.matched,
            "unmatched": found.unmatched,
            "multiplied": found.multiplied,
            "right_unmatched": found.right_unmatched,
            "average_matches": found.average_matches,
            "exact": found.exact,
            "warning": found.warning,
            "fix": None
            if found.fix is None
            else {"label": found.fix.label, "join": view.plain(write.step_as_object(found.fix.join))},
            "swap": stuck and _swapping_helps(query, checked, client, cancellation),
            "sample": page_json(found.sample),
        }

    return check


def _swapping_helps(query: Query, join: Join, client: Client, cancellation: Cancellation) -> bool:
    """Say whether each row of the joined table would meet one row of the first at most."""
    if query.steps or any(pair.op != "=" for pair in join.on):
        return False
    turned = tuple(On(pair.right, pair.left) for pair in join.on)
    other = Join(query.table, turned, "left", vintage=query.vintage)
    found = client.join_check(Query(join.table, join.vintage), other, cancellation=cancellation)
    return found.matched > 0 and found.multiplied == 0


def _summary(now: Reading, aggregate: Aggregate) -> tuple[Shown, ...]:
    start = now.parts.base_index
    steps = (*now.standing.steps[:start], replace(aggregate, disabled=False))
    trial = read(replace(now.standing, steps=steps), now.catalog, now.settings)
    if trial.faults:
        here = f"steps[{start}]"
        raise QueryInvalid(
            [replace(fault, path=fault.path.replace(here, "aggregate", 1)) for fault in trial.faults],
            trial.faults[0].message,
        )
    return tuple(column for column in trial.visible if column.name != TOTAL)


def _profile(now: Reading, column: Shown, state: ExplorerState) -> Work:
    show = formats.formatter(column.type, column.format)

    def profile(cancellation: Cancellation) -> Json:
        found = state.client.profile(now.runnable, column.name, cancellation=cancellation)
        return {
            "rows": found.rows,
            "empty": found.empty,
            "distinct": found.distinct,
            "exact": True,
            "min": formats.shown(show(found.min)),
            "max": formats.shown(show(found.max)),
            "average": _average(found.average, column),
            "top": [{"text": formats.shown(show(each.value)) or "", "rows": each.rows} for each in found.top],
        }

    return profile


def _average(value: object, column: Shown) -> str | None:
    type_ = FLOAT64 if column.numeric else column.type
    return formats.shown(formats.formatter(type_, column.format)(value))


def _cell(ask: messages.AskCell, state: ExplorerState) -> Work:
    index = state.asked.place(ask.row, ask.column, ask.epoch)
    answer = state.asked.answer
    if answer is None:
        raise TypeError(ask)
    column = answer.columns[index]
    text = formats.formatter(column.type, column.format)(answer.rows[ask.row][index])
    told: Json = {"text": text or "", "cut": (ask.row, index) in answer.cut}
    return lambda _: told


def _left(state: ExplorerState, index: int, before: messages.Before | None) -> Reading:
    """Return the rows that a join of the list, or of an editor's draft, is given."""
    client = state.client
    if before is None:
        now = _chosen(state)
        count = len(now.parts.head) + min(index, len(now.parts.joins))
        draft = replace(now.standing, steps=tuple(s for s in now.standing.steps[:count] if not s.disabled))
    else:
        draft = edit.written(replace(before.first, steps=before.joins[:index]), client.catalog)
    found = read(draft, client.catalog, client.settings)
    if found.faults:
        paths = [
            replace(fault, path=fault.path.replace("steps", "before.joins", 1)) for fault in found.faults
        ]
        raise QueryInvalid(paths, found.faults[0].message)
    return found


def _chosen(state: ExplorerState) -> Reading:
    if state.reading is None:
        raise QueryInvalid([Fault("no-table", "table", "Choose a table first.")], "Choose a table first.")
    return state.reading


def _table(state: ExplorerState, name: str) -> Table:
    return edit.table(name, state.client.catalog)


def _column(columns: Sequence[Shown], name: str) -> Shown:
    found = next((column for column in columns if column.name == name), None)
    if found is None:
        message = f"“{name}” is not a column here."
        raise QueryInvalid([Fault("unknown-column", "column", message)], message)
    return found
