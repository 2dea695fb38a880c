"""Rows of stock files: how much of a product a depot held when it was counted.

Bottle equivalents, and products that a newer count leaves out, do not belong here. Canonical specification, 1.5 and 3.5.
"""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from sync_assets.sources.isavigne.chunks import Chunk
from sync_assets.sources.isavigne.findings import Findings
from sync_assets.sources.isavigne.reading import Reading
from sync_assets.sources.isavigne.values import MOMENT
from sync_assets.tables.spec import ARROW
from sync_assets.transforms.columns import match_labels
from sync_assets.transforms.money import ZERO, fit

DEFAULT_DEPOT = "Principal"


def read_stock(chunk: Chunk, reading: Reading, findings: Findings) -> dict[str, Any]:
    """Columns of raw.isavigne_stock by name."""
    findings.require("product_key")
    findings.require("quantity")
    keys = chunk.text("product_key")
    depots = pc.coalesce(chunk.text("depot"), pa.scalar(DEFAULT_DEPOT))
    warehouses = to_key_part(depots)
    quantities = fit(reading.numbers(chunk, "quantity", findings, required=True), "quantity")
    reserved = pc.fill_null(
        fit(reading.numbers(chunk, "reserved", findings), "quantity"), pa.scalar(0, ARROW["quantity"])
    )
    counted, _ = reading.moments(chunk, "date", findings)
    findings.warn(pc.less(quantities, ZERO), "quantity", "negative_stock", "The quantity is negative.")
    is_over = pc.and_(pc.greater(reserved, quantities), pc.greater(reserved, ZERO))
    findings.warn(is_over, "reserved", "over_reserved", "More is reserved than there is.")
    return {
        "record_key": pc.binary_join_element_wise(keys, warehouses, "-"),
        "product_key": keys,
        "depot": depots,
        "warehouse": warehouses,
        "quantity": quantities,
        "unit_label": chunk.text("unit"),
        "reserved_qty": reserved,
        "counted_at": pc.coalesce(counted, pa.scalar(reading.effective_at, MOMENT)),
    }


def to_key_part(depots: Any) -> Any:
    """Depots as part of a key: upper case, no accents, other characters as hyphens.

    >>> to_key_part(pa.array(["Entrepôt", "ENTREPOT", "Cave n° 2"])).to_pylist()
    ['ENTREPOT', 'ENTREPOT', 'CAVE-N-2']
    """
    parts = pc.utf8_upper(pc.replace_substring(match_labels(depots), " ", "-"))
    return pc.if_else(pc.equal(parts, ""), pc.utf8_upper(depots), parts)
