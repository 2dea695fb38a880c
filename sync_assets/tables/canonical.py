"""The canonical tables: the same columns and meaning whatever the source; everything downstream reads only these.

Columns that only one source knows do not belong here. Column names are those of the requirements.
"""

from __future__ import annotations

from sync_assets.tables.ops import ORG, SOURCE
from sync_assets.tables.spec import Column, Table

CATEGORIES = ("rouge", "blanc", "rosé", "pétillant", "mousseux", "fortifié", "autre")
PRICE_SEGMENTS = ("entry", "standard", "premium", "luxury")
EMAIL_STATUSES = ("valid", "missing", "invalid", "placeholder", "shared")
BASES = ("untaxed", "taxed")
DOCUMENT_TYPES = ("invoice", "receipt", "credit_note", "order")
MATCHES = ("customer_id", "user_id", "email")
BODIES = ("light", "medium", "full")
TANNINS = ("soft", "medium", "firm", "bold")
CUSTOMER_SEGMENTS = ("vip", "standard", "at_risk", "prospect", "inactive")
CONTACT_CHANNELS = ("email", "sms", "phone", "website", "direct")
# By rising rank: of several events of one contact the highest stands.
CONTACT_STATUSES = (
    "sent", "delivered", "opened", "clicked", "replied", "failed", "bounced", "unsubscribed", "complained",
)  # fmt: skip
CHANNELS = ("direct", "website", "store", "delivery", "pickup", "distributor")

SOURCE_ID = Column("source_id", "text", "Id in the source")
SYNCED_AT = Column(
    "synced_at", "timestamp", "Start of the run that last inserted or changed the row", written="on_change"
)

CUSTOMERS = Table(
    "canonical",
    "customers",
    "One row per customer or contact of a customer; families are tied by parent and root, only roots buy.",
    ("org_id", "customer_key"),
    (
        ORG,
        Column("customer_key", "text", "<source>-<id>, for Odoo odoo-<partner id>"),
        SOURCE,
        SOURCE_ID,
        Column("parent_customer_key", "text", "Customer directly above; null for a root", nullable=True),
        Column("root_customer_key", "text", "Topmost customer of the family; the row itself for a root"),
        Column("display_name", "text", "Name as given; the customer_key when the source has none", personal=True),
        Column("first_name", "text", "First name of a person", nullable=True, personal=True),
        Column("last_name", "text", "Last name of a person; the whole name of a company", nullable=True, personal=True),
        Column("is_company", "boolean", "True for a company"),
        Column("is_active", "boolean", "False when archived at the source"),
        Column(
            "email", "text", "Lower case; null when missing, invalid or a placeholder", nullable=True, personal=True
        ),
        Column("email_status", "text", "What is known about the e-mail", allowed=EMAIL_STATUSES),
        Column("phone", "text", "Phone, E.164", nullable=True, personal=True),
        Column("mobile", "text", "Mobile phone, E.164", nullable=True, personal=True),
        Column("zip_code", "text", "Postal code, text", nullable=True, personal=True),
        Column("city", "text", "City", nullable=True, personal=True),
        Column("country", "text", "ISO 3166-1 code of two letters", nullable=True),
        Column("email_opt_out", "boolean", "True when the customer wants no e-mail"),
        Column("sms_opt_out", "boolean", "True when the customer wants no SMS"),
        Column("phone_opt_out", "boolean", "True when the customer wants no calls"),
        Column("salesperson_id", "integer", "Salesperson's user id in the source", nullable=True),
        Column("salesperson_name", "text", "Salesperson's name", nullable=True),
        Column("loyalty_points", "money", "Loyalty points in the source; null when it has none", nullable=True),
        Column("last_updated", "timestamp", "Change time given by the source", nullable=True, written="on_change"),
        SYNCED_AT,
    ),
    indexes=(("org_id", "source", "source_id"), ("org_id", "root_customer_key"), ("org_id", "email")),
)

