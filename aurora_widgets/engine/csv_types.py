r"""Which type a CSV column has: the one that every value of it has, else text.

A value's *kind* is one bit; a column's mask is all bits seen in it, over all rows. What
would change by being read stays text: leading zeros (``00123``), a plus sign, thousands
separators, a day that could be a month. Numbers with a point are exact decimals.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import duckdb

WHOLE, POINT, SCIENTIFIC, SPECIAL, BOOLEAN, DATE = (1 << bit for bit in range(6))
STAMP, STAMP_ZONE, EITHER, DAY_FIRST, MONTH_FIRST, DOTTED = (1 << bit for bit in range(6, 12))
TEXT: Final = 1 << 12
_NUMBERS: Final = WHOLE | POINT | SCIENTIFIC | SPECIAL
_SLASHED: Final = EITHER | DAY_FIRST | MONTH_FIRST

_CLOCK: Final = r"[ T][0-2]\d:[0-5]\d(:[0-5]\d(\.\d{1,9})?)?"
_DAY: Final = r"\d{4}-\d\d-\d\d"

_KINDS: Final[tuple[tuple[int, str, str], ...]] = (
    (WHOLE, r"-?(0|[1-9]\d*)", ""),
    (POINT, r"-?(0|[1-9]\d*)?\.\d+", ""),
    (SCIENTIFIC, r"-?(0|[1-9]\d*)?(\.\d+)?[eE][+-]?\d+", "try_cast({} AS DOUBLE) IS NOT NULL"),
    (SPECIAL, r"(?i:-?inf(inity)?|nan)", ""),
    (BOOLEAN, r"(?i:true|false)", ""),
    (DATE, _DAY, "try_cast({} AS DATE) >= DATE '0001-01-01'"),
    (STAMP, _DAY + _CLOCK, "try_cast(trim({}) AS TIMESTAMP) >= TIMESTAMP '0001-01-01'"),
    (
        STAMP_ZONE,
        _DAY + _CLOCK + r"(Z|[+-]\d\d(:?\d\d)?)",
        "try_cast(trim({}) AS TIMESTAMPTZ) >= TIMESTAMP '0001-01-01'",
    ),
    (
        EITHER,
        r"\d{1,2}/\d{1,2}/\d{4}",
        "try_strptime({0}, '%d/%m/%Y') IS NOT NULL AND try_strptime({0}, '%m/%d/%Y') IS NOT NULL",
    ),
    (DAY_FIRST, r"\d{1,2}/\d{1,2}/\d{4}", "try_strptime({}, '%d/%m/%Y') IS NOT NULL"),
    (MONTH_FIRST, r"\d{1,2}/\d{1,2}/\d{4}", "try_strptime({}, '%m/%d/%Y') IS NOT NULL"),
    (DOTTED, r"\d{1,2}\.\d{1,2}\.\d{4}", "try_strptime({}, '%d.%m.%Y') IS NOT NULL"),
)
"""Bit, pattern of the whole value, and what else must hold; the first that fits is the kind."""

_SAMPLE_ROWS: Final = 10_000
_MOST_DIGITS: Final = 38
_BIGINT_DIGITS: Final = 18
_MONEY_SCALE: Final = 9
_DOUBLE_DIGITS: Final = 17
_SURE_DIGITS: Final = 15


@dataclass(frozen=True, slots=True)
class _Seen:
    """What a column's values are like.

    Parameters
    ----------
    mask
        All kinds seen.
    before, after
        Most digits before and after the point.
    after_least
        Fewest digits after the point, of values with one.
    """

    mask: int
    before: int
    after: int
    after_least: int


def typed_select(connection: duckdb.DuckDBPyConnection, item: str, columns: int) -> str:
    """Return a SELECT that reads each column of ``item`` under the type that all its values have.

    Parameters
    ----------
    connection
        Where ``item`` can be scanned.
    item
        A FROM item with the text columns ``c0``, ``c1``, ….
    columns
        How many.
    """
    names = [f"c{at}" for at in range(columns)]
    sample = _look(connection, f"(FROM {item} LIMIT {_SAMPLE_ROWS})", dict.fromkeys(names, 0))
    open_ones = {name: seen.mask for name, seen in sample.items() if not seen.mask & TEXT}
    seen = {**sample, **_look(connection, item, open_ones)}
    floats = _floats(connection, item, [name for name in open_ones if _may_be_floats(seen[name])])
    casts = [f"{_cast(name, seen[name], is_float=name in floats)} AS {name}" for name in names]
    return f"FROM {item} SELECT {', '.join(casts)}"


def _look(connection: duckdb.DuckDBPyConnection, item: str, likely: dict[str, int]) -> dict[str, _Seen]:
    """Return what the columns' values are like; ``likely`` says which kinds to try first."""
    if not likely:
        return {}
    parts = []
    for name, mask in likely.items():
        parts.append(f"bit_or({_kind(name, mask)})")
        if mask and not mask & _NUMBERS:
            parts += ["0"] * 3
            continue
        digits = f"trim({name}, ' -')"
        point = f"strpos({digits}, '.')"
        after = f"CASE WHEN {point} > 0 THEN length({digits}) - {point} END"
        parts += [
            f"max(CASE WHEN {point} > 0 THEN {point} - 1 ELSE length({digits}) END)",
            f"max({after})",
            f"min({after})",
        ]
    row = connection.execute(f"FROM {item} SELECT {', '.join(parts)}").fetchone() or ()
    figures = [figure or 0 for figure in row]
    return {name: _Seen(*figures[4 * at : 4 * at + 4]) for at, name in enumerate(likely)}


