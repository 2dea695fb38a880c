from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from sync_assets.transforms.alleaves import PosRules, store_today

from .frames import EARLIER, LOCATIONS, NOW, batch, codes, column, menu, only, rows, store

LATER = EARLIER + timedelta(days=3)


def prices(**values: str | None) -> dict[str, Any]:
    """The prices of a row: `adult` before tax, `adult_otd` with tax, and so on; the others are not set."""
    found: dict[str, Any] = {"price_retail_adult": None}
    for name, value in values.items():
        kind = "otd" if name.endswith("_otd") else "retail"
        found[f"price_{kind}_{name.removesuffix('_otd')}"] = value
    return found


def test_an_item() -> None:
    fields = {"brand": "Fern", "vendor": "Fern Ltd", "subcategory": "Packs", "strain": "sativa", "thc_percent": "21.5"}
    row = batch("501", cost="17.50", **prices(adult="35.00", adult_otd="39.55"), **fields)
    assert only(menu(row)) == {
        "org_id": "acme",
        "location_id": "1000",
        "item_id": "501",
        "source": "alleaves",
        "product_key": "alleaves-501",
        "name": "Item 501",
        "brand": "Fern",
        "vendor": "Fern Ltd",
        "category": "Flower",
        "subcategory": "Packs",
        "quantity_on_hand": Decimal("10.000"),
        "quantity_available": Decimal("10.000"),
        "quantity_expired": Decimal("0.000"),
        "price_pretax": Decimal("35.00"),
        "price_otd": Decimal("39.55"),
        "price_basis": "adult",
        "price_is_estimated": False,
        "cost": Decimal("17.50000000"),
        "margin_amount": Decimal("17.50"),
        "margin_percent": Decimal("50.00"),
        "thc_percent": Decimal("21.50000000"),
        "cbd_percent": None,
        "strain_type": "Sativa",
        "strain_source": "given",
        "available": True,
        "first_seen_at": NOW,
        "last_seen_at": None,
        "removed_at": None,
        "currency": "USD",
        "updated_at": NOW,
    }


def test_stock_over_batches_and_areas() -> None:
    """Numbers 43 and 48: all rows are on hand, only those that may be sold are available."""
    mapped = menu(
        batch("1", "a", quantity_on_hand="5", quantity_available="4"),
        batch("1", "a", area_id="9", area_type=" DAMAGED", quantity_on_hand="3", quantity_available="3"),
        batch("1", "b", qc_hold=True, quantity_on_hand="2", quantity_available="2"),
        batch("1", "c", quantity_on_hand=None, quantity_available=None),
        batch("2", "a", deleted=True),
    )
    row = only(mapped)
    assert (row["quantity_on_hand"], row["quantity_available"]) == (Decimal("10.000"), Decimal("4.000"))
    assert mapped.skipped == {"other_location": 0, "deleted": 1, "guarded": 0, "merged": 3}
    assert mapped.rows_in == 5


def test_what_may_not_be_sold_is_a_setting() -> None:
    rules = PosRules(unsellable_area_types=("Back room",))
    found = menu(batch("1", "a", area_type="back ROOM"), batch("1", "b", area_type="Damaged"), rules=rules)
    assert only(found)["quantity_available"] == Decimal("10.000")


def test_expired_stock_is_reported_and_still_available() -> None:
    """Number 50."""
    mapped = menu(
        batch("1", "a", expires_on=date(2026, 6, 29)),
        batch("1", "b", expires_on=date(2026, 6, 30), quantity_on_hand="1"),
        batch("1", "c", quantity_on_hand="2"),
    )
    row = only(mapped)
    assert (row["quantity_expired"], row["quantity_available"]) == (Decimal("10.000"), Decimal("30.000"))


def test_an_item_without_stock() -> None:
    """Number 51."""
    row = only(menu(batch("1", "-", quantity_on_hand="0", quantity_available="0", received_at=None)))
    assert (row["available"], row["quantity_on_hand"]) == (False, Decimal("0.000"))


@pytest.mark.parametrize(("flag", "quantity", "expected"), [(True, "0", True), (False, "5", False), (None, "5", True)])
def test_a_documented_flag_says_whether_an_item_is_for_sale(flag: bool | None, quantity: str, expected: bool) -> None:
    row = only(menu(batch("1", is_available=flag, quantity_on_hand=quantity, quantity_available=None)))
    assert (row["available"], row["quantity_available"]) == (expected, Decimal(quantity))


