from __future__ import annotations

from decimal import Decimal

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync_assets.transforms.products import Item, assign_product_keys, band_prices, categorise, read_vintages


@pytest.mark.parametrize(
    ("category", "name", "expected"),
    [
        ("ROUGE", "", "rouge"),
        ("Champagne rosé", "", "mousseux"),
        ("Crémant", "", "mousseux"),
        ("Pét-nat", "", "pétillant"),
        ("Blanc de blancs mousseux", "", "mousseux"),
        ("Blanc de blancs", "", "blanc"),
        ("Porto", "", "fortifié"),
        ("Frais de port", "", "autre"),
        ("Port", "Vin rouge", "rouge"),
        ("Vins / Rouges", "Crémant", "rouge"),
        ("Rosés", "", "rosé"),
        ("Gris", "", "rosé"),
        ("Vin gris", "", "rosé"),
        ("Vins", "Pinot Gris", None),
        ("Vins", "Pinot Gris blanc", "blanc"),
        (None, "Clairette de Die", "mousseux"),
        ("All / Wines / Red", "", "rouge"),
        ("Vendanges tardives", "", "blanc"),
        ("Bières", "", "autre"),
        ("Eau-de-vie", "", "autre"),
        ("Moelleux", "", "blanc"),
        ("Xérès", "", "fortifié"),
        ("Jus de raisin rouge", "", "autre"),
        ("Prosecco Rosé", "", "mousseux"),
        ("Divers", "Verres à vin rouge", "autre"),
        ("Divers", "Rougemont", None),
        ("Vins de France", "Grosse bouteille", None),
        (None, "Grosse bouteille", None),
        (None, "", None),
    ],
)
def test_categories(category: str | None, name: str, expected: str | None) -> None:
    found, is_unmapped = categorise(pa.array([category], pa.string()), pa.array([name]))
    assert (found.to_pylist()[0], is_unmapped.to_pylist()[0]) == (expected or "autre", expected is None)


@pytest.mark.parametrize(
    ("price", "segment"),
    [
        ("0.00", "entry"),
        ("14.99", "entry"),
        ("15.00", "standard"),
        ("29.99", "standard"),
        ("30.00", "premium"),
        ("74.99", "premium"),
        ("75.00", "luxury"),
        (None, None),
    ],
)
def test_price_segments(price: str | None, segment: str | None) -> None:
    prices = pa.array([None if price is None else Decimal(price)], pa.decimal128(18, 2))
    assert band_prices(prices, "EUR", {}).to_pylist() == [segment]


@pytest.mark.parametrize(
    ("name", "vintage"),
    [
        ("Riesling 2019", 2019),
        ("2020 Rouge", 2020),
        ("Rouge (2018)", 2018),
        ("Cuvée 2027", 2027),
        ("Cuvée 2028", None),
        ("Cuvée 1899", None),
        ("Cuvée 1900", 1900),
        ("Cuvée 1912 millésime 2019", None),
        ("Cuvée 2019 2019", None),
        ("Cuvée 2099 millésime 2019", 2019),
        ("Lot 20190", None),
        ("Ref A2019", None),
        ("Rouge", None),
        (None, None),
    ],
)
def test_vintages(name: str | None, vintage: int | None) -> None:
    assert read_vintages(pa.array([name], pa.string()), this_year=2026).to_pylist() == [vintage]


def keys(*items: Item, registered: dict[str, str] | None = None) -> tuple[dict[str, str], list[tuple[str | None, str]]]:
    found, findings = assign_product_keys(items, registered or {}, source="odoo", entity="product.product")
    return found, [(f["record_key"], f["code"]) for f in findings]


def test_the_lowest_new_id_gets_the_sku() -> None:
    assert keys(Item(10, "V1"), Item(9, "V1"), Item(2, None)) == (
        {"2": "odoo-2", "9": "V1", "10": "odoo-10"},
        [("10", "duplicate_sku")],
    )


def test_a_living_product_comes_before_a_deleted_one() -> None:
    assert keys(Item(1, "V1", is_living=False), Item(2, "V1"))[0] == {"1": "odoo-1", "2": "V1"}


def test_a_key_given_before_stays() -> None:
    found = keys(Item(1, "V1"), Item(5, "V1"), registered={"5": "V1"})
    assert found == ({"1": "odoo-1", "5": "V1"}, [("1", "duplicate_sku")])


@pytest.mark.parametrize("sku", ["odoo-7", "isavigne-C1", "alleaves-3"])
def test_a_sku_like_our_own_keys_is_not_used(sku: str) -> None:
    assert keys(Item(1, sku)) == ({"1": "odoo-1"}, [("1", "reserved_sku")])


def test_a_changed_sku_keeps_the_key() -> None:
    assert keys(Item(1, "V2"), registered={"1": "V1"}) == ({"1": "V1"}, [("1", "sku_changed")])
    assert keys(Item(1, None), registered={"1": "V1"}) == ({"1": "V1"}, [("1", "sku_changed")])
    assert keys(Item(1, "V1"), registered={"1": "odoo-1"}) == ({"1": "odoo-1"}, [("1", "sku_changed")])


def test_a_sku_that_became_free_goes_to_a_new_product() -> None:
    found = keys(Item(1, "V2"), Item(2, "V2"), registered={"1": "V1"})
    assert found == ({"1": "V1", "2": "V2"}, [("1", "sku_changed")])


def test_case_and_zeros_count() -> None:
    assert keys(Item(1, "00123"), Item(2, "123"), Item(3, "c-12"), Item(4, "C-12"))[0] == {
        "1": "00123",
        "2": "123",
        "3": "c-12",
        "4": "C-12",
    }


skus = st.one_of(st.none(), st.sampled_from(["A", "B", "C", "odoo-1", "odoo-9"]))
items = st.lists(st.builds(Item, st.integers(1, 12), skus, st.booleans()), unique_by=lambda item: item.number)


@given(items, items, st.randoms(use_true_random=False))
def test_keys_are_unique_never_change_and_do_not_depend_on_order(
    before: list[Item], after: list[Item], random: object
) -> None:
    first, _ = keys(*before)
    second, findings = keys(*after, registered=first)
    random.shuffle(after)  # type: ignore[attr-defined]
    assert keys(*after, registered=first) == (second, findings)
    everything = first | second
    assert all(first[number] == key for number, key in second.items() if number in first)
    assert len(set(everything.values())) == len(everything)
    assert keys(*after, registered=everything) == (second, findings)
