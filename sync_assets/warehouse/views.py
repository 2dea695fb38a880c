"""Views for analysts: what changes with the clock (days since an order) or joins the marts, kept out of the tables.

A view that the project itself reads does not belong here. Every column is described; docs/tables.md shows them.
"""

from __future__ import annotations

from dataclasses import replace

import psycopg
import sqlalchemy as sa
from psycopg import sql

from sync_assets.errors import ConfigurationError
from sync_assets.tables import SCHEMAS
from sync_assets.tables.canonical import CUSTOMER_METRICS, CUSTOMERS
from sync_assets.tables.marts import CUSTOMER_AVATARS, CUSTOMER_SEGMENT_CHANGES, CUSTOMER_SEGMENTS, CUSTOMER_SPENDING
from sync_assets.tables.ops import ORG, SOURCE
from sync_assets.tables.spec import Column
from sync_assets.warehouse.euro_views import EURO_VIEWS
from sync_assets.warehouse.view import MARK, View

_PERSON = CUSTOMERS.column
_SPENT = CUSTOMER_SPENDING.column
_SEGMENT = CUSTOMER_SEGMENTS.column
_AVATAR = CUSTOMER_AVATARS.column
_MOVE = CUSTOMER_SEGMENT_CHANGES.column
_DAYS = Column("days_since_last_order", "integer", "Whole days from the last order to now", nullable=True)

CUSTOMER_360 = View(
    "customer_360",
    "One row per customer family, with or without orders: who they are, what they spent, how they stand.",
    (
        ORG,
        _SEGMENT["customer_key"],
        SOURCE,
        _PERSON["display_name"],
        _PERSON["email"],
        Column("is_email_allowed", "boolean", "True when there is an e-mail and the customer did not opt out"),
        _PERSON["phone"],
        _PERSON["city"],
        _PERSON["salesperson_name"],
        _SEGMENT["segment"],
        _SEGMENT["segment_since"],
        _SEGMENT["loyalty_tier"],
        _SEGMENT["loyalty_points"],
        _SEGMENT["total_spent"],
        _SEGMENT["order_count"],
        Column("avg_order_value", "money", "total_spent / order_count; 0 without orders"),
        Column("first_order_date", "timestamp", "First order", nullable=True),
        _SEGMENT["last_order_date"],
        _DAYS,
        Column("refund_total", "money", "Sum of the refunds, at most 0"),
        Column("health_score", "integer", "Of the avatar; null without one", nullable=True),
        Column("churn_risk_score", "integer", "Of the avatar; null without one", nullable=True),
        _SEGMENT["currency"],
    ),
    """
    SELECT g.org_id, g.customer_key, g.source, c.display_name, c.email,
      coalesce(c.email IS NOT NULL AND NOT c.email_opt_out, false) AS is_email_allowed,
      c.phone, c.city, c.salesperson_name,
      g.segment, g.segment_since, g.loyalty_tier, g.loyalty_points, g.total_spent, g.order_count,
      coalesce(s.avg_order_value, 0)::numeric(18,2) AS avg_order_value, s.first_order_date, g.last_order_date,
      floor(extract(epoch FROM now() - g.last_order_date) / 86400)::bigint AS days_since_last_order,
      coalesce(s.refund_total, 0)::numeric(18,2) AS refund_total, a.health_score, a.churn_risk_score, g.currency
    FROM marts.customer_segments g
    JOIN canonical.customers c ON c.org_id = g.org_id AND c.customer_key = g.customer_key
    LEFT JOIN marts.customer_spending s
      ON s.org_id = g.org_id AND s.source = g.source AND s.spending_key = 'cid_' || c.source_id
    LEFT JOIN marts.customer_avatars a ON a.org_id = g.org_id AND a.customer_key = g.customer_key
    """,
)

