"""The life of a store after the day it was made: new orders and customers, voids, sold-out goods, other prices.

How the store looks on its first day belongs to `seed/`.
"""

from __future__ import annotations

import random
from datetime import datetime, timedelta

from sync_assets.sandbox.alleaves.seed.catalogue import FIRST_ITEM, ORDINARY_ITEMS, Item, items_of
from sync_assets.sandbox.alleaves.seed.customers import CUSTOMERS, ORDINARY, ordinary_customer
from sync_assets.sandbox.alleaves.seed.locations import MAIN
from sync_assets.sandbox.alleaves.seed.orders import CLOSES, FIRST_ORDER, OPENS, order_row, set_status, shaped, written
from sync_assets.sandbox.alleaves.store import Row, Store
from sync_assets.sandbox.dice import Dice

SLOT = timedelta(minutes=30)
# Later voids and refunds strike orders of this age at most, so that a window of 90 days always sees them.
VOIDED_WITHIN = timedelta(days=60)
_STEPS = {"pending": "confirmed", "confirmed": "preparing", "preparing": "ready", "ready": "completed"}
_MORNING = 7 * 60
# About 40 orders in the 24 half hours in which the shop is open, as in the last months of the seed.
_ORDERS_PER_SLOT = (0, 1, 1, 1, 2, 2, 2, 2, 3, 3)
_FIRST_ODD_ITEM = FIRST_ITEM + ORDINARY_ITEMS
_REGULARS = 2_500


def advance(store: Store, to_moment: datetime, rng: random.Random) -> None:
    """Lets the store live in whole half hours from `store.moment` until `to_moment`, under its lock.

    The same store, source and end always give the same rows, in however many steps one gets there. Raises ValueError for
    a store without a moment.
    """
    if store.moment is None:
        raise ValueError("the store has no moment from which it could live on")
    dice = Dice.of(rng)
    with store.lock:
        while store.moment + SLOT <= to_moment:
            _live(store, store.moment, dice)
            store.moment += SLOT


def _live(store: Store, start: datetime, dice: Dice) -> None:
    """One half hour."""
    wall = start.astimezone(store.zone)
    minute = wall.hour * 60 + wall.minute
    _arrive(store, start)
    if _MORNING <= minute < _MORNING + SLOT.seconds // 60:
        _price(store, start, dice)
        _restock(store, start, dice)
        _clear_shelf(store, start, dice)
    if not OPENS <= minute < CLOSES:
        return
    # Older orders change at the beginning, so that no order is changed before it was made.
    _carry_on(store, start, dice)
    if dice.chance(3):
        _void(store, start, dice)
    if dice.chance(3):
        _change_customer(store, dice)
    if dice.chance(16):
        _sign_up(store, start, dice)
    items = items_of([row for row in _ordinary(store) if row["available"] > 0])
    for _ in range(dice.pick(_ORDERS_PER_SLOT) if items else 0):
        _sell(store, items, start + timedelta(minutes=dice.below(30), seconds=dice.below(60)), dice)


def _arrive(store: Store, now: datetime) -> None:
    """Customers whose row comes later than their first order, and goods that return."""
    due = [entry for entry in store.coming if entry[0] <= now]
    store.coming = [entry for entry in store.coming if entry[0] > now]
    for _, rows, row in due:
        if rows == "inventory":
            row["date_updated"] = written(now, 5)
        getattr(store, rows).append(row)


def _ordinary(store: Store) -> list[Row]:
    """The stock of the main shop that life touches; the rows made for an edge case stay as they are."""
    return [row for row in store.inventory if row["id_location"] == MAIN and row["id_item"] < _FIRST_ODD_ITEM]


def _sell(store: Store, items: list[Item], moment: datetime, dice: Dice) -> None:
    number = max(store.next_id("orders", "id_order"), FIRST_ORDER)
    order = order_row(number, moment, items, dice)
    order["date_updated"] = written(moment)
    shaped(order, _buyer(store, moment, dice), dice)
    if order["status"] == "completed" and order["type"] in ("delivery", "pickup") and order["total"] > 0:
        set_status(order, "pending")
    store.orders.append(order)
    if order["status"] != "void" and order["total"] > 0:
        for line in order["items"]:
            _take(store, line, moment, dice)


