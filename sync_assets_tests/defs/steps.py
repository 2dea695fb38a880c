"""The steps of a job without Dagster's bookkeeping and without pictures: these take two thirds of a small run's time.

What a step reads, writes and reports is the same; tests of runs, checks, metadata and events use `Project.run`.
"""

from __future__ import annotations

import logging
import sys
import time
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from types import SimpleNamespace
from typing import Any

import dagster as dg
import pytest

from sync_assets.defs.resources import SyncSession

# Dagster's own context offers these by properties; here they are plain values.
OFFERED = ("run", "log", "partition_key", "selected_asset_keys", "asset_key")
StepContext = type(
    "StepContext", (dg.AssetExecutionContext,), {"__init__": lambda self: None, **dict.fromkeys(OFFERED)}
)


@dataclass
class Steps:
    """What became of the steps of one run: their receipts, and one line for each that failed."""

    run_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    receipts: list[dg.MaterializeResult] = field(default_factory=list)
    failures: dict[str, str] = field(default_factory=dict)

    @property
    def success(self) -> bool:
        return not self.failures

    @property
    def checks(self) -> dict[tuple[str, str], bool]:
        """Whether a check passed, by its table and name."""
        return {
            (check.asset_key.path[-1], check.check_name): check.passed
            for receipt in self.receipts
            for check in receipt.check_results
        }

    def metadata(self, table: str) -> dict[str, Any]:
        return next(dict(receipt.metadata) for receipt in self.receipts if receipt.asset_key.path[-1] == table)


def run_steps(job: dg.JobDefinition, org: str, options: dict[str, Any]) -> Steps:
    """Calls the job's assets in Dagster's order; as there, one whose input failed is left out."""
    steps, session, without_input = Steps(), SyncSession(**options), set[dg.AssetKey]()
    patch, begun = pytest.MonkeyPatch(), int(time.time())
    assets = {asset.op.name: asset for asset in job.asset_layer.asset_graph.assets_defs if asset.is_executable}
    try:
        for module, name in drawn():
            patch.setattr(module, name, lambda *_, **__: b"")
        for node in job.nodes_in_topological_order:
            asset = assets[node.name]
            if without_input & {dep.asset_key for spec in asset.specs for dep in spec.deps}:
                without_input |= asset.keys
                continue
            try:
                steps.receipts += call(asset, node.name, steps.run_id, job.name, org, session)
            except Exception as error:
                without_input |= asset.keys
                steps.failures[node.name] = str(getattr(error, "description", None) or error)
    finally:
        patch.undo()
        session.teardown_after_execution(None)  # type: ignore[arg-type]
    # Runs are told apart by the second they began in; a real one takes longer than that.
    time.sleep(max(0.0, begun + 1 - time.time()))
    return steps


@cache
def drawn() -> list[tuple[Any, str]]:
    """Where the functions that draw pictures are known by which name."""
    return [
        (module, name)
        for module_name, module in sys.modules.items()
        if module_name.startswith("sync_assets.")
        for name, value in vars(module).items()
        if str(getattr(value, "__module__", "")).startswith("sync_assets.transforms.pictures")
        and getattr(value, "__annotations__", {}).get("return") == "bytes"
    ]


def call(
    asset: dg.AssetsDefinition, name: str, run_id: str, job: str, org: str, session: SyncSession
) -> Iterable[dg.MaterializeResult]:
    context = StepContext()
    context.run, context.log = SimpleNamespace(run_id=run_id, job_name=job), logging.getLogger("steps")
    context.partition_key, context.selected_asset_keys = org, asset.keys
    context.asset_key = asset.key if len(asset.keys) == 1 else None
    context._op_execution_context = SimpleNamespace(op_handle=SimpleNamespace(name=name))
    done = asset.op.compute_fn.decorated_fn(context, session)
    return [done] if isinstance(done, dg.MaterializeResult) else list(done)
