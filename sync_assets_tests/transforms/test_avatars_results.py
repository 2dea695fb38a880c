"""What a run reports: actions and differences, the result object, the summary, the lists and the invariants."""

from __future__ import annotations

import json
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest

from sync_assets.tables.canonical import CUSTOMERS, SALES_ORDERS
from sync_assets.tables.marts import CUSTOMER_AVATARS
from sync_assets.transforms import avatar_checks as checks
from sync_assets.transforms.avatar_changes import action_counts, compare
from sync_assets.transforms.avatar_results import (
    failed_result,
    high_risk,
    result_object,
    summarise,
    upsell_opportunities,
)
from sync_assets_tests.transforms.avatar_support import (
    AS_OF,
    NOW,
    build,
    customer,
    frame_of,
    line,
    order,
    product,
    rules,
)

FIELDS = """success status dry_run as_of ruleset window_months synced created updated unchanged deactivated skipped errors
warnings orders_counted orders_in_error orders_outside_limit orders_in_future lines_unit_unknown duration_seconds
timestamp""".split()
TIMES = {"started_at": NOW, "finished_at": NOW + timedelta(seconds=2.345)}


def as_jsonb(text: str) -> str:
    """JSON as PostgreSQL gives it back: other spacing, other order of keys."""
    return json.dumps(json.loads(text), sort_keys=True, indent=1)


def stored(frame: pd.DataFrame, **changes: Any) -> pd.DataFrame:
    """`frame` as read from the warehouse, with changed values."""
    rows = frame.copy()
    for name in ("top_products", "product_categories"):
        rows[name] = rows[name].map(as_jsonb).astype(pd.ArrowDtype(pa.string()))
    for name, value in changes.items():
        rows[name] = [value] * len(rows)
    return CUSTOMER_AVATARS.frame(rows).assign(id=1)


def two_families() -> Any:
    return build([customer(email="a@b.example"), customer("odoo-2")], [order(1), order(2, "odoo-2")], [line(1, 1)])


class TestCompare:
    def test_everything_is_created_on_an_empty_table(self):
        comparison = compare(two_families(), CUSTOMER_AVATARS.empty())
        assert comparison.counts == {"created": 2, "updated": 0, "unchanged": 0, "deactivated": 0}
        assert comparison.actions.to_dict("list") == {"customer_key": ["odoo-1", "odoo-2"], "action": ["created"] * 2}
        changes = comparison.diff[0]["changes"]
        assert changes["total_revenue"] == [None, "100.00"]
        assert changes["top_products"][1][0]["name"] == "Wine RED"
        assert changes["last_order_date"] == [None, "2026-06-29T12:00:00Z"]
        assert "city" not in changes

    def test_the_same_rows_are_unchanged_whatever_the_spelling_of_json(self):
        plan = two_families()
        comparison = compare(
            plan, stored(plan.frame, as_of=AS_OF - timedelta(days=1), updated_at=NOW, last_sync_odoo=NOW)
        )
        assert comparison.counts == {"created": 0, "updated": 0, "unchanged": 2, "deactivated": 0}
        assert [entry["changes"] for entry in comparison.diff] == [{}, {}]

    @pytest.mark.parametrize(
        ("column", "old", "shown"),
        [
            ("total_revenue", Decimal("99.99"), ["99.99", "100.00"]),
            ("order_frequency_days", 3, [3, None]),
            ("child_customer_keys", ["odoo-7"], [["odoo-7"], []]),
            ("is_active", False, [False, True]),
            ("email", "old@b.example", ["(hidden)", "(hidden)"]),
            ("top_products", '[{"product_id":1}]', None),
        ],
    )
    def test_a_different_column_is_an_update(self, column, old, shown):
        plan = build([customer(email="a@b.example")], [order(1)], [line(1, 1)])
        comparison = compare(plan, stored(plan.frame, **{column: old}))
        assert comparison.counts["updated"] == 1
        (entry,) = comparison.diff
        assert list(entry["changes"]) == [column]
        assert shown is None or entry["changes"][column] == shown
        assert (entry["partner_id"], entry["name"], entry["action"]) == (1, "Cave 1", "updated")

    def test_families_that_leave_are_deactivated_and_errors_come_first(self):
        before = two_families()
        plan = build([customer(), customer("odoo-2")], [order(1, ordered_at=None)], existing=before.frame)
        comparison = compare(plan, before.frame)
        assert comparison.counts["deactivated"] == plan.counts["deactivated"] == 1
        assert [(entry["partner_id"], entry["action"]) for entry in comparison.diff] == [
            (1, "error"),
            (2, "deactivated"),
        ]
        assert comparison.diff[1]["changes"]["is_active"] == [True, False]
        assert action_counts(plan, inserted=0, updated=1, unchanged=0) == comparison.counts

    def test_other_sources_are_named_by_key_and_the_list_is_json(self):
        plan = build([customer("alleaves-7")], [order(1, "alleaves-7")])
        (entry,) = json.loads(json.dumps(compare(plan, CUSTOMER_AVATARS.empty()).diff))
        assert entry["customer_key"] == "alleaves-7"
        assert "partner_id" not in entry

    def test_a_change_of_a_cent_beyond_float_precision_is_seen(self):
        plan = build([customer()], [order(1)], [line(1, 1, amount="9007199254740993.01")])
        other = plan.frame["top_products"].str.replace("993.01", "993.02").iloc[0]
        assert compare(plan, stored(plan.frame)).counts["unchanged"] == 1
        frame = CUSTOMER_AVATARS.frame(plan.frame.assign(top_products=[other]))
        assert compare(plan, frame).counts["updated"] == 1


