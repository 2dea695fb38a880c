"""Which rows of iSaVigne sales files stand, whose they are, which product they sold, and which document they belong to.

Quantities and amounts do not belong here; see `lines.py`, and `orders.py` for the documents as a whole.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from sync_assets.connections import Org
from sync_assets.transforms.columns import look_up, match_labels, only_if, prefixed, to_arrow
from sync_assets.transforms.isavigne.products import is_reserved_key
from sync_assets.transforms.isavigne.raw import SOURCE, report_rows, settings_of
from sync_assets.transforms.isavigne.standing import find_standing
from sync_assets.transforms.mapped import Finding

KIND = "ventes"
# What is read of canonical.product_catalog.
CATALOGUE_COLUMNS = ("product_key", "name", "is_wine", "volume_cl", "region", "cost_price", "cost_currency")


@dataclass(frozen=True)
class Known:
    """What rows may refer to: codes of clients, the catalogue (CATALOGUE_COLUMNS), and codes with their product keys."""

    client_codes: pa.Array
    catalogue: pa.Table
    codes: pa.Array
    keys: pa.Array

    def find_products(self, codes: Any) -> Any:
        """The product key of each code; null for an unknown one. A SKU that another source has is known too."""
        registered = look_up(codes, self.codes, self.keys)
        shared = pc.and_(pc.is_in(codes, value_set=self.catalogue["product_key"]), pc.invert(is_reserved_key(codes)))
        return pc.coalesce(registered, only_if(shared, codes))

    def of_product(self, keys: Any, column: str) -> Any:
        return look_up(keys, self.catalogue["product_key"], self.catalogue[column])


def prepare_known(client_codes: Any, catalogue: pd.DataFrame, product_keys: pd.DataFrame) -> Known:
    """`catalogue` is canonical.product_catalog of all sources, `product_keys` the registry."""
    registry = to_arrow(product_keys)
    registry = registry.filter(pc.equal(registry["source"], SOURCE)).combine_chunks()
    return Known(
        pc.unique(client_codes),
        to_arrow(catalogue).select(CATALOGUE_COLUMNS).combine_chunks(),
        _single(registry["source_id"]),
        _single(registry["product_key"]),
    )


def _single(column: Any) -> pa.Array:
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column


@dataclass(frozen=True)
class Sold:
    """Rows in = lines + sum of skipped + rejected. Added columns: customer_key, sold_product_key, order_key."""

    lines: pa.Table
    findings: list[Finding]
    skipped: dict[str, int]
    rejected: int


def resolve_sales(rows: pd.DataFrame, files: pd.DataFrame, known: Known, org: Org) -> Sold:
    """The sales that can be loaded; those of unknown clients and products wait until these come."""
    settings = settings_of(org)
    standing = find_standing(KIND, rows, files, line_number_scope=settings.line_number_scope)
    lines = to_arrow(standing.frame)
    products, is_ambiguous = _find_products(lines, known, settings.label_overrides)
    codes = lines["client_code"]
    is_stranger = pc.and_(pc.is_valid(codes), pc.invert(pc.is_in(codes, value_set=known.client_codes)))
    is_unknown = pc.and_(pc.is_null(products), pc.invert(is_ambiguous))
    written = pc.coalesce(lines["product_key"], lines["product_label"])
    findings = list(standing.findings)
    for where, code, column, values, message in (
        (is_stranger, "unknown_customer", "client_code", codes, "The client is not known"),
        (is_unknown, "unknown_product", "product_key", written, "The product is not known"),
        (is_ambiguous, "ambiguous_product", "product_label", written, "Several products have this name"),
    ):
        message += "; the sale is loaded when that is settled."
        findings += report_rows(KIND, lines, files, where, code, message, column=column, values=values)
    is_good = pc.invert(pc.or_(is_stranger, pc.is_null(products)))
    added = {
        "customer_key": prefixed(SOURCE, codes),
        "sold_product_key": products,
        "order_key": _order_keys(lines, org.timezone),
    }
    for name, values in added.items():
        lines = lines.append_column(name, values)
    good = lines.filter(is_good).combine_chunks()
    return Sold(good, findings, standing.skipped, standing.rejected + lines.num_rows - good.num_rows)


def _find_products(lines: pa.Table, known: Known, overrides: dict[str, str]) -> tuple[Any, Any]:
    """The product of each line by its code, without code by its name; and where several have that name."""
    by_code = known.find_products(lines["product_key"])
    labels = only_if(pc.is_null(lines["product_key"]), match_labels(lines["product_label"]))
    chosen = look_up(
        labels, match_labels(pa.array(overrides.keys(), pa.string())), pa.array(overrides.values(), pa.string())
    )
    names = match_labels(known.catalogue["name"])
    counted = pc.value_counts(names)
    times = look_up(labels, counted.field("values"), counted.field("counts"))
    by_name = only_if(
        pc.equal(times, 1), known.catalogue["product_key"].take(pc.index_in(labels, value_set=_single(names)))
    )
    by_override = known.find_products(chosen)
    is_ambiguous = pc.and_(pc.is_null(chosen), pc.fill_null(pc.greater(times, 1), False))
    return pc.coalesce(by_code, by_override, only_if(pc.is_null(chosen), by_name)), is_ambiguous


def _order_keys(lines: pa.Table, timezone: str) -> Any:
    """The document, else the client's local calendar day."""
    local = pc.local_timestamp(lines["date_sale"].cast(pa.timestamp("us", tz=timezone)))
    days = pc.replace_substring(local.cast(pa.date32(), safe=False).cast(pa.string()), "-", "")
    by_day = pc.binary_join_element_wise(pc.fill_null(lines["client_code"], ""), days, "-")
    return prefixed(SOURCE, pc.coalesce(lines["document_no"], by_day))
