"""What Alleaves gives to each canonical table: the tables needed, and which setting means what.

The rules are in the modules beside this one.
"""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from sync_assets.connections import Org
from sync_assets.tables import raw
from sync_assets.tables.canonical import SALES_ORDERS
from sync_assets.tables.marts import MENU_PRODUCTS
from sync_assets.tables.ops import PRODUCT_KEYS
from sync_assets.tables.spec import Table
from sync_assets.transforms.alleaves.customers import map_customers
from sync_assets.transforms.alleaves.feeds import FEEDS
from sync_assets.transforms.alleaves.lines import LINE_COLUMNS, map_lines
from sync_assets.transforms.alleaves.orders import map_orders
from sync_assets.transforms.alleaves.products import map_products
from sync_assets.transforms.alleaves.raw import SOURCE, AlleavesRaw, PosRules
from sync_assets.transforms.alleaves.stock import map_stock
from sync_assets.transforms.mapped import Mapped
from sync_assets.transforms.mapping import LinePart, MappingRun, Part, ProductPart, SourceMapping

TABLES = {
    "customers": raw.ALLEAVES_CUSTOMERS,
    "orders": raw.ALLEAVES_ORDERS,
    "lines": raw.ALLEAVES_ORDER_LINES,
    "inventory": raw.ALLEAVES_INVENTORY,
    "locations": raw.ALLEAVES_LOCATIONS,
}


def pos_rules(org: Org) -> PosRules:
    """The connection's settings as the mappings need them; the usual ones when the connection is gone."""
    connection = org.sources.alleaves
    if connection is None:
        return PosRules(currency=org.currency, timezone=org.timezone)
    return PosRules(
        location_ids=connection.location_ids,
        currency=connection.currency,
        excluded_order_statuses=connection.excluded_order_statuses,
        unsellable_area_types=connection.unsellable_area_types,
        estimate_missing_prices=connection.estimate_missing_prices,
        timezone=connection.timezone or org.timezone,
    )


def read_raw(run: MappingRun, *names: str) -> AlleavesRaw:
    """The named raw frames without what only people read; the others stay empty."""
    unread = {"payload", "email_raw", "phone_last10", "external_loyalty", "reported_totals", "fetched_at", "run_id"}

    def read(table: Table) -> pd.DataFrame:
        return run.read(table, [column.name for column in table.columns if column.name not in unread])

    return AlleavesRaw(**{name: read(table) if name in names else table.empty() for name, table in TABLES.items()})


def customers(run: MappingRun) -> Mapped:
    return map_customers(read_raw(run, "customers", "locations"), run.org, pos_rules(run.org), synced_at=run.synced_at)


def products(run: MappingRun) -> tuple[Mapped, pd.DataFrame]:
    mapped = map_products(run.read(MENU_PRODUCTS), run.org, pos_rules(run.org), synced_at=run.synced_at)
    keys = mapped.frame[["org_id", "source", "source_id", "product_key"]].assign(assigned_at=run.synced_at)
    return mapped, PRODUCT_KEYS.frame(keys)


def orders(run: MappingRun) -> Mapped:
    return map_orders(read_raw(run, "orders", "customers"), run.org, pos_rules(run.org), synced_at=run.synced_at)


def lines(run: MappingRun) -> Iterator[Mapped]:
    stored, menu = run.read(SALES_ORDERS, where=[("source", "=", SOURCE)]), run.read(MENU_PRODUCTS)
    known = run.read(raw.ALLEAVES_ORDERS, ["order_id"])
    empty = {name: table.empty() for name, table in TABLES.items()}
    received = run.read(raw.ALLEAVES_ORDER_LINES, LINE_COLUMNS)
    frames = AlleavesRaw(**(empty | {"orders": known, "lines": received}))
    yield map_lines(frames, stored, menu, run.org, pos_rules(run.org), synced_at=run.synced_at)


def stock(run: MappingRun) -> Mapped:
    return map_stock(read_raw(run, "locations", "inventory"), run.read(MENU_PRODUCTS), run.org, synced_at=run.synced_at)


def _tables(*names: str) -> tuple[Table, ...]:
    return tuple(TABLES[name] for name in names)


MAPPING = SourceMapping(
    SOURCE,
    customers=Part(_tables("customers", "locations"), customers),
    products=ProductPart((MENU_PRODUCTS,), products),
    orders=Part(_tables("orders", "customers"), orders),
    lines=LinePart((*_tables("orders", "lines"), MENU_PRODUCTS), lines),
    stock=Part((*_tables("locations", "inventory"), MENU_PRODUCTS), stock),
    feeds=FEEDS,
)
