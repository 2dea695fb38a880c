"""canonical.contact_history: whom the merchant wrote to or called, and what came of it."""

import dagster as dg

from sync_assets.defs.canonical.mapping import inputs_of, map_part, start_mapping
from sync_assets.defs.canonical.storing import keep, row_count_check, store
from sync_assets.defs.describe import described
from sync_assets.defs.resources import SyncSession
from sync_assets.tables.canonical import CONTACT_HISTORY
from sync_assets.tables.ops import PRODUCT_KEYS


@dg.asset(
    **described(CONTACT_HISTORY, kinds={"pandas"}, checks=[row_count_check(CONTACT_HISTORY)]),
    deps=inputs_of("contacts"),
)
def contact_history(context: dg.AssetExecutionContext, sync: SyncSession) -> dg.MaterializeResult:
    with sync.step(context) as step:
        build = start_mapping(step, CONTACT_HISTORY, "contacts", PRODUCT_KEYS)
        if build.last_report:
            return keep(step, build)
        return store(step, CONTACT_HISTORY, map_part(step, "contacts"), build)
