"""What Odoo gives to each canonical table: the raw tables needed, of the large ones only some columns.

The rules are in the modules beside this one.
"""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from sync_assets.tables import raw
from sync_assets.tables.canonical import PRODUCT_CATALOG, SALES_ORDERS
from sync_assets.tables.ops import PRODUCT_KEYS
from sync_assets.tables.spec import Table
from sync_assets.transforms.families import resolve_roots
from sync_assets.transforms.mapped import Mapped
from sync_assets.transforms.mapping import LinePart, MappingRun, Part, ProductPart, SourceMapping
from sync_assets.transforms.odoo.bottles import CATALOGUE_COLUMNS
from sync_assets.transforms.odoo.customers import map_customers
from sync_assets.transforms.odoo.feeds import FEEDS
from sync_assets.transforms.odoo.lines import LINE_COLUMNS, map_lines, prepare_line_lookups
from sync_assets.transforms.odoo.orders import map_orders
from sync_assets.transforms.odoo.products import map_products
from sync_assets.transforms.odoo.raw import SOURCE, OdooRaw
from sync_assets.transforms.odoo.stock import map_stock

TABLES = {
    "companies": raw.ODOO_COMPANIES,
    "currencies": raw.ODOO_CURRENCIES,
    "countries": raw.ODOO_COUNTRIES,
    "users": raw.ODOO_USERS,
    "partners": raw.ODOO_PARTNERS,
    "templates": raw.ODOO_PRODUCT_TEMPLATES,
    "products": raw.ODOO_PRODUCTS,
    "costs": raw.ODOO_PRODUCT_COSTS,
    "categories": raw.ODOO_PRODUCT_CATEGORIES,
    "orders": raw.ODOO_SALE_ORDERS,
    "warehouses": raw.ODOO_WAREHOUSES,
    "locations": raw.ODOO_LOCATIONS,
    "quants": raw.ODOO_QUANTS,
    "uoms": raw.ODOO_UOMS,
}
FAMILY_COLUMNS = ("id", "parent_id", "commercial_partner_id", "is_company", "deleted_at")
CUSTOMER_INPUTS = ("partners", "orders", "users", "countries")
PRODUCT_INPUTS = ("products", "templates", "categories", "costs", "uoms", "companies", "currencies")
ORDER_INPUTS = ("orders", "partners", "companies", "currencies")
LINE_INPUTS = ("orders", "products", "templates", "uoms", "costs", "companies", "currencies")
STOCK_INPUTS = ("quants", "locations", "warehouses", "products", "templates", "uoms")


def read_raw(run: MappingRun, names: tuple[str, ...], **columns: tuple[str, ...]) -> OdooRaw:
    """The named raw frames, the large ones with the named columns only; the others stay empty."""
    return OdooRaw(
        **{
            name: run.read(table, columns.get(name)) if name in names else table.empty()
            for name, table in TABLES.items()
        }
    )


def customers(run: MappingRun) -> Mapped:
    odoo = read_raw(run, CUSTOMER_INPUTS, orders=("partner_id", "deleted_at"))
    return map_customers(odoo, run.org, synced_at=run.synced_at)


def products(run: MappingRun) -> tuple[Mapped, pd.DataFrame]:
    odoo, registry = read_raw(run, PRODUCT_INPUTS), run.read(PRODUCT_KEYS)
    return map_products(odoo, run.org, registry, synced_at=run.synced_at, this_year=run.synced_at.year)


def orders(run: MappingRun) -> Mapped:
    odoo = read_raw(run, ORDER_INPUTS, partners=FAMILY_COLUMNS)
    roots, _ = resolve_roots(odoo.partners, policy=run.org.avatars.root_policy)
    return map_orders(odoo, run.org, roots, synced_at=run.synced_at)


def lines(run: MappingRun) -> Iterator[Mapped]:
    stored = run.read(SALES_ORDERS, where=[("source", "=", SOURCE)])
    odoo = read_raw(run, LINE_INPUTS, orders=("id", "deleted_at"))
    catalogue = run.read(PRODUCT_CATALOG, CATALOGUE_COLUMNS)
    lookups = prepare_line_lookups(odoo, stored, run.read(PRODUCT_KEYS), catalogue, run.org.bottles)
    for block in run.read_blocks(raw.ODOO_SALE_ORDER_LINES, LINE_COLUMNS):
        yield map_lines(block, lookups, run.org, synced_at=run.synced_at)


def stock(run: MappingRun) -> Mapped:
    odoo, catalogue = read_raw(run, STOCK_INPUTS), run.read(PRODUCT_CATALOG, CATALOGUE_COLUMNS)
    return map_stock(odoo, run.org, run.read(PRODUCT_KEYS), catalogue, synced_at=run.synced_at)


def _tables(names: tuple[str, ...]) -> tuple[Table, ...]:
    return tuple(TABLES[name] for name in names)


MAPPING = SourceMapping(
    SOURCE,
    customers=Part(_tables(CUSTOMER_INPUTS), customers),
    products=ProductPart(_tables(PRODUCT_INPUTS), products),
    orders=Part(_tables(ORDER_INPUTS), orders),
    lines=LinePart((*_tables(LINE_INPUTS), raw.ODOO_SALE_ORDER_LINES), lines),
    stock=Part(_tables(STOCK_INPUTS), stock),
    feeds=FEEDS,
)
