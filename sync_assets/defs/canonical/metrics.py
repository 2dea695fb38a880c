"""canonical.customer_metrics: what each customer bought, RFM points and segment; it depends on the date."""

import dagster as dg

from sync_assets.defs.describe import asset_key, described, receipt
from sync_assets.defs.resources import SyncSession
from sync_assets.tables.canonical import CUSTOMER_METRICS, CUSTOMERS, PRODUCT_CATALOG, SALES_LINES, SALES_ORDERS
from sync_assets.transforms.customer_metrics import (
    CUSTOMER_COLUMNS,
    LINE_COLUMNS,
    ORDER_COLUMNS,
    PRODUCT_COLUMNS,
    compute_metrics,
)


@dg.asset(
    **described(CUSTOMER_METRICS, kinds={"pandas"}),
    deps=[asset_key(table) for table in (CUSTOMERS, PRODUCT_CATALOG, SALES_ORDERS, SALES_LINES)],
)
def customer_metrics(context: dg.AssetExecutionContext, sync: SyncSession) -> dg.MaterializeResult:
    with sync.step(context) as step:
        org_id, warehouse = step.org.org_id, step.warehouse
        metrics = compute_metrics(
            warehouse.read(CUSTOMERS, org_id, CUSTOMER_COLUMNS),
            warehouse.read(SALES_ORDERS, org_id, ORDER_COLUMNS),
            warehouse.read_blocks(SALES_LINES, org_id, LINE_COLUMNS),
            warehouse.read(PRODUCT_CATALOG, org_id, PRODUCT_COLUMNS),
            step.org,
            as_of=sync.as_of_moment(step.started_at),
            synced_at=step.started_at,
        )
        changes = warehouse.replace(CUSTOMER_METRICS, metrics.frame, org_id)
        more = {f"left_out_{reason}": count for reason, count in metrics.left_out.items()}
        more |= {f"segment_{segment}": count for segment, count in metrics.segments.items() if segment}
        return receipt(step, CUSTOMER_METRICS, changes, preview=metrics.frame, more=more)
