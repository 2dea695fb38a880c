"""One push run: plan, record, push, record; and the errors and figures it ends with.

How items are pushed does not belong here; see `engine.py`.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sync_assets.clock import utc_now
from sync_assets.connections import Org, secret_value
from sync_assets.errors import ConfigurationError
from sync_assets.push.engine import Engine, Tally
from sync_assets.push.planning import TARGET, Plan, connections_of, plan_push
from sync_assets.push.states import Pace, Trigger
from sync_assets.targets.vendor_api import Verdict
from sync_assets.warehouse import Warehouse, push, push_runs

Row = dict[str, Any]
BOOKED = ("trigger_type", "initiated_by")


@dataclass(frozen=True)
class Planned:
    """A run whose plan is recorded; `keys` are the items it may push, None all; `reason` says why it sends nothing."""

    run_id: str
    trigger: Trigger | None
    plan: Plan
    keys: tuple[str, ...] | None = None
    reason: str | None = None
    is_dry_run: bool = False


def run_push(
    warehouse: Warehouse,
    org: Org,
    trigger: Trigger | None,
    *,
    pace: Pace | None = None,
    now: Callable[[], datetime] = utc_now,
    **options: Any,
) -> Row:
    """Plans with the options of `plan_run`, pushes, and returns the run's result; raises what the two raise."""
    return push_planned(warehouse, org, plan_run(warehouse, org, trigger, now=now, **options), pace=pace, now=now)


def plan_run(
    warehouse: Warehouse,
    org: Org,
    trigger: Trigger | None,
    *,
    run_id: str | None = None,
    skus: Sequence[str] | None = None,
    is_dry_run: bool = False,
    is_confirmed: bool = False,
    allow_mass_zero: bool = False,
    now: Callable[[], datetime] = utc_now,
) -> Planned:
    """What the run will push; without a trigger only what waits already.

    Raises GuardTripped, ConfigurationError and SourceUnavailable; what waits goes on waiting.
    """
    _, vendor = connections_of(org)
    run_id = run_id or uuid.uuid4().hex
    if not vendor.enabled:
        return Planned(run_id, trigger, Plan(), reason="target_disabled")
    secret_value(vendor.api_token, org=org.org_id)
    if trigger is None:
        return Planned(run_id, trigger, Plan(), is_dry_run=is_dry_run)
    plan = plan_push(
        warehouse,
        org,
        trigger,
        skus=skus,
        is_dry_run=is_dry_run,
        is_confirmed=is_confirmed,
        allow_mass_zero=allow_mass_zero,
        now=now,
    )
    return Planned(run_id, trigger, plan, None if skus is None else tuple(plan.actions), is_dry_run=is_dry_run)


def push_planned(
    warehouse: Warehouse,
    org: Org,
    planned: Planned,
    *,
    pace: Pace | None = None,
    now: Callable[[], datetime] = utc_now,
) -> Row:
    """Pushes what is due and returns the run's result. Raises ConfigurationError for fatal answers."""
    plan, run_id, trigger = planned.plan, planned.run_id, planned.trigger or Trigger("OTHER", "waiting items")
    if planned.reason:
        return result_of(plan, Tally(), left=0, seconds=0.0, run_id=run_id, reason=planned.reason)
    if planned.is_dry_run:
        return {**result_of(plan, Tally(), left=len(plan.to_send), seconds=0.0, run_id=run_id), "plan": plan.actions}
    begun, started_at = time.monotonic(), now()
    book = {
        "org_id": org.org_id,
        "run_id": run_id,
        "target": TARGET,
        **{name: value for name, value in trigger.columns.items() if name in BOOKED},
        "state": "active",
        "plan": plan.counts,
        "total": push.waiting(warehouse, org.org_id, TARGET, planned.keys)["left"],
        "started_at": started_at,
    }
    with push_runs.working(warehouse, run_id):
        push_runs.save_run(warehouse, book)
        engine = Engine(warehouse, org, run_id=run_id, pace=pace, keys=planned.keys, now=now)
        state, result = "failed", None
        try:
            engine.work()
            left = push.waiting(warehouse, org.org_id, TARGET, planned.keys)["left"]
            result = result_of(plan, engine.tally, left=left, seconds=time.monotonic() - begun, run_id=run_id)
            if engine.fatal is None:
                state = "incomplete" if left else "completed"
        finally:
            push_runs.save_run(warehouse, {**book, "state": state, "result": result, "finished_at": now()})
    if engine.fatal is not None:
        raise fatal_error(org.org_id, engine.fatal)
    return {**result, "state": state}


def result_of(plan: Plan, tally: Tally, *, left: int, seconds: float, run_id: str, reason: str | None = None) -> Row:
    """The result object of a run; `reason` says why nothing was tried."""
    skips = [
        {"push_key": skip.sku, "status": "skipped", "action": None, "code": skip.code, "variant_ids": skip.variant_ids}
        for skip in plan.skipped
    ]
    return {
        "run_id": run_id,
        "totalProducts": plan.products,
        "totalVariants": plan.variants,
        "succeeded": tally.succeeded,
        "failed": tally.failed,
        "skipped": len(plan.skipped),
        "skip_reason": reason,
        "unchanged": plan.counts["unchanged"],
        "left": left,
        "calls": tally.calls,
        "duration_seconds": round(seconds, 3),
        "problems": tally.problems,
        "details": [*tally.details, *skips],
    }


def fatal_error(org: str, verdict: Verdict) -> ConfigurationError:
    """What a run raises that met an error which stops the whole target."""
    return ConfigurationError(f"{org}: the vendor API cannot be used: {verdict.message}", code=verdict.code)
