"""Which orders count, whose they are, and which families cannot be processed: specification, sections 2 to 4.

Metrics and scores do not belong here; see `avatars.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from sync_assets.tables.canonical import SALES_ORDERS
from sync_assets.tables.spec import ARROW
from sync_assets.transforms.avatar_arrow import (
    INSTANT,
    Frame,
    booleans,
    by_id,
    columns_of,
    integers,
    single,
    sorted_by,
)
from sync_assets.transforms.avatar_plan import AvatarRules, error_entry

CODES = ["partner_missing", "order_date_missing", "currency_rate_missing", "order_total_missing", "mixed_currency"]
ONE = pa.scalar(Decimal(1), ARROW["rate"])


@dataclass(frozen=True)
class Families:
    """Families with counted orders, sorted by id.

    `keys` and `stats` (orders, revenue, first, last, currency) are parallel; `chosen`: positions of the families to
    write, ascending; `orders`: order_key, family (position in `chosen`) and rate of the orders of the chosen ones.
    """

    keys: pa.Array
    stats: pa.Table
    chosen: np.ndarray
    orders: pa.Table
    errors: list[dict[str, Any]]
    counts: dict[str, int]


def gather_families(orders: Frame, people: pa.Table, rules: AvatarRules) -> Families:
    """`people`: customer_key, root_customer_key, display_name of all customers."""
    counted, counts = counted_orders(orders, people, rules)
    keys = pc.unique(counted["family"])
    keys = keys.take(by_id(keys))
    counted = counted.append_column("position", pc.index_in(counted["family"], value_set=keys))
    stats = _aggregate(counted)
    codes = _error_codes(keys, stats, people)
    good = codes == ""
    number = integers(stats["orders"])
    chosen = _choose(stats, good, rules)
    is_chosen = np.zeros(len(keys), dtype=bool)
    is_chosen[chosen] = True
    counts["orders_in_error"] = int(number[~good].sum())
    counts["orders_outside_limit"] = int(number[good & ~is_chosen].sum())
    return Families(
        keys=keys,
        stats=stats,
        chosen=chosen,
        orders=_orders_to_read(counted, is_chosen),
        errors=_errors(keys, codes, people),
        counts=counts,
    )


def counted_orders(orders: Frame, people: pa.Table, rules: AvatarRules) -> tuple[pa.Table, dict[str, int]]:
    """Counted orders of the window, and those without a date, with `family`: the root of the order's customer.

    An order of an unknown customer is its own customer's family. An order without any customer is nobody's: it is left
    out and reported as `orders_anonymous`.
    """
    names = ["order_key", "customer_key", "ordered_at", "currency", "company_currency", "currency_rate"]
    table = columns_of(orders, SALES_ORDERS, [*names, "is_counted", rules.order_amount])
    table = table.rename_columns([*names, "is_counted", "amount"]).filter(table["is_counted"])
    as_of = pa.scalar(rules.as_of, INSTANT)
    future = pc.fill_null(pc.greater(table["ordered_at"], as_of), False)
    inside = pc.invert(future)
    if rules.start is not None:
        not_before = pc.greater_equal(table["ordered_at"], pa.scalar(rules.start, INSTANT))
        inside = pc.and_(inside, pc.fill_null(not_before, True))
    has_customer = pc.is_valid(table["customer_key"])
    counts = {
        "orders_in_future": pc.sum(future).as_py() or 0,
        "orders_anonymous": pc.sum(pc.and_(inside, pc.invert(has_customer))).as_py() or 0,
    }
    table = table.filter(pc.and_(inside, has_customer))
    counts["orders_counted"] = table.num_rows
    customer = table["customer_key"]
    root = people["root_customer_key"].take(pc.index_in(customer, value_set=single(people["customer_key"])))
    return table.append_column("family", single(pc.coalesce(root, customer))), counts


def _is_foreign(orders: pa.Table) -> Any:
    return pc.not_equal(orders["currency"], orders["company_currency"])


def _aggregate(counted: pa.Table) -> pa.Table:
    """One row per family, by position: its sums, its currency, and how many of its orders have which fault."""
    foreign = pc.fill_null(_is_foreign(counted), False)
    has_rate = pc.fill_null(pc.greater(counted["currency_rate"], pa.scalar(Decimal(0), ONE.type)), False)
    no_amount = pc.is_null(counted["amount"])
    faults = {
        "dateless": pc.is_null(counted["ordered_at"]),
        "rate_missing": pc.and_(foreign, pc.or_(no_amount, pc.invert(has_rate))),
        "total_missing": pc.and_(pc.invert(foreign), no_amount),
    }
    table = counted.select(["position", "amount", "ordered_at", "company_currency"])
    table = table.set_column(1, "amount", table["amount"].cast(pa.decimal128(38, 2)))
    for name, fault in faults.items():
        table = table.append_column(name, fault.cast(pa.int64()))
    dates = [("ordered_at", "min"), ("ordered_at", "max")]
    currencies = [("company_currency", "min"), ("company_currency", "max")]
    sums = [("amount", "sum"), *[(name, "sum") for name in faults]]
    grouped = table.group_by("position", use_threads=False).aggregate([([], "count_all"), *sums, *dates, *currencies])
    named = {
        "position": "position",
        "count_all": "orders",
        "amount_sum": "revenue",
        "ordered_at_min": "first",
        "ordered_at_max": "last",
        "company_currency_min": "currency",
        "company_currency_max": "other_currency",
    }
    names = [named.get(name, name.removesuffix("_sum")) for name in grouped.column_names]
    return grouped.rename_columns(names).sort_by("position").combine_chunks()


def _error_codes(keys: pa.Array, stats: pa.Table, people: pa.Table) -> np.ndarray:
    """Why a family cannot be processed, empty when it can; the first reason found counts."""
    unknown = ~booleans(pc.is_in(keys, value_set=single(people["customer_key"])))
    mixed = booleans(pc.not_equal(stats["currency"], stats["other_currency"]))
    faults = [unknown, *(integers(stats[name]) > 0 for name in ("dateless", "rate_missing", "total_missing")), mixed]
    return np.select(faults, CODES, "")


def _choose(stats: pa.Table, good: np.ndarray, rules: AvatarRules) -> np.ndarray:
    """Positions of the families to write: the good ones, with a limit those of the highest revenue, smaller id first."""
    if not rules.is_limited:
        return np.flatnonzero(good)
    ranked = single(sorted_by([(stats["revenue"], "descending"), (stats["position"], "ascending")])).to_numpy()
    return np.sort(ranked[good[ranked]][: rules.max_customers]).astype(np.int64)


def _orders_to_read(counted: pa.Table, is_chosen: np.ndarray) -> pa.Table:
    """Orders of the chosen families: order_key, family as position among the chosen, factor to the company currency."""
    wanted = counted.filter(pa.array(is_chosen[integers(counted["position"])], pa.bool_()))
    place = np.cumsum(is_chosen) - 1
    rate = pc.if_else(_is_foreign(wanted), wanted["currency_rate"], ONE)
    return pa.table(
        {
            "order_key": single(wanted["order_key"]),
            "family": pa.array(place[integers(wanted["position"])], pa.int32()),
            "rate": single(rate),
        }
    )


def _errors(keys: pa.Array, codes: np.ndarray, people: pa.Table) -> list[dict[str, Any]]:
    failed = np.flatnonzero(codes != "")
    found = keys.take(pa.array(failed, pa.int64()))
    names = people["display_name"].take(pc.index_in(found, value_set=single(people["customer_key"]))).to_pylist()
    return [
        error_entry(key, name if name and name.strip() and name != key else None, str(code))
        for key, name, code in zip(found.to_pylist(), names, codes[failed], strict=True)
    ]
