"""`python -m benchmarks.push_kills`: kills pushing processes with -9 at random moments, among timeouts after apply, cut
answers, requests that land late and duplicates, while the shop's stock goes on changing.

At the end the partner must hold what the shop has, no product twice, and the log must tell what the partner saw.
"""

from __future__ import annotations

import multiprocessing
import os
import random
import time
from collections import Counter
from multiprocessing.synchronize import Event
from typing import Annotated, Any

import psycopg
import typer

from benchmarks.figures import tell
from benchmarks.places import temporary_folder, temporary_warehouse
from benchmarks.push import FULL, ORG, SHOP_ENV, TOKEN_ENV, fill, org_of
from sync_assets.connections import Org
from sync_assets.push import TARGET, Pace, Trigger, plan_push, run_push
from sync_assets.sandbox.shop import create_shop
from sync_assets.sandbox.vendor import Fault, VendorSandbox
from sync_assets.warehouse import Warehouse, push

SKUS, CHANGED = 60, 5
TIMEOUT, WAIT, LATE = 0.5, 0.8, 2.0
# A lease is longer than three calls; a second look comes after the last late write.
PACE = Pace(first_delay=0.1, lease=3.0, verify=4.0)
SHARES = {"timeout_after": 0.06, "reset_mid_body": 0.05, "late_apply": 0.05, "late_duplicate": 0.05}
CALL, MOVE = 10, 3


def main(
    kills: Annotated[int, typer.Option(min=1, help="How many processes to kill.")] = 50,
    seed: Annotated[int, typer.Option(help="Start of the random moments.")] = 11,
) -> None:
    """Real PostgreSQL, real processes, real HTTP. Fifty kills take about five minutes."""
    dice = random.Random(seed)
    with temporary_folder() as folder, temporary_warehouse(folder) as url:
        shop = create_shop(url, size=1)
        fill(shop, SKUS)
        with VendorSandbox(mode="v1", wait_seconds=WAIT) as vendor, Warehouse(url) as warehouse:
            os.environ[TOKEN_ENV], os.environ[SHOP_ENV] = vendor.api_key, shop
            org = org_of(vendor.url, vendor.partner_id, timeout_seconds=TIMEOUT)
            vendor.add_faults(faults(seed))
            plan_push(warehouse, org, FULL)
            landed = kill_many(kills, dice, url, shop, warehouse, org, vendor)
            rounds = finish(warehouse, org, vendor)
            problems = [*check_stock(shop, vendor), *check_log(warehouse, vendor)]
            lost = warehouse.query("SELECT count(*) AS n FROM ops.odoo_sync_log WHERE error_code = 'process_lost'")
            tell(
                f"{kills} kills, {landed} of them while a call was open; {lost[0]['n']} attempts lost, "
                f"{len(vendor.calls):,} calls, {rounds} runs to the end, {len(problems)} problems, "
                f"load {os.getloadavg()[0]:.1f}"
            )
            for problem in problems:
                tell(f"  {problem}")
    raise typer.Exit(1 if problems else 0)


def faults(seed: int) -> list[Fault]:
    found, start = [], 0.0
    for kind, share in SHARES.items():
        options = {"delay": LATE if kind == "late_apply" else 1.0} if kind.startswith("late") else {}
        found.append(Fault(kind, share=share, seed=seed, start=start, **options))
        start += share
    return found


def kill_many(
    kills: int, dice: random.Random, url: str, shop: str, warehouse: Warehouse, org: Org, vendor: VendorSandbox
) -> int:
    """Lets one process after the other work for a random moment; returns how many died with a call open."""
    landed, worker = 0, start(url, vendor)
    for number in range(kills):
        process, go = worker
        change(shop, number)
        plan_push(warehouse, org, Trigger("INVENTORY_ADJUSTMENT"))
        before = len(vendor.calls)
        go.set()
        # The next one loads its modules meanwhile.
        worker = start(url, vendor)
        deadline = time.monotonic() + 20
        while len(vendor.calls) == before and time.monotonic() < deadline:
            time.sleep(0.005)
        time.sleep(dice.uniform(0.0, 0.8))
        process.kill()
        process.join()
        open_rows = warehouse.query("SELECT count(*) AS n FROM ops.odoo_sync_log WHERE status = 'PENDING'")
        landed += open_rows[0]["n"] > 0
        if number % CALL == CALL - 1:
            tell(f"push_kills: {number + 1} kills, {len(vendor.calls):,} calls")
    worker[0].kill()
    worker[0].join()
    return landed


