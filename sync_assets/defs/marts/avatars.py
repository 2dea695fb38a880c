"""marts.customer_avatars: one row per customer family, built from the canonical tables alone."""

from collections.abc import Iterator
from typing import Any

import dagster as dg
import pandas as pd

from sync_assets.ahead import one_ahead
from sync_assets.clock import utc_now
from sync_assets.defs.describe import asset_key, check_result, check_spec, described, picture, receipt
from sync_assets.defs.resources import SyncSession
from sync_assets.defs.run_book import Step
from sync_assets.errors import SourceDataError
from sync_assets.tables.canonical import CUSTOMERS, PRODUCT_CATALOG, SALES_LINES, SALES_ORDERS
from sync_assets.tables.marts import CUSTOMER_AVATARS
from sync_assets.transforms import avatar_checks as checks
from sync_assets.transforms import pictures
from sync_assets.transforms.avatar_changes import action_counts, compare
from sync_assets.transforms.avatar_plan import AvatarPlan, AvatarRules
from sync_assets.transforms.avatar_results import result_object, summarise
from sync_assets.transforms.avatars import CUSTOMER_COLUMNS, STORED_COLUMNS, build_avatars
from sync_assets.warehouse import Changes

DIFF_SHOWN = 50
ORDER_COLUMNS = (
    "order_key",
    "customer_key",
    "ordered_at",
    "is_counted",
    "company_total",
    "company_total_untaxed",
    "currency",
    "currency_rate",
    "company_currency",
)
PRODUCT_COLUMNS = (
    "product_key",
    "source",
    "source_id",
    "name",
    "default_code",
    "source_category_id",
    "source_category",
)
EXISTING_COLUMNS = (*STORED_COLUMNS, "total_revenue")
COLUMNS_CHECKED = tuple(column.name for column in CUSTOMER_AVATARS.columns if column.kind != "json")
CHECKS = {
    "one_root_per_order": "Every counted order maps to exactly one root.",
    "no_order_lost": "Counted orders = orders of the rows written + orders in error + orders outside the limit.",
    "revenue_matches": "Revenue of the rows written = sum of their counted orders, to the cent.",
    "scores_in_range": "The four scores are within 0 and 100.",
    "one_avatar_per_family": "The root of every active avatar's partner is that partner itself.",
    "errors_empty": "No family is in error.",
    "revenue_drift": "Revenue per active avatar did not halve or double since the last run.",
}


def avatar_rules(step: Step) -> AvatarRules:
    options, settings = step.session, step.org.avatars
    return AvatarRules(
        as_of=options.as_of_moment(step.started_at),
        months_back=settings.months_back if options.months_back is None else options.months_back,
        max_customers=options.max_customers,
        revenue_basis=settings.revenue_basis,
        root_policy=settings.root_policy,
        high_churn_cutoff=settings.high_churn_cutoff,
        is_partial=step.is_partial(),
        default_currency=step.org.currency,
        org_id=step.org.org_id,
    )


def lines_in_window(step: Step, rules: AvatarRules) -> Iterator[Any]:
    columns = ("order_id", "product_key", "quantity_units", "quantity_product_units", rules.line_amount)
    where = [("date_sale", ">=", rules.start)] if rules.start else []
    return one_ahead(step.warehouse.read_blocks(SALES_LINES, step.org.org_id, columns, where))


