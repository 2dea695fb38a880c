"""canonical.sales_orders and canonical.sales_lines: what was bought, by which family, for how much."""

from collections.abc import Iterator

import dagster as dg
import pandas as pd

from sync_assets.ahead import one_ahead
from sync_assets.defs.canonical.storing import (
    add_up,
    check_reject_limit,
    check_row_count,
    raw_keys,
    read_odoo,
    row_count_check,
    save_rejects,
    store,
)
from sync_assets.defs.describe import PREVIEW_ROWS, asset_key, described, picture, receipt
from sync_assets.defs.resources import SyncSession
from sync_assets.tables.canonical import PRODUCT_CATALOG, SALES_LINES, SALES_ORDERS
from sync_assets.tables.ops import PRODUCT_KEYS
from sync_assets.tables.raw import ODOO_SALE_ORDER_LINES
from sync_assets.transforms.avatar_plan import AvatarRules
from sync_assets.transforms.mapped import Mapped
from sync_assets.transforms.odoo import LINE_COLUMNS, map_lines, map_orders, prepare_line_lookups, resolve_roots
from sync_assets.transforms.pictures import revenue_by_month, revenue_chart

FAMILY_COLUMNS = ("id", "parent_id", "commercial_partner_id", "is_company", "deleted_at")
ORDER_INPUTS = ("orders", "partners", "companies", "currencies")
LINE_INPUTS = ("orders", "products", "templates", "uoms", "costs", "companies", "currencies")


@dg.asset(
    **described(SALES_ORDERS, kinds={"pandas"}, checks=[row_count_check(SALES_ORDERS)]), deps=raw_keys(*ORDER_INPUTS)
)
def sales_orders(context: dg.AssetExecutionContext, sync: SyncSession) -> dg.MaterializeResult:
    with sync.step(context) as step:
        odoo = read_odoo(step, *ORDER_INPUTS, partners=FAMILY_COLUMNS)
        roots, _ = resolve_roots(odoo.partners, policy=step.org.avatars.root_policy)
        mapped = map_orders(odoo, step.org, roots, synced_at=step.started_at)
        months = revenue_by_month(mapped.frame, AvatarRules(as_of=step.started_at))
        return store(
            step,
            SALES_ORDERS,
            mapped,
            counted_orders=int(mapped.frame["is_counted"].sum()),
            revenue_by_month=picture(revenue_chart(months, currency=step.org.currency)),
        )


@dg.asset(
    **described(SALES_LINES, kinds={"pandas"}, checks=[row_count_check(SALES_LINES)]),
    deps=[
        *raw_keys(*LINE_INPUTS),
        asset_key(ODOO_SALE_ORDER_LINES),
        asset_key(SALES_ORDERS),
        asset_key(PRODUCT_CATALOG),
    ],
)
def sales_lines(context: dg.AssetExecutionContext, sync: SyncSession) -> dg.MaterializeResult:
    with sync.step(context) as step:
        org_id = step.org.org_id
        orders = step.warehouse.read(SALES_ORDERS, org_id, where=[("source", "=", "odoo")])
        lookups = prepare_line_lookups(
            read_odoo(step, *LINE_INPUTS, orders=("id", "deleted_at")),
            orders,
            step.warehouse.read(PRODUCT_KEYS, org_id),
        )
        total = Mapped(SALES_LINES.empty())
        first: list[pd.DataFrame] = []
        mapping = (
            map_lines(block, lookups, step.org, synced_at=step.started_at)
            for block in step.warehouse.read_blocks(ODOO_SALE_ORDER_LINES, org_id, LINE_COLUMNS)
        )

        def blocks() -> Iterator[pd.DataFrame]:
            nonlocal total
            for mapped in one_ahead(mapping):
                total = add_up(total, mapped)
                # A head shares its block's memory, so one is kept and not one per block.
                if not first and len(mapped.frame):
                    first.append(mapped.frame.head(PREVIEW_ROWS))
                yield mapped.frame
            check_reject_limit(step, SALES_LINES, total)

        try:
            changes = step.warehouse.replace(SALES_LINES, blocks(), org_id)
        finally:
            rejected = save_rejects(step, SALES_LINES, total)
        return receipt(
            step,
            SALES_LINES,
            changes,
            rejected=rejected,
            checks=[check_row_count(changes)],
            preview=next((frame for frame in first if len(frame)), None),
            more={f"skipped_{reason}": count for reason, count in total.skipped.items() if reason != "written"},
        )
