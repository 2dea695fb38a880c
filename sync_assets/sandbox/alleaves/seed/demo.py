"""The demo store of a day: 4,000 customers, 12,000 orders of 18 months, 400 items, two shops.

The same day always gives the same store; on another day everything lies as many days later.
"""

from __future__ import annotations

from datetime import date, timedelta
from zoneinfo import ZoneInfo

from sync_assets.sandbox.alleaves.seed.catalogue import items_of, second_shop_rows, stock_rows
from sync_assets.sandbox.alleaves.seed.customers import HISTORY_DAYS, ORDINARY, kind_of, ordinary_customer
from sync_assets.sandbox.alleaves.seed.locations import SECOND, TIMEZONE, location_rows
from sync_assets.sandbox.alleaves.seed.odd_customers import odd_customers
from sync_assets.sandbox.alleaves.seed.odd_orders import odd_orders
from sync_assets.sandbox.alleaves.seed.odd_stock import odd_stock
from sync_assets.sandbox.alleaves.seed.orders import (
    CLOSES,
    FIRST_ORDER,
    OPENS,
    moment_of,
    order_row,
    shaped,
    visits,
)
from sync_assets.sandbox.alleaves.store import Row, Store
from sync_assets.sandbox.dice import Dice

ORDERS = 12_000
ZONE = ZoneInfo(TIMEZONE)


def demo_store(today: date) -> Store:
    """The store as it stands when `today` begins on its own clock: the last orders are of the day before."""
    stock = stock_rows(today)
    items = items_of(stock)
    odd = odd_orders(today, ZONE, items)
    came = {number: visits(kind_of(number), number) for number in range(1, ORDINARY + 1)}
    customers = [ordinary_customer(number, today, _since(number, found, today)) for number, found in came.items()]
    customers += odd_customers(today)
    coming = [(days, minute, number) for number, found in came.items() for days, minute in found]
    walk_in = Dice(41)
    while len(coming) < ORDERS - len(odd):
        coming.append((walk_in.between(1, HISTORY_DAYS), walk_in.between(OPENS, CLOSES - 1), 0))
    coming.sort(key=lambda visit: (-visit[0], visit[1], visit[2]))
    orders: list[Row] = []
    for place, (days, minute, number) in enumerate(coming):
        dice = Dice(42, place)
        order = order_row(FIRST_ORDER + place, moment_of(today - timedelta(days=days), minute, ZONE), items, dice)
        if number == 0 and dice.chance(15):
            order["id_location"] = SECOND
        shaped(order, customers[number - 1] if number else None, dice)
        orders.append(order)
    inventory = [*stock, *odd_stock(today), *second_shop_rows(stock)]
    return Store(location_rows(), customers, odd + orders, inventory, moment_of(today, 0, ZONE))


def _since(number: int, found: list[tuple[int, int]], today: date) -> date:
    """The day a customer came first, or signed up without buying."""
    days = found[-1][0] if found else Dice(43, number).between(1, HISTORY_DAYS)
    return today - timedelta(days=days)
