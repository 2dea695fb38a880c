"""Ends runs whose process was killed: Dagster believes such a run until it is told, and holds its organisation's queue.

When a run is dead is decided by the books and the organisation's lock, not here.
"""

from datetime import datetime, timedelta

import dagster as dg

from sync_assets.warehouse import Warehouse, books

BEGINNING = timedelta(seconds=5)
ENDING = timedelta(seconds=60)  # from a run's last row to Dagster's last event
MESSAGE = "The process of this run died; what it had finished is kept, and the next run goes on from there."


def end_dead_runs(instance: dg.DagsterInstance, warehouse: Warehouse, *, now: datetime) -> list[str]:
    """Closes them in ops.sync_runs and fails them in Dagster; returns the ids of the latter.

    A run that has not written to ops.sync_runs yet cannot be told from one that is about to, and is left alone.
    """
    books.close_dead_runs(warehouse, before=now - BEGINNING)
    # Asked before the books, so that a run that ends meanwhile has told them.
    started = {run.run_id: run for run in instance.get_runs(dg.RunsFilter(statuses=[dg.DagsterRunStatus.STARTED]))}
    ended = sorted(books.over_runs(warehouse, list(started), before=now - ENDING))
    for run_id in ended:
        instance.report_run_failed(started[run_id], MESSAGE)
    return ended
