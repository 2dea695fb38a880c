"""What the Odoo tests share: a connection, a patience without waiting, and scripted answers in three protocols."""

from __future__ import annotations

import re
import xmlrpc.client
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx
import orjson

from sync_assets.connections import OdooConnection
from sync_assets.sources.odoo import OdooClient
from sync_assets.sources.retrying import RetryPolicy

SECRET = "canary-4f1c9a7e2b"
DATE = "Fri, 20 Nov 2026 20:27:18 GMT"
TRANSPORTS = {"json2": "19.0", "jsonrpc": "18.0", "xmlrpc": "17.0"}
JSON = {"Content-Type": "application/json; charset=utf-8", "Date": DATE}
HTML = {"Content-Type": "text/html; charset=utf-8", "Date": DATE}
XML = {"Content-Type": "text/xml; charset=utf-8", "Date": DATE}
WEB_PAGE = b"<!DOCTYPE html><html><title>Welcome</title></html>"

Handler = Callable[[httpx.Request], httpx.Response]


def connection(url: str = "https://odoo.acme.example", **more: Any) -> OdooConnection:
    settings = {"database": "acme", "login": "sync_bot", "api_key": "${ACME_ODOO_KEY}", **more}
    return OdooConnection.model_validate({"url": url, **settings})


@dataclass
class Naps:
    """Stands in for time.sleep and keeps what was asked of it."""

    taken: list[float] = field(default_factory=list)

    def __call__(self, seconds: float) -> None:
        self.taken.append(seconds)


def patience(naps: Naps | None = None, **more: Any) -> RetryPolicy:
    return RetryPolicy(**{"sleep": naps or Naps(), **more})


def result(transport: str, value: Any) -> httpx.Response:
    """A good answer as the protocol wraps it."""
    if transport == "xmlrpc":
        body = xmlrpc.client.dumps((value,), methodresponse=True, allow_none=True).encode()
        return httpx.Response(200, content=body, headers=XML)
    if transport == "jsonrpc":
        return httpx.Response(200, content=orjson.dumps({"jsonrpc": "2.0", "id": 1, "result": value}), headers=JSON)
    return httpx.Response(200, content=orjson.dumps(value), headers=JSON)


TRACE = 'Traceback (most recent call last):\n  File "/opt/odoo/odoo/http.py", line 2379, in __call__\n'


def fault(transport: str, name: str, message: str, *, status: int = 500, xml_code: int = 1) -> httpx.Response:
    """A server's failure as each protocol shows it, with a traceback that must never be shown."""
    debug = f"{TRACE}{name}: {message} {SECRET}\n"
    if transport == "xmlrpc":
        short = name.removeprefix("builtins.")
        text = f"{TRACE}{short}: {message}\n" if xml_code == 1 else message
        body = xmlrpc.client.dumps(xmlrpc.client.Fault(xml_code, text), methodresponse=True).encode()
        return httpx.Response(200, content=body, headers=XML)
    data = {"name": name, "message": message, "arguments": [message], "context": {}, "debug": debug}
    if transport == "jsonrpc":
        error = {"code": 200, "message": "Odoo Server Error", "data": data}
        return httpx.Response(200, content=orjson.dumps({"jsonrpc": "2.0", "id": 1, "error": error}), headers=JSON)
    return httpx.Response(status, content=orjson.dumps(data), headers=JSON)


@dataclass
class ScriptedOdoo:
    """Answers version and login by itself; every other call gets what `reply` returns for it."""

    transport: str
    reply: Callable[[str, str, Mapping[str, Any]], httpx.Response]
    version: str = ""
    seen: list[tuple[str, str, dict[str, Any]]] = field(default_factory=list)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path
        version = self.version or TRANSPORTS[self.transport]
        info = {"server_version": version, "server_version_info": [*map(int, version.split(".")), 0, "final", 0, ""]}
        if path == "/web/version":
            if self.transport != "json2":
                return httpx.Response(404, content=WEB_PAGE, headers=HTML)
            return httpx.Response(
                200,
                content=orjson.dumps({"version": version, "version_info": info["server_version_info"]}),
                headers=JSON,
            )
        model, method, named = parse_call(request)
        if method == "version":
            return result(self.transport, info)
        if method in ("authenticate", "context_get"):
            return result(self.transport, {"uid": 7, "lang": "en_US"} if method == "context_get" else 7)
        self.seen.append((model, method, named))
        return self.reply(model, method, named)


def parse_call(request: httpx.Request) -> tuple[str, str, dict[str, Any]]:
    """Model, method and named arguments of a request, whatever its protocol; positional ones under `args`."""
    path = request.url.path
    if path.startswith("/json/2/"):
        assert request.headers["authorization"] == f"bearer {SECRET}"
        assert request.headers["x-odoo-database"] == "acme"
        _, _, _, model, method = path.split("/")
        return model, method, orjson.loads(request.content)
    if path == "/jsonrpc":
        params = orjson.loads(request.content)["params"]
        arguments, method = params["args"], params["method"]
    else:
        arguments, method = xmlrpc.client.loads(request.content)
    if method != "execute_kw":
        return "", str(method), {"args": list(arguments)}
    database, uid, secret, model, called, positional, keyword = arguments
    assert (database, uid, secret) == ("acme", 7, SECRET)
    return model, called, {"args": positional, **keyword}


def client_of(
    handler: Handler, *, naps: Naps | None = None, retry: RetryPolicy | None = None, **more: Any
) -> OdooClient:
    http = httpx.Client(transport=httpx.MockTransport(handler))
    return OdooClient(connection(**more), SECRET, org="acme", http=http, retry=retry or patience(naps))


def scripted(
    transport: str,
    reply: Callable[[str, str, Mapping[str, Any]], httpx.Response],
    *,
    naps: Naps | None = None,
    **more: Any,
) -> tuple[OdooClient, ScriptedOdoo]:
    server = ScriptedOdoo(transport, reply)
    chosen = transport if transport == "xmlrpc" else "auto"
    return client_of(server, naps=naps, transport=chosen, **more), server


def one_line(text: str) -> bool:
    return "\n" not in text and "Traceback" not in text and not re.search(r'File "/', text)


@dataclass
class TableOdoo:
    """The reply of a server that holds one table of rows and knows domains on id only.

    `before` may answer in its place: it gets the call's named arguments and the rows it would return.
    """

    transport: str
    rows: list[dict[str, Any]]
    before: Callable[[Mapping[str, Any], list[dict[str, Any]]], httpx.Response | None] = lambda *_: None
    limits: list[int] = field(default_factory=list)

    def __call__(self, model: str, method: str, named: Mapping[str, Any]) -> httpx.Response:
        assert method in ("search", "search_read")
        assert (named["order"], named.get("load", "")) == ("id", "")
        assert named["context"]["active_test"] is False
        self.limits.append(named["limit"])
        domain = named["args"][0] if named.get("args") else named["domain"]
        fitting = [row for row in self.rows if all(matches(row["id"], leaf) for leaf in domain)]
        page = fitting[: named["limit"]]
        if method == "search":
            return self.before(named, page) or result(self.transport, [row["id"] for row in page])
        wanted = {"id", *named["fields"]}
        short = [{key: value for key, value in row.items() if key in wanted} for row in page]
        return self.before(named, page) or result(self.transport, short)


def matches(record_id: int, leaf: list[Any]) -> bool:
    name, operator, value = leaf
    assert name == "id"
    return {">": lambda: record_id > value, "<=": lambda: record_id <= value, "=": lambda: record_id == value,
            "in": lambda: record_id in value}[operator]()  # fmt: skip
