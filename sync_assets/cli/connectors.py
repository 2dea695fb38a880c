"""The commands about connectors: which there are, how each stands, what its runs did, figures for monitoring."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sync_assets import connectors as known
from sync_assets.cli.app import AsJson, OptionalOrg, OrgArgument, app, connections, warehouse
from sync_assets.cli.rejects import write
from sync_assets.cli.running import SYNC_JOBS
from sync_assets.display import out, show, show_json, spinner
from sync_assets.exports import to_json
from sync_assets.sandbox.processes import sandbox_if_needed

connectors = typer.Typer(help="The sources of each organisation and how they stand.", invoke_without_command=True)
app.add_typer(connectors, name="connectors")

NameArgument = Annotated[str, typer.Argument(help="Connector, such as odoo.")]
LISTED = ("started", "organisation", "connector", "state", "duration_seconds", "inserted", "updated", "rejected")


@connectors.callback()
def default(context: typer.Context) -> None:
    if context.invoked_subcommand is None:
        list_command()


@connectors.command("list")
def list_command(org: OptionalOrg = None, as_json: AsJson = False) -> None:
    """Lists the connectors with state, last sync, last success and last error."""
    found = connections()
    if org:
        found.org(org)
    with warehouse() as opened:
        rows = known.list_connectors(opened, found)
    rows = [row for row in rows if org in (None, row["organisation"])]
    show(rows, as_json, empty="No connector in the connections file.", note="last_error")


@connectors.command("show")
def show_command(org: OrgArgument, name: NameArgument, as_json: AsJson = False) -> None:
    """Shows one connector: state, streams, where reading stands, settings, last runs."""
    found = connections()
    with warehouse() as opened:
        one = known.show_connector(opened, found, org, name)
    if as_json:
        show_json(one)
        return
    lists = ("streams", "cursors", "runs", "settings", "secrets_missing", "last_error")
    show([{key: value for key, value in one.items() if key not in lists}], False)
    if one["last_error"]:
        out.print(f"  {one['last_error']}", highlight=False)
    for setting in one["secrets_missing"]:
        out.print(f"  The environment variable of {setting} is not set.", highlight=False)
    show(one["streams"], False, title="Streams", empty="Nothing was read yet.", note="error")
    show(one["cursors"], False, title="Reading stands at", empty="")
    show([{key: row[key] for key in LISTED} for row in one["runs"]], False, title="Last runs", empty="No run yet.")
    show(one["settings"], False, title="Settings")


@connectors.command("sync")
def sync_command(
    org: OrgArgument,
    name: NameArgument,
    full: Annotated[bool, typer.Option(help="Read everything again, and not only what is new.")] = False,
    as_json: AsJson = False,
) -> None:
    """Syncs one connector now; refused while its organisation is syncing."""
    found = connections()
    settings = found.org(org)
    known.check_connector(settings, name)
    with spinner("Loading the pipeline"):
        from sync_assets.defs.launch import open_instance, run_job
    with warehouse() as opened, sandbox_if_needed([settings]), open_instance(found) as instance:
        with spinner(f"Syncing {name}"):
            outcome = run_job(instance, SYNC_JOBS.get(name, f"{name}_sync"), org, {"full": full})
        runs = [run for run in known.run_history(opened, found, org, name) if run["run_id"] == outcome.run_id]
    if as_json:
        show_json({"failures": outcome.failures, "run": next(iter(runs), None)})
    else:
        show([{key: run[key] for key in LISTED} for run in runs], False, empty="")
        for run in runs:
            show(
                [{"table": name, "rows": rows} for name, rows in run["records_processed"].items() if rows],
                False,
                empty="",
            )
        for failure in outcome.failures:
            out.print(f"  {failure}", highlight=False)
    if not outcome.is_success:
        raise typer.Exit(2 if outcome.is_configuration else 1)
    if not all(run["success"] for run in runs):
        raise typer.Exit(3)


@connectors.command("history")
def history_command(
    org: OptionalOrg = None,
    name: Annotated[str | None, typer.Argument(help="Connector; all when left out.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="How many runs.")] = 100,
    as_json: AsJson = False,
) -> None:
    """Lists the runs of connectors, newest first."""
    found = connections()
    with warehouse() as opened:
        rows = known.run_history(opened, found, org, name, limit=limit)
    if as_json:
        show_json(rows)
        return
    first = [next((error["message"] for error in row["errors"]), None) for row in rows]
    listed = [{key: row[key] for key in LISTED} | {"error": error} for row, error in zip(rows, first, strict=True)]
    show(listed, False, empty="No run yet.", note="error")


@connectors.command("metrics")
def metrics_command(
    file: Annotated[Path | None, typer.Option(help="Write the JSON to this file.")] = None,
) -> None:
    """Prints figures over all connectors and runs as JSON, without secrets."""
    found = connections()
    with warehouse() as opened:
        metrics = known.read_metrics(opened, found)
    if file is not None:
        write(file, to_json(metrics))
        out.print(f"Written to {file}", highlight=False)
        return
    show_json(metrics)
