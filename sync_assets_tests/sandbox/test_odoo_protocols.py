"""The sandbox on the wire: version probes, log-in, envelopes and errors of each protocol, as measured on real servers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from sync_assets.sandbox.odoo import Fault, OdooSandbox
from sync_assets_tests.sandbox.odoo_calls import VERSIONS, WAYS, Caller, Refused

JSON = {"Content-Type": "application/json"}


@pytest.fixture(scope="module")
def servers() -> Iterator[dict[str, OdooSandbox]]:
    running = {version: OdooSandbox(version, records="empty") for version in VERSIONS}
    for server in running.values():
        server.server_up()
        server.store.create("sale.order", {"partner_id": 1, "user_id": 2})
    yield running
    for server in running.values():
        server.server_down()


@pytest.fixture(params=VERSIONS)
def server(request: pytest.FixtureRequest, servers: dict[str, OdooSandbox]) -> Iterator[OdooSandbox]:
    yield servers[request.param]
    servers[request.param].faults.clear()


@pytest.fixture
def new(servers: dict[str, OdooSandbox]) -> Iterator[OdooSandbox]:
    yield servers["19.0"]
    servers["19.0"].faults.clear()


def test_versions(server: OdooSandbox) -> None:
    major = int(server.version[:2])
    info = {
        "server_version": server.version,
        "server_version_info": [major, 0, 0, "final", 0, ""],
        "server_serie": server.version,
        "protocol_version": 1,
    }
    with Caller(server) as caller:
        assert caller.service("common", "version") == info
    with Caller(server, "xmlrpc") as caller:
        assert caller.service("common", "version") == info
    body = {"jsonrpc": "2.0", "id": 7, "params": {}}
    answer = httpx.post(server.url + "/web/webclient/version_info", json=body, verify=False).json()
    assert answer == {"jsonrpc": "2.0", "id": 7, "result": info}
    assert httpx.get(server.url + "/web/health", verify=False).json() == {"status": "pass"}
    for path in ("/web/version", "/json/version"):
        answer = httpx.get(server.url + path, verify=False)
        if major >= 19:
            assert answer.json() == {"version": "19.0", "version_info": [19, 0, 0, "final", 0, ""]}
        else:
            assert (answer.status_code, answer.headers["content-type"]) == (404, "text/html; charset=utf-8")


@pytest.mark.parametrize("transport", ["jsonrpc", "xmlrpc"])
def test_logging_in(server: OdooSandbox, transport: str) -> None:
    with Caller(server, transport) as caller:
        assert caller.service("common", "authenticate", "demo", server.login, server.api_key, {}) == 2
        assert caller.service("common", "login", "demo", server.login, server.api_key) == 2
        assert caller.service("common", "authenticate", "demo", server.login, "wrong", {}) is False
        assert caller.service("common", "authenticate", "demo", "nobody", server.api_key, {}) is False
        assert caller.service("db", "list") == ["demo"]
        assert caller.service("db", "db_exist", "demo") is True
        with pytest.raises(Refused, match='database "nowhere" does not exist') as caught:
            caller.service("common", "authenticate", "nowhere", server.login, server.api_key, {})
        assert caught.value.kind == ("psycopg2.OperationalError" if transport == "jsonrpc" else 1)


def test_json_rpc_envelopes(server: OdooSandbox) -> None:
    with Caller(server) as caller:
        done = caller.post_json("common", "version", [])
        assert done.headers["content-type"] == "application/json; charset=utf-8"
        assert set(done.json()) == {"jsonrpc", "id", "result"}
        failed = caller.post_json("object", "execute_kw", ["demo", 2, "wrong", "res.partner", "search_count", [[]]])
        assert failed.status_code == 200
        error = failed.json()["error"]
        assert error["code"] == (0 if server.version == "19.0" else 200)
        assert error["message"] == "Odoo Server Error"
        assert set(error["data"]) == {"name", "message", "arguments", "context", "debug"}
        assert error["data"]["name"] == "odoo.exceptions.AccessDenied"


NOTHING = {"17.0": "check_access_rule", "18.0": "check_access", "19.0": "check_access"}


def test_a_method_that_returns_nothing(server: OdooSandbox) -> None:
    arguments = ["demo", 2, server.api_key, "res.partner", NOTHING[server.version], [[1], "read"]]
    with Caller(server) as caller:
        assert caller.post_json("object", "execute_kw", arguments).json() == {"jsonrpc": "2.0", "id": 1}
        with pytest.raises(Refused, match="cannot marshal None unless allow_none is enabled") as caught:
            Caller(server, "xmlrpc", http=caller.http).service("object", "execute_kw", *arguments)
        assert caught.value.kind == 1
        if server.version == "19.0":
            answer = caller.post_json2("res.partner", "check_access", {"ids": [1], "operation": "read"})
            assert (answer.status_code, answer.text) == (200, "null")


def errors(version: str) -> dict[str, tuple[dict[str, Any], str, int, int, str]]:
    """For each case: the call, the exception's name, the fault code, the status of JSON-2, and the message."""
    old = version < "19"
    private = "_search" if old else "'res.partner._search'"
    partner = {"model": "res.partner"}
    value = "builtins.ValueError"
    return {
        "missing_model": (
            {"model": "res.nope", "method": "search_count", "domain": []},
            "odoo.exceptions.UserError",
            2,
            404,
            "Object res.nope doesn't exist",
        ),
        "missing_method": (
            {**partner, "method": "nope"},
            "builtins.AttributeError",
            1,
            404,
            "The method 'nope' does not exist on the model 'res.partner'"
            if old
            else "The method 'res.partner.nope' does not exist",
        ),
        "private_method": (
            {**partner, "method": "_search", "domain": []},
            "odoo.exceptions.AccessError",
            4,
            403,
            f"Private methods (such as {private}) cannot be called remotely.",
        ),
        "unknown_field": (
            {**partner, "method": "search_read", "fields": ["nope"]},
            value,
            1,
            500,
            f"Invalid field 'nope' on {'model ' if old else ''}'res.partner'",
        ),
        "unknown_field_in_domain": (
            {**partner, "method": "search_read", "domain": [["nope", "=", 1]]},
            value,
            1,
            500,
            f"Invalid field res.partner.nope in {'leaf' if old else 'condition'} ('nope', '=', 1)",
        ),
        "unknown_field_in_order": (
            {**partner, "method": "search_read", "order": "nope"},
            value,
            1,
            500,
            "Invalid field 'nope' on",
        ),
        "order_by_computed": (
            {**partner, "method": "search_read", "order": "display_name"},
            value,
            1,
            500,
            "Cannot convert res.partner.display_name to SQL",
        ),
        "malformed_order": (
            {**partner, "method": "search_read", "order": "id sideways"},
            "odoo.exceptions.UserError",
            2,
            422,
            'Invalid "order" specified',
        ),
        "company": (
            {**partner, "method": "search_read", "context": {"allowed_company_ids": [999]}},
            "odoo.exceptions.AccessError",
            4,
            403,
            "Access to unauthorized or invalid companies.",
        ),
        "bad_date": (
            {**partner, "method": "search_read", "domain": [["write_date", ">", "soon"]]},
            "psycopg2.errors.InvalidDatetimeFormat" if old else value,
            1,
            500,
            "invalid input syntax" if old else "does not match format",
        ),
    }


