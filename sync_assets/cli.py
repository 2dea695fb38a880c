"""The command `sync-assets`: what an operator does without the UI. Tables for people, `--json` for programs.

Exit codes: 0 good, 1 something failed or is out of reach, 2 a mistake in the configuration or the command, 3 good with
warnings. Rules and queries do not belong here.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Annotated, Any

import typer

from sync_assets import reports
from sync_assets.clock import read_moment
from sync_assets.connections import Connections, load_connections, secret_value
from sync_assets.display import errors, out, progress_bars, show, show_json, show_summary, spinner, text_of
from sync_assets.errors import ConfigurationError, SyncError
from sync_assets.sandbox.processes import is_listening, sandbox_if_needed
from sync_assets.settings import PROJECT_ROOT, dagster_home, get_settings, make_home
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


@app.command()
def run(
    org: Annotated[list[str] | None, typer.Option(help="Only this organisation; may be repeated.")] = None,
    full: Annotated[bool, typer.Option(help="Read everything again instead of what changed.")] = False,
    months_back: Annotated[
        int | None, typer.Option(min=0, help="Window of the avatars in months; 0 = whole history.")
    ] = None,
    max_customers: Annotated[
        int, typer.Option(min=0, help="Only the N families with the highest revenue; 0 = all.")
    ] = 0,
    dry_run: Annotated[bool, typer.Option(help="Report what would change and write nothing.")] = False,
    as_of: Annotated[
        str | None, typer.Option(help="Instant to compute scores for, such as 2026-06-30T12:00:00Z.")
    ] = None,
    accept_deletions: Annotated[bool, typer.Option(help="Accept that many rows disappear at once.")] = False,
    as_json: AsJson = False,
) -> None:
    """Syncs every active organisation and says what happened; starts the sandbox for the demo organisation."""
    begun = time.monotonic()
    if as_of is not None:
        read_moment(as_of)
    found = connections()
    chosen = {name: found.org(name) for name in org} if org else found.active
    if not chosen:
        raise ConfigurationError(
            "No organisation to sync; correct what was skipped above, or add an active one to the connections file"
        )
    options: dict[str, Any] = {
        "full": full,
        "max_customers": max_customers,
        "dry_run": dry_run,
        "accept_deletions": accept_deletions,
    }
    options |= {k: v for k, v in {"months_back": months_back, "as_of": as_of}.items() if v is not None}
    with spinner("Starting PostgreSQL"), warehouse():
        pass
    failures: dict[str, list[str]] = {}
    run_ids: dict[str, str] = {}
    is_configuration = True
    with spinner("Loading the pipeline"):
        from sync_assets.defs.launch import open_instance, run_job
    with sandbox_if_needed(list(chosen.values())), open_instance(found) as instance, progress_bars(as_json) as progress:
        for name, settings in chosen.items():
            if settings.sources.odoo is None:
                failures[name] = ["no source is configured"]
                continue
            task = progress.add_task(name, total=None, step="starting")

            def advance(step: str, done: int, steps: int, task: Any = task) -> None:
                progress.update(task, completed=done, total=steps, step=step.replace("__", "."))

            outcome = run_job(instance, "odoo_sync", name, options, advance)
            run_ids[name] = outcome.run_id
            if outcome.is_success:
                progress.update(task, completed=progress.tasks[task].total, step="done")
            else:
                progress.update(task, step="failed")
                failures[name] = outcome.failures
                is_configuration = is_configuration and outcome.is_configuration
    with Warehouse(database_url()) as opened:
        summary = reports.summary(opened, list(chosen.values()), run_ids)
    if as_json:
        show_json({"organisations": summary, "failures": failures})
    else:
        show_summary(summary, failures, seconds=time.monotonic() - begun, dry_run=dry_run)
    if failures:
        raise typer.Exit(2 if is_configuration else 1)
    if any(row["status"] == "partial" for row in summary):
        raise typer.Exit(3)


@app.command()
def ui(
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port of the Dagster UI.")] = 3000,
    no_sandbox: Annotated[
        bool, typer.Option("--no-sandbox", help="Do not start the sandbox for the demo organisation.")
    ] = False,
) -> None:
    """Opens the Dagster UI with its daemon (schedules, sensors, backfills) on this machine only; Ctrl-C ends it."""
    found = connections()
    with spinner("Starting PostgreSQL"), warehouse():
        pass
    if is_listening(port):
        raise ConfigurationError(f"Port {port} is in use; choose another one with --port", code="port_in_use")
    environment = {**os.environ, "DAGSTER_HOME": str(dagster_home())}
    workspace = str(PROJECT_ROOT / "workspace.yaml")
    command = [
        sys.executable,
        "-W",
        "ignore",
        "-m",
        "dagster",
        "dev",
        "-h",
        "127.0.0.1",
        "-p",
        str(port),
        "-w",
        workspace,
    ]
    with sandbox_if_needed([] if no_sandbox else list(found.active.values())):
        out.print(f"Dagster UI: http://127.0.0.1:{port}  (Ctrl-C ends it)", highlight=False)
        process = subprocess.Popen(command, env=environment, cwd=PROJECT_ROOT)  # noqa: S603
        try:
            process.wait()
        except KeyboardInterrupt:
            process.terminate()
            process.wait()
            return
    raise typer.Exit(1 if process.returncode else 0)


@app.command()
def sandbox(
    port: Annotated[int | None, typer.Option(min=1, max=65535, help="Port; default SYNC_ASSETS_SANDBOX_PORT.")] = None,
    version: Annotated[str, typer.Option(help="Odoo version to behave like: 17.0, 18.0 or 19.0.")] = "18.0",
    until_eof: Annotated[bool, typer.Option("--until-eof", hidden=True)] = False,
) -> None:
    """Runs the stand-in for Odoo with the demo organisation's invented data until Ctrl-C."""
    from sync_assets.sandbox.odoo import OdooSandbox

    if version not in ("17.0", "18.0", "19.0"):
        raise ConfigurationError(f"The sandbox cannot behave like {version}; choose 17.0, 18.0 or 19.0")
    with OdooSandbox(version=version, port=port or get_settings().sync_assets_sandbox_port) as odoo:
        out.print(f"Odoo {version} sandbox: {odoo.url}, database {odoo.database}, login {odoo.login}", highlight=False)
        try:
            if until_eof:
                sys.stdin.buffer.read()
                return
            while True:
                time.sleep(3600)
        except KeyboardInterrupt:
            return


