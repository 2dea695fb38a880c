"""What people do with rejects: list, look at one, dismiss, and see which ones a replay resolved.

Recording them does not belong here; see `books.py`.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any, Literal

from psycopg import sql

from sync_assets.errors import ConfigurationError
from sync_assets.tables.ops import REJECTED_ROWS
from sync_assets.warehouse.warehouse import Warehouse

State = Literal["open", "resolved", "all"]
FILTERS = ("source", "entity", "code", "severity", "record_key", "file")
STATES: dict[str, str] = {"open": "resolved_at IS NULL", "resolved": "resolved_at IS NOT NULL", "all": "true"}
# Whoever fixes data wants the worst first, and within it the order of the file.
ORDER = (
    "array_position(ARRAY['fatal', 'error', 'warning', 'info'], severity), source, entity, code, file, row_number, "
    "length(record_key), record_key, reject_id"
)


def _where(org: str, state: State, filters: dict[str, str | None]) -> sql.Composed:
    unknown = sorted(set(filters) - set(FILTERS))
    if unknown:
        raise KeyError(f"rejects have no filter {unknown[0]!r}")
    conditions = [sql.SQL("org_id = {}").format(org), sql.SQL(STATES[state])]
    conditions += [sql.SQL("{} = {}").format(sql.Identifier(n), v) for n, v in filters.items() if v is not None]
    return sql.SQL(" AND ").join(conditions)


def list_rejects(
    warehouse: Warehouse,
    org: str,
    *,
    state: State = "open",
    limit: int | None = 50,
    offset: int = 0,
    **filters: str | None,
) -> list[dict[str, Any]]:
    """Rejects with all their columns, the worst first; `limit` None means all of them. Filters: see FILTERS."""
    return warehouse.query(
        sql.SQL("SELECT * FROM {} WHERE {} ORDER BY {} LIMIT {} OFFSET {}").format(
            sql.Identifier(REJECTED_ROWS.schema, REJECTED_ROWS.name),
            _where(org, state, filters),
            sql.SQL(ORDER),
            limit,
            offset,
        )
    )


def count_rejects(
    warehouse: Warehouse, org: str, *, state: State = "open", **filters: str | None
) -> list[dict[str, Any]]:
    """Number of rejects by source, entity, code and severity, the worst and most frequent first."""
    return warehouse.query(
        sql.SQL(
            "SELECT source, entity, code, severity, count(*) AS rows, min(first_seen) AS first_seen, "
            "max(last_seen) AS last_seen FROM ops.rejected_rows WHERE {} GROUP BY 1, 2, 3, 4 ORDER BY "
            "array_position(ARRAY['fatal', 'error', 'warning', 'info'], severity), rows DESC, source, entity, code"
        ).format(_where(org, state, filters))
    )


def read_reject(warehouse: Warehouse, org: str, reject_id: str) -> dict[str, Any]:
    """The one reject whose id begins with these characters. Raises ConfigurationError when there is none, or several."""
    rows = warehouse.query(
        "SELECT * FROM ops.rejected_rows WHERE org_id = %(org)s AND starts_with(reject_id, %(id)s) ORDER BY 1, 2 LIMIT 2",
        org=org,
        id=reject_id.strip(),
    )
    if len(rows) == 1 and reject_id.strip():
        return rows[0]
    what = "is the beginning of several ids; write more of it" if rows else "is no reject"
    raise ConfigurationError(f"{org}: {reject_id!r} {what}; see: sync-assets rejects list {org}", code="unknown_reject")


def open_errors(warehouse: Warehouse, org: str) -> set[str]:
    """Ids of the open rejects of rows that were not loaded."""
    rows = warehouse.query(
        "SELECT reject_id FROM ops.rejected_rows WHERE org_id = %(org)s AND resolved_at IS NULL AND severity = 'error'",
        org=org,
    )
    return {row["reject_id"] for row in rows}


def read_resolved(warehouse: Warehouse, org: str, reject_ids: Collection[str]) -> list[dict[str, Any]]:
    """Those of the rejects that are resolved now."""
    return warehouse.query(
        "SELECT * FROM ops.rejected_rows WHERE org_id = %(org)s AND reject_id = ANY(%(ids)s) "
        "AND resolved_at IS NOT NULL ORDER BY source, entity, code, length(record_key), record_key, reject_id",
        org=org,
        ids=list(reject_ids),
    )


def dismiss_reject(warehouse: Warehouse, org: str, reject_id: str, *, at: datetime) -> dict[str, Any]:
    """Closes an open reject on a person's word; it opens again when its value changes.

    Raises ConfigurationError for an unknown or a resolved one.
    """
    reject = read_reject(warehouse, org, reject_id)
    if reject["resolved_at"] is not None:
        raise ConfigurationError(
            f"{org}: {reject_id!r} is closed already ({reject['resolution']})", code="already_resolved"
        )
    with warehouse.transaction() as connection:
        connection.execute(
            "UPDATE ops.rejected_rows SET resolved_at = %s, resolution = 'dismissed' "
            "WHERE org_id = %s AND reject_id = %s",
            [at, org, reject["reject_id"]],
        )
    return {**reject, "resolved_at": at, "resolution": "dismissed"}


def dismissed_values(warehouse: Warehouse, org: str, source: str) -> dict[str, tuple[str | None, datetime]]:
    """By id of each dismissed reject the value that was dismissed, and when."""
    rows = warehouse.query(
        "SELECT reject_id, raw_value, resolved_at FROM ops.rejected_rows WHERE org_id = %(org)s "
        "AND source = %(source)s AND resolution = 'dismissed'",
        org=org,
        source=source,
    )
    return {row["reject_id"]: (row["raw_value"], row["resolved_at"]) for row in rows}
