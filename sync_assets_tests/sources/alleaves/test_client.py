"""What the client sends in both dialects, where it finds its locations, and its pace."""

from __future__ import annotations

from datetime import date
from typing import Any

import httpx
import pytest

from sync_assets.errors import ConfigurationError
from sync_assets.sources.alleaves import AlleavesClient, open_client
from sync_assets_tests.sources.alleaves.support import (
    PARTNER,
    Clock,
    Service,
    client_of,
    connection,
    customers,
    jwt,
    paged,
    read_all,
)

START, END = date(2026, 8, 21), date(2026, 11, 21)


def sent(client: AlleavesClient, service: Service) -> list[tuple[Any, ...]]:
    """One call of each kind, as method, path, parameters and body."""
    with client:
        client.locations()
        read_all(client.customers())
        read_all(client.orders(START, END, timezone="America/Denver"))
        for location in client.location_ids:
            client.inventory(location)
    data = [call for call in service.calls if call["kind"] != "login"]
    assert {call["headers"]["authorization"] for call in data} == {f"Bearer {jwt()}"}
    assert {call["headers"]["x-partner-id"] for call in data} == {PARTNER}
    assert len(service.of("login")) == 1
    return [(call["method"], call["path"], call["params"], call["json"]) for call in data]


def test_the_observed_calls_24_25() -> None:
    service = Service({"locations": [[{"id_location": 1000}, {"id_location": "2000"}]]})
    assert sent(client_of(service, location_ids=[1000, "2000"]), service) == [
        ("GET", "/api/location", {}, None),
        ("POST", "/api/customer/search", {}, {"page": 1, "pageSize": 100}),
        (
            "GET",
            "/api/order",
            {"page": "1", "pageSize": "100", "startDate": "2026-08-21", "endDate": "2026-11-21"},
            None,
        ),
        ("POST", "/api/inventory/search", {}, {"query": "", "id_location": 1000}),
        ("POST", "/api/inventory/search", {}, {"query": "", "id_location": 2000}),
    ]


def test_the_documented_calls() -> None:
    service = Service()
    page = {"page": "1", "pageSize": "100"}
    assert sent(client_of(service, "documented", location_ids=["A", "B"]), service) == [
        ("GET", "/api/customers", {"locationId": "A", **page}, None),
        ("GET", "/api/customers", {"locationId": "B", **page}, None),
        ("GET", "/api/orders", {"locationId": "A", "startDate": "2026-08-21T06:00:00Z", **page}, None),
        ("GET", "/api/orders", {"locationId": "B", "startDate": "2026-08-21T06:00:00Z", **page}, None),
        ("POST", "/inventory/search", {}, {"query": "", "locationId": "A"}),
        ("POST", "/inventory/search", {}, {"query": "", "locationId": "B"}),
    ]


def test_the_prefixes_are_settings() -> None:
    service = Service()
    with client_of(service, path_prefix="", inventory_prefix="v2/stock/") as client:
        read_all(client.customers())
        client.inventory("1000")
    assert [call["path"] for call in service.calls] == ["/auth", "/customer/search", "/v2/stock/inventory/search"]


def test_one_location_of_several() -> None:
    service = Service()
    with client_of(service, "documented", location_ids=["A", "B"]) as client:
        assert client.scopes == ("A", "B")
        read_all(client.orders(START, END, location_id="B"))
    assert [call["params"]["locationId"] for call in service.of("orders")] == ["B"]
    with client_of(service) as client:
        assert client.scopes == (None,)


@pytest.mark.parametrize("dialect", ["observed", "documented"])
def test_the_login_names_the_location_when_no_setting_does(dialect: str) -> None:
    service = Service({"login": [{"token": jwt(), "locationId": 77}]})
    with client_of(service, dialect, location_ids=[]) as client:
        assert client.location_ids == ("77",)


@pytest.mark.parametrize("dialect", ["observed", "documented"])
def test_no_location_at_all_61(dialect: str) -> None:
    with client_of(Service(), dialect, location_ids=[]) as client, pytest.raises(ConfigurationError) as caught:
        _ = client.location_ids
    assert caught.value.code == "no_location"


def test_a_configured_location_that_the_account_lacks_61() -> None:
    service = Service({"locations": [[{"id_location": 1000, "metrc_secret": "canary"}, "junk"]]})
    with client_of(service, location_ids=[1000, 3000]) as client, pytest.raises(ConfigurationError) as caught:
        client.locations()
    assert caught.value.code == "no_location"
    assert caught.value.message == "acme: Alleaves has no location 3000; correct location_ids, it has: 1000"


def test_locations_that_cannot_be_read_are_a_warning() -> None:
    with client_of(Service({"locations": [httpx.Response(404)]})) as client:
        assert client.locations() is None
        assert [note.code for note in client.notes] == ["location_unread"]
        client.inventory("1000")


def test_inventory_rows_of_one_key_count_once() -> None:
    rows = [{"id_item": 1, "on_hand": 1}, {"id_item": 1, "id_batch": 2}, {"id_item": "1", "on_hand": 3}, "junk", {}]
    with client_of(Service({"inventory": [{"products": rows}]})) as client:
        assert client.inventory("1000") == [{"id_item": "1", "on_hand": 3}, {"id_item": 1, "id_batch": 2}, "junk", {}]
        assert [(note.code, note.count) for note in client.notes] == [("duplicates_in_fetch", 1)]


def test_calls_keep_their_distance() -> None:
    clock, service = Clock(), Service({"customers": paged(customers(250))})
    with client_of(service, clock=clock) as client:
        read_all(client.customers())
        assert client.calls == 4
    assert clock.naps == [pytest.approx(0.3)] * 3


def test_no_distance_when_none_is_set() -> None:
    clock, service = Clock(), Service({"customers": paged(customers(250))})
    with client_of(service, clock=clock, min_interval_ms=0) as client:
        read_all(client.customers())
    assert clock.naps == []


def test_without_pin_and_partner(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ACME_POS_PASSWORD", "hush\n")
    service = Service()
    settings = connection(pin="", partner_id=None)
    with open_client(settings, org="acme", transport=httpx.MockTransport(service), sleep=Clock().sleep) as client:
        client.inventory("1000")
    assert service.calls[0]["json"] == {"username": "sync@acme.example", "password": "hush"}
    assert "x-partner-id" not in service.calls[1]["headers"]


def test_a_missing_password_names_its_variable() -> None:
    with pytest.raises(ConfigurationError, match="ACME_POS_PASSWORD is not set"):
        open_client(connection(), org="acme")
