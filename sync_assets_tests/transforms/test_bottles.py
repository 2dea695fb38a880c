"""Bottles of 75 cl: every vector of the specification, formats, regions, cases, what is not wine, and exactness."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync_assets.connections import BottleSettings
from sync_assets.transforms.bottle_words import FORMATS, plain, read_format, read_name, read_unit
from sync_assets.transforms.bottles import Bottles, convert_to_bottles, count_bottles, read_volumes

D = Decimal
MEASURE = pa.decimal128(9, 2)
QUANTITY = pa.decimal128(18, 3)


def count(
    *units: str | None,
    quantity: str = "1",
    volume: str | None = None,
    region: str | None = None,
    is_wine: bool = True,
    **settings: Any,
) -> Bottles:
    rows = len(units)
    return count_bottles(
        pa.array([D(quantity)] * rows, QUANTITY),
        pa.array(units, pa.string()),
        pa.array([None if volume is None else D(volume)] * rows, MEASURE),
        pa.array([region] * rows, pa.string()),
        pa.array([is_wine] * rows),
        BottleSettings(**settings),
    )


def one(unit: str | None, **how: Any) -> tuple[Decimal | None, Decimal | None, str | None]:
    """Equivalents, quantity in the product's unit, code."""
    found = count(unit, **how)
    return tuple(column.to_pylist()[0] for column in (found.equivalents, found.product_units, found.code))  # type: ignore[return-value]


VECTORS: list[tuple[str | None, str | None]] = [
    *((unit, "0.500") for unit in ("demi-bouteille", "37,5 cl", "375ml")),
    *((unit, "0.667") for unit in ("50cl", "500 ml")),
    *((unit, "6.000") for unit in ("Caisse 6x75cl", "6 x 0,75 L", "Caisse de 6")),
    ("carton 12", "12.000"),
    ("carton", None),
    ("caisse", "12.000"),
    *((unit, "2.000") for unit in ("bouteille 150cl", "1,5L", "Magnum 150cl")),
    *((unit, "4.000") for unit in ("double magnum", "300cl")),
    ("BIB 5L", "6.667"),
    ("carton de 6 magnums", "12.000"),
    ("palette", None),
]


@pytest.mark.parametrize(("unit", "expected"), VECTORS)
def test_the_vectors_of_the_specification(unit: str, expected: str | None) -> None:
    assert one(unit)[0] == (expected and D(expected))


def test_the_vectors_at_once() -> None:
    units = [unit for unit, _ in VECTORS]
    assert count(*units).equivalents.to_pylist() == [value and D(value) for _, value in VECTORS]


def test_a_case_of_a_magnum_product_and_a_return() -> None:
    assert one("Caisse de 6", volume="150") == (D("12.000"), D("6.000"), None)
    assert one("bouteille", quantity="-3") == (D("-3.000"), D("-3.000"), None)


def test_rounding_happens_once() -> None:
    assert one("clavelin", quantity="3")[0] == D("2.480")
    assert one("clavelin", quantity="-3")[0] == D("-2.480")


@pytest.mark.parametrize(
    ("name", "centilitres", "equivalents"),
    [
        ("quart", "20", "0.267"),
        ("piccolo", "20", "0.267"),
        ("demi", "37.5", "0.5"),
        ("fillette", "37.5", "0.5"),
        ("pot", "46", "0.613"),
        ("medium", "50", "0.667"),
        ("clavelin", "62", "0.827"),
        ("litre", "100", "1.333"),
        ("magnum", "150", "2"),
        ("double magnum", "300", "4"),
        ("réhoboam", "450", "6"),
        ("impériale", "600", "8"),
        ("mathusalem", "600", "8"),
        ("salmanazar", "900", "12"),
        ("balthazar", "1200", "16"),
        ("nabuchodonosor", "1500", "20"),
        ("melchior", "1800", "24"),
        ("salomon", "1800", "24"),
        ("BIB 3 L", "300", "4"),
        ("BIB 5 L", "500", "6.667"),
        ("BIB 10 L", "1000", "13.333"),
    ],
)
def test_format_names(name: str, centilitres: str, equivalents: str) -> None:
    assert one(name) == (D(equivalents), one(name)[1], None)
    none = pa.nulls(1, pa.string())
    volumes, codes, is_lost = read_volumes(pa.array([name]), none, none, none)
    assert (volumes.to_pylist(), codes.to_pylist(), is_lost.to_pylist()) == ([D(centilitres)], [None], [False])


