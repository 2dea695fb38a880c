"""PostgreSQL: the only place that writes SQL. What a row means does not belong here."""

from sync_assets.warehouse.builds import Build
from sync_assets.warehouse.difference import Changes, ShrinkGuard
from sync_assets.warehouse.warehouse import Warehouse

__all__ = ["Build", "Changes", "ShrinkGuard", "Warehouse"]
