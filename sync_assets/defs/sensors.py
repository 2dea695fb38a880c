"""What is watched between the schedules: the connections file, so that a new organisation needs no deployment, and the
runs, so that a killed one holds nobody up."""

import dagster as dg

from sync_assets.clock import utc_now
from sync_assets.connections import load_connections
from sync_assets.defs.dead_runs import end_dead_runs
from sync_assets.defs.partitions import org_partitions
from sync_assets.errors import ConfigurationError, SyncError
from sync_assets.settings import get_settings
from sync_assets.warehouse import Warehouse
from sync_assets.warehouse.embedded import database_url
from sync_assets.warehouse.migrate import check_migrated


def partition_changes(wanted: set[str], known: set[str]) -> tuple[list[str], list[str]]:
    """Organisations to add and to remove, sorted."""
    return sorted(wanted - known), sorted(known - wanted)


@dg.sensor(minimum_interval_seconds=30, default_status=dg.DefaultSensorStatus.RUNNING)
def org_partitions_sensor(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
    """Keeps the partitions `org` in step with connections.yaml; removes none while the file has problems."""
    try:
        found = load_connections(get_settings().sync_assets_connections)
    except ConfigurationError as error:
        return dg.SkipReason(error.message)
    for problem in found.problems:
        context.log.error(problem)
    added, removed = partition_changes(set(found.orgs), set(context.instance.get_dynamic_partitions("org")))
    requests: list[dg.AddDynamicPartitionsRequest | dg.DeleteDynamicPartitionsRequest] = []
    if added:
        requests.append(org_partitions.build_add_request(added))
    if removed and not found.problems:
        requests.append(org_partitions.build_delete_request(removed))
    if not requests:
        return dg.SkipReason("; ".join(found.problems) or "Nothing changed in the connections file")
    return dg.SensorResult(dynamic_partitions_requests=requests)


@dg.sensor(minimum_interval_seconds=60, default_status=dg.DefaultSensorStatus.RUNNING)
def dead_runs_sensor(context: dg.SensorEvaluationContext) -> dg.SkipReason:
    """Ends runs whose process was killed, so that the queue lets the next run of their organisation start."""
    try:
        url = database_url()
        check_migrated(url)
        with Warehouse(url) as warehouse:
            ended = end_dead_runs(context.instance, warehouse, now=utc_now())
    except SyncError as error:
        return dg.SkipReason(error.message)
    for run_id in ended:
        context.log.warning(f"Ended run {run_id}: its process had died")
    return dg.SkipReason(f"Ended: {', '.join(ended)}" if ended else "No started run has lost its process")
