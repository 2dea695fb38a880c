"""The rows of the invented shop: ordinary products with variants, stock, prices and orders, always the same.

The rows with a purpose of their own belong to `oddities.py`; nothing here knows SQL.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import product as combinations
from typing import Any

from sync_assets.sandbox.dice import Dice

Rows = dict[str, list[tuple[Any, ...]]]

SEED = 1914
CHANNELS = ("retail", "wholesale")
MAIN, WEST, OUTLET, CLOSED = "loc_main", "loc_west", "loc_outlet", "loc_old"
OPEN_STATUS = "PAID"
_LOCATIONS = ((MAIN, "Main store", True), (WEST, "West store", True), (OUTLET, "Outlet", True), (CLOSED, "Old", False))
_KINDS = ("Calm", "Clear", "Amber", "Meadow", "Harbour", "Winter", "Cedar", "Sunday", "Lantern", "Juniper")
_GOODS = ("Drops", "Balm", "Gummies", "Tea", "Capsules", "Oil", "Lozenges", "Mist")
_STRENGTHS = ("5mg", "10mg", "20mg", "40mg")
_SIZES = ("30ml", "60ml")
_PAST_STATUSES = ("SHIPPED", "DELIVERED", "DELIVERED", "DELIVERED", "CANCELLED")
_DAYS = 60


def empty_rows() -> Rows:
    """Every table of the shop, in the order in which they are filled."""
    return {
        "products": [],
        "product_variants": [],
        "variant_options": [],
        "channel_prices": [],
        "locations": [],
        "inventory": [],
        "orders": [],
        "order_items": [],
    }


def sample_rows(size: int, as_of: datetime) -> Rows:
    """All rows by table: `size` ordinary products and the odd ones. No time is later than `as_of`."""
    from sync_assets.sandbox.shop.oddities import add_oddities

    rows = empty_rows()
    long_ago = as_of - timedelta(days=_DAYS)
    rows["locations"] += [(*location, long_ago) for location in _LOCATIONS]
    for number in range(1, size + 1):
        _add_product(rows, number, Dice(SEED, number), as_of)
    _add_orders(rows, size, as_of)
    add_oddities(rows, long_ago)
    return rows


def add_variant(
    rows: Rows,
    product_id: str,
    number: str,
    name: str,
    sku: str | None,
    at: datetime,
    *,
    stock: Sequence[tuple[str, int, int | None]] = (),
    options: Sequence[tuple[str, str]] = (),
    prices: Sequence[tuple[str, str]] = (),
    regular_price: str | None = "10.00",
    is_active: bool = True,
) -> None:
    """One variant with its stock (location, quantity, reserved), options (name, value) and prices (channel, price)."""
    rows["product_variants"].append((number, product_id, name, sku, is_active, regular_price, at))
    rows["inventory"] += [(number, *row, at) for row in stock]
    rows["variant_options"] += [(number, *option) for option in options]
    rows["channel_prices"] += [(number, *price) for price in prices]


def _add_product(rows: Rows, number: int, dice: Dice, as_of: datetime) -> None:
    at = as_of - timedelta(minutes=dice.between(60, _DAYS * 24 * 60))
    name = f"{_KINDS[number % len(_KINDS)]} {_GOODS[number // len(_KINDS) % len(_GOODS)]} {number}"
    rows["products"].append((f"prod_{number:05d}", name, "ACTIVE", at))
    form = dice.below(10)
    if form < 2:  # Nothing but a name
        made: list[tuple[str, list[tuple[str, str]]]] = [("Standard", [])]
    elif form < 4:
        grid = combinations(_STRENGTHS[: dice.between(1, 3)], _SIZES)
        made = [(f"{strength} {size}", [("Strength", strength), ("Size", size)]) for strength, size in grid]
    else:
        made = [(strength, [("Strength", strength)]) for strength in _STRENGTHS[: dice.between(1, 4)]]
    for place, (title, options) in enumerate(made, start=1):
        price = dice.between(400, 9000)
        prices = [(CHANNELS[0], _money(price))]
        if dice.chance(70):
            prices.append((CHANNELS[1], _money(price * 7 // 10)))
        add_variant(
            rows,
            f"prod_{number:05d}",
            f"var_{number:05d}_{place}",
            title,
            f"NL-{number:04d}-{place}",
            at,
            stock=_stock(dice),
            options=options,
            prices=prices,
            regular_price=None if dice.chance(5) else _money(price),
        )


def _stock(dice: Dice) -> list[tuple[str, int, int | None]]:
    found: list[tuple[str, int, int | None]] = [(MAIN, dice.between(40, 240), dice.pick((None, 0, 4, 12)))]
    if dice.chance(60):
        found.append((WEST, dice.between(0, 60), dice.pick((None, 0, 3, 80))))
    if dice.chance(25):
        found.append((OUTLET, dice.between(0, 20), None))
    if dice.chance(10):
        found.append((CLOSED, dice.between(1, 30), 0))
    return found


def _add_orders(rows: Rows, size: int, as_of: datetime) -> None:
    """Old orders that are done, and open ones that wait to be shipped."""
    variants = [row[0] for row in rows["product_variants"]]
    if not variants:
        return
    past, waiting = 2 * size, max(5, size // 2)
    for number in range(1, past + waiting + 1):
        dice = Dice(SEED, 7, number)
        is_open = number > past
        minutes = dice.between(5, 24 * 60) if is_open else dice.between(24 * 60, _DAYS * 24 * 60)
        status = OPEN_STATUS if is_open else dice.pick(_PAST_STATUSES)
        rows["orders"].append((f"ord_{number:06d}", status, as_of - timedelta(minutes=minutes)))
        chosen = dict.fromkeys(dice.pick(variants) for _ in range(dice.between(1, 3)))
        rows["order_items"] += [(f"ord_{number:06d}", variant, dice.between(1, 4)) for variant in chosen]


def _money(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02d}"