def start(url: str, vendor: VendorSandbox) -> tuple[Any, Event]:
    context = multiprocessing.get_context("spawn")
    go = context.Event()
    process = context.Process(target=work, args=(url, vendor.url, vendor.partner_id, go))
    process.start()
    return process, go


def work(url: str, vendor_url: str, partner_id: str, go: Event) -> None:
    """One process's run: what waits, nothing else."""
    org = org_of(vendor_url, partner_id, timeout_seconds=TIMEOUT)
    with Warehouse(url) as warehouse:
        go.wait()
        run_push(warehouse, org, None, pace=PACE)


def change(shop: str, number: int) -> None:
    """Counts some variants anew, every time others."""
    skus = [f"v{(number * CHANGED + place) % SKUS + 1}" for place in range(CHANGED)]
    with psycopg.connect(shop) as connection:
        connection.execute(
            "UPDATE inventory SET quantity = quantity + %s, updated_at = clock_timestamp() WHERE variant_id = ANY(%s)",
            [MOVE, skus],
        )


def finish(warehouse: Warehouse, org: Org, vendor: VendorSandbox) -> int:
    """Runs until nothing waits, nothing is to be looked at again and no late write is to come; how many."""
    vendor.faults.clear()
    for number in range(1, 20):
        time.sleep(PACE.lease)
        plan_push(warehouse, org, FULL)
        run_push(warehouse, org, None, pace=PACE)
        rows = warehouse.query(
            "SELECT count(*) AS n FROM ops.push_state WHERE status <> 'completed' OR verify_at IS NOT NULL"
        )
        if not rows[0]["n"] and not vendor.late_count:
            return number
    return 0


def check_stock(shop: str, vendor: VendorSandbox) -> list[str]:
    with psycopg.connect(shop) as connection:
        wanted = dict(
            connection.execute(
                "SELECT v.sku, i.quantity FROM product_variants v JOIN inventory i ON i.variant_id = v.id"
            ).fetchall()
        )
    held = {product.default_code: product.quantity for product in vendor.products.all}
    differing = {sku: (quantity, held.get(sku)) for sku, quantity in wanted.items() if held.get(sku) != quantity}
    return [f"stock differs (shop, partner): {differing}"] * bool(differing) + [
        f"twice at the partner: {vendor.products.twice()}"
    ] * bool(vendor.products.twice())


def check_log(warehouse: Warehouse, vendor: VendorSandbox) -> list[str]:
    """Nothing is left open, nothing is logged that was not sent, and what was applied is confirmed or said to be unknown."""
    rows = warehouse.query("SELECT * FROM ops.odoo_sync_log")
    problems = [f"open: {row['id']}" for row in rows if row["status"] == "PENDING"]
    sent = Counter((call["sku"], call["route"]) for call in vendor.calls)
    logged = Counter((row["push_key"], call["endpoint"]) for row in rows for call in row["calls"])
    problems += [f"logged but not sent: {key}, {count}" for key, count in (logged - sent).items()]
    # A process that died logged none of its calls, but its row says that something may have been applied.
    lost = Counter(row["push_key"] for row in rows if row["error_code"] == "process_lost")
    missing = Counter(key[0] for key in (sent - logged).elements())
    problems += [f"sent but not logged: {sku}, {count}" for sku, count in missing.items() if count > 3 * lost[sku]]
    applied = Counter(call["sku"] for call in vendor.calls if call["is_applied"])
    told = Counter(row["push_key"] for row in rows if row["status"] == "SUCCESS" or row["outcome_unknown"])
    problems += [f"applied but not told: {sku}, {applied[sku]}" for sku in applied if applied[sku] > told[sku]]
    return problems + [f"still waiting: {push.waiting(warehouse, ORG, TARGET)['left']}"] * bool(
        push.waiting(warehouse, ORG, TARGET)["left"]
    )


if __name__ == "__main__":
    typer.run(main)
