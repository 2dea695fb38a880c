"""The connectors: which source each organisation has, how it stands, what its runs did, added up for monitoring.

Reading sources and running syncs do not belong here. Canonical specification, section 7.
"""

from __future__ import annotations

from collections import Counter
from typing import Any, get_args

from pydantic import SecretStr, ValidationError

from sync_assets.connections import Connections, Org, secret_value
from sync_assets.connections.orgs import sources_model
from sync_assets.connections.settings import Strict
from sync_assets.errors import ConfigurationError, without_org
from sync_assets.warehouse import Warehouse, queries, runs

STATES = ("configuring", "idle", "syncing", "healthy", "degraded", "error")
STATE_OF_RUN = {"success": "healthy", "partial": "degraded", "failed": "error"}
# Jobs not named after their source.
SOURCE_OF_JOB = {
    "pos_sync": "alleaves",
    "pos_history": "alleaves",
    "reconcile": "odoo",
}
NO_SOURCE = {"rescore", "remap", "freshness"}
LAST_RUNS = 10


def source_of_job(job: str) -> str | None:
    """The source that a job reads; None for one that reads none.

    >>> [source_of_job(job) for job in ("pos_sync", "odoo_history", "rescore", "__ASSET_JOB")]
    ['alleaves', 'odoo', None, None]
    """
    if job in NO_SOURCE or job.startswith("__"):
        return None
    return SOURCE_OF_JOB.get(job) or job.removesuffix("_sync").removesuffix("_history")


def settings_of(source: str) -> type[Strict]:
    """The settings model of a kind of source. Raises ConfigurationError for an unknown kind."""
    sources = sources_model()
    if source not in sources.model_fields:
        known = ", ".join(sorted(sources.model_fields))
        raise ConfigurationError(f"There is no source {source!r}; there are: {known}", code="unknown_connector")
    model: type[Strict] = next(kind for kind in get_args(sources.model_fields[source].annotation))
    return model


def required_config(source: str) -> list[dict[str, Any]]:
    """The settings of a kind of source, the required ones first; secrets are given as references `${NAME}` only."""
    model = settings_of(source)
    try:
        model.model_validate({})
        required = set()
    except ValidationError as error:
        required = {problem["loc"][0] for problem in error.errors() if problem["type"] == "missing"}
    rows = [
        {"setting": name, "is_required": name in required, "is_secret": SecretStr in _kinds(field.annotation)}
        for name, field in model.model_fields.items()
    ]
    return sorted(rows, key=lambda row: not row["is_required"])


def _kinds(annotation: Any) -> set[Any]:
    return {annotation} | {kind for part in get_args(annotation) for kind in _kinds(part)}


def list_connectors(warehouse: Warehouse, found: Connections) -> list[dict[str, Any]]:
    """One row per organisation and source of the connections file, with its state, last sync and last error."""
    states, running = runs.statuses(warehouse), _running(warehouse)
    return [
        _describe(org, source, states.get((org.org_id, source), {}), (org.org_id, source) in running)
        for org in found.orgs.values()
        for source in sorted(org.sources.names)
    ]


def _running(warehouse: Warehouse) -> set[tuple[str, str | None]]:
    return {(org, source_of_job(job)) for org, job in runs.running_jobs(warehouse)}


def _describe(org: Org, source: str, status: dict[str, Any], is_running: bool) -> dict[str, Any]:
    state = STATE_OF_RUN.get(status.get("state") or "") or ("configuring" if _missing(org, source) else "idle")
    error = status.get("last_error")
    return {
        "organisation": org.org_id,
        "name": source,
        "type": source,
        "active": org.active,
        "state": "syncing" if is_running else state,
        "last_sync": status.get("last_attempt_at"),
        "last_success": status.get("last_sync_at"),
        "last_error_at": status.get("last_attempt_at") if error else None,
        "last_error": without_org(error, org.org_id) if error else None,
    }


def _missing(org: Org, source: str) -> list[str]:
    """Settings whose secret the environment does not hold yet."""
    missing = []
    for name, value in getattr(org.sources, source):
        if isinstance(value, SecretStr):
            try:
                secret_value(value, org=org.org_id)
            except ConfigurationError:
                missing.append(name)
    return missing


