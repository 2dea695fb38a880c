"""Raw Alleaves frames for tests, from the few fields a test is about."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pandas as pd

from sync_assets.connections import Org
from sync_assets.tables.marts import MENU_PRODUCTS
from sync_assets.tables.raw import alleaves as tables
from sync_assets.tables.spec import Table
from sync_assets.transforms.alleaves import USUAL_RULES, AlleavesRaw, MappedMenu, PosRules, build_menu, map_orders
from sync_assets.transforms.mapped import Mapped

NOW = datetime(2026, 6, 30, 12, tzinfo=UTC)
EARLIER = datetime(2026, 5, 1, 8, 30, tzinfo=UTC)
TODAY = date(2026, 6, 30)
TABLES = {
    "customers": tables.ALLEAVES_CUSTOMERS,
    "orders": tables.ALLEAVES_ORDERS,
    "lines": tables.ALLEAVES_ORDER_LINES,
    "inventory": tables.ALLEAVES_INVENTORY,
    "locations": tables.ALLEAVES_LOCATIONS,
}
LOCATIONS = [
    {"location_id": "1000", "location": "Harbor Street", "country": "USA", "timezone": "America/New_York"},
    {"location_id": "2000", "location": "Mill Road", "country": "US", "timezone": "America/Los_Angeles"},
]
DECIMALS = ("money", "quantity", "number", "rate", "percent")


def frame(table: Table, rows: list[dict[str, Any]]) -> pd.DataFrame:
    """Rows as the warehouse reads them; numbers may be written as text."""
    return table.frame([{"org_id": "acme", **exact(table, row)} for row in rows])


def exact(table: Table, row: dict[str, Any]) -> dict[str, Any]:
    return {
        name: Decimal(str(value)) if value is not None and table.column[name].kind in DECIMALS else value
        for name, value in row.items()
    }


def store(**rows: list[dict[str, Any]]) -> AlleavesRaw:
    """Raw frames with the given rows; two locations unless said otherwise."""
    usual = {"locations": LOCATIONS} | rows
    return AlleavesRaw(**{name: frame(table, usual.get(name, [])) for name, table in TABLES.items()})


def acme(**settings: Any) -> Org:
    return Org.model_validate({"org_id": "acme", "name": "Acme", "currency": "USD", "country": "CA", **settings})


def customer(number: str, email: str | None = None, **fields: Any) -> dict[str, Any]:
    status = "real" if email else "missing"
    usual = {"customer_id": number, "email": email, "email_status": status, "is_guest": False, "loyalty_points": "0"}
    return usual | fields


def order(number: str, ref: str | None = "42", total: str | None = "10.00", **fields: Any) -> dict[str, Any]:
    usual = {
        "order_id": number,
        "location_id": "1000",
        "customer_ref": ref,
        "created_at": EARLIER,
        "status": "completed",
        "currency": "USD",
        "type": "in_store",
        "total": total,
    }
    return usual | fields


def line(order_id: str, line_no: int = 1, line_total: str | None = "10.00", **fields: Any) -> dict[str, Any]:
    return {"order_id": order_id, "line_no": line_no, "quantity": "1", "line_total": line_total} | fields


def batch(item_id: str, batch_id: str = "1", **fields: Any) -> dict[str, Any]:
    """An inventory row with a price; `price_retail_adult` and `quantity_on_hand` are what most tests change."""
    usual = {
        "location_id": "1000",
        "item_id": item_id,
        "batch_id": batch_id,
        "area_id": "-",
        "name": f"Item {item_id}",
        "category": "Flower",
        "price_retail_adult": "20.00",
        "quantity_on_hand": "10",
        "quantity_available": "10",
        "received_at": EARLIER,
    }
    return usual | fields


def menu(
    *batches: dict[str, Any],
    before: pd.DataFrame | None = None,
    rules: PosRules = USUAL_RULES,
    run_at: datetime = NOW,
    is_validated: bool = True,
    **more: Any,
) -> MappedMenu:
    previous = MENU_PRODUCTS.empty() if before is None else before
    mapped = build_menu(
        frame(TABLES["inventory"], list(batches)), previous, acme(), rules, run_at=run_at, store_today=TODAY, **more
    )
    if is_validated:
        MENU_PRODUCTS.contract.validate(mapped.frame)
    return mapped


def only(mapped: Mapped) -> dict[str, Any]:
    """The one row of a mapping."""
    (row,) = rows(mapped)
    return row


def rows(mapped: Mapped) -> list[dict[str, Any]]:
    names = list(mapped.frame.columns)
    return [dict(zip(names, values, strict=True)) for values in zip(*(column(mapped, n) for n in names), strict=True)]


def column(mapped: Mapped, name: str) -> list[Any]:
    return mapped.frame[name].array.__arrow_array__().to_pylist()


def codes(mapped: Mapped) -> list[tuple[str, str]]:
    return sorted((reject["record_key"], reject["code"]) for reject in mapped.rejects)


def orders(raw: AlleavesRaw, rules: PosRules = USUAL_RULES, org: Org | None = None) -> Mapped:
    return map_orders(raw, org or acme(), rules, synced_at=NOW)


def shuffled(raw: AlleavesRaw, seed: int) -> AlleavesRaw:
    return AlleavesRaw(**{name: getattr(raw, name).sample(frac=1, random_state=seed) for name in TABLES})