PRODUCT_CATALOG = Table(
    "canonical",
    "product_catalog",
    "One row per product; archived and deleted ones stay with active = false while sales point at them.",
    ("org_id", "product_key"),
    (
        ORG,
        Column("product_key", "text", "The merchant's SKU when there is one, else <source>-<id>; never changes"),
        SOURCE,
        SOURCE_ID,
        Column("default_code", "text", "SKU as it is in the source now", nullable=True),
        Column("name", "text", "Product name"),
        Column("source_category", "text", "Category path as received", nullable=True),
        Column("source_category_id", "text", "Category id in the source", nullable=True),
        Column("category", "text", "Category of the canonical list", allowed=CATEGORIES),
        Column("is_wine", "boolean", "True when category is not autre"),
        Column(
            "price_segment", "text", "Band of list_price; null without price", nullable=True, allowed=PRICE_SEGMENTS
        ),
        Column("list_price", "money", "Sale price with tax per unit", nullable=True, minimum=0),
        Column("list_price_untaxed", "money", "Sale price without tax per unit", nullable=True, minimum=0),
        Column("cost_price", "money", "Purchase cost per unit, without tax", nullable=True),
        Column("currency", "text", "ISO code of the prices"),
        Column("cost_currency", "text", "ISO code of the cost", nullable=True),
        Column("margin_percent", "percent", "(price - cost) / price x 100; null when unknown", nullable=True),
        Column("margin_basis", "text", "Price the margin was computed on", nullable=True, allowed=BASES),
        Column("unit_label", "text", "Own unit of measure", nullable=True),
        Column("grape_varieties", "text_list", "Grapes in the order given; empty when unknown", default="'{}'"),
        Column("flavors", "text_list", "Flavours; empty when unknown", default="'{}'"),
        Column("vintage", "integer", "Year of a wine", nullable=True, minimum=1900),
        Column("region", "text", "Region or appellation", nullable=True),
        Column("volume_cl", "measure", "Content of one unit in cl; null = unknown", nullable=True, minimum=0),
        Column("alcohol_percent", "measure", "Alcohol in percent of the volume", nullable=True, minimum=0),
        Column("total_acidity", "measure", "Total acidity in g/L", nullable=True, minimum=0),
        Column("residual_sugar", "measure", "Residual sugar in g/L", nullable=True, minimum=0),
        Column("body", "text", "Body", nullable=True, allowed=BODIES),
        Column("tannins", "text", "Tannins", nullable=True, allowed=TANNINS),
        Column("active", "boolean", "False when archived or gone at the source"),
        Column("last_updated", "timestamp", "Change time given by the source", nullable=True, written="on_change"),
        SYNCED_AT,
    ),
)

SALES_ORDERS = Table(
    "canonical",
    "sales_orders",
    "One row per order, drafts and cancelled ones too; is_counted says which make sales.",
    ("org_id", "order_key"),
    (
        ORG,
        Column("order_key", "text", "<source>-<order id>"),
        SOURCE,
        SOURCE_ID,
        Column("order_ref", "text", "Printed order number", nullable=True),
        Column("customer_key", "text", "Root of the family that bought", nullable=True),
        Column("source_partner_id", "text", "Partner written on the order", nullable=True),
        Column("ordered_at", "timestamp", "Order time; null when unknown", nullable=True),
        Column("total", "money", "Total with tax, signed, in currency", nullable=True),
        Column("total_untaxed", "money", "Total without tax, signed, in currency", nullable=True),
        Column("currency", "text", "ISO code of the totals"),
        Column("currency_rate", "rate", "Company currency to order currency, as sent", nullable=True),
        Column(
            "company_total", "money", "Total with tax in company_currency; null when the rate is missing", nullable=True
        ),
        Column("company_total_untaxed", "money", "Total without tax in company_currency", nullable=True),
        Column("company_id", "text", "Selling company in the source", nullable=True),
        Column("company_currency", "text", "ISO code of the selling company's currency"),
        Column("status", "text", "Status as normalised by the source"),
        Column("is_counted", "boolean", "True when the order is a sale by its source's rule"),
        Column("channel", "text", "Where it was sold", allowed=CHANNELS),
        Column(
            "match_method", "text", "How the customer was found, for sources that match", nullable=True, allowed=MATCHES
        ),
        SYNCED_AT,
    ),
    indexes=(("org_id", "customer_key", "ordered_at"),),
)

SALES_LINES = Table(
    "canonical",
    "sales_lines",
    "One row per product line of a counted order that has a date and a total.",
    ("org_id", "sale_line_key"),
    (
        ORG,
        Column("sale_line_key", "text", "<source>-<line id>"),
        SOURCE,
        SOURCE_ID,
        Column("order_id", "text", "Key of the order in canonical.sales_orders"),
        Column("order_ref", "text", "Printed order number", nullable=True),
        Column("customer_key", "text", "Root of the family that bought", nullable=True),
        Column("source_partner_id", "text", "Partner written on the order", nullable=True),
        Column("product_key", "text", "Product; null when unknown", nullable=True),
        Column("date_sale", "timestamp", "Date of the order"),
        Column("quantity_units", "quantity", "Quantity as sold, signed"),
        Column("unit_label", "text", "Unit as sold", nullable=True),
        Column(
            "quantity_product_units", "quantity", "Quantity in the product's own unit; null if unknown", nullable=True
        ),
        Column(
            "quantity_bottles_75cl_eq",
            "quantity",
            "Quantity in bottles of 75 cl; null = unknown or not wine",
            nullable=True,
        ),
        Column("price_unit", "money", "Unit price with tax after discount; null when quantity is 0", nullable=True),
        Column("price_unit_untaxed", "money", "Unit price without tax after discount", nullable=True),
        Column("price_total", "money", "Line total with tax, signed, in currency", nullable=True),
        Column("price_total_untaxed", "money", "Line total without tax, signed, in currency", nullable=True),
        Column("cost_total", "money", "Cost of the line in cost_currency", nullable=True),
        Column("currency", "text", "ISO code of the prices"),
        Column("cost_currency", "text", "ISO code of the cost", nullable=True),
        Column("margin_percent", "percent", "(price - cost) / price x 100; null when unknown", nullable=True),
        Column("margin_basis", "text", "Price the margin was computed on", nullable=True, allowed=BASES),
        Column("document_type", "text", "Kind of document", allowed=DOCUMENT_TYPES),
        Column("is_return", "boolean", "True when quantity_units is below 0"),
        Column("channel", "text", "Where it was sold", allowed=CHANNELS),
        Column("notes", "text", "Free text", nullable=True),
        SYNCED_AT,
    ),
    # Each index costs a first load of a million lines two seconds, so only the one that a question needs is here.
    indexes=(("org_id", "customer_key"),),
)

