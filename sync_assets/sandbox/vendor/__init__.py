"""A stand-in for a trading partner's Odoo with its vendor API, on loopback, with invented products and faults.

Sending to the vendor API does not belong here; that is `targets/vendor_api`.
"""

from sync_assets.sandbox.vendor.faults import KINDS, MIX, Fault, shared_out
from sync_assets.sandbox.vendor.products import Change, Product, Products, Variant
from sync_assets.sandbox.vendor.server import VendorSandbox, busiest_second, start_vendor

__all__ = [
    "KINDS",
    "MIX",
    "Change",
    "Fault",
    "Product",
    "Products",
    "Variant",
    "VendorSandbox",
    "busiest_second",
    "shared_out",
    "start_vendor",
]
