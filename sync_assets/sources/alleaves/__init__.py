"""Reading the point of sale Alleaves, both dialects: `AlleavesClient` brings the lists, `decoding` makes typed rows of them.

Windows, matching, guards and writing to the warehouse do not belong here.
"""

from sync_assets.sources.alleaves.check_connection import test_connection
from sync_assets.sources.alleaves.client import AlleavesClient, Note, open_client
from sync_assets.sources.alleaves.decoding import (
    Issue,
    Rules,
    decode_customer,
    decode_inventory_row,
    decode_location,
    decode_order,
    store_timezone,
)
from sync_assets.sources.checks import Check, ConnectionReport

__all__ = [
    "AlleavesClient",
    "Check",
    "ConnectionReport",
    "Issue",
    "Note",
    "Rules",
    "decode_customer",
    "decode_inventory_row",
    "decode_location",
    "decode_order",
    "open_client",
    "store_timezone",
    "test_connection",
]
