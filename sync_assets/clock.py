"""The only place that reads the clock, so that everything else takes the instant as an argument."""

from __future__ import annotations

from datetime import UTC, datetime


def utc_now() -> datetime:
    return datetime.now(UTC)  # noqa: TID251


def whole_seconds(moment: datetime) -> datetime:
    return moment.replace(microsecond=0)
