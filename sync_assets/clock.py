"""The only place that reads the clock, so that everything else takes the instant as an argument."""

from __future__ import annotations

from datetime import UTC, datetime

from sync_assets.errors import ConfigurationError


def utc_now() -> datetime:
    return datetime.now(UTC)  # noqa: TID251


def whole_seconds(moment: datetime) -> datetime:
    return moment.replace(microsecond=0)


def read_moment(text: str) -> datetime:
    """The instant of an ISO 8601 text in whole seconds, UTC when it names no offset. Raises ConfigurationError."""
    try:
        moment = datetime.fromisoformat(text)
        return whole_seconds(moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC))
    except (ValueError, OverflowError):
        raise ConfigurationError(
            f"as_of {text!r} is not ISO 8601; write 2026-06-30T12:00:00Z", code="bad_setting"
        ) from None
