"""The fields of the sandbox are those of real servers, and differ between the versions where theirs do."""

from __future__ import annotations

import json

import pytest

from sync_assets.sandbox.odoo import OdooSandbox
from sync_assets.sandbox.odoo.access import Env
from sync_assets.sandbox.odoo.fields import build_models
from sync_assets.sandbox.odoo.orm import fields_get, read
from sync_assets_tests.sandbox.odoo_calls import VERSIONS
from sync_assets_tests.sandbox.odoo_recordings import FACTS

APPS = ("base", "product", "sale", "stock")
REAL = json.loads(FACTS.read_text(encoding="utf-8"))
HIDDEN_FROM_THE_RECORDING_USER = {"credit"}


@pytest.mark.parametrize(("version", "model"), [(version, model) for version in VERSIONS for model in REAL[version]])
def test_fields_are_those_of_the_real_server(version: str, model: str) -> None:
    server = OdooSandbox(version, records="empty")
    answer = fields_get(Env(server.store, 2), model, attributes=["type", "relation", "store"])
    ours = {name: [it["type"], it.get("relation"), it["store"]] for name, it in answer.items()}
    assert {name: it for name, it in ours.items() if name not in HIDDEN_FROM_THE_RECORDING_USER} == REAL[version][model]


@pytest.mark.parametrize(
    ("model", "field", "versions"),
    [
        ("res.partner", "mobile", "17 18"),
        ("sale.order.line", "product_uom", "17 18"),
        ("sale.order.line", "product_uom_id", "19"),
        ("sale.order.line", "tax_id", "17 18"),
        ("sale.order.line", "tax_ids", "19"),
        ("product.template", "detailed_type", "17"),
        ("product.template", "is_storable", "18 19"),
        ("uom.uom", "category_id", "17 18"),
        ("uom.uom", "relative_factor", "19"),
        ("uom.uom", "relative_uom_id", "19"),
    ],
)
def test_fields_that_come_and_go(model: str, field: str, versions: str) -> None:
    has = [version for version in VERSIONS if field in build_models(version, APPS)[model].fields]
    assert [version[:2] for version in has] == versions.split()


def test_attributes_and_names_limit_fields_get() -> None:
    env = Env(OdooSandbox("18.0", records="empty").store, 2)
    assert fields_get(env, "res.partner", ["name", "parent_id"], ["type", "relation"]) == {
        "name": {"type": "char"},
        "parent_id": {"type": "many2one", "relation": "res.partner"},
    }
    described = fields_get(env, "product.product")
    assert described["standard_price"]["company_dependent"] is True
    assert described["standard_price"]["store"] is True
    assert described["name"]["translate"] is True


@pytest.mark.parametrize("version", VERSIONS)
def test_two_dozen_are_24_units_whichever_way_the_factor_is_turned(version: str) -> None:
    store = OdooSandbox(version, records="empty").store
    units, dozens, box = read(Env(store, 2), "uom.uom", [1, 2, 3], ["name", "factor"])
    assert [units["name"], dozens["name"], box["name"]] == ["Units", "Dozens", "Box of 6"]
    if version == "19.0":
        assert (units["factor"], dozens["factor"], box["factor"]) == (1.0, 12.0, 6.0)
    else:
        assert (units["factor"], dozens["factor"]) == (1.0, 0.08333333333333333)
        assert 2 / dozens["factor"] == 24.0


@pytest.mark.parametrize("version", VERSIONS)
def test_decimals_of_prices(version: str) -> None:
    store = OdooSandbox(version, records="empty").store
    values = {"name": "Olives", "list_price": 19.995, "standard_price": 7.123456}
    product = store.create("product.product", values)
    row = read(Env(store, 2), "product.product", [product], ["list_price", "lst_price", "standard_price"])[0]
    expected = (19.995, 7.123456) if version == "19.0" else (20.0, 7.12)
    assert (row["list_price"], row["standard_price"]) == expected
    assert row["lst_price"] == row["list_price"]
