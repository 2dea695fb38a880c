"""Reads one Odoo stream into its raw table: incremental by time window and id, or whole; deletions in every sync.

The rules are section 5 of the extraction specification. The protocol does not belong here, nor does any SQL.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pyarrow as pa

from sync_assets.clock import utc_now
from sync_assets.errors import ConfigurationError, GuardTripped
from sync_assets.extraction.odoo_rights import UnseenGuard, is_company_hidden, warn_of_hidden_orders
from sync_assets.extraction.parallel import in_parallel
from sync_assets.extraction.results import StreamResult
from sync_assets.sources.odoo import (
    STREAMS,
    FieldPlan,
    OdooClient,
    Page,
    Stream,
    plan_fields,
    read_pages,
    read_records,
    window_domain,
)
from sync_assets.tables.ops import SYNC_CURSORS
from sync_assets.tables.raw import ODOO_PARTNERS
from sync_assets.tables.spec import Table
from sync_assets.warehouse import Changes, ShrinkGuard, Warehouse, books, queries, reject_books

SOURCE = "odoo"
# A first load is read by several connections only when it is long enough for that to matter.
ROWS_PER_SHARD = 20_000
FULL_READ_GUARD = ShrinkGuard(share=0.5, rows=20, code="full_read_shrunk")
DELETION_GUARD = ShrinkGuard(share=0.05, rows=20, code="deletions_guard")
ORDER_MODELS = ("sale.order", "sale.order.line")


@dataclass(frozen=True)
class Landing:
    """Where the pages of one run go, and how the run asked for them."""

    warehouse: Warehouse
    client: OdooClient
    org: str
    run_id: str
    started_at: datetime
    is_full: bool = False
    accept_deletions: bool = False
    on_progress: Callable[[str, int], None] | None = None


def sync_stream(landing: Landing, stream: Stream) -> StreamResult:
    """Brings the stream's raw table up to date and records the stream's state.

    Raises ConfigurationError, SourceUnavailable or SourceDataError when the stream cannot be read; what was landed until
    then stays, with its cursor.
    """
    result = StreamResult(stream.name)
    begun, calls_before = time.perf_counter(), landing.client.calls
    try:
        plan = prepare(landing, stream, result)
        if plan is None:
            result.status = "not_installed"
        elif stream.incremental:
            read_window(landing, stream, plan, result)
            find_deletions(landing, stream, plan, result)
            if stream.model == "sale.order":
                warn_of_hidden_orders(landing, result)
        else:
            read_whole(landing, stream, plan, result)
    except Exception as error:
        _save_state(landing, stream, result, error)
        raise
    finally:
        result.seconds = round(time.perf_counter() - begun, 3)
        result.calls = landing.client.calls - calls_before
    _save_state(landing, stream, result, None)
    return result


def prepare(landing: Landing, stream: Stream, result: StreamResult) -> FieldPlan | None:
    """Compares the model's field list with the last one and plans the fields to ask for; None when not installed."""
    try:
        fields = landing.client.fields(stream.model)
    except ConfigurationError as error:
        if error.code != "not_installed" or stream.is_required:
            raise
        return None
    before = books.read_fields(landing.warehouse, landing.org, stream.model)
    plan = plan_fields(stream, fields, landing.client.connection.extra_fields.get(stream.model, ()))
    rows: list[dict[str, Any]] = [
        {
            "org_id": landing.org,
            "model": stream.model,
            "field": one.name,
            "type": one.type,
            "is_stored": one.store,
            "relation": one.relation,
            "is_required": one.required,
            "seen_at": landing.started_at,
            "run_id": landing.run_id,
        }
        for one in fields.values()
    ]
    after = {row["field"]: row for row in rows}
    result.drift = describe_drift(before, after, set(plan.fields)) if before else []
    if described(before) != described(after):
        books.save_fields(landing.warehouse, landing.org, stream.model, rows)
    told = [note.message for note in plan.notes if note.severity == "warning"]
    told += [f"{stream.model}: {line}" for line in result.drift if not line.endswith(" added")]
    result.problems += [{"code": "schema_drift", "message": message} for message in dict.fromkeys(told)]
    return plan


