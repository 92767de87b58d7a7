"""Arrow over HTTP: a page in one piece, a whole result batch by batch to a client that takes it."""

from __future__ import annotations

import asyncio
import io
from typing import TYPE_CHECKING

import pyarrow as pa
from starlette.responses import Response

from aurora_widgets.service import wire
from aurora_widgets.service.desk import gone

if TYPE_CHECKING:
    import contextlib
    from collections.abc import Iterator

    from starlette.requests import Request
    from starlette.types import Receive, Scope, Send

    from aurora_widgets.service.answers import Page

_STALLED_SECONDS = 60
"""After which a client that takes nothing of a result is given up."""


def wanted(request: Request) -> bool:
    """Whether a request accepts Arrow."""
    return any(
        kind.split(";")[0].strip().lower() == wire.ARROW
        for kind in request.headers.get("accept", "").split(",")
    )


def of_page(page: Page) -> bytes:
    """Return the rows as an Arrow stream; the rest stands in the schema's metadata ``aurora``."""
    assert page.arrow is not None  # noqa: S101  a page that was run has them
    rest = {name: value for name, value in page.as_json().items() if name not in {"rows", "cut"}}
    named = page.arrow.rename_columns([column.name for column in page.columns])
    told = named.replace_schema_metadata({"aurora": wire.dumped(rest)})
    sink = io.BytesIO()
    with pa.ipc.new_stream(sink, told.schema) as writer:
        writer.write_table(told)
    return sink.getvalue()


class ArrowStream(Response):
    """A table as it is written, batch by batch, to a client that takes it."""

    media_type = wire.ARROW

    def __init__(self, table: pa.Table, request: Request, held: contextlib.AsyncExitStack) -> None:
        super().__init__()
        del self.headers["content-length"]
        self._table, self._request, self._held = table, request, held

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002
        """Send it until the client has it all, has gone, or takes nothing any more."""
        leaving = asyncio.create_task(gone(self._request))
        try:
            await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
            for chunk in _chunks(self._table):
                if leaving.done():
                    return
                async with asyncio.timeout(_STALLED_SECONDS):
                    await send({"type": "http.response.body", "body": chunk, "more_body": True})
            await send({"type": "http.response.body", "body": b""})
        finally:
            leaving.cancel()
            await self._held.aclose()


def _chunks(table: pa.Table) -> Iterator[bytes]:
    sink = io.BytesIO()

    def taken() -> bytes:
        chunk = sink.getvalue()
        sink.seek(0)
        sink.truncate()
        return chunk

    with pa.ipc.new_stream(sink, table.schema) as writer:
        yield taken()
        for batch in table.to_batches():
            writer.write_batch(batch)
            yield taken()
    yield taken()
