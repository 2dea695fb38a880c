"""Reading Odoo 14 and newer: `OdooClient` speaks to the server, a `Stream` says what is read, pages carry the rows.

Windows, cursors and writing to the warehouse do not belong here.
"""

from sync_assets.sources.odoo.check_connection import (
    PART_OF_ORDERS,
    Check,
    ConnectionReport,
    sees_all_orders,
    test_connection,
)
from sync_assets.sources.odoo.client import OdooClient
from sync_assets.sources.odoo.decoding import decode
from sync_assets.sources.odoo.fields import OdooField
from sync_assets.sources.odoo.pages import Page, RawPage, fetch_pages, read_pages, read_records, window_domain
from sync_assets.sources.odoo.streams import STREAMS, FieldPlan, Note, Stream, plan_fields
from sync_assets.sources.odoo.totals import MonthTotal
from sync_assets.sources.odoo.versions import ServerVersion

__all__ = [
    "PART_OF_ORDERS",
    "STREAMS",
    "Check",
    "ConnectionReport",
    "FieldPlan",
    "MonthTotal",
    "Note",
    "OdooClient",
    "OdooField",
    "Page",
    "RawPage",
    "ServerVersion",
    "Stream",
    "decode",
    "fetch_pages",
    "plan_fields",
    "read_pages",
    "read_records",
    "sees_all_orders",
    "test_connection",
    "window_domain",
]
