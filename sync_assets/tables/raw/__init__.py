"""The raw tables: what each source sent, one module per source.

A further source adds a module with its `TABLES`; columns in the project's own terms do not belong here.
"""

import pkgutil
from importlib import import_module

from sync_assets.tables.raw.alleaves import *  # noqa: F403
from sync_assets.tables.raw.isavigne import *  # noqa: F403
from sync_assets.tables.raw.odoo import *  # noqa: F403
from sync_assets.tables.spec import Table

_modules = [import_module(f"{__name__}.{found.name}") for found in pkgutil.iter_modules(__path__)]  # noqa: F405
_further = [table for module in _modules for table in getattr(module, "TABLES", ())]
TABLES: tuple[Table, ...] = (*ODOO_TABLES, *ALLEAVES_TABLES, *ISAVIGNE_TABLES, *_further)  # noqa: F405
