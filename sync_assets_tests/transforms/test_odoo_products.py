from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync_assets.errors import ConfigurationError
from sync_assets.tables.canonical import PRODUCT_CATALOG
from sync_assets.tables.ops import PRODUCT_KEYS
from sync_assets.transforms.odoo import company_currency

from .odoo_frames import EARLIER, NOW, acme, catalogue, codes, column, odoo, product, products, shuffled


def cost(product_id: int, price: str | None, company_id: int = 1) -> dict[str, Any]:
    return {"id": product_id, "company_id": company_id, "standard_price": price, "run_id": "r"}


def test_a_wine() -> None:
    raw = odoo(
        **product(
            7,
            default_code=" RIES19 ",
            write_date=EARLIER,
            template_name="Riesling 2019",
            template_list_price="25",
            template_categ_id=4,
            template_active=True,
            template_write_date=EARLIER + timedelta(days=1),
        ),
        categories=[{"id": 4, "name": "Blancs", "complete_name": "All / Vins / Blancs"}],
        costs=[cost(7, "12.345")],
    )
    mapped, new_keys = catalogue(raw, acme(default_vat_rate="20"))
    PRODUCT_CATALOG.contract.validate(mapped.frame)
    PRODUCT_KEYS.contract.validate(new_keys)
    assert {name: column(mapped, name)[0] for name in mapped.frame.columns} == {
        "org_id": "acme",
        "product_key": "RIES19",
        "source": "odoo",
        "source_id": "7",
        "default_code": "RIES19",
        "name": "Riesling 2019",
        "source_category": "All / Vins / Blancs",
        "source_category_id": "4",
        "category": "blanc",
        "is_wine": True,
        "price_segment": "premium",
        "list_price": Decimal("30.00"),
        "list_price_untaxed": Decimal("25.00"),
        "cost_price": Decimal("12.35"),
        "currency": "EUR",
        "cost_currency": "EUR",
        "margin_percent": Decimal("50.60"),
        "margin_basis": "untaxed",
        "unit_label": "Units",
        "grape_varieties": [],
        "flavors": [],
        "vintage": 2019,
        "region": None,
        "volume_cl": None,
        "alcohol_percent": None,
        "total_acidity": None,
        "residual_sugar": None,
        "body": None,
        "tannins": None,
        "active": True,
        "last_updated": EARLIER + timedelta(days=1),
        "synced_at": NOW,
    }
    assert codes(mapped) == []
    assert new_keys.to_dict("records") == [
        {"org_id": "acme", "source": "odoo", "source_id": "7", "product_key": "RIES19", "assigned_at": NOW}
    ]


@pytest.mark.parametrize(
    ("settings_", "price", "expected", "found"),
    [
        ({}, "10", (None, "10.00"), ["tax_unknown"]),
        ({"default_vat_rate": "20"}, "10", ("12.00", "10.00"), []),
        ({"default_vat_rate": "5.5"}, "10", ("10.55", "10.00"), []),
        ({"default_vat_rate": "0"}, "10", ("10.00", "10.00"), []),
        ({"default_vat_rate": "20"}, "19.995", ("23.99", "20.00"), []),
        ({"list_price_basis": "taxed"}, "10", ("10.00", None), ["tax_unknown"]),
        ({"list_price_basis": "taxed", "default_vat_rate": "20"}, "10", ("10.00", "8.33"), []),
        ({"default_vat_rate": "20"}, "0", ("0.00", "0.00"), []),
        ({"default_vat_rate": "20"}, "-1", (None, None), ["invalid_price"]),
        ({"default_vat_rate": "20"}, "1e17", (None, None), ["bad_value", "tax_unknown"]),
        ({}, None, (None, None), []),
    ],
)
def test_list_prices(settings_: dict[str, str], price: str | None, expected: Any, found: list[str]) -> None:
    raw = odoo(**product(1, template_list_price=price, template_name="Vin rouge"))
    mapped, _ = catalogue(raw, acme(**settings_))
    prices = tuple(None if value is None else Decimal(value) for value in expected)
    assert (column(mapped, "list_price")[0], column(mapped, "list_price_untaxed")[0]) == prices
    assert [code for _, code in codes(mapped)] == found


@pytest.mark.parametrize(
    ("received", "expected", "margin", "found"),
    [
        ("0", None, None, []),
        (None, None, None, []),
        ("36", "36.00", "60.44", []),
        ("100", "100.00", "-9.89", ["cost_above_price"]),
    ],
)
def test_costs_and_margins(received: str | None, expected: str | None, margin: str | None, found: list[str]) -> None:
    raw = odoo(**product(1, template_list_price="91", template_name="Vin rouge"), costs=[cost(1, received)])
    mapped, _ = catalogue(raw, acme(default_vat_rate="20"))
    assert column(mapped, "cost_price") == [expected and Decimal(expected)]
    assert column(mapped, "margin_percent") == [margin and Decimal(margin)]
    assert column(mapped, "cost_currency") == [expected and "EUR"]
    assert column(mapped, "margin_basis") == [expected and "untaxed"]
    assert [code for _, code in codes(mapped)] == found


def test_the_margin_falls_back_to_the_taxed_price() -> None:
    raw = odoo(**product(1, template_list_price="100"), costs=[cost(1, "60")])
    mapped, _ = catalogue(raw, acme(list_price_basis="taxed"))
    assert (column(mapped, "margin_percent"), column(mapped, "margin_basis")) == ([Decimal("40.00")], ["taxed"])


