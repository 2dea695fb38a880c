"""The documented dialect's rows: the same customers, orders and stock under the names of the written requirement.

A column without a documented name is left out, except an order's `items` and its `status`, into which the flags are
folded, so that both dialects tell of the same sales. Which rows are sent belongs to `dialects.py`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sync_assets.sandbox.alleaves.store import Row

UNSELLABLE = ("damaged", "scrap", "quarantine")


def user_id(customer_id: Any) -> str | None:
    """The second id that the documented dialect gives a customer; None for a reference to nobody."""
    text = str(customer_id or "").strip("{} ").removeprefix("alleaves_").removeprefix("cid_")
    return f"U{text}" if text.isdigit() and int(text) > 0 else None


def _first(row: Row, *names: str) -> Any:
    """The first of the named values that is there."""
    return next((row[name] for name in names if row.get(name) is not None), None)


def customer(row: Row) -> Row:
    number = _first(row, "id_customer", "id")
    return {
        "id_customer": number,
        "userId": user_id(number),
        "first_name": row.get("name_first"),
        "last_name": row.get("name_last"),
        "email": row.get("email"),
        "phone": _first(row, "phone", "cell_phone", "phone_number"),
        "loyaltyPoints": row.get("loyalty_points"),
    }


def order(row: Row) -> Row:
    nested = row.get("customer") or {}
    reference = row["id_customer"] if row.get("id_customer") is not None else nested.get("id")
    return {
        "id_transaction": _first(row, "id_order", "id", "order_number"),
        "customer": {
            "id": reference,
            "userId": user_id(reference) or user_id(nested.get("userId")),
            "email": row.get("email") or nested.get("email"),
        },
        "created_at": _first(row, "date_created", "created_at"),
        "status": _status(row),
        "type": row.get("type"),
        "total": row.get("total"),
        "amount": row.get("amount"),
        "items": [_line(line) for line in row["items"]] if "items" in row else None,
    }


def _status(row: Row) -> Any:
    for flag, word in (("void", "voided"), ("cancel", "cancelled"), ("complete", "completed")):
        if row.get(flag):
            return word
    return row.get("status")


def _line(line: Row) -> Row:
    return {
        "product_id": _first(line, "id_inventory_item", "id_item", "product_id"),
        "product_name": _first(line, "item", "product_name"),
        "category": line.get("category"),
        "qty": _first(line, "quantity", "qty"),
        "unit_price": _first(line, "price", "unit_price"),
        "total": line.get("total"),
    }


def products(rows: Iterable[Row], available_as: str) -> list[Row]:
    """One product per item: stock added up, the rest from the first of its rows that has it.

    `available` is the sale flag, or with "number" the available quantity.
    """
    items: dict[Any, list[Row]] = {}
    for row in rows:
        items.setdefault(row.get("id_item"), []).append(row)
    return [_product(item_id, batches, available_as) for item_id, batches in items.items()]


def _product(item_id: Any, batches: list[Row], available_as: str) -> Row:
    def first(*names: str) -> Any:
        return next((row[name] for row in batches for name in names if row.get(name)), None)

    sellable = [row for row in batches if str(row.get("area_type") or "").lower() not in UNSELLABLE]
    available = sum(row.get("available") or 0 for row in sellable)
    on_hand = sum(row.get("on_hand") or 0 for row in batches)
    parts = [part.strip() for part in str(first("category") or "").split(">")]
    parts = parts[1:] if parts[0] == "Category" else parts
    return {
        "id_product": item_id,
        "name": first("item"),
        "brand": first("brand"),
        "category": parts[0] if parts else None,
        "subcategory": parts[1] if len(parts) > 1 else None,
        "price": first("price_retail_adult_use", "price_retail_medical_use", "price_retail"),
        "cost": first("cost_of_good"),
        "batchCost": first("batch_cost_of_good"),
        "quantity": on_hand,
        "available": available if available_as == "number" else available > 0,
        "thc": first("thc"),
        "cbd": first("cbd"),
        "strainType": first("strain"),
        "has_inventory": on_hand > 0,
    }
