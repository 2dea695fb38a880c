"""Every fault strikes where, when and as often as it was told to."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from sync_assets.sandbox.odoo import Fault, OdooSandbox
from sync_assets_tests.sandbox.odoo_calls import WAYS, Caller, Refused


@pytest.fixture(scope="module")
def servers() -> Iterator[dict[str, OdooSandbox]]:
    running = {version: OdooSandbox(version, records="empty") for version in ("17.0", "18.0", "19.0")}
    for server in running.values():
        server.server_up()
    yield running
    for server in running.values():
        server.server_down()


@pytest.fixture(params=WAYS, ids=lambda way: "-".join(way))
def caller(request: pytest.FixtureRequest, servers: dict[str, OdooSandbox]) -> Iterator[Caller]:
    version, transport = request.param
    with Caller(servers[version], transport) as found:
        yield found
    servers[version].faults.clear()


def count(caller: Caller) -> Any:
    return caller.call("res.partner", "search_count", domain=[])


def rows(caller: Caller, **named: Any) -> list[Any]:
    return caller.call("res.partner", "search_read", domain=[], fields=["name", "city"], order="id", **named)


def raw(caller: Caller) -> httpx.Response:
    """The HTTP answer to a count."""
    server = caller.server
    if caller.transport == "json2":
        return caller.post_json2("res.partner", "search_count", {"domain": []})
    post = caller.post_xml if caller.transport == "xmlrpc" else caller.post_json
    return post("object", "execute_kw", [server.database, 2, server.api_key, "res.partner", "search_count", [[]]])


@pytest.mark.parametrize("kind", ["429", "500", "502", "503"])
def test_http_statuses(caller: Caller, kind: str) -> None:
    caller.server.faults.add(Fault(kind, retry_after=7))
    answer = raw(caller)
    assert answer.status_code == int(kind)
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["retry-after"] == "7"
    assert raw(caller).status_code == 200


def test_pages_that_are_not_odoos(caller: Caller) -> None:
    caller.server.faults.add(Fault("html"))
    answer = raw(caller)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    caller.server.faults.add(Fault("redirect"))
    answer = raw(caller)
    assert (answer.status_code, answer.headers["location"]) == (302, "https://elsewhere.example/")
    caller.server.faults.add(Fault("truncated"))
    whole, cut = raw(caller), raw(caller)
    assert (whole.status_code, len(whole.content)) == (200, len(cut.content) // 2)


def test_broken_connections(caller: Caller) -> None:
    caller.server.faults.add(Fault("reset", times=2))
    for _ in range(2):
        with pytest.raises(httpx.RemoteProtocolError):
            raw(caller)
    assert raw(caller).status_code == 200
    assert [call["status"] for call in caller.server.calls[-3:]] == [0, 0, 200]


def test_slowness(caller: Caller) -> None:
    caller.server.faults.add(Fault("timeout", seconds=0.2))
    with pytest.raises(httpx.ReadTimeout):
        caller.http.post(caller.server.url + "/web/webclient/version_info", json={}, timeout=0.05)
    assert raw(caller).status_code == 200
    caller.server.faults.add(Fault("slow", seconds=0.02))
    for _ in range(2):
        began = time.perf_counter()
        raw(caller)
        assert time.perf_counter() - began >= 0.02


def test_server_down_and_up_again() -> None:
    with OdooSandbox("18.0", records="empty") as server, Caller(server) as caller:
        url = server.url
        assert count(caller) > 0
        server.server_down()
        server.server_down()
        with pytest.raises(httpx.ConnectError):
            httpx.get(url + "/web/health", verify=False)
        server.server_up()
        server.server_up()
        assert server.url == url
        assert httpx.get(url + "/web/health", verify=False).status_code == 200


def test_after_times_and_places(caller: Caller) -> None:
    faults = caller.server.faults
    faults.add(Fault("503", model="res.partner", method="search_count", after=1, times=2))
    assert caller.call("res.users", "search_count", domain=[])
    assert len(rows(caller)) > 0
    assert [raw(caller).status_code for _ in range(5)] == [200, 503, 503, 200, 200]
    struck = faults.add(Fault("503", model="res.users"))
    assert raw(caller).status_code == 200
    assert (struck.seen, struck.used) == (0, 0)
    faults.clear()
    assert caller.call("res.users", "search_count", domain=[])
    with pytest.raises(ValueError, match="unknown fault 'earthquake'"):
        Fault("earthquake")


def test_refusals(caller: Caller) -> None:
    faults = caller.server.faults
    faults.add(Fault("bad_password"))
    for _ in range(2):
        with pytest.raises(Refused, match=r"Access Denied|Invalid apikey"):
            count(caller)
    if caller.transport != "json2":
        server = caller.server
        assert caller.service("common", "authenticate", "demo", server.login, server.api_key, {}) is False
    faults.clear()
    faults.add(Fault("no_access", model="res.partner"))
    for _ in range(2):
        with pytest.raises(Refused, match=r"not allowed to access 'Contact' \(res.partner\)") as caught:
            count(caller)
        assert caught.value.kind in (4, "odoo.exceptions.AccessError")
    assert "name" in caller.call("res.partner", "fields_get")
    assert caller.call("res.users", "search_count", domain=[])


@pytest.mark.parametrize(
    ("kind", "name"), [("memory_error", "MemoryError"), ("serialization", "could not serialize access")]
)
def test_errors_of_the_server(caller: Caller, kind: str, name: str) -> None:
    caller.server.faults.add(Fault(kind))
    with pytest.raises(Refused) as caught:
        count(caller)
    assert name in str(caught.value)
    assert caught.value.status == (500 if caller.transport == "json2" else 200)
    assert count(caller) > 0


def test_a_field_that_is_listed_but_cannot_be_read(caller: Caller) -> None:
    caller.server.faults.add(Fault("unknown_field", model="res.partner", field="x_colour"))
    assert caller.call("res.partner", "fields_get")["x_colour"]["type"] == "char"
    with pytest.raises(Refused, match="Invalid field 'x_colour' on"):
        caller.call("res.partner", "search_read", fields=["x_colour"])


def test_a_field_missing_in_the_answer(caller: Caller) -> None:
    caller.server.faults.add(Fault("missing_field_in_answer", field="city"))
    assert {tuple(row) for row in rows(caller)} == {("id", "name")}


def test_a_poison_record(caller: Caller) -> None:
    caller.server.faults.add(Fault("poison", model="res.partner", id=3))
    for fetch in (lambda: rows(caller), lambda: caller.call("res.partner", "read", ids=[3], fields=["name"])):
        with pytest.raises(Exception):  # noqa: B017 - a web page with status 500, which no protocol can read
            fetch()
        assert caller.server.calls[-1]["status"] == 500
    assert caller.call("res.partner", "read", ids=[1], fields=["name"])
    assert 3 in caller.call("res.partner", "search", domain=[])


def test_a_record_that_is_gone_between_search_and_read(caller: Caller) -> None:
    tag = caller.server.store.create("res.partner.category", {"name": "Tag"})
    caller.server.faults.add(Fault("gone", model="res.partner.category", id=tag))
    assert tag in caller.call("res.partner.category", "search", domain=[])
    assert caller.call("res.partner.category", "read", ids=[tag], fields=["name"]) == []
    assert tag not in caller.call("res.partner.category", "search", domain=[])
