"""Runs against the vendor's sandbox: the formula, what is left out, unknown outcomes, fatal errors, guards, sensors."""

from __future__ import annotations

import threading
import time
from datetime import timedelta

import pytest

from sync_assets.clock import utc_now
from sync_assets.errors import ConfigurationError, GuardTripped
from sync_assets.push import Pace, Trigger, enqueue_changed, enqueue_shipped, plan_push, raise_alerts
from sync_assets.push.payloads import Wanted
from sync_assets.push.states import merge, new_state
from sync_assets.sandbox.vendor import Fault, VendorSandbox
from sync_assets.warehouse import push, push_log
from sync_assets_tests.push.support import EPOCH, FULL, ORG, QUICK, TARGET, World

CHANGED = Trigger("INVENTORY_ADJUSTMENT")


def test_available_stock_is_clamped_by_place_before_it_is_added_up(world: World) -> None:
    world.shop("INSERT INTO locations VALUES ('C', 'C', false, clock_timestamp())")
    vectors = {
        "V-1": ([("A", 100, 10), ("B", 50, 5)], 135),
        "V-2": ([("A", 100, 10), ("B", 5, 20)], 90),
        "V-3": ([("A", 100, 10), ("C", 50, 5)], 90),
        "V-4": ([("A", 100, None)], 100),
        "V-5": ([("C", 70, 0)], 0),
    }
    for sku, (rows, _) in vectors.items():
        for place, quantity, reserved in rows:
            world.stock(sku, quantity, reserved=reserved, place=place)
    plan_push(world.warehouse, world.org, FULL)
    wanted = {sku: world.state(sku)["desired_payload"]["product"]["vendor_on_hand_qty"] for sku in vectors}
    assert wanted == {sku: expected for sku, (_, expected) in vectors.items()}


def test_what_is_left_out_and_why(world: World) -> None:
    for sku in ("A-1", "D-1", "d-1 ", "  "):
        world.stock(sku, 5)
    world.stock("OFF", 5)
    world.shop("UPDATE products SET status = 'DRAFT' WHERE id = 'p-OFF'")
    result = world.push(is_dry_run=True)
    assert result["plan"] == {"A-1": "create"}
    assert sorted((skip["code"], skip["variant_ids"]) for skip in result["details"]) == [
        ("duplicate_sku", ("D-1", "d-1 ")),
        ("missing_sku", ("  ",)),
    ]
    assert world.vendor.calls == []
    assert world.warehouse.query("SELECT * FROM ops.push_state") == []


def test_a_target_that_is_off_makes_no_call(world: World) -> None:
    world.stock("A-1", 5)
    world.use(enabled=False)
    assert world.push()["skip_reason"] == "target_disabled"
    assert world.vendor.calls == []


def test_a_create_that_was_applied_but_timed_out_is_one_product(world: World) -> None:
    world.stock("A-1", 5)
    world.vendor.add_faults([Fault("timeout_after", "create", times=1)])
    world.push()
    assert world.vendor.products.twice() == []
    assert world.routes() == ["read", "create", "read", "update"]
    assert [(row["error_code"], row["outcome_unknown"]) for row in world.log()] == [("timeout", True), (None, False)]
    state = world.state("A-1")
    assert state["verify_at"] - state["acked_at"] == timedelta(seconds=QUICK.verify)


@pytest.mark.parametrize(("held", "routes", "after"), [(6, ["read"], 6), (5, ["read", "update"], 6)])
def test_a_late_look_sends_the_newest_state_once_more(world: World, held: int, routes: list[str], after: int) -> None:
    world.stock("A-1", 6)
    world.push()
    world.warehouse.query("UPDATE ops.push_state SET verify_at = now() RETURNING 1")
    # An old request landed late.
    world.vendor.products["A-1"].quantity = held
    calls = len(world.vendor.calls)
    world.push(None)
    assert world.routes()[calls:] == routes
    assert world.held() == {"A-1": after}
    assert (world.state("A-1")["verify_at"], world.state("A-1")["status"]) == (None, "completed")