CASES = list(errors("19.0"))


@pytest.mark.parametrize(("version", "transport"), WAYS)
@pytest.mark.parametrize("case", CASES)
def test_errors(servers: dict[str, OdooSandbox], version: str, transport: str, case: str) -> None:
    call, name, fault_code, status, message = errors(version)[case]
    call = dict(call)
    with Caller(servers[version], transport) as caller, pytest.raises(Refused) as caught:
        caller.call(call.pop("model"), call.pop("method"), **call)
    expected: dict[str, Any] = {"jsonrpc": (name, 200), "xmlrpc": (fault_code, 200), "json2": (name, status)}
    if transport == "json2" and status == 404:
        expected["json2"] = ("werkzeug.exceptions.NotFound", 404)
        message = message if case == "missing_method" else "the model 'res.nope' does not exist"
    assert (caught.value.kind, caught.value.status) == expected[transport]
    assert message in caught.value.message
    if transport == "xmlrpc":
        # An application error is a whole traceback, of which the last line counts; others are the bare text.
        assert caught.value.message.startswith("Traceback (most recent call last):") is (fault_code == 1)
        if fault_code == 1:
            assert caught.value.message.strip().splitlines()[-1].startswith(f"{name.removeprefix('builtins.')}: ")


@pytest.mark.parametrize(("transport", "kind"), [("jsonrpc", "odoo.exceptions.AccessDenied"), ("xmlrpc", 3)])
def test_a_wrong_key_or_user(server: OdooSandbox, transport: str, kind: Any) -> None:
    with Caller(server, transport, key="wrong") as caller:
        with pytest.raises(Refused, match="Access Denied") as caught:
            caller.call("res.partner", "search_count", [])
        assert caught.value.kind == kind
        with pytest.raises(Refused, match="Record does not exist or has been deleted") as caught:
            caller.service("object", "execute_kw", "demo", 99, server.api_key, "res.partner", "search_count", [[]])
        assert caught.value.kind == ("odoo.exceptions.MissingError" if transport == "jsonrpc" else 2)


