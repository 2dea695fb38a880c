"""The quality report as one HTML file for the people of the shop: no script, nothing from elsewhere, every text escaped.

What the figures are does not belong here; see `transforms/quality.py`.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from sync_assets.quality_words import ADVICE, CODES, COLOURS, FIELDS, SEVERITIES, SOURCES, TABLES

TEMPLATE = "quality_page.html"


def render_quality_html(report: dict[str, Any]) -> str:
    """The report of `quality_report` as a complete page, ready to be saved, sent or printed."""
    by_source: dict[str, list[dict[str, Any]]] = {}
    for table in report["tables"]:
        by_source.setdefault(table["source"], []).append(table)
    problems = [anomaly for anomaly in report["anomalies"] if anomaly["severity"] != "info"]
    return (
        _environment()
        .get_template(TEMPLATE)
        .render(
            report=report,
            overall=report["overall"],
            by_source=by_source,
            problems=problems,
            most=max((problem["count"] for problem in problems), default=0),
            verdict=_verdict(report),
            as_of=f"{datetime.fromisoformat(report['as_of']):%d %B %Y, %H:%M} UTC",
        )
    )


def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "table": lambda name: TABLES.get(name, name),
        "source": lambda name: SOURCES.get(name, name),
        "word": lambda colour: COLOURS[colour],
        "severity": lambda name: SEVERITIES[name],
        "sentence": lambda code: CODES.get(code, str(code).replace("_", " ").capitalize()),
        "advice": lambda code: ADVICE.get(code, ""),
        "field": lambda name: FIELDS.get(name, str(name).replace("_", " ")),
        "thousands": lambda number: f"{number:,}",
        "rows": lambda number: "1 row" if number == 1 else f"{number:,} rows",
    }
    return environment


def _verdict(report: dict[str, Any]) -> list[str]:
    """The report in one to three sentences."""
    overall, tables = report["overall"], report["tables"]
    if not tables:
        return ["No data has been read yet, so there is nothing to judge."]
    told = [f"{overall['mapped']} of {overall['total']} kinds of information are filled by your systems."]
    if overall["required_missing"]:
        missing = sorted({TABLES[one["table"]].lower() for one in tables if one["required_missing"]})
        told.append(f"Information that is needed is missing in: {', '.join(missing)}.")
    counts = overall["anomalies"]
    serious = counts["critical"] + counts["high"]
    if not serious:
        told.append("Nothing serious is wrong with the rows.")
    elif serious == 1:
        told.append("1 finding needs attention; it is listed below.")
    else:
        told.append(f"{serious:,} findings need attention; the worst come first below.")
    return told
