"""Reading one received row: values by the names they may have, and the issues met on the way.

Which columns a table has does not belong here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, tzinfo
from decimal import Decimal
from typing import Any, Literal, TypeVar
from zoneinfo import ZoneInfo

from sync_assets.connections import AlleavesConnection
from sync_assets.sources.alleaves.decoding import values
from sync_assets.sources.alleaves.decoding.scrubbing import json_text
from sync_assets.sources.alleaves.decoding.values import BadValue

Row = dict[str, Any]
Severity = Literal["info", "warning", "error"]
T = TypeVar("T")

RAW_LIMIT = 500


@dataclass(frozen=True)
class Rules:
    """What decoding has to know about the organisation: `now` is the start of the run, `timezone` the store's."""

    org_id: str
    now: datetime
    timezone: str = "UTC"
    currency: str = "USD"
    location_ids: tuple[str, ...] = ()
    placeholder_email_domains: tuple[str, ...] = ("alleaves.local", "unknown.local")
    keep_birth_date: bool = False

    @classmethod
    def of(
        cls,
        connection: AlleavesConnection,
        *,
        org_id: str,
        now: datetime,
        location_ids: tuple[str, ...] | None = None,
        timezone: str | None = None,
    ) -> Rules:
        """The rules of a connection; `location_ids` as the client found them, `timezone` of `store_timezone`."""
        return cls(
            org_id=org_id,
            now=now,
            timezone=timezone or connection.timezone or "UTC",
            currency=connection.currency,
            location_ids=tuple(
                values.read_id(one) or one
                for one in (connection.location_ids if location_ids is None else location_ids)
            ),
            placeholder_email_domains=connection.placeholder_email_domains,
            keep_birth_date=connection.keep_birth_date,
        )

    @property
    def store_zone(self) -> tzinfo:
        return UTC if self.timezone == "UTC" else ZoneInfo(self.timezone)


@dataclass(frozen=True)
class Issue:
    """One thing found in one row. Severity `error`: the row is not loaded; `info`: expected, only counted."""

    entity: str
    record_key: str | None
    column: str | None
    raw_value: str | None
    code: str
    severity: Severity
    message: str

    def reject(self) -> Row:
        """The columns of ops.rejected_rows that the source knows."""
        return {
            "entity": self.entity,
            "record_key": self.record_key,
            "column_name": self.column,
            "raw_value": self.raw_value,
            "code": self.code,
            "severity": self.severity,
            "message": self.message,
        }


@dataclass
class Reader:
    """One received row, read name by name; a value that cannot be understood becomes null and an issue.

    Several names mean: the first that is not blank. A dot leads into an object.
    """

    row: Mapping[str, Any]
    entity: str
    rules: Rules
    record_key: str | None = None
    issues: list[Issue] = field(default_factory=list)

    def first(self, *names: str) -> Any:
        """The first value that is not blank, as received."""
        return next((value for value in map(self._value, names) if not values.is_blank(value)), None)

    def _value(self, name: str) -> Any:
        if "." not in name:
            return self.row.get(name)
        value: Any = self.row
        for part in name.split("."):
            value = value.get(part) if isinstance(value, Mapping) else None
        return value

    def text(self, column: str, *names: str) -> str | None:
        return self._read(column, names, values.read_text)

    def id(self, *names: str) -> str | None:
        """The first usable id."""
        return next((found for found in (values.read_id(self._value(name)) for name in names) if found), None)

    def reference(self, *names: str) -> str | None:
        """The first usable reference to a customer."""
        return next((found for found in (values.read_reference(self._value(name)) for name in names) if found), None)

    def number(self, column: str, *names: str, places: int = 2) -> Decimal | None:
        return self._read(column, names, lambda value: values.read_number(value, places=places))

    def percent(self, column: str, *names: str) -> Decimal | None:
        return self._read(column, names, values.read_percent)

    def flag(self, column: str, *names: str) -> bool | None:
        return self._read(column, names, values.read_flag)

    def instant(self, column: str, *names: str) -> datetime | None:
        return self._read(column, names, lambda value: values.read_instant(value, self.rules.store_zone))

    def date(self, column: str, *names: str) -> date | None:
        return self._read(column, names, values.read_date)

    def email(self, *names: str) -> tuple[str | None, str]:
        """The normalised e-mail, null unless real, and its status."""
        raw = self.first(*names)
        email, status = values.read_email(raw, self.rules.placeholder_email_domains)
        if status == "invalid":
            self.note("bad_email", "email", raw, "is not an e-mail address")
        return email, status

    def _read(self, column: str, names: tuple[str, ...], read: Callable[[Any], T | None]) -> T | None:
        raw = self.first(*(names or (column,)))
        try:
            return read(raw)
        except BadValue as bad:
            self.note(bad.code, column, raw, bad.message)
            return None

    def note(self, code: str, column: str | None, raw: Any, message: str, *, severity: Severity = "warning") -> None:
        """Keeps an issue; `message` completes the sentence that begins with the column."""
        sentence = f"{column} {message}" if column else message
        self.issues.append(issue(self.entity, code, sentence, self.record_key, column, raw, severity=severity))

    def payload(self) -> str:
        return json_text(self.row, keep_birth_date=self.rules.keep_birth_date)


def issue(
    entity: str,
    code: str,
    message: str,
    record_key: str | None = None,
    column: str | None = None,
    raw: Any = None,
    *,
    severity: Severity = "warning",
) -> Issue:
    """An issue whose raw value is scrubbed, storable and at most 500 characters long."""
    shown = None if raw is None else (values.storable(raw) if isinstance(raw, str) else json_text(raw))[:RAW_LIMIT]
    return Issue(entity, record_key, column, shown, code, severity, message)


def not_an_object(entity: str, value: Any) -> Issue:
    """The reject for an element of a list that is no row."""
    return issue(entity, "not_an_object", "The element is not an object", raw=value, severity="error")
