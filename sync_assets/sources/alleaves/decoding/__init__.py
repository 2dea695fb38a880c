"""Rows as Alleaves sends them into typed rows of the raw tables, whatever the dialect, with the issues found.

Pure functions: nothing here opens a connection, reads a clock or knows the warehouse.
"""

from sync_assets.sources.alleaves.decoding.customers import customer_id, decode_customer
from sync_assets.sources.alleaves.decoding.inventory import decode_inventory_row, inventory_key
from sync_assets.sources.alleaves.decoding.locations import decode_location, location_id, store_timezone
from sync_assets.sources.alleaves.decoding.orders import decode_order, order_id
from sync_assets.sources.alleaves.decoding.rows import Issue, Row, Rules

__all__ = [
    "Issue",
    "Row",
    "Rules",
    "customer_id",
    "decode_customer",
    "decode_inventory_row",
    "decode_location",
    "decode_order",
    "inventory_key",
    "location_id",
    "order_id",
    "store_timezone",
]
