"""What the tests of the Odoo sandbox share: raw calls in three protocols, written without the project's own client."""

from __future__ import annotations

import xmlrpc.client
from dataclasses import dataclass, field
from typing import Any

import httpx

from sync_assets.sandbox.odoo import OdooSandbox

VERSIONS = ("17.0", "18.0", "19.0")
# Every transport of every version.
WAYS = [(version, way) for version in VERSIONS for way in ("jsonrpc", "xmlrpc")] + [("19.0", "json2")]


class Refused(Exception):
    """An error in the server's answer; `kind` is the exception's name or the XML-RPC fault code."""

    def __init__(self, kind: str | int, message: str, status: int) -> None:
        super().__init__(f"{kind}: {message}")
        self.kind = kind
        self.message = message
        self.status = status


@dataclass
class Caller:
    """Calls one sandbox as one user."""

    server: OdooSandbox
    transport: str = "jsonrpc"
    login: str = ""
    key: str = ""
    # Reading the list of certificates would cost more than a test.
    http: httpx.Client = field(default_factory=lambda: httpx.Client(timeout=10, verify=False))

    def __post_init__(self) -> None:
        self.login = self.login or self.server.login
        self.key = self.key or self.server.api_key

    def __enter__(self) -> Caller:
        return self

    def __exit__(self, *_: object) -> None:
        self.http.close()

    def service(self, service: str, method: str, *args: Any) -> Any:
        if self.transport == "xmlrpc":
            return read_xml(self.post_xml(service, method, args))
        return read_json(self.post_json(service, method, args))

    def post_json(self, service: str, method: str, args: Any) -> httpx.Response:
        params = {"service": service, "method": method, "args": list(args)}
        body = {"jsonrpc": "2.0", "method": "call", "id": 1, "params": params}
        return self.http.post(self.server.url + "/jsonrpc", json=body)

    def post_xml(self, service: str, method: str, args: Any) -> httpx.Response:
        body = xmlrpc.client.dumps(tuple(args), method, allow_none=True).encode()
        headers = {"Content-Type": "text/xml"}
        return self.http.post(f"{self.server.url}/xmlrpc/2/{service}", content=body, headers=headers)

    def post_json2(self, model: str, method: str, body: Any, **headers: str) -> httpx.Response:
        sent = {"Authorization": f"bearer {self.key}", "X-Odoo-Database": self.server.database, **headers}
        return self.http.post(f"{self.server.url}/json/2/{model}/{method}", json=body, headers=sent)

    @property
    def uid(self) -> int:
        found = (user["id"] for user in self.server.store.records("res.users") if user["login"] == self.login)
        return next(found)

    def call(self, model: str, method: str, *args: Any, **kwargs: Any) -> Any:
        """One method call; with JSON-2 only named arguments, and `ids` for methods of records."""
        if self.transport == "json2":
            return read_json2(self.post_json2(model, method, kwargs))
        ids = [kwargs.pop("ids")] if "ids" in kwargs else []
        return self.service(
            "object", "execute_kw", self.server.database, self.uid, self.key, model, method, [*ids, *args], kwargs
        )


def read_json(answer: httpx.Response) -> Any:
    document = answer.json()
    if "error" in document:
        data = document["error"]["data"]
        raise Refused(data["name"], data["message"], answer.status_code)
    return document.get("result")


def read_json2(answer: httpx.Response) -> Any:
    if answer.status_code != 200:
        document = answer.json()
        raise Refused(document["name"], document["message"], answer.status_code)
    return answer.json()


def read_xml(answer: httpx.Response) -> Any:
    try:
        return xmlrpc.client.loads(answer.text, use_builtin_types=True)[0][0]
    except xmlrpc.client.Fault as fault:
        raise Refused(fault.faultCode, fault.faultString, answer.status_code) from None
