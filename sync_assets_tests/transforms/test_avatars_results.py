"""What a run reports: actions and differences, the result object, the summary and the lists."""

from __future__ import annotations

import json
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest

from sync_assets.tables.marts import CUSTOMER_AVATARS
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
    STORED,
    avatars,
    build,
    customer,
    line,
    order,
    product,
    rules,
)

FIELDS = [
    "success",
    "status",
    "dry_run",
    "as_of",
    "ruleset",
    "window_months",
    "synced",
    "created",
    "updated",
    "unchanged",
    "deactivated",
    "skipped",
    "errors",
    "warnings",
    "orders_counted",
    "orders_in_error",
    "orders_outside_limit",
    "orders_in_future",
    "lines_unit_unknown",
    "duration_seconds",
    "timestamp",
]
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
        spaced = CUSTOMER_AVATARS.frame(
            plan.frame.assign(top_products=plan.frame["top_products"].str.replace(":", ": "))
        )
        assert compare(plan, spaced).counts["unchanged"] == 1
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


def test_products_of_the_same_name_do_not_disturb_the_comparison():
    products = [product("A", 1, name="Wine"), product("B", 2, name="Wine")]
    plan = build([customer()], [order(1)], [line(1, 1, "A"), line(2, 1, "B")], products)
    assert compare(plan, stored(plan.frame)).counts["unchanged"] == 1
