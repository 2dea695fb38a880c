"""The marts: answers for people, computed from the canonical tables alone."""

from __future__ import annotations

from sync_assets.tables.ops import ORG, SOURCE
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

SEGMENTS = ("new", "returning", "loyal", "vip", "at_risk", "churned")
TIERS = ("bronze", "silver", "gold", "platinum")
STRAINS = ("Sativa", "Indica", "Hybrid", "CBD")

CUSTOMER_SPENDING = Table(
    "marts",
    "customer_spending",
    "What each customer with orders spent, findable by the id in the source and by e-mail: both rows hold equal figures.",
    ("org_id", "source", "spending_key"),
    (
        ORG,
        SOURCE,
        Column("spending_key", "text", "cid_<id in the source>, or the e-mail when it is nobody else's", personal=True),
        Column("customer_key", "text", "Root of the family in canonical.customers"),
        Column("email", "text", "E-mail of the customer", nullable=True, personal=True),
        Column("total_spent", "money", "Sum of the counted orders, refunds subtracted"),
        Column("order_count", "integer", "Counted orders with a total of at least 0", minimum=0),
        Column("avg_order_value", "money", "total_spent / order_count; 0 without orders"),
        Column("first_order_date", "timestamp", "First of these orders", nullable=True),
        Column("last_order_date", "timestamp", "Last of these orders", nullable=True),
        Column("refund_count", "integer", "Counted orders with a negative total", minimum=0),
        Column("refund_total", "money", "Their sum, at most 0", maximum=0),
        Column("excluded_count", "integer", "Orders that do not count: void, cancelled, drafts", minimum=0),
        Column("excluded_total", "money", "Their sum"),
        Column("gross_total", "money", "Sum of all orders whatever their status"),
        Column("currency", "text", "ISO code of the organisation's currency"),
        Column("updated_at", "timestamp", "When its content last changed", written="on_change"),
    ),
    indexes=(("org_id", "updated_at"), ("org_id", "customer_key")),
)

CUSTOMER_SEGMENTS = Table(
    "marts",
    "customer_segments",
    "One row per customer family: segment by spending and silence, and loyalty tier.",
    ("org_id", "customer_key"),
    (
        ORG,
        Column("customer_key", "text", "Root of the family in canonical.customers"),
        SOURCE,
        Column(
            "segment", "text", "vip, loyal, churned, at_risk, returning or new; first rule that fits", allowed=SEGMENTS
        ),
        Column("segment_since", "timestamp", "When the customer came into this segment"),
        Column("total_spent", "money", "As in marts.customer_spending; 0 without orders"),
        Column("order_count", "integer", "As in marts.customer_spending", minimum=0),
        Column("last_order_date", "timestamp", "As in marts.customer_spending", nullable=True),
        Column("loyalty_tier", "text", "Tier by the organisation's thresholds", allowed=TIERS),
        Column("loyalty_points", "money", "Points of the source; 0 when it has none"),
        Column("currency", "text", "ISO code of the organisation's currency"),
        Column("updated_at", "timestamp", "When its content last changed", written="on_change"),
    ),
    indexes=(("org_id", "segment", "total_spent"),),
)

CUSTOMER_SEGMENT_CHANGES = Table(
    "marts",
    "customer_segment_changes",
    "Who moved between segments and when; the first segment of a customer comes from null.",
    ("org_id", "customer_key", "changed_at"),
    (
        ORG,
        Column("customer_key", "text", "Root of the family in canonical.customers"),
        Column("changed_at", "timestamp", "Instant the segments were computed for"),
        Column("from_segment", "text", "Segment before; null the first time", nullable=True, allowed=SEGMENTS),
        Column("to_segment", "text", "Segment from then on", allowed=SEGMENTS),
    ),
    indexes=(("org_id", "changed_at"),),
)

MENU_PRODUCTS = Table(
    "marts",
    "menu_products",
    "A store's menu: one row per location and item, from its batches; an item that vanished stays with removed_at.",
    ("org_id", "location_id", "item_id"),
    (
        ORG,
        Column("location_id", "text", "Location of the store"),
        Column("item_id", "text", "Item in the source"),
        SOURCE,
        Column("product_key", "text", "Key in canonical.product_catalog"),
        Column("name", "text", "Item name"),
        Column("brand", "text", "Brand", nullable=True),
        Column("vendor", "text", "Vendor", nullable=True),
        Column("category", "text", "First part of the category"),
        Column("subcategory", "text", "Second part of the category", nullable=True),
        Column("quantity_on_hand", "quantity", "Sum of all batches"),
        Column("quantity_available", "quantity", "Sum of the batches that may be sold"),
        Column("quantity_expired", "quantity", "Part of quantity_on_hand that has expired"),
        Column("price_pretax", "money", "Price before tax", nullable=True, minimum=0),
        Column("price_otd", "money", "Price with tax, out the door", nullable=True, minimum=0),
        Column(
            "price_basis",
            "text",
            "Price list it is from",
            nullable=True,
            allowed=("adult", "medical", "generic", "estimated"),
        ),
        Column("price_is_estimated", "boolean", "True when computed from the cost"),
        Column("cost", "number", "Cost per unit, weighted by stock, 4 decimals", nullable=True),
        Column("margin_amount", "money", "price_pretax - cost", nullable=True),
        Column("margin_percent", "percent", "Margin in percent of price_pretax", nullable=True),
        Column("thc_percent", "number", "THC, percent", nullable=True, minimum=0, maximum=100),
        Column("cbd_percent", "number", "CBD, percent", nullable=True, minimum=0, maximum=100),
        Column("strain_type", "text", "Strain type", nullable=True, allowed=STRAINS),
        Column(
            "strain_source",
            "text",
            "Said by the source, or read from texts",
            nullable=True,
            allowed=("given", "inferred"),
        ),
        Column("available", "boolean", "On the menu and for sale"),
        Column("first_seen_at", "timestamp", "When the item was first seen", written="on_insert"),
        Column("last_seen_at", "timestamp", "When it was last listed; null while it is", nullable=True),
        Column("removed_at", "timestamp", "When it vanished from the list; null while it is listed", nullable=True),
        Column("currency", "text", "ISO code of the prices"),
        Column("updated_at", "timestamp", "When its content last changed", written="on_change"),
    ),
    indexes=(("org_id", "product_key"),),
)

TABLES = (CUSTOMER_AVATARS, CUSTOMER_SPENDING, CUSTOMER_SEGMENTS, CUSTOMER_SEGMENT_CHANGES, MENU_PRODUCTS)
