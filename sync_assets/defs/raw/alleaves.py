"""One asset per Alleaves table: what the point of sale sent, kept up to date. How it is read is in `extraction`."""

import dagster as dg

from sync_assets.defs.describe import asset_key, check_spec, described, described_together, problem_checks, receipt
from sync_assets.defs.resources import SyncSession
from sync_assets.defs.run_book import Step
from sync_assets.extraction.alleaves import read_customers, read_inventory, read_locations
from sync_assets.extraction.alleaves_orders import read_orders
from sync_assets.extraction.results import StreamResult
from sync_assets.tables.raw import (
    ALLEAVES_CUSTOMERS,
    ALLEAVES_INVENTORY,
    ALLEAVES_LOCATIONS,
    ALLEAVES_ORDER_LINES,
    ALLEAVES_ORDERS,
)
from sync_assets.tables.spec import Table

ALLEAVES_POOL = "alleaves"
GUARDS = {
    "empty_catalogue": "A store's catalogue did not vanish at once.",
    "catalogue_shrank": "A store's catalogue did not lose most of its items at once.",
}


def report(step: Step, table: Table, result: StreamResult, *, checks: tuple[str, ...] = ()) -> dg.MaterializeResult:
    """The receipt of one stream, with its findings by code."""
    step.record_stream(result)
    return receipt(
        step,
        table,
        result.changes,
        extracted=result.extracted,
        rejected=result.rejected,
        calls=result.calls,
        checks=problem_checks(checks, result.problems),
        more={
            "dagster/partition_row_count": result.rows_held,
            **{f"found_{code}": count for code, count in sorted(result.warnings.items()) if count},
        },
    )


@dg.asset(**described(ALLEAVES_LOCATIONS, kinds={"alleaves"}), pool=ALLEAVES_POOL)
def alleaves_locations(context: dg.AssetExecutionContext, sync: SyncSession) -> dg.MaterializeResult:
    with sync.step(context) as step:
        return report(step, ALLEAVES_LOCATIONS, read_locations(step.pos_landing()))


@dg.asset(**described(ALLEAVES_CUSTOMERS, kinds={"alleaves"}), deps=[asset_key(ALLEAVES_LOCATIONS)], pool=ALLEAVES_POOL)
def alleaves_customers(context: dg.AssetExecutionContext, sync: SyncSession) -> dg.MaterializeResult:
    with sync.step(context) as step:
        return report(step, ALLEAVES_CUSTOMERS, read_customers(step.pos_landing()))


@dg.multi_asset(
    name="alleaves_orders",
    **described_together(
        ALLEAVES_ORDERS, ALLEAVES_ORDER_LINES, kinds={"alleaves"}, deps=[asset_key(ALLEAVES_CUSTOMERS)]
    ),
    pool=ALLEAVES_POOL,
)
def alleaves_orders(
    context: dg.AssetExecutionContext, sync: SyncSession
) -> tuple[dg.MaterializeResult, dg.MaterializeResult]:
    """Orders come with their lines, so one reading writes both tables."""
    with sync.step(context) as step:
        result = read_orders(step.pos_landing())
        return report(step, ALLEAVES_ORDERS, result), receipt(step, ALLEAVES_ORDER_LINES, result.line_changes)


@dg.asset(
    **described(
        ALLEAVES_INVENTORY,
        kinds={"alleaves"},
        checks=[check_spec(ALLEAVES_INVENTORY, name, what) for name, what in GUARDS.items()],
    ),
    deps=[asset_key(ALLEAVES_LOCATIONS)],
    pool=ALLEAVES_POOL,
)
def alleaves_inventory(context: dg.AssetExecutionContext, sync: SyncSession) -> dg.MaterializeResult:
    with sync.step(context) as step:
        return report(step, ALLEAVES_INVENTORY, read_inventory(step.pos_landing()), checks=tuple(GUARDS))
