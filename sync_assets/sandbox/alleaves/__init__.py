"""A stand-in for an Alleaves point of sale, speaking both of its dialects on loopback with invented data and faults.

Reading from Alleaves does not belong here; that is `sources/alleaves`.
"""

from sync_assets.sandbox.alleaves.faults import Fault
from sync_assets.sandbox.alleaves.life import advance
from sync_assets.sandbox.alleaves.seed import demo_store
from sync_assets.sandbox.alleaves.server import AlleavesSandbox
from sync_assets.sandbox.alleaves.store import Store

__all__ = ["AlleavesSandbox", "Fault", "Store", "advance", "demo_store"]
