"""What a person must hear about a push target: failures in a row, a block, items that wait too long.

Sending the alert does not belong here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sync_assets.connections import Org
from sync_assets.push.planning import TARGET, connections_of
from sync_assets.warehouse import Warehouse, push

AGAIN = timedelta(hours=24)
LONGEST_WAIT = timedelta(hours=1)


@dataclass(frozen=True)
class Alert:
    """One thing that is wrong, in one sentence."""

    kind: str
    message: str


def open_alerts(warehouse: Warehouse, org: Org, *, at: datetime) -> list[Alert]:
    """What is wrong now, whether it was raised before or not."""
    return _open(warehouse, org, push.target_state(warehouse, org.org_id, TARGET), at)


def raise_alerts(warehouse: Warehouse, org: Org, *, at: datetime) -> list[Alert]:
    """The alerts to raise now: new ones at once, one that lasts every 24 hours; the others are forgotten."""
    state = push.target_state(warehouse, org.org_id, TARGET)
    found = {alert.kind: alert for alert in _open(warehouse, org, state, at)}
    before = {kind: datetime.fromisoformat(text) for kind, text in (state.get("alerted_at") or {}).items()}
    due = [alert for kind, alert in found.items() if kind not in before or before[kind] <= at - AGAIN]
    told = {alert.kind for alert in due}
    raised = {kind: (at if kind in told else before[kind]).isoformat() for kind in found}
    if raised != (state.get("alerted_at") or {}):
        push.save_target(warehouse, org.org_id, TARGET, alerted_at=raised)
    return due


def _open(warehouse: Warehouse, org: Org, state: push.Row, at: datetime) -> list[Alert]:
    _, vendor = connections_of(org)
    alerts = []
    failures = state.get("failures_in_a_row") or 0
    if failures >= vendor.alert_after:
        alerts.append(Alert("failures", f"{org.org_id}: {failures} items in a row could not be pushed to {TARGET}"))
    until = state.get("blocked_until")
    if until is not None and until > at:
        reason = state["blocked_reason"]
        alerts.append(
            Alert("blocked", f"{org.org_id}: {TARGET} is blocked until {until:%Y-%m-%d %H:%M} UTC ({reason})")
        )
    since = push.waiting(warehouse, org.org_id, TARGET)["since"]
    if since is not None and since < at - LONGEST_WAIT:
        alerts.append(Alert("waiting", f"{org.org_id}: an item waits for {TARGET} since {since:%Y-%m-%d %H:%M} UTC"))
    return alerts
