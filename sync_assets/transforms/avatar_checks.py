"""The invariants of the avatars as pure questions: each gives (passed, details of plain Python values).

They count again from the inputs instead of asking the code that built the rows. Severities do not belong here.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from sync_assets.tables.canonical import CUSTOMERS, SALES_ORDERS
from sync_assets.tables.marts import CUSTOMER_AVATARS
from sync_assets.transforms.avatar_arrow import INSTANT, Frame, booleans, columns_of, integers, single
from sync_assets.transforms.avatar_plan import AvatarPlan, AvatarRules
from sync_assets.transforms.windows import as_utc, iso_utc

Answer = tuple[bool, dict[str, Any]]
SCORES = ("health_score", "engagement_score", "churn_risk_score", "upsell_potential_score")
EXAMPLES = 5
NO_MONEY = Decimal("0.00")


def check_one_root_per_order(orders: Frame, customers: Frame, rules: AvatarRules) -> Answer:
    """Every counted order of a customer points at one root: known customers are their own, and are listed once."""
    counted = _orders_of_window(orders, rules)
    people = columns_of(customers, CUSTOMERS, ["customer_key", "root_customer_key"])
    keys, roots = single(people["customer_key"]), single(people["root_customer_key"])
    is_twice = pc.is_in(counted["customer_key"], value_set=_twice(keys))
    root = roots.take(pc.index_in(counted["customer_key"], value_set=keys))
    is_other = pc.fill_null(pc.not_equal(root, counted["customer_key"]), False)
    wrong = counted.filter(pc.or_(is_twice, is_other))
    details = {
        "orders": counted.num_rows,
        "orders_without_one_root": wrong.num_rows,
        "examples": _some(wrong["order_key"]),
    }
    return wrong.num_rows == 0, details


def check_no_order_lost(plan: AvatarPlan) -> Answer:
    """orders_counted = total_orders of the rows written + orders_in_error + orders_outside_limit."""
    written = int(integers(columns_of(plan.frame, CUSTOMER_AVATARS, ["total_orders"])["total_orders"]).sum())
    names = ("orders_counted", "orders_in_error", "orders_outside_limit")
    counts = {name: plan.counts[name] for name in names}
    lost = counts["orders_counted"] - written - counts["orders_in_error"] - counts["orders_outside_limit"]
    return lost == 0, {**counts, "orders_in_rows": written, "orders_lost": lost}


def check_revenue_matches(plan: AvatarPlan, orders: Frame, customers: Frame) -> Answer:
    """total_revenue of the rows written = sum of the amounts of their counted orders, to the cent."""
    rows = columns_of(plan.frame, CUSTOMER_AVATARS, ["customer_key", "total_revenue"])
    people = columns_of(customers, CUSTOMERS, ["customer_key", "root_customer_key"])
    family = pc.is_in(people["root_customer_key"], value_set=single(rows["customer_key"]))
    members = single(people["customer_key"].filter(family))
    counted = _orders_of_window(orders, plan.rules, plan.rules.order_amount)
    # A family that left the window is written with nothing, and has no order in it.
    mine = counted.filter(pc.is_in(counted["customer_key"], value_set=members))
    in_rows = _sum(rows["total_revenue"])
    in_orders = _sum(mine[plan.rules.order_amount])
    difference = in_rows - in_orders
    return difference == 0, {"in_rows": str(in_rows), "in_orders": str(in_orders), "difference": str(difference)}


def check_scores_in_range(avatars: Frame) -> Answer:
    """The four scores are within 0..100."""
    table = columns_of(avatars, CUSTOMER_AVATARS, SCORES)
    outside = {}
    for name in SCORES:
        is_inside = pc.and_(pc.greater_equal(table[name], 0), pc.less_equal(table[name], 100))
        outside[name] = table.num_rows - (pc.sum(pc.fill_null(is_inside, False)).as_py() or 0)
    return not any(outside.values()), {"rows": table.num_rows, **outside}


def check_one_avatar_per_family(avatars: Frame, customers: Frame) -> Answer:
    """The root of every active avatar's partner, looked up again, is that partner itself."""
    table = columns_of(avatars, CUSTOMER_AVATARS, ["customer_key", "is_active"])
    active = single(table["customer_key"].filter(booleans(table["is_active"])))
    people = columns_of(customers, CUSTOMERS, ["customer_key", "root_customer_key"])
    root = people["root_customer_key"].take(pc.index_in(active, value_set=single(people["customer_key"])))
    is_root = pc.fill_null(pc.equal(root, active), False)
    wrong = active.filter(pc.or_(pc.invert(single(is_root)), pc.is_in(active, value_set=_twice(active))))
    return len(wrong) == 0, {"active": len(active), "not_a_root": len(wrong), "examples": _some(wrong)}


def check_errors_empty(plan: AvatarPlan) -> Answer:
    """No family is in error."""
    by_code: dict[str, int] = {}
    for error in plan.errors:
        by_code[error["code"]] = by_code.get(error["code"], 0) + 1
    return not plan.errors, {"errors": len(plan.errors), **dict(sorted(by_code.items()))}


def check_avatars_fresh(avatars: Frame, *, now: datetime, fresh_hours: int = 26) -> Answer:
    """The latest run that processed a row is younger than `fresh_hours`; without rows there is nothing to be stale."""
    last = pc.max(columns_of(avatars, CUSTOMER_AVATARS, ["last_sync_odoo"])["last_sync_odoo"]).as_py()
    if last is None:
        return True, {"rows": 0, "fresh_hours": fresh_hours}
    age = as_utc(now) - as_utc(last)
    details = {
        "rows": len(avatars),
        "last_sync": iso_utc(last),
        "age_hours": round(age.total_seconds() / 3600, 1),
        "fresh_hours": fresh_hours,
    }
    return age < timedelta(hours=fresh_hours), details


def _orders_of_window(orders: Frame, rules: AvatarRules, *more: str) -> pa.Table:
    """Counted orders of a customer within the window."""
    table = columns_of(orders, SALES_ORDERS, ["order_key", "customer_key", "is_counted", "ordered_at", *more])
    table = table.filter(pc.and_(table["is_counted"], pc.is_valid(table["customer_key"])))
    table = table.filter(pc.less_equal(table["ordered_at"], pa.scalar(rules.as_of, INSTANT)))
    if rules.start is None:
        return table
    return table.filter(pc.greater_equal(table["ordered_at"], pa.scalar(rules.start, INSTANT)))


def _twice(keys: pa.Array) -> pa.Array:
    counts = pc.value_counts(keys)
    return pc.struct_field(counts, "values").filter(pc.greater(pc.struct_field(counts, "counts"), 1))


def _some(keys: pa.Array | pa.ChunkedArray) -> list[str]:
    return sorted(keys.to_pylist())[:EXAMPLES]


def _sum(amounts: pa.ChunkedArray) -> Decimal:
    return pc.sum(amounts.cast(pa.decimal128(38, 2))).as_py() or NO_MONEY
