"""What an item of the menu costs and what it is sold for: prices, estimates, margins, and what is odd about them.

Stock, texts and removal do not belong here; see `menu.py`. Alleaves specification, section 6.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from sync_assets.tables.spec import ARROW
from sync_assets.transforms.columns import NO_TEXT, is_true, map_unique, only_if
from sync_assets.transforms.money import ZERO, fit, margins, multiply

BASES = ("adult", "medical", "generic")
NO_MONEY = pa.scalar(None, ARROW["money"])
NEAR = pa.scalar(Decimal("0.95"))
USUAL_MARKUP = Decimal("2.2")
# The first line whose word is in the category, else in the subcategory, wins.
MARKUPS = (
    (re.compile(r"\b(?:pre[ -]?rolls?)\b"), Decimal("2.1")),
    (re.compile(r"\b(?:vapes?|vaporizers?|cartridges?|concentrates?|extracts?)\b"), Decimal("2.0")),
    (re.compile(r"\b(?:edibles?)\b"), Decimal("2.3")),
    (re.compile(r"\b(?:beverages?|drinks?)\b"), Decimal("2.4")),
    (re.compile(r"\b(?:tinctures?|topicals?)\b"), Decimal("2.3")),
    (re.compile(r"\b(?:flowers?)\b"), Decimal("2.2")),
)


def read_prices(rows: pa.Table) -> tuple[Any, Any, Any]:
    """Basis, price before tax and price with tax of each row: of the first price list that has either."""
    basis: Any = pa.nulls(rows.num_rows, pa.string())
    pretax: Any = pa.nulls(rows.num_rows, ARROW["money"])
    with_tax = pretax
    for name in reversed(BASES):
        net, gross = (_above_zero(rows[f"price_{kind}_{name}"]) for kind in ("retail", "otd"))
        has_price = pc.or_(pc.is_valid(net), pc.is_valid(gross))
        basis = pc.if_else(has_price, name, basis)
        pretax, with_tax = pc.if_else(has_price, net, pretax), pc.if_else(has_price, gross, with_tax)
    return basis, pretax, with_tax


def _above_zero(prices: Any) -> Any:
    return only_if(pc.greater(prices, ZERO), prices)


def estimate_prices(costs: Any, categories: Any, subcategories: Any) -> Any:
    """Cost times the usual markup of the kind of product.

    >>> costs = pa.array([Decimal("10.0000"), Decimal("10.0000")])
    >>> estimate_prices(costs, pa.array(["Pre-Rolls", "Accessories"]), pa.array([None, None], pa.string())).to_pylist()
    [Decimal('21.00'), Decimal('22.00')]
    """
    kind = pa.decimal128(2, 1)
    found = pc.coalesce(*(map_unique(texts, _find_markup, kind) for texts in (categories, subcategories)))
    return fit(multiply(costs, pc.fill_null(found, USUAL_MARKUP)), "money")


def _find_markup(text: str) -> Decimal | None:
    return next((markup for words, markup in MARKUPS if words.search(text.lower())), None)


def has_margin(categories: Any) -> Any:
    """A gift card is not sold for more than it is worth.

    >>> has_margin(pa.array(["Gift Cards", "Flower"])).to_pylist()
    [False, True]
    """
    return pc.invert(is_true(pc.equal(pc.utf8_lower(categories), "gift cards")))


def read_margins(price: Any, cost: Any, has_one: Any) -> tuple[Any, Any]:
    """Margin per unit and in percent of the price before tax; null where `has_one` is not true.

    >>> price, cost = pa.array([Decimal("35.00")]), pa.array([Decimal("17.5000")])
    >>> amount, percent = read_margins(price, cost, pa.array([True]))
    >>> amount.to_pylist(), percent.to_pylist()
    ([Decimal('17.50')], [Decimal('50.00')])
    """
    percent, _ = margins(price, NO_MONEY, cost, has_one)
    return only_if(has_one, fit(pc.subtract(price, cost), "money")), percent


def judge_costs(price: Any, cost: Any, has_one: Any) -> Any:
    """cost_above_price, cost_near_price (from 95 % on) or null."""
    is_above = pc.and_(has_one, pc.greater(cost, price))
    is_near = pc.and_(has_one, pc.greater_equal(cost, multiply(price, NEAR)))
    return pc.if_else(is_true(is_above), "cost_above_price", pc.if_else(is_true(is_near), "cost_near_price", NO_TEXT))
