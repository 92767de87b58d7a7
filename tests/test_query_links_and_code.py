"""Links and code: what is damaged, too large or not a question is refused in one sentence."""

from __future__ import annotations

import base64
import re
import zlib

import pytest

from aurora_widgets.errors import QueryInvalid
from aurora_widgets.query import Condition, Filter, Query
from aurora_widgets.query.code import from_code
from aurora_widgets.query.read import Limits
from aurora_widgets.query.url import MOST_CHARACTERS, from_url

MARCH = Query("flights", steps=(Filter(Condition("month", "=", 3)),))


def refused(read, *arguments: object) -> tuple[str, str]:
    with pytest.raises(QueryInvalid) as caught:
        read(*arguments)
    (fault,) = caught.value.faults
    return fault.code, fault.message


def link(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode()


def test_a_link_is_read_with_and_without_padding_raw_and_as_a_whole_address() -> None:
    text = MARCH.to_url()
    raw = zlib.compressobj(9, zlib.DEFLATED, -15)
    deflated = raw.compress(MARCH.to_json().encode()) + raw.flush()
    for form in (
        text,
        text + "=" * (-len(text) % 4),
        f" {text}\n",
        link(deflated),
        f"https://host/aurora/?a=1&q={text}#top",
    ):
        assert Query.from_url(form) == MARCH


@pytest.mark.parametrize(
    "text",
    ["", "a", "%%%", "AAAA", "hello world", "https://host/?x=1", "https://[",
     MARCH.to_url()[:-6], MARCH.to_url()[4:],
     MARCH.to_url().replace(MARCH.to_url()[20], "_", 1), link(zlib.compress(b"x") + b"more")],
)  # fmt: skip
def test_a_damaged_link_is_refused(text: str) -> None:
    assert refused(from_url, text) == (
        "damaged-link",
        "The link is damaged or was cut short: copy the whole of it again.",
    )


def test_a_link_of_something_else_has_the_readers_fault() -> None:
    assert refused(from_url, link(zlib.compress(b"hello")))[0] == "not-json"


def test_a_small_link_that_holds_very_much_is_refused_without_inflating_it() -> None:
    bomb = link(zlib.compress(b"[" * 10_000_000, 9))
    assert len(bomb) < MOST_CHARACTERS
    assert refused(from_url, bomb) == ("too-large", "The link's question is larger than 1,000,000 bytes.")
    assert refused(from_url, MARCH.to_url(), Limits(size=20))[0] == "too-large"


def test_a_question_too_large_for_a_link_says_to_share_a_file() -> None:
    values = tuple(f"{number * 7919:x}{number * 104729:x}" for number in range(4000))
    large = Query("t", steps=(Filter(Condition("a", "in", values=values)),))
    code, message = refused(large.to_url)
    assert code == "link-too-long"
    assert "16,384 are allowed): share it as a file." in message
    assert refused(from_url, "A" * 16_385)[0] == "link-too-long"
    assert Query.from_json(large.to_json()) == large


def test_code_is_short_and_says_what_it_makes() -> None:
    assert MARCH.to_code().splitlines()[:6] == [
        "from aurora_widgets import Explorer",
        "from aurora_widgets.query import Condition, Filter, Query",
        "",
        'query = Query("flights", steps=(Filter(Condition("month", "=", 3)),))',
        "explorer = Explorer(query=query)",
        "explorer",
    ]


def test_code_is_read_as_people_write_it() -> None:
    for text in (
        'Query("flights", steps=[Filter(Condition("month", "=", 3))])',
        (
            "from aurora_widgets.query import *\n"
            'query = Query(steps=(Filter(where=Condition(column="month", op="=", value=3)),), '
            'table="flights")\n'
            'print("never run")'
        ),
        'Query("flights",\n  None,\n  (Filter(Condition("month", "=", 3)),))  # positions are the class\'s',
    ):
        assert from_code(text) == MARCH


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "has no `query = Query"),
        ("query = 5", "has no `query = Query"),
        ("query = Query(", "not Python"),
        ("\x00", "not Python"),
        ("query = Query(open('/etc/passwd').read())", "Line 1: only a question's own parts"),
        ("query = Query('a', steps=(__import__('os').system('x'),))", "Line 1: only a question's own parts"),
        ("query = Query('a' + 'b')", "only a question's own parts"),
        ("query = Query(f'{1}')", "only a question's own parts"),
        ("query = Query('a', steps=[*(1,)])", "only a question's own parts"),
        ("query = Query(**{'table': 'a'})", "takes no such argument"),
        ("query = Query()", "needs more arguments"),
        ("query = Query('a', None, (), None, 1, 2)", "arguments"),
        ("query = Query('a', tabel='b')", "takes no such argument as `tabel`"),
        ("query = Query('a', 'b', vintage=None)", "takes no such argument as `vintage`"),
        ("query = Query(b'a')", "only"),
        ("query = Query(1j)", "only"),
        ("query = Query(-True)", "minus"),
        ("query = Query(Decimal('x'))", "is no number"),
        ("query = Query(" + "(" * 5000 + ")" * 5001, "not Python|too deeply"),
        ("query = Query(" + "-" * 100_000 + "1)", "too deeply|not Python"),
        ("query = Query(5)", "stands where text belongs"),
        ("query = Query('a', steps=5)", "stands where a list belongs"),
        ("query = Query('a', steps=(Column('a'),))", "missing"),
        ("query = Query(Vintage())", "stands where text belongs"),
        (
            "query = Query('a', steps=(Join('b', (On('x', 'y'),), steps=(Limit(1),)),))",
            "no such argument as `steps`",
        ),
    ],
)
def test_code_that_is_no_question_is_refused_and_never_run(text: str, says: str) -> None:
    with pytest.raises(QueryInvalid) as caught:
        from_code(text)
    assert re.search(says, caught.value.faults[0].message)
