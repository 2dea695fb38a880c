"""A received location into a row of raw.alleaves_locations: a white list, since the object also carries secrets.

Nothing else of it is read, stored or logged.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from zoneinfo import ZoneInfo

from sync_assets.sources.alleaves.decoding.rows import Issue, Reader, Row, Rules, issue
from sync_assets.sources.alleaves.decoding.scrubbing import json_text
from sync_assets.sources.alleaves.decoding.values import BadValue, read_flag, read_id, read_text

ENTITY = "locations"
_TEXTS = ("legal_name", "license", "address", "city", "state", "postal_code", "country", "phone")
_FLAGS = (
    "retail",
    "pickup",
    "delivery",
    "curbside",
    "kiosk",
    "drive_through",
    "active",
    "is_adult_use",
    "is_medical_use",
    "is_metrc",
)


def decode_location(received: Any, rules: Rules) -> tuple[Row | None, list[Issue]]:
    """The typed row and its issues; no row for a reject (`not_an_object`, `no_location_id`), whose value is not shown."""
    if not isinstance(received, Mapping):
        return None, [issue(ENTITY, "not_an_object", "The element is not an object", severity="error")]
    read = Reader(received, ENTITY, rules)
    read.record_key = read.id("id_location")
    if read.record_key is None:
        read.note("no_location_id", "location_id", None, "is missing", severity="error")
        return None, read.issues
    row = {
        "org_id": rules.org_id,
        "location_id": read.record_key,
        "reference": read.text("reference"),
        "location": read.text("location"),
        **{column: read.text(column) for column in _TEXTS},
        "timezone": read.text("timezone"),
        **{column: read.flag(column) for column in _FLAGS},
        "local_tax_percentage": read.number("local_tax_percentage", places=3),
        "date_created": read.instant("date_created"),
        "date_updated": read.instant("date_updated"),
        "areas": _areas(received.get("areas")),
    }
    return row, read.issues


def _areas(received: Any) -> str | None:
    elements = received.values() if isinstance(received, Mapping) else received
    if not isinstance(elements, Iterable) or isinstance(elements, str):
        return None
    return json_text([_area(element) for element in elements if isinstance(element, Mapping)])


def _area(received: Mapping[str, Any]) -> Row:
    return {
        "id_area": read_id(received.get("id_area")),
        "id_parent": read_id(received.get("id_parent")),
        "name": _or_none(read_text, received.get("name")),
        "path": _or_none(read_text, received.get("path")),
        "deleted": _or_none(read_flag, received.get("deleted")),
        "returnable": _or_none(read_flag, received.get("returnable")),
    }


def _or_none(read: Any, value: Any) -> Any:
    try:
        return read(value)
    except BadValue:
        return None


def location_id(received: Any) -> str | None:
    """The key of a received location, None for a row without one."""
    return read_id(received.get("id_location")) if isinstance(received, Mapping) else None


def store_timezone(locations: Iterable[Mapping[str, Any]], location_ids: Iterable[str], default: str | None) -> str:
    """The time zone of the first configured location when it is a known name, else the setting, else UTC.

    `locations` are rows with location_id and timezone.

    >>> store_timezone([{"location_id": "1000", "timezone": "America/Denver"}], ["1000"], None)
    'America/Denver'
    """
    zones = {row["location_id"]: row["timezone"] for row in locations}
    first = next(iter(location_ids), None)
    found = zones.get(first) if first is not None else None
    return found if found and _is_zone(found) else default or "UTC"


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except Exception:  # zoneinfo raises several kinds for a malformed name
        return False
    return True
