"""When stock is pushed and the log is archived without an event."""

from collections.abc import Iterator

import dagster as dg

from sync_assets.defs.push.inventory import inventory_push, push_log_archive
from sync_assets.defs.push.sensors import pushing_orgs
from sync_assets.defs.schedules import TIME_ZONE, runs_for

SCHEDULED = {"ops": {"push_stock": {"config": {"trigger": "SCHEDULED_SYNC"}}}}


@dg.schedule(
    job=inventory_push,
    cron_schedule="10 3 * * *",
    execution_timezone=TIME_ZONE,
    default_status=dg.DefaultScheduleStatus.RUNNING,
)
def scheduled_sync_nightly(context: dg.ScheduleEvaluationContext) -> Iterator[dg.RunRequest]:
    """Compares all stock with all that was confirmed, every night: it heals what no event told."""
    for request in runs_for(context, [org.org_id for org in pushing_orgs()]):
        yield request._replace(run_config=SCHEDULED)


@dg.schedule(
    job=push_log_archive,
    cron_schedule="40 3 * * *",
    execution_timezone=TIME_ZONE,
    default_status=dg.DefaultScheduleStatus.RUNNING,
)
def push_log_archive_nightly(context: dg.ScheduleEvaluationContext) -> Iterator[dg.RunRequest]:
    """Moves old rows of every pushing organisation's sync log to the archive, every night."""
    yield from runs_for(context, [org.org_id for org in pushing_orgs()])
