"""Dates and timestamps: buckets, calendar arithmetic, and the time zone in force."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import ibis

from aurora_widgets.query.types import DATE, INT64, INTERVAL, TIMESTAMP, TIMESTAMPTZ, ColumnType
from aurora_widgets.sql.datatypes import call
from aurora_widgets.sql.target import Target, Typed

_INTERVALS: dict[str, tuple[str, int]] = {
    "year": ("to_months", 12),
    "quarter": ("to_months", 3),
    "month": ("to_months", 1),
    "week": ("to_days", 7),
    "day": ("to_days", 1),
    "hour": ("to_hours", 1),
}
"""The function that makes an interval of a unit, and how many it takes."""

INT32 = ColumnType("int32")


@dataclass(frozen=True, slots=True)
class Moments:
    """Operations on dates and timestamps, in the target's time zone."""

    target: Target

    def local(self, moment: Typed) -> Any:
        """Return a timestamp with a zone as the clock there shows it; others as they are."""
        return self.target.cast(moment, TIMESTAMP) if moment.type == TIMESTAMPTZ else moment.value

    def _instant(self, local: Any, column_type: ColumnType) -> Any:
        return self.target.cast(Typed(local, TIMESTAMP), column_type)

    def truncate(self, unit: str, moment: Typed) -> Any:
        """Return the first moment of the calendar unit, as the same type; weeks begin on Monday."""
        local = self.local(moment)
        start = call("date_trunc", ibis.literal(unit), local, to=TIMESTAMP)
        if moment.type == TIMESTAMP:
            return start
        if moment.type == TIMESTAMPTZ and unit == "hour":
            # the clock shows one hour twice when summer time ends: go back by what has passed of it
            passed = call("age", local, start, to=INTERVAL)
            return moment.value - passed
        return self._instant(start, moment.type)

    def add(self, unit: str, count: Any, moment: Typed) -> Any:
        """Return the moment moved by calendar units; a month's end stays within its month."""
        function, times = _INTERVALS[unit]
        many = self.target.cast(Typed(count * times if times > 1 else count, INT64), INT32)
        interval = call(function, many, to=INTERVAL)
        if moment.type == TIMESTAMPTZ and unit == "hour":
            return moment.value + interval
        moved = (
            self.target.cast(Typed(self.local(moment), DATE if moment.type == DATE else TIMESTAMP), TIMESTAMP)
            + interval
        )
        return moved if moment.type == TIMESTAMP else self._instant(moved, moment.type)

    def difference(self, unit: str, start: Typed, end: Typed) -> Any:
        """Return how many boundaries of the unit lie between two moments."""
        if unit == "hour" and TIMESTAMPTZ in {start.type, end.type}:
            hours = [
                self.truncate("hour", Typed(self.target.cast(each, TIMESTAMPTZ), TIMESTAMPTZ))
                for each in (start, end)
            ]
            passed = [call("epoch_us", each, to=INT64) for each in hours]
            return call("divide", passed[1] - passed[0], ibis.literal(3_600_000_000), to=INT64)
        first, last = (
            self.target.cast(Typed(self.local(each), DATE if each.type == DATE else TIMESTAMP), TIMESTAMP)
            for each in (start, end)
        )
        if unit == "week":
            monday = [call("date_trunc", ibis.literal("week"), each, to=TIMESTAMP) for each in (first, last)]
            days = call("date_diff", ibis.literal("day"), *monday, to=INT64)
            return call("divide", days, ibis.literal(7), to=INT64)
        return call("date_diff", ibis.literal(unit), first, last, to=INT64)
