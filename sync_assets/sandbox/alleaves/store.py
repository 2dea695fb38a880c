"""What the point of sale holds: rows exactly as the observed dialect sends them, and the calendar day of an order.

The documented dialect is a projection of the same rows and belongs to `documented.py`.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
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
        self._times: dict[Any, tuple[datetime | None, date | None]] = {}
        self._selection: tuple[Any, list[Any], list[int]] = (None, [], [])

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

    def orders_between(self, first: date, last: date, today: date) -> list[Row]:
        """The orders of the store's days from `first` to `last`, both included.

        An order without a readable date, or with one in the future, counts as one of today.
        """

        def is_in(order: Row) -> bool:
            return first <= min(self.day(order) or today, today) <= last

        return self._selected((first, last, today), is_in)

    def orders_since(self, start: datetime) -> list[Row]:
        """The orders made at that instant or later, and those without a readable date."""
        return self._selected(start, lambda order: (self.instant(order) or start) >= start)

    def _selected(self, key: Any, is_in: Callable[[Row], bool]) -> list[Row]:
        # The pages of a walk ask for the same orders again, so the choice is kept for as long as no date has changed.
        dates = [order.get("date_created") or order.get("created_at") for order in self.orders]
        if self._selection[:2] != (key, dates):
            self._selection = (key, dates, [place for place, order in enumerate(self.orders) if is_in(order)])
        return [self.orders[place] for place in self._selection[2]]

    def _time(self, order: Row) -> tuple[datetime | None, date | None]:
        text = order.get("date_created") or order.get("created_at")
        if text not in self._times:
            instant = read_instant(str(text), self.zone)
            self._times[text] = (instant, instant.astimezone(self.zone).date() if instant else None)
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