class TestResult:
    def test_it_has_exactly_the_fields_of_the_specification(self):
        plan = two_families()
        counts = {"created": 1, "updated": 2, "unchanged": 3, "deactivated": 4}
        result = result_object(plan, counts, dry_run=False, **TIMES)
        assert list(result) == FIELDS
        assert (result["success"], result["status"], result["synced"], result["deactivated"]) == (True, "ok", 6, 4)
        assert (result["as_of"], result["timestamp"]) == ("2026-06-30T12:00:00Z", "2026-06-30T12:00:07.345000Z")
        assert (result["duration_seconds"], result["orders_counted"], result["window_months"]) == (2.3, 2, 4)
        assert json.loads(json.dumps(result)) == result

    def test_a_dry_run_adds_the_differences(self):
        comparison = compare(two_families(), CUSTOMER_AVATARS.empty())
        result = result_object(comparison.plan, comparison.counts, dry_run=True, diff=comparison.diff, **TIMES)
        assert list(result) == [*FIELDS, "diff"]
        assert len(result["diff"]) == 2

    def test_an_error_beside_good_families_is_partial(self):
        plan = build([customer()], [order(1), order(2, "odoo-99")])
        result = result_object(plan, {"created": 1}, dry_run=False, **TIMES)
        assert (result["success"], result["status"], result["orders_in_error"]) == (True, "partial", 1)

    def test_partial_input_is_partial(self):
        plan = build([customer()], [order(1)], is_partial=True)
        assert result_object(plan, {}, dry_run=False, **TIMES)["status"] == "partial"

    def test_no_good_family_is_fatal(self):
        result = result_object(build([], [order(2, "odoo-99")]), {}, dry_run=False, **TIMES)
        assert (result["success"], result["status"]) == (False, "failed")
        assert result["errors"][0]["message"].startswith("Fatal: none of the 1 families")
        assert len(result["errors"]) == 2

    def test_nothing_to_do_is_fine(self):
        assert result_object(build([customer()], []), {}, dry_run=False, **TIMES)["status"] == "ok"

    def test_a_run_that_could_not_start_has_the_same_fields(self):
        result = failed_result(rules(), code="warehouse_down", message="no answer", dry_run=False, **TIMES)
        assert list(result) == FIELDS
        assert (result["success"], result["status"]) == (False, "failed")
        assert result["errors"] == [{"code": "warehouse_down", "message": "Fatal: no answer"}]
        held = failed_result(
            rules(), code="already_running", message="since 12:00", status="already_running", dry_run=False, **TIMES
        )
        assert (held["status"], held["errors"][0]["message"]) == ("already_running", "since 12:00")


def avatars(*rows: tuple[str, bool, int, int, int, int]) -> pd.DataFrame:
    names = ("customer_key", "is_active", "churn_risk_score", "upsell_potential_score", "health_score", "total_revenue")
    frame = CUSTOMER_AVATARS.frame([dict(zip(names, row, strict=True)) for row in rows])
    last = pd.Series([NOW] * len(frame), dtype=frame["last_sync_odoo"].dtype)
    return frame.assign(last_sync_odoo=last, engagement_score=frame["health_score"])


STORED = avatars(
    ("odoo-1", True, 70, 60, 50, 100),
    ("odoo-2", True, 69, 80, 51, 900),
    ("odoo-3", True, 100, 10, 50, 50),
    ("odoo-4", False, 100, 99, 0, 0),
    ("odoo-5", True, 49, 60, 50, 10),
    ("odoo-6", True, 49, 60, 50, 20),
    ("odoo-7", True, 50, 90, 50, 20),
    ("odoo-8", True, 20, 59, 51, 20),
)


class TestSummary:
    def test_counts_only_active_rows_for_scores(self):
        assert summarise(STORED, high_churn_cutoff=70) == {
            "total": 8,
            "active": 7,
            "average_health": 50.3,
            "high_churn": 2,
            "last_sync": "2026-06-30T12:00:05Z",
        }
        assert summarise(STORED, high_churn_cutoff=69)["high_churn"] == 3

    def test_the_average_is_rounded_half_up(self):
        rows = [(f"odoo-{n}", True, 0, 0, 50 if n else 51, 0) for n in range(20)]
        assert summarise(avatars(*rows), high_churn_cutoff=70)["average_health"] == 50.1

    def test_an_empty_table_has_no_average(self):
        summary = summarise(CUSTOMER_AVATARS.empty(), high_churn_cutoff=70)
        assert summary == {"total": 0, "active": 0, "average_health": None, "high_churn": 0, "last_sync": None}

    def test_lists_use_the_same_limits(self):
        assert high_risk(STORED, 70)["customer_key"].tolist() == ["odoo-3", "odoo-1"]
        assert upsell_opportunities(STORED)["customer_key"].tolist() == ["odoo-6", "odoo-5"]
        assert high_risk(CUSTOMER_AVATARS.empty(), 70).empty


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
        before = two_families()
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
        plan = two_families()
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


def test_products_of_the_same_name_do_not_disturb_the_comparison():
    products = [product("A", 1, name="Wine"), product("B", 2, name="Wine")]
    plan = build([customer()], [order(1)], [line(1, 1, "A"), line(2, 1, "B")], products)
    assert compare(plan, stored(plan.frame)).counts["unchanged"] == 1
