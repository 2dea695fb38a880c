"""What every command shares: the program itself, its exit codes, the organisations and the warehouse."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer

from sync_assets.connections import Connections, load_connections
from sync_assets.display import errors
from sync_assets.errors import ConfigurationError, SyncError
from sync_assets.settings import get_settings, make_home
from sync_assets.warehouse import Warehouse
from sync_assets.warehouse.embedded import database_url, is_embedded
from sync_assets.warehouse.migrate import check_migrated, migrate

app = typer.Typer(
    help="Syncs organisations' Odoo into PostgreSQL and scores their customers.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for programs instead of a table.")]
OrgArgument = Annotated[str, typer.Argument(help="Organisation, as named in connections.yaml.")]
OptionalOrg = Annotated[str | None, typer.Argument(help="Organisation; all when left out.")]


def main() -> None:
    """Runs the command; an expected failure is one line on stderr."""
    # SIGINT too: a command started in the background inherits that it is ignored, and so would Dagster's processes.
    for closing in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(closing, _interrupt)
    try:
        app()
    except SyncError as error:
        errors.print(f"[bold red]Error:[/] {error.message}", highlight=False)
        sys.exit(2 if isinstance(error, ConfigurationError) else 1)
    except KeyboardInterrupt:
        errors.print("Stopped.")
        sys.exit(130)


def _interrupt(*_: object) -> None:
    """Being ended is handled like Ctrl-C, so that the sandbox and the UI's processes end too."""
    raise KeyboardInterrupt


def connections() -> Connections:
    found = load_connections(get_settings().sync_assets_connections)
    for problem in found.problems:
        errors.print(f"[yellow]Skipped:[/] {problem}", highlight=False)
    return found


def server_url() -> str:
    """URL of the warehouse's database; starts the embedded server when there is no DATABASE_URL."""
    if get_settings().database_url is None:
        make_home(get_settings())
    return database_url()


@contextmanager
def warehouse() -> Iterator[Warehouse]:
    """The migrated warehouse; the embedded server is migrated by itself, another one only by `migrate`."""
    url = server_url()
    if is_embedded(url):
        migrate(url)
    check_migrated(url)
    with Warehouse(url) as opened:
        yield opened
