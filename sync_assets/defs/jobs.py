"""The jobs: one run, one process, one organisation; whatever a job leaves out keeps its last good state."""

import dagster as dg

from sync_assets.defs.checks import avatars_fresh, stores_fresh
from sync_assets.defs.raw.alleaves import (
    alleaves_customers,
    alleaves_inventory,
    alleaves_locations,
    alleaves_orders,
)
from sync_assets.defs.raw.isavigne import isavigne_exports
from sync_assets.defs.raw.odoo import odoo_assets

FRESHNESS = dg.AssetSelection.checks(avatars_fresh, stores_fresh)
PIPELINE = dg.AssetSelection.groups("canonical", "marts") - FRESHNESS
POS_ASSETS = (alleaves_locations, alleaves_customers, alleaves_orders, alleaves_inventory)

odoo_sync = dg.define_asset_job(
    "odoo_sync",
    dg.AssetSelection.assets(*odoo_assets) | PIPELINE,
    description="Odoo to customer avatars for one organisation: extract what changed, map, score.",
    tags={"source": "odoo"},
)
pos_sync = dg.define_asset_job(
    "pos_sync",
    dg.AssetSelection.assets(*POS_ASSETS) | PIPELINE,
    description="Point of sale to spending, segments and menu for one organisation.",
    tags={"source": "alleaves"},
)
isavigne_sync = dg.define_asset_job(
    "isavigne_sync",
    dg.AssetSelection.assets(isavigne_exports) | PIPELINE,
    description="iSaVigne exports to customers, sales and stock for one organisation.",
    tags={"source": "isavigne"},
)
rescore = dg.define_asset_job(
    "rescore",
    dg.AssetSelection.groups("marts") - FRESHNESS,
    description="Scores again from the stored canonical tables: they depend on the date.",
)
remap = dg.define_asset_job(
    "remap",
    PIPELINE,
    description="Maps what raw holds again, with the current settings and catalogues: the replay of rejected rows.",
)
freshness = dg.define_asset_job(
    "freshness",
    FRESHNESS,
    description="Asks whether every organisation was synced lately.",
)
odoo_history = dg.define_asset_job(
    "odoo_history",
    dg.AssetSelection.assets(["raw", "odoo_sale_order_history"]),
    description="Reads the orders and lines of whole months again.",
    tags={"source": "odoo"},
)
pos_history = dg.define_asset_job(
    "pos_history",
    dg.AssetSelection.assets(["raw", "alleaves_order_history"]),
    description="Reads the orders of whole months from the point of sale; the next sync counts them.",
    tags={"source": "alleaves"},
)
