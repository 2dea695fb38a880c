"""Orders and their lines, of both dialects, into one logical order."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync_assets.sources.alleaves import Rules, decode_order
from sync_assets_tests.sources.alleaves.support import NOW, RULES
from sync_assets_tests.sources.alleaves.test_values import json_values

LINE_COLUMNS = [
    "org_id",
    "order_id",
    "line_no",
    "line_id",
    "inventory_item_id",
    "item_id",
    "product_name",
    "category",
    "quantity",
    "unit_price",
    "line_total",
]


def order(**more: Any) -> dict[str, Any]:
    """An order with nothing to remark on, but for what `more` says."""
    return {
        "id_order": 900,
        "id_location": 1000,
        "date_created": "2026-11-19T17:00:00",
        "total": Decimal("39.55"),
        "status": "completed",
        "items": [{"id_inventory_item": 5, "quantity": 1, "price": 35}],
        **more,
    }


def decoded(received: Any, rules: Rules = RULES, **more: Any) -> tuple[dict[str, Any], list[str]]:
    row, _, issues = decode_order(received, rules, **more)
    assert row is not None
    return row, [issue.code for issue in issues]


def lines_of(*items: Any) -> tuple[list[dict[str, Any]], list[str]]:
    _, lines, issues = decode_order(order(items=list(items)), RULES)
    return lines, [issue.code for issue in issues]


def test_an_observed_order() -> None:
    received = order(
        id_external="WEB-7",
        id_customer=42,
        email=" Ada@Example.com ",
        phone="303 555 0100",
        name_first="Ada",
        name_last="Brightwater",
        date_updated="2026-11-19T17:05:00.250",
        complete=1,
        id_status=5,
        void_reason_other="none",
        paid_in_full="true",
        type="Retail",
        subtotal=35,
        tax="4.55",
        discount=0,
        delivery_fee=None,
        loyalty=Decimal("1.5"),
    )
    row, issues = decoded(received)
    assert issues == []
    payload = row.pop("payload")
    assert '"id_external":"WEB-7"' in payload
    assert row == {
        "org_id": "acme",
        "order_id": "900",
        "external_id": "WEB-7",
        "location_id": "1000",
        "customer_ref": "42",
        "user_ref": None,
        "email": "ada@example.com",
        "phone": "303 555 0100",
        "customer_name": "Ada Brightwater",
        "created_at": datetime(2026, 11, 19, 17, tzinfo=UTC),
        "updated_at": datetime(2026, 11, 19, 17, 5, 0, 250_000, tzinfo=UTC),
        "status": "completed",
        "status_raw": "completed",
        "status_id": "5",
        "void_reason": "none",
        "paid_in_full": True,
        "currency": "USD",
        "type": "in_store",
        "subtotal": Decimal("35.00"),
        "tax": Decimal("4.55"),
        "discount": Decimal("0.00"),
        "delivery_fee": None,
        "loyalty_discount": Decimal("1.50"),
        "total": Decimal("39.55"),
    }


def test_a_documented_order() -> None:
    received = {
        "id_transaction": "T-1",
        "customer": {"id": "cid_42", "userId": "U42", "email": "ada@example.com"},
        "created_at": "2026-11-19T17:00:00Z",
        "status": "Delivered",
        "type": "delivery",
        "total": Decimal("10"),
        "items": [],
    }
    row, issues = decoded(received)
    assert issues == ["no_lines"]
    assert (row["order_id"], row["customer_ref"], row["user_ref"]) == ("T-1", "42", "U42")
    assert (row["email"], row["status"], row["type"]) == ("ada@example.com", "completed", "delivery")
    assert row["location_id"] == "1000"


def test_flat_and_nested_customer_are_the_same_order_27() -> None:
    flat, _ = decoded(order(id_customer="{42}", email="a@b.example", phone="1", name_first="Ada", name_last="B"))
    nested, _ = decoded(
        order(customer={"id": 42, "email": "A@B.example", "phone": 1, "first_name": "Ada", "last_name": "B"})
    )
    flat.pop("payload"), nested.pop("payload")
    assert flat == nested


@pytest.mark.parametrize("nobody", [0, -1, None, "0", "alleaves_customer"])
def test_references_to_nobody_26(nobody: Any) -> None:
    assert decoded(order(id_customer=nobody))[0]["customer_ref"] is None
    assert decoded(order(id_customer=nobody, customer={"id": 42}))[0]["customer_ref"] == "42"


@pytest.mark.parametrize("email", ["no-email@alleaves.local", "customer_42@unknown.local", None])
def test_a_placeholder_email_is_none_28(email: str | None) -> None:
    row, issues = decoded(order(email=email))
    assert (row["email"], issues) == (None, [])


def test_an_invalid_email_is_named() -> None:
    assert decoded(order(email="nobody"))[1] == ["bad_email"]


@pytest.mark.parametrize(
    ("flags", "word", "status", "issues"),
    [
        ({"void": True, "cancel": True, "complete": True}, "completed", "void", ["status_conflict"]),
        ({"cancel": 1, "complete": True}, "canceled", "cancelled", []),
        ({"complete": "true"}, "voided", "completed", ["status_conflict"]),
        ({"complete": True}, "processing", "completed", []),
        ({"complete": True}, "on hold", "completed", []),
        ({"complete": True}, None, "completed", []),
        ({"void": None, "cancel": False}, "DELIVERED", "completed", []),
        ({}, "Submitted", "pending", []),
        ({}, "pending", "pending", []),
        ({}, "processing", "preparing", []),
        ({}, "Preparing", "preparing", []),
        ({}, "completed", "completed", []),
        ({}, "Voided", "void", []),
        ({}, "void", "void", []),
        ({}, "CANCELED", "cancelled", []),
        ({}, "cancelled", "cancelled", []),
        ({}, " confirmed ", "confirmed", []),
        ({}, "ready", "ready", []),
        ({}, "packed", "packed", []),
        ({}, "", "unknown", []),
        ({}, None, "unknown", []),
        ({}, "on hold", "unknown", ["unknown_status"]),
        ({}, 7, "unknown", ["unknown_status"]),
        ({"void": "perhaps"}, "ready", "ready", ["bad_flag"]),
    ],
)
def test_status_31_32_33(flags: dict[str, Any], word: Any, status: str, issues: list[str]) -> None:
    row, found = decoded(order(status=word, **flags))
    assert (row["status"], found) == (status, issues)


@pytest.mark.parametrize(
    ("amounts", "total", "issues"),
    [
        ({"total": "39.55"}, "39.55", []),
        ({"total": 0, "amount": 25}, "25.00", ["total_from_amount"]),
        ({"total": None, "amount": "25"}, "25.00", ["total_from_amount"]),
        ({"total": 0, "amount": 0}, "0.00", []),
        ({"total": 0}, "0.00", []),
        ({"total": None}, None, ["no_total"]),
        ({"total": "n/a"}, None, ["bad_number", "no_total"]),
        ({"total": "n/a", "amount": 25}, "25.00", ["bad_number", "total_from_amount"]),
        ({"total": None, "amount": 0}, "0.00", ["total_from_amount"]),
        ({"total": -30}, "-30.00", []),
        ({"total": Decimal("49.995")}, "50.00", []),
        # 41: the parts need not add up
        ({"total": 50, "subtotal": 10, "tax": 1, "discount": 2}, "50.00", []),
    ],
)
def test_total_34_41(amounts: dict[str, Any], total: str | None, issues: list[str]) -> None:
    row, found = decoded(order(**amounts))
    assert (row["total"], found) == (None if total is None else Decimal(total), issues)


@pytest.mark.parametrize(
    ("dates", "created_at", "issues"),
    [
        ({"date_created": None}, None, ["no_order_date"]),
        ({"date_created": "soon"}, None, ["bad_date", "no_order_date"]),
        ({"date_created": None, "created_at": "2026-11-01T00:00:00Z"}, datetime(2026, 11, 1, tzinfo=UTC), []),
        ({"date_created": (NOW + timedelta(days=1)).isoformat()}, NOW + timedelta(days=1), []),
        ({"date_created": (NOW + timedelta(days=2)).isoformat()}, NOW + timedelta(days=2), ["future_date"]),
        ({"date_created": "2026-11-15"}, datetime(2026, 11, 15, 7, tzinfo=UTC), []),
    ],
)
def test_order_dates_35_36(dates: dict[str, Any], created_at: datetime | None, issues: list[str]) -> None:
    row, found = decoded(order(**dates))
    assert (row["created_at"], found) == (created_at, issues)


@pytest.mark.parametrize(
    ("word", "expected", "issues"),
    [
        ("retail", "in_store", []),
        ("in_store", "in_store", []),
        ("Delivery", "delivery", []),
        ("pickup", "pickup", []),
        (None, None, []),
        ("drone", None, ["unknown_type"]),
    ],
)
def test_type(word: Any, expected: str | None, issues: list[str]) -> None:
    row, found = decoded(order(type=word))
    assert (row["type"], found) == (expected, issues)


def test_an_order_of_another_location_is_counted_and_not_stored_38() -> None:
    row, lines, issues = decode_order(order(id_location=2000), RULES)
    assert (row, lines) == (None, [])
    assert [(issue.code, issue.severity, issue.raw_value) for issue in issues] == [("other_location", "info", "2000")]


def test_the_location_of_an_order_that_names_none() -> None:
    silent = order(id_location=None)
    two = replace(RULES, location_ids=("1000", "2000"))
    assert decoded(silent)[0]["location_id"] == "1000"
    assert decoded(silent, two)[0]["location_id"] is None
    assert decoded(silent, two, location_id="2000")[0]["location_id"] == "2000"
    assert decoded(order(id_location="2000"), two, location_id="1000")[0]["location_id"] == "2000"


@pytest.mark.parametrize("received", [{"total": 5}, {"id_order": "", "id": None}, {"order_number": "{}"}])
def test_an_order_without_id_is_rejected_42(received: dict[str, Any]) -> None:
    row, lines, issues = decode_order(received, RULES)
    assert (row, lines, [issue.code for issue in issues]) == (None, [], ["no_order_id"])


def test_an_order_that_is_no_object_is_rejected() -> None:
    row, lines, issues = decode_order("900", RULES)
    assert (row, lines, [issue.code for issue in issues]) == (None, [], ["not_an_object"])


@pytest.mark.parametrize("name", ["id_order", "id_transaction", "id", "order_number"])
def test_the_names_of_an_orders_id(name: str) -> None:
    received = order()
    received.pop("id_order")
    assert decoded({**received, name: "{77}"})[0]["order_id"] == "77"


def test_three_unit_rows_of_one_product_are_three_lines_37() -> None:
    unit = {"id_inventory_item": 5, "item": "Blue Fig", "price": Decimal("5.25"), "quantity": 1}
    lines, issues = lines_of(*({**unit, "id_item": 70 + number} for number in range(3)))
    assert issues == []
    assert [list(line) for line in lines] == [LINE_COLUMNS] * 3
    assert [(line["line_no"], line["line_id"], line["inventory_item_id"], line["item_id"]) for line in lines] == [
        (1, "70", "5", None),
        (2, "71", "5", None),
        (3, "72", "5", None),
    ]
    assert {line["line_total"] for line in lines} == {Decimal("5.25")}


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        ({"quantity": "2", "price": 5}, ("2.000", "5.00", "10.00")),
        ({"quantity": None, "qty": 3, "unit_price": "1.5"}, ("3.000", "1.50", "4.50")),
        ({"price": 5}, ("1.000", "5.00", "5.00")),
        ({"quantity": 0, "price": 5}, ("0.000", "5.00", "0.00")),
        ({"quantity": Decimal("0.125"), "price": 10}, ("0.125", "10.00", "1.25")),
        ({"quantity": 2, "price": 5, "total": "9.5"}, ("2.000", "5.00", "9.50")),
        ({"quantity": 2}, ("2.000", None, None)),
    ],
)
def test_line_amounts_37(item: dict[str, Any], expected: tuple[str | None, ...]) -> None:
    (line,), issues = lines_of(item)
    found = tuple(None if line[name] is None else str(line[name]) for name in ("quantity", "unit_price", "line_total"))
    assert (found, issues) == (expected, [])


def test_an_unreadable_quantity_is_none_and_named() -> None:
    (line,), issues = lines_of({"quantity": "two", "price": 5})
    assert (line["quantity"], line["line_total"], issues) == (None, None, ["bad_number"])


@pytest.mark.parametrize("items", [None, [], {}])
def test_an_order_without_items_still_counts_37(items: Any) -> None:
    row, lines, issues = decode_order(order(items=items), RULES)
    assert row is not None
    assert (lines, [issue.code for issue in issues]) == ([], ["no_lines"])


def test_items_in_odd_containers() -> None:
    _, lines, issues = decode_order(order(items={"1": {"qty": 2}, "0": {"qty": 1}, "10": "junk"}), RULES)
    assert [(line["line_no"], line["quantity"]) for line in lines] == [(1, 1), (2, 2)]
    assert [(issue.code, issue.record_key) for issue in issues] == [("not_an_object", "900/3")]
    _, lines, issues = decode_order(order(items="two things"), RULES)
    assert (lines, [issue.code for issue in issues]) == ([], ["bad_items", "no_lines"])


def test_a_line_id_is_taken_for_an_item_only_where_no_item_is_named() -> None:
    lines, _ = lines_of(
        {"id_inventory_item": 1, "id_item": 900, "item": "Anything"},
        {"id_item": 5, "item": " blue  FIG "},
        {"product_id": 6, "product_name": "Kiln Glow"},
        {"id_item": 901, "name": "Kiln Glow"},
        {"id_item": 902, "name": "Twin"},
        {"id_item": 5, "name": "Other"},
        {"id_item": 903},
    )
    assert [(line["line_id"], line["item_id"]) for line in lines] == [
        ("900", None),
        (None, "5"),
        (None, "6"),
        (None, "901"),
        (None, "902"),
        (None, "5"),
        (None, "903"),
    ]


NAMES = ["id_order", "id", "id_location", "customer", "id_customer", "email", "date_created", "date_updated", "status"]
NAMES += ["void", "complete", "type", "total", "amount", "items", "paid_in_full", "name_first", "phone"]


@given(st.dictionaries(st.sampled_from(NAMES), json_values))
def test_any_object_is_an_order_a_reject_or_of_another_location(received: dict[str, Any]) -> None:
    row, lines, issues = decode_order(received, RULES)
    if row is None:
        assert lines == []
        assert [issue.code for issue in issues] in (["no_order_id"], ["other_location"])
    else:
        assert all(line["order_id"] == row["order_id"] for line in lines)
        assert len({line["line_no"] for line in lines}) == len(lines)
    assert decode_order(received, RULES) == (row, lines, issues)
