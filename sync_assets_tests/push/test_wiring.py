"""The push as Dagster starts it: assets, sensors, schedules, the queue."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import dagster as dg
import pytest
import yaml

from sync_assets.clock import utc_now
from sync_assets.definitions import defs
from sync_assets.defs.push import sensors
from sync_assets.defs.push.schedules import push_log_archive_nightly, scheduled_sync_nightly
from sync_assets.defs.push.sensors import inventory_adjusted, order_shipped
from sync_assets.defs.queue import queue_tags
from sync_assets.push import Trigger, plan_push
from sync_assets.sandbox.vendor import Fault
from sync_assets.settings import PROJECT_ROOT
from sync_assets.warehouse import push, push_runs
from sync_assets_tests.push.support import FULL, ORG, TARGET, World

PLAN, LOG = dg.AssetKey(["ops", "push_state"]), dg.AssetKey(["ops", "odoo_sync_log"])


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral() as opened:
        opened.add_dynamic_partitions("org", [ORG])
        yield opened


def tick(instance: dg.DagsterInstance, sensor: Any) -> list[dg.RunRequest]:
    with dg.build_sensor_context(instance=instance) as context:
        result = sensor(context)
    return [] if isinstance(result, dg.SkipReason) else list(result.run_requests or ())


def run(instance: dg.DagsterInstance, config: dict[str, Any], job: str = "inventory_push") -> Any:
    return (
        defs()
        .resolve_job_def(job)
        .execute_in_process(partition_key=ORG, run_config=config, instance=instance, raise_on_error=False)
    )


def requests_of(schedule: Any) -> list[dg.RunRequest]:
    with dg.instance_for_test() as opened:
        opened.add_dynamic_partitions("org", [ORG])
        at = datetime(2026, 6, 30, 3, tzinfo=UTC)
        return list(schedule(dg.build_schedule_context(instance=opened, scheduled_execution_time=at)))


def configured(**config: Any) -> dict[str, Any]:
    return {"ops": {"push_stock": {"config": config}}}


def seen(result: Any, key: dg.AssetKey) -> dict[str, Any]:
    """The metadata of the asset's materialisation in a run."""
    (found,) = [m for m in result.asset_materializations_for_node("push_stock") if m.asset_key == key]
    return {name: value.value for name, value in found.metadata.items()}


def test_a_shipped_order_is_pushed_once(wired: World, instance: dg.DagsterInstance) -> None:
    """order_shipped"""
    wired.stock("A1", 9)
    assert tick(instance, order_shipped) == []
    wired.ship("o1", "A1")
    (request,) = tick(instance, order_shipped)
    assert request.partition_key == ORG
    assert run(instance, request.run_config).success
    assert wired.held() == {"A1": 9}
    assert tick(instance, order_shipped) == []
    assert [(row["status"], row["trigger_type"], row["order_id"]) for row in wired.log()] == [
        ("SUCCESS", "ORDER_SHIPPED", "o1")
    ]


def test_an_adjusted_stock_is_pushed(wired: World, instance: dg.DagsterInstance) -> None:
    """inventory_adjusted"""
    wired.stock("A1", 9)
    (first,) = tick(instance, inventory_adjusted)
    assert run(instance, first.run_config).success
    wired.stock("A1", 4)
    (second,) = tick(instance, inventory_adjusted)
    assert second.run_key != first.run_key
    assert run(instance, second.run_config).success
    assert wired.held() == {"A1": 4}


def test_the_order_is_named_whichever_sensor_looks_first(wired: World, instance: dg.DagsterInstance) -> None:
    wired.stock("A1", 9)
    (first,) = tick(instance, inventory_adjusted)
    run(instance, first.run_config)
    wired.stock("A1", 8)
    wired.ship("o1", "A1")
    (request,) = tick(instance, inventory_adjusted)
    run(instance, request.run_config)
    assert [row["order_id"] for row in wired.log()] == [None, "o1"]


def test_no_second_run_is_asked_for_while_one_is_to_come(wired: World, instance: dg.DagsterInstance) -> None:
    wired.stock("A1", 9)
    tick(instance, order_shipped)
    wired.ship("o1", "A1")
    (request,) = tick(instance, order_shipped)
    # Queued runs of a test have no code location, so this one is just starting.
    job = defs().resolve_job_def("inventory_push")
    starting = instance.create_run_for_job(
        job, tags={"dagster/partition": ORG}, run_config=request.run_config, status=dg.DagsterRunStatus.STARTING
    )
    assert tick(instance, order_shipped) == []
    wired.ship("o2", "A1")
    assert tick(instance, order_shipped) == []
    instance.delete_run(starting.run_id)
    # The one that was to come is gone, and what waits is still due.
    assert len(tick(instance, order_shipped)) == 1


