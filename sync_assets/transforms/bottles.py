"""Quantities in bottles of 75 cl, from units and formats as people write them.

Units of measure that a source keeps as a table do not belong here; see `units.py`. Canonical specification, section 2.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from sync_assets.connections import BottleSettings
from sync_assets.transforms.bottle_words import Unit, read_format, read_name, read_unit
from sync_assets.transforms.columns import NO_TEXT, is_true, look_up, match_labels, only_if
from sync_assets.transforms.money import ZERO, divide, fit, multiply

BOTTLE_CL = Decimal(75)
USUAL_JEROBOAM_CL = Decimal(300)
CASE_COUNT = Decimal(12)
# Room for litres with 4 digits times a number of bottles.
VOLUME = pa.decimal128(18, 4)
USUAL = BottleSettings()
MESSAGES = {
    "unknown_unit": "The unit is not known, so the number of bottles is unknown.",
    "case_size_unknown": "How many bottles are in the unit is not known.",
    "ambiguous_format": "The name of the format has several sizes; the usual one is taken.",
    "format_conflict": "The volume is not that of the format's name; the volume is taken.",
}


@dataclass(frozen=True)
class Bottles:
    """Equivalents and quantity in the product's own unit, null where unknown, and the codes found, null where none.

    `code` is of MESSAGES: unknown_unit and case_size_unknown leave both quantities null, the others do not.
    """

    equivalents: Any
    product_units: Any
    code: Any


def count_bottles(
    quantities: Any, units: Any, volumes: Any, regions: Any, is_wine: Any, settings: BottleSettings = USUAL
) -> Bottles:
    """What signed quantities of written units are, given each product's content in cl, region, and whether it is wine.

    Rounded once at the end. Of what is not wine only the number of pieces is counted, and nothing is reported.

    >>> quantity, none = pa.array([Decimal(3), Decimal(-1)]), pa.nulls(2, pa.string())
    >>> found = count_bottles(
    ...     quantity, pa.array(["clavelin", "Caisse de 6"]), pa.nulls(2, VOLUME), none, pa.array([True, True])
    ... )
    >>> found.equivalents.to_pylist(), found.product_units.to_pylist()
    ([Decimal('2.480'), Decimal('-6.000')], [Decimal('2.480'), Decimal('-6.000')])
    """
    rows = [quantities, units, volumes, regions, is_true(is_wine)]
    # Sales repeat themselves: a million lines have some thousand different quantities, units and formats.
    first, place = _distinct(rows)
    found = _count_distinct([values.take(first) for values in rows], settings)
    return Bottles(found.equivalents.take(place), found.product_units.take(place), found.code.take(place))


def _distinct(columns: list[Any]) -> tuple[Any, Any]:
    """Positions of the first of each kind of row, and for every row which of these it is like."""
    kind: Any = pa.array(np.zeros(len(columns[0]), np.int64))
    for values in columns:
        known = pc.unique(values)
        kind = pc.add(pc.multiply(kind, len(known) + 1), pc.index_in(values, value_set=known).cast(pa.int64()))
        kind = pc.index_in(kind, value_set=pc.unique(kind)).cast(pa.int64())
    if isinstance(kind, pa.ChunkedArray):
        kind = kind.combine_chunks()
    return pc.index_in(pc.unique(kind), value_set=kind), kind


def _count_distinct(columns: list[Any], settings: BottleSettings) -> Bottles:
    quantities, units, volumes, regions, is_wine = columns
    given = pc.fill_null(units, "")
    distinct = pc.unique(given)
    read = [read_unit(text) for text in distinct.to_pylist()]
    formats = pc.coalesce(_positive(volumes), pa.scalar(BOTTLE_CL, VOLUME))

    def of_unit(values: list[Any], kind: pa.DataType) -> Any:
        return look_up(given, distinct, pa.array(values, kind))

    count = of_unit([unit.number for unit in read], VOLUME)
    fixed = of_unit([unit.volume_cl for unit in read], VOLUME)
    kinds = of_unit([unit.kind for unit in read], pa.string())
    is_jeroboam, is_case, is_carton = (pc.equal(kinds, kind) for kind in ("jeroboam", "case", "carton"))
    jeroboam, is_unsure = _jeroboams(regions, settings)
    is_dozen = pc.and_(is_case, pc.equal(formats, pa.scalar(BOTTLE_CL, VOLUME)))
    pieces = pc.if_else(
        pc.equal(kinds, "pieces"),
        count,
        pc.if_else(is_dozen, pa.scalar(CASE_COUNT, VOLUME), only_if(is_carton, _carton_size(settings, len(given)))),
    )
    one = pc.if_else(is_jeroboam, jeroboam, pc.if_else(pc.is_valid(fixed), fixed, formats))
    number = pc.if_else(pc.or_(is_jeroboam, pc.is_valid(fixed)), count, pieces)
    centilitres = multiply(multiply(quantities, number).cast(pa.decimal256(44, 7)), one)
    equivalents = divide(_room(centilitres), pa.scalar(BOTTLE_CL), "quantity")
    units_of_wine = divide(_room(centilitres), formats, "quantity")
    pieces_of_others = fit(multiply(quantities, pc.if_else(pc.is_valid(fixed), count, number)), "quantity")
    code = pc.coalesce(
        of_unit([unit.code for unit in read], pa.string()),
        pc.if_else(pc.and_(pc.or_(is_case, is_carton), pc.is_null(pieces)), "case_size_unknown", NO_TEXT),
        pc.if_else(pc.and_(is_jeroboam, is_unsure), "ambiguous_format", NO_TEXT),
    )
    return Bottles(
        only_if(is_wine, equivalents),
        pc.if_else(is_wine, units_of_wine, pieces_of_others),
        only_if(is_wine, code),
    )


def convert_to_bottles(product_units: Any, volumes: Any, is_wine: Any) -> Any:
    """Equivalents of quantities that are already in the products' own unit; null for what is not wine."""
    formats = pc.coalesce(_positive(volumes), pa.scalar(BOTTLE_CL, VOLUME))
    centilitres = multiply(product_units, formats)
    return only_if(is_wine, divide(_room(centilitres), pa.scalar(BOTTLE_CL), "quantity"))


