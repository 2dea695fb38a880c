"""iSaVigne: from the raw rows of many deliveries to the ones that stand, and from those to the canonical tables.

Reading files does not belong here; that is in `sources/isavigne`.
"""

from sync_assets.transforms.isavigne.contacts import map_contacts
from sync_assets.transforms.isavigne.customers import map_customers
from sync_assets.transforms.isavigne.lines import client_codes, map_lines
from sync_assets.transforms.isavigne.mapping import MAPPING
from sync_assets.transforms.isavigne.orders import map_orders
from sync_assets.transforms.isavigne.products import map_products
from sync_assets.transforms.isavigne.sales import Known, Sold, prepare_known, resolve_sales
from sync_assets.transforms.isavigne.standing import Standing, find_standing
from sync_assets.transforms.isavigne.stock import map_stock

__all__ = [
    "MAPPING",
    "Known",
    "Sold",
    "Standing",
    "client_codes",
    "find_standing",
    "map_contacts",
    "map_customers",
    "map_lines",
    "map_orders",
    "map_products",
    "map_stock",
    "prepare_known",
    "resolve_sales",
]
