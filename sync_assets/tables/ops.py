"""The tables in which the project keeps books about itself: runs, cursors, stream states, rejects, schema, product keys.

No table about customers, orders or products belongs here.
"""

from __future__ import annotations

from sync_assets.tables.spec import Column, Table

ORG = Column("org_id", "text", "Organisation, as named in connections.yaml")
SOURCE = Column("source", "text", "Source system: odoo, alleaves, isavigne or another connector's name")

RUN_STATUSES = ("running", "ok", "partial", "failed", "already_running", "interrupted")
STREAM_STATUSES = ("ok", "failed", "not_installed")
SEVERITIES = ("info", "warning", "error", "fatal")

SYNC_RUNS = Table(
    "ops",
    "sync_runs",
    "One row per organisation and run: what was asked, what happened, and the truth about how it ended.",
    ("org_id", "run_id"),
    (
        ORG,
        Column("run_id", "text", "Dagster run id"),
        Column("job", "text", "Name of the Dagster job"),
        Column("status", "text", "running until it ends; interrupted when its process died", allowed=RUN_STATUSES),
        Column("is_dry_run", "boolean", "True when nothing but this row was written", default="false"),
        Column("started_at", "timestamp", "Start of the run"),
        Column("finished_at", "timestamp", "End of the run; null while running or when interrupted", nullable=True),
        Column("duration_seconds", "ratio", "Seconds from start to end", nullable=True),
        Column("extracted", "integer", "Rows received from the sources", default="0"),
        Column("created", "integer", "Avatars created", default="0"),
        Column("updated", "integer", "Avatars updated", default="0"),
        Column("unchanged", "integer", "Avatars found unchanged", default="0"),
        Column("skipped", "integer", "Families without counted order and without avatar", default="0"),
        Column("rejected", "integer", "Rows written to ops.rejected_rows", default="0"),
        Column("errors", "json", "List of {step, code, message}", default="'[]'"),
        Column("warnings", "json", "List of {step, code, message}", default="'[]'"),
        Column(
            "counts", "json", "Per table: extracted, inserted, updated, deleted, unchanged, rejected", default="'{}'"
        ),
        Column("result", "json", "The avatar result object of the run", nullable=True),
    ),
    indexes=(("org_id", "started_at"),),
)

SYNC_CURSORS = Table(
    "ops",
    "sync_cursors",
    "Where the incremental reading of a stream stands; written in the same transaction as the page it covers.",
    ("org_id", "source", "stream", "shard"),
    (
        ORG,
        SOURCE,
        Column("stream", "text", "Name of the stream, such as sale_orders"),
        Column("shard", "integer", "Number of the id range during a first load, else 0", minimum=0),
        Column("lo", "timestamp", "End of the last finished window; null before the first", nullable=True),
        Column("hi", "timestamp", "End of the unfinished window; null when none is open", nullable=True),
        Column("last_id", "integer", "Highest id read in the open window", default="0"),
        Column("end_id", "integer", "Highest id of the shard's range; null: no end", nullable=True),
        Column("page_size", "integer", "Rows asked for per page", default="1000"),
        Column("updated_at", "timestamp", "When this row was last written"),
    ),
)

SYNC_STREAMS = Table(
    "ops",
    "sync_streams",
    "State of each stream of each organisation: last success, last error, rows held.",
    ("org_id", "source", "stream"),
    (
        ORG,
        SOURCE,
        Column("stream", "text", "Name of the stream, such as sale_orders"),
        Column("status", "text", "How the last attempt ended", allowed=STREAM_STATUSES),
        Column("attempted_at", "timestamp", "When the last attempt ended"),
        Column("succeeded_at", "timestamp", "When the last successful attempt ended", nullable=True),
        Column("rows_held", "integer", "Living rows in the raw table after the last success", nullable=True),
        Column("server_version", "text", "Version the source reported", nullable=True),
        Column("error_code", "text", "Code of the last error; null after a success", nullable=True),
        Column("error", "text", "Message of the last error; null after a success", nullable=True),
    ),
)

SYNC_STATES = ("success", "partial", "failed")

