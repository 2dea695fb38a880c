"""What every customer bought, derived from canonical sales alone: purchases, spend, category, RFM points, segment.

Whose a line is does not belong here; the mappings decided it. Canonical specification, section 1.7.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from sync_assets.connections import Org
from sync_assets.tables.canonical import CUSTOMER_METRICS, CUSTOMERS, PRODUCT_CATALOG, SALES_LINES, SALES_ORDERS
from sync_assets.transforms.avatar_arrow import DAY, INSTANT, Frame, chunks_of, columns_of, microseconds, single
from sync_assets.transforms.columns import is_true, look_up, only_if, to_frame
from sync_assets.transforms.money import ZERO, divide, fit

CUSTOMER_COLUMNS = ("customer_key", "root_customer_key", "source")
ORDER_COLUMNS = ("order_key", "currency", "currency_rate", "company_currency")
PRODUCT_COLUMNS = ("product_key", "category")
LINE_COLUMNS = (
    "order_id",
    "customer_key",
    "product_key",
    "date_sale",
    "quantity_units",
    "quantity_product_units",
    "quantity_bottles_75cl_eq",
    "price_total",
    "currency",
)
# Lowest value for 5, 4, 3, 2 points; 1 point for more than nothing.
FREQUENCY_BOUNDS = ((10, 5), (5, 4), (2, 3), (1, 2))
MONETARY_BOUNDS = ((5000, 5), (2000, 4), (500, 3), (100, 2))
# Highest number of days for 5, 4, 3, 2 points.
RECENCY_BOUNDS = ((30, 5), (90, 4), (180, 3), (365, 2))
VIP_POINTS, AT_RISK_POINTS = 12, 6
INACTIVE_DAYS, AT_RISK_DAYS = 365, 180

SUM = pa.decimal128(38, 8)
NOTHING = pa.scalar(Decimal(0), pa.decimal128(18, 2))


@dataclass(frozen=True)
class Metrics:
    """Rows of canonical.customer_metrics; numbers of lines left out by reason, and of customers by segment."""

    frame: pd.DataFrame
    left_out: dict[str, int] = field(default_factory=dict)
    segments: dict[str, int] = field(default_factory=dict)


def compute_metrics(
    customers: Frame,
    orders: Frame,
    lines: Frame | Iterable[Frame],
    products: Frame,
    org: Org,
    *,
    as_of: datetime,
    synced_at: datetime,
) -> Metrics:
    """One row per customer who is their own root, with or without purchases.

    The frames have CUSTOMER_COLUMNS, ORDER_COLUMNS, LINE_COLUMNS and PRODUCT_COLUMNS; `lines` is one frame or many.
    Lines without customer or total, and in another currency without a rate (`mixed_currency`), are left out.
    """
    people = columns_of(customers, CUSTOMERS, CUSTOMER_COLUMNS)
    roots = people.filter(is_true(pc.equal(people["customer_key"], people["root_customer_key"])))
    roots = roots.sort_by("customer_key").combine_chunks()
    keys = single(roots["customer_key"])
    sums, left_out = _sum_lines(lines, columns_of(orders, SALES_ORDERS, ORDER_COLUMNS), keys, org.currency)
    spent = _sum_customers(sums, len(keys))
    counted = _count_purchases(sums, len(keys))
    favourites = _favourites(sums, columns_of(products, PRODUCT_CATALOG, PRODUCT_COLUMNS), len(keys))
    count, last = counted["count"], counted["last"]
    days = days_since(last, as_of)
    points = score_rfm(days, count, spent)
    segment = segments_of(days, count, points)
    columns = {
        "org_id": org.org_id,
        "customer_key": keys,
        "source": roots["source"],
        "first_purchase_date": counted["first"],
        "last_purchase_date": last,
        "total_spent": spent,
        "purchase_count": count,
        "avg_order_value": pc.coalesce(divide(spent, count.cast(pa.decimal128(19, 0)), "money"), NOTHING),
        "currency": org.currency,
        "preferred_category": only_if(pc.greater(count, 0), favourites),
        **dict(zip(("rfm_recency", "rfm_frequency", "rfm_monetary"), points, strict=True)),
        "segment": segment,
        "metrics_as_of": as_of,
        "synced_at": synced_at,
    }
    frame = to_frame(CUSTOMER_METRICS, len(keys), columns)
    return Metrics(frame, dict(sorted(left_out.items())), dict(sorted(Counter(segment.to_pylist()).items())))


def _sum_lines(
    lines: Frame | Iterable[Frame], orders: pa.Table, customers: pa.Array, base: str
) -> tuple[pa.Table, Counter[str]]:
    """One row per customer (as position), order and product: amount in base currency, quantities, earliest date."""
    left_out: Counter[str] = Counter()
    order_keys = single(orders["order_key"])
    parts = []
    for chunk in chunks_of(lines, SALES_LINES, LINE_COLUMNS):
        customer = pc.index_in(chunk["customer_key"], value_set=customers, skip_nulls=True)
        order = pc.index_in(chunk["order_id"], value_set=order_keys, skip_nulls=True)
        rates, is_base = _rates(chunk, orders, order, base)
        reason = pc.case_when(
            pc.make_struct(
                pc.is_null(chunk["customer_key"]),
                pc.is_null(customer),
                pc.is_null(chunk["price_total"]),
                pc.and_(pc.invert(is_base), pc.is_null(rates)),
            ),
            "no_customer",
            "unknown_customer",
            "no_total",
            "mixed_currency",
        )
        for entry in pc.value_counts(reason.drop_null()).to_pylist():
            left_out[entry["values"]] += entry["counts"]
        amounts = chunk["price_total"].cast(SUM)
        converted = divide(chunk["price_total"], rates, "number").cast(SUM)
        columns = {
            "customer": customer,
            "order_id": chunk["order_id"],
            "product_key": chunk["product_key"],
            "at": chunk["date_sale"],
            "amount": pc.if_else(is_base, amounts, converted),
            "quantity": pc.coalesce(chunk["quantity_product_units"], chunk["quantity_units"]).cast(
                pa.decimal128(38, 3)
            ),
            "bottles": chunk["quantity_bottles_75cl_eq"].cast(pa.decimal128(38, 3)),
        }
        parts.append(_sum_products(pa.table(columns).filter(pc.is_null(reason))))
    # A chunk may end in the middle of an order.
    return (_sum_products(pa.concat_tables(parts)) if parts else _nothing_sold()), left_out


def _rates(lines: pa.Table, orders: pa.Table, order: Any, base: str) -> tuple[Any, Any]:
    """What each line's amount is divided by, null where unknown; and which lines are in the base currency already."""
    is_known = pc.and_(
        is_true(pc.equal(orders["company_currency"], base)), is_true(pc.greater(orders["currency_rate"], ZERO))
    )
    rates = only_if(is_known, orders["currency_rate"])
    return single(rates).take(order), is_true(pc.equal(lines["currency"], base))


