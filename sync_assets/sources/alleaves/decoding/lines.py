"""The lines of a received order into rows of raw.alleaves_order_lines, and the products they belong to.

Amounts of the order itself do not belong here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from sync_assets.sources.alleaves.containers import numeric_values
from sync_assets.sources.alleaves.decoding.rows import Issue, Reader, Row, issue
from sync_assets.sources.alleaves.decoding.values import BadValue, is_blank, read_number

ENTITY = "order_lines"


def decode_lines(order: Reader) -> list[Row]:
    """The rows of an order's `items`; `line_no` is the position from 1. Issues are added to the order's.

    `product_ref` is known for lines with id_inventory_item; `item_ref` keeps the other id, which `link_lines` tries.
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
        product_ref = read.id("id_inventory_item")
        quantity, unit_price = _quantity(read), read.number("unit_price", "price", "unit_price")
        rows.append(
            {
                "org_id": order.rules.org_id,
                "order_id": order.record_key,
                "line_no": number,
                "line_id": read.id("id_item") if product_ref else None,
                "product_ref": product_ref,
                "link_method": "id" if product_ref else None,
                "item_ref": None if product_ref else read.id("id_item", "product_id"),
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


def link_lines(lines: Iterable[Mapping[str, Any]], items: Iterable[Mapping[str, Any]]) -> tuple[list[Row], list[Issue]]:
    """The lines with `product_ref` and `link_method` filled in, and one issue `unlinked_line` for each that has none.

    `items` are rows with item_id and name, in any number per item. Lines of method `id` stay as they are; for the
    others earlier results count for nothing, so the function may be called again with other items.
    """
    names_of: dict[str, set[str]] = defaultdict(set)
    ids_of: dict[str, set[str]] = defaultdict(set)
    for known in items:
        name = normalised_name(known["name"])
        names_of[known["item_id"]].add(name)
        ids_of[name].add(known["item_id"])
    linked, issues = [], []
    for line in lines:
        row = dict(line)
        linked.append(row)
        if row["link_method"] == "id":
            continue
        name, item_ref = normalised_name(row["product_name"]), row["item_ref"]
        row["product_ref"], row["link_method"] = None, None
        if name and name in names_of.get(item_ref, ()):
            row["product_ref"], row["link_method"] = item_ref, "id_and_name"
        elif name and len(ids_of.get(name, ())) == 1:
            row["product_ref"], row["link_method"] = next(iter(ids_of[name])), "name"
        else:
            key = f"{row['order_id']}/{row['line_no']}"
            issues.append(
                issue(ENTITY, "unlinked_line", "The product is not known", key, "product_name", row["product_name"])
            )
    return linked, issues


def normalised_name(name: Any) -> str:
    """A product's name for comparison: one space between words, any case.

    >>> normalised_name(" Blue  Fig 3.5g ")
    'blue fig 3.5g'
    """
    return " ".join(name.split()).casefold() if isinstance(name, str) else ""
