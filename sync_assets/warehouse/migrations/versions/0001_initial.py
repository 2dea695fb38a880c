"""The first tables."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "customers",
        sa.Column("org_id", sa.Text(), nullable=False, comment="Organisation, as named in connections.yaml"),
        sa.Column("customer_key", sa.Text(), nullable=False, comment="<source>-<id>, for Odoo odoo-<partner id>"),
        sa.Column(
            "source",
            sa.Text(),
            nullable=False,
            comment="Source system: odoo, alleaves, isavigne or another connector's name",
        ),
        sa.Column("source_id", sa.Text(), nullable=False, comment="Id in the source"),
        sa.Column("parent_customer_key", sa.Text(), nullable=True, comment="Customer directly above; null for a root"),
        sa.Column(
            "root_customer_key",
            sa.Text(),
            nullable=False,
            comment="Topmost customer of the family; the row itself for a root",
        ),
        sa.Column(
            "display_name",
            sa.Text(),
            nullable=False,
            comment="Name as given; the customer_key when the source has none",
        ),
        sa.Column("first_name", sa.Text(), nullable=True, comment="First name of a person"),
        sa.Column("last_name", sa.Text(), nullable=True, comment="Last name of a person; the whole name of a company"),
        sa.Column("is_company", sa.Boolean(), nullable=False, comment="True for a company"),
        sa.Column("is_active", sa.Boolean(), nullable=False, comment="False when archived at the source"),
        sa.Column("email", sa.Text(), nullable=True, comment="Lower case; null when missing, invalid or a placeholder"),
        sa.Column("email_status", sa.Text(), nullable=False, comment="What is known about the e-mail"),
        sa.Column("phone", sa.Text(), nullable=True, comment="Phone, E.164"),
        sa.Column("mobile", sa.Text(), nullable=True, comment="Mobile phone, E.164"),
        sa.Column("zip_code", sa.Text(), nullable=True, comment="Postal code, text"),
        sa.Column("city", sa.Text(), nullable=True, comment="City"),
        sa.Column("country", sa.Text(), nullable=True, comment="ISO 3166-1 code of two letters"),
        sa.Column("email_opt_out", sa.Boolean(), nullable=False, comment="True when the customer wants no e-mail"),
        sa.Column("sms_opt_out", sa.Boolean(), nullable=False, comment="True when the customer wants no SMS"),
        sa.Column("phone_opt_out", sa.Boolean(), nullable=False, comment="True when the customer wants no calls"),
        sa.Column("salesperson_id", sa.BigInteger(), nullable=True, comment="Salesperson's user id in the source"),
        sa.Column("salesperson_name", sa.Text(), nullable=True, comment="Salesperson's name"),
        sa.Column("last_updated", sa.DateTime(timezone=True), nullable=True, comment="Change time given by the source"),
        sa.Column(
            "synced_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="Start of the run that last inserted or changed the row",
        ),
        sa.PrimaryKeyConstraint("org_id", "customer_key", name="customers_pkey"),
        schema="canonical",
        comment="One row per customer or contact of a customer; families are tied by parent and root, only roots buy.",
    )
    op.create_index("customers_email_idx", "customers", ["org_id", "email"], unique=False, schema="canonical")
    op.create_index(
        "customers_root_customer_key_idx",
        "customers",
        ["org_id", "root_customer_key"],
        unique=False,
        schema="canonical",
    )
    op.create_index(
        "customers_source_source_id_idx",
        "customers",
        ["org_id", "source", "source_id"],
        unique=False,
        schema="canonical",
    )
    op.create_table(
        "product_catalog",
        sa.Column("org_id", sa.Text(), nullable=False, comment="Organisation, as named in connections.yaml"),
        sa.Column(
            "product_key",
            sa.Text(),
            nullable=False,
            comment="The merchant's SKU when there is one, else <source>-<id>; never changes",
        ),
        sa.Column(
            "source",
            sa.Text(),
            nullable=False,
            comment="Source system: odoo, alleaves, isavigne or another connector's name",
        ),
        sa.Column("source_id", sa.Text(), nullable=False, comment="Id in the source"),
        sa.Column("default_code", sa.Text(), nullable=True, comment="SKU as it is in the source now"),
        sa.Column("name", sa.Text(), nullable=False, comment="Product name"),
        sa.Column("source_category", sa.Text(), nullable=True, comment="Category path as received"),
        sa.Column("source_category_id", sa.Text(), nullable=True, comment="Category id in the source"),
        sa.Column("category", sa.Text(), nullable=False, comment="Category of the canonical list"),
        sa.Column("is_wine", sa.Boolean(), nullable=False, comment="True when category is not autre"),
        sa.Column("price_segment", sa.Text(), nullable=True, comment="Band of list_price; null without price"),
        sa.Column(
            "list_price", sa.Numeric(precision=18, scale=2), nullable=True, comment="Sale price with tax per unit"
        ),
        sa.Column(
            "list_price_untaxed",
            sa.Numeric(precision=18, scale=2),
            nullable=True,
            comment="Sale price without tax per unit",
        ),
        sa.Column(
            "cost_price",
            sa.Numeric(precision=18, scale=2),
            nullable=True,
            comment="Purchase cost per unit, without tax",
        ),
        sa.Column("currency", sa.Text(), nullable=False, comment="ISO code of the prices"),
        sa.Column("cost_currency", sa.Text(), nullable=True, comment="ISO code of the cost"),
        sa.Column(
            "margin_percent",
            sa.Numeric(precision=9, scale=2),
            nullable=True,
            comment="(price - cost) / price x 100; null when unknown",
        ),
        sa.Column("margin_basis", sa.Text(), nullable=True, comment="Price the margin was computed on"),
        sa.Column("unit_label", sa.Text(), nullable=True, comment="Own unit of measure"),
        sa.Column("vintage", sa.BigInteger(), nullable=True, comment="Year in the name of a wine"),
        sa.Column("active", sa.Boolean(), nullable=False, comment="False when archived or gone at the source"),
        sa.Column("last_updated", sa.DateTime(timezone=True), nullable=True, comment="Change time given by the source"),
        sa.Column(
            "synced_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="Start of the run that last inserted or changed the row",
        ),
        sa.PrimaryKeyConstraint("org_id", "product_key", name="product_catalog_pkey"),
        schema="canonical",
        comment="One row per product; archived and deleted ones stay with active = false while sales point at them.",
    )
    op.create_index(
        "product_catalog_source_source_id_idx",
        "product_catalog",
        ["org_id", "source", "source_id"],
        unique=False,
        schema="canonical",
    )
    op.create_table(
        "sales_lines",
        sa.Column("org_id", sa.Text(), nullable=False, comment="Organisation, as named in connections.yaml"),
        sa.Column("sale_line_key", sa.Text(), nullable=False, comment="<source>-<line id>"),
        sa.Column(
            "source",
            sa.Text(),
            nullable=False,
            comment="Source system: odoo, alleaves, isavigne or another connector's name",
        ),
        sa.Column("source_id", sa.Text(), nullable=False, comment="Id in the source"),
        sa.Column("order_id", sa.Text(), nullable=False, comment="Key of the order in canonical.sales_orders"),
        sa.Column("order_ref", sa.Text(), nullable=True, comment="Printed order number"),
        sa.Column("customer_key", sa.Text(), nullable=True, comment="Root of the family that bought"),
        sa.Column("source_partner_id", sa.Text(), nullable=True, comment="Partner written on the order"),
        sa.Column("product_key", sa.Text(), nullable=True, comment="Product; null when unknown"),
        sa.Column("date_sale", sa.DateTime(timezone=True), nullable=False, comment="Date of the order"),
        sa.Column(
            "quantity_units", sa.Numeric(precision=18, scale=3), nullable=False, comment="Quantity as sold, signed"
        ),
        sa.Column("unit_label", sa.Text(), nullable=True, comment="Unit as sold"),
        sa.Column(
            "quantity_product_units",
            sa.Numeric(precision=18, scale=3),
            nullable=True,
            comment="Quantity in the product's own unit; null if unknown",
        ),
        sa.Column(
            "price_unit",
            sa.Numeric(precision=18, scale=2),
            nullable=True,
            comment="Unit price with tax after discount; null when quantity is 0",
        ),
        sa.Column(
            "price_unit_untaxed",
            sa.Numeric(precision=18, scale=2),
            nullable=True,
            comment="Unit price without tax after discount",
        ),
        sa.Column(
            "price_total",
            sa.Numeric(precision=18, scale=2),
            nullable=True,
            comment="Line total with tax, signed, in currency",
        ),
        sa.Column(
            "price_total_untaxed",
            sa.Numeric(precision=18, scale=2),
            nullable=True,
            comment="Line total without tax, signed, in currency",
        ),
        sa.Column(
            "cost_total", sa.Numeric(precision=18, scale=2), nullable=True, comment="Cost of the line in cost_currency"
        ),
        sa.Column("currency", sa.Text(), nullable=False, comment="ISO code of the prices"),
        sa.Column("cost_currency", sa.Text(), nullable=True, comment="ISO code of the cost"),
        sa.Column(
            "margin_percent",
            sa.Numeric(precision=9, scale=2),
            nullable=True,
            comment="(price - cost) / price x 100; null when unknown",
        ),
        sa.Column("margin_basis", sa.Text(), nullable=True, comment="Price the margin was computed on"),
        sa.Column("document_type", sa.Text(), nullable=False, comment="Kind of document"),
        sa.Column("is_return", sa.Boolean(), nullable=False, comment="True when quantity_units is below 0"),
        sa.Column("channel", sa.Text(), nullable=False, comment="Where it was sold"),
        sa.Column(
            "synced_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="Start of the run that last inserted or changed the row",
        ),
        sa.PrimaryKeyConstraint("org_id", "sale_line_key", name="sales_lines_pkey"),
        schema="canonical",
        comment="One row per product line of a counted order that has a date and a total.",
    )
    op.create_index(
        "sales_lines_customer_key_idx", "sales_lines", ["org_id", "customer_key"], unique=False, schema="canonical"
    )
    op.create_index("sales_lines_order_id_idx", "sales_lines", ["org_id", "order_id"], unique=False, schema="canonical")
    op.create_index(
        "sales_lines_source_source_id_idx",
        "sales_lines",
        ["org_id", "source", "source_id"],
        unique=False,
        schema="canonical",
    )
    op.create_table(
        "sales_orders",
        sa.Column("org_id", sa.Text(), nullable=False, comment="Organisation, as named in connections.yaml"),
        sa.Column("order_key", sa.Text(), nullable=False, comment="<source>-<order id>"),
        sa.Column(
            "source",
            sa.Text(),
            nullable=False,
            comment="Source system: odoo, alleaves, isavigne or another connector's name",
        ),
        sa.Column("source_id", sa.Text(), nullable=False, comment="Id in the source"),
        sa.Column("order_ref", sa.Text(), nullable=True, comment="Printed order number"),
        sa.Column("customer_key", sa.Text(), nullable=True, comment="Root of the family that bought"),
        sa.Column("source_partner_id", sa.Text(), nullable=True, comment="Partner written on the order"),
        sa.Column("ordered_at", sa.DateTime(timezone=True), nullable=True, comment="Order time; null when unknown"),
        sa.Column(
            "total", sa.Numeric(precision=18, scale=2), nullable=True, comment="Total with tax, signed, in currency"
        ),
        sa.Column(
            "total_untaxed",
            sa.Numeric(precision=18, scale=2),
            nullable=True,
            comment="Total without tax, signed, in currency",
        ),
        sa.Column("currency", sa.Text(), nullable=False, comment="ISO code of the totals"),
        sa.Column("currency_rate", sa.Numeric(), nullable=True, comment="Company currency to order currency, as sent"),
        sa.Column(
            "company_total",
            sa.Numeric(precision=18, scale=2),
            nullable=True,
            comment="Total with tax in company_currency; null when the rate is missing",
        ),
        sa.Column(
            "company_total_untaxed",
            sa.Numeric(precision=18, scale=2),
            nullable=True,
            comment="Total without tax in company_currency",
        ),
        sa.Column("company_id", sa.Text(), nullable=True, comment="Selling company in the source"),
        sa.Column("company_currency", sa.Text(), nullable=False, comment="ISO code of the selling company's currency"),
        sa.Column("status", sa.Text(), nullable=False, comment="Status as normalised by the source"),
        sa.Column(
            "is_counted", sa.Boolean(), nullable=False, comment="True when the order is a sale by its source's rule"
        ),
        sa.Column("channel", sa.Text(), nullable=False, comment="Where it was sold"),
        sa.Column(
            "synced_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="Start of the run that last inserted or changed the row",
        ),
        sa.PrimaryKeyConstraint("org_id", "order_key", name="sales_orders_pkey"),
        schema="canonical",
        comment="One row per order, drafts and cancelled ones too; is_counted says which make sales.",
    )
    op.create_index(
        "sales_orders_customer_key_idx", "sales_orders", ["org_id", "customer_key"], unique=False, schema="canonical"
    )
    op.create_index(
        "sales_orders_ordered_at_idx", "sales_orders", ["org_id", "ordered_at"], unique=False, schema="canonical"
    )
    op.create_index(
        "sales_orders_source_source_id_idx",
        "sales_orders",
        ["org_id", "source", "source_id"],
        unique=False,
        schema="canonical",
    )
    op.create_table(
        "stock_levels",
        sa.Column("org_id", sa.Text(), nullable=False, comment="Organisation, as named in connections.yaml"),
        sa.Column("stock_key", sa.Text(), nullable=False, comment="<source>-STOCK-<product part>-<warehouse part>"),
        sa.Column(
            "source",
            sa.Text(),
            nullable=False,
            comment="Source system: odoo, alleaves, isavigne or another connector's name",
        ),
        sa.Column("source_id", sa.Text(), nullable=False, comment="Id in the source"),
        sa.Column("product_key", sa.Text(), nullable=False, comment="Product"),
        sa.Column("warehouse", sa.Text(), nullable=False, comment="Warehouse; the location's path when it is in none"),
        sa.Column(
            "quantity_units",
            sa.Numeric(precision=18, scale=3),
            nullable=False,
            comment="Quantity on hand in the product's own unit; negative is kept",
        ),
        sa.Column("unit_label", sa.Text(), nullable=True, comment="Unit"),
        sa.Column("reserved_qty", sa.Numeric(precision=18, scale=3), nullable=False, comment="Reserved quantity"),
        sa.Column(
            "available_qty",
            sa.Numeric(precision=18, scale=3),
            nullable=False,
            comment="quantity_units - reserved_qty; may be negative",
        ),
        sa.Column(
            "last_count_date", sa.DateTime(timezone=True), nullable=True, comment="Latest change of the stock known"
        ),
        sa.Column(
            "synced_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="Start of the run that last inserted or changed the row",
        ),
        sa.PrimaryKeyConstraint("org_id", "stock_key", name="stock_levels_pkey"),
        schema="canonical",
        comment="One row per product and internal location with stock.",
    )
    op.create_index(
        "stock_levels_product_key_idx", "stock_levels", ["org_id", "product_key"], unique=False, schema="canonical"
    )
    op.create_index(
        "stock_levels_source_source_id_idx",
        "stock_levels",
        ["org_id", "source", "source_id"],
        unique=False,
        schema="canonical",
    )
    op.create_table(
        "customer_avatars",
        sa.Column("org_id", sa.Text(), nullable=False, comment="Organisation, as named in connections.yaml"),
        sa.Column("customer_key", sa.Text(), nullable=False, comment="Root of the family in canonical.customers"),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False, comment="Stable number of the row"),
        sa.Column(
            "odoo_partner_id",
            sa.BigInteger(),
            nullable=True,
            comment="Root partner of an Odoo family; null for other sources",
        ),
        sa.Column("name", sa.Text(), nullable=False, comment="Name of the root"),
        sa.Column("email", sa.Text(), nullable=True, comment="E-mail of the root"),
        sa.Column("phone", sa.Text(), nullable=True, comment="Phone of the root"),
        sa.Column("city", sa.Text(), nullable=True, comment="City of the root"),
        sa.Column("first_order_date", sa.DateTime(timezone=True), nullable=True, comment="First counted order"),
        sa.Column("last_order_date", sa.DateTime(timezone=True), nullable=True, comment="Last counted order"),
        sa.Column(
            "total_orders",
            sa.BigInteger(),
            server_default=sa.text("0"),
            nullable=False,
            comment="Counted orders of the family in the window",
        ),
        sa.Column(
            "total_revenue",
            sa.Numeric(precision=18, scale=2),
            server_default=sa.text("0"),
            nullable=False,
            comment="Sum of the counted orders in currency",
        ),
        sa.Column(
            "avg_order_value",
            sa.Numeric(precision=18, scale=2),
            server_default=sa.text("0"),
            nullable=False,
            comment="total_revenue / total_orders, 0 without orders",
        ),
        sa.Column("order_frequency_days", sa.BigInteger(), nullable=True, comment="Mean whole days between orders"),
        sa.Column(
            "days_since_last_order",
            sa.BigInteger(),
            server_default=sa.text("0"),
            nullable=False,
            comment="Whole days from the last order to as_of",
        ),
        sa.Column(
            "top_products",
            postgresql.JSONB(none_as_null=True, astext_type=sa.Text()),
            server_default=sa.text("'[]'"),
            nullable=False,
            comment="At most 10 products by revenue",
        ),
        sa.Column(
            "product_categories",
            postgresql.JSONB(none_as_null=True, astext_type=sa.Text()),
            server_default=sa.text("'{}'"),
            nullable=False,
            comment="Revenue and orders by product category",
        ),
        sa.Column(
            "health_score",
            sa.BigInteger(),
            server_default=sa.text("50"),
            nullable=False,
            comment="floor((100 - churn + engagement) / 2)",
        ),
        sa.Column(
            "engagement_score",
            sa.BigInteger(),
            server_default=sa.text("50"),
            nullable=False,
            comment="How often and how recently the family buys",
        ),
        sa.Column(
            "churn_risk_score",
            sa.BigInteger(),
            server_default=sa.text("0"),
            nullable=False,
            comment="How long the silence is for this family's rhythm",
        ),
        sa.Column(
            "upsell_potential_score",
            sa.BigInteger(),
            server_default=sa.text("0"),
            nullable=False,
            comment="Room to sell more",
        ),
        sa.Column("assigned_salesperson_id", sa.BigInteger(), nullable=True, comment="Salesperson of the root"),
        sa.Column("assigned_salesperson_name", sa.Text(), nullable=True, comment="Name of the salesperson of the root"),
        sa.Column(
            "is_active",
            sa.Boolean(),
            server_default=sa.text("true"),
            nullable=False,
            comment="Had a counted order in the last full run, or in a later run",
        ),
        sa.Column("currency", sa.Text(), nullable=False, comment="ISO code of the company currency"),
        sa.Column("ruleset", sa.Text(), nullable=False, comment="Scoring rules used"),
        sa.Column("root_policy", sa.Text(), nullable=False, comment="How the root was found"),
        sa.Column("revenue_basis", sa.Text(), nullable=False, comment="Amounts with or without tax"),
        sa.Column("as_of", sa.DateTime(timezone=True), nullable=False, comment="Instant the row was computed for"),
        sa.Column(
            "window_months",
            sa.BigInteger(),
            nullable=False,
            comment="Length of the window in months; 0 = whole history",
        ),
        sa.Column(
            "children_count",
            sa.BigInteger(),
            server_default=sa.text("0"),
            nullable=False,
            comment="Members of the family besides the root",
        ),
        sa.Column(
            "child_customer_keys",
            postgresql.ARRAY(sa.Text()),
            nullable=False,
            comment="Members besides the root, by source id",
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, comment="When the row was created"),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False, comment="When its content last changed"),
        sa.Column(
            "last_sync_odoo", sa.DateTime(timezone=True), nullable=False, comment="Last run that processed the row"
        ),
        sa.PrimaryKeyConstraint("org_id", "customer_key", name="customer_avatars_pkey"),
        sa.UniqueConstraint("id", name="customer_avatars_id_key"),
        sa.UniqueConstraint("org_id", "odoo_partner_id", name="customer_avatars_odoo_partner_id_key"),
        schema="marts",
        comment="One row per customer family: orders of the root and all its children aggregated, with four scores.",
    )
    op.create_index(
        "customer_avatars_churn_risk_score_idx",
        "customer_avatars",
        ["org_id", "churn_risk_score"],
        unique=False,
        schema="marts",
    )
    op.create_table(
        "odoo_fields",
        sa.Column("org_id", sa.Text(), nullable=False, comment="Organisation, as named in connections.yaml"),
        sa.Column("model", sa.Text(), nullable=False, comment="Odoo model"),
        sa.Column("field", sa.Text(), nullable=False, comment="Field name"),
        sa.Column("type", sa.Text(), nullable=False, comment="Odoo field type"),
        sa.Column("is_stored", sa.Boolean(), nullable=False, comment="False for computed fields"),
        sa.Column("relation", sa.Text(), nullable=True, comment="Model it points at"),
        sa.Column("is_required", sa.Boolean(), nullable=False, comment="Required by the model"),
        sa.Column(
            "seen_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="When this description was last new or changed",
        ),
        sa.Column("run_id", sa.Text(), nullable=False, comment="Run that first saw this description"),
        sa.PrimaryKeyConstraint("org_id", "model", "field", name="odoo_fields_pkey"),
        schema="ops",
        comment="Field list of each Odoo model as last seen; a difference between two runs is schema drift.",
    )
    op.create_table(
        "product_keys",
        sa.Column("org_id", sa.Text(), nullable=False, comment="Organisation, as named in connections.yaml"),
        sa.Column(
            "source",
            sa.Text(),
            nullable=False,
            comment="Source system: odoo, alleaves, isavigne or another connector's name",
        ),
        sa.Column("source_id", sa.Text(), nullable=False, comment="Id in the source"),
        sa.Column("product_key", sa.Text(), nullable=False, comment="Key in canonical.product_catalog"),
        sa.Column("assigned_at", sa.DateTime(timezone=True), nullable=False, comment="When it was assigned"),
        sa.PrimaryKeyConstraint("org_id", "source", "source_id", name="product_keys_pkey"),
        schema="ops",
        comment="Registry of product keys: assigned once per source record and never changed.",
    )
    op.create_index(
        "product_keys_product_key_idx", "product_keys", ["org_id", "product_key"], unique=False, schema="ops"
    )
    op.create_table(
        "rejected_rows",
        sa.Column("org_id", sa.Text(), nullable=False, comment="Organisation, as named in connections.yaml"),
        sa.Column(
            "reject_id",
            sa.Text(),
            nullable=False,
            comment="Hash of source, file or entity, row or record, column and code",
        ),
        sa.Column(
            "source",
            sa.Text(),
            nullable=False,
            comment="Source system: odoo, alleaves, isavigne or another connector's name",
        ),
        sa.Column("run_id", sa.Text(), nullable=False, comment="Latest run that met it"),
        sa.Column("entity", sa.Text(), nullable=False, comment="Stream or kind of file, for Odoo the model"),
        sa.Column("record_key", sa.Text(), nullable=True, comment="Natural key of the record when readable"),
        sa.Column("file", sa.Text(), nullable=True, comment="File name"),
        sa.Column("file_hash", sa.Text(), nullable=True, comment="SHA-256 of the file"),
        sa.Column("row_number", sa.BigInteger(), nullable=True, comment="Row in the file, the first line is 1"),
        sa.Column("column_name", sa.Text(), nullable=True, comment="First offending column"),
        sa.Column("raw_value", sa.Text(), nullable=True, comment="Value as received, cut at 500 characters"),
        sa.Column("code", sa.Text(), nullable=False, comment="Stable word for the reason"),
        sa.Column(
            "severity", sa.Text(), nullable=False, comment="info, warning, error (row not loaded), fatal (file refused)"
        ),
        sa.Column("message", sa.Text(), nullable=False, comment="One sentence that says what is wrong"),
        sa.Column("first_seen", sa.DateTime(timezone=True), nullable=False, comment="When it was first met"),
        sa.Column("last_seen", sa.DateTime(timezone=True), nullable=False, comment="When it was last met"),
        sa.Column(
            "resolved_at", sa.DateTime(timezone=True), nullable=True, comment="When it was resolved; null while open"
        ),
        sa.Column("resolution", sa.Text(), nullable=True, comment="replayed, superseded or dismissed"),
        sa.PrimaryKeyConstraint("org_id", "reject_id", name="rejected_rows_pkey"),
        schema="ops",
        comment="Rows and values that could not be understood, with where they came from and why; nothing is dropped silently.",
    )
    op.create_index(
        "rejected_rows_source_code_idx", "rejected_rows", ["org_id", "source", "code"], unique=False, schema="ops"
    )
    op.create_table(
        "sync_cursors",
        sa.Column("org_id", sa.Text(), nullable=False, comment="Organisation, as named in connections.yaml"),
        sa.Column(
            "source",
            sa.Text(),
            nullable=False,
            comment="Source system: odoo, alleaves, isavigne or another connector's name",
        ),
        sa.Column("stream", sa.Text(), nullable=False, comment="Name of the stream, such as sale_orders"),
        sa.Column(
            "shard", sa.BigInteger(), nullable=False, comment="Number of the id range during a first load, else 0"
        ),
        sa.Column(
            "lo",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="End of the last finished window; null before the first",
        ),
        sa.Column(
            "hi",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="End of the unfinished window; null when none is open",
        ),
        sa.Column(
            "last_id",
            sa.BigInteger(),
            server_default=sa.text("0"),
            nullable=False,
            comment="Highest id read in the open window",
        ),
        sa.Column("end_id", sa.BigInteger(), nullable=True, comment="Highest id of the shard's range; null: no end"),
        sa.Column(
            "page_size",
            sa.BigInteger(),
            server_default=sa.text("1000"),
            nullable=False,
            comment="Rows asked for per page",
        ),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False, comment="When this row was last written"),
        sa.PrimaryKeyConstraint("org_id", "source", "stream", "shard", name="sync_cursors_pkey"),
        schema="ops",
        comment="Where the incremental reading of a stream stands; written in the same transaction as the page it covers.",
    )
    op.create_table(
        "sync_runs",
        sa.Column("org_id", sa.Text(), nullable=False, comment="Organisation, as named in connections.yaml"),
        sa.Column("run_id", sa.Text(), nullable=False, comment="Dagster run id"),
        sa.Column("job", sa.Text(), nullable=False, comment="Name of the Dagster job"),
        sa.Column(
            "status", sa.Text(), nullable=False, comment="running until it ends; interrupted when its process died"
        ),
        sa.Column(
            "is_dry_run",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=False,
            comment="True when nothing but this row was written",
        ),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False, comment="Start of the run"),
        sa.Column(
            "finished_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="End of the run; null while running or when interrupted",
        ),
        sa.Column("duration_seconds", sa.Double(), nullable=True, comment="Seconds from start to end"),
        sa.Column(
            "extracted",
            sa.BigInteger(),
            server_default=sa.text("0"),
            nullable=False,
            comment="Rows received from the sources",
        ),
        sa.Column("created", sa.BigInteger(), server_default=sa.text("0"), nullable=False, comment="Avatars created"),
        sa.Column("updated", sa.BigInteger(), server_default=sa.text("0"), nullable=False, comment="Avatars updated"),
        sa.Column(
            "unchanged", sa.BigInteger(), server_default=sa.text("0"), nullable=False, comment="Avatars found unchanged"
        ),
        sa.Column(
            "skipped",
            sa.BigInteger(),
            server_default=sa.text("0"),
            nullable=False,
            comment="Families without counted order and without avatar",
        ),
        sa.Column(
            "rejected",
            sa.BigInteger(),
            server_default=sa.text("0"),
            nullable=False,
            comment="Rows written to ops.rejected_rows",
        ),
        sa.Column(
            "errors",
            postgresql.JSONB(none_as_null=True, astext_type=sa.Text()),
            server_default=sa.text("'[]'"),
            nullable=False,
            comment="List of {step, code, message}",
        ),
        sa.Column(
            "warnings",
            postgresql.JSONB(none_as_null=True, astext_type=sa.Text()),
            server_default=sa.text("'[]'"),
            nullable=False,
            comment="List of {step, code, message}",
        ),
        sa.Column(
            "counts",
            postgresql.JSONB(none_as_null=True, astext_type=sa.Text()),
            server_default=sa.text("'{}'"),
            nullable=False,
            comment="Per table: extracted, inserted, updated, deleted, unchanged, rejected",
        ),
        sa.Column(
            "result",
            postgresql.JSONB(none_as_null=True, astext_type=sa.Text()),
            nullable=True,
            comment="The avatar result object of the run",
        ),
        sa.PrimaryKeyConstraint("org_id", "run_id", name="sync_runs_pkey"),
        schema="ops",
        comment="One row per organisation and run: what was asked, what happened, and the truth about how it ended.",
    )
    op.create_index("sync_runs_started_at_idx", "sync_runs", ["org_id", "started_at"], unique=False, schema="ops")
    op.create_table(
        "sync_streams",
        sa.Column("org_id", sa.Text(), nullable=False, comment="Organisation, as named in connections.yaml"),
        sa.Column(
            "source",
            sa.Text(),
            nullable=False,
            comment="Source system: odoo, alleaves, isavigne or another connector's name",
        ),
        sa.Column("stream", sa.Text(), nullable=False, comment="Name of the stream, such as sale_orders"),
        sa.Column("status", sa.Text(), nullable=False, comment="How the last attempt ended"),
        sa.Column("attempted_at", sa.DateTime(timezone=True), nullable=False, comment="When the last attempt ended"),
        sa.Column(
            "succeeded_at", sa.DateTime(timezone=True), nullable=True, comment="When the last successful attempt ended"
        ),
        sa.Column(
            "rows_held", sa.BigInteger(), nullable=True, comment="Living rows in the raw table after the last success"
        ),
        sa.Column("server_version", sa.Text(), nullable=True, comment="Version the source reported"),
        sa.Column("error_code", sa.Text(), nullable=True, comment="Code of the last error; null after a success"),
        sa.Column("error", sa.Text(), nullable=True, comment="Message of the last error; null after a success"),
        sa.PrimaryKeyConstraint("org_id", "source", "stream", name="sync_streams_pkey"),
        schema="ops",
        comment="State of each stream of each organisation: last success, last error, rows held.",
    )
    op.create_table(
        "odoo_companies",
        sa.Column("org_id", sa.Text(), nullable=False, comment="Organisation, as named in connections.yaml"),
        sa.Column("id", sa.BigInteger(), nullable=False, comment="Record id in Odoo"),
        sa.Column("name", sa.Text(), nullable=True, comment="Company name"),
        sa.Column("partner_id", sa.BigInteger(), nullable=True, comment="Partner record of the company"),
        sa.Column("currency_id", sa.BigInteger(), nullable=True, comment="Currency of the company"),
        sa.Column("parent_id", sa.BigInteger(), nullable=True, comment="Parent company"),
        sa.Column(
            "extra",
            postgresql.JSONB(none_as_null=True, astext_type=sa.Text()),
            nullable=True,
            comment="Fields added by the setting extra_fields",
        ),
        sa.Column("create_date", sa.DateTime(timezone=True), nullable=True, comment="Creation in Odoo, whole seconds"),
        sa.Column("write_date", sa.DateTime(timezone=True), nullable=True, comment="Last write in Odoo, whole seconds"),
        sa.Column(
            "first_seen_at", sa.DateTime(timezone=True), nullable=False, comment="When this row was first landed"
        ),
        sa.Column(
            "fetched_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="When this row was last inserted or changed",
        ),
        sa.Column("run_id", sa.Text(), nullable=False, comment="Run that last inserted or changed this row"),
        sa.PrimaryKeyConstraint("org_id", "id", name="odoo_companies_pkey"),
        schema="raw",
        comment="Companies of the Odoo database (Odoo res.company).",
    )
    op.create_table(
        "odoo_countries",
        sa.Column("org_id", sa.Text(), nullable=False, comment="Organisation, as named in connections.yaml"),
        sa.Column("id", sa.BigInteger(), nullable=False, comment="Record id in Odoo"),
        sa.Column("name", sa.Text(), nullable=True, comment="Country name"),
        sa.Column("code", sa.Text(), nullable=True, comment="ISO 3166-1 code of two letters"),
        sa.Column(
            "extra",
            postgresql.JSONB(none_as_null=True, astext_type=sa.Text()),
            nullable=True,
            comment="Fields added by the setting extra_fields",
        ),
        sa.Column("create_date", sa.DateTime(timezone=True), nullable=True, comment="Creation in Odoo, whole seconds"),
        sa.Column("write_date", sa.DateTime(timezone=True), nullable=True, comment="Last write in Odoo, whole seconds"),
        sa.Column(
            "first_seen_at", sa.DateTime(timezone=True), nullable=False, comment="When this row was first landed"
        ),
        sa.Column(
            "fetched_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="When this row was last inserted or changed",
        ),
        sa.Column("run_id", sa.Text(), nullable=False, comment="Run that last inserted or changed this row"),
        sa.PrimaryKeyConstraint("org_id", "id", name="odoo_countries_pkey"),
        schema="raw",
        comment="Countries (Odoo res.country).",
    )
    op.create_table(
        "odoo_country_states",
        sa.Column("org_id", sa.Text(), nullable=False, comment="Organisation, as named in connections.yaml"),
        sa.Column("id", sa.BigInteger(), nullable=False, comment="Record id in Odoo"),
        sa.Column("name", sa.Text(), nullable=True, comment="State name"),
        sa.Column("code", sa.Text(), nullable=True, comment="State code"),
        sa.Column("country_id", sa.BigInteger(), nullable=True, comment="Country"),
        sa.Column(
            "extra",
            postgresql.JSONB(none_as_null=True, astext_type=sa.Text()),
            nullable=True,
            comment="Fields added by the setting extra_fields",
        ),
        sa.Column("create_date", sa.DateTime(timezone=True), nullable=True, comment="Creation in Odoo, whole seconds"),
        sa.Column("write_date", sa.DateTime(timezone=True), nullable=True, comment="Last write in Odoo, whole seconds"),
        sa.Column(
            "first_seen_at", sa.DateTime(timezone=True), nullable=False, comment="When this row was first landed"
        ),
        sa.Column(
            "fetched_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="When this row was last inserted or changed",
        ),
        sa.Column("run_id", sa.Text(), nullable=False, comment="Run that last inserted or changed this row"),
        sa.PrimaryKeyConstraint("org_id", "id", name="odoo_country_states_pkey"),
        schema="raw",
        comment="States and provinces (Odoo res.country.state).",
    )
    op.create_table(
        "odoo_currencies",
        sa.Column("org_id", sa.Text(), nullable=False, comment="Organisation, as named in connections.yaml"),
        sa.Column("id", sa.BigInteger(), nullable=False, comment="Record id in Odoo"),
        sa.Column("name", sa.Text(), nullable=True, comment="ISO code"),
        sa.Column("symbol", sa.Text(), nullable=True, comment="Symbol"),
        sa.Column("rounding", sa.Numeric(), nullable=True, comment="Smallest amount"),
        sa.Column("decimal_places", sa.BigInteger(), nullable=True, comment="Digits after the decimal mark"),
        sa.Column("active", sa.Boolean(), nullable=True, comment="False when archived"),
        sa.Column(
            "extra",
            postgresql.JSONB(none_as_null=True, astext_type=sa.Text()),
            nullable=True,
            comment="Fields added by the setting extra_fields",
        ),
        sa.Column("create_date", sa.DateTime(timezone=True), nullable=True, comment="Creation in Odoo, whole seconds"),
        sa.Column("write_date", sa.DateTime(timezone=True), nullable=True, comment="Last write in Odoo, whole seconds"),
        sa.Column(
            "first_seen_at", sa.DateTime(timezone=True), nullable=False, comment="When this row was first landed"
        ),
        sa.Column(
            "fetched_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="When this row was last inserted or changed",
        ),
        sa.Column("run_id", sa.Text(), nullable=False, comment="Run that last inserted or changed this row"),
        sa.PrimaryKeyConstraint("org_id", "id", name="odoo_currencies_pkey"),
        schema="raw",
        comment="Currencies, inactive ones too (Odoo res.currency).",
    )
    op.create_table(
        "odoo_currency_rates",
        sa.Column("org_id", sa.Text(), nullable=False, comment="Organisation, as named in connections.yaml"),
        sa.Column("id", sa.BigInteger(), nullable=False, comment="Record id in Odoo"),
        sa.Column("name", sa.Date(), nullable=True, comment="Day from which the rate holds"),
        sa.Column(
            "rate", sa.Numeric(), nullable=True, comment="Units of the currency per unit of the company currency"
        ),
        sa.Column("currency_id", sa.BigInteger(), nullable=True, comment="Currency"),
        sa.Column("company_id", sa.BigInteger(), nullable=True, comment="Company, null for all"),
        sa.Column(
            "extra",
            postgresql.JSONB(none_as_null=True, astext_type=sa.Text()),
            nullable=True,
            comment="Fields added by the setting extra_fields",
        ),
        sa.Column("create_date", sa.DateTime(timezone=True), nullable=True, comment="Creation in Odoo, whole seconds"),
        sa.Column("write_date", sa.DateTime(timezone=True), nullable=True, comment="Last write in Odoo, whole seconds"),
        sa.Column(
            "first_seen_at", sa.DateTime(timezone=True), nullable=False, comment="When this row was first landed"
        ),
        sa.Column(
            "fetched_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="When this row was last inserted or changed",
        ),
        sa.Column("run_id", sa.Text(), nullable=False, comment="Run that last inserted or changed this row"),
        sa.PrimaryKeyConstraint("org_id", "id", name="odoo_currency_rates_pkey"),
        schema="raw",
        comment="Exchange rates (Odoo res.currency.rate).",
    )
    op.create_table(
        "odoo_locations",
        sa.Column("org_id", sa.Text(), nullable=False, comment="Organisation, as named in connections.yaml"),
        sa.Column("id", sa.BigInteger(), nullable=False, comment="Record id in Odoo"),
        sa.Column("name", sa.Text(), nullable=True, comment="Location name"),
        sa.Column("complete_name", sa.Text(), nullable=True, comment="Path of names"),
        sa.Column(
            "usage",
            sa.Text(),
            nullable=True,
            comment="internal counts as stock; also view, supplier, customer, inventory, production, transit",
        ),
        sa.Column("active", sa.Boolean(), nullable=True, comment="False when archived"),
        sa.Column("location_id", sa.BigInteger(), nullable=True, comment="Location above"),
        sa.Column("parent_path", sa.Text(), nullable=True, comment="Path of ids from the top"),
        sa.Column("company_id", sa.BigInteger(), nullable=True, comment="Company, null for all"),
        sa.Column(
            "extra",
            postgresql.JSONB(none_as_null=True, astext_type=sa.Text()),
            nullable=True,
            comment="Fields added by the setting extra_fields",
        ),
        sa.Column("create_date", sa.DateTime(timezone=True), nullable=True, comment="Creation in Odoo, whole seconds"),
        sa.Column("write_date", sa.DateTime(timezone=True), nullable=True, comment="Last write in Odoo, whole seconds"),
        sa.Column(
            "first_seen_at", sa.DateTime(timezone=True), nullable=False, comment="When this row was first landed"
        ),
        sa.Column(
            "fetched_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="When this row was last inserted or changed",
        ),
        sa.Column("run_id", sa.Text(), nullable=False, comment="Run that last inserted or changed this row"),
        sa.PrimaryKeyConstraint("org_id", "id", name="odoo_locations_pkey"),
        schema="raw",
        comment="Stock locations (Odoo stock.location).",
    )
    op.create_table(
        "odoo_partners",
        sa.Column("org_id", sa.Text(), nullable=False, comment="Organisation, as named in connections.yaml"),
        sa.Column("id", sa.BigInteger(), nullable=False, comment="Record id in Odoo"),
        sa.Column("name", sa.Text(), nullable=True, comment="Name; empty for many addresses"),
        sa.Column("parent_id", sa.BigInteger(), nullable=True, comment="Partner above"),
        sa.Column(
            "commercial_partner_id", sa.BigInteger(), nullable=True, comment="Nearest company at or above the partner"
        ),
        sa.Column("is_company", sa.Boolean(), nullable=True, comment="True for a company"),
        sa.Column("type", sa.Text(), nullable=True, comment="contact, invoice, delivery, other or private"),
        sa.Column("active", sa.Boolean(), nullable=True, comment="False when archived"),
        sa.Column("email", sa.Text(), nullable=True, comment="E-mail as typed"),
        sa.Column("phone", sa.Text(), nullable=True, comment="Phone as typed"),
        sa.Column("mobile", sa.Text(), nullable=True, comment="Mobile as typed; gone from Odoo 18.2"),
        sa.Column("street", sa.Text(), nullable=True, comment="Street"),
        sa.Column("street2", sa.Text(), nullable=True, comment="Second street line"),
        sa.Column("zip", sa.Text(), nullable=True, comment="Postal code"),
        sa.Column("city", sa.Text(), nullable=True, comment="City"),
        sa.Column("state_id", sa.BigInteger(), nullable=True, comment="State"),
        sa.Column("country_id", sa.BigInteger(), nullable=True, comment="Country"),
        sa.Column("vat", sa.Text(), nullable=True, comment="Tax number"),
        sa.Column("ref", sa.Text(), nullable=True, comment="Internal reference"),
        sa.Column("lang", sa.Text(), nullable=True, comment="Language code"),
        sa.Column("user_id", sa.BigInteger(), nullable=True, comment="Salesperson"),
        sa.Column("company_id", sa.BigInteger(), nullable=True, comment="Company, null for all"),
        sa.Column("customer_rank", sa.BigInteger(), nullable=True, comment="Above 0 for a customer"),
        sa.Column("supplier_rank", sa.BigInteger(), nullable=True, comment="Above 0 for a supplier"),
        sa.Column("category_id", postgresql.ARRAY(sa.BigInteger()), nullable=True, comment="Tags"),
        sa.Column(
            "extra",
            postgresql.JSONB(none_as_null=True, astext_type=sa.Text()),
            nullable=True,
            comment="Fields added by the setting extra_fields",
        ),
        sa.Column("create_date", sa.DateTime(timezone=True), nullable=True, comment="Creation in Odoo, whole seconds"),
        sa.Column("write_date", sa.DateTime(timezone=True), nullable=True, comment="Last write in Odoo, whole seconds"),
        sa.Column(
            "deleted_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="When it was found deleted at the source; null while it lives",
        ),
        sa.Column(
            "first_seen_at", sa.DateTime(timezone=True), nullable=False, comment="When this row was first landed"
        ),
        sa.Column(
            "fetched_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="When this row was last inserted or changed",
        ),
        sa.Column("run_id", sa.Text(), nullable=False, comment="Run that last inserted or changed this row"),
        sa.PrimaryKeyConstraint("org_id", "id", name="odoo_partners_pkey"),
        schema="raw",
        comment="Companies, their children (contacts, invoice and delivery addresses) and people, archived ones too (Odoo res.partner).",
    )
    op.create_table(
        "odoo_product_categories",
        sa.Column("org_id", sa.Text(), nullable=False, comment="Organisation, as named in connections.yaml"),
        sa.Column("id", sa.BigInteger(), nullable=False, comment="Record id in Odoo"),
        sa.Column("name", sa.Text(), nullable=True, comment="Category name"),
        sa.Column("complete_name", sa.Text(), nullable=True, comment="Path of names from the top"),
        sa.Column("parent_id", sa.BigInteger(), nullable=True, comment="Category above"),
        sa.Column(
            "extra",
            postgresql.JSONB(none_as_null=True, astext_type=sa.Text()),
            nullable=True,
            comment="Fields added by the setting extra_fields",
        ),
        sa.Column("create_date", sa.DateTime(timezone=True), nullable=True, comment="Creation in Odoo, whole seconds"),
        sa.Column("write_date", sa.DateTime(timezone=True), nullable=True, comment="Last write in Odoo, whole seconds"),
        sa.Column(
            "first_seen_at", sa.DateTime(timezone=True), nullable=False, comment="When this row was first landed"
        ),
        sa.Column(
            "fetched_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="When this row was last inserted or changed",
        ),
        sa.Column("run_id", sa.Text(), nullable=False, comment="Run that last inserted or changed this row"),
        sa.PrimaryKeyConstraint("org_id", "id", name="odoo_product_categories_pkey"),
        schema="raw",
        comment="Product categories (Odoo product.category).",
    )
    op.create_table(
        "odoo_product_costs",
        sa.Column("org_id", sa.Text(), nullable=False, comment="Organisation, as named in connections.yaml"),
        sa.Column("id", sa.BigInteger(), nullable=False, comment="Product variant id in Odoo"),
        sa.Column("company_id", sa.BigInteger(), nullable=False, comment="Company the cost belongs to"),
        sa.Column("standard_price", sa.Numeric(), nullable=True, comment="Cost in the company currency"),
        sa.Column(
            "first_seen_at", sa.DateTime(timezone=True), nullable=False, comment="When this row was first landed"
        ),
        sa.Column(
            "fetched_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="When this row was last inserted or changed",
        ),
        sa.Column("run_id", sa.Text(), nullable=False, comment="Run that last inserted or changed this row"),
        sa.PrimaryKeyConstraint("org_id", "id", "company_id", name="odoo_product_costs_pkey"),
        schema="raw",
        comment="Cost of each product variant in each company (Odoo product.product standard_price).",
    )
    op.create_table(
        "odoo_product_templates",
        sa.Column("org_id", sa.Text(), nullable=False, comment="Organisation, as named in connections.yaml"),
        sa.Column("id", sa.BigInteger(), nullable=False, comment="Record id in Odoo"),
        sa.Column("name", sa.Text(), nullable=True, comment="Product name"),
        sa.Column("list_price", sa.Numeric(), nullable=True, comment="Sale price in the company currency"),
        sa.Column("categ_id", sa.BigInteger(), nullable=True, comment="Category"),
        sa.Column("type", sa.Text(), nullable=True, comment="Product type as the version names it"),
        sa.Column("is_storable", sa.Boolean(), nullable=True, comment="True when stock is kept"),
        sa.Column("uom_id", sa.BigInteger(), nullable=True, comment="Own unit of measure"),
        sa.Column("active", sa.Boolean(), nullable=True, comment="False when archived"),
        sa.Column("sale_ok", sa.Boolean(), nullable=True, comment="True when it can be sold"),
        sa.Column("company_id", sa.BigInteger(), nullable=True, comment="Company, null for all"),
        sa.Column(
            "extra",
            postgresql.JSONB(none_as_null=True, astext_type=sa.Text()),
            nullable=True,
            comment="Fields added by the setting extra_fields",
        ),
        sa.Column("create_date", sa.DateTime(timezone=True), nullable=True, comment="Creation in Odoo, whole seconds"),
        sa.Column("write_date", sa.DateTime(timezone=True), nullable=True, comment="Last write in Odoo, whole seconds"),
        sa.Column(
            "deleted_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="When it was found deleted at the source; null while it lives",
        ),
        sa.Column(
            "first_seen_at", sa.DateTime(timezone=True), nullable=False, comment="When this row was first landed"
        ),
        sa.Column(
            "fetched_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="When this row was last inserted or changed",
        ),
        sa.Column("run_id", sa.Text(), nullable=False, comment="Run that last inserted or changed this row"),
        sa.PrimaryKeyConstraint("org_id", "id", name="odoo_product_templates_pkey"),
        schema="raw",
        comment="Products as sold: what all variants of one product share (Odoo product.template).",
    )
    op.create_table(
        "odoo_products",
        sa.Column("org_id", sa.Text(), nullable=False, comment="Organisation, as named in connections.yaml"),
        sa.Column("id", sa.BigInteger(), nullable=False, comment="Record id in Odoo"),
        sa.Column("product_tmpl_id", sa.BigInteger(), nullable=True, comment="Template"),
        sa.Column("default_code", sa.Text(), nullable=True, comment="Internal reference (SKU)"),
        sa.Column("barcode", sa.Text(), nullable=True, comment="Barcode"),
        sa.Column("active", sa.Boolean(), nullable=True, comment="False when archived"),
        sa.Column("combination_indices", sa.Text(), nullable=True, comment="Attribute values that make the variant"),
        sa.Column(
            "extra",
            postgresql.JSONB(none_as_null=True, astext_type=sa.Text()),
            nullable=True,
            comment="Fields added by the setting extra_fields",
        ),
        sa.Column("create_date", sa.DateTime(timezone=True), nullable=True, comment="Creation in Odoo, whole seconds"),
        sa.Column("write_date", sa.DateTime(timezone=True), nullable=True, comment="Last write in Odoo, whole seconds"),
        sa.Column(
            "deleted_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="When it was found deleted at the source; null while it lives",
        ),
        sa.Column(
            "first_seen_at", sa.DateTime(timezone=True), nullable=False, comment="When this row was first landed"
        ),
        sa.Column(
            "fetched_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="When this row was last inserted or changed",
        ),
        sa.Column("run_id", sa.Text(), nullable=False, comment="Run that last inserted or changed this row"),
        sa.PrimaryKeyConstraint("org_id", "id", name="odoo_products_pkey"),
        schema="raw",
        comment="Product variants: what order lines and stock point at (Odoo product.product).",
    )
    op.create_table(
        "odoo_quants",
        sa.Column("org_id", sa.Text(), nullable=False, comment="Organisation, as named in connections.yaml"),
        sa.Column("id", sa.BigInteger(), nullable=False, comment="Record id in Odoo"),
        sa.Column("product_id", sa.BigInteger(), nullable=True, comment="Product variant"),
        sa.Column("location_id", sa.BigInteger(), nullable=True, comment="Location"),
        sa.Column("lot_id", sa.BigInteger(), nullable=True, comment="Lot or serial number"),
        sa.Column("package_id", sa.BigInteger(), nullable=True, comment="Package"),
        sa.Column("owner_id", sa.BigInteger(), nullable=True, comment="Owner, when not the company"),
        sa.Column("quantity", sa.Numeric(), nullable=True, comment="Quantity in the product's own unit"),
        sa.Column("reserved_quantity", sa.Numeric(), nullable=True, comment="Quantity reserved for outgoing moves"),
        sa.Column("in_date", sa.DateTime(timezone=True), nullable=True, comment="Incoming date"),
        sa.Column("company_id", sa.BigInteger(), nullable=True, comment="Company"),
        sa.Column(
            "extra",
            postgresql.JSONB(none_as_null=True, astext_type=sa.Text()),
            nullable=True,
            comment="Fields added by the setting extra_fields",
        ),
        sa.Column("create_date", sa.DateTime(timezone=True), nullable=True, comment="Creation in Odoo, whole seconds"),
        sa.Column("write_date", sa.DateTime(timezone=True), nullable=True, comment="Last write in Odoo, whole seconds"),
        sa.Column(
            "first_seen_at", sa.DateTime(timezone=True), nullable=False, comment="When this row was first landed"
        ),
        sa.Column(
            "fetched_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="When this row was last inserted or changed",
        ),
        sa.Column("run_id", sa.Text(), nullable=False, comment="Run that last inserted or changed this row"),
        sa.PrimaryKeyConstraint("org_id", "id", name="odoo_quants_pkey"),
        schema="raw",
        comment="Stock on hand per product, location, lot, package and owner (Odoo stock.quant).",
    )
    op.create_table(
        "odoo_sale_order_lines",
        sa.Column("org_id", sa.Text(), nullable=False, comment="Organisation, as named in connections.yaml"),
        sa.Column("id", sa.BigInteger(), nullable=False, comment="Record id in Odoo"),
        sa.Column("order_id", sa.BigInteger(), nullable=True, comment="Order"),
        sa.Column(
            "product_id", sa.BigInteger(), nullable=True, comment="Product variant; empty for sections and notes"
        ),
        sa.Column("name", sa.Text(), nullable=True, comment="Description"),
        sa.Column(
            "display_type",
            sa.Text(),
            nullable=True,
            comment="line_section, line_subsection or line_note; empty for a product line",
        ),
        sa.Column("is_downpayment", sa.Boolean(), nullable=True, comment="True for a down payment"),
        sa.Column("product_uom_qty", sa.Numeric(), nullable=True, comment="Ordered quantity in the line's unit"),
        sa.Column("qty_delivered", sa.Numeric(), nullable=True, comment="Delivered quantity"),
        sa.Column("qty_invoiced", sa.Numeric(), nullable=True, comment="Invoiced quantity"),
        sa.Column("uom_id", sa.BigInteger(), nullable=True, comment="Unit of the line (product_uom, product_uom_id)"),
        sa.Column("tax_ids", postgresql.ARRAY(sa.BigInteger()), nullable=True, comment="Taxes (tax_id, tax_ids)"),
        sa.Column("price_unit", sa.Numeric(), nullable=True, comment="Unit price before discount"),
        sa.Column("discount", sa.Numeric(), nullable=True, comment="Discount in percent"),
        sa.Column("price_subtotal", sa.Numeric(), nullable=True, comment="Line total without tax"),
        sa.Column("price_tax", sa.Numeric(), nullable=True, comment="Tax of the line"),
        sa.Column("price_total", sa.Numeric(), nullable=True, comment="Line total with tax"),
        sa.Column("sequence", sa.BigInteger(), nullable=True, comment="Position in the order"),
        sa.Column("company_id", sa.BigInteger(), nullable=True, comment="Company"),
        sa.Column("currency_id", sa.BigInteger(), nullable=True, comment="Currency of the amounts"),
        sa.Column(
            "extra",
            postgresql.JSONB(none_as_null=True, astext_type=sa.Text()),
            nullable=True,
            comment="Fields added by the setting extra_fields",
        ),
        sa.Column("create_date", sa.DateTime(timezone=True), nullable=True, comment="Creation in Odoo, whole seconds"),
        sa.Column("write_date", sa.DateTime(timezone=True), nullable=True, comment="Last write in Odoo, whole seconds"),
        sa.Column(
            "deleted_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="When it was found deleted at the source; null while it lives",
        ),
        sa.Column(
            "first_seen_at", sa.DateTime(timezone=True), nullable=False, comment="When this row was first landed"
        ),
        sa.Column(
            "fetched_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="When this row was last inserted or changed",
        ),
        sa.Column("run_id", sa.Text(), nullable=False, comment="Run that last inserted or changed this row"),
        sa.PrimaryKeyConstraint("org_id", "id", name="odoo_sale_order_lines_pkey"),
        schema="raw",
        comment="Lines of sale orders and quotations (Odoo sale.order.line).",
    )
    op.create_table(
        "odoo_sale_orders",
        sa.Column("org_id", sa.Text(), nullable=False, comment="Organisation, as named in connections.yaml"),
        sa.Column("id", sa.BigInteger(), nullable=False, comment="Record id in Odoo"),
        sa.Column("name", sa.Text(), nullable=True, comment="Order number"),
        sa.Column("state", sa.Text(), nullable=True, comment="draft, sent, sale, cancel; done up to Odoo 16"),
        sa.Column("locked", sa.Boolean(), nullable=True, comment="True when locked against changes"),
        sa.Column(
            "date_order",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="Confirmation time of a confirmed order, else creation",
        ),
        sa.Column("partner_id", sa.BigInteger(), nullable=True, comment="Customer, any member of a family"),
        sa.Column("partner_invoice_id", sa.BigInteger(), nullable=True, comment="Invoice address"),
        sa.Column("partner_shipping_id", sa.BigInteger(), nullable=True, comment="Delivery address"),
        sa.Column("company_id", sa.BigInteger(), nullable=True, comment="Selling company"),
        sa.Column("currency_id", sa.BigInteger(), nullable=True, comment="Currency of the amounts"),
        sa.Column("currency_rate", sa.Numeric(), nullable=True, comment="Company currency to order currency"),
        sa.Column("amount_untaxed", sa.Numeric(), nullable=True, comment="Total without tax"),
        sa.Column("amount_tax", sa.Numeric(), nullable=True, comment="Tax"),
        sa.Column("amount_total", sa.Numeric(), nullable=True, comment="Total with tax"),
        sa.Column("user_id", sa.BigInteger(), nullable=True, comment="Salesperson of the order"),
        sa.Column("team_id", sa.BigInteger(), nullable=True, comment="Sales team"),
        sa.Column("client_order_ref", sa.Text(), nullable=True, comment="Customer's own reference"),
        sa.Column("origin", sa.Text(), nullable=True, comment="Source document"),
        sa.Column("pricelist_id", sa.BigInteger(), nullable=True, comment="Price list"),
        sa.Column("invoice_status", sa.Text(), nullable=True, comment="Invoicing state"),
        sa.Column(
            "extra",
            postgresql.JSONB(none_as_null=True, astext_type=sa.Text()),
            nullable=True,
            comment="Fields added by the setting extra_fields",
        ),
        sa.Column("create_date", sa.DateTime(timezone=True), nullable=True, comment="Creation in Odoo, whole seconds"),
        sa.Column("write_date", sa.DateTime(timezone=True), nullable=True, comment="Last write in Odoo, whole seconds"),
        sa.Column(
            "deleted_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="When it was found deleted at the source; null while it lives",
        ),
        sa.Column(
            "first_seen_at", sa.DateTime(timezone=True), nullable=False, comment="When this row was first landed"
        ),
        sa.Column(
            "fetched_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="When this row was last inserted or changed",
        ),
        sa.Column("run_id", sa.Text(), nullable=False, comment="Run that last inserted or changed this row"),
        sa.PrimaryKeyConstraint("org_id", "id", name="odoo_sale_orders_pkey"),
        schema="raw",
        comment="Sale orders and quotations (Odoo sale.order).",
    )
    op.create_table(
        "odoo_uoms",
        sa.Column("org_id", sa.Text(), nullable=False, comment="Organisation, as named in connections.yaml"),
        sa.Column("id", sa.BigInteger(), nullable=False, comment="Record id in Odoo"),
        sa.Column("name", sa.Text(), nullable=True, comment="Unit name"),
        sa.Column(
            "factor",
            sa.Numeric(),
            nullable=True,
            comment="With category_id: units of this per reference unit; without: reference units in one of this",
        ),
        sa.Column("rounding", sa.Numeric(), nullable=True, comment="Smallest quantity"),
        sa.Column("active", sa.Boolean(), nullable=True, comment="False when archived"),
        sa.Column(
            "category_id", sa.BigInteger(), nullable=True, comment="Category of comparable units; gone from Odoo 18.2"
        ),
        sa.Column(
            "relative_factor", sa.Numeric(), nullable=True, comment="Size in units of relative_uom_id; from Odoo 18.2"
        ),
        sa.Column("relative_uom_id", sa.BigInteger(), nullable=True, comment="Unit it is relative to; from Odoo 18.2"),
        sa.Column(
            "extra",
            postgresql.JSONB(none_as_null=True, astext_type=sa.Text()),
            nullable=True,
            comment="Fields added by the setting extra_fields",
        ),
        sa.Column("create_date", sa.DateTime(timezone=True), nullable=True, comment="Creation in Odoo, whole seconds"),
        sa.Column("write_date", sa.DateTime(timezone=True), nullable=True, comment="Last write in Odoo, whole seconds"),
        sa.Column(
            "first_seen_at", sa.DateTime(timezone=True), nullable=False, comment="When this row was first landed"
        ),
        sa.Column(
            "fetched_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="When this row was last inserted or changed",
        ),
        sa.Column("run_id", sa.Text(), nullable=False, comment="Run that last inserted or changed this row"),
        sa.PrimaryKeyConstraint("org_id", "id", name="odoo_uoms_pkey"),
        schema="raw",
        comment="Units of measure (Odoo uom.uom).",
    )
    op.create_table(
        "odoo_users",
        sa.Column("org_id", sa.Text(), nullable=False, comment="Organisation, as named in connections.yaml"),
        sa.Column("id", sa.BigInteger(), nullable=False, comment="Record id in Odoo"),
        sa.Column("login", sa.Text(), nullable=True, comment="Login name"),
        sa.Column("partner_id", sa.BigInteger(), nullable=True, comment="Partner that carries the user's name"),
        sa.Column("active", sa.Boolean(), nullable=True, comment="False when archived"),
        sa.Column("share", sa.Boolean(), nullable=True, comment="True for portal and public users"),
        sa.Column("company_id", sa.BigInteger(), nullable=True, comment="Default company"),
        sa.Column(
            "extra",
            postgresql.JSONB(none_as_null=True, astext_type=sa.Text()),
            nullable=True,
            comment="Fields added by the setting extra_fields",
        ),
        sa.Column("create_date", sa.DateTime(timezone=True), nullable=True, comment="Creation in Odoo, whole seconds"),
        sa.Column("write_date", sa.DateTime(timezone=True), nullable=True, comment="Last write in Odoo, whole seconds"),
        sa.Column(
            "first_seen_at", sa.DateTime(timezone=True), nullable=False, comment="When this row was first landed"
        ),
        sa.Column(
            "fetched_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="When this row was last inserted or changed",
        ),
        sa.Column("run_id", sa.Text(), nullable=False, comment="Run that last inserted or changed this row"),
        sa.PrimaryKeyConstraint("org_id", "id", name="odoo_users_pkey"),
        schema="raw",
        comment="Users, the salespeople among them (Odoo res.users).",
    )
    op.create_table(
        "odoo_warehouses",
        sa.Column("org_id", sa.Text(), nullable=False, comment="Organisation, as named in connections.yaml"),
        sa.Column("id", sa.BigInteger(), nullable=False, comment="Record id in Odoo"),
        sa.Column("name", sa.Text(), nullable=True, comment="Warehouse name"),
        sa.Column("code", sa.Text(), nullable=True, comment="Short code"),
        sa.Column("active", sa.Boolean(), nullable=True, comment="False when archived"),
        sa.Column("company_id", sa.BigInteger(), nullable=True, comment="Company"),
        sa.Column("partner_id", sa.BigInteger(), nullable=True, comment="Address"),
        sa.Column(
            "view_location_id",
            sa.BigInteger(),
            nullable=True,
            comment="Location above all of the warehouse's locations",
        ),
        sa.Column("lot_stock_id", sa.BigInteger(), nullable=True, comment="Main stock location"),
        sa.Column(
            "extra",
            postgresql.JSONB(none_as_null=True, astext_type=sa.Text()),
            nullable=True,
            comment="Fields added by the setting extra_fields",
        ),
        sa.Column("create_date", sa.DateTime(timezone=True), nullable=True, comment="Creation in Odoo, whole seconds"),
        sa.Column("write_date", sa.DateTime(timezone=True), nullable=True, comment="Last write in Odoo, whole seconds"),
        sa.Column(
            "first_seen_at", sa.DateTime(timezone=True), nullable=False, comment="When this row was first landed"
        ),
        sa.Column(
            "fetched_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="When this row was last inserted or changed",
        ),
        sa.Column("run_id", sa.Text(), nullable=False, comment="Run that last inserted or changed this row"),
        sa.PrimaryKeyConstraint("org_id", "id", name="odoo_warehouses_pkey"),
        schema="raw",
        comment="Warehouses (Odoo stock.warehouse).",
    )


def downgrade() -> None:
    op.drop_table("odoo_warehouses", schema="raw")
    op.drop_table("odoo_users", schema="raw")
    op.drop_table("odoo_uoms", schema="raw")
    op.drop_table("odoo_sale_orders", schema="raw")
    op.drop_table("odoo_sale_order_lines", schema="raw")
    op.drop_table("odoo_quants", schema="raw")
    op.drop_table("odoo_products", schema="raw")
    op.drop_table("odoo_product_templates", schema="raw")
    op.drop_table("odoo_product_costs", schema="raw")
    op.drop_table("odoo_product_categories", schema="raw")
    op.drop_table("odoo_partners", schema="raw")
    op.drop_table("odoo_locations", schema="raw")
    op.drop_table("odoo_currency_rates", schema="raw")
    op.drop_table("odoo_currencies", schema="raw")
    op.drop_table("odoo_country_states", schema="raw")
    op.drop_table("odoo_countries", schema="raw")
    op.drop_table("odoo_companies", schema="raw")
    op.drop_table("sync_streams", schema="ops")
    op.drop_index("sync_runs_started_at_idx", table_name="sync_runs", schema="ops")
    op.drop_table("sync_runs", schema="ops")
    op.drop_table("sync_cursors", schema="ops")
    op.drop_index("rejected_rows_source_code_idx", table_name="rejected_rows", schema="ops")
    op.drop_table("rejected_rows", schema="ops")
    op.drop_index("product_keys_product_key_idx", table_name="product_keys", schema="ops")
    op.drop_table("product_keys", schema="ops")
    op.drop_table("odoo_fields", schema="ops")
    op.drop_index("customer_avatars_churn_risk_score_idx", table_name="customer_avatars", schema="marts")
    op.drop_table("customer_avatars", schema="marts")
    op.drop_index("stock_levels_source_source_id_idx", table_name="stock_levels", schema="canonical")
    op.drop_index("stock_levels_product_key_idx", table_name="stock_levels", schema="canonical")
    op.drop_table("stock_levels", schema="canonical")
    op.drop_index("sales_orders_source_source_id_idx", table_name="sales_orders", schema="canonical")
    op.drop_index("sales_orders_ordered_at_idx", table_name="sales_orders", schema="canonical")
    op.drop_index("sales_orders_customer_key_idx", table_name="sales_orders", schema="canonical")
    op.drop_table("sales_orders", schema="canonical")
    op.drop_index("sales_lines_source_source_id_idx", table_name="sales_lines", schema="canonical")
    op.drop_index("sales_lines_order_id_idx", table_name="sales_lines", schema="canonical")
    op.drop_index("sales_lines_customer_key_idx", table_name="sales_lines", schema="canonical")
    op.drop_table("sales_lines", schema="canonical")
    op.drop_index("product_catalog_source_source_id_idx", table_name="product_catalog", schema="canonical")
    op.drop_table("product_catalog", schema="canonical")
    op.drop_index("customers_source_source_id_idx", table_name="customers", schema="canonical")
    op.drop_index("customers_root_customer_key_idx", table_name="customers", schema="canonical")
    op.drop_index("customers_email_idx", table_name="customers", schema="canonical")
    op.drop_table("customers", schema="canonical")