def _buyer(store: Store, moment: datetime, dice: Dice) -> Row | None:
    """A regular most of the time, else a walk-in, a member who comes back or somebody new."""
    if dice.chance(5):
        return None
    if dice.chance(14):
        return _sign_up(store, moment, dice, is_late=dice.chance(30))
    if dice.chance(12):
        return _anybody(store, dice)
    order = store.orders[-1 - dice.below(min(_REGULARS, len(store.orders)))]
    number = order["id_customer"] or (order["customer"] or {}).get("id")
    # Ids count from 1 and rows are only ever added, so a customer stands close to his number.
    near = store.customers[number - 1 : number + 20] if isinstance(number, int) and number > 0 else []
    found = (row for row in near if row.get("id_customer") == number)
    return next(found, None) or _anybody(store, dice)


def _anybody(store: Store, dice: Dice) -> Row | None:
    """Any customer but those made for an edge case, who stay as they are; then None."""
    row = dice.pick(store.customers)
    number = row.get("id_customer")
    return row if isinstance(number, int) and not ORDINARY < number <= CUSTOMERS else None


def _sign_up(store: Store, moment: datetime, dice: Dice, is_late: bool = False) -> Row:
    """A new customer; with `is_late` the row is seen only hours after the first order."""
    day = moment.astimezone(store.zone).date()
    row = ordinary_customer(store.next_id("customers", "id_customer"), day, day)
    row["date_created"] = written(moment)
    if is_late:
        store.coming.append((moment + timedelta(hours=dice.between(1, 20)), "customers", row))
    else:
        store.customers.append(row)
    return row


def _change_customer(store: Store, dice: Dice) -> None:
    row = _anybody(store, dice)
    if row is None:
        return
    if row["email"]:
        row["phone"] = f"(555) 012-{dice.between(0, 9999):04d}"
    else:
        row["email"] = f"member{dice.between(1000, 999_999)}@mail.example"


def _carry_on(store: Store, now: datetime, dice: Dice) -> None:
    """The orders being prepared go one step on; a few are cancelled instead."""
    for order in store.orders[-80:]:
        step = _STEPS.get(order["status"])
        if step:
            set_status(order, "cancelled" if dice.chance(1) else step)
            order["date_updated"] = written(now)


def _void(store: Store, now: datetime, dice: Dice) -> None:
    """An order of the last weeks is voided after the fact, or its total is put right."""
    order = store.orders[-1 - dice.below(min(1_200, len(store.orders)))]
    made = store.instant(order)
    if order["status"] != "completed" or made is None or now - made > VOIDED_WITHIN or not order["total"]:
        return
    if dice.chance(75):
        set_status(order, "void")
    else:
        order["total"] = order["amount"] = round(order["total"] * 0.9, 2)
    order["date_updated"] = written(now)


def _take(store: Store, line: Row, now: datetime, dice: Dice) -> None:
    """Takes a sold line from the first stock of its item."""
    for row in store.inventory:
        if row["id_item"] == line["id_inventory_item"] and row["id_location"] == MAIN and row["available"] > 0:
            _remove(store, row, min(line["quantity"], row["available"]), now, dice)
            return


def _remove(store: Store, row: Row, quantity: float, now: datetime, dice: Dice) -> None:
    """Takes goods from a row; sold out, it may leave the list and return after some days."""
    row["available"] = max(0, row["available"] - quantity)
    row["on_hand"] -= quantity
    row["date_updated"] = written(now, 5)
    if row["on_hand"] > 0:
        return
    row["has_inventory"] = False
    if dice.chance(60):
        store.inventory.remove(row)
        stock = dice.between(6, 24)
        fresh = {"on_hand": stock, "available": stock, "has_inventory": True, "date_received": written(now, 5)}
        store.coming.append((now + timedelta(days=dice.between(1, 6)), "inventory", row | fresh))


def _clear_shelf(store: Store, now: datetime, dice: Dice) -> None:
    """Two items are gone at once, as after a recall or a bulk sale."""
    for _ in range(2):
        row = dice.pick(_ordinary(store))
        _remove(store, row, row["on_hand"], now, dice)


def _restock(store: Store, now: datetime, dice: Dice) -> None:
    for row in _ordinary(store):
        if row["on_hand"] < 4 and dice.chance(35):
            row["on_hand"] += dice.between(5, 24)
            row["available"] = row["on_hand"]
            row["has_inventory"] = True
            row["date_received"] = row["date_updated"] = written(now, 5)


def _price(store: Store, now: datetime, dice: Dice) -> None:
    """Three items a day become a tenth dearer or cheaper, in all their rows."""
    for _ in range(3):
        number, factor = dice.pick(_ordinary(store))["id_item"], dice.pick((0.9, 1.1))
        for row in store.inventory:
            if row["id_item"] == number:
                for name in [name for name in row if name.startswith("price_") and row[name]]:
                    row[name] = round(row[name] * factor, 2)
                row["date_updated"] = written(now, 5)
