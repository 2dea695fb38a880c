"""Totals of a sale line, against the same rules written for one line with fractions."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from sync_assets.sources.isavigne.amounts import Amounts, Totals, compute_totals
from sync_assets.sources.isavigne.values import NUMBER
from sync_assets.sources.isavigne.ventes import PERCENT
from sync_assets.tables.spec import ARROW

QUANTITIES = st.decimals(-9999, 9999, places=3)
PRICES = st.none() | st.decimals(0, 99999, places=4)
RATES = st.none() | st.sampled_from([Decimal(rate) for rate in ("0", "2.1", "5.5", "10", "20")])
PERCENTS = st.none() | st.decimals(0, 100, places=2)
LINE = st.tuples(QUANTITIES, PRICES, PRICES, PRICES, PRICES, RATES, PRICES, PERCENTS)
KINDS = (ARROW["quantity"], NUMBER, NUMBER, NUMBER, NUMBER, PERCENT, NUMBER, PERCENT)


def totals_of(*line: Decimal | None) -> Totals:
    arrays = [pa.array([value], kind) for value, kind in zip(line, KINDS, strict=True)]
    return compute_totals(Amounts(*arrays), Decimal(20), pa.array([False]))


def expected(line: tuple[Decimal | None, ...]) -> tuple[Decimal | None, Decimal | None]:
    quantity, price, price_untaxed, total, total_untaxed, rate, discount, percent = (
        None if value is None else Fraction(value) for value in line
    )
    assert quantity is not None

    def discounted(unit: Fraction | None) -> Fraction | None:
        if unit is None:
            return None
        if percent is not None:
            return quantity * unit * (100 - percent) / 100
        return quantity * unit - (discount or 0) * (-1 if quantity < 0 else 1)

    def first(*values: Fraction | None) -> Fraction | None:
        return next((value for value in values if value is not None), None)

    untaxed = first(total_untaxed, discounted(price_untaxed))
    tax = 1 + first(rate, Fraction(20)) / 100  # type: ignore[operator]
    taxed = first(total, discounted(price), None if untaxed is None else untaxed * tax)
    if untaxed is None and taxed is not None and rate is not None:
        untaxed = taxed / tax
    return cents(taxed), cents(untaxed)


def cents(value: Fraction | None) -> Decimal | None:
    if value is None:
        return None
    exact = (Decimal(value.numerator * 10**12) / value.denominator).to_integral_value() / 10**12
    return exact.quantize(Decimal("0.01"), ROUND_HALF_UP)


@settings(deadline=None, derandomize=True, max_examples=200)
@given(LINE)
def test_totals(line: tuple[Decimal | None, ...]) -> None:
    totals = totals_of(*line)
    assert (totals.price_total.to_pylist()[0], totals.price_total_untaxed.to_pylist()[0]) == expected(line)


def test_a_mismatch_starts_above_a_cent_per_piece() -> None:
    def is_mismatch(quantity: str, price: str, total: str) -> bool:
        line = (Decimal(quantity), Decimal(price), None, Decimal(total), None, None, None, None)
        return bool(totals_of(*line).is_mismatch.to_pylist()[0])

    assert [is_mismatch("6", "12", total) for total in ("72.06", "72.07", "71.94", "71.93")] == [
        False,
        True,
        False,
        True,
    ]
    assert [is_mismatch("0.5", "12", total) for total in ("6.01", "6.02")] == [False, True]
    assert is_mismatch("-6", "12", "72")
