"""JSON-RPC, JSON-2 and XML-RPC: from a request's bytes to a call, and from results and errors to an answer's bytes.

What a call does belongs to `service.py`.
"""

from __future__ import annotations

import json
import re
import xmlrpc.client
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import orjson
from defusedxml.xmlrpc import DefusedExpatParser

from sync_assets.sandbox.odoo.errors import OdooError, http_error

_JSON = "application/json; charset=utf-8"
_XML = "text/xml; charset=utf-8"
_HTML = "text/html; charset=utf-8"
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f]")
_FRAME = '  File "/usr/lib/python3/dist-packages/odoo/http.py", line 2379, in __call__\n'


@dataclass(frozen=True)
class Answer:
    """An HTTP answer."""

    status: int
    content_type: str
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Call:
    """One call in any protocol. The secret stays out of its repr."""

    transport: str
    service: str
    method: str
    model: str = "common"
    database: str | None = None
    uid: int | None = None
    secret: str | None = field(default=None, repr=False)
    args: list[Any] = field(default_factory=list, repr=False)
    kwargs: dict[str, Any] = field(default_factory=dict, repr=False)


class ProtocolCodec(Protocol):
    """Writes the result or the error of a call."""

    def result(self, value: Any) -> Answer: ...

    def error(self, error: OdooError) -> Answer: ...


def html(status: int, title: str, text: str, headers: Mapping[str, str] | None = None) -> Answer:
    page = f"<!doctype html>\n<html lang=en>\n<title>{status} {title}</title>\n<h1>{title}</h1>\n<p>{text}</p>\n"
    return Answer(status, _HTML, page.encode(), headers or {})


def json_answer(value: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Answer:
    return Answer(status, _JSON, dump_json(value), headers or {})


def dump_json(value: Any) -> bytes:
    try:
        return orjson.dumps(value)
    except TypeError:
        # orjson refuses lone surrogates and integers above 64 bits; Odoo sends them.
        return json.dumps(value).encode()


def traceback_text(error: OdooError) -> str:
    """A traceback as Odoo shows it to clients: its last line names the error."""
    name = error.name.removeprefix("builtins.")
    return f"Traceback (most recent call last):\n{_FRAME}{name}: {error.message}\n"


def error_details(error: OdooError) -> dict[str, Any]:
    arguments = [error.message, error.status] if error.name.startswith("werkzeug.") else [error.message]
    return {
        "name": error.name,
        "message": error.message,
        "arguments": arguments,
        "context": {},
        "debug": traceback_text(error),
    }


def remote_call(transport: str, service: str, method: str, args: list[Any]) -> Call:
    """A call of the services `common`, `db` and `object`, whose arguments come by position."""
    if service == "object" and method in ("execute_kw", "execute"):
        database, uid, secret, model, name, *rest = args
        if method == "execute":
            positional, keyword = rest, {}
        else:
            positional = list(rest[0]) if rest else []
            keyword = dict(rest[1]) if len(rest) > 1 else {}
        return Call(transport, service, name, model, database, uid, secret, positional, keyword)
    return Call(transport, service, method, service, args=list(args))


class JsonRpc:
    """JSON-RPC 2.0 at /jsonrpc. Errors come with status 200."""

    def __init__(self, version: int, request_id: Any) -> None:
        self.version = version
        self.request_id = request_id

    @classmethod
    def decode(cls, version: int, body: bytes) -> tuple[JsonRpc, dict[str, Any]]:
        """The codec of the answer and the request's params. Raises ValueError when it is not JSON."""
        document = json.loads(body)
        return cls(version, document.get("id")), document.get("params") or {}

    def result(self, value: Any) -> Answer:
        envelope = {"jsonrpc": "2.0", "id": self.request_id}
        # A method that returns nothing answers without the key `result`.
        return json_answer(envelope if value is None else {**envelope, "result": value})

    def error(self, error: OdooError) -> Answer:
        code = 200 if self.version < 19 else 0
        details = {"code": code, "message": "Odoo Server Error", "data": error_details(error)}
        return json_answer({"jsonrpc": "2.0", "id": self.request_id, "error": details})


class Json2:
    """JSON-2 at /json/2/<model>/<method>, from 19 on. The HTTP status tells the kind of error."""

    @staticmethod
    def arguments(body: bytes) -> dict[str, Any]:
        """The named arguments in the body. Raises OdooError when it is not a JSON object."""
        try:
            document = json.loads(body) if body else {}
        except ValueError as error:
            raise http_error("BadRequest", f"could not parse the body as json: {error}", 400) from None
        if not isinstance(document, dict):
            raise http_error("UnprocessableEntity", "the body must be a json object", 422)
        return document

    def result(self, value: Any) -> Answer:
        return json_answer(value)

    def error(self, error: OdooError) -> Answer:
        headers = {"WWW-Authenticate": "Bearer"} if error.status == 401 else {}
        return json_answer(error_details(error), error.status, headers)


class XmlRpc:
    """XML-RPC at /xmlrpc/2/<service>. Errors are faults with status 200."""

    def __init__(self, version: int) -> None:
        self.version = version

    @staticmethod
    def decode(body: bytes) -> tuple[str, list[Any]]:
        """Method and arguments. Raises OdooError when it is not XML."""
        unmarshaller = xmlrpc.client.Unmarshaller(use_builtin_types=True)
        parser = DefusedExpatParser(unmarshaller)
        try:
            parser.feed(body)
            parser.close()
        except Exception as error:
            raise OdooError("xml.parsers.expat.ExpatError", str(error)) from None
        return str(unmarshaller.getmethodname()), list(unmarshaller.close())

    def result(self, value: Any) -> Answer:
        try:
            return self._answer(xmlrpc.client.dumps((value,), methodresponse=True))
        except (TypeError, OverflowError) as error:
            # XML-RPC has neither null nor integers above 32 bits; the method did run.
            return self.error(OdooError(f"builtins.{type(error).__name__}", str(error)))

    def error(self, error: OdooError) -> Answer:
        text = traceback_text(error) if error.fault_code == 1 else error.message
        return self._answer(xmlrpc.client.dumps(xmlrpc.client.Fault(error.fault_code, text)))

    def _answer(self, text: str) -> Answer:
        content = text.partition("<methodResponse>\n")[2].rpartition("</methodResponse>")[0] or text
        quote, gap = ("'", "") if self.version < 18 else ('"', "\n")
        page = f"<?xml version={quote}1.0{quote}?>\n<methodResponse>\n{content}{gap}</methodResponse>\n"
        return Answer(200, _XML, _CONTROL.sub("", page).encode("utf-8", "xmlcharrefreplace"))
