"""Questions to the sync log and the queue of the push, for operators; and the log's retention.

Writing the log does not belong here; see `push.py`. Every answer is about one organisation only.
"""

from __future__ import annotations

import gzip
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
from psycopg import sql

from sync_assets.errors import ConfigurationError
from sync_assets.tables.push import LOG_STATUSES, ODOO_SYNC_LOG, TRIGGERS
from sync_assets.warehouse.warehouse import Warehouse

Row = dict[str, Any]
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MAX_LIMIT = 500
MAX_EXPORT = 10_000
BATCH = 10_000
QUEUE = ("waiting", "active", "completed", "failed", "delayed")
# Spreadsheets take a cell that begins like this for a formula.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


@dataclass(frozen=True)
class LogFilter:
    """What log rows to look at. `sku` is a part of the SKU; `since` is inclusive, `before` exclusive."""

    status: str | None = None
    trigger_type: str | None = None
    sku: str | None = None
    since: datetime | None = None
    before: datetime | None = None
    run_id: str | None = None

    def __post_init__(self) -> None:
        for name, value, allowed in (
            ("status", self.status, LOG_STATUSES),
            ("triggerType", self.trigger_type, TRIGGERS),
        ):
            if value is not None and value not in allowed:
                raise ConfigurationError(f"{name} {value!r} is not one of {', '.join(allowed)}", code="bad_filter")

    def where(self, org: str) -> sql.Composed:
        parts = [sql.SQL("org_id = {}").format(org)]
        if self.status is not None:
            parts.append(sql.SQL("status = {}").format(self.status))
        if self.trigger_type is not None:
            parts.append(sql.SQL("trigger_type = {}").format(self.trigger_type))
        if self.sku is not None:
            # Neither % nor _ is a wildcard here, and the driver looks for placeholders in literals too.
            part = self.sku.replace("%", "%%")
            parts.append(sql.SQL("strpos(lower(variant_sku), lower({})) > 0").format(part))
        if self.since is not None:
            parts.append(sql.SQL("created_at >= {}").format(self.since))
        if self.before is not None:
            parts.append(sql.SQL("created_at < {}").format(self.before))
        if self.run_id is not None:
            parts.append(sql.SQL("run_id = {}").format(self.run_id))
        return sql.SQL(" AND ").join(parts)


