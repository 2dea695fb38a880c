"""The three ways to speak to Odoo, as pure encoders and decoders of requests.

Sending, retrying and naming errors do not belong here.
"""

from __future__ import annotations

import json
import xmlrpc.client
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import orjson
from defusedxml.xmlrpc import DefusedExpatParser

from sync_assets.sources.http import Answer
from sync_assets.sources.odoo.faults import Fault, Unusable

# The old services know these arguments by position only: their names differ between versions.
_POSITIONAL = {
    "search": ("domain",),
    "search_count": ("domain",),
    "read_group": ("domain", "fields", "groupby"),
    "has_group": ("group_ext_id",),
    "check_access_rights": ("operation",),
    "has_access": ("operation",),
}
_JSON = {"Content-Type": "application/json"}
_XML = {"Content-Type": "text/xml"}


@dataclass(frozen=True, repr=False)
class Call:
    """One request: path, headers, body. It may hold the secret, so it has no repr of its content."""

    path: str
    headers: Mapping[str, str]
    body: bytes | None
    http_method: str = "POST"


class Transport(Protocol):
    """Encodes calls and decodes answers of one protocol. `read` raises Fault or Unusable."""

    name: str
    label: str

    def login_call(self) -> Call: ...

    def logged_in(self, result: Any) -> int | None:
        """Takes the result of the login call; the user id, or None when the login was refused."""

    def call(self, model: str, method: str, ids: Sequence[int] | None, named: Mapping[str, Any]) -> Call: ...

    def read(self, answer: Answer) -> Any: ...


def parse_json(body: bytes) -> Any:
    """The parsed body. Raises Unusable when it is not JSON."""
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        pass
    try:
        # orjson refuses lone surrogates and NaN; one such value must cost its row only, not the page.
        return json.loads(body)
    except ValueError:
        raise Unusable from None


def _arguments(method: str, ids: Sequence[int] | None, named: Mapping[str, Any]) -> tuple[list[Any], dict[str, Any]]:
    keyword = dict(named)
    positional: list[Any] = [] if ids is None else [list(ids)]
    for name in _POSITIONAL.get(method, ()):
        if name not in keyword:
            break
        positional.append(keyword.pop(name))
    return positional, keyword


class JsonRpc:
    """JSON-RPC 2.0 at /jsonrpc, Odoo 14 to 21."""

    name = "jsonrpc"
    label = "JSON-RPC"

    def __init__(self, database: str, login: str, secret: str) -> None:
        self._database, self._login, self._secret = database, login, secret
        self._uid: int | None = None

    def envelope(self, service: str, method: str, arguments: list[Any]) -> Call:
        params = {"service": service, "method": method, "args": arguments}
        return Call("/jsonrpc", _JSON, orjson.dumps({"jsonrpc": "2.0", "method": "call", "id": 1, "params": params}))

    def login_call(self) -> Call:
        return self.envelope("common", "authenticate", [self._database, self._login, self._secret, {}])

    def logged_in(self, result: Any) -> int | None:
        self._uid = result if isinstance(result, int) and result > 0 else None
        return self._uid

    def call(self, model: str, method: str, ids: Sequence[int] | None, named: Mapping[str, Any]) -> Call:
        positional, keyword = _arguments(method, ids, named)
        return self.envelope(
            "object", "execute_kw", [self._database, self._uid, self._secret, model, method, positional, keyword]
        )

    def read(self, answer: Answer) -> Any:
        if answer.status != 200:
            raise Unusable
        document = parse_json(answer.body)
        if not isinstance(document, dict) or "jsonrpc" not in document:
            raise Unusable
        if "error" in document:
            error = document["error"] if isinstance(document["error"], dict) else {}
            details: Any = error.get("data") if isinstance(error.get("data"), dict) else {}
            raise Fault(str(details.get("name") or ""), str(details.get("message") or error.get("message") or ""))
        return document.get("result")


