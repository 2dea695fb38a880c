"""Raw Odoo frames for tests, from the few fields a test is about."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from typing import Any

import pandas as pd

from sync_assets.connections import Org
from sync_assets.tables import raw
from sync_assets.tables.canonical import SALES_LINES
from sync_assets.tables.ops import PRODUCT_KEYS
from sync_assets.transforms.mapped import Mapped
from sync_assets.transforms.odoo import (
    LineLookups,
    OdooRaw,
    map_lines,
    map_orders,
    map_products,
    prepare_line_lookups,
    resolve_roots,
)
from sync_assets.transforms.odoo.mapping import TABLES

NOW = datetime(2026, 6, 30, 12, tzinfo=UTC)
EARLIER = datetime(2026, 5, 1, 8, 30, tzinfo=UTC)
DEFAULTS: dict[str, list[dict[str, Any]]] = {
    "companies": [{"id": 1, "name": "Cave Test", "currency_id": 1}],
    "currencies": [{"id": 1, "name": "EUR"}, {"id": 2, "name": "USD"}],
    "countries": [{"id": 75, "code": "FR"}, {"id": 20, "code": "BE"}, {"id": 43, "code": "CH"}],
    "uoms": [
        {"id": 1, "name": "Units", "factor": "1", "category_id": 1},
        {"id": 2, "name": "Dozens", "factor": "0.08333333", "category_id": 1},
        {"id": 10, "name": "L", "factor": "1", "category_id": 6},
    ],
}


def frame(name: str, rows: list[dict[str, Any]]) -> pd.DataFrame:
    table = raw.ODOO_SALE_ORDER_LINES if name == "lines" else TABLES[name]
    return table.frame([{"org_id": "acme", **exact(table, row)} for row in rows])


def exact(table: Any, row: dict[str, Any]) -> dict[str, Any]:
    """Numbers may be written as text, as they come from the source."""
    return {
        k: Decimal(v) if v is not None and table.column[k].kind in ("number", "rate") else v for k, v in row.items()
    }


def odoo(**rows: list[dict[str, Any]]) -> OdooRaw:
    """Raw frames with the given rows; companies, currencies, countries and units have a usual content."""
    return OdooRaw(**{name: frame(name, rows[name]) if name in rows else usual_frame(name) for name in TABLES})


@cache
def usual_frame(name: str) -> pd.DataFrame:
    return frame(name, DEFAULTS.get(name, []))


def acme(company_ids: tuple[int, ...] = (), **settings: Any) -> Org:
    connection = {"url": "https://odoo.example.com", "database": "d", "login": "l", "api_key": "${KEY}"}
    odoo_source = {"odoo": {**connection, "company_ids": company_ids}}
    return Org.model_validate({"org_id": "acme", "name": "Acme", "sources": odoo_source, **settings})


def order(order_id: int, partner_id: int | None = 1, total: str | None = "10.00", **fields: Any) -> dict[str, Any]:
    usual = {
        "id": order_id,
        "name": f"S{order_id:05}",
        "state": "sale",
        "date_order": EARLIER,
        "partner_id": partner_id,
        "company_id": 1,
        "currency_id": 1,
        "currency_rate": "1",
        "amount_total": total,
        "amount_untaxed": total,
    }
    return usual | fields


def line(line_id: int, order_id: int = 1, **fields: Any) -> dict[str, Any]:
    usual = {
        "id": line_id,
        "order_id": order_id,
        "product_id": 1,
        "product_uom_qty": "1",
        "uom_id": 1,
        "price_subtotal": "10.00",
        "price_total": "12.00",
    }
    return usual | fields


def product(product_id: int, **fields: Any) -> dict[str, list[dict[str, Any]]]:
    """A variant and its template, which has the same id; `template_` before a field means the template's."""
    own = {k: v for k, v in fields.items() if not k.startswith("template_")}
    of_template = {k.removeprefix("template_"): v for k, v in fields.items() if k.startswith("template_")}
    return {
        "products": [{"id": product_id, "product_tmpl_id": product_id, "active": True} | own],
        "templates": [{"id": product_id, "name": f"Vin {product_id}", "list_price": "10", "uom_id": 1} | of_template],
    }


def products(*found: dict[str, list[dict[str, Any]]]) -> dict[str, list[dict[str, Any]]]:
    return {
        "products": [row for one in found for row in one["products"]],
        "templates": [row for one in found for row in one["templates"]],
    }


def catalogue(raw_frames: OdooRaw, org: Org | None = None, keys: dict[str, str] | None = None) -> tuple[Mapped, Any]:
    known = registry(keys or {})
    return map_products(raw_frames, org or acme(), known, synced_at=NOW, this_year=2026)


def registry(keys: dict[str, str]) -> pd.DataFrame:
    rows = [{"org_id": "acme", "source": "odoo", "source_id": i, "product_key": k} for i, k in keys.items()]
    return PRODUCT_KEYS.frame(rows)


def orders(raw_frames: OdooRaw, org: Org | None = None) -> Mapped:
    roots, _ = resolve_roots(raw_frames.partners, policy="topmost")
    return map_orders(raw_frames, org or acme(), roots, synced_at=NOW)


def sales_lines(raw_frames: OdooRaw, *rows: dict[str, Any], org: Org | None = None) -> Mapped:
    """Lines of a shop with these raw frames."""
    org = org or acme()
    _, keys = catalogue(raw_frames, org)
    return map_in_chunks(prepare_line_lookups(raw_frames, orders(raw_frames, org).frame, keys), org, rows)


def map_in_chunks(lookups: LineLookups, org: Org, rows: Sequence[dict[str, Any]], parts: int = 1) -> Mapped:
    """Lines mapped in `parts` chunks and put together."""
    chunks = [frame("lines", list(rows[part::parts])) for part in range(parts)]
    mapped = [map_lines(chunk, lookups, org, synced_at=NOW) for chunk in chunks]
    together = pd.concat([one.frame for one in mapped], ignore_index=True)
    skipped: dict[str, int] = {}
    for one in mapped:
        for reason, count in one.skipped.items():
            skipped[reason] = skipped.get(reason, 0) + count
    rejects = [reject for one in mapped for reject in one.rejects]
    return Mapped(SALES_LINES.frame(together), rejects, skipped, sum(one.rejected for one in mapped))


def column(mapped: Mapped, name: str) -> list[Any]:
    return mapped.frame[name].array.__arrow_array__().to_pylist()


def codes(mapped: Mapped) -> list[tuple[str, str]]:
    return sorted((reject["record_key"], reject["code"]) for reject in mapped.rejects)


def shuffled(raw_frames: OdooRaw, seed: int) -> OdooRaw:
    return OdooRaw(**{n: getattr(raw_frames, n).sample(frac=1, random_state=seed) for n in TABLES})
