"""The three calls in both modes: what they change, what they answer, what they refuse, what is written down."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest

from sync_assets.errors import ConfigurationError
from sync_assets.sandbox.vendor import VendorSandbox, busiest_second, start_vendor
from sync_assets_tests.sandbox.vendor_calls import NOON, Caller, fresh, new_family, new_product, stock_of, variant


@pytest.fixture(scope="module")
def servers() -> Iterator[dict[str, VendorSandbox]]:
    with VendorSandbox("v1") as first, VendorSandbox("v2") as second:
        yield {"v1": first, "v2": second}


@pytest.fixture
def v1(servers: dict[str, VendorSandbox]) -> Iterator[Caller]:
    with fresh(servers["v1"]) as caller:
        yield caller


@pytest.fixture
def v2(servers: dict[str, VendorSandbox]) -> Iterator[Caller]:
    with fresh(servers["v2"]) as caller:
        yield caller


PAIR = (variant("F-5", 3, 4.5, Strength="5mg"), variant("F-10", 4, 8, Strength="10mg"))


def test_a_product_is_created_read_and_updated(v1: Caller) -> None:
    assert v1.read()["error"] == "product_not_found"
    created = v1.create("A", 10)
    assert list(created) == ["product_id"]
    number = created["product_id"]
    shown = {"id": number, "name": "Product A", "default_code": "A", "vendor_on_hand_qty": 10, "price": 0}
    assert v1.read() == {"product": shown}
    assert v1.update("A", 25) == {"product_id": number}
    assert v1.read() == {"product": {**shown, "vendor_on_hand_qty": 25}}
    body = {"default_code": "A", "product": {"vendor_on_hand_qty": 25, "name": "New"}, "supplier": {"price": 2.5}}
    v1.result("update", body)
    assert v1.read() == {"product": {**shown, "name": "New", "vendor_on_hand_qty": 25, "price": 2.5}}


def test_the_history_tells_every_applied_write(v1: Caller) -> None:
    clock: Any = v1.server.now
    v1.create("A", 10)
    clock.advance(5)
    v1.read("A")
    v1.update("A", 7)
    v1.create("A", 99)
    v1.update("B", 99)
    v1.create("B", 1)
    products = v1.server.products
    told = [(c.call, (c.at - NOON).total_seconds(), c.action, c.quantities, c.prices) for c in products.history_of("A")]
    assert told == [(1, 0, "create", {"A": 10}, {"A": 0}), (3, 5, "update", {"A": 7}, {"A": 0})]
    assert [change.default_code for change in products.history] == ["A", "A", "B"]
    assert (products["A"].created_at, products["A"].written_at) == (NOON, NOON + timedelta(seconds=5))
    assert products.quantities() == {"A": 7, "B": 1}
    assert (list(products), len(products), "A" in products, "C" in products) == (["A", "B"], 2, True, False)
    assert (products.twice(), products.overtaken()) == ([], [])


@pytest.mark.parametrize(
    ("route", "body", "code"),
    [
        ("read", {}, "missing_field"),
        ("read", {"default_code": "  "}, "missing_field"),
        ("read", {"default_code": 7}, "missing_field"),
        ("read", ["A"], "missing_field"),
        ("read", {"default_code": "B"}, "product_not_found"),
        ("read", {"default_code": "a"}, "product_not_found"),
        ("create", new_product("A"), "variant_default_code_exists"),
        ("create", {"product": new_product("B")["product"]}, "missing_field"),
        ("create", {"supplier": {"price": 0}}, "missing_field"),
        ("create", new_product("B", -1), "invalid_value"),
        ("create", {**new_product("B"), "supplier": {"price": "0"}}, "invalid_value"),
        ("create", {**new_product("B"), "supplier": {"price": True}}, "invalid_value"),
        ("create", {**new_product("B"), "variants": []}, "invalid_value"),
        ("create", {"product": {"name": "B", "vendor_on_hand_qty": 1}, "supplier": {"price": 0}}, "missing_field"),
        ("update", stock_of("B"), "product_not_found"),
        ("update", stock_of("A", -3), "invalid_value"),
        ("update", {"default_code": "A"}, "nothing_to_update"),
        ("update", {"default_code": "A", "product": {"name": ""}}, "missing_field"),
    ],
)
def test_what_v1_refuses_changes_nothing(v1: Caller, route: str, body: Any, code: str) -> None:
    v1.create("A", 10)
    refused = v1.result(route, body)
    assert refused["error"] == code
    assert refused["message"].endswith(".")
    assert v1.server.products.quantities() == {"A": 10}
    assert len(v1.server.products.history) == 1
    assert [call["is_applied"] for call in v1.server.calls] == [True, False]


def test_a_family_is_created_read_and_updated(v2: Caller) -> None:
    assert list(v2.result("create", new_family(*PAIR))) == ["product_id"]
    shown = v2.read("F-5")["product"]
    ids = [entry.pop("id") for entry in shown["variants"]]
    assert shown.pop("id") not in ids
    assert len(set(ids)) == 2
    assert shown == {
        "name": "Family",
        "default_code": "F-5",
        "vendor_on_hand_qty": 7,
        "price": 4.5,
        "variants": [*PAIR],
    }
    v2.result("update", {"default_code": "F-5", "variants": [variant("F-10", 40, 8.5)]})
    shown = v2.read("F-5")["product"]
    assert shown["vendor_on_hand_qty"] == 43
    assert [(entry["vendor_on_hand_qty"], entry["price"]) for entry in shown["variants"]] == [(3, 4.5), (40, 8.5)]
    assert [entry["id"] for entry in shown["variants"]] == ids
    assert v2.server.products.quantities() == {"F-5": 3, "F-10": 40}
    [created, updated] = v2.server.products.history_of("F-10")
    assert (created.quantities, created.quantity) == ({"F-5": 3, "F-10": 4}, 7)
    assert (updated.quantities, updated.prices) == ({"F-5": 3, "F-10": 40}, {"F-5": 4.5, "F-10": 8.5})


def test_a_full_update_adds_a_variant(v2: Caller) -> None:
    v2.result("create", new_family(*PAIR))
    more = (*PAIR, variant("F-20", 1, 15, Strength="20mg"))
    v2.result("update", {"default_code": "F-5", **new_family(*more, name="Larger")})
    product = v2.server.products["F-5"]
    assert (product.name, product.quantity, list(product.variants)) == ("Larger", 8, ["F-5", "F-10", "F-20"])


GRID = [
    variant(f"G-{strength}-{size}", Strength=strength, Size=size) for strength in ("5mg", "10mg") for size in ("S", "L")
]


def test_all_combinations_must_be_there(v2: Caller) -> None:
    refused = v2.result("create", new_family(*GRID[:3]))
    assert refused["error"] == "variants_incomplete"
    expected = [entry["attributes"] for entry in GRID]
    assert sorted(map(str, refused["expected_combinations"])) == sorted(
        str({"Size": entry["Size"], "Strength": entry["Strength"]}) for entry in expected
    )
    assert len(v2.server.products) == 0
    v2.result("create", new_family(*GRID))
    assert len(v2.server.products["G-5mg-S"].variants) == 4
    refused = v2.result("update", {"default_code": "G-5mg-S", "variants": [variant("G-new", Strength="1mg", Size="S")]})
    assert (refused["error"], len(refused["expected_combinations"])) == ("variants_incomplete", 6)


@pytest.mark.parametrize(
    ("route", "body", "code"),
    [
        ("read", {"default_code": "F-10"}, "product_not_found"),
        ("create", new_family(*PAIR), "variant_default_code_exists"),
        ("create", new_family(variant("X", Strength="1mg"), PAIR[1]), "variant_default_code_exists"),
        ("create", new_product("X"), "missing_field"),
        ("create", {**new_product("X"), "variants": []}, "missing_field"),
        ("create", new_family(variant("X")), "missing_field"),
        ("create", new_family(variant("X", Strength="")), "invalid_value"),
        ("create", new_family(variant("X", Strength="1mg"), variant("X", Strength="2mg")), "invalid_value"),
        ("create", new_family(variant("X", Strength="1mg"), variant("Y", Strength="1mg")), "invalid_value"),
        ("create", new_family(variant("X", Strength="1mg"), variant("Y", Size="L")), "invalid_value"),
        ("update", {"default_code": "F-5"}, "missing_field"),
        ("update", {"default_code": "F-5", "variants": [variant("F-10", -1)]}, "invalid_value"),
        ("update", {"default_code": "F-5", "variants": [variant("F-99")]}, "variants_incomplete"),
        (
            "update",
            {"default_code": "F-5", "variants": [variant("OTHER", Strength="9mg")]},
            "variant_default_code_exists",
        ),
    ],
)
def test_what_v2_refuses_changes_nothing(v2: Caller, route: str, body: Any, code: str) -> None:
    v2.result("create", new_family(*PAIR))
    v2.result("create", new_family(variant("OTHER", Strength="1mg")))
    assert v2.result(route, body)["error"] == code
    assert v2.server.products.quantities() == {"F-5": 3, "F-10": 4, "OTHER": 5}
    assert len(v2.server.products.history) == 2


def test_credentials_and_forms_are_checked_before_anything_else(v1: Caller) -> None:
    body = new_product()
    assert v1.post("create", body, headers={"Authorization": "Bearer wrong"}).status_code == 401
    assert v1.post("create", body, headers={"Authorization": v1.server.api_key}).status_code == 401
    assert v1.post("create", body, params={"partner_id": "14"}).status_code == 403
    assert httpx.post(f"{v1.server.url}/vendor_api/product/create", json=body).status_code == 401
    assert v1.post("delete", body).status_code == 404
    assert v1.http.post("/vendor_api/product/create/", json=body).status_code == 404
    assert v1.http.get("/vendor_api/product/create").status_code == 405
    assert v1.http.post("/vendor_api/product/create", content=b"{}").status_code == 415
    given = {"content": b'{"product": ', "headers": {"Content-Type": "application/json"}}
    assert v1.http.post("/vendor_api/product/create", **given).status_code == 400
    assert len(v1.server.products) == 0


def test_calls_are_recorded_without_the_token(v1: Caller) -> None:
    clock: Any = v1.server.now
    v1.create("A", 3)
    clock.advance(1)
    v1.post("update", stock_of("A", 4), headers={"Authorization": "Bearer other", "Cookie": "session=1"})
    first, second = v1.server.calls
    assert (first["number"], first["at"], first["route"], first["sku"]) == (1, NOON, "create", "A")
    assert (first["status"], first["is_applied"], first["applied_at"], first["fault"]) == (200, True, NOON, None)
    assert first["json"] == new_product("A", 3)
    assert first["params"] == {"partner_id": "13"}
    assert (second["at"], second["status"], second["is_applied"]) == (NOON + timedelta(seconds=1), 401, False)
    assert (second["headers"]["authorization"], second["headers"]["cookie"]) == ("***", "***")
    assert v1.server.api_key not in str(v1.server.calls)


def test_the_busiest_second_is_half_open() -> None:
    def calls(*seconds: float) -> list[dict[str, Any]]:
        return [{"at": NOON + timedelta(seconds=second)} for second in seconds]

    assert busiest_second([]) == 0
    assert busiest_second(calls(0, 1, 2)) == 1
    assert busiest_second(calls(0, 0.999999, 1.5)) == 2
    assert busiest_second(calls(5, 0.1, 0.2, 0.9, 1.1, 1.15)) == 4
    assert busiest_second(calls(0, 0, 0, 0, 0, 1.0)) == 5


def test_products_can_be_put_and_taken_away_by_hand(v1: Caller) -> None:
    products = v1.server.products
    products.put("A", quantity=6, price=2)
    assert v1.read()["product"]["vendor_on_hand_qty"] == 6
    products["A"].quantity = 8
    assert v1.read()["product"]["vendor_on_hand_qty"] == 8
    products.remove("A")
    assert v1.read()["error"] == "product_not_found"
    assert products.history == []
    with pytest.raises(KeyError):
        products["A"]


def test_a_partner_that_does_not_look_gets_products_twice(v1: Caller) -> None:
    v1.server.products.is_unique = False
    v1.create("A")
    v1.create("A")
    v1.create("B")
    assert v1.server.products.twice() == ["A"]
    assert len(v1.server.products) == 3


def test_a_started_server_listens_on_its_port() -> None:
    server = start_vendor(mode="v2")
    port = int(server.url.rpartition(":")[2])
    try:
        with Caller(server) as caller:
            assert caller.read()["error"] == "product_not_found"
        with pytest.raises(ConfigurationError, match=f"Port {port} is in use"):
            start_vendor(port)
    finally:
        server.server_down()
    again = start_vendor(port)
    again.server_down()


def test_an_unknown_mode_is_refused() -> None:
    with pytest.raises(ValueError, match="v3"):
        VendorSandbox("v3")
