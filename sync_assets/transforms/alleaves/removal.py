"""When a store's menu may lose items, and what becomes of an item that vanished or came back.

How items are computed does not belong here; see `menu.py`. Alleaves specification, section 2.4.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from sync_assets.tables.marts import MENU_PRODUCTS
from sync_assets.tables.spec import ARROW

SMALL_MENU = 50
SMALLEST_SHARE_PERCENT = 20
INSTANT = ARROW["timestamp"]


def decide_removal(previous: int, new: int, *, accept_shrink: bool = False) -> str | None:
    """Why the list of a location must not replace its menu: empty_catalogue, catalogue_shrank, or null.

    `previous` counts the items on the menu, `new` the items received. A real shrink can be accepted, an empty list not.

    >>> decide_removal(1, 0), decide_removal(50, 9), decide_removal(50, 10), decide_removal(49, 1)
    ('empty_catalogue', 'catalogue_shrank', None, None)
    """
    if new == 0 and previous > 0:
        return "empty_catalogue"
    if previous >= SMALL_MENU and 100 * new < SMALLEST_SHARE_PERCENT * previous and not accept_shrink:
        return "catalogue_shrank"
    return None


def key_items(rows: pa.Table) -> Any:
    """One text per location and item."""
    return pc.binary_join_element_wise(rows["location_id"], rows["item_id"], "\x1f")


def count_revived(items: pa.Table, previous: pa.Table) -> int:
    """How many of the listed items had vanished."""
    gone = previous.filter(pc.is_valid(previous["removed_at"]))
    return int(pc.sum(pc.is_in(key_items(items), value_set=key_items(gone))).as_py() or 0)


def retire(vanished: pa.Table, *, run_at: datetime, last_listed_at: datetime | None) -> tuple[pa.Table, int]:
    """Rows of items that were not received, and how many of them were on the menu until now.

    `last_listed_at` is the run before this one; when it is not known, the row's last change stands for it.
    """
    is_new = pc.is_null(vanished["removed_at"])
    now = pa.scalar(run_at, INSTANT)
    listed = vanished["updated_at"] if last_listed_at is None else pa.scalar(last_listed_at, INSTANT)
    changes = {
        "available": pc.and_(vanished["available"], pc.invert(is_new)),
        "last_seen_at": pc.if_else(is_new, listed, vanished["last_seen_at"]),
        "removed_at": pc.if_else(is_new, now, vanished["removed_at"]),
        "updated_at": pc.if_else(is_new, now, vanished["updated_at"]),
    }
    columns = {name: changes.get(name, vanished[name]) for name in MENU_PRODUCTS.frame_columns}
    return pa.table(columns), int(pc.sum(is_new).as_py() or 0)