class Json2:
    """JSON-2 at /json/2, Odoo 19 and newer. An API key is its only credential."""

    name = "json2"
    label = "JSON-2"

    def __init__(self, database: str, login: str, secret: str) -> None:
        self._headers = {**_JSON, "Authorization": f"bearer {secret}", "X-Odoo-Database": database}

    def login_call(self) -> Call:
        return self.call("res.users", "context_get", None, {})

    def logged_in(self, result: Any) -> int | None:
        uid = result.get("uid") if isinstance(result, dict) else None
        return uid if isinstance(uid, int) else 0

    def call(self, model: str, method: str, ids: Sequence[int] | None, named: Mapping[str, Any]) -> Call:
        body = dict(named) if ids is None else {"ids": list(ids), **named}
        return Call(f"/json/2/{model}/{method}", self._headers, orjson.dumps(body))

    def read(self, answer: Answer) -> Any:
        document = parse_json(answer.body) if not (answer.status >= 400 and answer.is_web_page) else None
        if answer.status == 200:
            return document
        if not isinstance(document, dict) or "name" not in document:
            raise Unusable
        raise Fault(str(document["name"]), str(document.get("message") or ""), status=answer.status)


class XmlRpc:
    """XML-RPC at /xmlrpc/2, Odoo 14 to 21; only when it is asked for. Parsed with entities and DTDs forbidden."""

    name = "xmlrpc"
    label = "XML-RPC"

    def __init__(self, database: str, login: str, secret: str) -> None:
        self._database, self._login, self._secret = database, login, secret
        self._uid: int | None = None

    @staticmethod
    def envelope(service: str, method: str, arguments: tuple[Any, ...]) -> Call:
        try:
            body = xmlrpc.client.dumps(arguments, method, allow_none=True)
        except OverflowError:
            raise Fault(
                "OverflowError", "XML-RPC cannot carry integers above 2147483647; use another transport", status=422
            ) from None
        return Call(f"/xmlrpc/2/{service}", _XML, body.encode("utf-8", "xmlcharrefreplace"))

    def login_call(self) -> Call:
        return self.envelope("common", "authenticate", (self._database, self._login, self._secret, {}))

    def logged_in(self, result: Any) -> int | None:
        self._uid = result if isinstance(result, int) and result > 0 else None
        return self._uid

    def call(self, model: str, method: str, ids: Sequence[int] | None, named: Mapping[str, Any]) -> Call:
        positional, keyword = _arguments(method, ids, named)
        return self.envelope(
            "object", "execute_kw", (self._database, self._uid, self._secret, model, method, positional, keyword)
        )

    def read(self, answer: Answer) -> Any:
        if answer.status != 200:
            raise Unusable
        unmarshaller = xmlrpc.client.Unmarshaller(use_builtin_types=True)
        try:
            parser = DefusedExpatParser(unmarshaller)
            parser.feed(answer.body)
            parser.close()
            result = unmarshaller.close()
        except xmlrpc.client.Fault as fault:
            raise _xml_fault(fault) from None
        except Exception:  # expat, defusedxml and the unmarshaller raise a dozen unrelated kinds for a bad document
            raise Unusable from None
        return result[0] if result else None


def _xml_fault(fault: xmlrpc.client.Fault) -> Fault:
    text = str(fault.faultString)
    if fault.faultCode == 3:
        return Fault("odoo.exceptions.AccessDenied", text)
    if fault.faultCode == 4:
        return Fault("odoo.exceptions.AccessError", text)
    if fault.faultCode == 2:
        return Fault("odoo.exceptions.UserError", text)
    name, message = last_error(text)
    return Fault(name, message)


def last_error(traceback: str) -> tuple[str, str]:
    """Name and message of the exception at the end of a traceback's text.

    >>> last_error('Traceback (most recent call last):\\n  File "models.py", line 1\\nValueError: Invalid field\\n')
    ('ValueError', 'Invalid field')
    """
    lines = [line for line in traceback.splitlines() if line.strip()]
    indented = [number for number, line in enumerate(lines) if line.startswith("  ")]
    last = "\n".join(lines[indented[-1] + 1 :] if indented else lines[-1:])
    name, _, message = last.partition(":")
    return name.strip(), message.strip()


TRANSPORTS: dict[str, type[JsonRpc] | type[Json2] | type[XmlRpc]] = {
    kind.name: kind for kind in (Json2, JsonRpc, XmlRpc)
}
