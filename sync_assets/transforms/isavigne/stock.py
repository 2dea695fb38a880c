"""Rows of iSaVigne stock files as canonical stock levels: per product and depot the newest count.

Reading quantities and depots does not belong here; the reader did it. Canonical specification, sections 1.5 and 3.5.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from sync_assets.connections import Org
from sync_assets.tables.canonical import STOCK_LEVELS
from sync_assets.tables.spec import ARROW
from sync_assets.transforms.bottles import count_bottles
from sync_assets.transforms.columns import is_true, look_up, to_arrow, to_frame
from sync_assets.transforms.isavigne.lines import report_units
from sync_assets.transforms.isavigne.raw import SOURCE, about_list, deliveries, last_list, report_rows
from sync_assets.transforms.isavigne.sales import Known
from sync_assets.transforms.isavigne.standing import find_standing
from sync_assets.transforms.mapped import Finding, Mapped
from sync_assets.transforms.money import fit

KIND = "stock"
NOTHING = pa.scalar(Decimal(0), ARROW["quantity"])


def map_stock(rows: pd.DataFrame, files: pd.DataFrame, known: Known, org: Org, *, synced_at: datetime) -> Mapped:
    """One row per product and depot; a product that a newer count of its depot leaves out has quantity 0."""
    standing = find_standing(KIND, rows, files)
    everything = to_arrow(standing.frame)
    products = known.find_products(everything["product_key"])
    is_known = pc.is_valid(products)
    levels, keys = everything.filter(is_known), products.filter(is_known)
    is_gone, counted_at, findings = _find_gone(to_arrow(rows), files, levels)
    quantity = pc.if_else(is_gone, NOTHING, levels["quantity"])
    reserved = pc.if_else(is_gone, NOTHING, levels["reserved_qty"])
    volumes, regions, is_wine = (known.of_product(keys, name) for name in ("volume_cl", "region", "is_wine"))
    bottles = count_bottles(quantity, levels["unit_label"], volumes, regions, is_wine, org.bottles)
    columns = {
        "org_id": org.org_id,
        "stock_key": pc.binary_join_element_wise(f"{SOURCE}-STOCK", levels["record_key"], "-"),
        "source": SOURCE,
        "source_id": levels["record_key"],
        "product_key": keys,
        "warehouse": levels["depot"],
        "quantity_units": quantity,
        "unit_label": levels["unit_label"],
        "quantity_bottles_75cl_eq": bottles.equivalents,
        "reserved_qty": reserved,
        "available_qty": fit(pc.subtract(quantity, reserved), "quantity"),
        "last_count_date": pc.if_else(is_gone, counted_at, levels["counted_at"]),
        "synced_at": synced_at,
    }
    message = "The product is not known; its stock is loaded when the product comes."
    codes = everything["product_key"]
    is_unknown = pc.invert(is_known)
    findings += report_rows(
        KIND, everything, files, is_unknown, "unknown_product", message, column="product_key", values=codes
    )
    findings += report_units(KIND, levels, files, bottles)
    frame = to_frame(STOCK_LEVELS, levels.num_rows, columns)
    rejected = standing.rejected + everything.num_rows - levels.num_rows
    return Mapped(frame, standing.findings + findings, standing.skipped, rejected)


def _find_gone(rows: pa.Table, files: pd.DataFrame, levels: pa.Table) -> tuple[Any, Any, list[Finding]]:
    """Which products the newest count of their depot leaves out, and when that count was."""
    counts: dict[str, dict[str, set[str]]] = {}
    names = ("warehouse", "file_hash", "product_key")
    for warehouse, file_hash, key in zip(*(rows[name].to_pylist() for name in names), strict=True):
        counts.setdefault(warehouse, {}).setdefault(file_hash, set()).add(key)
    order, listed, last_files, findings = deliveries(files, KIND), [], [], []
    for warehouse, by_file in sorted(counts.items()):
        own = [parts for parts in order if not by_file.keys().isdisjoint(parts)]
        there, has_shrunk = last_list(set().union(*(by_file.get(part, ()) for part in parts)) for parts in own)
        last_files += [f"{warehouse}\x1f{part}" for part in own[-1]]
        listed += [f"{warehouse}\x1f{key}" for key in there]
        findings += [about_list(KIND, f"the products counted before in {warehouse}", warehouse)] if has_shrunk else []
    newest = _last_counts(rows, last_files)
    counted_at = look_up(levels["warehouse"], newest["warehouse"], newest["counted_at"])
    places = pc.binary_join_element_wise(levels["warehouse"], levels["product_key"], "\x1f")
    is_left_out = pc.invert(pc.is_in(places, value_set=pa.array(listed, pa.string())))
    return pc.and_(is_left_out, is_true(pc.less(levels["counted_at"], counted_at))), counted_at, findings


def _last_counts(rows: pa.Table, last_files: list[str]) -> pa.Table:
    """By depot the latest date in the newest files that name it."""
    places = pc.binary_join_element_wise(rows["warehouse"], rows["file_hash"], "\x1f")
    newest = (
        rows.filter(pc.is_in(places, value_set=pa.array(last_files, pa.string())))
        .group_by("warehouse")
        .aggregate([("counted_at", "max")])
    )
    return newest.rename_columns({"counted_at_max": "counted_at"}).combine_chunks()
