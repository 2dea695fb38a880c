"""The spending index: the vectors of its specification, and random worlds against the rules written out by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync_assets.tables.marts import CUSTOMER_SPENDING
from sync_assets.transforms.contacts import mark_shared, read_emails
from sync_assets_tests.transforms.spending_support import (
    AS_OF,
    ORG,
    Row,
    by_key,
    converted,
    customer,
    figures,
    order,
    spend,
    spend_by_hand,
)

VOID = {"status": "void", "is_counted": False}


class TestVectors:
    def test_two_orders(self):
        row = by_key(spend([order(1, "40.00"), order(2, "59.99")]).frame)["cid_42"]
        assert figures(row) == ("99.99", 2, "50.00")

    def test_a_refund_reduces_and_is_no_order(self):
        row = by_key(spend([order(1, "100.00"), order(2, "-30.00")]).frame)["cid_42"]
        assert figures(row) == ("70.00", 1, "70.00")
        assert (row["refund_count"], str(row["refund_total"]), str(row["gross_total"])) == (1, "-30.00", "70.00")

    def test_void_only(self):
        row = by_key(spend([order(1, "80.00", **VOID)]).frame)["cid_42"]
        assert figures(row) == ("0.00", 0, "0.00")
        assert (row["excluded_count"], str(row["excluded_total"]), str(row["gross_total"])) == (1, "80.00", "80.00")
        assert (row["first_order_date"], row["last_order_date"]) == (None, None)

    def test_an_online_and_an_in_store_order_are_one_total_under_both_keys(self):
        online = order(1, "40.00", channel="website", match_method="email")
        store = order(2, "25.50", match_method="customer_id")
        rows = by_key(spend([online, store], [customer(email="vip@example.com")]).frame)
        assert set(rows) == {"cid_42", "vip@example.com"}
        assert figures(rows["cid_42"]) == figures(rows["vip@example.com"]) == ("65.50", 2, "32.75")
        assert all(row["email"] == "vip@example.com" and row["customer_key"] == "alleaves-42" for row in rows.values())

    @pytest.mark.parametrize(
        ("written", "status", "keys"),
        [
            (" VIP@Example.com ", "valid", {"vip@example.com", "cid_42"}),
            ("customer_42@alleaves.local", "placeholder", {"cid_42"}),
            ("customer_42@alleaves.local.com", "valid", {"customer_42@alleaves.local.com", "cid_42"}),
        ],
    )
    def test_keys(self, written, status, keys):
        email = read_emails(pa.array([written]))[0].to_pylist()[0] if status == "valid" else None
        assert set(by_key(spend([order(1, "1.00")], [customer(email=email, email_status=status)]).frame)) == keys


class TestWhoAndWhat:
    def test_a_customer_without_any_order_has_no_row(self):
        assert spend([], [customer(email="a@b.example")]).frame.empty
        assert list(by_key(spend([order(1, "1.00")], [customer(), customer("alleaves-7")]).frame)) == ["cid_42"]

    def test_a_shared_email_is_no_key(self):
        emails, statuses = pa.array(["a@b.example"] * 2), pa.array(["valid"] * 2)
        status = mark_shared(emails, statuses).to_pylist()
        people = [customer(f"alleaves-{n}", "a@b.example", email_status=status[n]) for n in (0, 1)]
        assert set(by_key(spend([order(1, "1.00", "alleaves-0"), order(2, "2.00", "alleaves-1")], people).frame)) == {
            "cid_0",
            "cid_1",
        }

    def test_an_email_that_two_of_a_source_claim_is_no_key_whatever_its_status(self):
        people = [customer(f"alleaves-{n}", "a@b.example") for n in (0, 1)]
        assert list(by_key(spend([order(1, "1.00", "alleaves-0")], people).frame)) == ["cid_0"]

    def test_two_sources_may_know_the_same_email_and_id(self):
        people = [customer("alleaves-1", "a@b.example"), customer("odoo-1", "a@b.example")]
        frame = spend([order(1, "1.00", "alleaves-1"), order(2, "2.00", "odoo-1")], people).frame
        found = {(row["source"], row["spending_key"]): str(row["total_spent"]) for row in frame.to_dict("records")}
        assert found == {
            ("alleaves", "cid_1"): "1.00",
            ("alleaves", "a@b.example"): "1.00",
            ("odoo", "cid_1"): "2.00",
            ("odoo", "a@b.example"): "2.00",
        }

    def test_a_members_orders_are_its_roots_and_its_email_is_no_key(self):
        people = [customer("odoo-1", "root@b.example"), customer("odoo-2", "member@b.example", root="odoo-1")]
        rows = by_key(spend([order(1, "1.00", "odoo-1"), order(2, "2.00", "odoo-2")], people).frame)
        assert {key: str(row["total_spent"]) for key, row in rows.items()} == {
            "cid_1": "3.00",
            "root@b.example": "3.00",
        }

    def test_orders_of_nobody_and_of_unknown_customers_are_counted_but_not_credited(self):
        found = spend(
            [order(1, "1.00"), order(2, "2.00", None), order(3, "4.00", "alleaves-9"), order(4, "8.00", **VOID)]
        )
        assert str(by_key(found.frame)["cid_42"]["gross_total"]) == "9.00"
        assert found.counts == {
            "orders": 4,
            "orders_counted": 1,
            "orders_excluded": 1,
            "orders_without_customer": 1,
            "orders_of_unknown_customers": 1,
            "orders_mixed_currency": 0,
            "customers": 1,
            "email_keys": 0,
        }

    def test_totals_and_dates_that_are_missing(self):
        early = datetime(2026, 1, 1, tzinfo=UTC)
        orders = [
            order(1, "10.00", ordered_at=None),
            order(2, None, ordered_at=early),
            order(3, "-1.00", ordered_at=early),
            order(4, "0.00", ordered_at=early + timedelta(days=1)),
        ]
        row = by_key(spend(orders).frame)["cid_42"]
        assert figures(row) == ("9.00", 2, "4.50")
        assert row["first_order_date"] == row["last_order_date"] == early + timedelta(days=1)


class TestCurrencies:
    def test_rates_are_applied_and_rounded_per_order_half_away_from_zero(self):
        foreign = {"currency": "EUR", "currency_rate": Decimal("2")}
        orders = [order(1, "0.25", **foreign), order(2, "0.25", **foreign), order(3, "-0.25", **foreign)]
        found = spend([*orders, order(4, "1.00", currency_rate=Decimal("9"))])
        assert str(by_key(found.frame)["cid_42"]["total_spent"]) == "1.13"
        assert found.findings == []

    @pytest.mark.parametrize(
        "values",
        [
            {"currency_rate": None},
            {"currency_rate": Decimal("0")},
            {"currency_rate": Decimal("-1")},
            {"currency_rate": Decimal("1"), "company_currency": "EUR"},
        ],
        ids=["none", "zero", "negative", "to the currency of another company"],
    )
    def test_without_a_rate_to_the_organisations_currency_an_order_is_left_out_and_reported(self, values):
        found = spend([order(1, "10.00"), order(2, "99.00", currency="EUR", **values)])
        row = by_key(found.frame)["cid_42"]
        assert (figures(row), str(row["gross_total"])) == (("10.00", 1, "10.00"), "10.00")
        assert [(f["record_key"], f["code"], f["raw_value"], f["severity"]) for f in found.findings] == [
            ("alleaves-2", "mixed_currency", "EUR", "warning")
        ]
        assert found.counts["orders_mixed_currency"] == 1

    def test_a_missing_total_is_no_question_of_currency(self):
        assert spend([order(1, None, currency="EUR")]).findings == []


emails = st.sampled_from([None, "a@b.example", "b@b.example", "c@b.example"])
totals = st.one_of(st.none(), st.decimals(min_value=-1000, max_value=100_000, places=2))
moments = st.one_of(st.none(), st.datetimes(datetime(2020, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC)))


@st.composite
def worlds(draw: Any) -> tuple[list[Row], list[Row]]:
    people: list[Row] = []
    for source in ("alleaves", "odoo"):
        held: set[str] = set()
        for number in range(draw(st.integers(0, 4))):
            above = draw(st.sampled_from([None, *(p["customer_key"] for p in people if p["source"] == source)]))
            root = next((p["root_customer_key"] for p in people if p["customer_key"] == above), None)
            email = draw(emails)
            status = {"email_status": "shared"} if email in held else {}
            if email:
                held.add(email)
            people.append(customer(f"{source}-{number}", email, root, **status))
    keys = [None, "odoo-99", *(p["customer_key"] for p in people)]
    orders = [
        {
            **order(number, None, draw(st.sampled_from(keys))),
            "total": draw(totals),
            "ordered_at": draw(moments),
            "is_counted": draw(st.booleans()),
            "currency": draw(st.sampled_from(["USD", "EUR"])),
            "company_currency": draw(st.sampled_from(["USD", "USD", "CHF"])),
            "currency_rate": draw(st.sampled_from([None, Decimal("0"), Decimal("1.1"), Decimal("0.333333")])),
        }
        for number in range(draw(st.integers(0, 12)))
    ]
    return people, orders


@settings(max_examples=50)
@given(worlds())
def test_random_worlds_agree_with_the_rules_written_out_by_hand(world):
    people, orders = world
    found = spend(orders, people)
    CUSTOMER_SPENDING.contract.validate(found.frame)
    expected = spend_by_hand(orders, people, ORG)
    rows = {
        (row["source"], row["spending_key"]): row
        for row in found.frame.astype(object).where(found.frame.notna(), None).to_dict("records")
    }
    assert {
        key: {name: row[name] for name in expected[key]} for key, row in rows.items() if key in expected
    } == expected
    assert set(rows) == set(expected)


@settings(max_examples=50)
@given(worlds())
def test_sums_and_both_keys(world):
    people, orders = world
    found = spend(orders, people)
    frame = found.frame
    roots = {p["customer_key"] for p in people}
    sold = [converted(o, ORG) or 0 for o in orders if o["is_counted"] and o["customer_key"] in roots]
    by_id = frame[frame["spending_key"].str.startswith("cid_")]
    assert sum(by_id["total_spent"].tolist()) == sum(sold)
    assert sum(by_id["gross_total"].tolist()) == sum(
        converted(o, ORG) or 0 for o in orders if o["customer_key"] in roots
    )
    told = [name for name in frame.columns if name != "spending_key"]
    assert frame[told].drop_duplicates()["customer_key"].is_unique
    placed = ("orders_counted", "orders_excluded", "orders_without_customer", "orders_of_unknown_customers")
    assert sum(found.counts[name] for name in placed) == found.counts["orders"] == len(orders)


@settings(max_examples=50)
@given(worlds(), st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(world, random):
    people, orders = world
    mixed = spend(random.sample(orders, len(orders)), random.sample(people, len(people)))
    key = ["source", "spending_key"]
    first, second = (f.sort_values(key).to_dict("records") for f in (spend(orders, people).frame, mixed.frame))
    assert repr(first) == repr(second)


def test_time_of_the_computation_is_the_callers():
    assert set(spend([order(1, "1.00")]).frame["updated_at"]) == {AS_OF}
