"""Odoo order lines as canonical sales lines, chunk by chunk.

What the lines refer to is prepared once for all chunks, so that a chunk gives the same rows as the whole.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from sync_assets.connections import BottleSettings, Org
from sync_assets.tables.canonical import PRODUCT_CATALOG, SALES_LINES
from sync_assets.transforms.bottles import USUAL
from sync_assets.transforms.columns import (
    NO_TEXT,
    clean,
    count_words,
    is_true,
    look_up,
    only_if,
    pair_ids,
    prefixed,
    to_arrow,
    to_frame,
)
from sync_assets.transforms.mapped import Finding, Mapped, report
from sync_assets.transforms.money import ZERO, divide, fit, margins, multiply
from sync_assets.transforms.odoo.bottles import CATALOGUE_COLUMNS, count_odoo_bottles
from sync_assets.transforms.odoo.products import cost_table
from sync_assets.transforms.odoo.raw import SOURCE, OdooRaw, extra_numbers, look_up_own_units, registered_keys
from sync_assets.transforms.units import Conversions, convert, prepare_conversions

ENTITY = "sale.order.line"
# What `map_lines` reads of the raw lines.
LINE_COLUMNS = (
    "id",
    "order_id",
    "product_id",
    "display_type",
    "is_downpayment",
    "product_uom_qty",
    "uom_id",
    "price_subtotal",
    "price_total",
    "extra",
    "deleted_at",
)


@dataclass(frozen=True)
class LineLookups:
    """What lines refer to: orders (with the reason why their lines are left out), products, units, costs."""

    orders: pa.Table
    products: pa.Table
    units: pa.Table
    costs: pa.Table
    conversions: Conversions
    bottles: BottleSettings


def prepare_line_lookups(
    raw: OdooRaw,
    orders: pd.DataFrame,
    product_keys: pd.DataFrame,
    catalogue: pd.DataFrame | None = None,
    bottles: BottleSettings = USUAL,
) -> LineLookups:
    """Look-ups for `map_lines`: `orders` is the frame of `map_orders`, `product_keys` the registry with its new rows.

    `catalogue` is canonical.product_catalog with CATALOGUE_COLUMNS; without it no line is counted in bottles.
    """
    products, uoms, known = to_arrow(raw.products), to_arrow(raw.uoms), registered_keys(product_keys)
    own_units = look_up_own_units(raw, products["id"])
    keys = look_up(products["id"].cast(pa.string()), known["source_id"], known["product_key"])
    described = to_arrow(PRODUCT_CATALOG.empty() if catalogue is None else catalogue)
    return LineLookups(
        orders=_prepare_orders(raw, to_arrow(orders)),
        products=pa.table(
            {
                "id": products["id"],
                "key": keys,
                "own_unit": own_units,
                **{name: look_up(keys, described["product_key"], described[name]) for name in CATALOGUE_COLUMNS[1:]},
            }
        ),
        units=pa.table({"id": uoms["id"], "label": clean(uoms["name"])}),
        costs=cost_table(raw),
        conversions=prepare_conversions(raw.uoms, pc.unique(own_units).drop_null().to_pylist()),
        bottles=bottles,
    )


def _prepare_orders(raw: OdooRaw, orders: pa.Table) -> pa.Table:
    reason = pc.coalesce(
        pc.if_else(orders["is_counted"], NO_TEXT, "order_not_counted"),
        pc.if_else(pc.is_valid(orders["ordered_at"]), NO_TEXT, "order_undated"),
        pc.if_else(pc.is_valid(orders["total"]), NO_TEXT, "order_without_total"),
    )
    names = (
        "order_key",
        "order_ref",
        "customer_key",
        "source_partner_id",
        "ordered_at",
        "currency",
        "company_currency",
    )
    mapped = pa.table(
        {
            "id": orders["source_id"].cast(pa.int64()),
            "company_id": orders["company_id"].cast(pa.int64()),
            "channel": orders["channel"],
            "reason": reason,
            **{name: orders[name] for name in names},
        }
    )
    everything = to_arrow(raw.orders)
    gone = everything.filter(pc.invert(pc.is_in(everything["id"], value_set=mapped["id"])))
    deleted = pc.if_else(pc.is_valid(gone["deleted_at"]), "order_deleted", "order_rejected")
    left_out = pa.table({"id": gone["id"], "reason": deleted})
    return pa.concat_tables([mapped, left_out], promote_options="default").combine_chunks()


def map_lines(lines_chunk: pd.DataFrame | pa.Table, lookups: LineLookups, org: Org, *, synced_at: datetime) -> Mapped:
    """The product lines of counted orders that have a date and a total, from a chunk of raw lines.

    The chunk needs LINE_COLUMNS only.
    """
    everything = to_arrow(lines_chunk).select(LINE_COLUMNS)
    reasons = _reasons(everything, lookups.orders)
    lines = everything.filter(pc.is_null(reasons)).sort_by("id")
    lines, findings, rejected = _refuse(lines, lookups)
    orders = lookups.orders.take(pc.index_in(lines["order_id"], value_set=lookups.orders["id"]))
    columns = {
        "org_id": org.org_id,
        "sale_line_key": prefixed(SOURCE, lines["id"]),
        "source": SOURCE,
        "source_id": lines["id"].cast(pa.string()),
        "order_id": orders["order_key"],
        "order_ref": orders["order_ref"],
        "customer_key": orders["customer_key"],
        "source_partner_id": orders["source_partner_id"],
        "date_sale": orders["ordered_at"],
        "currency": orders["currency"],
        "document_type": "order",
        "channel": orders["channel"],
        "synced_at": synced_at,
    }
    quantities, more_findings = _read_quantities(lines, lookups)
    amounts = _read_amounts(lines, orders, quantities["quantity_product_units"], lookups)
    frame = to_frame(SALES_LINES, lines.num_rows, columns | quantities | amounts)
    return Mapped(frame, findings + more_findings, count_words(reasons), rejected)


def _reasons(lines: pa.Table, orders: pa.Table) -> Any:
    """Why a line is not a sale; null for the others."""
    places = pc.index_in(lines["order_id"], value_set=orders["id"], skip_nulls=True)
    no_product = pc.or_(pc.is_valid(clean(lines["display_type"])), pc.is_null(lines["product_id"]))
    return pc.coalesce(
        pc.if_else(pc.is_valid(lines["deleted_at"]), "deleted", NO_TEXT),
        pc.if_else(pc.is_valid(places), orders["reason"].take(places), "order_missing"),
        pc.if_else(no_product, "section_line", NO_TEXT),
        pc.if_else(is_true(lines["is_downpayment"]), "downpayment", NO_TEXT),
    )


def _refuse(lines: pa.Table, lookups: LineLookups) -> tuple[pa.Table, list[Finding], int]:
    """The lines that can be loaded, the findings about the others, and how many others there are."""
    received = lines["product_uom_qty"]
    has_quantity = pc.is_valid(fit(received, "quantity"))
    customers = look_up(lines["order_id"], lookups.orders["id"], lookups.orders["customer_key"])
    products = look_up(lines["product_id"], lookups.products["id"], lookups.products["key"])
    belongs = pc.or_(pc.is_valid(customers), pc.is_valid(products))

    def found(where: Any, code: str, column: str, message: str) -> list[Finding]:
        return report(ENTITY, lines["id"], where, code, message, column=column, values=lines[column])

    quantity = "product_uom_qty"
    is_too_large = pc.and_(pc.is_valid(received), pc.invert(has_quantity))
    belongs_nowhere = pc.and_(has_quantity, pc.invert(belongs))
    findings = [
        *found(pc.is_null(received), "missing_value", quantity, "The line has no quantity; it is not loaded."),
        *found(is_too_large, "bad_number", quantity, "The quantity is too large; the line is not loaded."),
        *found(belongs_nowhere, "missing_value", "product_id", "Neither customer nor product is known; not loaded."),
    ]
    kept = lines.filter(pc.and_(has_quantity, belongs))
    return kept, findings, lines.num_rows - kept.num_rows


def _read_quantities(lines: pa.Table, lookups: LineLookups) -> tuple[dict[str, Any], list[Finding]]:
    places = pc.index_in(lines["product_id"], value_set=lookups.products["id"])
    keys, own_units = lookups.products["key"].take(places), lookups.products["own_unit"].take(places)
    received = lines["product_uom_qty"]
    converted = convert(received, lines["uom_id"], own_units, lookups.conversions)
    quantity = fit(received, "quantity")
    label, own_label = (
        look_up(ids, lookups.units["id"], lookups.units["label"]) for ids in (lines["uom_id"], own_units)
    )
    volume, region, is_wine = (lookups.products[name].take(places) for name in CATALOGUE_COLUMNS[1:])
    converted, equivalents = count_odoo_bottles(
        converted, own_label, volume, region, is_wine, lookups.bottles, sold=quantity, sold_label=label
    )
    columns = {
        "product_key": keys,
        "quantity_units": quantity,
        "unit_label": label,
        "quantity_product_units": converted,
        "quantity_bottles_75cl_eq": equivalents,
        "is_return": pc.less(quantity, ZERO),
    }
    findings = report(
        ENTITY,
        lines["id"],
        pc.is_null(keys),
        "unknown_product",
        "The line's product is not in the product table; the line counts without it.",
        column="product_id",
        values=lines["product_id"],
    )
    findings += report(
        ENTITY,
        lines["id"],
        pc.and_(pc.is_valid(keys), pc.is_null(converted)),
        "unknown_unit",
        "The line's unit cannot be converted into the product's own unit.",
        column="uom_id",
        values=lines["uom_id"],
    )
    return columns, findings


def _read_amounts(lines: pa.Table, orders: pa.Table, own_quantity: Any, lookups: LineLookups) -> dict[str, Any]:
    quantity = lines["product_uom_qty"]
    taxed, untaxed = fit(lines["price_total"], "money"), fit(lines["price_subtotal"], "money")
    cost, cost_currency = _read_costs(lines, orders, own_quantity, lookups)
    is_comparable = pc.equal(orders["currency"], cost_currency)
    margin, basis = margins(untaxed, taxed, cost, is_comparable)
    return {
        "price_unit": divide(lines["price_total"], quantity, "money"),
        "price_unit_untaxed": divide(lines["price_subtotal"], quantity, "money"),
        "price_total": taxed,
        "price_total_untaxed": untaxed,
        "cost_total": cost,
        "cost_currency": cost_currency,
        "margin_percent": margin,
        "margin_basis": basis,
    }


def _read_costs(lines: pa.Table, orders: pa.Table, own_quantity: Any, lookups: LineLookups) -> tuple[Any, Any]:
    """Cost of each line and its currency.

    The added field purchase_price is per unit as sold and in the order's currency; the product's cost is per own unit
    and in the company's currency.
    """
    of_company = pair_ids(lines["product_id"], orders["company_id"])
    standard = look_up(of_company, lookups.costs["pair"], lookups.costs["cost"])
    by_product = fit(multiply(standard, own_quantity), "money")
    on_line = extra_numbers(lines["extra"], "purchase_price")
    has_own = is_true(pc.not_equal(on_line, ZERO))
    by_line = fit(multiply(on_line, lines["product_uom_qty"]), "money")
    cost = pc.if_else(has_own, by_line, by_product)
    currency = pc.if_else(has_own, orders["currency"], orders["company_currency"])
    return cost, only_if(pc.is_valid(cost), currency)
