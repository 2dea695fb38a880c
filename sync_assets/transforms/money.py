"""Exact arithmetic on Arrow decimals: rounding half away from zero, quotients, margins. Never through a float.

Which amounts are compared or summed does not belong here.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from sync_assets.tables.spec import ARROW, Kind
from sync_assets.transforms.columns import NO_TEXT, only_if

ZERO = pa.scalar(Decimal(0))


def fit(values: Any, kind: Kind) -> Any:
    """Values rounded half away from zero to the digits of a column kind; null where it cannot hold them.

    >>> fit(pa.array([Decimal("0.125"), Decimal("-0.125"), Decimal("1e16")]), "money").to_pylist()
    [Decimal('0.13'), Decimal('-0.13'), None]
    """
    target = ARROW[kind]
    largest = Decimal(10) ** (target.precision - target.scale) - 1
    # A value that does not fit would stop the whole batch, so it is taken out before.
    inside = only_if(pc.less_equal(pc.abs(values), pa.scalar(largest)), values)
    return pc.round(inside, target.scale, round_mode="half_towards_infinity").cast(target)


def multiply(first: Any, second: Any) -> Any:
    """Exact products, with room for all their digits."""
    return pc.multiply(_wide(first), _wide(second))


def divide(dividend: Any, divisor: Any, kind: Kind) -> Any:
    """Quotients rounded once to the digits of a column kind; null where the divisor is 0.

    >>> divide(pa.array([Decimal("10.00"), Decimal("1")]), pa.array([Decimal("3"), Decimal("0")]), "money").to_pylist()
    [Decimal('3.33'), None]
    """
    # Arrow cuts a quotient far behind the digit that decides, so that rounding it half away is exact.
    safe = only_if(pc.not_equal(divisor, ZERO), divisor)
    return fit(pc.divide(_wide(dividend), _wide(safe)), kind)


def margins(untaxed: Any, taxed: Any, cost: Any, is_comparable: Any) -> tuple[Any, Any]:
    """Margin in percent of the untaxed price, else of the taxed one, and which of them it was.

    >>> price, cost = pa.array([Decimal("91.00")]), pa.array([Decimal("36.00")])
    >>> percent, basis = margins(price, price, cost, pa.array([True]))
    >>> percent.to_pylist(), basis.to_pylist()
    ([Decimal('60.44')], ['untaxed'])
    """
    price = pc.coalesce(untaxed, taxed)
    gained = pc.multiply(pc.subtract(_wide(price), _wide(cost)), pa.scalar(Decimal(100)))
    percent = only_if(is_comparable, divide(gained, price, "percent"))
    basis = pc.if_else(pc.is_valid(untaxed), "untaxed", "taxed")
    return percent, pc.if_else(pc.is_valid(percent), basis, NO_TEXT)


def _wide(values: Any) -> Any:
    return values.cast(pa.decimal256(values.type.precision, values.type.scale))
