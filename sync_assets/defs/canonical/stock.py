"""canonical.stock_levels: what is in stock where."""

import dagster as dg

from sync_assets.defs.canonical.mapping import inputs_of, map_part, start_mapping
from sync_assets.defs.canonical.storing import keep, row_count_check, store
from sync_assets.defs.describe import asset_key, described
from sync_assets.defs.resources import SyncSession
from sync_assets.tables.canonical import PRODUCT_CATALOG, STOCK_LEVELS
from sync_assets.tables.ops import PRODUCT_KEYS


@dg.asset(
    **described(STOCK_LEVELS, kinds={"pandas"}, checks=[row_count_check(STOCK_LEVELS)]),
    deps=[*inputs_of("stock"), asset_key(PRODUCT_CATALOG)],
)
def stock_levels(context: dg.AssetExecutionContext, sync: SyncSession) -> dg.MaterializeResult:
    with sync.step(context) as step:
        build = start_mapping(step, STOCK_LEVELS, "stock", PRODUCT_CATALOG, PRODUCT_KEYS)
        if build.last_report:
            return keep(step, build)
        return store(step, STOCK_LEVELS, map_part(step, "stock"), build)
