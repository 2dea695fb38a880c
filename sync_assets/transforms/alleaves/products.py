"""The items of a store's menu as canonical products: one row per item, whatever the number of locations.

How batches become an item does not belong here; see `menu.py`.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from sync_assets.connections import Org
from sync_assets.tables.canonical import PRODUCT_CATALOG
from sync_assets.transforms.alleaves.menu_prices import has_margin
from sync_assets.transforms.alleaves.raw import SOURCE, USUAL_RULES, PosRules, places_of
from sync_assets.transforms.columns import NO_TEXT, only_if, to_arrow, to_frame
from sync_assets.transforms.mapped import Mapped
from sync_assets.transforms.money import ZERO, fit, margins
from sync_assets.transforms.products import OTHER, band_prices


def map_products(menu: pd.DataFrame, org: Org, rules: PosRules = USUAL_RULES, *, synced_at: datetime) -> Mapped:
    """Every item of the menu (`build_menu(...).frame`), vanished ones too, inactive."""
    items = choose_items(menu, rules)
    is_given = pc.invert(items["price_is_estimated"])
    taxed, untaxed = only_if(is_given, items["price_otd"]), only_if(is_given, items["price_pretax"])
    in_cents = fit(items["cost"], "money")
    cost = only_if(pc.greater(in_cents, ZERO), in_cents)
    margin, basis = margins(untaxed, taxed, cost, has_margin(items["category"]))
    columns = {
        "org_id": org.org_id,
        "product_key": items["product_key"],
        "source": SOURCE,
        "source_id": items["item_id"],
        "name": items["name"],
        "source_category": _join_categories(items),
        "category": OTHER,
        "is_wine": False,
        "price_segment": band_prices(taxed, items["currency"], org.segment_bounds),
        "list_price": taxed,
        "list_price_untaxed": untaxed,
        "cost_price": cost,
        "currency": items["currency"],
        "cost_currency": pc.if_else(pc.is_valid(cost), items["currency"], NO_TEXT),
        "margin_percent": margin,
        "margin_basis": basis,
        "grape_varieties": [],
        "flavors": [],
        "active": pc.is_null(items["removed_at"]),
        "last_updated": synced_at,
        "synced_at": synced_at,
    }
    frame = to_frame(PRODUCT_CATALOG, items.num_rows, columns)
    return Mapped(frame, skipped={"other_location": len(menu) - items.num_rows})


def choose_items(menu: pd.DataFrame, rules: PosRules) -> pa.Table:
    """One row per item: of the first configured location that lists it, else of the first that did."""
    rows = to_arrow(menu)
    rows = rows.append_column("is_removed", pc.is_valid(rows["removed_at"]))
    rows = rows.append_column("place", places_of(rows["location_id"], rules))
    by = [("item_id", "ascending"), ("is_removed", "ascending"), ("place", "ascending"), ("location_id", "ascending")]
    rows = rows.sort_by(by)
    items = pc.unique(rows["item_id"])
    return rows.take(pc.index_in(items, value_set=rows["item_id"]))


def _join_categories(items: pa.Table) -> Any:
    both = pc.binary_join_element_wise(items["category"], items["subcategory"], " > ")
    return pc.coalesce(both, items["category"])
