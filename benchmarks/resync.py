"""Resync: a whole run of the job over HTTP, and a second one in which nothing has changed.

What the first run costs step by step is in `pipeline.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from benchmarks.apart import run_apart
from benchmarks.figures import Figure, in_turn, middle, paired_ratio, tell
from benchmarks.odoo_server import odoo_server
from benchmarks.places import analyze, empty, temporary_folder, temporary_warehouse
from benchmarks.project import rows_written, run_job, write_connections
from benchmarks.shop import Size

FIRST, SECOND = "first run", "second run, nothing changed"


def measure(lines: int, rounds: int) -> list[Figure]:
    """Both runs from the sandbox at full speed; the rows are those PostgreSQL counted as written."""
    size = Size.of_lines(lines)
    with temporary_folder() as folder, temporary_warehouse(folder) as url, odoo_server(size) as address:
        tell(f"resync of {size.partners:,} partners, {size.orders:,} orders, {size.lines:,} lines")
        connections = str(write_connections(folder, address))

        def run() -> dict[str, Any]:
            return _counting(url, lambda: run_apart(run_job, url, connections, None))

        def first() -> dict[str, Any]:
            empty(url)
            result = run()
            analyze(url)
            return result

        found = in_turn(rounds, {FIRST: first, SECOND: run})
    figures = [
        Figure(f"{FIRST}, {_written(found[FIRST])}", middle(found[FIRST]), peak_mb=middle(found[FIRST], "peak_mb"))
    ]
    ratio = paired_ratio(found[SECOND], found[FIRST])
    figures.append(
        Figure(
            f"{SECOND}, {_written(found[SECOND])}",
            middle(found[SECOND]),
            None,
            ratio,
            "first",
            middle(found[SECOND], "peak_mb"),
        )
    )
    return figures


def _counting(url: str, run: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    before = rows_written(url)
    result = run()
    after = rows_written(url)
    return {**result, "written": {name: after[name] - before.get(name, 0) for name in after}}


def _written(runs: list[dict[str, Any]]) -> str:
    """The most any of the runs wrote."""
    most = {name: max(run["written"].get(name, 0) for run in runs) for name in ("raw", "canonical")}
    return ", ".join(f"{count:,} rows written in {name}" for name, count in most.items())
