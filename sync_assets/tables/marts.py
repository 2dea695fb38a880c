"""The marts: answers for people, computed from the canonical tables alone."""

from __future__ import annotations

from sync_assets.tables.ops import ORG
from sync_assets.tables.spec import Column, Table


def _score(name: str, description: str, default: int) -> Column:
    return Column(name, "integer", description, minimum=0, maximum=100, default=str(default))


CUSTOMER_AVATARS = Table(
    "marts",
    "customer_avatars",
    "One row per customer family: orders of the root and all its children aggregated, with four scores.",
    ("org_id", "customer_key"),
    (
        ORG,
        Column("customer_key", "text", "Root of the family in canonical.customers"),
        Column("id", "integer", "Stable number of the row", written="generated"),
        Column("odoo_partner_id", "integer", "Root partner of an Odoo family; null for other sources", nullable=True),
        Column("name", "text", "Name of the root", personal=True),
        Column("email", "text", "E-mail of the root", nullable=True, personal=True),
        Column("phone", "text", "Phone of the root", nullable=True, personal=True),
        Column("city", "text", "City of the root", nullable=True, personal=True),
        Column("first_order_date", "timestamp", "First counted order", nullable=True),
        Column("last_order_date", "timestamp", "Last counted order", nullable=True),
        Column("total_orders", "integer", "Counted orders of the family in the window", minimum=0, default="0"),
        Column("total_revenue", "money", "Sum of the counted orders in currency", default="0"),
        Column("avg_order_value", "money", "total_revenue / total_orders, 0 without orders", default="0"),
        Column("order_frequency_days", "integer", "Mean whole days between orders", nullable=True, minimum=0),
        Column("days_since_last_order", "integer", "Whole days from the last order to as_of", minimum=0, default="0"),
        Column("top_products", "json", "At most 10 products by revenue", default="'[]'"),
        Column("product_categories", "json", "Revenue and orders by product category", default="'{}'"),
        _score("health_score", "floor((100 - churn + engagement) / 2)", 50),
        _score("engagement_score", "How often and how recently the family buys", 50),
        _score("churn_risk_score", "How long the silence is for this family's rhythm", 0),
        _score("upsell_potential_score", "Room to sell more", 0),
        Column("assigned_salesperson_id", "integer", "Salesperson of the root", nullable=True),
        Column("assigned_salesperson_name", "text", "Name of the salesperson of the root", nullable=True),
        Column("is_active", "boolean", "Had a counted order in the last full run, or in a later run", default="true"),
        Column("currency", "text", "ISO code of the company currency"),
        Column("ruleset", "text", "Scoring rules used"),
        Column("root_policy", "text", "How the root was found", allowed=("topmost", "commercial")),
        Column("revenue_basis", "text", "Amounts with or without tax", allowed=("taxed", "untaxed")),
        Column("as_of", "timestamp", "Instant the row was computed for", written="always"),
        Column("window_months", "integer", "Length of the window in months; 0 = whole history", minimum=0),
        Column("children_count", "integer", "Members of the family besides the root", minimum=0, default="0"),
        Column("child_customer_keys", "text_list", "Members besides the root, by source id"),
        Column("created_at", "timestamp", "When the row was created", written="on_insert"),
        Column("updated_at", "timestamp", "When its content last changed", written="on_change"),
        Column("last_sync_odoo", "timestamp", "Last run that processed the row", written="always"),
    ),
    indexes=(("org_id", "churn_risk_score"),),
    unique=(("id",), ("org_id", "odoo_partner_id")),
)

TABLES = (CUSTOMER_AVATARS,)
