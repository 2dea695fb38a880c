"""The invariants of spending and segments: each is true of what was computed, and notices when it is not."""

from __future__ import annotations

import json
from datetime import timedelta
from decimal import Decimal

import pandas as pd
import pytest

from sync_assets.tables.canonical import CUSTOMERS, SALES_ORDERS
from sync_assets.tables.marts import CUSTOMER_SEGMENTS, CUSTOMER_SPENDING
from sync_assets.transforms import spending_checks as checks
from sync_assets_tests.transforms.spending_support import ORG, customer, frame_of, order, segment, spend

PEOPLE = [
    customer(email="vip@b.example"),
    customer("alleaves-7"),
    customer("odoo-42"),
    customer("odoo-2", root="odoo-42"),
]
BOUGHT = [
    order(1, "40.00"),
    order(2, "59.99"),
    order(3, "-9.99"),
    order(4, "5.00", is_counted=False),
    order(5, "7.00", "odoo-2"),
    order(6, "3.00", currency="EUR", currency_rate=Decimal("2")),
]
CUSTOMER_FRAME, ORDER_FRAME = frame_of(CUSTOMERS, PEOPLE), frame_of(SALES_ORDERS, BOUGHT)


@pytest.fixture
def spending() -> pd.DataFrame:
    return spend(BOUGHT, PEOPLE).frame


@pytest.fixture
def segments(spending: pd.DataFrame) -> pd.DataFrame:
    return segment(PEOPLE, spending).frame


def test_orders_have_a_customer():
    assert checks.check_orders_have_customer(ORDER_FRAME, CUSTOMER_FRAME)[0]
    lost = [order(7, "1.00", None), order(8, "1.00", "alleaves-99"), order(9, "1.00", None, is_counted=False)]
    assert checks.check_orders_have_customer(frame_of(SALES_ORDERS, [*BOUGHT, *lost]), CUSTOMER_FRAME) == (
        False,
        {"orders": 7, "without_customer": 1, "of_unknown_customers": 1, "examples": ["alleaves-7", "alleaves-8"]},
    )


def test_keys_agree(spending):
    assert checks.check_keys_agree(spending) == (
        True,
        {"rows": 3, "customers": 2, "with_different_figures": 0, "without_id_key": 0},
    )
    # The last row is the one of the e-mail.
    other = spending.copy()
    other.loc[2, "last_order_date"] += timedelta(seconds=1)
    passed, details = checks.check_keys_agree(other)
    assert (passed, details["with_different_figures"]) == (False, 1)
    passed, details = checks.check_keys_agree(spending.iloc[1:])
    assert (passed, details["without_id_key"]) == (False, 1)


def test_spending_matches_to_the_cent(spending):
    sums = {"in_rows": "98.50", "in_orders": "98.50", "difference": "0.00", "orders_mixed_currency": 0}
    assert checks.check_spending_matches(spending, ORDER_FRAME, CUSTOMER_FRAME, ORG) == (True, sums)
    unknown = [order(7, "1.00", None), order(8, "1.00", currency="EUR")]
    more = frame_of(SALES_ORDERS, [*BOUGHT, *unknown])
    assert checks.check_spending_matches(spending, more, CUSTOMER_FRAME, ORG) == (
        True,
        {**sums, "orders_mixed_currency": 1},
    )
    other = spending.copy()
    other.loc[0, "total_spent"] += Decimal("0.01")
    passed, details = checks.check_spending_matches(other, ORDER_FRAME, CUSTOMER_FRAME, ORG)
    assert (passed, details["difference"]) == (False, "0.01")


def test_segments_complete(segments):
    good = {
        "customers": 3,
        "without_segment": 0,
        "not_a_root": 0,
        "twice": 0,
        "segment_out_of_range": 0,
        "tier_out_of_range": 0,
    }
    assert checks.check_segments_complete(segments, CUSTOMER_FRAME) == (True, good)
    assert checks.check_segments_complete(segments.iloc[1:], CUSTOMER_FRAME) == (False, {**good, "without_segment": 1})
    twice = pd.concat([segments, segments.head(1)], ignore_index=True)
    assert checks.check_segments_complete(twice, CUSTOMER_FRAME) == (False, {**good, "twice": 1})
    wrong = segments.copy()
    wrong.loc[0, ["customer_key", "segment", "loyalty_tier"]] = ["odoo-2", "whale", None]
    assert checks.check_segments_complete(wrong, CUSTOMER_FRAME) == (
        False,
        {
            **good,
            "without_segment": 1,
            "not_a_root": 1,
            "segment_out_of_range": 1,
            "tier_out_of_range": 1,
        },
    )


def test_nothing_is_in_order_too_and_details_are_plain_python(spending, segments):
    nobody, nothing = CUSTOMERS.empty(), SALES_ORDERS.empty()
    answers = [
        checks.check_orders_have_customer(nothing, nobody),
        checks.check_keys_agree(CUSTOMER_SPENDING.empty()),
        checks.check_spending_matches(CUSTOMER_SPENDING.empty(), nothing, nobody, ORG),
        checks.check_segments_complete(CUSTOMER_SEGMENTS.empty(), nobody),
        checks.check_orders_have_customer(ORDER_FRAME, CUSTOMER_FRAME),
        checks.check_keys_agree(spending),
        checks.check_spending_matches(spending, ORDER_FRAME, CUSTOMER_FRAME, ORG),
        checks.check_segments_complete(segments, CUSTOMER_FRAME),
    ]
    for passed, details in answers:
        assert passed is True
        assert json.loads(json.dumps(details)) == details
