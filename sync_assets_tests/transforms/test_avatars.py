"""Customer avatars: families, which orders count, money and metrics."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pandas as pd
import pytest

from sync_assets.errors import ConfigurationError
from sync_assets.tables.marts import CUSTOMER_AVATARS
from sync_assets.transforms.avatars import window_start
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
