"""A store that lives: what happens in thirty days of half hours, and that the same source gives the same life."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from sync_assets.sandbox.alleaves import AlleavesSandbox, Store, advance, demo_store
from sync_assets.sandbox.alleaves.life import SLOT
from sync_assets_tests.sandbox.alleaves_calls import TODAY, Caller, shared_store

TICKS = 1_440


def snapshot(store: Store) -> Any:
    return store.customers, store.orders, store.inventory, store.coming, store.moment


def opened() -> tuple[Store, datetime]:
    store = demo_store(TODAY)
    assert store.moment is not None
    return store, store.moment


class Month:
    """Thirty days in half hours, and what was seen on the way."""

    def __init__(self) -> None:
        self.store, self.start = opened()
        self.strangers: set[Any] = set()
        self.items: list[frozenset[int]] = []
        rng = random.Random(7)
        for tick in range(1, TICKS + 1):
            advance(self.store, self.start + tick * SLOT, rng)
            if tick % 8 == 0:
                known = {row.get("id_customer") for row in self.store.customers[3_990:]}
                named = {row["id_customer"] for row in self.store.orders[11_990:]}
                self.strangers |= {it for it in named if isinstance(it, int) and it > 4_000 and it not in known}
                self.items.append(frozenset(row["id_item"] for row in self.store.inventory))


@pytest.fixture(scope="module")
def month() -> Iterator[Month]:
    yield Month()


def test_the_same_source_gives_the_same_life_in_any_number_of_steps(month: Month) -> None:
    other, start = opened()
    advance(other, start + TICKS * SLOT, random.Random(7))
    assert snapshot(other) == snapshot(month.store)


def test_another_source_gives_another_life() -> None:
    (one, start), (other, _) = opened(), opened()
    advance(one, start + 48 * SLOT, random.Random(7))
    advance(other, start + 48 * SLOT, random.Random(8))
    assert one.moment == other.moment
    assert snapshot(one) != snapshot(other)


def test_only_whole_half_hours_happen() -> None:
    store, start = opened()
    rng = random.Random(1)
    advance(store, start + timedelta(hours=20, minutes=29, seconds=59), rng)
    assert store.moment == start + timedelta(hours=20)
    advance(store, start, rng)
    assert store.moment == start + timedelta(hours=20)


def test_new_orders_come_while_the_shop_is_open(month: Month) -> None:
    new = month.store.orders[12_000:]
    assert 1_000 < len(new) < 1_450
    numbers = [row["id_order"] for row in new]
    assert numbers == list(range(numbers[0], numbers[0] + len(new)))
    moments = [month.store.instant(row) for row in new]
    assert all(moment is not None and month.start <= moment < month.start + TICKS * SLOT for moment in moments)
    assert {moment.astimezone(month.store.zone).hour for moment in moments if moment} <= set(range(9, 21))
    assert not {row.get("id_order") for row in month.store.orders[:12_000]} & set(numbers)


def test_new_customers_come_and_some_are_seen_only_after_their_order(month: Month) -> None:
    assert 4_200 < len(month.store.customers) < 4_500
    numbers = [row.get("id_customer") for row in month.store.customers[4_000:]]
    assert len(set(numbers)) == len(numbers)
    assert len(month.strangers) >= 5
    late = {row["id_customer"] for _, rows, row in month.store.coming if rows == "customers"}
    assert month.strangers <= set(numbers) | late


def test_most_new_orders_are_of_known_customers(month: Month) -> None:
    new = month.store.orders[12_000:]
    known = {row.get("id_customer") for row in month.store.customers}
    named = [row["id_customer"] or (row["customer"] or {}).get("id") for row in new]
    assert sum(it in known for it in named) / len(new) > 0.85
    assert any(it in (None, 0, -1) for it in named)


def test_statuses_move_on_and_old_orders_change(month: Month) -> None:
    before = {row["id_order"]: row for row in shared_store().orders if row.get("id_order")}
    changed = [row for row in month.store.orders[:12_000] if row.get("id_order") and row != before[row["id_order"]]]
    assert 5 < len(changed) < 60
    assert {row["status"] for row in changed} >= {"void", "completed"}
    for row in changed:
        old = before[row["id_order"]]
        assert row["date_updated"] > old["date_updated"]
        made = month.store.instant(row)
        assert made is not None
        assert made > month.start - timedelta(days=61)
        assert row["void"] or row["total"] != old["total"]
    online = [row for row in month.store.orders[12_000:-40] if row["type"] in ("delivery", "pickup")]
    assert {row["status"] for row in online} <= {"completed", "cancelled", "void"}


def test_no_order_is_changed_before_it_was_made(month: Month) -> None:
    for row in month.store.orders[12_000:]:
        changed = datetime.fromisoformat(row["date_updated"])
        made = month.store.instant(row)
        assert made is not None
        assert made <= changed <= month.start + TICKS * SLOT


def test_the_rows_of_the_edge_cases_stay_as_they_were(month: Month) -> None:
    before = shared_store()
    odd = [row for row in before.orders if str(row.get("id_order")).startswith("299")]
    assert month.store.orders[: len(odd)] == before.orders[: len(odd)]
    assert month.store.customers[3_963:4_000] == before.customers[3_963:]
    made = [row for row in before.inventory if row["id_item"] >= 5_376]
    assert len(made) == 31
    assert [row for row in month.store.inventory if row["id_item"] >= 5_376] == made
    known = set(range(3_964, 4_001))
    assert not known & {row["id_customer"] for row in month.store.orders[12_000:]}


def test_goods_sell_out_vanish_and_return(month: Month) -> None:
    first = frozenset(row["id_item"] for row in shared_store().inventory)
    gone = {item for seen in month.items for item in first - seen}
    returned = {item for item in gone if any(item in seen for seen in month.items[-12:])}
    assert len(gone) >= 10
    assert len(returned) >= 8
    assert all(row["available"] >= 0 and row["on_hand"] >= 0 for row in month.store.inventory)
    assert len(month.items[-1]) > 380


def test_prices_and_customers_change(month: Month) -> None:
    before = {(row["id_location"], row["id_batch"]): row["price_retail"] for row in shared_store().inventory}
    moved = [row for row in month.store.inventory if row["price_retail"] != before[row["id_location"], row["id_batch"]]]
    assert 40 < len(moved) < 200
    for row in moved:
        assert row["date_updated"] > f"{TODAY}"
    people = zip(shared_store().customers, month.store.customers, strict=False)
    assert 5 < sum(one != other for one, other in people) < 60


def test_a_store_without_a_moment_cannot_live() -> None:
    with pytest.raises(ValueError, match="no moment"):
        advance(Store(), datetime(2026, 1, 1), random.Random(1))


def test_a_living_sandbox_follows_its_clock() -> None:
    store, start = opened()
    server = AlleavesSandbox(store=store, is_living=True)
    server.now = lambda: start
    with server, Caller(server) as caller:
        caller.login()
        day = str(TODAY)
        assert len(caller.orders(size=500, start=day, end=day).json()) == 3
        server.now = lambda: start + timedelta(hours=23)
        caller.login()
        assert 25 < len(caller.orders(size=500, start=day, end=day).json()) - 3 < 60
        assert store.moment == start + timedelta(hours=23)
