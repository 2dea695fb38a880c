"""The invariants of the avatars: each is true of what was built, and notices when it is not."""

from __future__ import annotations

import json
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pandas as pd
import pytest

from sync_assets.tables.canonical import CUSTOMERS, SALES_ORDERS
from sync_assets.tables.marts import CUSTOMER_AVATARS
from sync_assets.transforms import avatar_checks as checks
from sync_assets_tests.transforms.avatar_support import NOW, STORED, avatars, build, customer, frame_of, order, rules

TWO = [customer(), customer("odoo-2")]


class TestChecks:
    def inputs(self, people: list[dict[str, Any]], orders: list[dict[str, Any]]) -> tuple[pd.DataFrame, pd.DataFrame]:
        return frame_of(SALES_ORDERS, orders), frame_of(CUSTOMERS, people)

    def test_one_root_per_order(self):
        people = [customer(), customer("odoo-2", "odoo-1"), customer("odoo-3")]
        assert checks.check_one_root_per_order(*self.inputs(people, [order(1), order(2, "odoo-99")]), rules())[0]
        passed, details = checks.check_one_root_per_order(*self.inputs(people, [order(1), order(2, "odoo-2")]), rules())
        assert (passed, details) == (False, {"orders": 2, "orders_without_one_root": 1, "examples": ["odoo-2"]})
        assert not checks.check_one_root_per_order(*self.inputs([*people, customer()], [order(1)]), rules())[0]

    def test_no_order_lost(self):
        people = [customer(), customer("odoo-2")]
        plan = build(people, [order(1), order(2, "odoo-2", "900.00"), order(3, "odoo-9")], max_customers=1)
        passed, details = checks.check_no_order_lost(plan)
        assert passed
        assert details == {
            "orders_counted": 3,
            "orders_in_error": 1,
            "orders_outside_limit": 1,
            "orders_in_rows": 1,
            "orders_lost": 0,
        }
        plan.counts["orders_counted"] += 1
        assert checks.check_no_order_lost(plan)[0] is False

    def test_revenue_matches_to_the_cent(self):
        people = [customer(), customer("odoo-2", "odoo-1"), customer("odoo-3"), customer("odoo-4")]
        orders = [order(1), order(2, "odoo-2", "0.01"), order(3, "odoo-3", "5.00"), order(4, "odoo-4", ordered_at=None)]
        plan = build(people, orders, max_customers=1)
        frames = self.inputs(people, orders)
        assert checks.check_revenue_matches(plan, *frames) == (
            True,
            {"in_rows": "100.01", "in_orders": "100.01", "difference": "0.00"},
        )
        plan.frame["total_revenue"] = plan.frame["total_revenue"] + Decimal("0.01")
        passed, details = checks.check_revenue_matches(plan, *frames)
        assert (passed, details["difference"]) == (False, "0.01")

    def test_revenue_of_a_family_that_left_is_nothing(self):
        before = build(TWO, [order(1), order(2, "odoo-2")])
        plan = build([customer(), customer("odoo-2")], [order(1)], existing=before.frame)
        assert checks.check_revenue_matches(plan, *self.inputs([customer(), customer("odoo-2")], [order(1)]))[0]

    def test_scores_in_range(self):
        assert checks.check_scores_in_range(STORED)[0]
        assert checks.check_scores_in_range(CUSTOMER_AVATARS.empty())[0]
        passed, details = checks.check_scores_in_range(avatars(("odoo-1", True, 101, -1, 50, 0)))
        assert passed is False
        assert (details["churn_risk_score"], details["upsell_potential_score"], details["health_score"]) == (1, 1, 0)

    def test_one_avatar_per_family(self):
        rows = avatars(("odoo-1", True, 0, 0, 0, 0), ("odoo-2", False, 0, 0, 0, 0))
        people = frame_of(CUSTOMERS, [customer(), customer("odoo-2", "odoo-1")])
        assert checks.check_one_avatar_per_family(rows, people)[0]
        active = rows.assign(is_active=pd.Series([True, True], dtype=rows["is_active"].dtype))
        passed, details = checks.check_one_avatar_per_family(active, people)
        assert (passed, details) == (False, {"active": 2, "not_a_root": 1, "examples": ["odoo-2"]})
        assert not checks.check_one_avatar_per_family(rows, frame_of(CUSTOMERS, []))[0]

    def test_errors_empty(self):
        assert checks.check_errors_empty(build([customer()], [order(1)])) == (True, {"errors": 0})
        plan = build([customer()], [order(1, ordered_at=None), order(2, "odoo-9")])
        assert checks.check_errors_empty(plan) == (False, {"errors": 2, "order_date_missing": 1, "partner_missing": 1})

    @pytest.mark.parametrize(("hours", "passed"), [(25, True), (26, False), (27, False)])
    def test_avatars_fresh(self, hours, passed):
        found, details = checks.check_avatars_fresh(STORED, now=NOW + timedelta(hours=hours))
        assert (found, details["age_hours"]) == (passed, float(hours))

    def test_an_empty_table_is_not_stale(self):
        assert checks.check_avatars_fresh(CUSTOMER_AVATARS.empty(), now=NOW) == (True, {"rows": 0, "fresh_hours": 26})

    def test_details_are_plain_python(self):
        plan = build(TWO, [order(1), order(2, "odoo-2")])
        frames = self.inputs([customer(), customer("odoo-2")], [order(1), order(2, "odoo-2")])
        answers = [
            checks.check_one_root_per_order(*frames, rules()),
            checks.check_no_order_lost(plan),
            checks.check_revenue_matches(plan, *frames),
            checks.check_scores_in_range(plan.frame),
            checks.check_one_avatar_per_family(plan.frame, frames[1]),
            checks.check_errors_empty(plan),
            checks.check_avatars_fresh(plan.frame, now=NOW),
        ]
        for passed, details in answers:
            assert passed is True
            assert json.loads(json.dumps(details)) == details
