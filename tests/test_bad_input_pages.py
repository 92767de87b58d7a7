"""Pages under bad input: messages nobody wrote, files that come and go, texts of megabytes."""

from __future__ import annotations

import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from aurora_widgets import Explorer
from aurora_widgets.widgets.panel import Panel


def told(panel, content):
    """Send a message as the page does and return the answers, which must be JSON."""
    answers = []
    panel.send = answers.append
    panel._received(panel, content, [])
    return json.loads(json.dumps(answers))


@pytest.mark.parametrize(
    "message",
    [
        {"do": "search", "text": "\ud800"},
        {"do": "sort", "by": [{"column": "\udfff", "descending": False}]},
        {"do": "\ud800"},
        {"do": "search", "text": "x", "\ud800": 1},
    ],
)
def test_half_a_character_from_the_page_is_refused(message):
    shown = Explorer({"t": pa.table({"a": ["x"]})})
    before = shown.query
    told(Panel(shown.state), message)
    assert shown.state.status["error"]["code"] == "MESSAGE_INVALID"
    json.dumps(shown.state.status, ensure_ascii=False).encode()
    assert shown.query == before


def test_an_edit_made_while_the_file_is_gone_is_kept_and_answered_when_it_is_back(tmp_path):
    path = tmp_path / "t.parquet"
    pq.write_table(pa.table({"a": [1, 2]}), path)
    content = path.read_bytes()
    shown = Explorer(path)
    panel = Panel(shown.state)
    path.unlink()
    told(panel, {"do": "filter", "where": {"type": "condition", "column": "a", "op": ">", "value": 1}})
    assert shown.state.status["error"]["detail"] == f"{path} is no longer there."
    assert len(shown.query.steps) == 1
    path.write_bytes(content[:50])
    told(panel, {"do": "retry"})
    assert "is not a Parquet file, or was cut short" in shown.state.status["error"]["detail"]
    path.write_bytes(content)
    told(panel, {"do": "retry"})
    assert shown.state.page["rows"] == [["2"]]


def test_a_text_of_two_megabytes_is_cut_on_the_page_and_said():
    shown = Explorer({"t": pa.table({"a": ["x" * 2_000_000]})})
    (row,) = shown.state.page["rows"]
    assert len(row[0]) < 11_000
    (cell,) = told(Panel(shown.state), {"id": 1, "ask": "cell", "row": 0, "column": "a"})
    assert cell["answer"]["cut"] is True
    assert shown.to_arrow()["a"].to_pylist() == ["x" * 2_000_000]
