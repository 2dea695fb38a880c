"""The four scores of a customer family, by ruleset: pure rules on whole arrays of integers.

All comparisons are made on integers, so no rounding can move a family across a limit: money comes in cents, and an
average is compared by multiplying the limit by the number of orders. Where the inputs come from does not belong here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sync_assets.errors import ConfigurationError

Integers = NDArray[np.int64]


class Scores(NamedTuple):
    """Four arrays of one length, each value within 0..100."""

    churn: Integers
    engagement: Integers
    health: Integers
    upsell: Integers


def churn_risk(days: Integers, frequency_days: Integers, orders: Integers) -> Integers:
    """How long the silence is for the family's rhythm; `frequency_days` is 0 where unknown, no orders give 100.

    >>> churn_risk(np.array([15, 45]), np.array([10, 0]), np.array([5, 1])).tolist()
    [60, 30]
    """
    by_rhythm = np.select(
        [
            2 * days < frequency_days,
            days < frequency_days,
            2 * days < 3 * frequency_days,
            days < 2 * frequency_days,
            days < 3 * frequency_days,
        ],
        [0, 20, 40, 60, 80],
        100,
    )
    by_silence = np.select([days < 30, days < 60, days < 90, days < 120], [10, 30, 50, 70], 90)
    return np.where(orders == 0, 100, np.where(frequency_days > 0, by_rhythm, by_silence)).astype(np.int64)


def engagement(days: Integers, orders: Integers, revenue_cents: Integers) -> Integers:
    """How often and how recently the family buys.

    >>> engagement(np.array([120]), np.array([1]), np.array([1_200_000])).tolist()
    [83]
    """
    bonus = np.select([revenue_cents > 1_000_000, revenue_cents > 500_000, revenue_cents > 100_000], [20, 10, 5], 0)
    score = 100 - np.minimum(60, days // 3) + np.minimum(30, 3 * orders) + bonus
    return np.clip(score, 0, 100).astype(np.int64)


def health(churn: Integers, engaged: Integers) -> Integers:
    """floor((100 - churn + engagement) / 2).

    >>> health(np.array([100]), np.array([49])).tolist()
    [24]
    """
    return np.clip((100 - churn + engaged) // 2, 0, 100).astype(np.int64)


def upsell_potential(orders: Integers, revenue_cents: Integers, churn: Integers) -> Integers:
    """Room to sell more: the highest matching tier of average, orders and revenue, and 10 for a loyal family.

    >>> upsell_potential(np.array([3]), np.array([150_001]), np.array([20])).tolist()
    [35]
    """
    average = np.select([revenue_cents > limit * orders for limit in (100_000, 50_000, 20_000)], [40, 25, 10], 0)
    number = np.select([orders > 10, orders > 5, orders > 3], [30, 20, 10], 0)
    revenue = np.select([revenue_cents > 1_000_000, revenue_cents > 500_000], [20, 10], 0)
    return np.clip(average + number + revenue + np.where(churn < 30, 10, 0), 0, 100).astype(np.int64)


def maestro_v2(days: Integers, frequency_days: Integers, orders: Integers, revenue_cents: Integers) -> Scores:
    churn = churn_risk(days, frequency_days, orders)
    engaged = engagement(days, orders, revenue_cents)
    return Scores(churn, engaged, health(churn, engaged), upsell_potential(orders, revenue_cents, churn))


RULESETS: dict[str, Callable[[Integers, Integers, Integers, Integers], Scores]] = {"maestro_v2": maestro_v2}


def ruleset_named(name: str) -> Callable[[Integers, Integers, Integers, Integers], Scores]:
    """Raises ConfigurationError for an unknown ruleset, with the names that exist."""
    if name not in RULESETS:
        raise ConfigurationError(f"Unknown ruleset {name!r}; known: {', '.join(RULESETS)}")
    return RULESETS[name]
