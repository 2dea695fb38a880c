"""The push's states in PostgreSQL: planning under a lock, leases, results of attempts, blocks.

Runs are in `push_runs.py`, the sync log's questions in `push_log.py`; what a wanted state is, and when it is due, is decided in `sync_assets/push`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any, TypeAlias

import psycopg
from psycopg import sql
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from sync_assets.tables.push import ODOO_SYNC_LOG, PUSH_EVENTS, PUSH_STATE, PUSH_TARGETS
from sync_assets.tables.spec import Table
from sync_assets.warehouse.warehouse import Warehouse, upsert

Row = dict[str, Any]
Connection: TypeAlias = "psycopg.Connection[Any]"
OURS = sql.SQL("org_id = %(org)s AND target = %(target)s")
# A shipped order must not wait behind a full push of thousands of items.
URGENT = ("ORDER_SHIPPED", "MANUAL_SINGLE")
DUE = sql.SQL(
    "((status IN ('waiting', 'delayed') AND coalesce(next_run_at, '-infinity') <= %(at)s) "
    "OR (status = 'completed' AND verify_at <= %(at)s))"
)


@contextmanager
def planning(warehouse: Warehouse, org: str, target: str) -> Iterator[Connection]:
    """A transaction that no other plan of the target overlaps, so that what is read later is also written later."""
    with warehouse.transaction() as connection:
        connection.execute("SELECT pg_advisory_xact_lock(hashtext('push ' || %s), hashtext(%s))", [target, org])
        yield connection


def states(
    connection: Connection, org: str, target: str, keys: Sequence[str] | None = None, *, lock: bool = False
) -> dict[str, Row]:
    """Rows of ops.push_state by push_key, all of the target without `keys`."""
    statement = sql.SQL("SELECT * FROM ops.push_state WHERE {} AND ({}) ORDER BY push_key {}").format(
        OURS,
        sql.SQL("true" if keys is None else "push_key = ANY(%(keys)s)"),
        sql.SQL("FOR UPDATE" if lock else ""),
    )
    values = {"org": org, "target": target, "keys": list(keys or ())}
    with connection.cursor(row_factory=dict_row) as cursor:
        return {row["push_key"]: row for row in cursor.execute(statement, values)}


def save_states(connection: Connection, rows: Iterable[Row]) -> None:
    """Writes the given columns of rows of ops.push_state; the other columns stay."""
    groups: dict[tuple[str, ...], list[Row]] = {}
    for row in rows:
        groups.setdefault(tuple(row), []).append(row)
    for names, group in groups.items():
        rest = [name for name in names if name not in PUSH_STATE.key]
        known = set(PUSH_STATE.column).issuperset(names)
        assert known, names
        is_new = "product_id" in names
        if is_new:
            statement = sql.SQL("INSERT INTO ops.push_state ({}) VALUES ({}) ON CONFLICT ({}) DO UPDATE SET {}").format(
                _names(names), _places(names), _names(PUSH_STATE.key), _from_excluded(rest)
            )
        else:
            statement = sql.SQL("UPDATE ops.push_state SET {} WHERE {}").format(
                sql.SQL(", ").join(map(_equals, rest)), sql.SQL(" AND ").join(map(_equals, PUSH_STATE.key))
            )
        with connection.cursor() as cursor:
            cursor.executemany(statement, [_bound(PUSH_STATE, row) for row in group])


def claim(
    warehouse: Warehouse,
    org: str,
    target: str,
    *,
    token: str,
    at: datetime,
    lease_seconds: float,
    keys: Sequence[str] | None = None,
) -> Row | None:
    """Leases the item that is due for longest, urgent ones first, and returns its row; None when none is due and free."""
    statement = sql.SQL(
        "UPDATE ops.push_state SET status = 'active', lease_token = %(token)s, lease_until = %(until)s, "
        "attempts = attempts + 1 WHERE {} AND push_key = (SELECT push_key FROM ops.push_state WHERE {} AND {} AND {} "
        "ORDER BY trigger_type <> ALL(%(urgent)s), coalesce(next_run_at, waiting_since_at, verify_at), push_key "
        "FOR UPDATE SKIP LOCKED LIMIT 1) RETURNING *"
    ).format(OURS, OURS, DUE, sql.SQL("true" if keys is None else "push_key = ANY(%(keys)s)"))
    values = {"org": org, "target": target, "token": token, "at": at, "keys": list(keys or ()), "urgent": list(URGENT)}
    values["until"] = at + timedelta(seconds=lease_seconds)
    with warehouse.transaction() as connection, connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(statement, values).fetchone()


def open_log(warehouse: Warehouse, row: Row) -> None:
    """Writes the PENDING row of an attempt."""
    with warehouse.transaction() as connection:
        upsert(connection, ODOO_SYNC_LOG, row)


def finish(
    warehouse: Warehouse,
    org: str,
    target: str,
    key: str,
    *,
    token: str,
    changes: Row,
    sent_hash: str,
    is_ended: bool,
    log: Row | None,
) -> tuple[bool, str | None]:
    """Writes what an attempt came to, where its lease still holds, and closes its log row in the same transaction.

    An item whose wanted state changed meanwhile waits again, whatever became of the attempt, and one that the attempt
    left untouched keeps its status. Returns whether the lease held, and why the log row could not be written.
    """
    # The wanted state may have changed while it was sent.
    moved = sql.SQL(
        ", status = 'waiting', attempts = 0, next_run_at = NULL, waiting_since_at = desired_at, coalesced = greatest(coalesced, 1)"
    )
    statement = "UPDATE ops.push_state SET {}, lease_token = NULL, lease_until = NULL WHERE {} AND push_key = %(key)s AND lease_token = %(token)s"
    values = {
        "org": org,
        "target": target,
        "key": key,
        "token": token,
        "sent": sent_hash,
        **_bound(PUSH_STATE, changes),
    }
    rest = {name: value for name, value in changes.items() if name not in MOVED}
    problem = None
    with warehouse.transaction() as connection:
        row = connection.execute(
            sql.SQL(
                "SELECT desired_hash <> %(sent)s FROM ops.push_state WHERE {} AND push_key = %(key)s AND lease_token = %(token)s FOR UPDATE"
            ).format(OURS),
            values,
        ).fetchone()
        if row is not None:
            is_moved = bool(row[0]) and is_ended
            sets = sql.SQL(", ").join(map(_equals, rest if is_moved else changes))
            connection.execute(sql.SQL(statement).format(sets + moved if is_moved else sets, OURS), values)
        else:
            log = {**(log or {}), "status": "FAILED", "error_class": None, "error_code": "lease_lost"}
            log["error_message"] = "The lease ran out before the attempt ended; another process took the item over"
        if log is not None:
            try:
                with connection.transaction():
                    _close_log(connection, org, token, log)
            except psycopg.Error as error:
                problem = type(error).__name__
    return row is not None, problem


MOVED = {"status", "attempts", "next_run_at", "waiting_since_at", "coalesced"}


def drop_log(warehouse: Warehouse, org: str, token: str) -> None:
    """Takes back the row of an attempt that made no call."""
    with warehouse.transaction() as connection:
        connection.execute(
            "DELETE FROM ops.odoo_sync_log WHERE org_id = %s AND id = %s AND status = 'PENDING'", [org, token]
        )


def _close_log(connection: Connection, org: str, token: str, log: Row) -> None:
    connection.execute(
        sql.SQL("UPDATE ops.odoo_sync_log SET {} WHERE org_id = %(org)s AND id = %(token)s").format(
            sql.SQL(", ").join(map(_equals, log))
        ),
        {"org": org, "token": token, **_bound(ODOO_SYNC_LOG, log)},
    )


def reap(warehouse: Warehouse, org: str, target: str, *, at: datetime, lease_seconds: float) -> int:
    """Items whose lease ran out wait again with unknown outcome, and their open log rows become FAILED; their number."""
    values: Row = {"org": org, "target": target, "at": at, "before": at - timedelta(seconds=lease_seconds)}
    with warehouse.transaction() as connection:
        rows = connection.execute(
            sql.SQL(
                "SELECT lease_token FROM ops.push_state WHERE {} AND status = 'active' AND lease_until <= %(at)s "
                "FOR UPDATE SKIP LOCKED"
            ).format(OURS),
            values,
        ).fetchall()
        values["lost"] = [row[0] for row in rows]
        connection.execute(
            sql.SQL(
                "UPDATE ops.push_state SET status = 'waiting', outcome_unknown = true, lease_token = NULL, "
                "lease_until = NULL, next_run_at = NULL, attempts = least(attempts, 2), waiting_since_at = %(at)s, "
                "remote_key = coalesce(remote_key, desired_payload #>> '{{product,default_code}}') "
                "WHERE {} AND lease_token = ANY(%(lost)s)"
            ).format(OURS),
            values,
        )
        # An old row that nobody holds belongs to an attempt whose row could not be closed.
        connection.execute(
            sql.SQL(
                "UPDATE ops.odoo_sync_log l SET status = 'FAILED', error_code = 'process_lost', outcome_unknown = true, "
                "error_class = 'retryable', error_message = 'The process ended before the attempt did', finished_at = %(at)s "
                "WHERE {} AND status = 'PENDING' AND (id = ANY(%(lost)s) OR (created_at <= %(before)s AND NOT EXISTS "
                "(SELECT 1 FROM ops.push_state s WHERE s.org_id = l.org_id AND s.lease_token = l.id)))"
            ).format(OURS),
            values,
        )
    return len(rows)


def waiting(warehouse: Warehouse, org: str, target: str, keys: Sequence[str] | None = None) -> Row:
    """Of the items still to push: how many, since when, when the next is due, and when the next lease runs out."""
    statement = sql.SQL(
        "SELECT count(*) FILTER (WHERE status IN ('waiting', 'delayed')) AS left, "
        "min(waiting_since_at) FILTER (WHERE status IN ('waiting', 'delayed')) AS since, "
        "min(coalesce(next_run_at, '-infinity'::timestamptz)) FILTER (WHERE status IN ('waiting', 'delayed')) "
        "= '-infinity' AS is_now, min(next_run_at) FILTER (WHERE status IN ('waiting', 'delayed')) AS due_at, "
        "min(verify_at) FILTER (WHERE status = 'completed') AS verify_at, "
        "min(lease_until) FILTER (WHERE status = 'active') AS lease_until "
        "FROM ops.push_state WHERE {} AND {}"
    ).format(OURS, sql.SQL("true" if keys is None else "push_key = ANY(%(keys)s)"))
    with warehouse.transaction() as connection, connection.cursor(row_factory=dict_row) as cursor:
        row = cursor.execute(statement, {"org": org, "target": target, "keys": list(keys or ())}).fetchone()
    return row or {}


def target_state(warehouse: Warehouse, org: str, target: str) -> Row:
    """The row of ops.push_targets, empty before the first push."""
    rows = warehouse.query(
        "SELECT * FROM ops.push_targets WHERE org_id = %(org)s AND target = %(target)s", org=org, target=target
    )
    return rows[0] if rows else {}


def save_target(warehouse: Warehouse, org: str, target: str, **values: Any) -> None:
    """Writes columns of the target's row; the others stay."""
    with warehouse.transaction() as connection:
        upsert(connection, PUSH_TARGETS, {"org_id": org, "target": target, **values})


