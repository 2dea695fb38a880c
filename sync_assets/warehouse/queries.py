"""Small questions to the warehouse whose answers are not frames: summaries, lists, comparisons."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from psycopg import sql

from sync_assets.tables.spec import Table
from sync_assets.warehouse.warehouse import Warehouse


def write_dates(warehouse: Warehouse, table: Table, org: str) -> dict[int, datetime | None]:
    """Write date of each living row of a raw table, by id."""
    frame = warehouse.read(table, org, ["id", "write_date"], [("deleted_at", "is", None)])
    return dict(zip(frame["id"].tolist(), frame["write_date"].array.__arrow_array__().to_pylist(), strict=True))


def order_totals(warehouse: Warehouse, org: str) -> dict[tuple[str, str], tuple[int, Decimal]]:
    """Number and total of the living raw Odoo orders per UTC month and state; orders without a date are left out."""
    rows = warehouse.query(
        "SELECT to_char(date_order AT TIME ZONE 'UTC', 'YYYY-MM') AS month, state, count(*) AS orders, "
        "round(sum(amount_total), 2) AS total FROM raw.odoo_sale_orders WHERE org_id = %(org)s AND deleted_at IS NULL "
        "AND date_order IS NOT NULL GROUP BY 1, 2",
        org=org,
    )
    return {(row["month"], row["state"]): (row["orders"], row["total"]) for row in rows}


def recent_runs(warehouse: Warehouse, org: str | None = None, *, limit: int = 100) -> list[dict[str, Any]]:
    """Runs, newest first."""
    where = sql.SQL("WHERE org_id = {}").format(org) if org else sql.SQL("")
    return warehouse.query(
        sql.SQL("SELECT * FROM ops.sync_runs {} ORDER BY started_at DESC, org_id LIMIT {}").format(where, limit)
    )


def stream_states(warehouse: Warehouse, org: str) -> list[dict[str, Any]]:
    return warehouse.query("SELECT * FROM ops.sync_streams WHERE org_id = %(org)s ORDER BY source, stream", org=org)


def open_rejects(warehouse: Warehouse, org: str) -> list[dict[str, Any]]:
    """Open rejects by code, the errors first."""
    return warehouse.query(
        "SELECT severity, code, entity, count(*) AS rows FROM ops.rejected_rows WHERE org_id = %(org)s "
        "AND resolved_at IS NULL GROUP BY 1, 2, 3 "
        "ORDER BY array_position(ARRAY['fatal', 'error', 'warning', 'info'], severity), rows DESC, code",
        org=org,
    )


def contract_violations(warehouse: Warehouse, table: Table, org: str) -> dict[str, int]:
    """Stored rows that break the table's description, by column; empty when all is well. Nulls are PostgreSQL's to refuse."""
    counts = []
    for column in table.columns:
        name = sql.Identifier(column.name)
        broken = []
        if column.allowed:
            broken.append(sql.SQL("{} <> ALL({})").format(name, list(column.allowed)))
        if column.minimum is not None:
            broken.append(sql.SQL("{} < {}").format(name, column.minimum))
        if column.maximum is not None:
            broken.append(sql.SQL("{} > {}").format(name, column.maximum))
        if broken:
            counts.append(sql.SQL("count(*) FILTER (WHERE {}) AS {}").format(sql.SQL(" OR ").join(broken), name))
    if not counts:
        return {}
    statement = sql.SQL("SELECT {} FROM {} WHERE org_id = {}").format(
        sql.SQL(", ").join(counts), sql.Identifier(table.schema, table.name), org
    )
    return {name: count for name, count in warehouse.query(statement)[0].items() if count}


def previous_counts(warehouse: Warehouse, org: str, table: Table) -> dict[str, int] | None:
    """What the last good run before the running one recorded for `table`; None when there was none."""
    rows = warehouse.query(
        "SELECT counts -> %(table)s AS counts FROM ops.sync_runs WHERE org_id = %(org)s AND status IN ('ok', 'partial') "
        "AND NOT is_dry_run AND counts ? %(table)s ORDER BY started_at DESC LIMIT 1",
        org=org,
        table=str(table),
    )
    return rows[0]["counts"] if rows else None
