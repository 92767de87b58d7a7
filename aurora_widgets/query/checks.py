"""What a part of a document must hold beyond its keys and their types."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from aurora_widgets.errors import Fault
from aurora_widgets.query import model
from aurora_widgets.query.faults import at, one_of, shown
from aurora_widgets.query.functions import BUCKETS, FUNCTIONS, MAX_DIGITS
from aurora_widgets.query.measures import MEASURES

if TYPE_CHECKING:
    from collections.abc import Iterator


def check_part(part: object, path: str) -> Iterator[Fault]:
    """Yield the faults of one part; parts inside it that could not be read are ``None``."""
    match part:
        case model.Call():
            yield from _call(part, path)
        case model.Join():
            yield from _pairs(part, path)
        case model.Measure():
            function = MEASURES.get(part.fn)
            if part.column is None and function is not None and function.needs_column:
                yield Fault("missing-key", at(path, "column"), f"`{part.fn}` needs a `column`.")
        case model.Aggregate():
            yield from _aggregate(part, path)
        case model.Query():
            yield from _joined_twice(part)


def _call(call: model.Call, path: str) -> Iterator[Fault]:
    function = FUNCTIONS.get(call.fn)
    if function is None:
        return
    least, most, given = function.least, function.most, len(call.args)
    if given < least or (most is not None and given > most):
        wanted = f"{least}" if least == most else f"{least} or more" if most is None else f"{least} or {most}"
        names = ", ".join(argument.name for argument in function.arguments)
        yield Fault(
            "wrong-arguments",
            at(path, "args"),
            f"`{call.fn}` takes {wanted} arguments ({names}), and has {given} here.",
        )
        return
    for index, argument in enumerate(call.args):
        where = at(at(path, "args"), index)
        wanted_kind = function.argument(index).literally
        if wanted_kind is None:
            continue
        value = argument.value if isinstance(argument, model.Constant) else None
        if wanted_kind == "unit" and value not in BUCKETS:
            yield Fault("wrong-arguments", where, f"`{call.fn}` needs a unit here: {one_of(BUCKETS)}.")
        if wanted_kind == "digits" and not _is_digits(value):
            yield Fault(
                "wrong-arguments",
                where,
                f"`{call.fn}` needs a whole number of digits here, {-MAX_DIGITS} to {MAX_DIGITS}.",
            )


def _is_digits(value: object) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return False
    return -MAX_DIGITS <= value <= MAX_DIGITS and value == int(value)


def _pairs(join: model.Join, path: str) -> Iterator[Fault]:
    """See that at least one pair is ``=`` and at most one is not."""
    others = [index for index, pair in enumerate(join.on) if pair and pair.op != "="]
    if others and len(others) == len(join.on):
        yield Fault(
            "wrong-join",
            at(at(at(path, "on"), 0), "op"),
            f"A join needs a pair that is `=` beside {shown(join.on[0].op)}.",
        )
    elif len(others) > 1:
        where = at(at(at(path, "on"), others[1]), "op")
        yield Fault("wrong-join", where, "Only one pair of a join may be other than `=`.")


def _aggregate(step: model.Aggregate, path: str) -> Iterator[Fault]:
    if not step.by and not step.measures:
        yield Fault("too-few", path, "A summary needs a column to group by, or a measure.")
    taken = {model.TOTAL} if step.totals != "none" else set()
    keys = [(at(at(path, "by"), index), key.name) for index, key in enumerate(step.by) if key and key.column]
    measures = [
        (at(at(path, "measures"), index), measure.alias)
        for index, measure in enumerate(step.measures)
        if measure
    ]
    for where, name in keys + measures:
        if name in taken:
            message = f"Two columns of the summary are called {shown(name)}; give one another `as`."
            yield Fault("duplicate-name", at(where, "as"), message)
        taken.add(name)


def _joined_twice(query: model.Query) -> Iterator[Fault]:
    """Ask an ``as`` of a table joined again, while the columns of both can be there together."""
    names: set[str] = set()
    for index, step in enumerate(query.steps):
        if step is None or step.disabled:
            continue
        if isinstance(step, model.Aggregate):
            names.clear()
        if isinstance(step, model.Join):
            name = step.alias or step.table
            if name in names:
                path = at(at("steps", index), "as")
                message = f"{shown(name)} is joined already: give this one another `as`."
                yield Fault("duplicate-name", path, message)
            names.add(name)
