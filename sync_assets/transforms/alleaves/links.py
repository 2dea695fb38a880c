"""Which item a line of an Alleaves order sold, by id, by id and name, or by name alone.

Computed anew on every run, so that an item that arrives later links older lines. Amounts do not belong here.
"""

from __future__ import annotations

from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from sync_assets.transforms.alleaves.raw import normalise_names
from sync_assets.transforms.columns import NO_TEXT, look_up, pair_ids, to_arrow
from sync_assets.transforms.mapped import Finding, report

ENTITY = "order_line"
NOTHING_NAMED = pa.scalar("-")


def link_lines(lines: pa.Table, menu: pd.DataFrame) -> tuple[Any, Any]:
    """Item id of each line and how it was found (id, id_and_name or name); both null without a known item.

    `menu` is the frame of `build_menu`, with vanished items.
    """
    items = to_arrow(menu)
    ids = pc.unique(items["item_id"])
    names = normalise_names(items["name"])
    known_names = pc.unique(names).drop_null()
    by_id = look_up(lines["inventory_item_id"], ids, ids)
    # An id on a line may be that of the line, so it counts only with the item's own name beside it.
    known = pc.unique(_pairs(items["item_id"], names, ids, known_names)).drop_null()
    line_names = normalise_names(lines["product_name"])
    said = _pairs(lines["item_id"], line_names, ids, known_names)
    by_both = pc.if_else(pc.is_in(said, value_set=known, skip_nulls=True), lines["item_id"], NO_TEXT)
    by_name = look_up(line_names, *_sole_items(items["item_id"], names))
    method = pc.coalesce(_where(by_id, "id"), _where(by_both, "id_and_name"), _where(by_name, "name"))
    return pc.coalesce(by_id, by_both, by_name), method


def find_unlinked(lines: pa.Table, item_ids: Any) -> list[Finding]:
    """One finding per product that the lines name and the menu does not have, however many lines there are."""
    unlinked = lines.filter(pc.is_null(item_ids))
    # `item_id` may be the line's own id, so the name says more.
    names = (unlinked[name] for name in ("inventory_item_id", "product_name", "item_id"))
    said = pc.unique(pc.coalesce(*names, NOTHING_NAMED))
    message = "No item of the menu fits what the line names; the line counts without a product."
    everywhere = pc.is_valid(said)
    return report(ENTITY, said, everywhere, "unlinked_line", message, column="product_name", values=said)


def _where(found: Any, word: str) -> Any:
    return pc.if_else(pc.is_valid(found), word, NO_TEXT)


def _pairs(ids: Any, names: Any, known_ids: Any, known_names: Any) -> Any:
    """One number for a known id with a known name, else null."""
    first, second = pc.index_in(ids, value_set=known_ids), pc.index_in(names, value_set=known_names)
    return pair_ids(first.cast(pa.int64()), second.cast(pa.int64()))


def _sole_items(ids: Any, names: Any) -> tuple[Any, Any]:
    """The names that exactly one item has, in whatever location, and that item's id."""
    held = pa.table({"name": names, "id": ids}).filter(pc.is_valid(names)).group_by(["name", "id"]).aggregate([])
    counted = pc.value_counts(held["name"])
    sole = counted.field("values").filter(pc.equal(counted.field("counts"), 1))
    chosen = held.filter(pc.is_in(held["name"], value_set=sole))
    return chosen["name"], chosen["id"]