def save_cursors(connection: Connection, org: str, target: str, kind: str, cursor: Row) -> None:
    """Writes the cursor of one kind of event; the others stay."""
    connection.execute(
        "INSERT INTO ops.push_targets (org_id, target, cursors) VALUES (%s, %s, %s) ON CONFLICT (org_id, target) "
        "DO UPDATE SET cursors = ops.push_targets.cursors || excluded.cursors",
        [org, target, Jsonb({kind: cursor})],
    )


def cursor_of(connection: Connection, org: str, target: str, kind: str) -> Row | None:
    row = connection.execute(
        "SELECT cursors -> %s FROM ops.push_targets WHERE org_id = %s AND target = %s", [kind, org, target]
    ).fetchone()
    return row[0] if row else None


def count_failure(warehouse: Warehouse, org: str, target: str, *, failed: bool) -> int:
    """Adds to the failures in a row, or ends them; their number."""
    with warehouse.transaction() as connection:
        row = connection.execute(
            "INSERT INTO ops.push_targets AS t (org_id, target, failures_in_a_row) VALUES (%(org)s, %(target)s, %(one)s) "
            "ON CONFLICT (org_id, target) DO UPDATE SET failures_in_a_row = "
            "CASE WHEN %(one)s = 1 THEN t.failures_in_a_row + 1 ELSE 0 END RETURNING failures_in_a_row",
            {"org": org, "target": target, "one": int(failed)},
        ).fetchone()
    return int(row[0]) if row else 0


