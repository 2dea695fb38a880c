"""The commands that push: all, single SKUs, what failed; the connection test and the self-test.

What was pushed is asked in `push_asking.py`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any

import typer

from sync_assets.cli.app import AsJson, OrgArgument, app, connections, warehouse
from sync_assets.clock import utc_now
from sync_assets.connections import Org
from sync_assets.display import out, show, show_json, text_of
from sync_assets.errors import ConfigurationError
from sync_assets.push import TARGET, Report, Trigger, check_target, run_push, self_test
from sync_assets.sandbox.processes import sandbox_if_needed
from sync_assets.warehouse import Warehouse, push_log

push = typer.Typer(help="Stock of a shop to its vendor API: push, and look at what was pushed.", no_args_is_help=True)
app.add_typer(push, name="push")

DryRun = Annotated[bool, typer.Option("--dry-run", help="Show the plan and send nothing.")]
SHOWN = 50


@contextmanager
def ready(org: str) -> Iterator[tuple[Warehouse, Org]]:
    """The warehouse and the organisation; of the demo also its shop and the sandbox."""
    from sync_assets.sandbox.demo import has_demo_shop, make_demo_shop

    found = connections().org(org)
    with warehouse() as opened, sandbox_if_needed([found]):
        if has_demo_shop(found):
            make_demo_shop(opened.url)
        yield opened, found


def _push(org: str, trigger: Trigger, as_json: bool, **how: Any) -> None:
    with ready(org) as (opened, found):
        result = run_push(opened, found, trigger, **how)
    planned: dict[str, str] = result.get("plan", {})
    if as_json:
        said = "planned, nothing was sent" if how.get("is_dry_run") else result.get("state") or result["skip_reason"]
        answer = {"success": result["failed"] == 0, "message": said, "jobId": result["run_id"]}
        show_json({**answer, "triggerType": trigger.columns["trigger_type"], **result})
    else:
        plain = {name: value for name, value in result.items() if not isinstance(value, list | dict)}
        show([{"what": name, "value": text_of(value)} for name, value in plain.items()], False)
        items = [{"item": key, "action": action} for key, action in planned.items() if action != "unchanged"]
        items += [{"item": row["push_key"], "action": row["code"]} for row in result["details"] if row["code"]]
        if items:
            show(items[:SHOWN], False, title="Plan" if planned else "Not pushed")
        if len(items) > SHOWN:
            out.print(f"and {len(items) - SHOWN} more; --json shows all")
    if result["failed"] or result.get("state") == "incomplete":
        raise typer.Exit(3)


@push.command()
def full(
    org: OrgArgument, dry_run: DryRun = False,
    confirm: Annotated[bool, typer.Option(help="Send a plan that is larger than max_plan.")] = False,
    allow_mass_zero: Annotated[bool, typer.Option(help="Accept that most of the stock becomes 0.")] = False,
    force: Annotated[bool, typer.Option(help="Send unchanged items too.")] = False,
    as_json: AsJson = False,
) -> None:  # fmt: skip
    """Pushes everything that differs from what the vendor confirmed."""
    trigger = Trigger("MANUAL_FULL", initiated_by="cli", retries_failed=True, force=force)
    _push(org, trigger, as_json, is_dry_run=dry_run, is_confirmed=confirm, allow_mass_zero=allow_mass_zero)


@push.command()
def sku(
    org: OrgArgument,
    skus: Annotated[list[str], typer.Argument(help="SKUs to push.")],
    dry_run: DryRun = False,
    force: Annotated[bool, typer.Option(help="Send unchanged ones too.")] = False,
    as_json: AsJson = False,
) -> None:
    """Pushes single SKUs, also those that were given up."""
    trigger = Trigger("MANUAL_SINGLE", initiated_by="cli", retries_failed=True, retries_all=True, force=force)
    _push(org, trigger, as_json, skus=skus, is_dry_run=dry_run)


@push.command()
def retry(
    org: OrgArgument,
    sku: Annotated[str | None, typer.Option(help="Only the item with this SKU.")] = None,
    every: Annotated[bool, typer.Option("--all", help="Every item that was given up.")] = False,
    as_json: AsJson = False,
) -> None:
    """Lets items that were given up wait again, with all their attempts; the next run pushes them."""
    if (sku is None) != every:
        raise ConfigurationError("Name one item with --sku, or take all with --all", code="bad_option")
    found = connections().org(org)
    with warehouse() as opened:
        count = push_log.retry(opened, found.org_id, TARGET, sku=sku, at=utc_now())
    show([{"items_that_wait_again": count}], as_json)


@push.command("status")
def status_command(org: OrgArgument, as_json: AsJson = False) -> None:
    """Whether the vendor API can be used, step by step; sends no stock. A success lifts the block of the target."""
    with ready(org) as (opened, found):
        report = check_target(opened, found)
    _tell(report, as_json)


@push.command("self-test")
def self_test_command(
    org: OrgArgument,
    allow_real: Annotated[bool, typer.Option("--allow-real", help="Also when it is not the sandbox.")] = False,
    as_json: AsJson = False,
) -> None:
    """Pushes a test product in six steps, each of which says what it did."""
    with ready(org) as (opened, found):
        report = self_test(opened, found, allow_real=allow_real)
    _tell(report, as_json)


def _tell(report: Report, as_json: bool) -> None:
    if as_json:
        show_json({"lines": report.lines, "exit_code": report.exit_code})
    else:
        for line in report.lines:
            out.print(line, highlight=False)
    raise typer.Exit(report.exit_code)
