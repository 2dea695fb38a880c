"""Runs whose process was killed: found, closed in the books, ended in Dagster; living ones are never touched."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from sync_assets.clock import utc_now
from sync_assets.connections import load_connections
from sync_assets.defs.launch import open_instance
from sync_assets.defs.reconcile import reconcile
from sync_assets.defs.sensors import dead_runs_sensor
from sync_assets.sandbox.odoo import Fault, OdooSandbox
from sync_assets.settings import PROJECT_ROOT
from sync_assets.warehouse import Warehouse, books
from sync_assets_tests.defs.support import Project, add_family, add_order, add_product

LONG_AGO = timedelta(minutes=10)


def tick(instance: dg.DagsterInstance) -> str:
    """What the sensor says."""
    with dg.build_sensor_context(instance=instance) as context:
        result = dead_runs_sensor(context)
    assert isinstance(result, dg.SkipReason)
    return str(result.skip_message)


def started_run(project: Project) -> str:
    run_id = str(uuid.uuid4())
    project.instance.create_run_for_job(reconcile, run_id=run_id, status=dg.DagsterRunStatus.STARTED)
    return run_id


def open_run(project: Project, run_id: str, org: str = "acme", at: datetime | None = None) -> None:
    books.open_run(project.warehouse, org, run_id, job="reconcile", started_at=at or utc_now() - LONG_AGO)


def states(project: Project, run_id: str, org: str = "acme") -> tuple[str, str | None]:
    """What Dagster and the books say about a run."""
    run = project.instance.get_run_by_id(run_id)
    assert run is not None
    rows = project.rows(
        "SELECT status FROM ops.sync_runs WHERE run_id = %(id)s AND org_id = %(org)s", id=run_id, org=org
    )
    return run.status.value, rows[0]["status"] if rows else None


def test_a_run_without_its_lock_is_ended(project: Project) -> None:
    run_id = started_run(project)
    open_run(project, run_id)
    assert run_id in tick(project.instance)
    assert states(project, run_id) == ("FAILURE", "interrupted")
    assert "process" in str([e.message for e in project.instance.all_logs(run_id)])
    assert run_id not in tick(project.instance)


def test_living_runs_are_left_alone(project: Project, database: str) -> None:
    locked, fresh, unknown = (started_run(project) for _ in range(3))
    with Warehouse(database) as process:
        process.lock("acme")
        open_run(project, locked, "acme")
        open_run(project, fresh, "zeta", at=utc_now())
        for _ in range(3):
            tick(project.instance)
            with Warehouse(database) as other:
                other.lock("zeta")  # looking takes no lock
        assert states(project, locked) == ("STARTED", "running")
        assert states(project, fresh, "zeta") == ("STARTED", "running")
        assert states(project, unknown) == ("STARTED", None)
    tick(project.instance)
    assert states(project, locked) == ("FAILURE", "interrupted")


def test_a_dead_run_whose_organisation_runs_again_is_ended_alone(project: Project, database: str) -> None:
    dead, living = started_run(project), started_run(project)
    open_run(project, dead)
    with Warehouse(database) as process:
        process.lock("acme")
        open_run(project, living)
        tick(project.instance)
        assert states(project, dead) == ("FAILURE", "interrupted")
        assert states(project, living) == ("STARTED", "running")


def test_a_run_of_two_organisations_lives_as_long_as_one_of_its_locks(project: Project, database: str) -> None:
    run_id = started_run(project)
    open_run(project, run_id, "acme")
    open_run(project, run_id, "zeta")
    with Warehouse(database) as process:
        process.lock("zeta")
        tick(project.instance)
        assert states(project, run_id, "zeta") == ("STARTED", "running")
    tick(project.instance)
    assert states(project, run_id, "zeta") == ("FAILURE", "interrupted")


@pytest.mark.parametrize(("ago", "told"), [(timedelta(seconds=1), "STARTED"), (LONG_AGO, "FAILURE")])
def test_a_process_that_died_between_its_last_row_and_dagsters_end(project: Project, ago: timedelta, told: str) -> None:
    """A run that has just written its last row gets the time to tell Dagster."""
    run_id = started_run(project)
    open_run(project, run_id)
    books.save_run(project.warehouse, "acme", run_id, status="ok", finished_at=utc_now() - ago)
    tick(project.instance)
    assert states(project, run_id) == (told, "ok")


def test_a_database_that_is_away_or_not_migrated_is_no_error(
    project: Project, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://maestro@127.0.0.1:9/shop")
    assert "does not answer" in tick(project.instance)
    monkeypatch.setenv("DATABASE_URL", re.sub(r"/test_\w+", "/postgres", database))
    assert "sync-assets migrate" in tick(project.instance)


def wait_for(what: Callable[[], Any], process: subprocess.Popen[str] | None = None) -> Any:
    deadline = time.monotonic() + 150
    while not (found := what()):
        assert process is None or process.poll() is None, process.communicate()[0]
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.2)
    return found


def test_the_command_line_is_killed_in_the_middle_of_a_sync(
    project: Project, odoo: OdooSandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.add_org("acme", odoo, odoo={"timeout_seconds": 100})
    add_order(odoo, add_family(odoo).root, add_product(odoo))
    shutil.copy(PROJECT_ROOT / "dagster.yaml", tmp_path)
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path))
    slow = odoo.faults.add(Fault(kind="slow", model="sale.order", seconds=60))
    command = [sys.executable, "-m", "sync_assets", "run", "--json"]
    running = "SELECT run_id FROM ops.sync_runs WHERE status = 'running'"
    with (
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process,
        open_instance(load_connections(project.connections)) as instance,
    ):
        wait_for(lambda: slow.used, process)
        run_id = project.rows(running)[0]["run_id"]
        with project.warehouse.transaction() as connection:
            connection.execute("UPDATE ops.sync_runs SET started_at = started_at - interval '1 minute'")
        tick(instance)
        assert process.poll() is None
        assert project.rows(running) == [{"run_id": run_id}]
        assert instance.get_run_by_id(run_id).status is dg.DagsterRunStatus.STARTED
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        wait_for(lambda: run_id in tick(instance))  # PostgreSQL takes a moment to see that its client is gone
        assert instance.get_run_by_id(run_id).status is dg.DagsterRunStatus.FAILURE
        assert project.last_run()["status"] == "interrupted"
    odoo.faults.clear()
    project.run_ok()
    assert project.last_run()["status"] == "ok"
