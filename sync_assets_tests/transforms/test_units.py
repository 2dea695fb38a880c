from __future__ import annotations

from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync_assets.transforms.units import convert, prepare_conversions

from .odoo_frames import frame

OLD = [
    {"id": 1, "name": "Units", "factor": "1", "category_id": 1},
    {"id": 2, "name": "Dozens", "factor": "0.08333333", "category_id": 1},
    {"id": 4, "name": "Hours", "factor": "8", "category_id": 3},
    {"id": 3, "name": "Days", "factor": "1", "category_id": 3},
    {"id": 7, "name": "Broken", "factor": "0", "category_id": 1},
]
NEW = [
    {"id": 1, "name": "Units", "factor": "1"},
    {"id": 2, "name": "Pack of 6", "factor": "6", "relative_uom_id": 1, "relative_factor": "6"},
    {"id": 3, "name": "Dozens", "factor": "12", "relative_uom_id": 2, "relative_factor": "2"},
    {"id": 4, "name": "Hours", "factor": "1"},
    {"id": 6, "name": "Minutes", "factor": "0.0166667", "relative_uom_id": 4, "relative_factor": "0.0166667"},
]


def converted(uoms: list[dict[str, Any]], quantity: str, unit: int | None, own: int | None) -> Decimal | None:
    conversions = prepare_conversions(frame("uoms", uoms), [own] if own else [])
    quantities = pa.array([Decimal(quantity)], pa.decimal128(28, 8))
    return convert(quantities, pa.array([unit], pa.int64()), pa.array([own], pa.int64()), conversions).to_pylist()[0]


@pytest.mark.parametrize(
    ("uoms", "quantity", "unit", "own", "expected"),
    [
        (OLD, "2", 2, 1, "24.000"),
        (NEW, "2", 3, 1, "24.000"),
        (OLD, "100000", 2, 1, "1200000.000"),
        (OLD, "24", 1, 2, "2.000"),
        (NEW, "24", 1, 3, "2.000"),
        (NEW, "5", 1, 2, "0.833"),
        (NEW, "3", 3, 2, "6.000"),
        (OLD, "-3", 2, 1, "-36.000"),
        (OLD, "4", 4, 3, "0.500"),
        (NEW, "90", 6, 4, "1.500"),
        (OLD, "1.0005", 1, 1, "1.001"),
        (OLD, "-1.0005", 1, 1, "-1.001"),
        (OLD, "2", 1, 3, None),
        (NEW, "2", 1, 4, None),
        (OLD, "2", 7, 1, None),
        (OLD, "2", 55, 1, None),
        (OLD, "2", 55, 55, "2.000"),
        (OLD, "2", None, 1, None),
        (OLD, "2", 1, None, None),
    ],
)
def test_conversions(
    uoms: list[dict[str, Any]], quantity: str, unit: int | None, own: int | None, expected: str | None
) -> None:
    assert converted(uoms, quantity, unit, own) == (None if expected is None else Decimal(expected))


@given(st.integers(1, 5000), st.integers(1, 1_000_000))
def test_a_whole_number_of_units_in_a_pack_stays_whole(size: int, packs: int) -> None:
    rounded_inverse = str(round(Decimal(1) / size, 8))
    old = [OLD[0], {"id": 9, "name": "Pack", "factor": rounded_inverse, "category_id": 1}]
    new = [NEW[0], {"id": 9, "name": "Pack", "factor": str(size), "relative_uom_id": 1}]
    assert converted(old, str(packs), 9, 1) == converted(new, str(packs), 9, 1) == size * packs


def test_units_that_name_each_other_do_not_hang() -> None:
    uoms = [
        {"id": 1, "name": "A", "factor": "1", "relative_uom_id": 2},
        {"id": 2, "name": "B", "factor": "2", "relative_uom_id": 1},
    ]
    converted(uoms, "1", 1, 2)
