"""Every failure of the three protocols becomes one class, one code and one line that says what to do."""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import httpx
import pytest

from sync_assets.errors import ConfigurationError, SourceDataError, SourceUnavailable, SyncError
from sync_assets.sources.odoo import OdooClient
from sync_assets_tests.sources.odoo_support import (
    HTML,
    SECRET,
    TRANSPORTS,
    WEB_PAGE,
    XML,
    Naps,
    ScriptedOdoo,
    client_of,
    connection,
    fault,
    one_line,
    patience,
    result,
    scripted,
)

CONFIGURATION, UNAVAILABLE, DATA = ConfigurationError, SourceUnavailable, SourceDataError
NO_RIGHT = "You are not allowed to access 'Sales Order' (sale.order) records.\n\nThis operation is allowed for:\n\t- X"
NO_FIELD_RIGHT = 'You do not have enough rights to access the field "credit" on Contact (res.partner).\n\nUser: 7'
NO_DATABASE = 'connection to server at "127.0.0.1", port 5499 failed: FATAL:  database "acme" does not exist\n'

# name, message, JSON-2 status, XML-RPC code -> class, code, part of the message
FAULTS: dict[str, tuple[str, str, int, int, type[SyncError], str, str]] = {
    "denied": (
        "odoo.exceptions.AccessDenied",
        "Access Denied",
        401,
        3,
        CONFIGURATION,
        "login_refused",
        "API key was refused",
    ),
    "model_right": ("odoo.exceptions.AccessError", NO_RIGHT, 403, 4, CONFIGURATION, "no_access", "User: All Documents"),
    "field_right": ("odoo.exceptions.AccessError", NO_FIELD_RIGHT, 403, 4, CONFIGURATION, "no_access", '"credit"'),
    "company": (
        "odoo.exceptions.AccessError",
        "Access to unauthorized or invalid companies.",
        403,
        4,
        CONFIGURATION,
        "no_access",
        "allowed companies",
    ),
    "database": ("psycopg2.OperationalError", NO_DATABASE, 500, 1, CONFIGURATION, "no_database", "Database acme"),
    "model": (
        "odoo.exceptions.UserError",
        "Object sale.order doesn't exist",
        404,
        2,
        CONFIGURATION,
        "not_installed",
        "not installed",
    ),
    "method": (
        "builtins.AttributeError",
        "The method 'search_read' does not exist on the model 'sale.order'",
        404,
        1,
        CONFIGURATION,
        "protocol",
        "search_read",
    ),
    "argument": (
        "builtins.TypeError",
        "search_read() got an unexpected keyword argument 'nope'",
        422,
        1,
        CONFIGURATION,
        "protocol",
        "unexpected keyword",
    ),
    "language": (
        "odoo.exceptions.UserError",
        "Invalid language code: xx_XX",
        422,
        2,
        CONFIGURATION,
        "bad_language",
        "lang",
    ),
    "field": (
        "builtins.ValueError",
        "Invalid field 'nope' on model 'sale.order'",
        500,
        1,
        DATA,
        "field_missing",
        "field nope",
    ),
    "field_19": (
        "builtins.ValueError",
        "Invalid field 'nope' on 'sale.order'",
        500,
        1,
        DATA,
        "field_missing",
        "field nope",
    ),
    "leaf": (
        "builtins.ValueError",
        "Invalid field sale.order.nope in leaf ('nope', '=', 1)",
        500,
        1,
        DATA,
        "field_missing",
        "nope",
    ),
    "rule": ("odoo.exceptions.UserError", "Please think again", 422, 2, DATA, "business_rule", "Please think again"),
    "validation": ("odoo.exceptions.ValidationError", "Not like this", 422, 2, DATA, "business_rule", "Not like this"),
    "computed": (
        "builtins.ZeroDivisionError",
        "float division by zero",
        500,
        1,
        DATA,
        "server_error",
        "ZeroDivisionError",
    ),
    "gone": (
        "odoo.exceptions.MissingError",
        "Record does not exist or has been deleted.\n(Record: sale.order(9,))",
        404,
        2,
        UNAVAILABLE,
        "record_gone",
        "deleted",
    ),
    "serialisation": (
        "psycopg2.errors.SerializationFailure",
        "could not serialize access due to concurrent update",
        409,
        1,
        UNAVAILABLE,
        "serialization",
        "busy",
    ),
    "deadlock": ("psycopg2.errors.DeadlockDetected", "deadlock detected", 500, 1, UNAVAILABLE, "serialization", "busy"),
    "memory": ("builtins.MemoryError", "", 500, 1, UNAVAILABLE, "too_heavy", "page_size"),
    "statement": (
        "psycopg2.errors.QueryCanceled",
        "canceling statement due to statement timeout",
        500,
        1,
        UNAVAILABLE,
        "too_heavy",
        "time",
    ),
    "database_down": (
        "psycopg2.OperationalError",
        "server closed the connection",
        500,
        1,
        UNAVAILABLE,
        "server_error",
        "database",
    ),
}


