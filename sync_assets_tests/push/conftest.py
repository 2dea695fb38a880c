"""The world of the push tests: real PostgreSQL for warehouse and shop, real HTTP to the vendor's sandbox."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from sync_assets.sandbox.shop import create_shop
from sync_assets.sandbox.vendor import VendorSandbox
from sync_assets.settings import get_settings
from sync_assets.warehouse import Warehouse
from sync_assets_tests.push.support import World, org_for


@pytest.fixture
def world(database: str, warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    shop_url = create_shop(database, size=1)
    with psycopg.connect(shop_url) as connection:
        connection.execute(
            "TRUNCATE products, product_variants, variant_options, channel_prices, locations, inventory, orders, order_items"
        )
        for place in ("A", "B"):
            connection.execute("INSERT INTO locations VALUES (%s, %s, true, clock_timestamp())", [place, place])
    with VendorSandbox(mode="v1", wait_seconds=1.0) as vendor:
        monkeypatch.setenv("TEST_VENDOR_TOKEN", vendor.api_key)
        monkeypatch.setenv("TEST_SHOP_URL", shop_url)
        yield World(warehouse, vendor, shop_url, org_for(vendor.url, partner_id=vendor.partner_id))
    name = psycopg.conninfo.conninfo_to_dict(shop_url)["dbname"]
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(str(name))))


@pytest.fixture
def wired(world: World, database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """The world behind a connections file and DATABASE_URL."""
    world.connections = tmp_path / "connections.yaml"
    world.save_settings()
    monkeypatch.setenv("DATABASE_URL", database)
    monkeypatch.setenv("SYNC_ASSETS_CONNECTIONS", str(world.connections))
    get_settings.cache_clear()
    yield world
    get_settings.cache_clear()
