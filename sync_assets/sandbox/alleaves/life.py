"""The life of a store after the day it was made: new orders and customers, voids, sold-out goods, other prices.

How the store looks on its first day belongs to `seed/`.
"""

from __future__ import annotations

import random
from datetime import datetime

from sync_assets.sandbox.alleaves.store import Store


def advance(store: Store, to_moment: datetime, rng: random.Random) -> None:
    """Lets the store live until `to_moment`."""
