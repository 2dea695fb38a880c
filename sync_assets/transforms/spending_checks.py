"""The invariants of spending and segments as pure questions: each gives (passed, details of plain Python values).

They count again from the inputs instead of asking the code that built the rows. Severities do not belong here.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from sync_assets.connections import Org
from sync_assets.tables.canonical import CUSTOMERS, SALES_ORDERS
from sync_assets.tables.marts import CUSTOMER_SEGMENTS, CUSTOMER_SPENDING, SEGMENTS, TIERS
from sync_assets.transforms.avatar_arrow import Frame, columns_of, single
from sync_assets.transforms.avatar_checks import EXAMPLES, Answer
from sync_assets.transforms.columns import is_true
from sync_assets.transforms.spending import CID, ORDER_COLUMNS, in_org_currency

FIGURES = tuple(
    name for name in CUSTOMER_SPENDING.frame_columns if name not in ("org_id", "spending_key", "updated_at")
)


def check_orders_have_customer(orders: Frame, customers: Frame) -> Answer:
    """Every counted order belongs to a customer that is known."""
    table = columns_of(orders, SALES_ORDERS, ["order_key", "customer_key", "is_counted"])
    counted = table.filter(table["is_counted"])
    known = single(columns_of(customers, CUSTOMERS, ["customer_key"])["customer_key"])
    is_lost = pc.invert(pc.is_in(counted["customer_key"], value_set=known, skip_nulls=True))
    lost = counted.filter(is_lost)
    details = {
        "orders": counted.num_rows,
        "without_customer": lost["customer_key"].null_count,
        "of_unknown_customers": lost.num_rows - lost["customer_key"].null_count,
        "examples": sorted(lost["order_key"].to_pylist())[:EXAMPLES],
    }
    return lost.num_rows == 0, details


def check_keys_agree(spending: Frame) -> Answer:
    """All keys of a customer hold the same figures, and one of them is the id in the source."""
    table = columns_of(spending, CUSTOMER_SPENDING, [*FIGURES, "spending_key"])
    is_id = pc.starts_with(table["spending_key"], CID)
    different = table.select(FIGURES).group_by(list(FIGURES)).aggregate([])
    customers = table.group_by("customer_key").aggregate([])
    with_id = pc.count_distinct(table["customer_key"].filter(is_id)).as_py()
    details = {
        "rows": table.num_rows,
        "customers": customers.num_rows,
        "with_different_figures": different.num_rows - customers.num_rows,
        "without_id_key": customers.num_rows - with_id,
    }
    return different.num_rows == customers.num_rows == with_id, details


def check_spending_matches(spending: Frame, orders: Frame, customers: Frame, org: Org) -> Answer:
    """Sum of total_spent by id = sum of the counted orders of known customers, in the organisation's currency, to the cent."""
    rows = columns_of(spending, CUSTOMER_SPENDING, ["source", "spending_key", "total_spent"])
    people = columns_of(customers, CUSTOMERS, ["customer_key", "source", "source_id"])
    ids = pc.binary_join_element_wise(people["source"], people["source_id"], f"\n{CID}")
    by_id = pc.is_in(pc.binary_join_element_wise(rows["source"], rows["spending_key"], "\n"), value_set=single(ids))
    table = columns_of(orders, SALES_ORDERS, ORDER_COLUMNS)
    is_known = pc.is_in(table["customer_key"], value_set=single(people["customer_key"]), skip_nulls=True)
    counted = table.filter(pc.and_(table["is_counted"], is_known))
    amounts, is_left_out = in_org_currency(counted, org)
    in_rows, in_orders = _sum(rows["total_spent"].filter(by_id)), _sum(amounts)
    details = {
        "in_rows": str(in_rows),
        "in_orders": str(in_orders),
        "difference": str(in_rows - in_orders),
        "orders_mixed_currency": pc.sum(is_left_out).as_py() or 0,
    }
    return in_rows == in_orders, details


def check_segments_complete(segments: Frame, customers: Frame) -> Answer:
    """Every family root has one segment and one tier, each a word of its list, and nobody else has."""
    table = columns_of(segments, CUSTOMER_SEGMENTS, ["customer_key", "segment", "loyalty_tier"])
    people = columns_of(customers, CUSTOMERS, ["customer_key", "root_customer_key"])
    roots = people["customer_key"].filter(is_true(pc.equal(people["customer_key"], people["root_customer_key"])))
    keys = single(table["customer_key"])
    details = {
        "customers": len(roots),
        "without_segment": _missing(roots, keys),
        "not_a_root": _missing(keys, single(roots)),
        "twice": len(keys) - len(pc.unique(keys)),
        "segment_out_of_range": _missing(table["segment"], pa.array(SEGMENTS)),
        "tier_out_of_range": _missing(table["loyalty_tier"], pa.array(TIERS)),
    }
    return not any(count for name, count in details.items() if name != "customers"), details


def _missing(values: Any, allowed: pa.Array | Sequence[str]) -> int:
    """How many of the values, nulls too, are not among the allowed ones."""
    return pc.sum(pc.invert(pc.is_in(values, value_set=allowed, skip_nulls=True))).as_py() or 0


def _sum(amounts: Any) -> Decimal:
    return pc.sum(amounts.cast(pa.decimal128(38, 2))).as_py() or Decimal("0.00")
