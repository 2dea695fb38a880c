"""Memory: what a process holds at most while it extracts, or maps order lines, for 100,000 and for 1,000,000 lines.

Times do not belong here.
"""

from __future__ import annotations

import os
from typing import Any

from benchmarks.apart import run_apart
from benchmarks.figures import Figure, tell
from benchmarks.odoo_server import odoo_server
from benchmarks.places import KEY_ENV, Target, empty, landing_to, temporary_folder, temporary_warehouse
from benchmarks.project import fill, run_job, write_connections
from benchmarks.shop import Size
from sync_assets.extraction.odoo import sync_stream
from sync_assets.sandbox.odoo import access
from sync_assets.sources.odoo import STREAMS
from sync_assets.warehouse import Warehouse

# The same partners and orders at every size, so that nothing grows but the number of lines.
PARTNERS, ORDERS = 10_000, 30_000
NOWHERE = "http://127.0.0.1:9"


def measure(lines: int) -> list[Figure]:
    """At a tenth of the lines and at all of them; `ratio` is the larger to the smaller."""
    os.environ.setdefault(KEY_ENV, access.API_KEY)
    sizes = [Size(PARTNERS, ORDERS, lines // 10), Size(PARTNERS, ORDERS, lines)]
    extracted, mapped = [], []
    with temporary_folder() as folder, temporary_warehouse(folder) as url:
        connections = str(write_connections(folder, NOWHERE))
        for size in sizes:
            tell(f"memory at {size.lines:,} lines")
            with odoo_server(size) as address:
                extracted.append(run_apart(extract_lines, url, Target(address)))
            empty(url)
            fill(url, size)
            run_apart(run_job, url, connections, ["canonical/product_catalog", "canonical/sales_orders"])
            mapped.append(run_apart(run_job, url, connections, ["canonical/sales_lines"]))
            empty(url)
    figures = []
    for what, runs in (("extraction of lines", extracted), ("mapping of lines (canonical/sales_lines)", mapped)):
        for size, run in zip(sizes, runs, strict=True):
            ratio = run["peak_mb"] / runs[0]["peak_mb"] if size is not sizes[0] else None
            against = f"{sizes[0].lines:,} lines" if ratio else ""
            figures.append(
                Figure(f"{what}, {size.lines:,} lines", run["seconds"], size.lines, ratio, against, run["peak_mb"])
            )
    return figures


def extract_lines(url: str, target: Target) -> dict[str, Any]:
    with Warehouse(url) as warehouse, target.client() as client:
        result = sync_stream(landing_to(warehouse, client), STREAMS["sale_order_lines"])
    return {"seconds": result.seconds}
