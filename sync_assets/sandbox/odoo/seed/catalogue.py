"""What the demo organisation sells and where it lies: categories, products with variants, warehouses and stock.

Who buys it belongs to `customers.py` and `orders.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sync_assets.sandbox.dice import Dice
from sync_assets.sandbox.odoo.seed.base import BOX_OF_SIX, CUSTOMERS, DOZENS, FOUNDED, INVENTORY, STOCK, UNITS
from sync_assets.sandbox.odoo.seed.names import ESTATES, FOODS, MAKERS, SPIRITS, WINES
from sync_assets.sandbox.odoo.store import Store
from sync_assets.sandbox.odoo.values import time_text

STANDARD_TAX, FOOD_TAX, EXPORT_TAX = 1, 2, 3
TAX_PERCENT = {STANDARD_TAX: 20.0, FOOD_TAX: 5.5, EXPORT_TAX: 0.0}
DOWN_PAYMENT = 1
UNIT_SIZE = {UNITS: 1, BOX_OF_SIX: 6, DOZENS: 12}
# Archived products were sold until this day.
DISCONTINUED_ON = "2026-02-01"

_CATEGORIES = (
    (2, 1, "Vins", ""),
    (3, 2, "Rouges", "red"),
    (4, 2, "Blancs", "white"),
    (5, 2, "Rosés", "rose"),
    (6, 2, "Champagnes et crémants", "sparkling"),
    (7, 1, "Spiritueux", "spirit"),
    (8, 1, "Épicerie fine", ""),
    (9, 8, "Huiles et condiments", "oil"),
    (10, 8, "Conserves", "preserve"),
    (11, 8, "Douceurs", "sweet"),
    (12, 1, "Services", "service"),
)
_CATEGORY_OF = {key: number for number, _, _, key in _CATEGORIES if key}


@dataclass(frozen=True)
class Product:
    """What an order line needs to know of a product variant."""

    id: int
    name: str
    price: float
    tax_id: int
    uom_id: int
    is_archived: bool


def load_catalogue(store: Store) -> list[Product]:
    """Adds everything that is sold; the variants that order lines choose from, without the down payment."""
    with store.transaction_at(FOUNDED):
        for number, parent, name, _ in _CATEGORIES:
            store.create("product.category", {"id": number, "name": name, "parent_id": parent})
        store.create("product.pricelist", {"id": 1, "name": "Tarif public", "currency_id": 126})
        for tax_id, percent in TAX_PERCENT.items():
            store.create("account.tax", {"id": tax_id, "name": f"{percent:g} %", "amount": percent})
        products = _add_products(store)
    if "stock.quant" in store.models:
        _add_stock(store, products)
    return products


def _add_products(store: Store) -> list[Product]:
    service = {"detailed_type": "service"} if store.version == 17 else {"type": "service"}
    store.create(
        "product.template",
        {"id": 1, "name": "Acompte", "categ_id": _CATEGORY_OF["service"], "list_price": 0.0, **service},
    )
    products: list[Product] = []
    wines = [(f"{estate} {wine}", kind, STANDARD_TAX) for estate in ESTATES for wine, kind in WINES]
    spirits = [(f"{name} {maker}", "spirit", STANDARD_TAX) for name in SPIRITS for maker in MAKERS]
    foods = [(f"{name} {maker}", kind, FOOD_TAX) for name, kind in FOODS for maker in MAKERS]
    for number, (name, kind, tax_id) in enumerate([*wines, *spirits, *foods], start=1):
        products += _add_template(store, number, name, kind, tax_id)
    return products


def _add_template(store: Store, number: int, name: str, kind: str, tax_id: int) -> list[Product]:
    dice = Dice(1, number)
    is_archived, is_food = number % 19 == 7, tax_id == FOOD_TAX
    price = dice.between(390, 2400) / 100 if is_food else dice.between(590, 8500) / 100
    # Some food is kept and sold by the box.
    uom_id = BOX_OF_SIX if is_food and number % 9 == 0 else UNITS
    storable = {"detailed_type": "product"} if store.version == 17 else {"is_storable": True}
    tracking = {"tracking": "lot" if kind == "preserve" else "none"} if "stock.quant" in store.models else {}
    has_variants = not is_food and kind != "spirit" and number % 5 < 2
    first = DOWN_PAYMENT + 2 * number
    template = {
        "id": 1 + number,
        "name": name,
        "list_price": price,
        "categ_id": _CATEGORY_OF[kind],
        "uom_id": uom_id,
        "active": not is_archived,
        **storable,
        **tracking,
    }
    store.load("product.template", [_row(store, "product.template", template)])
    variants = []
    # The variants of one product differ by size, 75 cl and magnum, and share its price here.
    for offset, size in enumerate(("1", "2") if has_variants else ("",)):
        product_id = first + offset
        code = False if number % 41 == 5 else f"{kind[:3].upper()}-{number:03d}{'-M' if size == '2' else ''}"
        cost = {1: round(price * 0.58, 2)}
        if number % 4 == 0:
            cost[2] = round(price * 0.61, 2)
        barcode = f"20{product_id:010d}" if number % 3 else False
        variant: dict[str, Any] = {
            "id": product_id,
            "product_tmpl_id": 1 + number,
            "active": not is_archived,
            "default_code": code,
        }
        variant |= {"barcode": barcode, "combination_indices": size, "standard_price": cost, "weight": 1.3}
        store.load("product.product", [_row(store, "product.product", variant)])
        variants.append(Product(product_id, f"[{code}] {name}" if code else name, price, tax_id, uom_id, is_archived))
    store.get("product.template", 1 + number).update(  # type: ignore[union-attr]
        default_code=store.get("product.product", first)["default_code"] if not has_variants else False,  # type: ignore[index]
        **({"type": "product"} if store.version == 17 else {}),
    )
    return variants


def _row(store: Store, model: str, values: dict[str, Any]) -> dict[str, Any]:
    fields = store.models[model].fields
    moment = time_text(FOUNDED)
    return {name: value for name, value in values.items() if name in fields} | {
        "create_date": moment,
        "write_date": moment,
    }


def _add_stock(store: Store, products: list[Product]) -> None:
    with store.transaction_at(FOUNDED):
        above = store.get("stock.location", 1) and 1
        store.create(
            "stock.location", {"id": 20, "name": "LYO", "usage": "view", "location_id": above or False, "company_id": 2}
        )
        store.create("stock.location", {"id": 21, "name": "Stock", "location_id": 20, "company_id": 2})
        store.create("stock.location", {"id": 22, "name": "Cave voûtée", "location_id": STOCK})
        store.create("stock.location", {"id": 23, "name": "Quai d'expédition", "location_id": STOCK})
        store.create(
            "stock.warehouse",
            {"id": 2, "name": "Lyon", "code": "LYO", "company_id": 2, "view_location_id": 20, "lot_stock_id": 21},
        )
        for number in range(1, 13):
            product = products[-number * 3]
            store.create(
                "stock.lot", {"id": number, "name": f"L26-{number:04d}", "product_id": product.id, "company_id": 1}
            )
        rows = [_quant(store, number, **values) for number, values in enumerate(_quants(products), start=1)]
        store.load("stock.quant", rows)


def _quants(products: list[Product]) -> list[dict[str, Any]]:
    quants: list[dict[str, Any]] = []

    def add(product: Product, location_id: int, quantity: float, reserved: float = 0.0, **more: Any) -> None:
        quants.append(
            {
                "product_id": product.id,
                "location_id": location_id,
                "quantity": quantity,
                "reserved_quantity": reserved,
                **more,
            }
        )

    for product in products:
        dice = Dice(2, product.id)
        if product.is_archived:
            continue
        held = float(dice.between(0, 240))
        add(product, STOCK if dice.chance(60) else 22, held, float(dice.below(int(held) // 4 + 1)))
        if dice.chance(45):
            add(product, 21, float(dice.between(6, 120)), float(dice.below(6)))
        if dice.chance(30):
            add(product, CUSTOMERS, float(dice.between(1, 900)))
        if dice.chance(12):
            add(product, INVENTORY, -float(dice.between(1, 30)))
    add(products[10], 23, -4.0)
    add(products[11], 23, 2.5, 0.0, owner_id=101)
    for number in range(1, 13):
        add(products[-number * 3], 22, float(number * 5), 0.0, lot_id=number)
    return quants


def _quant(store: Store, number: int, **values: Any) -> dict[str, Any]:
    location = store.get("stock.location", values["location_id"]) or {}
    moment = time_text(FOUNDED)
    dates = {"in_date": moment, "create_date": moment, "write_date": moment}
    owner = location["company_id"] if location["usage"] == "internal" else False
    return {"id": number, "company_id": owner, **values, **dates}