def _sum_products(rows: pa.Table) -> pa.Table:
    groups = ["customer", "order_id", "product_key"]
    sums = [("at", "min"), ("amount", "sum"), ("quantity", "sum"), ("bottles", "sum")]
    summed = rows.group_by(groups).aggregate(sums)
    return summed.rename_columns([name.removesuffix("_sum").removesuffix("_min") for name in summed.column_names])


def _nothing_sold() -> pa.Table:
    kinds = {"customer": pa.int32(), "order_id": pa.string(), "product_key": pa.string(), "at": INSTANT, "amount": SUM}
    kinds |= dict.fromkeys(("quantity", "bottles"), pa.decimal128(38, 3))
    return pa.schema(kinds).empty_table()


def _sum_customers(sums: pa.Table, customers: int) -> Any:
    total = sums.group_by("customer").aggregate([("amount", "sum")])
    return pc.coalesce(fit(_of_each(customers, total, "amount_sum"), "money"), NOTHING)


def _of_each(customers: int, found: pa.Table, column: str) -> Any:
    """The value of each customer by position; null for one who has none."""
    places = pc.index_in(pa.array(np.arange(customers), pa.int32()), value_set=single(found["customer"]))
    return single(found[column]).take(places)


def _count_purchases(sums: pa.Table, customers: int) -> dict[str, Any]:
    """Number, first and last of the orders in which more of a product was sold than given back."""
    kept = pc.greater(sums["quantity"], ZERO)
    orders = sums.append_column("is_kept", kept).group_by(["customer", "order_id"])
    orders = orders.aggregate([("is_kept", "any"), ("at", "min")])
    purchases = orders.filter(orders["is_kept_any"]).group_by("customer")
    found = purchases.aggregate([("at_min", "count"), ("at_min", "min"), ("at_min", "max")])
    return {
        "count": pc.fill_null(_of_each(customers, found, "at_min_count"), 0),
        "first": _of_each(customers, found, "at_min_min"),
        "last": _of_each(customers, found, "at_min_max"),
    }


