"""Odoo sale orders as canonical orders: which count as a sale, whose they are, what they are worth.

Their lines do not belong here; see `lines.py`.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from sync_assets.connections import Org
from sync_assets.tables.canonical import SALES_ORDERS
from sync_assets.transforms.columns import clean, is_true, look_up, only_if, prefixed, to_arrow, to_frame
from sync_assets.transforms.mapped import Finding, Mapped, report
from sync_assets.transforms.money import ZERO, divide, fit
from sync_assets.transforms.odoo.raw import (
    SOURCE,
    OdooRaw,
    company_currency,
    configured_companies,
    extra_numbers,
    look_up_currencies,
    read_companies,
)

ENTITY = "sale.order"
# `done` up to Odoo 16; newer ones lock an order in state sale.
COUNTED_STATES = pa.array(["sale", "done"])


def map_orders(raw: OdooRaw, org: Org, roots: pd.DataFrame, *, synced_at: datetime) -> Mapped:
    """Every living order, drafts and cancelled ones too. `roots` is the frame of `resolve_roots`."""
    everything = to_arrow(raw.orders)
    living = everything.filter(pc.is_null(everything["deleted_at"])).sort_by("id")
    currency = look_up_currencies(raw, living["currency_id"])
    has_currency = pc.is_valid(currency)
    orders, currency = living.filter(has_currency), currency.filter(has_currency)
    families = to_arrow(roots)
    root_ids = look_up(orders["partner_id"], families["id"], families["root_id"])
    counts, own_currency, findings = _judge(raw, org, orders)
    columns = {
        "org_id": org.org_id,
        "order_key": prefixed(SOURCE, orders["id"]),
        "source": SOURCE,
        "source_id": orders["id"].cast(pa.string()),
        "order_ref": clean(orders["name"]),
        "customer_key": prefixed(SOURCE, pc.coalesce(root_ids, orders["partner_id"])),
        "source_partner_id": orders["partner_id"].cast(pa.string()),
        "ordered_at": orders["date_order"],
        "total": fit(orders["amount_total"], "money"),
        "total_untaxed": fit(orders["amount_untaxed"], "money"),
        "currency": currency,
        "currency_rate": orders["currency_rate"],
        "company_total": _in_company_currency(orders["amount_total"], orders, currency, own_currency),
        "company_total_untaxed": _in_company_currency(orders["amount_untaxed"], orders, currency, own_currency),
        "company_id": orders["company_id"].cast(pa.string()),
        "company_currency": own_currency,
        "status": pc.fill_null(clean(orders["state"]), "unknown"),
        "is_counted": counts,
        "channel": _channels(orders),
        "synced_at": synced_at,
    }
    frame = to_frame(SALES_ORDERS, orders.num_rows, columns)
    is_foreign = pc.not_equal(currency, own_currency)
    findings += [
        *_refuse(living, pc.invert(has_currency)),
        *_find_problems(orders, pc.is_null(root_ids), is_foreign, counts),
    ]
    skipped = {"deleted": everything.num_rows - living.num_rows}
    return Mapped(frame, findings, skipped, rejected=living.num_rows - orders.num_rows)


def _judge(raw: OdooRaw, org: Org, orders: pa.Table) -> tuple[Any, Any, list[Finding]]:
    """Whether each order counts as a sale, the currency of its company, and the orders of companies that were not read.

    An order of a company that was not read does not count, so its currency is of no consequence.
    """
    company_ids = configured_companies(org)
    base = company_currency(raw, company_ids)
    counted_companies = read_companies(raw, company_ids)["id"]
    is_sale = pc.is_in(orders["state"], value_set=COUNTED_STATES)
    counts = pc.and_(is_sale, pc.is_in(orders["company_id"], value_set=counted_companies))
    companies = read_companies(raw)
    own_currency = look_up(orders["company_id"], companies["id"], companies["currency"])
    message = "The order's company was not read, so the order does not count."
    is_unread = pc.and_(is_sale, pc.invert(pc.is_in(orders["company_id"], value_set=companies["id"])))
    findings = report(
        ENTITY, orders["id"], is_unread, "company_missing", message, column="company_id", values=orders["company_id"]
    )
    return counts, pc.fill_null(own_currency, base), findings


def _has_rate(orders: pa.Table) -> Any:
    return is_true(pc.greater(orders["currency_rate"], ZERO))


def _in_company_currency(amounts: Any, orders: pa.Table, currency: Any, own_currency: Any) -> Any:
    """Amounts in the company's currency, rounded per order; null for a foreign one without a usable rate."""
    rates = only_if(_has_rate(orders), orders["currency_rate"])
    converted = divide(amounts, rates, "money")
    return pc.if_else(pc.equal(currency, own_currency), fit(amounts, "money"), converted)


def _channels(orders: pa.Table) -> Any:
    """`website` where the added field website_id is set."""
    return pc.if_else(pc.is_valid(extra_numbers(orders["extra"], "website_id")), "website", "direct")


def _refuse(orders: pa.Table, where: Any) -> list[Finding]:
    message = "The order has no currency that was read; it is not loaded."
    return report(
        ENTITY, orders["id"], where, "missing_value", message, column="currency_id", values=orders["currency_id"]
    )


def _find_problems(orders: pa.Table, is_unknown: Any, is_foreign: Any, counts: Any) -> list[Finding]:
    """Problems of counted orders; a draft does no harm. The orders stay, without the value in question."""

    def found(where: Any, code: str, column: str, message: str) -> list[Finding]:
        affected = pc.and_(is_true(where), counts)
        return report(ENTITY, orders["id"], affected, code, message, column=column, values=orders[column])

    findings = found(
        pc.and_(is_unknown, pc.is_valid(orders["partner_id"])),
        "partner_missing",
        "partner_id",
        "The order's partner is not in the partner table; it makes a family of its own.",
    )
    findings += found(pc.is_null(orders["partner_id"]), "missing_value", "partner_id", "The order has no partner.")
    findings += found(
        pc.and_(is_foreign, pc.invert(_has_rate(orders))),
        "currency_rate_missing",
        "currency_rate",
        "The order is in a foreign currency without a rate above 0; its value is unknown.",
    )
    for column in ("amount_total", "amount_untaxed"):
        is_unfit = pc.and_(pc.is_valid(orders[column]), pc.is_null(fit(orders[column], "money")))
        findings += found(is_unfit, "bad_number", column, "The amount is too large; it is left out.")
    return findings
