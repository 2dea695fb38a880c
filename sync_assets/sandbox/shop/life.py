"""The invented shop's day: an order is shipped from time to time, new ones come in, shelves are filled up again.

What each of these does belongs to `changes.py`.
"""

from __future__ import annotations

import threading
from contextlib import suppress

import psycopg

from sync_assets.errors import SourceDataError, SyncError
from sync_assets.sandbox.dice import Dice
from sync_assets.sandbox.shop.changes import Shipped, adjust_inventory, place_order, ship_order
from sync_assets.sandbox.shop.creating import opened
from sync_assets.sandbox.shop.sample import OPEN_STATUS

EVERY_SECONDS = 20.0
LOW = 20
REFILL = 100
_ORDINARY = """
SELECT v.sku FROM product_variants v JOIN products p ON p.id = v.product_id AND p.status = 'ACTIVE'
WHERE v.is_active AND starts_with(p.id, 'prod_') ORDER BY v.id
"""


def live(url: str, stop: threading.Event, every_seconds: float = EVERY_SECONDS, seed: int = 1) -> int:
    """Lets the shop live until `stop` is set, one step at once and then every so often; returns the orders shipped.

    Raises ConfigurationError or SourceUnavailable at the start without a sandbox shop; later it leaves steps out that
    fail, since a day goes on when the server restarts or somebody takes a product away.
    """
    with opened(url):
        pass
    steps = shipped = 0
    while not stop.is_set():
        with suppress(SyncError, psycopg.OperationalError):
            one_step(url, Dice(seed, steps))
            shipped += 1
        steps += 1
        stop.wait(every_seconds)
    return shipped


def one_step(url: str, dice: Dice) -> Shipped:
    """Ships the oldest open order; before it places one when none is open, after it fills low shelves up.

    Raises SourceDataError when there is nothing to order.
    """
    with opened(url) as connection:
        is_any = connection.execute("SELECT 1 FROM orders WHERE status = %s LIMIT 1", [OPEN_STATUS]).fetchone()
        skus = [row[0] for row in connection.execute(_ORDINARY).fetchall()]
    if is_any is None:
        if not skus:
            raise SourceDataError("The sandbox shop has nothing left to order")
        chosen = dict.fromkeys(dice.pick(skus) for _ in range(dice.between(1, 3)))
        place_order(url, {sku: dice.between(1, 4) for sku in chosen})
    shipped = ship_order(url)
    for sku, left in shipped.available.items():
        if left < LOW:
            adjust_inventory(url, sku, REFILL)
    return shipped