def new_events(connection: Connection, org: str, target: str, kind: str, keys: Sequence[str]) -> set[str]:
    """Those of the event keys that were not met before."""
    rows = connection.execute(
        "SELECT k FROM unnest(%s::text[]) k WHERE NOT EXISTS (SELECT 1 FROM ops.push_events e WHERE e.org_id = %s "
        "AND e.target = %s AND e.kind = %s AND e.event_key = k)",
        [list(keys), org, target, kind],
    ).fetchall()
    return {row[0] for row in rows}


def save_events(connection: Connection, rows: Sequence[Row]) -> None:
    """Remembers events; one that is known already stays as it was."""
    if not rows:
        return
    names = PUSH_EVENTS.frame_columns
    with connection.cursor() as cursor:
        cursor.executemany(
            sql.SQL("INSERT INTO ops.push_events ({}) VALUES ({}) ON CONFLICT DO NOTHING").format(
                _names(names), _places(names)
            ),
            rows,
        )


def _equals(name: str) -> sql.Composed:
    return sql.SQL("{} = {}").format(sql.Identifier(name), sql.Placeholder(name))


def _names(names: Iterable[str]) -> sql.Composed:
    return sql.SQL(", ").join(map(sql.Identifier, names))


def _places(names: Iterable[str]) -> sql.Composed:
    return sql.SQL(", ").join(map(sql.Placeholder, names))


def _from_excluded(names: Iterable[str]) -> sql.Composed:
    return sql.SQL(", ").join(
        sql.SQL("{} = {}").format(sql.Identifier(name), sql.Identifier("excluded", name)) for name in names
    )


def _bound(table: Table, row: Row) -> Row:
    return {n: Jsonb(v) if table.column[n].kind == "json" and v is not None else v for n, v in row.items()}