def test_a_fatal_error_stops_the_run_and_blocks_the_target(world: World) -> None:
    world.stock("A-1", 5)
    world.vendor.add_faults([Fault("401")])
    with pytest.raises(ConfigurationError, match="acme: the vendor API cannot be used: The token was refused"):
        world.push()
    calls = len(world.vendor.calls)
    with pytest.raises(ConfigurationError, match="The token was refused"):
        world.push()
    assert len(world.vendor.calls) == calls
    assert (world.state("A-1")["status"], world.state("A-1")["attempts"]) == ("waiting", 0)
    assert [alert.kind for alert in raise_alerts(world.warehouse, world.org, at=utc_now())] == ["blocked"]
    assert raise_alerts(world.warehouse, world.org, at=utc_now()) == []


def test_a_permanent_failure_waits_for_another_payload_or_an_operator(world: World) -> None:
    world.stock("A-1", 5)
    world.vendor.add_faults([Fault("business_error", "create", times=1, code="not_today", message="no")])
    assert world.push()["failed"] == 1
    assert world.push()["calls"] == 0
    assert push_log.retry(world.warehouse, ORG, TARGET, sku="A-1", at=utc_now()) == 1
    assert world.push(None)["succeeded"] == 1


def test_failures_in_a_row_raise_one_alert_until_a_success(world: World) -> None:
    world.use(alert_after=2)
    for sku in ("A-1", "A-2"):
        world.stock(sku, 5)
    world.vendor.add_faults([Fault("422", times=2)])
    assert world.push()["failed"] == 2
    at = utc_now()
    assert [alert.kind for alert in raise_alerts(world.warehouse, world.org, at=at)] == ["failures"]
    assert raise_alerts(world.warehouse, world.org, at=at + timedelta(hours=23)) == []
    assert len(raise_alerts(world.warehouse, world.org, at=at + timedelta(hours=25))) == 1
    world.stock("A-3", 5)
    world.push()
    assert raise_alerts(world.warehouse, world.org, at=at) == []


def test_excluded_items_are_left_or_emptied_once(world: World) -> None:
    world.stock("A-1", 5)
    world.push()
    world.shop("UPDATE product_variants SET is_active = false, updated_at = clock_timestamp()")
    assert world.push()["calls"] == 0
    assert world.state("A-1")["status"] == "excluded"
    world.use(on_exclusion="zero")
    assert (world.push()["calls"], world.push()["calls"]) == (1, 0)
    assert world.held() == {"A-1": 0}


def test_the_guards_stop_before_any_call(world: World) -> None:

    for number in range(12):
        world.stock(f"A-{number}", 5)
    plan_push(world.warehouse, world.org, FULL)
    world.warehouse.query(
        "UPDATE ops.push_state SET acked_payload = desired_payload, acked_hash = desired_hash, acked_version = 1, "
        "status = 'completed' RETURNING 1"
    )
    world.shop(
        "UPDATE inventory SET quantity = 0, updated_at = clock_timestamp() WHERE variant_id NOT IN ('A-0', 'A-1')"
    )
    with pytest.raises(GuardTripped, match="10 of 12 items in stock would become 0") as stopped:
        world.push()
    assert stopped.value.code == "mass_zero"
    world.use(max_plan=9)
    with pytest.raises(GuardTripped, match="the plan has 10 items") as stopped:
        world.push(allow_mass_zero=True)
    assert stopped.value.code == "plan_too_large"
    assert world.vendor.calls == []
    assert plan_push(world.warehouse, world.org, FULL, allow_mass_zero=True, is_confirmed=True).counts["update"] == 10


def test_a_state_read_earlier_never_replaces_a_later_one() -> None:
    def item(quantity: int) -> Wanted:
        product = {"name": "A", "default_code": "A-1", "vendor_on_hand_qty": quantity}
        return Wanted("A-1", "A-1", "p", ("A-1",), {"product": product, "supplier": {"price": 0}})

    row = {
        **new_state(ORG, TARGET, item(9), CHANGED, read_at=EPOCH, at=EPOCH),
        "acked_hash": None,
        "outcome_unknown": False,
    }
    for age in range(1, 5):
        assert merge(row, item(age), CHANGED, read_at=EPOCH - timedelta(seconds=age), at=EPOCH) is None
    newer = merge(row, item(10), CHANGED, read_at=EPOCH + timedelta(seconds=1), at=EPOCH)
    assert newer is not None
    assert (newer["desired_version"], newer["coalesced"]) == (2, 2)


