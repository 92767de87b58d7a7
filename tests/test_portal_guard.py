"""What the portal lets pass, and how it says no: each piece by itself."""

from __future__ import annotations

import struct
from collections.abc import Callable, Container

import pytest
from starlette.datastructures import Headers
from tornado.httputil import HTTPHeaders

from aurora_widgets.portal import refusals
from aurora_widgets.portal.answers import policy
from aurora_widgets.portal.guard import Pace, split
from aurora_widgets.portal.kernels import environment
from aurora_widgets.portal.reasons import Reason
from aurora_widgets.service.auth import from_host


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


# ── how fast


def test_a_burst_of_clicks_is_not_slowed() -> None:
    pace = Pace(Clock())
    assert [pace.take(500) for _ in range(200)] == [0.0] * 200


def test_after_the_burst_each_message_waits_its_turn() -> None:
    pace = Pace(Clock())
    waits = [pace.take(500) for _ in range(203)]
    assert waits[200:] == pytest.approx([0.02, 0.04, 0.06])


def test_who_waits_may_go_on() -> None:
    clock = Clock()
    pace = Pace(clock)
    for _ in range(300):
        pace.take(500)
    clock.now += 60
    assert pace.take(500) == 0.0


def test_large_messages_wait_by_their_size() -> None:
    pace = Pace(Clock())
    assert [pace.take(2_000_000) for _ in range(4)] == [0.0] * 4
    assert pace.take(2_000_000) == pytest.approx(2.0)


# ── binary messages


def test_a_binary_message_is_split_where_it_says() -> None:
    parts = [b"shell", b"{}", b"{}", b"{}", b'{"a": 1}']
    offsets = [8 * (len(parts) + 2)]
    for part in parts:
        offsets.append(offsets[-1] + len(part))
    raw = struct.pack(f"<Q{len(offsets)}Q", len(offsets), *offsets) + b"".join(parts)
    assert split(raw, "<Q", first=1) == parts


@pytest.mark.parametrize(
    "raw",
    [
        struct.pack("<Q", 2**64 - 1) + b"x" * 100,  # Jupyter's own reading would go on for years
        struct.pack("<Q", 1_000_000) + b"x" * 100,
        struct.pack("<QQQ", 2, 24, 10**9),
        struct.pack("<QQQ", 2, 24, 8),
        struct.pack("<Q", 0),
        struct.pack("<Q", 1),
        b"",
        b"\x02",
    ],
    ids=[
        "without end",
        "a million parts",
        "past its end",
        "backwards",
        "none",
        "one offset",
        "empty",
        "short",
    ],
)
def test_a_binary_message_that_lies_about_its_parts_is_refused(raw: bytes) -> None:
    with pytest.raises((ValueError, struct.error)):
        split(raw, "<Q", first=1)


# ── what a kernel knows


def test_a_kernel_gets_what_it_needs_and_no_credential(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JUPYTERHUB_API_TOKEN", "the portal's")
    monkeypatch.setenv("CONFIGPROXY_AUTH_TOKEN", "the proxy's")
    monkeypatch.setenv("ORACLE_PASSWORD", "the database's")
    monkeypatch.setenv("AURORA_SERVICE_URL", "http://127.0.0.1:8700/")
    monkeypatch.setenv("PATH", "/bin")
    mine = "ann's"
    got = environment("ann", mine, {"QUERY_STRING": "q=1"})
    assert not {"JUPYTERHUB_API_TOKEN", "CONFIGPROXY_AUTH_TOKEN", "ORACLE_PASSWORD"} & got.keys()
    assert got["AURORA_TOKEN"] == mine
    assert got["AURORA_USER"] == "ann"
    assert got["QUERY_STRING"] == "q=1"
    assert got["AURORA_SERVICE_URL"] == "http://127.0.0.1:8700/"
    assert got["PATH"] == "/bin"


# ── who may see figures


@pytest.mark.parametrize("kind", [HTTPHeaders, Headers], ids=["portal", "query service"])
@pytest.mark.parametrize(
    ("address", "headers", "may"),
    [
        ("127.0.0.1", {}, True),
        ("::1", {}, True),
        ("10.0.0.7", {}, False),
        ("127.0.0.1", {"X-Forwarded-For": "10.0.0.7"}, False),
        ("127.0.0.1", {"X-Forwarded-For": "127.0.0.1"}, False),
        ("127.0.0.1", {"Forwarded": "for=10.0.0.7"}, False),
        ("127.0.0.1", {"X-Real-IP": "10.0.0.7"}, False),
        ("", {}, False),
    ],
)
def test_only_a_process_of_the_host_sees_figures(
    address: str, headers: dict[str, str], may: bool, kind: Callable[[dict[str, str]], Container[str]]
) -> None:
    assert from_host(kind({"Host": "portal", **headers}), address) is may


# ── saying no


@pytest.mark.parametrize("status", [400, 403, 404, 405, 429, 500, 503, 599])
def test_every_refusal_says_what_and_what_to_do(status: int) -> None:
    shown = refusals.page(status, refusals.sentence(status), home="/services/portal/", number="ab12")
    assert "<h1>" in shown
    assert "Number ab12" in shown
    assert ">Try again<" in shown or ">Open Aurora<" in shown
    assert "<script" not in shown
    assert "http" not in shown


def test_what_a_refusal_quotes_is_text() -> None:
    shown = refusals.page(404, "<script>alert(1)</script>", home='/"><b>', number="<i>")
    assert "<script" not in shown
    assert "<b>" not in shown
    assert "<i>" not in shown


@pytest.mark.parametrize("reason", Reason)
def test_every_end_of_a_kernel_has_its_sentence(reason: Reason) -> None:
    assert reason.sentence.endswith(".")


def test_a_pages_scripts_are_those_with_its_own_nonce() -> None:
    assert "script-src 'self' blob: 'nonce-abc'" in policy("abc")
    assert "script-src 'none'" in policy()
