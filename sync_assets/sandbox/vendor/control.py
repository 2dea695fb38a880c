"""The control calls under `/sandbox/`: the same switches as in Python, for whoever runs the sandbox as a process.

The server listens on loopback only, so they ask for no credentials; they are not recorded as calls.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sync_assets.sandbox.vendor.answers import sent
from sync_assets.sandbox.vendor.faults import Fault, shared_out

if TYPE_CHECKING:
    from sync_assets.sandbox.vendor.app import WebApp


def routes(web: WebApp) -> list[Route]:
    """Faults (POST a list or one, DELETE all), products, calls and reset."""

    async def faults(request: Request) -> Response:
        if request.method == "DELETE":
            web.faults.clear()
            return sent(200, {"faults": 0})
        try:
            given = orjson.loads(await request.body())
            found = [fault for entry in (given if isinstance(given, list) else [given]) for fault in _read(entry)]
        except (TypeError, ValueError) as error:
            return sent(400, {"error": str(error)})
        for fault in found:
            web.faults.add(fault)
        return sent(200, {"faults": len(found)})

    async def products(request: Request) -> Response:
        web.settle()
        with web.products.lock:
            return sent(
                200,
                {
                    "products": [asdict(product) for product in web.products.all],
                    "history": [asdict(change) for change in web.products.history],
                },
            )

    async def calls(request: Request) -> Response:
        web.settle()
        return sent(200, {"calls": web.calls})

    async def reset(request: Request) -> Response:
        web.reset()
        return sent(200, {})

    return [
        Route("/sandbox/faults", faults, methods=["POST", "DELETE"]),
        Route("/sandbox/products", products),
        Route("/sandbox/calls", calls),
        Route("/sandbox/reset", reset, methods=["POST"]),
    ]


def _read(entry: dict[str, Any]) -> list[Fault]:
    """One fault, or the mixed ones when no kind is named. Raises TypeError or ValueError."""
    return [Fault(**entry)] if "kind" in entry else shared_out(**entry)
