"""The calls of both dialects: method, path, parameters, and which rows answer them.

Logging in belongs to `access.py`, the container of the rows to `listings.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from sync_assets.sandbox.alleaves import documented
from sync_assets.sandbox.alleaves.faults import CallFaults
from sync_assets.sandbox.alleaves.listings import Listing
from sync_assets.sandbox.alleaves.store import Row, Store, read_instant

DIALECTS = ("observed", "documented")
# What the service sends when an order call names no dates.
UNDATED_LIMIT = 75


class Refused(Exception):
    """The service answers with this status and message instead of rows."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


@dataclass
class Switches:
    """How the service behaves where accounts or versions of it may differ; each may be changed at any time.

    `customer_shape` is one of `listings.SHAPES`, None for the dialect's own. `empty_shape` says whether an empty list is
    an "array" or an "object". `max_page_size` cuts pages that ask for more. `available_as` is "flag" or "number".
    """

    customer_shape: str | None = None
    empty_shape: str = "array"
    max_page_size: int = 1_000
    available_as: str = "flag"


@dataclass
class Asked:
    """One data call: its parameters, its JSON body, the instant, and the faults due."""

    params: dict[str, str]
    body: Any
    now: datetime
    faults: CallFaults
    switches: Switches


Answering = Callable[[Asked, Store], Listing]


# Observed


def observed_locations(asked: Asked, store: Store) -> Listing:
    return Listing("locations", "id_location", store.locations, "array")


def observed_customers(asked: Asked, store: Store) -> Listing:
    body = asked.body if isinstance(asked.body, dict) else {}
    page, size = _count(body.get("page"), "page"), _count(body.get("pageSize"), "pageSize")
    rows = _page(store.customers, page, size, asked)
    return Listing("customers", "id_customer", rows, asked.switches.customer_shape or "numeric")


def observed_orders(asked: Asked, store: Store) -> Listing:
    page, size = _number(asked, "page", 1), _number(asked, "pageSize", 100)
    start, end = _day(asked, "startDate"), _day(asked, "endDate")
    today = asked.now.astimezone(store.zone).date()
    if start is None and end is None:
        latest = sorted(store.orders, key=lambda order: store.day(order) or today)[-UNDATED_LIMIT:]
        return Listing("orders", "id_order", _page(latest, page, size, asked), "array")
    first, last = start or date.min, end or date.max
    found = store.orders_between(first, last, today)
    return Listing("orders", "id_order", _page(found, page, size, asked), "array")


def observed_inventory(asked: Asked, store: Store) -> Listing:
    body = asked.body if isinstance(asked.body, dict) else {}
    location = body.get("id_location")
    if isinstance(location, bool) or not isinstance(location, int):
        raise Refused(400, "id_location must be a number")
    rows = list(_stock(str(location), asked, store))
    return Listing("products", "id_item", [{**row, "total_rows": len(rows)} for row in rows], "array")


# Documented


def documented_customers(asked: Asked, store: Store) -> Listing:
    location = _location(asked.params.get("locationId"))
    page, size = _number(asked, "page", None), _number(asked, "pageSize", 100)
    places = _forms(location, is_home=True)
    found = [row for row in store.customers if row.get("id_location") in places]
    rows = [documented.customer(row) for row in _page(found, page, size, asked)]
    shape = asked.switches.customer_shape or "keyed"
    return Listing("customers", "id_customer", rows, shape, {"total": len(found), "page": page})


def documented_orders(asked: Asked, store: Store) -> Listing:
    location = _location(asked.params.get("locationId"))
    page, size = _number(asked, "page", None), _number(asked, "pageSize", 100)
    start = read_instant(asked.params.get("startDate", ""), store.zone)
    if start is None:
        raise Refused(400, "startDate must be an ISO date")
    places = _forms(location, is_home=location in store.location_ids[:1])
    made = store.orders_since(start)
    found = [order for order in made if order.get("id_location") in places]
    rows = [documented.order(order) for order in _page(found, page, size, asked)]
    return Listing("orders", "id_transaction", rows, "keyed", {"total": len(found)})


def documented_inventory(asked: Asked, store: Store) -> Listing:
    location = _location(asked.body.get("locationId") if isinstance(asked.body, dict) else None)
    rows = documented.products(_stock(location, asked, store), asked.switches.available_as)
    return Listing("products", "id_product", rows, "keyed")


CALLS: dict[str, dict[tuple[str, str], tuple[str, Answering]]] = {
    "observed": {
        ("GET", "/location"): ("location", observed_locations),
        ("POST", "/customer/search"): ("customers", observed_customers),
        ("GET", "/order"): ("orders", observed_orders),
        ("POST", "/inventory/search"): ("inventory", observed_inventory),
    },
    "documented": {
        ("GET", "/customers"): ("customers", documented_customers),
        ("GET", "/orders"): ("orders", documented_orders),
        ("POST", "/inventory/search"): ("inventory", documented_inventory),
    },
}


def call_at(dialect: str, method: str, path: str, prefix: str, inventory_prefix: str) -> tuple[str, Answering | None]:
    """The route's name and what answers it; ("auth", None) for the login and ("unknown", None) for any other path."""
    if (method, path) == ("POST", f"{prefix}/auth"):
        return "auth", None
    for (known, tail), (route, answering) in CALLS[dialect].items():
        start = inventory_prefix if route == "inventory" else prefix
        if (method, path) == (known, start + tail):
            return route, answering
    return "unknown", None


# Parameters


def _stock(location: str, asked: Asked, store: Store) -> Iterator[Row]:
    is_open = asked.faults.strike("foreign_rows") is not None
    return (row for row in store.inventory if is_open or str(row.get("id_location")) == location)


def _page(rows: list[Row], page: int, size: int, asked: Asked) -> list[Row]:
    size = min(size, asked.switches.max_page_size)
    start = 0 if asked.faults.strike("repeated_page") else (page - 1) * size
    return rows[start : start + size]


def _count(value: Any, name: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise Refused(400, f"{name} must be a number of at least 1")
    return value


def _number(asked: Asked, name: str, default: int | None) -> int:
    text = asked.params.get(name)
    if text is None and default is not None:
        return default
    return _count(int(text) if text and text.isdecimal() else None, name)


def _day(asked: Asked, name: str) -> date | None:
    text = asked.params.get(name)
    if text is None:
        return None
    try:
        return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC).date()
    except ValueError:
        raise Refused(400, f"{name} must look like 2026-01-31") from None


def _forms(location: str, is_home: bool) -> set[Any]:
    """What a row's `id_location` may hold to belong to that location; rows without one are at home."""
    return {location, int(location) if location.isdecimal() else location, *((None,) if is_home else ())}


def _location(value: Any) -> str:
    if value in (None, ""):
        raise Refused(400, "locationId is required")
    return str(value)
