"""Landing: pages of JSON as Odoo sends them into typed rows of a raw table, against dlt on the same rows and server.

The network does not belong here; see `extraction.py`.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import orjson
import psycopg
from psycopg import sql

from benchmarks import shop
from benchmarks.apart import run_apart
from benchmarks.figures import Figure, in_turn, middle, paired_ratio, tell
from benchmarks.places import (
    KEY_ENV,
    ORG,
    Target,
    empty,
    landing_to,
    plan_of,
    settle,
    temporary_folder,
    temporary_warehouse,
    write_pages,
)
from benchmarks.shop import Size
from sync_assets.clock import utc_now
from sync_assets.collecting import collect_rarely
from sync_assets.extraction.odoo import SOURCE, StreamResult, land
from sync_assets.extraction.parallel import in_parallel
from sync_assets.sources.odoo import STREAMS, Page, RawPage
from sync_assets.sources.odoo.transports import parse_json
from sync_assets.warehouse import Warehouse

STREAM = STREAMS["sale_order_lines"]
PAGE_SIZE = 2_000
ROWS_PER_FILE = 250_000
# Environment variables of dlt; one that is set already wins.
DLT_SETTINGS = {
    "RUNTIME__DLTHUB_TELEMETRY": "false",
    "RUNTIME__LOG_LEVEL": "ERROR",
    "DATA_WRITER__BUFFER_MAX_ITEMS": "50000",
    "DATA_WRITER__FILE_MAX_ITEMS": str(ROWS_PER_FILE),
    "NORMALIZE__DATA_WRITER__DISABLE_COMPRESSION": "true",
    "LOAD__WORKERS": "2",
}
DLT_TYPES = {
    "text": "text",
    "integer": "bigint",
    "number": "double",
    "boolean": "bool",
    "timestamp": "timestamp",
    "integer_list": "json",
}


def measure(lines: int, rounds: int) -> list[Figure]:
    """Ours against dlt's append and merge; the median of `rounds` rounds in turn."""
    size = Size.of_lines(lines)
    with temporary_folder() as folder, temporary_warehouse(folder) as url:
        pages, plain_pages = folder / "pages.jsonl", folder / "plain_pages.jsonl"
        write_pages(pages, shop.lines(size), page_size=PAGE_SIZE)
        write_pages(plain_pages, shop.lines(size), page_size=PAGE_SIZE, has_false=False)
        tell(f"landing {lines:,} lines")
        ours, dlt_append, dlt_merge = "sync_assets, merge with cursor", "dlt, append", "dlt, merge by primary key"
        found = in_turn(
            rounds,
            {
                ours: lambda: _after(partial(empty, url), run_apart(land_pages, url, str(pages), lines)),
                dlt_append: lambda: _after(
                    partial(settle, url), run_apart(dlt_pages, url, str(plain_pages), lines, str(folder), "append")
                ),
                dlt_merge: lambda: _after(
                    partial(settle, url), run_apart(dlt_pages, url, str(plain_pages), lines, str(folder), "merge")
                ),
            },
        )
    figures = [Figure(ours, middle(found[ours]), lines, peak_mb=middle(found[ours], "peak_mb"))]
    for name in (dlt_append, dlt_merge):
        ratio = paired_ratio(found[name], found[ours])
        figures.append(Figure(name, middle(found[name]), lines, ratio, "ours", middle(found[name], "peak_mb")))
    return figures


def _after(clean_up: Any, result: dict[str, Any]) -> dict[str, Any]:
    clean_up()
    return result


def land_pages(url: str, path: str, rows: int) -> dict[str, Any]:
    """Lands the pages as a first load does: one thread decodes, the other writes rows and cursor page by page."""
    os.environ.setdefault(KEY_ENV, "not used")
    plan, result = plan_of(STREAM.name), StreamResult(STREAM.name)
    cursor = {
        **{"org_id": ORG, "source": SOURCE, "stream": STREAM.name, "shard": 0, "lo": None, "hi": utc_now()},
        **{"last_id": 0, "end_id": None, "page_size": PAGE_SIZE, "updated_at": utc_now()},
    }

    def pages(_: dict[str, Any]) -> Iterator[Page]:
        with Path(path).open("rb") as bodies:
            for body in bodies:
                records = parse_json(body)["result"]
                last_id = records[-1]["id"] if records else cursor["last_id"]
                yield RawPage(plan, records, last_id, len(records) < PAGE_SIZE, PAGE_SIZE, 0.0).decoded(ORG)

    with Warehouse(url) as warehouse, Target("http://127.0.0.1:9").client() as client:
        landing = landing_to(warehouse, client)
        collect_rarely()  # as a run does
        begun = time.perf_counter()
        for moving, page in in_parallel([cursor], pages):
            moving["last_id"], moving["updated_at"] = page.last_id, utc_now()
            land(landing, STREAM.table, page, result, cursor=moving)
        seconds = time.perf_counter() - begun
    assert result.changes.inserted == rows, result.changes
    return {"seconds": seconds}


def dlt_pages(url: str, path: str, rows: int, folder: str, disposition: str) -> dict[str, Any]:
    """Loads the same rows with dlt in the fastest set-up found: COPY of CSV files, declared types, big buffers.

    The pages hold null in place of Odoo's false, so that dlt need not convert anything.
    """
    # Several processes pay off only when there are several files.
    workers = "2" if rows > ROWS_PER_FILE else "1"
    for name, value in {**DLT_SETTINGS, "NORMALIZE__WORKERS": workers}.items():
        os.environ.setdefault(name, value)
    import dlt

    table = f"lines_{disposition}"
    columns = {
        planned.source: {"data_type": DLT_TYPES[planned.kind], "nullable": planned.source != "id"}
        for planned in plan_of(STREAM.name).columns
        if planned.source
    }

    def pages() -> Iterator[list[shop.Row]]:
        with Path(path).open("rb") as bodies:
            for body in bodies:
                yield orjson.loads(body)["result"]

    write: Any = {"disposition": "merge", "strategy": "upsert"} if disposition == "merge" else disposition
    resource = dlt.resource(
        pages, name=table, write_disposition=write, primary_key="id", columns=columns, max_table_nesting=0
    )
    # libpq takes the socket's folder from the query; dlt wants to see a host and a password.
    destination = dlt.destinations.postgres(url.replace(":@/", ":unused@localhost/"))
    pipeline = dlt.pipeline(
        f"bench_{disposition}",
        destination=destination,
        dataset_name="dlt_bench",
        pipelines_dir=f"{folder}/dlt_{time.time_ns()}",
    )
    begun = time.perf_counter()
    pipeline.run(resource, loader_file_format="csv")
    seconds = time.perf_counter() - begun
    with psycopg.connect(url, autocommit=True) as connection:
        loaded = connection.execute(
            sql.SQL("SELECT count(*) FROM dlt_bench.{}").format(sql.Identifier(table))
        ).fetchone()
        assert loaded == (rows,), loaded
        for schema in ("dlt_bench", "dlt_bench_staging"):
            connection.execute(sql.SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(sql.Identifier(schema)))
    return {"seconds": seconds}
