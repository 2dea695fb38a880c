"""Trying open errors again: the canonical tables are recomputed from raw, which is what resolves them.

Each sync does the same by the way; how the job is run comes in as a function.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sync_assets.connections import Org
from sync_assets.warehouse import Warehouse, rejects

REPLAY_JOB = "remap"
# Rows of files are rejected before they reach a raw table, so the files are read again too, if anything about that changed.
REPLAY_JOB_OF_EXPORTS = "isavigne_sync"


@dataclass(frozen=True)
class Replay:
    """What a replay did: errors that were open before, those resolved by it, and how many are open after it."""

    tried: int
    resolved: list[dict[str, Any]]
    still_open: int
    newly_open: int


def replay_job(org: Org) -> str:
    """The job that tries the organisation's open errors again."""
    return REPLAY_JOB_OF_EXPORTS if org.sources.isavigne else REPLAY_JOB


def replay(warehouse: Warehouse, org: str, run: Callable[[], object]) -> Replay:
    """Runs the organisation's canonical job by `run` and compares the open errors before and after it."""
    before = rejects.open_errors(warehouse, org)
    run()
    after = rejects.open_errors(warehouse, org)
    resolved = rejects.read_resolved(warehouse, org, before - after)
    return Replay(len(before), resolved, len(before & after), len(after - before))
