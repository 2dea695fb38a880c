"""The command about data quality: how well each source fills the canonical tables, as a table, JSON, CSV or page."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sync_assets.cli.app import AsJson, OrgArgument, app, connections, warehouse
from sync_assets.cli.rejects import write
from sync_assets.clock import utc_now, whole_seconds
from sync_assets.display import out, show
from sync_assets.quality_page import render_quality_html
from sync_assets.reports_quality import anomalies_csv, quality_csv, quality_json, quality_report

LISTED = ("source", "table", "rows", "mapped", "total", "coverage", "score", "colour")
PROBLEMS = ("severity", "source", "table", "column", "code", "count")


@app.command()
def quality(
    org: OrgArgument,
    html: Annotated[Path | None, typer.Option(help="Write the page for people to this file.")] = None,
    csv: Annotated[Path | None, typer.Option(help="Write the figures per table to this CSV file.")] = None,
    anomalies: Annotated[Path | None, typer.Option(help="Write the anomalies to this CSV file.")] = None,
    as_json: AsJson = False,
) -> None:
    """How well each source fills the canonical tables: score, coverage, what is missing or wrong."""
    found = connections().org(org)
    with warehouse() as opened:
        report = quality_report(opened, found, as_of=whole_seconds(utc_now()))
    files = {
        html: render_quality_html(report),
        csv: quality_csv(report),
        anomalies: anomalies_csv(report),
    }
    for file, text in files.items():
        if file is not None:
            write(file, text, encoding="utf-8-sig" if file in (csv, anomalies) else "utf-8")
    if as_json:
        typer.echo(quality_json(report), nl=False)
        return
    overall = report["overall"]
    out.print(
        f"[bold]{report['name']}[/]: {overall['score']} of 100 ({overall['colour']}), "
        f"{overall['mapped']} of {overall['total']} fields mapped, {overall['required_missing']} required ones missing",
        highlight=False,
    )
    show([{name: one[name] for name in LISTED} for one in report["tables"]], False, empty="No data yet.")
    problems = [one for one in report["anomalies"] if one["severity"] != "info"]
    if problems:
        show([{name: one[name] for name in PROBLEMS} for one in problems], False, title="Anomalies")
