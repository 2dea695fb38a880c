"""Rows of product files: names, prices, colour, grapes, vintage.

Categories, price bands and contents in centilitres do not belong here. Canonical specification, sections 3.5 and 3.7.
"""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from sync_assets.sources.isavigne.chunks import Chunk
from sync_assets.sources.isavigne.findings import Findings
from sync_assets.sources.isavigne.reading import Reading, positive
from sync_assets.sources.isavigne.values import read_flags, read_years, split_grapes
from sync_assets.transforms.columns import join_present, only_if
from sync_assets.transforms.money import ZERO, fit


def read_produits(chunk: Chunk, reading: Reading, findings: Findings) -> dict[str, Any]:
    """Columns of raw.isavigne_produits by name."""
    findings.require("product_key")
    keys = chunk.text("product_key")
    costs = _prices(chunk, reading, findings, "cost_price")
    years, is_bad = read_years(chunk.text("vintage"), this_year=reading.today.year)
    findings.warn(is_bad, "vintage", "bad_vintage", "Neither a year of wine nor a word for none.")
    active = read_flags(chunk.text("active"))
    findings.warn(pc.is_null(active), "active", "bad_value", "Neither yes nor no.")
    families = join_present(chunk.text("family"), chunk.text("subfamily"), " / ")
    return {
        "record_key": keys,
        "product_key": keys,
        "name": pc.coalesce(chunk.text("name"), keys),
        "list_price": _prices(chunk, reading, findings, "list_price"),
        "list_price_untaxed": _prices(chunk, reading, findings, "list_price_untaxed"),
        "cost_price": only_if(pc.not_equal(costs, ZERO), costs),
        "source_category": pc.coalesce(
            chunk.text("colour"), join_present(families, chunk.text("macro_category"), " / ")
        ),
        "grape_varieties": split_grapes(chunk.text("grapes")),
        "vintage": years,
        "region": chunk.text("region"),
        "format": chunk.text("format"),
        "active": only_if(pc.is_valid(chunk.text("active")), active),
    }


def _prices(chunk: Chunk, reading: Reading, findings: Findings, name: str) -> Any:
    numbers = reading.numbers(chunk, name, findings)
    findings.warn(pc.less(numbers, pa.scalar(0)), name, "invalid_price", "A price must not be negative.")
    return fit(positive(numbers), "money")
