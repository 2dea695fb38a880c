"""What iSaVigne gives to each canonical table: the tables needed, without the cells that only people read.

The rules are in the modules beside this one.
"""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from sync_assets.tables.canonical import PRODUCT_CATALOG
from sync_assets.tables.ops import PRODUCT_KEYS
from sync_assets.tables.raw.isavigne import (
    ISAVIGNE_CLIENTS,
    ISAVIGNE_CONTACTS,
    ISAVIGNE_FILES,
    ISAVIGNE_PRODUITS,
    ISAVIGNE_STOCK,
    ISAVIGNE_VENTES,
)
from sync_assets.tables.spec import Table
from sync_assets.transforms.columns import to_arrow
from sync_assets.transforms.isavigne.contacts import map_contacts
from sync_assets.transforms.isavigne.customers import map_customers
from sync_assets.transforms.isavigne.feeds import FEEDS
from sync_assets.transforms.isavigne.lines import client_codes, map_lines
from sync_assets.transforms.isavigne.orders import map_orders
from sync_assets.transforms.isavigne.products import map_products
from sync_assets.transforms.isavigne.raw import SOURCE
from sync_assets.transforms.isavigne.sales import CATALOGUE_COLUMNS, Known, Sold, prepare_known, resolve_sales
from sync_assets.transforms.isavigne.stock import map_stock
from sync_assets.transforms.mapped import Mapped
from sync_assets.transforms.mapping import LinePart, MappingRun, Part, ProductPart, SourceMapping

FILE_COLUMNS = ("kind", "file_hash", "name", "effective_date", "modified_at")
UNREAD = {"cells", "first_seen_at", "fetched_at", "run_id"}
EVENT_COLUMNS = ("client_code", "channel", "status")


def _rows(run: MappingRun, table: Table) -> pd.DataFrame:
    return run.read(table, [column.name for column in table.columns if column.name not in UNREAD])


def _files(run: MappingRun) -> pd.DataFrame:
    return run.read(ISAVIGNE_FILES, FILE_COLUMNS)


def _known(run: MappingRun) -> Known:
    """Clients and products that sales and stock may name: the stored catalogue of all sources and the own products.

    The own ones are mapped here again, so that sales need not wait until every source's catalogue is written.
    """
    codes = client_codes(run.read(ISAVIGNE_CLIENTS, ["client_code"]))
    own, new_keys = products(run)
    catalogue = pd.concat([run.read(PRODUCT_CATALOG, CATALOGUE_COLUMNS), own.frame[list(CATALOGUE_COLUMNS)]])
    keys = pd.concat([run.read(PRODUCT_KEYS), new_keys]).drop_duplicates(["source", "source_id"], ignore_index=True)
    return prepare_known(codes, catalogue.drop_duplicates("product_key", ignore_index=True), keys)


def _sold(run: MappingRun, known: Known) -> Sold:
    return resolve_sales(_rows(run, ISAVIGNE_VENTES), _files(run), known, run.org)


def customers(run: MappingRun) -> Mapped:
    contacts = run.read(ISAVIGNE_CONTACTS, EVENT_COLUMNS)
    return map_customers(_rows(run, ISAVIGNE_CLIENTS), _files(run), contacts, run.org, synced_at=run.synced_at)


def products(run: MappingRun) -> tuple[Mapped, pd.DataFrame]:
    rows, keys = _rows(run, ISAVIGNE_PRODUITS), run.read(PRODUCT_KEYS)
    return map_products(rows, _files(run), run.org, keys, synced_at=run.synced_at)


def orders(run: MappingRun) -> Mapped:
    return map_orders(_sold(run, _known(run)), run.org, synced_at=run.synced_at)


def lines(run: MappingRun) -> Iterator[Mapped]:
    known = _known(run)
    yield map_lines(_sold(run, known), _files(run), known, run.org, synced_at=run.synced_at)


def stock(run: MappingRun) -> Mapped:
    return map_stock(_rows(run, ISAVIGNE_STOCK), _files(run), _known(run), run.org, synced_at=run.synced_at)


def contacts(run: MappingRun) -> Mapped:
    codes = to_arrow(run.read(ISAVIGNE_CLIENTS, ["client_code"]))["client_code"].combine_chunks()
    rows, keys = _rows(run, ISAVIGNE_CONTACTS), run.read(PRODUCT_KEYS)
    return map_contacts(rows, _files(run), codes, keys, run.org, synced_at=run.synced_at)


_SALES = (ISAVIGNE_VENTES, ISAVIGNE_CLIENTS, ISAVIGNE_PRODUITS, ISAVIGNE_FILES)
MAPPING = SourceMapping(
    SOURCE,
    customers=Part((ISAVIGNE_CLIENTS, ISAVIGNE_CONTACTS, ISAVIGNE_FILES), customers),
    products=ProductPart((ISAVIGNE_PRODUITS, ISAVIGNE_FILES), products),
    orders=Part(_SALES, orders),
    lines=LinePart(_SALES, lines),
    stock=Part((ISAVIGNE_STOCK, ISAVIGNE_PRODUITS, ISAVIGNE_FILES), stock),
    contacts=Part((ISAVIGNE_CONTACTS, ISAVIGNE_CLIENTS, ISAVIGNE_FILES), contacts),
    feeds=FEEDS,
)