STOCK_LEVELS = Table(
    "canonical",
    "stock_levels",
    "One row per product and internal location with stock.",
    ("org_id", "stock_key"),
    (
        ORG,
        Column("stock_key", "text", "<source>-STOCK-<product part>-<warehouse part>"),
        SOURCE,
        SOURCE_ID,
        Column("product_key", "text", "Product"),
        Column("warehouse", "text", "Warehouse; the location's path when it is in none"),
        Column("quantity_units", "quantity", "Quantity on hand in the product's own unit; negative is kept"),
        Column("unit_label", "text", "Unit", nullable=True),
        Column(
            "quantity_bottles_75cl_eq",
            "quantity",
            "Quantity in bottles of 75 cl; null = unknown or not wine",
            nullable=True,
        ),
        Column("reserved_qty", "quantity", "Reserved quantity"),
        Column("available_qty", "quantity", "quantity_units - reserved_qty; may be negative"),
        Column("last_count_date", "timestamp", "Latest change of the stock known", nullable=True),
        SYNCED_AT,
    ),
    indexes=(("org_id", "product_key"),),
)

CONTACT_HISTORY = Table(
    "canonical",
    "contact_history",
    "One row per contact with a customer, whatever the number of its events.",
    ("org_id", "contact_key"),
    (
        ORG,
        Column("contact_key", "text", "<source>-<contact id>, else <source>-h and a hash of its content"),
        SOURCE,
        SOURCE_ID,
        Column("customer_key", "text", "Customer who was contacted"),
        Column("date_contact", "timestamp", "Date of the first event"),
        Column("campaign", "text", "Campaign", nullable=True),
        Column("channel", "text", "How", allowed=CONTACT_CHANNELS),
        Column("status", "text", "Highest of its events", allowed=CONTACT_STATUSES),
        Column("response", "boolean", "True when the customer clicked or replied"),
        Column("subject", "text", "Subject", nullable=True),
        Column("product_key_suggested", "text", "Product that was proposed", nullable=True),
        Column("response_details", "text", "Answer of the customer", nullable=True, personal=True),
        SYNCED_AT,
    ),
    indexes=(("org_id", "customer_key"),),
)


def _points(name: str, what: str) -> Column:
    return Column(name, "integer", f"Points for {what}, 5 is best, 0 without purchase", minimum=0, maximum=5)


CUSTOMER_METRICS = Table(
    "canonical",
    "customer_metrics",
    "The derived columns of canonical.customers, for every family root: what it bought, RFM points, segment.",
    ("org_id", "customer_key"),
    (
        ORG,
        Column("customer_key", "text", "Customer in canonical.customers who is their own root"),
        SOURCE,
        Column("first_purchase_date", "timestamp", "First purchase", nullable=True),
        Column("last_purchase_date", "timestamp", "Last purchase", nullable=True),
        Column("total_spent", "money", "Sum of all lines with tax, returns included, in currency"),
        Column("purchase_count", "integer", "Orders with a product of which more came than went back", minimum=0),
        Column("avg_order_value", "money", "total_spent / purchase_count; 0 without purchase"),
        Column("currency", "text", "ISO code of the organisation's base currency"),
        Column("preferred_category", "text", "Category with the highest net spend", nullable=True, allowed=CATEGORIES),
        _points("rfm_recency", "days since the last purchase"),
        _points("rfm_frequency", "number of purchases"),
        _points("rfm_monetary", "total_spent"),
        Column("segment", "text", "Segment by the three", allowed=CUSTOMER_SEGMENTS),
        Column("metrics_as_of", "timestamp", "Instant for which the row last changed", written="on_change"),
        SYNCED_AT,
    ),
    indexes=(("org_id", "segment"),),
)

TABLES = (
    CUSTOMERS, PRODUCT_CATALOG, SALES_ORDERS, SALES_LINES, STOCK_LEVELS, CONTACT_HISTORY, CUSTOMER_METRICS,
)  # fmt: skip
