"""The ipydatagrid view: endless scrolling and selection, fed by pages of the question.

ipydatagrid is quiet upstream and wrong in places, so it is pinned and used through this one
class. What the stock class gets wrong, and what is done about it here:

==============================================  ==============================================
defect                                          way out
==============================================  ==============================================
integers beyond int32 change                    cells are sent as texts, formatted already
NaT crashes the view, nulls show as NaN         texts and ``null``; a renderer with ``missing``
each ``data-request`` raises in the kernel      the base class's handler is taken away
new data after the first page breaks the view   an empty series for each column
equal schemas don't reset the view              an epoch in the type of the guid field
``send`` before the view exists is lost         requests are answered, nothing is pushed
the arrow outlives the sort                     ``_transforms`` follows the question
a frame without columns can't be drawn          a nameless column until the first answer
a press of a header is told by the selection,   ``SortHeader`` is a message of its own
which the next update can swallow
==============================================  ==============================================

It imports pandas (by way of ipydatagrid), so this module is imported only where it is asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
import traitlets as t
from ipydatagrid import StreamingDataGrid, TextRenderer

from aurora_widgets.errors import AuroraError
from aurora_widgets.query.model import SortKey
from aurora_widgets.widgets import messages, view
from aurora_widgets.widgets.format import formatter, shown

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from aurora_widgets.engine.base import Cancellation
    from aurora_widgets.query.model import Query
    from aurora_widgets.service.answers import Page, PageColumn
    from aurora_widgets.widgets.state import ExplorerState

_KEY, _GUID = "aurora row", "ipydguuid"
_FROM_THE_PAGE = frozenset({"_transforms", "selections", "_visible_rows"})
"""What the page may set; everything else it says of its state is ignored."""

_HEAD = '600 12px "Segoe UI", "Helvetica Neue", Arial, "Liberation Sans", Roboto, sans-serif'
"""As ``js/theme.css`` has it; a canvas knows no custom property."""

_MARKED = frozenset({"$NaN$", "$Infinity$", "$NegInfinity$", "$NaT$"})
"""Texts that the view would read as numbers."""


class StreamedGrid(StreamingDataGrid):  # type: ignore[misc]  # ipydatagrid has no types
    """The question's rows, asked for as they scroll into sight.

    Parameters
    ----------
    state
        Whose question it shows; a click on a header sorts it.
    """

    def __init__(self, state: ExplorerState) -> None:
        self.state = state
        self._query: Query | None = None
        self._columns: tuple[PageColumn, ...] = ()
        self._epoch = 0
        self._ours = False
        text = TextRenderer(missing="—", horizontal_alignment="left", font=_HEAD.removeprefix("600 "))
        super().__init__(
            pd.DataFrame(),
            default_renderer=text,
            header_renderer=TextRenderer(font=_HEAD, text_color="#f1f5f9", background_color="#0f2440"),
            selection_mode="cell",
            header_visibility="column",
            base_row_size=24,
            base_column_header_size=26,
            debounce_delay=60,
        )
        self._right = TextRenderer(missing="—", horizontal_alignment="right", font=_HEAD.removeprefix("600 "))
        self.on_msg(self._DataGrid__handle_custom_msg, remove=True)
        self.layout.height = "420px"
        state.observe(self._renew, ["result", "query"])
        self._show(None, ())
        self._renew({})

    def set_state(self, sync_data: dict[str, Any]) -> None:
        """Take from the page what a person can do in the view, and nothing else."""
        super().set_state({name: value for name, value in sync_data.items() if name in _FROM_THE_PAGE})

    def close(self) -> None:
        """Take the view away."""
        if self.comm is not None:
            self.state.unobserve(self._renew, ["result", "query"])
        super().close()

    @property
    def columns(self) -> tuple[PageColumn, ...]:
        """The columns that are shown."""
        return self._columns

    @property
    def selected(self) -> list[tuple[int, str]]:
        """The selected cells, as row and column name."""
        names = [column.name for column in self._columns]
        boxes: list[dict[str, int]] = list(self.selections)
        return [
            (row, names[index])
            for box in boxes
            for row in range(box["r1"], box["r2"] + 1)
            for index in range(box["c1"], box["c2"] + 1)
            if index < len(names)
        ]

    def _renew(self, _change: object) -> None:
        answer = self.state.asked.answer
        query: Query | None = self.state.query
        if answer is None or query is None:
            if query is None and self._query is not None:
                self._show(None, ())
            return
        result = self.state.result
        if result is None or result.query != query:
            return  # the answer to this question is still to come
        if query != self._query:
            self._show(query, answer.columns)
        known = result.rows if result.rows is not None else answer.offset + len(answer.rows) + answer.more
        self._row_count = min(known, self.state.client.settings.whole("MAX_ROW_LIMIT"))

    def _show(self, query: Query | None, columns: Sequence[PageColumn]) -> None:
        self._query, self._columns = query, tuple(columns)
        self._epoch += 1
        names = self._names()
        widths = {entry["name"]: entry["width"] for entry in self.state.page["columns"]}
        self._ours = True
        try:
            with self.hold_sync():
                self._row_count = 0
                self.set_trait("selections", [])
                self._data = {
                    "data": {name: pd.Series([], dtype=object) for name in names},
                    "schema": self._schema(),
                    "fields": [{name: None} for name in names],
                }
                self.renderers = {
                    name: self._right
                    for name, column in zip(names[1:], self._columns, strict=False)
                    if column.type.family == "number"
                }
                self.column_widths = {
                    name: widths.get(column.name, 120)
                    for name, column in zip(names[1:], self._columns, strict=False)
                }
                self._transforms = self._arrows()
        finally:
            self._ours = False

    def _names(self) -> list[str]:
        # Names of our own: a column may be called anything, also what the view uses itself.
        # Before the first answer there is a column without a name: the view can't be drawn without any.
        return [_KEY, *(f"c{index}" for index in range(max(1, len(self._columns)))), _GUID]

    def _schema(self) -> dict[str, object]:
        # The view tells columns apart by what their headers say, its own two among them.
        taken = {_KEY, _GUID}
        labels = []
        for column in self._columns:
            label = column.label
            while label in taken:
                label += " "
            taken.add(label)
            labels.append(label)
        fields = [{"name": label, "type": "string"} for label in labels or [" "]]
        return {
            "fields": [
                {"name": _KEY, "type": "integer"},
                *fields,
                {"name": _GUID, "type": f"integer {self._epoch}"},
            ],
            "primaryKey": [_KEY, _GUID],
            "primaryKeyUuid": _GUID,
        }

    def _keys(self) -> tuple[SortKey, ...]:
        """Return what the question is sorted by."""
        reading = self.state.reading
        sort = reading.parts.sort if reading is not None else None
        return () if sort is None or sort.disabled else sort.by

    def _arrows(self) -> list[dict[str, object]]:
        # The view holds one sort: it would answer several with the last of them alone.
        places = {column.name: index for index, column in enumerate(self._columns)}
        return [
            {"type": "sort", "column": f"c{places[key.column]}", "desc": key.descending}
            for key in self._keys()[:1]
            if key.column in places
        ]

    @t.validate("_transforms")
    def _validate_transforms(self, proposal: Mapping[str, Any]) -> object:
        """Let through what the view says: the stock class warns of its own menu's words."""
        return proposal["value"]

    @t.observe("_transforms")
    def _on_transforms_changed(self, change: Mapping[str, Any]) -> None:
        """Take a sort from the view's own menu; filters are set in the filter editor, so its own go.

        The view also repeats what it was given, and that may be older than the question by then. Only its
        menu numbers the column, the key's own being 0.
        """
        if getattr(self, "_ours", True):
            return
        by = [
            SortKey(self._columns[transform["columnIndex"] - 1].name, transform.get("desc") is True)
            for transform in change["new"]
            if transform.get("type") == "sort"
            and transform.get("columnIndex") in range(1, len(self._columns) + 1)
        ]
        if by or (not change["new"] and self._query == self.state.query):
            self.state.do(messages.SetSort(tuple(by)))
        self._ours = True
        try:
            self._transforms = self._arrows()
        finally:
            self._ours = False

    def _handle_comm_msg(self, _widget: object, content: object, _buffers: object) -> None:
        if not isinstance(content, dict):
            return
        if content.get("event_type") == "cell-click":
            self.state.header = self._header(content)
        elif content.get("type") == "data-request":
            self._requested(content)

    def _header(self, press: Mapping[str, object]) -> str | None:
        """Return whose header is pressed; ``js/datagrid.ts`` says whether its middle was."""
        index = press.get("column_index")
        if press.get("region") != "column-header" or not isinstance(index, int) or isinstance(index, bool):
            return None
        return self._columns[index].name if 0 <= index < len(self._columns) else None

    def _requested(self, content: Mapping[str, object]) -> None:
        box = [content.get(edge) for edge in ("r1", "r2", "c1", "c2")]
        edges = [edge for edge in box if isinstance(edge, int) and not isinstance(edge, bool) and edge >= 0]
        query, columns, epoch = self._query, self._columns, self._epoch
        if len(edges) < len(box) or query is None or not columns:
            return
        first, last, left, right = edges
        most = self.state.client.settings.whole("PREVIEW_MAX_ROWS")
        limit = min(last - first + 1, most)
        if limit < 1 or left > right:
            return
        client = self.state.client

        def work(cancellation: Cancellation) -> Page:
            return client.page(query, offset=first, limit=limit, cancellation=cancellation)

        def done(answer: Page | AuroraError) -> None:
            if epoch != self._epoch:
                return
            if isinstance(answer, AuroraError):
                self.state.refuse(answer, None)
            elif answer.rows:
                end = first + len(answer.rows) - 1
                self._reply(answer, first, end, left, min(right, len(columns) - 1))

        self.state.runs.start(f"{self.model_id}:window", work, done)

    def _reply(self, answer: Page, first: int, last: int, left: int, right: int) -> None:
        names = self._names()
        rows = list(range(first, last + 1))
        data: dict[str, object] = {name: {"type": "raw", "value": rows} for name in (_KEY, _GUID)}
        for index in range(left, right + 1):
            column = answer.columns[index]
            show = formatter(column.type, column.format)
            data[f"c{index}"] = {
                "type": "raw",
                "value": [_marked(shown(show(row[index]))) for row in answer.rows],
            }
        value = {"data": data, "schema": self._schema(), "fields": [{name: None} for name in names]}
        self.send(
            {
                "event_type": "data-reply",
                "value": view.plain(value),
                "r1": first,
                "r2": last,
                "c1": left,
                "c2": right,
            }
        )


def _marked(text: str | None) -> str | None:
    return f"{text}\u200b" if text in _MARKED else text
