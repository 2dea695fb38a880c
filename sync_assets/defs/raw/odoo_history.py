"""Months of Odoo sale orders, read again on request into the same raw tables; partitioned month x organisation."""

from collections import defaultdict

import dagster as dg

from sync_assets.defs.partitions import month_org_partitions
from sync_assets.defs.raw.odoo import ODOO_POOL
from sync_assets.defs.resources import SyncSession
from sync_assets.extraction.odoo_reconcile import read_history
from sync_assets.sources.odoo import STREAMS


def months_by_org(keys: list[str]) -> dict[str, list[str]]:
    """Months YYYY-MM of each organisation, sorted: two runs that take the same locks must not wait for each other.

    >>> months_by_org(["2025-01-01|acme", "2025-02-01|acme"])
    {'acme': ['2025-01', '2025-02']}
    """
    months: dict[str, list[str]] = defaultdict(list)
    for key in keys:
        month, org = key.split("|")
        months[org].append(month[:7])
    return {org: sorted(found) for org, found in sorted(months.items())}


@dg.asset(
    key=["raw", "odoo_sale_order_history"],
    group_name="raw",
    description="Sale orders and lines of whole months, read again into raw.odoo_sale_orders and raw.odoo_sale_order_lines.",
    kinds={"odoo", "postgres"},
    owners=["team:data-engineering"],
    partitions_def=month_org_partitions,
    backfill_policy=dg.BackfillPolicy.single_run(),
    pool=ODOO_POOL,
)
def odoo_sale_order_history(context: dg.AssetExecutionContext, sync: SyncSession) -> dg.MaterializeResult:
    metadata: dict[str, int] = {}
    for org, months in months_by_org(list(context.partition_keys)).items():
        with sync.step(context, org_id=org, can_wait=True) as step:
            for result in read_history(step.odoo_landing(), months):
                step.record(
                    STREAMS[result.stream].table, result.changes, extracted=result.extracted, rejected=result.rejected
                )
                for name, count in (
                    ("read", result.extracted),
                    ("inserted", result.changes.inserted),
                    ("updated", result.changes.updated),
                ):
                    metadata[f"{result.stream}_{name}"] = metadata.get(f"{result.stream}_{name}", 0) + count
    return dg.MaterializeResult(metadata=metadata)
