"""The document's shape as data: what the reader, the writer, the code printer and the JSON Schema share.

Each part of the document is a ``Record``: a class of ``model`` and its keys in the order
they are written. What a key holds is a ``Kind``. Recursion goes through ``Ref`` and
``RULES``.
"""

from __future__ import annotations

import dataclasses
import functools
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias, get_args

from aurora_widgets.query import model
from aurora_widgets.query.functions import BUCKETS, FUNCTIONS
from aurora_widgets.query.measures import MEASURES
from aurora_widgets.query.operators import OPERATORS, UNITS, Operand

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

MOST_ROWS = 2**63 - 1
"""The largest ``limit``: what a database counts to."""

MOST_UNITS = 10_000
"""The largest ``count`` of a relative date."""


@dataclass(frozen=True, slots=True)
class Name:
    """The name of a table, a column or a result; not empty."""

    made: bool = False
    """Whether the document makes it: ``__total__`` is taken."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One of a closed list of words."""

    what: str
    words: Callable[[], Iterable[str]]


@dataclass(frozen=True, slots=True)
class Flag:
    """True or false."""


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole number in a range."""

    least: int
    most: int


@dataclass(frozen=True, slots=True)
class Value:
    """Text, a number, true or false; ``null`` where it says so."""

    null: bool = False


@dataclass(frozen=True, slots=True)
class Moment:
    """An ISO date, or date and time."""


@dataclass(frozen=True, slots=True)
class Many:
    """A list."""

    of: Kind
    least: int = 0
    unique: bool = False


@dataclass(frozen=True, slots=True)
class Ref:
    """A rule by name, for what nests."""

    rule: str


@dataclass(frozen=True, slots=True)
class Entry:
    """A key of a record: its name, what it holds, and the attribute where that differs."""

    name: str
    kind: Kind
    required: bool = False
    written: bool = False
    """Whether it is written although it holds its default."""
    attribute: str = ""

    @property
    def field(self) -> str:
        """The attribute of the class."""
        return self.attribute or self.name


@dataclass(frozen=True, slots=True)
class Record:
    """An object: the class it becomes, what it is called, and its keys in order."""

    cls: type
    what: str
    entries: tuple[Entry, ...]
    tag: str | None = None
    """The value of ``type``, where the rule tells records by it."""
    defaults: Mapping[str, object] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        defaults = {each.name: each.default for each in dataclasses.fields(self.cls)}
        object.__setattr__(self, "defaults", defaults)


@dataclass(frozen=True, slots=True)
class Tagged:
    """One of several records, told by the key ``type``."""

    what: str
    records: Mapping[str, Record]


@dataclass(frozen=True, slots=True)
class Keyed:
    """One of several records, told by which key is there."""

    what: str
    records: Mapping[str, Record]


Kind: TypeAlias = Name | Choice | Flag | Whole | Value | Moment | Many | Ref | Record

_DISABLED = Entry("disabled", Flag())
_COLUMN = Entry("column", Name(), required=True)

VINTAGE = Record(
    model.Vintage,
    "a vintage",
    (Entry("load_type", Value(null=True)), Entry("load_id", Value(null=True))),
)

ON = Record(
    model.On,
    "a pair of columns",
    (
        Entry("left", Name(), required=True),
        Entry("right", Name(), required=True),
        Entry("op", Choice("a comparison", lambda: get_args(model.Comparison))),
    ),
)

KEY = Record(
    model.Key,
    "a group key",
    (
        _COLUMN,
        Entry("bucket", Choice("a date bucket", lambda: BUCKETS)),
        Entry("as", Name(made=True), attribute="alias"),
    ),
)

MEASURE = Record(
    model.Measure,
    "a measure",
    (
        Entry("as", Name(made=True), required=True, attribute="alias"),
        Entry("fn", Choice("a measure", lambda: MEASURES), required=True),
        Entry("column", Name()),
    ),
)

SORT_KEY = Record(model.SortKey, "a sort column", (_COLUMN, Entry("descending", Flag())))

GROUP = Record(
    model.Group,
    "a group",
    (
        Entry("op", Choice("`and` or `or`", lambda: ("and", "or")), required=True),
        Entry("negate", Flag()),
        Entry("children", Many(Ref("tree")), required=True),
        _DISABLED,
    ),
    tag="group",
)

VALUE = Entry("value", Value())
OTHER = Entry("other", Name())
CASE_SENSITIVE = Entry("case_sensitive", Flag())
_UNIT = Entry("unit", Choice("a unit", lambda: UNITS), required=True)
OPERANDS: Mapping[Operand, tuple[Entry, ...]] = {
    "value": (VALUE, OTHER),
    "values": (Entry("values", Many(Value()), required=True),),
    "range": (Entry("low", Value(), required=True), Entry("high", Value(), required=True)),
    "relative": (
        Entry("count", Whole(1, MOST_UNITS), required=True),
        _UNIT,
        Entry("include_current", Flag()),
    ),
    "unit": (_UNIT,),
    "none": (),
}
"""The keys of a condition by what its operator takes; of the first two, exactly one."""

_CONDITION_HEAD = (_COLUMN, Entry("op", Choice("an operator", lambda: OPERATORS), required=True))
_CONDITION_BODY = tuple(
    dict.fromkeys(
        dataclasses.replace(entry, required=False) for entries in OPERANDS.values() for entry in entries
    )
)

CONDITION = Record(
    model.Condition,
    "a condition",
    (*_CONDITION_HEAD, *_CONDITION_BODY, CASE_SENSITIVE, _DISABLED),
    tag="condition",
)
"""Every key that some condition has; ``condition_record`` has those of one operator."""


def condition_record(op: str) -> Record:
    """Return the keys of a condition with that operator."""
    operator = OPERATORS[op]
    return _condition_record(operator.operand, operator.case_sensitive is not None)


@functools.cache
def _condition_record(operand: Operand, has_case: bool) -> Record:
    case = (CASE_SENSITIVE,) if has_case else ()
    entries = (*_CONDITION_HEAD, *OPERANDS[operand], *case, _DISABLED)
    return Record(model.Condition, CONDITION.what, entries, tag=CONDITION.tag)


BRANCH = Record(
    model.Branch,
    "a branch",
    (
        Entry("when", Ref("tree"), required=True),
        Entry("then", Ref("expression"), required=True),
    ),
)

EXPRESSION = Keyed(
    "an expression",
    {
        "column": Record(model.Column, "a column", (_COLUMN,)),
        "value": Record(model.Constant, "a constant", (Entry("value", Value(null=True), required=True),)),
        "fn": Record(
            model.Call,
            "a function",
            (
                Entry("fn", Choice("a function", lambda: FUNCTIONS), required=True),
                Entry("args", Many(Ref("expression")), required=True),
            ),
        ),
        "case": Record(
            model.Case,
            "a case",
            (
                Entry("case", Many(BRANCH, least=1), required=True, attribute="branches"),
                Entry("else", Ref("expression"), attribute="otherwise"),
            ),
        ),
    },
)

TREE = Tagged("a group or a condition", {"group": GROUP, "condition": CONDITION})

STEP = Tagged(
    "a step",
    {
        record.tag or "": record
        for record in (
            Record(
                model.Join,
                "a join",
                (
                    Entry("table", Name(), required=True),
                    Entry("how", Choice("a kind of join", lambda: get_args(model.How)), written=True),
                    Entry("on", Many(ON, least=1), required=True),
                    Entry("as", Name(), attribute="alias"),
                    Entry("vintage", VINTAGE),
                    _DISABLED,
                ),
                tag="join",
            ),
            Record(
                model.Filter,
                "a filter",
                (
                    Entry("where", Ref("tree"), required=True),
                    Entry("role", Choice("a role", lambda: ("search",))),
                    _DISABLED,
                ),
                tag="filter",
            ),
            Record(
                model.Derive,
                "a calculated column",
                (
                    Entry("column", Name(made=True), required=True),
                    Entry("expression", Ref("expression"), required=True),
                    _DISABLED,
                ),
                tag="derive",
            ),
            Record(
                model.Aggregate,
                "an aggregate",
                (
                    Entry("by", Many(KEY), written=True),
                    Entry("measures", Many(MEASURE), written=True),
                    Entry("totals", Choice("a kind of totals", lambda: get_args(model.Totals))),
                    _DISABLED,
                ),
                tag="aggregate",
            ),
            Record(
                model.Sort,
                "a sort",
                (Entry("by", Many(SORT_KEY, least=1), required=True), _DISABLED),
                tag="sort",
            ),
            Record(
                model.Select,
                "a choice of columns",
                (Entry("columns", Many(Name(), least=1, unique=True), required=True), _DISABLED),
                tag="select",
            ),
            Record(
                model.Limit,
                "a limit",
                (Entry("rows", Whole(0, MOST_ROWS), required=True), _DISABLED),
                tag="limit",
            ),
        )
    },
)

QUERY = Record(
    model.Query,
    "a question",
    (
        Entry("table", Name(), required=True),
        Entry("vintage", VINTAGE),
        Entry("as_of", Moment()),
        Entry("steps", Many(Ref("step"))),
    ),
)
"""The whole; ``version`` stands before these keys."""

RULES: Mapping[str, Tagged | Keyed] = {"tree": TREE, "expression": EXPRESSION, "step": STEP}

RECORDS: Mapping[type, Record] = {
    record.cls: record
    for record in (
        QUERY,
        VINTAGE,
        ON,
        KEY,
        MEASURE,
        SORT_KEY,
        BRANCH,
        *TREE.records.values(),
        *EXPRESSION.records.values(),
        *STEP.records.values(),
    )
}
"""Every record by its class."""
