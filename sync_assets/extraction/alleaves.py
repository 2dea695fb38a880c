"""Reads one Alleaves account into its raw tables: locations, customers, orders with their lines, inventory.

The rules are section 2 of the Alleaves specification. The protocol and the meaning of fields do not belong here, nor
does any SQL.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import pandas as pd

from sync_assets.connections import AlleavesConnection, Org
from sync_assets.errors import ConfigurationError, SourceDataError, SyncError
from sync_assets.extraction.results import StreamResult
from sync_assets.sources.alleaves import AlleavesClient
from sync_assets.tables.raw import (
    ALLEAVES_CUSTOMERS,
    ALLEAVES_INVENTORY,
    ALLEAVES_LOCATIONS,
    ALLEAVES_ORDER_LINES,
    ALLEAVES_ORDERS,
)
from sync_assets.transforms.alleaves.menu import decide_removal
from sync_assets.transforms.alleaves.sharing import mark_shared_emails
from sync_assets.warehouse import Changes, Warehouse, books, queries

SOURCE = "alleaves"
# More unreadable rows than this share mean that something is wrong with the whole, not with single rows.
REJECT_LIMIT_PERCENT = 20
# An empty list is believed while fewer orders than this are known in the window.
FEW_ORDERS = 50
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class PosLanding:
    """Where the rows of one run go, and how the run asked for them."""

    warehouse: Warehouse
    client: AlleavesClient
    connection: AlleavesConnection
    org: Org
    run_id: str
    started_at: datetime
    is_full: bool = False
    accept_shrink: bool = False
    on_progress: Callable[[str, int], None] | None = None

    @property
    def org_id(self) -> str:
        return self.org.org_id


def read_locations(landing: PosLanding) -> StreamResult:
    """Replaces the locations. An error there is a warning: the stored ones are used on.

    Raises ConfigurationError when a configured location is not in a good answer.
    """
    with _reading(landing, "locations", ALLEAVES_LOCATIONS) as result:
        try:
            received = landing.client.locations()
        except ConfigurationError:
            raise
        except SyncError as error:
            message = f"{landing.org_id}: the locations were not read ({error.message}); the stored ones are used"
            result.problems.append({"code": "location_unread", "message": message})
            return result
        rows = _decode(landing, result, received, _decoder(landing).location)
        unknown = sorted(set(landing.client.location_ids) - {row["location_id"] for row in rows}) if received else []
        if unknown:
            raise ConfigurationError(
                f"{landing.org_id}: Alleaves knows no location {unknown[0]}; correct location_ids", code="no_location"
            )
        frame = _stamped(landing, ALLEAVES_LOCATIONS, rows)
        result.changes += landing.warehouse.replace(ALLEAVES_LOCATIONS, frame, landing.org_id)
    return result


def read_customers(landing: PosLanding) -> StreamResult:
    """Upserts the whole list of customers; those that it leaves out stay, with `last_seen_at`.

    Raises SourceDataError (`suspicious_empty`) for an empty list while customers are stored.
    """
    with _reading(landing, "customers", ALLEAVES_CUSTOMERS) as result:
        frames = []
        for page in _batches(landing.client.customers(), landing.connection.batch_size):
            rows = _decode(landing, result, page, _decoder(landing).customer)
            frames.append(_stamped(landing, ALLEAVES_CUSTOMERS, rows))
            _tell(landing, result)
        stored = landing.warehouse.read(ALLEAVES_CUSTOMERS, landing.org_id, ["customer_id", "last_seen_at"])
        if result.extracted == 0 and len(stored):
            raise SourceDataError(
                f"{landing.org_id}: Alleaves sent no customer although {len(stored)} are known; nothing was changed",
                code="suspicious_empty",
            )
        listed = _keep_last(frames, ["customer_id"], ALLEAVES_CUSTOMERS, result)
        everyone = pd.concat([listed, _unlisted(landing, stored, listed)], ignore_index=True)
        everyone = mark_shared_emails(everyone)
        size = landing.connection.batch_size
        blocks = (everyone.iloc[start : start + size] for start in range(0, len(everyone), size))
        result.changes += landing.warehouse.merge(ALLEAVES_CUSTOMERS, blocks, landing.org_id)
        books.save_status(landing.warehouse, landing.org_id, SOURCE, customers_synced_at=landing.started_at)
    return result


def _unlisted(landing: PosLanding, stored: pd.DataFrame, listed: pd.DataFrame) -> pd.DataFrame:
    """The stored customers that the list left out, with the time they were last listed."""
    gone = stored.loc[~stored["customer_id"].isin(listed["customer_id"]), "customer_id"].tolist()
    if not gone:
        return ALLEAVES_CUSTOMERS.empty()
    rows = landing.warehouse.read(ALLEAVES_CUSTOMERS, landing.org_id, where=[("customer_id", "in", gone)])
    status = queries.sync_status(landing.warehouse, landing.org_id, SOURCE)
    before = status.get("customers_synced_at") or landing.started_at
    rows["last_seen_at"] = rows["last_seen_at"].fillna(pd.Timestamp(before))
    rows["fetched_at"], rows["run_id"] = landing.started_at, landing.run_id
    return ALLEAVES_CUSTOMERS.frame(rows)


def order_window(landing: PosLanding) -> tuple[date, date]:
    """First and last local day to ask orders for: the trailing window, wider after days without a good run."""
    zone = _decoder(landing).zone
    today = landing.started_at.astimezone(zone).date()
    start = today - timedelta(days=landing.connection.window_days) - ONE_DAY
    status = queries.sync_status(landing.warehouse, landing.org_id, SOURCE)
    if status.get("orders_synced_at"):
        start = min(start, status["orders_synced_at"].astimezone(zone).date() - ONE_DAY)
    if landing.is_full and status.get("history_starts_at"):
        start = min(start, status["history_starts_at"])
    return start, today + ONE_DAY


def read_orders(landing: PosLanding) -> StreamResult:
    """Upserts the orders of the trailing window with their lines, batch by batch; orders are never deleted.

    Raises SourceDataError (`suspicious_empty`) for an empty list while many orders of the window are stored.
    """
    with _reading(landing, "orders", ALLEAVES_ORDERS) as result:
        start, end = order_window(landing)
        land_orders(landing, result, start, end)
        if result.extracted == 0:
            known = books.count_rows(
                landing.warehouse,
                ALLEAVES_ORDERS,
                landing.org_id,
                [("created_at", ">=", landing.started_at - (end - start))],
            )
            if known >= FEW_ORDERS:
                raise SourceDataError(
                    f"{landing.org_id}: Alleaves sent no order although {known} of this window are known; "
                    "nothing was changed",
                    code="suspicious_empty",
                )
        _save_order_state(landing, start, orders_synced_at=landing.started_at)
    return result


def read_order_months(landing: PosLanding, months: list[str]) -> StreamResult:
    """Upserts the orders of whole months `YYYY-MM`, for the years before the trailing window."""
    with _reading(landing, "order_history", ALLEAVES_ORDERS) as result:
        for month in months:
            first = date.fromisoformat(f"{month}-01")
            after = (first + timedelta(days=32)).replace(day=1)
            land_orders(landing, result, first - ONE_DAY, after)
            _save_order_state(landing, first)
    return result


def land_orders(landing: PosLanding, result: StreamResult, start: date, end: date) -> None:
    """Lands the orders of the days `start` to `end`; an order older than the stored one is left out and counted."""
    decoder = _decoder(landing)
    received, unreadable = result.extracted, result.rejected
    for page in _batches(landing.client.orders(start, end), landing.connection.batch_size):
        decoded = _decode(landing, result, page, decoder.order)
        newest = {order["order_id"]: (order, lines) for order, lines in decoded}
        result.warnings["duplicates_in_fetch"] += len(decoded) - len(newest)
        for order_id in _foreign(landing, newest):
            newest.pop(order_id)
            result.warnings["other_location"] += 1
        for order_id in _outdated(landing, newest):
            newest.pop(order_id)
            result.warnings["stale"] += 1
        _write_orders(landing, result, newest)
        _tell(landing, result)
    _check_reject_rate(landing, "orders", result.rejected - unreadable, result.extracted - received)


def _write_orders(landing: PosLanding, result: StreamResult, orders: dict[str, tuple[Any, Any]]) -> None:
    lines = [line for _, lines in orders.values() for line in lines]
    # Lines first: an order that is stored has its lines, whenever the process ends.
    line_changes = landing.warehouse.replace(
        ALLEAVES_ORDER_LINES,
        _stamped(landing, ALLEAVES_ORDER_LINES, lines),
        landing.org_id,
        where=[("order_id", "in", list(orders))],
    )
    result.also[str(ALLEAVES_ORDER_LINES)] = result.also.get(str(ALLEAVES_ORDER_LINES), Changes()) + line_changes
    rows = [order for order, _ in orders.values()]
    result.changes += landing.warehouse.merge(ALLEAVES_ORDERS, _stamped(landing, ALLEAVES_ORDERS, rows), landing.org_id)


def _foreign(landing: PosLanding, orders: dict[str, tuple[Any, Any]]) -> list[str]:
    """Orders of a location that is not configured; one without a location belongs to the only configured one."""
    known = landing.client.location_ids
    found = []
    for order_id, (order, _) in orders.items():
        if order["location_id"] is None and len(known) == 1:
            order["location_id"] = known[0]
        if order["location_id"] is not None and order["location_id"] not in known:
            found.append(order_id)
    return found


def _outdated(landing: PosLanding, orders: dict[str, tuple[Any, Any]]) -> list[str]:
    changed_at = {order_id: order["updated_at"] for order_id, (order, _) in orders.items() if order["updated_at"]}
    if not changed_at:
        return []
    stored = landing.warehouse.read(
        ALLEAVES_ORDERS, landing.org_id, ["order_id", "updated_at"], [("order_id", "in", list(changed_at))]
    )
    return [
        row["order_id"]
        for row in stored.to_dict("records")
        if not pd.isna(row["updated_at"]) and changed_at[row["order_id"]] < row["updated_at"]
    ]


def _save_order_state(landing: PosLanding, start: date, **values: Any) -> None:
    status = queries.sync_status(landing.warehouse, landing.org_id, SOURCE)
    earliest = min(start, status.get("history_starts_at") or start)
    books.save_status(landing.warehouse, landing.org_id, SOURCE, history_starts_at=earliest, **values)


def read_inventory(landing: PosLanding) -> StreamResult:
    """Replaces the inventory of each location as a set; a catalogue that shrinks suddenly keeps the old rows."""
    with _reading(landing, "inventory", ALLEAVES_INVENTORY) as result:
        for location_id in landing.client.location_ids:
            received = landing.client.inventory(location_id)
            rows = _decode(
                landing, result, received, lambda row, at=location_id: _decoder(landing).inventory_row(row, at)
            )
            own = [row for row in rows if row["location_id"] == location_id]
            result.warnings["other_location"] += len(rows) - len(own)
            frame = _keep_last(
                [_stamped(landing, ALLEAVES_INVENTORY, own)], list(ALLEAVES_INVENTORY.key), ALLEAVES_INVENTORY, result
            )
            here = [("location_id", "=", location_id)]
            stored = landing.warehouse.read(ALLEAVES_INVENTORY, landing.org_id, ["item_id"], here)
            verdict = decide_removal(stored["item_id"].nunique(), frame["item_id"].nunique())
            if verdict != "applied" and not landing.accept_shrink:
                result.problems.append({"code": verdict, "message": _shrunk(landing, location_id, stored, frame)})
                continue
            result.changes += landing.warehouse.replace(ALLEAVES_INVENTORY, frame, landing.org_id, where=here)
        if not result.problems:
            books.save_status(landing.warehouse, landing.org_id, SOURCE, products_synced_at=landing.started_at)
    return result
