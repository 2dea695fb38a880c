"""Points in time and windows in UTC: where a window of calendar months starts, and how an instant is written as text.

Reading the clock does not belong here; the instant is always an argument.
"""

from __future__ import annotations

import calendar
from datetime import UTC, datetime

from sync_assets.errors import ConfigurationError


def as_utc(moment: datetime) -> datetime:
    """`moment` in UTC; a value without offset is read as UTC.

    >>> as_utc(datetime(2026, 6, 30, 12)).isoformat()
    '2026-06-30T12:00:00+00:00'
    """
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def window_start(as_of: datetime, months_back: int) -> datetime | None:
    """`as_of` minus calendar months in UTC, at the same time of day; None = no lower bound (0 months).

    A day that does not exist becomes the last day of its month. Raises ConfigurationError for a negative number.

    >>> window_start(datetime(2026, 6, 30, 12, tzinfo=UTC), 4).isoformat()
    '2026-02-28T12:00:00+00:00'
    """
    if months_back < 0:
        raise ConfigurationError(f"months_back is {months_back}; use 0 for the whole history, or more")
    if months_back == 0:
        return None
    moment = as_utc(as_of)
    year, month = divmod(moment.year * 12 + moment.month - 1 - months_back, 12)
    if year < 1:
        return None
    day = min(moment.day, calendar.monthrange(year, month + 1)[1])
    return moment.replace(year=year, month=month + 1, day=day)


def iso_utc(moment: datetime) -> str:
    """`moment` as ISO 8601 text in UTC.

    >>> iso_utc(datetime(2026, 6, 30, 12))
    '2026-06-30T12:00:00Z'
    """
    return as_utc(moment).isoformat().replace("+00:00", "Z")
