"""The point of sale, file exports, spending, segments, the push, and indexes without a reader gone."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "contact_history",
        sa.Column("org_id", sa.Text(), nullable=False, comment="Organisation, as named in connections.yaml"),
        sa.Column(
            "contact_key",
            sa.Text(),
            nullable=False,
            comment="<source>-<contact id>, else <source>-h and a hash of its content",
        ),
        sa.Column(
            "source",
            sa.Text(),
            nullable=False,
            comment="Source system: odoo, alleaves, isavigne or another connector's name",
        ),
        sa.Column("source_id", sa.Text(), nullable=False, comment="Id in the source"),
        sa.Column("customer_key", sa.Text(), nullable=False, comment="Customer who was contacted"),
        sa.Column("date_contact", sa.DateTime(timezone=True), nullable=False, comment="Date of the first event"),
        sa.Column("campaign", sa.Text(), nullable=True, comment="Campaign"),
        sa.Column("channel", sa.Text(), nullable=False, comment="How"),
        sa.Column("status", sa.Text(), nullable=False, comment="Highest of its events"),
        sa.Column("response", sa.Boolean(), nullable=False, comment="True when the customer clicked or replied"),
        sa.Column("subject", sa.Text(), nullable=True, comment="Subject"),
        sa.Column("product_key_suggested", sa.Text(), nullable=True, comment="Product that was proposed"),
        sa.Column("response_details", sa.Text(), nullable=True, comment="Answer of the customer"),
        sa.Column(
            "synced_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="Start of the run that last inserted or changed the row",
        ),
        sa.PrimaryKeyConstraint("org_id", "contact_key", name="contact_history_pkey"),
        schema="canonical",
        comment="One row per contact with a customer, whatever the number of its events.",
    )
    op.create_index(
        "contact_history_customer_key_idx",
        "contact_history",
        ["org_id", "customer_key"],
        unique=False,
        schema="canonical",
    )
    op.create_table(
        "customer_metrics",
        sa.Column("org_id", sa.Text(), nullable=False, comment="Organisation, as named in connections.yaml"),
        sa.Column(
            "customer_key", sa.Text(), nullable=False, comment="Customer in canonical.customers who is their own root"
        ),
        sa.Column(
            "source",
            sa.Text(),
            nullable=False,
            comment="Source system: odoo, alleaves, isavigne or another connector's name",
        ),
        sa.Column("first_purchase_date", sa.DateTime(timezone=True), nullable=True, comment="First purchase"),
        sa.Column("last_purchase_date", sa.DateTime(timezone=True), nullable=True, comment="Last purchase"),
        sa.Column(
            "total_spent",
            sa.Numeric(precision=18, scale=2),
            nullable=False,
            comment="Sum of all lines with tax, returns included, in currency",
        ),
        sa.Column(
            "purchase_count",
            sa.BigInteger(),
            nullable=False,
            comment="Orders with a product of which more came than went back",
        ),
        sa.Column(
            "avg_order_value",
            sa.Numeric(precision=18, scale=2),
            nullable=False,
            comment="total_spent / purchase_count; 0 without purchase",
        ),
        sa.Column("currency", sa.Text(), nullable=False, comment="ISO code of the organisation's base currency"),
        sa.Column("preferred_category", sa.Text(), nullable=True, comment="Category with the highest net spend"),
        sa.Column(
            "rfm_recency",
            sa.BigInteger(),
            nullable=False,
            comment="Points for days since the last purchase, 5 is best, 0 without purchase",
        ),
        sa.Column(
            "rfm_frequency",
            sa.BigInteger(),
            nullable=False,
            comment="Points for number of purchases, 5 is best, 0 without purchase",
        ),
        sa.Column(
            "rfm_monetary",
            sa.BigInteger(),
            nullable=False,
            comment="Points for total_spent, 5 is best, 0 without purchase",
        ),
        sa.Column("segment", sa.Text(), nullable=False, comment="Segment by the three"),
        sa.Column(
            "metrics_as_of",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="Instant for which the row last changed",
        ),
        sa.Column(
            "synced_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="Start of the run that last inserted or changed the row",
        ),
        sa.PrimaryKeyConstraint("org_id", "customer_key", name="customer_metrics_pkey"),
        schema="canonical",
        comment="The derived columns of canonical.customers, for every family root: what it bought, RFM points, segment.",
    )
    op.create_index(
        "customer_metrics_segment_idx", "customer_metrics", ["org_id", "segment"], unique=False, schema="canonical"
    )
    op.create_table(
        "customer_segment_changes",
        sa.Column("org_id", sa.Text(), nullable=False, comment="Organisation, as named in connections.yaml"),
        sa.Column("customer_key", sa.Text(), nullable=False, comment="Root of the family in canonical.customers"),
        sa.Column(
            "changed_at", sa.DateTime(timezone=True), nullable=False, comment="Instant the segments were computed for"
        ),
        sa.Column("from_segment", sa.Text(), nullable=True, comment="Segment before; null the first time"),
        sa.Column("to_segment", sa.Text(), nullable=False, comment="Segment from then on"),
        sa.PrimaryKeyConstraint("org_id", "customer_key", "changed_at", name="customer_segment_changes_pkey"),
        schema="marts",
        comment="Who moved between segments and when; the first segment of a customer comes from null.",
    )
    op.create_index(
        "customer_segment_changes_changed_at_idx",
        "customer_segment_changes",
        ["org_id", "changed_at"],
        unique=False,
        schema="marts",
    )
    op.create_table(
        "customer_segments",
        sa.Column("org_id", sa.Text(), nullable=False, comment="Organisation, as named in connections.yaml"),
        sa.Column("customer_key", sa.Text(), nullable=False, comment="Root of the family in canonical.customers"),
        sa.Column(
            "source",
            sa.Text(),
            nullable=False,
            comment="Source system: odoo, alleaves, isavigne or another connector's name",
        ),
        sa.Column(
            "segment",
            sa.Text(),
            nullable=False,
            comment="vip, loyal, churned, at_risk, returning or new; first rule that fits",
        ),
        sa.Column(
            "segment_since",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="When the customer came into this segment",
        ),
        sa.Column(
            "total_spent",
            sa.Numeric(precision=18, scale=2),
            nullable=False,
            comment="As in marts.customer_spending; 0 without orders",
        ),
        sa.Column("order_count", sa.BigInteger(), nullable=False, comment="As in marts.customer_spending"),
        sa.Column(
            "last_order_date", sa.DateTime(timezone=True), nullable=True, comment="As in marts.customer_spending"
        ),
        sa.Column("loyalty_tier", sa.Text(), nullable=False, comment="Tier by the organisation's thresholds"),
        sa.Column(
            "loyalty_points",
            sa.Numeric(precision=18, scale=2),
            nullable=False,
            comment="Points of the source; 0 when it has none",
        ),
        sa.Column("currency", sa.Text(), nullable=False, comment="ISO code of the organisation's currency"),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False, comment="When its content last changed"),
        sa.PrimaryKeyConstraint("org_id", "customer_key", name="customer_segments_pkey"),
        schema="marts",
        comment="One row per customer family: segment by spending and silence, and loyalty tier.",
    )
    op.create_index(
        "customer_segments_segment_total_spent_idx",
        "customer_segments",
        ["org_id", "segment", "total_spent"],
        unique=False,
        schema="marts",
    )
    op.create_table(
        "customer_spending",
        sa.Column("org_id", sa.Text(), nullable=False, comment="Organisation, as named in connections.yaml"),
        sa.Column(
            "source",
            sa.Text(),
            nullable=False,
            comment="Source system: odoo, alleaves, isavigne or another connector's name",
        ),
        sa.Column(
            "spending_key",
            sa.Text(),
            nullable=False,
            comment="cid_<id in the source>, or the e-mail when it is nobody else's",
        ),
        sa.Column("customer_key", sa.Text(), nullable=False, comment="Root of the family in canonical.customers"),
        sa.Column("email", sa.Text(), nullable=True, comment="E-mail of the customer"),
        sa.Column(
            "total_spent",
            sa.Numeric(precision=18, scale=2),
            nullable=False,
            comment="Sum of the counted orders, refunds subtracted",
        ),
        sa.Column("order_count", sa.BigInteger(), nullable=False, comment="Counted orders with a total of at least 0"),
        sa.Column(
            "avg_order_value",
            sa.Numeric(precision=18, scale=2),
            nullable=False,
            comment="total_spent / order_count; 0 without orders",
        ),
        sa.Column("first_order_date", sa.DateTime(timezone=True), nullable=True, comment="First of these orders"),
        sa.Column("last_order_date", sa.DateTime(timezone=True), nullable=True, comment="Last of these orders"),
        sa.Column("refund_count", sa.BigInteger(), nullable=False, comment="Counted orders with a negative total"),
        sa.Column("refund_total", sa.Numeric(precision=18, scale=2), nullable=False, comment="Their sum, at most 0"),
        sa.Column(
            "excluded_count",
            sa.BigInteger(),
            nullable=False,
            comment="Orders that do not count: void, cancelled, drafts",
        ),
        sa.Column("excluded_total", sa.Numeric(precision=18, scale=2), nullable=False, comment="Their sum"),
        sa.Column(
            "gross_total",
            sa.Numeric(precision=18, scale=2),
            nullable=False,
            comment="Sum of all orders whatever their status",
        ),
        sa.Column("currency", sa.Text(), nullable=False, comment="ISO code of the organisation's currency"),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False, comment="When its content last changed"),
        sa.PrimaryKeyConstraint("org_id", "source", "spending_key", name="customer_spending_pkey"),
        schema="marts",
        comment="What each customer with orders spent, findable by the id in the source and by e-mail: both rows hold equal figures.",
    )
    op.create_index(
        "customer_spending_customer_key_idx",
        "customer_spending",
        ["org_id", "customer_key"],
        unique=False,
        schema="marts",
    )
    op.create_index(
        "customer_spending_updated_at_idx", "customer_spending", ["org_id", "updated_at"], unique=False, schema="marts"
    )
    op.create_table(
        "menu_products",
        sa.Column("org_id", sa.Text(), nullable=False, comment="Organisation, as named in connections.yaml"),
        sa.Column("location_id", sa.Text(), nullable=False, comment="Location of the store"),
        sa.Column("item_id", sa.Text(), nullable=False, comment="Item in the source"),
        sa.Column(
            "source",
            sa.Text(),
            nullable=False,
            comment="Source system: odoo, alleaves, isavigne or another connector's name",
        ),
        sa.Column("product_key", sa.Text(), nullable=False, comment="Key in canonical.product_catalog"),
        sa.Column("name", sa.Text(), nullable=False, comment="Item name"),
        sa.Column("brand", sa.Text(), nullable=True, comment="Brand"),
        sa.Column("vendor", sa.Text(), nullable=True, comment="Vendor"),
        sa.Column("category", sa.Text(), nullable=False, comment="First part of the category"),
        sa.Column("subcategory", sa.Text(), nullable=True, comment="Second part of the category"),
        sa.Column("quantity_on_hand", sa.Numeric(precision=18, scale=3), nullable=False, comment="Sum of all batches"),
        sa.Column(
            "quantity_available",
            sa.Numeric(precision=18, scale=3),
            nullable=False,
            comment="Sum of the batches that may be sold",
        ),
        sa.Column(
            "quantity_expired",
            sa.Numeric(precision=18, scale=3),
            nullable=False,
            comment="Part of quantity_on_hand that has expired",
        ),
        sa.Column("price_pretax", sa.Numeric(precision=18, scale=2), nullable=True, comment="Price before tax"),
        sa.Column(
            "price_otd", sa.Numeric(precision=18, scale=2), nullable=True, comment="Price with tax, out the door"
        ),
        sa.Column("price_basis", sa.Text(), nullable=True, comment="Price list it is from"),
        sa.Column("price_is_estimated", sa.Boolean(), nullable=False, comment="True when computed from the cost"),
        sa.Column("cost", sa.Numeric(), nullable=True, comment="Cost per unit, weighted by stock, 4 decimals"),
        sa.Column("margin_amount", sa.Numeric(precision=18, scale=2), nullable=True, comment="price_pretax - cost"),
        sa.Column(
            "margin_percent",
            sa.Numeric(precision=9, scale=2),
            nullable=True,
            comment="Margin in percent of price_pretax",
        ),
        sa.Column("thc_percent", sa.Numeric(), nullable=True, comment="THC, percent"),
        sa.Column("cbd_percent", sa.Numeric(), nullable=True, comment="CBD, percent"),
        sa.Column("strain_type", sa.Text(), nullable=True, comment="Strain type"),
        sa.Column("strain_source", sa.Text(), nullable=True, comment="Said by the source, or read from texts"),
        sa.Column("available", sa.Boolean(), nullable=False, comment="On the menu and for sale"),
        sa.Column("first_seen_at", sa.DateTime(timezone=True), nullable=False, comment="When the item was first seen"),
        sa.Column(
            "last_seen_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="When it was last listed; null while it is",
        ),
        sa.Column(
            "removed_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="When it vanished from the list; null while it is listed",
        ),
        sa.Column("currency", sa.Text(), nullable=False, comment="ISO code of the prices"),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False, comment="When its content last changed"),
        sa.PrimaryKeyConstraint("org_id", "location_id", "item_id", name="menu_products_pkey"),
        schema="marts",
        comment="A store's menu: one row per location and item, from its batches; an item that vanished stays with removed_at.",
    )
    op.create_index(
        "menu_products_product_key_idx", "menu_products", ["org_id", "product_key"], unique=False, schema="marts"
    )
    op.create_table(
        "odoo_sync_log",
        sa.Column("org_id", sa.Text(), nullable=False, comment="Organisation, as named in connections.yaml"),
        sa.Column("id", sa.Text(), nullable=False, comment="Id, sortable by time"),
        sa.Column(
            "target", sa.Text(), nullable=False, comment="Name of the target in connections.yaml, such as vendor_api"
        ),
        sa.Column(
            "push_key",
            sa.Text(),
            nullable=False,
            comment="What is pushed as one item: the SKU in mode v1, the product id in mode v2",
        ),
        sa.Column("trigger_type", sa.Text(), nullable=False, comment="What asked for the push"),
        sa.Column(
            "trigger_reason", sa.Text(), nullable=True, comment="Words of the caller, or the trigger's unknown name"
        ),
        sa.Column("order_id", sa.Text(), nullable=True, comment="Shipped order behind the push"),
        sa.Column("variant_id", sa.Text(), nullable=True, comment="Variant in the shop"),
        sa.Column("variant_sku", sa.Text(), nullable=False, comment="SKU; in mode v2 all SKUs with commas"),
        sa.Column("product_id", sa.Text(), nullable=True, comment="Product in the shop"),
        sa.Column("product_name", sa.Text(), nullable=True, comment="Name as pushed"),
        sa.Column("sales_channel_id", sa.Text(), nullable=True, comment="Linked sales channel"),
        sa.Column(
            "request_payload",
            postgresql.JSONB(none_as_null=True, astext_type=sa.Text()),
            nullable=True,
            comment="The body that was sent last, redacted",
        ),
        sa.Column(
            "response_payload",
            postgresql.JSONB(none_as_null=True, astext_type=sa.Text()),
            nullable=True,
            comment="The last answer, redacted and cut at 16 kB",
        ),
        sa.Column("status", sa.Text(), nullable=False, comment="PENDING until the attempt ends"),
        sa.Column("error_message", sa.Text(), nullable=True, comment="What went wrong in one sentence, redacted"),
        sa.Column("http_method", sa.Text(), nullable=True, comment="Method of the last call"),
        sa.Column("endpoint", sa.Text(), nullable=True, comment="Path of the last call"),
        sa.Column("status_code", sa.BigInteger(), nullable=True, comment="Status of the last answer"),
        sa.Column("duration_ms", sa.BigInteger(), nullable=True, comment="Duration of the last call"),
        sa.Column(
            "initiated_by", sa.Text(), server_default=sa.text("'system'"), nullable=False, comment="User, or system"
        ),
        sa.Column("action", sa.Text(), nullable=True, comment="create or update; read when nothing had to be written"),
        sa.Column("attempt", sa.BigInteger(), nullable=False, comment="Number of the attempt, from 1"),
        sa.Column(
            "calls",
            postgresql.JSONB(none_as_null=True, astext_type=sa.Text()),
            server_default=sa.text("'[]'"),
            nullable=False,
            comment="Every call: endpoint, status, duration_ms, code",
        ),
        sa.Column("run_id", sa.Text(), nullable=False, comment="Run that made the attempt"),
        sa.Column("idempotency_key", sa.Text(), nullable=False, comment="Hash of target, push_key and version"),
        sa.Column("payload_hash", sa.Text(), nullable=False, comment="Hash of the wanted state"),
        sa.Column("desired_version", sa.BigInteger(), nullable=False, comment="Version of the wanted state"),
        sa.Column(
            "error_class", sa.Text(), nullable=True, comment="Whether trying again can help; null without an error"
        ),
        sa.Column("error_code", sa.Text(), nullable=True, comment="Code of the error; null without one"),
        sa.Column(
            "outcome_unknown",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=False,
            comment="True when a write may have been applied",
        ),
        sa.Column(
            "coalesced",
            sa.BigInteger(),
            server_default=sa.text("0"),
            nullable=False,
            comment="Requests that this push answers",
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, comment="Begin of the attempt"),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True, comment="End of the attempt"),
        sa.PrimaryKeyConstraint("org_id", "id", name="odoo_sync_log_pkey"),
        schema="ops",
        comment="One row per attempt to push an item, begun before the first call and finished after the last.",
    )
    op.create_index(
        "odoo_sync_log_created_at_idx", "odoo_sync_log", ["org_id", "created_at"], unique=False, schema="ops"
    )
    op.create_index("odoo_sync_log_order_id_idx", "odoo_sync_log", ["org_id", "order_id"], unique=False, schema="ops")
    op.create_index(
        "odoo_sync_log_product_id_idx", "odoo_sync_log", ["org_id", "product_id"], unique=False, schema="ops"
    )
    op.create_index(
        "odoo_sync_log_sales_channel_id_idx",
        "odoo_sync_log",
        ["org_id", "sales_channel_id"],
        unique=False,
        schema="ops",
    )
    op.create_index(
        "odoo_sync_log_status_created_at_idx",
        "odoo_sync_log",
        ["org_id", "status", "created_at"],
        unique=False,
        schema="ops",
    )
    op.create_index(
        "odoo_sync_log_trigger_type_created_at_idx",
        "odoo_sync_log",
        ["org_id", "trigger_type", "created_at"],
        unique=False,
        schema="ops",
    )
    op.create_index(
        "odoo_sync_log_variant_id_idx", "odoo_sync_log", ["org_id", "variant_id"], unique=False, schema="ops"
    )
    op.create_table(
        "odoo_sync_log_archive",
        sa.Column("org_id", sa.Text(), nullable=False, comment="Organisation, as named in connections.yaml"),
        sa.Column("id", sa.Text(), nullable=False, comment="Id, sortable by time"),
        sa.Column(
            "target", sa.Text(), nullable=False, comment="Name of the target in connections.yaml, such as vendor_api"
        ),
        sa.Column(
            "push_key",
            sa.Text(),
            nullable=False,
            comment="What is pushed as one item: the SKU in mode v1, the product id in mode v2",
        ),
        sa.Column("trigger_type", sa.Text(), nullable=False, comment="What asked for the push"),
        sa.Column(
            "trigger_reason", sa.Text(), nullable=True, comment="Words of the caller, or the trigger's unknown name"
        ),
        sa.Column("order_id", sa.Text(), nullable=True, comment="Shipped order behind the push"),
        sa.Column("variant_id", sa.Text(), nullable=True, comment="Variant in the shop"),
        sa.Column("variant_sku", sa.Text(), nullable=False, comment="SKU; in mode v2 all SKUs with commas"),
        sa.Column("product_id", sa.Text(), nullable=True, comment="Product in the shop"),
        sa.Column("product_name", sa.Text(), nullable=True, comment="Name as pushed"),
        sa.Column("sales_channel_id", sa.Text(), nullable=True, comment="Linked sales channel"),
        sa.Column(
            "request_payload",
            postgresql.JSONB(none_as_null=True, astext_type=sa.Text()),
            nullable=True,
            comment="The body that was sent last, redacted",
        ),
        sa.Column(
            "response_payload",
            postgresql.JSONB(none_as_null=True, astext_type=sa.Text()),
            nullable=True,
            comment="The last answer, redacted and cut at 16 kB",
        ),
        sa.Column("status", sa.Text(), nullable=False, comment="PENDING until the attempt ends"),
        sa.Column("error_message", sa.Text(), nullable=True, comment="What went wrong in one sentence, redacted"),
        sa.Column("http_method", sa.Text(), nullable=True, comment="Method of the last call"),
        sa.Column("endpoint", sa.Text(), nullable=True, comment="Path of the last call"),
        sa.Column("status_code", sa.BigInteger(), nullable=True, comment="Status of the last answer"),
        sa.Column("duration_ms", sa.BigInteger(), nullable=True, comment="Duration of the last call"),
        sa.Column(
            "initiated_by", sa.Text(), server_default=sa.text("'system'"), nullable=False, comment="User, or system"
        ),
        sa.Column("action", sa.Text(), nullable=True, comment="create or update; read when nothing had to be written"),
        sa.Column("attempt", sa.BigInteger(), nullable=False, comment="Number of the attempt, from 1"),
        sa.Column(
            "calls",
            postgresql.JSONB(none_as_null=True, astext_type=sa.Text()),
            server_default=sa.text("'[]'"),
            nullable=False,
            comment="Every call: endpoint, status, duration_ms, code",
        ),
        sa.Column("run_id", sa.Text(), nullable=False, comment="Run that made the attempt"),
        sa.Column("idempotency_key", sa.Text(), nullable=False, comment="Hash of target, push_key and version"),
        sa.Column("payload_hash", sa.Text(), nullable=False, comment="Hash of the wanted state"),
        sa.Column("desired_version", sa.BigInteger(), nullable=False, comment="Version of the wanted state"),
        sa.Column(
            "error_class", sa.Text(), nullable=True, comment="Whether trying again can help; null without an error"
        ),
        sa.Column("error_code", sa.Text(), nullable=True, comment="Code of the error; null without one"),
        sa.Column(
            "outcome_unknown",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=False,
            comment="True when a write may have been applied",
        ),
        sa.Column(
            "coalesced",
            sa.BigInteger(),
            server_default=sa.text("0"),
            nullable=False,
            comment="Requests that this push answers",
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, comment="Begin of the attempt"),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True, comment="End of the attempt"),
        sa.PrimaryKeyConstraint("org_id", "id", name="odoo_sync_log_archive_pkey"),
        schema="ops",
        comment="Finished rows of the sync log that are older than its retention.",
    )
    op.create_index(
        "odoo_sync_log_archive_created_at_idx",
        "odoo_sync_log_archive",
        ["org_id", "created_at"],
        unique=False,
        schema="ops",
    )
    op.create_table(
        "push_events",
        sa.Column("org_id", sa.Text(), nullable=False, comment="Organisation, as named in connections.yaml"),
        sa.Column(
            "target", sa.Text(), nullable=False, comment="Name of the target in connections.yaml, such as vendor_api"
        ),
        sa.Column("kind", sa.Text(), nullable=False, comment="What happened"),
        sa.Column(
            "event_key", sa.Text(), nullable=False, comment="Order id, or variant id and hash of the wanted state"
        ),
        sa.Column("batch_id", sa.Text(), nullable=False, comment="Tick that met it"),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False, comment="When the shop last changed it"),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False, comment="When it was met"),
        sa.PrimaryKeyConstraint("org_id", "target", "kind", "event_key", name="push_events_pkey"),
        schema="ops",
        comment="Events of the shop that were turned into wanted states, each once.",
    )
    op.create_table(
        "push_limits",
        sa.Column("server", sa.Text(), nullable=False, comment="Scheme, host and port"),
        sa.Column(
            "sent_1_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("'epoch'"),
            nullable=False,
            comment="Permit number 1 from the end",
        ),
        sa.Column(
            "sent_2_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("'epoch'"),
            nullable=False,
            comment="Permit number 2 from the end",
        ),
        sa.Column(
            "sent_3_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("'epoch'"),
            nullable=False,
            comment="Permit number 3 from the end",
        ),
        sa.Column(
            "sent_4_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("'epoch'"),
            nullable=False,
            comment="Permit number 4 from the end",
        ),
        sa.Column(
            "sent_5_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("'epoch'"),
            nullable=False,
            comment="Permit number 5 from the end",
        ),
        sa.Column(
            "paused_until",
            sa.DateTime(timezone=True),
            server_default=sa.text("'epoch'"),
            nullable=False,
            comment="The server asked for a pause until then",
        ),
        sa.PrimaryKeyConstraint("server", name="push_limits_pkey"),
        schema="ops",
        comment="The last five permits to call each server, shared by all processes and organisations.",
    )
    op.create_table(
        "push_runs",
        sa.Column("org_id", sa.Text(), nullable=False, comment="Organisation, as named in connections.yaml"),
        sa.Column("run_id", sa.Text(), nullable=False, comment="Id of the run, the job id of the operator"),
        sa.Column(
            "target", sa.Text(), nullable=False, comment="Name of the target in connections.yaml, such as vendor_api"
        ),
        sa.Column("trigger_type", sa.Text(), nullable=False, comment="What asked for the push"),
        sa.Column(
            "initiated_by", sa.Text(), server_default=sa.text("'system'"), nullable=False, comment="User, or system"
        ),
        sa.Column("state", sa.Text(), nullable=False, comment="active until it ends"),
        sa.Column(
            "plan",
            postgresql.JSONB(none_as_null=True, astext_type=sa.Text()),
            nullable=True,
            comment="Numbers of the plan: create, update, unchanged, skipped",
        ),
        sa.Column("total", sa.BigInteger(), server_default=sa.text("0"), nullable=False, comment="Items planned"),
        sa.Column("done", sa.BigInteger(), server_default=sa.text("0"), nullable=False, comment="Items ended so far"),
        sa.Column(
            "result",
            postgresql.JSONB(none_as_null=True, astext_type=sa.Text()),
            nullable=True,
            comment="The run's result; null while active",
        ),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False, comment="Begin"),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True, comment="End"),
        sa.PrimaryKeyConstraint("org_id", "run_id", name="push_runs_pkey"),
        schema="ops",
        comment="One row per push run: what was planned before the first call, and how it ended.",
    )
    op.create_index(
        "push_runs_state_started_at_idx", "push_runs", ["org_id", "state", "started_at"], unique=False, schema="ops"
    )
    op.create_table(
        "push_state",
        sa.Column("org_id", sa.Text(), nullable=False, comment="Organisation, as named in connections.yaml"),
        sa.Column(
            "target", sa.Text(), nullable=False, comment="Name of the target in connections.yaml, such as vendor_api"
        ),
        sa.Column(
            "push_key",
            sa.Text(),
            nullable=False,
            comment="What is pushed as one item: the SKU in mode v1, the product id in mode v2",
        ),
        sa.Column("variant_id", sa.Text(), nullable=True, comment="Variant in the shop; null in mode v2"),
        sa.Column("product_id", sa.Text(), nullable=False, comment="Product in the shop"),
        sa.Column(
            "remote_key", sa.Text(), nullable=True, comment="default_code at the vendor, pinned by the first push"
        ),
        sa.Column("remote_id", sa.Text(), nullable=True, comment="Product id at the vendor when it told"),
        sa.Column(
            "desired_payload",
            postgresql.JSONB(none_as_null=True, astext_type=sa.Text()),
            nullable=False,
            comment="Newest wanted state",
        ),
        sa.Column(
            "desired_hash", sa.Text(), nullable=False, comment="SHA-256 of the canonical JSON of the wanted state"
        ),
        sa.Column(
            "desired_version", sa.BigInteger(), nullable=False, comment="Rises by one when the wanted state changes"
        ),
        sa.Column(
            "source_read_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="When the shop was read for the wanted state",
        ),
        sa.Column(
            "desired_at", sa.DateTime(timezone=True), nullable=False, comment="When the wanted state last changed"
        ),
        sa.Column(
            "acked_payload",
            postgresql.JSONB(none_as_null=True, astext_type=sa.Text()),
            nullable=True,
            comment="Last state the vendor confirmed",
        ),
        sa.Column("acked_hash", sa.Text(), nullable=True, comment="Hash of that state"),
        sa.Column(
            "acked_version",
            sa.BigInteger(),
            server_default=sa.text("0"),
            nullable=False,
            comment="Version of that state",
        ),
        sa.Column("acked_at", sa.DateTime(timezone=True), nullable=True, comment="When the vendor confirmed it"),
        sa.Column("status", sa.Text(), nullable=False, comment="Where the item stands"),
        sa.Column("trigger_type", sa.Text(), nullable=False, comment="What asked for the push"),
        sa.Column(
            "trigger_reason", sa.Text(), nullable=True, comment="Words of the caller, or the trigger's unknown name"
        ),
        sa.Column("order_id", sa.Text(), nullable=True, comment="Shipped order behind the push"),
        sa.Column(
            "initiated_by", sa.Text(), server_default=sa.text("'system'"), nullable=False, comment="User, or system"
        ),
        sa.Column(
            "coalesced",
            sa.BigInteger(),
            server_default=sa.text("0"),
            nullable=False,
            comment="Requests that this push answers",
        ),
        sa.Column(
            "attempts",
            sa.BigInteger(),
            server_default=sa.text("0"),
            nullable=False,
            comment="Attempts since the item began to wait",
        ),
        sa.Column("next_run_at", sa.DateTime(timezone=True), nullable=True, comment="Not before this instant"),
        sa.Column("last_error_code", sa.Text(), nullable=True, comment="Code of the last error; null after a success"),
        sa.Column("last_error_class", sa.Text(), nullable=True, comment="Class of that error"),
        sa.Column(
            "outcome_unknown",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=False,
            comment="True when a write may have been applied",
        ),
        sa.Column(
            "verify_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="When to read once more, after an unknown outcome",
        ),
        sa.Column("waiting_since_at", sa.DateTime(timezone=True), nullable=True, comment="When the item began to wait"),
        sa.Column(
            "lease_token", sa.Text(), nullable=True, comment="Attempt (id of its log row) that works on the item"
        ),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True, comment="When that attempt counts as dead"),
        sa.PrimaryKeyConstraint("org_id", "target", "push_key", name="push_state_pkey"),
        schema="ops",
        comment="What the vendor should hold of each item and what it last confirmed; the difference is what is left to push.",
    )
    op.create_index(
        "push_state_target_status_next_run_at_idx",
        "push_state",
        ["org_id", "target", "status", "next_run_at"],
        unique=False,
        schema="ops",
    )
    op.create_index(
        "push_state_target_variant_id_idx", "push_state", ["org_id", "target", "variant_id"], unique=False, schema="ops"
    )
    op.create_table(
        "push_targets",
        sa.Column("org_id", sa.Text(), nullable=False, comment="Organisation, as named in connections.yaml"),
        sa.Column(
            "target", sa.Text(), nullable=False, comment="Name of the target in connections.yaml, such as vendor_api"
        ),
        sa.Column("blocked_until", sa.DateTime(timezone=True), nullable=True, comment="No call before this instant"),
        sa.Column("blocked_reason", sa.Text(), nullable=True, comment="Why"),
        sa.Column(
            "failures_in_a_row",
            sa.BigInteger(),
            server_default=sa.text("0"),
            nullable=False,
            comment="Items that ended failed since the last success",
        ),
        sa.Column(
            "alerted_at",
            postgresql.JSONB(none_as_null=True, astext_type=sa.Text()),
            server_default=sa.text("'{}'"),
            nullable=False,
            comment="When each open alert was last raised",
        ),
        sa.Column(
            "cursors",
            postgresql.JSONB(none_as_null=True, astext_type=sa.Text()),
            server_default=sa.text("'{}'"),
            nullable=False,
            comment="Per kind of event: changed_at and id of the last one",
        ),
        sa.PrimaryKeyConstraint("org_id", "target", name="push_targets_pkey"),
        schema="ops",
        comment="State of each target of each organisation: block, failures in a row, alerts, cursors of the sensors.",
    )
    op.create_table(
        "sync_status",
        sa.Column("org_id", sa.Text(), nullable=False, comment="Organisation, as named in connections.yaml"),
        sa.Column(
            "source",
            sa.Text(),
            nullable=False,
            comment="Source system: odoo, alleaves, isavigne or another connector's name",
        ),
        sa.Column("state", sa.Text(), nullable=True, comment="How the last ended run went; null before"),
        sa.Column("last_attempt_at", sa.DateTime(timezone=True), nullable=True, comment="Start of the last ended run"),
        sa.Column(
            "last_sync_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="Start of the last run in which every step succeeded",
        ),
        sa.Column(
            "customers_synced_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="Last complete reading of the customers",
        ),
        sa.Column(
            "orders_synced_at", sa.DateTime(timezone=True), nullable=True, comment="Last complete reading of the orders"
        ),
        sa.Column(
            "products_synced_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="Last complete reading of the products",
        ),
        sa.Column(
            "spending_computed_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="Last computation of the spending",
        ),
        sa.Column(
            "history_starts_at", sa.Date(), nullable=True, comment="Earliest day whose orders were read completely"
        ),
        sa.Column("customer_count", sa.BigInteger(), nullable=True, comment="Customers held"),
        sa.Column("order_count", sa.BigInteger(), nullable=True, comment="Orders held that belong to a customer"),
        sa.Column("menu_products_count", sa.BigInteger(), nullable=True, comment="Products on the menu"),
        sa.Column("last_error", sa.Text(), nullable=True, comment="Message of the last error; null after a success"),
        sa.Column("last_error_step", sa.Text(), nullable=True, comment="Step of the last error"),
        sa.Column(
            "warnings",
            postgresql.JSONB(none_as_null=True, astext_type=sa.Text()),
            server_default=sa.text("'{}'"),
            nullable=False,
            comment="Number of findings of the last run by code",
        ),
        sa.Column("run_id", sa.Text(), nullable=True, comment="Last ended run"),
        sa.PrimaryKeyConstraint("org_id", "source", name="sync_status_pkey"),
        schema="ops",
        comment="How each source of each organisation stands: last attempt, last success, what it holds, last error.",
    )
    op.create_table(
        "table_builds",
        sa.Column("org_id", sa.Text(), nullable=False, comment="Organisation, as named in connections.yaml"),
        sa.Column("table_name", sa.Text(), nullable=False, comment="Table, such as canonical.sales_lines"),
        sa.Column(
            "inputs",
            sa.Text(),
            nullable=False,
            comment="Hash of code, settings and row versions of the tables it was computed from",
        ),
        sa.Column(
            "content",
            sa.Text(),
            nullable=False,
            comment="Row versions that it held afterwards, as <rows>:<sum of their transactions>",
        ),
        sa.Column(
            "report",
            postgresql.JSONB(none_as_null=True, astext_type=sa.Text()),
            nullable=False,
            comment="Counts that the same computation would report again",
        ),
        sa.Column("built_at", sa.DateTime(timezone=True), nullable=False, comment="Start of the run that computed it"),
        sa.PrimaryKeyConstraint("org_id", "table_name", name="table_builds_pkey"),
        schema="ops",
        comment="What each computed table was last computed from; while that and the table are the same, it is not computed again.",
    )
    op.create_table(
        "alleaves_customers",
        sa.Column("org_id", sa.Text(), nullable=False, comment="Organisation, as named in connections.yaml"),
        sa.Column("customer_id", sa.Text(), nullable=False, comment="Id of the customer"),
        sa.Column("user_id", sa.Text(), nullable=True, comment="Second id that orders may carry"),
        sa.Column("first_name", sa.Text(), nullable=True, comment="First name; null for a guest"),
        sa.Column("last_name", sa.Text(), nullable=True, comment="Last name; null for a guest"),
        sa.Column("display_name", sa.Text(), nullable=True, comment="Names joined, else the full name received"),
        sa.Column("is_guest", sa.Boolean(), nullable=False, comment="True when a name says guest"),
        sa.Column("email", sa.Text(), nullable=True, comment="Lower case; null when a placeholder, missing or invalid"),
        sa.Column("email_raw", sa.Text(), nullable=True, comment="E-mail as received"),
        sa.Column("email_status", sa.Text(), nullable=False, comment="What is known about the e-mail"),
        sa.Column("phone", sa.Text(), nullable=True, comment="Phone as typed"),
        sa.Column("phone_last10", sa.Text(), nullable=True, comment="Its last ten digits"),
        sa.Column("city", sa.Text(), nullable=True, comment="City"),
        sa.Column("state", sa.Text(), nullable=True, comment="State"),
        sa.Column("birth_date", sa.Date(), nullable=True, comment="Birth date; only with keep_birth_date"),
        sa.Column(
            "loyalty_points",
            sa.Numeric(precision=18, scale=2),
            server_default=sa.text("0"),
            nullable=False,
            comment="Loyalty points; 0 when not given",
        ),
        sa.Column(
            "external_loyalty",
            postgresql.JSONB(none_as_null=True, astext_type=sa.Text()),
            nullable=True,
            comment="Codes of external loyalty programmes",
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=True, comment="Creation at the source"),
        sa.Column(
            "reported_totals",
            postgresql.JSONB(none_as_null=True, astext_type=sa.Text()),
            nullable=True,
            comment="Totals as the source reports them; for comparison only",
        ),
        sa.Column(
            "payload",
            postgresql.JSONB(none_as_null=True, astext_type=sa.Text()),
            nullable=True,
            comment="Row as received, without secrets and birth dates",
        ),
        sa.Column(
            "last_seen_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="When the customer was last listed; null while the latest complete list has it",
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
        sa.PrimaryKeyConstraint("org_id", "customer_id", name="alleaves_customers_pkey"),
        schema="raw",
        comment="Customers of the account; one that a later list leaves out stays.",
    )
    op.create_index(
        "alleaves_customers_email_idx", "alleaves_customers", ["org_id", "email"], unique=False, schema="raw"
    )
    op.create_table(
        "alleaves_inventory",
        sa.Column("org_id", sa.Text(), nullable=False, comment="Organisation, as named in connections.yaml"),
        sa.Column("location_id", sa.Text(), nullable=False, comment="Location the row belongs to"),
        sa.Column("item_id", sa.Text(), nullable=False, comment="Item"),
        sa.Column("batch_id", sa.Text(), nullable=False, comment="Batch; - when not given"),
        sa.Column("area_id", sa.Text(), nullable=False, comment="Area; - when not given"),
        sa.Column("name", sa.Text(), nullable=True, comment="Item name"),
        sa.Column("batch", sa.Text(), nullable=True, comment="Batch name"),
        sa.Column("package_label", sa.Text(), nullable=True, comment="Metrc package label"),
        sa.Column("area", sa.Text(), nullable=True, comment="Area name"),
        sa.Column("area_type", sa.Text(), nullable=True, comment="Kind of area"),
        sa.Column("brand", sa.Text(), nullable=True, comment="Brand"),
        sa.Column("vendor", sa.Text(), nullable=True, comment="Vendor"),
        sa.Column("category", sa.Text(), nullable=True, comment="First part of the category path"),
        sa.Column("subcategory", sa.Text(), nullable=True, comment="Second part of the category path"),
        sa.Column(
            "price_retail_adult",
            sa.Numeric(precision=18, scale=2),
            nullable=True,
            comment="Price before tax, adult use; null when not set",
        ),
        sa.Column(
            "price_retail_medical",
            sa.Numeric(precision=18, scale=2),
            nullable=True,
            comment="Price before tax, medical use; null when not set",
        ),
        sa.Column(
            "price_retail_generic",
            sa.Numeric(precision=18, scale=2),
            nullable=True,
            comment="Price before tax, general; null when not set",
        ),
        sa.Column(
            "price_otd_adult",
            sa.Numeric(precision=18, scale=2),
            nullable=True,
            comment="Price with tax, adult use; null when not set",
        ),
        sa.Column(
            "price_otd_medical",
            sa.Numeric(precision=18, scale=2),
            nullable=True,
            comment="Price with tax, medical use; null when not set",
        ),
        sa.Column(
            "price_otd_generic",
            sa.Numeric(precision=18, scale=2),
            nullable=True,
            comment="Price with tax, general; null when not set",
        ),
        sa.Column("cost", sa.Numeric(), nullable=True, comment="Cost per unit, 4 decimals; null when unknown"),
        sa.Column("cost_source", sa.Text(), nullable=True, comment="item or batch"),
        sa.Column("quantity_on_hand", sa.Numeric(precision=18, scale=3), nullable=True, comment="On hand"),
        sa.Column(
            "quantity_available", sa.Numeric(precision=18, scale=3), nullable=True, comment="On hand and not reserved"
        ),
        sa.Column("thc_percent", sa.Numeric(), nullable=True, comment="THC, percent"),
        sa.Column("cbd_percent", sa.Numeric(), nullable=True, comment="CBD, percent"),
        sa.Column("strain", sa.Text(), nullable=True, comment="Strain as given"),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=True, comment="When the batch was received"),
        sa.Column("expires_on", sa.Date(), nullable=True, comment="Expiry date"),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=True, comment="Last change at the source"),
        sa.Column("is_cannabis", sa.Boolean(), nullable=True, comment="Cannabis product"),
        sa.Column("is_adult_use", sa.Boolean(), nullable=True, comment="For adult use"),
        sa.Column("is_product", sa.Boolean(), nullable=True, comment="A product for sale"),
        sa.Column("qc_hold", sa.Boolean(), nullable=True, comment="Held by quality control"),
        sa.Column("deleted", sa.Boolean(), nullable=True, comment="Deleted at the source"),
        sa.Column("has_inventory", sa.Boolean(), nullable=True, comment="Has inventory"),
        sa.Column("is_available", sa.Boolean(), nullable=True, comment="Sale flag of the documented dialect"),
        sa.Column(
            "payload",
            postgresql.JSONB(none_as_null=True, astext_type=sa.Text()),
            nullable=True,
            comment="Row as received, without secrets and birth dates",
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
        sa.PrimaryKeyConstraint(
            "org_id", "location_id", "item_id", "batch_id", "area_id", name="alleaves_inventory_pkey"
        ),
        schema="raw",
        comment="Stock of a location by item, batch and area; the rows of a location are replaced as a set.",
    )
    op.create_table(
        "alleaves_locations",
        sa.Column("org_id", sa.Text(), nullable=False, comment="Organisation, as named in connections.yaml"),
        sa.Column("location_id", sa.Text(), nullable=False, comment="Id of the location"),
        sa.Column("reference", sa.Text(), nullable=True, comment="Reference of the location"),
        sa.Column("location", sa.Text(), nullable=True, comment="Name"),
        sa.Column("legal_name", sa.Text(), nullable=True, comment="Legal name"),
        sa.Column("license", sa.Text(), nullable=True, comment="Licence number"),
        sa.Column("address", sa.Text(), nullable=True, comment="Street and number"),
        sa.Column("city", sa.Text(), nullable=True, comment="City"),
        sa.Column("state", sa.Text(), nullable=True, comment="State"),
        sa.Column("postal_code", sa.Text(), nullable=True, comment="Postal code"),
        sa.Column("country", sa.Text(), nullable=True, comment="Country as received"),
        sa.Column("phone", sa.Text(), nullable=True, comment="Phone of the shop"),
        sa.Column("timezone", sa.Text(), nullable=True, comment="Time zone, IANA name"),
        sa.Column("retail", sa.Boolean(), nullable=True, comment="Sells in the shop"),
        sa.Column("pickup", sa.Boolean(), nullable=True, comment="Offers pickup"),
        sa.Column("delivery", sa.Boolean(), nullable=True, comment="Delivers"),
        sa.Column("curbside", sa.Boolean(), nullable=True, comment="Hands over at the kerb"),
        sa.Column("kiosk", sa.Boolean(), nullable=True, comment="Has a kiosk"),
        sa.Column("drive_through", sa.Boolean(), nullable=True, comment="Has a drive-through"),
        sa.Column("local_tax_percentage", sa.Numeric(), nullable=True, comment="Local tax, percent"),
        sa.Column("active", sa.Boolean(), nullable=True, comment="Active at the source"),
        sa.Column("is_adult_use", sa.Boolean(), nullable=True, comment="Sells for adult use"),
        sa.Column("is_medical_use", sa.Boolean(), nullable=True, comment="Sells for medical use"),
        sa.Column("is_metrc", sa.Boolean(), nullable=True, comment="Reports to Metrc"),
        sa.Column("date_created", sa.DateTime(timezone=True), nullable=True, comment="Creation at the source"),
        sa.Column("date_updated", sa.DateTime(timezone=True), nullable=True, comment="Last change at the source"),
        sa.Column(
            "areas",
            postgresql.JSONB(none_as_null=True, astext_type=sa.Text()),
            nullable=True,
            comment="Areas: id_area, id_parent, name, path, deleted, returnable",
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
        sa.PrimaryKeyConstraint("org_id", "location_id", name="alleaves_locations_pkey"),
        schema="raw",
        comment="Locations of the account: the white-listed columns only, since the received object carries secrets.",
    )
    op.create_table(
        "alleaves_order_lines",
        sa.Column("org_id", sa.Text(), nullable=False, comment="Organisation, as named in connections.yaml"),
        sa.Column("order_id", sa.Text(), nullable=False, comment="Order of the line"),
        sa.Column("line_no", sa.BigInteger(), nullable=False, comment="Position in the order, from 1"),
        sa.Column("line_id", sa.Text(), nullable=True, comment="Id of the line"),
        sa.Column("inventory_item_id", sa.Text(), nullable=True, comment="Item, when the line names it as such"),
        sa.Column("item_id", sa.Text(), nullable=True, comment="Item or line id; an item only when its name agrees"),
        sa.Column("product_name", sa.Text(), nullable=True, comment="Product as named on the line"),
        sa.Column("category", sa.Text(), nullable=True, comment="Category as named on the line"),
        sa.Column("quantity", sa.Numeric(precision=18, scale=3), nullable=True, comment="Quantity"),
        sa.Column("unit_price", sa.Numeric(precision=18, scale=2), nullable=True, comment="Price per unit"),
        sa.Column("line_total", sa.Numeric(precision=18, scale=2), nullable=True, comment="Total of the line"),
        sa.Column(
            "fetched_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="When this row was last inserted or changed",
        ),
        sa.Column("run_id", sa.Text(), nullable=False, comment="Run that last inserted or changed this row"),
        sa.PrimaryKeyConstraint("org_id", "order_id", "line_no", name="alleaves_order_lines_pkey"),
        schema="raw",
        comment="Lines of the orders; the lines of an order are replaced as a set.",
    )
    op.create_table(
        "alleaves_orders",
        sa.Column("org_id", sa.Text(), nullable=False, comment="Organisation, as named in connections.yaml"),
        sa.Column("order_id", sa.Text(), nullable=False, comment="Id of the order"),
        sa.Column("external_id", sa.Text(), nullable=True, comment="Id in another system"),
        sa.Column("location_id", sa.Text(), nullable=True, comment="Location that sold"),
        sa.Column("customer_ref", sa.Text(), nullable=True, comment="Customer id as written on the order"),
        sa.Column("user_ref", sa.Text(), nullable=True, comment="Second customer id as written on the order"),
        sa.Column(
            "email", sa.Text(), nullable=True, comment="E-mail, lower case; null when a placeholder, missing or invalid"
        ),
        sa.Column("phone", sa.Text(), nullable=True, comment="Phone as typed"),
        sa.Column("customer_name", sa.Text(), nullable=True, comment="Name as given"),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=True, comment="Time of the order"),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=True, comment="Last change at the source"),
        sa.Column("status", sa.Text(), nullable=False, comment="Status by flags, then by word"),
        sa.Column("status_raw", sa.Text(), nullable=True, comment="Status word as received"),
        sa.Column("status_id", sa.Text(), nullable=True, comment="Status id as received"),
        sa.Column("void_reason", sa.Text(), nullable=True, comment="Reason of a void"),
        sa.Column("paid_in_full", sa.Boolean(), nullable=True, comment="Paid in full"),
        sa.Column("currency", sa.Text(), nullable=False, comment="ISO code, by setting"),
        sa.Column("type", sa.Text(), nullable=True, comment="Kind of sale"),
        sa.Column("subtotal", sa.Numeric(precision=18, scale=2), nullable=True, comment="Before tax and discount"),
        sa.Column("tax", sa.Numeric(precision=18, scale=2), nullable=True, comment="Tax"),
        sa.Column("discount", sa.Numeric(precision=18, scale=2), nullable=True, comment="Discount"),
        sa.Column("delivery_fee", sa.Numeric(precision=18, scale=2), nullable=True, comment="Delivery fee"),
        sa.Column(
            "loyalty_discount",
            sa.Numeric(precision=18, scale=2),
            nullable=True,
            comment="Discount paid with loyalty points",
        ),
        sa.Column(
            "total",
            sa.Numeric(precision=18, scale=2),
            nullable=True,
            comment="After discount, with tax; null when not given",
        ),
        sa.Column(
            "payload",
            postgresql.JSONB(none_as_null=True, astext_type=sa.Text()),
            nullable=True,
            comment="Row as received, without secrets and birth dates",
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
        sa.PrimaryKeyConstraint("org_id", "order_id", name="alleaves_orders_pkey"),
        schema="raw",
        comment="Every order received, matched to a customer or not; orders accumulate and are never deleted.",
    )
    op.create_index(
        "alleaves_orders_created_at_idx", "alleaves_orders", ["org_id", "created_at"], unique=False, schema="raw"
    )
    op.create_table(
        "isavigne_clients",
        sa.Column("org_id", sa.Text(), nullable=False, comment="Organisation, as named in connections.yaml"),
        sa.Column("file_hash", sa.Text(), nullable=False, comment="SHA-256 of the bytes of the file"),
        sa.Column(
            "row_number",
            sa.BigInteger(),
            nullable=False,
            comment="Line of the file on which the row begins, the first line is 1",
        ),
        sa.Column(
            "effective_date",
            sa.Date(),
            nullable=False,
            comment="Date in the file name, else the day of its last change",
        ),
        sa.Column(
            "record_key", sa.Text(), nullable=False, comment="Key of the record; several rows may carry the same"
        ),
        sa.Column("client_code", sa.Text(), nullable=False, comment="Code of the client"),
        sa.Column("display_name", sa.Text(), nullable=True, comment="Name as given"),
        sa.Column("first_name", sa.Text(), nullable=True, comment="First name"),
        sa.Column("last_name", sa.Text(), nullable=True, comment="Last name, or the whole name of a company"),
        sa.Column("is_company", sa.Boolean(), nullable=False, comment="True when the name says so"),
        sa.Column("email", sa.Text(), nullable=True, comment="Lower case; null unless valid"),
        sa.Column("email_status", sa.Text(), nullable=False, comment="What is known about the e-mail"),
        sa.Column("phone", sa.Text(), nullable=True, comment="Phone, E.164"),
        sa.Column("mobile", sa.Text(), nullable=True, comment="Mobile phone, E.164"),
        sa.Column("zip_code", sa.Text(), nullable=True, comment="Postal code"),
        sa.Column("city", sa.Text(), nullable=True, comment="City"),
        sa.Column("country", sa.Text(), nullable=True, comment="ISO 3166-1 code, FR when blank; null when unknown"),
        sa.Column("email_opt_out", sa.Boolean(), nullable=False, comment="Wants no e-mail"),
        sa.Column("sms_opt_out", sa.Boolean(), nullable=False, comment="Wants no text messages"),
        sa.Column("phone_opt_out", sa.Boolean(), nullable=False, comment="Wants no calls"),
        sa.Column(
            "cells",
            postgresql.JSONB(none_as_null=True, astext_type=sa.Text()),
            nullable=False,
            comment="Cells as received, by column name",
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
        sa.PrimaryKeyConstraint("org_id", "file_hash", "row_number", name="isavigne_clients_pkey"),
        schema="raw",
        comment="Rows of client files.",
    )
    op.create_index(
        "isavigne_clients_record_key_idx", "isavigne_clients", ["org_id", "record_key"], unique=False, schema="raw"
    )
    op.create_table(
        "isavigne_contacts",
        sa.Column("org_id", sa.Text(), nullable=False, comment="Organisation, as named in connections.yaml"),
        sa.Column("file_hash", sa.Text(), nullable=False, comment="SHA-256 of the bytes of the file"),
        sa.Column(
            "row_number",
            sa.BigInteger(),
            nullable=False,
            comment="Line of the file on which the row begins, the first line is 1",
        ),
        sa.Column(
            "effective_date",
            sa.Date(),
            nullable=False,
            comment="Date in the file name, else the day of its last change",
        ),
        sa.Column(
            "record_key", sa.Text(), nullable=False, comment="Key of the record; several rows may carry the same"
        ),
        sa.Column("client_code", sa.Text(), nullable=False, comment="Code of the client"),
        sa.Column("date_contact", sa.DateTime(timezone=True), nullable=False, comment="When it happened"),
        sa.Column("campaign", sa.Text(), nullable=True, comment="Campaign"),
        sa.Column("channel", sa.Text(), nullable=False, comment="Channel; direct when not given"),
        sa.Column("status", sa.Text(), nullable=False, comment="What happened"),
        sa.Column("subject", sa.Text(), nullable=True, comment="Subject"),
        sa.Column("product_key_suggested", sa.Text(), nullable=True, comment="Product that was proposed"),
        sa.Column("response_details", sa.Text(), nullable=True, comment="Answer of the client"),
        sa.Column(
            "cells",
            postgresql.JSONB(none_as_null=True, astext_type=sa.Text()),
            nullable=False,
            comment="Cells as received, by column name",
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
        sa.PrimaryKeyConstraint("org_id", "file_hash", "row_number", name="isavigne_contacts_pkey"),
        schema="raw",
        comment="Rows of contact files: one event of one contact.",
    )
    op.create_index(
        "isavigne_contacts_record_key_idx", "isavigne_contacts", ["org_id", "record_key"], unique=False, schema="raw"
    )
    op.create_table(
        "isavigne_files",
        sa.Column("org_id", sa.Text(), nullable=False, comment="Organisation, as named in connections.yaml"),
        sa.Column("kind", sa.Text(), nullable=False, comment="What the file holds"),
        sa.Column("file_hash", sa.Text(), nullable=False, comment="SHA-256 of the bytes of the file"),
        sa.Column("name", sa.Text(), nullable=False, comment="File name when it was last read"),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False, comment="Size in bytes"),
        sa.Column("modified_at", sa.DateTime(timezone=True), nullable=False, comment="Last change of the file"),
        sa.Column(
            "effective_date",
            sa.Date(),
            nullable=False,
            comment="Date in the file name, else the day of its last change",
        ),
        sa.Column(
            "encoding", sa.Text(), nullable=True, comment="Encoding used; null for a workbook or an undecodable file"
        ),
        sa.Column("delimiter", sa.Text(), nullable=True, comment="Delimiter used; null for a workbook"),
        sa.Column("header_row", sa.BigInteger(), nullable=True, comment="Row of the header, the first line is 1"),
        sa.Column("dialect", sa.Text(), nullable=True, comment="Dialect of the column names, where they say it"),
        sa.Column(
            "unknown_columns",
            postgresql.ARRAY(sa.Text()),
            nullable=False,
            comment="Columns of the header that are not read",
        ),
        sa.Column("rows", sa.BigInteger(), nullable=False, comment="Rows below the header that are not blank"),
        sa.Column(
            "accepted",
            sa.BigInteger(),
            nullable=False,
            comment="Rows that could be read; they are landed unless the file failed",
        ),
        sa.Column("rejected", sa.BigInteger(), nullable=False, comment="Rows that could not be read"),
        sa.Column(
            "skipped",
            sa.BigInteger(),
            nullable=False,
            comment="Rows left out on purpose; rows = accepted + rejected + skipped",
        ),
        sa.Column(
            "counts",
            postgresql.JSONB(none_as_null=True, astext_type=sa.Text()),
            nullable=False,
            comment="Rows by code of what is only counted",
        ),
        sa.Column("warnings", sa.BigInteger(), nullable=False, comment="Findings that did not stop a row"),
        sa.Column("status", sa.Text(), nullable=False, comment="How the reading ended"),
        sa.Column("code", sa.Text(), nullable=True, comment="Why it failed or is empty"),
        sa.Column("message", sa.Text(), nullable=True, comment="One sentence about the code"),
        sa.Column("processed_at", sa.DateTime(timezone=True), nullable=False, comment="When it was last read"),
        sa.Column("run_id", sa.Text(), nullable=False, comment="Run that last inserted or changed this row"),
        sa.PrimaryKeyConstraint("org_id", "kind", "file_hash", name="isavigne_files_pkey"),
        schema="raw",
        comment="One row per file of an export folder and kind: what it was, how it was read, and how that ended.",
    )
    op.create_table(
        "isavigne_produits",
        sa.Column("org_id", sa.Text(), nullable=False, comment="Organisation, as named in connections.yaml"),
        sa.Column("file_hash", sa.Text(), nullable=False, comment="SHA-256 of the bytes of the file"),
        sa.Column(
            "row_number",
            sa.BigInteger(),
            nullable=False,
            comment="Line of the file on which the row begins, the first line is 1",
        ),
        sa.Column(
            "effective_date",
            sa.Date(),
            nullable=False,
            comment="Date in the file name, else the day of its last change",
        ),
        sa.Column(
            "record_key", sa.Text(), nullable=False, comment="Key of the record; several rows may carry the same"
        ),
        sa.Column("product_key", sa.Text(), nullable=False, comment="Code of the product, the merchant's SKU"),
        sa.Column("name", sa.Text(), nullable=False, comment="Name; the code when blank"),
        sa.Column("list_price", sa.Numeric(precision=18, scale=2), nullable=True, comment="Sale price with tax"),
        sa.Column(
            "list_price_untaxed", sa.Numeric(precision=18, scale=2), nullable=True, comment="Sale price without tax"
        ),
        sa.Column(
            "cost_price",
            sa.Numeric(precision=18, scale=2),
            nullable=True,
            comment="Purchase cost without tax; null when 0",
        ),
        sa.Column(
            "source_category", sa.Text(), nullable=True, comment="Colour, else families and category, as received"
        ),
        sa.Column("grape_varieties", postgresql.ARRAY(sa.Text()), nullable=False, comment="Grapes in the order given"),
        sa.Column("vintage", sa.BigInteger(), nullable=True, comment="Year; null without vintage"),
        sa.Column("region", sa.Text(), nullable=True, comment="Region or appellation"),
        sa.Column("format", sa.Text(), nullable=True, comment="Content of one unit, as written"),
        sa.Column("active", sa.Boolean(), nullable=True, comment="False when the file says so"),
        sa.Column(
            "cells",
            postgresql.JSONB(none_as_null=True, astext_type=sa.Text()),
            nullable=False,
            comment="Cells as received, by column name",
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
        sa.PrimaryKeyConstraint("org_id", "file_hash", "row_number", name="isavigne_produits_pkey"),
        schema="raw",
        comment="Rows of product files.",
    )
    op.create_index(
        "isavigne_produits_record_key_idx", "isavigne_produits", ["org_id", "record_key"], unique=False, schema="raw"
    )
    op.create_table(
        "isavigne_stock",
        sa.Column("org_id", sa.Text(), nullable=False, comment="Organisation, as named in connections.yaml"),
        sa.Column("file_hash", sa.Text(), nullable=False, comment="SHA-256 of the bytes of the file"),
        sa.Column(
            "row_number",
            sa.BigInteger(),
            nullable=False,
            comment="Line of the file on which the row begins, the first line is 1",
        ),
        sa.Column(
            "effective_date",
            sa.Date(),
            nullable=False,
            comment="Date in the file name, else the day of its last change",
        ),
        sa.Column(
            "record_key", sa.Text(), nullable=False, comment="Key of the record; several rows may carry the same"
        ),
        sa.Column("product_key", sa.Text(), nullable=False, comment="Code of the product"),
        sa.Column("depot", sa.Text(), nullable=False, comment="Depot as written; Principal when blank"),
        sa.Column("warehouse", sa.Text(), nullable=False, comment="Depot as part of a key: upper case, no accents"),
        sa.Column("quantity", sa.Numeric(precision=18, scale=3), nullable=False, comment="Quantity; 0 is a value"),
        sa.Column("unit_label", sa.Text(), nullable=True, comment="Unit as written"),
        sa.Column(
            "reserved_qty", sa.Numeric(precision=18, scale=3), nullable=False, comment="Reserved; 0 when not given"
        ),
        sa.Column(
            "counted_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="Date in the row, else the effective date of the file",
        ),
        sa.Column(
            "cells",
            postgresql.JSONB(none_as_null=True, astext_type=sa.Text()),
            nullable=False,
            comment="Cells as received, by column name",
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
        sa.PrimaryKeyConstraint("org_id", "file_hash", "row_number", name="isavigne_stock_pkey"),
        schema="raw",
        comment="Rows of stock files: one product in one depot at one time.",
    )
    op.create_index(
        "isavigne_stock_record_key_idx", "isavigne_stock", ["org_id", "record_key"], unique=False, schema="raw"
    )
    op.create_table(
        "isavigne_ventes",
        sa.Column("org_id", sa.Text(), nullable=False, comment="Organisation, as named in connections.yaml"),
        sa.Column("file_hash", sa.Text(), nullable=False, comment="SHA-256 of the bytes of the file"),
        sa.Column(
            "row_number",
            sa.BigInteger(),
            nullable=False,
            comment="Line of the file on which the row begins, the first line is 1",
        ),
        sa.Column(
            "effective_date",
            sa.Date(),
            nullable=False,
            comment="Date in the file name, else the day of its last change",
        ),
        sa.Column(
            "record_key", sa.Text(), nullable=False, comment="Key of the record; several rows may carry the same"
        ),
        sa.Column("client_code", sa.Text(), nullable=True, comment="Code of the client; null for an anonymous sale"),
        sa.Column("product_key", sa.Text(), nullable=True, comment="Code of the product"),
        sa.Column("product_label", sa.Text(), nullable=True, comment="Name of the product"),
        sa.Column(
            "date_sale",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="Date of the document; midnight in the organisation's time zone without a time",
        ),
        sa.Column(
            "quantity",
            sa.Numeric(precision=18, scale=3),
            nullable=False,
            comment="Quantity as sold, negative for a return",
        ),
        sa.Column("unit_label", sa.Text(), nullable=True, comment="Unit as written"),
        sa.Column(
            "price_unit",
            sa.Numeric(precision=18, scale=2),
            nullable=True,
            comment="Price per sold unit with tax, after discount",
        ),
        sa.Column(
            "price_unit_untaxed",
            sa.Numeric(precision=18, scale=2),
            nullable=True,
            comment="Price per sold unit without tax, after discount",
        ),
        sa.Column("price_total", sa.Numeric(precision=18, scale=2), nullable=True, comment="Total with tax, signed"),
        sa.Column(
            "price_total_untaxed", sa.Numeric(precision=18, scale=2), nullable=True, comment="Total without tax, signed"
        ),
        sa.Column("vat_rate", sa.Numeric(precision=9, scale=2), nullable=True, comment="VAT rate of the row, percent"),
        sa.Column("document_type", sa.Text(), nullable=False, comment="Kind of document"),
        sa.Column("document_no", sa.Text(), nullable=True, comment="Number of the document"),
        sa.Column("line_no", sa.Text(), nullable=True, comment="Number of the line"),
        sa.Column("channel", sa.Text(), nullable=True, comment="Channel as written"),
        sa.Column(
            "cells",
            postgresql.JSONB(none_as_null=True, astext_type=sa.Text()),
            nullable=False,
            comment="Cells as received, by column name",
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
        sa.PrimaryKeyConstraint("org_id", "file_hash", "row_number", name="isavigne_ventes_pkey"),
        schema="raw",
        comment="Rows of sales files that are sales; the key of the record is the sale_line_key.",
    )
    op.create_index(
        "isavigne_ventes_record_key_idx", "isavigne_ventes", ["org_id", "record_key"], unique=False, schema="raw"
    )
    op.add_column(
        "customers",
        sa.Column(
            "loyalty_points",
            sa.Numeric(precision=18, scale=2),
            nullable=True,
            comment="Loyalty points in the source; null when it has none",
        ),
        schema="canonical",
    )
    op.add_column(
        "product_catalog",
        sa.Column(
            "grape_varieties",
            postgresql.ARRAY(sa.Text()),
            server_default=sa.text("'{}'"),
            nullable=False,
            comment="Grapes in the order given; empty when unknown",
        ),
        schema="canonical",
    )
    op.add_column(
        "product_catalog",
        sa.Column(
            "flavors",
            postgresql.ARRAY(sa.Text()),
            server_default=sa.text("'{}'"),
            nullable=False,
            comment="Flavours; empty when unknown",
        ),
        schema="canonical",
    )
    op.add_column(
        "product_catalog",
        sa.Column("region", sa.Text(), nullable=True, comment="Region or appellation"),
        schema="canonical",
    )
    op.add_column(
        "product_catalog",
        sa.Column(
            "volume_cl",
            sa.Numeric(precision=9, scale=2),
            nullable=True,
            comment="Content of one unit in cl; null = unknown",
        ),
        schema="canonical",
    )
    op.add_column(
        "product_catalog",
        sa.Column(
            "alcohol_percent",
            sa.Numeric(precision=9, scale=2),
            nullable=True,
            comment="Alcohol in percent of the volume",
        ),
        schema="canonical",
    )
    op.add_column(
        "product_catalog",
        sa.Column("total_acidity", sa.Numeric(precision=9, scale=2), nullable=True, comment="Total acidity in g/L"),
        schema="canonical",
    )
    op.add_column(
        "product_catalog",
        sa.Column("residual_sugar", sa.Numeric(precision=9, scale=2), nullable=True, comment="Residual sugar in g/L"),
        schema="canonical",
    )
    op.add_column("product_catalog", sa.Column("body", sa.Text(), nullable=True, comment="Body"), schema="canonical")
    op.add_column(
        "product_catalog", sa.Column("tannins", sa.Text(), nullable=True, comment="Tannins"), schema="canonical"
    )
    op.alter_column(
        "product_catalog",
        "vintage",
        existing_type=sa.BIGINT(),
        comment="Year of a wine",
        existing_comment="Year in the name of a wine",
        existing_nullable=True,
        schema="canonical",
    )
    op.drop_index(op.f("product_catalog_source_source_id_idx"), table_name="product_catalog", schema="canonical")
    op.add_column(
        "sales_lines",
        sa.Column(
            "quantity_bottles_75cl_eq",
            sa.Numeric(precision=18, scale=3),
            nullable=True,
            comment="Quantity in bottles of 75 cl; null = unknown or not wine",
        ),
        schema="canonical",
    )
    op.add_column("sales_lines", sa.Column("notes", sa.Text(), nullable=True, comment="Free text"), schema="canonical")
    op.drop_index(op.f("sales_lines_order_id_idx"), table_name="sales_lines", schema="canonical")
    op.drop_index(op.f("sales_lines_source_source_id_idx"), table_name="sales_lines", schema="canonical")
    op.add_column(
        "sales_orders",
        sa.Column(
            "match_method", sa.Text(), nullable=True, comment="How the customer was found, for sources that match"
        ),
        schema="canonical",
    )
    op.drop_index(op.f("sales_orders_customer_key_idx"), table_name="sales_orders", schema="canonical")
    op.drop_index(op.f("sales_orders_ordered_at_idx"), table_name="sales_orders", schema="canonical")
    op.drop_index(op.f("sales_orders_source_source_id_idx"), table_name="sales_orders", schema="canonical")
    op.create_index(
        "sales_orders_customer_key_ordered_at_idx",
        "sales_orders",
        ["org_id", "customer_key", "ordered_at"],
        unique=False,
        schema="canonical",
    )
    op.add_column(
        "stock_levels",
        sa.Column(
            "quantity_bottles_75cl_eq",
            sa.Numeric(precision=18, scale=3),
            nullable=True,
            comment="Quantity in bottles of 75 cl; null = unknown or not wine",
        ),
        schema="canonical",
    )
    op.drop_index(op.f("stock_levels_source_source_id_idx"), table_name="stock_levels", schema="canonical")
