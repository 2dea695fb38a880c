"""Customer avatars: one row per customer family with what it bought and how healthy the relation is.

Built from the canonical tables alone; the rules are those of the avatar specification. Which orders count is in
`avatar_orders.py`, products in `avatar_products.py`, scores in `scores.py`, what a run reports in `avatar_results.py`.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from sync_assets.tables.canonical import CUSTOMERS
from sync_assets.tables.marts import CUSTOMER_AVATARS
from sync_assets.transforms.avatar_arrow import (
    Frame,
    booleans,
    by_id,
    cents,
    columns_of,
    days_between,
    integers,
    microseconds,
    money,
    not_blank,
    number_of,
    single,
    sorted_by,
    to_frame,
)
from sync_assets.transforms.avatar_orders import Families, gather_families
from sync_assets.transforms.avatar_plan import AvatarPlan, AvatarRules
from sync_assets.transforms.avatar_products import Bought, summarise_lines
from sync_assets.transforms.scores import Integers, ruleset_named
from sync_assets.transforms.windows import as_utc, window_start

__all__ = ["AvatarPlan", "AvatarRules", "build_avatars", "window_start"]

CUSTOMER_COLUMNS = (
    "customer_key",
    "source",
    "source_id",
    "root_customer_key",
    "display_name",
    "email",
    "phone",
    "city",
    "salesperson_id",
    "salesperson_name",
)
STORED_COLUMNS = (
    "customer_key",
    "odoo_partner_id",
    "name",
    "email",
    "phone",
    "city",
    "assigned_salesperson_id",
    "assigned_salesperson_name",
    "first_order_date",
    "last_order_date",
    "is_active",
    "currency",
)


def build_avatars(
    customers: Frame,
    orders: Frame,
    lines: Frame | Iterable[Frame],
    products: Frame,
    existing: Frame,
    rules: AvatarRules,
    *,
    now: datetime,
) -> AvatarPlan:
    """Rows of marts.customer_avatars to write, from canonical customers, sales_orders, sales_lines and product_catalog.

    `existing` are the stored avatars; `lines` may come as several frames. `now` is the time of the run, `rules.as_of`
    the instant that metrics and scores are computed for.
    """
    people = columns_of(customers, CUSTOMERS, CUSTOMER_COLUMNS).combine_chunks()
    stored = columns_of(existing, CUSTOMER_AVATARS, STORED_COLUMNS, optional=True)
    org = rules.org_id or _org_of(customers, orders, existing)
    families = gather_families(orders, people, rules)
    pa.default_memory_pool().release_unused()
    bought = summarise_lines(lines, products, families.orders, len(families.chosen), rules.line_amount)
    common = _same_for_all(rules, now, org)
    frames = [_active_rows(families, bought, people, rules, common)]
    if not (rules.is_limited or rules.is_partial):
        gone = pc.invert(pc.is_in(stored["customer_key"], value_set=families.keys))
        if pc.any(gone).as_py():
            frames.append(_left_rows(stored.filter(gone).combine_chunks(), people, rules, common))
    frame = pa.concat_tables(frames)
    counts = {
        **families.counts,
        "lines_unit_unknown": bought.unit_unknown,
        "skipped": _count_skipped(people, families, stored),
        "created": _count_created(frame, stored),
        "deactivated": _count_deactivated(frame, stored),
    }
    return AvatarPlan(to_frame(frame), rules, families.errors, _warnings(families, bought, rules), counts)


def _org_of(*frames: Frame) -> str:
    for frame in frames:
        names = frame.column_names if isinstance(frame, pa.Table) else frame.columns
        if "org_id" in names and len(frame):
            return str(frame["org_id"][0] if isinstance(frame, pa.Table) else frame["org_id"].iloc[0])
    return ""


def _same_for_all(rules: AvatarRules, now: datetime, org: str) -> dict[str, Any]:
    moment = as_utc(now)
    return {
        "org_id": org,
        "ruleset": rules.ruleset,
        "root_policy": rules.root_policy,
        "revenue_basis": rules.revenue_basis,
        "as_of": rules.as_of,
        "window_months": rules.months_back,
        "created_at": moment,
        "updated_at": moment,
        "last_sync_odoo": moment,
    }


def _active_rows(
    families: Families, bought: Bought, people: pa.Table, rules: AvatarRules, common: dict[str, Any]
) -> pa.Table:
    """Rows of the chosen families, by family id."""
    chosen = pa.array(families.chosen, pa.int64())
    keys, stats = families.keys.take(chosen), families.stats.take(chosen)
    orders, revenue = integers(stats["orders"]), cents(single(stats["revenue"]).cast(pa.decimal128(18, 2)))
    first, last = integers(stats["first"]), integers(stats["last"])
    days = days_between(last, np.int64(microseconds(rules.as_of)))
    # With one order there is no rhythm; 0 stands for that and for several orders within a day.
    frequency = days_between(first, last) // np.maximum(orders - 1, 1)
    return _rows(
        keys,
        {
            **_root_columns(keys, people),
            **_child_columns(keys, people),
            **_score_columns(days, frequency, orders, revenue, rules),
            "first_order_date": stats["first"],
            "last_order_date": stats["last"],
            "total_revenue": money(revenue),
            "avg_order_value": money(_divide_half_away(revenue, orders)),
            "order_frequency_days": pa.array(frequency, pa.int64(), mask=orders == 1),
            "top_products": bought.top_products,
            "product_categories": bought.product_categories,
            "is_active": True,
            "currency": pc.fill_null(stats["currency"], rules.default_currency),
        },
        common,
    )


def _left_rows(stored: pa.Table, people: pa.Table, rules: AvatarRules, common: dict[str, Any]) -> pa.Table:
    """Rows of the stored families without counted orders: kept, inactive, with what is known of the root today."""
    stored = stored.take(by_id(single(stored["customer_key"])))
    keys = single(stored["customer_key"])
    is_known = pc.is_in(keys, value_set=single(people["customer_key"]))
    root = {name: pc.if_else(is_known, new, stored[name]) for name, new in _root_columns(keys, people).items()}
    as_of = np.int64(microseconds(rules.as_of))
    last = pc.fill_null(stored["last_order_date"].cast(pa.int64()), int(as_of))
    none = np.zeros(len(keys), dtype=np.int64)
    return _rows(
        keys,
        {
            **root,
            **_child_columns(keys, people),
            **_score_columns(days_between(integers(last), as_of), none, none, none, rules),
            "odoo_partner_id": stored["odoo_partner_id"],
            "first_order_date": stored["first_order_date"],
            "last_order_date": stored["last_order_date"],
            "total_revenue": money(none),
            "avg_order_value": money(none),
            "order_frequency_days": pa.nulls(len(keys), pa.int64()),
            "top_products": "[]",
            "product_categories": "{}",
            "is_active": False,
            "currency": stored["currency"],
        },
        common,
    )


def _rows(keys: pa.Array, columns: dict[str, Any], common: dict[str, Any]) -> pa.Table:
    """A table with all columns of the avatars; a plain value stands for the same value in every row."""
    values = {"customer_key": keys, **columns, **common}
    schema = CUSTOMER_AVATARS.arrow_schema()
    arrays = []
    for name, kind in zip(schema.names, schema.types, strict=True):
        value = values[name]
        is_column = isinstance(value, pa.Array | pa.ChunkedArray)
        arrays.append(value.cast(kind) if is_column else pa.repeat(pa.scalar(value, kind), len(keys)))
    return pa.table(arrays, schema=schema)


def _score_columns(
    days: Integers, frequency: Integers, orders: Integers, revenue: Integers, rules: AvatarRules
) -> dict[str, pa.Array]:
    scores = ruleset_named(rules.ruleset)(days, frequency, orders, revenue)
    return {
        "total_orders": pa.array(orders),
        "days_since_last_order": pa.array(days),
        "churn_risk_score": pa.array(scores.churn),
        "engagement_score": pa.array(scores.engagement),
        "health_score": pa.array(scores.health),
        "upsell_potential_score": pa.array(scores.upsell),
    }


def _divide_half_away(amounts: Integers, numbers: Integers) -> Integers:
    """Whole quotients rounded half away from zero.

    >>> _divide_half_away(np.array([5, -5, 7]), np.array([2, 2, 3])).tolist()
    [3, -3, 2]
    """
    return np.sign(amounts) * ((2 * np.abs(amounts) + numbers) // (2 * numbers))


def _root_columns(keys: pa.Array, people: pa.Table) -> dict[str, Any]:
    """Who the roots are; null for a key that is not in `people`."""
    root = people.take(pc.index_in(keys, value_set=single(people["customer_key"])))
    name = not_blank(root["display_name"])
    # Canonical customers without a name carry their key as name.
    name = pc.if_else(pc.equal(name, root["customer_key"]), pa.scalar(None, pa.string()), name)
    fallback = pc.binary_join_element_wise("Partner ", root["source_id"], "")
    is_odoo = pc.fill_null(pc.equal(root["source"], "odoo"), False)
    return {
        "odoo_partner_id": pc.if_else(is_odoo, number_of(single(root["source_id"])), pa.scalar(None, pa.int64())),
        "name": pc.coalesce(name, fallback),
        "email": not_blank(root["email"]),
        "phone": not_blank(root["phone"]),
        "city": not_blank(root["city"]),
        "assigned_salesperson_id": root["salesperson_id"],
        "assigned_salesperson_name": not_blank(root["salesperson_name"]),
    }


def _child_columns(keys: pa.Array, people: pa.Table) -> dict[str, pa.Array]:
    """Members of the families besides the root, by source id."""
    members = people.select(["customer_key", "source_id", "root_customer_key"])
    family = pc.index_in(members["root_customer_key"], value_set=keys)
    is_child = pc.and_(pc.is_valid(family), pc.not_equal(members["customer_key"], members["root_customer_key"]))
    members, family = members.filter(is_child), family.filter(is_child)
    number = number_of(single(members["source_id"]))
    columns = [family, number, members["source_id"], members["customer_key"]]
    order = sorted_by([(column, "ascending") for column in columns])
    bounds = np.searchsorted(integers(family.take(order)), np.arange(len(keys) + 1))
    children = pa.ListArray.from_arrays(pa.array(bounds, pa.int32()), single(members["customer_key"].take(order)))
    return {"children_count": pa.array(np.diff(bounds), pa.int64()), "child_customer_keys": children}


def _count_skipped(people: pa.Table, families: Families, stored: pa.Table) -> int:
    """Families without any counted order and without an avatar."""
    roots = pc.unique(people["root_customer_key"])
    known = pa.concat_arrays([families.keys, single(stored["customer_key"])])
    return len(roots) - (pc.sum(pc.is_in(roots, value_set=known)).as_py() or 0)


def _count_created(frame: pa.Table, stored: pa.Table) -> int:
    return frame.num_rows - (
        pc.sum(pc.is_in(frame["customer_key"], value_set=single(stored["customer_key"]))).as_py() or 0
    )


def _count_deactivated(frame: pa.Table, stored: pa.Table) -> int:
    left = frame["customer_key"].filter(pc.invert(frame["is_active"]))
    was_active = stored["customer_key"].filter(booleans(stored["is_active"]))
    return pc.sum(pc.is_in(left, value_set=single(was_active))).as_py() or 0


def _warnings(families: Families, bought: Bought, rules: AvatarRules) -> list[dict[str, str]]:
    anonymous = families.counts["orders_anonymous"]
    found = [
        (rules.is_partial, "input_partial", "Part of the input could not be read, so no family was deactivated"),
        (anonymous, "orders_anonymous", f"{anonymous} counted orders have no customer and belong to no avatar"),
        (
            bought.unknown_products,
            "product_missing",
            f"{len(bought.unknown_products)} products are not in the catalogue and are shown by their key",
        ),
        (
            bought.amount_missing,
            "line_amount_missing",
            f"{bought.amount_missing} order lines have no amount and add nothing to the products' revenue",
        ),
    ]
    return [{"code": code, "message": message} for condition, code, message in found if condition]
