"""What a run and the stored avatars say about themselves: the result object, the summary, the lists for people.

Counting what a write did does not belong here; see `avatar_changes.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from sync_assets.tables.marts import CUSTOMER_AVATARS
from sync_assets.transforms.avatar_arrow import booleans, columns_of, integers
from sync_assets.transforms.avatar_plan import AvatarPlan, AvatarRules
from sync_assets.transforms.windows import as_utc, iso_utc

ACTION_COUNTS = ("created", "updated", "unchanged", "deactivated")
PLAN_COUNTS = ("orders_counted", "orders_in_error", "orders_outside_limit", "orders_in_future", "lines_unit_unknown")
UPSELL_FROM = 60
UPSELL_CHURN_BELOW = 50


def result_object(
    plan: AvatarPlan,
    counts: Mapping[str, int],
    *,
    dry_run: bool,
    started_at: datetime,
    finished_at: datetime,
    status: str | None = None,
    diff: list[dict[str, Any]] | None = None,
) -> dict[str, Any]:
    """The result of a run as plain JSON values; `counts`: created, updated, unchanged, deactivated.

    Without `status`, the plan decides: failed when no family could be processed, partial with errors or partial input.
    """
    errors = plan.errors
    if status is None and errors and plan.frame.empty:
        status = "failed"
        message = f"Fatal: none of the {len(errors)} families with orders could be processed; see the other errors"
        errors = [{"code": "no_family_processed", "message": message}, *errors]
    status = status or ("partial" if errors or plan.rules.is_partial else "ok")
    return _result(
        plan.rules,
        status=status,
        counts={**plan.counts, **counts},
        errors=errors,
        warnings=plan.warnings,
        dry_run=dry_run,
        started_at=started_at,
        finished_at=finished_at,
        diff=diff,
    )


def failed_result(
    rules: AvatarRules,
    *,
    code: str,
    message: str,
    dry_run: bool,
    started_at: datetime,
    finished_at: datetime,
    status: str = "failed",
) -> dict[str, Any]:
    """The result of a run that wrote nothing: it failed, or another one was already running."""
    text = f"Fatal: {message.removeprefix('Fatal: ')}" if status == "failed" else message
    return _result(
        rules,
        status=status,
        counts={},
        errors=[{"code": code, "message": text}],
        warnings=[],
        dry_run=dry_run,
        started_at=started_at,
        finished_at=finished_at,
        diff=None,
    )


def _result(
    rules: AvatarRules,
    *,
    status: str,
    counts: Mapping[str, int],
    errors: list[dict[str, Any]],
    warnings: list[dict[str, str]],
    dry_run: bool,
    started_at: datetime,
    finished_at: datetime,
    diff: list[dict[str, Any]] | None,
) -> dict[str, Any]:
    def count(name: str) -> int:
        return int(counts.get(name, 0))

    result: dict[str, Any] = {
        "success": status in ("ok", "partial"),
        "status": status,
        "dry_run": dry_run,
        "as_of": iso_utc(rules.as_of),
        "ruleset": rules.ruleset,
        "window_months": rules.months_back,
        "synced": count("created") + count("updated") + count("unchanged"),
        **{name: count(name) for name in ACTION_COUNTS},
        "skipped": count("skipped"),
        "errors": list(errors),
        "warnings": list(warnings),
        **{name: count(name) for name in PLAN_COUNTS},
        "duration_seconds": round((as_utc(finished_at) - as_utc(started_at)).total_seconds(), 1),
        "timestamp": iso_utc(finished_at),
    }
    if dry_run:
        result["diff"] = diff or []
    return result


def summarise(avatars: pd.DataFrame | pa.Table, *, high_churn_cutoff: int) -> dict[str, Any]:
    """total, active, average_health (active rows, one decimal), high_churn (active rows) and last_sync of stored rows."""
    names = ["is_active", "health_score", "churn_risk_score", "last_sync_odoo"]
    table = columns_of(avatars, CUSTOMER_AVATARS, names)
    active = table.filter(booleans(table["is_active"]))
    health, number = int(integers(active["health_score"]).sum()), active.num_rows
    last_sync = pc.max(table["last_sync_odoo"]).as_py()
    return {
        "total": table.num_rows,
        "active": number,
        # Tenths rounded half up on integers: a float mean may lie just below the half.
        "average_health": (20 * health + number) // (2 * number) / 10 if number else None,
        "high_churn": int((integers(active["churn_risk_score"]) >= high_churn_cutoff).sum()),
        "last_sync": iso_utc(last_sync) if last_sync is not None else None,
    }


def high_risk(avatars: pd.DataFrame, cutoff: int) -> pd.DataFrame:
    """Active avatars with a churn risk of at least `cutoff`: the highest risk first, then the highest revenue."""
    found = avatars[avatars["is_active"] & (avatars["churn_risk_score"] >= cutoff)]
    return _ranked(found, "churn_risk_score")


def upsell_opportunities(avatars: pd.DataFrame) -> pd.DataFrame:
    """Active avatars with a high upsell potential and no high churn risk: the highest potential first, then revenue."""
    is_ready = (avatars["upsell_potential_score"] >= UPSELL_FROM) & (avatars["churn_risk_score"] < UPSELL_CHURN_BELOW)
    return _ranked(avatars[avatars["is_active"] & is_ready], "upsell_potential_score")


def _ranked(avatars: pd.DataFrame, score: str) -> pd.DataFrame:
    by = [score, "total_revenue", "customer_key"]
    return avatars.sort_values(by, ascending=[False, False, True]).reset_index(drop=True)
