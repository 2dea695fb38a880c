"""iSaVigne sales as canonical orders: one per document, else one per client and local day.

Which sales can be loaded is decided in `sales.py`.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from sync_assets.connections import Org
from sync_assets.tables.canonical import SALES_ORDERS
from sync_assets.transforms.columns import only_if, to_frame
from sync_assets.transforms.isavigne.lines import read_channels
from sync_assets.transforms.isavigne.raw import CURRENCY, SOURCE
from sync_assets.transforms.isavigne.sales import Sold
from sync_assets.transforms.mapped import Mapped
from sync_assets.transforms.money import fit

TOTALS = {"price_total": "total", "price_total_untaxed": "total_untaxed"}


def map_orders(sold: Sold, org: Org, *, synced_at: datetime) -> Mapped:
    """Every document counts; its total is the sum of its lines, unknown when that of a line is.

    What is wrong with lines is told with the lines, once.
    """
    orders = _add_up(sold.lines)
    columns = {
        "org_id": org.org_id,
        "order_key": orders["order_key"],
        "source": SOURCE,
        "source_id": pc.utf8_slice_codeunits(orders["order_key"], len(SOURCE) + 1),
        "order_ref": orders["document_no"],
        "customer_key": orders["customer_key"],
        "source_partner_id": orders["client_code"],
        "ordered_at": orders["date_sale"],
        "total": orders["total"],
        "total_untaxed": orders["total_untaxed"],
        "currency": CURRENCY,
        "company_total": orders["total"],
        "company_total_untaxed": orders["total_untaxed"],
        "company_currency": CURRENCY,
        "status": orders["document_type"],
        "is_counted": True,
        "channel": pc.fill_null(read_channels(orders["channel"]), "direct"),
        "synced_at": synced_at,
    }
    more_lines = sold.lines.num_rows - orders.num_rows
    skipped = sold.skipped | ({"line_of_order": more_lines} if more_lines else {})
    return Mapped(to_frame(SALES_ORDERS, orders.num_rows, columns), [], skipped, sold.rejected)


def _add_up(lines: pa.Table) -> pa.Table:
    """By order: what its earliest line says, and the sums of all its lines."""
    lines = lines.sort_by([("order_key", "ascending"), ("date_sale", "ascending"), ("record_key", "ascending")])
    firsts = ("document_no", "customer_key", "client_code", "date_sale", "document_type", "channel")
    wide = {name: lines[name].cast(pa.decimal128(38, 2)) for name in TOTALS}
    rows = pa.table({"order_key": lines["order_key"], **{name: lines[name] for name in firsts}, **wide})
    plain: Any = pc.ScalarAggregateOptions(skip_nulls=False)
    sums = rows.group_by("order_key", use_threads=False).aggregate(
        [
            *((name, "first", plain) for name in firsts),
            *((name, "sum") for name in TOTALS),
            *((name, "count", pc.CountOptions(mode="only_null")) for name in TOTALS),
        ]
    )
    columns = {name: sums[f"{name}_first"] for name in firsts}
    for name, total in TOTALS.items():
        columns[total] = fit(only_if(pc.equal(sums[f"{name}_count"], 0), sums[f"{name}_sum"]), "money")
    return pa.table({"order_key": sums["order_key"], **columns}).combine_chunks()
