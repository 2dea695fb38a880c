"""What the tests of the vendor sandbox share: a plain HTTP caller, a clock that stands still, bodies of both modes.

The tests themselves do not belong here.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from sync_assets.sandbox.vendor import VendorSandbox

NOON = datetime(2026, 3, 18, 12, tzinfo=UTC)


class Clock:
    """A clock that goes on only when told."""

    def __init__(self) -> None:
        self.moment = NOON

    def __call__(self) -> datetime:
        return self.moment

    def advance(self, seconds: float) -> None:
        self.moment += timedelta(seconds=seconds)


@contextmanager
def fresh(server: VendorSandbox, timeout: float = 5) -> Iterator[Caller]:
    """A caller of a server that has forgotten everything and whose clock stands at noon."""
    server.reset()
    server.products.is_unique = True
    server.now = Clock()
    with Caller(server, timeout) as caller:
        yield caller


class Caller:
    """Calls one sandbox with the right credentials, giving up after `timeout` seconds."""

    def __init__(self, server: VendorSandbox, timeout: float = 5) -> None:
        self.server = server
        self.http = httpx.Client(
            base_url=server.url,
            params={"partner_id": server.partner_id},
            headers={"Authorization": f"Bearer {server.api_key}"},
            timeout=timeout,
        )

    def __enter__(self) -> Caller:
        return self

    def __exit__(self, *_: object) -> None:
        self.http.close()

    def post(self, route: str, body: Any, **options: Any) -> httpx.Response:
        return self.http.post(f"/vendor_api/product/{route}", json=body, **options)

    def result(self, route: str, body: Any) -> Any:
        """The `result` of a call that was answered as the vendor module answers."""
        answer = self.post(route, body)
        assert answer.status_code == 200, answer.text
        content = answer.json()
        assert {**content, "result": None} == {"jsonrpc": "2.0", "id": None, "result": None}
        return content["result"]

    def read(self, sku: str = "A") -> Any:
        return self.result("read", {"default_code": sku})

    def create(self, sku: str = "A", quantity: float = 10) -> Any:
        return self.result("create", new_product(sku, quantity))

    def update(self, sku: str = "A", quantity: float = 20) -> Any:
        return self.result("update", stock_of(sku, quantity))


def new_product(sku: str = "A", quantity: float = 10) -> dict[str, Any]:
    """The body of a create call in mode v1."""
    return {
        "product": {"name": f"Product {sku}", "default_code": sku, "vendor_on_hand_qty": quantity},
        "supplier": {"price": 0},
    }


def stock_of(sku: str = "A", quantity: float = 20) -> dict[str, Any]:
    """The body of an update call in mode v1."""
    return {"default_code": sku, "product": {"vendor_on_hand_qty": quantity}}


def variant(sku: str, quantity: float = 5, price: float = 9.5, **attributes: str) -> dict[str, Any]:
    """One entry of `variants` in mode v2; without attributes as an update sends it."""
    entry = {"default_code": sku, "vendor_on_hand_qty": quantity, "price": price}
    return {**entry, "attributes": attributes} if attributes else entry


def new_family(*variants: dict[str, Any], name: str = "Family") -> dict[str, Any]:
    """The body of a create call in mode v2."""
    total = sum(entry["vendor_on_hand_qty"] for entry in variants)
    return {
        "product": {"name": name, "default_code": variants[0]["default_code"], "vendor_on_hand_qty": total},
        "supplier": {"price": variants[0]["price"]},
        "variants": list(variants),
    }
