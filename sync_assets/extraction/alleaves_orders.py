"""Reads Alleaves orders with their lines: the trailing window of every run, and whole months for the years before.

Orders accumulate: a stored one is changed by what arrives, never deleted. Alleaves specification, section 2.2.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import Any

import pandas as pd

from sync_assets.errors import SourceDataError
from sync_assets.extraction.alleaves_landing import SOURCE, PosLanding, check_reject_rate, reading, stamped, tell_order
from sync_assets.extraction.results import StreamResult
from sync_assets.tables.raw import ALLEAVES_ORDER_LINES, ALLEAVES_ORDERS
from sync_assets.warehouse import books, queries

ONE_DAY = timedelta(days=1)
# An empty list is believed while fewer orders than this are known in the window.
FEW_ORDERS = 50

Order = tuple[dict[str, Any], list[dict[str, Any]]]


def order_window(landing: PosLanding) -> tuple[date, date]:
    """First and last store-local day to ask orders for: the trailing window, wider after days without a good run."""
    zone = landing.rules().store_zone
    today = landing.started_at.astimezone(zone).date()
    start = today - timedelta(days=landing.connection.window_days) - ONE_DAY
    status = queries.sync_status(landing.warehouse, landing.org_id, SOURCE)
    if status.get("orders_synced_at"):
        start = min(start, status["orders_synced_at"].astimezone(zone).date() - ONE_DAY)
    if landing.is_full and status.get("history_starts_at"):
        start = min(start, status["history_starts_at"])
    return start, today + ONE_DAY


def read_orders(landing: PosLanding) -> StreamResult:
    """Upserts the orders of the trailing window with their lines, batch by batch.

    Raises SourceDataError (`suspicious_empty`) for an empty list while many orders of the window are stored.
    """
    with reading(landing, "orders", ALLEAVES_ORDERS, is_whole=False) as result:
        start, end = order_window(landing)
        land_orders(landing, result, start, end)
        if not result.extracted:
            since = landing.started_at - timedelta(days=landing.connection.window_days)
            known = len(
                landing.warehouse.read(ALLEAVES_ORDERS, landing.org_id, ["order_id"], [("created_at", ">=", since)])
            )
            if known >= FEW_ORDERS:
                raise SourceDataError(
                    f"{landing.org_id}: Alleaves sent no order although {known} of this window are known; "
                    "nothing was changed",
                    code="suspicious_empty",
                )
        _save_state(landing, start, orders_synced_at=landing.started_at)
    return result


def read_order_months(landing: PosLanding, months: list[str]) -> StreamResult:
    """Upserts the orders of whole months `YYYY-MM` with their lines."""
    with reading(landing, "order_history", ALLEAVES_ORDERS, is_whole=False) as result:
        for month in months:
            first = date.fromisoformat(f"{month}-01")
            after = (first + timedelta(days=32)).replace(day=1)
            # A day more on both sides, since nobody knows in which zone the source reads dates.
            land_orders(landing, result, first - ONE_DAY, after)
            _save_state(landing, first)
    return result


def _save_state(landing: PosLanding, start: date, **values: Any) -> None:
    known = queries.sync_status(landing.warehouse, landing.org_id, SOURCE).get("history_starts_at")
    earliest = min(start, known) if known else start
    books.save_status(landing.warehouse, landing.org_id, SOURCE, history_starts_at=earliest, **values)


def land_orders(landing: PosLanding, result: StreamResult, start: date, end: date) -> None:
    """Lands the orders of the days `start` to `end`, both included.

    Raises SourceDataError (`reject_rate`) after landing when too many rows could not be read.
    """
    received, unreadable = result.extracted, result.rejected
    for batch in _batches(_received(landing, result, start, end), landing.connection.batch_size):
        newest = {order["order_id"]: (order, lines) for order, lines in batch}
        result.warnings["duplicates_in_fetch"] += len(batch) - len(newest)
        for order_id in _outdated(landing, newest):
            del newest[order_id]
            result.warnings["stale"] += 1
        _write(landing, result, newest)
    check_reject_rate(landing, "orders", result.rejected - unreadable, result.extracted - received)


def _received(landing: PosLanding, result: StreamResult, start: date, end: date) -> Iterator[Order]:
    rules = landing.rules()
    for location_id in landing.client.scopes:
        for page in landing.client.orders(start, end, location_id=location_id, timezone=rules.timezone):
            for element in page:
                order = tell_order(landing, result, element, rules, location_id)
                if order is not None:
                    yield order


def _batches(orders: Iterable[Order], size: int) -> Iterator[list[Order]]:
    batch: list[Order] = []
    for order in orders:
        batch.append(order)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch


def _outdated(landing: PosLanding, orders: dict[str, Order]) -> list[str]:
    """Orders that are stored with a later change time than the one received."""
    changed_at = {order_id: order["updated_at"] for order_id, (order, _) in orders.items() if order["updated_at"]}
    where = [("order_id", "in", list(changed_at))]
    stored = landing.warehouse.read(ALLEAVES_ORDERS, landing.org_id, ["order_id", "updated_at"], where)
    return [
        row["order_id"]
        for row in stored.to_dict("records")
        if not pd.isna(row["updated_at"]) and changed_at[row["order_id"]] < row["updated_at"]
    ]


def _write(landing: PosLanding, result: StreamResult, orders: dict[str, Order]) -> None:
    """Lines first: an order that is stored has its lines, whenever the process ends."""
    lines = stamped(landing, ALLEAVES_ORDER_LINES, [line for _, lines in orders.values() for line in lines])
    where = [("order_id", "in", list(orders))]
    result.line_changes += landing.warehouse.replace(ALLEAVES_ORDER_LINES, lines, landing.org_id, where=where)
    rows = stamped(landing, ALLEAVES_ORDERS, [order for order, _ in orders.values()])
    result.changes += landing.warehouse.merge(ALLEAVES_ORDERS, rows, landing.org_id)
