"""Canonical steps that have nothing to do say so, and never miss a change; the jobs' own steps on real PostgreSQL."""

from __future__ import annotations

from typing import Any

import pytest

from sync_assets.defs.canonical import storing
from sync_assets.sandbox.odoo import OdooSandbox
from sync_assets_tests.defs.steps import Steps
from sync_assets_tests.defs.support import Family, Project, add_family, add_order, add_product

CANONICAL = ("customers", "product_catalog", "sales_orders", "sales_lines", "stock_levels")
COUNTS = ("inserted", "updated", "deleted", "unchanged", "rejected", "dagster/partition_row_count")


def shop(project: Project, odoo: OdooSandbox) -> Family:
    project.add_org("acme", odoo)
    family, product = add_family(odoo), add_product(odoo)
    add_order(odoo, family.contact, product, quantity=2)
    add_order(odoo, family.root, product, state="draft")
    # New product keys are part of what the catalogue is computed from, so the second run still looks at it.
    project.sync_ok()
    project.sync_ok()
    return family


def told(steps: Steps) -> dict[str, dict[str, Any]]:
    return {name: steps.metadata(name) for name in CANONICAL}


def left_out(result: Steps) -> set[str]:
    return {name for name, metadata in told(result).items() if metadata.get("skipped_because_unchanged")}


def test_a_step_with_nothing_to_do_reports_what_a_full_one_does(project: Project, odoo: OdooSandbox) -> None:
    shop(project, odoo)
    full = told(project.sync_ok(full=True))
    assert not any("skipped_because_unchanged" in metadata for metadata in full.values())
    result = project.sync_ok()
    assert left_out(result) == set(CANONICAL)
    for name, metadata in told(result).items():
        names = [
            *COUNTS,
            *(key for key in full[name] if key.startswith(("skipped_", "families", "counted", "revenue"))),
        ]
        assert {key: metadata[key] for key in names} == {key: full[name][key] for key in names}, name
        assert set(full[name]) - set(metadata) == set(), name
    assert all(result.checks.values())
    counts = project.last_run()["counts"]
    for name, metadata in full.items():
        assert counts[f"canonical.{name}"]["unchanged"] == metadata["unchanged"]


STATEMENTS: dict[str, set[str]] = {
    "UPDATE raw.odoo_sale_order_lines SET product_uom_qty = 9": {"sales_lines"},
    "UPDATE raw.odoo_partners SET name = 'Other' WHERE parent_id IS NULL": {"customers", "sales_orders"},
    "UPDATE canonical.sales_lines SET price_total = 0": {"sales_lines"},
    "DELETE FROM canonical.customers": {"customers"},
    "TRUNCATE canonical.sales_orders": {"sales_orders", "sales_lines"},
}


def test_a_change_by_anyone_is_seen(project: Project, odoo: OdooSandbox) -> None:
    """Also by somebody with a SQL prompt; what is computed heals itself."""
    shop(project, odoo)
    for statement, seen_by in STATEMENTS.items():
        before = project.tables()
        with project.warehouse.transaction() as connection:
            assert connection.execute(statement.encode()).rowcount
        assert set(CANONICAL) - left_out(project.sync_ok()) == seen_by, statement
        if "canonical" in statement:
            assert project.tables() == before, statement


def test_changed_settings_are_seen(project: Project, odoo: OdooSandbox) -> None:
    shop(project, odoo)
    assert left_out(project.sync_ok()) == set(CANONICAL)
    project.add_org("acme", odoo, list_price_basis="taxed")
    assert left_out(project.sync_ok()) == set()


def test_a_dry_run_and_a_failed_step_leave_the_work_to_the_next_run(
    project: Project, odoo: OdooSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    family = shop(project, odoo)
    before = project.tables()["canonical.sales_lines"]
    add_order(odoo, family.branch, add_product(odoo, "Pinot 2021"))
    assert "sales_lines" not in left_out(project.sync_ok(dry_run=True))
    with monkeypatch.context() as patched:
        patched.setattr(storing, "REJECT_LIMIT", -1)
        for _ in range(2):
            assert not project.sync().success
            assert {error["code"] for error in project.last_run()["errors"]} == {"reject_rate"}
    assert project.tables()["canonical.sales_lines"] == before
    assert "sales_lines" not in left_out(project.sync_ok())
    assert len(project.tables()["canonical.sales_lines"]) == len(before) + 1
