"""The push's runs in PostgreSQL: their rows, and how a run that died is told from one that works.

What a run does does not belong here; see `sync_assets/push/runs.py`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from sync_assets.tables.push import PUSH_RUNS
from sync_assets.warehouse.warehouse import Warehouse, upsert

Row = dict[str, Any]


@contextmanager
def working(warehouse: Warehouse, run_id: str) -> Iterator[None]:
    """Holds the run's lock, which the server takes back when this process ends, however it does."""
    with warehouse.transaction() as connection:
        connection.execute("SELECT pg_advisory_xact_lock(hashtext('push run'), hashtext(%s))", [run_id])
        yield


def close_dead_runs(warehouse: Warehouse, *, at: datetime) -> list[str]:
    """Runs that never ended and whose lock nobody holds become failed: their process died. Returns their ids.

    The locks are read and not tried, so that no run that begins meanwhile has to wait.
    """
    with warehouse.transaction() as connection:
        rows = connection.execute(
            "UPDATE ops.push_runs SET state = 'failed', finished_at = %s WHERE state = 'active' AND hashtext(run_id) "
            "NOT IN (SELECT objid::int FROM pg_locks WHERE locktype = 'advisory' AND granted AND objsubid = 2 "
            "AND classid::int = hashtext('push run') "
            "AND database = (SELECT oid FROM pg_database WHERE datname = current_database())) RETURNING run_id",
            [at],
        ).fetchall()
    return sorted(row[0] for row in rows)


def known_runs(warehouse: Warehouse, run_ids: list[str]) -> set[str]:
    """Those of the runs that have a row, so that `close_dead_runs` sees to them."""
    rows = warehouse.query("SELECT run_id FROM ops.push_runs WHERE run_id = ANY(%(ids)s)", ids=run_ids)
    return {row["run_id"] for row in rows}


def save_run(warehouse: Warehouse, row: Row) -> None:
    """Writes columns of a row of ops.push_runs, and drops the runs that are too many to keep."""
    with warehouse.transaction() as connection:
        upsert(connection, PUSH_RUNS, row)
        if row.get("finished_at") is None:
            return
        for states_, kept in ((["completed", "incomplete"], 100), (["failed"], 500)):
            connection.execute(
                "DELETE FROM ops.push_runs WHERE org_id = %(org)s AND run_id IN (SELECT run_id FROM ops.push_runs WHERE "
                "org_id = %(org)s AND state = ANY(%(states)s) ORDER BY started_at DESC, run_id DESC OFFSET %(kept)s)",
                {"org": row["org_id"], "states": states_, "kept": kept},
            )


def progress(warehouse: Warehouse, org: str, run_id: str) -> None:
    """One more item of the run has ended."""
    with warehouse.transaction() as connection:
        connection.execute("UPDATE ops.push_runs SET done = done + 1 WHERE org_id = %s AND run_id = %s", [org, run_id])
