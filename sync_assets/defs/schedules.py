"""When jobs run by themselves; each schedule starts one run per organisation that needs it."""

from collections.abc import Iterator

import dagster as dg

from sync_assets.connections import Connections, load_connections
from sync_assets.defs.jobs import freshness, odoo_sync, pos_sync, rescore
from sync_assets.defs.reconcile import reconcile
from sync_assets.settings import get_settings

TIME_ZONE = "Europe/Paris"


def connections() -> Connections:
    return load_connections(get_settings().sync_assets_connections)


def runs_for(context: dg.ScheduleEvaluationContext, org_ids: list[str]) -> Iterator[dg.RunRequest]:
    """One run per organisation and tick. An organisation that is no partition yet waits for the sensor."""
    known = set(context.instance.get_dynamic_partitions("org"))
    tick = context.scheduled_execution_time
    for org_id in org_ids:
        if org_id in known:
            yield dg.RunRequest(run_key=f"{org_id}|{tick.isoformat()}", partition_key=org_id)


def busy_orgs(instance: dg.DagsterInstance) -> set[str]:
    """Organisations whose run of the point of sale has not ended: a second one would only wait behind it."""
    unfinished = [dg.DagsterRunStatus.QUEUED, dg.DagsterRunStatus.STARTING, dg.DagsterRunStatus.STARTED]
    runs = instance.get_runs(dg.RunsFilter(job_name=pos_sync.name, statuses=unfinished))
    return {run.tags["dagster/partition"] for run in runs if "dagster/partition" in run.tags}


@dg.schedule(
    job=odoo_sync,
    cron_schedule="0 * * * *",
    execution_timezone=TIME_ZONE,
    default_status=dg.DefaultScheduleStatus.RUNNING,
)
def odoo_sync_hourly(context: dg.ScheduleEvaluationContext) -> Iterator[dg.RunRequest]:
    """Every active organisation with an Odoo connection, every hour."""
    yield from runs_for(context, [o.org_id for o in connections().active.values() if o.sources.odoo])


@dg.schedule(
    job=pos_sync,
    cron_schedule="*/30 * * * *",
    execution_timezone="UTC",
    default_status=dg.DefaultScheduleStatus.RUNNING,
)
def pos_sync_half_hourly(context: dg.ScheduleEvaluationContext) -> Iterator[dg.RunRequest]:
    """Every active organisation with a point of sale, every half hour, unless its last run still waits or runs."""
    busy = busy_orgs(context.instance)
    due = [o.org_id for o in connections().active.values() if o.sources.alleaves and o.org_id not in busy]
    yield from runs_for(context, due)


@dg.schedule(
    job=reconcile,
    cron_schedule="30 2 * * *",
    execution_timezone=TIME_ZONE,
    default_status=dg.DefaultScheduleStatus.RUNNING,
)
def reconcile_nightly(context: dg.ScheduleEvaluationContext) -> Iterator[dg.RunRequest]:
    """Every active organisation with an Odoo connection, every night."""
    yield from runs_for(context, [o.org_id for o in connections().active.values() if o.sources.odoo])


@dg.schedule(
    job=rescore,
    cron_schedule="15 5 * * *",
    execution_timezone=TIME_ZONE,
    default_status=dg.DefaultScheduleStatus.RUNNING,
)
def rescore_daily(context: dg.ScheduleEvaluationContext) -> Iterator[dg.RunRequest]:
    """Every active organisation, every morning."""
    yield from runs_for(context, [o.org_id for o in connections().active.values() if o.sources.names])


@dg.schedule(
    job=freshness,
    cron_schedule="45 * * * *",
    execution_timezone=TIME_ZONE,
    default_status=dg.DefaultScheduleStatus.RUNNING,
)
def freshness_hourly(context: dg.ScheduleEvaluationContext) -> dg.RunRequest:
    """All organisations in one check, every hour."""
    return dg.RunRequest(run_key=context.scheduled_execution_time.isoformat())
