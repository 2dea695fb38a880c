"""What the command line tells about runs, from real runs."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from sync_assets import reports
from sync_assets.clock import utc_now
from sync_assets.connections import Org
from sync_assets.defs.launch import run_job
from sync_assets.display import show_summary
from sync_assets.sandbox.odoo import Fault, OdooSandbox
from sync_assets.sources.odoo import PART_OF_ORDERS
from sync_assets.warehouse import books, reject_books
from sync_assets_tests.defs.support import Project, add_family, add_order, add_product

ACME = Org(org_id="acme", name="Acme")
LATER = datetime(2100, 1, 1, tzinfo=UTC)


def test_the_summary_is_about_this_run_and_no_newer_one(project: Project, odoo: OdooSandbox) -> None:
    project.add_org("acme", odoo)
    add_order(odoo, add_family(odoo).root, add_product(odoo))
    outcome = run_job(project.instance, "odoo_sync", "acme", {})
    assert (outcome.is_success, outcome.failures, outcome.is_configuration) == (True, [], False)
    books.open_run(project.warehouse, "acme", "another", job="rescore", started_at=LATER)
    row = reports.summary(project.warehouse, [ACME], {"acme": [outcome.run_id]})[0]
    assert (row["status"], row["created"], row["avatars"]) == ("ok", 1, 1)
    assert reports.summary(project.warehouse, [ACME], {"acme": ["another"]})[0]["status"] == "running"
    assert reports.summary(project.warehouse, [ACME], {})[0]["status"] == "failed"
    again = run_job(project.instance, "rescore", "acme", {})
    both = reports.summary(project.warehouse, [ACME], {"acme": [outcome.run_id, again.run_id]})[0]
    assert (both["created"], both["updated"], both["unchanged"]) == (1, 0, 0)
    alone = reports.summary(project.warehouse, [ACME], {"acme": [again.run_id]})[0]
    assert (alone["created"], alone["unchanged"]) == (0, 1)


@pytest.mark.parametrize(
    ("fault", "is_configuration"),
    [
        (Fault("bad_password"), True),
        (Fault("no_access", model="stock.quant"), True),
        (Fault("html", times=999), False),
        (Fault("503", times=999), False),
        (Fault("truncated", times=999), False),
    ],
    ids=lambda value: value.kind if isinstance(value, Fault) else "",
)
def test_whether_a_person_must_act(project: Project, odoo: OdooSandbox, fault: Fault, is_configuration: bool) -> None:
    project.add_org("acme", odoo)
    odoo.faults.add(fault)
    outcome = run_job(project.instance, "odoo_sync", "acme", {})
    assert (outcome.is_success, outcome.is_configuration) == (False, is_configuration)
    assert outcome.failures


def test_one_failure_of_another_kind_is_no_matter_of_configuration(project: Project, odoo: OdooSandbox) -> None:
    project.add_org("acme", odoo)
    odoo.faults.add(Fault("no_access", model="stock.quant"))
    odoo.faults.add(Fault("503", model="sale.order", times=999))
    assert not run_job(project.instance, "odoo_sync", "acme", {}).is_configuration


def test_an_organisation_is_named_once(project: Project, odoo: OdooSandbox, capsys: pytest.CaptureFixture[str]) -> None:
    project.add_org("acme", odoo)
    odoo.faults.add(Fault("no_access", model="stock.quant"))
    outcome = run_job(project.instance, "odoo_sync", "acme", {})
    rows = reports.summary(project.warehouse, [ACME], {"acme": [outcome.run_id]})
    show_summary(rows, {"acme": outcome.failures}, seconds=1, dry_run=False)
    told = capsys.readouterr().err
    assert told.startswith("acme, raw/odoo_quants: No right to read stock.quant: give the user Inventory / User")
    show_summary([{**rows[0], "errors": [], "warnings": []}], {"acme": outcome.failures}, seconds=1, dry_run=False)
    assert capsys.readouterr().err.startswith("acme failed: raw.odoo_quants: No right to read stock.quant")
    run = reports.history(project.warehouse, "acme", limit=1, details=False)[0]
    assert run["first_error"].startswith("No right to read stock.quant")
    state = reports.status(project.warehouse, ACME, limit=1)["streams"][0]
    assert state["error"].startswith("No right to read stock.quant")


def test_warnings_of_a_run_are_told_once(
    project: Project, odoo: OdooSandbox, capsys: pytest.CaptureFixture[str]
) -> None:
    row = reports.summary(project.warehouse, [ACME], {})[0]
    told = {"step": "raw/odoo_sale_orders", "code": "orders_hidden", "message": f"acme: {PART_OF_ORDERS}"}
    show_summary([{**row, "status": "ok", "warnings": [told]}], {}, seconds=1, dry_run=False)
    assert capsys.readouterr().err == f"acme, raw/odoo_sale_orders: warning: {PART_OF_ORDERS}\n"


def test_what_was_not_understood_is_told(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    found = [
        {"entity": "clients", "record_key": key, "code": "bad_email", "severity": "warning", "message": "No address."}
        for key in ("C1", "C2")
    ]
    reject_books.save_rejects(project.warehouse, "acme", "isavigne", found, run_id="r1", at=utc_now())
    row = reports.summary(project.warehouse, [ACME], {})[0]
    show_summary([row], {}, seconds=1, dry_run=False)
    told = capsys.readouterr().out.replace("\n", " ")
    assert row["rejected"] == 2
    assert "Not understood at acme: 2 bad_email in clients; see: sync-assets rejects list acme" in told


def test_a_run_of_chosen_assets_has_a_readable_name(project: Project) -> None:
    books.open_run(project.warehouse, "acme", "one", job="__ASSET_JOB", started_at=LATER)
    for details in (True, False):
        assert [row["job"] for row in reports.history(project.warehouse, None, limit=9, details=details)] == ["assets"]
