"""Runs a job for one organisation in this process, for the command line; the run appears in the UI like any other."""

import os
import threading
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import dagster as dg

from sync_assets.clock import utc_now
from sync_assets.connections import Connections
from sync_assets.defs.dead_runs import end_dead_runs
from sync_assets.defs.storage import keep_connections
from sync_assets.settings import dagster_home
from sync_assets.warehouse import Warehouse
from sync_assets.warehouse.embedded import database_url

POLL_SECONDS = 0.25
STEP_ENDS = {dg.DagsterEventType.STEP_SUCCESS, dg.DagsterEventType.STEP_FAILURE, dg.DagsterEventType.STEP_SKIPPED}
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Outcome:
    """How a run ended; `failures` holds one line per failed step, `is_configuration` whether a person must act on all."""

    run_id: str
    is_success: bool
    failures: list[str]
    is_configuration: bool


@contextmanager
def open_instance(connections: Connections) -> Iterator[dg.DagsterInstance]:
    """Dagster's instance of this project, with the organisations as partitions and without runs of dead processes.

    Raises ConfigurationError when its folder or its database cannot be used.
    """
    os.environ["DAGSTER_HOME"] = str(dagster_home())
    with dg.DagsterInstance.get() as instance:
        keep_connections(instance)
        known = set(instance.get_dynamic_partitions("org"))
        missing = sorted(set(connections.orgs) - known)
        if missing:
            instance.add_dynamic_partitions("org", missing)
        with Warehouse(database_url()) as warehouse:
            end_dead_runs(instance, warehouse, now=utc_now())
        yield instance


def run_job(
    instance: dg.DagsterInstance,
    job_name: str,
    org_id: str,
    options: dict[str, Any],
    on_progress: Progress | None = None,
) -> Outcome:
    """Runs the job to its end; `on_progress` gets (last step, steps done, steps in all) from another thread."""
    from sync_assets.definitions import defs

    job = defs().resolve_job_def(job_name)
    run_config = {
        "resources": {"sync": {"config": options}},
        "loggers": {"console": {"config": {"log_level": "CRITICAL"}}},
    }
    run_id = str(uuid.uuid4())
    finished = threading.Event()
    watcher = threading.Thread(
        target=_watch, args=(instance, run_id, len(job.nodes), finished, on_progress or (lambda *_: None)), daemon=True
    )
    watcher.start()
    try:
        result = job.execute_in_process(
            partition_key=org_id, instance=instance, run_config=run_config, raise_on_error=False, run_id=run_id
        )
    finally:
        finished.set()
        watcher.join()
    failed = [event for event in result.all_events if event.is_step_failure]
    is_configuration = bool(failed) and all(map(_is_configuration, failed))
    return Outcome(run_id, result.success, list(_failures(failed)), is_configuration)


def _watch(
    instance: dg.DagsterInstance, run_id: str, steps: int, finished: threading.Event, on_progress: Progress
) -> None:
    cursor, done = None, 0
    while not finished.wait(POLL_SECONDS):
        page = instance.get_records_for_run(run_id, cursor=cursor, of_type=STEP_ENDS)
        cursor, done = page.cursor, done + len(page.records)
        for record in page.records:
            on_progress(str(record.event_log_entry.step_key), done, steps)


def _failures(events: Sequence[dg.DagsterEvent]) -> Iterator[str]:
    for event in events:
        data = event.step_failure_data
        told, error = data.user_failure_data, data.error
        cause = error.cause if error and error.cause else error
        reason = told.description if told and told.description else str(cause.message if cause else "failed")
        yield f"{str(event.step_key).replace('__', '.', 1)}: {reason.strip().splitlines()[0]}"


def _is_configuration(event: dg.DagsterEvent) -> bool:
    told = event.step_failure_data.user_failure_data
    entry = told.metadata.get("is_configuration") if told else None
    return entry is not None and entry.value is True
