"""The HTTP side of the sandbox: its paths, and the faults of the connection.

What a call does belongs to `service.py`, how it is written on the wire to `protocols.py`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC
from email.utils import format_datetime
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sync_assets.sandbox.odoo.errors import OdooError, http_error
from sync_assets.sandbox.odoo.faults import CallFaults, Faults
from sync_assets.sandbox.odoo.protocols import (
    Answer,
    Call,
    Json2,
    JsonRpc,
    ProtocolCodec,
    XmlRpc,
    html,
    json_answer,
    remote_call,
)
from sync_assets.sandbox.odoo.service import PlainFailure, Service, version_info
from sync_assets.sandbox.odoo.store import Store

ELSEWHERE = "https://elsewhere.example/"
_TITLES = {429: "Too Many Requests", 500: "Internal Server Error", 502: "Bad Gateway", 503: "Service Unavailable"}
_NO_DATABASE = (
    "<!DOCTYPE html>\n<title>404 Not Found</title>\n<h1>Not Found</h1>\n"
    "<p>No database is selected and the requested URL was not found in the server-wide controllers.</p>\n"
    "<p>Please verify the hostname, <a href=/web/login>login</a> and try again.</p>\n\n"
    "<!-- Alternatively, use the X-Odoo-Database header. -->\n"
)


class WebApp:
    """The ASGI application of one sandbox. `calls` records every call, `connections` holds the open ones by client."""

    def __init__(self, service: Service, faults: Faults, before_call: Callable[[], None]) -> None:
        self.service = service
        self.faults = faults
        self.before_call = before_call
        self.calls: list[dict[str, Any]] = []
        self.connections: dict[Any, asyncio.Transport] = {}
        self.version = service.store.version
        self.asgi = _dated(self._routed(), service.store)

    def _routed(self) -> Starlette:
        routes = [
            Route("/jsonrpc", self._jsonrpc, methods=["POST"]),
            Route("/xmlrpc/2/{service}", self._xmlrpc, methods=["POST"]),
            Route("/web/webclient/version_info", self._version_info, methods=["POST"]),
            Route("/web/health", self._health),
        ]
        if self.version >= 19:
            routes += [
                Route("/web/version", self._web_version),
                Route("/json/version", self._web_version),
                Route("/json/2/{model}/{method}", self._json2, methods=["POST"]),
                Route("/json/2{rest:path}", self._json2_elsewhere, methods=["GET", "POST", "PUT", "PATCH", "DELETE"]),
            ]
        return Starlette(routes=routes, exception_handlers={404: _page, 405: _page})

    # Paths

    async def _health(self, request: Request) -> Response:
        return Response(b'{"status": "pass"}', media_type="application/json")

    async def _web_version(self, request: Request) -> Response:
        info = version_info(self.service.version)
        answer = json_answer({"version_info": info["server_version_info"], "version": self.service.version})
        return await self._guarded(request, Call("http", "web", "version", "web"), lambda faults, note: answer)

    async def _version_info(self, request: Request) -> Response:
        codec, _ = JsonRpc.decode(self.version, await request.body() or b"{}")
        answer = codec.result(version_info(self.service.version))
        return await self._guarded(request, Call("http", "web", "version_info", "web"), lambda faults, note: answer)

    async def _jsonrpc(self, request: Request) -> Response:
        if not request.headers.get("content-type", "").startswith("application/json"):
            return _response(_wrong_type(400 if self.version < 19 else 415))
        try:
            codec, params = JsonRpc.decode(self.version, await request.body())
            call = remote_call("jsonrpc", params["service"], params["method"], params.get("args") or [])
        except ValueError:
            return _response(html(400, "Bad Request", "Invalid JSON data"))
        except KeyError as error:
            return _response(codec.error(OdooError("builtins.KeyError", str(error))))
        return await self._answered(request, call, codec)

    async def _xmlrpc(self, request: Request) -> Response:
        codec = XmlRpc(self.version)
        try:
            method, args = codec.decode(await request.body())
        except OdooError as error:
            return _response(codec.error(error))
        return await self._answered(request, remote_call("xmlrpc", request.path_params["service"], method, args), codec)

    async def _json2(self, request: Request) -> Response:
        codec = Json2()
        if request.headers.get("x-odoo-database", self.service.database) != self.service.database:
            return Response(_NO_DATABASE, 404, media_type="text/html")
        kind, _, key = request.headers.get("authorization", "").partition(" ")
        try:
            if not request.headers.get("content-type", "").startswith("application/json"):
                return _response(_wrong_type(415))
            named = codec.arguments(await request.body())
        except OdooError as error:
            return _response(codec.error(error))
        secret = key.strip() if kind.lower() == "bearer" else None
        call = Call(
            "json2", "object", request.path_params["method"], request.path_params["model"], secret=secret, kwargs=named
        )
        return await self._answered(request, call, codec)

    async def _json2_elsewhere(self, request: Request) -> Response:
        return _response(Json2().error(http_error("NotFound", "Did you mean POST /json/2/<model>/<method>?", 404)))

    # The course of a call

    async def _answered(self, request: Request, call: Call, codec: ProtocolCodec) -> Response:
        def answer(faults: CallFaults, note: dict[str, Any]) -> Answer:
            self.before_call()
            try:
                return codec.result(self.service.run(call, faults, note))
            except OdooError as error:
                return codec.error(error)
            except PlainFailure as failure:
                return html(failure.status, _TITLES[failure.status], "The server could not answer.")

        return await self._guarded(request, call, answer)

    async def _guarded(
        self, request: Request, call: Call, answer: Callable[[CallFaults, dict[str, Any]], Answer]
    ) -> Response:
        """Answers the call unless a fault of the connection strikes first, and records it."""
        faults = self.faults.due(call.model, call.method)
        note: dict[str, Any] = {}
        entry = {"model": call.model, "method": call.method, "kwargs": note, "transport": call.transport, "status": 0}
        self.calls.append(entry)
        if fault := faults.strike("timeout", "slow"):
            await asyncio.sleep(fault.options.get("seconds", 1.0))
        if faults.strike("reset"):
            self.connections[request.scope["client"]].abort()
            return Response()
        result = _struck(faults) or answer(faults, note)
        if faults.strike("truncated"):
            result = Answer(result.status, result.content_type, result.body[: len(result.body) // 2])
        entry["status"] = result.status
        return _response(result)


def _struck(faults: CallFaults) -> Answer | None:
    """The answer of a proxy or a broken server in place of Odoo's."""
    if faults.strike("html"):
        return html(200, "Maintenance", "The service is being updated.")
    if faults.strike("redirect"):
        return html(302, "Found", "Moved.", {"Location": ELSEWHERE})
    fault = faults.strike("429", "500", "502", "503")
    if fault is None:
        return None
    status, retry_after = int(fault.kind), fault.options.get("retry_after")
    return html(
        status,
        _TITLES[status],
        "Please try again later.",
        {} if retry_after is None else {"Retry-After": str(retry_after)},
    )


def _response(answer: Answer) -> Response:
    return Response(answer.body, answer.status, {**answer.headers, "Content-Type": answer.content_type})


def _wrong_type(status: int) -> Answer:
    return html(
        status, "Bad Request" if status == 400 else "Unsupported Media Type", "The request must be application/json."
    )


def _page(request: Request, error: Exception) -> Response:
    """Odoo answers unknown paths and wrong methods with a web page."""
    status = getattr(error, "status_code", 404)
    text = "The requested URL was not found on the server."
    return _response(html(status, "Not Found" if status == 404 else "Method Not Allowed", text))


def _dated(app: Any, store: Store) -> Any:
    """The application with a `Date` header from the store's clock, from which clients take the server's time."""

    async def dated(scope: Any, receive: Any, send: Any) -> None:
        async def send_dated(message: Any) -> None:
            if message["type"] == "http.response.start":
                now = store.now()
                now = now.replace(tzinfo=UTC) if now.tzinfo is None else now.astimezone(UTC)
                message["headers"] = [*message["headers"], (b"date", format_datetime(now, usegmt=True).encode())]
            await send(message)

        await app(scope, receive, send_dated)

    return dated
