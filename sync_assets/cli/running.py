"""The commands that make things run: a sync, the UI, migrations."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from contextlib import ExitStack
from typing import Annotated, Any

import typer

from sync_assets import reports
from sync_assets.cli.app import AsJson, app, connections, server_url, warehouse
from sync_assets.clock import read_moment
from sync_assets.display import out, progress_bars, show_json, show_summary, spinner
from sync_assets.errors import ConfigurationError
from sync_assets.sandbox.processes import is_listening, sandbox_if_needed, starting_sandbox
from sync_assets.settings import PROJECT_ROOT, dagster_home
from sync_assets.warehouse import Warehouse
from sync_assets.warehouse.embedded import database_url
from sync_assets.warehouse.migrate import migrate

# The job that syncs a source, where it is not called <source>_sync.
SYNC_JOBS = {"alleaves": "pos_sync"}


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
    accept_catalogue_shrink: Annotated[
        bool, typer.Option(help="Accept that most of a store's menu disappears at once.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Syncs every active organisation and says what happened; starts the sandbox for the demo organisations."""
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
        "accept_catalogue_shrink": accept_catalogue_shrink,
    }
    options |= {k: v for k, v in {"months_back": months_back, "as_of": as_of}.items() if v is not None}
    failures: dict[str, list[str]] = {}
    run_ids: dict[str, list[str]] = {}
    is_configuration = True
    with ExitStack() as stack:
        # The sandbox starts beside PostgreSQL and the imports, which take as long.
        wait_for_sandbox = stack.enter_context(starting_sandbox(list(chosen.values())))
        with spinner("Starting PostgreSQL"), warehouse():
            pass
        with spinner("Loading the pipeline"):
            from sync_assets.defs.launch import open_instance, run_job

            wait_for_sandbox()
        instance = stack.enter_context(open_instance(found))
        progress = stack.enter_context(progress_bars(as_json))
        for name, settings in chosen.items():
            jobs = [
                SYNC_JOBS.get(name, f"{name}_sync") for name, _ in settings.sources if name in settings.sources.names
            ]
            # An organisation may only push; that is no sync.
            if not jobs and not settings.targets.names:
                failures[name] = ["no source is configured"]
            for job in jobs:
                task = progress.add_task(f"{name} {job}", total=None, step="starting")

                def advance(step: str, done: int, steps: int, task: Any = task) -> None:
                    progress.update(task, completed=done, total=steps, step=step.replace("__", "."))

                outcome = run_job(instance, job, name, options, advance)
                run_ids.setdefault(name, []).append(outcome.run_id)
                if outcome.is_success:
                    progress.update(task, completed=progress.tasks[task].total, step="done")
                else:
                    progress.update(task, step="failed")
                    failures.setdefault(name, []).extend(outcome.failures)
                    is_configuration = is_configuration and outcome.is_configuration
    with Warehouse(database_url()) as opened:
        summary = reports.summary(opened, list(chosen.values()), run_ids)
    if as_json:
        show_json({"organisations": summary, "failures": failures})
    else:
        pushing = next((name for name, settings in chosen.items() if settings.targets.names), None)
        show_summary(summary, failures, seconds=time.monotonic() - begun, dry_run=dry_run, pushing=pushing)
    if failures:
        raise typer.Exit(2 if is_configuration else 1)
    if any(row["status"] == "partial" for row in summary):
        raise typer.Exit(3)


@app.command()
def ui(
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port of the Dagster UI.")] = 3000,
    no_sandbox: Annotated[
        bool, typer.Option("--no-sandbox", help="Do not start the sandbox for the demo organisations.")
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
    from sync_assets.sandbox.demo import living_shop

    demo = [] if no_sandbox else list(found.active.values())
    with sandbox_if_needed(demo), living_shop(demo, database_url()):
        out.print(f"Dagster UI: http://127.0.0.1:{port}  (Ctrl-C ends it)", highlight=False)
        process = subprocess.Popen(command, env=environment, cwd=PROJECT_ROOT)  # noqa: S603
        try:
            process.wait()
        except KeyboardInterrupt:
            process.terminate()
            process.wait()
            return
    raise typer.Exit(1 if process.returncode else 0)


@app.command("migrate")
def migrate_command() -> None:
    """Creates or updates the tables of the database in DATABASE_URL (or of the embedded one)."""
    before, after = migrate(server_url())
    out.print(
        f"Schema {after} is up to date." if before == after else f"Migrated from {before or 'nothing'} to {after}."
    )
