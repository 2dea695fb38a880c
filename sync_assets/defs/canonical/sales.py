"""canonical.sales_orders and canonical.sales_lines: what was bought, by which family, for how much."""

import dagster as dg

from sync_assets.defs.canonical.mapping import inputs_of, map_blocks, map_part, start_mapping
from sync_assets.defs.canonical.storing import keep, row_count_check, store, store_blocks, together
from sync_assets.defs.describe import asset_key, described, picture
from sync_assets.defs.resources import SyncSession
from sync_assets.tables.canonical import PRODUCT_CATALOG, SALES_LINES, SALES_ORDERS
from sync_assets.tables.ops import PRODUCT_KEYS
from sync_assets.transforms.avatar_plan import AvatarRules
from sync_assets.transforms.pictures import revenue_by_month, revenue_chart


# Not behind the catalogue, whose failure must not hold the orders up: what it brings later is seen by the next run.
@dg.asset(**described(SALES_ORDERS, kinds={"pandas"}, checks=[row_count_check(SALES_ORDERS)]), deps=inputs_of("orders"))
def sales_orders(context: dg.AssetExecutionContext, sync: SyncSession) -> dg.MaterializeResult:
    with sync.step(context) as step:
        build = start_mapping(step, SALES_ORDERS, "orders", PRODUCT_CATALOG, PRODUCT_KEYS)
        if build.last_report:
            return keep(step, build)
        by_source = map_part(step, "orders")
        orders = together(SALES_ORDERS, by_source)
        months = revenue_by_month(orders, AvatarRules(as_of=step.started_at))
        return store(
            step,
            SALES_ORDERS,
            by_source,
            build,
            counted_orders=int(orders["is_counted"].sum()),
            revenue_by_month=picture(revenue_chart(months, currency=step.org.currency)),
        )


@dg.asset(
    **described(SALES_LINES, kinds={"pandas"}, checks=[row_count_check(SALES_LINES)]),
    deps=[*inputs_of("lines"), asset_key(SALES_ORDERS), asset_key(PRODUCT_CATALOG)],
)
def sales_lines(context: dg.AssetExecutionContext, sync: SyncSession) -> dg.MaterializeResult:
    with sync.step(context) as step:
        build = start_mapping(step, SALES_LINES, "lines", SALES_ORDERS, PRODUCT_CATALOG, PRODUCT_KEYS)
        if build.last_report:
            return keep(step, build)
        return store_blocks(step, SALES_LINES, map_blocks(step), build)
