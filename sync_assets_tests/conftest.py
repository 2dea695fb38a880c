"""Shared fixtures: one real PostgreSQL for the whole run, a fresh migrated database for every test that asks."""

from __future__ import annotations

import os
import shutil
import signal
import sys
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from hypothesis import HealthCheck, settings
from psycopg import sql

from sync_assets.cli import main
from sync_assets.collecting import collect_rarely
from sync_assets.sandbox.odoo import OdooSandbox
from sync_assets.settings import PROJECT_ROOT, get_settings
from sync_assets.warehouse import Warehouse
from sync_assets.warehouse.embedded import start_embedded
from sync_assets.warehouse.migrate import migrate
from sync_assets_tests.defs.support import Command, Project, open_project

# The same examples every time, and no verdict on the speed of the machine.
settings.register_profile(
    "project",
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
settings.load_profile("project")


def pytest_collection_finish() -> None:
    """As in a run: searching what was imported for garbage, again and again, takes a tenth of the time."""
    collect_rarely()


@pytest.fixture(scope="session", autouse=True)
def no_settings_from_outside() -> None:
    """Tests see neither the developer's .env nor their database."""
    for name in list(os.environ):
        if name in ("DATABASE_URL", "DAGSTER_DATABASE_URL", "DAGSTER_HOME") or name.startswith("SYNC_ASSETS_"):
            del os.environ[name]


def memory_folder() -> Path | None:
    """Where files are kept in memory, if there is room: a database is copied there in a tenth of the time."""
    memory = Path("/dev/shm")
    has_room = memory.is_dir() and os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > 4 << 30
    return memory if has_room else None


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """URL of an embedded PostgreSQL that ends with the test run."""
    with tempfile.TemporaryDirectory(
        prefix="sync_assets_tests_", dir=memory_folder(), ignore_cleanup_errors=True
    ) as folder:
        url = start_embedded(Path(folder) / "postgres")
        with psycopg.connect(url, autocommit=True) as connection:
            # Nothing here must survive a power cut.
            connection.execute("ALTER SYSTEM SET fsync = off")
            connection.execute("ALTER SYSTEM SET max_wal_size = '64MB'")
            connection.execute("SELECT pg_reload_conf()")
        migrate(url)
        yield url
        from sync_assets.warehouse import embedded

        embedded.stop_embedded()


@pytest.fixture
def database(server: str) -> Iterator[str]:
    """URL of a fresh database with all tables, copied from the migrated one."""
    name = f"test_{uuid.uuid4().hex[:12]}"
    admin = server.replace("/sync_assets?", "/postgres?")
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE sync_assets").format(sql.Identifier(name)))
        yield server.replace("/sync_assets?", f"/{name}?")
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture
def warehouse(database: str) -> Iterator[Warehouse]:
    with Warehouse(database) as opened:
        yield opened


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], tmp_path: Path) -> Iterator[Command]:
    """Runs `sync-assets …` in this process: exit code, stdout, stderr."""
    connections = tmp_path / "connections.yaml"
    connections.write_text("orgs: {acme: {name: Acme}}", encoding="utf-8")
    monkeypatch.setenv("SYNC_ASSETS_CONNECTIONS", str(connections))
    # Commands set it for their own process, which here is also that of the other tests.
    monkeypatch.setenv("DAGSTER_HOME", str(PROJECT_ROOT))
    signals = {name: signal.getsignal(name) for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}

    def call(*arguments: str, **environment: str) -> tuple[int, str, str]:
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(sys, "argv", ["sync-assets", *arguments])
        get_settings.cache_clear()
        with pytest.raises(SystemExit) as ended:
            main()
        said = capfd.readouterr()
        return int(ended.value.code or 0), said.out, said.err

    yield call
    for name, handler in signals.items():
        signal.signal(name, handler)
    get_settings.cache_clear()


@pytest.fixture
def odoo() -> Iterator[OdooSandbox]:
    """An Odoo 18 with nothing in it but what every database has."""
    with OdooSandbox(version="18.0", records="empty") as sandbox:
        yield sandbox


@pytest.fixture
def project(database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Project]:
    """The real jobs on a fresh database; organisations are added by the test."""
    with open_project(database, tmp_path, monkeypatch) as opened:
        yield opened
