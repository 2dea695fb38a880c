"""On which days each customer of the demo organisation orders, from the first day on, without end.

A day's orders never depend on the day on which one looks; what they hold belongs to `orders.py`.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from sync_assets.sandbox.dice import Dice
from sync_assets.sandbox.odoo.seed.customers import Customer

FIRST_DAY = date(2025, 1, 1)
# Four calendar months hold at least 119 whole days, so no active customer may be silent for longer than this.
LONGEST_SILENCE = 118
# The last orders of lapsed customers leave the window of 2025-07-01, the first day for which the counts are promised.
LAST_LAPSED_DAY = 55

RHYTHMS = ("weekly",) * 22 + ("fortnightly",) * 30 + ("monthly",) * 70 + ("bursts",) * 47 + ("rare",) * 62


def rhythm(customer: Customer) -> str:
    """The rhythm of an active customer; 97 and 231 have no common factor, so all rhythms are mixed over the numbers."""
    return RHYTHMS[customer.number * 97 % len(RHYTHMS)]


def order_days(customer: Customer) -> Iterator[int]:
    """The days on which the customer orders, counted from FIRST_DAY, ascending and without end unless lapsed."""
    dice = Dice(4, customer.number)
    if customer.is_lapsed:
        yield from sorted({dice.between(0, LAST_LAPSED_DAY) for _ in range(dice.between(1, 5))})
        return
    if not customer.is_active:
        return
    kind = rhythm(customer)
    day = dice.between(0, {"weekly": 6, "fortnightly": 13, "monthly": 29, "bursts": 60, "rare": 105}[kind])
    left_in_burst = dice.between(2, 7)
    while True:
        yield day
        # Some orders come late, since a customer who is late is what the scores are about.
        if kind == "weekly":
            day += 14 if dice.chance(10) else 7
        elif kind == "fortnightly":
            day += dice.between(24, 30) if dice.chance(10) else dice.between(12, 16)
        elif kind == "monthly":
            day += dice.between(48, 60) if dice.chance(8) else dice.between(26, 34)
        elif kind == "rare":
            day += dice.between(108, LONGEST_SILENCE)
        elif left_in_burst > 1:
            left_in_burst -= 1
            day += dice.between(3, 6)
        else:
            left_in_burst = dice.between(4, 8)
            day += dice.between(85, 110)
