"""An invented shop of any size: rows as Odoo 18 sends them, the same at every run.

How they get into a server or a table does not belong here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

Row = dict[str, Any]

SEED = 20_250_630
FIRST_DAY = datetime(2023, 7, 1, tzinfo=UTC)
LAST_DAY = datetime(2025, 6, 30, tzinfo=UTC)
AS_OF = "2025-07-01T00:00:00Z"
# Ids of the records that every sandbox database has.
COMPANY, EUR, FRANCE, STOCK, UNITS, BOX_OF_SIX = 1, 126, 75, 8, 1, 3
USD, SELLERS = 2, (2, 6, 7)
FIRST_PARTNER, FIRST_TEMPLATE, FIRST_PRODUCT = 1001, 101, 5001
PRODUCTS, FAMILY = 2_000, 5
_MASK = (1 << 64) - 1

SURNAMES = (
    "Aubrac",
    "Bellune",
    "Cassagne",
    "Dorval",
    "Estrade",
    "Fontanel",
    "Garance",
    "Hautbois",
    "Issarle",
    "Jouvence",
)
GIVEN = ("Adèle", "Bruno", "Céline", "Damien", "Élise", "Fabien", "Gaëlle", "Hugo", "Inès", "Jules")
PLACES = ("Bordeaux", "Lyon", "Nantes", "Dijon", "Reims", "Tours", "Angers", "Colmar", "Beaune", "Cahors")
SHOPS = ("Caves", "Comptoir", "Bistrot", "Épicerie", "Table", "Auberge")
KINDS = ("Vins rouges", "Vins blancs", "Vins rosés", "Pétillants", "Mousseux", "Vins fortifiés", "Accessoires")


@dataclass(frozen=True)
class Size:
    """How many records of each kind; every order has the same number of lines, give or take one."""

    partners: int
    orders: int
    lines: int

    @classmethod
    def of_lines(cls, lines: int) -> Size:
        """A shop with the proportions of 100,000 partners, 300,000 orders and a million lines."""
        return cls(max(lines // 10, FAMILY), max(lines * 3 // 10, 1), lines)


def dice(number: int, salt: int) -> int:
    """64 bits that look random and depend on nothing but the arguments."""
    mixed = (number * 0x9E3779B97F4A7C15 + salt * 0xBF58476D1CE4E5B9 + SEED) & _MASK
    mixed = ((mixed ^ (mixed >> 31)) * 0x94D049BB133111EB) & _MASK
    return mixed ^ (mixed >> 29)


def _time(moment: datetime) -> str:
    return moment.isoformat(" ")[:19]


_OLD = {"create_date": _time(FIRST_DAY), "write_date": _time(FIRST_DAY)}


def catalogue() -> dict[str, list[Row]]:
    """Products and what they need, by model; complete as Odoo stores them."""
    rows: dict[str, list[Row]] = {
        "res.currency": [{"id": USD, "name": "USD", "symbol": "$", "rounding": 0.01, "decimal_places": 2, **_OLD}],
        "product.category": [],
        "product.template": [],
        "product.product": [],
        "stock.quant": [],
    }
    for number, kind in enumerate(KINDS):
        category = {"id": 10 + number, "name": kind, "complete_name": f"All / {kind}", "parent_id": 1}
        rows["product.category"].append({**category, **_OLD})
    for number in range(PRODUCTS):
        cast = dice(number, 1)
        name = f"{KINDS[number % len(KINDS)]} {SURNAMES[cast % 10]} {2005 + cast // 10 % 18} no {number}"
        price, product = unit_price(number) / 100, FIRST_PRODUCT + number
        template = {
            "id": FIRST_TEMPLATE + number,
            "name": name,
            "list_price": price,
            "categ_id": 10 + number % len(KINDS),
        }
        template |= {"uom_id": UNITS, "default_code": f"BENCH-{number:04d}", "is_storable": True}
        variant = {"id": product, "product_tmpl_id": template["id"], "default_code": template["default_code"]}
        variant |= {"barcode": f"20{product:010d}", "standard_price": {COMPANY: round(price * 0.6, 2)}}
        quant = {"id": number + 1, "product_id": product, "location_id": STOCK, "company_id": COMPANY}
        quant |= {"quantity": float(cast % 300), "reserved_quantity": float(cast % 5), "in_date": _time(FIRST_DAY)}
        rows["product.template"].append({**template, **_OLD})
        rows["product.product"].append({**variant, **_OLD})
        rows["stock.quant"].append({**quant, **_OLD})
    return rows


def unit_price(product: int) -> int:
    """Price of a product without tax, in cents."""
    return 400 + dice(product, 2) % 9_600


def partners(size: Size) -> Iterator[Row]:
    """Families of three (a company, its contact, the contact's delivery address) and of two, in turn."""
    for number in range(size.partners):
        cast = dice(number, 3)
        place, partner_id = number % FAMILY, FIRST_PARTNER + number
        is_root, is_company = place in (0, 3), place == 0
        surname, given = SURNAMES[cast % 10], GIVEN[cast // 10 % 10]
        shop = f"{SHOPS[cast // 100 % 6]} {surname} {number}"
        yield {
            "id": partner_id,
            "name": shop if is_company else f"{given} {surname} {number}",
            "parent_id": False if is_root else partner_id - 1,
            "commercial_partner_id": partner_id - (place if place < 3 else place - 3),
            "is_company": is_company,
            "type": "delivery" if place == 2 else "contact",
            "active": cast % 50 != 0,
            "email": False
            if cast % 7 == 0
            else f"{surname.lower()}.{number}@{PLACES[cast // 600 % 10].lower()}.example",
            "phone": f"05 56 {cast // 6_000 % 100:02d} {cast // 600_000 % 100:02d} {number % 100:02d}",
            "mobile": False
            if cast % 3
            else f"+33 6 {number // 10_000 % 100:02d} {number // 100 % 100:02d} {number % 100:02d} {cast % 100:02d}",
            "street": f"{1 + cast % 180} rue {SURNAMES[cast // 1_000 % 10]}",
            "street2": False,
            "zip": f"{1 + cast // 1_000 % 94:02d}{cast // 100_000 % 1_000:03d}",
            "city": PLACES[cast // 10_000 % 10],
            "state_id": False,
            "country_id": FRANCE,
            "vat": False,
            "ref": f"C{number:06d}",
            "lang": "fr_FR",
            "user_id": SELLERS[cast % 3],
            "company_id": False,
            "customer_rank": 1,
            "supplier_rank": 0,
            "category_id": [],
            **_OLD,
        }


def lines_of(size: Size, order: int) -> list[Row]:
    """The lines of the order at that position."""
    first, end = order * size.lines // size.orders, (order + 1) * size.lines // size.orders
    moment = _time(_moment(size, order))
    currency = _currency(order)
    rows = []
    for number in range(first, end):
        cast = dice(number, 4)
        product = cast % PRODUCTS
        is_box = cast >> 16 & 7 == 0
        quantity = 1 + (cast >> 20) % 12
        price = unit_price(product) * (6 if is_box else 1)
        discount = 10 if cast >> 24 & 7 == 0 else 0
        subtotal = (quantity * price * (100 - discount) + 50) // 100
        tax = (subtotal * 20 + 50) // 100
        rows.append(
            {
                "id": number + 1,
                "order_id": order + 1,
                "product_id": FIRST_PRODUCT + product,
                "name": f"[BENCH-{product:04d}] {KINDS[product % len(KINDS)]} no {product}",
                "display_type": False,
                "is_downpayment": False,
                "product_uom_qty": float(quantity),
                "qty_delivered": float(quantity),
                "qty_invoiced": float(quantity),
                "product_uom": BOX_OF_SIX if is_box else UNITS,
                "tax_id": [1],
                "price_unit": price / 100,
                "discount": float(discount),
                "price_subtotal": subtotal / 100,
                "price_tax": tax / 100,
                "price_total": (subtotal + tax) / 100,
                "sequence": 10 + number - first,
                "company_id": COMPANY,
                "currency_id": currency,
                "create_date": moment,
                "write_date": moment,
            }
        )
    return rows


def lines(size: Size) -> Iterator[Row]:
    for order in range(size.orders):
        yield from lines_of(size, order)


def orders(size: Size) -> Iterator[Row]:
    """Orders with the totals of their lines; 3 % in dollars, 5 % quotations."""
    for number in range(size.orders):
        cast = dice(number, 5)
        partner = FIRST_PARTNER + cast % size.partners
        own = lines_of(size, number)
        untaxed, total = (round(sum(row[name] for row in own), 2) for name in ("price_subtotal", "price_total"))
        moment = _time(_moment(size, number))
        is_dollar = _currency(number) == USD
        yield {
            "id": number + 1,
            "name": f"S{number + 1:07d}",
            "state": "draft" if cast >> 32 & 63 < 3 else "sale",
            "locked": False,
            "date_order": moment,
            "partner_id": partner,
            "partner_invoice_id": partner,
            "partner_shipping_id": partner,
            "company_id": COMPANY,
            "currency_id": USD if is_dollar else EUR,
            "currency_rate": 1.0875 if is_dollar else 1.0,
            "amount_untaxed": untaxed,
            "amount_tax": round(total - untaxed, 2),
            "amount_total": total,
            "user_id": SELLERS[cast >> 40 & 1],
            "team_id": 1,
            "client_order_ref": False,
            "origin": False,
            "pricelist_id": False,
            "invoice_status": "invoiced",
            "create_date": moment,
            "write_date": moment,
        }


def _moment(size: Size, order: int) -> datetime:
    span = int((LAST_DAY - FIRST_DAY).total_seconds())
    return FIRST_DAY + timedelta(seconds=order * span // size.orders)


def _currency(order: int) -> int:
    return USD if dice(order, 6) % 100 < 3 else EUR
