"""Every fault strikes where, when and as often as it was told to."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from sync_assets.sandbox.alleaves import AlleavesSandbox, Fault
from sync_assets.sandbox.alleaves.faults import STATUSES
from sync_assets_tests.sandbox.alleaves_calls import DIALECTS, NOON, Caller, rows_of, shared_store, small_store


@pytest.fixture(params=DIALECTS)
def caller(request: pytest.FixtureRequest) -> Iterator[Caller]:
    server = AlleavesSandbox(request.param, small_store(250))
    server.now = lambda: NOON
    with server, Caller(server) as found:
        found.login()
        yield found


def add(caller: Caller, *given: Any, **options: Any) -> Fault:
    return caller.server.faults.add(Fault(*given, **options))


@pytest.mark.parametrize("kind", STATUSES)
@pytest.mark.parametrize("body", ["message", "error", "text", "html"])
def test_statuses_with_every_kind_of_body(caller: Caller, kind: str, body: str) -> None:
    add(caller, kind, "orders", body=body)
    assert caller.customers().status_code == 200
    answer = caller.orders()
    assert answer.status_code == int(kind)
    if body in ("message", "error"):
        assert list(answer.json()) == [body]
    elif body == "html":
        assert answer.text.startswith("<!DOCTYPE html>")
        assert len(answer.text) > 300
    else:
        assert answer.headers["content-type"].startswith("text/plain")
    assert "retry-after" not in answer.headers
    caller.login()
    assert caller.orders().status_code == 200


@pytest.mark.parametrize("route", ["auth", "customers", "orders", "inventory"])
def test_each_route_has_its_own_faults(caller: Caller, route: str) -> None:
    fault = add(caller, "503", route)
    answers = {name: caller.call(name).status_code for name in ("customers", "orders", "inventory", "auth")}
    assert [name for name, status in answers.items() if status == 503] == [route]
    assert fault.used == 1


def test_retry_after_is_sent_as_given(caller: Caller) -> None:
    add(caller, "429", retry_after=7)
    assert caller.customers().headers["retry-after"] == "7"


def test_after_and_times_choose_the_calls(caller: Caller) -> None:
    add(caller, "500", "customers", after=1, times=2)
    assert [caller.customers().status_code for _ in range(5)] == [200, 500, 500, 200, 200]
    add(caller, "502", times=10**9)
    assert {caller.customers().status_code for _ in range(3)} == {502}
    caller.server.faults.clear()
    assert caller.customers().status_code == 200


def test_a_401_in_the_middle_of_a_walk_ends_that_token_only(caller: Caller) -> None:
    add(caller, "401", "customers", after=1)
    assert [caller.customers(page).status_code for page in (1, 2, 2)] == [200, 401, 401]
    assert caller.orders().status_code == 401
    caller.login()
    assert caller.customers(2).status_code == 200


@pytest.mark.parametrize("kind", ["slow", "timeout"])
def test_slow_answers_come_late_but_good(caller: Caller, kind: str) -> None:
    add(caller, kind, "customers", seconds=0.15, times=1)
    began = time.perf_counter()
    assert caller.customers().status_code == 200
    assert time.perf_counter() - began >= 0.15
    add(caller, kind, "customers", seconds=3)
    with pytest.raises(httpx.ReadTimeout):
        httpx.get(f"{caller.server.url}/api/customers", timeout=0.1) if caller.server.dialect == "documented" else (
            httpx.post(f"{caller.server.url}/api/customer/search", json={}, timeout=0.1)
        )


def test_dropped_connections(caller: Caller) -> None:
    add(caller, "reset", "orders")
    with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
        caller.orders()
    assert caller.server.calls[-1]["status"] == 0
    assert caller.orders().status_code == 200


def test_truncated_json(caller: Caller) -> None:
    add(caller, "truncated", "customers")
    answer = caller.customers()
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
    with pytest.raises(json.JSONDecodeError):
        answer.json()
    assert len(answer.content) == len(caller.customers().content) // 2


def test_pages_and_texts_in_place_of_rows(caller: Caller) -> None:
    add(caller, "html", "inventory")
    answer = caller.inventory()
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    add(caller, "html", "inventory", status=500)
    assert caller.inventory().status_code == 500
    add(caller, "text", "inventory")
    assert caller.inventory().text == "upstream is being updated"
    add(caller, "error", "inventory")
    answer = caller.inventory()
    assert (answer.status_code, answer.json()) == (200, {"error": "Unable to read the records"})
    add(caller, "redirect", "inventory")
    answer = caller.inventory()
    assert (answer.status_code, answer.headers["location"]) == (302, "https://elsewhere.example/")


def test_an_echo_gives_the_secrets_back(caller: Caller) -> None:
    add(caller, "echo", "auth")
    answer = caller.login()
    assert answer.status_code == 400
    assert caller.server.password in answer.json()["message"]
    add(caller, "echo", "customers", status=500)
    answer = caller.customers()
    assert (answer.status_code, caller.token in answer.json()["message"]) == (500, True)


def test_a_partial_and_an_empty_catalogue(caller: Caller) -> None:
    whole = rows_of(caller.inventory().json())
    add(caller, "partial", "inventory", share=0.19)
    assert rows_of(caller.inventory().json()) != whole
    assert len(rows_of(caller.inventory().json())) == int(len(whole) * 0.19)
    caller.server.faults.clear()
    add(caller, "empty", "inventory", times=1)
    assert rows_of(caller.inventory().json()) == []
    assert len(rows_of(caller.inventory().json())) == len(whole)


def test_rows_of_another_shop(caller: Caller) -> None:
    demo = shared_store()
    caller.server.store.inventory += [row for row in demo.inventory if row["id_location"] == 1001]
    fault = add(caller, "foreign_rows", "inventory", times=1)
    assert len(rows_of(caller.inventory().json())) >= 60
    assert fault.used == 1
    if caller.server.dialect == "observed":
        add(caller, "foreign_rows", "inventory", times=1)
        assert {row["id_location"] for row in caller.inventory().json()} == {1000, 1001}
        assert {row["id_location"] for row in caller.inventory().json()} == {1000}


@pytest.mark.parametrize("route", ["customers", "orders", "inventory"])
@pytest.mark.parametrize("shape", ["array", "numeric", "keyed", "keyed_numeric", "data", "results"])
def test_another_container(caller: Caller, route: str, shape: str) -> None:
    expected = rows_of(caller.call(route).json())
    add(caller, "container", route, shape=shape, times=1)
    content = caller.call(route).json()
    assert rows_of(content) == expected
    assert {"array": isinstance(content, list), "numeric": "0" in content}.get(shape, True)


def test_a_container_that_nobody_knows(caller: Caller) -> None:
    add(caller, "container", "orders", times=1)
    assert "list" in caller.orders().json()["payload"]


def test_elements_that_are_not_objects(caller: Caller) -> None:
    add(caller, "junk_rows", "customers", times=1)
    assert rows_of(caller.customers(3).json())[-3:] == ["not an object", None, 17]


def test_ids_as_text(caller: Caller) -> None:
    add(caller, "text_ids", "customers", times=1)
    assert [row["id_customer"] for row in rows_of(caller.customers().json())][:2] == ["1", "2"]
    assert [row["id_customer"] for row in rows_of(caller.customers().json())][:2] == [1, 2]


def test_a_total_that_promises_too_much(caller: Caller) -> None:
    add(caller, "overstated_total", "customers", by=3)
    content = caller.customers().json()
    if caller.server.dialect == "documented":
        assert content["total"] == 253
    else:
        assert len(content) == 100


def test_a_page_that_does_not_move(caller: Caller) -> None:
    add(caller, "repeated_page", "customers")
    assert caller.customers(1).json().get("0") == caller.customers(2).json().get("0")
    assert rows_of(caller.customers(2).json())[0]["id_customer"] == 1


def test_a_customer_created_while_paging(caller: Caller) -> None:
    add(caller, "shifted", "customers", after=1)
    pages = [[row["id_customer"] for row in rows_of(caller.customers(page).json())] for page in (1, 2, 3)]
    assert pages[1][0] == pages[0][-1] == 100
    assert (len(pages[2]), pages[2][-1]) == (51, 250)
    assert not any(251 in page for page in pages)
    assert rows_of(caller.customers(1).json())[0]["id_customer"] == 251


def test_unknown_kinds_and_routes_are_refused() -> None:
    with pytest.raises(ValueError, match="unknown fault 'nonsense'; known are 400, 401"):
        Fault("nonsense")
    with pytest.raises(ValueError, match="unknown route 'products'"):
        Fault("500", "products")
    assert repr(Fault("500", "orders")) == "Fault('500', route='orders', used=0)"
