"""The tables of the push to the vendor API: wanted and acknowledged states, the sync log, runs, events, limits.

No table that is read from a source or computed for analysis belongs here.
"""

from __future__ import annotations

from sync_assets.tables.ops import ORG
from sync_assets.tables.spec import Column, Table

TRIGGERS = (
    "MANUAL_FULL",
    "MANUAL_SINGLE",
    "ORDER_SHIPPED",
    "ORDER_CREATED",
    "ORDER_CANCELLED",
    "INVENTORY_ADJUSTMENT",
    "INVENTORY_ADJUSTMENT_MANUAL",
    "INVENTORY_ADJUSTMENT_API",
    "PRICE_UPDATE",
    "PRODUCT_CREATED",
    "PRODUCT_UPDATED",
    "SCHEDULED_SYNC",
    "TEST_CONNECTION",
    "TEST",
    "OTHER",
)
PUSH_STATUSES = ("waiting", "active", "completed", "failed", "delayed", "excluded")
LOG_STATUSES = ("SUCCESS", "FAILED", "PENDING")
RUN_STATES = ("active", "completed", "incomplete", "failed")
EVENT_KINDS = ("order_shipped", "inventory_adjusted")
ERROR_CLASSES = ("permanent", "retryable", "fatal")

TARGET = Column("target", "text", "Name of the target in connections.yaml, such as vendor_api")
PUSH_KEY = Column("push_key", "text", "What is pushed as one item: the SKU in mode v1, the product id in mode v2")
TRIGGER_TYPE = Column("trigger_type", "text", "What asked for the push", allowed=TRIGGERS)
TRIGGER_REASON = Column("trigger_reason", "text", "Words of the caller, or the trigger's unknown name", nullable=True)
ORDER_ID = Column("order_id", "text", "Shipped order behind the push", nullable=True)
INITIATED_BY = Column("initiated_by", "text", "User, or system", default="'system'")
COALESCED = Column("coalesced", "integer", "Requests that this push answers", default="0")
ERROR_CODE = Column("error_code", "text", "Code of the error; null without one", nullable=True)
ERROR_CLASS = Column(
    "error_class", "text", "Whether trying again can help; null without an error", nullable=True, allowed=ERROR_CLASSES
)

PUSH_STATE = Table(
    "ops",
    "push_state",
    "What the vendor should hold of each item and what it last confirmed; the difference is what is left to push.",
    ("org_id", "target", "push_key"),
    (
        ORG,
        TARGET,
        PUSH_KEY,
        Column("variant_id", "text", "Variant in the shop; null in mode v2", nullable=True),
        Column("product_id", "text", "Product in the shop"),
        Column("remote_key", "text", "default_code at the vendor, pinned by the first push", nullable=True),
        Column("remote_id", "text", "Product id at the vendor when it told", nullable=True),
        Column("desired_payload", "json", "Newest wanted state"),
        Column("desired_hash", "text", "SHA-256 of the canonical JSON of the wanted state"),
        Column("desired_version", "integer", "Rises by one when the wanted state changes", minimum=1),
        Column("source_read_at", "timestamp", "When the shop was read for the wanted state"),
        Column("desired_at", "timestamp", "When the wanted state last changed"),
        Column("acked_payload", "json", "Last state the vendor confirmed", nullable=True),
        Column("acked_hash", "text", "Hash of that state", nullable=True),
        Column("acked_version", "integer", "Version of that state", default="0"),
        Column("acked_at", "timestamp", "When the vendor confirmed it", nullable=True),
        Column("status", "text", "Where the item stands", allowed=PUSH_STATUSES),
        TRIGGER_TYPE,
        TRIGGER_REASON,
        ORDER_ID,
        INITIATED_BY,
        COALESCED,
        Column("attempts", "integer", "Attempts since the item began to wait", default="0"),
        Column("next_run_at", "timestamp", "Not before this instant", nullable=True),
        Column("last_error_code", "text", "Code of the last error; null after a success", nullable=True),
        Column("last_error_class", "text", "Class of that error", nullable=True, allowed=ERROR_CLASSES),
        Column("outcome_unknown", "boolean", "True when a write may have been applied", default="false"),
        Column("verify_at", "timestamp", "When to read once more, after an unknown outcome", nullable=True),
        Column("waiting_since_at", "timestamp", "When the item began to wait", nullable=True),
        Column("lease_token", "text", "Attempt (id of its log row) that works on the item", nullable=True),
        Column("lease_until", "timestamp", "When that attempt counts as dead", nullable=True),
    ),
    indexes=(("org_id", "target", "status", "next_run_at"), ("org_id", "target", "variant_id")),
)

