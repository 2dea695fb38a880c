"""What each family bought: its top products and its product categories, as JSON text.

The order of keys and entries is fixed, so that the same data gives the same bytes. Which orders count is decided in
`avatar_orders.py`.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from sync_assets.tables.canonical import PRODUCT_CATALOG, SALES_LINES
from sync_assets.transforms.avatar_arrow import Frame, chunks_of, columns_of, integers, single, sorted_by
from sync_assets.transforms.scores import Integers

TOP = 10
FAMILIES_PER_BLOCK = 2_000
MONEY_SUM = pa.decimal128(38, 2)
# Divided by a rate this leaves 32 decimal places, as many as a decimal256 has room for.
DIVIDEND = pa.decimal256(37, 11)
RATE = pa.decimal256(38, 18)
PAIRS = pa.schema(
    [
        ("order", pa.int32()),
        ("product", pa.int32()),
        ("amount", MONEY_SUM),
        ("quantity", pa.decimal128(38, 3)),
        ("lines", pa.int64()),
    ]
)


@dataclass(frozen=True)
class Bought:
    """JSON columns with one entry per family, and what was odd about the lines."""

    top_products: pa.ChunkedArray
    product_categories: pa.ChunkedArray
    unit_unknown: int
    amount_missing: int
    unknown_products: list[str]


@dataclass(frozen=True)
class Catalogue:
    """What the JSON says of each product and category, by position; `category` is null for a product without one."""

    product_text: pa.Array
    product_rank: pa.Array
    category: pa.Array
    category_text: pa.Array


def summarise_lines(
    lines: Frame | Iterable[Frame], products: Frame, orders: pa.Table, families: int, amount: str
) -> Bought:
    """Sums the lines of `orders` (order_key, family as position, rate) for each of `families` families.

    `lines` is one frame or many; lines of other orders and lines without a product are left out. `amount` names the
    column to sum, in the order's currency.
    """
    keys = columns_of(products, PRODUCT_CATALOG, ["product_key"]).column(0).combine_chunks()
    held = len(keys)
    pairs, keys, odd = _order_and_product(lines, orders, keys, amount)
    unknown = keys.slice(held).to_pylist()
    known = _describe_products(products, unknown)
    family = integers(single(orders["family"]).take(pairs["order"]))
    top_products, product_categories = [], []
    # Blocks keep what is needed at once small: wide decimals and texts of all families would fill the memory.
    for first in range(0, families, FAMILIES_PER_BLOCK):
        size = min(FAMILIES_PER_BLOCK, families - first)
        is_here = (family >= first) & (family < first + size)
        here = pa.array(is_here)
        sold = _sum_pairs(pairs.filter(here).append_column("family", pa.array(family[is_here] - first, pa.int32())))
        sold = _convert(sold, orders)
        top_products.append(_top_products(sold, known, size))
        product_categories.append(_product_categories(sold, known, size))
        pa.default_memory_pool().release_unused()
    return Bought(
        top_products=pa.chunked_array(top_products, type=pa.string()),
        product_categories=pa.chunked_array(product_categories, type=pa.string()),
        unit_unknown=odd["unit_unknown"],
        amount_missing=odd["amount_missing"],
        unknown_products=sorted(unknown),
    )


def _order_and_product(
    lines: Frame | Iterable[Frame], orders: pa.Table, keys: pa.Array, amount: str
) -> tuple[pa.Table, pa.Array, Counter[str]]:
    """Order and product of each line (positions), the product keys followed by those the catalogue lacks, odd lines."""
    names = ["order_id", "product_key", "quantity_product_units", "quantity_units", amount]
    order_keys = single(orders["order_key"])
    odd: Counter[str] = Counter()
    parts = [PAIRS.empty_table()]
    for chunk in chunks_of(lines, SALES_LINES, names):
        order = pc.index_in(chunk["order_id"], value_set=order_keys)
        keep = pc.and_(pc.is_valid(order), pc.is_valid(chunk["product_key"]))
        chunk, order = chunk.filter(keep), order.filter(keep)
        product = pc.index_in(chunk["product_key"], value_set=keys)
        if product.null_count:
            keys = pa.concat_arrays([keys, pc.unique(chunk["product_key"].filter(pc.is_null(product)))])
            product = pc.index_in(chunk["product_key"], value_set=keys)
        odd["unit_unknown"] += chunk["quantity_product_units"].null_count
        odd["amount_missing"] += chunk[amount].null_count
        amounts = pc.fill_null(chunk[amount], pa.scalar(Decimal(0), chunk[amount].type))
        quantities = pc.coalesce(chunk["quantity_product_units"], chunk["quantity_units"])
        columns = [order, product, amounts, quantities, pa.repeat(1, chunk.num_rows)]
        part = [column.cast(kind) for column, kind in zip(columns, PAIRS.types, strict=True)]
        parts.append(pa.table(part, schema=PAIRS))
    return pa.concat_tables(parts), keys, odd


def _sum_pairs(part: pa.Table) -> pa.Table:
    return _group(part, ["family", "order", "product"], ["amount", "quantity", "lines"])


def _convert(pairs: pa.Table, orders: pa.Table) -> pa.Table:
    """Amounts divided by the rates of their orders."""
    rates = single(orders["rate"]).take(pairs["order"])
    converted = pc.divide(pairs["amount"].cast(DIVIDEND), rates.cast(RATE))
    return pairs.set_column(pairs.column_names.index("amount"), "amount", converted)


def _group(table: pa.Table, keys: list[str], summed: list[str], *, count: str | None = None) -> pa.Table:
    """Sums per group under their own names, and the number of rows as `count`."""
    wanted: list[Any] = [(name, "sum") for name in summed]
    grouped = table.group_by(keys, use_threads=False).aggregate(wanted + ([([], "count_all")] if count else []))
    names = {f"{name}_sum": name for name in summed} | {"count_all": count}
    return grouped.rename_columns([names.get(name) or name for name in grouped.column_names])


def _rounded(sums: pa.ChunkedArray) -> pa.ChunkedArray:
    """Sums of quotients to two decimals, half away from zero.

    Each quotient is cut at its 32nd decimal, so thirds that add up to half a cent fall short of it by a trace; the first
    rounding takes the trace away.
    """
    exact = pc.round(sums, 24, round_mode="half_towards_infinity")
    return pc.round(exact, 2, round_mode="half_towards_infinity").cast(MONEY_SUM)


def _text(value: str | None) -> str:
    # PostgreSQL's jsonb has no NUL character.
    return json.dumps(None if value is None else value.replace("\x00", ""), ensure_ascii=False)


def _describe_products(products: Frame, unknown: list[str]) -> Catalogue:
    """Products in the order of `products`, then the unknown ones, which have only their key."""
    names = ["product_key", "source_id", "source", "name", "default_code", "source_category_id", "source_category"]
    rows = columns_of(products, PRODUCT_CATALOG, names).to_pydict()
    texts, ranks, categories = [], [], []
    for key, source_id, source, name, code, category_id, category in zip(*rows.values(), strict=True):
        is_number = source == "odoo" and source_id.isascii() and source_id.isdigit()
        product_id = str(int(source_id)) if is_number else _text(key)
        texts.append(f'{{"product_id":{product_id},"name":{_text(name)},"default_code":{_text(code)},"total_quantity":')
        ranks.append((0, int(source_id), key) if is_number else (1, 0, key))
        by_id = (category_id or category) if source == "odoo" else (category or category_id)
        categories.append((by_id, category or category_id) if by_id else None)
    for key in unknown:
        texts.append(f'{{"product_id":{_text(key)},"name":{_text(key)},"default_code":null,"total_quantity":')
        ranks.append((1, 0, key))
        categories.append(None)
    rank = {value: position for position, value in enumerate(sorted(ranks))}
    labels: dict[str, str] = {}
    for entry in filter(None, categories):
        # Two products may disagree on the name of a category for a while; either way the same data gives the same text.
        labels[entry[0]] = min(labels.get(entry[0], entry[1]), entry[1])
    ordered = sorted(labels, key=lambda k: (0, int(k), k) if k.isascii() and k.isdigit() else (1, 0, k))
    positions = {key: position for position, key in enumerate(ordered)}
    return Catalogue(
        product_text=pa.array(texts, pa.string()),
        product_rank=pa.array([rank[value] for value in ranks], pa.int32()),
        category=pa.array([positions[c[0]] if c else None for c in categories], pa.int32()),
        category_text=pa.array(
            [f'{_text(k)}:{{"name":{_text(labels[k])},"total_revenue":' for k in ordered], pa.string()
        ),
    )


def _top_products(pairs: pa.Table, known: Catalogue, families: int) -> pa.Array:
    sold = _group(pairs, ["family", "product"], ["amount", "quantity", "lines"], count="orders")
    revenue = _rounded(sold["amount"])
    rank = known.product_rank.take(sold["product"])
    order = sorted_by([(sold["family"], "ascending"), (revenue, "descending"), (rank, "ascending")])
    family = integers(sold["family"].take(order))
    is_top = np.arange(len(family)) - np.searchsorted(family, family, side="left") < TOP
    order = order.filter(pa.array(is_top))
    sold = sold.take(order)
    entries = _join(
        known.product_text.take(sold["product"]),
        sold["quantity"],
        ',"total_revenue":',
        revenue.take(order),
        ',"order_count":',
        sold["orders"],
        ',"order_lines":',
        sold["lines"],
        "}",
    )
    return _join("[", _listed(entries, family[is_top], families), "]")


def _product_categories(pairs: pa.Table, known: Catalogue, families: int) -> pa.Array:
    """Products without a category add to none."""
    category = known.category.take(pairs["product"])
    pairs = pairs.select(["order", "family", "amount"]).append_column("category", category)
    pairs = pairs.filter(pc.is_valid(category))
    by_order = _group(pairs, ["order", "family", "category"], ["amount"])
    sold = _group(by_order, ["family", "category"], ["amount"], count="orders")
    sold = sold.take(sorted_by([(sold["family"], "ascending"), (sold["category"], "ascending")]))
    text, revenue = known.category_text.take(sold["category"]), _rounded(sold["amount"])
    entries = _join(text, revenue, ',"order_count":', sold["orders"], "}")
    return _join("{", _listed(entries, integers(sold["family"]), families), "}")


def _listed(entries: pa.Array, family: Integers, families: int) -> pa.Array:
    """The entries of each family joined by commas; `family` is sorted."""
    bounds = np.searchsorted(family, np.arange(families + 1))
    return pc.binary_join(pa.ListArray.from_arrays(pa.array(bounds, pa.int32()), entries), ",")


def _join(*parts: Any) -> pa.Array:
    """Columns and constants joined to one text column; numbers are written with all their decimals."""
    columns = [part if isinstance(part, str) else single(part).cast(pa.string()) for part in parts]
    return pc.binary_join_element_wise(*columns, "")
