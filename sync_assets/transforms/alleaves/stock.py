"""The items of a store's menu as canonical stock levels: one row per item and location that lists it.

How batches add up to an item does not belong here; see `items.py`.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from sync_assets.connections import Org
from sync_assets.tables.canonical import STOCK_LEVELS
from sync_assets.transforms.alleaves.items import NOTHING
from sync_assets.transforms.alleaves.raw import SOURCE, AlleavesRaw
from sync_assets.transforms.alleaves.removal import key_items
from sync_assets.transforms.columns import clean, is_true, look_up, to_arrow, to_frame
from sync_assets.transforms.mapped import Mapped, report
from sync_assets.transforms.money import ZERO, fit

ENTITY = "menu_product"


def map_stock(raw: AlleavesRaw, menu: pd.DataFrame, org: Org, *, synced_at: datetime) -> Mapped:
    """Stock of every item on the menu; what is on hand and not for sale (damaged, held) counts as reserved."""
    everything = to_arrow(menu)
    items = everything.filter(pc.is_null(everything["removed_at"])).sort_by(
        [("item_id", "ascending"), ("location_id", "ascending")]
    )
    on_hand = items["quantity_on_hand"]
    unsold = fit(pc.subtract(on_hand, items["quantity_available"]), "quantity")
    reserved = pc.if_else(pc.greater(unsold, ZERO), unsold, NOTHING)
    source_ids = pc.binary_join_element_wise(items["item_id"], items["location_id"], "-")
    columns = {
        "org_id": org.org_id,
        "stock_key": pc.binary_join_element_wise(f"{SOURCE}-STOCK", source_ids, "-"),
        "source": SOURCE,
        "source_id": source_ids,
        "product_key": items["product_key"],
        "warehouse": _name_locations(raw, items["location_id"]),
        "quantity_units": on_hand,
        "reserved_qty": reserved,
        "available_qty": fit(pc.subtract(on_hand, reserved), "quantity"),
        "last_count_date": look_up(key_items(items), *_last_changes(raw)),
        "synced_at": synced_at,
    }
    message = "The stock is below 0; it is kept."
    is_negative = is_true(pc.less(on_hand, ZERO))
    findings = report(
        ENTITY, source_ids, is_negative, "negative_stock", message, column="quantity_on_hand", values=on_hand
    )
    skipped = {"removed": everything.num_rows - items.num_rows}
    return Mapped(to_frame(STOCK_LEVELS, items.num_rows, columns), findings, skipped)


def _name_locations(raw: AlleavesRaw, location_ids: Any) -> Any:
    locations = to_arrow(raw.locations)
    names = look_up(location_ids, locations["location_id"], clean(locations["location"]))
    return pc.coalesce(names, location_ids)


def _last_changes(raw: AlleavesRaw) -> tuple[Any, Any]:
    """Items, and the latest change that the source gives for one of their rows."""
    rows = to_arrow(raw.inventory)
    changes = pa.table({"item": key_items(rows), "at": rows["updated_at"]}).group_by("item").aggregate([("at", "max")])
    return changes["item"], changes["at_max"]
