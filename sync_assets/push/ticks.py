"""The sensors' ticks: what the shop changed since the last one becomes waiting items, each event once.

Events, wanted states and cursor are written in one transaction. When a run starts does not belong here.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sync_assets.clock import utc_now
from sync_assets.connections import Org
from sync_assets.push.payloads import Wanted
from sync_assets.push.planning import TARGET, add, connections_of, excluded, guard, opened, read_wanted, zeroed
from sync_assets.push.states import Trigger
from sync_assets.sources.shop import Change, Cursor, ShopReader
from sync_assets.warehouse import Warehouse, push

ORDERS_PER_TICK = 200
VARIANTS_PER_TICK = 500
Row = dict[str, Any]


@dataclass(frozen=True)
class Tick:
    """What a sensor's tick met: its batch, the new events, the items they concern, and whether more is to come."""

    batch_id: str = ""
    events: tuple[str, ...] = ()
    push_keys: tuple[str, ...] = ()
    has_more: bool = False
    cursor: str = ""


def enqueue_shipped(warehouse: Warehouse, org: Org, *, now: Callable[[], datetime] = utc_now) -> Tick:
    """Turns orders that shipped since the last tick into waiting items; the first tick only sets the cursor."""
    if not connections_of(org)[1].enabled:
        return Tick()
    with opened(warehouse, org) as (connection, shop, held):
        cursor = _cursor(connection, org, "order_shipped")
        if cursor is None:
            # Those that the overlap would show again are known from the start.
            begun = Cursor(shop.read_at)
            old = [(order.id, order) for order in shop.shipped_orders(begun)]
            return replace(_save_tick(connection, org, "order_shipped", begun, old, (), False, now()), events=())
        wanted, plan = read_wanted(shop, org, held)
        by_variant = {variant: item for item in wanted for variant in item.variant_ids}
        orders: list[Change] = []
        has_more = False
        for page in _pages(shop.shipped_orders(cursor)):
            fresh = push.new_events(connection, org.org_id, TARGET, "order_shipped", [order.id for order in page])
            orders += [order for order in page if order.id in fresh]
            if has_more := len(orders) > ORDERS_PER_TICK:
                orders = orders[:ORDERS_PER_TICK]
                break
            cursor = max(cursor, page[-1].cursor, key=_place)
        if has_more:
            cursor = max(cursor, orders[-1].cursor, key=_place)
        by_order: dict[str, str] = {}
        for order in orders:
            by_order |= {by_variant[v].push_key: order.id for v in order.variant_ids if v in by_variant}
        items = [item for item in wanted if item.push_key in by_order]
        for item in items:
            trigger = Trigger("ORDER_SHIPPED", order_id=by_order[item.push_key])
            add(plan, org, held, [item], trigger, read_at=shop.read_at, at=now())
        push.save_states(connection, plan.rows)
        events = [(order.id, order) for order in orders]
        return _save_tick(connection, org, "order_shipped", cursor, events, tuple(by_order), has_more, now())


def enqueue_changed(warehouse: Warehouse, org: Org, *, now: Callable[[], datetime] = utc_now) -> Tick:
    """Turns changes of stock, products and places into waiting items; the first tick is a full pass."""
    if not connections_of(org)[1].enabled:
        return Tick()
    trigger = Trigger("INVENTORY_ADJUSTMENT")
    with opened(warehouse, org) as (connection, shop, held):
        wanted, plan = read_wanted(shop, org, held)
        cursor = _cursor(connection, org, "inventory_adjusted")
        at_of: dict[str, datetime] = {}
        if cursor is None:
            changed = wanted + zeroed(org, held, wanted)
            cursor, has_more = Cursor(shop.read_at), False
        else:
            changed, cursor, has_more, at_of = _changed(org, shop, held, wanted, cursor)
        add(plan, org, held, changed, trigger, read_at=shop.read_at, at=now())
        plan.rows += excluded(org, held, wanted)
        guard(org, held, changed, plan, is_confirmed=True, allow_mass_zero=False)
        push.save_states(connection, plan.rows)
        events = [
            (
                f"{item.variant_id or item.product_id}:{item.hash}",
                Change(item.push_key, at_of.get(item.push_key, shop.read_at)),
            )
            for item in changed
        ]
        keys = tuple(item.push_key for item in changed)
        return _save_tick(connection, org, "inventory_adjusted", cursor, events, keys, has_more, now())


def _changed(
    org: Org, shop: ShopReader, held: dict[str, Row], wanted: list[Wanted], cursor: Cursor
) -> tuple[list[Wanted], Cursor, bool, dict[str, datetime]]:
    """The items that differ from the wanted state held, at most as many as a tick may have, and where to go on."""
    by_variant = {item.variant_id: item for item in wanted if item.variant_id}
    by_product = {item.push_key: item for item in wanted if not item.variant_id}
    gone = {item.push_key: item for item in zeroed(org, held, wanted)}
    gone_by_variant = {held[key]["variant_id"] or key: item for key, item in gone.items()}
    found: dict[str, Wanted] = {}
    at_of: dict[str, datetime] = {}
    has_more = False
    for change in shop.changed_variants(cursor):
        item = (
            by_variant.get(change.id)
            or by_product.get(change.product_id or "")
            or gone_by_variant.get(change.id)
            or gone_by_variant.get(change.product_id or "")
        )
        if item and item.push_key not in found and _differs(held.get(item.push_key), item):
            if len(found) == VARIANTS_PER_TICK:
                has_more = True
                break
            found[item.push_key], at_of[item.push_key] = item, change.changed_at
        cursor = max(cursor, change.cursor, key=_place)
    return list(found.values()), cursor, has_more, at_of


def _differs(row: Row | None, item: Wanted) -> bool:
    return row is None or row["desired_hash"] != item.hash or row["status"] == "excluded"


def _pages(changes: Iterator[Change], size: int = 500) -> Iterator[list[Change]]:
    page: list[Change] = []
    for change in changes:
        page.append(change)
        if len(page) == size:
            yield page
            page = []
    if page:
        yield page


def _place(cursor: Cursor) -> tuple[datetime, str]:
    return cursor.changed_at, cursor.last_id


def _cursor(connection: push.Connection, org: Org, kind: str) -> Cursor | None:
    found = push.cursor_of(connection, org.org_id, TARGET, kind)
    return Cursor(datetime.fromisoformat(found["changed_at"]), found["last_id"]) if found else None


def _save_tick(
    connection: push.Connection,
    org: Org,
    kind: str,
    cursor: Cursor,
    events: list[tuple[str, Change]],
    keys: tuple[str, ...],
    has_more: bool,
    at: datetime,
) -> Tick:
    """Events and cursor, in the transaction that also writes the states."""
    place = {"changed_at": cursor.changed_at.isoformat(), "last_id": cursor.last_id}
    batch = uuid.uuid4().hex
    rows = [
        {
            "org_id": org.org_id,
            "target": TARGET,
            "kind": kind,
            "event_key": key,
            "batch_id": batch,
            "changed_at": change.changed_at,
            "seen_at": at,
        }
        for key, change in events
    ]
    push.save_events(connection, rows)
    push.save_cursors(connection, org.org_id, TARGET, kind, place)
    return Tick(batch, tuple(key for key, _ in events), keys, has_more, f"{place['changed_at']} {place['last_id']}")
