"""Odoo product variants as canonical products, with the registry rows of the new ones.

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
from sync_assets.transforms.columns import (
    NO_TEXT,
    clean,
    is_true,
    look_up,
    only_if,
    pair_ids,
    to_arrow,
    to_frame,
)
from sync_assets.transforms.mapped import Finding, Mapped, report
from sync_assets.transforms.money import ZERO, divide, fit, margins, multiply
from sync_assets.transforms.odoo.raw import (
    SOURCE,
    OdooRaw,
    company_currency,
    configured_companies,
    look_up_unit_labels,
    read_companies,
    registered_keys,
)
from sync_assets.transforms.products import (
    OTHER,
    Item,
    assign_product_keys,
    band_prices,
    categorise,
    override_categories,
    read_vintages,
)

ENTITY = "product.product"
HUNDRED = Decimal(100)


def map_products(
    raw: OdooRaw, org: Org, product_keys: pd.DataFrame, *, synced_at: datetime, this_year: int
) -> tuple[Mapped, pd.DataFrame]:
    """Every product variant, and the registry rows of those that had no key yet.

    Archived and deleted products stay, inactive, since sales may point at them. `product_keys` is the registry
    (`ops.product_keys`) as it was before.
    """
    products = to_arrow(raw.products).sort_by("id")
    templates = to_arrow(raw.templates)

    def of_template(column: str) -> Any:
        return look_up(products["product_tmpl_id"], templates["id"], templates[column])

    skus = clean(products["default_code"])
    keys, new_keys, findings = _assign_keys(products, skus, org, product_keys, synced_at)
    names = pc.coalesce(clean(of_template("name")), keys)
    categories = look_up_category_paths(raw, of_template("categ_id"))
    category_columns, more_findings = _read_categories(org, products["id"], categories, names, keys)
    findings += more_findings
    volumes, more_findings = _read_contents(org, products["id"], names, skus, category_columns["is_wine"])
    findings += more_findings
    vintages = read_vintages(names, this_year=this_year)
    is_living = pc.and_(pc.is_null(products["deleted_at"]), pc.is_null(of_template("deleted_at")))
    is_active = pc.and_(pc.fill_null(products["active"], True), pc.fill_null(of_template("active"), True))
    columns = {
        "org_id": org.org_id,
        "product_key": keys,
        "source": SOURCE,
        "source_id": products["id"].cast(pa.string()),
        "default_code": skus,
        "name": names,
        "source_category_id": of_template("categ_id").cast(pa.string()),
        "unit_label": look_up_unit_labels(raw, of_template("uom_id")),
        "volume_cl": volumes,
        "vintage": only_if(category_columns["is_wine"], vintages),
        "grape_varieties": [],
        "flavors": [],
        "active": pc.and_(is_living, is_active),
        "last_updated": _later(products["write_date"], of_template("write_date")),
        "synced_at": synced_at,
    }
    is_orphan = pc.is_null(of_template("id"))
    findings += report(
        ENTITY,
        products["id"],
        is_orphan,
        "template_missing",
        "The product's template was not read; name and price are unknown.",
        column="product_tmpl_id",
        values=products["product_tmpl_id"],
    )
    price_columns, more_findings = _read_prices(raw, org, products["id"], of_template("list_price"))
    frame = to_frame(PRODUCT_CATALOG, products.num_rows, columns | category_columns | price_columns)
    return Mapped(frame, findings + more_findings), new_keys


def _later(one: Any, other: Any) -> Any:
    """The later of two instants; Arrow has no such function for timestamps."""
    return pc.if_else(pc.coalesce(pc.less(one, other), pc.is_null(one)), other, one)


def _assign_keys(
    products: pa.Table, skus: Any, org: Org, product_keys: pd.DataFrame, synced_at: datetime
) -> tuple[Any, pd.DataFrame, list[Finding]]:
    known = registered_keys(product_keys)
    registered = dict(zip(known["source_id"].to_pylist(), known["product_key"].to_pylist(), strict=True))
    living = pc.is_null(products["deleted_at"]).to_pylist()
    items = map(Item._make, zip(products["id"].to_pylist(), skus.to_pylist(), living, strict=True))
    keys, findings = assign_product_keys(items, registered, source=SOURCE, entity=ENTITY)
    new = {source_id: key for source_id, key in keys.items() if source_id not in registered}
    columns = {
        "org_id": org.org_id,
        "source": SOURCE,
        "source_id": pa.array(new.keys(), pa.string()),
        "product_key": pa.array(new.values(), pa.string()),
        "assigned_at": synced_at,
    }
    return pa.array(keys.values(), pa.string()), to_frame(PRODUCT_KEYS, len(new), columns), findings


def look_up_category_paths(raw: OdooRaw, category_ids: Any) -> Any:
    categories = to_arrow(raw.categories)
    paths = pc.coalesce(clean(categories["complete_name"]), clean(categories["name"]))
    return look_up(category_ids, categories["id"], paths)


def _read_categories(
    org: Org, ids: Any, source_category: Any, names: Any, keys: Any
) -> tuple[dict[str, Any], list[Finding]]:
    found, is_unmapped = categorise(source_category, names)
    category, is_set = override_categories(found, source_category, keys, org.category_overrides)
    columns = {
        "source_category": source_category,
        "category": category,
        "is_wine": pc.not_equal(category, OTHER),
    }
    message = "Neither category nor name says what kind of product it is; it counts as autre."
    is_unknown = pc.and_(is_unmapped, pc.invert(is_set))
    return columns, report(
        ENTITY, ids, is_unknown, "unmapped_category", message, column="categ_id", values=source_category
    )


def _read_contents(org: Org, ids: Any, names: Any, skus: Any, is_wine: Any) -> tuple[Any, list[Finding]]:
    """Content of one unit in cl by the name of the product, else its SKU."""
    nothing = pa.nulls(len(ids), pa.string())
    volumes, codes, _ = read_volumes(nothing, names, skus, nothing, org.bottles)
    findings: list[Finding] = []
    for code in ("ambiguous_format", "format_conflict"):
        where = is_true(pc.and_(is_wine, pc.equal(codes, code)))
        findings += report(ENTITY, ids, where, code, MESSAGES[code], column="name", values=names)
    return volumes, findings


def _read_prices(raw: OdooRaw, org: Org, ids: Any, received: Any) -> tuple[dict[str, Any], list[Finding]]:
    currency = company_currency(raw, configured_companies(org))
    is_negative = is_true(pc.less(received, ZERO))
    given = only_if(pc.invert(is_negative), received)
    is_untaxed = org.list_price_basis == "untaxed"
    other = _other_price(given, org)
    untaxed, taxed = (fit(given, "money"), other) if is_untaxed else (other, fit(given, "money"))
    costs = _read_costs(raw, org, ids)
    cost = fit(costs, "money")
    has_cost = pc.is_valid(cost)
    margin, basis = margins(untaxed, taxed, cost, has_cost)
    columns = {
        "price_segment": band_prices(taxed, currency, org.segment_bounds),
        "list_price": taxed,
        "list_price_untaxed": untaxed,
        "cost_price": cost,
        "currency": currency,
        "cost_currency": pc.if_else(has_cost, currency, NO_TEXT),
        "margin_percent": margin,
        "margin_basis": basis,
    }

    def found(where: Any, code: str, column: str, message: str, values: Any) -> list[Finding]:
        return report(ENTITY, ids, is_true(where), code, message, column=column, values=values)

    is_unfit = pc.and_(pc.is_valid(given), pc.is_null(fit(given, "money")))
    is_unknown = pc.and_(pc.is_valid(given), pc.is_null(other))
    loses = pc.less(margin, ZERO)
    findings = [
        *found(is_negative, "invalid_price", "list_price", "The price is below 0; it is left out.", received),
        *found(is_unfit, "bad_value", "list_price", "The price is too large; it is left out.", received),
        *found(
            is_unknown,
            "tax_unknown",
            "list_price",
            f"The price with{'' if is_untaxed else 'out'} tax is unknown; set default_vat_rate.",
            received,
        ),
        *found(loses, "cost_above_price", "standard_price", "The product costs more than it is sold for.", costs),
    ]
    return columns, findings


def _other_price(given: Any, org: Org) -> Any:
    """The price on the other side of the tax; null as long as no rate is set."""
    if org.default_vat_rate is None:
        return pa.nulls(len(given), pa.decimal128(18, 2))
    with_tax, without_tax = pa.scalar(HUNDRED + org.default_vat_rate), pa.scalar(HUNDRED)
    ratio = (with_tax, without_tax) if org.list_price_basis == "untaxed" else (without_tax, with_tax)
    return divide(multiply(given, ratio[0]), ratio[1], "money")


def _read_costs(raw: OdooRaw, org: Org, product_ids: Any) -> Any:
    """Unrounded cost of each product in the first company that knows one, as configured or by id."""
    table = cost_table(raw)
    companies = read_companies(raw, configured_companies(org))["id"].to_pylist()
    by_company = [look_up(pair_ids(product_ids, pa.scalar(c)), table["pair"], table["cost"]) for c in companies]
    return pc.coalesce(*by_company)


def cost_table(raw: OdooRaw) -> pa.Table:
    """Costs by product and company; 0 means unknown and is left out."""
    costs = to_arrow(raw.costs)
    known = costs.filter(pc.not_equal(costs["standard_price"], ZERO))
    return pa.table({"pair": pair_ids(known["id"], known["company_id"]), "cost": known["standard_price"]})
