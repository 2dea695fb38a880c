"""Several processes on one target: the shared limit, kill -9 at any moment, leases."""

from __future__ import annotations

import multiprocessing
import random
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

from sync_assets.clock import utc_now
from sync_assets.push import Trigger, plan_push
from sync_assets.push.attempts import opening_log
from sync_assets.push.states import after_success
from sync_assets.targets.vendor_api import TargetPaused
from sync_assets.warehouse import Warehouse, push
from sync_assets.warehouse.push_limits import Limiter
from sync_assets_tests.push.support import FULL, ORG, QUICK, TARGET, World

ROOT = Path(__file__).parents[2]


def take_permits(database: str, count: int, out: multiprocessing.Queue[list[float]]) -> None:
    with Warehouse(database) as warehouse:
        limiter = Limiter(warehouse, "http://odoo.test:80", paused=TargetPaused)
        taken = []
        for _ in range(count):
            with limiter.permit():
                # One clock for all processes of the machine.
                taken.append(time.monotonic())
        out.put(taken)


def test_three_processes_never_exceed_the_rate(database: str) -> None:
    context = multiprocessing.get_context("spawn")
    out: multiprocessing.Queue[list[float]] = context.Queue()
    processes = [context.Process(target=take_permits, args=(database, 5, out)) for _ in range(3)]
    for process in processes:
        process.start()
    taken = sorted(moment for _ in processes for moment in out.get(timeout=60))
    for process in processes:
        process.join()
    assert len(taken) == 15
    assert all(later - earlier >= 1.0 for earlier, later in zip(taken, taken[5:], strict=False))


def test_a_pause_is_for_everyone(warehouse: Warehouse) -> None:
    Limiter(warehouse, "http://odoo.test:80", paused=TargetPaused).pause(60)
    other = Limiter(warehouse, "http://odoo.test:80", paused=TargetPaused)
    assert 59 < other.pause_left() <= 60
    try:
        with other.permit():
            raise AssertionError("no permit during a pause")
    except TargetPaused as pause:
        assert 59 < pause.seconds <= 60


def start(world: World, seconds: float = 60, lease: float = 3) -> subprocess.Popen[str]:
    arguments = [world.warehouse.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)]
    arguments += [world.vendor.url, world.vendor.partner_id, str(seconds), str(lease)]
    process = subprocess.Popen(
        [sys.executable, "-m", "sync_assets_tests.push.one_run", *arguments],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def release(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None
    process.stdin.write("\n")
    process.stdin.flush()


def test_kill_9_at_any_moment_ends_as_without_it(world: World) -> None:
    dice = random.Random(7)
    for number in range(6):
        world.stock(f"A-{number}", 10 + number)
    plan_push(world.warehouse, world.org, FULL)
    for _ in range(4):
        process = start(world)
        release(process)
        time.sleep(dice.uniform(0.05, 0.9))
        process.kill()
        process.wait()
        assert process.stdin is not None and process.stdout is not None
        process.stdin.close()
        process.stdout.close()
    # The last leases run out.
    time.sleep(3)
    result = world.push(None)
    assert (result["left"], result["failed"]) == (0, 0)
    assert world.held() == {f"A-{number}": 10 + number for number in range(6)}
    assert world.vendor.products.twice() == []
    log = world.log()
    assert {row["status"] for row in log} <= {"SUCCESS", "FAILED"}
    assert {row["error_code"] for row in log if row["status"] == "FAILED"} <= {"process_lost"}


def test_a_dead_process_leaves_an_unknown_outcome(world: World) -> None:
    world.stock("A-1", 5)
    plan_push(world.warehouse, world.org, FULL)
    long_ago = utc_now() - timedelta(seconds=200)
    row = push.claim(world.warehouse, ORG, TARGET, token="t1", at=utc_now(), lease_seconds=-1)
    assert row is not None

    push.open_log(world.warehouse, opening_log(row, run_id="r", created_at=long_ago, channel_id=None, key="k"))
    world.vendor.products.put("A-1", quantity=5)
    assert world.push(None)["succeeded"] == 1
    assert [(row["status"], row["error_code"]) for row in world.log()] == [
        ("FAILED", "process_lost"),
        ("SUCCESS", None),
    ]
    assert world.routes() == ["read", "update"]


def test_a_process_that_lost_its_lease_changes_nothing(world: World) -> None:
    world.stock("A-1", 5)
    plan_push(world.warehouse, world.org, FULL)
    row = push.claim(world.warehouse, ORG, TARGET, token="t1", at=utc_now(), lease_seconds=-1)
    assert row is not None

    push.open_log(world.warehouse, opening_log(row, run_id="r", created_at=utc_now(), channel_id=None, key="k"))
    world.push(None)
    world.stock("A-1", 6)
    world.push(Trigger("INVENTORY_ADJUSTMENT"))
    before = world.state("A-1")
    changes = after_success(row, remote_id="1", pace=QUICK, at=utc_now())
    held, _ = push.finish(
        world.warehouse,
        ORG,
        TARGET,
        "A-1",
        token="t1",
        changes=changes,
        sent_hash=row["desired_hash"],
        is_ended=True,
        log={"status": "SUCCESS"},
    )
    assert not held
    assert world.state("A-1") == before
    assert [row["error_code"] for row in world.log()] == ["lease_lost", None, None]
    assert world.held() == {"A-1": 6}
