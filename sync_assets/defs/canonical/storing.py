"""What the canonical assets have in common: reading raw Odoo frames, recording rejects, writing, drift checks."""

from collections.abc import Generator, Iterator
from dataclasses import replace
from typing import Any

import dagster as dg
import pandas as pd

from sync_assets.ahead import one_ahead
from sync_assets.defs.canonical.building import report_of, told_again
from sync_assets.defs.describe import PREVIEW_ROWS, check_result, check_spec, receipt
from sync_assets.defs.run_book import Step
from sync_assets.errors import SourceDataError
from sync_assets.tables import raw
from sync_assets.tables.spec import Table
from sync_assets.transforms.mapped import Mapped
from sync_assets.transforms.odoo import OdooRaw
from sync_assets.warehouse import Build, Changes

SOURCE = "odoo"
# More unreadable rows than this share mean that something is wrong with the whole, not with single rows.
REJECT_LIMIT_PERCENT = 20
ODOO_TABLES = {
    "companies": raw.ODOO_COMPANIES,
    "currencies": raw.ODOO_CURRENCIES,
    "countries": raw.ODOO_COUNTRIES,
    "users": raw.ODOO_USERS,
    "partners": raw.ODOO_PARTNERS,
    "templates": raw.ODOO_PRODUCT_TEMPLATES,
    "products": raw.ODOO_PRODUCTS,
    "costs": raw.ODOO_PRODUCT_COSTS,
    "categories": raw.ODOO_PRODUCT_CATEGORIES,
    "orders": raw.ODOO_SALE_ORDERS,
    "warehouses": raw.ODOO_WAREHOUSES,
    "locations": raw.ODOO_LOCATIONS,
    "quants": raw.ODOO_QUANTS,
    "uoms": raw.ODOO_UOMS,
}


def raw_keys(*names: str) -> list[dg.AssetKey]:
    return [dg.AssetKey([ODOO_TABLES[name].schema, ODOO_TABLES[name].name]) for name in names]


def raw_tables(*names: str) -> list[Table]:
    return [ODOO_TABLES[name] for name in names]


def read_odoo(step: Step, *names: str, **columns: tuple[str, ...]) -> OdooRaw:
    """The named raw frames of the organisation, the large ones with the named columns only; the others stay empty."""
    frames = {
        name: step.warehouse.read(table, step.org.org_id, columns.get(name)) if name in names else table.empty()
        for name, table in ODOO_TABLES.items()
    }
    return OdooRaw(**frames)


def row_count_check(table: Table) -> dg.AssetCheckSpec:
    return check_spec(table, "row_count", "The table did not lose half of its rows since the last run.")


def check_row_count(changes: Changes) -> dg.AssetCheckResult:
    kept = changes.updated + changes.unchanged
    rows, before = kept + changes.inserted, kept + changes.deleted
    return check_result("row_count", 2 * rows >= before, {"rows": rows, "rows_before": before}, warn=True)


def save_rejects(step: Step, table: Table, mapped: Mapped) -> int:
    """Records what the mapping met; returns the number of entries."""
    rejects = [{**reject, "entity": str(table)} for reject in mapped.rejects]
    return step.reject(rejects, source=SOURCE, entity=str(table))


def check_reject_limit(step: Step, table: Table, mapped: Mapped) -> None:
    """Raises SourceDataError above the alarm limit; the table then stays as it was."""
    if 100 * mapped.rejected > REJECT_LIMIT_PERCENT * mapped.rows_in:
        raise SourceDataError(
            f"{step.org.org_id}: {mapped.rejected} of {mapped.rows_in} rows for {table} cannot be understood, more than "
            f"{REJECT_LIMIT_PERCENT} %, so its old rows stay; look at ops.rejected_rows for the reasons",
            code="reject_rate",
        )


def add_up(one: Mapped, other: Mapped) -> Mapped:
    """Both without their rows, which are not kept but counted under `written`."""
    skipped = {"written": len(one.frame) + len(other.frame)}
    for part in (one.skipped, other.skipped):
        for reason, count in part.items():
            skipped[reason] = skipped.get(reason, 0) + count
    return Mapped(other.frame.head(0), one.rejects + other.rejects, skipped, one.rejected + other.rejected)


def store(step: Step, table: Table, mapped: Mapped, build: Build, **more: Any) -> dg.MaterializeResult:
    """Writes a mapped table and reports: rejects, skipped rows by reason, row count against the last run."""
    rejected = save_rejects(step, table, mapped)
    check_reject_limit(step, table, mapped)
    more |= {f"skipped_{reason}": count for reason, count in mapped.skipped.items()}
    build = replace(build, report=lambda: report_of(rejected, more))
    changes = step.warehouse.replace(table, mapped.frame, step.org.org_id, build=build)
    return _receipt(step, table, changes, rejected, mapped.frame, more)


def store_blocks(step: Step, table: Table, mapping: Generator[Mapped], build: Build) -> dg.MaterializeResult:
    """As `store` for a table that comes in blocks; the next one is mapped while one is being written."""
    total, rejected = Mapped(table.empty()), 0
    first: list[pd.DataFrame] = []

    def blocks() -> Iterator[pd.DataFrame]:
        nonlocal total, rejected
        for mapped in one_ahead(mapping):
            total = add_up(total, mapped)
            # A head shares its block's memory, so one is kept and not one per block.
            if not first and len(mapped.frame):
                first.append(mapped.frame.head(PREVIEW_ROWS))
            yield mapped.frame
        rejected = save_rejects(step, table, total)
        check_reject_limit(step, table, total)

    def more() -> dict[str, Any]:
        return {f"skipped_{reason}": count for reason, count in total.skipped.items() if reason != "written"}

    build = replace(build, report=lambda: report_of(rejected, more()))
    changes = step.warehouse.replace(table, blocks(), step.org.org_id, build=build)
    return _receipt(step, table, changes, rejected, next(iter(first), None), more())


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
