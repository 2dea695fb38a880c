from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync_assets.transforms.alleaves.shares import share


def naive(total: int, weights: list[int]) -> list[int]:
    exact = [Fraction(abs(total) * weight, sum(weights)) for weight in weights]
    parts = [int(value) for value in exact]
    by_rest = sorted(range(len(weights)), key=lambda i: (parts[i] - exact[i], i))
    for i in by_rest[: abs(total) - sum(parts)]:
        parts[i] += 1
    return [part if total >= 0 else -part for part in parts]


def share_all(orders: list[tuple[int, list[int]]]) -> list[list[int]]:
    sizes = [len(weights) for _, weights in orders]
    starts = np.cumsum([0, *sizes])[:-1]
    weights = np.array([weight for _, weights in orders for weight in weights], np.int64)
    parts = share(np.array([total for total, _ in orders], np.int64), starts, weights)
    return [parts[start : start + size].tolist() for start, size in zip(starts, sizes, strict=True)]


@pytest.mark.parametrize(
    ("total", "weights", "expected"),
    [
        (1000, [1, 1, 1], [334, 333, 333]),
        (-1000, [1, 1, 1], [-334, -333, -333]),
        (2, [1, 1, 1], [1, 1, 0]),
        (0, [5, 5], [0, 0]),
        (995, [1000], [995]),
        (100, [0, 7], [0, 100]),
        (3955, [1000, 2000, 500], [1130, 2260, 565]),
        # Beyond 64 bits: more cents than a product with a weight can hold.
        (10**18 - 1, [10**18 - 1, 1], [10**18 - 2, 1]),
        (-(10**18) + 1, [3, 10**17, 10**17], [-15, -499999999999999992, -499999999999999992]),
    ],
)
def test_shares(total: int, weights: list[int], expected: list[int]) -> None:
    assert naive(total, weights) == expected
    assert share_all([(total, weights)]) == [expected]


amounts = st.one_of(st.integers(-(10**5), 10**5), st.integers(-(10**18) + 1, 10**18 - 1))
weights = st.lists(st.one_of(st.integers(0, 300), st.integers(0, 10**17)), min_size=1, max_size=7)
priced = st.tuples(amounts, weights.filter(any))


@settings(max_examples=150, deadline=None)
@given(st.lists(priced, max_size=8))
def test_the_parts_of_every_order_add_up_and_keep_its_sign(orders: list[tuple[int, list[int]]]) -> None:
    parts = share_all(orders)
    for (total, weights), own in zip(orders, parts, strict=True):
        assert own == naive(total, weights)
        assert sum(own) == total
        assert all(part * total >= 0 for part in own)
    assert share_all(orders[::-1]) == parts[::-1]
