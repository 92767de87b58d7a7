"""The one browser widget: a thin shell around the state.

Python shows JSON traits; the page sends messages. The page may not set traits: whatever
state it sends is ignored.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import anywidget
import traitlets as t

from aurora_widgets.errors import AuroraError, Cancelled
from aurora_widgets.widgets import asks, messages, protocol, view

if TYPE_CHECKING:
    from aurora_widgets.widgets.state import ExplorerState

_STATIC = Path(__file__).parent / "static"
_OF_THE_PAGE = "export default window.aurora;\n"
"""The module where the page brings it along, as the portal's does: it is not sent with every widget."""
_UNBUILT = (
    "export default { render({ el }) { el.textContent = "
    "'Aurora: the browser part is not built. Run “npm run build”, or install a wheel.'; } };\n"
)


def _built(name: str, otherwise: str) -> t.Unicode[str, str | bytes]:
    # A trait, not a path: anywidget keeps every widget alive that it reads a file for.
    path = _STATIC / name
    return t.Unicode(path.read_text(encoding="utf-8") if path.is_file() else otherwise).tag(sync=True)


class Panel(anywidget.AnyWidget):
    """Shows a part of the toolkit on a state.

    Parameters
    ----------
    state
        Shared with other panels, or this one's own.
    panel
        Which part: a ``PanelName`` of ``js/protocol.ts``.
    """

    _esm = _built("aurora.js", _UNBUILT)
    _css = _built("aurora.css", "\n")

    panel = t.Unicode("explorer").tag(sync=True)
    tables: t.List[Any] = t.List().tag(sync=True)
    question = t.Dict().tag(sync=True)
    page = t.Dict().tag(sync=True)
    status = t.Dict().tag(sync=True)
    account = t.Dict().tag(sync=True)

    _shows_rows: ClassVar[frozenset[str]] = frozenset({"explorer", "grid"})

    def __init__(self, state: ExplorerState, panel: str = "explorer") -> None:
        self.state = state
        self._linked = ["tables", "question", "status", "account"]
        if panel in self._shows_rows:
            self._linked.append("page")
        shown = {name: getattr(state, name) for name in self._linked}
        if os.environ.get("AURORA_PAGE"):
            shown |= {"_esm": _OF_THE_PAGE, "_css": "\n"}
        super().__init__(**({"page": dict(view.EMPTY_PAGE)} | shown), panel=panel)
        state.observe(self._follow, self._linked)
        self.on_msg(self._received)

    def set_state(self, sync_data: dict[str, Any]) -> None:
        """Ignore what the page says its state is: only messages count."""

    def close(self) -> None:
        """Take the widget away; what it asked ends."""
        if self.comm is not None:
            self.state.unobserve(self._follow, self._linked)
        super().close()

    def _follow(self, _change: object) -> None:
        with self.hold_sync():  # what changes together leaves in one message, and is drawn once
            for name in self._linked:
                setattr(self, name, getattr(self.state, name))

    def _received(self, _widget: object, content: object, _buffers: object) -> None:
        settings = self.state.client.settings
        try:
            message = protocol.message(content, settings)
        except AuroraError as refusal:
            number = protocol.id_of(content)
            if number is None:
                self.state.refuse(refusal, protocol.part_of(content))
            else:
                self._reply(number, refusal)
            return
        if isinstance(message, messages.Asked):
            self._answer(message)
        else:
            self.state.do(message)

    def _answer(self, asked: messages.Asked) -> None:
        number = asked.id
        try:
            work = asks.answer(asked.ask, self.state)
        except AuroraError as refusal:
            self._reply(number, refusal)
            return
        # A newer ask of one kind takes the older one's place; but tables and cells are all wanted.
        kind = type(asked.ask).__name__
        several = isinstance(asked.ask, messages.AskTable | messages.AskCell | messages.AskCode)
        slot = f"{self.model_id}:{kind}:{number if several else ''}"
        self.state.runs.start(
            slot,
            work,
            lambda answer: self._reply(number, answer),
            dropped=lambda: self._reply(number, Cancelled("A newer question took its place.")),
        )

    def _reply(self, number: int, answer: dict[str, object] | AuroraError) -> None:
        if isinstance(answer, AuroraError):
            error = {
                "code": answer.code,
                "detail": answer.detail,
                "faults": [fault.as_json() for fault in answer.faults],
            }
            self.send({"id": number, "error": error})
        else:
            self.send({"id": number, "answer": answer})


class DatasetPicker(Panel):
    """The list of datasets: pick one, or look at an example of it."""

    def __init__(self, state: ExplorerState) -> None:
        super().__init__(state, "datasets")


class ChipBar(Panel):
    """The question in words, as chips."""

    def __init__(self, state: ExplorerState) -> None:
        super().__init__(state, "chips")


class DataGrid(Panel):
    """One page of rows, as an accessible table."""

    def __init__(self, state: ExplorerState) -> None:
        super().__init__(state, "grid")


class FilterBuilder(Panel):
    """The filter tree."""

    def __init__(self, state: ExplorerState) -> None:
        super().__init__(state, "filter")


class JoinBuilder(Panel):
    """The joins, with suggested keys, a sample, and what they would multiply."""

    def __init__(self, state: ExplorerState) -> None:
        super().__init__(state, "join")


class AggregationBuilder(Panel):
    """Group keys, measures and totals."""

    def __init__(self, state: ExplorerState) -> None:
        super().__init__(state, "summarize")


class ColumnPicker(Panel):
    """The shown columns and their order."""

    def __init__(self, state: ExplorerState) -> None:
        super().__init__(state, "columns")


class CalculatedColumns(Panel):
    """Columns made of other columns, by formulas."""

    def __init__(self, state: ExplorerState) -> None:
        super().__init__(state, "calculate")


class StatusLine(Panel):
    """Rows, time, pages, vintage, and whatever was cut."""

    def __init__(self, state: ExplorerState) -> None:
        super().__init__(state, "status")
