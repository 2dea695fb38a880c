"""The stored computed fields: what Odoo recomputes when a record or one it depends on is written.

Each rule returns the values a record should hold; comparing and storing them belongs to `store.py`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from sync_assets.sandbox.odoo.values import line_amounts, round_money

if TYPE_CHECKING:
    from sync_assets.sandbox.odoo.store import Store

Record = dict[str, Any]

ADDRESS_LABELS = {"invoice": "Invoice Address", "delivery": "Delivery Address", "other": "Other Address"}


def compute(store: Store, model: str, record: Record) -> Record:
    """The stored computed values the record should have now."""
    rule = _RULES.get(model)
    return rule(store, record) if rule else {}


def dependents(store: Store, model: str, old: Record, new: Record) -> Iterator[tuple[str, int]]:
    """The records whose stored values may change with this one; `old` or `new` is empty at creation or deletion."""

    def changed(*names: str) -> bool:
        return any(old.get(name) != new.get(name) for name in names)

    record_id = new.get("id") or old["id"]
    if model == "res.partner" and changed("name", "parent_id", "is_company", "complete_name", "commercial_partner_id"):
        yield from (("res.partner", child) for child in store.linked("res.partner", "parent_id", record_id))
    elif model == "sale.order.line":
        yield from (("sale.order", order) for order in {old.get("order_id"), new.get("order_id")} if order)
    elif model == "sale.order" and changed("state", "currency_id", "partner_id", "company_id", "user_id"):
        yield from (("sale.order.line", line) for line in store.linked("sale.order.line", "order_id", record_id))
    elif model == "product.template":
        yield from (("product.product", it) for it in store.linked("product.product", "product_tmpl_id", record_id))
    elif model == "product.product":
        yield "product.template", new.get("product_tmpl_id") or old["product_tmpl_id"]
    elif model == "product.category" and changed("complete_name"):
        yield from (("product.category", child) for child in store.linked("product.category", "parent_id", record_id))
    elif model == "stock.warehouse" and new:
        yield "stock.location", new["view_location_id"]
    elif model == "stock.location" and changed("complete_name", "parent_path", "warehouse_id"):
        yield from (("stock.location", child) for child in store.linked("stock.location", "location_id", record_id))
    elif model == "uom.uom" and changed("factor"):
        yield from (("uom.uom", it["id"]) for it in store.records("uom.uom") if it.get("relative_uom_id") == record_id)


def ancestors(store: Store, model: str, record: Record, link: str) -> Iterator[Record]:
    """The record and those above it, nearest first; a cycle is walked once."""
    seen: set[int] = set()
    current: Record | None = record
    while current and current["id"] not in seen:
        seen.add(current["id"])
        yield current
        current = store.get(model, current[link])


def _partner(store: Store, record: Record) -> Record:
    commercial = record
    for commercial in ancestors(store, "res.partner", record, "parent_id"):
        if commercial["is_company"]:
            break
    name = record["name"] or ""
    parent = store.get("res.partner", record["parent_id"])
    if parent and not record["is_company"]:
        if not name and record["type"] in ADDRESS_LABELS:
            label = ADDRESS_LABELS[record["type"]]
            name = label if store.version < 19 else label.removesuffix(" Address")
        company_name = (commercial["is_company"] and commercial["name"]) or parent["name"]
        name = f"{company_name}, {name}"
    email = record["email"]
    return {
        "commercial_partner_id": commercial["id"],
        "complete_name": name.strip(),
        "email_normalized": email.strip().lower() if email and "@" in email else False,
    }


def order_totals(order: Record, lines: list[Record]) -> Record:
    """The amounts and the invoice status that follow from an order's lines."""
    untaxed = round_money(sum(line["price_subtotal"] for line in lines))
    tax = round_money(sum(line["price_tax"] for line in lines))
    statuses = {line["invoice_status"] for line in lines if _is_sold(line)}
    if order["state"] != "sale" or not statuses:
        status = "no"
    else:
        status = "to invoice" if "to invoice" in statuses else "invoiced"
    return {
        "amount_untaxed": untaxed,
        "amount_tax": tax,
        "amount_total": round_money(untaxed + tax),
        "invoice_status": status,
    }


