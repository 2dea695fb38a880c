"""The run queue: who waits for whom. The limits themselves are in dagster.yaml.

Runs of one organisation that write the same tables take turns; a push has turns of its own, since a shipped order must
not wait for a long sync. Tags of a job cannot tell this, because the organisation is known only with the run.
"""

from collections.abc import Mapping

import dagster as dg

TURN = "sync_assets/turn"
KIND = "sync_assets/kind"
PUSH_JOBS = ("inventory_push",)
PUSH_ASSETS = {dg.AssetKey(["ops", "push_state"]), dg.AssetKey(["ops", "odoo_sync_log"])}


def queue_tags(run: dg.DagsterRun) -> dict[str, str]:
    """The kind of the run, and whose turn it takes if it belongs to one organisation."""
    is_push = run.job_name in PUSH_JOBS or bool(run.asset_selection and run.asset_selection <= PUSH_ASSETS)
    kind, org = "push" if is_push else "sync", org_of(run.tags)
    return {KIND: kind, **({TURN: f"{kind} {org}"} if org else {})}


def org_of(tags: Mapping[str, str]) -> str | None:
    """The organisation of a run with a partition; of a month's run, whose partition has two parts, the second one."""
    return tags.get("dagster/partition/org") or tags.get("dagster/partition")


class ProjectQueue(dg.QueuedRunCoordinator):
    """What `dagster.yaml` names as run coordinator: every run gets its tags when it is queued, whoever asked for it."""

    def submit_run(self, context: dg.SubmitRunContext) -> dg.DagsterRun:
        self._instance.add_run_tags(context.dagster_run.run_id, queue_tags(context.dagster_run))
        return super().submit_run(context)