def described(fields: dict[str, dict[str, Any]]) -> dict[str, tuple[Any, ...]]:
    """What a field list says of each field, whenever it was seen."""
    return {
        name: (row["type"], row["is_stored"], row["relation"] or None, row["is_required"])
        for name, row in fields.items()
    }


def describe_drift(before: dict[str, Any], after: dict[str, Any], used: set[str]) -> list[str]:
    """One line per difference between two field lists; lost and changed fields are told only where they are used."""
    lines = [f"field {name} added" for name in sorted(after.keys() - before.keys())]
    lines += [f"field {name} is gone" for name in sorted(before.keys() - after.keys())]
    for name in sorted(before.keys() & after.keys() & used):
        for what in ("type", "relation", "is_stored"):
            old, new = before[name][what], after[name][what]
            if (old or None) != (new or None):
                lines.append(f"field {name}: {what} was {old}, is {new}")
    return lines


def read_window(landing: Landing, stream: Stream, plan: FieldPlan, result: StreamResult) -> None:
    """Reads the open window of the stream, or opens the next; rows and position are saved in one transaction."""
    cursors = books.read_cursors(landing.warehouse, landing.org, SOURCE, stream.name)
    is_open = any(row["hi"] is not None for row in cursors.values())
    if not is_open or landing.is_full:
        cursors = _open_window(landing, stream, cursors)
    shards = [row for row in cursors.values() if row["hi"] is not None]
    overlap = landing.client.connection.overlap_seconds

    def pages(cursor: dict[str, Any]) -> Iterator[Page]:
        return read_pages(
            landing.client,
            stream,
            plan,
            org=landing.org,
            domain=window_domain(cursor["lo"], cursor["hi"], overlap),
            last_id=cursor["last_id"],
            end_id=cursor["end_id"],
            page_size=cursor["page_size"],
        )

    for cursor, page in in_parallel(shards, pages):
        cursor["last_id"], cursor["page_size"], cursor["updated_at"] = page.last_id, page.page_size, utc_now()
        if page.is_last:
            cursor["lo"], cursor["hi"], cursor["last_id"] = cursor["hi"], None, 0
        # Reading everything again means what it finds, also where a restored backup carries older write dates.
        land(landing, stream.table, page, result, cursor=cursor, touch_write_date=landing.is_full)
    if len(cursors) > 1:
        only = {**cursors[0], "end_id": None, "lo": min(row["lo"] for row in cursors.values())}
        books.replace_cursors(landing.warehouse, landing.org, SOURCE, stream.name, [only])


