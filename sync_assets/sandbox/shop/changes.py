"""What happens in the invented shop: orders are placed and shipped, stock is counted, products come and go.

Each function is one transaction and sets `updated_at`, as a shop's own software does; when things happen is `life.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql

from sync_assets.errors import SourceDataError
from sync_assets.sandbox.shop.creating import COLUMNS, opened
from sync_assets.sandbox.shop.sample import OPEN_STATUS

SHIPPED = "SHIPPED"
_AVAILABLE = """
SELECT COALESCE(SUM(GREATEST(i.quantity - COALESCE(i.reserved_qty, 0), 0)), 0)::int
FROM inventory i JOIN locations l ON l.id = i.location_id AND l.is_active WHERE i.variant_id = %s
"""
# Where most is free comes first.
_PLACES = """
SELECT i.location_id, GREATEST(i.quantity - COALESCE(i.reserved_qty, 0), 0)
FROM inventory i JOIN locations l ON l.id = i.location_id AND l.is_active
WHERE i.variant_id = %s ORDER BY 2 DESC, 1 FOR UPDATE OF i
"""
_VARIANT = """
SELECT v.id FROM product_variants v JOIN products p ON p.id = v.product_id AND p.status = 'ACTIVE'
WHERE v.is_active AND btrim(v.sku) = %s
"""
_TAKE = """
UPDATE inventory SET quantity = quantity - %s, updated_at = clock_timestamp() WHERE variant_id = %s AND location_id = %s
"""
_ADJUST = """
INSERT INTO inventory (variant_id, location_id, quantity, reserved_qty, updated_at)
VALUES (%(variant)s, %(location)s, GREATEST(%(by)s, 0), NULL, clock_timestamp())
ON CONFLICT (variant_id, location_id) DO UPDATE
SET quantity = GREATEST(inventory.quantity + %(by)s, 0), updated_at = clock_timestamp()
"""
_LINES = """
SELECT i.variant_id, btrim(v.sku), i.quantity FROM order_items i JOIN product_variants v ON v.id = i.variant_id
WHERE i.order_id = %s ORDER BY 1
"""
_MAIN = "SELECT min(location_id) FROM inventory i JOIN locations l ON l.id = i.location_id AND l.is_active WHERE variant_id = %s"


@dataclass(frozen=True)
class Shipped:
    """A shipped order: what left the shelves and what is available now, both by SKU."""

    order_id: str
    taken: dict[str, int]
    available: dict[str, int]


def available(url: str, sku: str) -> int:
    """What can be sold of an active variant. Raises SourceDataError unless one variant has the SKU."""
    with opened(url) as connection:
        return _available(connection, _variant(connection, sku))


def place_order(url: str, lines: dict[str, int], status: str = OPEN_STATUS) -> str:
    """A new order of these quantities by SKU, which takes no stock yet; returns its id. Raises SourceDataError."""
    with opened(url) as connection:
        return _place(connection, lines, status)


def ship_order(url: str, order_id: str | None = None, status: str = SHIPPED) -> Shipped:
    """Ships an order, else the one open for longest: its stock leaves the shelves, as far as there is any.

    Raises SourceDataError for an order that is not there or was shipped before, or when none is open.
    """
    with opened(url) as connection:
        return _ship(connection, order_id or _oldest_open(connection), status)


def ship(url: str, what: str, quantity: int = 1) -> Shipped:
    """Ships the order of that id, or a new order of that quantity of that SKU. Raises SourceDataError."""
    with opened(url) as connection:
        if connection.execute("SELECT 1 FROM orders WHERE id = %s", [what]).fetchone() is None:
            what = _place(connection, {what: quantity}, OPEN_STATUS)
        return _ship(connection, what, SHIPPED)


def adjust_inventory(url: str, sku: str, by: int, location_id: str | None = None) -> int:
    """Adds to or takes from the stock at a location (else the variant's first), never below 0; returns what is available.

    Raises SourceDataError unless one variant has the SKU and the location is there.
    """
    with opened(url) as connection:
        variant = _variant(connection, sku)
        found = connection.execute(_MAIN, [variant]).fetchone()
        location = location_id or (found and found[0]) or "loc_main"
        try:
            connection.execute(_ADJUST, {"variant": variant, "location": location, "by": by})
        except psycopg.errors.ForeignKeyViolation:
            raise SourceDataError(f"The sandbox shop has no location {location}") from None
        return _available(connection, variant)


def set_values(url: str, table: str, row_id: str, **values: Any) -> None:
    """Changes columns of one row of products, product_variants, locations or orders, and its `updated_at`.

    Raises SourceDataError when there is no such row, ValueError for another table or column.
    """
    known = set(COLUMNS.get(table, ())) - {"updated_at"}
    if "id" not in known or not values or not set(values) <= known:
        raise ValueError(f"{table} with {', '.join(values) or 'nothing'} cannot be changed here")
    pairs = [sql.SQL("{} = {}").format(sql.Identifier(name), sql.Literal(value)) for name, value in values.items()]
    statement = sql.SQL("UPDATE {} SET {}, updated_at = clock_timestamp() WHERE id = {}").format(
        sql.Identifier(table), sql.SQL(", ").join(pairs), sql.Literal(row_id)
    )
    with opened(url) as connection:
        if connection.execute(statement).rowcount == 0:
            raise SourceDataError(f"The sandbox shop has no row {row_id} in {table}")


def _place(connection: psycopg.Connection[tuple], lines: dict[str, int], status: str) -> str:
    # Two orders placed at once must not take the same number.
    connection.execute("LOCK TABLE orders IN SHARE ROW EXCLUSIVE MODE")
    last = connection.execute("SELECT COALESCE(MAX(substr(id, 5)::int), 0) FROM orders").fetchone()
    assert last is not None
    order_id = f"ord_{last[0] + 1:06d}"
    connection.execute("INSERT INTO orders VALUES (%s, %s, clock_timestamp())", [order_id, status])
    for sku, quantity in lines.items():
        row = [order_id, _variant(connection, sku), quantity]
        connection.execute("INSERT INTO order_items VALUES (%s, %s, %s)", row)
    return order_id


def _ship(connection: psycopg.Connection[tuple], order_id: str, status: str) -> Shipped:
    found = connection.execute("SELECT status FROM orders WHERE id = %s FOR UPDATE", [order_id]).fetchone()
    if found is None or found[0] != OPEN_STATUS:
        state = "is not there" if found is None else f"is {found[0]}"
        raise SourceDataError(f"The order {order_id} of the sandbox shop {state}, so it cannot be shipped")
    taken: dict[str, int] = {}
    left: dict[str, int] = {}
    for variant, sku, quantity in connection.execute(_LINES, [order_id]).fetchall():
        missing = quantity
        for location, free in connection.execute(_PLACES, [variant]).fetchall():
            if part := min(missing, free):
                connection.execute(_TAKE, [part, variant, location])
                missing -= part
        taken[sku], left[sku] = quantity - missing, _available(connection, variant)
    connection.execute(
        "UPDATE orders SET status = %s, updated_at = clock_timestamp() WHERE id = %s", [status, order_id]
    )
    return Shipped(order_id, taken, left)


def _oldest_open(connection: psycopg.Connection[tuple]) -> str:
    found = connection.execute(
        "SELECT id FROM orders WHERE status = %s ORDER BY updated_at, id LIMIT 1 FOR UPDATE SKIP LOCKED", [OPEN_STATUS]
    ).fetchone()
    if found is None:
        raise SourceDataError("The sandbox shop has no open order")
    return str(found[0])


def _variant(connection: psycopg.Connection[tuple], sku: str) -> str:
    found = connection.execute(_VARIANT, [sku.strip()]).fetchall()
    if len(found) != 1:
        count = "no active variant" if not found else f"{len(found)} active variants"
        raise SourceDataError(f"The sandbox shop has {count} with the SKU {sku}")
    return str(found[0][0])


def _available(connection: psycopg.Connection[tuple], variant: str) -> int:
    found = connection.execute(_AVAILABLE, [variant]).fetchone()
    assert found is not None
    return int(found[0])
