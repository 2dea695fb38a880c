"""Which jobs wait for another run of their organisation, how long, and what they say."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import dagster as dg
import pytest

from sync_assets.defs.resources import SyncSession
from sync_assets.sandbox.odoo import OdooSandbox
from sync_assets.warehouse import Warehouse
from sync_assets_tests.defs.support import NOW, Project, add_family, add_order, add_product, failed_steps

MONTH = f"{NOW - timedelta(days=40):%Y-%m}-01"
PATIENT = ("odoo_history", "reconcile")
# Another process with the lock of acme, which lets go of it when it is told to.
HOLDER = """
import sys, time
from sync_assets.warehouse import Warehouse
with Warehouse(sys.argv[1]) as warehouse:
    warehouse.lock("acme")
    print("locked", flush=True)
    sys.stdin.readline()
    time.sleep(0.5)
"""


@contextmanager
def locked_elsewhere(database: str) -> Iterator[subprocess.Popen[str]]:
    """Another process has the organisation's lock."""
    command = [sys.executable, "-c", HOLDER, database]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=os.environ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "locked\n"
        try:
            yield holder
        finally:
            holder.kill()


def run(project: Project, job: str, **options: int) -> dg.ExecuteInProcessResult:
    key = dg.MultiPartitionKey({"month": MONTH, "org": "acme"}) if job == "odoo_history" else "acme"
    return project.run(key, job, **options)


def messages(project: Project, result: dg.ExecuteInProcessResult) -> list[str]:
    return [e.user_message for e in project.instance.all_logs(result.run_id) if "another run" in e.user_message]


@pytest.mark.parametrize("job", PATIENT)
def test_it_waits_until_the_other_run_has_ended(
    project: Project, odoo: OdooSandbox, database: str, job: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.add_org("acme", odoo)
    add_order(odoo, add_family(odoo).root, add_product(odoo), days_ago=40)
    lock = Warehouse.lock
    with locked_elsewhere(database) as holder:

        def lock_and_tell(warehouse: Warehouse, org: str, *, wait_seconds: float, on_wait: Callable[[], None]) -> None:
            def tell() -> None:
                on_wait()
                assert holder.poll() is None and holder.stdin is not None
                holder.stdin.write("enough\n")
                holder.stdin.flush()

            lock(warehouse, org, wait_seconds=wait_seconds, on_wait=tell)
            assert holder.wait(10) == 0

        monkeypatch.setattr(Warehouse, "lock", lock_and_tell)
        result = run(project, job)
    assert result.success, failed_steps(result)
    assert messages(project, result) == ["acme: another run is at work; waiting up to 900 s for its end"]
    last = project.last_run()
    assert (last["status"], last["job"], last["errors"]) == ("ok", job, [])


@pytest.mark.parametrize("job", PATIENT)
def test_it_does_not_wait_for_ever(project: Project, odoo: OdooSandbox, database: str, job: str) -> None:
    project.add_org("acme", odoo)
    with locked_elsewhere(database):
        begun = time.monotonic()
        result = run(project, job, wait_seconds=2)
        assert time.monotonic() - begun >= 2
    assert "acme: already running" in str(failed_steps(result))
    assert project.last_run()["status"] == "already_running"
    assert len(messages(project, result)) == 1


def test_the_hourly_sync_ends_at_once(project: Project, odoo: OdooSandbox, database: str) -> None:
    project.add_org("acme", odoo)
    with locked_elsewhere(database):
        result = run(project, "odoo_sync")
    assert set(failed_steps(result).values()) == {
        "acme: already running; wait for that run to end, or stop it in the Dagster UI"
    }
    assert messages(project, result) == []
    assert project.last_run()["status"] == "already_running"


def test_a_refused_run_stays_refused(project: Project, odoo: OdooSandbox, database: str) -> None:
    """A sync that begins in its middle, because the other run has ended meanwhile, would be neither one nor the other."""
    project.add_org("acme", odoo)
    with Warehouse(database) as other:
        other.lock("acme")
        refuse = Warehouse.lock

        def release_after_first_try(warehouse: Warehouse, org: str, **how: object) -> None:
            try:
                refuse(warehouse, org, **how)  # type: ignore[arg-type]
            finally:
                other.close()

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Warehouse, "lock", release_after_first_try)
            result = project.run()
    assert not result.success
    assert project.last_run()["status"] == "already_running"
    assert project.rows("SELECT count(*) AS n FROM ops.sync_runs") == [{"n": 1}]


def test_the_wait_is_set_in_one_place() -> None:
    assert SyncSession().wait_seconds == 900


def test_a_waiting_connection_gets_the_lock_when_its_holder_dies(database: str, warehouse: Warehouse) -> None:
    told: list[str] = []
    with locked_elsewhere(database) as holder:
        threading.Timer(1, holder.kill).start()
        warehouse.lock("acme", wait_seconds=20, on_wait=lambda: told.append("waits"))
    assert told == ["waits"]
