"""The raw tables: what each source sent, one module per source.

A new source adds its module here; columns in the project's own terms do not belong here.
"""

from sync_assets.tables.raw import alleaves, isavigne, odoo
from sync_assets.tables.raw.alleaves import *  # noqa: F403
from sync_assets.tables.raw.isavigne import *  # noqa: F403
from sync_assets.tables.raw.odoo import *  # noqa: F403

TABLES = (*odoo.TABLES, *alleaves.TABLES, *isavigne.TABLES)
