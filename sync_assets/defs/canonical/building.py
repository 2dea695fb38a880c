"""Leaving out what would give the same rows again: a canonical table is computed only when something it depends on changed.

How rows are compared belongs to `warehouse/builds.py`.
"""

import hashlib
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import dagster as dg
import pandas as pd
import pyarrow as pa

import sync_assets
from sync_assets.defs.describe import plain
from sync_assets.defs.run_book import Step
from sync_assets.tables.spec import Table
from sync_assets.warehouse import Build


@cache
def code_version() -> str:
    """Hash of the project's source and of the libraries that calculate: other code may give other rows."""
    found = hashlib.sha256(f"{sync_assets.__version__} {pd.__version__} {pa.__version__}".encode())
    root = Path(sync_assets.__file__).parent
    for path in sorted(root.rglob("*.py")):
        found.update(str(path.relative_to(root)).encode())
        found.update(path.read_bytes())
    return found.hexdigest()


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
