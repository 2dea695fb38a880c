"""A warehouse, a shop with just the variants a test names, and the vendor's sandbox, joined by one organisation."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import yaml

from sync_assets.connections import Org
from sync_assets.push import Pace, Trigger, run_push
from sync_assets.sandbox.vendor import VendorSandbox
from sync_assets.warehouse import Warehouse

ORG = "acme"
TARGET = "vendor_api"
FULL = Trigger("MANUAL_FULL", retries_failed=True)
# Everything that waits, waits for hundredths of seconds.
QUICK = Pace(first_delay=0.02, spread=0.0, verify=60.0, block=60.0)
EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
PLACES = ("A", "B")


def org_for(url: str, **vendor: Any) -> Org:
    settings = {"base_url": url, "api_token": "${TEST_VENDOR_TOKEN}", "partner_id": "13", "timeout_seconds": 0.5}
    return Org.model_validate(
        {
            "org_id": ORG,
            "name": "Acme",
            "sources": {"shop": {"url": "${TEST_SHOP_URL}"}},
            "targets": {"vendor_api": {**settings, **vendor}},
        }
    )


@dataclass
class World:
    """`stock` and `ship` change the shop, `push` runs a push; the vendor is `vendor`."""

    warehouse: Warehouse
    vendor: VendorSandbox
    shop_url: str
    org: Org
    connections: Path = Path()
    settings: dict[str, Any] = field(default_factory=dict)

    def save_settings(self) -> None:
        """Writes the connections file of Dagster and the command line, with `settings` of the target."""
        vendor = {"base_url": self.vendor.url, "partner_id": self.vendor.partner_id, "timeout_seconds": 2}
        org = {
            "name": "Acme",
            "sources": {"shop": {"url": "${TEST_SHOP_URL}"}},
            "targets": {"vendor_api": {**vendor, "api_token": "${TEST_VENDOR_TOKEN}", **self.settings}},
        }
        self.connections.write_text(yaml.safe_dump({"orgs": {ORG: org}}), encoding="utf-8")

    def use(self, **vendor: Any) -> None:
        """Other settings of the target."""
        old = self.org.targets.vendor_api
        assert old is not None
        kept = {name: getattr(old, name) for name in old.model_fields_set}
        self.org = org_for(**{"url": kept.pop("base_url"), **kept, **vendor})

    def shop(self, statement: str, *values: Any) -> None:
        with psycopg.connect(self.shop_url) as connection:
            connection.execute(statement, values)

    def stock(
        self,
        sku: str,
        quantity: int,
        *,
        reserved: int | None = 0,
        place: str = "A",
        product: str = "",
        name: str = "5mg",
    ) -> None:
        """A variant with that SKU as its id; a product of its own unless one is named."""
        product = product or f"p-{sku}"
        for statement, values in (
            (
                "INSERT INTO products VALUES (%s, %s, 'ACTIVE', clock_timestamp()) ON CONFLICT DO NOTHING",
                (product, f"Product {product}"),
            ),
            (
                "INSERT INTO product_variants VALUES (%s, %s, %s, %s, true, 9.50, clock_timestamp()) ON CONFLICT DO NOTHING",
                (sku, product, name, sku),
            ),
            (
                "INSERT INTO inventory VALUES (%s, %s, %s, %s, clock_timestamp()) ON CONFLICT (variant_id, location_id) "
                "DO UPDATE SET quantity = excluded.quantity, reserved_qty = excluded.reserved_qty, updated_at = clock_timestamp()",
                (sku, place, quantity, reserved),
            ),
        ):
            self.shop(statement, *values)

    def ship(self, order_id: str, *skus: str, status: str = "SHIPPED") -> None:
        self.shop("INSERT INTO orders VALUES (%s, %s, clock_timestamp())", order_id, status)
        for sku in skus:
            self.shop("INSERT INTO order_items VALUES (%s, %s, 1)", order_id, sku)

    def push(self, trigger: Trigger | None = FULL, **options: Any) -> dict[str, Any]:
        return run_push(self.warehouse, self.org, trigger, **{"pace": QUICK, **options})

    def log(self) -> list[dict[str, Any]]:
        return self.warehouse.query("SELECT * FROM ops.odoo_sync_log ORDER BY created_at, id")

    def state(self, key: str) -> dict[str, Any]:
        return self.warehouse.query("SELECT * FROM ops.push_state WHERE push_key = %(key)s", key=key)[0]

    def held(self) -> dict[str, float]:
        """The vendor's stock by default_code."""
        return {product.default_code: product.quantity for product in self.vendor.products.all}

    def routes(self, sku: str | None = None) -> list[str]:
        return [call["route"] for call in self.vendor.calls if sku in (None, call["sku"])]


def token() -> str:
    return os.environ["TEST_VENDOR_TOKEN"]