def _is_sold(line: Record) -> bool:
    return bool(line.get("product_id")) and not line.get("is_downpayment")


def _order(store: Store, record: Record) -> Record:
    found = (store.get("sale.order.line", it) for it in store.linked("sale.order.line", "order_id", record["id"]))
    lines = [line for line in found if line]
    values = order_totals(record, lines)
    if "delivery_status" in record:
        goods = [line for line in lines if _is_sold(line)]
        if record["state"] != "sale" or not goods:
            values["delivery_status"] = False
        elif all(line["qty_delivered"] >= line["product_uom_qty"] for line in goods):
            values["delivery_status"] = "full"
        else:
            values["delivery_status"] = "partial" if any(line["qty_delivered"] for line in goods) else "pending"
    return values


def _order_line(store: Store, record: Record) -> Record:
    order = store.get("sale.order", record["order_id"]) or {}
    taxes = [store.get("account.tax", tax) for tax in record["tax_ids" if store.version >= 19 else "tax_id"]]
    percent = sum(tax["amount"] for tax in taxes if tax)
    quantity = record["product_uom_qty"]
    amounts = line_amounts(store.version, quantity, record["price_unit"], record["discount"], percent)
    to_invoice = quantity - record["qty_invoiced"] if order.get("state") == "sale" else 0.0
    status = "to invoice" if to_invoice else "invoiced"
    return {
        **dict(zip(("price_subtotal", "price_tax", "price_total"), amounts, strict=True)),
        "state": order.get("state", False),
        "order_partner_id": order.get("partner_id", False),
        "salesman_id": order.get("user_id", False),
        "company_id": order.get("company_id", False),
        "currency_id": order.get("currency_id", False),
        "qty_to_invoice": to_invoice,
        "invoice_status": status if order.get("state") == "sale" else "no",
    }


def _template(store: Store, record: Record) -> Record:
    variants = store.linked("product.product", "product_tmpl_id", record["id"])
    only = store.get("product.product", variants[0]) if len(variants) == 1 else None
    values = {"default_code": only["default_code"] if only else False}
    return values | {"type": record["detailed_type"]} if "detailed_type" in record else values


def _product(store: Store, record: Record) -> Record:
    template = store.get("product.template", record["product_tmpl_id"])
    # A variant's write_date follows its template's.
    return {"write_date": max(record["write_date"], template["write_date"])} if template else {}


def _category(store: Store, record: Record) -> Record:
    names = [it["name"] for it in ancestors(store, "product.category", record, "parent_id")]
    return {"complete_name": " / ".join(reversed(names))}


def _location(store: Store, record: Record) -> Record:
    path = list(ancestors(store, "stock.location", record, "location_id"))
    names: list[str] = []
    for location in path:
        names.append(location["name"])
        if location["usage"] == "view":
            break
    ids = {location["id"] for location in path}
    owners = [it["id"] for it in store.records("stock.warehouse") if it["view_location_id"] in ids]
    return {
        "complete_name": "/".join(reversed(names)),
        "parent_path": "".join(f"{location['id']}/" for location in reversed(path)),
        "warehouse_id": owners[0] if owners else False,
    }


def _quant(store: Store, record: Record) -> Record:
    location = store.get("stock.location", record["location_id"])
    owned = location and location["usage"] in ("internal", "transit")
    return {"company_id": location["company_id"] if location and owned else False}


def _uom(store: Store, record: Record) -> Record:
    if store.version < 19:
        return {}
    reference = store.get("uom.uom", record["relative_uom_id"])
    return {"factor": record["relative_factor"] * (reference["factor"] if reference else 1.0)}


def _currency(store: Store, record: Record) -> Record:
    return {"decimal_places": max(0, math.ceil(-math.log10(record["rounding"])))}


_RULES: dict[str, Callable[[Store, Record], Record]] = {
    "res.partner": _partner,
    "res.currency": _currency,
    "sale.order": _order,
    "sale.order.line": _order_line,
    "product.template": _template,
    "product.product": _product,
    "product.category": _category,
    "stock.location": _location,
    "stock.quant": _quant,
    "uom.uom": _uom,
}
