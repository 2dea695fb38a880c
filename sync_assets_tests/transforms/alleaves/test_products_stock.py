from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from sync_assets.tables.canonical import PRODUCT_CATALOG, STOCK_LEVELS
from sync_assets.transforms.alleaves import USUAL_RULES, PosRules, map_products, map_stock
from sync_assets.transforms.mapped import Mapped

from .frames import EARLIER, NOW, acme, batch, codes, column, menu, only, store

LATER = NOW + timedelta(minutes=30)
TWO = PosRules(location_ids=("2000", "1000"))


def catalogue(*batches: dict[str, Any], rules: PosRules = USUAL_RULES, before: Any = None) -> Mapped:
    listed = menu(*batches, rules=rules, before=before, run_at=NOW if before is None else LATER)
    mapped = map_products(listed.frame, acme(), rules, synced_at=NOW)
    PRODUCT_CATALOG.contract.validate(mapped.frame)
    assert mapped.rows_in == len(listed.frame)
    return mapped


def stock(*batches: dict[str, Any], before: Any = None) -> Mapped:
    listed = menu(*batches, before=before, run_at=NOW if before is None else LATER)
    mapped = map_stock(store(inventory=list(batches)), listed.frame, acme(), synced_at=NOW)
    STOCK_LEVELS.contract.validate(mapped.frame)
    assert mapped.rows_in == len(listed.frame)
    return mapped


def test_a_product() -> None:
    row = batch("501", cost="17.5049", price_retail_adult="35.00", price_otd_adult="39.55", subcategory="Packs")
    assert only(catalogue(row)) == {
        "org_id": "acme",
        "product_key": "alleaves-501",
        "source": "alleaves",
        "source_id": "501",
        "default_code": None,
        "name": "Item 501",
        "source_category": "Flower > Packs",
        "source_category_id": None,
        "category": "autre",
        "is_wine": False,
        "price_segment": "premium",
        "list_price": Decimal("39.55"),
        "list_price_untaxed": Decimal("35.00"),
        "cost_price": Decimal("17.50"),
        "currency": "USD",
        "cost_currency": "USD",
        "margin_percent": Decimal("50.00"),
        "margin_basis": "untaxed",
        "unit_label": None,
        "grape_varieties": [],
        "flavors": [],
        "vintage": None,
        "region": None,
        "volume_cl": None,
        "alcohol_percent": None,
        "total_acidity": None,
        "residual_sugar": None,
        "body": None,
        "tannins": None,
        "active": True,
        "last_updated": NOW,
        "synced_at": NOW,
    }


def test_an_item_of_two_locations_is_the_first_configured_ones() -> None:
    both = batch("1", name="Here"), batch("1", location_id="2000", name="There")
    assert only(catalogue(*both))["name"] == "Here"
    assert only(catalogue(*both, rules=TWO))["name"] == "There"


def test_an_item_is_active_while_one_location_lists_it() -> None:
    first = menu(
        batch("1", name="Here"), batch("1", location_id="2000", name="There"), batch("2"), batch("3"), rules=TWO
    )
    now = [batch("1", name="Here"), batch("2"), batch("4", location_id="2000")]
    mapped = catalogue(*now, rules=TWO, before=first.frame)
    assert column(mapped, "source_id") == ["1", "2", "3", "4"]
    assert column(mapped, "active") == [True, True, False, True]
    assert column(mapped, "name")[0] == "Here"


def test_estimated_prices_are_not_passed_on() -> None:
    rules = PosRules(estimate_missing_prices=True)
    row = only(catalogue(batch("1", cost="10", price_retail_adult=None), rules=rules))
    assert (row["list_price"], row["list_price_untaxed"], row["margin_percent"]) == (None, None, None)
    assert (row["cost_price"], row["price_segment"]) == (Decimal("10.00"), None)


def test_a_gift_card_has_no_margin() -> None:
    """Number 52."""
    row = only(catalogue(batch("1", cost="10", category="Gift Cards")))
    assert (row["cost_price"], row["margin_percent"], row["margin_basis"]) == (Decimal("10.00"), None, None)


def test_a_cost_of_less_than_a_cent_is_unknown() -> None:
    row = only(catalogue(batch("1", cost="0.0040")))
    assert (row["cost_price"], row["cost_currency"]) == (None, None)


def test_a_stock_level() -> None:
    later = EARLIER + timedelta(days=1)
    mapped = stock(
        batch("501", "a", quantity_on_hand="5", quantity_available="4", updated_at=EARLIER),
        batch("501", "b", area_type="Damaged", quantity_on_hand="3", quantity_available="3", updated_at=later),
    )
    assert only(mapped) == {
        "org_id": "acme",
        "stock_key": "alleaves-STOCK-501-1000",
        "source": "alleaves",
        "source_id": "501-1000",
        "product_key": "alleaves-501",
        "warehouse": "Harbor Street",
        "quantity_units": Decimal("8.000"),
        "unit_label": None,
        "quantity_bottles_75cl_eq": None,
        "reserved_qty": Decimal("4.000"),
        "available_qty": Decimal("4.000"),
        "last_count_date": later,
        "synced_at": NOW,
    }


def test_stock_per_location_and_a_location_without_name() -> None:
    mapped = stock(batch("1"), batch("1", location_id="2000"), batch("1", location_id="3000"))
    assert column(mapped, "warehouse") == ["Harbor Street", "Mill Road", "3000"]


def test_no_stock_is_a_value_and_a_negative_one_is_reported() -> None:
    mapped = stock(
        batch("1", quantity_on_hand="0", quantity_available="0"),
        batch("2", quantity_on_hand="-2", quantity_available="0"),
    )
    assert column(mapped, "quantity_units") == [Decimal("0.000"), Decimal("-2.000")]
    assert column(mapped, "reserved_qty") == [Decimal("0.000")] * 2
    assert codes(mapped) == [("2-1000", "negative_stock")]


def test_an_item_that_vanished_has_no_stock() -> None:
    mapped = stock(batch("1"), before=menu(batch("1"), batch("2")).frame)
    assert column(mapped, "source_id") == ["1-1000"]
    assert mapped.skipped == {"removed": 1}


found = st.lists(
    st.builds(
        batch,
        st.sampled_from(["1", "2", "3"]),
        st.sampled_from(["a", "b"]),
        location_id=st.sampled_from(["1000", "2000", "3000"]),
        quantity_on_hand=st.sampled_from(["-1", "0", "4.5"]),
        quantity_available=st.sampled_from([None, "0", "4"]),
        cost=st.sampled_from([None, "3", "30"]),
    ),
    unique_by=lambda row: (row["location_id"], row["item_id"], row["batch_id"]),
)


@settings(max_examples=15, deadline=None)
@given(found)
def test_every_item_is_one_product_and_one_level_per_location(batches: list[dict[str, Any]]) -> None:
    items = {(row["location_id"], row["item_id"]) for row in batches}
    goods, levels = catalogue(*batches), stock(*batches)
    assert column(goods, "source_id") == sorted({item for _, item in items})
    assert sorted(column(levels, "source_id")) == sorted(f"{item}-{location}" for location, item in items)
    for row in zip(*(column(levels, n) for n in ("quantity_units", "reserved_qty", "available_qty")), strict=True):
        assert row[0] - row[1] == row[2]
        assert row[1] >= 0