def logs(warehouse: Warehouse, org: str, chosen: LogFilter = LogFilter(), *, page: int = 1, limit: int = 50) -> Row:
    """`{logs, pagination: {page, limit, total, pages}}`, newest first; a page beyond the end is empty."""
    if not (page >= 1 and 1 <= limit <= MAX_LIMIT):
        raise ConfigurationError(f"page starts at 1, limit goes from 1 to {MAX_LIMIT}", code="bad_filter")
    where = chosen.where(org)
    total = warehouse.query(sql.SQL("SELECT count(*) AS n FROM ops.odoo_sync_log WHERE {}").format(where))[0]["n"]
    rows = warehouse.query(
        sql.SQL("SELECT * FROM ops.odoo_sync_log WHERE {} ORDER BY created_at DESC, id DESC LIMIT {} OFFSET {}").format(
            where, limit, (page - 1) * limit
        )
    )
    return {"logs": rows, "pagination": {"page": page, "limit": limit, "total": total, "pages": -(-total // limit)}}


def log(warehouse: Warehouse, org: str, log_id: str) -> Row | None:
    """One row, also from the archive; None when the organisation has no such row."""
    rows = warehouse.query(
        "SELECT * FROM ops.odoo_sync_log WHERE org_id = %(org)s AND id = %(id)s UNION ALL "
        "SELECT * FROM ops.odoo_sync_log_archive WHERE org_id = %(org)s AND id = %(id)s",
        org=org,
        id=log_id,
    )
    return rows[0] if rows else None


def outcomes(warehouse: Warehouse, org: str, *, since: datetime | None = None) -> list[Row]:
    """Ended attempts by trigger: `trigger_type`, `total`, and `good` for the successes among them."""
    where = sql.SQL("org_id = {} AND status <> 'PENDING' AND created_at >= {}").format(org, since or EPOCH)
    return warehouse.query(
        sql.SQL(
            "SELECT trigger_type, count(*) AS total, count(*) FILTER (WHERE status = 'SUCCESS') AS good "
            "FROM ops.odoo_sync_log WHERE {} GROUP BY 1 ORDER BY 1"
        ).format(where)
    )


def stats(warehouse: Warehouse, org: str, *, since: datetime | None = None) -> Row:
    """`{total, successful, failed, successRate, byTrigger, recent}`; what is still pending does not count."""
    rows = outcomes(warehouse, org, since=since)
    total, good = sum(row["total"] for row in rows), sum(row["good"] for row in rows)
    return {
        "total": total,
        "successful": good,
        "failed": total - good,
        "successRate": f"{100 * good / total if total else 0:.2f}",
        "byTrigger": {row["trigger_type"]: row["total"] for row in rows},
        "recent": logs(warehouse, org, limit=10)["logs"],
    }


def queue(warehouse: Warehouse, org: str, target: str) -> dict[str, int]:
    """Items by status; `total` is the sum of the five, excluded items are in none."""
    rows = warehouse.query(
        "SELECT status, count(*) AS n FROM ops.push_state WHERE org_id = %(org)s AND target = %(target)s GROUP BY 1",
        org=org,
        target=target,
    )
    found = {row["status"]: row["n"] for row in rows}
    counts = {status: found.get(status, 0) for status in QUEUE}
    return {**counts, "total": sum(counts.values())}


def plan_rows(warehouse: Warehouse, org: str, target: str, keys: Sequence[str] | None, limit: int) -> list[Row]:
    """Items to be pushed with their stock as confirmed and as wanted: those of `keys`, else what waits."""
    return warehouse.query(
        "SELECT push_key, acked_payload #>> '{product,vendor_on_hand_qty}' AS confirmed, "
        "desired_payload #>> '{product,vendor_on_hand_qty}' AS wanted, trigger_type, order_id, status "
        "FROM ops.push_state WHERE org_id = %(org)s AND target = %(target)s AND "
        "CASE WHEN %(keys)s::text[] IS NULL THEN status IN ('waiting', 'delayed') ELSE push_key = ANY(%(keys)s) END "
        "ORDER BY push_key LIMIT %(limit)s",
        org=org,
        target=target,
        keys=None if keys is None else list(keys),
        limit=limit,
    )


def job(warehouse: Warehouse, org: str, run_id: str) -> Row:
    """`{found, id, state, progress, result}` of a run."""
    rows = warehouse.query(
        "SELECT * FROM ops.push_runs WHERE org_id = %(org)s AND run_id = %(run)s", org=org, run=run_id
    )
    if not rows:
        return {"found": False, "id": run_id, "state": None, "progress": 0, "result": None}
    row = rows[0]
    done = row["state"] == "completed" or (row["total"] == 0 and row["state"] != "active")
    progress = 100 if done else min(100 * row["done"] // row["total"], 100) if row["total"] else 0
    return {"found": True, "id": run_id, "state": row["state"], "progress": progress, "result": row["result"]}


def due(warehouse: Warehouse, org: str, target: str, *, at: datetime) -> int:
    """Items that a run would take up at that instant: waiting ones, late looks, and those of a dead process."""
    rows = warehouse.query(
        "SELECT count(*) AS n FROM ops.push_state WHERE org_id = %(org)s AND target = %(target)s AND ("
        "(status IN ('waiting', 'delayed') AND coalesce(next_run_at, '-infinity') <= %(at)s) "
        "OR (status = 'completed' AND verify_at <= %(at)s) OR (status = 'active' AND lease_until <= %(at)s))",
        org=org,
        target=target,
        at=at,
    )
    return int(rows[0]["n"])


def retry(warehouse: Warehouse, org: str, target: str, *, sku: str | None = None, at: datetime) -> int:
    """Failed items wait again with all their attempts: those of one SKU, or all; their number."""
    with warehouse.transaction() as connection:
        return connection.execute(
            "UPDATE ops.push_state SET status = 'waiting', attempts = 0, next_run_at = NULL, waiting_since_at = %(at)s "
            "WHERE org_id = %(org)s AND target = %(target)s AND status = 'failed' AND (%(sku)s::text IS NULL "
            "OR push_key = %(sku)s OR desired_payload -> 'variants' @> jsonb_build_array(jsonb_build_object("
            "'default_code', %(sku)s::text)))",
            {"org": org, "target": target, "sku": sku, "at": at},
        ).rowcount


def export_rows(warehouse: Warehouse, org: str, chosen: LogFilter = LogFilter()) -> list[list[str]]:
    """The header and at most 10,000 rows for a CSV file, newest first; no cell is a formula."""
    names = ODOO_SYNC_LOG.frame_columns
    rows = warehouse.query(
        sql.SQL("SELECT * FROM ops.odoo_sync_log WHERE {} ORDER BY created_at DESC, id DESC LIMIT {}").format(
            chosen.where(org), MAX_EXPORT
        )
    )
    return [list(names), *([cell(row[name]) for name in names] for row in rows)]


def cell(value: Any) -> str:
    """A value as the text of a CSV cell.

    >>> cell("=1+1"), cell(None), cell({"a": 1})
    ("'=1+1", '', '{"a":1}')
    """
    if value is None:
        return ""
    text = value.isoformat() if isinstance(value, datetime) else value if isinstance(value, str) else None
    text = orjson.dumps(value, default=str).decode() if text is None else text
    return f"'{text}" if text.startswith(FORMULA) else text


def archive_logs(warehouse: Warehouse, org: str, *, days: int, at: datetime) -> int:
    """Moves finished rows older than that many days to the archive; returns how many."""
    columns = sql.SQL(", ").join(map(sql.Identifier, ODOO_SYNC_LOG.frame_columns))
    statement = sql.SQL(
        "WITH old AS (DELETE FROM ops.odoo_sync_log WHERE org_id = {org} AND id IN (SELECT id FROM ops.odoo_sync_log "
        "WHERE org_id = {org} AND status <> 'PENDING' AND created_at < {before} ORDER BY created_at LIMIT {batch}) "
        "RETURNING {columns}) INSERT INTO ops.odoo_sync_log_archive ({columns}) SELECT {columns} FROM old"
    ).format(org=org, before=at - timedelta(days=days), batch=BATCH, columns=columns)
    moved = 0
    while True:
        with warehouse.transaction() as connection:
            count = connection.execute(statement).rowcount
        moved += count
        if count < BATCH:
            return moved


def archive_month(warehouse: Warehouse, org: str, month: str) -> bytes:
    """The archived rows of a month such as 2026-03 as gzip JSON lines, oldest first."""
    rows = warehouse.query(
        "SELECT * FROM ops.odoo_sync_log_archive WHERE org_id = %(org)s AND to_char(created_at AT TIME ZONE 'UTC', "
        "'YYYY-MM') = %(month)s ORDER BY created_at, id",
        org=org,
        month=month,
    )
    return gzip.compress(b"".join(_lines(rows)), mtime=0)


def _lines(rows: Sequence[Row]) -> Iterator[bytes]:
    for row in rows:
        yield orjson.dumps(row) + b"\n"
