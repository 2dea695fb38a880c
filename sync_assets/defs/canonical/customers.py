"""canonical.customers: who the customers are, and which family each belongs to."""

import dagster as dg

from sync_assets.defs.canonical.building import start_build
from sync_assets.defs.canonical.storing import keep, raw_keys, raw_tables, read_odoo, row_count_check, store
from sync_assets.defs.describe import described
from sync_assets.defs.resources import SyncSession
from sync_assets.tables.canonical import CUSTOMERS
from sync_assets.transforms.odoo import map_customers

INPUTS = ("partners", "orders", "users", "countries")


@dg.asset(**described(CUSTOMERS, kinds={"pandas"}, checks=[row_count_check(CUSTOMERS)]), deps=raw_keys(*INPUTS))
def customers(context: dg.AssetExecutionContext, sync: SyncSession) -> dg.MaterializeResult:
    with sync.step(context) as step:
        build = start_build(step, CUSTOMERS, *raw_tables(*INPUTS))
        if build.last_report:
            return keep(step, build)
        mapped = map_customers(
            read_odoo(step, *INPUTS, orders=("partner_id", "deleted_at")), step.org, synced_at=step.started_at
        )
        families = int(mapped.frame["root_customer_key"].nunique())
        return store(step, CUSTOMERS, mapped, build, families=families)
