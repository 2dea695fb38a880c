"""What every customer spent, from the canonical orders of all sources: specification of the spending index, section 3.

Who is a customer and which orders count was decided in canonical; segments do not belong here, see `segments.py`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from sync_assets.connections import Org
from sync_assets.tables.canonical import CUSTOMERS, SALES_ORDERS
from sync_assets.tables.marts import CUSTOMER_SPENDING
from sync_assets.transforms.avatar_arrow import Frame, columns_of, single
from sync_assets.transforms.columns import is_true, look_up, only_if, to_frame
from sync_assets.transforms.mapped import Finding, report
from sync_assets.transforms.money import ZERO, divide, fit

ORDER_COLUMNS = (
    "order_key",
    "customer_key",
    "ordered_at",
    "total",
    "currency",
    "currency_rate",
    "company_currency",
    "is_counted",
)
CUSTOMER_COLUMNS = ("customer_key", "root_customer_key", "source", "source_id", "email", "email_status")
ENTITY = "sales_orders"
CID = "cid_"
SUM = pa.decimal128(38, 2)


@dataclass(frozen=True)
class Spending:
    """Rows of marts.customer_spending, one finding per order that was left out, and what happened to the orders.

    orders = orders_counted + orders_excluded + orders_without_customer + orders_of_unknown_customers.
    """

    frame: pd.DataFrame
    findings: list[Finding] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)


def compute_spending(orders: Frame, customers: Frame, org: Org, *, updated_at: datetime) -> Spending:
    """Two rows for each family root with orders and an e-mail of its own, one for each other root with orders.

    `orders` has ORDER_COLUMNS of canonical.sales_orders, `customers` CUSTOMER_COLUMNS of canonical.customers. Orders of
    a member count for its root. Amounts are in the organisation's currency.
    """
    bought = columns_of(orders, SALES_ORDERS, ORDER_COLUMNS)
    people = columns_of(customers, CUSTOMERS, CUSTOMER_COLUMNS)
    roots = people.filter(is_true(pc.equal(people["customer_key"], people["root_customer_key"]))).combine_chunks()
    amounts, is_left_out = in_org_currency(bought, org)
    position = root_positions(bought["customer_key"], people, roots)
    figures = _add_up(position, bought, amounts)
    buyers = roots.take(figures["position"])
    emails = only_if(pc.is_in(buyers["customer_key"], value_set=_own_email_keys(roots)), buyers["email"])
    ids = pc.binary_join_element_wise(CID, buyers["source_id"], "")
    by_id = _rows(org, ids, buyers, figures, updated_at)
    has_email = pc.is_valid(emails)
    by_email = _rows(org, emails.filter(has_email), buyers.filter(has_email), figures.filter(has_email), updated_at)
    frame = pd.concat([by_id, by_email], ignore_index=True)
    message = "The order is in another currency than the organisation's, without a rate to it; its total is left out."
    findings = report(
        ENTITY,
        bought["order_key"],
        is_left_out,
        "mixed_currency",
        message,
        column="currency",
        values=bought["currency"],
    )
    return Spending(frame, findings, _count(bought, position, is_left_out, by_id, by_email))


def in_org_currency(orders: pa.Table, org: Org) -> tuple[Any, Any]:
    """Each order's total in the organisation's currency, and whether a total was left out for lack of a rate.

    A rate leads to the currency of the selling company, so it is of use only where that is the organisation's.
    """
    is_own = pc.equal(orders["currency"], org.currency)
    leads_home = pc.and_(pc.equal(orders["company_currency"], org.currency), pc.greater(orders["currency_rate"], ZERO))
    is_foreign = pc.invert(is_own)
    amounts = orders["total"]
    if pc.any(is_foreign).as_py():
        rates = only_if(pc.and_kleene(is_foreign, leads_home), orders["currency_rate"])
        amounts = pc.if_else(is_own, amounts, divide(amounts, rates, "money"))
    return amounts, pc.and_(pc.is_valid(orders["total"]), pc.is_null(amounts))


def root_positions(customer_keys: Any, people: pa.Table, roots: pa.Table) -> Any:
    """Where in `roots` the root of each customer stands; null for an unknown customer."""
    places = pc.index_in(people["root_customer_key"], value_set=single(roots["customer_key"]), skip_nulls=True)
    return look_up(customer_keys, single(people["customer_key"]), single(places))


def one_per_customer(spending: pa.Table) -> pa.Table:
    """One of the rows of each customer; all of them hold the same figures."""
    first = pc.index_in(pc.unique(spending["customer_key"]), value_set=single(spending["customer_key"]))
    return spending.take(first)


def _add_up(position: Any, orders: pa.Table, amounts: Any) -> pa.Table:
    """One row per position in the list of roots: the figures of all orders that have one."""
    counted = orders["is_counted"]
    is_order = is_true(pc.and_kleene(counted, pc.greater_equal(amounts, ZERO)))
    is_refund = is_true(pc.and_kleene(counted, pc.less(amounts, ZERO)))
    is_excluded = pc.invert(counted)
    wide = amounts.cast(SUM)
    flat = pa.table(
        {
            "position": position,
            "total_spent": only_if(counted, wide),
            "order_count": is_order.cast(pa.int64()),
            "refund_count": is_refund.cast(pa.int64()),
            "refund_total": only_if(is_refund, wide),
            "excluded_count": is_excluded.cast(pa.int64()),
            "excluded_total": only_if(is_excluded, wide),
            "gross_total": wide,
            "ordered_at": only_if(is_order, orders["ordered_at"]),
        }
    ).filter(pc.is_valid(position))
    sums = [name for name in flat.column_names if name not in ("position", "ordered_at")]
    wanted = [*((name, "sum") for name in sums), ("ordered_at", "min"), ("ordered_at", "max")]
    grouped = flat.group_by("position").aggregate(wanted).sort_by("position").combine_chunks()
    figures = {"position": grouped["position"]}
    for name in sums:
        added = grouped[f"{name}_sum"]
        figures[name] = added if pa.types.is_integer(added.type) else fit(pc.coalesce(added, ZERO.cast(SUM)), "money")
    figures["avg_order_value"] = pc.coalesce(
        divide(figures["total_spent"], figures["order_count"].cast(pa.decimal128(19, 0)), "money"), _NOTHING
    )
    figures["first_order_date"] = grouped["ordered_at_min"]
    figures["last_order_date"] = grouped["ordered_at_max"]
    return pa.table(figures)


_NOTHING = ZERO.cast(pa.decimal128(18, 2))


def _own_email_keys(roots: pa.Table) -> pa.Array:
    """Keys of the roots whose e-mail is real and nobody else's in their source."""
    valid = roots.filter(is_true(pc.equal(roots["email_status"], "valid")))
    pairs = pc.binary_join_element_wise(valid["source"], valid["email"], "\n")
    holders = pc.value_counts(pairs)
    alone = pc.struct_field(holders, "values").filter(pc.equal(pc.struct_field(holders, "counts"), 1))
    return single(valid["customer_key"].filter(pc.is_in(pairs, value_set=alone, skip_nulls=True)))


