"""How a wanted state and the end of an attempt change an item's row in ops.push_state: pure functions of rows.

Reading and writing the rows does not belong here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sync_assets.push.payloads import Wanted, default_code
from sync_assets.tables.push import TRIGGERS
from sync_assets.targets.vendor_api import Verdict

Row = dict[str, Any]
PENDING = ("waiting", "delayed", "active")


@dataclass(frozen=True)
class Trigger:
    """What asked for a push. `retries_failed` takes up failures that may pass, `retries_all` permanent ones too."""

    trigger_type: str
    reason: str | None = None
    order_id: str | None = None
    initiated_by: str = "system"
    retries_failed: bool = False
    retries_all: bool = False
    force: bool = False

    @property
    def columns(self) -> Row:
        """An unknown trigger is OTHER, with its name as the reason."""
        is_known = self.trigger_type in TRIGGERS
        return {
            "trigger_type": self.trigger_type if is_known else "OTHER",
            "trigger_reason": self.reason if is_known else (self.reason or self.trigger_type),
            "order_id": self.order_id,
            "initiated_by": self.initiated_by,
        }


@dataclass(frozen=True)
class Pace:
    """How patient the push is. All in seconds but `attempts`; `spread` is the random part of a delay."""

    attempts: int = 3
    first_delay: float = 2.0
    spread: float = 0.25
    longest_wish: float = 300.0
    lease: float = 120.0
    verify: float = 120.0
    block: float = 900.0

    def delay(self, attempt: int, wish: float | None, chance: float) -> float:
        """Seconds before the attempt after number `attempt`; `chance` is random from 0 to 1.

        >>> Pace().delay(1, None, 0), Pace().delay(2, None, 1), Pace().delay(1, 60, 0)
        (2.0, 5.0, 60)
        """
        return max(self.first_delay * 2 ** (attempt - 1) * (1 + self.spread * chance), wish or 0.0)


def is_acked(row: Row, wanted_hash: str) -> bool:
    """Whether the vendor confirmed exactly that state, and nothing came after that may have changed it."""
    return row["acked_hash"] == wanted_hash and not row["outcome_unknown"]


def new_state(org: str, target: str, wanted: Wanted, trigger: Trigger, *, read_at: datetime, at: datetime) -> Row:
    return {
        "org_id": org,
        "target": target,
        "push_key": wanted.push_key,
        "variant_id": wanted.variant_id,
        "product_id": wanted.product_id,
        "desired_payload": wanted.payload,
        "desired_hash": wanted.hash,
        "desired_version": 1,
        "source_read_at": read_at,
        "desired_at": at,
        "status": "waiting",
        **trigger.columns,
        "coalesced": 1,
        "waiting_since_at": at,
    }


def merge(row: Row, wanted: Wanted, trigger: Trigger, *, read_at: datetime, at: datetime) -> Row | None:
    """The columns that a newer wanted state changes; None when it was read before the one that is held."""
    if read_at < row["source_read_at"]:
        return None
    changes: Row = {"source_read_at": read_at}
    is_changed = wanted.hash != row["desired_hash"]
    if is_changed:
        changes |= {
            "desired_payload": wanted.payload,
            "desired_hash": wanted.hash,
            "desired_version": row["desired_version"] + 1,
            "desired_at": at,
        }
    merged = row["coalesced"] + 1 if row["status"] in PENDING else 1
    if row["status"] == "active":
        return {**changes, **trigger.columns, "coalesced": merged}
    if is_acked(row, wanted.hash) and not trigger.force:
        return {**changes, **_rest("completed")}
    if row["status"] == "failed" and not (is_changed or trigger.force or _takes_up(row, trigger)):
        return changes
    work = {**changes, **trigger.columns, "coalesced": merged}
    if row["status"] in PENDING:
        # What the server asked to wait for is waited for; a new state has all its attempts.
        return {**work, "attempts": 0} if is_changed else work
    return {**work, "status": "waiting", "attempts": 0, "next_run_at": None, "waiting_since_at": at}


def _takes_up(row: Row, trigger: Trigger) -> bool:
    return trigger.retries_all or (trigger.retries_failed and row["last_error_class"] != "permanent")


def _rest(status: str) -> Row:
    return {"status": status, "attempts": 0, "next_run_at": None, "waiting_since_at": None, "coalesced": 0}


def after_success(row: Row, *, remote_id: str | None, pace: Pace, at: datetime, is_verified: bool = False) -> Row:
    """The row's changes when the vendor confirmed the state that the attempt found in it."""
    changes = {
        **_rest("completed"),
        "acked_payload": row["desired_payload"],
        "acked_hash": row["desired_hash"],
        "acked_version": row["desired_version"],
        "acked_at": at,
        "remote_key": row["remote_key"] or default_code(row["desired_payload"]),
        "remote_id": remote_id or row["remote_id"],
        "outcome_unknown": False,
        "last_error_code": None,
        "last_error_class": None,
    }
    if row["outcome_unknown"]:
        # An old request may still land after this one.
        changes["verify_at"] = at + timedelta(seconds=pace.verify)
    elif is_verified:
        changes["verify_at"] = None
    return changes


def after_failure(
    row: Row, verdict: Verdict, *, pace: Pace, at: datetime, chance: float, is_check: bool = False
) -> Row:
    """The row's changes when the attempt ended with an error. `is_check`: the item is confirmed, only its check failed."""
    changes: Row = {"last_error_code": verdict.code, "last_error_class": verdict.kind}
    changes["waiting_since_at"] = row["waiting_since_at"] or at
    if verdict.outcome_unknown:
        changes |= {"outcome_unknown": True, "remote_key": row["remote_key"] or default_code(row["desired_payload"])}
    if verdict.kind == "fatal":
        return {**changes, "status": "waiting", "attempts": row["attempts"] - 1, "next_run_at": None}
    if verdict.kind == "retryable":
        if row["attempts"] < pace.attempts:
            delay = pace.delay(row["attempts"], verdict.retry_after, chance)
            status = "delayed" if delay > pace.longest_wish else "waiting"
            return {**changes, "status": status, "next_run_at": at + timedelta(seconds=delay)}
        if is_check and not verdict.outcome_unknown:
            return {**changes, **_rest("completed"), "verify_at": at + timedelta(seconds=pace.verify)}
    return {**changes, "status": "failed", "next_run_at": None, "waiting_since_at": None}


def after_pause(row: Row, *, seconds: float, at: datetime) -> Row:
    """The row's changes when the server wants a pause: the attempt does not count."""
    return {"status": "waiting", "attempts": row["attempts"] - 1, "next_run_at": at + timedelta(seconds=seconds)}