@pytest.mark.parametrize(
    ("first", "second", "winner"),
    [
        ({"quantity_available": "3"}, {"quantity_available": "4", "received_at": None}, "second"),
        ({"quantity_available": None, "quantity_on_hand": None}, {"quantity_available": "1"}, "second"),
        ({}, {"received_at": LATER}, "second"),
        ({"received_at": None}, {}, "second"),
        ({"batch_id": "9"}, {"batch_id": "10"}, "second"),
        ({"batch_id": "a"}, {"batch_id": "10"}, "second"),
        ({"batch_id": "b"}, {"batch_id": "a"}, "first"),
        ({"batch_id": "-"}, {"batch_id": "1"}, "second"),
    ],
)
def test_the_reference_row(first: dict[str, Any], second: dict[str, Any], winner: str) -> None:
    one, two = batch("1", "1", name="first") | first, batch("1", "2", name="second", brand="B") | second
    for found in (menu(one, two), menu(two, one)):
        assert only(found)["name"] == winner
        assert only(found)["brand"] == ("B" if winner == "second" else None)


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (prices(adult="20", medical="18"), ("20.00", None, "adult")),
        (prices(medical="18", medical_otd="20.34"), ("18.00", "20.34", "medical")),
        (prices(generic="9"), ("9.00", None, "generic")),
        (prices(adult_otd="22", medical="18"), (None, "22.00", "adult")),
        (prices(adult="0", adult_otd="0"), (None, None, None)),
        (prices(), (None, None, None)),
    ],
)
def test_prices_are_of_one_list(found: dict[str, Any], expected: tuple[Any, ...]) -> None:
    """Number 45."""
    row = only(menu(batch("1", **found)))
    assert (row["price_pretax"], row["price_otd"], row["price_basis"]) == tuple(
        Decimal(value) if value and value[0].isdigit() else value for value in expected
    )


def test_the_price_is_of_the_first_row_that_has_one() -> None:
    mapped = menu(
        batch("1", "3", **prices()), batch("1", "2", **prices(medical="7")), batch("1", "1", **prices(adult="8"))
    )
    row = only(mapped)
    assert (row["price_pretax"], row["price_basis"]) == (Decimal("7.00"), "medical")
    assert codes(mapped) == [("1000-1", "price_differs")]


def test_batches_without_price_do_not_disagree() -> None:
    assert codes(menu(batch("1", "1"), batch("1", "2", **prices()), batch("1", "3"))) == []
    other = batch("1", "2", price_otd_adult="22.60")
    assert codes(menu(batch("1", "1"), other)) == [("1000-1", "price_differs")]


@pytest.mark.parametrize(
    ("batches", "expected"),
    [
        ([("12", None), ("8", "10.00")], "10"),
        ([("10", "4.00"), ("30", "6.00")], "5.5"),
        ([("1", "1"), ("2", "2")], "1.6667"),
        ([("1", "0.0001"), ("1", "0.0002")], "0.0002"),
        ([("1", "0.00005")], "0.0001"),
        ([("0", "3.00"), ("-4", "5.00")], "5"),
        ([(None, "3.00"), ("5", "7.00")], "7"),
        ([("10", None), (None, None)], None),
    ],
)
def test_the_cost_is_weighted_by_stock(batches: list[tuple[str | None, str | None]], expected: str | None) -> None:
    """Number 44; without stock it is that of the latest received batch."""
    found = [
        batch("1", str(n), quantity_on_hand=quantity, cost=cost, received_at=EARLIER + timedelta(days=n))
        for n, (quantity, cost) in enumerate(batches)
    ]
    assert only(menu(*found))["cost"] == (Decimal(expected) if expected else None)


@pytest.mark.parametrize(
    ("price", "cost", "margin", "code"),
    [
        ("35.00", "17.50", ("17.50", "50.00"), None),
        ("10.00", "9.4999", ("0.50", "5.00"), None),
        ("10.00", "9.50", ("0.50", "5.00"), "cost_near_price"),
        ("10.00", "10.00", ("0.00", "0.00"), "cost_near_price"),
        ("10.00", "12.50", ("-2.50", "-25.00"), "cost_above_price"),
        ("10.00", None, (None, None), None),
        (None, "5.00", (None, None), None),
    ],
)
def test_margins(price: str | None, cost: str | None, margin: tuple[Any, Any], code: str | None) -> None:
    """Number 44: a negative margin stays."""
    mapped = menu(batch("1", cost=cost, **prices(adult=price, adult_otd="99.00")))
    row = only(mapped)
    assert (row["margin_amount"], row["margin_percent"]) == tuple(part and Decimal(part) for part in margin)
    assert codes(mapped) == ([("1000-1", code)] if code else [])


def test_gift_cards_have_no_margin() -> None:
    """Number 52."""
    mapped = menu(batch("1", category="Gift Cards", cost="20.00"))
    assert (only(mapped)["margin_percent"], only(mapped)["cost"], codes(mapped)) == (None, Decimal(20), [])


@pytest.mark.parametrize(
    ("category", "subcategory", "price"),
    [
        ("Flower", None, "22.00"),
        ("Flower", "Pre-Rolls", "22.00"),
        ("Vape", None, "20.00"),
        ("Concentrates", None, "20.00"),
        ("Edibles", "Gummies", "23.00"),
        ("Pre-Roll", None, "21.00"),
        ("Preroll", None, "21.00"),
        ("Beverages", None, "24.00"),
        ("Tincture", None, "23.00"),
        ("Topicals", None, "23.00"),
        ("Cannabis", "Beverages", "24.00"),
        ("Accessories", None, "22.00"),
    ],
)
def test_a_missing_price_is_estimated_when_asked_for(category: str, subcategory: str | None, price: str) -> None:
    row = batch("1", cost="10", category=category, subcategory=subcategory, **prices())
    found = only(menu(row, rules=PosRules(estimate_missing_prices=True)))
    assert (found["price_pretax"], found["price_otd"], found["price_basis"]) == (Decimal(price), None, "estimated")
    assert (found["price_is_estimated"], found["margin_percent"], found["margin_amount"]) == (True, None, None)
    off = only(menu(row))
    assert (off["price_pretax"], off["price_basis"], off["price_is_estimated"]) == (None, None, False)


