"""The nightly comparison of raw Odoo tables with the source: ids, write dates and control totals.

It finds what the incremental windows cannot see. Section 6 of the extraction specification.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from sync_assets.extraction.odoo import Landing, StreamResult, find_deletions, land, prepare
from sync_assets.sources.odoo import STREAMS, FieldPlan, Stream, read_pages, read_records
from sync_assets.warehouse import queries

IDS_PER_PAGE = 5_000
CENT = Decimal("0.01")


def reconcile_stream(landing: Landing, stream: Stream) -> StreamResult:
    """Re-reads rows that are missing here or carry another write date, and tombstones those that are gone.

    For sale orders the totals per month and state are compared too; a month that differs is read again.
    """
    result = StreamResult(stream.name)
    begun, calls_before = time.perf_counter(), landing.client.calls
    plan = prepare(landing, stream, result)
    if plan is None:
        result.status = "not_installed"
        return result
    held = queries.write_dates(landing.warehouse, stream.table, landing.org)
    after = 0
    while page := landing.client.id_dates(stream.model, after=after, limit=IDS_PER_PAGE):
        after = page[-1][0]
        differing = [record_id for record_id, written_at in page if held.get(record_id, _NEVER) != written_at]
        for records in read_records(landing.client, stream, plan, differing, org=landing.org):
            land(landing, stream.table, records, result, touch_write_date=True)
    find_deletions(landing, stream, plan, result)
    is_whole = all(problem["code"] != "company_hidden" for problem in result.problems)
    if stream.model == "sale.order" and is_whole:
        check_control_totals(landing, stream, plan, result)
    result.seconds = round(time.perf_counter() - begun, 3)
    result.calls = landing.client.calls - calls_before
    return result


def check_control_totals(landing: Landing, stream: Stream, plan: FieldPlan, result: StreamResult) -> None:
    """Compares orders and amounts per month and state; reads a differing month again, then reports what is left."""
    for month in sorted({month for month, _ in _differing_totals(landing)}):
        read_month(landing, stream, plan, result, month, date_field="date_order")
    for (month, state), (theirs, ours) in sorted(_differing_totals(landing).items()):
        result.problems.append(
            {
                "code": "control_totals",
                "message": f"{month} {state}: Odoo has {theirs[0]} orders of {theirs[1]}, the raw table {ours[0]} of {ours[1]}",
            }
        )


def read_month(
    landing: Landing, stream: Stream, plan: FieldPlan, result: StreamResult, month: str, *, date_field: str
) -> None:
    """Reads the stream's rows whose `date_field` lies in the UTC month `YYYY-MM` again; no cursor moves."""
    first, after = _month_bounds(month)
    domain = [[date_field, ">=", f"{first:%Y-%m-%d %H:%M:%S}"], [date_field, "<", f"{after:%Y-%m-%d %H:%M:%S}"]]
    for page in read_pages(landing.client, stream, plan, org=landing.org, domain=domain):
        land(landing, stream.table, page, result, touch_write_date=True)


def read_history(landing: Landing, months: list[str]) -> list[StreamResult]:
    """Reads the sale orders of whole months and their lines again; a row that is gone stays for the next sync to find."""
    results = []
    for name, date_field in (("sale_orders", "date_order"), ("sale_order_lines", "order_id.date_order")):
        stream, result = STREAMS[name], StreamResult(name)
        plan = prepare(landing, stream, result)
        for month in months if plan is not None else ():
            assert plan is not None
            read_month(landing, stream, plan, result, month, date_field=date_field)
        results.append(result)
    return results


def _differing_totals(landing: Landing) -> dict[tuple[str, str], tuple[Any, Any]]:
    theirs = {
        (month, state): (count, Decimal(repr(total)).quantize(CENT))
        for month, state, count, total in landing.client.read_group("sale.order")
        if month  # orders without a date belong to no month
    }
    ours = queries.order_totals(landing.warehouse, landing.org)
    nothing = (0, Decimal("0.00"))
    differing = {}
    for key in theirs.keys() | ours.keys():
        one, other = theirs.get(key, nothing), ours.get(key, nothing)
        # The source adds binary floats, so a cent may be lost on the way.
        if one[0] != other[0] or abs(one[1] - other[1]) > CENT:
            differing[key] = (one, other)
    return differing


def _month_bounds(month: str) -> tuple[datetime, datetime]:
    year, number = (int(part) for part in month.split("-"))
    first = datetime(year, number, 1, tzinfo=UTC)
    return first, datetime(year + number // 12, number % 12 + 1, 1, tzinfo=UTC)


_NEVER = object()
