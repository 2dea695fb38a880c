from __future__ import annotations

from sync_assets.tables.canonical import CUSTOMERS
from sync_assets.tables.marts import MENU_PRODUCTS
from sync_assets.transforms.alleaves import map_customers
from sync_assets.transforms.alleaves.checks import (
    check_catalogue_drop,
    check_contact_share,
    check_cost_coverage,
    check_margins,
)
from sync_assets.transforms.pictures_menu import margin_spread, spread_margins

from .frames import NOW, acme, batch, customer, menu, store

PNG = b"\x89PNG\r\n\x1a\n"


def test_margins() -> None:
    goods = [batch("1", cost="10"), batch("2", cost="19.50"), batch("3"), batch("4", category="Gift Cards", cost="99")]
    healthy = {"items": 4, "items_with_margin": 2, "cost_above_price": 0, "cost_near_price": 1, "examples": []}
    assert check_margins(menu(*goods).frame) == (True, healthy | {"median_margin_percent": 26.25})
    passed, details = check_margins(menu(*goods, batch("5", cost="21")).frame)
    assert (passed, details["cost_above_price"], details["examples"]) == (False, 1, ["5"])
    assert check_margins(MENU_PRODUCTS.empty())[1]["median_margin_percent"] is None


def test_catalogue_drop() -> None:
    before = menu(*(batch(str(n)) for n in range(4)), batch("1", location_id="2000"))
    half = menu(batch("0"), batch("1"), batch("1", location_id="2000"), before=before.frame)
    assert check_catalogue_drop(half.frame, before.frame) == (
        True,
        {"items": 3, "items_before": 5, "lost_by_location": {}},
    )
    less = menu(batch("0"), batch("1", location_id="2000"), before=before.frame)
    passed, details = check_catalogue_drop(less.frame, before.frame)
    assert (passed, details["lost_by_location"]) == (False, {"1000": 3})
    assert check_catalogue_drop(MENU_PRODUCTS.empty(), MENU_PRODUCTS.empty())[0]


def test_contact_share() -> None:
    """Number 15: 4 % with contact data is normal."""
    people = [customer(str(n), phone="2125550142" if n == 7 else None) for n in range(98)]
    people += [
        customer("98", "a@example.com"),
        customer("99", "b@example.com", email_status="shared", phone="2125550143"),
    ]
    mapped = map_customers(store(customers=people), acme(), synced_at=NOW)
    assert check_contact_share(mapped.frame) == (
        True,
        {
            "customers": 100,
            "with_email": 2,
            "with_phone": 2,
            "with_contact": 3,
            "contact_percent": 3.0,
            "shared_emails": 1,
        },
    )
    nobody = map_customers(store(customers=[customer(str(n)) for n in range(9)]), acme(), synced_at=NOW)
    assert check_contact_share(nobody.frame)[0] is False
    assert check_contact_share(CUSTOMERS.empty())[0] is True


def test_cost_coverage() -> None:
    goods = [batch("1", cost="10", quantity_on_hand="30"), batch("2"), batch("3", quantity_on_hand="-5"), batch("4")]
    expected = {
        "items": 4,
        "items_with_cost": 1,
        "item_percent": 25.0,
        "stock": 50.0,
        "stock_with_cost": 30.0,
        "stock_percent": 60.0,
    }
    assert check_cost_coverage(menu(*goods).frame) == (True, expected)
    assert check_cost_coverage(menu(*goods, batch("5")).frame)[0] is False
    assert check_cost_coverage(MENU_PRODUCTS.empty()) == (
        True,
        expected | dict.fromkeys(expected, 0) | {"item_percent": None, "stock_percent": None},
    )


def test_the_picture_of_margins() -> None:
    before = menu(batch("1", cost="10"), batch("2", cost="90"), batch("3"), batch("9", cost="5"))
    goods = menu(batch("1", cost="10"), batch("2", cost="90"), batch("3"), before=before.frame).frame
    assert spread_margins(goods).tolist() == [50.0, -350.0]
    assert margin_spread(goods).startswith(PNG)
    assert margin_spread(goods) == margin_spread(goods)
    assert margin_spread(MENU_PRODUCTS.empty()).startswith(PNG)