def failure(client: Any, model: str = "sale.order") -> SyncError:
    with pytest.raises(SyncError) as caught:
        client.call(model, "search_read", domain=[], fields=["name"])
    return caught.value


def check(error: SyncError, kind: type[SyncError], code: str, part: str) -> None:
    assert isinstance(error, kind), error
    assert error.code == code
    assert part in error.message
    assert error.message.startswith("acme: ")
    assert one_line(error.message)
    assert SECRET not in repr(error) + str(error)
    assert error.__context__ is None or SECRET not in repr(vars(error.__context__))


@pytest.mark.parametrize("transport", TRANSPORTS)
@pytest.mark.parametrize("case", FAULTS)
def test_each_reported_failure(transport: str, case: str) -> None:
    name, message, status, xml_code, kind, code, part = FAULTS[case]
    naps = Naps()
    client, server = scripted(
        transport, lambda *_: fault(transport, name, message, status=status, xml_code=xml_code), naps=naps
    )
    check(failure(client), kind, code, part)
    assert len(server.seen) == (5 if kind is UNAVAILABLE else 1)
    assert len(naps.taken) == len(server.seen) - 1


@pytest.mark.parametrize("transport", TRANSPORTS)
@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
def test_statuses_that_pass_are_retried(transport: str, status: int) -> None:
    answers = [httpx.Response(status, content=WEB_PAGE, headers=HTML)] * 2
    client, server = scripted(transport, lambda *_: answers.pop() if answers else result(transport, []))
    assert client.call("sale.order", "search_read", domain=[]) == []
    assert len(server.seen) == 3
    assert client.throttle.allowed == (1 if status in (429, 502) else 2)


@pytest.mark.parametrize("transport", TRANSPORTS)
@pytest.mark.parametrize(
    ("answer", "kind", "code", "part"),
    [
        (httpx.Response(429, headers={"Retry-After": "7"}), UNAVAILABLE, "rate_limited", "calls_per_second"),
        (httpx.Response(503), UNAVAILABLE, "status_503", "try later"),
        (httpx.Response(200, content=WEB_PAGE, headers=HTML), UNAVAILABLE, "html", "a web page instead of JSON"),
        (httpx.Response(200, content=b'[{"id": 1, "na'), UNAVAILABLE, "truncated", "cut off"),
        (
            httpx.Response(302, headers={"Location": "https://shop.acme.example/web/login?key=1"}),
            CONFIGURATION, "redirected", "https://shop.acme.example;",
        ),
        (httpx.Response(308, headers={"Location": "/elsewhere"}), CONFIGURATION, "redirected", "https://odoo.acme.example;"),
        (httpx.Response(403, content=WEB_PAGE, headers=HTML), CONFIGURATION, "no_access", "firewall"),
        (httpx.Response(413, content=WEB_PAGE, headers=HTML), CONFIGURATION, "protocol", "413"),
    ],
    ids=lambda value: value.status_code if isinstance(value, httpx.Response) else None,
)  # fmt: skip
def test_each_answer_outside_the_protocol(
    transport: str, answer: httpx.Response, kind: type[SyncError], code: str, part: str
) -> None:
    client, _ = scripted(
        transport, lambda *_: httpx.Response(answer.status_code, content=answer.content, headers=answer.headers)
    )
    check(failure(client), kind, code, part)


def gaierror() -> httpx.ConnectError:
    error = httpx.ConnectError("[Errno -2] Name or service not known")
    error.__cause__ = socket.gaierror(-2, "Name or service not known")
    return error


def bad_certificate() -> httpx.ConnectError:
    cause = ssl.SSLCertVerificationError(1, "certificate verify failed")
    cause.verify_message = "certificate has expired"
    error = httpx.ConnectError("certificate verify failed")
    error.__cause__ = cause
    return error


