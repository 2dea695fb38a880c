"""Stock with a purpose: one item or more for every edge case of a product that a sync must get right.

The numbers are those of the edge cases in `cases.py`; 0 marks rules that have no number there.
"""

from __future__ import annotations

from datetime import date, timedelta

from sync_assets.sandbox.alleaves.seed.catalogue import FIRST_ITEM, ORDINARY_ITEMS, priced, stock_row
from sync_assets.sandbox.alleaves.seed.locations import AREAS, DAMAGED, QUARANTINE, VAULT
from sync_assets.sandbox.alleaves.store import Row

FIRST_BATCH = 79_001


def _area(number: int, on_hand: float, available: float, **given: object) -> Row:
    name, kind = AREAS[number]
    return {"id_area": number, "area": name, "area_type": kind, **_stock(on_hand, available), **given}


def _stock(on_hand: float, available: float | None = None, **given: object) -> Row:
    return {"on_hand": on_hand, "available": on_hand if available is None else available, **given}


def _items(today: date) -> list[tuple[int, Row, list[Row]]]:
    """Edge case, columns of the item, and what its rows hold beside them."""
    expired = {"date_expire": f"{today - timedelta(days=12)}"}
    medical = {"price_retail_medical_use": 32.0, "price_otd_medical_use": 36.16}
    nowhere: Row = {"id_area": None, "area": None, "area_type": None, "date_received": None, "date_updated": None}
    return [
        (43, {"item": "Three Areas Flower 3.5g", **priced(35)}, [
            _area(11, 10, 9), _area(VAULT, 5, 5), _area(DAMAGED, 3, 2)]),
        (43, {"item": "Quarantined Cartridge", "category": "Category > Vape", **priced(42)}, [
            _stock(6), _area(QUARANTINE, 4, 4)]),
        (44, {"item": "No Cost At All Gummies", "category": "Category > Edible", "cost_of_good": 0, **priced(18)}, [
            _stock(9, batch_cost_of_good=0)]),
        (44, {"item": "Cost Above Price Rosin", "category": "Category > Concentrate", **priced(30)}, [
            _stock(7, cost_of_good=33.5)]),
        (44, {"item": "Cost Near Price Badder", "category": "Category > Concentrate", **priced(40)}, [
            _stock(5, cost_of_good=38.8)]),
        (44, {"item": "Cost On One Batch Pack", "category": "Flower > Packs", **priced(60)}, [
            _stock(12), _stock(8, cost_of_good=10)]),
        (45, {"item": "Zero Prices Seltzer", "category": "Category > Beverage", "cost_of_good": 4}, [_stock(14)]),
        (45, {"item": "Medical Only Tincture", "category": "Category > Tincture", **medical}, [_stock(6)]),
        (46, {"item": "Uncategorized Thing", "category": "Uncategorized", **priced(12)}, [_stock(4)]),
        (46, {"item": "Blank Category Thing", "category": " ", **priced(12)}, [_stock(4)]),
        (47, {"item": "Trailing Blank Pre-Roll ", "brand": "Cloud Nine Co ", **priced(9)}, [_stock(22)]),
        (47, {"item": "Spelling Variant Pre-Roll", "brand": "Cloud 9 Co", **priced(9)}, [_stock(18)]),
        (48, {"item": "One Reserved Vape", "category": "Category > Vape", **priced(38)}, [_stock(11, 10)]),
        (49, {"item": "Tested Without Result", "id_lab_test": 4711, "thc": None, **priced(28)}, [_stock(8)]),
        (49, {"item": "Compound Resin", "category": "Category > Concentrate", **priced(55)}, [
            _stock(6, compounds=[{"name": "THC %", "value": "70.00000000"}, {"name": "CBD %", "value": "0.25000000"}])]),
        (49, {"item": "Impossible Percent", "thc": 140, **priced(28)}, [_stock(5)]),
        (50, {"item": "Expired Chocolate", "category": "Category > Edible", **priced(16), **expired}, [
            _stock(5, date_received=f"{today - timedelta(days=300)}T17:05:00.123")]),
        (51, {"item": "Sold Out Flower 7g", **priced(48)}, [_stock(0, has_inventory=False, **nowhere)]),
        (52, {"item": "TEST ITEM do not sell", "is_cannabis": False, "category": "Category > Accessories", **priced(1)}, [
            _stock(1)]),
        (59, {"item": "Null Flags Lotion", "category": "Category > Topical", "created_by": 17, **priced(25)}, [
            _stock(5, is_cannabis=None, is_adult_use=None, is_product=None, deleted=None, has_inventory=None)]),
        (0, {"item": "Deleted Batch Haze", **priced(33)}, [_stock(6), _stock(50, deleted=True)]),
        (0, {"item": "On Hold Haze", **priced(33)}, [_stock(6, qc_hold=True)]),
        (0, {"item": "Two Prices Haze", "strain": None}, [_stock(9, **priced(30)), _stock(3, **priced(36))]),
        (0, {"item": "CBD balm", "category": "Category > Topical", "cbd": 4, "thc": 0, **priced(31)}, [_stock(7)]),
        (0, {"item": "1:1 THC:CBD gummies", "category": "Category > Edible", **priced(22)}, [_stock(13)]),
    ]  # fmt: skip


def case_items(case: int) -> list[int]:
    """The ids of the items made for an edge case."""
    start = FIRST_ITEM + ORDINARY_ITEMS
    return [
        start + place for place, (number, _, _) in enumerate(_items(date.min + timedelta(days=999))) if number == case
    ]


def odd_stock(today: date) -> list[Row]:
    """The rows, with ids of items and batches that follow those of the ordinary items."""
    rows: list[Row] = []
    for place, (_, item, batches) in enumerate(_items(today)):
        for batch in batches:
            number = FIRST_ITEM + ORDINARY_ITEMS + place
            rows.append(stock_row(number, FIRST_BATCH + len(rows), today, **{**item, **batch}))
    return rows
