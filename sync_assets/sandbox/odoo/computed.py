"""The fields that are computed at reading and never stored: display names, related fields, quantities on hand.

Stored computed fields belong to `recompute.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sync_assets.sandbox.odoo.fields import Field
    from sync_assets.sandbox.odoo.store import Store

Record = dict[str, Any]
Getter = Callable[[Record], Any]


def getter(store: Store, model: str, field: Field, company_id: int) -> Getter | None:
    """How to compute the field of a record for a company; None when the record simply holds the value."""
    name = field.name
    if field.company_dependent:
        return lambda record: record[name].get(company_id, 0.0)
    if name == "display_name":
        return lambda record: display_name(store, model, record) or False
    if field.via:
        via = store.models[model].fields[field.via]
        target = store.models[via.relation or ""]
        inner = getter(store, target.name, target.fields[name], company_id)

        def related(record: Record) -> Any:
            other = store.get(target.name, record[via.name])
            if other is None:
                return field.empty
            return inner(other) if inner else other[name]

        return related
    if field.type == "one2many":
        return lambda record: _living(store, field, record["id"])
    if field.store:
        return None
    rule = _RULES[(model, name)]
    return lambda record: rule(store, record, company_id)


def display_name(store: Store, model: str, record: Record | None) -> str:
    """The name under which other records show this one."""
    if record is None:
        return ""
    if model == "res.partner":
        return str(record["complete_name"] or "")
    if model == "res.users":
        return str((store.get("res.partner", record["partner_id"]) or {}).get("name") or "")
    if model == "product.product":
        template = store.get("product.template", record["product_tmpl_id"]) or {}
        code = f"[{record['default_code']}] " if record["default_code"] else ""
        return f"{code}{template.get('name', '')}"
    if model == "product.template" and record["default_code"]:
        return f"[{record['default_code']}] {record['name']}"
    if model == "sale.order.line":
        order = store.get("sale.order", record["order_id"]) or {}
        return f"{order.get('name', '')} - {str(record['name']).splitlines()[0]}"
    if model == "stock.quant":
        return display_name(store, "stock.location", store.get("stock.location", record["location_id"]))
    if model == "res.country.state":
        country = store.get("res.country", record["country_id"]) or {}
        return f"{record['name']} ({country.get('code', '')})"
    return str(record.get("complete_name") or record.get("name") or "")


def _living(store: Store, field: Field, record_id: int) -> list[int]:
    """A one2many never lists archived records, whatever the context says."""
    model = field.relation or ""
    ids = store.linked(model, field.inverse or "", record_id)
    return [it for it in ids if (store.get(model, it) or {}).get("active", True)]


def _variants(store: Store, template: Record) -> list[Record]:
    found = [
        store.get("product.product", it) for it in store.linked("product.product", "product_tmpl_id", template["id"])
    ]
    return [variant for variant in found if variant]


def _only(store: Store, template: Record, name: str, empty: Any) -> Any:
    variants = _variants(store, template)
    return variants[0][name] if len(variants) == 1 else empty


def _template_cost(store: Store, template: Record, company_id: int) -> float:
    return float(_only(store, template, "standard_price", {}).get(company_id, 0.0))


def _template_of(store: Store, product: Record) -> Record:
    return store.get("product.template", product["product_tmpl_id"]) or {}


def _company_currency(store: Store, company_id: int) -> Any:
    return (store.get("res.company", company_id) or {}).get("currency_id", False)


def _on_hand(store: Store, product: Record, company_id: int) -> float:
    total = 0.0
    for quant in store.records("stock.quant"):
        if quant["product_id"] == product["id"]:
            location = store.get("stock.location", quant["location_id"])
            if location and location["usage"] == "internal" and location["company_id"] == company_id:
                total += quant["quantity"]
    return round(total, 2)


def _quant_warehouse(store: Store, quant: Record, company_id: int) -> Any:
    return (store.get("stock.location", quant["location_id"]) or {}).get("warehouse_id", False)


def _quant_available(store: Store, quant: Record, company_id: int) -> float:
    return round(quant["quantity"] - quant["reserved_quantity"], 2)


def _quant_unit(store: Store, quant: Record, company_id: int) -> Any:
    product = store.get("product.product", quant["product_id"])
    return _template_of(store, product).get("uom_id", False) if product else False


_RULES: dict[tuple[str, str], Callable[[Store, Record, int], Any]] = {
    ("res.partner", "company_type"): lambda store, record, company: "company" if record["is_company"] else "person",
    ("res.partner", "credit"): lambda store, record, company: 0.0,
    ("uom.uom", "rounding"): lambda store, record, company: 0.01,
    ("product.template", "barcode"): lambda store, record, company: _only(store, record, "barcode", False),
    ("product.template", "standard_price"): _template_cost,
    ("product.template", "product_variant_count"): lambda store, record, company: len(_variants(store, record)),
    ("product.product", "lst_price"): lambda store, record, company: _template_of(store, record).get("list_price", 0.0),
    ("product.product", "currency_id"): lambda store, record, company: _company_currency(store, company),
    ("product.product", "qty_available"): _on_hand,
    ("stock.quant", "warehouse_id"): _quant_warehouse,
    ("stock.quant", "available_quantity"): _quant_available,
    ("stock.quant", "product_uom_id"): _quant_unit,
}
