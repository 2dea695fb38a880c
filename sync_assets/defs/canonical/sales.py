"""canonical.sales_orders and canonical.sales_lines: what was bought, by which family, for how much."""

from collections.abc import Iterator

import dagster as dg
import pandas as pd

from sync_assets.defs.canonical.storing import (
    add_up,
    check_reject_limit,
    check_row_count,
    inputs_of,
    map_part,
    mapping_run,
    mappings_of,
    row_count_check,
    save_rejects,
    skipped_counts,
    store,
    together,
)
from sync_assets.defs.describe import PREVIEW_ROWS, asset_key, described, picture, receipt
from sync_assets.defs.resources import SyncSession
from sync_assets.tables.canonical import PRODUCT_CATALOG, SALES_LINES, SALES_ORDERS
from sync_assets.transforms.avatar_plan import AvatarRules
from sync_assets.transforms.mapped import Mapped
from sync_assets.transforms.pictures import revenue_by_month, revenue_chart


@dg.asset(**described(SALES_ORDERS, kinds={"pandas"}, checks=[row_count_check(SALES_ORDERS)]), deps=inputs_of("orders"))
def sales_orders(context: dg.AssetExecutionContext, sync: SyncSession) -> dg.MaterializeResult:
    with sync.step(context) as step:
        by_source = map_part(step, "orders")
        orders = together(SALES_ORDERS, by_source)
        months = revenue_by_month(orders, AvatarRules(as_of=step.started_at))
        return store(
            step,
            SALES_ORDERS,
            by_source,
            counted_orders=int(orders["is_counted"].sum()),
            revenue_by_month=picture(revenue_chart(months, currency=step.org.currency)),
        )


@dg.asset(
    **described(SALES_LINES, kinds={"pandas"}, checks=[row_count_check(SALES_LINES)]),
    deps=[*inputs_of("lines"), asset_key(SALES_ORDERS), asset_key(PRODUCT_CATALOG)],
)
def sales_lines(context: dg.AssetExecutionContext, sync: SyncSession) -> dg.MaterializeResult:
    with sync.step(context) as step:
        totals: dict[str, Mapped] = {}
        first: list[pd.DataFrame] = []

        def blocks() -> Iterator[pd.DataFrame]:
            for mapping in mappings_of(step):
                totals[mapping.source] = Mapped(SALES_LINES.empty())
                for mapped in mapping.lines.map(mapping_run(step)):
                    totals[mapping.source] = add_up(totals[mapping.source], mapped)
                    # A head shares its block's memory, so one is kept and not one per block.
                    if not first and len(mapped.frame):
                        first.append(mapped.frame.head(PREVIEW_ROWS))
                    yield mapped.frame
            check_reject_limit(step, SALES_LINES, totals)

        try:
            changes = step.warehouse.replace(SALES_LINES, blocks(), step.org.org_id)
        finally:
            rejected = save_rejects(step, SALES_LINES, totals)
        return receipt(
            step,
            SALES_LINES,
            changes,
            rejected=rejected,
            checks=[check_row_count(changes)],
            preview=next(iter(first), None),
            more=skipped_counts(totals),
        )
