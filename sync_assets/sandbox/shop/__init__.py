"""A small invented shop in a PostgreSQL database of its own, whose orders are shipped and whose stock changes on demand.

It is the only part of the sandbox that writes SQL, and only into that database; reading a shop is `sources/shop`.
"""

from sync_assets.sandbox.shop.changes import (
    Shipped,
    adjust_inventory,
    available,
    place_order,
    set_values,
    ship,
    ship_order,
)
from sync_assets.sandbox.shop.creating import create_shop, shop_url
from sync_assets.sandbox.shop.life import live, one_step
from sync_assets.sandbox.shop.oddities import ODD_AVAILABLE

__all__ = [
    "ODD_AVAILABLE",
    "Shipped",
    "adjust_inventory",
    "available",
    "create_shop",
    "live",
    "one_step",
    "place_order",
    "set_values",
    "ship",
    "ship_order",
    "shop_url",
]
