"""`python -m benchmarks`: measures the project and prints the figures, at the end as Markdown for the README."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import Annotated

import typer

from benchmarks import exports, extraction, landing, memory, pipeline, push, resync, spending
from benchmarks.figures import Figure, as_markdown, as_text, tell
from benchmarks.places import KEY_ENV, Target
from sync_assets.sandbox.odoo import access


class Benchmark(StrEnum):
    extraction = "extraction"
    landing = "landing"
    pipeline = "pipeline"
    resync = "resync"
    memory = "memory"
    spending = "spending"
    push = "push"
    exports = "exports"
    all = "all"


# Order lines (of spending: orders, of push: SKUs, of exports: rows), and rounds, of a full measurement.
LINES = {
    "extraction": 100_000,
    "landing": 100_000,
    "pipeline": 1_000_000,
    "resync": 100_000,
    "memory": 1_000_000,
    "spending": 1_000_000,
    "push": 2_000,
    "exports": 200_000,
}
ROUNDS = {
    "extraction": 5,
    "landing": 3,
    "pipeline": 3,
    "resync": 3,
    "memory": 1,
    "spending": 3,
    "push": 1,
    "exports": 3,
}


app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command()
def main(
    benchmark: Annotated[Benchmark, typer.Argument(help="What to measure.")] = Benchmark.all,
    size: Annotated[
        int | None,
        typer.Option(min=50, help="Order lines, of spending orders, of push SKUs; each benchmark has its own default."),
    ] = None,
    rounds: Annotated[int | None, typer.Option(min=1, help="Runs of each kind; the medians are shown.")] = None,
    url: Annotated[str | None, typer.Option(help="extraction: a real Odoo instead of the sandbox.")] = None,
    database: Annotated[str, typer.Option(help="Database of that Odoo.")] = access.DATABASE,
    login: Annotated[str, typer.Option(help="Login on that Odoo.")] = access.LOGIN,
    key_env: Annotated[str, typer.Option(help="Environment variable that holds the API key.")] = KEY_ENV,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of tables.")] = False,
) -> None:
    """Real PostgreSQL in a temporary folder, a real server process, real HTTP. `all` takes about half an hour."""
    target = Target(url, database, login, key_env) if url else None
    measures: dict[str, Callable[[int, int], Sequence[Figure]]] = {
        "extraction": lambda lines, times: extraction.measure(lines, times, target),
        "landing": landing.measure,
        "pipeline": pipeline.measure,
        "resync": resync.measure,
        "memory": lambda lines, times: memory.measure(lines),
        "spending": spending.measure,
        "push": push.measure,
        "exports": exports.measure,
    }
    chosen = list(measures) if benchmark is Benchmark.all else [benchmark.value]
    tell(f"{os.cpu_count()} CPUs, Python {platform.python_version()}, load {os.getloadavg()[0]:.1f} before the start")
    tables: dict[str, Sequence[Figure]] = {}
    for name in chosen:
        lines = size or LINES[name]
        tables[name] = measures[name](lines, rounds or ROUNDS[name])
        if not as_json:
            unit = {"spending": "orders", "push": "SKUs", "exports": "rows"}.get(name, "order lines")
            print(as_text(f"\n{name}, {lines:,} {unit}", tables[name]), flush=True)
    if as_json:
        print(
            json.dumps({name: [figure.as_dict() for figure in figures] for name, figures in tables.items()}, indent=2)
        )
    else:
        print(f"\n{as_markdown(tables)}")


if __name__ == "__main__":
    app()
