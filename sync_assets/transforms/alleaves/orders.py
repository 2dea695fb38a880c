"""Alleaves orders as canonical orders: those of a known customer, whatever their status.

Their lines do not belong here; see `lines.py`. Orders without a customer are tried again on every run.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from sync_assets.connections import Org
from sync_assets.tables.canonical import SALES_ORDERS
from sync_assets.transforms.alleaves.matching import UNMATCHED, WALK_IN, match_orders
from sync_assets.transforms.alleaves.raw import SOURCE, USUAL_RULES, AlleavesRaw, PosRules
from sync_assets.transforms.columns import count_words, only_if, prefixed, to_arrow, to_frame
from sync_assets.transforms.mapped import Finding, Mapped, report
from sync_assets.transforms.money import fit

ENTITY = "order"
MESSAGES = {
    "unknown_customer_id": "The order names a customer that is not stored; it waits for that customer.",
    "ambiguous_email": "Several customers have the order's e-mail; it cannot be told whose order it is.",
    "unknown_email": "No customer has the order's e-mail; it waits for that customer.",
    "unknown_id_and_email": "Neither the order's customer id nor its e-mail is known; it waits for that customer.",
}


def map_orders(raw: AlleavesRaw, org: Org, rules: PosRules = USUAL_RULES, *, synced_at: datetime) -> Mapped:
    """Every matched order. Walk-ins are skipped, other orders without a customer are rejected."""
    received = to_arrow(raw.orders)
    matches = match_orders(received, raw.customers)
    findings = _find_unmatched(received, matches)
    counts = count_words(matches["unmatched_reason"])
    together = received.append_column("matched_id", matches["customer_id"])
    together = together.append_column("match_method", matches["match_method"])
    orders = together.filter(pc.is_valid(together["matched_id"])).sort_by("order_id")
    is_foreign = pc.not_equal(orders["currency"], org.currency)
    total, untaxed = orders["total"], fit(pc.subtract(orders["total"], orders["tax"]), "money")
    excluded = pa.array([status.lower() for status in rules.excluded_order_statuses], pa.string())
    columns = {
        "org_id": org.org_id,
        "order_key": prefixed(SOURCE, orders["order_id"]),
        "source": SOURCE,
        "source_id": orders["order_id"],
        "order_ref": orders["order_id"],
        "customer_key": prefixed(SOURCE, orders["matched_id"]),
        "source_partner_id": pc.coalesce(orders["customer_ref"], orders["user_ref"]),
        "ordered_at": orders["created_at"],
        "total": total,
        "total_untaxed": untaxed,
        "currency": orders["currency"],
        "company_total": only_if(pc.invert(is_foreign), total),
        "company_total_untaxed": only_if(pc.invert(is_foreign), untaxed),
        "company_currency": org.currency,
        "status": orders["status"],
        "is_counted": pc.invert(pc.is_in(orders["status"], value_set=excluded)),
        "channel": _channels(orders["type"]),
        "match_method": orders["match_method"],
        "synced_at": synced_at,
    }
    findings += _find_foreign(orders["currency"].filter(is_foreign), org)
    walk_ins = counts.get(WALK_IN, 0)
    rejected = sum(counts.values()) - walk_ins
    return Mapped(to_frame(SALES_ORDERS, orders.num_rows, columns), findings, {WALK_IN: walk_ins}, rejected)


def sum_unmatched(raw: AlleavesRaw) -> dict[str, dict[str, Any]]:
    """Number of orders without a customer and the sum of their totals, by reason; reasons without orders are 0."""
    matches = match_orders(raw.orders, raw.customers)
    rows = pa.table(
        {
            "reason": matches["unmatched_reason"],
            "total": to_arrow(raw.orders)["total"].cast(pa.decimal128(38, 2)),
        }
    )
    sums = rows.filter(pc.is_valid(rows["reason"])).group_by("reason").aggregate([("total", "sum"), ([], "count_all")])
    found = {row["reason"]: row for row in sums.to_pylist()}
    nothing = {"count_all": 0, "total_sum": None}
    return {
        reason: {"orders": row["count_all"], "total": row["total_sum"] or Decimal("0.00")}
        for reason, row in ((reason, found.get(reason, nothing)) for reason in UNMATCHED)
    }


def _channels(types: Any) -> Any:
    """Delivery and pickup as they are, the counter is the store, an unknown kind is direct."""
    return pc.fill_null(pc.if_else(pc.equal(types, "in_store"), "store", types), "direct")


def _find_unmatched(orders: pa.Table, matches: pa.Table) -> list[Finding]:
    reasons = matches["unmatched_reason"]
    findings: list[Finding] = []
    for code, message in MESSAGES.items():
        where = pc.fill_null(pc.equal(reasons, code), False)
        # The e-mail is personal, so it is never shown; an id is.
        values = None if "email" in code else pc.coalesce(orders["customer_ref"], orders["user_ref"])
        column = "email" if "email" in code else "customer_ref"
        findings += report(ENTITY, orders["order_id"], where, code, message, column=column, values=values)
    return findings


def _find_foreign(currencies: Any, org: Org) -> list[Finding]:
    """One finding per currency, since it is the connection's and so concerns all its orders alike."""
    found = pc.unique(currencies)
    message = (
        f"Orders are not in the organisation's currency {org.currency} and have no rate; spending leaves them out."
    )
    everywhere = pc.is_valid(found)
    return report(ENTITY, found, everywhere, "mixed_currency", message, column="currency", values=found)