def test_an_unknown_language(server: OdooSandbox) -> None:
    with Caller(server) as caller:
        if server.version == "17.0":
            assert caller.call("res.partner", "search_count", [], context={"lang": "xx_XX"}) > 0
        else:
            with pytest.raises(Refused, match="Invalid language code"):
                caller.call("res.partner", "search_count", [], context={"lang": "xx_XX"})


def test_requests_that_are_not_json_rpc(server: OdooSandbox) -> None:
    broken = httpx.post(server.url + "/jsonrpc", content="{broken", headers=JSON, verify=False)
    assert (broken.status_code, broken.headers["content-type"]) == (400, "text/html; charset=utf-8")
    assert "Invalid JSON data" in broken.text
    untyped = httpx.post(server.url + "/jsonrpc", content="{}", verify=False)
    assert untyped.status_code == (415 if server.version == "19.0" else 400)
    assert untyped.headers["content-type"] == "text/html; charset=utf-8"
    elsewhere = httpx.post(server.url + "/nowhere", json={}, verify=False)
    assert (elsewhere.status_code, elsewhere.headers["content-type"]) == (404, "text/html; charset=utf-8")


def test_xml_rpc_details(server: OdooSandbox) -> None:
    partner = server.store.create("res.partner", {"name": "a\x01b\tc", "customer_rank": 7})
    with Caller(server, "xmlrpc") as caller:
        rows = caller.call("res.partner", "read", [partner], ["name", "email", "customer_rank", "child_ids"], None)
        assert rows == [{"id": partner, "name": "ab\tc", "email": False, "customer_rank": 7, "child_ids": []}]
        broken = caller.http.post(server.url + "/xmlrpc/2/object", content="<broken")
        assert (broken.status_code, broken.headers["content-type"]) == (200, "text/xml; charset=utf-8")
        assert "ExpatError" in broken.text
        answer = caller.post_xml("common", "version", ())
        quote = "'" if server.version == "17.0" else '"'
        assert answer.text.startswith(f"<?xml version={quote}1.0{quote}?>\n<methodResponse>\n")
    with Caller(server) as caller:
        assert caller.call("res.partner", "read", [partner], ["name"]) == [{"id": partner, "name": "a\x01b\tc"}]


def test_json_2_exists_from_19_on(servers: dict[str, OdooSandbox]) -> None:
    for version in ("17.0", "18.0"):
        with Caller(servers[version], "json2") as caller:
            answer = caller.post_json2("res.partner", "search_read", {})
            assert (answer.status_code, answer.headers["content-type"]) == (404, "text/html; charset=utf-8")


def test_json_2_credentials(new: OdooSandbox) -> None:
    with Caller(new, "json2") as caller:
        assert caller.call("res.users", "context_get") == {"lang": "en_US", "tz": "Europe/Paris", "uid": 2}
        for header, message in (
            ("bearer wrong", "Invalid apikey"),
            ("Basic c3luYzprZXk=", "User not authenticated, use an API Key with a Bearer Authorization header."),
            ("", "User not authenticated, use an API Key with a Bearer Authorization header."),
        ):
            answer = caller.post_json2("res.partner", "search_read", {}, Authorization=header)
            assert answer.status_code == 401
            assert answer.headers["www-authenticate"] == "Bearer"
            assert answer.json()["name"] == "werkzeug.exceptions.Unauthorized"
            assert answer.json()["arguments"] == [message, 401]
        unknown = caller.post_json2("res.partner", "search_read", {}, **{"X-Odoo-Database": "nowhere"})
        assert (unknown.status_code, unknown.headers["content-type"]) == (404, "text/html; charset=utf-8")
        assert "No database is selected" in unknown.text


@pytest.mark.parametrize(
    ("method", "body", "status", "message"),
    [
        ("search_count", {}, 422, "missing a required argument: 'domain'"),
        ("search", {}, 422, "missing a required argument: 'domain'"),
        ("search_count", {"domain": [], "nope": 1}, 422, "got an unexpected keyword argument 'nope'"),
        ("search_read", {"ids": [1]}, 422, "cannot call res.partner.search_read with ids"),
        ("search_read", {"fieldsx": ["name"]}, 500, "unexpected keyword argument 'fieldsx'"),
    ],
)
def test_json_2_arguments(new: OdooSandbox, method: str, body: Any, status: int, message: str) -> None:
    with Caller(new, "json2") as caller:
        answer = caller.post_json2("res.partner", method, body)
        assert answer.status_code == status
        assert message in answer.json()["message"]
        assert set(answer.json()) == {"name", "message", "arguments", "context", "debug"}


