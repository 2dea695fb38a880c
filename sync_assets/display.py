"""How the command line shows things: tables for people, JSON for programs, progress and the summary of a run.

What is shown is decided elsewhere.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table as RichTable

from sync_assets.errors import without_org

# A pipe has no width of its own, and a table cut to 80 columns would lose what a program or a person looks for.
out = Console(soft_wrap=True, width=None if sys.stdout.isatty() else 200)
errors = Console(stderr=True, soft_wrap=True)


def show_json(value: Any) -> None:
    out.print_json(json.dumps(value, default=_jsonable))


def show(
    rows: list[dict[str, Any]], as_json: bool, *, title: str = "", empty: str = "Nothing yet.", note: str = ""
) -> None:
    """Prints rows as a table; the column `note`, too long for one, goes below its row's first two values."""
    if as_json:
        show_json(rows)
        return
    if not rows:
        out.print(empty)
        return
    table = _table(title)
    names = [name for name in rows[0] if name != note]
    for name in names:
        numeric = all(isinstance(row[name], int | float | Decimal) or row[name] is None for row in rows)
        table.add_column(name.replace("_", " "), justify="right" if numeric else "left", no_wrap=True)
    for row in rows:
        table.add_row(*(text_of(row[name]) for name in names))
    out.print(table)
    for row in rows:
        if note and row[note]:
            out.print(f"  {text_of(row[names[0]])} {text_of(row[names[1]])}: {row[note]}", highlight=False)


def _table(title: str = "") -> RichTable:
    return RichTable(
        title=title or None,
        title_justify="left",
        title_style="bold",
        header_style="bold",
        box=SIMPLE_HEAD,
        padding=(0, 1, 0, 0),
    )


def _jsonable(value: Any) -> Any:
    if isinstance(value, Decimal):
        return float(value)
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def text_of(value: Any) -> str:
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, Decimal):
        return f"{value:,.2f}"
    return f"{value:%Y-%m-%d\u00a0%H:%M}" if hasattr(value, "strftime") else str(value)


def _by_message(found: list[dict[str, Any]], org: str) -> dict[str, list[str]]:
    """The steps that failed with the same message, since one cause usually stops many."""
    steps: dict[str, list[str]] = {}
    for error in found:
        steps.setdefault(without_org(error["message"], org), []).append(error.get("step", "avatars"))
    return steps


def show_summary(
    rows: list[dict[str, Any]],
    failures: dict[str, list[str]],
    *,
    seconds: float,
    dry_run: bool,
    pushing: str | None = None,
) -> None:
    """What the runs did; `pushing` is an organisation whose stock goes out to a partner."""
    out.print()
    title = "What would change (dry run, nothing was written)" if dry_run else "Your organisations"
    facts = _table(title)
    facts.add_column("")
    for row in rows:
        facts.add_column(row["organisation"], justify="right")
    for name in [
        name
        for name in rows[0]
        if name not in ("organisation", "errors", "warnings", "diff", "rejects", "newly_at_risk")
    ]:
        facts.add_row(name.replace("_", " "), *(text_of(row[name]) for row in rows))
    out.print(facts)
    for row in rows:
        for change in row["diff"]:
            out.print(
                f"  {change['action']:<12}{change['name']}: {', '.join(change['changes']) or 'new'}", highlight=False
            )
        for kind, prefix in (("errors", ""), ("warnings", "warning: ")):
            for message, steps in _by_message(row[kind], row["organisation"]).items():
                where = steps[0] if len(steps) == 1 else f"{len(steps)} steps"
                errors.print(f"[yellow]{row['organisation']}, {where}:[/] {prefix}{message}", highlight=False)
    for row in rows:
        if row["rejects"]:
            told = ", ".join(f"{one['rows']:,} {one['code']} in {one['entity']}" for one in row["rejects"])
            out.print(
                f"\nNot understood at {row['organisation']}: {told}; see: sync-assets rejects list {row['organisation']}",
                highlight=False,
            )
        if row["newly_at_risk"]:
            out.print(f"\nNewly at risk at {row['organisation']}, the most valuable first:")
            for person in row["newly_at_risk"]:
                spent, orders = f"{person['total_spent']:,.2f}", person["order_count"]
                last = f"{person['last_order_date']:%Y-%m-%d}"
                out.print(
                    f"  {person['name']} ({person['customer_key']}): spent {spent} in {orders} orders, last on {last}",
                    highlight=False,
                )
    for org, lines in failures.items():
        if not any(row["organisation"] == org and row["errors"] for row in rows):
            for line in dict.fromkeys(lines):
                errors.print(f"[red]{org} failed:[/] {line.replace(f': {org}: ', ': ', 1)}", highlight=False)
    out.print(f"Done in {seconds:.0f} s.", highlight=False)
    if not failures and rows:
        org = rows[0]["organisation"]
        out.print(
            "\nNext:\n"
            "  make ui                                    the assets, runs and pictures in the Dagster UI\n"
            f"  .venv/bin/sync-assets status {org:<14} who is about to leave, who could buy more\n"
            "  .venv/bin/sync-assets history              every run with its counts\n"
            + (
                f"  .venv/bin/sync-assets push log {pushing:<12} what `make ui` pushes to the partner\n"
                if pushing
                else ""
            )
            + "  README.md, 'Connect your own systems'      from the demo to your own Odoo and point of sale",
            highlight=False,
        )


@contextmanager
def spinner(text: str) -> Iterator[None]:
    with errors.status(f"{text} …"):
        yield


def progress_bars(quiet: bool) -> Progress:
    return Progress(
        TextColumn("[bold]{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.fields[step]}"),
        console=errors,
        disable=quiet,
    )