def test_a_marie_jeanne_is_told() -> None:
    assert one("marie-jeanne") == (D("3.000"), D("3.000"), "ambiguous_format")
    assert one("Marie-Jeanne 225cl")[2] is None


@pytest.mark.parametrize(
    ("region", "settings", "expected", "code"),
    [
        ("Champagne", {}, "4.000", None),
        ("Saint-Émilion Grand Cru", {}, "6.667", None),
        ("Bordeaux supérieur", {"bordeaux_jeroboam_cl": 450}, "6.000", None),
        ("Haut-Médoc", {}, "6.667", None),
        ("Gravestein", {}, "4.000", None),
        ("Blaye", {"bordeaux_regions": ["blaye"]}, "6.667", None),
        (None, {}, "4.000", "ambiguous_format"),
    ],
)
def test_a_jeroboam_depends_on_the_region(
    region: str | None, settings: dict[str, Any], expected: str, code: str | None
) -> None:
    found = one("2 jéroboams", region=region, **settings)
    assert (found[0], found[2]) == (2 * D(expected) if expected != "6.667" else D("13.333"), code)
    one_alone = one("Jéroboam", region=region, **settings)
    assert (one_alone[0], one_alone[2]) == (D(expected), code)


def test_a_volume_wins_over_a_name() -> None:
    assert one("magnum 75cl") == (D("1.000"), D("1.000"), "format_conflict")
    assert one("jéroboam 450 cl") == (D("6.000"), D("6.000"), None)
    assert one("bouteille 50cl")[2] is None


def test_counts() -> None:
    for unit in ("carton de 6 bouteilles de 75 cl", "6 75cl", "6×75cl", "6*75 cl", "75cl x 6", "12 x 37.5cl"):
        assert one(unit)[0] == D(6), unit
    for unit in ("6 bouteilles", "par 6", "x6", "lot de 6", "6 u", "coffret 6", "caisse bois de 6", "demi-douzaine"):
        assert one(unit)[0] == D(6), unit
    for unit in ("douzaine", "1 dozen", "12 btl", "pack de 12"):
        assert one(unit)[0] == D(12), unit
    assert one("2 magnums")[0] == D(4)
    for unit in ("", None, "Bouteille", "btl", "bout.", "col", "unité(s)", "U", "pièces", "each", "-"):
        assert one(unit, volume="150") == (D(2), D(1), None), unit


def test_bare_numbers() -> None:
    assert [one(text)[0] for text in ("37,5", "75", "150", "375", "750", "1500")] == [
        D("0.5"),
        1,
        2,
        D("0.5"),
        1,
        2,
    ]
    for text in ("6", "70", "0", "2019"):
        assert one(text)[2] == "unknown_unit", text


@pytest.mark.parametrize(
    "unit", ["palette", "kg", "BIB", "fût", "2 x 6 x 75cl", "caisse de 2 cartons de 6", "palette de 6", "0 cl"]
)
def test_what_is_not_understood_is_never_one_bottle(unit: str) -> None:
    assert one(unit) == (None, None, "unknown_unit")


def test_cases_without_a_number() -> None:
    assert one("caisse", volume="150") == (None, None, "case_size_unknown")
    assert one("carton", volume="150") == (None, None, "case_size_unknown")
    assert one("carton de magnums")[2] == "case_size_unknown"
    assert one("carton", volume="150", default_carton_size=6) == (D(12), D(6), None)
    assert one("caisse", volume="150", default_carton_size=6)[2] == "case_size_unknown"


