"""Schedules, the sensor, the jobs beside odoo_sync: what they start, and what they do."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import dagster as dg
import pytest
import yaml

from sync_assets.defs import schedules
from sync_assets.defs.raw.odoo_history import months_by_org
from sync_assets.defs.sensors import org_partitions_sensor
from sync_assets.sandbox.odoo import Fault, OdooSandbox
from sync_assets_tests.defs.support import NOW, Project, add_family, add_order, add_product

TICK = datetime(2026, 6, 30, 12, tzinfo=UTC)


def requests_of(schedule: str, partitions: list[str]) -> list[dg.RunRequest]:
    with dg.instance_for_test() as instance:
        instance.add_dynamic_partitions("org", partitions)
        context = dg.build_schedule_context(instance=instance, scheduled_execution_time=TICK)
        return list(getattr(schedules, schedule)(context))


@pytest.mark.parametrize("name", ["odoo_sync_hourly", "reconcile_nightly", "rescore_daily"])
def test_a_schedule_starts_one_run_per_active_organisation(project: Project, odoo: OdooSandbox, name: str) -> None:
    project.add_org("acme", odoo)
    project.add_org("zeta", odoo)
    project.add_org("asleep", odoo, active=False)
    requests = requests_of(name, ["acme", "zeta", "asleep"])
    assert [request.partition_key for request in requests] == ["acme", "zeta"]
    assert len({request.run_key for request in requests}) == 2
    assert all(TICK.isoformat() in request.run_key for request in requests)


def test_an_organisation_that_is_no_partition_yet_waits(project: Project, odoo: OdooSandbox) -> None:
    project.add_org("acme", odoo)
    assert requests_of("odoo_sync_hourly", []) == []


def test_the_partitions_follow_the_connections_file(project: Project, odoo: OdooSandbox) -> None:
    """org_partitions_sensor"""
    project.add_org("acme", odoo)
    project.add_org("zeta", odoo)
    project.instance.delete_dynamic_partition("org", "zeta")
    project.instance.add_dynamic_partitions("org", ["gone"])

    def tick() -> dict[type, list[str]]:
        with dg.build_sensor_context(instance=project.instance) as context:
            result = org_partitions_sensor(context)
        if isinstance(result, dg.SkipReason):
            return {}
        return {type(request): list(request.partition_keys) for request in result.dynamic_partitions_requests}

    assert tick() == {dg.AddDynamicPartitionsRequest: ["zeta"], dg.DeleteDynamicPartitionsRequest: ["gone"]}
    project.connections.write_text(yaml.safe_dump({"orgs": project.orgs | {"broken": {"name": 3}}}), encoding="utf-8")
    assert tick() == {dg.AddDynamicPartitionsRequest: ["zeta"]}
    project.connections.write_text("orgs: [", encoding="utf-8")
    assert tick() == {}


def test_rescore_counts_the_days_again_without_asking_odoo(project: Project, odoo: OdooSandbox) -> None:
    project.add_org("acme", odoo)
    add_order(odoo, add_family(odoo).root, add_product(odoo), days_ago=20)
    project.sync_ok()
    odoo.server_down()
    project.sync_ok(job="rescore", as_of=f"{NOW.replace(hour=0, minute=0, second=0)}")
    row = project.rows("SELECT days_since_last_order, as_of FROM marts.customer_avatars")[0]
    assert row["days_since_last_order"] in (19, 20)
    assert row["as_of"].hour == 0
    assert project.last_run()["status"] == "ok"


def test_reconcile_finds_what_the_window_cannot_see(project: Project, odoo: OdooSandbox) -> None:
    project.add_org("acme", odoo)
    family, product = add_family(odoo), add_product(odoo)
    with odoo.store.transaction_at(datetime(2025, 1, 1, tzinfo=UTC)):
        order = add_order(odoo, family.root, product, quantity=2)
    project.sync_ok()
    # A long transaction: committed now, with an old write date.
    with odoo.store.transaction_at(datetime(2025, 1, 2, tzinfo=UTC)):
        odoo.store.write(
            "sale.order.line", odoo.store.linked("sale.order.line", "order_id", order), {"product_uom_qty": 5}
        )
    project.sync_ok()
    assert project.rows("SELECT amount_total FROM raw.odoo_sale_orders")[0]["amount_total"] == Decimal("20.0")
    project.run_ok(job="reconcile")
    project.sync_ok(job="rescore")
    assert project.rows("SELECT amount_total FROM raw.odoo_sale_orders")[0]["amount_total"] == Decimal("50.0")
    assert project.last_run()["errors"] == []


def test_reconcile_keeps_rows_when_too_many_seem_to_be_gone(project: Project, odoo: OdooSandbox) -> None:
    project.add_org("acme", odoo)
    family, product = add_family(odoo), add_product(odoo)
    orders = [add_order(odoo, family.root, product, state="cancel") for _ in range(60)]
    project.sync_ok()
    odoo.store.unlink("sale.order", orders[:40])
    project.sync_ok()
    run = project.last_run()
    assert run["status"] == "partial"
    assert {error["code"] for error in run["errors"]} == {"deletions_guard"}
    assert project.rows("SELECT count(*) AS n FROM raw.odoo_sale_orders WHERE deleted_at IS NULL")[0]["n"] == 60
    project.sync_ok(accept_deletions=True)
    assert project.rows("SELECT count(*) AS n FROM raw.odoo_sale_orders WHERE deleted_at IS NULL")[0]["n"] == 20


def test_history_reads_whole_months_again(project: Project, odoo: OdooSandbox) -> None:
    project.add_org("acme", odoo)
    order = add_order(odoo, add_family(odoo).root, add_product(odoo), days_ago=40)
    when = odoo.store.get("sale.order", order)["date_order"]
    month = f"{str(when)[:7]}-01"
    result = project.definitions.resolve_job_def("odoo_history").execute_in_process(
        partition_key=dg.MultiPartitionKey({"month": month, "org": "acme"}),
        instance=project.instance,
        raise_on_error=False,
    )
    assert result.success
    assert [row["id"] for row in project.rows("SELECT id FROM raw.odoo_sale_orders")] == [order]
    assert project.rows("SELECT count(*) AS n FROM raw.odoo_sale_order_lines")[0]["n"] == 1
    assert project.rows("SELECT * FROM ops.sync_cursors") == []


def test_months_of_several_organisations() -> None:
    keys = ["2025-02-01|acme", "2025-01-01|acme", "2025-01-01|zeta"]
    assert months_by_org(keys) == {"acme": ["2025-01", "2025-02"], "zeta": ["2025-01"]}


def test_freshness_names_the_silent_organisation(project: Project, odoo: OdooSandbox) -> None:
    """freshness_hourly"""
    project.add_org("acme", odoo)
    project.add_org("zeta", odoo)
    add_order(odoo, add_family(odoo).root, add_product(odoo))
    project.sync_ok("acme")

    def stale() -> dict[str, str]:
        result = project.definitions.resolve_job_def("freshness").execute_in_process(instance=project.instance)
        evaluation = result.get_asset_check_evaluations()[0]
        assert evaluation.passed == (not evaluation.metadata["stale"].value)
        return dict(evaluation.metadata["stale"].value)

    assert stale() == {"zeta": "never synced"}
    with project.warehouse.transaction() as connection:
        connection.execute("UPDATE marts.customer_avatars SET last_sync_odoo = last_sync_odoo - interval '27 hours'")
    assert set(stale()) == {"acme", "zeta"}


def test_a_field_that_disappears_is_drift_and_the_rest_goes_on(project: Project, odoo: OdooSandbox) -> None:
    project.add_org("acme", odoo)
    add_order(odoo, add_family(odoo).root, add_product(odoo))
    project.sync_ok()
    with project.warehouse.transaction() as connection:
        connection.execute(
            "INSERT INTO ops.odoo_fields SELECT org_id, model, 'old_field', type, is_stored, relation, is_required, "
            "seen_at, run_id FROM ops.odoo_fields WHERE model = 'res.partner' LIMIT 1"
        )
    result = project.sync_ok()
    checks = result.checks
    assert checks["odoo_partners", "schema_drift"] is False
    assert "res.partner: field old_field is gone" in [w["message"] for w in project.last_run()["warnings"]]


def test_a_poisoned_record_is_rejected_and_the_others_arrive(project: Project, odoo: OdooSandbox) -> None:
    project.add_org("acme", odoo)
    family, product = add_family(odoo), add_product(odoo)
    orders = [add_order(odoo, family.root, product) for _ in range(3)]
    odoo.faults.add(Fault(kind="poison", model="sale.order", id=orders[1]))
    project.sync()
    held = [row["id"] for row in project.rows("SELECT id FROM raw.odoo_sale_orders ORDER BY id")]
    assert held == [orders[0], orders[2]]
    rejects = project.rows("SELECT record_key, code, severity FROM ops.rejected_rows WHERE entity = 'sale.order'")
    assert [(r["record_key"], r["code"], r["severity"]) for r in rejects] == [
        (str(orders[1]), "unreadable_record", "error")
    ]
