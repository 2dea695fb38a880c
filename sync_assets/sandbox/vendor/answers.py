"""The answers of the sandbox as bytes: envelopes, web pages, and what faults put in the place of a good answer.

When they are given belongs to `app.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from email.utils import format_datetime
from http import HTTPStatus
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from sync_assets.sandbox.dice import Dice
from sync_assets.sandbox.vendor.faults import KINDS, STATUSES, Fault

ELSEWHERE = "https://elsewhere.example/"
# All kinds but those that only add to a good answer.
STRIKING = tuple(sorted(KINDS - {"slow", "no_quantity"}))
_HTML = "<!DOCTYPE html><html><head><title>{0}</title></head><body><h1>{0}</h1><p>{1}</p></body></html>"
_LONG = "The service could not answer this request. " * 8
_JSON = "application/json; charset=utf-8"


def enveloped(**content: Any) -> dict[str, Any]:
    """A JSON-RPC envelope with `result` or `error`."""
    return {"jsonrpc": "2.0", "id": None, **content}


def sent(status: int, content: Any, headers: dict[str, str] | None = None) -> Response:
    return Response(orjson.dumps(content), status, headers, _JSON)


def page(status: int, title: str, headers: dict[str, str] | None = None) -> Response:
    return Response(_HTML.format(title, _LONG), status, headers, "text/html; charset=utf-8")


def failed(status: int) -> Response:
    phrase = HTTPStatus(status).phrase
    return sent(status, {"error": phrase.lower().replace(" ", "_"), "message": phrase})


def exception(name: str, message: str, debug: str = "") -> dict[str, Any]:
    """The envelope of an exception that nobody caught inside Odoo."""
    debug = debug or f'Traceback (most recent call last):\n  File "/opt/odoo/http.py", line 1\n{name}: {message}\n'
    data = {"name": name, "debug": debug, "message": message, "arguments": [message], "context": {}}
    return enveloped(error={"code": 200, "message": "Odoo Server Error", "data": data})


def retry_after(fault: Fault, dice: Dice, now: datetime) -> dict[str, str]:
    """The header as the fault gives it; "any" is a number, a date, a huge or a negative number, or garbage."""
    given = fault.options.get("retry_after")
    if given == "any":
        date = format_datetime(now + timedelta(seconds=3), usegmt=True)
        given = dice.pick(("2", date, "86400", "-5", "soon"))
    return {} if given is None else {"Retry-After": str(given)}


def instead(fault: Fault, dice: Dice, request: Request, now: datetime) -> Response:
    """What stands in the place of a good answer for the kinds that replace it wholly."""
    options = fault.options
    status = options.get("status") if options.get("status") != "any" else None
    if fault.kind in STATUSES:
        return failed(int(fault.kind))
    match fault.kind:
        case "rate_limited":
            return sent(429, {"error": "too_many_requests", "message": "Slow down."}, retry_after(fault, dice, now))
        case "server_error":
            return sent(500, {"error": "internal_server_error", "message": "Internal Server Error"})
        case "bad_gateway":
            status = status or dice.pick((502, 503))
            return page(status, HTTPStatus(status).phrase, retry_after(fault, dice, now) if status == 503 else None)
        case "html_200":
            return page(status or 200, "Maintenance")
        case "redirect":
            return Response(status_code=status or 302, headers={"Location": options.get("location", ELSEWHERE)})
        case "odoo_exception":
            return sent(200, exception(options.get("name", "builtins.ValueError"), "could not serialize access"))
        case "echo":
            said = f"cannot handle the call with Authorization: {request.headers.get('authorization', '')}"
            return sent(200, exception("builtins.KeyError", said, debug=f"Traceback\n{said}"))
        case "business_error":
            code = options.get("code", "vendor_suspended")
            return sent(200, enveloped(result={"error": code, "message": options.get("message", "Not accepted.")}))
        case "no_result":
            return sent(200, enveloped(**({"result": options["result"]} if "result" in options else {})))
        case "empty_result":
            return sent(200, enveloped(result={}))
    raise AssertionError(fault.kind)


def without_quantity(product: dict[str, Any]) -> None:
    """Takes the stock out of a product that is about to be shown."""
    for part in (product, *product.get("variants", [])):
        part.pop("vendor_on_hand_qty", None)


class CutResponse(Response):
    """Announces the whole body, sends half of it and cuts the connection."""

    def __init__(self, whole: bytes, cut: Callable[[], None]) -> None:
        super().__init__(whole, 200, media_type=_JSON)
        self._cut = cut

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        half = bytes(self.body)[: len(self.body) // 2]
        await send({"type": "http.response.body", "body": half, "more_body": True})
        self._cut()
