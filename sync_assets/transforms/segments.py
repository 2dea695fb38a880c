"""Which segment and loyalty tier every customer is in, and who moved: specification, sections 4 and 5.

What a customer spent does not belong here; see `spending.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from sync_assets.connections import Org
from sync_assets.tables.canonical import CUSTOMERS
from sync_assets.tables.marts import (
    CUSTOMER_SEGMENT_CHANGES,
    CUSTOMER_SEGMENTS,
    CUSTOMER_SPENDING,
    SEGMENTS,
    TIERS,
)
from sync_assets.transforms.avatar_arrow import DAY, INSTANT, Frame, columns_of, microseconds, single
from sync_assets.transforms.columns import count_words, is_true, look_up, to_frame
from sync_assets.transforms.spending import one_per_customer

CUSTOMER_COLUMNS = ("customer_key", "root_customer_key", "source", "loyalty_points")
SPENDING_COLUMNS = ("customer_key", "total_spent", "order_count", "last_order_date")
CHANGE_COLUMNS = ("customer_key", "changed_at", "to_segment")
VIP_SPENT, VIP_ORDERS = Decimal(1000), 10
LOYAL_ORDERS, LOYAL_DAYS = 5, 60
CHURNED_DAYS, AT_RISK_DAYS = 90, 45
RETURNING_ORDERS = 2
NOTHING = pa.scalar(Decimal(0), pa.decimal128(18, 2))


@dataclass(frozen=True)
class Segments:
    """Rows of marts.customer_segments, new rows of marts.customer_segment_changes, customers by segment and tier."""

    frame: pd.DataFrame
    changes: pd.DataFrame
    counts: dict[str, int] = field(default_factory=dict)


def compute_segments(customers: Frame, spending: Frame, last_changes: Frame, org: Org, *, as_of: datetime) -> Segments:
    """One row per family root, with or without orders, and one change for each that moved since its last change.

    The frames have CUSTOMER_COLUMNS, SPENDING_COLUMNS and CHANGE_COLUMNS; of `last_changes` the latest of a customer
    counts. The history only grows: a computation for an instant at or before a customer's last change adds none.
    """
    people = columns_of(customers, CUSTOMERS, CUSTOMER_COLUMNS)
    roots = people.filter(is_true(pc.equal(people["customer_key"], people["root_customer_key"]))).combine_chunks()
    keys = roots["customer_key"]
    spent = one_per_customer(columns_of(spending, CUSTOMER_SPENDING, SPENDING_COLUMNS))
    total, orders, last_order = (
        look_up(keys, single(spent["customer_key"]), single(spent[name])) for name in SPENDING_COLUMNS[1:]
    )
    total, orders = pc.coalesce(total, NOTHING), pc.coalesce(orders, 0)
    points = pc.coalesce(roots["loyalty_points"], NOTHING)
    segment = segments_of(orders, total, silent_days(last_order, as_of))
    measure = points if org.loyalty.measure == "loyalty_points" else total
    before, changed_at = _last_of(keys, columns_of(last_changes, CUSTOMER_SEGMENT_CHANGES, CHANGE_COLUMNS))
    now = pa.scalar(as_of, INSTANT)
    differs = pc.fill_null(pc.not_equal(before, segment), True)
    is_new = pc.and_(differs, pc.fill_null(pc.less(changed_at, now), True))
    frame = to_frame(
        CUSTOMER_SEGMENTS,
        roots.num_rows,
        {
            "org_id": org.org_id,
            "customer_key": keys,
            "source": roots["source"],
            "segment": segment,
            "segment_since": pc.if_else(differs, now, changed_at),
            "total_spent": total,
            "order_count": orders,
            "last_order_date": last_order,
            "loyalty_tier": tiers_of(measure, org.loyalty.thresholds),
            "loyalty_points": points,
            "currency": org.currency,
            "updated_at": as_of,
        },
    )
    changes = to_frame(
        CUSTOMER_SEGMENT_CHANGES,
        pc.sum(is_new).as_py() or 0,
        {
            "org_id": org.org_id,
            "customer_key": keys.filter(is_new),
            "changed_at": as_of,
            "from_segment": before.filter(is_new),
            "to_segment": segment.filter(is_new),
        },
    )
    return Segments(frame, changes, _count(frame, changes))


def silent_days(last_orders: Any, as_of: datetime) -> pa.Array:
    """Elapsed 24-hour periods from each last order to `as_of`, rounded down; null without a last order.

    >>> last = pa.array([datetime(2026, 5, 1, 12, 0, 1), datetime(2026, 7, 1), None], pa.timestamp("us", tz="UTC"))
    >>> silent_days(last, datetime(2026, 6, 30, 12)).to_pylist()
    [59, -1, None]
    """
    moments = single(last_orders).cast(INSTANT).cast(pa.int64())
    elapsed = microseconds(as_of) - pc.fill_null(moments, 0).to_numpy(zero_copy_only=False)
    return pa.array(np.floor_divide(elapsed, DAY), mask=pc.is_null(moments).to_numpy(zero_copy_only=False))


def segments_of(order_count: Any, total_spent: Any, days: Any) -> Any:
    """The first rule that fits; a comparison with unknown days never does.

    >>> segments_of(pa.array([4, 5]), pa.array([Decimal("100.00")] * 2), pa.array([45, 59])).to_pylist()
    ['returning', 'loyal']
    """
    never = pc.and_(pc.equal(order_count, 0), pc.is_null(days))
    is_vip = pc.and_(pc.greater_equal(total_spent, pa.scalar(VIP_SPENT)), pc.greater_equal(order_count, VIP_ORDERS))
    is_loyal = pc.and_kleene(pc.greater_equal(order_count, LOYAL_ORDERS), pc.less(days, LOYAL_DAYS))
    rules = {
        "new": never,
        "vip": is_vip,
        "loyal": is_loyal,
        "churned": pc.greater(days, CHURNED_DAYS),
        "at_risk": pc.greater(days, AT_RISK_DAYS),
        "returning": pc.greater_equal(order_count, RETURNING_ORDERS),
    }
    conditions = pc.make_struct(*(single(is_true(rule)) for rule in rules.values()), field_names=list(rules))
    return pc.case_when(conditions, *(pa.scalar(word) for word in rules), pa.scalar("new"))


def tiers_of(measure: Any, thresholds: Sequence[Decimal]) -> Any:
    """The highest tier whose threshold is reached; below the first one still bronze.

    >>> points = pa.array([Decimal("199.99"), Decimal("200"), Decimal("-5")])
    >>> tiers_of(points, [Decimal(0), Decimal(200), Decimal(500), Decimal(1000)]).to_pylist()
    ['bronze', 'silver', 'bronze']
    """
    tier: Any = pa.scalar(TIERS[0])
    for name, threshold in zip(TIERS[1:], thresholds[1:], strict=True):
        tier = pc.if_else(is_true(pc.greater_equal(measure, pa.scalar(threshold))), name, tier)
    return tier


def _last_of(keys: Any, changes: pa.Table) -> tuple[Any, Any]:
    """Segment and time of the latest change of each customer; null without one."""
    latest = changes.sort_by([("changed_at", "descending")])
    place = pc.index_in(keys, value_set=single(latest["customer_key"]), skip_nulls=True)
    return latest["to_segment"].take(place), latest["changed_at"].take(place)


def _count(frame: pd.DataFrame, changes: pd.DataFrame) -> dict[str, int]:
    segments = count_words(frame["segment"].array.__arrow_array__())
    tiers = count_words(frame["loyalty_tier"].array.__arrow_array__())
    return {
        "customers": len(frame),
        **{f"segment_{word}": segments.get(word, 0) for word in SEGMENTS},
        **{f"tier_{word}": tiers.get(word, 0) for word in TIERS},
        "changes": len(changes),
        "moves": int(changes["from_segment"].notna().sum()),
    }
