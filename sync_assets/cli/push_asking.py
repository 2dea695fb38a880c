"""The questions about the push: the log and its figures, the queue, jobs; always of one organisation.

The answers are computed in `warehouse/push_log.py`.
"""

from __future__ import annotations

import csv
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from sync_assets.cli.app import AsJson, OrgArgument, connections, warehouse
from sync_assets.cli.push import push
from sync_assets.clock import utc_now
from sync_assets.display import out, show, show_json, text_of
from sync_assets.errors import ConfigurationError
from sync_assets.push import TARGET
from sync_assets.warehouse import push_log

Status = Annotated[str | None, typer.Option(help="SUCCESS, FAILED or PENDING.")]
TriggerName = Annotated[str | None, typer.Option(help="Such as ORDER_SHIPPED.")]
SkuPart = Annotated[str | None, typer.Option(help="Part of a SKU, in any case.")]
Since = Annotated[str | None, typer.Option(help="First day or instant, such as 2026-06-30 or 2026-06-30T08:00:00Z.")]
Until = Annotated[str | None, typer.Option(help="Last day or instant; a day counts to its end. UTC.")]
Days = Annotated[int | None, typer.Option(min=1, help="Only the last days.")]


def read_filter(
    status: str | None, trigger: str | None, sku: str | None, since: str | None, until: str | None
) -> push_log.LogFilter:
    """Raises ConfigurationError for a value that is none of the allowed ones."""
    return push_log.LogFilter(
        status=status,
        trigger_type=trigger,
        sku=sku,
        since=read_start(since) if since else None,
        before=read_end(until) if until else None,
    )


def read_start(text: str) -> datetime:
    """The instant of an ISO date or time, UTC when it names no offset.

    >>> read_start("2026-06-30").isoformat()
    '2026-06-30T00:00:00+00:00'
    """
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ConfigurationError(
            f"{text!r} is no date; write 2026-06-30 or 2026-06-30T08:00:00Z", code="bad_filter"
        ) from None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def read_end(text: str) -> datetime:
    """The first instant after an ISO date or time, which counts itself.

    >>> read_end("2026-06-30").isoformat(), read_end("2026-06-30T08:00:00Z").isoformat()
    ('2026-07-01T00:00:00+00:00', '2026-06-30T08:00:00.000001+00:00')
    """
    return read_start(text) + (timedelta(days=1) if len(text) <= len("2026-06-30") else timedelta(microseconds=1))


@push.command("log")
def log_command(
    org: OrgArgument,
    log_id: Annotated[str | None, typer.Argument(help="Id of one row, which is shown whole.")] = None,
    status: Status = None,
    trigger: TriggerName = None,
    sku: SkuPart = None,
    since: Since = None,
    until: Until = None,
    page: Annotated[int, typer.Option(min=1, help="Page.")] = 1,
    limit: Annotated[int, typer.Option(min=1, max=500, help="Rows of a page.")] = 50,
    as_json: AsJson = False,
) -> None:
    """What was sent and answered, newest first; with an id, everything about one attempt."""
    found = connections().org(org)
    chosen = read_filter(status, trigger, sku, since, until)
    with warehouse() as opened:
        if log_id is not None:
            row = push_log.log(opened, found.org_id, log_id)
        else:
            answer = push_log.logs(opened, found.org_id, chosen, page=page, limit=limit)
    if log_id is not None:
        if row is None:
            raise ConfigurationError(f"{found.org_id} has no log row {log_id}", code="not_found")
        if as_json:
            show_json(row)
        else:
            show([{"what": name, "value": text_of(value)} for name, value in row.items()], False)
        return
    if as_json:
        show_json(answer)
        return
    names = ("id", "created_at", "variant_sku", "status", "trigger_type", "order_id", "error_message")
    show(
        [{name: row.get(name) for name in names} for row in answer["logs"]], False, empty="No such row.", note=names[-1]
    )
    place = answer["pagination"]
    out.print(f"Page {place['page']} of {place['pages']}, {place['total']} rows", highlight=False)


@push.command()
def stats(org: OrgArgument, days: Days = None, as_json: AsJson = False) -> None:
    """Attempts, successes and failures, by trigger, and the last ten."""
    found = connections().org(org)
    with warehouse() as opened:
        answer = push_log.stats(opened, found.org_id, since=utc_now() - timedelta(days=days) if days else None)
    if as_json:
        show_json(answer)
        return
    show([{name: answer[name] for name in ("total", "successful", "failed", "successRate")}], False)
    show([{"trigger": name, "attempts": count} for name, count in answer["byTrigger"].items()], False)
    names = ("created_at", "variant_sku", "status", "trigger_type")
    show([{name: row[name] for name in names} for row in answer["recent"]], False, title="The last ten")


@push.command()
def queue(org: OrgArgument, as_json: AsJson = False) -> None:
    """How many items wait, are being pushed, are done, have failed or are delayed."""
    found = connections().org(org)
    with warehouse() as opened:
        answer = dict(push_log.queue(opened, found.org_id, TARGET))
    if as_json:
        show_json(answer)
    else:
        show([answer], False)


@push.command()
def job(
    org: OrgArgument,
    job_id: Annotated[str, typer.Argument(help="Id of a run, as `push full` and Dagster show it.")],
    as_json: AsJson = False,
) -> None:
    """How far a run is and what it came to."""
    found = connections().org(org)
    with warehouse() as opened:
        answer = push_log.job(opened, found.org_id, job_id)
    if as_json:
        show_json(answer)
    else:
        show([{name: value for name, value in answer.items() if name != "result"}], False)
    if not answer["found"]:
        raise typer.Exit(1)


@push.command()
def export(
    org: OrgArgument,
    status: Status = None,
    trigger: TriggerName = None,
    sku: SkuPart = None,
    since: Since = None,
    until: Until = None,
    output: Annotated[Path | None, typer.Option(help="File to write; else standard output.")] = None,
    archived: Annotated[
        str | None, typer.Option(help="A month of the archive, such as 2026-03, as gzip JSON lines.")
    ] = None,
) -> None:
    """Log rows as CSV, at most 10,000, newest first; no cell is a formula. Or a month of the archive."""
    found = connections().org(org)
    chosen = read_filter(status, trigger, sku, since, until)
    if archived is not None and output is None:
        raise ConfigurationError(
            "A month of the archive needs a file: --output log-2026-03.jsonl.gz", code="bad_option"
        )
    with warehouse() as opened:
        if archived is not None and output is not None:
            output.write_bytes(push_log.archive_month(opened, found.org_id, archived))
            return
        rows = push_log.export_rows(opened, found.org_id, chosen)
    if output is None:
        csv.writer(sys.stdout).writerows(rows)
        return
    with output.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
