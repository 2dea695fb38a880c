from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync_assets.tables.canonical import SALES_ORDERS

from .odoo_frames import EARLIER, NOW, acme, codes, column, odoo, order, orders, shuffled

PARTNERS = [{"id": 1}, {"id": 2, "parent_id": 1}, {"id": 3, "parent_id": 2, "active": False}]


def test_an_order() -> None:
    raw = odoo(partners=PARTNERS, orders=[order(11, 3, "120.005", amount_untaxed="100", name=" S00011 ")])
    mapped = orders(raw)
    SALES_ORDERS.contract.validate(mapped.frame)
    assert {name: column(mapped, name)[0] for name in mapped.frame.columns} == {
        "org_id": "acme",
        "order_key": "odoo-11",
        "source": "odoo",
        "source_id": "11",
        "order_ref": "S00011",
        "customer_key": "odoo-1",
        "source_partner_id": "3",
        "ordered_at": EARLIER,
        "total": Decimal("120.01"),
        "total_untaxed": Decimal("100.00"),
        "currency": "EUR",
        "currency_rate": Decimal("1.000000000000000000"),
        "company_total": Decimal("120.01"),
        "company_total_untaxed": Decimal("100.00"),
        "company_id": "1",
        "company_currency": "EUR",
        "status": "sale",
        "is_counted": True,
        "channel": "direct",
        "match_method": None,
        "synced_at": NOW,
    }


@pytest.mark.parametrize(
    ("state", "counts"),
    [("sale", True), ("done", True), ("draft", False), ("sent", False), ("cancel", False), (None, False)],
)
def test_states(state: str | None, counts: bool) -> None:
    mapped = orders(odoo(partners=PARTNERS, orders=[order(1, state=state)]))
    assert (column(mapped, "is_counted"), column(mapped, "status")) == ([counts], [state or "unknown"])


def test_only_the_companies_of_the_organisation_count() -> None:
    companies = [{"id": 1, "name": "Nord", "currency_id": 1}, {"id": 2, "name": "West", "currency_id": 2}]
    rows = [order(1), order(2, company_id=2, currency_id=2), order(3, company_id=9), order(4, company_id=None)]
    mapped = orders(odoo(companies=companies, partners=PARTNERS, orders=rows), acme((1,)))
    assert column(mapped, "is_counted") == [True, False, False, False]
    assert column(mapped, "company_currency") == ["EUR", "USD", "EUR", "EUR"]
    assert codes(mapped) == [("3", "company_missing"), ("4", "company_missing")]


@pytest.mark.parametrize(
    ("total", "currency", "rate", "expected", "found"),
    [
        ("110.00", 2, "1.1", "100.00", []),
        ("10.00", 2, "3", "3.33", []),
        ("0.25", 2, "2", "0.13", []),
        ("-0.25", 2, "2", "-0.13", []),
        ("6118923.45", 2, "0.006697923643670461", "913555271.09", []),
        ("0.00", 2, "2", "0.00", []),
        ("110.00", 1, "1.1", "110.00", []),
        ("110.00", 1, None, "110.00", []),
        ("110.00", 2, None, None, ["currency_rate_missing"]),
        ("110.00", 2, "0", None, ["currency_rate_missing"]),
        ("110.00", 2, "-1.1", None, ["currency_rate_missing"]),
        (None, 2, "1.1", None, []),
        ("1e18", 1, "1", None, ["bad_number", "bad_number"]),
    ],
)
def test_totals_in_company_currency(total: Any, currency: int, rate: Any, expected: Any, found: list[str]) -> None:
    raw = odoo(partners=PARTNERS, orders=[order(1, 1, total, currency_id=currency, currency_rate=rate)])
    mapped = orders(raw)
    assert column(mapped, "company_total") == [expected and Decimal(expected)]
    assert column(mapped, "company_total_untaxed") == [expected and Decimal(expected)]
    assert [code for _, code in codes(mapped)] == found
    assert {reject["severity"] for reject in mapped.rejects} <= {"error"}


def test_a_draft_without_rate_is_no_finding() -> None:
    raw = odoo(partners=PARTNERS, orders=[order(1, 99, currency_id=2, currency_rate=None, state="draft")])
    assert codes(orders(raw)) == []


def test_an_unknown_partner_makes_its_own_family() -> None:
    deleted = {"id": 4, "deleted_at": NOW}
    raw = odoo(partners=[*PARTNERS, deleted], orders=[order(1, 99), order(2, 4), order(3, None)])
    mapped = orders(raw)
    assert column(mapped, "customer_key") == ["odoo-99", "odoo-4", None]
    assert codes(mapped) == [("1", "partner_missing"), ("2", "partner_missing"), ("3", "missing_value")]
    assert mapped.rejected == 0


def test_the_website_is_a_channel() -> None:
    extras = ['{"website_id": 1}', '{"website_id": false}', '{"website_id": null}', None, "{}"]
    raw = odoo(partners=PARTNERS, orders=[order(i, extra=extra) for i, extra in enumerate(extras, 1)])
    assert column(orders(raw), "channel") == ["website", "direct", "direct", "direct", "direct"]


def test_deleted_orders_leave_and_orders_without_currency_are_refused() -> None:
    rows = [order(1), order(2, deleted_at=NOW), order(3, currency_id=None), order(4, currency_id=77)]
    mapped = orders(odoo(partners=PARTNERS, orders=rows))
    assert column(mapped, "source_id") == ["1"]
    assert (mapped.skipped, mapped.rejected) == ({"deleted": 1}, 2)
    assert codes(mapped) == [("3", "missing_value"), ("4", "missing_value")]


def test_an_order_without_date_stays() -> None:
    assert column(orders(odoo(partners=PARTNERS, orders=[order(1, date_order=None)])), "ordered_at") == [None]


rows = st.lists(
    st.fixed_dictionaries(
        {
            "id": st.integers(1, 30),
            "partner_id": st.one_of(st.none(), st.integers(1, 5)),
            "state": st.sampled_from(["sale", "done", "draft", "cancel", None]),
            "currency_id": st.sampled_from([1, 2, 3, None]),
            "currency_rate": st.sampled_from(["1", "1.1", "0", "-1", None]),
            "company_id": st.sampled_from([1, 2, None]),
            "amount_total": st.one_of(st.none(), st.decimals(-(10**6), 10**6, places=8).map(str)),
            "deleted_at": st.sampled_from([None, None, NOW]),
        }
    ),
    unique_by=lambda row: row["id"],
)


@settings(max_examples=40, deadline=None)
@given(rows, st.integers(0, 99))
def test_no_order_is_lost_and_order_does_not_matter(found: list[dict[str, Any]], seed: int) -> None:
    raw = odoo(partners=PARTNERS, orders=[order(row["id"]) | row for row in found])
    mapped = orders(raw)
    SALES_ORDERS.contract.validate(mapped.frame)
    assert mapped.rows_in == len(found)
    again = orders(shuffled(raw, seed))
    assert again.frame.equals(mapped.frame)
    assert codes(again) == codes(mapped)