def test_json_2_paths_and_bodies(new: OdooSandbox) -> None:
    with Caller(new, "json2") as caller:
        hint = caller.http.get(new.url + "/json/2/res.partner/search_read")
        assert (hint.status_code, hint.json()["message"]) == (404, "Did you mean POST /json/2/<model>/<method>?")
        headers = {**JSON, "Authorization": f"bearer {new.api_key}"}
        broken = caller.http.post(new.url + "/json/2/res.partner/search_read", content="broken", headers=headers)
        assert broken.status_code == 400
        assert broken.json()["message"].startswith("could not parse the body as json: ")
        # The database need not be named when there is only one.
        alone = caller.http.post(new.url + "/json/2/res.partner/search_count", content='{"domain":[]}', headers=headers)
        assert alone.json() > 0


@pytest.mark.parametrize(("version", "transport"), WAYS)
def test_rights(servers: dict[str, OdooSandbox], version: str, transport: str) -> None:
    server, old = servers[version], version < "19"
    with Caller(server, transport, "nostock@sandbox.example", "nostock-key") as caller:
        with pytest.raises(Refused, match=r"You are not allowed to access 'Quants' \(stock.quant\) records") as caught:
            caller.call("stock.quant", "search_read", fields=["quantity"])
        assert caught.value.kind in (4, "odoo.exceptions.AccessError")
        assert "quantity" in caller.call("stock.quant", "fields_get", attributes=["type"])
        assert caller.call("stock.quant", "check_access_rights", operation="read", raise_exception=False) is False
        assert "credit" not in caller.call("res.partner", "fields_get")
        with pytest.raises(Refused, match="credit"):
            caller.call("res.partner", "search_read", fields=["credit"])
        if version != "17.0":
            assert caller.call("stock.quant", "has_access", ids=[], operation="read") is False
            assert caller.call("sale.order", "has_access", ids=[], operation="read") is True
    with Caller(server, transport, "own@sandbox.example", "own-key") as caller:
        orders = server.store.ids("sale.order")
        assert caller.call("sale.order", "search_count", domain=[]) == 0 < len(orders)
        with pytest.raises(Refused, match=r"Sorry, Oriane Deschamps \(id=6\) doesn't have 'read' access to"):
            caller.call("sale.order", "read", ids=orders, fields=["name"])
        ids = {} if old and version == "17.0" else {"ids": [6]}
        all_orders = "sales_team.group_sale_salesman_all_leads"
        assert caller.call("res.users", "has_group", **ids, group_ext_id=all_orders) is False
        assert caller.call("res.users", "has_group", **ids, group_ext_id="base.group_user") is True


def test_apps_that_are_not_installed() -> None:
    with (
        OdooSandbox("18.0", records="empty", installed=("base", "product", "sale")) as server,
        Caller(server) as caller,
    ):
        with pytest.raises(Refused, match=r"Object stock\.quant doesn't exist"):
            caller.call("stock.quant", "search_count", [])
        assert "warehouse_id" not in caller.call("sale.order", "fields_get")
    demo = OdooSandbox("19.0", installed=("base",), today=datetime(2025, 3, 1).date())
    assert "sale.order" not in demo.store.models
    assert len(demo.store.ids("res.partner")) > 1000


def test_the_date_header_follows_the_clock_of_the_store(new: OdooSandbox) -> None:
    clock, new.store.now = new.store.now, lambda: datetime(2026, 3, 4, 5, 6, 7, 890_000, tzinfo=UTC)
    try:
        assert httpx.get(new.url + "/web/version", verify=False).headers["date"] == "Wed, 04 Mar 2026 05:06:07 GMT"
        state = new.store.create("res.partner", {"name": "Now"})
        assert new.store.get("res.partner", state)["write_date"] == "2026-03-04 05:06:07.890000"
    finally:
        new.store.now = clock


@pytest.mark.parametrize(("version", "transport"), WAYS)
def test_calls_are_recorded_without_secrets(servers: dict[str, OdooSandbox], version: str, transport: str) -> None:
    server = servers[version]
    with Caller(server, transport) as caller:
        caller.call("res.partner", "search_read", domain=[], fields=["name"], load="", context={"active_test": False})
        call = server.calls[-1]
        named = {"domain": [], "fields": ["name"], "load": "", "context": {"active_test": False}}
        assert call == {
            "model": "res.partner",
            "method": "search_read",
            "kwargs": named,
            "transport": transport,
            "status": 200,
        }
        server.faults.add(Fault("503"))
        with pytest.raises(Exception):  # noqa: B017 - each protocol fails in its own way
            caller.call("res.partner", "search_count", domain=[])
        assert server.calls[-1]["status"] == 503
    assert server.api_key not in repr(server.calls)