def read_volumes(
    formats: Any, names: Any, keys: Any, regions: Any, settings: BottleSettings = USUAL
) -> tuple[Any, Any, Any]:
    """Content of one unit of each product in cl, from its format text, else its name, else its key.

    Also its code (ambiguous_format or format_conflict), and whether there is a format text that says nothing.

    >>> none = pa.nulls(2, pa.string())
    >>> read_volumes(pa.array(["magnum", None]), pa.array(["Riesling 37,5 cl", "Riesling 37,5 cl"]), none, none)[
    ...     0
    ... ].to_pylist()
    [Decimal('150.00'), Decimal('37.50')]
    """
    jeroboam, is_unsure = _jeroboams(regions, settings)
    found, codes = [], []
    for texts, read in ((formats, read_format), (names, read_name), (keys, lambda key: read_name(key, is_key=True))):
        volume, code = _read_contents(texts, read, jeroboam, is_unsure)
        found.append(volume)
        codes.append(code)
    is_lost = pc.and_(pc.is_valid(formats), pc.is_null(found[0]))
    code = pc.if_else(pc.is_valid(found[0]), codes[0], pc.if_else(pc.is_valid(found[1]), codes[1], codes[2]))
    return fit(pc.coalesce(*found), "measure"), code, is_lost


def _read_contents(texts: Any, read: Any, jeroboam: Any, is_unsure: Any) -> tuple[Any, Any]:
    distinct = pc.unique(texts).drop_null()
    units: list[Unit | None] = [read(text) for text in distinct.to_pylist()]
    volumes = [None if unit is None or unit.volume_cl is None else unit.volume_cl * unit.number for unit in units]
    volume = look_up(texts, distinct, pa.array([_fitting(value) for value in volumes], VOLUME))
    kinds = look_up(texts, distinct, pa.array([unit and unit.kind for unit in units], pa.string()))
    code = look_up(texts, distinct, pa.array([unit and unit.code for unit in units], pa.string()))
    is_jeroboam = is_true(pc.equal(kinds, "jeroboam"))
    code = pc.if_else(pc.and_(is_jeroboam, is_unsure), "ambiguous_format", code)
    return pc.if_else(is_jeroboam, jeroboam, volume), code


def _fitting(volume: Decimal | None) -> Decimal | None:
    return volume if volume is not None and 0 < volume < 10**6 else None


def _jeroboams(regions: Any, settings: BottleSettings) -> tuple[Any, Any]:
    """What a jéroboam holds in each region, and where the region is unknown."""
    names = match_labels(pa.array(["bordeaux", *settings.bordeaux_regions])).to_pylist()
    plain = match_labels(regions)
    is_bordeaux = is_true(pc.match_substring_regex(plain, f"(^| )({'|'.join(filter(None, names))})( |$)"))
    bordeaux = pa.scalar(Decimal(settings.bordeaux_jeroboam_cl), VOLUME)
    return pc.if_else(is_bordeaux, bordeaux, pa.scalar(USUAL_JEROBOAM_CL, VOLUME)), pc.is_null(regions)


def _carton_size(settings: BottleSettings, rows: int) -> Any:
    size = settings.default_carton_size
    return pa.repeat(pa.scalar(None if size is None else Decimal(size), VOLUME), rows)


def _positive(volumes: Any) -> Any:
    wide = volumes.cast(VOLUME)
    return only_if(pc.greater(wide, ZERO), wide)


def _room(values: Any) -> Any:
    """Exact values with room for the digits of a quotient."""
    return values.cast(pa.decimal256(50, 11))
