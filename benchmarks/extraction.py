"""Extraction: a whole first load over HTTP into PostgreSQL, against a bare loop that fetches the same pages only.

The server is a process of its own. Decoding and landing without a network are in `landing.py`.
"""

from __future__ import annotations

import os
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx

from benchmarks.apart import run_apart
from benchmarks.figures import Figure, in_turn, middle, paired_ratio, tell
from benchmarks.odoo_server import odoo_server
from benchmarks.places import KEY_ENV, Target, empty, landing_to, temporary_folder, temporary_warehouse
from benchmarks.shop import Size
from sync_assets.collecting import collect_rarely
from sync_assets.extraction.odoo import ROWS_PER_SHARD, sync_stream
from sync_assets.sandbox.odoo import access
from sync_assets.sources.odoo import STREAMS, fetch_pages, plan_fields, window_domain
from sync_assets.sources.odoo.transports import JsonRpc
from sync_assets.warehouse import Warehouse

STREAM_NAMES = ("sale_orders", "sale_order_lines")
# An imitation: one real Odoo 18 needed 31 ms for 200 lines and 34 ms for 232, which suggests some 10,000 lines per second
# for long pages (not measured there). With this pause the sandbox sends about 15,000, which makes the ratio harder.
ODOO_PAUSE_SECONDS = 0.1
Bodies = list[bytes]


def measure(lines: int, rounds: int, target: Target | None = None) -> list[Figure]:
    """Orders and lines of a shop with that many lines; with `target`, those of that Odoo."""
    os.environ.setdefault(KEY_ENV, access.API_KEY)
    with temporary_folder() as folder, temporary_warehouse(folder) as url:
        if target is not None:
            return _compare(url, target, rounds, f"Odoo at {target.url}")
        figures = []
        for pause, server in (
            (ODOO_PAUSE_SECONDS, "server slowed to about Odoo's pace"),
            (0.0, "sandbox at full speed"),
        ):
            tell(f"extraction of {lines:,} lines and their orders, {server}")
            with odoo_server(Size.of_lines(lines), pause_seconds=pause) as address:
                figures += _compare(url, Target(address), rounds, server)
        return figures


def _compare(url: str, target: Target, rounds: int, server: str) -> list[Figure]:
    requests = {number: list_requests(target, number) for number in (1, 2)}
    names = {
        n: (f"{server}: bare loop, {_connections(n)}", f"{server}: sync_assets, {_connections(n)}") for n in (1, 2)
    }

    def extract(connections: int) -> dict[str, Any]:
        empty(url)
        return run_apart(extract_all, url, target, connections)

    found = in_turn(
        rounds,
        {
            names[1][0]: lambda: run_apart(fetch_only, target.url, requests[1]),
            names[1][1]: lambda: extract(1),
            names[2][0]: lambda: run_apart(fetch_only, target.url, requests[2]),
            names[2][1]: lambda: extract(2),
        },
    )
    rows = found[names[1][1]][0]["rows"]
    figures = []
    for bare, ours in names.values():
        ratio = paired_ratio(found[ours], found[bare])
        figures.append(Figure(bare, middle(found[bare]), rows))
        figures.append(Figure(ours, middle(found[ours]), rows, ratio, "bare loop", middle(found[ours], "peak_mb")))
    return figures


def _connections(number: int) -> str:
    return f"{number} connection{'s' if number > 1 else ''}"


def list_requests(target: Target, connections: int) -> list[Bodies]:
    """The bodies of the page requests that one extraction makes, for each connection."""
    bodies: list[Bodies] = [[] for _ in range(connections)]
    with target.client(transport="jsonrpc", parallel_calls=connections) as client:
        transport = JsonRpc(target.database, target.login, os.environ[target.key_env])
        client.connect()
        transport.logged_in(client.uid)
        for name in STREAM_NAMES:
            stream = STREAMS[name]
            plan = plan_fields(stream, client.fields(stream.model))
            domain = window_domain(None, client.server_time, 0)
            for number, (last_id, end_id) in enumerate(id_ranges(client.ids(stream.model), connections)):
                asked, ending = client.connection.page_size, [["id", "<=", end_id]] if end_id else []
                for page in fetch_pages(client, stream, plan, domain=domain, last_id=last_id, end_id=end_id):
                    named = {"domain": [*domain, ["id", ">", last_id], *ending], "fields": plan.fields, "limit": asked}
                    named |= {
                        "order": "id",
                        "load": "",
                        "context": {"active_test": False, "lang": client.connection.lang},
                    }
                    body = transport.call(stream.model, "search_read", None, named).body
                    assert body is not None
                    bodies[number].append(body)
                    last_id, asked = page.last_id, page.page_size
    return bodies


def id_ranges(ids: list[int], connections: int) -> list[tuple[int, int | None]]:
    """The ranges of ids that a first load gives to its connections."""
    ranges = min(connections, len(ids) // ROWS_PER_SHARD + 1)
    bounds = [0, *(ids[len(ids) * n // ranges - 1] for n in range(1, ranges))]
    return list(zip(bounds, [*bounds[1:], None], strict=True))


def fetch_only(url: str, requests: list[Bodies]) -> dict[str, Any]:
    """Sends the requests of each connection one after the other and throws the answers away, unparsed."""

    def fetch(bodies: Bodies) -> None:
        with httpx.Client(timeout=100, trust_env=False, headers={"Accept-Encoding": "gzip"}) as http:
            for body in bodies:
                answer = http.post(f"{url}/jsonrpc", content=body, headers={"Content-Type": "application/json"})
                answer.raise_for_status()

    begun = time.perf_counter()
    with ThreadPoolExecutor(len(requests)) as threads:
        list(threads.map(fetch, requests))
    return {"seconds": time.perf_counter() - begun}


def extract_all(url: str, target: Target, connections: int) -> dict[str, Any]:
    """The first load as a run does it: log in, read the field lists, all pages, the list of ids, write everything."""
    collect_rarely()
    begun = time.perf_counter()
    with Warehouse(url) as warehouse, target.client(parallel_calls=connections) as client:
        landing = landing_to(warehouse, client)
        results = [sync_stream(landing, STREAMS[name]) for name in STREAM_NAMES]
    rows = sum(result.extracted for result in results)
    assert rows == sum(result.changes.inserted for result in results), results
    return {"seconds": time.perf_counter() - begun, "rows": rows}
