"""What the point of sale holds: rows exactly as the observed dialect sends them, and the calendar day of an order.

The documented dialect is a projection of the same rows and belongs to `documented.py`.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from datetime import UTC, date, datetime
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

Row = dict[str, Any]


class Store:
    """The rows of one account, changed under `lock`. `moment` is the instant up to which its life has happened."""

    def __init__(
        self,
        locations: Iterable[Row] = (),
        customers: Iterable[Row] = (),
        orders: Iterable[Row] = (),
        inventory: Iterable[Row] = (),
        moment: datetime | None = None,
    ) -> None:
        self.lock = threading.RLock()
        self.locations = list(locations)
        self.customers = list(customers)
        self.orders = list(orders)
        self.inventory = list(inventory)
        self.moment = moment
        # What `advance` has prepared for later: when, into which list, and the row.
        self.coming: list[tuple[datetime, str, Row]] = []
        self._highest: dict[str, tuple[int, int]] = {}
        self._instants: dict[str, datetime | None] = {}
        self._days: dict[str, date | None] = {}

    @property
    def location_ids(self) -> list[str]:
        return [str(row["id_location"]) for row in self.locations]

    @cached_property
    def zone(self) -> ZoneInfo:
        """The time zone of the first location."""
        return ZoneInfo((self.locations[0].get("timezone") if self.locations else None) or "UTC")

    def next_id(self, rows: str, name: str) -> int:
        """An id for a new row of that list, one more than the highest seen; never given twice."""
        current = getattr(self, rows)
        seen, highest = self._highest.get(rows, (0, 0))
        added = (row[name] for row in current[seen:] if isinstance(row.get(name), int))
        highest = max(highest, *added, 0) + 1
        self._highest[rows] = (len(current), highest)
        return highest

    def instant(self, order: Row) -> datetime | None:
        """When an order was made, in UTC; None when it holds no readable date."""
        text = str(order.get("date_created") or order.get("created_at"))
        if text not in self._instants:
            self._instants[text] = read_instant(text, self.zone)
        return self._instants[text]

    def day(self, order: Row) -> date | None:
        """The store's calendar day of an order; None when it holds no readable date."""
        text = str(order.get("date_created") or order.get("created_at"))
        if text not in self._days:
            instant = self.instant(order)
            self._days[text] = instant.astimezone(self.zone).date() if instant else None
        return self._days[text]


def read_instant(text: str, zone: ZoneInfo) -> datetime | None:
    """The instant in UTC of a text with offset, without (UTC) or of a date only (midnight in `zone`); else None."""
    try:
        if len(text) == 10:
            return datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(UTC)
        read = datetime.fromisoformat(text)
    except ValueError:
        return None
    return read.replace(tzinfo=UTC) if read.tzinfo is None else read.astimezone(UTC)