def _open_window(landing: Landing, stream: Stream, cursors: dict[int, Any]) -> dict[int, dict[str, Any]]:
    lo = None if landing.is_full or not cursors else min(row["lo"] for row in cursors.values())
    row: dict[str, Any] = {
        "org_id": landing.org,
        "source": SOURCE,
        "stream": stream.name,
        "shard": 0,
        "lo": lo,
        "hi": landing.client.server_time,
        "last_id": 0,
        "end_id": None,
        "page_size": landing.client.connection.page_size,
        "updated_at": utc_now(),
    }
    rows = [row]
    if lo is None and landing.client.connection.parallel_calls > 1:
        ids = landing.client.ids(stream.model)
        shards = min(landing.client.connection.parallel_calls, len(ids) // ROWS_PER_SHARD + 1)
        bounds = [0, *(ids[len(ids) * n // shards - 1] for n in range(1, shards)), None]
        rows = [{**row, "shard": n, "last_id": bounds[n], "end_id": bounds[n + 1]} for n in range(shards)]
    books.replace_cursors(landing.warehouse, landing.org, SOURCE, stream.name, rows)
    return {row["shard"]: row for row in rows}


def land(
    landing: Landing,
    table: Table,
    page: Page,
    result: StreamResult,
    *,
    cursor: dict[str, Any] | None = None,
    **how: Any,
) -> None:
    """Merges one page and its rejects; the cursor moves in the same transaction as the rows."""
    if page.rejects:
        result.rejected += reject_books.save_rejects(
            landing.warehouse, landing.org, SOURCE, page.rejects, run_id=landing.run_id, at=landing.started_at
        )
    result.changes += landing.warehouse.merge(
        table, stamp(landing, table, page.table), landing.org, cursor=cursor, cursor_table=SYNC_CURSORS, **how
    )
    _count_page(landing, page, result)


def stamp(landing: Landing, table: Table, block: pa.Table) -> pa.Table:
    """The block with the columns that say when and by which run a row was landed."""
    now = pa.repeat(pa.scalar(landing.started_at, pa.timestamp("us", tz="UTC")), block.num_rows)
    for name in ("first_seen_at", "fetched_at"):
        block = block.append_column(name, now)
    return block.append_column("run_id", pa.repeat(pa.scalar(landing.run_id), block.num_rows))


def read_whole(landing: Landing, stream: Stream, plan: FieldPlan, result: StreamResult) -> None:
    """Replaces the organisation's rows by all rows of the source; a suspicious loss keeps the old rows.

    A row that could not be read this time is not gone, so its old version stays.
    """

    def blocks() -> Iterator[pa.Table]:
        for page in read_pages(landing.client, stream, plan, org=landing.org):
            rejects.extend(page.rejects)
            unread.extend(int(one["record_key"]) for one in page.rejects if one["record_key"])
            _count_page(landing, page, result)
            yield stamp(landing, stream.table, page.table)

    if is_company_hidden(landing, result):
        for page in read_pages(landing.client, stream, plan, org=landing.org):
            land(landing, stream.table, page, result)
        return
    rejects: list[dict[str, Any]] = []
    unread: list[int] = []
    guard = None if landing.accept_deletions else FULL_READ_GUARD
    kept = [("id", "not in", unread)]
    try:
        result.changes += landing.warehouse.replace(stream.table, blocks(), landing.org, guard=guard, where=kept)
    except GuardTripped as error:
        result.problems.append({"code": error.code, "message": error.message})
    result.rejected += reject_books.save_rejects(
        landing.warehouse, landing.org, SOURCE, rejects, run_id=landing.run_id, at=landing.started_at
    )


def find_deletions(landing: Landing, stream: Stream, plan: FieldPlan, result: StreamResult) -> None:
    """Tombstones what the source no longer lists, and fetches what the window did not bring.

    That is what the source lists and is not held, and what still names a partner that is gone: contacts are merged
    without a new write_date. Partners come before orders, so that a merge arrives whole.
    """
    if is_company_hidden(landing, result):
        return
    living = landing.client.ids(stream.model)
    guard = DELETION_GUARD
    if stream.model in ORDER_MODELS:
        guard = UnseenGuard(**vars(DELETION_GUARD), client=landing.client)
    try:
        deleted, missing = landing.warehouse.mark_deleted(
            stream.table, landing.org, living, at=landing.started_at, guard=None if landing.accept_deletions else guard
        )
    except GuardTripped as error:
        result.problems.append({"code": error.code, "message": error.message})
        return
    result.changes += Changes(deleted=deleted)
    columns = stream.partner_columns
    orphans = queries.refer_to_deleted(landing.warehouse, stream.table, columns, ODOO_PARTNERS, landing.org)
    for page in read_records(landing.client, stream, plan, [*missing, *orphans], org=landing.org):
        land(landing, stream.table, page, result)


def _count_page(landing: Landing, page: Page, result: StreamResult) -> None:
    result.extracted += page.rows
    result.pages += 1
    if landing.on_progress:
        landing.on_progress(result.stream, result.extracted)


def _save_state(landing: Landing, stream: Stream, result: StreamResult, error: Exception | None) -> None:
    now = utc_now()
    state: dict[str, Any] = {"status": result.status if error is None else "failed", "attempted_at": now}
    if error is None:
        result.rows_held = books.count_living(
            landing.warehouse,
            stream.table.schema,
            stream.table.name,
            landing.org,
            has_tombstones="deleted_at" in stream.table.column,
        )
        state |= {"succeeded_at": now, "rows_held": result.rows_held, "error_code": None, "error": None}
        state["server_version"] = landing.client.version.text
    else:
        state |= {"error_code": getattr(error, "code", "unexpected"), "error": str(error).splitlines()[0][:500]}
    books.save_stream(landing.warehouse, landing.org, SOURCE, stream.name, **state)


__all__ = ["STREAMS", "Landing", "StreamResult", "sync_stream"]
