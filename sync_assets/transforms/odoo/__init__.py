"""Odoo's raw tables as canonical frames: what a partner, product, order, line or quant means to the project.

Rules that hold for other sources too do not belong here. Canonical specification, section 5.1.
"""

from sync_assets.transforms.families import resolve_roots
from sync_assets.transforms.odoo.customers import map_customers
from sync_assets.transforms.odoo.lines import LINE_COLUMNS, LineLookups, map_lines, prepare_line_lookups
from sync_assets.transforms.odoo.mapping import MAPPING
from sync_assets.transforms.odoo.orders import map_orders
from sync_assets.transforms.odoo.products import map_products
from sync_assets.transforms.odoo.raw import OdooRaw, company_currency
from sync_assets.transforms.odoo.stock import map_stock

__all__ = [
    "LINE_COLUMNS",
    "MAPPING",
    "LineLookups",
    "OdooRaw",
    "company_currency",
    "map_customers",
    "map_lines",
    "map_orders",
    "map_products",
    "map_stock",
    "prepare_line_lookups",
    "resolve_roots",
]
