"""canonical.product_catalog, and the registry that gives every product its key once."""

import dagster as dg

from sync_assets.defs.canonical.building import start_build
from sync_assets.defs.canonical.storing import keep, raw_keys, raw_tables, read_odoo, row_count_check, store
from sync_assets.defs.describe import described
from sync_assets.defs.resources import SyncSession
from sync_assets.tables.canonical import PRODUCT_CATALOG
from sync_assets.tables.ops import PRODUCT_KEYS
from sync_assets.transforms.odoo import map_products

INPUTS = ("products", "templates", "categories", "costs", "uoms", "companies", "currencies")


@dg.asset(
    **described(PRODUCT_CATALOG, kinds={"pandas"}, checks=[row_count_check(PRODUCT_CATALOG)]), deps=raw_keys(*INPUTS)
)
def product_catalog(context: dg.AssetExecutionContext, sync: SyncSession) -> dg.MaterializeResult:
    with sync.step(context) as step:
        this_year = step.started_at.year
        build = start_build(step, PRODUCT_CATALOG, *raw_tables(*INPUTS), PRODUCT_KEYS, also=this_year)
        if build.last_report:
            return keep(step, build)
        registry = step.warehouse.read(PRODUCT_KEYS, step.org.org_id)
        mapped, new_keys = map_products(
            read_odoo(step, *INPUTS), step.org, registry, synced_at=step.started_at, this_year=this_year
        )
        # Keys first: a catalogue row without its registry entry could get another key later.
        step.warehouse.merge(PRODUCT_KEYS, new_keys, step.org.org_id)
        return store(step, PRODUCT_CATALOG, mapped, build, new_product_keys=len(new_keys))
