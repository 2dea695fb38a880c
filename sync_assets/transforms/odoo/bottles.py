"""Odoo quantities in bottles of 75 cl: by the product's own unit, and where that says nothing by the unit's name.

Converting between units of measure does not belong here; see `transforms/units.py`.
"""

from __future__ import annotations

from typing import Any

import pyarrow.compute as pc

from sync_assets.connections import BottleSettings
from sync_assets.transforms.bottles import convert_to_bottles, count_bottles
from sync_assets.transforms.columns import is_true, only_if

# What is read of canonical.product_catalog: the key, and what `count_odoo_bottles` needs of a product.
CATALOGUE_COLUMNS = ("product_key", "volume_cl", "region", "is_wine")


def count_odoo_bottles(
    own_quantity: Any,
    own_label: Any,
    volume: Any,
    region: Any,
    is_wine: Any,
    settings: BottleSettings,
    *,
    sold: Any = None,
    sold_label: Any = None,
) -> tuple[Any, Any]:
    """Quantities in the products' own units, and in bottles of 75 cl; null for what is not wine.

    The own unit may hold several bottles (a dozen) or be a volume (a litre); one that says nothing is one piece. Where
    the own quantity is unknown, the name of the unit as sold decides both.
    """
    if not pc.any(is_true(is_wine)).as_py():
        return own_quantity, only_if(is_wine, own_quantity)
    by_own = count_bottles(own_quantity, own_label, volume, region, is_wine, settings)
    equivalents = by_own.equivalents
    if by_own.code.null_count < len(by_own.code):
        equivalents = pc.coalesce(equivalents, convert_to_bottles(own_quantity, volume, is_wine))
    if sold is not None and own_quantity.null_count:
        by_name = count_bottles(sold, sold_label, volume, region, is_wine, settings)
        own_quantity = pc.coalesce(own_quantity, only_if(is_wine, by_name.product_units))
        equivalents = pc.coalesce(equivalents, by_name.equivalents)
    return own_quantity, equivalents
