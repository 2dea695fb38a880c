"""Everything Dagster loads: whatever `defs/` defines, with the shared resource, one process per run."""

from __future__ import annotations

from pathlib import Path

import dagster as dg

from sync_assets.defs.resources import SyncSession


@dg.definitions
def defs() -> dg.Definitions:
    return dg.Definitions.merge(
        dg.load_from_defs_folder(path_within_project=Path(__file__).parent),
        dg.Definitions(
            resources={"sync": SyncSession.configure_at_launch()},
            # A process per step would cost seconds on every one of them.
            executor=dg.in_process_executor,
        ),
    )
