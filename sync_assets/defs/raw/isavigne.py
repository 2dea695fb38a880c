"""One asset per kind of iSaVigne export, and the manifest of the files; how they are read is in `extraction`."""

from collections.abc import Iterator

import dagster as dg

from sync_assets.defs.describe import asset_key, check_spec, described_together, problem_checks, receipt
from sync_assets.defs.resources import SyncSession
from sync_assets.defs.run_book import Step
from sync_assets.errors import SourceDataError
from sync_assets.extraction.isavigne import TABLES, read_exports
from sync_assets.extraction.results import StreamResult
from sync_assets.tables.raw.isavigne import ISAVIGNE_FILES

CHECKS = {
    "failed_files": "Every file of the folder could be read.",
    "export_overdue": "Every expected kind of file has come lately.",
}


@dg.multi_asset(
    name="isavigne_exports",
    **described_together(
        *TABLES.values(),
        kinds={"isavigne"},
        checks=[check_spec(ISAVIGNE_FILES, name, what) for name, what in CHECKS.items()],
    ),
)
def isavigne_exports(context: dg.AssetExecutionContext, sync: SyncSession) -> Iterator[dg.MaterializeResult]:
    """All kinds come from one folder, so one reading writes all their tables; a bad file stops no other."""
    with sync.step(context) as step:
        results: dict[str, StreamResult] = {}
        failures: list[dict[str, str]] = []
        try:
            for result in read_exports(step.export_landing()):
                results[result.stream] = result
        except SourceDataError as error:
            if len(results) < len(TABLES):
                raise
            failures.append({"code": error.code, "message": error.message})
        for name, result in results.items():
            # What a single file lacks is told once, by the failure that names the files.
            result.problems = [p for p in result.problems if p["code"] == "export_overdue"]
            if name == "files":
                result.problems += failures
            step.record_stream(result)
        yield from (_report(step, name, result) for name, result in results.items())


def _report(step: Step, name: str, result: StreamResult) -> dg.MaterializeResult:
    table = TABLES[name]
    return receipt(
        step,
        table,
        result.changes,
        extracted=result.extracted,
        rejected=result.rejected,
        checks=problem_checks(tuple(CHECKS), result.problems) if asset_key(table) == asset_key(ISAVIGNE_FILES) else [],
        more={
            "dagster/partition_row_count": result.rows_held,
            "unknown_columns": result.drift,
            **{f"found_{code}": count for code, count in sorted(result.warnings.items()) if count},
        },
    )
