"""Everything Aurora refuses, in one tree.

::

    AuroraError
    ├── QueryInvalid          422  the document has faults (all of them, at once)
    ├── OffsetTooDeep         422  paging past MAX_ROW_LIMIT
    ├── FilterRequired        422  the catalog asks for a filter first
    ├── QueryTooExpensive     422  the estimate is over the threshold
    ├── ExportTooLarge        422  more rows than the format may hold
    ├── ResultTooLarge        422  more rows than RESULT_MAX_ROWS
    ├── SourceInvalid         422  a file or frame that cannot be read as a table
    ├── CatalogInvalid        422  the catalog file has faults
    ├── RateLimited           429  too many requests of one user
    ├── TooManyTasks          429  too many questions of one user at once
    ├── Unauthenticated       401
    ├── Forbidden             403
    ├── NotFound              404  also what the user may not see
    ├── PoolExhausted         503  no database connection within the wait
    ├── ExportQueueFull       503
    ├── ServiceUnavailable    503  the service, or what it stands on, does not answer
    ├── EngineFailed          500  the database refused or broke; the driver's words are logged, not shown
    ├── QueryTimeout          504  the deadline passed and the database call was cancelled
    └── Cancelled             499  the person, or a newer question, ended it

Each carries one sentence for a person (``detail``), a stable ``code``, the HTTP
``status``, and where they help ``retry_after`` (seconds) and ``fix`` (a document
edit that a button can apply).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_LONGEST_PATH = 120


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with a document or a catalog.

    Parameters
    ----------
    code
        Stable name in kebab case, such as ``unknown-column``.
    path
        Where, as a JSON path: ``steps[2].where.children[1].value``; empty for the whole.
    message
        One sentence that a business user understands.
    suggestion
        The nearest valid name or value, where there is one.
    """

    code: str
    path: str
    message: str
    suggestion: str | None = None

    def as_json(self) -> dict[str, str | None]:
        """Return the fault as it is sent: ``code``, ``path``, ``message``, ``suggestion``."""
        return {
            "code": self.code,
            "path": self.path,
            "message": self.message,
            "suggestion": self.suggestion,
        }


class AuroraError(Exception):
    """The root: one sentence, a code, a status, and what to do.

    Parameters
    ----------
    detail
        What happened and what to do, in one sentence.
    fix
        A document edit that would help: ``{"label": str, "query": document}``.
    retry_after
        Seconds after which the same request may succeed.
    """

    code: ClassVar[str] = "INTERNAL_ERROR"
    status: ClassVar[int] = 500
    retry_after: int | None = None

    def __init__(
        self,
        detail: str,
        *,
        fix: Mapping[str, object] | None = None,
        retry_after: int | None = None,
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.fix = fix
        if retry_after is not None:
            self.retry_after = retry_after

    @property
    def faults(self) -> tuple[Fault, ...]:
        """The faults behind the sentence; empty but for invalid documents and catalogs."""
        return ()

    def as_problem(self) -> dict[str, object]:
        """Return the RFC 9457 problem document (``application/problem+json``)."""
        problem: dict[str, object] = {
            "type": f"urn:aurora:{self.code.lower().replace('_', '-')}",
            "title": self.code.replace("_", " ").capitalize(),
            "status": self.status,
            "code": self.code,
            "detail": self.detail,
            "faults": [fault.as_json() for fault in self.faults],
            "fix": self.fix,
        }
        if self.retry_after is not None:
            problem["retry_after"] = self.retry_after
        return problem


class _Faulty(AuroraError):
    def __init__(self, faults: Sequence[Fault], detail: str | None = None) -> None:
        self._faults = tuple(faults)
        super().__init__(detail or _sentence(self._faults))

    @property
    def faults(self) -> tuple[Fault, ...]:
        return self._faults


def _sentence(faults: Sequence[Fault]) -> str:
    if not faults:
        return "The document is not valid."
    first = faults[0]
    where = f"{_short(first.path)}: " if first.path else ""
    more = f" (and {len(faults) - 1} more)" if len(faults) > 1 else ""
    return f"{where}{first.message}{more}"


def _short(path: str) -> str:
    """Return a path of many levels without its middle."""
    half = _LONGEST_PATH // 2
    return path if len(path) <= _LONGEST_PATH else f"{path[:half]}…{path[-half:]}"


class QueryInvalid(_Faulty):
    """The document has faults; ``faults`` holds all of them."""

    code = "QUERY_INVALID"
    status = 422


class CatalogInvalid(_Faulty):
    """The catalog has faults; ``faults`` holds all of them."""

    code = "CATALOG_INVALID"
    status = 422


class SourceInvalid(AuroraError):
    """A file, folder or frame that cannot be read as a table."""

    code = "SOURCE_INVALID"
    status = 422


class OffsetTooDeep(AuroraError):
    """Paging past ``MAX_ROW_LIMIT``: narrow the question, or export it."""

    code = "OFFSET_TOO_DEEP"
    status = 422


class FilterRequired(AuroraError):
    """The catalog asks for a filter on this table first."""

    code = "FILTER_REQUIRED"
    status = 422


class QueryTooExpensive(AuroraError):
    """The engine's estimate is over the threshold."""

    code = "QUERY_TOO_EXPENSIVE"
    status = 422


class ExportTooLarge(AuroraError):
    """More rows than the export format may hold."""

    code = "EXPORT_TOO_LARGE"
    status = 422


class ResultTooLarge(AuroraError):
    """More rows than ``RESULT_MAX_ROWS``."""

    code = "RESULT_TOO_LARGE"
    status = 422


class RateLimited(AuroraError):
    """Too many requests of one user in the window."""

    code = "RATE_LIMITED"
    status = 429
    retry_after = 1


class TooManyTasks(AuroraError):
    """Too many questions of one user at once."""

    code = "TOO_MANY_TASKS"
    status = 429
    retry_after = 1


class Unauthenticated(AuroraError):
    """No token, or one that is not valid (any more)."""

    code = "UNAUTHENTICATED"
    status = 401


class Forbidden(AuroraError):
    """A valid user who may not do this."""

    code = "FORBIDDEN"
    status = 403


class NotFound(AuroraError):
    """Not there, or not for this user: the two read alike."""

    code = "NOT_FOUND"
    status = 404


class PoolExhausted(AuroraError):
    """No database connection came free within ``POOL_WAIT_SECONDS``."""

    code = "DATABASE_POOL_EXHAUSTED"
    status = 503
    retry_after = 5


class ExportQueueFull(AuroraError):
    """``EXPORT_QUEUE_MAX`` exports are waiting already."""

    code = "EXPORT_QUEUE_FULL"
    status = 503
    retry_after = 30


class ServiceUnavailable(AuroraError):
    """The service, or what it stands on, does not answer; it may be starting again."""

    code = "SERVICE_UNAVAILABLE"
    status = 503
    retry_after = 5


class EngineFailed(AuroraError):
    """The database refused or broke in a way nobody foresaw."""

    code = "ENGINE_FAILED"
    status = 500


class QueryTimeout(AuroraError):
    """The deadline passed; the database call was cancelled, not abandoned."""

    code = "QUERY_TIMEOUT"
    status = 504


class Cancelled(AuroraError):
    """The person, or a newer question, ended it."""

    code = "CANCELLED"
    status = 499
