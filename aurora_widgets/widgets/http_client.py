"""The client of a kernel that holds no data: every question goes to the query service.

The standard library's HTTP is all it needs, so that a kernel stays small; Arrow is loaded
with the first whole result.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import socket
import ssl
import threading
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote, urlsplit

from aurora_widgets.errors import (
    AuroraError,
    Cancelled,
    NotFound,
    QueryTimeout,
    ServiceUnavailable,
    Unauthenticated,
)
from aurora_widgets.query.write import step_as_object, to_json
from aurora_widgets.service import wire

if TYPE_CHECKING:
    from collections.abc import Callable

    import pyarrow as pa

    from aurora_widgets.catalog.model import Catalog
    from aurora_widgets.engine.base import Cancellation
    from aurora_widgets.query.model import Join, Query
    from aurora_widgets.service.answers import Count, JoinCheck, Loads, Page, Profile, Values
    from aurora_widgets.settings import Settings

_LATE_SECONDS: Final = 15
"""What an answer may take on its way, beyond the service's own deadline."""
_FIRST_SECONDS: Final = 30
_OK: Final = 200


class AddressInvalid(AuroraError):
    """An address that is no service's."""

    code = "ADDRESS_INVALID"


def connect(url: str | None = None, token: str | None = None) -> HttpClient:
    """Connect to a query service; in a notebook of the portal's hub, ``connect()`` is enough.

    Parameters
    ----------
    url
        Where it is served, with its prefix: ``https://reports.example/services/aurora``;
        ``AURORA_SERVICE_URL`` by default.
    token
        Says who asks; it is kept in this object alone. ``AURORA_TOKEN`` by default, and of
        the hub's own service the token that the hub gave this notebook.

    Returns
    -------
    HttpClient
        For ``Explorer(connect())`` and every other widget.

    Raises
    ------
    AddressInvalid, ServiceUnavailable, Unauthenticated, Forbidden
    """
    own = os.environ.get("AURORA_SERVICE_URL")
    address = url or own
    if not address:
        raise AddressInvalid('Say where the query service is: connect("https://…"), or AURORA_SERVICE_URL.')
    secret = token or os.environ.get("AURORA_TOKEN")
    if not secret and address == own:  # the hub's token is shown to no other address
        secret = os.environ.get("JUPYTERHUB_API_TOKEN")
    if not secret:
        raise Unauthenticated("Say who asks: connect(url, token), or set AURORA_TOKEN.")
    return HttpClient(address, secret)


class HttpClient:
    """Asks the service; for any number of threads."""

    def __init__(self, url: str, token: str) -> None:
        self._connections = _Connections(url, token)
        self._timeout: float = _FIRST_SECONDS
        try:
            self._catalog, self._settings = wire.catalog_back(self._asked("GET", "/api/tables"))
        except BaseException:
            self.close()
            raise
        waits = ("QUERY_TIMEOUT_SECONDS", "POOL_WAIT_SECONDS")
        self._timeout = sum(self._settings.seconds(name) for name in waits) + _LATE_SECONDS

    def __repr__(self) -> str:
        return f"connect({self._connections.url!r}, …)"

    @property
    def source(self) -> str:
        """Python that connects again, as whoever runs it."""
        url = self._connections.url
        own = os.environ.get("AURORA_SERVICE_URL", "").rstrip("/")
        return "connect()" if url == own else f"connect({url!r})"

    def close(self) -> None:
        """Close the connections that are kept; a later question opens a new one."""
        self._connections.close()

    @property
    def catalog(self) -> Catalog:
        """Every table that this person may see."""
        return self._catalog

    @property
    def settings(self) -> Settings:
        """The limits in force."""
        return self._settings

    def page(
        self,
        query: Query,
        *,
        offset: int = 0,
        limit: int | None = None,
        cancellation: Cancellation | None = None,
    ) -> Page:
        """Return some rows of the result."""
        body = _body(query, offset=offset, limit=limit)
        return wire.page_back(self._asked("POST", "/api/page", body, cancellation))

    def count(self, query: Query, *, cancellation: Cancellation | None = None) -> Count:
        """Return how many rows there are, as far as is counted."""
        return wire.count_back(self._asked("POST", "/api/count", _body(query), cancellation))

    def values(
        self, query: Query, column: str, search: str, limit: int, *, cancellation: Cancellation | None = None
    ) -> Values:
        """Return distinct values of a column."""
        body = _body(query, column=column, search=search, limit=limit)
        return wire.values_back(self._asked("POST", "/api/values", body, cancellation))

    def join_check(self, query: Query, join: Join, *, cancellation: Cancellation | None = None) -> JoinCheck:
        """Return what a join would do to the rows so far."""
        body = _body(query, join=step_as_object(join))
        return wire.join_check_back(self._asked("POST", "/api/join-check", body, cancellation))

    def profile(self, query: Query, column: str, *, cancellation: Cancellation | None = None) -> Profile:
        """Return a column summed up."""
        body = _body(query, column=column)
        return wire.profile_back(self._asked("POST", "/api/profile", body, cancellation))

    def loads(self, table: str, *, cancellation: Cancellation | None = None) -> tuple[Loads, ...]:
        """Return the loads of a table with a vintage, newest first."""
        path = f"/api/tables/{quote(table, safe='')}/vintages"
        return wire.vintages_back(self._asked("GET", path, None, cancellation), self.catalog[table])

    def sql(self, query: Query) -> str:
        """Return the question as SQL for people."""
        return str(self._asked("POST", "/api/explain", _body(query))["sql"])

    def ibis_code(self, query: Query) -> str:
        """Return Python that gives the question's rows by Ibis alone."""
        return str(self._asked("POST", "/api/explain", _body(query))["python"])

    def to_arrow(self, query: Query) -> pa.Table:
        """Return the whole result."""
        import pyarrow as pa  # noqa: PLC0415  heavy: only where it is asked for

        def read(answer: http.client.HTTPResponse) -> pa.Table:
            with pa.ipc.open_stream(answer) as reader:
                return reader.read_all()

        try:
            found: pa.Table = self._connections.ask(
                "POST", "/api/result", _body(query), read, timeout=self._timeout
            )
        except pa.ArrowInvalid:
            raise ServiceUnavailable("The result broke off on its way; ask again.") from None
        return found

    def expression(self, query: Query) -> Any:
        """Refuse: an expression needs the database, which only the service reaches."""
        raise NotFound(f"There is no Ibis expression of {query.table} over HTTP; use to_arrow().")

    def _asked(
        self, method: str, path: str, body: bytes | None = None, cancellation: Cancellation | None = None
    ) -> dict[str, Any]:
        found: dict[str, Any] = self._connections.ask(
            method,
            path,
            body,
            lambda answer: json.loads(answer.read()),
            timeout=self._timeout,
            cancellation=cancellation,
        )
        return found


