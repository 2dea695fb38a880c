"""A small source of repeatable choices for the invented data of every sandbox.

What is chosen belongs to the sandboxes' seeds.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


class Dice:
    """Repeatable choices. Only `random()` is used, whose values are the same on every version of Python."""

    def __init__(self, *seeds: int) -> None:
        number = 0
        for seed in seeds:
            number = number * 1_000_003 + seed + 1
        self._random = random.Random(number).random  # noqa: S311 - sample data

    @classmethod
    def of(cls, source: random.Random) -> Dice:
        """Choices drawn from a source that goes on after them."""
        dice = cls()
        dice._random = source.random
        return dice

    def below(self, limit: int) -> int:
        return int(self._random() * limit)

    def between(self, low: int, high: int) -> int:
        """A whole number from low to high, both included."""
        return low + int(self._random() * (high - low + 1))

    def chance(self, percent: float) -> bool:
        return self._random() * 100 < percent

    def pick(self, items: Sequence[T]) -> T:
        return items[int(self._random() * len(items))]
