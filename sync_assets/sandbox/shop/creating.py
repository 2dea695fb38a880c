"""The shop's database: its name, its tables, and how they are filled once.

The rows belong to `sample.py` and `oddities.py`, later changes to `changes.py`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

import psycopg
from psycopg import sql

from sync_assets.clock import utc_now
from sync_assets.errors import ConfigurationError
from sync_assets.sandbox.shop.sample import sample_rows
from sync_assets.warehouse.connecting import no_connection
from sync_assets.warehouse.embedded import ensure_database
from sync_assets.warehouse.urls import read_url

SIZE = 40
SUFFIX = "_shop"
MARK = "sandbox shop of sync_assets"
COLUMNS = {
    "products": ("id", "name", "status", "updated_at"),
    "product_variants": ("id", "product_id", "name", "sku", "is_active", "regular_price", "updated_at"),
    "variant_options": ("variant_id", "name", "value"),
    "channel_prices": ("variant_id", "channel_id", "price"),
    "locations": ("id", "name", "is_active", "updated_at"),
    "inventory": ("variant_id", "location_id", "quantity", "reserved_qty", "updated_at"),
    "orders": ("id", "status", "updated_at"),
    "order_items": ("order_id", "variant_id", "quantity"),
}
_TABLES = """
CREATE TABLE products (
    id text PRIMARY KEY, name text NOT NULL, status text NOT NULL, updated_at timestamptz NOT NULL
);
CREATE TABLE product_variants (
    id text PRIMARY KEY, product_id text NOT NULL REFERENCES products, name text NOT NULL, sku text,
    is_active boolean NOT NULL, regular_price numeric(12, 2), updated_at timestamptz NOT NULL
);
CREATE TABLE variant_options (
    variant_id text REFERENCES product_variants, name text, value text NOT NULL, PRIMARY KEY (variant_id, name)
);
CREATE TABLE channel_prices (
    variant_id text REFERENCES product_variants, channel_id text, price numeric(12, 2) NOT NULL,
    PRIMARY KEY (variant_id, channel_id)
);
CREATE TABLE locations (
    id text PRIMARY KEY, name text NOT NULL, is_active boolean NOT NULL, updated_at timestamptz NOT NULL
);
CREATE TABLE inventory (
    variant_id text REFERENCES product_variants, location_id text REFERENCES locations, quantity integer NOT NULL,
    reserved_qty integer, updated_at timestamptz NOT NULL, PRIMARY KEY (variant_id, location_id)
);
CREATE TABLE orders (
    id text PRIMARY KEY, status text NOT NULL, updated_at timestamptz NOT NULL
);
CREATE TABLE order_items (
    order_id text REFERENCES orders, variant_id text REFERENCES product_variants, quantity integer NOT NULL,
    PRIMARY KEY (order_id, variant_id)
);
CREATE INDEX ON product_variants (updated_at);
CREATE INDEX ON product_variants (product_id);
CREATE INDEX ON inventory (updated_at);
CREATE INDEX ON orders (updated_at);
"""


def shop_url(url: str) -> str:
    """The URL of the shop beside a database: the same server, its name with `_shop`. A shop's own URL stays as it is.

    Raises ConfigurationError for a URL that is not PostgreSQL's or names no database.
    """
    read = read_url(url)
    if not read.database:
        raise ConfigurationError("The URL of the shop's server names no database", code="bad_setting")
    name = read.database if read.database.endswith(SUFFIX) else read.database + SUFFIX
    return read.set(drivername="postgresql", database=name).render_as_string(hide_password=False)


def create_shop(url: str, size: int = SIZE, as_of: datetime | None = None) -> str:
    """Makes the shop beside a database of the server unless it is there, and returns its URL.

    It has `size` ordinary products and the odd ones; the rows are always the same but for their times, which end at
    `as_of` (now). `url` names a database that exists, the warehouse's for example. A shop that is there stays as it is.
    """
    found = shop_url(url)
    name = str(read_url(found).database)
    # The shop itself may be what does not exist yet.
    server = read_url(url).set(drivername="postgresql")
    server = server.set(database="postgres") if server.database == name else server

    def fill(unfinished: str) -> None:
        target = server.set(database=unfinished).render_as_string(hide_password=False)
        with psycopg.connect(target) as connection:
            connection.execute(_TABLES)
            for table, rows in sample_rows(size, as_of or utc_now()).items():
                columns = sql.SQL(", ").join(map(sql.Identifier, COLUMNS[table]))
                into = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table), columns)
                with connection.cursor().copy(into) as copy:
                    for row in rows:
                        copy.write_row(row)
            connection.execute(sql.SQL("COMMENT ON SCHEMA public IS {}").format(MARK))

    ensure_database(server.render_as_string(hide_password=False), name, fill)
    return found


@contextmanager
def opened(url: str) -> Iterator[psycopg.Connection[tuple]]:
    """One transaction in the shop beside a database.

    Raises ConfigurationError for a database that is not there or no sandbox shop, SourceUnavailable when none answers.
    """
    try:
        connection = psycopg.connect(shop_url(url))
    except psycopg.OperationalError as error:
        raise no_connection(error, read_url(url)) from None
    with connection:
        # A real shop's database may bear such a name too, and nothing here may ever change one.
        marked = connection.execute("SELECT obj_description('public'::regnamespace)").fetchone()
        if marked != (MARK,):
            raise ConfigurationError("That database is not a sandbox shop; nothing was changed", code="no_shop")
        yield connection
