"""marts.customer_spending: what each customer spent, findable by id and by e-mail."""

from typing import Any

import dagster as dg

from sync_assets.defs.describe import asset_key, check_result, check_spec, described, picture, receipt
from sync_assets.defs.resources import SyncSession
from sync_assets.tables.canonical import CUSTOMERS, SALES_ORDERS
from sync_assets.tables.marts import CUSTOMER_SPENDING
from sync_assets.transforms import spending_checks as checks
from sync_assets.transforms.pictures_spending import daily_revenue_chart, revenue_by_day
from sync_assets.transforms.spending import CUSTOMER_COLUMNS, ORDER_COLUMNS, compute_spending

CHECKS = {
    "orders_have_customer": "Every counted order belongs to a customer; an order without one is credited to nobody.",
    "keys_agree": "The figures by id and by e-mail of a customer are the same.",
    "spending_matches": "The spending of all customers adds up to their counted orders, to the cent.",
}


@dg.asset(
    **described(
        CUSTOMER_SPENDING,
        kinds={"pandas"},
        checks=[check_spec(CUSTOMER_SPENDING, name, what) for name, what in CHECKS.items()],
    ),
    deps=[asset_key(CUSTOMERS), asset_key(SALES_ORDERS)],
)
def customer_spending(context: dg.AssetExecutionContext, sync: SyncSession) -> dg.MaterializeResult:
    with sync.step(context) as step:
        org = step.org
        customers = step.warehouse.read(CUSTOMERS, org.org_id, CUSTOMER_COLUMNS)
        orders = step.warehouse.read(SALES_ORDERS, org.org_id, ORDER_COLUMNS)
        spending = compute_spending(orders, customers, org, updated_at=step.started_at)
        rejected = step.reject(spending.findings, source="marts", entity=str(CUSTOMER_SPENDING))
        changes = step.warehouse.replace(CUSTOMER_SPENDING, spending.frame, org.org_id)
        answers: dict[str, tuple[bool, dict[str, Any]]] = {
            "orders_have_customer": checks.check_orders_have_customer(orders, customers),
            "keys_agree": checks.check_keys_agree(spending.frame),
            "spending_matches": checks.check_spending_matches(spending.frame, orders, customers, org),
        }
        days = revenue_by_day(orders, org, as_of=sync.as_of_moment(step.started_at))
        step.book.was_spending_computed = True
        return receipt(
            step,
            CUSTOMER_SPENDING,
            changes,
            rejected=rejected,
            checks=[
                check_result(name, *answer, warn=name == "orders_have_customer") for name, answer in answers.items()
            ],
            preview=spending.frame,
            more={
                "revenue_by_day": picture(daily_revenue_chart(days, currency=org.currency)),
                **spending.counts,
                "dagster/partition_row_count": len(spending.frame),
            },
        )