def show_connector(warehouse: Warehouse, found: Connections, org_id: str, name: str) -> dict[str, Any]:
    """One connector with its settings, streams, cursors and last runs. Raises ConfigurationError for an unknown one."""
    org = found.org(org_id)
    check_connector(org, name)
    status = queries.sync_status(warehouse, org_id, name)
    streams = [state for state in queries.stream_states(warehouse, org_id) if state["source"] == name]
    return {
        **_describe(org, name, status, (org_id, name) in _running(warehouse)),
        "secrets_missing": _missing(org, name),
        "settings": required_config(name),
        "streams": [{key: value for key, value in one.items() if key not in ("org_id", "source")} for one in streams],
        "cursors": runs.cursors(warehouse, org_id, name),
        "runs": run_history(warehouse, found, org_id, name, limit=LAST_RUNS),
    }


def check_connector(org: Org, name: str) -> None:
    """Raises ConfigurationError for a connector that the organisation does not have."""
    if name not in org.sources.names:
        raise _unknown(org.org_id, name, org.sources.names)


def _unknown(org: str, name: str, known: set[str]) -> ConfigurationError:
    has = f"it has: {', '.join(sorted(known))}" if known else "it has none"
    return ConfigurationError(f"{org}: there is no connector {name!r}; {has}", code="unknown_connector")


def run_history(
    warehouse: Warehouse, found: Connections, org: str | None = None, name: str | None = None, *, limit: int = 100
) -> list[dict[str, Any]]:
    """Runs that read sources, newest first; those of a connector that was removed from the file stay.

    Raises ConfigurationError for a connector that neither the file nor the history knows.
    """
    jobs = {job for job in runs.known_jobs(warehouse, org) if source_of_job(job)}
    configured = set().union(*(one.sources.names for one in found.orgs.values() if org in (None, one.org_id)))
    known = {str(source_of_job(job)) for job in jobs} | configured
    if org is not None and org not in found.orgs and not known:
        found.org(org)
    if name is not None and name not in known:
        raise _unknown(org or "connections.yaml", name, known)
    chosen = sorted(job for job in jobs if name in (None, source_of_job(job)))
    return [_describe_run(row) for row in runs.runs_of(warehouse, chosen, org=org, limit=limit)]


def _describe_run(row: dict[str, Any]) -> dict[str, Any]:
    counts: dict[str, dict[str, int]] = row["counts"] or {}
    compared = ("inserted", "updated", "deleted", "unchanged")
    return {
        "run_id": row["run_id"],
        "organisation": row["org_id"],
        "connector": source_of_job(row["job"]),
        "started": row["started_at"],
        "duration_seconds": row["duration_seconds"],
        "success": row["status"] == "ok",
        "state": row["status"],
        "is_dry_run": row["is_dry_run"],
        "records_processed": {
            table: count["extracted"] or sum(count[key] for key in compared) for table, count in sorted(counts.items())
        },
        "inserted": sum(count["inserted"] for count in counts.values()),
        "updated": sum(count["updated"] for count in counts.values()),
        "rejected": row["rejected"],
        "errors": row["errors"],
        "warnings": row["warnings"],
    }


def read_metrics(warehouse: Warehouse, found: Connections) -> dict[str, Any]:
    """Figures over all connectors and all time, and the last 10 runs; holds no setting, so no secret."""
    connectors = list_connectors(warehouse, found)
    jobs = sorted(job for job in runs.known_jobs(warehouse) if source_of_job(job))
    totals = runs.run_totals(warehouse, jobs)
    by_state = Counter(connector["state"] for connector in connectors)
    return {
        "connectors_registered": len(connectors),
        "connectors_by_status": {state: by_state[state] for state in STATES if by_state[state]},
        "total_syncs": totals["syncs"],
        "successful_syncs": totals["successful"],
        "failed_syncs": totals["syncs"] - totals["successful"],
        "avg_sync_duration_seconds": round(totals["seconds"] or 0.0, 2),
        "last_sync_time": totals["last_sync"],
        "total_records_synced": totals["records"],
        "records_by_table": runs.records_by_table(warehouse, jobs),
        "total_errors": totals["errors"],
        "total_warnings": totals["warnings"],
        "last_runs": run_history(warehouse, found, limit=LAST_RUNS),
    }
