"""ops.push_state and ops.odoo_sync_log: the plan of a push and what became of it, in one step of one run.

A push takes no lock of the organisation's syncs: it must not wait for them, and its states have leases of their own.
When it runs is in `sensors.py` and `schedules.py`.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import dagster as dg
from pydantic import Field

from sync_assets.clock import utc_now
from sync_assets.connections import Org, load_connections
from sync_assets.defs.describe import (
    asset_key,
    check_result,
    check_spec,
    column_schema,
    described,
    described_together,
    picture,
    plain,
)
from sync_assets.display import text_of
from sync_assets.errors import SyncError
from sync_assets.push import TARGET, Planned, Trigger, open_alerts, plan_run, push_planned
from sync_assets.settings import get_settings
from sync_assets.tables.push import ODOO_SYNC_LOG, ODOO_SYNC_LOG_ARCHIVE, PUSH_STATE
from sync_assets.tables.spec import Table
from sync_assets.transforms.pictures_push import push_outcomes
from sync_assets.warehouse import Warehouse, push_log, queries
from sync_assets.warehouse.embedded import database_url
from sync_assets.warehouse.migrate import check_migrated

SHOWN = 50
PICTURE_DAYS = 30
COUNTED = ("succeeded", "failed", "skipped", "unchanged", "left", "calls")


class PushConfig(dg.Config):
    """Why the stock is pushed, and what is accepted."""

    trigger: str = Field(
        default="", description="Such as MANUAL_FULL: plans anew; empty = push only what already waits"
    )
    reason: str = Field(default="", description="Words for the log")
    skus: list[str] = Field(default=[], description="Only these SKUs; empty = all")
    dry_run: bool = Field(default=False, description="Show the plan and send nothing")
    confirmed: bool = Field(default=False, description="Send a plan with more items than max_plan")
    allow_mass_zero: bool = Field(default=False, description="Accept that most of the stock becomes 0")
    force: bool = Field(default=False, description="Send unchanged items too")


@contextmanager
def opened(org_id: str) -> Iterator[tuple[Warehouse, Org]]:
    """The warehouse and the organisation; an expected failure is one line and is not tried again."""
    try:
        org = load_connections(get_settings().sync_assets_connections).org(org_id)
        url = database_url()
        check_migrated(url)
        with Warehouse(url) as warehouse:
            yield warehouse, org
    except SyncError as error:
        raise dg.Failure(description=error.message, metadata={"code": error.code}, allow_retries=False) from None


def plan_and_log() -> dict[str, Any]:
    """Arguments of the step that writes both tables; the plan comes first."""
    checks = [
        check_spec(ODOO_SYNC_LOG, "all_pushed", "No item of this run ended failed."),
        check_spec(ODOO_SYNC_LOG, "no_alert", "No failures in a row, no block, nothing that waits too long."),
    ]
    arguments = described_together(PUSH_STATE, ODOO_SYNC_LOG, kinds={"python"}, checks=checks)
    plan, log = arguments["specs"]
    return {**arguments, "specs": [plan, log.replace_attributes(deps=[plan])]}


@dg.multi_asset(**plan_and_log())
def push_stock(context: dg.AssetExecutionContext, config: PushConfig) -> Iterator[dg.MaterializeResult]:
    with opened(context.partition_key) as (warehouse, org):
        planned = plan_run(
            warehouse,
            org,
            trigger_of(config),
            run_id=context.run.run_id,
            skus=config.skus or None,
            is_dry_run=config.dry_run,
            is_confirmed=config.confirmed,
            allow_mass_zero=config.allow_mass_zero,
        )
        yield plan_receipt(warehouse, org, planned)
        result = push_planned(warehouse, org, planned)
        for problem in result["problems"]:
            context.log.warning(problem)
        yield push_receipt(warehouse, org, result, dry_run=config.dry_run)


def trigger_of(config: PushConfig) -> Trigger | None:
    if not config.trigger:
        return None
    return Trigger(config.trigger, reason=config.reason or None, retries_failed=True, force=config.force)


def plan_receipt(warehouse: Warehouse, org: Org, planned: Planned) -> dg.MaterializeResult:
    """What was found to differ from what the vendor confirmed, or what waits when nothing was planned anew."""
    plan = planned.plan
    table = push_log.plan_rows(warehouse, org.org_id, TARGET, plan.to_send[:SHOWN] if planned.trigger else None, SHOWN)
    metadata = {
        **plan.counts,
        "to_send": len(plan.to_send),
        "products": plan.products,
        "variants": plan.variants,
        "waiting": push_log.queue(warehouse, org.org_id, TARGET)["waiting"],
        "dry_run": planned.is_dry_run,
        "left_out": [f"{skip.sku or '(no SKU)'}: {skip.code}" for skip in plan.skipped[:SHOWN]],
    }
    if planned.is_dry_run:
        metadata["plan"] = dict(list(plan.actions.items())[:SHOWN])
    return receipt_of(warehouse, org, PUSH_STATE, metadata, table)


def push_receipt(warehouse: Warehouse, org: Org, result: dict[str, Any], *, dry_run: bool) -> dg.MaterializeResult:
    now = utc_now()
    ended = result["succeeded"] + result["failed"]
    alerts = [alert.message for alert in open_alerts(warehouse, org, at=now)]
    failures = {row["push_key"]: row["code"] for row in result["details"] if row["status"] == "failed"}
    since = now - timedelta(days=PICTURE_DAYS)
    metadata = {
        "attempts": picture(push_outcomes(push_log.outcomes(warehouse, org.org_id, since=since), days=PICTURE_DAYS)),
        "success_rate_percent": round(100 * result["succeeded"] / ended, 2) if ended else 100.0,
        **{name: result[name] for name in COUNTED},
        "seconds": result["duration_seconds"],
        "state": result.get("state") or result["skip_reason"] or "dry run",
        "dry_run": dry_run,
        "failures": dict(list(failures.items())[:SHOWN]),
    }
    rows = push_log.logs(warehouse, org.org_id, push_log.LogFilter(run_id=result["run_id"]), limit=SHOWN)["logs"]
    checks = [
        check_result("all_pushed", not failures, {"failed": len(failures)}, warn=True),
        check_result("no_alert", not alerts, {"alerts": alerts}, warn=True),
    ]
    return receipt_of(warehouse, org, ODOO_SYNC_LOG, metadata, rows, checks)


def receipt_of(
    warehouse: Warehouse,
    org: Org,
    table: Table,
    metadata: dict[str, Any],
    rows: list[dict[str, Any]] | None = None,
    checks: list[dg.AssetCheckResult] | None = None,
) -> dg.MaterializeResult:
    violations = queries.contract_violations(warehouse, table, org.org_id)
    entries = {name: plain(value) for name, value in metadata.items()}
    if rows:
        entries["rows"] = dg.MetadataValue.table([dg.TableRecord(shown(row)) for row in rows])
    entries["dagster/column_schema"] = column_schema(table)
    return dg.MaterializeResult(
        asset_key=asset_key(table),
        metadata=entries,
        check_results=[
            result._replace(asset_key=asset_key(table))
            for result in (check_result("contract", not violations, violations), *(checks or []))
        ],
    )


LOG_SHOWN = ("created_at", "variant_sku", "trigger_type", "action", "status", "error_code", "duration_ms")


def shown(row: dict[str, Any]) -> dict[str, str | int | float | bool]:
    names = LOG_SHOWN if "variant_sku" in row else tuple(row)
    return {name: f"{row[name]:%Y-%m-%d %H:%M:%S}" if name.endswith("_at") else text_of(row[name]) for name in names}


@dg.asset(**described(ODOO_SYNC_LOG_ARCHIVE, kinds={"python"}), deps=[asset_key(ODOO_SYNC_LOG)])
def odoo_sync_log_archive(context: dg.AssetExecutionContext) -> dg.MaterializeResult:
    with opened(context.partition_key) as (warehouse, org):
        vendor = org.targets.vendor_api
        days = vendor.log_days if vendor else 90
        moved = push_log.archive_logs(warehouse, org.org_id, days=days, at=utc_now())
        return receipt_of(warehouse, org, ODOO_SYNC_LOG_ARCHIVE, {"archived": moved, "days_kept": days})


inventory_push = dg.define_asset_job(
    "inventory_push",
    dg.AssetSelection.assets(push_stock),
    description="Pushes one organisation's stock to its vendor API: what differs from what was confirmed.",
    tags={"source": "shop", "dagster/priority": "10"},
)
push_log_archive = dg.define_asset_job(
    "push_log_archive",
    dg.AssetSelection.assets(odoo_sync_log_archive),
    description="Moves rows of the sync log that are older than its retention to the archive.",
    tags={"source": "shop"},
)
