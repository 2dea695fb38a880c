"""Leaving out what would give the same rows again: a canonical table is computed only when something it depends on changed.

How rows are compared belongs to `warehouse/builds.py`.
"""

from dataclasses import replace
from typing import Any

import dagster as dg

from sync_assets.defs.code_version import code_version
from sync_assets.defs.describe import plain
from sync_assets.defs.run_book import Step
from sync_assets.tables.spec import Table
from sync_assets.warehouse import Build


def start_build(step: Step, table: Table, *inputs: Table, also: object = "") -> Build:
    """To be called before the inputs are read; `also` is what the rows depend on besides inputs, code and settings.

    With the option `full`, nothing counts as known.
    """
    basis = f"{code_version()}\n{step.org.model_dump_json()}\n{also}"
    build = step.warehouse.start_build(table, inputs, step.org.org_id, basis=basis, at=step.started_at)
    return replace(build, last_report=None) if step.session.full else build


def report_of(rejected: int, more: dict[str, Any]) -> dict[str, Any]:
    """What a later run without a new computation shows again; pictures are kept as their text."""
    shown = {
        name: value.md_str if isinstance(value, dg.MarkdownMetadataValue) else value for name, value in more.items()
    }
    return {"rejected": rejected, "more": {name: plain(value) for name, value in shown.items()}}


def told_again(report: dict[str, Any]) -> dict[str, Any]:
    """The metadata of a report; texts are the pictures."""
    more: dict[str, Any] = report["more"]
    return {name: dg.MetadataValue.md(value) if isinstance(value, str) else value for name, value in more.items()}
