"""Odoo quants as canonical stock levels: one row per product and internal location.

What is on its way or with suppliers and customers does not belong here.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from sync_assets.connections import Org
from sync_assets.tables.canonical import PRODUCT_CATALOG, STOCK_LEVELS
from sync_assets.transforms.columns import clean, is_true, look_up, to_arrow, to_frame
from sync_assets.transforms.mapped import Finding, Mapped, report
from sync_assets.transforms.money import ZERO, fit
from sync_assets.transforms.odoo.bottles import CATALOGUE_COLUMNS, count_odoo_bottles
from sync_assets.transforms.odoo.raw import SOURCE, OdooRaw, look_up_own_units, look_up_unit_labels, registered_keys

ENTITY = "stock.quant"


def map_stock(
    raw: OdooRaw, org: Org, product_keys: pd.DataFrame, catalogue: pd.DataFrame | None = None, *, synced_at: datetime
) -> Mapped:
    """Stock in internal locations, summed over lots, packages and owners; `product_keys` is the whole registry.

    `catalogue` is canonical.product_catalog with CATALOGUE_COLUMNS; without it nothing is counted in bottles.
    """
    quants, locations, known = to_arrow(raw.quants), to_arrow(raw.locations), registered_keys(product_keys)
    keys = look_up(quants["product_id"].cast(pa.string()), known["source_id"], known["product_key"])
    usage = look_up(quants["location_id"], locations["id"], locations["usage"])
    is_internal = is_true(pc.equal(usage, "internal"))
    findings = _refuse(quants, pc.and_(is_internal, pc.is_null(keys)))
    levels = _add_up(quants.filter(pc.and_(is_internal, pc.is_valid(keys))))
    levels, reasons, more_findings = _sort_out(levels)
    product, location = levels["product_id"].cast(pa.string()), levels["location_id"].cast(pa.string())
    source_ids = pc.binary_join_element_wise(product, location, "-")
    product_key = look_up(product, known["source_id"], known["product_key"])
    unit_label = look_up_unit_labels(raw, look_up_own_units(raw, levels["product_id"]))
    described = to_arrow(PRODUCT_CATALOG.empty() if catalogue is None else catalogue)
    volume, region, is_wine = (
        look_up(product_key, described["product_key"], described[name]) for name in CATALOGUE_COLUMNS[1:]
    )
    _, equivalents = count_odoo_bottles(levels["quantity"], unit_label, volume, region, is_wine, org.bottles)
    columns = {
        "org_id": org.org_id,
        "stock_key": pc.binary_join_element_wise(f"{SOURCE}-STOCK", source_ids, "-"),
        "source": SOURCE,
        "source_id": source_ids,
        "product_key": product_key,
        "warehouse": look_up(levels["location_id"], *_name_warehouses(raw)),
        "quantity_units": levels["quantity"],
        "unit_label": unit_label,
        "quantity_bottles_75cl_eq": equivalents,
        "reserved_qty": levels["reserved"],
        "available_qty": levels["available"],
        "last_count_date": levels["changed_at"],
        "synced_at": synced_at,
    }
    skipped = {"not_internal": pc.sum(pc.invert(is_internal)).as_py() or 0, **reasons}
    rejected = quants.num_rows - levels.num_rows - sum(skipped.values())
    findings += more_findings
    return Mapped(to_frame(STOCK_LEVELS, levels.num_rows, columns), findings, skipped, rejected)


def _refuse(quants: pa.Table, where: Any) -> list[Finding]:
    message = "The quant's product is not in the product table; it is not loaded."
    return report(
        ENTITY, quants["id"], where, "unknown_product", message, column="product_id", values=quants["product_id"]
    )


def _add_up(quants: pa.Table) -> pa.Table:
    """Sums by product and location, the number of quants in each, and when the latest of them changed."""
    zero = pa.scalar(Decimal(0), quants["quantity"].type)
    changed_at = pc.coalesce(quants["write_date"], quants["in_date"])
    rows = pa.table(
        {
            "product_id": quants["product_id"],
            "location_id": quants["location_id"],
            "quantity": pc.fill_null(quants["quantity"], zero),
            "reserved": pc.fill_null(quants["reserved_quantity"], zero),
            "changed_at": changed_at,
        }
    )
    sums = rows.group_by(["product_id", "location_id"]).aggregate(
        [("quantity", "sum"), ("reserved", "sum"), ("changed_at", "max"), ([], "count_all")]
    )
    names = {"quantity_sum": "quantity", "reserved_sum": "reserved", "changed_at_max": "changed_at"}
    sums = sums.rename_columns({**names, "count_all": "quants"})
    return sums.sort_by([("product_id", "ascending"), ("location_id", "ascending")])


def _sort_out(sums: pa.Table) -> tuple[pa.Table, dict[str, int], list[Finding]]:
    """The levels that are not 0, how many quants went into others or into 0, and what is odd about the levels."""
    quantity, reserved = fit(sums["quantity"], "quantity"), fit(sums["reserved"], "quantity")
    available = fit(pc.subtract(quantity, reserved), "quantity")
    is_fit = pc.is_valid(available)
    is_zero = is_true(pc.equal(quantity, ZERO))
    is_level = pc.and_(is_fit, pc.invert(is_zero))
    levels = pa.table(
        {
            "product_id": sums["product_id"],
            "location_id": sums["location_id"],
            "quantity": quantity,
            "reserved": reserved,
            "available": available,
            "changed_at": sums["changed_at"],
            "quants": sums["quants"],
        }
    ).filter(is_level)
    keys = pc.binary_join_element_wise(sums["product_id"].cast(pa.string()), sums["location_id"].cast(pa.string()), "-")

    def found(where: Any, code: str, column: str, message: str) -> list[Finding]:
        return report(ENTITY, keys, is_true(where), code, message, column=column, values=sums[column])

    is_over = pc.and_(pc.greater(reserved, ZERO), pc.less(available, ZERO))
    findings = [
        *found(pc.invert(is_fit), "bad_number", "quantity", "The stock is too large a number; it is not loaded."),
        *found(pc.less(quantity, ZERO), "negative_stock", "quantity", "The stock is below 0; it is kept."),
        *found(pc.and_(is_level, is_over), "over_reserved", "reserved", "More is reserved than there is; it is kept."),
    ]
    counts = {
        "zero_quantity": pc.sum(sums["quants"].filter(pc.and_(is_fit, is_zero))).as_py() or 0,
        "merged": (pc.sum(levels["quants"]).as_py() or 0) - levels.num_rows,
    }
    return levels, counts, findings


def _name_warehouses(raw: OdooRaw) -> tuple[pa.Array, pa.Array]:
    """Location ids, and the warehouse above each; a location that is in none goes by its own path."""
    warehouses = {row["view_location_id"]: row["name"] for row in to_arrow(raw.warehouses).to_pylist()}
    locations = {row["id"]: row for row in to_arrow(raw.locations).to_pylist()}
    names = []
    for location_id, location in locations.items():
        place, seen = location_id, set()
        while place in locations and place not in warehouses and place not in seen:
            seen.add(place)
            place = locations[place]["location_id"]
        own_name = location["complete_name"] or location["name"] or f"{SOURCE}-{location_id}"
        names.append(warehouses.get(place) or own_name if place is not None else own_name)
    return pa.array(locations, pa.int64()), clean(pa.array(names, pa.string()))
