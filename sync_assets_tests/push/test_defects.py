"""The ten known defects of an earlier implementation, each with the test that keeps it away."""

from __future__ import annotations

import json

import pytest

from sync_assets.errors import ConfigurationError
from sync_assets.push import Trigger, enqueue_shipped, plan_push
from sync_assets.sandbox.vendor import Fault, VendorSandbox
from sync_assets_tests.push.support import FULL, World, token


def test_defect_1_failures_are_tried_again(world: World) -> None:
    world.stock("A-1", 100, reserved=10)
    world.vendor.add_faults([Fault("server_error", "create", times=2)])
    result = world.push()
    assert (result["succeeded"], result["failed"], result["state"]) == (1, 0, "completed")
    assert [(row["attempt"], row["status"], row["error_code"]) for row in world.log()] == [
        (1, "FAILED", "http_500"),
        (2, "FAILED", "http_500"),
        (3, "SUCCESS", None),
    ]
    assert world.held() == {"A-1": 90}


def test_defect_2_an_unknown_trigger_is_other_and_pushed_once(world: World) -> None:
    world.stock("A-1", 5)
    world.push(Trigger("INVENTORY_UPDATE"))
    assert [(row["trigger_type"], row["trigger_reason"], row["status"]) for row in world.log()] == [
        ("OTHER", "INVENTORY_UPDATE", "SUCCESS")
    ]
    assert world.routes() == ["read", "create"]


def test_defect_3_an_exception_is_neither_success_nor_existence(world: World) -> None:
    world.stock("A-1", 5)
    world.vendor.add_faults([Fault("odoo_exception", "read", times=3)])
    assert world.push()["failed"] == 1
    assert world.routes() == ["read"] * 3
    assert world.held() == {}
    world.push()
    world.stock("A-1", 6)
    world.vendor.add_faults([Fault("odoo_exception", "update", times=3)])
    assert world.push()["failed"] == 1
    assert [row["status"] for row in world.log()[-3:]] == ["FAILED"] * 3
    assert world.held() == {"A-1": 5}


def test_defect_4_one_log_row_per_attempt(world: World) -> None:
    world.stock("A-1", 5)
    world.push()
    assert [(row["action"], row["status"], len(row["calls"])) for row in world.log()] == [("create", "SUCCESS", 2)]


def test_defect_5_many_changes_are_one_push_of_the_newest_stock(world: World) -> None:
    world.stock("A-1", 1)
    world.push()
    for quantity in range(2, 52):
        world.stock("A-1", quantity)
        plan_push(world.warehouse, world.org, Trigger("INVENTORY_ADJUSTMENT"))
    result = world.push(None)
    assert (result["succeeded"], result["calls"]) == (1, 1)
    assert world.held() == {"A-1": 51}
    assert world.log()[-1]["coalesced"] == 50


def test_defect_6_the_limit_counts_calls(world: World) -> None:
    for number in range(4):
        world.stock(f"A-{number}", 5)
    world.push()
    assert len(world.vendor.calls) == 8
    assert world.vendor.busiest_second() <= 5


def test_defect_7_the_logged_body_is_the_sent_one(world: World) -> None:
    world.stock("A-1", 5)
    world.push()
    world.stock("A-1", 7)
    world.push()
    sent = [call["json"] for call in world.vendor.calls if call["route"] != "read"]
    assert [row["request_payload"] for row in world.log()] == sent
    assert sent == [
        {
            "product": {"name": "Product p-A-1 - 5mg", "default_code": "A-1", "vendor_on_hand_qty": 5},
            "supplier": {"price": 0},
        },
        {"default_code": "A-1", "product": {"vendor_on_hand_qty": 7}},
    ]


def test_defect_8_a_product_keeps_its_code_when_its_first_variant_ends(world: World) -> None:
    world.vendor.server_down()
    with VendorSandbox(mode="v2") as partner:
        world.vendor = partner
        world.use(url=partner.url, mode="v2", partner_id=partner.partner_id)
        world.stock("A-1", 5, product="p")
        world.stock("A-2", 6, product="p", name="10mg")
        world.push()
        world.shop("UPDATE product_variants SET is_active = false, updated_at = clock_timestamp() WHERE id = 'A-1'")
        world.push()
        assert [product.default_code for product in partner.products.all] == ["A-1"]
        assert world.state("p")["remote_key"] == "A-1"
        assert world.log()[-1]["request_payload"]["default_code"] == "A-1"


def test_defect_9_the_token_is_nowhere_and_has_no_default(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    secret = token()
    world.stock("A-1", 5)
    echoes = [
        Fault("business_error", "read", times=1, code=secret, message=f"token {secret}"),
        Fault("odoo_exception", "read", times=1, name=secret),
        Fault("echo", "create", times=1),
    ]
    for fault in echoes:
        world.vendor.add_faults([fault])
        result = world.push(Trigger("MANUAL_SINGLE", retries_all=True))
        assert secret not in json.dumps(result, default=str)
    rows = [
        world.warehouse.query(f"SELECT to_jsonb(t)::text AS row FROM ops.{table} t")
        for table in ("push_state", "odoo_sync_log", "push_runs", "push_targets", "push_limits", "push_events")
    ]
    assert secret not in str(rows)
    calls = len(world.vendor.calls)
    monkeypatch.delenv("TEST_VENDOR_TOKEN")
    with pytest.raises(ConfigurationError, match="acme: the environment variable TEST_VENDOR_TOKEN is not set"):
        world.push()
    assert len(world.vendor.calls) == calls


def test_defect_10_what_was_enqueued_is_pushed_by_the_next_run_whatever_happened_between(world: World) -> None:
    enqueue_shipped(world.warehouse, world.org)
    world.stock("A-1", 5)
    world.ship("o-1", "A-1")
    tick = enqueue_shipped(world.warehouse, world.org)
    assert (tick.events, tick.push_keys) == (("o-1",), ("A-1",))
    # The tick's process is gone before it asked for a run; the next tick has no event, but the item waits.
    assert enqueue_shipped(world.warehouse, world.org).events == ()
    assert world.push(None)["succeeded"] == 1
    assert [(row["trigger_type"], row["order_id"]) for row in world.log()] == [("ORDER_SHIPPED", "o-1")]
    assert world.held() == {"A-1": 5}


def test_a_second_run_makes_no_call(world: World) -> None:
    world.stock("A-1", 5)
    world.push(FULL)
    calls = len(world.vendor.calls)
    result = world.push(FULL)
    assert (result["unchanged"], result["calls"], len(world.vendor.calls)) == (1, 0, calls)
