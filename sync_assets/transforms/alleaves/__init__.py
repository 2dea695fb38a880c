"""Alleaves' raw tables as canonical frames and as the store's menu: what a customer, order, line or batch means here.

Rules that hold for other sources too do not belong here. Alleaves specification; canonical specification, section 5.2.
"""

from sync_assets.transforms.alleaves.customers import map_customers
from sync_assets.transforms.alleaves.lines import count_links, map_lines
from sync_assets.transforms.alleaves.mapping import MAPPING, pos_rules
from sync_assets.transforms.alleaves.matching import match_orders
from sync_assets.transforms.alleaves.menu import MappedMenu, build_menu
from sync_assets.transforms.alleaves.orders import map_orders, sum_unmatched
from sync_assets.transforms.alleaves.products import map_products
from sync_assets.transforms.alleaves.raw import USUAL_RULES, AlleavesRaw, PosRules, store_country, store_today
from sync_assets.transforms.alleaves.removal import decide_removal
from sync_assets.transforms.alleaves.stock import map_stock

__all__ = [
    "MAPPING",
    "USUAL_RULES",
    "AlleavesRaw",
    "MappedMenu",
    "PosRules",
    "build_menu",
    "count_links",
    "decide_removal",
    "map_customers",
    "map_lines",
    "map_orders",
    "map_products",
    "map_stock",
    "match_orders",
    "pos_rules",
    "store_country",
    "store_today",
    "sum_unmatched",
]
