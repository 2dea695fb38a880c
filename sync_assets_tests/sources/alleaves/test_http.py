"""The client over real HTTP against the sandbox server, both dialects, and what goes wrong on the way."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from sync_assets.connections import AlleavesConnection, Credentials
from sync_assets.errors import ConfigurationError, SourceDataError, SourceUnavailable, SyncError
from sync_assets.sandbox.alleaves import AlleavesSandbox, Fault, Store
from sync_assets.sandbox.alleaves.seed.locations import SECRET_MARKER, location_rows
from sync_assets.sources import alleaves
from sync_assets.sources.alleaves import (
    AlleavesClient,
    Rules,
    decode_customer,
    decode_inventory_row,
    decode_location,
    decode_order,
)
from sync_assets_tests.sources.alleaves.support import Clock, read_all

TODAY = date(2026, 11, 20)
NOW = datetime(2026, 11, 20, 18, tzinfo=UTC)
DIALECTS = ["observed", "documented"]
ITEM = {"id_inventory_item": 5, "id_item": 70, "item": "Blue Fig", "quantity": 1, "price": 35.0, "total": 35.0}


def small_store(customers: int = 250, orders: int = 230) -> Store:
    """Two shops, people of whom every tenth has an e-mail, an order each, and one item in two batches."""
    people = [
        {
            "id_customer": number,
            "name_first": "Ada",
            "name_last": f"Brightwater {number}",
            "email": f"ada{number}@mail.example" if number % 10 == 0 else None,
            "phone": None,
            "loyalty_points": 0,
        }
        for number in range(1, customers + 1)
    ]
    sales = [
        {
            "id_order": 900 + number,
            "id_customer": number,
            "id_location": 1001 if number % 50 == 0 else 1000,
            "date_created": (NOW - timedelta(days=number % 60)).isoformat(),
            "total": 39.55,
            "status": "completed",
            "complete": True,
            "type": "retail",
            "items": [ITEM],
        }
        for number in range(1, orders + 1)
    ]
    batch = {"id_item": 5, "item": "Blue Fig", "id_location": 1000, "id_area": 11, "category": "Category > Flower"}
    stock = [
        {**batch, "id_batch": 1, "on_hand": 8, "available": 7, "price_retail": 35.0},
        {**batch, "id_batch": 2, "on_hand": 4, "available": 4, "price_retail": 35.0},
        {**batch, "id_batch": 3, "id_location": 1001, "on_hand": 2, "available": 2},
    ]
    return Store(location_rows(), people, sales, stock, NOW)


@pytest.fixture(scope="module")
def running() -> Iterator[dict[str, AlleavesSandbox]]:
    """One server per dialect; a test that adds faults or switches clears them."""
    servers = {dialect: AlleavesSandbox(dialect, store=small_store()) for dialect in DIALECTS}
    for server in servers.values():
        server.now = lambda: NOW
        server.server_up()
    yield servers
    for server in servers.values():
        server.server_down()


@pytest.fixture(params=DIALECTS)
def server(request: pytest.FixtureRequest, running: dict[str, AlleavesSandbox]) -> Iterator[AlleavesSandbox]:
    yield from prepared(running[request.param])


@pytest.fixture
def observed(running: dict[str, AlleavesSandbox]) -> Iterator[AlleavesSandbox]:
    yield from prepared(running["observed"])


@pytest.fixture
def documented(running: dict[str, AlleavesSandbox]) -> Iterator[AlleavesSandbox]:
    yield from prepared(running["documented"])


def prepared(server: AlleavesSandbox) -> Iterator[AlleavesSandbox]:
    server.calls.clear()
    yield server
    server.faults.clear()
    server.switches.customer_shape, server.switches.empty_shape = None, "array"
    server.switches.max_page_size = 1_000
    server.now = lambda: NOW


def connection_to(server: AlleavesSandbox, **more: Any) -> AlleavesConnection:
    settings = {
        "dialect": server.dialect,
        "base_url": server.url,
        "username": server.username,
        "password": "${SANDBOX_POS_PASSWORD}",
        "location_ids": server.location_ids,
        "min_interval_ms": 0,
        **more,
    }
    return AlleavesConnection.model_validate(settings)


def client_to(server: AlleavesSandbox, clock: Clock | None = None, **more: Any) -> AlleavesClient:
    clock = clock or Clock(NOW)
    return AlleavesClient(
        connection_to(server, **more),
        username=server.username,
        password=server.password,
        pin=server.pin,
        org="acme",
        now=clock.now,
        sleep=clock.sleep,
        clock=clock.monotonic,
    )


def routes(server: AlleavesSandbox) -> dict[str, int]:
    return dict(Counter(call["route"] for call in server.calls))


def ids(rows: list[Any]) -> list[int]:
    return [row["id_customer"] for row in rows]


def recent(client: AlleavesClient) -> list[Any]:
    return read_all(client.orders(TODAY - timedelta(days=91), TODAY + timedelta(days=1)))


def test_everything_is_read_in_both_dialects(server: AlleavesSandbox) -> None:
    with client_to(server) as client:
        rules = Rules.of(client.connection, org_id="acme", now=NOW, location_ids=client.location_ids)
        locations = client.locations()
        people = [decode_customer(row, rules) for row in read_all(client.customers())]
        orders = []
        for scope in client.scopes:
            pages = client.orders(TODAY - timedelta(days=91), TODAY + timedelta(days=1), location_id=scope)
            orders += [decode_order(row, rules, location_id=scope) for row in read_all(pages)]
        stock = [
            decode_inventory_row(row, rules, location_id=at)
            for at in client.location_ids
            for row in client.inventory(at)
        ]
        assert client.logins == 1
    assert not [issue for *_, issues in [*people, *orders, *stock] for issue in issues]
    assert len({row["customer_id"] for row, _ in people if row}) == 250
    assert Counter(row["location_id"] for row, _, _ in orders if row) == {"1000": 226, "1001": 4}
    assert {row["total"] for row, _, _ in orders if row} == {Decimal("39.55")}
    assert sum(row["quantity_on_hand"] for row, _ in stock if row) == 14
    if server.dialect == "observed":
        assert locations is not None
        rows = [decode_location(row, rules)[0] for row in locations]
        assert SECRET_MARKER in str(locations)
        assert SECRET_MARKER not in str(rows)
    else:
        assert locations is None


def test_both_dialects_tell_of_the_same_sales(running: dict[str, AlleavesSandbox]) -> None:
    told = []
    for server in running.values():
        with client_to(server) as client:
            rules = Rules.of(client.connection, org_id="acme", now=NOW, location_ids=client.location_ids)
            rows = [decode_order(row, rules)[0] for row in recent(client)]
            names = ("order_id", "customer_ref", "created_at", "status", "type", "total")
            told.append(sorted(tuple(row[name] for name in names) for row in rows if row))
    assert told[0] == told[1]
    assert len(told[0]) == 230


@pytest.mark.parametrize("shape", ["array", "numeric", "keyed", "keyed_numeric", "data", "results"])
@pytest.mark.parametrize("empty", ["array", "object"])
def test_customers_in_every_container_11_12(observed: AlleavesSandbox, shape: str, empty: str) -> None:
    observed.switches.customer_shape, observed.switches.empty_shape = shape, empty
    with client_to(observed, page_size=50) as client:
        assert ids(read_all(client.customers())) == list(range(1, 251))
    assert routes(observed) == {"auth": 1, "customers": 6}


def test_an_unknown_container_is_a_failure(server: AlleavesSandbox) -> None:
    server.faults.add(Fault("container", route="orders"))
    with client_to(server) as client, pytest.raises(SourceDataError) as caught:
        recent(client)
    assert caught.value.code == "unexpected_shape"


def test_a_customer_created_while_paging_14(observed: AlleavesSandbox) -> None:
    before = list(observed.store.customers)
    observed.faults.add(Fault("shifted", route="customers", after=1))
    try:
        with client_to(observed) as client:
            found = ids(read_all(client.customers()))
            assert sorted(set(found)) == list(range(1, 251))
            assert [(note.code, note.count) for note in client.notes] == [("duplicates_in_fetch", 1)]
            assert 251 in ids(read_all(client.customers()))
    finally:
        observed.store.customers[:] = before


def test_an_id_as_text_is_the_same_row_21(observed: AlleavesSandbox) -> None:
    observed.faults.add(Fault("text_ids", route="customers"))
    with client_to(observed) as client:
        rules = Rules.of(client.connection, org_id="acme", now=NOW)
        rows = [decode_customer(row, rules)[0] for row in read_all(client.customers())]
    assert [row["customer_id"] for row in rows if row] == [str(number) for number in range(1, 251)]


def test_elements_that_are_no_objects_are_rejected(server: AlleavesSandbox) -> None:
    server.faults.add(Fault("junk_rows", route="inventory"))
    with client_to(server) as client:
        rules = Rules.of(client.connection, org_id="acme", now=NOW)
        found = [decode_inventory_row(row, rules, location_id="1000") for row in client.inventory("1000")]
    assert [issue.code for _, issues in found for issue in issues] == ["not_an_object"] * 3


def test_the_same_page_again_and_again(observed: AlleavesSandbox) -> None:
    observed.faults.add(Fault("repeated_page", route="customers"))
    with client_to(observed) as client, pytest.raises(SourceDataError) as caught:
        read_all(client.customers())
    assert caught.value.code == "paging_stuck"


def test_a_total_that_promises_too_much(documented: AlleavesSandbox) -> None:
    documented.faults.add(Fault("overstated_total", route="customers", by=5))
    with client_to(documented, location_ids=["1000"]) as client:
        assert len(read_all(client.customers())) == 250
        assert [note.code for note in client.notes] == ["total_mismatch"]
    assert routes(documented) == {"auth": 1, "customers": 4}


def test_a_service_that_cuts_its_pages(observed: AlleavesSandbox) -> None:
    observed.switches.max_page_size = 60
    with client_to(observed, walk_until_empty=True) as client:
        assert ids(read_all(client.customers())) == list(range(1, 251))


@pytest.mark.parametrize("kind", ["jwt", "opaque", "no_exp", "past_exp"])
@pytest.mark.parametrize("seconds", [900, 86_400])
def test_token_modes_1_5(seconds: int, kind: str) -> None:
    with AlleavesSandbox("observed", store=small_store(20, 0), token_seconds=seconds, token_kind=kind) as server:
        clock = Clock(NOW)
        server.now = clock.now
        with client_to(server, clock) as client:
            for _ in range(3):
                client.inventory("1000")
            assert client.logins == 1
            clock.moment += timedelta(minutes=11)
            client.inventory("1000")
            assert client.logins == (1 if (kind, seconds) == ("jwt", 86_400) else 2)
        assert all(call["status"] == 200 for call in server.calls)


def test_a_token_that_ends_between_pages_2(server: AlleavesSandbox) -> None:
    server.faults.add(Fault("401", route="customers", after=1))
    with client_to(server, location_ids=["1000"]) as client:
        assert ids(read_all(client.customers())) == list(range(1, 251))
        assert (client.logins, client.notes) == (2, [])
    assert routes(server) == {"auth": 2, "customers": 4}


@pytest.mark.parametrize("missing", ["password", "pin"])
def test_a_login_without_pin_or_password_3(server: AlleavesSandbox, missing: str) -> None:
    secrets = {"password": server.password, "pin": server.pin, missing: ""}
    with (
        AlleavesClient(connection_to(server), username=server.username, org="acme", **secrets) as client,
        pytest.raises(ConfigurationError, match="Missing Authorization Header") as caught,
    ):
        recent(client)
    assert caught.value.code == "login_refused"
    assert routes(server) == {"auth": 1}


def test_parallel_first_calls_log_in_once_6(server: AlleavesSandbox) -> None:
    server.faults.add(Fault("slow", route="auth", times=1, seconds=0.1))
    with client_to(server) as client:
        threads = [threading.Thread(target=client.inventory, args=(at,)) for at in ("1000", "1001", "1000")]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert routes(server) == {"auth": 1, "inventory": 3}


@pytest.mark.parametrize("kind", ["429", "500", "502", "503", "504", "html", "text", "truncated", "reset", "timeout"])
def test_what_passes_is_tried_again_10(server: AlleavesSandbox, kind: str) -> None:
    server.faults.add(Fault(kind, route="inventory", times=2, seconds=0.4))
    clock = Clock(NOW)
    with client_to(server, clock, timeout_s=0.2 if kind == "timeout" else 15) as client:
        assert client.inventory("1001")
    assert [pytest.approx(1, rel=0.2), pytest.approx(4, rel=0.2)] == clock.naps


@pytest.mark.parametrize(("seconds", "naps"), [(7, [7.0]), (61, None)])
def test_retry_after_10(server: AlleavesSandbox, seconds: int, naps: list[float] | None) -> None:
    server.faults.add(Fault("429", route="orders", retry_after=seconds))
    clock = Clock(NOW)
    with client_to(server, clock, location_ids=["1000"]) as client:
        if naps is None:
            with pytest.raises(SourceUnavailable) as caught:
                recent(client)
            assert caught.value.code == "rate_limited"
        else:
            assert recent(client)
    assert clock.naps == (naps or [])


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        ("400", "status_400"),
        ("403", "no_access"),
        ("404", "not_found"),
        ("error", "error_reply"),
        ("redirect", "redirected"),
    ],
)
def test_what_does_not_pass_is_not_tried_again_8_9(server: AlleavesSandbox, kind: str, code: str) -> None:
    server.faults.add(Fault(kind, route="customers"))
    with client_to(server) as client, pytest.raises(SyncError) as caught:
        read_all(client.customers())
    assert caught.value.code == code
    assert routes(server) == {"auth": 1, "customers": 1}


def test_the_wrong_dialect_meets_an_unknown_route_9(observed: AlleavesSandbox) -> None:
    with client_to(observed, dialect="documented") as client, pytest.raises(ConfigurationError) as caught:
        recent(client)
    assert caught.value.code == "not_found"
    assert "check base_url, the prefixes and the dialect" in caught.value.message
    assert routes(observed) == {"auth": 1, "unknown": 1}


@pytest.mark.parametrize("body", ["message", "error", "text", "html"])
def test_the_text_of_an_error_7(server: AlleavesSandbox, body: str) -> None:
    server.faults.add(Fault("400", route="customers", body=body))
    with client_to(server) as client, pytest.raises(SourceDataError, match="Bad request") as caught:
        read_all(client.customers())
    assert "<" not in caught.value.message
    assert len(caught.value.message) < 300


@pytest.mark.parametrize("route", ["auth", "customers", "location"])
def test_a_service_that_repeats_what_it_was_sent_7_58(server: AlleavesSandbox, route: str) -> None:
    server.faults.add(Fault("echo", route=route))
    with client_to(server) as client:
        try:
            client.locations()
            read_all(client.customers())
        except SyncError as error:
            shown = error.message
        else:
            shown = ""
        shown += repr(client.notes)
    assert "cannot handle" in shown or (route, server.dialect) == ("location", "documented")
    assert not [secret for secret in (server.password, server.pin, "eyJ", SECRET_MARKER) if secret and secret in shown]


def test_orders_are_asked_with_dates_25(observed: AlleavesSandbox) -> None:
    with client_to(observed) as client:
        assert len(recent(client)) == 230
        assert len(read_all(client.orders(TODAY, TODAY))) == 3
    assert all({"startDate", "endDate"} <= set(call["params"]) for call in observed.calls if call["route"] == "orders")


def test_rows_of_another_location_are_dropped_53(observed: AlleavesSandbox) -> None:
    observed.faults.add(Fault("foreign_rows", route="inventory"))
    with client_to(observed) as client:
        rules = Rules.of(client.connection, org_id="acme", now=NOW)
        found = [decode_inventory_row(row, rules, location_id="1000") for row in client.inventory("1000")]
    assert [row["batch_id"] if row else issues[0].code for row, issues in found] == ["1", "2", "other_location"]


def test_the_partner_id_is_sent_with_data_calls_only(server: AlleavesSandbox) -> None:
    server.access.partner_id = "P-1"
    try:
        with client_to(server) as client, pytest.raises(ConfigurationError, match="Unknown partner"):
            client.inventory("1000")
        secrets = {"username": server.username, "password": server.password, "pin": server.pin}
        with AlleavesClient(connection_to(server), partner_id="P-1", org="acme", **secrets) as client:
            assert client.inventory("1000")
    finally:
        server.access.partner_id = None
    assert not [call for call in server.calls if call["route"] == "auth" and "x-partner-id" in call["headers"]]


def test_calls_keep_their_distance(observed: AlleavesSandbox) -> None:
    clock = Clock(NOW)
    with client_to(observed, clock, min_interval_ms=300) as client:
        read_all(client.customers())
    assert clock.naps == [pytest.approx(0.3)] * 3


def test_the_connection_test(server: AlleavesSandbox) -> None:
    report = alleaves.test_connection(
        connection_to(server),
        lambda: Credentials(server.username, server.password, server.pin),
        org="acme",
        now=NOW,
        sleep=Clock().sleep,
    )
    assert [(check.name, check.status) for check in report.checks if check.status != "good"] == []
    shown = {check.name: check.message for check in report.checks}
    assert shown["contacts"] == "10 % of 100 customers have an e-mail or a phone number"
    if server.dialect == "observed":
        assert shown["locations"].endswith("1001 Green Leaf Saltmarsh; time zone America/Los_Angeles")
