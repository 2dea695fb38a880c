from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync_assets.tables.canonical import SALES_ORDERS
from sync_assets.transforms.alleaves import USUAL_RULES, AlleavesRaw, PosRules, sum_unmatched
from sync_assets.transforms.mapped import Mapped

from .frames import EARLIER, NOW, acme, codes, column, customer, only, order, orders, shuffled, store

PEOPLE = [customer("42", "ada@example.com"), customer("43"), customer("44", "b@example.com", email_status="shared")]


def sell(*sold: dict[str, Any], rules: PosRules = USUAL_RULES, **settings: Any) -> Mapped:
    mapped = orders(store(customers=PEOPLE, orders=list(sold)), rules, acme(**settings))
    SALES_ORDERS.contract.validate(mapped.frame)
    assert mapped.rows_in == len(sold)
    return mapped


def test_an_order() -> None:
    assert only(sell(order("7", "42", "39.55", tax="4.55", type="delivery"))) == {
        "org_id": "acme",
        "order_key": "alleaves-7",
        "source": "alleaves",
        "source_id": "7",
        "order_ref": "7",
        "customer_key": "alleaves-42",
        "source_partner_id": "42",
        "ordered_at": EARLIER,
        "total": Decimal("39.55"),
        "total_untaxed": Decimal("35.00"),
        "currency": "USD",
        "currency_rate": None,
        "company_total": Decimal("39.55"),
        "company_total_untaxed": Decimal("35.00"),
        "company_id": None,
        "company_currency": "USD",
        "status": "completed",
        "is_counted": True,
        "channel": "delivery",
        "match_method": "customer_id",
        "synced_at": NOW,
    }


@pytest.mark.parametrize(
    ("status", "counts"),
    [("completed", True), ("pending", True), ("unknown", True), ("ready", True), ("void", False), ("cancelled", False)],
)
def test_every_status_is_kept_and_most_count(status: str, counts: bool) -> None:
    """Number 33."""
    row = only(sell(order("7", status=status)))
    assert (row["status"], row["is_counted"]) == (status, counts)


def test_which_statuses_count_is_a_setting() -> None:
    mapped = sell(
        order("7", status="pending"), order("8", status="void"), rules=PosRules(excluded_order_statuses=("PENDING",))
    )
    assert column(mapped, "is_counted") == [False, True]


@pytest.mark.parametrize(
    ("kind", "channel"), [("in_store", "store"), ("delivery", "delivery"), ("pickup", "pickup"), (None, "direct")]
)
def test_channels(kind: str | None, channel: str) -> None:
    assert only(sell(order("7", type=kind)))["channel"] == channel


def test_without_tax_the_untaxed_total_is_unknown() -> None:
    row = only(sell(order("7", total="10.00", tax=None)))
    assert (row["total"], row["total_untaxed"]) == (Decimal("10.00"), None)


def test_totals_and_dates_are_passed_on_as_they_are() -> None:
    """Numbers 34, 35 and 41: refunds are signed, nothing is rebuilt from parts, what is unknown stays null."""
    future = NOW + timedelta(days=3)
    mapped = sell(
        order("1", total="-30.00"),
        order("2", total=None),
        order("3", total="10.00", subtotal="50.00", discount="1.00"),
        order("4", created_at=None),
        order("5", created_at=future),
    )
    assert column(mapped, "total")[:3] == [Decimal("-30.00"), None, Decimal("10.00")]
    assert column(mapped, "ordered_at") == [EARLIER, EARLIER, EARLIER, None, future]
    assert codes(mapped) == []


def test_an_online_and_an_in_store_order_of_one_person() -> None:
    """Number 29."""
    mapped = sell(order("1", None, email="ada@example.com", type="delivery"), order("2", "42"))
    assert column(mapped, "customer_key") == ["alleaves-42"] * 2
    assert column(mapped, "match_method") == ["email", "customer_id"]


