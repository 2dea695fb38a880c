"""The project's own Dagster job on the invented shop: filling the raw tables, running steps, reading their times.

What is measured does not belong here.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from benchmarks import shop
from benchmarks.apart import MemoryWatch
from benchmarks.odoo_server import odoo_server
from benchmarks.places import KEY_ENV, ORG, Target, analyze, landing_to, plan_of
from benchmarks.shop import Row, Size
from sync_assets.extraction.odoo import StreamResult, land, sync_stream
from sync_assets.sandbox.odoo import access
from sync_assets.sources.odoo import STREAMS, RawPage
from sync_assets.warehouse import Warehouse

CANONICAL = (
    "canonical/customers",
    "canonical/product_catalog",
    "canonical/sales_orders",
    "canonical/sales_lines",
    "canonical/stock_levels",
)
AVATARS = "marts/customer_avatars"
ROWS_PER_BLOCK = 50_000


def fill(url: str, size: Size) -> None:
    """Fills the raw tables: small ones over HTTP from the sandbox, large ones through the same decoder and COPY."""
    os.environ.setdefault(KEY_ENV, access.API_KEY)
    large = {"partners": shop.partners(size), "sale_orders": shop.orders(size), "sale_order_lines": shop.lines(size)}
    with odoo_server(Size(0, 0, 0)) as address, Warehouse(url) as warehouse, Target(address).client() as client:
        landing = landing_to(warehouse, client)
        for stream in STREAMS.values():
            sync_stream(landing, stream)
        for name, rows in large.items():
            for block in _blocks(rows):
                page = RawPage(plan_of(name), block, block[-1]["id"], False, len(block), 0.0).decoded(ORG)
                assert not page.rejects, page.rejects[0]
                land(landing, STREAMS[name].table, page, StreamResult(name))
    analyze(url)


def _blocks(rows: Iterator[Row]) -> Iterator[list[Row]]:
    while block := list(islice(rows, ROWS_PER_BLOCK)):
        yield block


def write_connections(folder: Path, url: str) -> Path:
    """A connections file with the one organisation; JSON is YAML too."""
    target = Target(url)
    odoo = {"url": url, "database": target.database, "login": target.login, "api_key": "${" + KEY_ENV + "}"}
    avatars = {"months_back": 0, "fresh_hours": 100_000}
    path = folder / "connections.yaml"
    path.write_text(json.dumps({"orgs": {ORG: {"name": "Bench", "sources": {"odoo": odoo}, "avatars": avatars}}}))
    return path


def run_job(url: str, connections: str, assets: list[str] | None) -> dict[str, Any]:
    """Runs the job `odoo_sync` (only these assets when given) in this process, with Dagster's books in memory.

    Returns seconds, and per step its seconds, rows by what happened to them, and the peak memory of the process in it.
    """
    os.environ |= {"DATABASE_URL": url, "SYNC_ASSETS_CONNECTIONS": connections}
    os.environ.setdefault(KEY_ENV, access.API_KEY)
    import dagster as dg

    from sync_assets.definitions import defs

    job = defs().resolve_job_def("odoo_sync")
    config = {
        "resources": {"sync": {"config": {"as_of": shop.AS_OF}}},
        "loggers": {"console": {"config": {"log_level": "CRITICAL"}}},
    }
    selection = [dg.AssetKey(asset.split("/")) for asset in assets] if assets else None
    with dg.DagsterInstance.ephemeral() as instance, MemoryWatch() as memory:
        instance.add_dynamic_partitions("org", [ORG])
        begun = time.perf_counter()
        result = job.execute_in_process(
            partition_key=ORG, instance=instance, run_config=config, asset_selection=selection, raise_on_error=False
        )
        seconds = time.perf_counter() - begun
        failures = [event.message for event in result.all_events if event.is_step_failure]
        assert result.success, failures
        return {"seconds": seconds, "steps": dict(_steps(instance, result, memory))}


def _steps(instance: Any, result: Any, memory: MemoryWatch) -> Iterator[tuple[str, dict[str, Any]]]:
    stats = {step.step_key: step for step in instance.get_run_step_stats(result.run_id)}
    for event in result.get_asset_materialization_events():
        written = event.step_materialization_data.materialization
        counts = {name: written.metadata[name].value for name in ("inserted", "updated", "deleted", "unchanged")}
        step = stats[event.step_key]
        yield (
            "/".join(written.asset_key.path),
            {
                "seconds": step.end_time - step.start_time,
                "peak_mb": memory.peak_between(step.start_time, step.end_time),
                **counts,
            },
        )


def rows_written(url: str) -> dict[str, int]:
    """Row versions PostgreSQL itself has counted as written since the server started, by schema."""
    time.sleep(1.5)  # the server publishes its counters once a second
    with psycopg.connect(url, autocommit=True) as connection:
        rows = connection.execute(
            sql.SQL(
                "SELECT schemaname, sum(n_tup_ins + n_tup_upd + n_tup_del)::bigint FROM pg_stat_user_tables GROUP BY 1"
            )
        ).fetchall()
    return {name: int(count) for name, count in rows}
