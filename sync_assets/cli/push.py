"""The commands of the push: plan, push, and what the log, the figures and the queue say."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any

import typer

from sync_assets.cli.app import AsJson, OrgArgument, app, connections, warehouse
from sync_assets.clock import utc_now
from sync_assets.display import out, show, show_json, text_of
from sync_assets.push import TARGET, Trigger, check_target, run_push
from sync_assets.warehouse import push_log

push = typer.Typer(help="Stock of a shop to its vendor API: push, and look at what was pushed.", no_args_is_help=True)
app.add_typer(push, name="push")

DryRun = Annotated[bool, typer.Option("--dry-run", help="Show the plan and send nothing.")]
Confirmed = Annotated[bool, typer.Option("--confirm", help="Send a plan that is larger than max_plan.")]


def _push(org: str, trigger: Trigger, as_json: bool, **how: Any) -> None:
    found = connections().org(org)
    with warehouse() as opened:
        result = run_push(opened, found, trigger, **how)
    if as_json:
        show_json(result)
    else:
        plain = {name: value for name, value in result.items() if not isinstance(value, list | dict)}
        show([{"what": name, "value": text_of(value)} for name, value in plain.items()], False)
    if result.get("state") == "incomplete":
        raise typer.Exit(3)


@push.command()
def full(
    org: OrgArgument, dry_run: DryRun = False, confirm: Confirmed = False,
    allow_mass_zero: Annotated[bool, typer.Option(help="Accept that most of the stock becomes 0.")] = False,
    as_json: AsJson = False,
) -> None:  # fmt: skip
    """Pushes everything that differs from what the vendor confirmed."""
    trigger = Trigger("MANUAL_FULL", initiated_by="cli", retries_failed=True)
    _push(org, trigger, as_json, is_dry_run=dry_run, is_confirmed=confirm, allow_mass_zero=allow_mass_zero)


@push.command()
def sku(
    org: OrgArgument,
    skus: Annotated[list[str], typer.Argument(help="SKUs to push.")],
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Pushes single SKUs, also those that were given up."""
    trigger = Trigger("MANUAL_SINGLE", initiated_by="cli", retries_failed=True, retries_all=True)
    _push(org, trigger, as_json, skus=skus, is_dry_run=dry_run)


@push.command("status")
def status_command(org: OrgArgument, as_json: AsJson = False) -> None:
    """Whether the shop and the vendor API can be used, step by step; sends no stock."""
    found = connections().org(org)
    with warehouse() as opened:
        report = check_target(opened, found)
    if as_json:
        show_json({"lines": report.lines, "exit_code": report.exit_code})
    else:
        for line in report.lines:
            out.print(line, highlight=False)
    raise typer.Exit(report.exit_code)


@push.command("log")
def log_command(
    org: OrgArgument,
    status: Annotated[str | None, typer.Option(help="SUCCESS, FAILED or PENDING.")] = None,
    trigger: Annotated[str | None, typer.Option(help="Such as ORDER_SHIPPED.")] = None,
    sku: Annotated[str | None, typer.Option(help="Part of a SKU.")] = None,
    days: Annotated[int | None, typer.Option(min=1, help="Only the last days.")] = None,
    page: Annotated[int, typer.Option(min=1, help="Page.")] = 1,
    limit: Annotated[int, typer.Option(min=1, max=500, help="Rows of a page.")] = 20,
    as_json: AsJson = False,
) -> None:
    """What was sent and answered, newest first."""
    found = connections().org(org)
    since = utc_now() - timedelta(days=days) if days else None
    chosen = push_log.LogFilter(status=status, trigger_type=trigger, sku=sku, since=since)
    with warehouse() as opened:
        answer = push_log.logs(opened, found.org_id, chosen, page=page, limit=limit)
    if as_json:
        show_json(answer)
        return
    rows = answer["logs"]
    names = ("created_at", "variant_sku", "status", "trigger_type", "error_message")
    show([{name: row.get(name) for name in names} for row in rows], False, empty="Nothing was pushed yet.")


@push.command()
def stats(org: OrgArgument, as_json: AsJson = False) -> None:
    """Attempts, successes and failures by trigger."""
    found = connections().org(org)
    with warehouse() as opened:
        answer = push_log.stats(opened, found.org_id)
    if as_json:
        show_json(answer)
        return
    totals = {name: answer[name] for name in ("total", "successful", "failed", "successRate")}
    show([totals], False)
    show([{"trigger": name, "attempts": count} for name, count in answer["byTrigger"].items()], False)


@push.command()
def queue(org: OrgArgument, as_json: AsJson = False) -> None:
    """How many items wait, are being pushed, are done, have failed or are delayed."""
    found = connections().org(org)
    with warehouse() as opened:
        show([dict(push_log.queue(opened, found.org_id, TARGET))], as_json)