def test_of_what_is_not_wine_only_pieces_are_counted() -> None:
    assert one("palette", is_wine=False) == (None, None, None)
    assert one("Caisse de 6", is_wine=False, quantity="2") == (None, D(12), None)
    assert one("", is_wine=False) == one("70 cl", is_wine=False) == (None, D(1), None)
    assert one("6 x 70cl", is_wine=False) == (None, D(6), None)


def test_own_quantities() -> None:
    quantities = pa.array([D(2), D(2), D(2), None], QUANTITY)
    volumes = pa.array([D(150), None, D(150), D(75)], MEASURE)
    found = convert_to_bottles(quantities, volumes, pa.array([True, True, False, True]))
    assert found.to_pylist() == [D(4), D(2), None, None]


def test_contents_of_products() -> None:
    def volume(text: str | None, name: str = "Vin", key: str = "P1") -> tuple[Any, Any, Any]:
        columns: Sequence[Any] = [pa.array([value], pa.string()) for value in (text, name, key, "Alsace")]
        return tuple(column.to_pylist()[0] for column in read_volumes(*columns))  # type: ignore[return-value]

    assert volume("75 cl") == volume("0,75 L") == volume("750") == volume("bouteille") == (D(75), None, False)
    assert volume("magnum 75 cl") == (D(75), "format_conflict", False)
    assert volume("de quoi boire") == (None, None, True)
    assert volume("de quoi boire", "Magnum des Galets") == (D(150), None, True)
    assert volume(None, "Galets 2019 37,5cl")[0] == D("37.5")
    assert volume(None, "Coffret 3 x 75 cl 2019")[0] == D(225)
    assert volume(None, "Carton de 6 Galets 75 cl")[0] == D(450)
    assert volume(None, "Vin", "RIES-75CL")[0] == D(75)
    for name in ("Crémant demi-sec", "Cuvée Balthazar", "Clos Salomon", "Quart de Chaume", "Pot de terre", "1500 pas"):
        assert volume(None, name)[0] is None, name
    assert volume(None, "Vin", "P1L")[0] is None
    assert read_format("caisse de 6") is None and read_format("") is None


def test_texts_are_compared_without_what_does_not_matter() -> None:
    assert plain("  Demi—Bouteilles ") == "demi bouteille"
    assert plain("Jéroboams") == "jeroboam"


@given(st.text(max_size=30))
def test_any_text_is_read(text: str) -> None:
    unit = read_unit(text)
    assert unit.number > 0 and (unit.volume_cl is None or unit.volume_cl > 0)
    assert (unit.kind == "unknown") == (unit.code in ("unknown_unit", "case_size_unknown"))
    read_name(text)
    read_name(text, is_key=True)
    count(text)


PARTS = st.sampled_from(
    ["6", "12", "75", "cl", "l", "x", "de", "caisse", "carton", "magnum", "jeroboam", "btl", "1,5", "douzaine", "demi"]
)


@given(st.lists(PARTS, max_size=6).map(" ".join), st.decimals(-1000, 1000, places=3), st.booleans())
def test_words_in_any_order(unit: str, quantity: Decimal, is_wine: bool) -> None:
    equivalents, product_units, code = one(unit, quantity=str(quantity), is_wine=is_wine, volume="150")
    if code in ("unknown_unit", "case_size_unknown"):
        assert (equivalents, product_units) == (None, None)
    elif is_wine:
        assert equivalents is not None and product_units is not None
        assert abs(equivalents - 2 * product_units) <= D("0.0015")
        assert equivalents * quantity >= 0
    else:
        assert equivalents is None and code is None


@given(st.decimals(-(10**6), 10**6, places=3), st.integers(1, 48), st.sampled_from(["37,5", "62", "75", "150"]))
def test_the_number_is_exact(quantity: Decimal, number: int, volume: str) -> None:
    expected = quantity * number * D(volume.replace(",", ".")) / 75
    assert one(f"{number} x {volume} cl", quantity=str(quantity))[0] == expected.quantize(D("0.001"), ROUND_HALF_UP)


def test_every_name_is_read_alone() -> None:
    for name in FORMATS:
        assert read_unit(name).kind in ("volume", "jeroboam"), name
