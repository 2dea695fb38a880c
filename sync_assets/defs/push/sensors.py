"""The sensors that watch the shop: what shipped or changed becomes waiting items, and a run is asked for.

Events, states and cursor are one transaction of our own database (`sync_assets/push/ticks.py`), so neither a sensor, a
daemon nor a run that dies loses or repeats one.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

import dagster as dg

from sync_assets.clock import utc_now
from sync_assets.connections import Org, load_connections, secret_value
from sync_assets.defs.push.inventory import inventory_push
from sync_assets.errors import ConfigurationError, SyncError
from sync_assets.push import TARGET, Tick, enqueue_changed, enqueue_shipped, raise_alerts
from sync_assets.settings import get_settings
from sync_assets.warehouse import Warehouse, push, push_log, push_runs
from sync_assets.warehouse.embedded import database_url
from sync_assets.warehouse.migrate import check_migrated

DIED = "The process of this push died; what it had not finished is pushed by the next one."
LONGEST_PLAN = timedelta(minutes=5)
AFTER_FAILURE = timedelta(minutes=1)
TO_COME = (dg.DagsterRunStatus.NOT_STARTED, dg.DagsterRunStatus.QUEUED, dg.DagsterRunStatus.STARTING)


def pushing_orgs() -> list[Org]:
    found = load_connections(get_settings().sync_assets_connections)
    return [org for org in found.active.values() if org.targets.vendor_api and org.sources.shop]


def watch(
    context: dg.SensorEvaluationContext, look: Callable[[Warehouse, Org], Tick], what: str
) -> dg.SensorResult | dg.SkipReason:
    """One tick: notes the shop's events, then asks for a run of each organisation for which something is due."""
    try:
        orgs = pushing_orgs()
        if not orgs:
            return dg.SkipReason("No organisation has a shop and a vendor API")
        url = database_url()
        check_migrated(url)
    except SyncError as error:
        return dg.SkipReason(error.message)
    known = set(context.instance.get_dynamic_partitions("org"))
    requests, cursors = [], []
    with Warehouse(url) as warehouse:
        end_dead_pushes(context.instance, warehouse)
        for org in orgs:
            try:
                assert org.targets.vendor_api is not None
                secret_value(org.targets.vendor_api.api_token, org=org.org_id)
                tick = look(warehouse, org)
            except ConfigurationError as error:
                context.log.error(error.message)
                continue
            except SyncError as error:
                context.log.warning(error.message)
                continue
            cursors.append(f"{org.org_id} {tick.cursor}")
            for alert in raise_alerts(warehouse, org, at=utc_now()):
                context.log.error(alert.message)
            if org.org_id in known and is_run_needed(context.instance, warehouse, org, tick):
                requests.append(run_request(org.org_id, what, tick))
    cursor = "; ".join(cursors)
    reason = None if requests else dg.SkipReason("Nothing is to be pushed that no run takes up already")
    return dg.SensorResult(run_requests=requests, skip_reason=reason, cursor=cursor or None)


def is_run_needed(instance: dg.DagsterInstance, warehouse: Warehouse, org: Org, tick: Tick) -> bool:
    """Whether something is due that no run will take up: one that is to come takes all, one at work may be at its end.

    What made the last run fail is given a minute to pass, unless there is something new.
    """
    now = utc_now()
    blocked_until = push.target_state(warehouse, org.org_id, TARGET).get("blocked_until")
    if (blocked_until and blocked_until > now) or not push_log.due(warehouse, org.org_id, TARGET, at=now):
        return False

    def has_run(*statuses: dg.DagsterRunStatus, since: datetime | None = None) -> bool:
        tags = {"dagster/partition": org.org_id}
        chosen = dg.RunsFilter(job_name=inventory_push.name, statuses=statuses, tags=tags, updated_after=since)
        return bool(instance.get_runs(chosen, limit=1))

    if has_run(*TO_COME):
        return False
    has_failed = has_run(dg.DagsterRunStatus.FAILURE, since=now - AFTER_FAILURE)
    return bool(tick.push_keys) or not (has_failed or has_run(dg.DagsterRunStatus.STARTED))


def run_request(org_id: str, what: str, tick: Tick) -> dg.RunRequest:
    """A run of what waits. The key names the tick, since Dagster would drop every later run with the same key."""
    key = tick.batch_id or f"{utc_now():%Y-%m-%dT%H:%M:%S}"
    config = {"ops": {"push_stock": {"config": {"reason": what}}}}
    return dg.RunRequest(run_key=f"{org_id}|{what}|{key}", partition_key=org_id, run_config=config)


def end_dead_pushes(instance: dg.DagsterInstance, warehouse: Warehouse) -> None:
    """Fails the runs whose process died, in the books and in Dagster, whose queue would otherwise wait for them."""
    for run_id in push_runs.close_dead_runs(warehouse, at=utc_now()):
        run = instance.get_run_by_id(run_id)
        if run is not None and run.status == dg.DagsterRunStatus.STARTED:
            instance.report_run_failed(run, DIED)
    # One that died before it wrote its row is told by its age alone: planning takes seconds.
    started = instance.get_runs(
        dg.RunsFilter(
            job_name=inventory_push.name,
            statuses=[dg.DagsterRunStatus.STARTED],
            updated_before=utc_now() - LONGEST_PLAN,
        )
    )
    known = push_runs.known_runs(warehouse, [run.run_id for run in started])
    for run in started:
        if run.run_id not in known:
            instance.report_run_failed(run, DIED)


@dg.sensor(job=inventory_push, minimum_interval_seconds=15, default_status=dg.DefaultSensorStatus.RUNNING)
def order_shipped(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
    """Pushes the stock of what shipped."""
    return watch(context, enqueue_shipped, "order_shipped")


@dg.sensor(job=inventory_push, minimum_interval_seconds=20, default_status=dg.DefaultSensorStatus.RUNNING)
def inventory_adjusted(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
    """Pushes the stock of what was counted or corrected."""
    return watch(context, _shipped_then_changed, "inventory_adjusted")


def _shipped_then_changed(warehouse: Warehouse, org: Org) -> Tick:
    # A shipped order changes the stock too, and the log should name the order.
    shipped, changed = enqueue_shipped(warehouse, org), enqueue_changed(warehouse, org)
    return Tick(changed.batch_id, changed.events, (*shipped.push_keys, *changed.push_keys), False, changed.cursor)
