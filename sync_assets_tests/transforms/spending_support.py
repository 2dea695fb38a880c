"""Small canonical frames for the tests of spending and segments, with invented people, and their rules written out by hand."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pandas as pd

from sync_assets.connections import Org
from sync_assets.tables.canonical import CUSTOMERS, SALES_ORDERS
from sync_assets.tables.marts import CUSTOMER_SEGMENT_CHANGES, CUSTOMER_SPENDING
from sync_assets.tables.spec import Table
from sync_assets.transforms.segments import Segments, compute_segments
from sync_assets.transforms.spending import Spending, compute_spending

Row = dict[str, Any]
ORG = Org(org_id="herbs", name="Herbs", currency="USD")
AS_OF = datetime(2026, 6, 30, 12, tzinfo=UTC)
CENT = Decimal("0.01")


def frame_of(table: Table, rows: Sequence[Row]) -> pd.DataFrame:
    """Any rows as a frame of `table`, also none."""
    return table.frame(pd.DataFrame(list(rows), columns=list(table.frame_columns), dtype=object))


def customer(key: str = "alleaves-42", email: str | None = None, root: str | None = None, **values: Any) -> Row:
    """A customer as stored; with an e-mail that is real and not shared, when there is one."""
    source, _, number = key.partition("-")
    return {
        "org_id": ORG.org_id,
        "customer_key": key,
        "source": source,
        "source_id": number,
        "parent_customer_key": root,
        "root_customer_key": root or key,
        "display_name": f"Person {number}",
        "is_company": False,
        "is_active": True,
        "email": email,
        "email_status": "valid" if email else "missing",
        "email_opt_out": False,
        "sms_opt_out": False,
        "phone_opt_out": False,
        "synced_at": AS_OF,
        **values,
    }


def order(number: int, total: str | None, customer_key: str | None = "alleaves-42", **values: Any) -> Row:
    """A counted order in the organisation's currency, ten days before AS_OF."""
    return {
        "org_id": ORG.org_id,
        "order_key": f"alleaves-{number}",
        "source": "alleaves",
        "source_id": str(number),
        "customer_key": customer_key,
        "ordered_at": AS_OF - timedelta(days=10),
        "total": None if total is None else Decimal(total),
        "currency": ORG.currency,
        "company_currency": ORG.currency,
        "status": "completed",
        "is_counted": True,
        "channel": "store",
        "synced_at": AS_OF,
        **values,
    }


def spend(orders: Sequence[Row], people: Sequence[Row] | None = None, org: Org = ORG) -> Spending:
    people = [customer()] if people is None else people
    return compute_spending(frame_of(SALES_ORDERS, orders), frame_of(CUSTOMERS, people), org, updated_at=AS_OF)


def segment(
    people: Sequence[Row],
    spending: Any = (),
    changes: pd.DataFrame | None = None,
    *,
    org: Org = ORG,
    as_of: datetime = AS_OF,
) -> Segments:
    spent = frame_of(CUSTOMER_SPENDING, spending) if isinstance(spending, list | tuple) else spending
    changes = CUSTOMER_SEGMENT_CHANGES.empty() if changes is None else changes
    return compute_segments(frame_of(CUSTOMERS, people), spent, changes, org, as_of=as_of)


def by_key(frame: pd.DataFrame, column: str = "spending_key") -> dict[str, Row]:
    """Rows as plain Python, null as None."""
    rows = frame.astype(object).where(frame.notna(), None).to_dict("records")
    return {row[column]: row for row in rows}


def figures(row: Row) -> tuple[str, int, str]:
    return str(row["total_spent"]), row["order_count"], str(row["avg_order_value"])


def round_cents(amount: Decimal) -> Decimal:
    return amount.quantize(CENT, ROUND_HALF_UP)


def converted(row: Row, org: Org) -> Decimal | None:
    if row["total"] is None or row["currency"] == org.currency:
        return row["total"]
    rate = row.get("currency_rate")
    if row["company_currency"] != org.currency or rate is None or rate <= 0:
        return None
    return round_cents(row["total"] / rate)


def spend_by_hand(orders: Sequence[Row], people: Sequence[Row], org: Org) -> dict[tuple[str, str], Row]:
    """Rows of the index by source and key, one order after the other."""
    roots = {p["customer_key"]: p["root_customer_key"] for p in people}
    expected: dict[tuple[str, str], Row] = {}
    for person in people:
        key = person["customer_key"]
        own = [o for o in orders if roots.get(o["customer_key"]) == key]
        if not own or roots[key] != key:
            continue
        priced = [(o, converted(o, org)) for o in own]
        counted = [(o, amount) for o, amount in priced if o["is_counted"] and amount is not None]
        sales = [(o, amount) for o, amount in counted if amount >= 0]
        refunds = [amount for _, amount in counted if amount < 0]
        excluded = [(o, amount) for o, amount in priced if not o["is_counted"]]
        spent = sum((amount for _, amount in counted), Decimal("0.00"))
        dates = [o["ordered_at"] for o, _ in sales if o["ordered_at"] is not None]
        row = {
            "customer_key": key,
            "total_spent": spent,
            "order_count": len(sales),
            "avg_order_value": round_cents(spent / len(sales)) if sales else Decimal("0.00"),
            "first_order_date": min(dates, default=None),
            "last_order_date": max(dates, default=None),
            "refund_count": len(refunds),
            "refund_total": sum(refunds, Decimal("0.00")),
            "excluded_count": len(excluded),
            "excluded_total": sum((amount or 0 for _, amount in excluded), Decimal("0.00")),
            "gross_total": sum((amount or 0 for _, amount in priced), Decimal("0.00")),
        }
        expected[person["source"], f"cid_{person['source_id']}"] = row
        if person["email_status"] == "valid":
            expected[person["source"], person["email"]] = row
    return expected


def segment_by_hand(orders: int, spent: Decimal, days: int | None) -> str:
    if orders == 0 and days is None:
        return "new"
    if spent >= 1000 and orders >= 10:
        return "vip"
    if orders >= 5 and days is not None and days < 60:
        return "loyal"
    if days is not None and days > 90:
        return "churned"
    if days is not None and days > 45:
        return "at_risk"
    return "returning" if orders >= 2 else "new"
