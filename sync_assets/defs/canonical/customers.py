"""canonical.customers: who the customers are, and which family each belongs to."""

import dagster as dg

from sync_assets.defs.canonical.storing import inputs_of, map_part, row_count_check, store
from sync_assets.defs.describe import described
from sync_assets.defs.resources import SyncSession
from sync_assets.tables.canonical import CUSTOMERS


@dg.asset(**described(CUSTOMERS, kinds={"pandas"}, checks=[row_count_check(CUSTOMERS)]), deps=inputs_of("customers"))
def customers(context: dg.AssetExecutionContext, sync: SyncSession) -> dg.MaterializeResult:
    with sync.step(context) as step:
        by_source = map_part(step, "customers")
        families = sum(int(mapped.frame["root_customer_key"].nunique()) for mapped in by_source.values())
        return store(step, CUSTOMERS, by_source, families=families)