SPENDING_BY_EMAIL = View(
    "spending_by_email",
    "What each e-mail address spent over all sources; an address that several customers of a source share is left out.",
    (
        ORG,
        Column("email", "text", "E-mail", personal=True),
        Column("sources", "text_list", "Sources that know it"),
        Column("customer_keys", "text_list", "Its customers, one per source, in the same order"),
        Column("total_spent", "money", "Sum over the sources"),
        Column("order_count", "integer", "Orders in all sources"),
        Column("avg_order_value", "money", "total_spent / order_count; 0 without orders"),
        Column("first_order_date", "timestamp", "First order in any source", nullable=True),
        Column("last_order_date", "timestamp", "Last order in any source", nullable=True),
        _DAYS,
        _SPENT["currency"],
    ),
    """
    SELECT org_id, spending_key AS email, array_agg(source ORDER BY source) AS sources,
      array_agg(customer_key ORDER BY source) AS customer_keys, sum(total_spent)::numeric(18,2) AS total_spent,
      sum(order_count)::bigint AS order_count,
      coalesce(sum(total_spent) / nullif(sum(order_count), 0), 0)::numeric(18,2) AS avg_order_value,
      min(first_order_date) AS first_order_date, max(last_order_date) AS last_order_date,
      floor(extract(epoch FROM now() - max(last_order_date)) / 86400)::bigint AS days_since_last_order,
      currency
    FROM marts.customer_spending WHERE spending_key = email GROUP BY org_id, spending_key, currency
    """,
)

SEGMENT_MOVES = View(
    "segment_moves_last_7_days",
    "Who moved to another segment in the last seven days, and who became at risk; first segments are no moves.",
    (
        ORG,
        _MOVE["customer_key"],
        _PERSON["display_name"],
        _PERSON["email"],
        _PERSON["salesperson_name"],
        _MOVE["changed_at"],
        _MOVE["from_segment"],
        _MOVE["to_segment"],
        Column("is_loss", "boolean", "True when the customer became at risk or churned"),
        Column("segment_now", "text", "Segment since the latest move"),
        _SEGMENT["total_spent"],
        _SEGMENT["last_order_date"],
        _DAYS,
        _SEGMENT["currency"],
    ),
    """
    SELECT m.org_id, m.customer_key, c.display_name, c.email, c.salesperson_name, m.changed_at, m.from_segment,
      m.to_segment, m.to_segment = 'churned' OR (m.to_segment = 'at_risk' AND m.from_segment <> 'churned') AS is_loss,
      g.segment AS segment_now, g.total_spent, g.last_order_date,
      floor(extract(epoch FROM now() - g.last_order_date) / 86400)::bigint AS days_since_last_order, g.currency
    FROM marts.customer_segment_changes m
    JOIN marts.customer_segments g ON g.org_id = m.org_id AND g.customer_key = m.customer_key
    JOIN canonical.customers c ON c.org_id = m.org_id AND c.customer_key = m.customer_key
    WHERE m.from_segment IS NOT NULL AND m.changed_at > now() - interval '7 days'
    """,
)

SEGMENT_OVERVIEW = View(
    "segment_overview",
    "How many customers each segment has, what they spent, and how many came and went in the last seven days.",
    (
        ORG,
        _SEGMENT["segment"],
        Column("customers", "integer", "Customers in the segment"),
        Column("customers_percent", "percent", "Their share of the organisation's customers"),
        Column("total_spent", "money", "What they spent"),
        Column("spent_percent", "percent", "Its share of what all customers spent; null when that is 0", nullable=True),
        Column("came_last_7_days", "integer", "Moves into the segment from another one"),
        Column("left_last_7_days", "integer", "Moves out of the segment"),
        _SEGMENT["currency"],
    ),
    """
    WITH sizes AS (
      SELECT org_id, segment, currency, count(*) AS customers, sum(total_spent) AS total_spent
      FROM marts.customer_segments GROUP BY org_id, segment, currency
    ), moves AS (
      SELECT org_id, from_segment, to_segment FROM marts.customer_segment_changes
      WHERE from_segment IS NOT NULL AND changed_at > now() - interval '7 days'
    ), came AS (SELECT org_id, to_segment AS segment, count(*) AS moves FROM moves GROUP BY 1, 2
    ), went AS (SELECT org_id, from_segment AS segment, count(*) AS moves FROM moves GROUP BY 1, 2)
    SELECT org_id, segment, s.customers,
      (100 * s.customers / sum(s.customers) OVER organisation)::numeric(9,2) AS customers_percent,
      s.total_spent::numeric(18,2) AS total_spent,
      (100 * s.total_spent / nullif(sum(s.total_spent) OVER organisation, 0))::numeric(9,2) AS spent_percent,
      coalesce(came.moves, 0) AS came_last_7_days, coalesce(went.moves, 0) AS left_last_7_days, s.currency
    FROM sizes s LEFT JOIN came USING (org_id, segment) LEFT JOIN went USING (org_id, segment)
    WINDOW organisation AS (PARTITION BY org_id)
    """,
)

