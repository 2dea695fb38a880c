"""One asset per Odoo stream: what Odoo sent, kept up to date. Which fields and how they are read is in `sources/odoo`."""

import dagster as dg

from sync_assets.defs.describe import check_spec, described, problem_checks, receipt
from sync_assets.defs.resources import SyncSession
from sync_assets.extraction.odoo import sync_stream
from sync_assets.sources.odoo import STREAMS, Stream

ODOO_POOL = "odoo"
CHECKS = {
    "schema_drift": "The fields we read still exist with the same type.",
    "deletions_guard": "No suspicious number of rows disappeared at the source.",
    "full_read_shrunk": "A table that is read whole did not suddenly lose half of its rows.",
    "orders_hidden": "The user of the API key may see all orders.",
    "control_totals": "Orders and amounts per month and state equal the source's own totals.",
}


def checks_of(stream: Stream) -> tuple[str, ...]:
    guard = "deletions_guard" if stream.incremental else "full_read_shrunk"
    return ("schema_drift", guard, *(("orders_hidden",) if stream.model == "sale.order" else ()))


def odoo_asset(stream: Stream) -> dg.AssetsDefinition:
    specs = [check_spec(stream.table, name, CHECKS[name]) for name in checks_of(stream)]

    @dg.asset(**described(stream.table, kinds={"odoo"}, checks=specs), pool=ODOO_POOL)
    def odoo_stream(context: dg.AssetExecutionContext, sync: SyncSession) -> dg.MaterializeResult:
        with sync.step(context) as step:
            result = sync_stream(step.odoo_landing(), stream)
            step.record_stream(result)
            return receipt(
                step,
                stream.table,
                result.changes,
                extracted=result.extracted,
                rejected=result.rejected,
                calls=result.calls,
                checks=problem_checks(checks_of(stream), result.problems),
                more={
                    "dagster/partition_row_count": result.rows_held,
                    "status": result.status,
                    "pages": result.pages,
                    "schema_changes": result.drift,
                },
            )

    return odoo_stream


odoo_assets = [odoo_asset(stream) for stream in STREAMS.values()]
