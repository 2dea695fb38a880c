"""The invented shop that a sandbox starts with.

What happens there after the day of its making belongs to `life.py`.
"""

from sync_assets.sandbox.alleaves.seed.demo import ZONE, demo_store
from sync_assets.sandbox.alleaves.seed.locations import SECRET_MARKER

__all__ = ["SECRET_MARKER", "ZONE", "demo_store"]
