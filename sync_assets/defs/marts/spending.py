"""marts.customer_spending: what each customer spent, findable by id and by e-mail."""

import dagster as dg

from sync_assets.defs.describe import asset_key, described, receipt
from sync_assets.defs.resources import SyncSession
from sync_assets.tables.canonical import CUSTOMERS, SALES_ORDERS
from sync_assets.tables.marts import CUSTOMER_SPENDING
from sync_assets.transforms.spending import CUSTOMER_COLUMNS, ORDER_COLUMNS, compute_spending


@dg.asset(
    **described(CUSTOMER_SPENDING, kinds={"pandas"}),
    deps=[asset_key(CUSTOMERS), asset_key(SALES_ORDERS)],
)
def customer_spending(context: dg.AssetExecutionContext, sync: SyncSession) -> dg.MaterializeResult:
    with sync.step(context) as step:
        org_id = step.org.org_id
        customers = step.warehouse.read(CUSTOMERS, org_id, CUSTOMER_COLUMNS)
        orders = step.warehouse.read(SALES_ORDERS, org_id, ORDER_COLUMNS)
        spending = compute_spending(orders, customers, step.org, updated_at=step.started_at)
        changes = step.warehouse.replace(CUSTOMER_SPENDING, spending.frame, org_id)
        return receipt(step, CUSTOMER_SPENDING, changes, preview=spending.frame, more=spending.counts)