@app.command("migrate")
def migrate_command() -> None:
    """Creates or updates the tables of the database in DATABASE_URL (or of the embedded one)."""
    before, after = migrate(server_url())
    out.print(
        f"Schema {after} is up to date." if before == after else f"Migrated from {before or 'nothing'} to {after}."
    )


@app.command()
def orgs(as_json: AsJson = False) -> None:
    """Lists the organisations with their sources and the state of their last sync."""
    found = connections()
    with warehouse() as opened:
        show(
            reports.organisations(opened, found),
            as_json,
            empty="No organisation in the connections file.",
            note="last_error",
        )
    if found.problems:
        raise typer.Exit(2)


@app.command("test-connection")
def test_connection_command(org: OptionalOrg = None, as_json: AsJson = False) -> None:
    """Checks each source step by step and explains every missing right; writes nothing anywhere."""
    from sync_assets.sources.odoo import test_connection

    found = connections()
    chosen = [found.org(org)] if org else list(found.active.values())
    with sandbox_if_needed(chosen):
        reports_by_org = {
            one.org_id: test_connection(
                one.sources.odoo, partial(secret_value, one.sources.odoo.api_key, org=one.org_id), org=one.org_id
            )
            for one in chosen
            if one.sources.odoo
        }
    rows = [
        {"organisation": name, "check": check.name, "status": check.status, "message": check.message}
        for name, report in reports_by_org.items()
        for check in report.checks
    ]
    if as_json:
        show(rows, True)
    else:
        marks = {
            "good": "[green]good[/]   ",
            "warning": "[yellow]warning[/]",
            "bad": "[red]bad[/]    ",
            "skipped": "[dim]skipped[/]",
        }
        for name, report in reports_by_org.items():
            out.print(f"[bold]{name}[/] odoo")
            for check in report.checks:
                out.print(f"  {marks[check.status]} {check.name}: {check.message}", highlight=False)
    raise typer.Exit(max((report.exit_code for report in reports_by_org.values()), key=_severity, default=0))


def _severity(code: int) -> int:
    return {0: 0, 3: 1, 1: 2, 2: 3}[code]


@app.command()
def status(
    org: OptionalOrg = None,
    limit: Annotated[int, typer.Option(min=1, help="Length of the lists.")] = 10,
    as_json: AsJson = False,
) -> None:
    """How the organisations' customers stand: totals, who is about to leave, who could buy more, open problems."""
    found = connections()
    chosen = [found.org(org)] if org else list(found.orgs.values())
    with warehouse() as opened:
        states = [reports.status(opened, one, limit=limit) for one in chosen]
    if as_json:
        show_json(states)
        return
    for state in states:
        out.print(f"\n[bold]{state['name']}[/] ({state['organisation']})")
        show([state["avatars"]], False)
        if state["high_risk"]:
            show(state["high_risk"], False, title="About to leave")
        if state["upsell"]:
            show(state["upsell"], False, title="Could buy more")
        if state["rejects"]:
            show(state["rejects"], False, title="Rows and values that were not understood")
        if state["streams"]:
            show(state["streams"], False, title="Streams that failed last time", note="error")


@app.command()
def history(
    org: OptionalOrg = None,
    limit: Annotated[int, typer.Option(min=1, help="How many runs.")] = 20,
    as_json: AsJson = False,
) -> None:
    """Lists runs, newest first, with what they did and why they failed."""
    found = connections()
    if org:
        found.org(org)
    with warehouse() as opened:
        show(
            reports.history(opened, org, limit=limit, details=as_json),
            as_json,
            empty="No run yet; start one with: sync-assets run",
            note="first_error",
        )


@app.command()
def customer(
    org: OrgArgument,
    key: Annotated[str, typer.Argument(help="Customer key (odoo-56), partner id or e-mail.")],
    as_json: AsJson = False,
) -> None:
    """Shows one customer: family, scores, top products and last orders, whichever member is asked for."""
    found = connections().org(org)
    with warehouse() as opened:
        card = reports.customer(opened, found.org_id, key)
    if as_json:
        show_json(card)
        return
    out.print(f"\n[bold]{card['name']}[/]  {card['customer_key']}", highlight=False)
    if card["avatar"]:
        show([{"what": name, "value": text_of(value)} for name, value in card["avatar"].items()], False)
        show(card["top_products"], False, title="Top products", empty="No product in the window.")
    else:
        out.print("No avatar: no counted order in the window.")
    show(card["members"], False, title="Family")
    show(card["orders"], False, title="Last orders", empty="No order.")
