"""From the files of an export folder to the canonical tables in a real PostgreSQL, and the same again."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sync_assets.connections import Org
from sync_assets.tables import canonical
from sync_assets.tables.ops import PRODUCT_KEYS
from sync_assets.transforms.customer_metrics import compute_metrics
from sync_assets.transforms.isavigne import MAPPING
from sync_assets.transforms.mapping import MappingRun
from sync_assets.transforms.products import merge_catalogues
from sync_assets.warehouse import Changes, Warehouse
from sync_assets_tests.extraction.test_isavigne import land
from sync_assets_tests.sources.isavigne.support import NOW, copy_case


def recompute(warehouse: Warehouse, org: Org, at: datetime) -> dict[str, Changes]:
    """All canonical tables anew; what changed in each."""

    def read(table: Any, columns: Any = None, where: Any = ()) -> Any:
        return warehouse.read(table, org.org_id, columns, where)

    run = MappingRun(org, at, read, None)  # type: ignore[arg-type]
    products, keys = MAPPING.products.map(run)
    warehouse.merge(PRODUCT_KEYS, keys, org.org_id)
    frames = {"product_catalog": merge_catalogues({"isavigne": products.frame}, org.catalog_source_priority, {})}
    changes = {"product_catalog": warehouse.replace(canonical.PRODUCT_CATALOG, frames["product_catalog"], org.org_id)}
    assert MAPPING.contacts is not None
    parts = {
        canonical.CUSTOMERS: MAPPING.customers.map(run),
        canonical.SALES_ORDERS: MAPPING.orders.map(run),
        canonical.SALES_LINES: next(iter(MAPPING.lines.map(run))),
        canonical.STOCK_LEVELS: MAPPING.stock.map(run),
        canonical.CONTACT_HISTORY: MAPPING.contacts.map(run),
    }
    for table, mapped in parts.items():
        frames[table.name] = mapped.frame
        changes[table.name] = warehouse.replace(table, mapped.frame, org.org_id)
    inputs = [frames[name] for name in ("customers", "sales_orders", "sales_lines", "product_catalog")]
    metrics = compute_metrics(*inputs, org, as_of=at, synced_at=at)
    changes["customer_metrics"] = warehouse.replace(canonical.CUSTOMER_METRICS, metrics.frame, org.org_id)
    return changes


def org_of(folder: Path) -> Org:
    isavigne = {"export_path": str(folder), "settle_seconds": 0}
    return Org.model_validate({"org_id": "acme", "name": "Acme", "sources": {"isavigne": isavigne}})


def test_a_second_run_changes_nothing_and_an_orphan_comes_in_by_itself(warehouse: Warehouse, tmp_path: Path) -> None:
    folder = copy_case(37, tmp_path / "in")
    later = (folder / "produits_2025-12-01.csv").rename(tmp_path / "produits_2025-12-01.csv")
    copy_case(46, folder)
    copy_case(44, folder)
    org = org_of(folder)
    land(warehouse, folder)
    first = recompute(warehouse, org, NOW)
    assert first == {
        "product_catalog": Changes(inserted=2),
        "customers": Changes(inserted=2),
        "sales_orders": Changes(inserted=1),
        "sales_lines": Changes(inserted=1),
        "stock_levels": Changes(inserted=4),
        "contact_history": Changes(inserted=3),
        "customer_metrics": Changes(inserted=2),
    }
    land(warehouse, folder, now=NOW + timedelta(hours=1))
    again = recompute(warehouse, org, NOW + timedelta(hours=1))
    assert {name: (c.inserted, c.updated, c.deleted) for name, c in again.items()} == dict.fromkeys(first, (0, 0, 0))
    assert set(warehouse.read(canonical.CUSTOMERS, "acme")["synced_at"]) == {NOW}

    later.rename(folder / later.name)
    land(warehouse, folder, now=NOW + timedelta(days=1))
    changes = recompute(warehouse, org, NOW + timedelta(days=1))
    assert changes["product_catalog"] == Changes(inserted=1, unchanged=2)
    assert changes["sales_lines"] == changes["sales_orders"] == Changes(inserted=1, unchanged=1)
    assert changes["customer_metrics"] == Changes(updated=1, unchanged=1)
    [profile] = warehouse.query(
        "SELECT display_name, purchase_count, total_spent::text, segment, preferred_category "
        "FROM marts.customer_profiles WHERE customer_key = 'isavigne-C1'"
    )
    assert profile == {
        "display_name": "Brévelle Maëlle",
        "purchase_count": 1,
        "total_spent": "12.00",
        "segment": "standard",
        "preferred_category": "rosé",
    }