def _may_be_floats(seen: _Seen) -> bool:
    """Say so of what a float alone can be, and of decimals too many and too uneven to be money."""
    if seen.mask & (WHOLE | POINT | SCIENTIFIC) and seen.mask & (SCIENTIFIC | SPECIAL):
        return not seen.mask & ~_NUMBERS
    return seen.mask in (POINT, POINT | WHOLE) and seen.after > _MONEY_SCALE and seen.after_least < seen.after


def _floats(connection: duckdb.DuckDBPyConnection, item: str, names: list[str]) -> set[str]:
    """Return the columns of which no value has more digits than a float, and no whole one would change."""
    if not names:
        return set()
    parts = []
    for name in names:
        digits = f"length(trim(replace({name}, '.', ''), ' -0'))"
        # Other numbers have a letter in them, and no digits to lose.
        parts.append(f"max({digits}) FILTER (NOT regexp_matches({name}, '[a-zA-Z]')) <= {_DOUBLE_DIGITS}")
        whole = f"{digits} > {_SURE_DIGITS} AND regexp_full_match({name}, '[ 0-9-]+')"
        same = f"try_cast(try_cast({name} AS DOUBLE) AS HUGEINT) = try_cast({name} AS HUGEINT)"
        parts.append(f"bool_and({same}) FILTER ({whole})")
    row = connection.execute(f"FROM {item} SELECT {', '.join(parts)}").fetchone() or ()
    return {name for at, name in enumerate(names) if False not in row[2 * at : 2 * at + 2]}


def _kind(name: str, likely: int) -> str:
    """Return the expression that gives a value's bit."""
    first = likely | (_SLASHED if likely & _SLASHED else 0)  # the three keep their order among themselves
    cases = []
    for bit, pattern, also in sorted(_KINDS, key=lambda kind: not kind[0] & first):
        test = f"regexp_full_match({name}, ' *(?:{pattern}) *')"
        if also:
            test += f" AND {also.format(name)}"
        cases.append(f"WHEN {test} THEN {bit}")
    return f"CASE WHEN {name} IS NULL THEN NULL {' '.join(cases)} ELSE {TEXT} END"


def _cast(name: str, seen: _Seen, *, is_float: bool) -> str:
    """Return the expression that reads a column: all its kinds must agree on a type."""
    mask, value = seen.mask, name

    def only(*kinds: int) -> bool:
        return bool(mask & kinds[0]) and not mask & ~sum(kinds)

    kind: str | None = None
    if mask & _NUMBERS and not mask & ~_NUMBERS:
        kind = "DOUBLE" if is_float else _number(seen)
    elif only(BOOLEAN):
        kind, value = "BOOLEAN", f"trim({name})"
    elif only(DATE):
        kind = "DATE"
    elif only(STAMP, DATE):
        kind, value = "TIMESTAMP", f"trim({name})"
    elif only(STAMP_ZONE):
        kind, value = "TIMESTAMPTZ", f"trim({name})"
    elif only(DAY_FIRST, EITHER):
        kind, value = "DATE", f"strptime({value}, '%d/%m/%Y')"
    elif only(MONTH_FIRST, EITHER):
        kind, value = "DATE", f"strptime({value}, '%m/%d/%Y')"
    elif only(DOTTED):
        kind, value = "DATE", f"strptime({value}, '%d.%m.%Y')"
    return name if kind is None else f"CAST({value} AS {kind})"


def _number(seen: _Seen) -> str | None:
    """Return the exact type that holds every number of the column; none holds 1e5 or NaN."""
    if seen.mask & (SCIENTIFIC | SPECIAL):
        return None
    if not seen.mask & POINT:
        if seen.before <= _BIGINT_DIGITS:
            return "BIGINT"
        return "HUGEINT" if seen.before <= _MOST_DIGITS else None
    digits = seen.before + seen.after
    return f"DECIMAL({max(digits, _BIGINT_DIGITS)}, {seen.after})" if digits <= _MOST_DIGITS else None