def test_the_cost_is_that_of_the_first_company_that_has_one() -> None:
    companies = [{"id": i, "name": f"C{i}", "currency_id": 1} for i in (1, 2, 3)]
    raw = odoo(**product(1), companies=companies, costs=[cost(1, "5", 1), cost(1, "0", 2), cost(1, "7", 3)])
    assert column(catalogue(raw, acme())[0], "cost_price") == [Decimal("5.00")]
    assert column(catalogue(raw, acme((3, 1)))[0], "cost_price") == [Decimal("7.00")]
    assert column(catalogue(raw, acme((2, 3)))[0], "cost_price") == [Decimal("7.00")]
    assert column(catalogue(raw, acme((2,)))[0], "cost_price") == [None]


def test_archived_and_deleted_products_stay_inactive() -> None:
    raw = odoo(
        **products(
            product(1),
            product(2, active=False),
            product(3, template_active=False),
            product(4, deleted_at=NOW),
            product(5, template_deleted_at=NOW),
        )
    )
    mapped, _ = catalogue(raw)
    assert column(mapped, "active") == [True, False, False, False, False]
    assert mapped.rows_in == 5


def test_only_wine_has_a_vintage() -> None:
    raw = odoo(**products(product(1, template_name="Rouge 2020"), product(2, template_name="Verre 2020")))
    assert column(catalogue(raw)[0], "vintage") == [2020, None]


def test_a_product_whose_template_was_not_read() -> None:
    rows = product(3, default_code="V3")
    mapped, _ = catalogue(odoo(products=rows["products"]))
    PRODUCT_CATALOG.contract.validate(mapped.frame)
    assert column(mapped, "name") == ["V3"]
    assert codes(mapped) == [("3", "template_missing"), ("3", "unmapped_category")]


def test_keys_come_from_the_registry_first() -> None:
    raw = odoo(**products(product(1, default_code="A"), product(2, default_code="A"), product(3, default_code="C")))
    mapped, new_keys = catalogue(raw, keys={"2": "A", "3": "B"})
    assert column(mapped, "product_key") == ["odoo-1", "A", "B"]
    assert new_keys["source_id"].tolist() == ["1"]
    assert ("1", "duplicate_sku") in codes(mapped)
    assert ("3", "sku_changed") in codes(mapped)


def test_the_registry_of_another_source_is_not_ours() -> None:
    from sync_assets.transforms.odoo import map_products

    foreign = PRODUCT_KEYS.frame([{"org_id": "acme", "source": "isavigne", "source_id": "1", "product_key": "X"}])
    mapped, _ = map_products(odoo(**product(1)), acme(), foreign, synced_at=NOW, this_year=2026)
    assert column(mapped, "product_key") == ["odoo-1"]


def test_companies_must_share_a_currency() -> None:
    companies = [
        {"id": 1, "name": "Cave Nord", "currency_id": 1},
        {"id": 2, "name": "Cave West", "currency_id": 2},
        {"id": 3, "name": "Cave Sud", "currency_id": 1},
    ]
    raw = odoo(companies=companies)
    assert company_currency(raw, (1, 3)) == "EUR"
    assert company_currency(raw, (2,)) == "USD"
    with pytest.raises(ConfigurationError, match=r"Cave Nord \(id 1\): EUR, Cave West \(id 2\): USD") as caught:
        company_currency(raw)
    assert caught.value.code == "mixed_currencies"
    with pytest.raises(ConfigurationError, match="None of the Odoo companies"):
        company_currency(raw, (9,))
    with pytest.raises(ConfigurationError, match="unknown"):
        company_currency(odoo(companies=[{"id": 1, "name": "Cave", "currency_id": 77}]))


rows = st.lists(
    st.fixed_dictionaries(
        {
            "id": st.integers(1, 15),
            "product_tmpl_id": st.one_of(st.none(), st.integers(1, 6)),
            "default_code": st.sampled_from([None, " ", "A", "B", "odoo-1"]),
            "active": st.sampled_from([None, True, False]),
            "deleted_at": st.sampled_from([None, NOW]),
        }
    ),
    unique_by=lambda row: row["id"],
)
prices = st.one_of(st.none(), st.decimals(-5, 500, places=8).map(str))


@settings(max_examples=40, deadline=None)
@given(rows, st.lists(prices, min_size=5, max_size=5), st.lists(prices, max_size=15), st.integers(0, 99))
def test_every_product_is_there_once_whatever_the_order(
    variants: list[dict[str, Any]], list_prices: list[str | None], costs: list[str | None], seed: int
) -> None:
    templates = [{"id": i, "name": f"Rouge {2010 + i}", "list_price": p} for i, p in enumerate(list_prices, 1)]
    raw = odoo(products=variants, templates=templates, costs=[cost(i, p) for i, p in enumerate(costs, 1)])
    mapped, new_keys = catalogue(raw, acme(default_vat_rate="20"))
    PRODUCT_CATALOG.contract.validate(mapped.frame)
    assert mapped.rows_in == len(mapped.frame) == len(variants) == len(new_keys)
    again, same_keys = catalogue(shuffled(raw, seed), acme(default_vat_rate="20"))
    assert again.frame.equals(mapped.frame)
    assert same_keys.equals(new_keys)
    assert codes(again) == codes(mapped)
