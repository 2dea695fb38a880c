"""The demo store as `make run` meets it: made on the first day of a quarter and alive since.

What a store holds and how it lives belongs to `alleaves/`.
"""

from __future__ import annotations

from datetime import date, datetime

from sync_assets.sandbox.alleaves import Store, demo_store
from sync_assets.sandbox.alleaves.seed import ZONE


def demo_store_since_quarter(now: datetime) -> Store:
    """The store of the quarter in which `now` lies, so that an order keeps its number and its day from run to run."""
    today = now.astimezone(ZONE).date()
    return demo_store(date(today.year, 3 * ((today.month - 1) // 3) + 1, 1))
