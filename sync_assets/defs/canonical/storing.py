"""What the canonical assets have in common: recording rejects, writing, the alarm limit, drift checks."""

from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

import dagster as dg
import pandas as pd

from sync_assets.ahead import one_ahead
from sync_assets.defs.canonical.building import report_of, told_again
from sync_assets.defs.canonical.mapping import inputs_for
from sync_assets.defs.describe import PREVIEW_ROWS, check_result, check_spec, receipt
from sync_assets.defs.run_book import Step
from sync_assets.errors import SourceDataError
from sync_assets.tables.spec import Table
from sync_assets.transforms.mapped import Mapped
from sync_assets.warehouse import Build, Changes

# More unreadable rows than this share mean that something is wrong with the whole, not with single rows; a source may
# set another share, as `reject_limit`.
REJECT_LIMIT = 0.2
BySource = dict[str, Mapped]


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
        count += step.record_rejects(rejects, source=source)
    return count


def close_rejects(step: Step, table: Table, by_source: BySource) -> None:
    """Closes what this computation no longer met, for each source; only when its rows are written, and with them."""
    for source in by_source:
        step.close_tried_again(source, table, inputs_for(table, source)[:1])


def check_reject_limit(step: Step, table: Table, by_source: BySource) -> None:
    """Raises SourceDataError above the alarm limit of any source; the table then stays as it was."""
    for source, mapped in by_source.items():
        limit = getattr(getattr(step.org.sources, source, None), "reject_limit", REJECT_LIMIT)
        if mapped.rejected > Decimal(str(limit)) * mapped.rows_in:
            raise SourceDataError(
                f"{step.org.org_id}: {mapped.rejected} of {mapped.rows_in} rows of {source} for {table} cannot be "
                f"understood, more than {limit:.0%}, so its old rows stay; see why: sync-assets rejects list "
                f"{step.org.org_id} --severity error",
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


def store(
    step: Step,
    table: Table,
    by_source: BySource,
    build: Build,
    *,
    merge: Callable[[Step, BySource], pd.DataFrame] | None = None,
    **more: Any,
) -> dg.MaterializeResult:
    """Writes a mapped table and reports: rejects, skipped rows by reason, row count against the last run.

    `merge` makes one frame of the sources' rows where they may mean the same thing.
    """
    rejected = save_rejects(step, table, by_source)
    check_reject_limit(step, table, by_source)
    more |= skipped_counts(by_source)
    frame = merge(step, by_source) if merge else together(table, by_source)
    build = replace(build, report=lambda: report_of(rejected, more))
    changes = step.warehouse.replace(
        table, frame, step.org.org_id, build=build, then=lambda: close_rejects(step, table, by_source)
    )
    return _receipt(step, table, changes, rejected, frame, more)


def store_blocks(
    step: Step, table: Table, mapping: Generator[tuple[str, Mapped]], build: Build
) -> dg.MaterializeResult:
    """As `store` for a table that comes in blocks by source; the next one is mapped while one is being written."""
    totals: BySource = {}
    rejected = 0
    first: list[pd.DataFrame] = []

    def blocks() -> Iterator[pd.DataFrame]:
        nonlocal rejected
        for source, mapped in one_ahead(mapping):
            totals[source] = add_up(totals.get(source, Mapped(table.empty())), mapped)
            # A head shares its block's memory, so one is kept and not one per block.
            if not first and len(mapped.frame):
                first.append(mapped.frame.head(PREVIEW_ROWS))
            yield mapped.frame
        rejected = save_rejects(step, table, totals)
        check_reject_limit(step, table, totals)

    build = replace(build, report=lambda: report_of(rejected, skipped_counts(totals)))
    changes = step.warehouse.replace(
        table, blocks(), step.org.org_id, build=build, then=lambda: close_rejects(step, table, totals)
    )
    return _receipt(step, table, changes, rejected, next(iter(first), None), skipped_counts(totals))


def keep(step: Step, build: Build) -> dg.MaterializeResult:
    """The receipt of a step that had nothing to do: what a new computation would report, and that there was none."""
    assert build.last_report is not None
    preview = step.warehouse.read(build.table, step.org.org_id, limit=PREVIEW_ROWS)
    more = {"skipped_because_unchanged": True, **told_again(build.last_report)}
    return _receipt(step, build.table, Changes(unchanged=build.rows), build.last_report["rejected"], preview, more)


def _receipt(
    step: Step, table: Table, changes: Changes, rejected: int, preview: pd.DataFrame | None, more: dict[str, Any]
) -> dg.MaterializeResult:
    rows = changes.inserted + changes.updated + changes.unchanged
    return receipt(
        step,
        table,
        changes,
        rejected=rejected,
        checks=[check_row_count(changes)],
        preview=preview,
        more={**more, "dagster/partition_row_count": rows},
    )
