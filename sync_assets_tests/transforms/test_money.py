from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal, localcontext

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync_assets.transforms.money import divide, fit, margins, multiply

CENT = Decimal("0.01")
numbers = st.decimals(min_value=-(10**12), max_value=10**12, places=8)


def raw(*values: str | Decimal | None) -> pa.Array:
    return pa.array([None if v is None else Decimal(v) for v in values], pa.decimal128(28, 8))


@pytest.mark.parametrize(
    ("amount", "rate", "expected"),
    [("110.00", "1.1", "100.00"), ("10.00", "3", "3.33"), ("0.25", "2", "0.13"), ("-0.25", "2", "-0.13")],
)
def test_company_amounts(amount: str, rate: str, expected: str) -> None:
    assert divide(raw(amount), raw(rate), "money").to_pylist() == [Decimal(expected)]


@given(numbers, numbers)
def test_a_quotient_is_rounded_once_half_away_from_zero(dividend: Decimal, divisor: Decimal) -> None:
    found = divide(raw(dividend), raw(divisor), "money").to_pylist()[0]
    if divisor == 0:
        assert found is None
        return
    with localcontext(prec=200):
        exact = (dividend / divisor).quantize(CENT, ROUND_HALF_UP)
    assert found == (exact if abs(exact) < 10**16 - 1 else None)


@given(st.lists(st.one_of(st.none(), numbers)))
def test_rounding_is_half_away_from_zero(values: list[Decimal | None]) -> None:
    expected = [None if v is None else v.quantize(CENT, ROUND_HALF_UP) for v in values]
    assert fit(raw(*values), "money").to_pylist() == expected


def test_a_value_the_column_cannot_hold_becomes_null() -> None:
    assert fit(raw("9999999999999999.00", "10000000000000000", "-1e19"), "money").to_pylist() == [
        Decimal("9999999999999999.00"),
        None,
        None,
    ]


def test_products_keep_every_digit() -> None:
    found = multiply(raw("12345678901234567890.12345678"), raw("12345678901234567890.12345678"))
    with localcontext(prec=80):
        assert found.to_pylist() == [Decimal("12345678901234567890.12345678") ** 2]


@pytest.mark.parametrize(
    ("untaxed", "taxed", "cost", "comparable", "expected"),
    [
        ("91.00", "109.20", "36.00", True, (Decimal("60.44"), "untaxed")),
        (None, "109.20", "36.00", True, (Decimal("67.03"), "taxed")),
        ("-91.00", "-109.20", "-36.00", True, (Decimal("60.44"), "untaxed")),
        ("10.00", None, "12.00", True, (Decimal("-20.00"), "untaxed")),
        ("0", "0", "36.00", True, (None, None)),
        (None, None, "36.00", True, (None, None)),
        ("91.00", None, None, True, (None, None)),
        ("91.00", None, "36.00", False, (None, None)),
        ("91.00", None, "36.00", None, (None, None)),
        ("0.01", None, "9000000.00", True, (None, None)),
    ],
)
def test_margins(
    untaxed: str | None, taxed: str | None, cost: str | None, comparable: bool | None, expected: tuple[object, object]
) -> None:
    money = pa.decimal128(18, 2)
    prices = (raw(untaxed).cast(money), raw(taxed).cast(money), raw(cost).cast(money))
    percent, basis = margins(*prices, pa.array([comparable], pa.bool_()))
    assert (percent.to_pylist()[0], basis.to_pylist()[0]) == expected
