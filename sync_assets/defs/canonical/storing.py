"""What the canonical assets have in common: reading raw Odoo frames, recording rejects, writing, drift checks."""

from typing import Any

import dagster as dg
import pandas as pd

from sync_assets.defs.describe import check_result, check_spec, receipt
from sync_assets.defs.run_book import Step
from sync_assets.errors import SourceDataError
from sync_assets.tables import raw
from sync_assets.tables.spec import Table
from sync_assets.transforms.mapped import Mapped
from sync_assets.transforms.odoo import OdooRaw
from sync_assets.warehouse import Changes

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


def store(
    step: Step,
    table: Table,
    mapped: Mapped,
    *,
    checks: list[dg.AssetCheckResult] | None = None,
    preview: pd.DataFrame | None = None,
    **more: Any,
) -> dg.MaterializeResult:
    """Writes a mapped table and reports: rejects, skipped rows by reason, row count against the last run."""
    rejected = save_rejects(step, table, mapped)
    check_reject_limit(step, table, mapped)
    changes = step.warehouse.replace(table, mapped.frame, step.org.org_id)
    return receipt(
        step,
        table,
        changes,
        rejected=rejected,
        checks=[check_row_count(changes), *(checks or [])],
        preview=mapped.frame if preview is None else preview,
        more={
            **more,
            "dagster/partition_row_count": len(mapped.frame),
            **{f"skipped_{reason}": count for reason, count in mapped.skipped.items()},
        },
    )
