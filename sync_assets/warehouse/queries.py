"""Small questions to the warehouse whose answers are not frames: summaries, lists, comparisons."""

from __future__ import annotations

from collections.abc import Sequence
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


def refer_to_deleted(warehouse: Warehouse, table: Table, columns: Sequence[str], target: Table, org: str) -> list[int]:
    """Ids of the living rows of a raw table that name a tombstoned row of `target` in one of the columns."""
    statement = sql.SQL(
        "SELECT t.id FROM {0} t JOIN {1} r ON r.org_id = t.org_id AND r.id = t.{2} "
        "WHERE t.org_id = {3} AND t.deleted_at IS NULL AND r.deleted_at IS NOT NULL"
    )
    held, gone = (sql.Identifier(one.schema, one.name) for one in (table, target))
    found = [statement.format(held, gone, sql.Identifier(column), org) for column in columns]
    return [row["id"] for row in warehouse.query(sql.SQL(" UNION ").join(found))] if found else []


def hidden_companies(warehouse: Warehouse, org: str, allowed: Sequence[int]) -> dict[int, str]:
    """Id and name of each Odoo company that is not `allowed` and of which living orders are held."""
    rows = warehouse.query(
        "SELECT id, name FROM raw.odoo_companies c WHERE org_id = %(org)s AND id <> ALL(%(allowed)s) AND EXISTS ("
        "SELECT 1 FROM raw.odoo_sale_orders o WHERE o.org_id = c.org_id AND o.company_id = c.id AND o.deleted_at IS NULL"
        ") ORDER BY id",
        org=org,
        allowed=list(allowed),
    )
    return {row["id"]: row["name"] for row in rows}


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


def run(warehouse: Warehouse, org: str, run_id: str) -> dict[str, Any] | None:
    """The organisation's row of one run."""
    rows = warehouse.query(
        "SELECT * FROM ops.sync_runs WHERE org_id = %(org)s AND run_id = %(run)s", org=org, run=run_id
    )
    return rows[0] if rows else None


def stream_states(warehouse: Warehouse, org: str) -> list[dict[str, Any]]:
    return warehouse.query("SELECT * FROM ops.sync_streams WHERE org_id = %(org)s ORDER BY source, stream", org=org)


def known_sources(warehouse: Warehouse, org: str) -> set[str]:
    """The sources from which anything was ever read."""
    rows = warehouse.query("SELECT DISTINCT source FROM ops.sync_streams WHERE org_id = %(org)s", org=org)
    return {row["source"] for row in rows}


def sync_status(warehouse: Warehouse, org: str, source: str) -> dict[str, Any]:
    """The source's row of ops.sync_status; empty before its first run."""
    rows = warehouse.query(
        "SELECT * FROM ops.sync_status WHERE org_id = %(org)s AND source = %(source)s", org=org, source=source
    )
    return rows[0] if rows else {}


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


def count_rows(warehouse: Warehouse, table: Table, org: str, **equal: str) -> int:
    """Rows of the organisation; `equal` narrows them by columns."""
    conditions = [sql.SQL("{} = {}").format(sql.Identifier(table.column[n].name), v) for n, v in equal.items()]
    statement = sql.SQL("SELECT count(*) AS n FROM {} WHERE {}").format(
        sql.Identifier(table.schema, table.name),
        sql.SQL(" AND ").join([sql.SQL("org_id = {}").format(org), *conditions]),
    )
    return int(warehouse.query(statement)[0]["n"])


def count_menu(warehouse: Warehouse, org: str) -> int:
    """Products that are on the menu of the organisation's stores now."""
    statement = "SELECT count(*) AS n FROM marts.menu_products WHERE org_id = %(org)s AND removed_at IS NULL"
    return int(warehouse.query(statement, org=org)[0]["n"])


def find_customers(warehouse: Warehouse, org: str, key: str) -> list[dict[str, Any]]:
    """Customers whose key, source id or e-mail is `key`; the key wins when it matches."""
    rows = warehouse.query(
        "SELECT customer_key, root_customer_key, customer_key = %(key)s AS is_exact FROM canonical.customers "
        "WHERE org_id = %(org)s AND (customer_key = %(key)s OR source_id = %(key)s OR email = lower(%(key)s))",
        org=org,
        key=key,
    )
    return [row for row in rows if row["is_exact"]] or rows


def family(warehouse: Warehouse, org: str, root: str) -> list[dict[str, Any]]:
    """Members of the family, the root first."""
    return warehouse.query(
        "SELECT customer_key, display_name, parent_customer_key, is_active, city FROM canonical.customers "
        "WHERE org_id = %(org)s AND root_customer_key = %(root)s "
        "ORDER BY customer_key <> root_customer_key, length(source_id), source_id",
        org=org,
        root=root,
    )


def last_orders(warehouse: Warehouse, org: str, root: str, *, limit: int) -> list[dict[str, Any]]:
    return warehouse.query(
        "SELECT o.ordered_at, o.order_ref, coalesce(c.display_name, o.source_partner_id) AS ordered_by, o.total, o.currency, "
        "o.status, o.is_counted FROM canonical.sales_orders o LEFT JOIN canonical.customers c "
        "ON c.org_id = o.org_id AND c.source = o.source AND c.source_id = o.source_partner_id "
        "WHERE o.org_id = %(org)s AND o.customer_key = %(root)s ORDER BY o.ordered_at DESC NULLS LAST, o.order_key DESC "
        "LIMIT %(limit)s",
        org=org,
        root=root,
        limit=limit,
    )


def segment_sizes(warehouse: Warehouse, org: str) -> dict[str, int]:
    """Customers by segment."""
    statement = "SELECT segment, count(*) AS n FROM marts.customer_segments WHERE org_id = %(org)s GROUP BY 1"
    return {row["segment"]: row["n"] for row in warehouse.query(statement, org=org)}


def segment_overview(warehouse: Warehouse, org: str) -> list[dict[str, Any]]:
    """Segments with their customers and spending, the most valuable first."""
    return warehouse.query(
        "SELECT segment, customers, customers_percent, total_spent, spent_percent, came_last_7_days, left_last_7_days "
        "FROM marts.segment_overview WHERE org_id = %(org)s ORDER BY total_spent DESC, segment",
        org=org,
    )


def standing(warehouse: Warehouse, org: str, customer_key: str) -> list[dict[str, Any]]:
    """Segment and tier of one customer."""
    return warehouse.query(
        "SELECT segment, segment_since, loyalty_tier, loyalty_points FROM marts.customer_segments "
        "WHERE org_id = %(org)s AND customer_key = %(key)s",
        org=org,
        key=customer_key,
    )


def newly_at_risk(warehouse: Warehouse, org: str, *, limit: int, days: int = 7) -> list[dict[str, Any]]:
    """Customers whose silence put them at risk in the last days, those who spent most first.

    Their silence says since when, so that the first run knows it too: more than 45 days, with 5 orders at least 60.
    """
    return warehouse.query(
        "SELECT s.customer_key, c.display_name AS name, s.total_spent, s.order_count, s.last_order_date "
        "FROM marts.customer_segments s JOIN canonical.customers c USING (org_id, customer_key) "
        "WHERE s.org_id = %(org)s AND s.segment = 'at_risk' AND s.last_order_date > now() "
        "- make_interval(days => %(days)s + CASE WHEN s.order_count >= 5 THEN 60 ELSE 46 END) "
        "ORDER BY s.total_spent DESC, s.customer_key LIMIT %(limit)s",
        org=org,
        limit=limit,
        days=days,
    )