def test_orders_without_customer_are_counted_by_reason() -> None:
    """Numbers 26 and 28: walk-ins are expected, the rest is an error; neither comes in."""
    sold = [
        order("1", None, "5.00"),
        order("2", None, "7.50"),
        order("3", "99", "11.00"),
        order("4", None, "13.00", email="b@example.com"),
        order("5", None, None, email="nobody@example.com"),
        order("6", "99", "-2.00", email="nobody@example.com"),
        order("7", "42"),
    ]
    mapped = sell(*sold)
    assert column(mapped, "source_id") == ["7"]
    assert (mapped.skipped, mapped.rejected) == ({"no_customer_reference": 2}, 4)
    assert codes(mapped) == [
        ("3", "unknown_customer_id"),
        ("4", "ambiguous_email"),
        ("5", "unknown_email"),
        ("6", "unknown_id_and_email"),
    ]
    assert {reject["severity"] for reject in mapped.rejects} == {"error"}
    assert sum_unmatched(store(customers=PEOPLE, orders=sold)) == {
        "no_customer_reference": {"orders": 2, "total": Decimal("12.50")},
        "unknown_customer_id": {"orders": 1, "total": Decimal("11.00")},
        "ambiguous_email": {"orders": 1, "total": Decimal("13.00")},
        "unknown_email": {"orders": 1, "total": Decimal("0.00")},
        "unknown_id_and_email": {"orders": 1, "total": Decimal("-2.00")},
    }


def test_a_reject_never_shows_an_email() -> None:
    mapped = sell(order("1", None, email="nobody@example.com"), order("2", "99", email="b@example.com"))
    assert "@" not in str(mapped.rejects)


def test_another_currency_has_no_rate() -> None:
    mapped = sell(order("1", tax="1.00"), order("2"), currency="CAD")
    assert column(mapped, "total") == [Decimal("10.00")] * 2
    assert column(mapped, "company_total") == [None, None]
    assert column(mapped, "company_total_untaxed") == [None, None]
    assert column(mapped, "company_currency") == ["CAD"] * 2
    assert codes(mapped) == [("USD", "mixed_currency")]


def test_an_order_that_changed() -> None:
    """Number 31: the row is a function of what raw holds now."""
    before, after = sell(order("1", total="80.00")), sell(order("1", total="75.00", status="void"))
    assert (column(before, "is_counted"), column(after, "is_counted")) == ([True], [False])
    assert column(after, "total") == [Decimal("75.00")]


sold = st.lists(
    st.fixed_dictionaries(
        {
            "order_id": st.integers(1, 40).map(str),
            "customer_ref": st.sampled_from([None, "42", "43", "99"]),
            "email": st.sampled_from([None, "ada@example.com", "b@example.com", "nobody@example.com"]),
            "status": st.sampled_from(["completed", "void", "unknown"]),
            "total": st.one_of(st.none(), st.decimals(-(10**6), 10**6, places=2).map(str)),
        }
    ),
    unique_by=lambda row: row["order_id"],
)


def world(found: list[dict[str, Any]]) -> AlleavesRaw:
    return store(customers=PEOPLE, orders=[order("0") | row for row in found])


@settings(max_examples=40, deadline=None)
@given(sold, st.integers(0, 99))
def test_no_order_is_lost_and_order_does_not_matter(found: list[dict[str, Any]], seed: int) -> None:
    raw = world(found)
    mapped = orders(raw)
    assert mapped.rows_in == len(found)
    unmatched = sum_unmatched(raw)
    assert sum(entry["orders"] for entry in unmatched.values()) + len(mapped.frame) == len(found)
    amounts = [Decimal(row["total"] or 0) for row in found]
    matched = [amount for amount in column(mapped, "total") if amount is not None]
    assert sum(matched) + sum(entry["total"] for entry in unmatched.values()) == sum(amounts)
    again = orders(shuffled(raw, seed))
    assert again.frame.equals(mapped.frame)
    assert codes(again) == codes(mapped)
