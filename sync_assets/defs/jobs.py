"""The jobs: one run, one process, one organisation; whatever a job leaves out keeps its last good state."""

import dagster as dg

from sync_assets.defs.checks import avatars_fresh
from sync_assets.defs.raw.odoo import odoo_assets

PIPELINE = dg.AssetSelection.groups("canonical", "marts") - dg.AssetSelection.checks(avatars_fresh)

odoo_sync = dg.define_asset_job(
    "odoo_sync",
    dg.AssetSelection.assets(*odoo_assets) | PIPELINE,
    description="Odoo to customer avatars for one organisation: extract what changed, map, score.",
    tags={"source": "odoo"},
)
rescore = dg.define_asset_job(
    "rescore",
    dg.AssetSelection.groups("marts") - dg.AssetSelection.checks(avatars_fresh),
    description="Scores again from the stored canonical tables: they depend on the date.",
)
freshness = dg.define_asset_job(
    "freshness",
    dg.AssetSelection.checks(avatars_fresh),
    description="Asks whether every organisation was synced lately.",
)
odoo_history = dg.define_asset_job(
    "odoo_history",
    dg.AssetSelection.assets(["raw", "odoo_sale_order_history"]),
    description="Reads the orders and lines of whole months again.",
    tags={"source": "odoo"},
)