def test_a_given_price_or_an_unknown_cost_leaves_nothing_to_estimate() -> None:
    found = menu(batch("1", cost="10"), batch("2", **prices()), rules=PosRules(estimate_missing_prices=True))
    assert column(found, "price_is_estimated") == [False, False]
    assert column(found, "price_pretax") == [Decimal("20.00"), None]


def test_contents_are_the_reference_rows_else_the_latest_known() -> None:
    """Number 49."""
    mapped = menu(
        batch("1", "1", thc_percent=None, cbd_percent="0.1", quantity_available="50"),
        batch("1", "2", thc_percent="20", cbd_percent="3"),
        batch("1", "3", thc_percent="70.000", received_at=LATER),
        batch("1", "4", thc_percent="9", received_at=None),
    )
    row = only(mapped)
    assert (row["thc_percent"], row["cbd_percent"]) == (Decimal("70"), Decimal("0.1"))


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"strain": "sativa"}, ("Sativa", "given")),
        ({"strain": " INDICA "}, ("Indica", "given")),
        ({"strain": "cbd"}, ("CBD", "given")),
        ({"strain": "Hybrid", "is_cannabis": False}, ("Hybrid", "given")),
        ({"strain": "Sativa-dominant hybrid"}, ("Hybrid", "inferred")),
        ({"strain": "Sativa/Indica"}, ("Hybrid", "inferred")),
        ({"name": "Blue Fig Indica 3.5g"}, ("Indica", "inferred")),
        ({"name": "CBD balm"}, ("CBD", "inferred")),
        ({"name": "1:1 THC:CBD gummies"}, (None, None)),
        ({"name": "Indicate", "category": "Hybridas"}, (None, None)),
        ({"name": "Fig", "category": "Sativa flower"}, ("Sativa", "inferred")),
        ({"strain": "indica leaning", "name": "Sativa Fig"}, ("Indica", "inferred")),
        ({"strain": "house", "name": "Sativa Fig"}, ("Sativa", "inferred")),
        ({"name": "Sativa shirt", "is_cannabis": False}, (None, None)),
        ({"cbd_percent": "5", "thc_percent": "4.9"}, ("CBD", "inferred")),
        ({"cbd_percent": "5", "thc_percent": "5"}, (None, None)),
        ({"cbd_percent": "5"}, (None, None)),
        ({}, (None, None)),
    ],
)
def test_strains(fields: dict[str, Any], expected: tuple[Any, Any]) -> None:
    row = only(menu(batch("1", **fields)))
    assert (row["strain_type"], row["strain_source"]) == expected


def test_texts_are_kept_as_they_are() -> None:
    """Numbers 46, 47 and 52: spelling variants are two brands, nothing is guessed from a name."""
    mapped = menu(
        batch("1", brand="Fern ", category=None),
        batch("2", brand="fern", category="Flower", subcategory="Packs"),
        batch("3", name=None, brand=None, category="Accessories"),
    )
    assert column(mapped, "brand") == ["Fern", "fern", None]
    assert column(mapped, "category") == ["Uncategorized", "Flower", "Accessories"]
    assert column(mapped, "name")[2] == "alleaves-3"


def test_locations_do_not_mix() -> None:
    mapped = menu(batch("1", quantity_on_hand="1"), batch("1", location_id="2000", **prices(adult="30")))
    assert [(row["location_id"], row["quantity_on_hand"], row["price_pretax"]) for row in rows(mapped)] == [
        ("1000", Decimal("1.000"), Decimal("20.00")),
        ("2000", Decimal("10.000"), Decimal("30.00")),
    ]


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        (PosRules(), date(2026, 6, 30)),
        (PosRules(location_ids=("2000", "1000")), date(2026, 6, 29)),
        (PosRules(location_ids=("7", "2000")), date(2026, 6, 29)),
    ],
)
def test_today_is_the_stores(rules: PosRules, expected: date) -> None:
    assert store_today(store(), rules, NOW.replace(hour=5)) == expected


@pytest.mark.parametrize("name", [None, "", "Nowhere/City", "../etc"])
def test_without_a_time_zone_the_setting_counts(name: str | None) -> None:
    raw = store(locations=[LOCATIONS[0] | {"timezone": name}])
    assert store_today(raw, PosRules(timezone="Pacific/Auckland"), NOW) == date(2026, 7, 1)
    assert store_today(raw, PosRules(), NOW) == date(2026, 6, 30)
    assert store_today(store(locations=[]), PosRules(timezone="bad zone"), NOW) == date(2026, 6, 30)
