"""The rows of an inventory (item, batch and area) as one row per location and item.

Prices, strain and what became of earlier items do not belong here. Alleaves specification, section 6.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from sync_assets.tables.spec import ARROW
from sync_assets.transforms.alleaves.raw import PosRules
from sync_assets.transforms.columns import is_true, only_if
from sync_assets.transforms.money import ZERO, fit

QUANTITY = ARROW["quantity"]
NOTHING = pa.scalar(Decimal(0), QUANTITY)
LONGEST_NUMBER = 60


@dataclass(frozen=True)
class ItemRows:
    """Inventory rows in reference order, and which of them belong to one item.

    `group` numbers the item of each row, `starts` are the reference rows, `latest` ranks the rows by when they were
    received, the latest first.
    """

    rows: pa.Table
    group: pa.Array
    starts: pa.Array
    latest: pa.Array

    def reference(self, column: str) -> Any:
        """The value of each item's reference row."""
        return self.rows[column].take(self.starts)

    def first(self, values: Any, where: Any) -> Any:
        """The value in each item's first row, in reference order, that fulfils a condition; null without one."""
        return self._choose(values, where, pa.array(np.arange(len(self.group))))

    def latest_value(self, values: Any) -> Any:
        """The value in each item's latest received row that has one."""
        return self._choose(values, pc.is_valid(values), self.latest)

    def add_up(self, values: Any, where: Any = None) -> Any:
        """Sum per item, null as 0; only over the rows that fulfil a condition, if one is given."""
        wide = pc.fill_null(values, pa.scalar(Decimal(0), values.type)).cast(pa.decimal128(38, values.type.scale))
        counted = wide if where is None else pc.if_else(is_true(where), wide, pa.scalar(Decimal(0), wide.type))
        sums = pa.table({"group": self.group, "value": counted}).group_by("group").aggregate([("value", "sum")])
        return sums.sort_by("group")["value_sum"]

    def count_distinct(self, values: Any) -> Any:
        """Number of different values per item, null not counted."""
        counts = pa.table({"group": self.group, "value": values}).group_by("group")
        found = counts.aggregate([("value", "count_distinct", pc.CountOptions(mode="only_valid"))])
        return found.sort_by("group")["value_count_distinct"]

    def _choose(self, values: Any, where: Any, ranks: Any) -> Any:
        rows = pa.table({"group": self.group, "rank": ranks}).filter(is_true(where))
        best = rows.group_by("group").aggregate([("rank", "min")])
        places = pc.index_in(pa.array(np.arange(len(self.starts))), value_set=best["group"])
        return values.take(pc.index_in(best["rank_min"], value_set=ranks)).take(places)


def arrange(inventory: pa.Table) -> ItemRows:
    """Rows by location and item, those of an item in reference order: most available, latest received, highest batch."""
    number, is_number = _batch_numbers(inventory["batch_id"])
    keys = pa.table(
        {
            "location_id": inventory["location_id"],
            "item_id": inventory["item_id"],
            "available": pc.fill_null(_available(inventory), NOTHING),
            "received_at": inventory["received_at"],
            "is_number": is_number,
            "number": number,
            "batch_id": inventory["batch_id"],
            "area_id": inventory["area_id"],
        }
    )
    rising = ("location_id", "item_id", "area_id")
    by = [(name, "ascending" if name in rising else "descending") for name in keys.column_names]
    order = pc.sort_indices(keys, sort_keys=by)
    rows = inventory.take(order).combine_chunks()
    item = pc.binary_join_element_wise(rows["location_id"], rows["item_id"], "\x1f")
    items = pc.unique(item)
    group = pc.index_in(item, value_set=items).combine_chunks()
    starts = pc.index_in(items, value_set=item)
    received = pa.table({"received_at": rows["received_at"], "place": np.arange(rows.num_rows)})
    latest_first = pc.sort_indices(received, sort_keys=[("received_at", "descending"), ("place", "ascending")])
    return ItemRows(rows, group, starts, pa.array(np.argsort(latest_first.to_numpy())))


def _available(rows: pa.Table) -> Any:
    """A source that only says what is on hand means that all of it is available."""
    return pc.coalesce(rows["quantity_available"], rows["quantity_on_hand"])


def _batch_numbers(batches: Any) -> tuple[Any, Any]:
    """Digits padded so that they compare as numbers, and where a batch id is one."""
    is_number = is_true(pc.match_substring_regex(batches, r"^[0-9]+$"))
    digits = pc.utf8_ltrim(only_if(is_number, batches), characters="0")
    return pc.utf8_lpad(digits, width=LONGEST_NUMBER, padding="0"), is_number


def count_stock(items: ItemRows, rules: PosRules, *, store_today: date) -> dict[str, Any]:
    """On hand, available for sale and expired, per item."""
    rows = items.rows
    unsellable = pa.array([kind.strip().lower() for kind in rules.unsellable_area_types], pa.string())
    area_type = pc.utf8_lower(pc.utf8_trim_whitespace(rows["area_type"]))
    is_held = pc.or_(pc.is_in(area_type, value_set=unsellable, skip_nulls=True), is_true(rows["qc_hold"]))
    has_expired = pc.less(rows["expires_on"], pa.scalar(store_today))
    on_hand = rows["quantity_on_hand"]
    return {
        "quantity_on_hand": fit(items.add_up(on_hand), "quantity"),
        "quantity_available": fit(items.add_up(_available(rows), pc.invert(is_held)), "quantity"),
        "quantity_expired": fit(items.add_up(on_hand, has_expired), "quantity"),
    }


def weigh_costs(items: ItemRows) -> Any:
    """Cost per unit with 4 decimals: mean by stock, else that of the latest received row; null when none has one."""
    rows = items.rows
    cost = _round_cost(rows["cost"])
    is_stocked = pc.and_(pc.is_valid(cost), is_true(pc.greater(rows["quantity_on_hand"], ZERO)))
    quantity = items.add_up(rows["quantity_on_hand"], is_stocked).cast(pa.decimal256(28, 3))
    value = items.add_up(pc.multiply(cost, rows["quantity_on_hand"]), is_stocked).cast(pa.decimal256(38, 7))
    mean = pc.divide(value, only_if(pc.greater(quantity, ZERO), quantity))
    return pc.coalesce(_round_cost(mean), items.latest_value(cost)).cast(ARROW["number"])


def _round_cost(values: Any) -> Any:
    return pc.round(values, 4, round_mode="half_towards_infinity").cast(pa.decimal128(18, 4))
