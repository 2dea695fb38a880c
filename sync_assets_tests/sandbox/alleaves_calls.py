"""What the tests of the Alleaves sandbox share: one demo store of a fixed day, small stores, and a plain HTTP caller.

The tests themselves do not belong here.
"""

from __future__ import annotations

import copy
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any

import httpx

from sync_assets.sandbox.alleaves import AlleavesSandbox, Store, demo_store
from sync_assets.sandbox.alleaves.seed.customers import customer_row

TODAY = date(2026, 3, 18)
NOON = datetime(2026, 3, 18, 19, tzinfo=UTC)
DIALECTS = ("observed", "documented")
HISTORY = "2024-01-01"


@lru_cache(maxsize=1)
def shared_store() -> Store:
    """The demo store of TODAY, which nobody changes."""
    return demo_store(TODAY)


def small_store(customers: int = 0) -> Store:
    """The shops, the odd orders and some stock of the demo, with that many plain customers."""
    demo = shared_store()
    rows = [customer_row(number, TODAY, name_first=f"No {number}") for number in range(1, customers + 1)]
    locations, orders, stock = copy.deepcopy((demo.locations, demo.orders[:220], demo.inventory[:60]))
    return Store(locations, rows, orders, stock, demo.moment)


class Caller:
    """Calls one sandbox as its dialect asks."""

    def __init__(self, server: AlleavesSandbox, partner_id: str | None = None) -> None:
        self.server = server
        self.http = httpx.Client(base_url=server.url, timeout=10)
        self.partner = {"X-Partner-ID": partner_id} if partner_id else {}
        self.token = ""

    def __enter__(self) -> Caller:
        return self

    def __exit__(self, *_: object) -> None:
        self.http.close()

    def login(self, **given: Any) -> httpx.Response:
        """Logs in; a field given as None is left out."""
        body = {"username": self.server.username, "password": self.server.password, "pin": self.server.pin, **given}
        answer = self.http.post("/api/auth", json={name: value for name, value in body.items() if value is not None})
        if answer.status_code == 200:
            self.token = answer.json().get("token", "")
        return answer

    def get(self, path: str, **params: Any) -> httpx.Response:
        return self.http.get(path, params=params, headers=self._headers())

    def post(self, path: str, body: Any = None) -> httpx.Response:
        return self.http.post(path, json=body, headers=self._headers())

    def customers(self, page: int = 1, size: int = 100) -> httpx.Response:
        if self.server.dialect == "observed":
            return self.post("/api/customer/search", {"page": page, "pageSize": size})
        return self.get("/api/customers", locationId="1000", page=page, pageSize=size)

    def orders(self, page: int = 1, size: int = 100, start: str = HISTORY, end: str = "2030-01-01") -> httpx.Response:
        if self.server.dialect == "observed":
            return self.get("/api/order", page=page, pageSize=size, startDate=start, endDate=end)
        return self.get("/api/orders", locationId="1000", startDate=f"{start}T00:00:00Z", page=page, pageSize=size)

    def inventory(self, location: int = 1000) -> httpx.Response:
        if self.server.dialect == "observed":
            return self.post("/api/inventory/search", {"query": "", "id_location": location})
        return self.post("/inventory/search", {"query": "", "locationId": str(location)})

    def call(self, route: str) -> httpx.Response:
        return {"auth": self.login, "customers": self.customers, "orders": self.orders, "inventory": self.inventory}[
            route
        ]()

    def walk(self, route: str, size: int = 100) -> list[Any]:
        """All rows of a paged list, read until a short page."""
        found: list[Any] = []
        for page in range(1, 1_000):
            rows = rows_of(getattr(self, route)(page, size).json())
            found += rows
            if len(rows) < size:
                return found
        raise AssertionError("the list does not end")

    def _headers(self) -> dict[str, str]:
        return {**({"Authorization": f"Bearer {self.token}"} if self.token else {}), **self.partner}


def rows_of(content: Any) -> list[Any]:
    """The rows in any of the known containers."""
    if isinstance(content, list):
        return content
    for name in ("customers", "orders", "products", "data", "results"):
        if name in content:
            return rows_of(content[name])
    assert all(key.isdigit() for key in content), list(content)
    return [content[key] for key in sorted(content, key=int)]