_PROFILE = tuple(column for column in CUSTOMERS.columns if column.name not in ("org_id", "synced_at"))
_DERIVED = tuple(
    replace(column, nullable=True) for column in CUSTOMER_METRICS.columns if column.name not in (*_PERSON, "synced_at")
)
CUSTOMER_PROFILES = View(
    "customer_profiles",
    "canonical.customers with the derived columns of canonical.customer_metrics; these are null for a member of a family.",
    (ORG, *_PROFILE, *_DERIVED),
    f"""
    SELECT c.org_id, {", ".join(f"c.{column.name}" for column in _PROFILE)},
      {", ".join(f"m.{column.name}" for column in _DERIVED)}
    FROM canonical.customers c
    LEFT JOIN canonical.customer_metrics m ON m.org_id = c.org_id AND m.customer_key = c.customer_key
    """,
)

VIEWS = (CUSTOMER_360, SPENDING_BY_EMAIL, SEGMENT_MOVES, SEGMENT_OVERVIEW, CUSTOMER_PROFILES, *EURO_VIEWS)


def create_views(connection: sa.Connection) -> list[str]:
    """Creates the views that are missing or differ, drops those that are no longer described; returns the names touched.

    An unchanged view is left alone, with the rights given on it, and without waiting for those who read it.
    """
    existing = _existing(connection)
    wanted = {str(view): view for view in VIEWS}
    stale = [name for name, comment in existing.items() if name not in wanted or wanted[name].comment != comment]
    _drop(connection, stale)
    new = [view for name, view in wanted.items() if name in stale or name not in existing]
    for view in new:
        place = sql.Identifier(view.schema, view.name)
        _execute(connection, sql.SQL("CREATE VIEW {} AS {}").format(place, sql.SQL(view.query.strip())))
        _execute(connection, sql.SQL("COMMENT ON VIEW {} IS {}").format(place, view.comment))
        for column in view.columns:
            name = sql.Identifier(view.schema, view.name, column.name)
            _execute(connection, sql.SQL("COMMENT ON COLUMN {} IS {}").format(name, column.description))
    return sorted({*stale, *map(str, new)})


def drop_views(connection: sa.Connection) -> None:
    """Drops the project's views, so that a migration may change the columns below them."""
    _drop(connection, list(_existing(connection)))


def _existing(connection: sa.Connection) -> dict[str, str]:
    """Comments of the project's views by name."""
    statement = sa.text(
        "SELECT n.nspname || '.' || c.relname AS name, d.description FROM pg_class c "
        "JOIN pg_namespace n ON n.oid = c.relnamespace "
        "JOIN pg_description d ON d.objoid = c.oid AND d.classoid = 'pg_class'::regclass AND d.objsubid = 0 "
        "WHERE c.relkind = 'v' AND n.nspname = ANY(:schemas) AND position(:mark in d.description) > 0"
    )
    rows = connection.execute(statement, {"schemas": list(SCHEMAS), "mark": MARK})
    return {row.name: row.description for row in rows}


def _drop(connection: sa.Connection, names: list[str]) -> None:
    for name in names:
        try:
            _execute(connection, sql.SQL("DROP VIEW {}").format(sql.Identifier(*name.split("."))))
        except psycopg.errors.DependentObjectsStillExist as error:
            users = (error.diag.message_detail or "").splitlines()[0]
            raise ConfigurationError(
                f"{name} has to be made anew, but {users}; drop that, migrate, and create it again", code="view_in_use"
            ) from None


def _execute(connection: sa.Connection, statement: sql.Composed) -> None:
    driver = connection.connection.driver_connection
    assert driver is not None
    driver.execute(statement)
