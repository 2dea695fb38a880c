"""The job that pushes a shop's stock to a vendor API, and the sensors that start it when orders ship or stock changes.

A push takes no lock of the organisation's syncs: it must not wait for them, and its states have leases of their own.
"""

from collections.abc import Callable

import dagster as dg

from sync_assets.clock import utc_now
from sync_assets.connections import Org, load_connections
from sync_assets.errors import ConfigurationError, SyncError
from sync_assets.push import TARGET, Tick, Trigger, enqueue_changed, enqueue_shipped, run_push
from sync_assets.settings import get_settings
from sync_assets.warehouse import Warehouse, push_log
from sync_assets.warehouse.embedded import database_url
from sync_assets.warehouse.migrate import check_migrated


class PushConfig(dg.Config):
    """Whose stock is pushed and why; without a trigger only what already waits is pushed."""

    org_id: str
    trigger: str = ""
    reason: str = ""
    skus: list[str] = []
    dry_run: bool = False
    confirmed: bool = False
    allow_mass_zero: bool = False


@dg.op(out=dg.Out(dg.Nothing), description="Plans what differs from what the vendor confirmed, and pushes it.")
def push_stock(context: dg.OpExecutionContext, config: PushConfig) -> None:
    org = load_connections(get_settings().sync_assets_connections).org(config.org_id)
    trigger = Trigger(config.trigger, reason=config.reason or None, retries_failed=True) if config.trigger else None
    url = database_url()
    check_migrated(url)
    try:
        with Warehouse(url) as warehouse:
            result = run_push(
                warehouse,
                org,
                trigger,
                run_id=context.run.run_id,
                skus=config.skus or None,
                is_dry_run=config.dry_run,
                is_confirmed=config.confirmed,
                allow_mass_zero=config.allow_mass_zero,
            )
    except SyncError as error:
        raise dg.Failure(description=error.message, metadata={"code": error.code}, allow_retries=False) from None
    context.add_output_metadata({name: value for name, value in result.items() if isinstance(value, int | float | str)})


@dg.job(description="Pushes one organisation's stock to its vendor API: what differs from what was confirmed.")
def inventory_push() -> None:
    push_stock()


def pushing_orgs() -> list[Org]:
    found = load_connections(get_settings().sync_assets_connections)
    return [org for org in found.active.values() if org.targets.vendor_api and org.sources.shop]


def watch(
    context: dg.SensorEvaluationContext, look: Callable[[Warehouse, Org], Tick], what: str
) -> dg.SensorResult | dg.SkipReason:
    """One tick: notes the shop's events in the push states, in one transaction with their cursor, then asks for runs.

    A run is asked for whenever something waits, so that an event noted by a tick that died is pushed by the next.
    """
    try:
        orgs = pushing_orgs()
    except ConfigurationError as error:
        return dg.SkipReason(error.message)
    requests, now = [], utc_now()
    if not orgs:
        return dg.SkipReason("No organisation has a shop and a vendor API")
    with Warehouse(database_url()) as warehouse:
        for org in orgs:
            try:
                tick = look(warehouse, org)
                waiting = push_log.due(warehouse, org.org_id, TARGET, at=now)
            except SyncError as error:
                context.log.error(error.message)
                continue
            if waiting:
                key = tick.batch_id if tick.events else f"{now:%Y-%m-%dT%H:%M}"
                config = {"org_id": org.org_id, "reason": what}
                requests.append(
                    dg.RunRequest(
                        run_key=f"{org.org_id}|{what}|{key}",
                        run_config={"ops": {"push_stock": {"config": config}}},
                        tags={"push": org.org_id},
                    )
                )
    return dg.SensorResult(run_requests=requests) if requests else dg.SkipReason("Nothing waits to be pushed")


@dg.sensor(job=inventory_push, minimum_interval_seconds=15, default_status=dg.DefaultSensorStatus.RUNNING)
def order_shipped(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
    """Pushes the stock of what shipped."""
    return watch(context, enqueue_shipped, "order_shipped")


@dg.sensor(job=inventory_push, minimum_interval_seconds=30, default_status=dg.DefaultSensorStatus.RUNNING)
def inventory_adjusted(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
    """Pushes the stock of what was counted or corrected."""
    return watch(context, enqueue_changed, "inventory_adjusted")
