"""What a family bought: top products and categories as JSON, in exact sums and a fixed order."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from sync_assets.tables.canonical import SALES_LINES
from sync_assets_tests.transforms.avatar_support import build, customer, frame_of, line, one, order, product

USD = {"currency": "USD", "currency_rate": Decimal(3)}


def top(*args: Any, **values: Any) -> list[dict[str, Any]]:
    return json.loads(one(build(*args, **values))["top_products"], parse_float=Decimal)


def categories(*args: Any, **values: Any) -> dict[str, Any]:
    return json.loads(one(build(*args, **values))["product_categories"], parse_float=Decimal)


def test_the_text_is_the_same_to_the_byte():
    lines = [
        line(1, 1, amount="1000.00"),
        line(2, 1, amount="500.00"),
        line(3, 2, quantity_product_units=Decimal("1.5")),
    ]
    row = one(build([customer()], [order(1), order(2)], lines))
    assert row["top_products"] == (
        '[{"product_id":1,"name":"Wine RED","default_code":"RED","total_quantity":3.500,'
        '"total_revenue":1510.00,"order_count":2,"order_lines":3}]'
    )
    assert row["product_categories"] == '{"12":{"name":"Drinks / Red","total_revenue":1510.00,"order_count":2}}'


def test_a_family_without_lines_has_empty_lists():
    row = one(build([customer()], [order(1)], [line(1, 1, product_key=None), line(2, 77)]))
    assert (row["top_products"], row["product_categories"]) == ("[]", "{}")


def test_at_most_ten_by_revenue_then_by_number_of_the_product():
    products = [product(f"P{n}", n) for n in range(2, 14)]
    lines = [line(n, 1, f"P{n}", "5.00" if n in (9, 10, 11) else f"{n + 10}.00") for n in range(2, 14)]
    ids = [entry["product_id"] for entry in top([customer()], [order(1)], lines, products)]
    assert ids == [13, 12, 8, 7, 6, 5, 4, 3, 2, 9]


def test_products_of_other_sources_are_named_by_key_and_come_after_numbers():
    products = [product("SKU-2", "abc", source="alleaves"), product("A1", 7), product("B1", "x7")]
    lines = [line(n, 1, key) for n, key in enumerate(("SKU-2", "A1", "B1"))]
    assert [entry["product_id"] for entry in top([customer()], [order(1)], lines, products)] == [7, "B1", "SKU-2"]


def test_an_unknown_product_is_shown_by_its_key_with_a_warning():
    plan = build([customer()], [order(1)], [line(1, 1, "GONE"), line(2, 1)])
    assert [entry["name"] for entry in json.loads(one(plan)["top_products"])] == ["Wine RED", "GONE"]
    assert list(json.loads(one(plan)["product_categories"])) == ["12"]
    assert [warning["code"] for warning in plan.warnings] == ["product_missing"]


def test_names_are_escaped():
    name = 'Rosé "L\'été" \\ n°5\n\x00'
    products = [product("RED", 1, name=name, source_category='A "B"', default_code=None)]
    assert top([customer()], [order(1)], [line(1, 1)], products)[0]["name"] == name.replace("\x00", "")
    assert top([customer()], [order(1)], [line(1, 1)], products)[0]["default_code"] is None
    assert categories([customer()], [order(1)], [line(1, 1)], products)["12"]["name"] == 'A "B"'


def test_a_line_in_an_unknown_unit_is_taken_as_it_is_and_counted():
    lines = [
        line(1, 1, quantity_units=Decimal(2), quantity_product_units=Decimal(12)),
        line(2, 1, quantity_product_units=None),
    ]
    plan = build([customer()], [order(1)], [*lines, line(3, 1, None, quantity_product_units=None)])
    assert json.loads(one(plan)["top_products"])[0]["total_quantity"] == 13
    assert plan.counts["lines_unit_unknown"] == 1


@pytest.mark.parametrize(
    ("amounts", "revenue"),
    [
        (["10.00"], "3.33"),
        (["5.00", "5.00"], "3.33"),  # 1.67 + 1.67 would be 3.34
        (["0.01"] * 3, "0.01"),
        (["-10.00"], "-3.33"),
    ],
)
def test_foreign_lines_are_divided_by_the_rate_of_their_order_and_rounded_once(amounts, revenue):
    lines = [line(n, 1, amount=amount) for n, amount in enumerate(amounts)]
    entry = top([customer()], [order(1, **USD)], lines)[0]
    assert entry["total_revenue"] == Decimal(revenue)
    assert categories([customer()], [order(1, **USD)], lines)["12"]["total_revenue"] == Decimal(revenue)


def test_thirds_and_sixths_that_make_half_a_cent_are_rounded_away_from_zero():
    orders = [order(1, **USD), order(2, currency="USD", currency_rate=Decimal(6))]
    assert top([customer()], orders, [line(1, 1, amount="0.01"), line(2, 2, amount="0.01")])[0][
        "total_revenue"
    ] == Decimal("0.01")


@pytest.mark.parametrize(
    ("rate", "amount", "revenue"),
    [
        ("1.1", "110.00", "100.00"),
        ("2", "0.25", "0.13"),
        ("2", "-0.25", "-0.13"),
        ("0.006697923643670461", "6118923.45", "913555271.09"),
    ],
)
def test_vectors_of_money(rate, amount, revenue):
    orders = [order(1, currency="USD", currency_rate=Decimal(rate))]
    assert top([customer()], orders, [line(1, 1, amount=amount)])[0]["total_revenue"] == Decimal(revenue)


def test_an_order_in_the_company_currency_ignores_its_rate():
    orders = [order(1, currency_rate=Decimal(9))]
    assert top([customer()], orders, [line(1, 1)])[0]["total_revenue"] == Decimal("10.00")


def test_the_basis_chooses_the_line_amount_and_a_missing_one_adds_nothing():
    lines = [line(1, 1, price_total_untaxed=Decimal("8.00")), line(2, 1, price_total_untaxed=None)]
    plan = build([customer()], [order(1)], lines, revenue_basis="untaxed")
    entry = json.loads(one(plan)["top_products"], parse_float=Decimal)[0]
    assert (entry["total_revenue"], entry["order_lines"]) == (Decimal("8.00"), 2)
    assert [warning["code"] for warning in plan.warnings] == ["line_amount_missing"]


def test_categories_are_keyed_by_id_in_numeric_order_and_count_orders_once():
    products = [
        product("A", 1, source_category_id="12", source_category="Red"),
        product("B", 2, source_category_id="12", source_category="Red"),
        product("C", 3, source_category_id="9", source_category="White"),
        product("D", "d", source="alleaves", source_category_id="4", source_category="Beer"),
        product("E", 5, source_category_id=None, source_category=None),
    ]
    lines = [line(n, n % 2, key) for n, key in enumerate("AABBCDE")]
    found = categories([customer()], [order(0), order(1)], lines, products)
    assert list(found) == ["9", "12", "Beer"]
    assert found["12"] == {"name": "Red", "total_revenue": Decimal("40.00"), "order_count": 2}


def test_lines_may_come_in_pieces_that_cut_an_order():
    rows = [line(n, 1, "RED" if n % 2 else "GONE") for n in range(7)]
    whole = build([customer()], [order(1)], rows)
    for size in (1, 2, 3):
        pieces = (frame_of(SALES_LINES, rows[n : n + size]) for n in range(0, 7, size))
        assert build([customer()], [order(1)], pieces).frame.equals(whole.frame)
    assert build([customer()], [order(1)], iter([])).frame["top_products"].tolist() == ["[]"]


def test_lines_of_families_that_are_not_written_are_not_counted():
    people = [customer(), customer("odoo-2")]
    orders = [order(1, amount="500.00"), order(2, "odoo-2")]
    lines = [line(1, 1), line(2, 2, quantity_product_units=None)]
    assert build(people, orders, lines, max_customers=1).counts["lines_unit_unknown"] == 0
