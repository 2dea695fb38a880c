"""The vendor API of a trading partner's Odoo: its three calls, and what its answers mean.

What is pushed, retried and logged does not belong here; see `sync_assets/push`.
"""

from sync_assets.targets.vendor_api.answers import Verdict, classify, decide, envelope_error, quantity_of
from sync_assets.targets.vendor_api.client import Call, TargetPaused, VendorClient
from sync_assets.targets.vendor_api.redaction import cut, redact

__all__ = [
    "Call",
    "TargetPaused",
    "VendorClient",
    "Verdict",
    "classify",
    "cut",
    "decide",
    "envelope_error",
    "quantity_of",
    "redact",
]
