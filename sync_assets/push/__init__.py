"""The push of the shop's stock to a partner's vendor API: what is wanted, what was confirmed, and how the rest gets there.

HTTP is in `targets/vendor_api`, SQL in `warehouse` and `sources/shop.py`.
"""

from sync_assets.push.engine import Engine, Pace, run_push
from sync_assets.push.planning import Plan, Trigger, plan_push

__all__ = ["Engine", "Pace", "Plan", "Trigger", "plan_push", "run_push"]
