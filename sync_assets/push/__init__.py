"""The push of the shop's stock to a partner's vendor API: what is wanted, what was confirmed, and how the rest gets there.

HTTP is in `targets/vendor_api`, SQL in `warehouse` and `sources/shop.py`.
"""

from sync_assets.push.alerts import open_alerts, raise_alerts
from sync_assets.push.checking import Report, check_target, self_test
from sync_assets.push.engine import Engine
from sync_assets.push.payloads import stock_of
from sync_assets.push.planning import TARGET, Plan, plan_push
from sync_assets.push.runs import Planned, plan_run, push_planned, run_push
from sync_assets.push.states import Pace, Trigger
from sync_assets.push.ticks import Tick, enqueue_changed, enqueue_shipped

__all__ = [
    "TARGET",
    "Engine",
    "Pace",
    "Plan",
    "Planned",
    "Report",
    "Tick",
    "Trigger",
    "check_target",
    "enqueue_changed",
    "enqueue_shipped",
    "open_alerts",
    "plan_push",
    "plan_run",
    "push_planned",
    "raise_alerts",
    "run_push",
    "self_test",
    "stock_of",
]
