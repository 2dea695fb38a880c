"""What goes wrong at the point of sale, and what stays right all the same."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from sync_assets.defs.schedules import busy_orgs, pos_sync_half_hourly
from sync_assets.sandbox.alleaves import AlleavesSandbox, Fault
from sync_assets_tests.defs.stores import add_store, business, goods, person, sale, shop
from sync_assets_tests.defs.support import Project, failed_steps, open_project
from sync_assets_tests.defs.test_automation import TICK, requests_of


@pytest.fixture
def pos() -> Iterator[AlleavesSandbox]:
    people = [person(number) for number in range(1, 131)]
    orders = [sale(1000 + number, number, 40.00, days_ago=number % 80 + 1) for number in range(1, 131)]
    with AlleavesSandbox(store=shop(people, orders)) as server:
        yield server


@pytest.fixture
def project(database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pos: AlleavesSandbox) -> Iterator[Project]:
    with open_project(database, tmp_path, monkeypatch) as opened:
        add_store(opened, "shop", pos, monkeypatch)
        yield opened


def status(project: Project, org: str = "shop") -> dict[str, Any]:
    return project.rows("SELECT * FROM ops.sync_status WHERE org_id = %(org)s AND source = 'alleaves'", org=org)[0]


def spent(project: Project, org: str = "shop") -> Decimal:
    statement = "SELECT sum(total_spent) AS n FROM marts.customer_spending WHERE org_id = %(org)s"
    return project.rows(statement, org=org)[0]["n"]


def test_a_token_that_expires_between_pages_costs_one_login_2(project: Project, pos: AlleavesSandbox) -> None:
    pos.faults.add(Fault("401", "orders", after=1, times=1))
    project.sync_ok("shop", "pos_sync")
    assert [call["route"] for call in pos.calls].count("auth") == 2
    assert project.rows("SELECT count(*) AS n FROM raw.alleaves_orders") == [{"n": 130}]
    assert spent(project) == Decimal("5200.00")


@pytest.mark.parametrize("shape", ["array", "numeric", "keyed", "data"])
def test_every_container_gives_the_same_customers_11(project: Project, pos: AlleavesSandbox, shape: str) -> None:
    pos.faults.add(Fault("container", "customers", shape=shape))
    project.sync_ok("shop", "pos_sync")
    assert project.rows("SELECT count(*) AS n FROM raw.alleaves_customers") == [{"n": 130}]


def test_an_unknown_container_is_a_failure_and_no_empty_list(project: Project, pos: AlleavesSandbox) -> None:
    pos.faults.add(Fault("container", "customers", shape="other"))
    result = project.run("shop", "pos_sync")
    assert set(failed_steps(result)) == {"raw__alleaves_customers"}
    assert project.last_run("shop")["errors"][0]["code"] == "unexpected_shape"


def test_inventory_fails_and_the_rest_is_saved_54(project: Project, pos: AlleavesSandbox) -> None:
    project.sync_ok("shop", "pos_sync")
    first = status(project)
    pos.store.orders.append(sale(2000, 1, 60.00, days_ago=1))
    pos.faults.add(Fault("500", "inventory", times=99))
    result = project.sync("shop", "pos_sync")
    assert set(result.failures) == {"raw__alleaves_inventory"}
    after = status(project)
    assert (after["state"], after["last_error_step"]) == ("partial", "raw/alleaves_inventory")
    assert spent(project) == Decimal("5260.00")
    assert after["products_synced_at"] == first["products_synced_at"]
    assert after["orders_synced_at"] >= first["orders_synced_at"]
    assert after["last_sync_at"] == first["last_sync_at"]
    pos.faults.clear()
    project.sync_ok("shop", "pos_sync")
    assert (status(project)["state"], status(project)["last_error"]) == ("success", None)


def test_customers_fail_so_orders_and_spending_are_left_out(project: Project, pos: AlleavesSandbox) -> None:
    project.sync_ok("shop", "pos_sync")
    before, calls = business(project), len(pos.calls)
    pos.store.orders.append(sale(2000, 1, 60.00))
    pos.store.inventory.append(goods(61)[-1])
    pos.faults.add(Fault("500", "customers", times=99))
    result = project.sync("shop", "pos_sync")
    assert set(result.failures) == {"raw__alleaves_customers"}
    assert "orders" not in [call["route"] for call in pos.calls[calls:]]
    after = business(project)
    assert after["marts.customer_spending"] == before["marts.customer_spending"]
    assert len(after["marts.menu_products"]) == 61
    assert status(project)["state"] == "partial"


def test_an_empty_list_of_customers_is_not_believed(project: Project, pos: AlleavesSandbox) -> None:
    project.sync_ok("shop", "pos_sync")
    before = business(project)
    pos.faults.add(Fault("empty", "customers"))
    pos.faults.add(Fault("empty", "inventory"))
    project.sync("shop", "pos_sync")
    codes = {error["code"] for error in project.last_run("shop")["errors"]}
    assert codes == {"suspicious_empty", "empty_catalogue"}
    assert business(project) == before


def test_orders_fail_and_the_gap_is_closed_later_60(project: Project, pos: AlleavesSandbox) -> None:
    project.sync_ok("shop", "pos_sync")
    moment = status(project)["orders_synced_at"]
    pos.faults.add(Fault("empty", "orders"))
    result = project.sync("shop", "pos_sync")
    assert set(result.failures) == {"alleaves_orders"}
    assert project.last_run("shop")["errors"][0]["code"] == "suspicious_empty"
    assert status(project)["orders_synced_at"] == moment
    pos.faults.clear()
    pos.store.orders.append(sale(2000, 1, 60.00))
    project.sync_ok("shop", "pos_sync")
    assert spent(project) == Decimal("5260.00")


def test_the_window_reaches_back_to_the_last_good_run_60(project: Project, pos: AlleavesSandbox) -> None:
    project.sync_ok("shop", "pos_sync")
    with project.warehouse.transaction() as connection:
        connection.execute("UPDATE ops.sync_status SET orders_synced_at = orders_synced_at - interval '200 days'")
    pos.store.orders.append(sale(2000, 1, 60.00, days_ago=190))
    project.sync_ok("shop", "pos_sync")
    assert spent(project) == Decimal("5260.00")


@pytest.mark.parametrize(("share", "code"), [(0.0, "empty_catalogue"), (0.1, "catalogue_shrank")])
def test_a_catalogue_that_shrinks_is_guarded_53(
    project: Project, pos: AlleavesSandbox, share: float, code: str
) -> None:
    project.sync_ok("shop", "pos_sync")
    before = business(project)["marts.menu_products"]
    pos.faults.add(Fault("empty" if not share else "partial", "inventory", **({"share": share} if share else {})))
    result = project.sync("shop", "pos_sync")
    assert result.failures == {}
    assert [error["code"] for error in project.last_run("shop")["errors"]] == [code]
    assert status(project)["state"] == "partial"
    assert business(project)["marts.menu_products"] == before
    assert not result.checks["alleaves_inventory", code]


def test_a_shrink_can_be_accepted_once(project: Project, pos: AlleavesSandbox) -> None:
    project.sync_ok("shop", "pos_sync")
    pos.store.inventory[:] = pos.store.inventory[:6]
    project.sync("shop", "pos_sync")
    listed = "SELECT count(*) AS n FROM marts.menu_products WHERE removed_at IS NULL"
    assert project.rows(listed) == [{"n": 60}]
    project.sync_ok("shop", "pos_sync", accept_catalogue_shrink=True)
    assert project.rows(listed) == [{"n": 6}]
    assert status(project)["menu_products_count"] == 6


def test_locations_that_cannot_be_read_are_a_warning(project: Project, pos: AlleavesSandbox) -> None:
    project.sync_ok("shop", "pos_sync")
    pos.faults.add(Fault("500", "location", times=99))
    project.sync_ok("shop", "pos_sync")
    run = project.last_run("shop")
    assert (run["status"], [warning["code"] for warning in run["warnings"]]) == ("ok", ["location_unread"])
    assert project.rows("SELECT count(*) AS n FROM raw.alleaves_locations") == [{"n": 2}]


def test_an_unknown_location_fails_the_run_61(
    project: Project, pos: AlleavesSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_store(project, "lost", pos, monkeypatch, alleaves={"location_ids": [4711]})
    project.sync("lost", "pos_sync")
    run = project.last_run("lost")
    assert (run["status"], run["errors"][0]["code"]) == ("failed", "no_location")
    project.sync_ok("shop", "pos_sync")


def test_a_refused_login_is_final_and_costs_one_call_3(
    project: Project, pos: AlleavesSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TEST_POS_PASSWORD", "wrong")
    project.sync("shop", "pos_sync")
    assert [call["route"] for call in pos.calls] == ["auth"]
    run = project.last_run("shop")
    assert (run["status"], {error["code"] for error in run["errors"]}) == ("failed", {"login_refused"})
    assert "wrong" not in str(run)


def test_an_inactive_connection_is_not_scheduled_and_refused_by_hand_61(
    project: Project, pos: AlleavesSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """pos_sync_half_hourly"""
    add_store(project, "asleep", pos, monkeypatch, active=False)
    project.sync("asleep", "pos_sync")
    assert project.last_run("asleep")["errors"][0]["code"] == "connection_inactive"
    requests = requests_of("pos_sync_half_hourly", ["shop", "asleep"])
    assert [(request.partition_key, request.run_key) for request in requests] == [("shop", f"shop|{TICK.isoformat()}")]


def test_a_run_that_has_not_ended_gets_no_second_one(project: Project) -> None:
    with dg.instance_for_test() as instance:
        instance.add_dynamic_partitions("org", ["shop"])
        job = project.definitions.resolve_job_def("pos_sync")
        run = instance.create_run_for_job(job, tags={"dagster/partition": "shop"}, status=dg.DagsterRunStatus.STARTED)
        assert busy_orgs(instance) == {"shop"}
        context = dg.build_schedule_context(instance=instance, scheduled_execution_time=TICK)
        assert list(pos_sync_half_hourly(context)) == []
        instance.report_run_failed(run)
        assert [request.partition_key for request in pos_sync_half_hourly(context)] == ["shop"]


def test_one_organisation_fails_and_the_others_are_right_61(
    project: Project, pos: AlleavesSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    with AlleavesSandbox(store=shop([person(1)], [sale(1, 1)])) as down:
        add_store(project, "down", down, monkeypatch)
    assert not project.sync("down", "pos_sync").success
    project.sync_ok("shop", "pos_sync")
    assert (status(project, "down")["state"], status(project)["state"]) == ("failed", "success")
    assert spent(project) == Decimal("5200.00")
