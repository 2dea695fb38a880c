"""canonical.sales_orders and canonical.sales_lines: what was bought, by which family, for how much."""

import dagster as dg

from sync_assets.defs.canonical.building import start_build
from sync_assets.defs.canonical.storing import (
    keep,
    raw_keys,
    raw_tables,
    read_odoo,
    row_count_check,
    store,
    store_blocks,
)
from sync_assets.defs.describe import asset_key, described, picture
from sync_assets.defs.resources import SyncSession
from sync_assets.tables.canonical import PRODUCT_CATALOG, SALES_LINES, SALES_ORDERS
from sync_assets.tables.ops import PRODUCT_KEYS
from sync_assets.tables.raw import ODOO_SALE_ORDER_LINES
from sync_assets.transforms.avatar_plan import AvatarRules
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
        build = start_build(step, SALES_ORDERS, *raw_tables(*ORDER_INPUTS))
        if build.last_report:
            return keep(step, build)
        odoo = read_odoo(step, *ORDER_INPUTS, partners=FAMILY_COLUMNS)
        roots, _ = resolve_roots(odoo.partners, policy=step.org.avatars.root_policy)
        mapped = map_orders(odoo, step.org, roots, synced_at=step.started_at)
        months = revenue_by_month(mapped.frame, AvatarRules(as_of=step.started_at))
        return store(
            step,
            SALES_ORDERS,
            mapped,
            build,
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
        inputs = (*raw_tables(*LINE_INPUTS), ODOO_SALE_ORDER_LINES, SALES_ORDERS, PRODUCT_KEYS)
        build = start_build(step, SALES_LINES, *inputs)
        if build.last_report:
            return keep(step, build)
        lookups = prepare_line_lookups(
            read_odoo(step, *LINE_INPUTS, orders=("id", "deleted_at")),
            step.warehouse.read(SALES_ORDERS, org_id, where=[("source", "=", "odoo")]),
            step.warehouse.read(PRODUCT_KEYS, org_id),
        )
        mapping = (
            map_lines(block, lookups, step.org, synced_at=step.started_at)
            for block in step.warehouse.read_blocks(ODOO_SALE_ORDER_LINES, org_id, LINE_COLUMNS)
        )
        return store_blocks(step, SALES_LINES, mapping, build)
