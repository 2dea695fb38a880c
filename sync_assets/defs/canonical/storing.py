"""What the canonical assets have in common: mapping every source's rows, recording rejects, writing, drift checks."""

from collections.abc import Iterable, Iterator
from typing import Any

import dagster as dg
import pandas as pd

from sync_assets.defs.describe import asset_key, check_result, check_spec, receipt
from sync_assets.defs.run_book import Step
from sync_assets.errors import SourceDataError
from sync_assets.tables.spec import Table
from sync_assets.transforms.mapped import Mapped
from sync_assets.transforms.mapping import MappingRun, SourceMapping, source_mappings
from sync_assets.warehouse import Changes, queries

# More unreadable rows than this share mean that something is wrong with the whole, not with single rows.
REJECT_LIMIT_PERCENT = 20
BySource = dict[str, Mapped]


def inputs_of(part: str) -> list[dg.AssetKey]:
    """The tables that feed a part of the canonical tables, of all sources."""
    tables = (table for mapping in source_mappings() for table in getattr(mapping, part).inputs)
    return [asset_key(table) for table in dict.fromkeys(tables)]


def mappings_of(step: Step) -> Iterator[SourceMapping]:
    """The sources that the organisation has, or had: what was read from one that is gone stays."""
    known = step.org.sources.names | queries.known_sources(step.warehouse, step.org.org_id)
    return (mapping for mapping in source_mappings() if mapping.source in known)


def mapping_run(step: Step) -> MappingRun:
    org, warehouse = step.org.org_id, step.warehouse
    return MappingRun(
        org=step.org,
        synced_at=step.started_at,
        read=lambda table, columns=None, where=(): warehouse.read(table, org, columns, where),
        read_blocks=lambda table, columns=None, where=(): warehouse.read_blocks(table, org, columns, where),
    )


def map_part(step: Step, part: str) -> BySource:
    """What each source of the organisation gives to one canonical table."""
    run = mapping_run(step)
    return {mapping.source: getattr(mapping, part).map(run) for mapping in mappings_of(step)}


def row_count_check(table: Table) -> dg.AssetCheckSpec:
    return check_spec(table, "row_count", "The table did not lose half of its rows since the last run.")


def check_row_count(changes: Changes) -> dg.AssetCheckResult:
    kept = changes.updated + changes.unchanged
    rows, before = kept + changes.inserted, kept + changes.deleted
    return check_result("row_count", 2 * rows >= before, {"rows": rows, "rows_before": before}, warn=True)


def save_rejects(step: Step, table: Table, by_source: BySource) -> int:
    """Records what the mappings met; returns the number of entries."""
    count = 0
    for source, mapped in by_source.items():
        rejects = [{**reject, "entity": str(table)} for reject in mapped.rejects]
        count += step.reject(rejects, source=source, entity=str(table))
    return count


def check_reject_limit(step: Step, table: Table, by_source: BySource) -> None:
    """Raises SourceDataError above the alarm limit of any source; the table then stays as it was."""
    for source, mapped in by_source.items():
        if 100 * mapped.rejected > REJECT_LIMIT_PERCENT * mapped.rows_in:
            raise SourceDataError(
                f"{step.org.org_id}: {mapped.rejected} of {mapped.rows_in} rows of {source} for {table} cannot be "
                f"understood, more than {REJECT_LIMIT_PERCENT} %, so its old rows stay; look at ops.rejected_rows for "
                "the reasons",
                code="reject_rate",
            )


def add_up(one: Mapped, other: Mapped) -> Mapped:
    """Both without their rows, which are not kept but counted under `written`."""
    written = one.skipped.get("written", 0) + len(one.frame) + other.skipped.get("written", 0) + len(other.frame)
    skipped = _sum_skipped([one, other]) | {"written": written}
    return Mapped(other.frame.head(0), one.rejects + other.rejects, skipped, one.rejected + other.rejected)


def _sum_skipped(parts: Iterable[Mapped]) -> dict[str, int]:
    skipped: dict[str, int] = {}
    for part in parts:
        for reason, count in part.skipped.items():
            skipped[reason] = skipped.get(reason, 0) + count
    return skipped


def together(table: Table, by_source: BySource) -> pd.DataFrame:
    """The rows of all sources."""
    frames = [mapped.frame for mapped in by_source.values()]
    return pd.concat(frames, ignore_index=True) if frames else table.empty()


def skipped_counts(by_source: BySource) -> dict[str, int]:
    """Rows left out on purpose, by reason."""
    skipped = _sum_skipped(by_source.values())
    return {f"skipped_{reason}": count for reason, count in skipped.items() if reason != "written"}


def store(step: Step, table: Table, by_source: BySource, **more: Any) -> dg.MaterializeResult:
    """Writes a mapped table and reports: rejects, skipped rows by reason, row count against the last run."""
    rejected = save_rejects(step, table, by_source)
    check_reject_limit(step, table, by_source)
    frame = together(table, by_source)
    changes = step.warehouse.replace(table, frame, step.org.org_id)
    return receipt(
        step,
        table,
        changes,
        rejected=rejected,
        checks=[check_row_count(changes)],
        preview=frame,
        more={**more, "dagster/partition_row_count": len(frame), **skipped_counts(by_source)},
    )
