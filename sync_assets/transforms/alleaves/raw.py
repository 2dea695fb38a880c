"""The raw Alleaves frames of one organisation, the rules of its connection, and what several mappings read from both.

Mappings to one table do not belong here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from sync_assets.transforms.columns import map_unique, to_arrow
from sync_assets.transforms.windows import as_utc

SOURCE = "alleaves"
COUNTRIES = {"USA": "US", "UNITED STATES": "US", "UNITED STATES OF AMERICA": "US", "CANADA": "CA", "CAN": "CA"}


@dataclass(frozen=True)
class AlleavesRaw:
    """Frames of the raw tables, of one organisation."""

    customers: pd.DataFrame
    orders: pd.DataFrame
    lines: pd.DataFrame
    inventory: pd.DataFrame
    locations: pd.DataFrame


@dataclass(frozen=True)
class PosRules:
    """What the connection says about reading a store; `location_ids` empty = all that were read."""

    location_ids: tuple[str, ...] = ()
    currency: str = "USD"
    excluded_order_statuses: tuple[str, ...] = ("void", "cancelled")
    unsellable_area_types: tuple[str, ...] = ("damaged", "scrap", "quarantine")
    estimate_missing_prices: bool = False
    timezone: str = "UTC"


USUAL_RULES = PosRules()


def first_location(raw: AlleavesRaw, rules: PosRules) -> dict[str, Any]:
    """The first configured location that was read, else the one with the lowest id; empty when there is none."""
    rows = {row["location_id"]: row for row in to_arrow(raw.locations).sort_by("location_id").to_pylist()}
    found = [rows[location_id] for location_id in rules.location_ids or rows if location_id in rows]
    return found[0] if found else {}


def store_country(raw: AlleavesRaw, rules: PosRules, default: str) -> str:
    """ISO code of the store's country; `default` when the location has none that is known."""
    written = (first_location(raw, rules).get("country") or "").strip().upper().replace(".", "")
    code = COUNTRIES.get(written, written)
    return code if len(code) == 2 and code.isascii() and code.isalpha() else default


def store_today(raw: AlleavesRaw, rules: PosRules, now: datetime) -> date:
    """The day in the store's time zone: the first location's, else that of the rules."""
    for name in (first_location(raw, rules).get("timezone"), rules.timezone):
        try:
            zone = ZoneInfo((name or "").strip())
        except (ValueError, KeyError, OSError):  # zoneinfo raises several kinds for a name it does not know
            continue
        return as_utc(now).astimezone(zone).date()
    return as_utc(now).date()


def places_of(location_ids: Any, rules: PosRules) -> Any:
    """Rank of each location: as configured, else by id; locations that are not configured are null.

    >>> places_of(pa.array(["12", "9", "7"]), PosRules(location_ids=("9", "12"))).to_pylist()
    [1, 0, None]
    """
    known = rules.location_ids or tuple(sorted(pc.unique(location_ids).to_pylist()))
    return pc.index_in(location_ids, value_set=pa.array(known, pa.string()))


def normalise_names(names: Any) -> Any:
    """Names for comparing: lower case, single blanks.

    >>> normalise_names(pa.array([" Blue  Fig 3.5g", " "])).to_pylist()
    ['blue fig 3.5g', None]
    """
    return map_unique(names, _normalise_name, pa.string())


def _normalise_name(name: str) -> str | None:
    return " ".join(name.casefold().split()) or None
