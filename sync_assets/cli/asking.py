"""The commands that answer questions: organisations, connections, states, runs, one customer."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

from sync_assets import reports
from sync_assets.cli.app import AsJson, OptionalOrg, OrgArgument, app, connections, warehouse
from sync_assets.clock import utc_now
from sync_assets.connections import Org, credentials, secret_value
from sync_assets.display import out, show, show_json, text_of
from sync_assets.errors import SyncError
from sync_assets.sandbox.processes import sandbox_if_needed
from sync_assets.settings import PROJECT_ROOT

if TYPE_CHECKING:
    from sync_assets.sources.checks import ConnectionReport


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
    found = connections()
    chosen = [found.org(org)] if org else list(found.active.values())
    with sandbox_if_needed(chosen):
        tried = [(one.org_id, source, report) for one in chosen for source, report in _try_sources(one)]
    rows = [
        {"organisation": name, "source": source, "check": c.name, "status": c.status, "message": c.message}
        for name, source, report in tried
        for c in report.checks
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
        for name, source, report in tried:
            out.print(f"[bold]{name}[/] {source}")
            for check in report.checks:
                out.print(f"  {marks[check.status]} {check.name}: {check.message}", highlight=False)
    raise typer.Exit(max((report.exit_code for *_, report in tried), key=_severity, default=0))


def _try_sources(org: Org) -> Iterator[tuple[str, ConnectionReport]]:
    from sync_assets.sources import alleaves, isavigne, odoo

    if org.sources.odoo:
        secret = partial(secret_value, org.sources.odoo.api_key, org=org.org_id)
        yield "odoo", odoo.test_connection(org.sources.odoo, secret, org=org.org_id)
    if org.sources.alleaves:
        login = partial(credentials, org.sources.alleaves, org=org.org_id)
        yield "alleaves", alleaves.test_connection(org.sources.alleaves, login, org=org.org_id)
    if org.sources.isavigne:
        folder = PROJECT_ROOT / org.sources.isavigne.export_path
        exports = org.sources.isavigne.model_copy(update={"export_path": folder})
        yield "isavigne", isavigne.test_connection(exports, ZoneInfo(org.timezone), org=org.org_id, now=utc_now())
    for name in sorted(org.sources.names - {"odoo", "alleaves", "isavigne"}):
        yield name, _try_further(org, name)


def _try_further(org: Org, name: str) -> ConnectionReport:
    """Of a source that brings its own client, whether that can connect."""
    from sync_assets.sources.checks import ConnectionReport

    report = ConnectionReport(org.org_id)
    try:
        source = import_module(f"sync_assets.sources.{name}")
        with closing(source.open_client(getattr(org.sources, name), org=org.org_id)) as client:
            client.connect()
    except SyncError as error:
        report.fail("connect", error)
    else:
        report.add("connect", "good", "It can be read")
    return report


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
        if state["segments"]:
            show(state["segments"], False, title="Segments")
        if state["newly_at_risk"]:
            show(state["newly_at_risk"], False, title="Newly at risk in the last 7 days")
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
    key: Annotated[str, typer.Argument(help="Customer key (odoo-56, cid_42), id in the source or e-mail.")],
    as_json: AsJson = False,
) -> None:
    """Shows one customer: family, scores, top products and last orders, whichever member is asked for."""
    found = connections().org(org)
    with warehouse() as opened:
        card = reports.customer(opened, found, key)
    if as_json:
        show_json(card)
        return
    out.print(f"\n[bold]{card['name']}[/]  {card['customer_key']}", highlight=False)
    if card["avatar"]:
        show([{"what": name, "value": text_of(value)} for name, value in card["avatar"].items()], False)
        show(card["top_products"], False, title="Top products", empty="No product in the window.")
    else:
        out.print("No avatar: no counted order in the window.")
    show([{"what": name, "value": text_of(value)} for name, value in card["spending"].items()], False, title="Spending")
    show(card["members"], False, title="Family")
    show(card["orders"], False, title="Last orders", empty="No order.")
