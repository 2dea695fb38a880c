"""What the Alleaves tests share: connections, a clock that jumps instead of waiting, and a scripted service."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx

from sync_assets.connections import AlleavesConnection
from sync_assets.sources.alleaves import AlleavesClient, Rules

NOW = datetime(2026, 11, 20, 18, 0, tzinfo=UTC)
PASSWORD, PIN, PARTNER = "canary-pass-93f1", "canary-pin-7714", "canary-partner-5520"
RULES = Rules(org_id="acme", now=NOW, timezone="America/Denver", location_ids=("1000",))
PATHS = {
    "/auth": "login",
    "/location": "locations",
    "/customer/search": "customers",
    "/customers": "customers",
    "/order": "orders",
    "/orders": "orders",
    "/inventory/search": "inventory",
}

Reply = Any
Handler = Callable[[dict[str, Any]], Reply]


def connection(dialect: str = "observed", **more: Any) -> AlleavesConnection:
    settings = {
        "dialect": dialect,
        "base_url": "https://pos.acme.example",
        "username": "sync@acme.example",
        "password": "${ACME_POS_PASSWORD}",
        "pin": "${ACME_POS_PIN}",
        "location_ids": [1000],
        **more,
    }
    return AlleavesConnection.model_validate(settings)


@dataclass
class Clock:
    """A wall clock, a monotonic clock and a sleep in one; sleeping only moves the hands."""

    moment: datetime = NOW
    naps: list[float] = field(default_factory=list)

    def now(self) -> datetime:
        return self.moment

    def monotonic(self) -> float:
        return self.moment.timestamp()

    def sleep(self, seconds: float) -> None:
        self.naps.append(seconds)
        self.moment += timedelta(seconds=seconds)


def jwt(claims: dict[str, Any] | None = None, *, lives: float = 86_400, issued: datetime = NOW) -> str:
    claims = {"exp": int((issued + timedelta(seconds=lives)).timestamp())} if claims is None else claims
    parts = [
        base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in ({"alg": "HS256"}, claims)
    ]
    return ".".join([*parts, "c2lnbmVk"])


def response(reply: Reply) -> httpx.Response:
    """A reply is a response already, or JSON with status 200."""
    return reply if isinstance(reply, httpx.Response) else httpx.Response(200, json=reply)


@dataclass
class Service:
    """Answers each kind of call by a list of replies in turn (the last one for good) or by a function of the call."""

    replies: dict[str, list[Reply] | Handler] = field(default_factory=dict)
    calls: list[dict[str, Any]] = field(default_factory=list)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        parts = urlsplit(str(request.url))
        call = {
            "kind": next((kind for path, kind in PATHS.items() if parts.path.endswith(path)), "unknown"),
            "method": request.method,
            "path": parts.path,
            "params": {name: values[0] for name, values in parse_qs(parts.query).items()},
            "json": json.loads(request.content) if request.content else None,
            "headers": dict(request.headers),
        }
        self.calls.append(call)
        script = self.replies.get(call["kind"], [{"token": jwt()}] if call["kind"] == "login" else [[]])
        if callable(script):
            return response(script(call))
        return response(script.pop(0) if len(script) > 1 else script[0])

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [call for call in self.calls if call["kind"] == kind]


def client_of(service: Service, dialect: str = "observed", clock: Clock | None = None, **more: Any) -> AlleavesClient:
    clock = clock or Clock()
    return AlleavesClient(
        connection(dialect, **more),
        username="sync@acme.example",
        password=PASSWORD,
        pin=PIN,
        partner_id=PARTNER,
        org="acme",
        transport=httpx.MockTransport(service),
        now=clock.now,
        sleep=clock.sleep,
        clock=clock.monotonic,
    )


def paged(rows: list[Any], wrap: Callable[[list[Any]], Reply] = list) -> Handler:
    """A list that turns pages as the service does."""

    def answer(call: dict[str, Any]) -> Reply:
        asked = call["json"] or call["params"]
        page, size = int(asked["page"]), int(asked["pageSize"])
        return wrap(rows[(page - 1) * size : page * size])

    return answer


def customers(count: int, start: int = 1) -> list[dict[str, Any]]:
    return [
        {"id_customer": number, "name_first": f"Guest of honour {number}"} for number in range(start, start + count)
    ]


def read_all(pages: Any) -> list[Any]:
    return [row for page in pages for row in page]
