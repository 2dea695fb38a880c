"""Rules of states and payloads over many invented histories, without a database."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from sync_assets.push.payloads import Wanted, build_wanted, payload_hash, update_body
from sync_assets.push.states import Pace, Trigger, after_failure, after_success, merge, new_state
from sync_assets.sources.shop import Variant
from sync_assets.targets.vendor_api import Verdict
from sync_assets_tests.push.support import EPOCH, ORG, TARGET, org_for

CHANGED = Trigger("INVENTORY_ADJUSTMENT")
EMPTY = {"acked_hash": None, "acked_payload": None, "acked_version": 0, "outcome_unknown": False, "attempts": 0}
EMPTY |= {"remote_key": None, "remote_id": None, "verify_at": None, "last_error_class": None}


def item(quantity: int) -> Wanted:
    product = {"name": "A", "default_code": "A-1", "vendor_on_hand_qty": quantity}
    return Wanted("A-1", "A-1", "p", ("A-1",), {"product": product, "supplier": {"price": 0}}, ("A-1",))


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 9)), min_size=1, max_size=20))
def test_whatever_the_order_of_arrival_the_newest_reading_is_wanted(readings: list[tuple[int, int]]) -> None:
    row: dict[str, Any] = {}
    for quantity, age in readings:
        at = EPOCH + timedelta(seconds=age)
        if not row:
            row = {**EMPTY, **new_state(ORG, TARGET, item(quantity), CHANGED, read_at=at, at=at)}
        else:
            row |= merge(row, item(quantity), CHANGED, read_at=at, at=at) or {}
    newest = max(age for _, age in readings)
    last = [quantity for quantity, age in readings if age == newest][-1]
    assert row["desired_payload"]["product"]["vendor_on_hand_qty"] == last
    assert row["desired_version"] <= len(readings)


@given(st.lists(st.sampled_from(["retryable", "unknown", "ok"]), max_size=8))
def test_an_item_fails_after_three_attempts_and_remembers_an_unknown_outcome(ends: list[str]) -> None:
    row = {**EMPTY, **new_state(ORG, TARGET, item(1), CHANGED, read_at=EPOCH, at=EPOCH)}
    is_unknown = False
    for end in ends:
        if row["status"] != "waiting":
            break
        row["attempts"] += 1
        if end == "ok":
            row |= after_success(row, remote_id=None, pace=Pace(), at=EPOCH)
            assert (row["status"], row["outcome_unknown"], bool(row["verify_at"])) == ("completed", False, is_unknown)
        else:
            is_unknown = is_unknown or end == "unknown"
            verdict = Verdict("retryable", "timeout", outcome_unknown=end == "unknown")
            row |= after_failure(row, verdict, pace=Pace(), at=EPOCH, chance=0.5)
            assert row["outcome_unknown"] == is_unknown
            assert (row["status"] == "failed") == (row["attempts"] == 3)


def test_the_hash_ignores_the_order_of_keys() -> None:
    assert payload_hash({"a": 1, "b": {"c": 2, "d": 3}}) == payload_hash({"b": {"d": 3, "c": 2}, "a": 1})


def test_payloads_of_mode_v2() -> None:
    vendor = org_for("https://odoo.example.test", mode="v2", channel_id="web").targets.vendor_api
    assert vendor is not None
    shared = {"product_id": "p", "product_name": "Product"}
    variants = [
        Variant("1", **shared, variant_name="5mg", sku="A-1", available=Decimal(5), price=None),
        Variant("2", **shared, variant_name="10mg", sku=" A-2 ", available=Decimal(6), price=Decimal("9.50")),
        Variant("3", "q", "Other", "x", "B-1", Decimal(1), None),
    ]
    (wanted,), skipped = build_wanted(variants, vendor, {"p": "A-1"})
    entry = {"default_code": "A-2", "vendor_on_hand_qty": 6, "price": 9.5}
    assert wanted.payload == {
        "product": {"name": "Product", "default_code": "A-1", "vendor_on_hand_qty": 6},
        "supplier": {"price": 9.5},
        "variants": [{**entry, "attributes": {"Strength": "10mg"}}],
    }
    assert update_body(wanted.payload, wanted.payload) == {"default_code": "A-1", "variants": [entry]}
    assert [(skip.code, skip.variant_ids) for skip in skipped] == [("no_channel_price", ("3",))]
