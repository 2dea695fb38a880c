"""What a new record holds where nothing was given.

Values that follow from other fields for as long as the record lives belong to `recompute.py`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sync_assets.sandbox.odoo.store import Store

Record = dict[str, Any]

MAIN_COMPANY = 1

DEFAULTS: dict[str, Record] = {
    "res.partner": {"type": "contact", "lang": "en_US"},
    "res.users": {"company_id": MAIN_COMPANY, "company_ids": [MAIN_COMPANY]},
    "res.currency": {"rounding": 0.01, "position": "after"},
    "res.currency.rate": {"rate": 1.0},
    "product.template": {
        "type": "consu",
        "detailed_type": "consu",
        "uom_id": 1,
        "categ_id": 1,
        "sale_ok": True,
        "purchase_ok": True,
        "tracking": "none",
        "list_price": 1.0,
    },
    # The indices of a product without variants are an empty text, not null.
    "product.product": {"combination_indices": ""},
    "uom.uom": {"factor": 1.0, "rounding": 0.01, "category_id": 1, "uom_type": "reference", "relative_factor": 1.0},
    "account.tax": {"amount_type": "percent", "type_tax_use": "sale", "company_id": MAIN_COMPANY},
    "sale.order": {"state": "draft", "company_id": MAIN_COMPANY, "currency_rate": 1.0, "invoice_status": "no"},
    "sale.order.line": {"sequence": 10, "product_uom_qty": 1.0, "name": "/"},
    "stock.location": {"usage": "internal", "company_id": MAIN_COMPANY},
    "stock.warehouse": {"company_id": MAIN_COMPANY, "sequence": 10},
}


def complete(store: Store, model: str, record: Record) -> None:
    """The defaults that depend on other values."""
    if model == "sale.order":
        company = store.get("res.company", record["company_id"]) or {}
        record["name"] = record["name"] or f"S{record['id']:05d}"
        record["date_order"] = record["date_order"] or record["create_date"]
        record["currency_id"] = record["currency_id"] or company.get("currency_id", False)
        for name in ("partner_invoice_id", "partner_shipping_id"):
            record[name] = record[name] or record["partner_id"]
        if "warehouse_id" in record and not record["warehouse_id"]:
            own = (it["id"] for it in store.records("stock.warehouse") if it["company_id"] == record["company_id"])
            record["warehouse_id"] = next(own, False)
    elif model == "sale.order.line" and record["product_id"] and not record["display_type"]:
        product = store.get("product.product", record["product_id"]) or {}
        template = store.get("product.template", product.get("product_tmpl_id")) or {}
        unit = "product_uom_id" if store.version >= 19 else "product_uom"
        record[unit] = record[unit] or template.get("uom_id", False)
    elif model == "sale.order.line" and record["display_type"]:
        record["product_uom_qty"] = 0.0
    elif model == "stock.quant":
        record["in_date"] = record["in_date"] or record["create_date"]
