"""Pipeline: raw tables of a large shop to canonical tables and avatars, with the project's own Dagster assets.

Reading from Odoo does not belong here.
"""

from __future__ import annotations

import statistics

from benchmarks.apart import run_apart
from benchmarks.figures import Figure, in_turn, middle, tell
from benchmarks.places import analyze, empty_schemas, temporary_folder, temporary_warehouse
from benchmarks.project import AVATARS, CANONICAL, fill, run_job, write_connections
from benchmarks.shop import Size

NOWHERE = "http://127.0.0.1:9"


def measure(lines: int, rounds: int) -> list[Figure]:
    """Every step of a first run, the whole run, and a run in which nothing has changed."""
    size = Size.of_lines(lines)
    with temporary_folder() as folder, temporary_warehouse(folder) as url:
        tell(f"pipeline: generating {size.partners:,} partners, {size.orders:,} orders, {size.lines:,} lines")
        fill(url, size)
        connections = str(write_connections(folder, NOWHERE))
        assets = [*CANONICAL, AVATARS]
        first, again, alone = "all steps, first run", "all steps, nothing changed", "customer_avatars alone"

        def run_first() -> dict[str, object]:
            empty_schemas(url, ("canonical", "marts"))
            result = run_apart(run_job, url, connections, assets)
            analyze(url)
            return result

        found = in_turn(
            rounds,
            {
                first: run_first,
                again: lambda: run_apart(run_job, url, connections, assets),
                alone: lambda: run_apart(run_job, url, connections, [AVATARS]),
            },
        )
    figures = []
    for asset in assets:
        runs = [run["steps"][asset] for run in found[first]]
        rows = runs[0]["inserted"]
        figures.append(Figure(asset, middle(runs), rows, peak_mb=middle(runs, "peak_mb")))
    for name in (first, again, alone):
        figures.append(Figure(name, _step_seconds(found[name]), peak_mb=middle(found[name], "peak_mb")))
    return figures


def _step_seconds(runs: list[dict[str, object]]) -> float:
    """Sum of the times of the steps; what Dagster needs around them is not the project's."""
    return statistics.median(sum(step["seconds"] for step in run["steps"].values()) for run in runs)  # type: ignore[attr-defined]
