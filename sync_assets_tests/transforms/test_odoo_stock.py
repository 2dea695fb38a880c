from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from sync_assets.tables.canonical import STOCK_LEVELS
from sync_assets.transforms.mapped import Mapped
from sync_assets.transforms.odoo import OdooRaw, map_stock

from .odoo_frames import EARLIER, NOW, acme, codes, column, odoo, product, products, registry, shuffled

LOCATIONS = [
    {"id": 4, "name": "WH", "complete_name": "WH", "usage": "view"},
    {"id": 8, "name": "Stock", "complete_name": "WH/Stock", "usage": "internal", "location_id": 4},
    {"id": 9, "name": "Shelf", "complete_name": "WH/Stock/Shelf", "usage": "internal", "location_id": 8},
    {"id": 12, "name": "Depot", "complete_name": "Lost/Depot", "usage": "internal", "location_id": 11},
    {"id": 13, "name": "Round", "complete_name": None, "usage": "internal", "location_id": 13},
    {"id": 15, "name": "Customers", "complete_name": "Customers", "usage": "customer"},
]
KEYS = registry({"1": "RIES", "2": "odoo-2", "3": "odoo-3"})
WAREHOUSES = [{"id": 1, "name": "Entrepôt", "view_location_id": 4}]


def shelves(*quants: dict[str, Any]) -> OdooRaw:
    goods = products(product(1), product(2), product(3, deleted_at=NOW))
    return odoo(quants=list(quants), locations=LOCATIONS, warehouses=WAREHOUSES, **goods)


def stock(raw: OdooRaw) -> Mapped:
    return map_stock(raw, acme(), KEYS, synced_at=NOW)


def quant(quant_id: int, quantity: str | None, reserved: str | None = "0", **fields: Any) -> dict[str, Any]:
    usual = {"id": quant_id, "product_id": 1, "location_id": 8, "write_date": EARLIER}
    return usual | {"quantity": quantity, "reserved_quantity": reserved} | fields


def test_lots_are_added_up() -> None:
    later = EARLIER + timedelta(hours=1)
    mapped = stock(
        shelves(quant(1, "5", "1", lot_id=1), quant(2, "2.5", "2", lot_id=2, write_date=later), quant(3, "-1"))
    )
    STOCK_LEVELS.contract.validate(mapped.frame)
    assert {name: column(mapped, name)[0] for name in mapped.frame.columns} == {
        "org_id": "acme",
        "stock_key": "odoo-STOCK-1-8",
        "source": "odoo",
        "source_id": "1-8",
        "product_key": "RIES",
        "warehouse": "Entrepôt",
        "quantity_units": Decimal("6.500"),
        "unit_label": "Units",
        "quantity_bottles_75cl_eq": None,
        "reserved_qty": Decimal("3.000"),
        "available_qty": Decimal("3.500"),
        "last_count_date": later,
        "synced_at": NOW,
    }
    assert mapped.skipped == {"not_internal": 0, "zero_quantity": 0, "merged": 2}


def test_the_warehouse_is_the_one_above_else_the_path() -> None:
    mapped = stock(shelves(*[quant(i, "1", location_id=i) for i in (8, 9, 12, 13, 15, 99)]))
    assert column(mapped, "warehouse") == ["Entrepôt", "Entrepôt", "Lost/Depot", "Round"]
    assert mapped.skipped["not_internal"] == 2


def test_zero_leaves_and_negative_stays() -> None:
    mapped = stock(
        shelves(
            quant(1, "0"),
            quant(2, "3", product_id=2),
            quant(3, "-3", product_id=2),
            quant(4, "-2", location_id=9),
            quant(5, None, location_id=12),
        )
    )
    assert column(mapped, "quantity_units") == [Decimal("-2.000")]
    assert mapped.skipped == {"not_internal": 0, "zero_quantity": 4, "merged": 0}
    assert codes(mapped) == [("1-9", "negative_stock")]


def test_more_reserved_than_there_is() -> None:
    mapped = stock(shelves(quant(1, "2", "5")))
    assert column(mapped, "available_qty") == [Decimal("-3.000")]
    assert codes(mapped) == [("1-8", "over_reserved")]


def test_an_unknown_product_is_refused_and_a_deleted_one_is_known() -> None:
    mapped = stock(shelves(quant(1, "2", product_id=77), quant(2, "2", product_id=None), quant(3, "2", product_id=3)))
    assert column(mapped, "product_key") == ["odoo-3"]
    assert codes(mapped) == [("1", "unknown_product"), ("2", "unknown_product")]
    assert mapped.rejected == 2


def test_too_large_a_number() -> None:
    mapped = stock(shelves(quant(1, "9e14"), quant(2, "9e14"), quant(3, "1", product_id=2)))
    assert column(mapped, "source_id") == ["2-8"]
    assert (codes(mapped), mapped.rejected) == ([("1-8", "bad_number")], 2)


def test_no_stock_app() -> None:
    mapped = stock(odoo())
    STOCK_LEVELS.contract.validate(mapped.frame)
    assert mapped.rows_in == 0


quants = st.lists(
    st.builds(
        quant,
        st.integers(1, 40),
        st.one_of(st.none(), st.decimals(-9, 9, places=8).map(str), st.sampled_from(["1", "-1", "0", "9e14"])),
        st.one_of(st.none(), st.sampled_from(["0", "1", "4"])),
        product_id=st.sampled_from([None, 1, 2, 3, 4]),
        location_id=st.sampled_from([None, 8, 9, 15, 99]),
    ),
    unique_by=lambda row: row["id"],
)


@settings(max_examples=40, deadline=None)
@given(quants, st.integers(0, 99))
def test_no_quant_is_lost_and_order_does_not_matter(found: list[dict[str, Any]], seed: int) -> None:
    raw = shelves(*found)
    mapped = stock(raw)
    STOCK_LEVELS.contract.validate(mapped.frame)
    assert mapped.rows_in == len(found)
    again = stock(shuffled(raw, seed))
    assert again.frame.equals(mapped.frame)
    assert (again.skipped, again.rejected, codes(again)) == (mapped.skipped, mapped.rejected, codes(mapped))
