"""The push of a large shop to the vendor's sandbox with faults in every fifth call, by three processes that share it.

Rounds go on until nothing waits; then nothing may be lost, doubled or old, and a second run sends only what changed.
"""

from __future__ import annotations

import multiprocessing
import os
import time
from datetime import datetime
from typing import Any

import psycopg

from benchmarks.figures import Figure, tell
from benchmarks.places import temporary_folder, temporary_warehouse
from sync_assets.connections import Org
from sync_assets.push import TARGET, Pace, Trigger, plan_push, run_push
from sync_assets.sandbox.shop import create_shop
from sync_assets.sandbox.vendor import VendorSandbox, shared_out
from sync_assets.warehouse import Warehouse, push

ORG = "bench"
PROCESSES = 3
SHARE = 0.2
CHANGED = 7
UNDISTURBED = 150
FULL = Trigger("MANUAL_FULL", retries_failed=True)
# Late writes come up to a minute after their call.
PACE = Pace(verify=65.0)
TOKEN_ENV, SHOP_ENV = "BENCH_VENDOR_TOKEN", "BENCH_SHOP_URL"


def measure(skus: int, rounds: int = 1) -> list[Figure]:
    """Seconds and calls of the first push with faults, and of a second run after seven changes without."""
    with temporary_folder() as folder, temporary_warehouse(folder) as url:
        shop = create_shop(url, size=1)
        fill(shop, skus)
        with VendorSandbox(mode="v1", wait_seconds=2.5) as vendor, Warehouse(url) as warehouse:
            os.environ[TOKEN_ENV], os.environ[SHOP_ENV] = vendor.api_key, shop
            org = org_of(vendor.url, vendor.partner_id)
            undisturbed = throughput(
                warehouse, org, vendor, [f"SKU-{n + 1}" for n in range(min(skus // 2, UNDISTURBED))]
            )
            # A wish that is no wish: pauses would measure the server's patience instead of the push.
            vendor.add_faults(shared_out(SHARE, seed=7, retry_after="-5"))
            begun = time.perf_counter()
            first_round = push_all(url, warehouse, org, vendor)
            seconds = time.perf_counter() - begun
            calls, busiest = len(vendor.calls), vendor.busiest_second()
            tell(f"push: {busiest} calls in the busiest second of {calls:,}, load {os.getloadavg()[0]:.1f}")
            for call in crowded(vendor):
                tell(f"  {call['at']:%T.%f} {call['route']} {call['sku']} {call['fault'] or ''} {call['status']}")
            check(shop, warehouse, vendor, skus)
            vendor.faults.clear()
            with psycopg.connect(shop) as connection:
                connection.execute(
                    "UPDATE inventory SET quantity = quantity + 1, updated_at = clock_timestamp() WHERE variant_id IN "
                    "(SELECT variant_id FROM inventory ORDER BY 1 LIMIT %s)",
                    [CHANGED],
                )
            begun = time.perf_counter()
            again = run_push(warehouse, org, FULL, pace=PACE)
            second = time.perf_counter() - begun
            assert (again["succeeded"], again["calls"]) == (CHANGED, CHANGED), again
            assert run_push(warehouse, org, FULL, pace=PACE)["calls"] == 0
            assert busiest <= 5, busiest
    tell(f"push: {undisturbed:.2f} calls/s without faults, {first_round:.2f} with, {busiest} in the busiest second")
    return [
        Figure(f"first push, {SHARE:.0%} faults, {PROCESSES} processes (rows: calls)", seconds, calls),
        Figure(f"second run, {CHANGED} changed (rows: calls)", second, CHANGED),
    ]


def throughput(warehouse: Warehouse, org: Org, vendor: VendorSandbox, skus: list[str]) -> float:
    """Calls per second, without faults and by one process."""
    run_push(warehouse, org, FULL, skus=skus, pace=PACE)
    rate = rate_of([call["at"] for call in vendor.calls])
    tell(f"push: {rate:.2f} calls/s by one process without faults, {vendor.busiest_second()} in the busiest second")
    return rate


def rate_of(times: list[datetime]) -> float:
    """Calls per second after the first five, which may go out at once, and before the end, which waits for retries."""
    busy = sorted(times)[: max(6, int(0.95 * len(times)))]
    return (len(busy) - 5) / (busy[-1] - busy[0]).total_seconds()


def crowded(vendor: VendorSandbox) -> list[dict[str, Any]]:
    """The calls of a second with more than five, the first such."""
    calls = sorted(vendor.calls, key=lambda call: call["at"])
    for first, sixth in zip(calls, calls[5:], strict=False):
        if (sixth["at"] - first["at"]).total_seconds() < 1:
            return calls[calls.index(first) : calls.index(sixth) + 1]
    return []


def org_of(url: str, partner_id: str, timeout_seconds: float = 2) -> Org:
    vendor = {
        "base_url": url,
        "api_token": f"${{{TOKEN_ENV}}}",
        "partner_id": partner_id,
        "timeout_seconds": timeout_seconds,
    }
    targets = {"vendor_api": {**vendor, "run_seconds": 3600, "max_plan": 1_000_000}}
    sources = {"shop": {"url": f"${{{SHOP_ENV}}}"}}
    return Org.model_validate({"org_id": ORG, "name": "Bench", "sources": sources, "targets": targets})


def fill(shop: str, skus: int) -> None:
    with psycopg.connect(shop) as connection:
        connection.execute(
            "TRUNCATE products, product_variants, variant_options, channel_prices, locations, inventory, orders, order_items"
        )
        connection.execute("INSERT INTO locations VALUES ('main', 'Main', true, clock_timestamp())")
        numbers = "FROM generate_series(1, %s) n"
        connection.execute(
            f"INSERT INTO products SELECT 'p' || n, 'Product ' || n, 'ACTIVE', clock_timestamp() {numbers}", [skus]
        )
        connection.execute(
            f"INSERT INTO product_variants SELECT 'v' || n, 'p' || n, '5mg', 'SKU-' || n, true, 9.5, clock_timestamp() {numbers}",
            [skus],
        )
        connection.execute(
            f"INSERT INTO inventory SELECT 'v' || n, 'main', 1 + n %% 97, 0, clock_timestamp() {numbers}", [skus]
        )


def work(url: str, vendor_url: str, partner_id: str) -> None:
    """One process's run: what waits, nothing else."""
    with Warehouse(url) as warehouse:
        run_push(warehouse, org_of(vendor_url, partner_id), None, pace=PACE)


def push_all(url: str, warehouse: Warehouse, org: Org, vendor: VendorSandbox) -> float:
    """Rounds until nothing waits and nothing is to be looked at again; the calls per second of the first one."""
    context = multiprocessing.get_context("spawn")
    rate, before = 0.0, len(vendor.calls)
    while True:
        plan_push(warehouse, org, FULL, is_confirmed=True)
        workers = [context.Process(target=work, args=(url, vendor.url, vendor.partner_id)) for _ in range(PROCESSES)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        assert [worker.exitcode for worker in workers] == [0] * PROCESSES
        times = [call["at"] for call in vendor.calls[before:]]
        rate = rate or rate_of(times)
        rows = warehouse.query(
            "SELECT count(*) AS n, max(verify_at) AS at FROM ops.push_state WHERE status <> 'completed' OR verify_at IS NOT NULL"
        )
        tell(f"push: {len(times):,} calls so far, {rows[0]['n']} items left or to be looked at again")
        if not rows[0]["n"] and not vendor.late_count:
            return rate
        time.sleep(5)


def check(shop: str, warehouse: Warehouse, vendor: VendorSandbox, skus: int) -> None:
    """Nothing lost, doubled or old, and every call in the log."""
    with psycopg.connect(shop) as connection:
        wanted = dict(
            connection.execute(
                "SELECT v.sku, i.quantity FROM product_variants v JOIN inventory i ON i.variant_id = v.id"
            ).fetchall()
        )
    held: dict[str, Any] = {product.default_code: product.quantity for product in vendor.products.all}
    assert held == wanted and len(wanted) == skus and not vendor.products.twice()
    logged = warehouse.query(
        "SELECT count(*) AS n, count(*) FILTER (WHERE call ->> 'code' = 'network') AS cut FROM ops.odoo_sync_log, "
        "jsonb_array_elements(calls) call"
    )[0]
    # A connection that broke off may have done so before anything arrived.
    assert 0 <= logged["n"] - len(vendor.calls) <= logged["cut"], (logged, len(vendor.calls))
    tell(f"push: {logged['n']:,} calls in the log, {len(vendor.calls):,} arrived")
    assert not warehouse.query("SELECT 1 FROM ops.odoo_sync_log WHERE status = 'PENDING'")
    assert push.waiting(warehouse, ORG, TARGET)["left"] == 0
