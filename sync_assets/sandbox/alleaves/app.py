"""The HTTP side of the sandbox: the course of a call, and the faults of the connection and of the status.

Which rows a call answers belongs to `dialects.py`, who may call to `access.py`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Any

import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sync_assets.sandbox.alleaves.access import Access
from sync_assets.sandbox.alleaves.dialects import Answering, Asked, Refused, Switches, call_at
from sync_assets.sandbox.alleaves.faults import STATUSES, CallFaults, Fault, Faults
from sync_assets.sandbox.alleaves.listings import contained, struck
from sync_assets.sandbox.alleaves.store import Store

ELSEWHERE = "https://elsewhere.example/"
MASK = "***"
_METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]
_SECRET_HEADERS = ("authorization", "x-partner-id")
_SECRET_FIELDS = ("password", "pin")
_MESSAGES = {
    "400": "Bad request",
    "401": "Token has expired",
    "403": "Forbidden",
    "404": "Not found",
    "429": "Too many requests",
    "500": "Internal server error",
    "502": "Bad gateway",
    "503": "Service unavailable",
    "504": "Gateway timeout",
}
_HTML = "<!DOCTYPE html><html><head><title>{0}</title></head><body><h1>{0}</h1><p>{1}</p></body></html>"
_LONG = "The service could not answer this request. " * 8


class WebApp:
    """The ASGI application of one sandbox. `calls` records every call, `connections` holds the open ones by client."""

    def __init__(self, dialect: str, store: Store, access: Access, prefix: str, inventory_prefix: str) -> None:
        self.dialect = dialect
        self.store = store
        self.access = access
        self.prefix = prefix
        self.inventory_prefix = inventory_prefix
        self.switches = Switches()
        self.faults = Faults()
        self.calls: list[dict[str, Any]] = []
        self.connections: dict[Any, asyncio.Transport] = {}
        self.clock: Callable[[], datetime]
        self.before_call: Callable[[], None] = lambda: None
        self.asgi = Starlette(routes=[Route("/{path:path}", self._answer, methods=_METHODS)])

    async def _answer(self, request: Request) -> Response:
        """Answers the call unless a fault strikes first, and records it."""
        path = request.url.path
        route, answering = call_at(self.dialect, request.method, path, self.prefix, self.inventory_prefix)
        body = _json(await request.body())
        entry = _recorded(request, route, body)
        self.calls.append(entry)
        faults = self.faults.due(route)
        if fault := faults.strike("slow", "timeout"):
            await asyncio.sleep(fault.options.get("seconds", 1.0 if fault.kind == "slow" else 20.0))
        if faults.strike("reset"):
            self.connections[request.scope["client"]].abort()
            return Response()
        try:
            response = self._replaced(request, faults, await request.body())
            response = response or _sent(200, self._content(request, route, answering, body, faults))
        except Refused as refused:
            response = _sent(refused.status, {"message": refused.message})
        if faults.strike("truncated"):
            whole = bytes(response.body)
            response = Response(whole[: len(whole) // 2], response.status_code, media_type="application/json")
        entry["status"] = response.status_code
        return response

    def _content(self, request: Request, route: str, answering: Answering | None, body: Any, faults: CallFaults) -> Any:
        """What a good answer holds. Raises Refused."""
        now, authorization = self.clock(), request.headers.get("authorization")
        if route == "auth":
            return self.access.log_in(body, authorization, now, self.dialect, self.store.location_ids)
        if answering is None:
            raise Refused(404, f"Cannot {request.method} {request.url.path}")
        self.access.check(authorization, request.headers.get("x-partner-id"), now)
        self.before_call()
        with self.store.lock:
            if route == "customers" and faults.strike("shifted"):
                self.store.customers.insert(0, newcomer(self.store, now))
            asked = Asked(dict(request.query_params), body, now, faults, self.switches)
            listing = struck(answering(asked, self.store), faults)
            # Encoded while the lock is held, so that a row is never sent half changed.
            return orjson.Fragment(orjson.dumps(contained(listing, listing.shape, self.switches.empty_shape)))

    def _replaced(self, request: Request, faults: CallFaults, body: bytes) -> Response | None:
        """The answer of a proxy or a broken server in place of the real one; None when no such fault is due."""
        if fault := faults.strike(*STATUSES):
            if fault.kind == "401":
                self.access.tokens.revoke(request.headers.get("authorization", "").partition(" ")[2])
            return _failed(fault)
        if fault := faults.strike("html"):
            page = _HTML.format("Maintenance", _LONG)
            return Response(page, fault.options.get("status", 200), media_type="text/html")
        if faults.strike("text"):
            return Response("upstream is being updated", media_type="text/plain")
        if faults.strike("error"):
            return _sent(200, {"error": "Unable to read the records"})
        if faults.strike("redirect"):
            return Response(status_code=302, headers={"Location": ELSEWHERE})
        if fault := faults.strike("echo"):
            headers = {name: request.headers[name] for name in _SECRET_HEADERS if name in request.headers}
            said = f"cannot handle {body.decode(errors='replace')} with {headers}"
            return _sent(fault.options.get("status", 400), {"message": said})
        return None


def newcomer(store: Store, now: datetime) -> dict[str, Any]:
    """A customer created at this moment, whose id is the next free one."""
    created = now.strftime("%Y-%m-%dT%H:%M:%S.000Z")
    row = dict.fromkeys(store.customers[0] if store.customers else ("email", "phone"))
    named = {"name_first": "Nova", "name_last": "Newcomer", "date_created": created, "loyalty_points": 0}
    return {**row, "id_customer": store.next_id("customers", "id_customer"), **named}


def _failed(fault: Fault) -> Response:
    status, message = int(fault.kind), _MESSAGES[fault.kind]
    after = fault.options.get("retry_after")
    headers = {} if after is None else {"Retry-After": str(after)}
    kind = fault.options.get("body", "message")
    if kind == "html":
        return Response(_HTML.format(message, _LONG), status, headers, "text/html")
    if kind == "text":
        return Response(message, status, headers, "text/plain")
    return _sent(status, {kind: message}, headers)


def _sent(status: int, content: Any, headers: dict[str, str] | None = None) -> Response:
    return Response(orjson.dumps(content), status, headers, "application/json; charset=utf-8")


def _json(body: bytes) -> Any:
    try:
        return orjson.loads(body) if body else None
    except orjson.JSONDecodeError:
        return None


def _recorded(request: Request, route: str, body: Any) -> dict[str, Any]:
    """The call without its secrets: their places are kept, their values masked."""
    if isinstance(body, dict):
        body = {name: MASK if name in _SECRET_FIELDS else value for name, value in body.items()}
    headers = {name: MASK if name in _SECRET_HEADERS else value for name, value in request.headers.items()}
    return {
        "route": route,
        "method": request.method,
        "path": request.url.path,
        "params": dict(request.query_params),
        "json": body,
        "headers": headers,
        "status": 0,
    }
