"""Runs as the connectors' history: newest first, and added up over all time.

Recording runs does not belong here; see `books.py`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from psycopg import sql

from sync_assets.warehouse.warehouse import Warehouse

# Runs that came to an end on real data; one that found its organisation locked did nothing.
ENDED = "status IN ('ok', 'partial', 'failed', 'interrupted') AND NOT is_dry_run"
# What a run did with a table: rows received from a source, or for a computed table the rows compared with it.
PROCESSED = (
    "coalesce(nullif((value->>'extracted')::bigint, 0), (value->>'inserted')::bigint + (value->>'updated')::bigint "
    "+ (value->>'deleted')::bigint + (value->>'unchanged')::bigint)"
)


def _chosen(jobs: Iterable[str], org: str | None) -> sql.Composed:
    """Runs whose job is one of these, of one organisation or all."""
    whole = sql.SQL("job = ANY({})").format(list(jobs))
    return whole if org is None else sql.SQL("{} AND org_id = {}").format(whole, org)


def runs_of(warehouse: Warehouse, jobs: Iterable[str], *, org: str | None, limit: int) -> list[dict[str, Any]]:
    """Runs of these jobs, newest first."""
    return warehouse.query(
        sql.SQL("SELECT * FROM ops.sync_runs WHERE {} ORDER BY started_at DESC, org_id, run_id LIMIT {}").format(
            _chosen(jobs, org), limit
        )
    )


def known_jobs(warehouse: Warehouse, org: str | None = None) -> set[str]:
    where = sql.SQL("true") if org is None else sql.SQL("org_id = {}").format(org)
    rows = warehouse.query(sql.SQL("SELECT DISTINCT job FROM ops.sync_runs WHERE {}").format(where))
    return {row["job"] for row in rows}


def running_jobs(warehouse: Warehouse) -> set[tuple[str, str]]:
    """Organisation and job of every run that is at work."""
    rows = warehouse.query("SELECT org_id, job FROM ops.sync_runs WHERE status = 'running'")
    return {(row["org_id"], row["job"]) for row in rows}


def statuses(warehouse: Warehouse) -> dict[tuple[str, str], dict[str, Any]]:
    """The rows of ops.sync_status by organisation and source."""
    return {(row["org_id"], row["source"]): row for row in warehouse.query("SELECT * FROM ops.sync_status")}


def cursors(warehouse: Warehouse, org: str, source: str) -> list[dict[str, Any]]:
    """Where the reading of each stream stands."""
    return warehouse.query(
        "SELECT stream, shard, lo, hi, last_id, updated_at FROM ops.sync_cursors WHERE org_id = %(org)s "
        "AND source = %(source)s ORDER BY stream, shard",
        org=org,
        source=source,
    )


def run_totals(warehouse: Warehouse, jobs: Iterable[str]) -> dict[str, Any]:
    """Numbers of ended runs of these jobs, their mean duration in seconds, rows received, errors and warnings."""
    statement = sql.SQL(
        "SELECT count(*) AS syncs, count(*) FILTER (WHERE status = 'ok') AS successful, avg(duration_seconds) AS seconds, "
        "max(started_at) AS last_sync, coalesce(sum(extracted), 0)::bigint AS records, "
        "coalesce(sum(jsonb_array_length(errors)), 0)::bigint AS errors, "
        "coalesce(sum(jsonb_array_length(warnings)), 0)::bigint AS warnings FROM ops.sync_runs WHERE {} AND {}"
    ).format(_chosen(jobs, None), sql.SQL(ENDED))
    return warehouse.query(statement)[0]


def records_by_table(warehouse: Warehouse, jobs: Iterable[str]) -> dict[str, int]:
    """Rows processed by ended runs of these jobs, by table."""
    statement = sql.SQL(
        "SELECT key, sum({})::bigint AS rows FROM ops.sync_runs, jsonb_each(counts) WHERE {} AND {} GROUP BY key ORDER BY key"
    ).format(sql.SQL(PROCESSED), _chosen(jobs, None), sql.SQL(ENDED))
    return {row["key"]: row["rows"] for row in warehouse.query(statement)}
