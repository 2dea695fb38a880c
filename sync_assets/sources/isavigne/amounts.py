"""Totals of sale lines with and without tax from whatever amounts, prices, rates and discounts a row has.

Which columns they come from does not belong here. Canonical specification, section 3.6.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from sync_assets.transforms.columns import is_true
from sync_assets.transforms.money import ZERO, divide, fit, multiply

# Room for quantity x price x rate x discount without rounding.
EXACT = pa.decimal256(60, 20)
_UNIT = pa.decimal256(40, 12)
_HUNDREDTH = pa.scalar(Decimal("0.01"))
_HUNDRED = pa.scalar(Decimal(100))


@dataclass(frozen=True)
class Amounts:
    """What a row says: quantity and numbers as Arrow decimals, percentages as such; each may be null."""

    quantity: Any
    price: Any
    price_untaxed: Any
    total: Any
    total_untaxed: Any
    vat_rate: Any
    discount: Any
    discount_percent: Any


@dataclass(frozen=True)
class Totals:
    """What follows from it, as columns of raw.isavigne_ventes; signs are those of the row."""

    price_unit: Any
    price_unit_untaxed: Any
    price_total: Any
    price_total_untaxed: Any
    is_estimated: Any
    is_mismatch: Any
    tax_unknown: Any


def compute_totals(row: Amounts, default_rate: Decimal | None, is_credit: Any) -> Totals:
    """Totals of each row. `is_estimated` where the default rate was needed, `is_mismatch` where a given total does not
    fit quantity and price; for a credit note only the sizes are compared."""
    rate = row.vat_rate if default_rate is None else pc.coalesce(row.vat_rate, _rate(default_rate, row.vat_rate.type))
    taxed = _less_discount(row, row.price)
    untaxed = pc.coalesce(row.total_untaxed.cast(EXACT), _less_discount(row, row.price_untaxed))
    given = pc.coalesce(row.total.cast(EXACT), taxed)
    exact = pc.coalesce(given, _scale(untaxed, pc.add(_HUNDRED, rate)))
    from_tax = divide(multiply(exact.cast(_UNIT, safe=False), _HUNDRED), pc.add(_HUNDRED, row.vat_rate), "money")
    needs_rate = pc.and_(pc.is_null(given), pc.is_valid(untaxed))
    has_no_rate = pc.and_(needs_rate, pc.is_null(row.vat_rate))
    mismatch = pc.or_(
        _differs(row, row.total, taxed, is_credit),
        _differs(row, row.total_untaxed, _less_discount(row, row.price_untaxed), is_credit),
    )
    total_untaxed = pc.coalesce(fit(untaxed, "money"), from_tax)
    return Totals(
        _per_unit(exact, row.quantity, row.price),
        _per_unit(pc.coalesce(untaxed, total_untaxed.cast(EXACT)), row.quantity, row.price_untaxed),
        fit(exact, "money"),
        total_untaxed,
        pc.and_(has_no_rate, default_rate is not None),
        mismatch,
        pc.and_(has_no_rate, default_rate is None),
    )


def _rate(rate: Decimal, kind: pa.DataType) -> Any:
    return pa.scalar(rate.quantize(Decimal(1).scaleb(-kind.scale)), kind)


def _less_discount(row: Amounts, price: Any) -> Any:
    """Quantity x price less the discount; an amount makes the total smaller whatever its sign."""
    gross = multiply(row.quantity, price).cast(EXACT)
    signed = pc.if_else(pc.less(row.quantity, ZERO), pc.negate(row.discount), row.discount)
    less_amount = pc.subtract(gross, signed.cast(EXACT))
    less_percent = _scale(gross, pc.subtract(_HUNDRED, row.discount_percent))
    return pc.coalesce(less_percent, less_amount.cast(EXACT, safe=False), gross)


def _scale(values: Any, percent: Any) -> Any:
    """`values` x `percent` / 100, exact for all numbers that a row can hold."""
    narrow = values.cast(pa.decimal256(45, 15), safe=False)
    return multiply(multiply(narrow, percent), _HUNDREDTH).cast(EXACT, safe=False)


def _per_unit(total: Any, quantity: Any, price: Any) -> Any:
    return pc.coalesce(divide(total.cast(_UNIT, safe=False), quantity, "money"), fit(price, "money"))


def _differs(row: Amounts, given: Any, expected: Any, is_credit: Any) -> Any:
    given = given.cast(EXACT)
    given = pc.if_else(is_credit, pc.abs(given), given)
    expected = pc.if_else(is_credit, pc.abs(expected), expected)
    gap = pc.abs(pc.subtract(given, expected))
    pieces = pc.max_element_wise(pc.abs(row.quantity), pa.scalar(Decimal(1)).cast(row.quantity.type))
    allowed = multiply(pieces, _HUNDREDTH)
    return is_true(pc.greater(gap, allowed))
