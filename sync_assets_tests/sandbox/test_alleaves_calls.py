"""The calls of both dialects over real HTTP: methods, paths, parameters and the shapes of the answers."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest

from sync_assets.sandbox.alleaves import AlleavesSandbox, Store
from sync_assets_tests.sandbox.alleaves_calls import DIALECTS, NOON, TODAY, Caller, rows_of, shared_store, small_store


def started(dialect: str, store: Store) -> AlleavesSandbox:
    server = AlleavesSandbox(dialect, store)
    server.now = lambda: NOON
    server.server_up()
    return server


@pytest.fixture(scope="module")
def servers() -> Iterator[dict[str, AlleavesSandbox]]:
    """Both dialects over the same demo store."""
    running = {dialect: started(dialect, shared_store()) for dialect in DIALECTS}
    yield running
    for server in running.values():
        server.server_down()


@pytest.fixture
def observed(servers: dict[str, AlleavesSandbox]) -> Iterator[Caller]:
    with Caller(servers["observed"]) as caller:
        caller.login()
        yield caller


@pytest.fixture
def documented(servers: dict[str, AlleavesSandbox]) -> Iterator[Caller]:
    with Caller(servers["documented"]) as caller:
        caller.login()
        yield caller


@pytest.fixture(params=DIALECTS)
def both(request: pytest.FixtureRequest, servers: dict[str, AlleavesSandbox]) -> Iterator[Caller]:
    with Caller(servers[request.param]) as caller:
        caller.login()
        yield caller


# Login


def test_the_login_answers_as_each_dialect_does(observed: Caller, documented: Caller) -> None:
    names = {"id_user", "id_company", "company", "username", "name_first", "name_last", "token"}
    assert set(observed.login().json()) == names
    answer = documented.login().json()
    assert (set(answer), answer["locationId"]) == ({"token", "locationId"}, "1000")


@pytest.mark.parametrize("missing", [{"pin": None}, {"password": None}, {"pin": ""}, {"password": "", "pin": ""}])
def test_a_login_without_password_or_pin(both: Caller, missing: dict[str, Any]) -> None:
    answer = both.login(**missing)
    assert (answer.status_code, answer.json()) == (401, {"message": "Missing Authorization Header"})


@pytest.mark.parametrize("wrong", [{"pin": "0000"}, {"password": "guess"}, {"username": "nobody"}])
def test_a_login_with_a_wrong_secret(both: Caller, wrong: dict[str, str]) -> None:
    answer = both.login(**wrong)
    assert answer.status_code == 401
    assert answer.json()["message"] == "Invalid username, password or pin"


def test_an_account_without_pin_asks_for_none() -> None:
    server = AlleavesSandbox(store=small_store())
    server.access.pin = None
    with server, Caller(server) as caller:
        assert server.pin is None
        assert caller.login().status_code == 200


def test_a_login_by_basic_header_without_body(both: Caller) -> None:
    server = both.server
    for secret, status in ((server.password, 200), ("guess", 401)):
        encoded = base64.b64encode(f"{server.username}:{secret}".encode()).decode()
        assert both.http.post("/api/auth", headers={"Authorization": f"Basic {encoded}"}).status_code == status
    assert both.http.post("/api/auth", headers={"Authorization": "Basic ?"}).status_code == 401


def test_data_calls_need_a_token(both: Caller) -> None:
    both.token = ""
    answer = both.customers()
    assert (answer.status_code, answer.json()["message"]) == (401, "Missing Authorization Header")
    both.token = "a.b.c"
    assert both.customers().json() == {"message": "Token has expired"}


def test_a_partner_id_is_asked_for_on_data_calls_only() -> None:
    server = AlleavesSandbox(store=small_store(3))
    server.access.partner_id = "partner-7"
    with server, Caller(server) as without, Caller(server, partner_id="partner-7") as caller:
        assert without.login().status_code == 200
        assert without.customers().status_code == 403
        caller.login()
        assert caller.customers().status_code == 200


# Data calls


def test_locations_are_observed_only(observed: Caller, documented: Caller) -> None:
    found = observed.get("/api/location").json()
    assert [(row["id_location"], row["location"]) for row in found] == [
        (1000, "Green Leaf Northgate"),
        (1001, "Green Leaf Saltmarsh"),
    ]
    assert (found[1]["curbside"], found[1]["areas"][0]["name"]) == (None, "Sales Floor ")
    assert documented.get("/api/location").status_code == 404


def test_observed_customers_are_an_object_with_numbers_as_keys(observed: Caller) -> None:
    page = observed.customers(2).json()
    assert list(page) == [str(number) for number in range(100)]
    assert page["0"] == shared_store().customers[100]
    assert observed.walk("customers") == shared_store().customers
    assert observed.customers(41).json() == []


def test_documented_customers_have_the_documented_names(documented: Caller) -> None:
    page = documented.customers(1).json()
    assert (page["total"], page["page"], len(page["customers"])) == (4000, 1, 100)
    row = page["customers"][6]
    known = shared_store().customers[6]
    assert row == {
        "id_customer": 7,
        "userId": "U7",
        "first_name": known["name_first"],
        "last_name": known["name_last"],
        "email": known["email"],
        "phone": known["phone"],
        "loyaltyPoints": known["loyalty_points"],
    }
    assert row["email"]
    assert [r["id_customer"] for r in documented.walk("customers")][:3962] == list(range(1, 3963))


@pytest.mark.parametrize("body", [{}, None, {"page": 1}, {"pageSize": 100}, {"page": 0, "pageSize": 100}, [1],
                                  {"page": "1", "pageSize": 100}, {"page": True, "pageSize": 100}])  # fmt: skip
def test_observed_search_needs_page_and_size(observed: Caller, body: Any) -> None:
    answer = observed.post("/api/customer/search", body)
    assert answer.status_code == 400
    assert "must be a number of at least 1" in answer.json()["message"]


@pytest.mark.parametrize("params", [{"page": 1}, {"locationId": "1000"}, {"locationId": "1000", "page": 0}])
def test_documented_customers_need_location_and_page(documented: Caller, params: dict[str, Any]) -> None:
    assert documented.get("/api/customers", **params).status_code == 400


def test_all_observed_orders_by_pages(observed: Caller) -> None:
    assert observed.walk("orders", size=300) == shared_store().orders
    pages = [call["params"]["page"] for call in observed.server.calls if call["params"].get("pageSize") == "300"]
    assert pages == [str(page) for page in range(1, 42)]


def test_orders_of_a_window_include_both_days(observed: Caller) -> None:
    day = TODAY - timedelta(days=30)
    found = observed.orders(size=500, start=str(day), end=str(day + timedelta(days=1))).json()
    store = shared_store()
    expected = [row for row in store.orders if store.day(row) in (day, day + timedelta(days=1))]
    assert found == expected
    assert {store.day(row) for row in expected} == {day, day + timedelta(days=1)}


def test_a_sale_late_in_the_evening_belongs_to_the_stores_day(observed: Caller) -> None:
    yesterday = str(TODAY - timedelta(days=1))
    late = f"{TODAY}T06:30:00.000Z"
    found = observed.orders(size=500, start=yesterday, end=yesterday).json()
    assert [row["id_customer"] for row in found if row["date_created"] == late] == [15]
    assert not any(row["date_created"] == late for row in observed.orders(start=str(TODAY)).json())


def test_orders_without_or_with_a_future_date_count_as_of_today(observed: Caller) -> None:
    found = [row.get("date_created") for row in observed.orders(start=str(TODAY), end=str(TODAY)).json()]
    assert found == [None, f"{TODAY + timedelta(days=3)}T20:15:00.000Z", "soon"]


def test_orders_without_dates_are_the_last_75_only(observed: Caller) -> None:
    found = observed.get("/api/order", page=1, pageSize=100).json()
    assert len(found) == 75
    assert observed.get("/api/order", page=2, pageSize=100).json() == []
    store = shared_store()
    oldest = min(store.day(row) or TODAY for row in found)
    assert oldest >= TODAY - timedelta(days=6)


@pytest.mark.parametrize("params", [{"startDate": "18/03/2026"}, {"page": 0}, {"pageSize": "many"}])
def test_bad_order_parameters(observed: Caller, params: dict[str, Any]) -> None:
    given = {"page": 1, "pageSize": 100, "startDate": "2026-01-01", "endDate": "2026-01-02", **params}
    assert observed.get("/api/order", **given).status_code == 400


def test_documented_orders_tell_of_the_same_sales(observed: Caller, documented: Caller) -> None:
    theirs = {row["id_transaction"]: row for row in documented.walk("orders", size=1000)}
    ours = [row for row in observed.walk("orders", size=1000) if row["id_location"] in (1000, None)]
    assert len(theirs) == len({row.get("id_order") or row.get("id") or row.get("order_number") for row in ours})
    row = next(row for row in ours if row["customer"] and row["void"] and row["items"])
    found = theirs[row["id_order"]]
    assert set(found) == {"id_transaction", "customer", "created_at", "status", "type", "total", "amount", "items"}
    assert found["customer"]["id"] == row["customer"]["id"]
    assert found["customer"]["userId"] == f"U{row['customer']['id']}"
    assert (found["status"], found["total"], found["created_at"]) == ("voided", row["total"], row["date_created"])
    assert found["items"][0]["product_id"] == row["items"][0]["id_inventory_item"]
    assert [line["total"] for line in found["items"]] == [line["total"] for line in row["items"]]


def test_documented_orders_start_at_an_instant(documented: Caller) -> None:
    store = shared_store()
    start = store.instant(store.orders[-400])
    assert start is not None
    text = start.isoformat().replace("+00:00", "Z")
    answer = documented.get("/api/orders", locationId="1000", startDate=text, page=1, pageSize=1000).json()
    assert answer["total"] == len(answer["orders"])
    created = [row["created_at"] for row in answer["orders"]]
    assert store.orders[-400]["date_created"] in created
    assert store.orders[-401]["date_created"] not in created
    for wrong in ({"startDate": "then"}, {"locationId": ""}, {"page": 0}):
        params = {"locationId": "1000", "startDate": text, "page": 1, **wrong}
        assert documented.get("/api/orders", **params).status_code == 400
    assert documented.get("/api/orders", locationId="77", startDate=text, page=1).json() == {"orders": [], "total": 0}


def test_observed_inventory_comes_in_one_array(observed: Caller) -> None:
    found = observed.inventory().json()
    assert [{**row, "total_rows": 0} for row in found] == [
        {**row, "total_rows": 0} for row in shared_store().inventory if row["id_location"] == 1000
    ]
    assert {row["total_rows"] for row in found} == {450}
    assert {row["id_location"] for row in observed.inventory(1001).json()} == {1001}
    assert observed.inventory(4711).json() == []
    for location in ("1000", None, True):
        assert observed.post("/api/inventory/search", {"query": "", "id_location": location}).status_code == 400


def test_documented_inventory_is_one_product_per_item_without_prefix(documented: Caller) -> None:
    found = {row["id_product"]: row for row in documented.inventory().json()["products"]}
    assert len(found) == 400
    areas = found[5376]
    assert (areas["name"], areas["quantity"], areas["available"]) == ("Three Areas Flower 3.5g", 18, True)
    assert (areas["category"], areas["subcategory"], areas["price"]) == ("Flower", None, 35)
    assert documented.post("/api/inventory/search", {"locationId": "1000"}).status_code == 404
    assert documented.post("/inventory/search", {"query": ""}).status_code == 400
    documented.server.switches.available_as = "number"
    assert next(r for r in documented.inventory().json()["products"] if r["id_product"] == 5376)["available"] == 14
    documented.server.switches.available_as = "flag"


# Other paths, and what is recorded


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/api/order/search"),
        ("GET", "/api/auth"),
        ("POST", "/api/location"),
        ("GET", "/"),
        ("GET", "/location"),
    ],
)
def test_unknown_routes(both: Caller, method: str, path: str) -> None:
    answer = both.http.request(method, path)
    assert (answer.status_code, answer.json()) == (404, {"message": f"Cannot {method} {path}"})
    assert both.server.calls[-1]["route"] == "unknown"


def test_prefixes_are_settings() -> None:
    with AlleavesSandbox("documented", small_store(), prefix="", inventory_prefix="/v2") as server:
        login = {"username": server.username, "password": server.password, "pin": server.pin}
        token = httpx.post(f"{server.url}/auth", json=login).json()["token"]
        headers = {"Authorization": f"Bearer {token}"}
        found = httpx.post(f"{server.url}/v2/inventory/search", json={"locationId": 1000}, headers=headers).json()
        assert rows_of(found)


def test_calls_are_recorded_without_secrets() -> None:
    server = AlleavesSandbox(store=small_store(5))
    with server, Caller(server, partner_id="partner-7") as caller:
        caller.login()
        caller.customers()
        caller.orders()
        calls = server.calls
    assert [(call["route"], call["method"], call["path"], call["status"]) for call in calls] == [
        ("auth", "POST", "/api/auth", 200),
        ("customers", "POST", "/api/customer/search", 200),
        ("orders", "GET", "/api/order", 200),
    ]
    assert calls[0]["json"] == {"username": server.username, "password": "***", "pin": "***"}
    assert "authorization" not in calls[0]["headers"]
    assert calls[1]["json"] == {"page": 1, "pageSize": 100}
    assert calls[1]["headers"]["authorization"] == calls[1]["headers"]["x-partner-id"] == "***"
    assert calls[2]["params"] == {"page": "1", "pageSize": "100", "startDate": "2024-01-01", "endDate": "2030-01-01"}
    assert not any(secret in str(calls) for secret in (server.password, caller.token, "partner-7"))


# Switches


@pytest.mark.parametrize("shape", ["array", "numeric", "keyed", "keyed_numeric", "data", "results"])
@pytest.mark.parametrize("dialect", DIALECTS)
def test_customers_in_every_container(dialect: str, shape: str) -> None:
    server = started(dialect, small_store(230))
    server.switches.customer_shape = shape
    with server, Caller(server) as caller:
        caller.login()
        assert [row["id_customer"] for row in caller.walk("customers")] == list(range(1, 231))
        kind = {"array": list, "numeric": dict}.get(shape)
        content = caller.customers().json()
        assert (
            isinstance(content, kind)
            if kind
            else {"keyed": "customers", "keyed_numeric": "customers"}.get(shape, shape) in content
        )


@pytest.mark.parametrize(("empty", "expected"), [("array", []), ("object", {})])
def test_exactly_two_pages_end_with_an_empty_one(empty: str, expected: Any) -> None:
    server = started("observed", small_store(200))
    server.switches.empty_shape = empty
    with server, Caller(server) as caller:
        caller.login()
        assert len(caller.walk("customers")) == 200
        assert [call["json"]["page"] for call in server.calls if call["route"] == "customers"] == [1, 2, 3]
        assert caller.customers(3).json() == expected


def test_pages_may_be_shorter_than_asked() -> None:
    server = started("observed", small_store(130))
    server.switches.max_page_size = 50
    with server, Caller(server) as caller:
        caller.login()
        assert [len(caller.customers(page).json()) for page in (1, 2, 3, 4)] == [50, 50, 30, 0]


def test_the_store_may_change_while_the_server_runs() -> None:
    server = started("observed", small_store(3))
    with server, Caller(server) as caller:
        caller.login()
        with server.store.lock:
            server.store.customers.append({"id": 99})
            server.store.orders[:] = []
        assert caller.walk("customers")[-1] == {"id": 99}
        assert caller.orders().json() == []


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_window_follows_every_change_of_its_orders(dialect: str) -> None:
    server = started(dialect, small_store())
    with server, Caller(server) as caller:
        caller.login()
        start = str(TODAY - timedelta(days=2))
        before = rows_of(caller.orders(size=500, start=start).json())
        orders = server.store.orders
        first = next(
            row for row in orders if server.store.day(row) == TODAY - timedelta(days=1) and row["id_location"] == 1000
        )
        first["total"] = 1234.5
        assert 1234.5 in [row["total"] for row in rows_of(caller.orders(size=500, start=start).json())]
        first["date_created"] = "2025-01-01T20:00:00Z"
        assert len(rows_of(caller.orders(size=500, start=start).json())) == len(before) - 1
        orders[orders.index(first)] = {**first, "date_created": f"{TODAY}T01:00:00Z", "id_order": 5}
        orders.append({**first, "date_created": f"{TODAY}T02:00:00Z", "id_order": 6})
        assert len(rows_of(caller.orders(size=500, start=start).json())) == len(before) + 1


def test_a_server_can_go_down_and_come_back_on_its_port() -> None:
    server = AlleavesSandbox(store=small_store(3))
    with server, Caller(server) as caller:
        url = server.url
        caller.login()
        server.server_down()
        with pytest.raises(httpx.TransportError):
            caller.customers()
        server.server_up()
        assert server.url == url
        assert len(caller.customers().json()) == 3


def test_an_unknown_dialect_is_refused() -> None:
    with pytest.raises(ValueError, match="'graphql' is not one of observed, documented"):
        AlleavesSandbox("graphql")
