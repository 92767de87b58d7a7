"""Calendar units: where one begins, where the next does, and what a relative date spans.

Everything here is a wall clock's day or time, without a zone; ``bound`` makes of it what a
column compares with. A timestamp with a zone is compared as an instant, which the
catalog's time zone settles.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from aurora_widgets.query.types import ColumnType, Family

if TYPE_CHECKING:
    import zoneinfo

_MONTHS = {"month": 1, "quarter": 3, "year": 12}
_DAYS = {"day": 1, "week": 7}

LAST = dt.datetime.max  # noqa: DTZ901 - a wall clock's, like all here
"""The last time of the calendar."""


class OutOfCalendar(Exception):
    """A day before the year 1 or after the year 9999."""


def begin(moment: dt.date, unit: str) -> dt.date:
    """Return the first day of the unit that holds a moment; weeks begin on Monday."""
    day = moment.date() if isinstance(moment, dt.datetime) else moment
    match unit:
        case "day":
            return day
        case "week":
            return _moved(day, -day.weekday())
        case "month":
            return day.replace(day=1)
        case "quarter":
            return day.replace(month=day.month - (day.month - 1) % 3, day=1)
        case "year":
            return day.replace(month=1, day=1)
        case _:
            raise KeyError(unit)


def move(first: dt.date, unit: str, count: int) -> dt.date:
    """Return the first day of the unit ``count`` units later than the one beginning at ``first``."""
    if unit in _DAYS:
        return _moved(first, count * _DAYS[unit])
    months = first.year * 12 + first.month - 1 + count * _MONTHS[unit]
    year, month = divmod(months, 12)
    if not dt.MINYEAR <= year <= dt.MAXYEAR:
        raise OutOfCalendar
    return dt.date(year, month + 1, 1)


def span(op: str, today: dt.date, unit: str, count: int, *, include_current: bool) -> tuple[dt.date, dt.date]:
    """Return a relative date as its first day and the day after its last.

    Raises
    ------
    OutOfCalendar
        The span leaves the calendar.
    """
    this = begin(today, unit)
    following = move(this, unit, 1)
    match op:
        case "this":
            return this, following
        case "previous":
            return move(this, unit, -1), this
        case "in the last":
            return move(this, unit, -count), following if include_current else this
        case "in the next":
            return this if include_current else following, move(following, unit, count)
        case _:
            raise KeyError(op)


def begin_time(moment: dt.datetime, unit: str) -> dt.datetime:
    """Return the first instant of the bucket, down to the hour, that holds a wall clock's time."""
    if unit == "hour":
        return moment.replace(minute=0, second=0, microsecond=0)
    return dt.datetime.combine(begin(moment, unit), dt.time())


def next_time(moment: dt.datetime, unit: str) -> dt.datetime:
    """Return the first instant after the bucket that holds a wall clock's time."""
    first = begin_time(moment, unit)
    if unit == "hour":
        if first > LAST - dt.timedelta(hours=1):
            raise OutOfCalendar
        return first + dt.timedelta(hours=1)
    return dt.datetime.combine(move(first.date(), unit, 1), dt.time())


def bound(moment: dt.date, column_type: ColumnType, zone: zoneinfo.ZoneInfo) -> dt.date:
    """Return a wall clock's day or time as a column of that type compares with it.

    A date column compares with the day; a timestamp with the time, midnight of a day; a
    timestamp with a zone with the instant, in UTC.
    """
    if column_type.family is Family.DATE:
        return moment.date() if isinstance(moment, dt.datetime) else moment
    time = moment if isinstance(moment, dt.datetime) else dt.datetime.combine(moment, dt.time())
    if column_type.name != "timestamptz":
        return time
    try:
        return (time.replace(tzinfo=zone) if time.tzinfo is None else time).astimezone(dt.UTC)
    except OverflowError:
        # The calendar's first or last day, in a zone east or west of UTC.
        return time.replace(tzinfo=dt.UTC)


def _moved(day: dt.date, days: int) -> dt.date:
    try:
        return day + dt.timedelta(days=days)
    except OverflowError:
        raise OutOfCalendar from None
