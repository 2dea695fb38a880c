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
        self._times: dict[Any, tuple[Any, ...]] = {}

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
        return self._time(order)[0]

    def day(self, order: Row) -> date | None:
        """The store's calendar day of an order; None when it holds no readable date."""
        return self._time(order)[1]

    def orders_made(self, first: Any, last: Any, now: datetime) -> list[Row]:
        """The orders from `first` to `last`, both included: two of the store's days, or two instants.

        An order without a readable date, or with one in the future, counts as made `now`.
        """
        is_instant = isinstance(first, datetime)
        low, high = (it.timestamp() if is_instant else it.toordinal() for it in (first, last))
        latest = now.timestamp() if is_instant else now.astimezone(self.zone).toordinal()
        part, times, found = 2 if is_instant else 3, self._times, []
        # Written out and in plain numbers, since every page of a walk looks at every order.
        for order in self.orders:
            known = times.get(order.get("date_created") or order.get("created_at")) or self._time(order)
            made: Any = known[part]
            if made is None or made > latest:
                made = latest
            if low <= made <= high:
                found.append(order)
        return found

    def _time(self, order: Row) -> tuple[Any, ...]:
        """Instant, day, timestamp and ordinal of an order's date; four times None when it cannot be read."""
        text = order.get("date_created") or order.get("created_at")
        if text not in self._times:
            instant = read_instant(str(text), self.zone)
            day = instant.astimezone(self.zone).date() if instant else None
            self._times[text] = (instant, day, instant.timestamp(), day.toordinal()) if instant and day else (None,) * 4
        return self._times[text]


def read_instant(text: str, zone: ZoneInfo) -> datetime | None:
    """The instant in UTC of a text with offset, without (UTC) or of a date only (midnight in `zone`); else None."""
    try:
        if len(text) == 10:
            return datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(UTC)
        read = datetime.fromisoformat(text)
    except ValueError:
        return None
    return read.replace(tzinfo=UTC) if read.tzinfo is None else read.astimezone(UTC)
