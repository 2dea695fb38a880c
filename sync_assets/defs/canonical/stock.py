"""canonical.stock_levels: what is in stock where."""

import dagster as dg

from sync_assets.defs.canonical.building import start_build
from sync_assets.defs.canonical.storing import keep, raw_keys, raw_tables, read_odoo, row_count_check, store
from sync_assets.defs.describe import asset_key, described
from sync_assets.defs.resources import SyncSession
from sync_assets.tables.canonical import PRODUCT_CATALOG, STOCK_LEVELS
from sync_assets.tables.ops import PRODUCT_KEYS
from sync_assets.transforms.odoo import map_stock

INPUTS = ("quants", "locations", "warehouses", "products", "templates", "uoms")


@dg.asset(
    **described(STOCK_LEVELS, kinds={"pandas"}, checks=[row_count_check(STOCK_LEVELS)]),
    deps=[*raw_keys(*INPUTS), asset_key(PRODUCT_CATALOG)],
)
def stock_levels(context: dg.AssetExecutionContext, sync: SyncSession) -> dg.MaterializeResult:
    with sync.step(context) as step:
        build = start_build(step, STOCK_LEVELS, *raw_tables(*INPUTS), PRODUCT_KEYS)
        if build.last_report:
            return keep(step, build)
        registry = step.warehouse.read(PRODUCT_KEYS, step.org.org_id)
        mapped = map_stock(read_odoo(step, *INPUTS), step.org, registry, synced_at=step.started_at)
        return store(step, STOCK_LEVELS, mapped, build)