def _rows(org: Org, keys: Any, buyers: pa.Table, figures: pa.Table, updated_at: datetime) -> pd.DataFrame:
    columns: dict[str, Any] = {name: figures[name] for name in figures.column_names if name != "position"}
    columns |= {
        "org_id": org.org_id,
        "source": buyers["source"],
        "spending_key": keys,
        "customer_key": buyers["customer_key"],
        "email": buyers["email"],
        "currency": org.currency,
        "updated_at": updated_at,
    }
    return to_frame(CUSTOMER_SPENDING, buyers.num_rows, columns)


def _count(
    orders: pa.Table, position: Any, is_left_out: Any, by_id: pd.DataFrame, by_email: pd.DataFrame
) -> dict[str, int]:
    def number(where: Any) -> int:
        return pc.sum(is_true(where)).as_py() or 0

    is_known = pc.is_valid(position)
    has_customer = pc.is_valid(orders["customer_key"])
    return {
        "orders": orders.num_rows,
        "orders_counted": number(pc.and_(is_known, orders["is_counted"])),
        "orders_excluded": number(pc.and_(is_known, pc.invert(orders["is_counted"]))),
        "orders_without_customer": number(pc.invert(has_customer)),
        "orders_of_unknown_customers": number(pc.and_(has_customer, pc.invert(is_known))),
        "orders_mixed_currency": number(is_left_out),
        "customers": len(by_id),
        "email_keys": len(by_email),
    }
