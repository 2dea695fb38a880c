"""The HTTP side of the sandbox: who may call, the course of a call, and the faults that strike it.

What a call does to the products belongs to `rules.py`.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sync_assets.sandbox.vendor import answers, control
from sync_assets.sandbox.vendor.answers import enveloped, page, sent
from sync_assets.sandbox.vendor.faults import CallFaults, Fault, Faults, luck
from sync_assets.sandbox.vendor.products import Products
from sync_assets.sandbox.vendor.rules import ACTIONS, Refusal

API_KEY = "sandbox-vendor-token"
PARTNER_ID = "13"
PREFIX = "/vendor_api/product/"
MASK = "***"
_SECRET_HEADERS = ("authorization", "cookie")
_METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]
# Faults after which the caller does not know that the call was carried out, unless their `is_applied` says otherwise.
_APPLIED_UNHEARD = ("timeout_after", "reset_mid_body", "html_200", "truncated", "no_result", "empty_result")
_LATE = ("late_apply", "late_duplicate")

Call = dict[str, Any]


@dataclass
class Late:
    """A write that is applied when the clock reaches `due`."""

    due: datetime
    route: str
    body: Any
    entry: Call


class WebApp:
    """The ASGI application of one sandbox. `calls` records every call, `connections` holds the open ones by client."""

    def __init__(self, mode: str, wait_seconds: float) -> None:
        self.mode = mode
        self.wait_seconds = wait_seconds
        self.api_key = API_KEY
        self.partner_id = PARTNER_ID
        self.products = Products()
        self.faults = Faults()
        self.calls: list[Call] = []
        self.connections: dict[Any, asyncio.Transport] = {}
        self.clock: Callable[[], datetime]
        self._late: list[Late] = []
        self._turns: Counter[str] = Counter()
        self._numbers = 0
        self._lock = threading.RLock()
        self.asgi = Starlette(
            routes=[*control.routes(self), Route("/{path:path}", self._answer, methods=_METHODS)],
        )

    def settle(self) -> None:
        """Applies the late writes whose time has come, in the order of their times."""
        now = self.clock()
        with self._lock, self.products.lock:
            due = sorted((late for late in self._late if late.due <= now), key=lambda late: late.due)
            self._late = [late for late in self._late if late.due > now]
            for late in due:
                self._carry_out(late.route, late.body, late.entry, late.due)

    @property
    def late_count(self) -> int:
        """How many writes still wait for their time."""
        return len(self._late)

    def reset(self) -> None:
        """Forgets products, faults, calls and late writes."""
        with self._lock:
            self._late.clear()
            self._turns.clear()
            self._numbers = 0
            self.faults.clear()
            self.products.clear()
            self.calls.clear()

    async def _answer(self, request: Request) -> Response:
        """Records the call and answers it, unless a fault strikes."""
        now = self.clock()
        body, route = _json(await request.body()), _route(request)
        sku = _sku(body)
        with self._lock:
            self._numbers += 1
            self._turns[sku] += 1
            turn = str(self._turns[sku])
            entry = _recorded(request, self._numbers, now, route, sku, body)
            self.calls.append(entry)
        self.settle()
        faults = self.faults.due(route, sku, turn)
        # A slow call is carried out late, so that one which came after it may overtake it.
        if fault := faults.strike("slow"):
            await self._keep_waiting(request, fault, 1.0)
        response = await self._struck(request, faults, route, body, entry, turn)
        if response is None:
            response = self._refused(request, body) or self._good(route, body, entry, faults)
        if entry["fault"] != "reset_before":
            entry["status"] = response.status_code
        return response

    def _refused(self, request: Request, body: Any) -> Response | None:
        """What a call gets that is none of the three, or that may not call."""
        if _route(request) == "unknown":
            return page(404, "Not Found")
        if request.method != "POST":
            return page(405, "Method Not Allowed")
        if request.headers.get("authorization", "") != f"Bearer {self.api_key}":
            return sent(401, {"error": "unauthorized", "message": "Invalid or missing token."})
        if request.query_params.get("partner_id") != self.partner_id:
            return sent(403, {"error": "forbidden", "message": "This token may not act for that partner."})
        if not request.headers.get("content-type", "").startswith("application/json"):
            return page(415, "Unsupported Media Type")
        return page(400, "Bad Request") if body is None else None

    def _carry_out(self, route: str, body: Any, entry: Call, at: datetime) -> Any:
        """The result of a call, which is applied if it is a write; a business error changes nothing."""
        with self.products.lock:
            try:
                result = ACTIONS[route](self.mode, self.products, body, entry["number"], at)
            except Refusal as refusal:
                return refusal.result
        if route != "read":
            entry["is_applied"] = True
            entry["applied_at"] = at
        return result

    def _good(self, route: str, body: Any, entry: Call, faults: CallFaults) -> Response:
        result = self._carry_out(route, body, entry, self.clock())
        if route == "read" and "product" in result and faults.strike("no_quantity"):
            entry["fault"] = "no_quantity"
            answers.without_quantity(result["product"])
        return sent(200, enveloped(result=result))

    async def _struck(
        self, request: Request, faults: CallFaults, route: str, body: Any, entry: Call, turn: str
    ) -> Response | None:
        """What the first fault makes of the call; None when none strikes."""
        fault = faults.strike(*answers.STRIKING)
        if fault is None:
            return None
        entry["fault"] = fault.kind
        dice = luck(fault.seed, entry["sku"], turn, purpose=1)
        refusal = self._refused(request, body)
        if fault.kind in _LATE and refusal is None and route != "read":
            delay = fault.options.get("delay")
            due = self.clock() + timedelta(seconds=dice.between(1, 60) if delay is None else delay)
            with self._lock:
                self._late.append(Late(due, route, body, entry))
        whole = b""
        if fault.options.get("is_applied", fault.kind in _APPLIED_UNHEARD):
            whole = bytes((refusal or self._good(route, body, entry, faults)).body)
        match fault.kind:
            case "late_duplicate":
                return None
            case "timeout_before" | "timeout_after" | "late_apply":
                await self._keep_waiting(request, fault, self.wait_seconds)
                return page(504, "Gateway Timeout")
            case "reset_before":
                self.connections[request.scope["client"]].abort()
                return Response()
            case "reset_mid_body":
                return answers.CutResponse(whole, self.connections[request.scope["client"]].abort)
            case "truncated":
                return Response(whole[: len(whole) // 2], 200, media_type="application/json")
        return answers.instead(fault, dice, request, self.clock())

    async def _keep_waiting(self, request: Request, fault: Fault, seconds: float) -> None:
        """Lets the time pass, or less when the caller hangs up."""

        async def hung_up() -> None:
            while (await request.receive())["type"] != "http.disconnect":
                pass

        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(hung_up(), fault.options.get("seconds", seconds))


def _route(request: Request) -> str:
    name = request.url.path.removeprefix(PREFIX)
    return name if name in ACTIONS and request.url.path != name else "unknown"


def _sku(body: Any) -> str:
    """The SKU a body is about; empty when it names none."""
    if not isinstance(body, dict):
        return ""
    product = body.get("product")
    sku = body.get("default_code") or (product.get("default_code") if isinstance(product, dict) else None)
    return sku if isinstance(sku, str) else ""


def _json(body: bytes) -> Any:
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        return None


def _recorded(request: Request, number: int, now: datetime, route: str, sku: str, body: Any) -> Call:
    """The call without its secrets: their places are kept, their values masked."""
    return {
        "number": number,
        "at": now,
        "route": route,
        "sku": sku,
        "method": request.method,
        "path": request.url.path,
        "params": dict(request.query_params),
        "json": body,
        "headers": {name: MASK if name in _SECRET_HEADERS else value for name, value in request.headers.items()},
        "status": 0,
        "fault": None,
        "is_applied": False,
        "applied_at": None,
    }