def test_a_run_that_died_holds_nobody_up(
    wired: World, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    wired.stock("A1", 9)
    tick(instance, order_shipped)
    wired.ship("o1", "A1")
    tick(instance, order_shipped)
    died = instance.create_run_for_job(
        defs().resolve_job_def("inventory_push"), tags={"dagster/partition": ORG}, status=dg.DagsterRunStatus.STARTED
    )
    book = {"org_id": ORG, "run_id": died.run_id, "target": TARGET, "trigger_type": "OTHER", "state": "active"}
    push_runs.save_run(wired.warehouse, {**book, "started_at": utc_now()})
    with push_runs.working(wired.warehouse, died.run_id):
        assert tick(instance, order_shipped) == []
    monkeypatch.setattr(sensors, "AFTER_FAILURE", timedelta(seconds=-5))
    assert len(tick(instance, order_shipped)) == 1
    ended = instance.get_run_by_id(died.run_id)
    assert ended is not None and ended.status == dg.DagsterRunStatus.FAILURE
    assert wired.warehouse.query("SELECT state FROM ops.push_runs") == [{"state": "failed"}]


def test_a_run_that_died_before_its_first_row_is_told_by_its_age(
    wired: World, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    tick(instance, order_shipped)
    died = instance.create_run_for_job(
        defs().resolve_job_def("inventory_push"), tags={"dagster/partition": ORG}, status=dg.DagsterRunStatus.STARTED
    )

    def status() -> dg.DagsterRunStatus:
        tick(instance, order_shipped)
        found = instance.get_run_by_id(died.run_id)
        assert found is not None
        return found.status

    assert status() == dg.DagsterRunStatus.STARTED
    monkeypatch.setattr(sensors, "LONGEST_PLAN", timedelta(seconds=-5))
    assert status() == dg.DagsterRunStatus.FAILURE


def test_a_blocked_target_gets_no_runs(wired: World, instance: dg.DagsterInstance) -> None:
    tick(instance, order_shipped)
    wired.stock("A1", 9)
    wired.ship("o1", "A1")
    soon = utc_now() + timedelta(minutes=5)
    push.save_target(wired.warehouse, ORG, TARGET, blocked_until=soon, blocked_reason="unauthorized: no")
    assert tick(instance, order_shipped) == []
    push.save_target(wired.warehouse, ORG, TARGET, blocked_until=None, blocked_reason=None)
    assert len(tick(instance, order_shipped)) == 1


def test_a_run_that_failed_is_not_repeated_at_once(
    wired: World, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    tick(instance, order_shipped)
    wired.stock("A1", 9)
    wired.ship("o1", "A1")
    assert len(tick(instance, order_shipped)) == 1
    job = defs().resolve_job_def("inventory_push")
    instance.create_run_for_job(job, tags={"dagster/partition": ORG}, status=dg.DagsterRunStatus.FAILURE)
    assert tick(instance, order_shipped) == []
    monkeypatch.setattr(sensors, "AFTER_FAILURE", timedelta(seconds=-5))
    assert len(tick(instance, order_shipped)) == 1
    monkeypatch.delenv("TEST_VENDOR_TOKEN")
    assert tick(instance, order_shipped) == []


def test_plan_and_result_are_assets_with_their_figures(wired: World, instance: dg.DagsterInstance) -> None:
    for sku in ("A1", "B2", "C3"):
        wired.stock(sku, 9)
    wired.vendor.add_faults([Fault("business_error", "create", sku="C3", code="no_such_partner")])
    result = run(instance, configured(trigger="MANUAL_FULL"))
    assert result.success
    plan, log = seen(result, PLAN), seen(result, LOG)
    assert (plan["create"], plan["update"], plan["unchanged"], plan["to_send"], plan["skipped"]) == (3, 0, 0, 3, 0)
    assert (log["succeeded"], log["failed"], log["calls"], log["left"]) == (2, 1, 6, 0)
    assert log["success_rate_percent"] == pytest.approx(66.67)
    assert log["failures"] == {"C3": "no_such_partner"}
    assert "data:image/png;base64," in log["attempts"]
    checks = {check.check_name: check.passed for check in result.get_asset_check_evaluations()}
    assert checks == {"contract": True, "all_pushed": False, "no_alert": True}
    assert seen(run(instance, configured(trigger="MANUAL_FULL")), LOG)["calls"] == 0


def test_a_dry_run_shows_the_plan_and_sends_nothing(wired: World, instance: dg.DagsterInstance) -> None:
    wired.stock("A1", 9)
    result = run(instance, configured(trigger="MANUAL_FULL", dry_run=True))
    assert seen(result, PLAN)["plan"] == {"A1": "create"}
    assert seen(result, LOG)["state"] == "dry run"
    assert (wired.held(), wired.log(), wired.warehouse.query("SELECT * FROM ops.push_state")) == ({}, [], [])


def test_a_plan_over_its_limits_stops_before_any_call(wired: World, instance: dg.DagsterInstance) -> None:
    for number in range(12):
        wired.stock(f"A{number}", 9)
    wired.settings["max_plan"] = 5
    wired.save_settings()
    refused = run(instance, configured(trigger="MANUAL_FULL"))
    assert not refused.success
    assert wired.vendor.calls == []
    (failure,) = [event for event in refused.all_events if event.is_step_failure]
    assert failure.step_failure_data.user_failure_data.metadata["code"].value == "plan_too_large"
    assert run(instance, configured(trigger="MANUAL_FULL", confirmed=True)).success
    wired.shop("UPDATE inventory SET quantity = 0, updated_at = clock_timestamp()")
    calls = len(wired.vendor.calls)
    emptied = run(instance, configured(trigger="MANUAL_FULL", confirmed=True))
    (failure,) = [event for event in emptied.all_events if event.is_step_failure]
    assert failure.step_failure_data.user_failure_data.metadata["code"].value == "mass_zero"
    assert len(wired.vendor.calls) == calls


def test_the_nightly_push_and_the_archive(wired: World, instance: dg.DagsterInstance) -> None:
    """scheduled_sync_nightly, push_log_archive_nightly"""
    wired.stock("A1", 9)
    (request,) = requests_of(scheduled_sync_nightly)
    assert request.partition_key == ORG
    assert run(instance, request.run_config).success
    assert [row["trigger_type"] for row in wired.log()] == ["SCHEDULED_SYNC"]
    with wired.warehouse.transaction() as connection:
        connection.execute("UPDATE ops.odoo_sync_log SET created_at = created_at - interval '91 days'")
    wired.push(Trigger("MANUAL_SINGLE", force=True))
    (request,) = requests_of(push_log_archive_nightly)
    assert run(instance, request.run_config, "push_log_archive").success
    assert [row["trigger_type"] for row in wired.log()] == ["MANUAL_SINGLE"]
    assert wired.warehouse.query("SELECT trigger_type FROM ops.odoo_sync_log_archive") == [
        {"trigger_type": "SCHEDULED_SYNC"}
    ]


def test_a_shipped_order_goes_before_a_full_push(wired: World) -> None:
    for sku in ("A1", "B2", "C3"):
        wired.stock(sku, 9)
    wired.push(FULL)
    for sku in ("A1", "B2", "C3"):
        wired.stock(sku, 7)
    plan_push(wired.warehouse, wired.org, Trigger("MANUAL_FULL"))
    plan_push(wired.warehouse, wired.org, Trigger("ORDER_SHIPPED", order_id="o1"), skus=["C3"])
    row = push.claim(wired.warehouse, ORG, TARGET, token="t", at=utc_now(), lease_seconds=60)
    assert row is not None and row["push_key"] == "C3"


def test_a_push_waits_for_no_sync_of_its_organisation() -> None:
    def tags(job: str, **more: Any) -> dict[str, str]:
        return queue_tags(dg.DagsterRun(job_name=job, tags={"dagster/partition": ORG}, **more))

    assert tags("odoo_sync") == {"sync_assets/kind": "sync", "sync_assets/turn": f"sync {ORG}"}
    assert tags("pos_sync")["sync_assets/turn"] == tags("odoo_sync")["sync_assets/turn"]
    assert tags("inventory_push") == {"sync_assets/kind": "push", "sync_assets/turn": f"push {ORG}"}
    by_hand = frozenset({PLAN, LOG})
    assert tags("__ASSET_JOB", asset_selection=by_hand)["sync_assets/turn"] == f"push {ORG}"
    month = {"dagster/partition": f"2025-01-01|{ORG}", "dagster/partition/org": ORG}
    assert queue_tags(dg.DagsterRun(job_name="odoo_history", tags=month))["sync_assets/turn"] == f"sync {ORG}"
    assert queue_tags(dg.DagsterRun(job_name="freshness")) == {"sync_assets/kind": "sync"}
    limits = yaml.safe_load((PROJECT_ROOT / "dagster.yaml").read_text(encoding="utf-8"))["concurrency"]["runs"]
    assert {limit["key"] for limit in limits["tag_concurrency_limits"]} == {"sync_assets/turn", "sync_assets/kind"}
