"""The raw tables: what each source sent, one module per source.

A new source adds its module here; columns in the project's own terms do not belong here.
"""

from sync_assets.tables.raw.alleaves import *  # noqa: F403
from sync_assets.tables.raw.isavigne import *  # noqa: F403
from sync_assets.tables.raw.odoo import *  # noqa: F403
from sync_assets.tables.spec import Table

TABLES: tuple[Table, ...] = (*ODOO_TABLES, *ALLEAVES_TABLES, *ISAVIGNE_TABLES)  # noqa: F405
