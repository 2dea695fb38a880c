"""Families in error, limited runs, families that leave the window or come back."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from sync_assets.tables.marts import CUSTOMER_AVATARS
from sync_assets.transforms.avatars import AvatarPlan
from sync_assets_tests.transforms.avatar_support import AS_OF, NOW, build, customer, line, one, order, rows_of


def after(
    plan: AvatarPlan, *, days: int, orders: list[dict[str, Any]], customers: Any = (), **values: Any
) -> AvatarPlan:
    """A later run over what `plan` stored."""
    people = [customer()] if customers == () else customers
    later = {"as_of": AS_OF + timedelta(days=days), "now": NOW + timedelta(days=days)}
    return build(people, orders, existing=plan.frame, **{**later, **values})


class TestErrors:
    @pytest.mark.parametrize(
        ("bad", "code"),
        [
            ({"ordered_at": None}, "order_date_missing"),
            ({"currency": "USD", "company_total": None}, "currency_rate_missing"),
            ({"currency": "USD", "currency_rate": None}, "currency_rate_missing"),
            ({"currency": "USD", "currency_rate": Decimal(0)}, "currency_rate_missing"),
            ({"currency": "USD", "currency_rate": Decimal(-1)}, "currency_rate_missing"),
            ({"company_total": None}, "order_total_missing"),
            ({"currency": "USD", "company_currency": "USD"}, "mixed_currency"),
        ],
    )
    def test_a_family_in_error_keeps_its_row_and_stops_nobody_else(self, bad, code):
        people = [customer(display_name="ACME Corp"), customer("odoo-2")]
        before = build(people, [order(1), order(2, "odoo-2")])
        plan = after(before, days=1, customers=people, orders=[order(1), order(2, **bad), order(3, "odoo-2")])
        assert plan.frame["customer_key"].tolist() == ["odoo-2"]
        message = f"Error processing ACME Corp (id 1): {code}"
        assert plan.errors == [{"partner_id": 1, "name": "ACME Corp", "code": code, "message": message}]
        assert (plan.counts["orders_counted"], plan.counts["orders_in_error"]) == (3, 2)

    def test_an_unknown_partner_is_an_error_of_its_own_family(self):
        plan = build([customer()], [order(1), order(2, "odoo-99"), order(3, "alleaves-5")])
        assert [(e.get("partner_id"), e.get("customer_key"), e["code"]) for e in plan.errors] == [
            (None, "alleaves-5", "partner_missing"),
            (99, None, "partner_missing"),
        ]
        assert plan.errors[1]["message"] == "Error processing Partner 99 (id 99): partner_missing"
        assert plan.counts["orders_in_error"] == 2

    def test_faults_outside_the_window_and_of_drafts_do_not_matter(self):
        old = order(2, currency="USD", company_total=None, ordered_at=AS_OF - timedelta(days=400))
        draft = order(3, ordered_at=None, is_counted=False)
        assert build([customer()], [order(1), old, draft]).errors == []

    def test_a_family_with_only_faulty_orders_is_not_deactivated(self):
        before = build([customer()], [order(1)])
        plan = after(before, days=300, orders=[order(1), order(2, ordered_at=None)])
        assert plan.frame.empty
        assert [error["code"] for error in plan.errors] == ["order_date_missing"]


class TestLimit:
    def orders(self) -> list[dict[str, Any]]:
        amounts = {"odoo-10": "50.00", "odoo-9": "50.00", "odoo-3": "70.00", "odoo-4": "20.00"}
        return [order(n, key, amount) for n, (key, amount) in enumerate(amounts.items())]

    def people(self) -> list[dict[str, Any]]:
        return [customer(f"odoo-{number}") for number in (3, 4, 9, 10)]

    @pytest.mark.parametrize(
        ("limit", "kept"), [(1, {"3"}), (2, {"3", "9"}), (3, {"3", "9", "10"}), (9, {"3", "4", "9", "10"})]
    )
    def test_the_highest_revenue_wins_then_the_smaller_id(self, limit, kept):
        plan = build(self.people(), self.orders(), max_customers=limit)
        assert set(rows_of(plan)) == {f"odoo-{number}" for number in kept}
        assert plan.counts["orders_outside_limit"] == 4 - len(kept)
        assert plan.is_limited

    def test_families_in_error_are_set_aside_first(self):
        orders = [*self.orders(), order(9, "odoo-3", ordered_at=None)]
        plan = build(self.people(), orders, max_customers=1)
        assert set(rows_of(plan)) == {"odoo-9"}
        assert (plan.counts["orders_in_error"], plan.counts["orders_outside_limit"]) == (2, 2)

    def test_a_limited_run_deactivates_nobody(self):
        before = build(self.people(), self.orders())
        plan = after(before, days=1, customers=self.people(), orders=self.orders()[:1], max_customers=5)
        assert set(rows_of(plan)) == {"odoo-10"}
        assert plan.counts["deactivated"] == 0


class TestLeavingTheWindow:
    @pytest.mark.parametrize(("days", "engagement", "health"), [(130, 57, 28), (180, 40, 20)])
    def test_the_row_stays_and_says_so(self, days, engagement, health):
        before = build(
            [customer()], [order(1, amount="500.00", ordered_at=AS_OF), order(2, ordered_at=AS_OF)], [line(1, 1)]
        )
        plan = after(before, days=days, orders=[])
        row, old = one(plan), one(before)
        assert row["is_active"] is False
        assert (row["total_orders"], row["total_revenue"], row["avg_order_value"]) == (0, 0, 0)
        assert (row["order_frequency_days"], row["top_products"], row["product_categories"]) == (None, "[]", "{}")
        assert (row["first_order_date"], row["last_order_date"]) == (old["first_order_date"], old["last_order_date"])
        assert row["days_since_last_order"] == days
        assert (row["churn_risk_score"], row["upsell_potential_score"]) == (100, 0)
        assert (row["engagement_score"], row["health_score"]) == (engagement, health)
        assert (plan.counts["deactivated"], plan.counts["skipped"]) == (1, 0)
        CUSTOMER_AVATARS.contract.validate(plan.frame)

    def test_it_is_deactivated_once_and_then_only_grows_older(self):
        first = after(build([customer()], [order(1)]), days=130, orders=[])
        second = after(first, days=131, orders=[])
        assert (first.counts["deactivated"], second.counts["deactivated"]) == (1, 0)
        assert one(second)["days_since_last_order"] == one(first)["days_since_last_order"] + 1

    def test_a_partial_run_deactivates_nobody_and_says_so(self):
        plan = after(build([customer()], [order(1)]), days=130, orders=[], is_partial=True)
        assert plan.frame.empty
        assert [warning["code"] for warning in plan.warnings] == ["input_partial"]

    @pytest.mark.parametrize("people", [[], [customer("odoo-5"), customer("odoo-1", "odoo-5")]])
    def test_a_root_that_was_deleted_or_gained_a_parent_leaves_too(self, people):
        before = build([customer(display_name="ACME Corp"), customer("odoo-2", "odoo-1")], [order(1)])
        row = one(after(before, days=1, customers=people, orders=[]))
        assert (row["is_active"], row["children_count"], row["child_customer_keys"]) == (False, 0, [])
        assert (row["name"], row["odoo_partner_id"]) == ("Cave 1" if people else "ACME Corp", 1)

    def test_its_orders_belong_to_the_new_root(self):
        before = build([customer()], [order(1)])
        people = [customer("odoo-5"), customer("odoo-1", "odoo-5")]
        rows = rows_of(after(before, days=1, customers=people, orders=[order(1, "odoo-5")]))
        assert (rows["odoo-5"]["total_orders"], rows["odoo-5"]["is_active"]) == (1, True)
        assert (rows["odoo-1"]["total_orders"], rows["odoo-1"]["is_active"]) == (0, False)

    @pytest.mark.parametrize("limit", [0, 1])
    def test_a_family_that_buys_again_is_active_again(self, limit):
        left = after(build([customer()], [order(1)]), days=130, orders=[])
        bought = order(2, ordered_at=AS_OF + timedelta(days=135))
        assert one(after(left, days=140, orders=[bought], max_customers=limit))["is_active"] is True

    def test_an_earlier_as_of_gives_no_negative_days(self):
        plan = after(build([customer()], [order(1)]), days=-60, orders=[])
        assert one(plan)["days_since_last_order"] == 0


def test_engagement_never_falls_with_a_newer_or_another_order():
    rng = np.random.default_rng(7)
    people, before, newer, more = [], [], [], []
    for number in range(1500):
        key = f"odoo-{number}"
        people.append(customer(key))
        ages = rng.integers(0, 400, rng.integers(1, 14)).tolist()
        orders = [
            order(
                number * 100 + n,
                key,
                Decimal(int(rng.integers(-50_000, 400_000))) / 100,
                ordered_at=AS_OF - timedelta(days=age),
            )
            for n, age in enumerate(ages)
        ]
        latest = max(orders, key=lambda o: o["ordered_at"])
        moved = {**latest, "ordered_at": latest["ordered_at"] + (AS_OF - latest["ordered_at"]) * float(rng.random())}
        before += orders
        newer += [moved if o is latest else o for o in orders]
        extra = order(number * 100 + 99, key, "12.50", ordered_at=AS_OF - timedelta(days=int(rng.integers(0, 400))))
        more += [*orders, extra]
    scores = [build(people, orders, months_back=0).frame["engagement_score"] for orders in (before, newer, more)]
    assert (scores[1] >= scores[0]).all()
    assert (scores[2] >= scores[0]).all()