SYNC_STATUS = Table(
    "ops",
    "sync_status",
    "How each source of each organisation stands: last attempt, last success, what it holds, last error.",
    ("org_id", "source"),
    (
        ORG,
        SOURCE,
        Column("state", "text", "How the last ended run went; null before", nullable=True, allowed=SYNC_STATES),
        Column("last_attempt_at", "timestamp", "Start of the last ended run", nullable=True),
        Column("last_sync_at", "timestamp", "Start of the last run in which every step succeeded", nullable=True),
        Column("customers_synced_at", "timestamp", "Last complete reading of the customers", nullable=True),
        Column("orders_synced_at", "timestamp", "Last complete reading of the orders", nullable=True),
        Column("products_synced_at", "timestamp", "Last complete reading of the products", nullable=True),
        Column("spending_computed_at", "timestamp", "Last computation of the spending", nullable=True),
        Column("history_starts_at", "date", "Earliest day whose orders were read completely", nullable=True),
        Column("customer_count", "integer", "Customers held", nullable=True),
        Column("order_count", "integer", "Orders held that belong to a customer", nullable=True),
        Column("menu_products_count", "integer", "Products on the menu", nullable=True),
        Column("last_error", "text", "Message of the last error; null after a success", nullable=True),
        Column("last_error_step", "text", "Step of the last error", nullable=True),
        Column("warnings", "json", "Number of findings of the last run by code", default="'{}'"),
        Column("run_id", "text", "Last ended run", nullable=True),
    ),
)

REJECTED_ROWS = Table(
    "ops",
    "rejected_rows",
    "Rows and values that could not be understood, with where they came from and why; nothing is dropped silently.",
    ("org_id", "reject_id"),
    (
        ORG,
        Column("reject_id", "text", "Hash of source, file or entity, row or record, column and code"),
        SOURCE,
        Column("run_id", "text", "Latest run that met it"),
        Column("entity", "text", "Stream or kind of file, for Odoo the model"),
        Column("record_key", "text", "Natural key of the record when readable", nullable=True),
        Column("file", "text", "File name", nullable=True),
        Column("file_hash", "text", "SHA-256 of the file", nullable=True),
        Column("row_number", "integer", "Row in the file, the first line is 1", nullable=True),
        Column("column_name", "text", "First offending column", nullable=True),
        Column("raw_value", "text", "Value as received, cut at 500 characters", nullable=True),
        Column("code", "text", "Stable word for the reason"),
        Column("severity", "text", "info, warning, error (row not loaded), fatal (file refused)", allowed=SEVERITIES),
        Column("message", "text", "One sentence that says what is wrong"),
        Column("first_seen", "timestamp", "When it was first met", written="on_insert"),
        Column("last_seen", "timestamp", "When it was last met", written="always"),
        Column("resolved_at", "timestamp", "When it was resolved; null while open", nullable=True),
        Column("resolution", "text", "replayed, superseded or dismissed", nullable=True),
    ),
    indexes=(("org_id", "source", "code"),),
)

ODOO_FIELDS = Table(
    "ops",
    "odoo_fields",
    "Field list of each Odoo model as last seen; a difference between two runs is schema drift.",
    ("org_id", "model", "field"),
    (
        ORG,
        Column("model", "text", "Odoo model"),
        Column("field", "text", "Field name"),
        Column("type", "text", "Odoo field type"),
        Column("is_stored", "boolean", "False for computed fields"),
        Column("relation", "text", "Model it points at", nullable=True),
        Column("is_required", "boolean", "Required by the model"),
        Column("seen_at", "timestamp", "When this description was last new or changed", written="on_change"),
        Column("run_id", "text", "Run that first saw this description", written="on_change"),
    ),
)

PRODUCT_KEYS = Table(
    "ops",
    "product_keys",
    "Registry of product keys: assigned once per source record and never changed.",
    ("org_id", "source", "source_id"),
    (
        ORG,
        SOURCE,
        Column("source_id", "text", "Id in the source"),
        Column("product_key", "text", "Key in canonical.product_catalog"),
        Column("assigned_at", "timestamp", "When it was assigned", written="on_insert"),
    ),
    indexes=(("org_id", "product_key"),),
)

TABLES = (SYNC_RUNS, SYNC_CURSORS, SYNC_STREAMS, SYNC_STATUS, REJECTED_ROWS, ODOO_FIELDS, PRODUCT_KEYS)
