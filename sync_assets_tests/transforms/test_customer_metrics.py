"""Derived customer columns: every boundary vector of the specification, purchases, currencies, ties, order of rows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync_assets.connections import Org
from sync_assets.tables.canonical import CUSTOMER_METRICS, CUSTOMERS, PRODUCT_CATALOG, SALES_LINES, SALES_ORDERS
from sync_assets.transforms.customer_metrics import Metrics, compute_metrics, days_since, score_rfm, segments_of

NOW = datetime(2026, 1, 15, 8, 0, tzinfo=UTC)
D = Decimal
ACME = Org(org_id="acme", name="Acme")


def customer(key: str, root: str | None = None) -> dict[str, Any]:
    return {"customer_key": key, "root_customer_key": root or key, "source": key.split("-", maxsplit=1)[0]}


def line(
    order: str, quantity: str, total: str | None, *, days: float = 10, customer: str | None = "odoo-1", **more: Any
) -> dict[str, Any]:
    return {
        "order_id": order,
        "customer_key": customer,
        "product_key": "P1",
        "date_sale": NOW - timedelta(days=days),
        "quantity_units": D(quantity),
        "price_total": None if total is None else D(total),
        "currency": "EUR",
        **more,
    }


def metrics(
    lines: list[dict[str, Any]],
    *,
    people: tuple[dict[str, Any], ...] = (customer("odoo-1"),),
    orders: tuple[dict[str, Any], ...] = (),
    products: tuple[tuple[str, str], ...] = (("P1", "rouge"), ("P2", "blanc"), ("P3", "autre")),
    parts: int = 1,
    org: Org = ACME,
) -> Metrics:
    frames = [SALES_LINES.frame(lines[part::parts]) for part in range(parts)]
    catalogue = PRODUCT_CATALOG.frame([{"product_key": key, "category": category} for key, category in products])
    found = compute_metrics(
        CUSTOMERS.frame(list(people)),
        SALES_ORDERS.frame(list(orders)),
        frames,
        catalogue,
        org,
        as_of=NOW,
        synced_at=NOW,
    )
    CUSTOMER_METRICS.contract.validate(found.frame)
    return found


def row(found: Metrics, key: str = "odoo-1") -> dict[str, Any]:
    frame = found.frame
    values = {name: frame[name].array.__arrow_array__().to_pylist() for name in frame.columns}
    place = values["customer_key"].index(key)
    return {name: column[place] for name, column in values.items()}


VECTORS = [
    (None, 0, "0", (0, 0, 0), "prospect"),
    (30, 5, "500", (5, 4, 3), "vip"),
    (30, 2, "2000", (5, 3, 4), "vip"),
    (31, 2, "2000", (4, 3, 4), "standard"),
    (90, 5, "2000", (4, 4, 4), "vip"),
    (91, 5, "2000", (3, 4, 4), "standard"),
    (180, 10, "2000", (3, 5, 4), "vip"),
    (181, 10, "5000", (2, 5, 5), "vip"),
    (365, 10, "5000", (2, 5, 5), "vip"),
    (90, 10, "1999.99", (4, 5, 3), "vip"),
    (91, 9, "4999.99", (3, 4, 4), "standard"),
    (366, 10, "5000", (1, 5, 5), "inactive"),
    (366, 1, "100", (1, 2, 2), "inactive"),
    (181, 9, "5000", (2, 4, 5), "at_risk"),
    (365, 1, "5000", (2, 2, 5), "at_risk"),
    (90, 1, "50", (4, 2, 1), "standard"),
    (91, 1, "50", (3, 2, 1), "at_risk"),
    (180, 1, "99.99", (3, 2, 1), "at_risk"),
    (180, 1, "100", (3, 2, 2), "standard"),
    (45, 1, "0", (4, 2, 0), "at_risk"),
    (10, 1, "-20", (5, 2, 0), "standard"),
    (-1, 1, "50", (5, 2, 1), "standard"),
]


@pytest.mark.parametrize(("days", "orders", "spent", "points", "segment"), VECTORS)
def test_the_vectors_of_the_specification(
    days: int | None, orders: int, spent: str, points: tuple[int, int, int], segment: str
) -> None:
    since, count = pa.array([days], pa.int64()), pa.array([orders], pa.int64())
    scored = score_rfm(since, count, pa.array([D(spent)], pa.decimal128(18, 2)))
    assert tuple(column.to_pylist()[0] for column in scored) == points
    assert segments_of(since, count, scored).to_pylist() == [segment]

    # The same through lines: all purchases on the last day, the first line carries the amount.
    amounts = [spent, *["0"] * (orders - 1)] if orders else []
    lines = [line(f"o{n}", "1", amount, days=days or 0) for n, amount in enumerate(amounts)]
    found = row(metrics(lines))
    assert (found["rfm_recency"], found["rfm_frequency"], found["rfm_monetary"]) == points
    assert (found["segment"], found["purchase_count"], found["total_spent"]) == (segment, orders, D(spent))


def test_days_are_whole_days_rounded_down() -> None:
    moments = [NOW - timedelta(days=30, seconds=86_399), NOW - timedelta(days=31), NOW + timedelta(seconds=1), None]
    assert days_since(pa.array(moments, pa.timestamp("us", tz="UTC")), NOW).to_pylist() == [30, 31, -1, None]


def test_orders_are_counted_and_not_lines() -> None:
    found = row(metrics([line("a", "6", "60.00"), line("a", "1", "10.00"), line("b", "1", "5.00", days=3)]))
    assert (found["purchase_count"], found["total_spent"], found["avg_order_value"]) == (2, D("75.00"), D("37.50"))
    assert found["first_purchase_date"] == NOW - timedelta(days=10)
    assert found["last_purchase_date"] == NOW - timedelta(days=3)


def test_the_date_of_an_order_is_that_of_its_earliest_line() -> None:
    found = row(metrics([line("a", "1", "5.00", days=1), line("a", "1", "5.00", days=4)]))
    assert found["first_purchase_date"] == found["last_purchase_date"] == NOW - timedelta(days=4)


def test_a_return_alone_is_no_purchase_but_lowers_the_spend() -> None:
    found = row(metrics([line("a", "6", "60.00", days=40), line("b", "-6", "-60.00", days=2)]))
    assert (found["purchase_count"], found["total_spent"], found["avg_order_value"]) == (1, D("0.00"), D("0.00"))
    assert found["last_purchase_date"] == NOW - timedelta(days=40)
    assert found["preferred_category"] is None
    assert row(metrics([line("b", "-6", "-60.00")]))["segment"] == "prospect"


def test_an_order_in_which_everything_went_back_is_no_purchase() -> None:
    reversed_order = [line("a", "6", "72.00"), line("a", "-6", "-72.00")]
    found = row(metrics(reversed_order))
    assert (found["purchase_count"], found["total_spent"], found["last_purchase_date"]) == (0, D("0.00"), None)
    exchanged = row(metrics([*reversed_order, line("a", "1", "9.00", product_key="P2")]))
    assert (exchanged["purchase_count"], exchanged["total_spent"]) == (1, D("9.00"))
    # Six bottles against one case of six.
    case = line("a", "-1", "-72.00", quantity_product_units=D(-6))
    assert row(metrics([line("a", "6", "72.00"), case]))["purchase_count"] == 0


def test_the_preferred_category() -> None:
    tie = [line("a", "1", "50.00"), line("a", "1", "50.00", product_key="P2")]
    assert row(metrics(tie))["preferred_category"] == "blanc"
    more_bottles = [{**tie[0], "quantity_bottles_75cl_eq": D(2)}, tie[1]]
    assert row(metrics(more_bottles))["preferred_category"] == "rouge"
    net = [*tie, line("b", "-1", "-1.00", product_key="P2")]
    assert row(metrics(net))["preferred_category"] == "rouge"
    assert row(metrics([line("a", "1", "50.00", product_key=None)]))["preferred_category"] is None
    assert row(metrics([line("a", "1", "0.00")]))["preferred_category"] is None


def test_other_currencies_are_converted_by_the_rate_of_the_order() -> None:
    rates = (
        {"order_key": "a", "currency": "USD", "currency_rate": D("1.25"), "company_currency": "EUR"},
        {"order_key": "b", "currency": "USD", "currency_rate": None, "company_currency": "EUR"},
        {"order_key": "c", "currency": "USD", "currency_rate": D(1), "company_currency": "USD"},
        {"order_key": "d", "currency": "EUR", "currency_rate": D("0.8"), "company_currency": "USD"},
    )
    sold = [line(key, "1", "100.00", currency="USD") for key in ("a", "b", "c", "x")] + [line("d", "1", "7.00")]
    found = metrics(sold, orders=rates)
    assert (row(found)["total_spent"], row(found)["purchase_count"]) == (D("87.00"), 2)
    assert found.left_out == {"mixed_currency": 3}


def test_sums_are_rounded_once() -> None:
    rate = tuple(
        {"order_key": key, "currency": "USD", "currency_rate": D(8), "company_currency": "EUR"} for key in "ab"
    )
    sold = [line(key, "1", "0.01", currency="USD") for key in "ab"] * 2
    # Four times 0.00125.
    assert row(metrics(sold, orders=rate))["total_spent"] == D("0.01")


def test_lines_that_cannot_be_counted_are_told() -> None:
    sold = [
        line("a", "1", "10.00"),
        line("b", "1", None),
        line("c", "1", "3.00", customer=None),
        line("d", "1", "3.00", customer="odoo-9"),
    ]
    found = metrics(sold)
    assert found.left_out == {"no_customer": 1, "no_total": 1, "unknown_customer": 1}
    assert (row(found)["purchase_count"], row(found)["total_spent"]) == (1, D("10.00"))


def test_every_root_has_a_row_and_no_one_else() -> None:
    people = (customer("odoo-2"), customer("odoo-3", "odoo-2"), customer("isavigne-C1"))
    found = metrics([line("a", "1", "10.00", customer="odoo-2")], people=people)
    assert found.frame["customer_key"].tolist() == ["isavigne-C1", "odoo-2"]
    assert found.frame["source"].tolist() == ["isavigne", "odoo"]
    assert found.segments == {"prospect": 1, "standard": 1}
    nobody = metrics([line("a", "1", "10.00")], people=())
    assert len(nobody.frame) == 0 and nobody.left_out == {"unknown_customer": 1}
    assert len(metrics([]).frame) == 1


SALES = st.lists(
    st.tuples(
        st.sampled_from("abc"),
        st.integers(-3, 6),
        st.decimals(-500, 3000, places=2),
        st.integers(-2, 800),
        st.sampled_from(["odoo-1", "odoo-2", None]),
        st.sampled_from(["P1", "P2", None]),
    ),
    max_size=12,
)


@given(SALES, st.integers(1, 4), st.randoms(use_true_random=False))
def test_neither_the_order_of_lines_nor_their_blocks_matter(sales: list[Any], parts: int, random: Any) -> None:
    people = (customer("odoo-1"), customer("odoo-2"))
    rows = [
        line(f"{who}-{order}", str(quantity), str(total), days=days, customer=who, product_key=product)
        for order, quantity, total, days, who, product in sales
    ]
    found = metrics(rows, people=people)
    shuffled = random.sample(rows, len(rows))
    again = metrics(shuffled, people=people, parts=parts)
    pd.testing.assert_frame_equal(again.frame, found.frame)
    assert again.left_out == found.left_out
    for key in ("odoo-1", "odoo-2"):
        own = [r for r in rows if r["customer_key"] == key]
        assert row(found, key)["total_spent"] == sum((r["price_total"] for r in own), D(0))
        nets: dict[tuple[str, Any], Decimal] = {}
        for r in own:
            nets[r["order_id"], r["product_key"]] = (
                nets.get((r["order_id"], r["product_key"]), D(0)) + r["quantity_units"]
            )
        bought = {order for (order, _), net in nets.items() if net > 0}
        assert row(found, key)["purchase_count"] == len(bought)
        dates = [min(r["date_sale"] for r in own if r["order_id"] == order) for order in bought]
        assert row(found, key)["last_purchase_date"] == (max(dates) if dates else None)
        assert (row(found, key)["segment"] == "prospect") == (not bought)
