"""Rows of iSaVigne product files as canonical products, with the registry rows of the new ones.

Rules that hold for every source do not belong here; see `transforms/products.py`.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from sync_assets.connections import Org
from sync_assets.tables.canonical import PRODUCT_CATALOG
from sync_assets.tables.ops import PRODUCT_KEYS
from sync_assets.transforms.bottles import MESSAGES, read_volumes
from sync_assets.transforms.columns import NO_TEXT, is_true, look_up, to_arrow, to_frame
from sync_assets.transforms.isavigne.raw import (
    CURRENCY,
    SOURCE,
    about_list,
    deliveries,
    last_list,
    report_rows,
    settings_of,
)
from sync_assets.transforms.isavigne.standing import find_standing
from sync_assets.transforms.mapped import Finding, Mapped
from sync_assets.transforms.money import ZERO, divide, margins, multiply
from sync_assets.transforms.products import OTHER, RESERVED_PREFIXES, band_prices, categorise, override_categories

KIND = "produits"
HUNDRED = Decimal(100)


def map_products(
    rows: pd.DataFrame, files: pd.DataFrame, org: Org, product_keys: pd.DataFrame, *, synced_at: datetime
) -> tuple[Mapped, pd.DataFrame]:
    """The newest row of every product, and the registry rows of those that had no key yet.

    `rows` is raw.isavigne_produits, `files` raw.isavigne_files, `product_keys` the registry as it was before. A product
    that the newest complete list leaves out stays, inactive.
    """
    standing = find_standing(KIND, rows, files)
    products = to_arrow(standing.frame)
    keys, new_keys, findings = _assign_keys(products, files, org, product_keys, synced_at)
    listed, list_findings = _listed(rows, files, products, org)
    is_closed = is_true(pc.invert(products["active"]))
    kinds, kind_findings = _read_kinds(products, files, org, keys)
    prices, price_findings = _read_prices(products, files, org)
    columns = {
        "org_id": org.org_id,
        "product_key": keys,
        "source": SOURCE,
        "source_id": products["product_key"],
        "default_code": products["product_key"],
        "name": products["name"],
        "source_category": products["source_category"],
        "grape_varieties": products["grape_varieties"],
        "flavors": [],
        "vintage": products["vintage"],
        "region": products["region"],
        "active": pc.and_(listed, pc.invert(is_closed)),
        "last_updated": synced_at,
        "synced_at": synced_at,
    }
    frame = to_frame(PRODUCT_CATALOG, products.num_rows, columns | kinds | prices)
    found = [*standing.findings, *findings, *list_findings, *kind_findings, *price_findings]
    return Mapped(frame, found, standing.skipped, standing.rejected), new_keys


def _assign_keys(
    products: pa.Table, files: pd.DataFrame, org: Org, product_keys: pd.DataFrame, synced_at: datetime
) -> tuple[Any, pd.DataFrame, list[Finding]]:
    """The code is the SKU, and cannot come twice; one that looks like a key of this project is not used."""
    known = to_arrow(product_keys)
    known = known.filter(pc.equal(known["source"], SOURCE))
    codes = products["product_key"]
    registered = look_up(codes, known["source_id"], known["product_key"])
    is_reserved = is_reserved_key(codes)
    own = pc.if_else(is_reserved, pc.binary_join_element_wise(SOURCE, codes, "-"), codes)
    keys = pc.coalesce(registered, own)
    new = products.filter(pc.is_null(registered))
    columns = {
        "org_id": org.org_id,
        "source": SOURCE,
        "source_id": new["product_key"],
        "product_key": own.filter(pc.is_null(registered)),
        "assigned_at": synced_at,
    }
    message = "The code looks like a key of this project; the product is known by another key."
    findings = report_rows(
        KIND, products, files, is_reserved, "reserved_sku", message, column="product_key", values=codes
    )
    return keys, to_frame(PRODUCT_KEYS, new.num_rows, columns), findings


def is_reserved_key(codes: Any) -> Any:
    """Codes that begin as the keys of products without SKU do."""
    return is_true(pc.match_substring_regex(codes, f"^({'|'.join(RESERVED_PREFIXES)})"))


def _listed(rows: pd.DataFrame, files: pd.DataFrame, products: pa.Table, org: Org) -> tuple[Any, list[Finding]]:
    """Which products the newest complete list has; all of them when deliveries are not complete."""
    if settings_of(org).produits_delivery != "full" or not len(rows):
        return pc.is_valid(products["product_key"]), []
    named: dict[str, set[str]] = {}
    for file_hash, key in zip(rows["file_hash"].tolist(), rows["product_key"].tolist(), strict=True):
        named.setdefault(file_hash, set()).add(key)
    lists = [set().union(*(named.get(file_hash, ()) for file_hash in parts)) for parts in deliveries(files, KIND)]
    listed, has_shrunk = last_list(names for names in lists if names)
    findings = [about_list(KIND, "the products listed before", KIND)] if has_shrunk else []
    return pc.is_in(products["product_key"], value_set=pa.array(sorted(listed), pa.string())), findings


def _read_kinds(products: pa.Table, files: pd.DataFrame, org: Org, keys: Any) -> tuple[dict[str, Any], list[Finding]]:
    """Category and content of one unit."""
    found, is_unmapped = categorise(products["source_category"], products["name"])
    category, is_set = override_categories(found, products["source_category"], keys, org.category_overrides)
    is_wine = pc.not_equal(category, OTHER)
    volume, code, is_lost = read_volumes(
        products["format"], products["name"], products["product_key"], products["region"], org.bottles
    )

    def report(where: Any, code: str, message: str, column: str) -> list[Finding]:
        return report_rows(KIND, products, files, where, code, message, column=column, values=products[column])

    unmapped = "Neither colour nor name says what kind of product it is; it counts as autre."
    findings = report(pc.and_(is_unmapped, pc.invert(is_set)), "unmapped_category", unmapped, "source_category")
    findings += report(is_lost, "bad_value", "The text is not a format; it is left out.", "format")
    for name in ("ambiguous_format", "format_conflict"):
        findings += report(pc.and_(is_wine, pc.equal(code, name)), name, MESSAGES[name], "format")
    return {"category": category, "is_wine": is_wine, "volume_cl": volume}, findings


def _read_prices(products: pa.Table, files: pd.DataFrame, org: Org) -> tuple[dict[str, Any], list[Finding]]:
    untaxed, cost = products["list_price_untaxed"], products["cost_price"]
    rate = settings_of(org).default_vat_rate
    from_rate = (
        None if rate is None else divide(multiply(untaxed, pa.scalar(HUNDRED + rate)), pa.scalar(HUNDRED), "money")
    )
    given = products["list_price"]
    taxed = given if from_rate is None else pc.coalesce(given, from_rate)
    has_cost = pc.is_valid(cost)
    margin, basis = margins(untaxed, taxed, cost, has_cost)
    columns = {
        "price_segment": band_prices(taxed, CURRENCY, org.segment_bounds),
        "list_price": taxed,
        "list_price_untaxed": untaxed,
        "cost_price": cost,
        "currency": CURRENCY,
        "cost_currency": pc.if_else(has_cost, CURRENCY, NO_TEXT),
        "margin_percent": margin,
        "margin_basis": basis,
    }
    is_unknown = pc.and_(pc.is_null(taxed), pc.is_valid(untaxed))
    unknown = "The price with tax is unknown; set default_vat_rate."
    loses = "The product costs more than it is sold for."
    findings = [
        *report_rows(
            KIND, products, files, is_unknown, "tax_unknown", unknown, column="list_price_untaxed", values=untaxed
        ),
        *report_rows(
            KIND,
            products,
            files,
            pc.less(margin, ZERO),
            "cost_above_price",
            loses,
            column="cost_price",
            values=cost,
        ),
    ]
    return columns, findings