def _body(query: Query, **rest: object) -> bytes:
    """Return the request; the document is spliced in as it is written, no number of it read again."""
    others = wire.dumped({name: value for name, value in rest.items() if value is not None})
    head = b'{"query":' + to_json(query).encode()
    return head + (b"," + others[1:] if others != b"{}" else b"}")


class _Connections:
    """Connections to one service that are kept open between questions."""

    def __init__(self, url: str, token: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise AddressInvalid(
                f"{url!r} is not the address of a service; it begins with http:// or https://."
            )
        self.url = url.rstrip("/")
        self._token = token
        self._host, self._port, self._path = parts.hostname, parts.port, parts.path.rstrip("/")
        self._tls = ssl.create_default_context() if parts.scheme == "https" else None
        self._lock = threading.Lock()
        self._free: list[http.client.HTTPConnection] = []

    def ask(
        self,
        method: str,
        path: str,
        body: bytes | None,
        read: Callable[[http.client.HTTPResponse], Any],
        *,
        timeout: float,
        cancellation: Cancellation | None = None,
    ) -> Any:
        """Ask, and once more where the connection broke: every question only reads.

        Raises
        ------
        ServiceUnavailable, QueryTimeout, Cancelled
            And whatever the service refuses.
        """
        for again in (True, False):
            connection = self._take() if again else self._made()
            connection.timeout = timeout
            if connection.sock is not None:
                connection.sock.settimeout(timeout)
            try:
                with _ended_by(cancellation, connection):
                    return self._exchange(connection, method, path, body, read)
            except TimeoutError:
                connection.close()
                raise QueryTimeout("The service did not answer in time; ask again.") from None
            except (OSError, http.client.HTTPException) as error:
                connection.close()
                if cancellation is not None and cancellation.cancelled:
                    raise Cancelled("The question was cancelled.") from None
                if not again:  # the first may have been closed meanwhile, or its worker was killed
                    raise ServiceUnavailable(
                        "The query service does not answer; try again in a few seconds."
                    ) from error
            except AuroraError:
                raise
            except BaseException:
                connection.close()
                raise
        raise AssertionError  # the second time ends in one way or the other

    def _exchange(
        self,
        connection: http.client.HTTPConnection,
        method: str,
        path: str,
        body: bytes | None,
        read: Callable[[http.client.HTTPResponse], Any],
    ) -> Any:
        headers = {"Authorization": f"Bearer {self._token}"}
        if body is not None:
            headers["Content-Type"] = "application/json"
        connection.request(method, self._path + path, body, headers)
        answer = connection.getresponse()
        if answer.status != _OK:
            refusal = _refusal(answer)
            self._give_back(connection)
            raise refusal
        found = read(answer)
        answer.read()
        self._give_back(connection)
        return found

    def _take(self) -> http.client.HTTPConnection:
        with self._lock:
            return self._free.pop() if self._free else self._made()

    def _made(self) -> http.client.HTTPConnection:
        if self._tls is not None:
            return http.client.HTTPSConnection(self._host, self._port, context=self._tls)
        return http.client.HTTPConnection(self._host, self._port)

    def _give_back(self, connection: http.client.HTTPConnection) -> None:
        with self._lock:
            self._free.append(connection)

    def close(self) -> None:
        with self._lock:
            free, self._free = self._free, []
        for connection in free:
            connection.close()


def _refusal(answer: http.client.HTTPResponse) -> AuroraError:
    text = answer.read()
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    if not isinstance(found, dict):  # a proxy's own page
        found = {}
    after = answer.headers.get("Retry-After", "")
    if after.isdecimal():
        found["retry_after"] = int(after)
    return wire.problem_back(found, answer.status)


@contextlib.contextmanager
def _ended_by(cancellation: Cancellation | None, connection: http.client.HTTPConnection) -> Any:
    """Break the connection when the question is cancelled: the service then ends it in the database."""
    if cancellation is None:
        yield
        return

    def end() -> None:
        if connection.sock is not None:
            with contextlib.suppress(OSError):
                connection.sock.shutdown(socket.SHUT_RDWR)

    forget = cancellation.on_cancel(end)
    try:
        if cancellation.cancelled:
            connection.close()
            raise Cancelled("The question was cancelled.")
        yield
    finally:
        forget()
