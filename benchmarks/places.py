"""Where the benchmarks run: a PostgreSQL in a temporary folder, clients and landings for the invented shop.

What is measured does not belong here.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import psycopg
from psycopg import sql

from benchmarks.shop import Row
from sync_assets.connections import OdooConnection
from sync_assets.extraction.odoo import Landing
from sync_assets.sandbox.odoo import access
from sync_assets.sandbox.odoo.fields import build_models
from sync_assets.sources.odoo import STREAMS, FieldPlan, OdooClient, OdooField, plan_fields
from sync_assets.tables import SCHEMAS
from sync_assets.warehouse import Warehouse
from sync_assets.warehouse.embedded import start_embedded, stop_embedded
from sync_assets.warehouse.migrate import migrate

ORG = "bench"
KEY_ENV = "SANDBOX_ODOO_API_KEY"
RUN_ID = "benchmark"
STARTED_AT = datetime(2025, 7, 1, tzinfo=UTC)
APPS = ("base", "product", "sale", "stock")


@dataclass(frozen=True)
class Target:
    """An Odoo to read from; the key is in the environment variable `key_env`."""

    url: str
    database: str = access.DATABASE
    login: str = access.LOGIN
    key_env: str = KEY_ENV

    def connection(self, **settings: Any) -> OdooConnection:
        reference = "${" + self.key_env + "}"
        return OdooConnection(url=self.url, database=self.database, login=self.login, api_key=reference, **settings)

    def client(self, **settings: Any) -> OdooClient:
        return OdooClient(self.connection(**settings), os.environ[self.key_env], org=ORG)


@contextmanager
def temporary_folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="sync_assets_bench_", ignore_cleanup_errors=True) as folder:
        yield Path(folder)


@contextmanager
def temporary_warehouse(folder: Path) -> Iterator[str]:
    """The URL of a migrated database on an embedded PostgreSQL with the settings of every other run."""
    url = start_embedded(folder / "postgres")
    try:
        migrate(url)
        yield url
    finally:
        stop_embedded()


def empty(url: str) -> None:
    """Empties all tables of the project."""
    empty_schemas(url, SCHEMAS)


def empty_schemas(url: str, schemas: Sequence[str]) -> None:
    """Empties the schemas' tables, and settles the server so that a run does not pay for the one before."""
    with psycopg.connect(url, autocommit=True) as connection:
        names = connection.execute(
            "SELECT schemaname, tablename FROM pg_tables WHERE schemaname = ANY(%s) AND tablename <> 'alembic_version'",
            [list(schemas)],
        ).fetchall()
        tables = sql.SQL(", ").join(sql.Identifier(schema, name) for schema, name in names)
        connection.execute(sql.SQL("TRUNCATE {} RESTART IDENTITY").format(tables))
    settle(url)


def settle(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CHECKPOINT")


def analyze(url: str) -> None:
    """Fresh statistics, as autovacuum would have made them a minute after a large load."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")


def plan_of(stream: str) -> FieldPlan:
    """The fields of a stream on Odoo 18."""
    described = build_models("18.0", APPS)[STREAMS[stream].model].fields
    fields = {name: OdooField.described(name, field.describe()) for name, field in described.items()}
    return plan_fields(STREAMS[stream], fields)


def landing_to(warehouse: Warehouse, client: OdooClient) -> Landing:
    return Landing(warehouse, client, ORG, RUN_ID, STARTED_AT)


def write_pages(path: Path, rows: Iterator[Row], *, page_size: int, has_false: bool = True) -> int:
    """Writes answers as a server sends them, one per line; returns the number of rows.

    Without `has_false`, empty values are null instead of Odoo's false.
    """
    count, page = 0, []
    with path.open("wb") as file:
        for row in rows:
            page.append(row if has_false else without_false(row))
            if len(page) == page_size:
                file.write(answer(page))
                count, page = count + len(page), []
        file.write(answer(page))
    return count + len(page)


def without_false(row: Row) -> Row:
    return {name: None if value is False and name not in FLAGS else value for name, value in row.items()}


FLAGS = {"is_downpayment", "locked", "active", "is_company"}


def answer(page: Sequence[Row]) -> bytes:
    return orjson.dumps({"jsonrpc": "2.0", "id": 1, "result": page}) + b"\n"
