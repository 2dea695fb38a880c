"""Alleaves order lines as canonical sales lines: the order's total shared over them to the cent.

Which product a line names does not belong here; see `links.py`, and `shares.py` for the arithmetic.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from sync_assets.connections import Org
from sync_assets.tables.canonical import SALES_LINES
from sync_assets.tables.spec import ARROW
from sync_assets.transforms.alleaves.links import find_unlinked, link_lines
from sync_assets.transforms.alleaves.products import choose_items
from sync_assets.transforms.alleaves.raw import SOURCE, USUAL_RULES, AlleavesRaw, PosRules
from sync_assets.transforms.alleaves.shares import share, to_money, to_units
from sync_assets.transforms.columns import NO_TEXT, count_words, prefixed, to_arrow, to_frame
from sync_assets.transforms.mapped import Mapped
from sync_assets.transforms.money import ZERO, divide, fit, margins, multiply

LINE_COLUMNS = (
    "order_id",
    "line_no",
    "inventory_item_id",
    "item_id",
    "product_name",
    "quantity",
    "line_total",
)
ORDER_COLUMNS = (
    "source_id",
    "order_key",
    "order_ref",
    "customer_key",
    "source_partner_id",
    "ordered_at",
    "currency",
    "channel",
    "total",
)
ONE = pa.scalar(Decimal(1), ARROW["quantity"])


def map_lines(
    raw: AlleavesRaw,
    orders: pd.DataFrame,
    menu: pd.DataFrame,
    org: Org,
    rules: PosRules = USUAL_RULES,
    *,
    synced_at: datetime,
) -> Mapped:
    """Lines of counted orders with date and total; such an order without lines becomes a line no. 0, a row in as well.

    `orders` is the frame of `map_orders`, `menu` that of `build_menu`. The lines of an order add up to its total.
    Blocks give the same rows as the whole when a block has some orders and all the raw lines of these.
    """
    everything = to_arrow(raw.lines).select(LINE_COLUMNS)
    sold, reasons = _sort_out(everything, raw, to_arrow(orders))
    lines, places = _arrange(everything.filter(pc.is_null(reasons)), sold)
    of_order = sold.select(ORDER_COLUMNS).take(places)
    item_ids, _ = link_lines(lines, menu)
    items = choose_items(menu, rules).select(["item_id", "product_key", "cost", "currency"])
    product = items.take(pc.index_in(item_ids, value_set=items["item_id"]))
    line_numbers = pc.binary_join_element_wise(of_order["source_id"], lines["line_no"].cast(pa.string()), "-")
    quantity = _sign_quantities(lines["quantity"], of_order["total"])
    columns = {
        "org_id": org.org_id,
        "sale_line_key": prefixed(SOURCE, line_numbers),
        "source": SOURCE,
        "source_id": line_numbers,
        "order_id": of_order["order_key"],
        "order_ref": of_order["order_ref"],
        "customer_key": of_order["customer_key"],
        "source_partner_id": of_order["source_partner_id"],
        "product_key": product["product_key"],
        "date_sale": of_order["ordered_at"],
        "quantity_units": quantity,
        "quantity_product_units": quantity,
        "currency": of_order["currency"],
        "document_type": "receipt",
        "is_return": pc.less(quantity, ZERO),
        "channel": of_order["channel"],
        "synced_at": synced_at,
    }
    amounts = _read_amounts(sold, lines, places, quantity, product)
    frame = to_frame(SALES_LINES, lines.num_rows, columns | amounts)
    is_real = pc.greater(lines["line_no"], 0)
    findings = find_unlinked(lines.filter(is_real), item_ids.filter(is_real))
    return Mapped(frame, findings, count_words(reasons))


def count_links(raw: AlleavesRaw, menu: pd.DataFrame) -> dict[str, int]:
    """How many of all stored lines were linked to an item, by method, and how many were not."""
    lines = to_arrow(raw.lines).select(LINE_COLUMNS)
    _, methods = link_lines(lines, menu)
    counts = {"id": 0, "id_and_name": 0, "name": 0, **count_words(methods)}
    return {**counts, "unlinked": lines.num_rows - sum(counts.values())}


def _sort_out(lines: pa.Table, raw: AlleavesRaw, orders: pa.Table) -> tuple[pa.Table, Any]:
    """The orders whose lines are sales, and for each line why it is none; null for the others."""
    reason = pc.coalesce(
        pc.if_else(orders["is_counted"], NO_TEXT, "order_not_counted"),
        pc.if_else(pc.is_valid(orders["ordered_at"]), NO_TEXT, "order_undated"),
        pc.if_else(pc.is_valid(orders["total"]), NO_TEXT, "order_without_total"),
    )
    stored = pc.is_in(lines["order_id"], value_set=to_arrow(raw.orders)["order_id"])
    places = pc.index_in(lines["order_id"], value_set=orders["source_id"])
    unmatched = pc.if_else(stored, "order_unmatched", "order_missing")
    reasons = pc.if_else(pc.is_valid(places), reason.take(places), unmatched)
    return orders.filter(pc.is_null(reason)).sort_by("source_id").combine_chunks(), reasons


def _arrange(lines: pa.Table, orders: pa.Table) -> tuple[pa.Table, Any]:
    """The lines by order and number, with a line no. 0 for each order without lines, and the place of their orders."""
    has_lines = pc.is_in(orders["source_id"], value_set=pc.unique(lines["order_id"]))
    without = orders["source_id"].filter(pc.invert(has_lines))
    numbers = {"line_no": pa.repeat(pa.scalar(0), len(without)), "quantity": pa.repeat(ONE, len(without))}
    blank = pa.table({"order_id": without, **numbers})
    together = pa.concat_tables([lines, blank], promote_options="default")
    places = pc.index_in(together["order_id"], value_set=orders["source_id"]).combine_chunks().to_numpy()
    order = pa.array(np.lexsort((together["line_no"].to_numpy(), places)))
    return together.take(order).combine_chunks(), pa.array(places).take(order)


def _sign_quantities(quantities: Any, totals: Any) -> Any:
    """Quantities as sold, 1 where none is known; below 0 for what came back."""
    known = pc.fill_null(quantities, ONE)
    return pc.if_else(pc.less(totals, ZERO), pc.negate(pc.abs(known)), known)


def _read_amounts(orders: pa.Table, lines: pa.Table, places: Any, quantity: Any, product: pa.Table) -> dict[str, Any]:
    weights, starts = _weigh(lines["line_total"], quantity, places.to_numpy(), orders.num_rows)
    taxed, untaxed = (
        to_money(share(to_units(orders[name]), starts, weights), pc.is_valid(orders[name]).to_numpy()[places])
        for name in ("total", "total_untaxed")
    )
    cost = fit(multiply(product["cost"], quantity), "money")
    currency = pc.if_else(pc.is_valid(cost), product["currency"], NO_TEXT)
    is_comparable = pc.equal(orders["currency"].take(places), currency)
    margin, basis = margins(untaxed, taxed, cost, is_comparable)
    return {
        "price_unit": divide(taxed, quantity, "money"),
        "price_unit_untaxed": divide(untaxed, quantity, "money"),
        "price_total": taxed,
        "price_total_untaxed": untaxed,
        "cost_total": cost,
        "cost_currency": currency,
        "margin_percent": margin,
        "margin_basis": basis,
    }


def _weigh(line_totals: Any, quantities: Any, places: np.ndarray, orders: int) -> tuple[np.ndarray, np.ndarray]:
    """What the total is shared by: amounts, in an order without any the quantities, else all alike; and the starts."""
    starts = np.searchsorted(places, np.arange(orders))
    weights = np.abs(to_units(line_totals))
    for fallback in (np.abs(to_units(quantities)), np.ones(len(places), np.int64)):
        largest = np.maximum.reduceat(weights, starts) if orders else weights
        weights = np.where((largest == 0)[places], fallback, weights)
    return weights, starts
