"""What one user may ask: so often in any minute, and so much at once, over all processes.

On one host the storage is our own shared memory; ``LIMITS_STORAGE`` names a Redis where the
service's processes span hosts.
"""

from __future__ import annotations

import enum
import math
import time
import uuid
from typing import TYPE_CHECKING, Any, Protocol

import limits
from limits.errors import StorageError
from limits.storage import RedisStorage
from limits.strategies import MovingWindowRateLimiter

from aurora_widgets.errors import AuroraError, RateLimited, TooManyTasks
from aurora_widgets.service.shared import SharedMemory

if TYPE_CHECKING:
    from limits.storage import Storage

    from aurora_widgets.settings import Settings


class Budget(enum.Enum):
    """A user's budgets, each by the setting that bounds it."""

    PAGE = "PREVIEW_RATE_LIMIT"
    HELPER = "HELPER_RATE_LIMIT"
    EXPORT = "EXPORT_RATE_LIMIT"


_ASKED = {Budget.PAGE: "pages", Budget.HELPER: "counts, values and samples", Budget.EXPORT: "exports"}


class LimitsUnavailable(AuroraError):
    """The storage of the limits can't be reached: nothing runs that is not counted."""

    code = "LIMITS_UNAVAILABLE"
    status = 503
    retry_after = 5


class Places(Protocol):
    """Something that hands out a bounded number of places by key."""

    def take(self, key: str, most: int) -> Any:
        """Take a place, or return ``None``."""
        ...

    def give_back(self, place: Any) -> None:
        """Free a place."""
        ...


class Limits:
    """The budgets and places of every user.

    Parameters
    ----------
    settings
        The limits in force.
    storage
        Where they are counted: shared memory made before the workers were forked. A
        memory of this process's own, or the Redis of ``LIMITS_STORAGE``, by default.
    """

    def __init__(self, settings: Settings, storage: SharedMemory | None = None) -> None:
        self._rates = {budget: limits.parse(settings.text(budget.value)) for budget in Budget}
        self._most = settings.whole("USER_MAX_TASKS")
        url = settings["LIMITS_STORAGE"]
        self.remote = isinstance(url, str)
        self._places: Places
        windows: Storage
        if isinstance(url, str):
            windows = redis = RedisStorage(
                url, wrap_exceptions=True, socket_timeout=2, socket_connect_timeout=2
            )
            self._places = RedisPlaces(redis, lease=settings.seconds("QUERY_TIMEOUT_SECONDS") + 60)
        else:
            windows = self._places = storage or shared(settings)
        self._storage = windows
        self._windows = MovingWindowRateLimiter(windows)

    def check(self) -> None:
        """Raise ``LimitsUnavailable`` where the storage can't be reached."""
        if not self._storage.check():
            raise _unavailable()

    def spend(self, budget: Budget, user: str) -> None:
        """Count a request.

        Raises
        ------
        RateLimited
            The budget is used up; says when there is some again.
        LimitsUnavailable
            Redis can't be reached.
        """
        rate = self._rates[budget]
        try:
            if self._windows.hit(rate, user):
                return
            again = self._windows.get_window_stats(rate, user).reset_time
        except StorageError as error:
            raise _unavailable() from error
        seconds = max(1, math.ceil(again - time.time()))
        raise RateLimited(
            f"You have asked for {rate.amount:,} {_ASKED[budget]} within a {rate.GRANULARITY.name}, which is "
            f"the limit; go on in {seconds} second{'' if seconds == 1 else 's'}.",
            retry_after=seconds,
        )

    def take(self, user: str) -> Any:
        """Take one of a user's places.

        Raises
        ------
        TooManyTasks
            Questions of this user that are still running hold them all.
        LimitsUnavailable
            Redis can't be reached.
        """
        try:
            place = self._places.take(user, self._most)
        except StorageError as error:
            raise _unavailable() from error
        if place is None:
            raise TooManyTasks(
                f"{self._most} questions of yours are still running, which is the limit; "
                "wait for one of them, or cancel it."
            )
        return place

    def give_back(self, place: Any) -> None:
        """Free a place; one in a Redis that is gone frees itself in time."""
        try:
            self._places.give_back(place)
        except StorageError as error:
            raise _unavailable() from error


class RedisPlaces:
    """Places in a Redis, each a member of its user's sorted set until given back.

    What a lost process held is free after ``lease`` seconds, longer than any question runs.

    Parameters
    ----------
    storage
        The connection.
    lease
        Seconds.
    """

    def __init__(self, storage: RedisStorage, *, lease: float) -> None:
        self._storage = storage
        self._lease = lease
        self._take = storage.storage.register_script(_TAKE)

    def take(self, key: str, most: int) -> tuple[str, str] | None:
        """Take one of the ``most`` places of a key, or return ``None``."""
        name, member = f"aurora:places:{key}", uuid.uuid4().hex
        return (name, member) if self._asked(self._take, [name], [most, self._lease, member]) else None

    def give_back(self, place: tuple[str, str]) -> None:
        """Free a place."""
        self._asked(self._storage.storage.zrem, *place)

    def _asked(self, ask: Any, *arguments: Any) -> Any:
        try:
            return ask(*arguments)
        except self._storage.base_exceptions as error:
            raise StorageError(error) from error


_TAKE = """
local time = redis.call('TIME')
local now = tonumber(time[1]) + tonumber(time[2]) / 1000000
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
if redis.call('ZCARD', KEYS[1]) >= tonumber(ARGV[1]) then return 0 end
redis.call('ZADD', KEYS[1], now + tonumber(ARGV[2]), ARGV[3])
redis.call('EXPIRE', KEYS[1], math.ceil(tonumber(ARGV[2])))
return 1
"""
"""By Redis's own clock, so that those of the hosts need not agree."""


def shared(settings: Settings) -> SharedMemory:
    """Return memory for the limits of a process and of those it forks."""
    return SharedMemory(max(limits.parse(settings.text(budget.value)).amount for budget in Budget))


def _unavailable() -> LimitsUnavailable:
    return LimitsUnavailable("The service can't count requests at the moment; try again in a few seconds.")