def _favourites(sums: pa.Table, products: pa.Table, customers: int) -> Any:
    """The category with the highest net spend, then most bottles, then by name; null where nothing was spent."""
    category = look_up(sums["product_key"], single(products["product_key"]), single(products["category"]))
    named = sums.append_column("category", category).filter(pc.is_valid(category))
    found = named.group_by(["customer", "category"]).aggregate([("amount", "sum"), ("bottles", "sum")])
    found = found.filter(pc.greater(found["amount_sum"], ZERO))
    bottles = pc.fill_null(found["bottles_sum"], pa.scalar(Decimal(0), found["bottles_sum"].type))
    found = found.set_column(found.column_names.index("bottles_sum"), "bottles_sum", bottles)
    ranked = found.sort_by([("amount_sum", "descending"), ("bottles_sum", "descending"), ("category", "ascending")])
    return _of_each(customers, ranked, "category")


def days_since(moments: Any, as_of: datetime) -> Any:
    """Whole days of 24 hours before the instant, rounded down, so that a later moment is -1 or less; null stays null.

    >>> days_since(pa.array([datetime(2025, 1, 1), datetime(2025, 1, 3)], INSTANT), datetime(2025, 1, 2, 23)).to_pylist()
    [1, -1]
    """
    elapsed = pc.subtract(microseconds(as_of), single(moments).cast(pa.int64()))
    whole = pc.divide(elapsed, DAY)
    # Division of integers cuts towards 0, which for the future is up.
    is_cut_up = pc.and_(pc.less(elapsed, 0), pc.not_equal(pc.multiply(whole, DAY), elapsed))
    return pc.if_else(is_cut_up, pc.subtract(whole, 1), whole)


def score_rfm(days: Any, purchases: Any, spent: Any) -> tuple[Any, Any, Any]:
    """Points for recency, frequency and monetary value: 5 is best, 0 without purchase or spend."""
    recency: Any = pc.if_else(pc.is_valid(days), 1, 0)
    for bound, points in reversed(RECENCY_BOUNDS):
        recency = pc.if_else(is_true(pc.less_equal(days, bound)), points, recency)
    frequency: Any = pc.multiply(purchases, 0)
    for bound, points in reversed(FREQUENCY_BOUNDS):
        frequency = pc.if_else(pc.greater_equal(purchases, bound), points, frequency)
    monetary: Any = pc.if_else(pc.greater(spent, ZERO), 1, 0)
    for bound, points in reversed(MONETARY_BOUNDS):
        monetary = pc.if_else(pc.greater_equal(spent, pa.scalar(Decimal(bound))), points, monetary)
    return recency, frequency, monetary


def segments_of(days: Any, purchases: Any, points: tuple[Any, Any, Any]) -> Any:
    """vip, standard, at_risk, prospect or inactive; the first rule that fits."""
    total = pc.add(pc.add(*points[:2]), points[2])
    is_at_risk = pc.or_(is_true(pc.greater(days, AT_RISK_DAYS)), pc.less_equal(total, AT_RISK_POINTS))
    segment: Any = pc.if_else(is_at_risk, "at_risk", "standard")
    segment = pc.if_else(is_true(pc.greater(days, INACTIVE_DAYS)), "inactive", segment)
    segment = pc.if_else(pc.greater_equal(total, VIP_POINTS), "vip", segment)
    return pc.if_else(pc.equal(purchases, 0), "prospect", segment)