LOG_COLUMNS = (
    ORG,
    Column("id", "text", "Id, sortable by time"),
    TARGET,
    PUSH_KEY,
    TRIGGER_TYPE,
    TRIGGER_REASON,
    ORDER_ID,
    Column("variant_id", "text", "Variant in the shop", nullable=True),
    Column("variant_sku", "text", "SKU; in mode v2 all SKUs with commas"),
    Column("product_id", "text", "Product in the shop", nullable=True),
    Column("product_name", "text", "Name as pushed", nullable=True),
    Column("sales_channel_id", "text", "Linked sales channel", nullable=True),
    Column("request_payload", "json", "The body that was sent last, redacted", nullable=True),
    Column("response_payload", "json", "The last answer, redacted and cut at 16 kB", nullable=True),
    Column("status", "text", "PENDING until the attempt ends", allowed=LOG_STATUSES),
    Column("error_message", "text", "What went wrong in one sentence, redacted", nullable=True),
    Column("http_method", "text", "Method of the last call", nullable=True),
    Column("endpoint", "text", "Path of the last call", nullable=True),
    Column("status_code", "integer", "Status of the last answer", nullable=True),
    Column("duration_ms", "integer", "Duration of the last call", nullable=True),
    INITIATED_BY,
    Column("action", "text", "create or update; read when nothing had to be written", nullable=True),
    Column("attempt", "integer", "Number of the attempt, from 1", minimum=1),
    Column("calls", "json", "Every call: endpoint, status, duration_ms, code", default="'[]'"),
    Column("run_id", "text", "Run that made the attempt"),
    Column("idempotency_key", "text", "Hash of target, push_key and version"),
    Column("payload_hash", "text", "Hash of the wanted state"),
    Column("desired_version", "integer", "Version of the wanted state"),
    ERROR_CLASS,
    ERROR_CODE,
    Column("outcome_unknown", "boolean", "True when a write may have been applied", default="false"),
    COALESCED,
    Column("created_at", "timestamp", "Begin of the attempt"),
    Column("finished_at", "timestamp", "End of the attempt", nullable=True),
)

ODOO_SYNC_LOG = Table(
    "ops",
    "odoo_sync_log",
    "One row per attempt to push an item, begun before the first call and finished after the last.",
    ("org_id", "id"),
    LOG_COLUMNS,
    indexes=(
        ("org_id", "created_at"),
        ("org_id", "status", "created_at"),
        ("org_id", "trigger_type", "created_at"),
        ("org_id", "variant_id"),
        ("org_id", "product_id"),
        ("org_id", "order_id"),
        ("org_id", "sales_channel_id"),
    ),
)

ODOO_SYNC_LOG_ARCHIVE = Table(
    "ops",
    "odoo_sync_log_archive",
    "Finished rows of the sync log that are older than its retention.",
    ("org_id", "id"),
    LOG_COLUMNS,
    indexes=(("org_id", "created_at"),),
)

PUSH_RUNS = Table(
    "ops",
    "push_runs",
    "One row per push run: what was planned before the first call, and how it ended.",
    ("org_id", "run_id"),
    (
        ORG,
        Column("run_id", "text", "Id of the run, the job id of the operator"),
        TARGET,
        TRIGGER_TYPE,
        INITIATED_BY,
        Column("state", "text", "active until it ends", allowed=RUN_STATES),
        Column("plan", "json", "Numbers of the plan: create, update, unchanged, skipped", nullable=True),
        Column("total", "integer", "Items planned", default="0"),
        Column("done", "integer", "Items ended so far", default="0"),
        Column("result", "json", "The run's result; null while active", nullable=True),
        Column("started_at", "timestamp", "Begin"),
        Column("finished_at", "timestamp", "End", nullable=True),
    ),
    indexes=(("org_id", "state", "started_at"),),
)

PUSH_EVENTS = Table(
    "ops",
    "push_events",
    "Events of the shop that were turned into wanted states, each once.",
    ("org_id", "target", "kind", "event_key"),
    (
        ORG,
        TARGET,
        Column("kind", "text", "What happened", allowed=EVENT_KINDS),
        Column("event_key", "text", "Order id, or variant id and hash of the wanted state"),
        Column("batch_id", "text", "Tick that met it"),
        Column("changed_at", "timestamp", "When the shop last changed it"),
        Column("seen_at", "timestamp", "When it was met"),
    ),
)

PUSH_TARGETS = Table(
    "ops",
    "push_targets",
    "State of each target of each organisation: block, failures in a row, alerts, cursors of the sensors.",
    ("org_id", "target"),
    (
        ORG,
        TARGET,
        Column("blocked_until", "timestamp", "No call before this instant", nullable=True),
        Column("blocked_reason", "text", "Why", nullable=True),
        Column("failures_in_a_row", "integer", "Items that ended failed since the last success", default="0"),
        Column("alerted_at", "json", "When each open alert was last raised", default="'{}'"),
        Column("cursors", "json", "Per kind of event: changed_at and id of the last one", default="'{}'"),
    ),
)

PUSH_LIMITS = Table(
    "ops",
    "push_limits",
    "The five places of each server, one per call and second, shared by all processes and organisations.",
    ("server",),
    (
        Column("server", "text", "Scheme, host and port"),
        *(
            Column(
                f"sent_{n}_at",
                "timestamp",
                f"When the last call of place {n} arrived, or at the latest will have",
                default="'epoch'",
            )
            for n in range(1, 6)
        ),
        Column("paused_until", "timestamp", "The server asked for a pause until then", default="'epoch'"),
    ),
)

TABLES = (PUSH_STATE, ODOO_SYNC_LOG, ODOO_SYNC_LOG_ARCHIVE, PUSH_RUNS, PUSH_EVENTS, PUSH_TARGETS, PUSH_LIMITS)
