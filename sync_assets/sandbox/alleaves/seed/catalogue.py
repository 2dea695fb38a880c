"""The shop's stock: 400 items in 450 rows of item, batch and area, at ordinary and at awkward prices and costs.

The rows with a purpose of their own belong to `odd_stock.py`.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import NamedTuple

from sync_assets.sandbox.alleaves.seed.locations import AREAS, FLOOR, MAIN, SECOND, VAULT
from sync_assets.sandbox.alleaves.seed.names import BRANDS, STRAINS, VENDORS
from sync_assets.sandbox.alleaves.store import Row
from sync_assets.sandbox.dice import Dice

FIRST_ITEM = 5001
FIRST_BATCH = 70001
# How the service writes the category, how many items, their prices from and to, the goods, and the share of THC.
_SHELVES = (
    ("Category > Flower", 93, 15, 78, ("3.5g", "7g", "14g"), 24),
    ("Flower > Packs", 24, 40, 125, ("Half Ounce Pack", "Ounce Pack"), 22),
    ("Category > Pre-Roll", 56, 5, 30, ("1g Pre-Roll", "5-Pack Pre-Rolls"), 26),
    ("Category > Vape", 56, 24, 78, ("0.5g Cartridge", "1g Cartridge", "Disposable"), 84),
    ("Category > Edible", 52, 6, 30, ("Gummies 10pk", "Chocolate Bar", "Caramels"), 0),
    ("Category > Concentrate", 38, 26, 98, ("Live Resin 1g", "Rosin 1g", "Badder 1g"), 76),
    ("Category > Tincture", 14, 28, 70, ("Tincture 30ml",), 0),
    ("Category > Topical", 10, 18, 48, ("Balm", "Lotion"), 0),
    ("Category > Beverage", 14, 6, 20, ("Seltzer", "Iced Tea"), 0),
    ("Category > Accessories", 14, 5, 64, ("Grinder", "Glass Pipe", "Battery"), None),
    ("Category > Gift Cards", 4, 25, 100, ("Gift Card",), None),
)
ORDINARY_ITEMS = sum(shelf[1] for shelf in _SHELVES)
SECOND_BATCHES = 44
_TYPES = ("Indica", "Sativa", "Hybrid", "sativa", "Sativa-dominant hybrid", "Indica Dominant", None)


class Item(NamedTuple):
    """What an order line needs to know of an item."""

    number: int
    name: str
    category: str
    price: float


def stock_row(number: int, batch: int, today: date, **given: object) -> Row:
    """One row of the inventory as the service sends it, with the constant and misspelt columns; `given` goes over it."""
    row: Row = {
        "id_item": number,
        "item": "",
        "id_batch": batch,
        "batch": f"B{batch}",
        "metrc_package_label": f"1A40{batch:012d}",
        "id_location": MAIN,
        "id_area": FLOOR,
        "area": AREAS[FLOOR][0],
        "area_type": AREAS[FLOOR][1],
        "brand": None,
        "vendor": None,
        "category": "Category > Flower",
        "price_retail": 0,
        "price_retail_adult_use": 0,
        "price_retail_medical_use": 0,
        "price_otd": 0,
        "price_otd_adult_use": 0,
        "price_otd_medical_use": 0,
        "cost_of_good": None,
        "batch_cost_of_good": None,
        "on_hand": 0,
        "available": 0,
        "thc": None,
        "cbd": None,
        "compounds": [],
        "id_lab_test": None,
        "strain": None,
        "date_received": f"{today - timedelta(days=20)}T17:05:00",
        "date_expire": f"{today + timedelta(days=240)}",
        "date_updated": f"{today - timedelta(days=1)}T09:15:00.000",
        "batch_date_updated": f"{today - timedelta(days=2)}T16:00:00",
        "is_cannabis": True,
        "is_adult_use": True,
        "is_product": True,
        "qc_hold": None,
        "deleted": False,
        "has_inventory": True,
        "all_avaliable_per_location": 0,
        "created_by": "import",
    }
    return row | given


def priced(price: float, ratio: float = 1.13) -> Row:
    """The price columns of an ordinary item: the same price for both uses, tax included in the second three."""
    otd = round(price * ratio, 2)
    uses = ("", "_adult_use", "_medical_use")
    return {f"price_retail{use}": price for use in uses} | {f"price_otd{use}": otd for use in uses}


def stock_rows(today: date) -> list[Row]:
    """The ordinary items, each in one row or two, and a smaller choice of them in the second shop."""
    rows: list[Row] = []
    number, batch = FIRST_ITEM, FIRST_BATCH
    for category, count, low, high, goods, potency in _SHELVES:
        for place in range(count):
            dice = Dice(11, number)
            row = _ordinary(number, batch, today, category, dice, (low, high), goods[place % len(goods)], potency)
            if category.endswith("Gift Cards"):
                price = (25.0, 50.0, 75.0, 100.0)[place % 4]
                row |= priced(price, 1.0) | {
                    "item": f"Gift Card {price:.0f}",
                    "cost_of_good": None,
                    "date_expire": None,
                }
            rows.append(row)
            batch += 1
            number += 1
    seconds = [row for row in rows if row["id_item"] % 8 == 4][:SECOND_BATCHES]
    for row in seconds:
        dice = Dice(12, row["id_item"])
        on_hand = dice.between(1, 18)
        received = f"{today - timedelta(days=dice.between(30, 120))}T18:20:00.000"
        area = {"id_area": VAULT, "area": AREAS[VAULT][0], "area_type": AREAS[VAULT][1]} if dice.chance(40) else {}
        fresh = {"id_batch": batch, "batch": f"B{batch}", "metrc_package_label": f"1A40{batch:012d}"}
        stock = {"on_hand": on_hand, "available": on_hand, "date_received": received}
        rows.append(row | fresh | area | stock)
        batch += 1
    return rows


def second_shop_rows(rows: list[Row]) -> list[Row]:
    """Every ninth item again, in the second shop with its own stock."""
    chosen = [row for row in rows if row["id_item"] % 9 == 2 and row["id_area"] == FLOOR]
    return [
        row | {"id_location": SECOND, "id_batch": row["id_batch"] + 10_000, "on_hand": 6, "available": 5}
        for row in chosen
    ]


def items_of(rows: list[Row]) -> list[Item]:
    """The items that can be sold, in the order of their ids."""
    found = {row["id_item"]: row for row in rows if row["price_retail_adult_use"] and row["id_location"] == MAIN}
    return [
        Item(number, row["item"].strip(), row["category"], row["price_retail_adult_use"])
        for number, row in sorted(found.items())
    ]


def _ordinary(
    number: int,
    batch: int,
    today: date,
    category: str,
    dice: Dice,
    prices: tuple[int, int],
    goods: str,
    potency: int | None,
) -> Row:
    is_cannabis = potency is not None
    brand = BRANDS[number * 7 % len(BRANDS)]
    strain = STRAINS[number * 3 % len(STRAINS)]
    price = dice.between(*prices) + dice.pick((0.0, 0.0, 0.5, 0.99))
    cost = round(price * dice.between(40, 64) / 100, 2)
    on_hand = dice.between(2, 14) if dice.chance(77) else dice.between(15, 42)
    type_name = dice.pick(_TYPES) if is_cannabis else None
    lab: Row = {"id_lab_test": 3000 + number}
    if potency:
        thc = round(potency + dice.between(-40, 40) / 10, 2)
        # The newer items carry their values as compounds, the older ones in columns of their own.
        if number % 4 == 0:
            lab |= {"compounds": [{"name": "THC %", "value": f"{thc:.8f}"}, {"name": "CBD %", "value": "0.10000000"}]}
        else:
            lab |= {"thc": thc, "cbd": 0.1}
    return stock_row(
        number,
        batch,
        today,
        item=f"{strain} {goods} #{number - FIRST_ITEM + 1}"
        if is_cannabis
        else f"{brand} {goods} #{number - FIRST_ITEM + 1}",
        brand=brand if number % 19 else None,
        vendor=VENDORS[number % len(VENDORS)],
        category=category,
        **priced(price, 1.13 if is_cannabis else 1.08),
        # More than half of the items have no cost of their own; some of these have one on the batch.
        cost_of_good=cost if number % 20 < 9 else None,
        batch_cost_of_good=cost if number % 20 in (9, 10) else None,
        on_hand=on_hand,
        available=max(0, on_hand - (1 if number % 8 == 0 else 0)),
        strain=type_name,
        date_received=f"{today - timedelta(days=dice.between(1, 90))}T{dice.between(15, 23):02d}:{dice.between(0, 59):02d}:12",
        date_expire=f"{today + timedelta(days=dice.between(30, 400))}" if is_cannabis else None,
        is_cannabis=is_cannabis,
        **lab,
    )
