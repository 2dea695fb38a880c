"""The lines of a received order into rows of raw.alleaves_order_lines, and the products they belong to.

Amounts of the order itself do not belong here.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from sync_assets.sources.alleaves.containers import numeric_values
from sync_assets.sources.alleaves.decoding.rows import Reader, Row, issue
from sync_assets.sources.alleaves.decoding.values import BadValue, is_blank, read_number

ENTITY = "order_lines"


def decode_lines(order: Reader) -> list[Row]:
    """The rows of an order's `items`; `line_no` is the position from 1. Issues are added to the order's.

    `item_id` is read only where inventory_item_id is missing: it may be the line's own id, so its name must agree.
    """
    items = _items(order)
    if not items:
        order.note("no_lines", "items", None, "is missing or empty")
    rows = []
    for number, item in enumerate(items, start=1):
        key = f"{order.record_key}/{number}"
        if not isinstance(item, Mapping):
            order.issues.append(
                issue(ENTITY, "not_an_object", "The line is not an object", key, "items", item, severity="error")
            )
            continue
        read = Reader(item, ENTITY, order.rules, key, order.issues)
        inventory_item_id = read.id("id_inventory_item")
        quantity, unit_price = _quantity(read), read.number("unit_price", "price", "unit_price")
        rows.append(
            {
                "org_id": order.rules.org_id,
                "order_id": order.record_key,
                "line_no": number,
                "line_id": read.id("id_item") if inventory_item_id else None,
                "inventory_item_id": inventory_item_id,
                "item_id": None if inventory_item_id else read.id("id_item", "product_id"),
                "product_name": read.text("product_name", "item", "product_name", "name"),
                "category": read.text("category"),
                "quantity": quantity,
                "unit_price": unit_price,
                "line_total": _line_total(read, quantity, unit_price),
            }
        )
    return rows


def _items(order: Reader) -> list[Any]:
    received = order.row.get("items")
    if isinstance(received, list):
        return received
    found = numeric_values(received)
    if found is None and not is_blank(received):
        order.note("bad_items", "items", received, "is not a list")
    return found or []


def _quantity(read: Reader) -> Decimal | None:
    if read.first("quantity", "qty") is None:
        return Decimal("1.000")
    return read.number("quantity", "quantity", "qty", places=3)


def _line_total(read: Reader, quantity: Decimal | None, unit_price: Decimal | None) -> Decimal | None:
    if read.first("total") is not None or quantity is None or unit_price is None:
        return read.number("line_total", "total")
    try:
        return read_number(quantity * unit_price, places=2)
    except BadValue:
        return None
