"""Customer avatars: families, which orders count, money, metrics, errors, limits and families that leave the window."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest

from sync_assets.errors import ConfigurationError
from sync_assets.tables.marts import CUSTOMER_AVATARS
from sync_assets.transforms.avatars import AvatarPlan, window_start
from sync_assets_tests.transforms.avatar_support import (
    AS_OF,
    NOW,
    ORG,
    build,
    customer,
    line,
    one,
    order,
    rows_of,
    rules,
)
from sync_assets_tests.transforms.test_scores import GOLDEN

SECOND = timedelta(seconds=1)


def after(
    plan: AvatarPlan, *, days: int, orders: list[dict[str, Any]], customers: Any = (), **values: Any
) -> AvatarPlan:
    """A later run over what `plan` stored."""
    people = [customer()] if customers == () else customers
    later = {"as_of": AS_OF + timedelta(days=days), "now": NOW + timedelta(days=days)}
    return build(people, orders, existing=plan.frame, **{**later, **values})


class TestWindow:
    @pytest.mark.parametrize(
        ("as_of", "months", "start"),
        [
            ("2026-06-30T12:00:00+00:00", 4, "2026-02-28T12:00:00+00:00"),
            ("2026-06-30T12:00:00", 4, "2026-02-28T12:00:00+00:00"),
            ("2024-06-30T12:00:00+00:00", 4, "2024-02-29T12:00:00+00:00"),
            ("2026-03-31T00:00:00+00:00", 1, "2026-02-28T00:00:00+00:00"),
            ("2026-01-15T08:30:00+00:00", 1, "2025-12-15T08:30:00+00:00"),
            ("2026-12-31T23:59:59+00:00", 12, "2025-12-31T23:59:59+00:00"),
            ("2026-01-31T00:00:00+00:00", 26, "2023-11-30T00:00:00+00:00"),
            ("2026-07-01T01:00:00+02:00", 4, "2026-02-28T23:00:00+00:00"),
        ],
    )
    def test_starts_whole_calendar_months_before(self, as_of, months, start):
        assert window_start(datetime.fromisoformat(as_of), months) == datetime.fromisoformat(start)

    def test_zero_months_and_months_before_all_time_have_no_lower_bound(self):
        assert window_start(AS_OF, 0) is None
        assert window_start(AS_OF, 100_000) is None

    def test_negative_months_are_a_configuration_error(self):
        with pytest.raises(ConfigurationError, match="months_back is -1"):
            window_start(AS_OF, -1)
        with pytest.raises(ConfigurationError, match="months_back is -1"):
            rules(months_back=-1)

    def test_its_first_and_last_second_count(self):
        start = datetime(2026, 2, 28, 12, tzinfo=UTC)
        moments = [start - SECOND, start, AS_OF, AS_OF + SECOND]
        plan = build([customer()], [order(n, ordered_at=at) for n, at in enumerate(moments)])
        row = one(plan)
        assert (row["total_orders"], row["first_order_date"], row["last_order_date"]) == (2, start, AS_OF)
        assert plan.counts["orders_counted"] == 2
        assert plan.counts["orders_in_future"] == 1

    def test_whole_history_counts_everything_before_as_of(self):
        old = order(1, ordered_at=datetime(1999, 1, 1, tzinfo=UTC))
        assert one(build([customer()], [old], months_back=0))["window_months"] == 0

    def test_as_of_without_offset_is_utc_and_another_offset_is_the_same_instant(self):
        plain = build([customer()], [order(1)], as_of=AS_OF.replace(tzinfo=None))
        paris = build([customer()], [order(1)], as_of=AS_OF.astimezone(timezone(timedelta(hours=2))))
        assert one(plain) == one(paris) == one(build([customer()], [order(1)]))


class TestRules:
    @pytest.mark.parametrize(
        "values", [{"max_customers": -1}, {"ruleset": "v9"}, {"revenue_basis": "net"}, {"root_policy": "nearest"}]
    )
    def test_senseless_values_are_configuration_errors(self, values):
        with pytest.raises(ConfigurationError):
            rules(**values)


class TestFamilies:
    def test_orders_of_all_members_are_one_avatar(self):
        people = [customer(), customer("odoo-10", "odoo-1"), customer("odoo-9", "odoo-1"), customer("odoo-2")]
        row = rows_of(build(people, [order(1), order(2), order(3, "odoo-2")]))["odoo-1"]
        assert row["total_orders"] == 2
        assert row["child_customer_keys"] == ["odoo-9", "odoo-10"]
        assert row["children_count"] == 2

    def test_an_order_that_still_names_a_child_belongs_to_its_root(self):
        people = [customer(), customer("odoo-2", "odoo-1")]
        assert one(build(people, [order(1), order(2, "odoo-2")]))["total_orders"] == 2

    def test_children_are_sorted_by_number_then_text(self):
        people = [
            customer("isavigne-1"),
            *(customer(f"isavigne-{i}", "isavigne-1") for i in ("C2", "10", "C10", "007", "9")),
        ]
        row = one(build(people, [order(1, "isavigne-1")]))
        assert row["child_customer_keys"] == [f"isavigne-{i}" for i in ("007", "9", "10", "C10", "C2")]

    def test_other_sources_are_families_of_one_without_partner_id(self):
        row = one(build([customer("alleaves-7")], [order(1, "alleaves-7")]))
        assert (row["odoo_partner_id"], row["children_count"], row["child_customer_keys"]) == (None, 0, [])

    def test_rows_come_by_source_and_number(self):
        keys = ["odoo-10", "odoo-9", "alleaves-11"]
        plan = build([customer(key) for key in keys], [order(n, key) for n, key in enumerate(keys)])
        assert plan.frame["customer_key"].tolist() == ["alleaves-11", "odoo-9", "odoo-10"]

    def test_the_root_gives_names_and_contacts(self):
        root = customer(
            display_name="ACME Corp", email="buy@acme.example", phone="+33100000000", city="Lyon", salesperson_id=5,
            salesperson_name="Ada Vine",
        )  # fmt: skip
        row = one(build([root, customer("odoo-2", "odoo-1", city="Nice", salesperson_id=6)], [order(1)]))
        assert (row["odoo_partner_id"], row["name"], row["email"]) == (1, "ACME Corp", "buy@acme.example")
        assert (row["phone"], row["city"]) == ("+33100000000", "Lyon")
        assert (row["assigned_salesperson_id"], row["assigned_salesperson_name"]) == (5, "Ada Vine")

    @pytest.mark.parametrize("name", ["", "  ", "odoo-1"])
    def test_an_empty_name_becomes_partner_and_id_and_other_empty_texts_null(self, name):
        row = one(build([customer(display_name=name, email="", phone=" ", city="")], [order(1)]))
        assert row["name"] == "Partner 1"
        assert (row["email"], row["phone"], row["city"]) == (None, None, None)

    def test_drafts_and_anonymous_orders_belong_to_no_avatar(self):
        plan = build([customer()], [order(1), order(2, is_counted=False), order(3, None)])
        assert one(plan)["total_orders"] == 1
        assert (plan.counts["orders_counted"], plan.counts["orders_anonymous"]) == (1, 1)
        assert [warning["code"] for warning in plan.warnings] == ["orders_anonymous"]

    def test_families_without_orders_and_without_avatar_are_skipped(self):
        plan = build([customer(), customer("odoo-2"), customer("odoo-3", "odoo-2")], [order(1)])
        assert plan.counts["skipped"] == 1


class TestMetrics:
    def test_sums_and_averages_are_exact_and_rounded_half_away_from_zero(self):
        row = one(build([customer()], [order(1, amount="0.10"), order(2, amount="0.20"), order(3, amount="-0.35")]))
        assert (row["total_revenue"], row["avg_order_value"]) == (Decimal("-0.05"), Decimal("-0.02"))
        row = one(build([customer()], [order(1, amount="40.00"), order(2, amount="59.99")]))
        assert (row["total_revenue"], row["avg_order_value"]) == (Decimal("99.99"), Decimal("50.00"))
        row = one(build([customer()], [order(1, amount="-0.03"), order(2, amount="-0.02")]))
        assert row["avg_order_value"] == Decimal("-0.03")

    def test_amounts_with_more_digits_than_a_float_stay_exact(self):
        big = "9007199254740993.01"
        row = one(build([customer()], [order(1, amount=big), order(2, amount="0.01")]))
        assert row["total_revenue"] == Decimal("9007199254740993.02")

    def test_orders_of_nothing_and_returns_count(self):
        row = one(build([customer()], [order(1, amount="0.00"), order(2, amount="-5.00")]))
        assert (row["total_orders"], row["total_revenue"]) == (2, Decimal("-5.00"))

    def test_the_basis_chooses_the_amount(self):
        orders = [order(1, amount="120.00", company_total_untaxed=Decimal("100.00"))]
        assert one(build([customer()], orders))["total_revenue"] == Decimal("120.00")
        row = one(build([customer()], orders, revenue_basis="untaxed"))
        assert (row["total_revenue"], row["revenue_basis"]) == (Decimal("100.00"), "untaxed")

    @pytest.mark.parametrize(
        ("ages_in_seconds", "frequency", "days"),
        [
            ([0], None, 0),
            ([86_399], None, 0),
            ([86_400], None, 1),
            ([0, 0], 0, 0),
            ([0, 86_399], 0, 0),
            ([0, 86_400, 3 * 86_400], 1, 0),
            ([86_400, 10 * 86_400], 9, 1),
            ([0, 5 * 86_400, 10 * 86_400 - 1], 4, 0),
        ],
    )
    def test_days_and_frequency_are_whole_days(self, ages_in_seconds, frequency, days):
        orders = [order(n, ordered_at=AS_OF - age * SECOND) for n, age in enumerate(ages_in_seconds)]
        row = one(build([customer()], orders))
        assert (row["order_frequency_days"], row["days_since_last_order"]) == (frequency, days)

    @pytest.mark.parametrize(
        ("days", "frequency", "orders", "revenue", "churn", "engagement", "health", "upsell"),
        [vector for vector in GOLDEN if vector[2] > 0],
    )
    def test_golden_vectors_from_orders(self, days, frequency, orders, revenue, churn, engagement, health, upsell):
        last = AS_OF - timedelta(days=days)
        first = last - timedelta(days=(frequency or 0) * (orders - 1))
        dates = [last, first, *[last] * (orders - 2)][:orders]
        amounts = [revenue, *["0.00"] * (orders - 1)]
        rows = [order(n, amount=amounts[n], ordered_at=dates[n]) for n in range(orders)]
        row = one(build([customer()], rows, months_back=0))
        assert row["order_frequency_days"] == frequency
        scores = [row[f"{name}_score"] for name in ("churn_risk", "engagement", "health", "upsell_potential")]
        assert scores == [churn, engagement, health, upsell]

    def test_how_the_row_was_computed_is_in_it(self):
        row = one(build([customer()], [order(1)], months_back=6, root_policy="commercial"))
        assert (row["org_id"], row["currency"], row["is_active"]) == (ORG, "EUR", True)
        assert (row["ruleset"], row["root_policy"], row["revenue_basis"]) == ("maestro_v2", "commercial", "taxed")
        assert (row["as_of"], row["window_months"]) == (AS_OF, 6)
        assert row["created_at"] == row["updated_at"] == row["last_sync_odoo"] == NOW

    def test_the_frame_fits_its_contract_also_when_empty(self):
        for plan in (
            build([customer(), customer("odoo-2")], [order(1), order(2, "odoo-2")], [line(1, 1)]),
            build([], []),
        ):
            CUSTOMER_AVATARS.contract.validate(plan.frame)
            assert tuple(plan.frame.columns) == CUSTOMER_AVATARS.frame_columns
            assert all(isinstance(kind, pd.ArrowDtype) for kind in plan.frame.dtypes)

    def test_only_the_columns_needed_are_read(self):
        few = {
            name: order(1)[name] for name in ("order_key", "customer_key", "ordered_at", "is_counted", "company_total")
        }
        frame = pd.DataFrame([{**few, "currency": "EUR", "company_currency": "EUR", "currency_rate": None}])
        full = build([customer()], [order(1)])
        from sync_assets.tables.canonical import CUSTOMERS, PRODUCT_CATALOG, SALES_LINES
        from sync_assets.transforms.avatars import build_avatars

        frames = [CUSTOMERS.frame([customer()]), frame, SALES_LINES.empty(), PRODUCT_CATALOG.empty()]
        plan = build_avatars(*frames, CUSTOMER_AVATARS.empty()[["customer_key"]], rules(), now=NOW)
        assert one(plan) == one(full)


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
