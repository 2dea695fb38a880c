"""What is watched between the schedules: the connections file, so that a new organisation needs no deployment, and the
runs, so that a killed one holds nobody up."""

import hashlib
import json
from datetime import datetime
from zoneinfo import ZoneInfo

import dagster as dg

from sync_assets.clock import utc_now
from sync_assets.connections import IsavigneConnection, load_connections
from sync_assets.defs.dead_runs import end_dead_runs
from sync_assets.defs.jobs import isavigne_sync
from sync_assets.defs.partitions import org_partitions
from sync_assets.errors import ConfigurationError, SyncError
from sync_assets.settings import PROJECT_ROOT, get_settings
from sync_assets.sources.isavigne import find_files
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


@dg.sensor(job=isavigne_sync, minimum_interval_seconds=30, default_status=dg.DefaultSensorStatus.RUNNING)
def isavigne_files_sensor(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
    """Syncs an organisation when the settled files of its export folder are others than before."""
    try:
        orgs = load_connections(get_settings().sync_assets_connections).active.values()
    except ConfigurationError as error:
        return dg.SkipReason(error.message)
    seen: dict[str, str] = json.loads(context.cursor or "{}")
    known = set(context.instance.get_dynamic_partitions("org"))
    requests = []
    for org in orgs:
        if org.sources.isavigne is None or org.org_id not in known:
            continue
        try:
            state = folder_state(org.sources.isavigne, ZoneInfo(org.timezone), now=utc_now())
        except ConfigurationError as error:
            context.log.error(f"{org.org_id}: {error.message}")
            continue
        if seen.get(org.org_id, "") != state:
            # No run key: a folder may well come back to an earlier state, and a key starts one run for ever.
            requests.append(dg.RunRequest(partition_key=org.org_id))
            seen[org.org_id] = state
    if not requests:
        return dg.SkipReason("No export folder changed")
    return dg.SensorResult(run_requests=requests, cursor=json.dumps(seen))


def folder_state(settings: IsavigneConnection, zone: ZoneInfo, *, now: datetime) -> str:
    """Hash of the names, sizes and times of a folder's settled files; empty without any.

    Those still being written are left to a later look, so that they hold nobody up. Raises ConfigurationError when the
    folder cannot be read.
    """
    absolute = settings.model_copy(update={"export_path": PROJECT_ROOT / settings.export_path})
    files = [(f.name, f.size_bytes, f.modified_at) for f in find_files(absolute, zone, now=now) if not f.waits]
    return hashlib.sha256(repr(sorted(files)).encode()).hexdigest()[:16] if files else ""
