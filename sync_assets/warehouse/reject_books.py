"""Recording rejects, and closing those that later rows, or another try, have settled.

What people do with them does not belong here; see `rejects.py`. Canonical specification, section 4.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from psycopg import sql

from sync_assets.tables.ops import REJECTED_ROWS
from sync_assets.tables.spec import Table
from sync_assets.warehouse.rejects import dismissed_values
from sync_assets.warehouse.statements import table_name
from sync_assets.warehouse.warehouse import Warehouse

# What a table of rows from files has; then the rows that replaced a rejected one can be found.
FILE_COLUMNS = {"file_hash", "row_number", "record_key", "first_seen_at"}


def save_rejects(
    warehouse: Warehouse, org: str, source: str, rejects: Iterable[dict[str, Any]], *, run_id: str, at: datetime
) -> int:
    """Records rejects; one that was met before only moves `last_seen`. Returns how many there were.

    A closed one that is met again opens again, unless a person dismissed it and its value is still the same.
    """
    rows = {}
    dismissed = dismissed_values(warehouse, org, source)
    for reject in rejects:
        identity = [
            org,
            source,
            reject.get("file_hash") or reject["entity"],
            reject.get("row_number") or reject.get("record_key"),
            reject.get("column_name"),
            reject["code"],
        ]
        reject_id = hashlib.sha256(repr(identity).encode()).hexdigest()[:32]
        raw_value = reject.get("raw_value")
        # PostgreSQL cannot store NUL, and a surrogate cannot be sent.
        stored = None if raw_value is None else _storable(str(raw_value))[:500]
        value, dismissed_at = dismissed.get(reject_id, (None, None))
        is_dismissed = dismissed_at is not None and value == stored
        rows[reject_id] = {
            **reject,
            "org_id": org,
            "reject_id": reject_id,
            "source": source,
            "run_id": run_id,
            "raw_value": stored,
            "resolved_at": dismissed_at if is_dismissed else None,
            "resolution": "dismissed" if is_dismissed else None,
            "first_seen": at,
            "last_seen": at,
        }
    if rows:
        warehouse.merge(REJECTED_ROWS, REJECTED_ROWS.frame(list(rows.values())), org)
    return len(rows)


def _storable(text: str) -> str:
    return text.replace("\0", "\\0").encode("utf-8", "backslashreplace").decode()


def close_rejects(
    warehouse: Warehouse,
    org: str,
    source: str,
    entity: str,
    *,
    before: datetime,
    record_keys: Sequence[str] | None = None,
) -> int:
    """Closes the open rejects of an entity that a complete pass, begun at `before`, no longer met.

    With `record_keys`, only those of these records and of their parts, whose keys follow after a slash.
    """
    only = sql.SQL("") if record_keys is None else sql.SQL(" AND split_part(record_key, '/', 1) = ANY(%(keys)s)")
    with warehouse.transaction() as connection:
        return connection.execute(
            sql.SQL(
                "UPDATE ops.rejected_rows SET resolved_at = %(at)s, resolution = 'superseded' WHERE org_id = %(org)s "
                "AND source = %(source)s AND entity = %(entity)s AND resolved_at IS NULL AND last_seen < %(at)s{}"
            ).format(only),
            {"at": before, "org": org, "source": source, "entity": entity, "keys": list(record_keys or ())},
        ).rowcount


def close_tried_again(
    warehouse: Warehouse, org: str, source: str, table: Table, inputs: Iterable[Table], *, before: datetime
) -> int:
    """Closes the open rejects of a canonical table that a complete mapping, begun at `before`, no longer met.

    `replayed` are those whose own record is in the table now, `superseded` those of which a later file brought another
    row, or whose record is gone. To be called in the transaction that wrote the table.
    """
    own = table_name(table)
    loaded = [
        sql.SQL("SELECT reject_id FROM closing JOIN {} t ON t.{} = record_key AND t.org_id = %(org)s").format(own, key)
        for key in map(sql.Identifier, dict.fromkeys((table.key[-1], "source_id")))
    ]
    later = [
        sql.SQL(
            "SELECT reject_id FROM closing c JOIN {} i ON i.record_key = c.record_key AND i.org_id = %(org)s "
            "AND i.file_hash <> c.file_hash AND i.first_seen_at > c.first_seen"
        ).format(table_name(one))
        for one in inputs
        if set(one.column) >= FILE_COLUMNS
    ] or [sql.Composed([sql.SQL("SELECT NULL WHERE false")])]
    statement = sql.SQL(
        "WITH closing AS (SELECT reject_id, record_key, file_hash, first_seen FROM ops.rejected_rows "
        "WHERE org_id = %(org)s AND source = %(source)s AND entity = %(entity)s AND resolved_at IS NULL "
        "AND last_seen < %(at)s), loaded AS ({}), later AS ({}) "
        "UPDATE ops.rejected_rows r SET resolved_at = %(at)s, resolution = CASE WHEN r.reject_id IN (TABLE loaded) "
        "AND r.reject_id NOT IN (TABLE later) THEN 'replayed' ELSE 'superseded' END "
        "FROM closing c WHERE r.org_id = %(org)s AND r.reject_id = c.reject_id"
    ).format(sql.SQL(" UNION ").join(loaded), sql.SQL(" UNION ").join(later))
    with warehouse.transaction() as connection:
        values = {"at": before, "org": org, "source": source, "entity": str(table)}
        return connection.execute(statement, values).rowcount


def close_read_again(
    warehouse: Warehouse, org: str, source: str, entity: str, *, before: datetime, file: str, file_hash: str
) -> int:
    """Closes the open rejects, met before that instant, that an accepted file settles.

    Those are its own from an earlier reading, which were replayed, and the ones of other bytes under its name, which are
    superseded. To be called before the rejects of this reading are recorded.
    """
    with warehouse.transaction() as connection:
        return connection.execute(
            "UPDATE ops.rejected_rows SET resolved_at = %(at)s, "
            "resolution = CASE WHEN file_hash = %(hash)s THEN 'replayed' ELSE 'superseded' END "
            "WHERE org_id = %(org)s AND source = %(source)s AND entity = %(entity)s AND resolved_at IS NULL "
            "AND last_seen < %(at)s AND (file_hash = %(hash)s OR file = %(file)s)",
            {"at": before, "org": org, "source": source, "entity": entity, "hash": file_hash, "file": file},
        ).rowcount


def close_superseded(
    warehouse: Warehouse, org: str, source: str, kind: str, *, files: Table, rows: Table, at: datetime
) -> int:
    """Closes the open rejects of a kind of file about records of which a file of the same or a later day has a good row.

    What is later is said by the files and not by when they were read, so the order of their coming makes no difference.
    """
    statement = sql.SQL(
        "WITH met AS (SELECT r.reject_id, r.record_key, r.file_hash, f.effective_date FROM ops.rejected_rows r "
        "JOIN {} f ON f.org_id = r.org_id AND f.kind = r.entity AND f.file_hash = r.file_hash "
        "WHERE r.org_id = %(org)s AND r.source = %(source)s AND r.entity = %(kind)s AND r.resolved_at IS NULL "
        "AND r.record_key IS NOT NULL) "
        "UPDATE ops.rejected_rows r SET resolved_at = %(at)s, resolution = 'superseded' FROM met "
        "WHERE r.org_id = %(org)s AND r.reject_id = met.reject_id AND EXISTS (SELECT FROM {} i "
        "WHERE i.org_id = %(org)s AND i.record_key = met.record_key AND i.file_hash <> met.file_hash "
        "AND i.effective_date >= met.effective_date)"
    ).format(table_name(files), table_name(rows))
    with warehouse.transaction() as connection:
        return connection.execute(statement, {"at": at, "org": org, "source": source, "kind": kind}).rowcount


def files_with(warehouse: Warehouse, org: str, source: str, code: str) -> set[str]:
    """Hashes of the files that have an open error of this code."""
    rows = warehouse.query(
        "SELECT DISTINCT file_hash FROM ops.rejected_rows WHERE org_id = %(org)s AND source = %(source)s "
        "AND code = %(code)s AND severity = 'error' AND resolved_at IS NULL AND file_hash IS NOT NULL",
        org=org,
        source=source,
        code=code,
    )
    return {row["file_hash"] for row in rows}
