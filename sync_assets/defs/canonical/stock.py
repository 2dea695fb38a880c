"""canonical.stock_levels: what is in stock where."""

import dagster as dg

from sync_assets.defs.canonical.storing import inputs_of, map_part, row_count_check, store
from sync_assets.defs.describe import asset_key, described
from sync_assets.defs.resources import SyncSession
from sync_assets.tables.canonical import PRODUCT_CATALOG, STOCK_LEVELS


@dg.asset(
    **described(STOCK_LEVELS, kinds={"pandas"}, checks=[row_count_check(STOCK_LEVELS)]),
    deps=[*inputs_of("stock"), asset_key(PRODUCT_CATALOG)],
)
def stock_levels(context: dg.AssetExecutionContext, sync: SyncSession) -> dg.MaterializeResult:
    with sync.step(context) as step:
        return store(step, STOCK_LEVELS, map_part(step, "stock"))
