"""The jobs: one run, one process, one organisation; whatever a job leaves out keeps its last good state."""

import dagster as dg

from sync_assets.defs.partitions import month_org_partitions, org_partitions
from sync_assets.defs.raw.odoo import odoo_assets

PIPELINE = dg.AssetSelection.groups("canonical", "marts")

odoo_sync = dg.define_asset_job(
    "odoo_sync",
    dg.AssetSelection.assets(*odoo_assets) | PIPELINE,
    description="Odoo to customer avatars for one organisation: extract what changed, map, score.",
    partitions_def=org_partitions,
    tags={"source": "odoo"},
)
rescore = dg.define_asset_job(
    "rescore",
    dg.AssetSelection.groups("marts"),
    description="Scores again from the stored canonical tables: they depend on the date.",
    partitions_def=org_partitions,
)
odoo_history = dg.define_asset_job(
    "odoo_history",
    dg.AssetSelection.assets(["raw", "odoo_sale_order_history"]),
    description="Reads the orders and lines of whole months again.",
    partitions_def=month_org_partitions,
    tags={"source": "odoo"},
)
