"""An amount shared over the lines of its order to the cent: largest remainder, never a cent lost or made.

What the amounts and the weights mean does not belong here; see `lines.py`.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from sync_assets.tables.spec import ARROW

# Products of cents and weights up to here are exact in 64 bits; beyond, Python's own integers do the work.
SAFE = 2.0**62


def to_units(values: Any) -> np.ndarray:
    """Decimals of at most 18 digits as whole numbers of their last digit, null as 0.

    >>> from decimal import Decimal
    >>> to_units(pa.array([Decimal("12.50"), None])).tolist()
    [1250, 0]
    """
    short = values.cast(pa.decimal64(18, values.type.scale))
    whole = (short.combine_chunks() if isinstance(short, pa.ChunkedArray) else short).view(pa.int64())
    return pc.fill_null(whole, 0).to_numpy()


def to_money(cents: np.ndarray, is_known: np.ndarray) -> pa.Array:
    """Whole cents as money; null where not known.

    >>> to_money(np.array([1250, 7]), np.array([True, False])).to_pylist()
    [Decimal('12.50'), None]
    """
    return pa.array(cents, pa.int64(), mask=~is_known).view(pa.decimal64(18, 2)).cast(ARROW["money"])


def share(totals: np.ndarray, starts: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """The part of every line, in cents: `totals[i]` belongs to the lines from `starts[i]` up to the next start.

    `starts` rises from 0 and every order has a line; weights are at least 0, and above 0 for one line of each order.
    Parts are in proportion to the weights, cut towards 0; the cents left go one each to the largest remainders, on a
    tie to the earlier line. The sum of the parts is the total, and no part has the other sign.

    >>> share(np.array([100, -5]), np.array([0, 3]), np.array([1, 1, 1, 0, 2])).tolist()
    [34, 33, 33, 0, -5]
    """
    if not len(totals):
        return np.zeros(0, np.int64)
    sizes = np.diff(starts, append=len(weights))
    group = np.repeat(np.arange(len(totals)), sizes)
    amount = np.abs(totals)
    weight_sums = np.add.reduceat(weights.astype(np.float64), starts)
    is_safe = np.maximum(amount, 1).astype(np.float64) * weight_sums < SAFE
    parts = np.zeros(len(weights), np.int64)
    chosen = is_safe[group]
    parts[chosen] = _share_safe(amount[is_safe], sizes[is_safe], weights[chosen])
    for place in np.flatnonzero(~is_safe):
        lines = slice(starts[place], starts[place] + sizes[place])
        parts[lines] = _share_large(int(amount[place]), weights[lines].tolist())
    return parts * np.sign(totals)[group]


def _share_safe(amount: np.ndarray, sizes: np.ndarray, weights: np.ndarray) -> np.ndarray:
    if not len(amount):
        return np.zeros(0, np.int64)
    group = np.repeat(np.arange(len(amount)), sizes)
    starts = np.cumsum(sizes) - sizes
    product = amount[group] * weights
    parts, rest = np.divmod(product, np.add.reduceat(weights, starts)[group])
    left = amount - np.add.reduceat(parts, starts)
    is_open = left[group] > 0
    lines, owner = np.flatnonzero(is_open), group[is_open]
    # A stable sort keeps the earlier line first on a tie.
    order = np.lexsort((-rest[is_open], owner))
    first = np.searchsorted(owner, owner, side="left")
    rank = np.arange(len(owner)) - first
    parts[lines[order[rank < left[owner]]]] += 1
    return parts


def _share_large(amount: int, weights: list[int]) -> list[int]:
    whole = sum(weights)
    parts = [amount * weight // whole for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda line: -(amount * weights[line] % whole))
    for line in by_remainder[: amount - sum(parts)]:
        parts[line] += 1
    return parts