@dg.asset(
    **described(
        CUSTOMER_AVATARS,
        kinds={"pandas"},
        checks=[check_spec(CUSTOMER_AVATARS, name, what) for name, what in CHECKS.items()],
    ),
    deps=[asset_key(table) for table in (CUSTOMERS, SALES_ORDERS, SALES_LINES, PRODUCT_CATALOG)],
)
def customer_avatars(context: dg.AssetExecutionContext, sync: SyncSession) -> dg.MaterializeResult:
    with sync.step(context) as step:
        org_id, rules = step.org.org_id, avatar_rules(step)
        customers = step.warehouse.read(CUSTOMERS, org_id, CUSTOMER_COLUMNS)
        orders = step.warehouse.read(SALES_ORDERS, org_id, ORDER_COLUMNS)
        products = step.warehouse.read(PRODUCT_CATALOG, org_id, PRODUCT_COLUMNS)
        # Whole rows are needed only to show their differences; the JSON columns alone are larger than all the rest.
        existing = step.warehouse.read(CUSTOMER_AVATARS, org_id, None if sync.dry_run else EXISTING_COLUMNS)
        plan = build_avatars(
            customers, orders, lines_in_window(step, rules), products, existing, rules, now=step.started_at
        )
        diff = compare(plan, existing).diff if sync.dry_run else None
        changes = step.warehouse.merge(CUSTOMER_AVATARS, plan.frame, org_id)
        counts = action_counts(plan, inserted=changes.inserted, updated=changes.updated, unchanged=changes.unchanged)
        result = result_object(
            plan, counts, dry_run=sync.dry_run, started_at=step.started_at, finished_at=utc_now(), diff=diff
        )
        step.book.result = result
        step.book.warnings += [{"step": step.name, **warning} for warning in result["warnings"]]
        if not result["success"]:
            raise SourceDataError(result["errors"][0]["message"], code=result["errors"][0]["code"])
        for error in result["errors"]:
            context.log.warning(error["code"])
        return _receipt(step, plan, changes, counts, customers, orders, existing)


def _receipt(
    step: Step,
    plan: AvatarPlan,
    changes: Changes,
    counts: dict[str, int],
    customers: pd.DataFrame,
    orders: pd.DataFrame,
    existing: pd.DataFrame,
) -> dg.MaterializeResult:
    result = step.book.result or {}
    stored = step.warehouse.read(CUSTOMER_AVATARS, step.org.org_id, COLUMNS_CHECKED)
    summary = summarise(stored, high_churn_cutoff=plan.rules.high_churn_cutoff)
    told = {name: value for name, value in result.items() if isinstance(value, int | float | str)}
    entries = [
        {key: value for key, value in entry.items() if key != "name"} for entry in result.get("diff", [])[:DIFF_SHOWN]
    ]
    return receipt(
        step,
        CUSTOMER_AVATARS,
        changes,
        checks=[
            *_invariants(plan, stored, customers, orders),
            _check_drift(stored, existing),
        ],
        preview=stored,
        more={
            "scores": picture(pictures.score_histograms(stored)),
            "health": picture(pictures.health_histogram(stored)),
            "actions": picture(pictures.action_bars(counts)),
            **{f"summary_{name}": value for name, value in summary.items() if value is not None},
            **{f"avatars_{name}": count for name, count in counts.items()},
            **{name: value for name, value in told.items() if name not in ("dry_run", "unchanged", "updated")},
            **({"diff": dg.MetadataValue.json(entries)} if entries else {}),
            "dagster/partition_row_count": len(stored),
        },
    )


def _invariants(
    plan: AvatarPlan, stored: pd.DataFrame, customers: pd.DataFrame, orders: pd.DataFrame
) -> list[dg.AssetCheckResult]:
    answers = {
        "one_root_per_order": checks.check_one_root_per_order(orders, customers, plan.rules),
        "no_order_lost": checks.check_no_order_lost(plan),
        "revenue_matches": checks.check_revenue_matches(plan, orders, customers),
        "scores_in_range": checks.check_scores_in_range(stored),
        "one_avatar_per_family": checks.check_one_avatar_per_family(stored, customers),
        "errors_empty": checks.check_errors_empty(plan),
    }
    return [
        check_result(name, passed, details, warn=name == "errors_empty") for name, (passed, details) in answers.items()
    ]


def _check_drift(stored: pd.DataFrame, existing: pd.DataFrame) -> dg.AssetCheckResult:
    mean, before = (_mean_revenue(frame) for frame in (stored, existing))
    passed = not before or before / 2 <= mean <= before * 2
    return check_result("revenue_drift", passed, {"revenue_per_avatar": mean, "before": before}, warn=True)


def _mean_revenue(avatars: pd.DataFrame) -> float:
    active = avatars[avatars["is_active"]]
    return round(float(active["total_revenue"].sum()) / len(active), 2) if len(active) else 0.0
