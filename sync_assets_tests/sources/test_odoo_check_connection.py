"""The connection test names what works and what does not, right by right, and never raises for expected failures."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from sync_assets.connections import OdooConnection
from sync_assets.errors import ConfigurationError
from sync_assets.sources import odoo
from sync_assets.sources.odoo import STREAMS, Check, ConnectionReport
from sync_assets_tests.sources.odoo_support import (
    HTML,
    SECRET,
    TRANSPORTS,
    WEB_PAGE,
    ScriptedOdoo,
    connection,
    fault,
    patience,
    result,
)
from sync_assets_tests.sources.test_odoo_plans import fields_of

NOW = datetime(2026, 11, 20, 20, 27, 20, tzinfo=UTC)
STREAM_OF = {stream.model: name for name, stream in STREAMS.items() if name != "product_costs"}
Reply = Callable[[str, str, Mapping[str, Any]], httpx.Response]


def healthy(transport: str, **instead: Any) -> Reply:
    """A server on which all is well, but for the models or methods that `instead` answers."""
    version = int(TRANSPORTS[transport].split(".")[0])

    def reply(model: str, method: str, named: Mapping[str, Any]) -> httpx.Response:
        special = instead.get(model) or instead.get(method)
        if special is not None:
            return special(method, named) if callable(special) else special
        if model == "res.users.apikeys":
            return result(transport, [{"id": 1, "expiration_date": "2027-01-31 00:00:00"}])
        if model == "res.users" and method == "read":
            return result(transport, [{"id": 7, "company_ids": [1, 2]}])
        if method == "has_group":
            return result(transport, True)
        if method == "fields_get":
            described = {
                f.name: {"type": f.type, "store": f.store} for f in fields_of(version, STREAM_OF[model]).values()
            }
            return result(transport, described)
        if method == "search_count":
            return result(transport, 1234)
        if model == "res.company":
            return result(transport, [{"id": 1, "name": "Acme"}, {"id": 2, "name": "Acme Shops"}])
        return result(transport, [{"id": 1}])

    return reply


def report_of(transport: str, reply: Reply | None = None, **more: Any) -> ConnectionReport:
    server = ScriptedOdoo(transport, reply or healthy(transport))
    settings = {"transport": "xmlrpc"} if transport == "xmlrpc" else {}
    return run(server, connection(**settings, **more))


def run(handler: Callable[[httpx.Request], httpx.Response], to: OdooConnection, **more: Any) -> ConnectionReport:
    options = {"http": httpx.Client(transport=httpx.MockTransport(handler)), "retry": patience(attempts=2), "now": NOW}
    return odoo.test_connection(to, lambda: SECRET, org="acme", **{**options, **more})


def check_of(report: ConnectionReport, name: str) -> Check:
    [check] = [check for check in report.checks if check.name == name]
    return check


@pytest.mark.parametrize(("transport", "label"), [("json2", "JSON-2"), ("jsonrpc", "JSON-RPC"), ("xmlrpc", "XML-RPC")])
def test_all_is_well(transport: str, label: str) -> None:
    report = report_of(transport)
    assert [check.message for check in report.checks if check.status != "good"] == []
    assert report.exit_code == 0
    assert [check.name for check in report.checks] == [
        "address", "version", "login", "clock", *STREAM_OF, "completeness", "companies", "key",
    ]  # fmt: skip
    assert check_of(report, "version").message == f"Odoo {TRANSPORTS[transport]}, {label}"
    assert check_of(report, "login").message == "User 7"
    assert check_of(report, "clock").message == "Difference 2 s"
    assert check_of(report, "sale.order").message == "Records readable: 1,234"
    assert check_of(report, "companies").message == "2 companies: Acme, Acme Shops"
    assert SECRET not in repr(report)


def no_right(transport: str) -> httpx.Response:
    return fault(
        transport, "odoo.exceptions.AccessError", "You are not allowed to access this.", status=403, xml_code=4
    )


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_a_missing_right_is_explained_and_the_others_are_still_tried(transport: str) -> None:
    report = report_of(
        transport, healthy(transport, **{"sale.order": no_right(transport), "stock.quant": no_right(transport)})
    )
    order, quant = check_of(report, "sale.order"), check_of(report, "stock.quant")
    assert (order.status, order.code) == ("bad", "no_access")
    assert "No right to read sale.order: give the user Sales / User: All Documents" in order.message
    assert "give the user Inventory / User" in quant.message
    assert check_of(report, "res.partner").status == "good"
    assert check_of(report, "completeness").status == "skipped"
    assert report.exit_code == 2


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_an_app_that_is_not_installed_is_skipped_unless_required(transport: str) -> None:
    def missing(model: str) -> httpx.Response:
        if transport == "json2":
            return fault(transport, "werkzeug.exceptions.NotFound", f"the model '{model}' does not exist", status=404)
        return fault(transport, "odoo.exceptions.UserError", f"Object {model} doesn't exist", xml_code=2)

    report = report_of(transport, healthy(transport, **{"stock.quant": missing("stock.quant")}))
    assert check_of(report, "stock.quant").status == "skipped"
    assert check_of(report, "stock.quant").message == "The Inventory app is not installed: stock.quant is skipped"
    assert report.exit_code == 0
    report = report_of(transport, healthy(transport, **{"res.partner": missing("res.partner")}))
    assert (check_of(report, "res.partner").code, report.exit_code) == ("not_installed", 2)


def test_a_part_of_the_orders_is_a_warning() -> None:
    report = report_of("jsonrpc", healthy("jsonrpc", has_group=result("jsonrpc", False)))
    assert check_of(report, "completeness").message.startswith("This user may see only part of the orders")
    assert report.exit_code == 3
    report = report_of("jsonrpc", healthy("jsonrpc", has_group=no_right("jsonrpc")))
    assert check_of(report, "completeness").message.startswith("Not verified")
    assert report.exit_code == 3


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_groups_are_asked_as_the_version_wants_it(transport: str) -> None:
    asked: list[Mapping[str, Any]] = []

    def has_group(_: str, named: Mapping[str, Any]) -> httpx.Response:
        asked.append({key: value for key, value in named.items() if key != "context"})
        return result(transport, True)

    assert report_of(transport, healthy(transport, has_group=has_group)).exit_code == 0
    group = "sales_team.group_sale_salesman_all_leads"
    expected = {
        "json2": {"ids": [7], "group_ext_id": group},
        "jsonrpc": {"args": [[7], group]},
        "xmlrpc": {"args": [group]},
    }
    assert asked == [expected[transport]]


def test_a_configured_company_that_the_user_lacks_is_a_warning() -> None:
    report = report_of("json2", company_ids=[2, 9])
    assert check_of(report, "companies").status == "warning"
    assert "companies 9;" in check_of(report, "companies").message


def test_a_clock_that_is_off_is_a_warning() -> None:
    server = ScriptedOdoo("json2", healthy("json2"))
    late = run(server, connection(), now=NOW + timedelta(minutes=5))
    assert check_of(late, "clock").message.startswith("The server's clock is 302 s behind this machine's")
    early = run(server, connection(), now=NOW - timedelta(minutes=5))
    assert check_of(early, "clock").message.startswith("The server's clock is 298 s ahead of")
    assert (late.exit_code, early.exit_code) == (3, 3)


@pytest.mark.parametrize(
    ("expires", "status", "part"),
    [
        ("2026-12-05 10:00:00", "good", "in 15 days"),
        ("2026-12-04 10:00:00", "warning", "expires on 2026-12-04; create a new key"),
        ("2026-11-24 10:00:00", "warning", "2026-11-24"),
        ("2026-11-23 10:00:00", "bad", "2026-11-23"),
        (False, "good", "does not expire"),
    ],
)
def test_the_age_of_the_key(expires: Any, status: str, part: str) -> None:
    keys = {"res.users.apikeys": result("json2", [{"id": 1, "expiration_date": expires}])}
    check = check_of(report_of("json2", healthy("json2", **keys)), "key")
    assert check.status == status
    assert part in check.message


def test_the_age_of_a_key_that_the_server_does_not_tell() -> None:
    hidden = healthy("json2", **{"res.users.apikeys": no_right("json2")})
    assert (
        check_of(report_of("json2", hidden), "key").message
        == "When the API key expires is not known; set key_expires_on"
    )
    assert check_of(report_of("json2", hidden, key_expires_on="2027-01-31"), "key").status == "good"
    bad = report_of("json2", hidden, key_expires_on="soon")
    assert (check_of(bad, "key").status, bad.exit_code) == ("bad", 2)
    assert check_of(report_of("xmlrpc"), "key").message == "API keys do not expire on this version"


def test_a_host_that_does_not_exist() -> None:
    to = connection("https://no-such-host.invalid")
    report = odoo.test_connection(to, lambda: SECRET, org="acme", retry=patience(attempts=1))
    address = check_of(report, "address")
    assert (address.status, address.code) == ("bad", "host_not_found")
    assert "Host not found: no-such-host.invalid" in address.message
    assert {check.status for check in report.checks[1:]} == {"skipped"}
    assert report.exit_code == 1


def test_a_port_where_nothing_listens() -> None:
    report = odoo.test_connection(
        connection("http://127.0.0.1:9"), lambda: SECRET, org="acme", retry=patience(attempts=2)
    )
    assert (check_of(report, "address").code, report.exit_code) == ("unreachable", 1)


def test_an_address_without_https() -> None:
    plain = connection().model_copy(update={"url": "http://odoo.acme.example"})
    report = odoo.test_connection(plain, lambda: SECRET, org="acme")
    assert check_of(report, "address").message.startswith("The address is not https")
    assert report.exit_code == 2


@pytest.mark.parametrize(
    ("answer", "name", "part", "exit_code"),
    [
        (
            httpx.Response(200, content=WEB_PAGE, headers=HTML),
            "version",
            "This is not an Odoo server (a web page came back)",
            2,
        ),
        (
            httpx.Response(301, headers={"Location": "https://www.acme.example/"}),
            "version",
            "https://www.acme.example",
            2,
        ),
        (httpx.Response(503), "version", "status 503", 1),
    ],
    ids=["web page", "redirect", "503"],
)
def test_a_server_that_is_no_odoo(answer: httpx.Response, name: str, part: str, exit_code: int) -> None:
    def handler(_: httpx.Request) -> httpx.Response:
        return httpx.Response(answer.status_code, content=answer.content, headers=answer.headers)

    report = run(handler, connection())
    assert check_of(report, "address").status == "good"
    assert (check_of(report, name).status, report.exit_code) == ("bad", exit_code)
    assert part in check_of(report, name).message


def test_a_key_that_is_refused_and_one_that_is_not_set() -> None:
    def refuse(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/web/version":
            return httpx.Response(200, json={"version": "19.0"}, headers={"Date": "Fri, 20 Nov 2026 20:27:18 GMT"})
        return fault("json2", "werkzeug.exceptions.Unauthorized", "Invalid apikey", status=401)

    report = run(refuse, connection())
    assert check_of(report, "login").message.startswith("The API key was refused: wrong, revoked or expired")
    assert [check.status for check in report.checks] == ["good", "good", "bad", *["skipped"] * 5]
    assert report.exit_code == 2

    def not_set() -> str:
        raise ConfigurationError("acme: the environment variable ACME_ODOO_KEY is not set", code="secret_missing")

    server = ScriptedOdoo("json2", healthy("json2"))
    http = httpx.Client(transport=httpx.MockTransport(server))
    report = odoo.test_connection(connection(), not_set, org="acme", http=http, now=NOW)
    assert check_of(report, "version").status == "good"
    assert check_of(report, "login").message == "the environment variable ACME_ODOO_KEY is not set"


def test_nothing_is_written() -> None:
    for transport in TRANSPORTS:
        server = ScriptedOdoo(transport, healthy(transport))
        run(server, connection(**({"transport": "xmlrpc"} if transport == "xmlrpc" else {})))
        assert {method for _, method, _ in server.seen} == {
            "fields_get",
            "search_read",
            "search_count",
            "has_group",
            "read",
        }
