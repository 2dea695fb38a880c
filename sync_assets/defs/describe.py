"""How every asset describes itself and reports: one place for policy by layer, receipts and the contract check."""

import warnings
from collections.abc import Iterable, Mapping
from typing import Any

import dagster as dg
import pandas as pd

from sync_assets.defs.partitions import org_partitions
from sync_assets.defs.run_book import Step
from sync_assets.tables.spec import Column, Table
from sync_assets.warehouse import Changes, queries

OWNERS = {
    "raw": "team:data-engineering",
    "canonical": "team:data-engineering",
    "marts": "team:analytics",
    "ops": "team:data-engineering",
}
PREVIEW_ROWS = 5
WARNING_CHECKS = ("schema_drift", "orders_hidden", "empty_catalogue", "catalogue_shrank", "export_overdue")
DAGSTER_TYPES = {"integer": "int", "boolean": "bool", "ratio": "float", "text": "string", "json": "json"}


def asset_key(table: Table) -> dg.AssetKey:
    return dg.AssetKey([table.schema, table.name])


def column_schema(table: Table) -> dg.TableSchema:
    """The table's description as Dagster shows it."""
    columns = [
        dg.TableColumn(
            column.name,
            type=DAGSTER_TYPES.get(column.kind, column.kind),
            description=column.description,
            constraints=dg.TableColumnConstraints(nullable=column.nullable, unique=table.key == (column.name,)),
            tags={"personal": ""} if column.personal else {},
        )
        for column in table.columns
    ]
    return dg.TableSchema(columns=columns)


def described(table: Table, *, kinds: set[str], checks: list[dg.AssetCheckSpec] | None = None) -> dict[str, Any]:
    """Arguments of `@dg.asset` for the asset that writes `table`."""
    contract = check_spec(table, "contract", "Stored rows have only allowed values within their bounds.")
    return {
        "key": asset_key(table),
        "group_name": table.schema,
        "description": table.description,
        "kinds": {"postgres", *kinds},
        "owners": [OWNERS[table.schema]],
        "metadata": {"dagster/column_schema": column_schema(table), "dagster/table_name": str(table)},
        "partitions_def": org_partitions,
        "check_specs": [contract, *(checks or [])],
    }


def described_together(
    *tables: Table, kinds: set[str], deps: Iterable[dg.AssetKey] = (), checks: Iterable[dg.AssetCheckSpec] = ()
) -> dict[str, Any]:
    """Arguments of `@dg.multi_asset` for one step that writes several tables."""
    arguments = [described(table, kinds=kinds) for table in tables]
    shared = ("key", "group_name", "description", "kinds", "owners", "metadata")
    return {
        "specs": [dg.AssetSpec(**{name: one[name] for name in shared}, deps=list(deps)) for one in arguments],
        "check_specs": [*(spec for one in arguments for spec in one["check_specs"]), *checks],
        "partitions_def": org_partitions,
    }


def check_spec(table: Table, name: str, description: str) -> dg.AssetCheckSpec:
    """A check with a result per organisation."""
    with warnings.catch_warnings():
        # Partitioned checks are in preview; without them one organisation's result would hide the others'.
        warnings.simplefilter("ignore", dg.PreviewWarning)
        return dg.AssetCheckSpec(name, asset=asset_key(table), description=description, partitions_def=org_partitions)


def check_result(
    name: str,
    passed: bool,
    details: Mapping[str, Any] | None = None,
    *,
    warn: bool = False,
    description: str | None = None,
) -> dg.AssetCheckResult:
    return dg.AssetCheckResult(
        check_name=name,
        passed=bool(passed),
        severity=dg.AssetCheckSeverity.WARN if warn else dg.AssetCheckSeverity.ERROR,
        metadata={key: plain(value) for key, value in (details or {}).items()},
        description=description,
    )


def problem_checks(names: tuple[str, ...], problems: list[dict[str, str]]) -> list[dg.AssetCheckResult]:
    """A result for each named check: failed when a problem carries its code."""
    results = []
    for name in names:
        messages = [problem["message"] for problem in problems if problem["code"] == name]
        details = {"problems": messages} if messages else None
        results.append(check_result(name, not messages, details, warn=name in WARNING_CHECKS))
    return results


def receipt(
    step: Step,
    table: Table,
    changes: Changes,
    *,
    extracted: int = 0,
    rejected: int = 0,
    calls: int = 0,
    checks: list[dg.AssetCheckResult] | None = None,
    preview: pd.DataFrame | None = None,
    more: Mapping[str, Any] | None = None,
) -> dg.MaterializeResult:
    """What a materialisation shows: counts, seconds, the stored rows' contract check, a preview without personal data."""
    step.record(table, changes, extracted=extracted, rejected=rejected)
    violations = queries.contract_violations(step.warehouse, table, step.org.org_id)
    metadata: dict[str, Any] = {
        # What is special about this table comes first, since the UI shows the entries in this order.
        **(more or {}),
        "extracted": extracted,
        "inserted": changes.inserted,
        "updated": changes.updated,
        "deleted": changes.deleted,
        "unchanged": changes.unchanged,
        "rejected": rejected,
        "api_calls": calls,
        "seconds": step.seconds(),
        "dry_run": step.session.dry_run,
        "dagster/column_schema": column_schema(table),
    }
    if preview is not None and len(preview):
        metadata["preview"] = preview_of(table, preview)
    return dg.MaterializeResult(
        asset_key=asset_key(table),
        metadata={key: plain(value) for key, value in metadata.items()},
        check_results=[
            result._replace(asset_key=asset_key(table))
            for result in (check_result("contract", not violations, violations), *(checks or []))
        ],
    )


def preview_of(table: Table, frame: pd.DataFrame) -> dg.TableMetadataValue:
    """The first rows, without the columns that hold personal data."""
    shown = [c for c in table.columns if c.name in frame.columns and not c.personal]
    records = [
        dg.TableRecord({column.name: cell(row[column.name], column) for column in shown})
        for row in frame.head(PREVIEW_ROWS).to_dict("records")
    ]
    columns = [dg.TableColumn(c.name, type=DAGSTER_TYPES.get(c.kind, c.kind)) for c in shown]
    return dg.MetadataValue.table(records, schema=dg.TableSchema(columns=columns))


def cell(value: Any, column: Column) -> str | int | float | bool:
    if value is None or value is pd.NA:
        return ""
    if column.kind in ("integer", "boolean", "ratio"):
        return plain(value)
    return str(value)[:200]


def plain(value: Any) -> Any:
    """Dagster accepts plain Python numbers only; a numpy integer would fail the run after the write has landed."""
    return value.item() if hasattr(value, "item") else value


def picture(png: bytes) -> dg.MarkdownMetadataValue:
    """A PNG as metadata that the UI shows."""
    import base64

    return dg.MetadataValue.md(f"![picture](data:image/png;base64,{base64.b64encode(png).decode()})")
