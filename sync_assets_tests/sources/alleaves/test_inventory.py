"""Inventory rows and locations of both dialects into typed rows."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync_assets.sources.alleaves import decode_inventory_row, decode_location, store_timezone
from sync_assets.sources.alleaves.decoding import inventory_key
from sync_assets_tests.sources.alleaves.support import RULES
from sync_assets_tests.sources.alleaves.test_values import json_values


def decoded(**received: Any) -> dict[str, Any]:
    row, issues = decode_inventory_row({"id_item": 5, "item": "Blue Fig", **received}, RULES, location_id="1000")
    assert row is not None
    return {**row, "issues": [issue.code for issue in issues]}


def test_an_observed_row() -> None:
    row = decoded(
        id_location=1000,
        id_batch=70,
        id_area=11,
        batch="B70",
        metrc_package_label="1A4",
        area="Sales Floor ",
        area_type="Retail",
        brand="Dune ",
        vendor=None,
        category="Category > Flower",
        price_retail_adult_use=Decimal("35.0"),
        price_retail_medical_use=0,
        price_retail=None,
        price_otd_adult_use=Decimal("39.55"),
        cost_of_good=Decimal("17.5"),
        on_hand=12,
        available=11,
        thc=None,
        cbd=Decimal("0.1"),
        compounds=[{"name": "THC %", "value": "70.00000000"}, {"name": "CBD %", "value": "0.2"}],
        strain="Sativa",
        date_received="2026-09-28T21:00:12.5",
        date_expire="2027-06-06",
        date_updated=None,
        batch_date_updated="2026-09-28T21:00:12",
        is_cannabis=True,
        qc_hold=None,
        deleted=0,
        total_rows=420,
        all_avaliable_per_location=0,
    )
    assert row.pop("issues") == []
    assert json.loads(row.pop("payload"))["total_rows"] == 420
    assert row == {
        "org_id": "acme",
        "location_id": "1000",
        "item_id": "5",
        "batch_id": "70",
        "area_id": "11",
        "name": "Blue Fig",
        "batch": "B70",
        "package_label": "1A4",
        "area": "Sales Floor",
        "area_type": "Retail",
        "brand": "Dune",
        "vendor": None,
        "category": "Flower",
        "subcategory": None,
        "price_retail_adult": Decimal("35.00"),
        "price_retail_medical": None,
        "price_retail_generic": None,
        "price_otd_adult": Decimal("39.55"),
        "price_otd_medical": None,
        "price_otd_generic": None,
        "cost": Decimal("17.5000"),
        "cost_source": "item",
        "quantity_on_hand": Decimal("12.000"),
        "quantity_available": Decimal("11.000"),
        "is_available": None,
        "thc_percent": Decimal("70.000"),
        "cbd_percent": Decimal("0.100"),
        "strain": "Sativa",
        "received_at": datetime(2026, 9, 28, 21, 0, 12, 500_000, tzinfo=UTC),
        "expires_on": date(2027, 6, 6),
        "updated_at": datetime(2026, 9, 28, 21, 0, 12, tzinfo=UTC),
        "is_cannabis": True,
        "is_adult_use": None,
        "is_product": None,
        "qc_hold": None,
        "deleted": False,
        "has_inventory": None,
    }


@pytest.mark.parametrize(
    ("available", "expected"),
    [(True, (8, 8, True)), (False, (8, 8, False)), ("true", (8, 8, True)), (3, (8, 3, None)), (None, (8, 8, None))],
)
def test_a_documented_product(available: Any, expected: tuple[Any, ...]) -> None:
    received = {
        "id_product": "P5",
        "name": "Blue Fig",
        "category": "Flower",
        "subcategory": "Packs",
        "price": 35,
        "cost": 0,
        "batchCost": "10.5",
        "quantity": 8,
        "available": available,
        "strainType": "indica",
        "has_inventory": True,
    }
    row, issues = decode_inventory_row(received, RULES, location_id="1000")
    assert row is not None
    assert issues == []
    assert (row["item_id"], row["batch_id"], row["area_id"], row["name"]) == ("P5", "-", "-", "Blue Fig")
    assert (row["category"], row["subcategory"], row["strain"]) == ("Flower", "Packs", "indica")
    assert (row["price_retail_generic"], row["price_retail_adult"]) == (35, None)
    assert (row["cost"], row["cost_source"]) == (Decimal("10.5"), "batch")
    assert (row["quantity_on_hand"], row["quantity_available"], row["is_available"]) == expected


@pytest.mark.parametrize(
    ("costs", "expected", "issues"),
    [
        ({"cost_of_good": None}, (None, None), []),
        ({"cost_of_good": 0}, (None, None), []),
        ({"cost_of_good": 0, "batch_cost_of_good": "4.12345"}, (Decimal("4.1235"), "batch"), []),
        ({"cost_of_good": -1}, (None, None), ["bad_number"]),
        ({"cost_of_good": -1, "batch_cost_of_good": 4}, (Decimal(4), "batch"), ["bad_number"]),
        ({"cost_of_good": 99, "price_retail": 5}, (Decimal(99), "item"), []),
    ],
)
def test_costs_44(costs: dict[str, Any], expected: tuple[Any, ...], issues: list[str]) -> None:
    row = decoded(**costs)
    assert ((row["cost"], row["cost_source"]), row["issues"]) == (expected, issues)


def test_a_price_of_zero_is_not_set_45() -> None:
    names = ("price_retail_adult_use", "price_retail", "price_otd", "price_otd_adult_use", "price_otd_medical_use")
    row = decoded(**dict.fromkeys(names, 0), price_retail_medical_use="12.5")
    prices = {name: value for name, value in row.items() if name.startswith("price_") and value is not None}
    assert prices == {"price_retail_medical": Decimal("12.50")}


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("Category > Flower", ("Flower", None)),
        ("Category > Flower > Packs > Small", ("Flower", "Packs")),
        ("Flower > Packs", ("Flower", "Packs")),
        (" Flower >", ("Flower", None)),
        ("Uncategorized", ("Uncategorized", None)),
        ("Category", ("Uncategorized", None)),
        (" ", ("Uncategorized", None)),
        (None, ("Uncategorized", None)),
    ],
)
def test_categories_46(path: str | None, expected: tuple[str, str | None]) -> None:
    row = decoded(category=path)
    assert (row["category"], row["subcategory"]) == expected


def test_brands_47() -> None:
    assert [decoded(brand=brand)["brand"] for brand in (None, "Dune ", "DUNE", " ")] == [None, "Dune", "DUNE", None]


@pytest.mark.parametrize(
    ("lab", "expected", "issues"),
    [
        ({"thc": None, "id_lab_test": 7}, None, []),
        ({"thc": "27.2"}, "27.200", []),
        ({"thc": 0}, "0.000", []),
        ({"thc": 101}, None, ["bad_percent"]),
        ({"thc": "high"}, None, ["bad_number"]),
        ({"compounds": [{"id_compound": 7, "compound": "thc %", "amount": "70.00000000"}]}, "70.000", []),
        ({"compounds": {"THC %": "70.0"}}, "70.000", []),
        ({"compounds": [{"name": "THC %", "value": None}]}, None, []),
        ({"compounds": [{"name": "THC %", "value": "700"}]}, None, ["bad_percent"]),
        ({"compounds": [{"name": "THCA %", "value": "1"}, None, "THC %"]}, None, []),
        ({"compounds": "THC %"}, None, []),
    ],
)
def test_percentages_49(lab: dict[str, Any], expected: str | None, issues: list[str]) -> None:
    row = decoded(**lab)
    assert (None if row["thc_percent"] is None else str(row["thc_percent"]), row["issues"]) == (expected, issues)


def test_a_row_without_stock_51() -> None:
    row = decoded(on_hand=0, available=None, id_batch=None, id_area=None, area=None, date_received=None)
    assert (row["batch_id"], row["area_id"], row["area"], row["received_at"]) == ("-", "-", None, None)
    assert (row["quantity_on_hand"], row["quantity_available"]) == (0, None)


def test_reserved_units_48_and_null_flags_59() -> None:
    row = decoded(on_hand=5, available=4, is_cannabis=None, created_by=17)
    assert (row["quantity_on_hand"], row["quantity_available"], row["is_cannabis"]) == (5, 4, None)
    assert row["issues"] == []


def test_a_row_of_another_location_is_dropped_and_counted_53() -> None:
    row, issues = decode_inventory_row({"id_item": 5, "id_location": 1001}, RULES, location_id="1000")
    assert row is None
    assert [(issue.code, issue.severity, issue.raw_value) for issue in issues] == [("other_location", "info", "1001")]


@pytest.mark.parametrize(("received", "code"), [({"item": "x"}, "no_item_id"), ("x", "not_an_object")])
def test_rejects(received: Any, code: str) -> None:
    row, issues = decode_inventory_row(received, RULES, location_id="1000")
    assert row is None
    assert [(issue.code, issue.severity) for issue in issues] == [(code, "error")]


NAMES = [
    "id_item",
    "id_product",
    "id_location",
    "category",
    "price",
    "price_otd",
    "cost",
    "on_hand",
    "available",
    "thc",
]
NAMES += ["compounds", "date_received", "date_expire", "deleted", "strain", "brand"]


@given(st.dictionaries(st.sampled_from(NAMES), json_values))
def test_any_object_is_a_row_a_reject_or_of_another_location(received: dict[str, Any]) -> None:
    row, issues = decode_inventory_row(received, RULES, location_id="1000")
    assert (row is None) == (bool(issues) and issues[0].code in ("no_item_id", "other_location"))
    if row is not None:
        assert inventory_key(received) == (row["item_id"], row["batch_id"], row["area_id"])
    assert decode_inventory_row(received, RULES, location_id="1000") == (row, issues)


MARKER = "canary-location-secret"
LOCATION = {
    "id_location": 1000,
    "reference": "GL",
    "location": " Green Leaf ",
    "timezone": "America/Denver",
    "curbside": None,
    "retail": True,
    "local_tax_percentage": "5.25",
    "date_created": "2023-02-01T17:00:00",
    "metrc_api_key": MARKER,
    "notes": MARKER,
    "areas": [
        {"id_area": 11, "name": "Sales Floor ", "path": "/Sales", "deleted": None, "secret": MARKER, "note": MARKER},
        "junk",
    ],
}


def test_a_location_is_read_by_white_list_58_59() -> None:
    row, issues = decode_location(LOCATION, RULES)
    assert row is not None
    assert issues == []
    assert MARKER not in str(row)
    assert (row["location_id"], row["location"], row["curbside"], row["retail"]) == ("1000", "Green Leaf", None, True)
    assert row["local_tax_percentage"] == Decimal("5.25")
    assert json.loads(row["areas"]) == [
        {
            "id_area": "11",
            "id_parent": None,
            "name": "Sales Floor",
            "path": "/Sales",
            "deleted": None,
            "returnable": None,
        }
    ]


@pytest.mark.parametrize(
    ("received", "code"), [({**LOCATION, "id_location": None}, "no_location_id"), ([MARKER], "not_an_object")]
)
def test_a_rejected_location_shows_nothing_of_itself_58(received: Any, code: str) -> None:
    row, issues = decode_location(received, RULES)
    assert row is None
    assert [issue.code for issue in issues] == [code]
    assert MARKER not in str(issues)


@given(st.dictionaries(st.sampled_from(sorted(LOCATION)), json_values))
def test_any_object_is_a_location_or_a_reject(received: dict[str, Any]) -> None:
    row, issues = decode_location(received, RULES)
    assert (row is None) == any(issue.code == "no_location_id" for issue in issues)


@pytest.mark.parametrize(
    ("zone", "default", "expected"),
    [
        ("America/Denver", "Europe/Paris", "America/Denver"),
        (None, "Europe/Paris", "Europe/Paris"),
        ("Mountain Time", "Europe/Paris", "Europe/Paris"),
        ("../etc", None, "UTC"),
        (None, None, "UTC"),
    ],
)
def test_the_stores_time_zone(zone: str | None, default: str | None, expected: str) -> None:
    locations = [{"location_id": "9", "timezone": "Asia/Tokyo"}, {"location_id": "1000", "timezone": zone}]
    assert store_timezone(locations, ["1000", "9"], default) == expected