def test_a_change_while_an_item_is_sent_is_sent_too(world: World) -> None:
    world.stock("A-1", 5)
    world.vendor.add_faults([Fault("slow", "create", times=1, seconds=0.3)])
    plan_push(world.warehouse, world.org, FULL)

    run = threading.Thread(target=world.push, args=(None,))
    run.start()
    while world.warehouse.query("SELECT status FROM ops.push_state")[0]["status"] != "active":
        time.sleep(0.01)
    world.stock("A-1", 8)
    plan_push(world.warehouse, world.org, CHANGED)
    run.join()
    assert world.held() == {"A-1": 8}
    assert world.state("A-1")["acked_version"] == 2


def test_sensor_events_come_once_and_their_items_are_pushed(world: World) -> None:
    for sku in ("A-1", "A-2", "A-3"):
        world.stock(sku, 5)
    world.ship("old", "A-1")
    assert enqueue_shipped(world.warehouse, world.org).events == ()
    world.ship("o-1", "A-1", "A-2", "A-3")
    world.ship("o-2", "A-1")
    # The old order is within the overlap in which late commits are looked for.
    assert enqueue_shipped(world.warehouse, world.org).events == ("o-1", "o-2")
    world.shop("UPDATE orders SET status = 'DELIVERED', updated_at = clock_timestamp()")
    assert enqueue_shipped(world.warehouse, world.org).events == ()
    assert world.push(None)["succeeded"] == 3
    assert len(world.log()) == 3


def test_the_stock_sensor_begins_with_all_and_then_takes_what_differs(world: World) -> None:
    for sku in ("A-1", "A-2"):
        world.stock(sku, 5)
    assert enqueue_changed(world.warehouse, world.org).push_keys == ("A-1", "A-2")
    assert enqueue_changed(world.warehouse, world.org).push_keys == ()
    world.stock("A-2", 4)
    assert enqueue_changed(world.warehouse, world.org).push_keys == ("A-2",)
    world.stock("A-1", 9, place="B")
    world.shop("UPDATE locations SET is_active = false, updated_at = clock_timestamp() WHERE id = 'A'")
    assert enqueue_changed(world.warehouse, world.org).push_keys == ("A-1", "A-2")
    assert world.state("A-1")["desired_payload"]["product"]["vendor_on_hand_qty"] == 9


def test_a_price_change_is_pushed_in_mode_v2(world: World) -> None:
    with VendorSandbox(mode="v2") as partner:
        world.vendor = partner
        world.use(url=partner.url, mode="v2", partner_id=partner.partner_id)
        world.stock("A-1", 5, product="p")
        world.push()
        world.shop("UPDATE product_variants SET regular_price = 12.5, updated_at = clock_timestamp()")
        assert world.push()["calls"] == 1
        assert world.log()[-1]["request_payload"] == {
            "default_code": "A-1",
            "variants": [{"default_code": "A-1", "vendor_on_hand_qty": 5, "price": 12.5}],
        }
        assert partner.products["A-1"].variants["A-1"].price == 12.5


def test_a_long_wish_delays_the_item_and_the_run_moves_on(world: World) -> None:
    world.stock("A-1", 5)
    world.vendor.add_faults([Fault("rate_limited", "read", times=1, retry_after="400")])
    result = world.push(pace=Pace(first_delay=0.02))
    assert (result["state"], result["left"]) == ("incomplete", 1)
    assert world.state("A-1")["status"] == "delayed"
    assert push_log.queue(world.warehouse, ORG, TARGET)["delayed"] == 1


def test_a_tick_that_died_before_its_end_left_nothing_and_the_next_one_does_it(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    enqueue_shipped(world.warehouse, world.org)
    world.stock("A-1", 5)
    world.ship("o-1", "A-1")

    def die(*_: object) -> None:
        raise ConnectionResetError("the database went away")

    with monkeypatch.context() as patch:
        patch.setattr(push, "save_cursors", die)
        with pytest.raises(ConnectionResetError):
            enqueue_shipped(world.warehouse, world.org)
    assert world.warehouse.query("SELECT * FROM ops.push_state") == []
    assert world.warehouse.query("SELECT * FROM ops.push_events") == []
    assert enqueue_shipped(world.warehouse, world.org).events == ("o-1",)
    assert enqueue_shipped(world.warehouse, world.org).events == ()


def test_an_order_delivered_before_anybody_saw_it_shipped_counts(world: World) -> None:
    enqueue_shipped(world.warehouse, world.org)
    world.stock("A-1", 5)
    world.ship("o-1", "A-1", status="DELIVERED")
    assert enqueue_shipped(world.warehouse, world.org).events == ("o-1",)
