"""Reads a shop's PostgreSQL: available stock in one snapshot, orders that shipped, and variants whose stock changed.

Nothing is written there; what the rows lead to does not belong here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import psycopg
from psycopg import sql
from psycopg.rows import dict_row

from sync_assets.connections import ShopConnection
from sync_assets.errors import ConfigurationError, SourceUnavailable
from sync_assets.warehouse.urls import read_url

PAGE = 1000
CONNECT_SECONDS = 10

# Clamped per location before summing: what is reserved too much in one place is not missing in another.
_STOCK = """
SELECT v.id::text AS variant_id, v.product_id::text AS product_id, coalesce(p.name, '') AS product_name,
  coalesce(v.name, '') AS variant_name, coalesce(v.sku, '') AS sku, coalesce(s.available, 0)::numeric AS available, {prices}
FROM {product_variants} v JOIN {products} p ON p.id = v.product_id
LEFT JOIN (
  SELECT i.variant_id, sum(greatest(0, i.quantity - coalesce(i.reserved_qty, 0))) AS available
  FROM {inventory} i JOIN {locations} l ON l.id = i.location_id WHERE l.is_active GROUP BY 1
) s ON s.variant_id = v.id
WHERE p.status::text = 'ACTIVE' AND v.is_active ORDER BY v.product_id, v.id
"""
_V1 = "NULL::numeric AS price, NULL::jsonb AS options"
_V2 = """{price} AS price,
  (SELECT jsonb_object_agg(o.name, o.value) FROM {variant_options} o WHERE o.variant_id = v.id) AS options"""
_REGULAR = "coalesce(v.regular_price, 0)::numeric"
_IN_CHANNEL = """(SELECT c.price::numeric FROM {channel_prices} c
  WHERE c.variant_id = v.id AND c.channel_id::text = %(channel)s LIMIT 1)"""
_SHIPPED = """
SELECT o.id::text AS id, o.updated_at::timestamptz AS changed_at,
  array(SELECT i.variant_id::text FROM {order_items} i WHERE i.order_id = o.id ORDER BY 1) AS variant_ids
FROM {orders} o WHERE o.status::text = ANY(%(statuses)s)
  AND (o.updated_at::timestamptz, o.id::text) > (%(after)s, %(last)s) ORDER BY 2, 1 LIMIT %(limit)s
"""
_CHANGED = """
SELECT v.id::text AS id, v.product_id::text AS product_id, c.changed_at FROM {product_variants} v
JOIN {products} p ON p.id = v.product_id
LEFT JOIN LATERAL (
  SELECT max(greatest(i.updated_at, l.updated_at)) AS stock_at FROM {inventory} i
  JOIN {locations} l ON l.id = i.location_id WHERE i.variant_id = v.id
) s ON true
CROSS JOIN LATERAL (SELECT greatest(v.updated_at, p.updated_at, s.stock_at)::timestamptz AS changed_at) c
WHERE (c.changed_at, v.id::text) > (%(after)s, %(last)s) ORDER BY 3, 1 LIMIT %(limit)s
"""


@dataclass(frozen=True)
class Variant:
    """An eligible variant with its available stock; `price` is the channel's or, without a channel, the regular one."""

    variant_id: str
    product_id: str
    product_name: str
    variant_name: str
    sku: str
    available: Decimal
    price: Decimal | None = None
    options: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Cursor:
    """Place in the order of changes: the instant and the id of the last one that was taken."""

    changed_at: datetime
    last_id: str = ""


@dataclass(frozen=True)
class Change:
    """An order that shipped (with its variants), or a variant that changed (with its product)."""

    id: str
    changed_at: datetime
    variant_ids: tuple[str, ...] = ()
    product_id: str | None = None

    @property
    def cursor(self) -> Cursor:
        return Cursor(self.changed_at, self.id)


class ShopReader:
    """Reads within one repeatable-read snapshot, taken at `read_at` by the shop's clock."""

    def __init__(self, connection: psycopg.Connection[Any], shop: ShopConnection) -> None:
        self._connection = connection
        self._shop = shop
        self._tables = {
            name: sql.Identifier(*str(table).split(".")) for name, table in shop.tables.model_dump().items()
        }
        row = connection.execute("SELECT clock_timestamp()").fetchone()
        assert row is not None
        self.read_at: datetime = row[0]

    def stock(self, *, with_prices: bool = False, channel_id: str | None = None) -> list[Variant]:
        """All eligible variants, in the order of product and variant id. Prices and options are read on demand."""
        price = sql.SQL(_IN_CHANNEL if channel_id else _REGULAR).format(**self._tables)
        prices = sql.SQL(_V2).format(price=price, **self._tables) if with_prices else sql.SQL(_V1)
        rows = self._rows(_STOCK, {"channel": channel_id}, prices=prices)
        return [Variant(**{**row, "options": row["options"] or {}}) for row in rows]

    def shipped_orders(self, after: Cursor) -> Iterator[Change]:
        """Orders that shipped, from the cursor less the overlap on, the earliest change first."""
        return self._changes(_SHIPPED, after, statuses=list(self._shop.shipped_statuses))

    def changed_variants(self, after: Cursor) -> Iterator[Change]:
        """Variants with a change of themselves, their product, their stock or its places, as above."""
        return self._changes(_CHANGED, after)

    def _changes(self, statement: str, after: Cursor, **values: Any) -> Iterator[Change]:
        # What was committed late has an older instant than the last row that was read.
        place = Cursor(after.changed_at - timedelta(seconds=self._shop.overlap_seconds))
        while True:
            rows = self._rows(statement, {**values, "after": place.changed_at, "last": place.last_id, "limit": PAGE})
            for row in rows:
                change = Change(
                    row["id"], row["changed_at"], tuple(row.get("variant_ids") or ()), row.get("product_id")
                )
                place = change.cursor
                yield change
            if len(rows) < PAGE:
                return

    def _rows(self, statement: str, values: dict[str, Any], **parts: sql.Composable) -> list[dict[str, Any]]:
        with self._connection.cursor(row_factory=dict_row) as cursor:
            return cursor.execute(sql.SQL(statement).format(**self._tables, **parts), values).fetchall()


@contextmanager
def open_shop(shop: ShopConnection, url: str, *, org: str) -> Iterator[ShopReader]:
    """A reader on a new connection that cannot write. Raises ConfigurationError and SourceUnavailable."""
    plain = read_url(url, setting=f"{org}: sources.shop.url").set(drivername="postgresql")
    options = (
        f"-c timezone=UTC -c default_transaction_read_only=on -c statement_timeout={shop.timeout_seconds * 1000:.0f}"
    )
    try:
        connection = psycopg.connect(
            plain.render_as_string(hide_password=False), connect_timeout=CONNECT_SECONDS, options=options
        )
    except psycopg.Error as error:
        raise SourceUnavailable(
            f"{org}: the shop's PostgreSQL does not answer ({_reason(error)}); check the url", code="shop_down"
        ) from None
    with connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        try:
            yield ShopReader(connection, shop)
        except (
            psycopg.errors.UndefinedTable,
            psycopg.errors.UndefinedColumn,
            psycopg.errors.InsufficientPrivilege,
        ) as e:
            raise ConfigurationError(
                f"{org}: the shop's database cannot be read ({_reason(e)}); check sources.shop.tables",
                code="shop_tables",
            ) from None


def _reason(error: psycopg.Error) -> str:
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__
