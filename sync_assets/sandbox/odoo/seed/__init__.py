"""The records a sandbox starts with: the base of every database, and the demo organisation with its daily orders.

How records are kept and read does not belong here.
"""

from sync_assets.sandbox.odoo.seed.base import load_base
from sync_assets.sandbox.odoo.seed.demo import Demo

__all__ = ["Demo", "load_base"]
