"""The nightly comparison of each organisation's raw Odoo tables with its Odoo: one op, since it writes tables that the
stream assets own; what it finds is reported on their checks."""

import dagster as dg

from sync_assets.defs.describe import asset_key
from sync_assets.defs.partitions import org_partitions
from sync_assets.defs.resources import SyncSession
from sync_assets.errors import SyncError
from sync_assets.extraction.odoo_reconcile import reconcile_stream
from sync_assets.sources.odoo import STREAMS


@dg.op(
    out=dg.Out(dg.Nothing),
    description="Finds what the incremental windows cannot see: long transactions, deletions, lost rows.",
)
def reconcile_odoo(context: dg.OpExecutionContext, sync: SyncSession) -> None:
    with sync.step(context, can_wait=True) as step:
        failures = []
        for stream in (s for s in STREAMS.values() if s.incremental):
            try:
                result = reconcile_stream(step.odoo_landing(), stream)
            except SyncError as error:
                failures.append(error)
                step.book.errors.append({"step": stream.name, "code": error.code, "message": error.message})
                context.log.error(error.message)
                continue
            step.record(stream.table, result.changes, extracted=result.extracted, rejected=result.rejected)
            step.record_stream(result)
            context.log_event(
                dg.AssetObservation(
                    asset_key=asset_key(stream.table),
                    partition=step.org.org_id,
                    description="Compared with the source",
                    metadata={
                        "reread": result.extracted,
                        "updated": result.changes.updated,
                        "inserted": result.changes.inserted,
                        "tombstoned": result.changes.deleted,
                        "problems": [p["message"] for p in result.problems],
                    },
                )
            )
        if failures:
            raise failures[0]


@dg.job(
    partitions_def=org_partitions,
    description="Compares the raw Odoo tables of one organisation with its Odoo, every night.",
)
def reconcile() -> None:
    reconcile_odoo()
