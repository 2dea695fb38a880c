"""Months of Alleaves orders, read on request into the same raw tables; partitioned month x organisation."""

import dagster as dg

from sync_assets.defs.partitions import month_org_partitions
from sync_assets.defs.raw.alleaves import ALLEAVES_POOL
from sync_assets.defs.raw.odoo_history import months_by_org
from sync_assets.defs.resources import SyncSession
from sync_assets.extraction.alleaves_orders import read_order_months
from sync_assets.tables.raw import ALLEAVES_ORDERS


@dg.asset(
    key=["raw", "alleaves_order_history"],
    group_name="raw",
    description="Orders and lines of whole months, read into raw.alleaves_orders and raw.alleaves_order_lines.",
    kinds={"alleaves", "postgres"},
    owners=["team:data-engineering"],
    partitions_def=month_org_partitions,
    backfill_policy=dg.BackfillPolicy.single_run(),
    pool=ALLEAVES_POOL,
)
def alleaves_order_history(context: dg.AssetExecutionContext, sync: SyncSession) -> dg.MaterializeResult:
    read, inserted, updated = 0, 0, 0
    for org, months in months_by_org(list(context.partition_keys)).items():
        with sync.step(context, org_id=org) as step:
            result = read_order_months(step.pos_landing(), months)
            step.record_stream(result)
            step.record(ALLEAVES_ORDERS, result.changes, extracted=result.extracted, rejected=result.rejected)
            read += result.extracted
            inserted += result.changes.inserted
            updated += result.changes.updated
    return dg.MaterializeResult(metadata={"orders_read": read, "inserted": inserted, "updated": updated})