@pytest.mark.parametrize("transport", TRANSPORTS)
@pytest.mark.parametrize(
    ("raised", "kind", "code", "part"),
    [
        (httpx.ReadTimeout("slow"), UNAVAILABLE, "timeout", "within 100 s"),
        (httpx.ConnectTimeout("slow"), UNAVAILABLE, "timeout", "does not accept"),
        (httpx.RemoteProtocolError("Server disconnected"), UNAVAILABLE, "reset", "closed the connection"),
        (httpx.ReadError("reset by peer"), UNAVAILABLE, "reset", "closed the connection"),
        (httpx.ConnectError("refused"), UNAVAILABLE, "unreachable", "nothing answers at odoo.acme.example"),
        (httpx.DecodingError("gzip"), UNAVAILABLE, "truncated", "compression"),
        (gaierror(), UNAVAILABLE, "host_not_found", "Host not found: odoo.acme.example"),
        (bad_certificate(), CONFIGURATION, "tls", "certificate has expired"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else None,
)
def test_each_failure_of_the_connection(
    transport: str, raised: httpx.HTTPError, kind: type[SyncError], code: str, part: str
) -> None:
    def reply(*_: Any) -> httpx.Response:
        raise raised

    client, _ = scripted(transport, reply)
    check(failure(client), kind, code, part)


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_retry_after_is_honoured_and_waits_double(transport: str) -> None:
    naps = Naps()
    answers = [httpx.Response(429, headers={"Retry-After": "30"}), *[httpx.Response(503)] * 3]
    client, _ = scripted(transport, lambda *_: answers.pop(0) if answers else result(transport, 3), naps=naps)
    assert client.count("sale.order", []) == 3
    first, *others = naps.taken
    assert first == 30
    for wait, doubled in zip(others, (2, 4, 8), strict=True):
        assert 0.75 * doubled <= wait <= 1.25 * doubled


def test_a_retry_after_beyond_the_cap_ends_the_tries() -> None:
    naps = Naps()
    client, server = scripted("jsonrpc", lambda *_: httpx.Response(503, headers={"Retry-After": "5000"}), naps=naps)
    assert failure(client).code == "status_503"
    assert (len(server.seen), naps.taken) == (1, [])


def test_a_method_that_returns_nothing_gives_none() -> None:
    assert (
        scripted("jsonrpc", lambda *_: httpx.Response(200, json={"jsonrpc": "2.0", "id": 1}))[0].call("m", "read", [1])
        is None
    )
    assert scripted("json2", lambda *_: httpx.Response(200, content=b"null"))[0].call("m", "read", [1]) is None


def test_wrong_login_is_refused_without_retry() -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/web/version":
            return httpx.Response(404, content=WEB_PAGE, headers=HTML)
        is_version = b'"version"' in request.content
        return result("jsonrpc", {"server_version": "18.0"} if is_version else False)

    client = client_of(handler)
    with pytest.raises(ConfigurationError) as caught:
        client.connect()
    check(caught.value, CONFIGURATION, "login_refused", "wrong, revoked or expired")
    assert client.calls == 3


def test_a_database_that_json2_does_not_know() -> None:
    client, _ = scripted("json2", lambda *_: httpx.Response(404, content=WEB_PAGE, headers=HTML))
    check(failure(client), CONFIGURATION, "no_database", "Database acme does not exist")


@pytest.mark.parametrize(
    "answer", [httpx.Response(200, content=WEB_PAGE, headers=HTML), httpx.Response(404, content=b"no")]
)
def test_a_server_that_is_not_odoo(answer: httpx.Response) -> None:
    client = client_of(lambda _: httpx.Response(answer.status_code, content=answer.content, headers=answer.headers))
    with pytest.raises(ConfigurationError) as caught:
        client.connect()
    check(caught.value, CONFIGURATION, "not_odoo", "This is not an Odoo server")


@pytest.mark.parametrize("transport", ["auto", "jsonrpc", "xmlrpc"])
@pytest.mark.parametrize(
    ("status", "body", "code"),
    [
        (200, b'{"jsonrpc": "2.0", "id": 1, "res', "truncated"),
        (200, b"", "truncated"),
        (200, b'{"jsonrpc": "2.0", "error": {"code": 200, "message": "Odoo Server Error"}}', "truncated"),
        (200, b"<?xml version='1.0'?><methodResponse><par", "truncated"),
        (200, b"<html><h1>We are down for maintenance</h1></html>", "html"),
        (503, b"<html><h1>Service Unavailable</h1></html>", "status_503"),
        (521, b"<html><h1>Web server is down</h1></html>", "status_521"),
        (500, b'{"error": "starting"}', "status_500"),
    ],
)
def test_a_server_in_trouble_is_no_other_site(transport: str, status: int, body: bytes, code: str) -> None:
    client = client_of(lambda _: httpx.Response(status, content=body), transport=transport)
    with pytest.raises(SourceUnavailable) as caught:
        client.connect()
    check(caught.value, UNAVAILABLE, code, "later")


def test_a_server_that_recovers_while_the_version_is_asked() -> None:
    """The three ways to ask get a page each, then the server is back."""
    pages = iter([httpx.Response(200, content=b"<html>Maintenance</html>", headers=HTML) for _ in range(3)])
    server = ScriptedOdoo("json2", lambda *_: result("json2", []))
    naps = Naps()
    client = client_of(lambda request: next(pages, None) or server(request), naps=naps)
    assert client.ids("res.partner") == []
    assert len(naps.taken) == 1


@pytest.mark.parametrize("method", ["write", "create", "unlink", "copy", "action_confirm", "_search", "name_create"])
def test_writing_is_not_permitted(method: str) -> None:
    client, server = scripted("json2", lambda *_: result("json2", True))
    with pytest.raises(ConfigurationError) as caught:
        client.call("res.partner", method, [1], vals={})
    assert caught.value.code == "not_permitted"
    assert server.seen == []


def test_the_secret_is_in_no_text() -> None:
    def reply(*_: Any) -> httpx.Response:
        return fault("jsonrpc", "odoo.exceptions.UserError", f"You sent {SECRET} to the wrong place")

    client, _ = scripted("jsonrpc", reply)
    error = failure(client)
    assert "You sent *** to" in error.message
    for thing in (client, client.connection, client._transport, client._asked("m", "x"), error, client.retry):
        assert SECRET not in repr(thing) + str(thing)


def test_entities_in_xml_are_refused() -> None:
    bomb = b"""<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>
    <methodResponse><params><param><value><string>&b;</string></value></param></params></methodResponse>"""
    client, _ = scripted("xmlrpc", lambda *_: httpx.Response(200, content=bomb, headers=XML))
    check(failure(client), UNAVAILABLE, "truncated", "not of the protocol")


def test_xml_cannot_carry_large_ids() -> None:
    client, server = scripted("xmlrpc", lambda *_: result("xmlrpc", []))
    with pytest.raises(ConfigurationError, match="cannot carry integers above 2147483647"):
        client.call("res.partner", "read", [2**31], fields=["name"])
    assert server.seen == []


def test_an_answer_that_trickles_is_cut_at_the_time_limit() -> None:
    def trickle() -> Iterator[bytes]:
        while True:
            time.sleep(0.02)
            yield b" "

    client, _ = scripted("json2", lambda *_: httpx.Response(200, content=trickle()), timeout_seconds=0.1)
    check(failure(client), UNAVAILABLE, "timeout", "no complete answer within 0.1 s")


def test_retry_after_may_be_a_date() -> None:
    later = format_datetime(datetime.now(UTC) + timedelta(seconds=40), usegmt=True)
    answers = [
        httpx.Response(503, headers={"Retry-After": later}),
        httpx.Response(503, headers={"Retry-After": "soon"}),
    ]
    naps = Naps()
    client, _ = scripted("json2", lambda *_: answers.pop(0) if answers else result("json2", []), naps=naps)
    assert client.ids("res.partner") == []
    assert 35 < naps.taken[0] <= 40
    assert naps.taken[1] < 3


@pytest.mark.parametrize("secret", ["clé-secrète", "two\nlines"])
def test_a_key_that_fits_in_no_header_is_refused_unsent(secret: str) -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        assert request.url.path == "/web/version"
        return httpx.Response(200, json={"version": "19.0"})

    http = httpx.Client(transport=httpx.MockTransport(handler))
    with pytest.raises(ConfigurationError) as caught:
        OdooClient(connection(), secret, org="acme", http=http, retry=patience()).connect()
    assert caught.value.code == "login_refused"
    assert secret not in repr(caught.value)
