"""Units of measure of Odoo: how many of one unit are in another, whatever the version means by `factor`.

Quantities written as words (cases, bottles) do not belong here. Odoo extraction specification, section 2.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from sync_assets.transforms.columns import look_up, only_if, pair_ids, to_arrow
from sync_assets.transforms.money import divide, fit, multiply

# Factors are kept with 8 digits after the decimal mark.
FACTOR_STEP = 10**8
LARGEST_TERM = 10**18


@dataclass(frozen=True)
class Conversions:
    """For pairs of different but comparable units: quantity x times / per."""

    pairs: pa.Array
    times: pa.Array
    per: pa.Array


def prepare_conversions(uoms: pd.DataFrame, product_units: list[int]) -> Conversions:
    """Conversions from every unit into each of the products' own units."""
    sizes = _unit_sizes(uoms)
    rows = []
    for own in sorted(set(product_units) & sizes.keys()):
        for unit, (family, size) in sizes.items():
            own_family, own_size = sizes[own]
            ratio = size / own_size
            if unit != own and family == own_family and max(ratio.numerator, ratio.denominator) < LARGEST_TERM:
                rows.append((unit, own, ratio.numerator, ratio.denominator))
    units, owns, times, per = zip(*rows, strict=True) if rows else ((), (), (), ())
    pairs = pair_ids(pa.array(units, pa.int64()), pa.array(owns, pa.int64()))
    return Conversions(pairs, _terms(times), _terms(per))


def _terms(values: tuple[int, ...]) -> pa.Array:
    return pa.array(values, pa.int64()).cast(pa.decimal128(19, 0)).cast(pa.decimal128(18, 0))


def convert(quantities: Any, units: Any, own_units: Any, conversions: Conversions) -> Any:
    """Quantities in the products' own units; null where the units are unknown or cannot be compared."""
    pairs = pair_ids(units, own_units)
    times = look_up(pairs, conversions.pairs, conversions.times)
    per = look_up(pairs, conversions.pairs, conversions.per)
    is_same = pc.equal(units, own_units)
    if pc.sum(pc.is_valid(times)).as_py():
        converted = divide(multiply(quantities, times), per, "quantity")
        return pc.if_else(pc.fill_null(is_same, False), fit(quantities, "quantity"), converted)
    return only_if(is_same, fit(quantities, "quantity"))


def _unit_sizes(uoms: pd.DataFrame) -> dict[int, tuple[tuple[str, int], Fraction]]:
    """By unit: its family of comparable units, and how many reference units of the family one of it holds."""
    rows = {row["id"]: row for row in to_arrow(uoms).sort_by("id").to_pylist()}
    sizes = {}
    for unit, row in rows.items():
        factor = row["factor"]
        if factor is None or factor <= 0:
            continue
        if row["category_id"] is None:
            sizes[unit] = (("top", _topmost(unit, rows)), Fraction(factor))
        else:
            sizes[unit] = (("category", row["category_id"]), _inverse(Fraction(factor)))
    return sizes


def _inverse(factor: Fraction) -> Fraction:
    """1 / factor; a factor that is the rounded inverse of a whole number stands for that number.

    >>> _inverse(Fraction("0.08333333"))
    Fraction(12, 1)
    >>> _inverse(Fraction("35.274"))
    Fraction(500, 17637)
    """
    whole = round(1 / factor)
    if whole and round(Fraction(FACTOR_STEP, whole)) == factor * FACTOR_STEP:
        return Fraction(whole)
    return 1 / factor


def _topmost(unit: int, rows: dict[int, dict[str, Any]]) -> int:
    seen = set()
    while unit in rows and unit not in seen and rows[unit]["relative_uom_id"] is not None:
        seen.add(unit)
        unit = rows[unit]["relative_uom_id"]
    return unit
