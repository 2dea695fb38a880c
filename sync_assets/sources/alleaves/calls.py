"""The calls of both dialects: method, path and parameters, and nothing else differs between them.

Sending them, and what comes back, does not belong here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from sync_assets.connections import AlleavesConnection


@dataclass(frozen=True)
class Call:
    """One call for the rows of an entity. The body may hold the password, so it is not shown."""

    entity: str
    method: str
    url: str
    params: Mapping[str, str] = field(default_factory=dict)
    body: Mapping[str, Any] | None = field(default=None, repr=False)

    @property
    def list_name(self) -> str:
        """The documented name of the list in the reply."""
        return "products" if self.entity == "inventory" else self.entity


@dataclass(frozen=True)
class Window:
    """The dates of an order list, in the store's time zone; the observed dialect sends both."""

    start: date
    end: date
    timezone: str = "UTC"

    @property
    def start_instant(self) -> str:
        """Midnight of the start in the store, as UTC text."""
        zone = UTC if self.timezone == "UTC" else ZoneInfo(self.timezone)
        midnight = datetime.combine(self.start, time(), zone).astimezone(UTC)
        return midnight.strftime("%Y-%m-%dT%H:%M:%SZ")


def login_call(connection: AlleavesConnection, username: str, password: str, pin: str | None) -> Call:
    body = {"username": username, "password": password, **({"pin": pin} if pin else {})}
    return Call("login", "POST", f"{connection.base_url}{connection.path_prefix}/auth", body=body)


def locations_call(connection: AlleavesConnection) -> Call:
    return Call("locations", "GET", f"{connection.base_url}{connection.path_prefix}/location")


def customers_call(connection: AlleavesConnection, location_id: str | None, page: int) -> Call:
    url = f"{connection.base_url}{connection.path_prefix}"
    if connection.dialect == "observed":
        body = {"page": page, "pageSize": connection.page_size}
        return Call("customers", "POST", f"{url}/customer/search", body=body)
    return Call("customers", "GET", f"{url}/customers", params=_documented(connection, location_id, page))


def orders_call(connection: AlleavesConnection, location_id: str | None, window: Window, page: int) -> Call:
    url = f"{connection.base_url}{connection.path_prefix}"
    if connection.dialect == "observed":
        params = {
            "page": str(page),
            "pageSize": str(connection.page_size),
            "startDate": window.start.isoformat(),
            "endDate": window.end.isoformat(),
        }
        return Call("orders", "GET", f"{url}/order", params=params)
    params = {**_documented(connection, location_id, page), "startDate": window.start_instant}
    return Call("orders", "GET", f"{url}/orders", params=params)


def inventory_call(connection: AlleavesConnection, location_id: str) -> Call:
    url = f"{connection.base_url}{connection.inventory_prefix}/inventory/search"
    if connection.dialect == "observed":
        number = int(location_id) if location_id.isascii() and location_id.isdigit() else location_id
        return Call("inventory", "POST", url, body={"query": "", "id_location": number})
    return Call("inventory", "POST", url, body={"query": "", "locationId": location_id})


def _documented(connection: AlleavesConnection, location_id: str | None, page: int) -> dict[str, str]:
    assert location_id is not None
    return {"locationId": location_id, "page": str(page), "pageSize": str(connection.page_size)}
