"""What the demo is made of: the store as `make run` meets it, and the shop that ships orders while `make ui` runs.

What a store or a shop holds and how it lives belongs to `alleaves/` and `shop/`.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime

from sync_assets.connections import Org
from sync_assets.sandbox.alleaves import Store, demo_store
from sync_assets.sandbox.alleaves.seed import ZONE
from sync_assets.sandbox.shop import create_shop, live
from sync_assets.warehouse.urls import read_url

# The database that connections.yaml names as the shop of the demo, on the warehouse's own server.
SHOP_DATABASE = "sandbox_shop"
# Each shipped order is a run, which takes a small machine some seconds.
SHIPS_EVERY_SECONDS = 120.0


def demo_store_since_quarter(now: datetime) -> Store:
    """The store of the quarter in which `now` lies, so that an order keeps its number and its day from run to run."""
    today = now.astimezone(ZONE).date()
    return demo_store(date(today.year, 3 * ((today.month - 1) // 3) + 1, 1))


def has_demo_shop(org: Org) -> bool:
    return org.sources.shop is not None and org.sources.shop.database == SHOP_DATABASE


def make_demo_shop(warehouse_url: str) -> str:
    """The URL of the demo's shop, which is made unless it is there."""
    beside = read_url(warehouse_url).set(drivername="postgresql", database=SHOP_DATABASE)
    return create_shop(beside.render_as_string(hide_password=False))


@contextmanager
def living_shop(orgs: list[Org], warehouse_url: str) -> Iterator[None]:
    """Lets the demo's shop ship orders while the block lasts, if an organisation has it."""
    if not any(map(has_demo_shop, orgs)):
        yield
        return
    url, stop = make_demo_shop(warehouse_url), threading.Event()
    life = threading.Thread(target=live, args=(url, stop, SHIPS_EVERY_SECONDS), name="demo-shop", daemon=True)
    life.start()
    try:
        yield
    finally:
        stop.set()
        life.join(timeout=10)
