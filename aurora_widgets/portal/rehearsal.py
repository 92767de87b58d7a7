"""A page opened and used once in the kernels' parent, so that no kernel does anything for the first time.

It is the kernel, the widgets and the client as they are, and a stand-in for the query service on a
loopback port, which has one table and answers every question with the same rows. What it leaves
behind is what is learnt: imported modules, filled caches, code that the interpreter has specialized.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import os
import secrets
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, Final

import ipywidgets
from jupyter_client.asynchronous import AsyncKernelClient  # type: ignore[attr-defined]  # it exports it

from aurora_widgets import settings
from aurora_widgets.catalog.model import Catalog, Column, Format, JoinHint, Table, VintageColumns
from aurora_widgets.plan.context import InForce
from aurora_widgets.portal.kernel import KINDS, PageKernel
from aurora_widgets.query.types import ColumnType
from aurora_widgets.service import wire
from aurora_widgets.service.answers import (
    Count,
    JoinCheck,
    Loads,
    Page,
    PageColumn,
    Profile,
    Value,
    Values,
)
from aurora_widgets.widgets import runs

if TYPE_CHECKING:
    from collections.abc import Iterator

    from aurora_widgets.export.cells import Cell

    Message = dict[str, Any]

CELL: Final = "from aurora_widgets import Explorer\n\nExplorer.from_environment()"
_SECONDS: Final = 30
_IDLE_SECONDS: Final = 5
_ROWS: Final = 50

_COLUMNS: Final = (
    Column("id", ColumnType("int64"), "Id"),
    Column("name", ColumnType("text"), "Name"),
    Column("day", ColumnType("date"), "Day"),
    Column("at", ColumnType("timestamp"), "At"),
    Column("load_type", ColumnType("text"), "Load type"),
    Column("load_id", ColumnType("int64"), "Load"),
    Column("amount", ColumnType("decimal(9,2)"), "Amount", format=Format("currency", 2, "EUR")),
    Column("share", ColumnType("float64"), "Share", format=Format("percent")),
    Column("open", ColumnType("boolean"), "Open"),
)
_PEOPLE: Final = Table("people", _COLUMNS, "People", key=("id",), rows=_ROWS)
_SALES: Final = Table(
    "sales",
    _COLUMNS,
    "Sales",
    key=("id",),
    joins=(JoinHint("people", (("id", "id"),), "many_to_one"),),
    vintage=VintageColumns("load_type", "load_id"),
    rows=1_000_000,
)
_CELLS: Final[list[Cell]] = [
    1,
    "Ada",
    "2026-11-22",
    "2026-11-22T12:30:00",
    "FINAL",
    202611,
    "1234.50",
    0.25,
    True,
]
_EMPTY: Final[list[Cell]] = [None] * len(_CELLS)
_PAGE: Final = Page(
    columns=tuple(PageColumn(each.name, each.type, each.label, each.format) for each in _COLUMNS),
    rows=[*([_CELLS] * (_ROWS - 1)), _EMPTY],
    offset=0,
    more=True,
    truncated=False,
    cut=(),
    elapsed_ms=1.5,
    vintage=(InForce("sales", "FINAL", 202611),),
    notes=(),
)
_LISTED: Final = (Value("Ada", 12), Value("Bo", 3))
_ANSWERS: Final[dict[str, Any]] = {
    "/api/tables": wire.catalog(Catalog({"sales": _SALES, "people": _PEOPLE}), settings.load({})),
    "/api/tables/sales/vintages": wire.vintages([Loads("FINAL", ((202611, 900), (202610, 800)))]),
    "/api/page": _PAGE.as_json(),
    "/api/count": wire.count(Count(1_000_000, exact=True)),
    "/api/values": wire.values(Values(_LISTED, more=True)),
    "/api/profile": wire.profile(Profile(_COLUMNS[1].type, 900, 5, 2, "Ada", "Bo", None, _LISTED)),
    "/api/join-check": wire.join_check(JoinCheck(900, 890, 10, 0, 3, 1.0, True, None, None, _PAGE)),
    "/api/explain": {"sql": "SELECT 1", "python": "", "vintage": [], "notes": []},
}


def _where(column: str, op: str, value: object) -> Message:
    return {"type": "condition", "column": column, "op": op, "value": value}


_JOIN: Final = {"table": "people", "on": [{"left": "id", "right": "id"}], "how": "left"}
_JOINED: Final = {"type": "join", **_JOIN}
_FILTERED: Final = {"type": "filter", "where": _where("amount", ">", 5)}
_SUMMARY: Final = {"by": [{"column": "name"}], "measures": [{"fn": "sum", "column": "amount", "as": "sum"}]}
_DEEDS: Final[tuple[Message, ...]] = (
    {"do": "pick", "table": "sales"},
    {"ask": "values", "column": "name", "search": "a", "limit": 50},
    {"ask": "count", "where": _where("amount", ">", 5)},
    {"do": "filter", "where": _where("amount", ">", 5)},
    {
        "do": "filter",
        "where": {
            "type": "group",
            "op": "and",
            "children": [
                _where("name", "in", ["Ada", "Bo"]),
                _where("day", "between", ["2026-01-01", "2026-12-31"]),
                _where("name", "contains", "a"),
            ],
        },
    },
    {"do": "page", "offset": 50},
    {"do": "sort", "by": [{"column": "amount", "descending": True}]},
    {"do": "search", "text": "ada"},
    {"ask": "profile", "column": "name"},
    {"ask": "columns", "table": "people"},
    {"ask": "example", "table": "people"},
    {"ask": "suggest_keys", "table": "people", "index": 0},
    {"ask": "join_check", "join": _JOIN, "index": 0},
    {"do": "joins", "joins": [_JOIN]},
    {"do": "query", "query": {"version": 1, "table": "sales", "steps": [_JOINED, _FILTERED]}},
    {"do": "summarize", "aggregate": _SUMMARY},
    {"do": "undo"},
    {"do": "redo"},
    {"do": "undo"},
    {"do": "select", "columns": ["id", "name", "amount"]},
    {"do": "filter_cell", "row": 0, "column": "name", "negate": False},
    {"do": "retry"},
    {"do": "reset"},
    {"do": "no such thing"},
)


def rehearse() -> None:
    """Open a page, use it, and leave no thread, file, widget or variable of it behind."""
    of_a_page = {
        "AURORA_TOKEN": "rehearsal",
        "AURORA_USER": "rehearsal",
        "AURORA_SIGN_OUT": "/hub/logout",
        "AURORA_PAGE": "1",
    }
    with _standing_in() as url, _environment({"AURORA_SERVICE_URL": url, **of_a_page}):
        asyncio.run(_page())
        gc.collect()  # the widgets' connections to the service end with them


@contextlib.contextmanager
def _standing_in() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Service)
    server.daemon_threads = False
    serving = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    serving.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        serving.join()
        server.server_close()


class _Service(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = _IDLE_SECONDS

    def _answer(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        text = wire.dumped(_ANSWERS[self.path])
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        with contextlib.suppress(OSError):  # the question was cancelled
            self.wfile.write(text)

    do_GET = do_POST = _answer  # noqa: N815  the names that the base class looks for

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextlib.contextmanager
def _environment(variables: dict[str, str]) -> Iterator[None]:
    before = dict(os.environ)
    os.environ.update(variables)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


async def _page() -> None:
    name = f"@aurora-{secrets.token_hex(16)}"  # of Linux's own namespace, in which nothing is a file
    key = secrets.token_hex(32)
    connection: dict[str, Any] = {
        "transport": "ipc",
        "ip": name,
        "key": key,
        "signature_scheme": "hmac-sha256",
    }
    connection |= {f"{channel}_port": at for at, channel in enumerate(KINDS)}
    gone, portal = os.pipe()
    kernel = asyncio.create_task(PageKernel(connection, gone).served())
    client = AsyncKernelClient()
    info: Any = {**connection, "key": key.encode()}
    client.load_connection_info(info)
    client.start_channels(hb=False)
    try:
        async with asyncio.timeout(_SECONDS):
            await _use(client)
    finally:
        ipywidgets.Widget.close_all()
        ipywidgets.Widget._control_comm = None  # noqa: SLF001  it would keep this kernel
        client.stop_channels()
        client.context.term()
        os.close(portal)
        await kernel
        os.close(gone)
        runs.rest()


async def _use(client: AsyncKernelClient) -> None:
    client.execute(CELL)
    panel = ""
    while not panel:
        found = (await client.get_iopub_msg())["content"]
        if "panel" in found.get("data", {}).get("state", {}):
            panel = found["comm_id"]
    states = {"comm_id": "states", "target_name": "jupyter.widget.control", "data": {}}
    client.shell_channel.send(client.session.msg("comm_open", states, metadata={"version": "1.0.0"}))
    _say(client, "states", {"method": "request_states"})
    while (await client.get_iopub_msg())["content"].get("comm_id") != "states":
        pass
    for number, deed in enumerate(_DEEDS):
        _say(client, panel, {"method": "custom", "content": deed if "do" in deed else deed | {"id": number}})
        await _answered(client, panel, number)


def _say(client: AsyncKernelClient, comm: str, data: Message) -> None:
    client.shell_channel.send(client.session.msg("comm_msg", {"comm_id": comm, "data": data}))


async def _answered(client: AsyncKernelClient, panel: str, number: int) -> None:
    while True:
        found = (await client.get_iopub_msg())["content"]
        if found.get("comm_id") != panel:
            continue
        data = found["data"]
        if data.get("content", {}).get("id") == number:
            return
        state = data.get("state", {})
        said = state.get("status", {}).get("state")
        if said == "error" or (said == "ready" and "page" in state):  # rows come with their status
            return
