"""Odoo quantities in bottles of 75 cl: own units, units sold, units that only their name explains."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pandas as pd

from sync_assets.transforms.mapped import Mapped
from sync_assets.transforms.odoo import OdooRaw, map_stock, prepare_line_lookups
from sync_assets_tests.transforms.odoo_frames import (
    NOW,
    acme,
    catalogue,
    codes,
    column,
    line,
    map_in_chunks,
    odoo,
    order,
    orders,
    product,
    products,
)

D = Decimal
UOMS = [
    {"id": 1, "name": "Units", "factor": "1", "category_id": 1},
    {"id": 2, "name": "Dozens", "factor": "0.08333333", "category_id": 1},
    {"id": 3, "name": "Caisse de 6", "factor": None, "category_id": 9},
    {"id": 10, "name": "L", "factor": "1", "category_id": 6},
    {"id": 11, "name": "kg", "factor": "1", "category_id": 7},
]
CATEGORIES = [{"id": 4, "name": "Rouges", "complete_name": "Vins / Rouges"}, {"id": 5, "name": "Verres"}]


def shop(*items: dict[str, Any], **more: list[dict[str, Any]]) -> OdooRaw:
    return odoo(**products(*items), uoms=UOMS, categories=CATEGORIES, partners=[{"id": 1}], orders=[order(1)], **more)


def wine(product_id: int, name: str, **fields: Any) -> dict[str, Any]:
    return product(product_id, template_name=name, template_categ_id=4, **fields)


def sold(raw: OdooRaw, *rows: dict[str, Any]) -> Mapped:
    mapped, keys = catalogue(raw)
    lookups = prepare_line_lookups(raw, orders(raw).frame, keys, mapped.frame)
    return map_in_chunks(lookups, acme(), rows)


def test_contents_come_from_the_name_or_the_sku() -> None:
    raw = shop(
        wine(1, "Galets 2019 magnum"),
        wine(2, "Galets", default_code="GAL-37.5CL"),
        wine(3, "Galets"),
        wine(4, "Jéroboam"),
    )
    mapped, _ = catalogue(raw)
    assert column(mapped, "volume_cl") == [D(150), D("37.50"), None, D(300)]
    assert ("4", "ambiguous_format") in codes(mapped)


def test_bottles_follow_the_unit() -> None:
    raw = shop(
        wine(1, "Galets magnum"),
        wine(2, "Galets", template_uom_id=2),
        wine(3, "Vrac", template_uom_id=10),
        wine(4, "Vrac", template_uom_id=11),
        product(5, template_name="Verre", template_categ_id=5),
    )
    mapped = sold(
        raw,
        line(1, product_id=1, product_uom_qty="-3"),
        line(2, product_id=1, product_uom_qty="2", uom_id=2),
        line(3, product_id=2, product_uom_qty="6", uom_id=1),
        line(4, product_id=3, product_uom_qty="3", uom_id=10),
        line(5, product_id=4, product_uom_qty="3", uom_id=11),
        line(6, product_id=5, product_uom_qty="3"),
        line(7, product_id=1, product_uom_qty="2", uom_id=3),
        line(8, product_id=5, product_uom_qty="2", uom_id=3),
        line(9, product_id=1, product_uom_qty="2", uom_id=11),
    )
    assert column(mapped, "quantity_bottles_75cl_eq") == [
        D(-6), D(48), D(6), D(4), D(3), None, D(24), None, None,
    ]  # fmt: skip
    assert column(mapped, "quantity_product_units") == [
        D(-3), D(24), D("0.500"), D(3), D(3), D(3), D(12), None, None,
    ]  # fmt: skip
    assert codes(mapped) == [("8", "unknown_unit"), ("9", "unknown_unit")]


def test_stock_in_bottles() -> None:
    raw = shop(
        wine(1, "Galets magnum"),
        product(2, template_name="Verre", template_categ_id=5),
        locations=[{"id": 8, "usage": "internal", "complete_name": "WH/Stock"}],
        quants=[
            {"id": n, "product_id": n, "location_id": 8, "quantity": "5", "reserved_quantity": "1"} for n in (1, 2)
        ],
    )
    mapped, keys = catalogue(raw)
    levels = map_stock(raw, acme(), keys, mapped.frame, synced_at=NOW)
    by_product = dict(zip(column(levels, "source_id"), column(levels, "quantity_bottles_75cl_eq"), strict=True))
    assert by_product == {"1-8": D(10), "2-8": None}
    assert isinstance(levels.frame, pd.DataFrame)
