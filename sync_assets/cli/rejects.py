"""The commands about rows and values that were not understood: list, count, show, replay, dismiss, export."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from sync_assets.cli.app import AsJson, OrgArgument, app, connections, warehouse
from sync_assets.clock import utc_now, whole_seconds
from sync_assets.display import out, show, show_json, spinner, text_of
from sync_assets.errors import ConfigurationError, SyncError
from sync_assets.exports import to_csv
from sync_assets.replaying import replay, replay_job
from sync_assets.tables.ops import REJECTED_ROWS
from sync_assets.warehouse import rejects as stored

rejects = typer.Typer(help="Rows and values that were not understood.", no_args_is_help=True)
app.add_typer(rejects, name="rejects")

Source = Annotated[str | None, typer.Option(help="Only of this source, such as odoo.")]
Entity = Annotated[str | None, typer.Option(help="Only of this stream, kind of file or table.")]
Code = Annotated[str | None, typer.Option(help="Only with this code, such as bad_email.")]
Severity = Annotated[str | None, typer.Option(help="Only info, warning, error or fatal.")]
StateOption = Annotated[str, typer.Option(help="open, resolved or all.")]
RejectId = Annotated[str, typer.Argument(help="Id of the reject, or its beginning.")]
LISTED = ("severity", "code", "source", "entity", "record_key", "file", "row_number", "column_name", "last_seen")


def _state(text: str) -> Any:
    if text not in stored.STATES:
        raise ConfigurationError(f"--state {text!r} is not known; choose open, resolved or all")
    return text


def _short(row: dict[str, Any], state: str = "open") -> dict[str, Any]:
    """A row without its value, which may be personal."""
    names = LISTED if state == "open" else (*LISTED, "resolution")
    return {"id": row["reject_id"][:8], **{name: row[name] for name in names}}


@rejects.command("list")
def list_command(
    org: OrgArgument,
    source: Source = None,
    entity: Entity = None,
    code: Code = None,
    severity: Severity = None,
    state: StateOption = "open",
    limit: Annotated[int, typer.Option(min=1, help="Rows per page.")] = 50,
    page: Annotated[int, typer.Option(min=1, help="Which page.")] = 1,
    as_json: AsJson = False,
) -> None:
    """Lists rejects, the worst first, without their values."""
    found = connections().org(org)
    filters = {"source": source, "entity": entity, "code": code, "severity": severity}
    with warehouse() as opened:
        rows = stored.list_rejects(
            opened, found.org_id, state=_state(state), limit=limit, offset=(page - 1) * limit, **filters
        )
    show([_short(row, state) for row in rows], as_json, empty="No reject.")


@rejects.command()
def counts(
    org: OrgArgument,
    source: Source = None,
    code: Code = None,
    state: StateOption = "open",
    as_json: AsJson = False,
) -> None:
    """Counts rejects by source, entity, code and severity."""
    found = connections().org(org)
    with warehouse() as opened:
        rows = stored.count_rejects(opened, found.org_id, state=_state(state), source=source, code=code)
    show(rows, as_json, empty="No reject.")


@rejects.command("show")
def show_command(org: OrgArgument, reject_id: RejectId, as_json: AsJson = False) -> None:
    """Shows one reject with its value as received."""
    found = connections().org(org)
    with warehouse() as opened:
        row = stored.read_reject(opened, found.org_id, reject_id)
    if as_json:
        show_json(row)
        return
    show([{"what": name.replace("_", " "), "value": text_of(value)} for name, value in row.items()], False)


@rejects.command("replay")
def replay_command(org: OrgArgument, as_json: AsJson = False) -> None:
    """Tries open errors again with the current settings and catalogues, those of export files too."""
    found = connections()
    settings = found.org(org)
    name = settings.org_id
    with spinner("Loading the pipeline"):
        from sync_assets.defs.launch import open_instance, run_job
    with warehouse() as opened, open_instance(found) as instance:

        def run() -> None:
            outcome = run_job(instance, replay_job(settings), name, {})
            if not outcome.is_success:
                kind = ConfigurationError if outcome.is_configuration else SyncError
                raise kind(f"{name}: the replay failed: {next(iter(outcome.failures), 'see the Dagster UI')}")

        with spinner("Mapping again"):
            done = replay(opened, name, run)
    if as_json:
        show_json(
            {
                "tried": done.tried,
                "resolved": [row["reject_id"] for row in done.resolved],
                "still_open": done.still_open,
                "newly_open": done.newly_open,
            }
        )
        return
    out.print(
        f"{name}: {done.tried} open errors tried, {len(done.resolved)} resolved, {done.still_open} still open, "
        f"{done.newly_open} new.",
        highlight=False,
    )
    if done.resolved:
        show([_short(row) for row in done.resolved], False, title="Resolved")


@rejects.command()
def dismiss(org: OrgArgument, reject_id: RejectId) -> None:
    """Closes a reject for good; it opens again when its value changes."""
    found = connections().org(org)
    with warehouse() as opened:
        row = stored.dismiss_reject(opened, found.org_id, reject_id, at=whole_seconds(utc_now()))
    out.print(f"Dismissed {row['reject_id'][:8]}: {row['message']}", highlight=False)


@rejects.command()
def export(
    org: OrgArgument,
    file: Annotated[Path, typer.Argument(help="CSV file to write; holds the values as received.")],
    source: Source = None,
    code: Code = None,
    state: StateOption = "open",
) -> None:
    """Writes rejects with their values to a CSV file that is safe to open in a spreadsheet."""
    found = connections().org(org)
    with warehouse() as opened:
        rows = stored.list_rejects(opened, found.org_id, state=_state(state), limit=None, source=source, code=code)
    # The mark makes spreadsheets read accents.
    write(file, to_csv(rows, [column.name for column in REJECTED_ROWS.columns]), encoding="utf-8-sig")
    out.print(f"{len(rows)} rejects in {file}", highlight=False)


def write(file: Path, text: str, *, encoding: str = "utf-8") -> None:
    """Raises ConfigurationError when the file cannot be written."""
    try:
        file.write_text(text, encoding=encoding)
    except OSError as error:
        raise ConfigurationError(
            f"{file} cannot be written ({(error.strerror or str(error)).lower()}); choose another place"
        ) from None
