"""Thirty days of a store, a sync every half hour, compared each day with a full reload from scratch.

python -m benchmarks.store_life [--days 30] [--customers 300]: the sandbox store lives by a virtual clock; every tick reads
and computes what `pos_sync` does, without Dagster. Exit code 1 when a day's tables differ from those of the reload.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from datetime import UTC, date, datetime, timedelta
from typing import Any

from benchmarks.figures import tell
from benchmarks.places import temporary_folder, temporary_warehouse
from sync_assets.connections import Org
from sync_assets.extraction.alleaves import read_customers, read_inventory, read_locations
from sync_assets.extraction.alleaves_landing import PosLanding
from sync_assets.extraction.alleaves_orders import read_orders
from sync_assets.sandbox.alleaves import AlleavesSandbox, Store, demo_store
from sync_assets.sandbox.alleaves.seed import ZONE
from sync_assets.sources.alleaves import open_client
from sync_assets.tables import TABLES
from sync_assets.tables.canonical import CUSTOMERS, PRODUCT_CATALOG, SALES_LINES, SALES_ORDERS, STOCK_LEVELS
from sync_assets.tables.marts import CUSTOMER_SEGMENT_CHANGES, CUSTOMER_SEGMENTS, CUSTOMER_SPENDING, MENU_PRODUCTS
from sync_assets.tables.ops import PRODUCT_KEYS
from sync_assets.tables.spec import Table
from sync_assets.transforms.alleaves import MAPPING, build_menu, pos_rules, store_today
from sync_assets.transforms.alleaves.mapping import read_raw
from sync_assets.transforms.mapping import MappingRun
from sync_assets.transforms.segments import compute_segments
from sync_assets.transforms.spending import compute_spending
from sync_assets.warehouse import Warehouse, queries
from sync_assets.warehouse.spending import latest_segment_changes

SYNCED, RELOADED = "synced", "reloaded"
TICK = timedelta(minutes=30)
FIRST_DAY = datetime(2026, 3, 1, tzinfo=ZONE)
# What a reload cannot know: when something was first or last seen, and goods that are no longer listed, with what only
# they tell about a line.
WITHOUT: dict[Table, set[str]] = {
    CUSTOMER_SPENDING: set(),
    CUSTOMER_SEGMENTS: {"segment_since"},
    CUSTOMERS: set(),
    SALES_ORDERS: set(),
    SALES_LINES: {"product_key", "cost_total", "cost_currency", "margin_percent", "margin_basis"},
    STOCK_LEVELS: set(),
    PRODUCT_CATALOG: set(),
    MENU_PRODUCTS: {"last_seen_at"},
}


def small_store(customers: int, day: date) -> Store:
    """The first customers of the demo store of that day with their orders, some walk-ins and all goods."""
    store = demo_store(day)
    kept = {row["id_customer"] for row in store.customers[:customers]}
    store.customers = store.customers[:customers]
    store.orders = [row for row in store.orders if row.get("id_customer") in kept or row["id_order"] % 50 == 0]
    return store


def sync(warehouse: Warehouse, org: Org, pos: AlleavesSandbox, at: datetime) -> None:
    """What one run of `pos_sync` reads, computes and writes."""
    assert org.sources.alleaves is not None
    with open_client(org.sources.alleaves, org=org.org_id, now=lambda: at) as client:
        landing = PosLanding(warehouse, client, org.sources.alleaves, org.org_id, "simulation", at)
        read_locations(landing)
        read_customers(landing)
        read_orders(landing)
        listed_at = queries.sync_status(warehouse, org.org_id, "alleaves").get("products_synced_at")
        read_inventory(landing)

    def read(table: Table, columns: Any = None, where: Any = ()) -> Any:
        return warehouse.read(table, org.org_id, columns, where)

    run = MappingRun(
        org, at, read, lambda *given, **named: warehouse.read_blocks(given[0], org.org_id, *given[1:], **named)
    )
    raw, rules = read_raw(run, "inventory", "locations"), pos_rules(org)
    today = store_today(raw, rules, at)
    menu = build_menu(
        raw.inventory, read(MENU_PRODUCTS), org, rules, run_at=at, store_today=today, last_listed_at=listed_at
    )
    warehouse.replace(MENU_PRODUCTS, menu.frame, org.org_id)
    warehouse.replace(CUSTOMERS, MAPPING.customers.map(run).frame, org.org_id)
    products, keys = MAPPING.products.map(run)
    warehouse.merge(PRODUCT_KEYS, keys, org.org_id)
    warehouse.replace(PRODUCT_CATALOG, products.frame, org.org_id)
    warehouse.replace(SALES_ORDERS, MAPPING.orders.map(run).frame, org.org_id)
    warehouse.replace(SALES_LINES, (mapped.frame for mapped in MAPPING.lines.map(run)), org.org_id)
    warehouse.replace(STOCK_LEVELS, MAPPING.stock.map(run).frame, org.org_id)
    spending = compute_spending(read(SALES_ORDERS), read(CUSTOMERS), org, updated_at=at)
    warehouse.replace(CUSTOMER_SPENDING, spending.frame, org.org_id)
    last = latest_segment_changes(warehouse, org.org_id)
    segments = compute_segments(read(CUSTOMERS), read(CUSTOMER_SPENDING), last, org, as_of=at)
    warehouse.merge(CUSTOMER_SEGMENT_CHANGES, segments.changes, org.org_id)
    warehouse.replace(CUSTOMER_SEGMENTS, segments.frame, org.org_id)


def content(warehouse: Warehouse, table: Table, org: str) -> list[tuple[Any, ...]]:
    left_out = WITHOUT[table] | {"org_id"}
    columns = [name for name in (*table.key, *table.written("content")) if name not in left_out]
    gone = {MENU_PRODUCTS: " AND removed_at IS NULL", PRODUCT_CATALOG: " AND active"}.get(table, "")
    rows = warehouse.query(f"SELECT {', '.join(columns)} FROM {table} WHERE org_id = %(org)s{gone}", org=org)
    return sorted((tuple(row.values()) for row in rows), key=repr)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--days", type=int, default=30)
    parser.add_argument("--customers", type=int, default=300)
    given = parser.parse_args()
    os.environ["STORE_LIFE_PASSWORD"], os.environ["STORE_LIFE_PIN"] = "sandbox-password", "4321"
    now = FIRST_DAY
    differing, seconds, ticks = 0, 0.0, 0
    with (
        AlleavesSandbox(store=small_store(given.customers, FIRST_DAY.date()), is_living=True) as pos,
        temporary_folder() as folder,
        temporary_warehouse(folder) as url,
        Warehouse(url) as warehouse,
    ):
        pos.now = lambda: now
        source = {
            "base_url": pos.url,
            "username": pos.username,
            "password": "${STORE_LIFE_PASSWORD}",
            "pin": "${STORE_LIFE_PIN}",
            "location_ids": [1000],
            "min_interval_ms": 0,
        }

        def org(org_id: str, **settings: Any) -> Org:
            sources = {"alleaves": source | settings}
            return Org.model_validate(
                {"org_id": org_id, "name": org_id, "currency": "USD", "country": "US", "sources": sources}
            )

        sync(warehouse, org(SYNCED, window_days=640), pos, now.astimezone(UTC))
        for day in range(given.days):
            for _ in range(48):
                now += TICK
                begun = time.perf_counter()
                sync(warehouse, org(SYNCED), pos, now.astimezone(UTC))
                seconds, ticks = seconds + time.perf_counter() - begun, ticks + 1
            with warehouse.transaction() as connection:
                for table in (one for one in TABLES if "org_id" in one.column):
                    connection.execute(f"DELETE FROM {table} WHERE org_id = '{RELOADED}'")  # type: ignore[arg-type]
            sync(warehouse, org(RELOADED, window_days=640), pos, now.astimezone(UTC))
            unequal = [str(t) for t in WITHOUT if content(warehouse, t, SYNCED) != content(warehouse, t, RELOADED)]
            differing += bool(unequal)
            sizes = f"{len(content(warehouse, SALES_ORDERS, SYNCED)):,} orders, {len(pos.store.customers):,} customers"
            tell(f"day {day + 1}/{given.days}: {'DIFFERS: ' + ', '.join(unequal) if unequal else 'equal'} ({sizes})")
        moves = warehouse.query(
            "SELECT count(*) AS n FROM marts.customer_segment_changes WHERE org_id = %(org)s AND from_segment IS NOT NULL",
            org=SYNCED,
        )[0]["n"]
    tell(f"{ticks} syncs, {seconds / ticks:.2f} s each, {moves} moves between segments, {differing} days differ")
    sys.exit(1 if differing else 0)


if __name__ == "__main__":
    main()
