"""Every fault strikes where, when and as often as it was told to, and does to the products what its name says."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import httpx
import pytest

from sync_assets.sandbox.vendor import KINDS, MIX, Fault, VendorSandbox, shared_out
from sync_assets.sandbox.vendor.faults import STATUSES
from sync_assets_tests.sandbox.vendor_calls import (
    NOON,
    Caller,
    Clock,
    fresh,
    new_family,
    new_product,
    stock_of,
    variant,
)

PATIENCE = 0.25


@pytest.fixture(scope="module")
def server() -> Iterator[VendorSandbox]:
    with VendorSandbox("v1") as found:
        yield found


@pytest.fixture
def caller(server: VendorSandbox) -> Iterator[Caller]:
    """Product A is there with 10 pieces, made by nobody."""
    with fresh(server) as found:
        server.products.put("A", quantity=10)
        yield found


def add(caller: Caller, *given: Any, **options: Any) -> Fault:
    return caller.server.faults.add(Fault(*given, **options))


def held(caller: Caller) -> float:
    return caller.server.products["A"].quantity


def advance(caller: Caller, seconds: float) -> None:
    clock = caller.server.now
    assert isinstance(clock, Clock)
    clock.advance(seconds)


def give_up(caller: Caller, route: str, body: Any) -> None:
    """Calls, hears nothing and hangs up; returns when the server has done its part."""
    before = len(caller.server.calls)
    with pytest.raises(httpx.ReadTimeout):
        caller.post(route, body, timeout=httpx.Timeout(5, read=PATIENCE))
    deadline = time.monotonic() + 5
    # A busy server may take the call up only after the caller has hung up.
    while len(caller.server.calls) == before or not caller.server.calls[before]["fault"]:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    with caller.server.products.lock:
        time.sleep(0.01)


def test_the_mix_has_the_ten_kinds() -> None:
    assert len(MIX) == len(set(MIX)) == 10
    assert set(MIX) < KINDS


@pytest.mark.parametrize("kind", STATUSES)
def test_statuses(caller: Caller, kind: str) -> None:
    add(caller, kind, times=1)
    answer = caller.post("update", stock_of())
    assert answer.status_code == int(kind)
    assert set(answer.json()) == {"error", "message"}
    assert held(caller) == 10
    assert caller.update() and held(caller) == 20
    assert [(call["fault"], call["status"], call["is_applied"]) for call in caller.server.calls] == [
        (kind, int(kind), False),
        (None, 200, True),
    ]


@pytest.mark.parametrize("kind", ["401", "403", "404"])
def test_settings_stay_until_cleared(caller: Caller, kind: str) -> None:
    add(caller, kind)
    assert {caller.post("read", {"default_code": "A"}).status_code for _ in range(3)} == {int(kind)}
    caller.server.faults.clear()
    assert "product" in caller.read()


def test_a_timeout_before_applies_nothing(caller: Caller) -> None:
    add(caller, "timeout_before")
    give_up(caller, "update", stock_of())
    assert held(caller) == 10
    assert not caller.server.calls[0]["is_applied"]
    assert caller.update() and held(caller) == 20


def test_a_timeout_after_applies_everything(caller: Caller) -> None:
    add(caller, "timeout_after")
    give_up(caller, "update", stock_of())
    assert held(caller) == 20
    assert caller.server.calls[0]["is_applied"]
    [change] = caller.server.products.history
    assert (change.call, change.at, change.quantities) == (1, NOON, {"A": 20})


def test_a_create_that_timed_out_is_there_all_the_same(caller: Caller) -> None:
    add(caller, "timeout_after", "create")
    give_up(caller, "create", new_product("B", 5))
    assert caller.create("B", 5)["error"] == "variant_default_code_exists"
    assert caller.server.products.quantities() == {"A": 10, "B": 5}
    assert caller.server.products.twice() == []


def test_who_waits_long_enough_gets_a_gateway_timeout(caller: Caller) -> None:
    add(caller, "timeout_before", seconds=0.02)
    assert caller.post("update", stock_of()).status_code == 504


def test_a_reset_cuts_the_answer_in_the_middle(caller: Caller) -> None:
    add(caller, "reset_mid_body")
    with pytest.raises(httpx.RemoteProtocolError, match="without sending complete message body"):
        caller.update()
    assert held(caller) == 20
    add(caller, "reset_before")
    with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
        caller.update("A", 30)
    assert held(caller) == 20
    assert caller.server.calls[1]["status"] == 0


def test_too_many_requests_with_and_without_a_header(caller: Caller) -> None:
    add(caller, "rate_limited")
    answer = caller.post("update", stock_of())
    assert (answer.status_code, "retry-after" in answer.headers) == (429, False)
    for given in (7, "Wed, 18 Mar 2026 12:00:09 GMT", 86400, -5, "soon"):
        add(caller, "rate_limited", retry_after=given)
        assert caller.post("update", stock_of()).headers["retry-after"] == str(given)
    assert held(caller) == 10


def test_any_retry_after_is_one_of_five_forms(caller: Caller) -> None:
    add(caller, "rate_limited", times=100, retry_after="any")
    given = [caller.post("update", stock_of()).headers["retry-after"] for _ in range(60)]
    dates = [value for value in given if value.endswith("GMT")]
    assert set(given) - set(dates) == {"2", "86400", "-5", "soon"}
    assert {parsedate_to_datetime(value) for value in dates} == {NOON + timedelta(seconds=3)}


def test_server_errors(caller: Caller) -> None:
    add(caller, "server_error")
    answer = caller.post("update", stock_of())
    assert (answer.status_code, answer.json()["error"]) == (500, "internal_server_error")
    for status in (502, 503):
        add(caller, "bad_gateway", status=status, retry_after=3)
        answer = caller.post("update", stock_of())
        assert answer.status_code == status
        assert answer.text.startswith("<!DOCTYPE html>")
        assert ("retry-after" in answer.headers) == (status == 503)
    assert held(caller) == 10
    add(caller, "server_error", is_applied=True)
    assert caller.post("update", stock_of()).status_code == 500
    assert held(caller) == 20


def test_a_web_page_and_half_an_answer_hide_an_applied_write(caller: Caller) -> None:
    add(caller, "html_200")
    answer = caller.post("update", stock_of("A", 11))
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert held(caller) == 11
    add(caller, "truncated")
    answer = caller.post("update", stock_of("A", 12))
    assert answer.status_code == 200
    with pytest.raises(json.JSONDecodeError):
        answer.json()
    assert held(caller) == 12
    add(caller, "html_200", is_applied=False)
    caller.post("update", stock_of("A", 13))
    assert held(caller) == 12


def test_an_exception_inside_odoo(caller: Caller) -> None:
    add(caller, "odoo_exception")
    answer = caller.post("update", stock_of())
    assert answer.status_code == 200
    content = answer.json()
    assert set(content) == {"jsonrpc", "id", "error"}
    assert set(content["error"]) == {"code", "message", "data"}
    assert content["error"]["data"]["name"] == "builtins.ValueError"
    assert content["error"]["data"]["debug"].startswith("Traceback")
    assert held(caller) == 10
    add(caller, "odoo_exception", name="odoo.exceptions.AccessError")
    assert caller.post("read", {"default_code": "A"}).json()["error"]["data"]["name"] == "odoo.exceptions.AccessError"


def test_a_late_write_lands_after_the_retry(caller: Caller) -> None:
    add(caller, "late_apply", delay=40)
    give_up(caller, "update", stock_of("A", 20))
    assert caller.server.late_count == 1
    advance(caller, 35)
    caller.update("A", 30)
    assert held(caller) == 30
    advance(caller, 5)
    assert held(caller) == 20
    assert caller.server.late_count == 0
    assert (caller.server.calls[0]["is_applied"], caller.server.calls[0]["applied_at"]) == (
        True,
        NOON + timedelta(seconds=40),
    )
    [change] = caller.server.products.overtaken()
    assert (change.call, change.at, change.quantity) == (1, NOON + timedelta(seconds=40), 20)
    caller.update("A", 30)
    assert held(caller) == 30


def test_late_writes_land_in_the_order_of_their_times(caller: Caller) -> None:
    for quantity, delay in ((1, 50), (2, 20), (3, 30)):
        add(caller, "late_apply", delay=delay)
        give_up(caller, "update", stock_of("A", quantity))
    advance(caller, 60)
    assert [change.quantity for change in caller.server.products.history] == [2, 3, 1]


def test_a_late_create_of_what_is_there_is_refused(caller: Caller) -> None:
    add(caller, "late_apply", "create", delay=30)
    give_up(caller, "create", new_product("B", 1))
    caller.create("B", 2)
    advance(caller, 31)
    assert caller.server.products.quantities() == {"A": 10, "B": 2}
    assert [call["is_applied"] for call in caller.server.calls] == [False, True]


def test_the_delay_of_a_late_write_is_1_to_60_seconds(caller: Caller) -> None:
    for number in range(12):
        add(caller, "late_apply", seconds=0.01)
        caller.post("create", new_product(f"L{number}"))
    advance(caller, 60)
    delays = [(change.at - NOON).total_seconds() for change in caller.server.products.history]
    assert len(delays) == 12
    assert 1 <= min(delays) < max(delays) <= 60


def test_a_duplicate_arrives_late(caller: Caller) -> None:
    add(caller, "late_duplicate", delay=10)
    assert "product_id" in caller.update("A", 20)
    caller.update("A", 30)
    advance(caller, 10)
    assert [(change.call, change.quantity) for change in caller.server.products.history] == [(1, 20), (2, 30), (1, 20)]
    assert [change.call for change in caller.server.products.overtaken()] == [1]


def test_a_refused_call_is_never_applied_late(caller: Caller) -> None:
    add(caller, "late_apply", seconds=0.01, delay=1)
    caller.post("update", stock_of(), headers={"Authorization": "Bearer wrong"})
    add(caller, "timeout_after", seconds=0.01)
    caller.post("update", stock_of(), params={"partner_id": "14"})
    advance(caller, 2)
    assert held(caller) == 10
    assert caller.server.products.history == []


def test_business_errors(caller: Caller) -> None:
    add(caller, "business_error", code="variants_incomplete", message="Not all.")
    assert caller.update() == {"error": "variants_incomplete", "message": "Not all."}
    add(caller, "business_error", "read")
    assert caller.read()["error"] == "vendor_suspended"
    assert held(caller) == 10


def test_results_that_say_nothing(caller: Caller) -> None:
    for given in (None, False, "", []):
        add(caller, "no_result", result=given)
        assert caller.post("update", stock_of()).json() == {"jsonrpc": "2.0", "id": None, "result": given}
    add(caller, "no_result")
    assert caller.post("update", stock_of()).json() == {"jsonrpc": "2.0", "id": None}
    add(caller, "empty_result")
    assert caller.read() == {}


def test_a_read_without_a_quantity(caller: Caller) -> None:
    add(caller, "no_quantity")
    for _ in range(2):
        assert set(caller.read()["product"]) == {"id", "name", "default_code", "price"}
    assert "product_id" in caller.update()
    with VendorSandbox("v2") as other, Caller(other) as second:
        other.faults.add(Fault("no_quantity"))
        second.result("create", new_family(variant("V", Strength="5mg")))
        shown = second.read("V")["product"]
        assert "vendor_on_hand_qty" not in str(shown)
        assert other.products["V"].variants["V"].quantity == 5


def test_a_redirect_a_slow_answer_and_an_echo(caller: Caller) -> None:
    add(caller, "redirect")
    answer = caller.post("update", stock_of())
    assert (answer.status_code, answer.headers["location"]) == (302, "https://elsewhere.example/")
    caller.server.faults.clear()
    add(caller, "slow", seconds=0.05)
    begun = time.monotonic()
    caller.update()
    assert time.monotonic() - begun >= 0.05
    caller.server.faults.clear()
    add(caller, "echo")
    assert caller.server.api_key in caller.post("update", stock_of()).text
    assert caller.server.api_key not in str(caller.server.calls)


def test_a_slow_call_is_overtaken(caller: Caller) -> None:
    add(caller, "slow", times=1, seconds=0.3)
    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(caller.update, "A", 1)
        deadline = time.monotonic() + 5
        while not caller.server.calls:
            assert time.monotonic() < deadline
        caller.update("A", 2)
        slow.result()
    assert [(change.call, change.quantity) for change in caller.server.products.history] == [(2, 2), (1, 1)]
    assert [change.call for change in caller.server.products.overtaken()] == [1]


def test_route_sku_after_and_times_choose_the_calls(caller: Caller) -> None:
    caller.server.products.put("B")
    fault = add(caller, "server_error", "update", after=1, times=2, sku="A")
    caller.update("B")
    caller.read("A")
    assert [caller.post("update", stock_of()).status_code for _ in range(5)] == [200, 500, 500, 200, 200]
    assert (fault.used, fault.seen) == (2, 5)
    with pytest.raises(ValueError, match="unknown fault"):
        Fault("boom")
    with pytest.raises(ValueError, match="unknown route"):
        Fault("401", "delete")
    with pytest.raises(ValueError, match="share"):
        Fault("401", share=0)


def struck(share: float, seed: int, skus: list[str], calls: int = 10) -> list[tuple[str, int, str]]:
    """Which calls of a share are struck, without a server."""
    faults = shared_out(share, seed)
    return [
        (sku, turn, fault.kind)
        for sku in skus
        for turn in range(1, calls + 1)
        for fault in faults
        if fault.matches("update", sku, str(turn))
    ]


def test_a_share_is_the_same_share_every_time() -> None:
    skus = [f"S-{number}" for number in range(400)]
    found = struck(0.2, 7, skus)
    assert len({entry[:2] for entry in found}) == len(found)
    assert 0.18 * 4000 < len(found) < 0.22 * 4000
    kinds = Counter(kind for _, _, kind in found)
    assert set(kinds) == set(MIX)
    assert min(kinds.values()) > 50
    assert struck(0.2, 7, list(reversed(skus)))[::-1] != found
    assert sorted(struck(0.2, 7, list(reversed(skus)))) == sorted(found)
    assert struck(0.2, 8, skus) != found


def test_a_share_of_one_kind(caller: Caller) -> None:
    fault = add(caller, "server_error", share=0.3, seed=3)
    seen = [caller.post("read", {"default_code": f"S{n}"}).status_code == 500 for n in range(200)]
    assert 40 <= sum(seen) == fault.used <= 80
    caller.server.reset()
    add(caller, "server_error", share=0.3, seed=3)
    assert [caller.post("read", {"default_code": f"S{n}"}).status_code == 500 for n in range(200)] == seen


def test_all_ten_kinds_by_http(caller: Caller) -> None:
    """What was struck in a run by HTTP is what the seed says; no product twice, and every call in the books."""
    skus = [f"S-{number}" for number in range(150)]
    caller.server.add_faults(shared_out(0.5, 7, seconds=0.001))
    for sku in skus:
        try:
            caller.post("create", new_product(sku))
        except httpx.TransportError:
            continue
    found = {(call["sku"], 1, call["fault"]) for call in caller.server.calls if call["fault"]}
    assert found == set(struck(0.5, 7, skus, calls=1))
    assert {kind for _, _, kind in found} == set(MIX)
    advance(caller, 60)
    products = caller.server.products
    assert caller.server.late_count == 0
    assert products.twice() == []
    applied = {call["sku"] for call in caller.server.calls if call["is_applied"]}
    assert applied == set(products.quantities()) - {"A"} == {change.default_code for change in products.history}
    hidden = {"timeout_before", "rate_limited", "server_error", "bad_gateway", "odoo_exception"}
    assert {call["sku"] for call in caller.server.calls if call["fault"] in hidden} == set(skus) - applied


def test_the_control_calls(caller: Caller) -> None:
    http = caller.http
    answer = http.post("/sandbox/faults", json={"kind": "server_error", "sku": "A"})
    assert answer.json() == {"faults": 1}
    assert caller.post("update", stock_of()).status_code == 500
    assert http.post("/sandbox/faults", json={"share": 0.2, "seed": 5}).json() == {"faults": 10}
    assert http.delete("/sandbox/faults").json() == {"faults": 0}
    assert http.post("/sandbox/faults", json=[{"kind": "boom"}]).status_code == 400
    assert http.post("/sandbox/faults", content=b"{").status_code == 400
    caller.update("A", 4)
    shown = http.get("/sandbox/products").json()
    assert [(row["default_code"], row["quantity"]) for row in shown["products"]] == [("A", 4)]
    assert [(row["call"], row["quantities"]) for row in shown["history"]] == [(2, {"A": 4})]
    calls = http.get("/sandbox/calls").json()["calls"]
    assert [(c["number"], c["route"], c["sku"], c["status"], c["is_applied"]) for c in calls] == [
        (1, "update", "A", 500, False),
        (2, "update", "A", 200, True),
    ]
    assert datetime.fromisoformat(calls[0]["at"]).astimezone(UTC) == NOON
    http.post("/sandbox/reset")
    assert http.get("/sandbox/products").json() == {"products": [], "history": []}
    assert http.get("/sandbox/calls").json() == {"calls": []}
