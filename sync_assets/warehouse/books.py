"""The books in schema `ops`: runs, cursors, stream states and the field lists of sources; rejects have their own.

Runs and stream states are kept by a dry run too; everything else follows the warehouse's transaction.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from psycopg import sql

from sync_assets.tables.ops import ODOO_FIELDS, SYNC_CURSORS, SYNC_RUNS, SYNC_STATUS, SYNC_STREAMS
from sync_assets.warehouse.difference import Changes
from sync_assets.warehouse.statements import upsert
from sync_assets.warehouse.warehouse import Warehouse


def open_run(warehouse: Warehouse, org: str, run_id: str, *, job: str, started_at: datetime) -> None:
    """Records the start of a run whose organisation is locked; runs that died under that lock become `interrupted`."""
    with warehouse.transaction(always_commit=True) as connection:
        connection.execute(
            "UPDATE ops.sync_runs SET status = 'interrupted' WHERE org_id = %s AND status = 'running'", [org]
        )
        upsert(
            connection,
            SYNC_RUNS,
            {
                "org_id": org,
                "run_id": run_id,
                "job": job,
                "status": "running",
                "is_dry_run": warehouse.is_dry_run,
                "started_at": started_at,
                "finished_at": None,
                "duration_seconds": None,
                "errors": [],
                "warnings": [],
                "counts": {},
                "result": None,
            },
        )


def close_dead_runs(warehouse: Warehouse, *, before: datetime) -> None:
    """Runs begun before that instant whose organisation nobody holds locked become `interrupted`: their process died.

    The locks are read and not tried, so that no run that starts meanwhile finds its organisation locked.
    """
    with warehouse.transaction(always_commit=True) as connection:
        connection.execute(
            "UPDATE ops.sync_runs SET status = 'interrupted' WHERE status = 'running' AND started_at < %s "
            "AND hashtext(org_id) NOT IN (SELECT objid::int FROM pg_locks WHERE locktype = 'advisory' AND granted "
            "AND classid::int = hashtext('sync_assets') AND objsubid = 2 "
            "AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))",
            [before],
        )


def over_runs(warehouse: Warehouse, run_ids: list[str], *, before: datetime) -> set[str]:
    """Those of the Dagster runs whose rows all say that nothing goes on: their process died, or ended before that instant.

    A run that has no row yet is not among them.
    """
    rows = warehouse.query(
        "SELECT run_id FROM ops.sync_runs WHERE run_id = ANY(%(ids)s) GROUP BY run_id "
        "HAVING bool_and(status <> 'running' AND (finished_at IS NULL OR finished_at < %(before)s))",
        ids=run_ids,
        before=before,
    )
    return {row["run_id"] for row in rows}


def refuse_run(
    warehouse: Warehouse, org: str, run_id: str, *, job: str, at: datetime, message: str, result: dict[str, Any]
) -> None:
    """Records a run that found its organisation locked and did nothing."""
    with warehouse.transaction(always_commit=True) as connection:
        upsert(
            connection,
            SYNC_RUNS,
            {
                "org_id": org,
                "run_id": run_id,
                "job": job,
                "status": "already_running",
                "is_dry_run": warehouse.is_dry_run,
                "started_at": at,
                "finished_at": at,
                "duration_seconds": 0.0,
                "errors": [{"step": "lock", "code": "already_running", "message": message}],
                "warnings": [],
                "counts": {},
                "result": result,
            },
        )


def save_run(warehouse: Warehouse, org: str, run_id: str, **values: Any) -> None:
    """Writes columns of the run's row as they stand: counts and errors while it runs, the status at its end."""
    with warehouse.transaction(always_commit=True) as connection:
        columns = [sql.SQL("{} = {}").format(sql.Identifier(n), sql.Placeholder(n)) for n in values]
        from psycopg.types.json import Jsonb

        typed = {n: Jsonb(v) if SYNC_RUNS.column[n].kind == "json" and v is not None else v for n, v in values.items()}
        connection.execute(
            sql.SQL("UPDATE ops.sync_runs SET {} WHERE org_id = %(org)s AND run_id = %(run)s").format(
                sql.SQL(", ").join(columns)
            ),
            {**typed, "org": org, "run": run_id},
        )


def read_cursors(warehouse: Warehouse, org: str, source: str, stream: str) -> dict[int, dict[str, Any]]:
    """The stream's cursor rows by shard."""
    rows = warehouse.query(
        "SELECT * FROM ops.sync_cursors WHERE org_id = %(org)s AND source = %(source)s AND stream = %(stream)s "
        "ORDER BY shard",
        org=org,
        source=source,
        stream=stream,
    )
    return {row["shard"]: row for row in rows}


def replace_cursors(warehouse: Warehouse, org: str, source: str, stream: str, rows: list[dict[str, Any]]) -> None:
    """Makes the stream's cursor rows exactly `rows`."""
    with warehouse.transaction() as connection:
        connection.execute(
            "DELETE FROM ops.sync_cursors WHERE org_id = %s AND source = %s AND stream = %s", [org, source, stream]
        )
        for row in rows:
            upsert(connection, SYNC_CURSORS, row)


def save_stream(warehouse: Warehouse, org: str, source: str, stream: str, **values: Any) -> None:
    with warehouse.transaction(always_commit=True) as connection:
        upsert(connection, SYNC_STREAMS, {"org_id": org, "source": source, "stream": stream, **values})


def count_living(warehouse: Warehouse, schema: str, table: str, org: str, *, has_tombstones: bool) -> int:
    living = sql.SQL(" AND deleted_at IS NULL") if has_tombstones else sql.SQL("")
    statement = sql.SQL("SELECT count(*) AS n FROM {} WHERE org_id = {}{}").format(
        sql.Identifier(schema, table), org, living
    )
    return int(warehouse.query(statement)[0]["n"])


def save_status(warehouse: Warehouse, org: str, source: str, **values: Any) -> None:
    """Writes columns of the source's row in ops.sync_status; the others stay."""
    with warehouse.transaction() as connection:
        upsert(connection, SYNC_STATUS, {"org_id": org, "source": source, **values})


def save_fields(warehouse: Warehouse, org: str, model: str, rows: list[dict[str, Any]]) -> Changes:
    """Replaces the stored field list of a model; the changes are the schema drift since the last run."""
    return warehouse.replace(ODOO_FIELDS, ODOO_FIELDS.frame(rows), org, where=[("model", "=", model)])


def read_fields(warehouse: Warehouse, org: str, model: str) -> dict[str, dict[str, Any]]:
    frame = warehouse.read(ODOO_FIELDS, org, where=[("model", "=", model)])
    return {str(row["field"]): {str(k): v for k, v in row.items()} for row in frame.to_dict("records")}
