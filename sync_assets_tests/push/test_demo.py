"""The demo: its shop lives and ships, its orders reach the partner, and the commands show both sides."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import yaml
from psycopg import sql
from pydantic import ValidationError
from typer.testing import CliRunner

from sync_assets.cli import app
from sync_assets.connections import Org, ShopConnection, load_connections
from sync_assets.push import enqueue_shipped, run_push
from sync_assets.sandbox import demo, processes
from sync_assets.sandbox.vendor import VendorSandbox
from sync_assets.sandbox.vendor.memory import remembered
from sync_assets.settings import PROJECT_ROOT, get_settings
from sync_assets.warehouse import Warehouse


@pytest.fixture
def green_leaf(database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Org]:
    """The demo organisation of data/connections.yaml with its shop in a database of this test, and its partner."""
    name = f"{psycopg.conninfo.conninfo_to_dict(database)['dbname']}_shop"
    monkeypatch.setattr(demo, "SHOP_DATABASE", name)
    with VendorSandbox() as vendor:
        entry = yaml.safe_load((PROJECT_ROOT / "data/connections.yaml").read_text(encoding="utf-8"))["orgs"][
            "green-leaf"
        ]
        entry["sources"] = {"shop": {**entry["sources"]["shop"], "database": name}}
        entry["targets"]["vendor_api"]["base_url"] = vendor.url
        path = tmp_path / "connections.yaml"
        path.write_text(yaml.safe_dump({"orgs": {"green-leaf": entry}}), encoding="utf-8")
        monkeypatch.setenv("SANDBOX_VENDOR_TOKEN", vendor.api_key)
        monkeypatch.setenv("DATABASE_URL", database)
        monkeypatch.setenv("SYNC_ASSETS_CONNECTIONS", str(path))
        monkeypatch.setattr(processes, "sandbox_ports", lambda: (1, 2, int(vendor.url.rsplit(":", 1)[1])))
        get_settings.cache_clear()
        yield load_connections(path).org("green-leaf")
    get_settings.cache_clear()
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def answer(*arguments: str) -> object:
    result = CliRunner().invoke(app, [*arguments, "--json"])
    assert result.exit_code == 0, result.output
    return json.loads(result.output)


def test_a_shipped_order_of_the_demo_reaches_the_partner(green_leaf: Org, warehouse: Warehouse) -> None:
    before = answer("sandbox", "stock", "--sku", "NL-0001-1")
    assert enqueue_shipped(warehouse, green_leaf).events == ()
    shipped = answer("sandbox", "ship", "--sku", "NL-0001-1", "--quantity", "3")
    assert isinstance(before, list) and isinstance(shipped, dict)
    left = before[0]["shop"] - 3
    assert (shipped["taken"], shipped["available"]) == ({"NL-0001-1": 3}, {"NL-0001-1": left})
    assert enqueue_shipped(warehouse, green_leaf).events == (shipped["order_id"],)
    assert run_push(warehouse, green_leaf, None)["succeeded"] == 1
    assert answer("sandbox", "stock", "green-leaf", "--sku", "NL-0001-1") == [
        {"sku": "NL-0001-1", "shop": left, "confirmed": left, "partner": left, "status": "completed"}
    ]
    assert isinstance(answer("sandbox", "ship"), dict)


def test_the_shop_ships_while_the_ui_runs(
    green_leaf: Org, warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(demo, "SHIPS_EVERY_SECONDS", 0.05)
    shop = demo.make_demo_shop(warehouse.url)

    def shipped() -> int:
        with psycopg.connect(shop) as connection:
            row = connection.execute("SELECT count(*) FROM orders WHERE status = 'SHIPPED'").fetchone()
        return int(row[0]) if row else 0

    before, deadline = shipped(), time.monotonic() + 20
    with demo.living_shop([green_leaf], warehouse.url):
        while shipped() < before + 2 and time.monotonic() < deadline:
            time.sleep(0.05)
    ended = shipped()
    assert ended >= before + 2
    with demo.living_shop([], warehouse.url):
        time.sleep(0.2)
    assert shipped() == ended


def test_the_partner_of_the_demo_remembers_its_products(tmp_path: Path) -> None:
    file = tmp_path / "home" / "partner.json"
    for quantity in (5, 6):
        vendor = VendorSandbox()
        with remembered(vendor, file):
            held = {product.default_code: product.quantity for product in vendor.products.all}
            assert held == ({"A-1": 5} if quantity == 6 else {})
            vendor.products.remove("A-1")
            vendor.products.put("A-1", quantity=quantity)
    file.write_text("half a fi", encoding="utf-8")
    vendor = VendorSandbox()
    with remembered(vendor, file):
        assert len(vendor.products) == 0


def test_a_shop_is_named_by_its_url_or_its_database() -> None:
    for wrong in ({}, {"url": "${SHOP_URL}", "database": "shop"}, {"database": "shop; DROP"}):
        with pytest.raises(ValidationError):
            ShopConnection.model_validate(wrong)
    assert ShopConnection.model_validate({"database": "shop"}).url is None
