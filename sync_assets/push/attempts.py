"""One attempt to bring one item to the vendor: read if needed, decide, create or update, and what to note of it.

Leases, retries and the loop over items do not belong here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sync_assets.push.payloads import create_body, quantities, read_body, skus_of, update_body
from sync_assets.targets.vendor_api import Call, Verdict, cut, quantity_of, redact
from sync_assets.targets.vendor_api.answers import OK, Endpoint, remote_id_of

Row = dict[str, Any]
Caller = Callable[[Endpoint, dict[str, Any]], Call]
SWITCH_LOOP = Verdict("permanent", "switch_loop", "The vendor says of one SKU that it exists and that it does not")


@dataclass
class Attempt:
    """The calls made so far, what they were for, and what they came to."""

    calls: list[Call] = field(default_factory=list)
    action: str | None = None
    verdict: Verdict = OK

    @property
    def remote_id(self) -> str | None:
        found = (remote_id_of(call.answer) for call in reversed(self.calls))
        return next((remote_id for remote_id in found if remote_id), None)


def needs_read(row: Row, *, always_read: bool, is_check: bool) -> bool:
    return always_read or is_check or row["outcome_unknown"] or row["acked_hash"] is None


def make_attempt(
    row: Row, call: Caller, *, always_read: bool, full_update: bool, is_check: bool, into: Attempt
) -> None:
    """Makes one to three calls and notes each in `into`. With `is_check` a right quantity at the vendor ends it."""
    payload = row["desired_payload"]
    endpoint: Endpoint = "update"
    if needs_read(row, always_read=always_read, is_check=is_check):
        into.action = "read"
        read = call("read", read_body(payload))
        into.calls.append(read)
        if read.verdict.kind not in ("ok", "switch"):
            into.verdict = read.verdict
            return
        endpoint = "update" if read.decision == "update" else "create"
        if is_check and endpoint == "update" and _holds(read, payload):
            return
    # After an unknown outcome the vendor may hold something else than it confirmed last.
    acked = None if row["outcome_unknown"] else row["acked_payload"]
    for _ in range(2):
        into.action = endpoint
        body = create_body(payload) if endpoint == "create" else update_body(payload, acked, full=full_update)
        made = call(endpoint, body)
        into.calls.append(made)
        into.verdict = made.verdict
        if made.verdict.kind != "switch":
            return
        endpoint, acked = ("create" if endpoint == "update" else "update"), None
    into.verdict = SWITCH_LOOP


def _holds(read: Call, payload: dict[str, Any]) -> bool:
    return all(quantity_of(read.answer, code) == stock for code, stock in quantities(payload).items())


def opening_log(row: Row, *, run_id: str, created_at: Any, channel_id: str | None, key: str) -> Row:
    """The PENDING row of an attempt at the item."""
    payload = row["desired_payload"]
    kept = ("org_id", "target", "push_key", "trigger_type", "trigger_reason", "order_id", "initiated_by", "coalesced")
    return {
        **{name: row[name] for name in (*kept, "variant_id", "product_id", "desired_version")},
        "id": row["lease_token"],
        "variant_sku": skus_of(payload),
        "product_name": payload["product"]["name"],
        "sales_channel_id": channel_id,
        "status": "PENDING",
        "attempt": max(row["attempts"], 1),
        "run_id": run_id,
        "idempotency_key": key,
        "payload_hash": row["desired_hash"],
        "created_at": created_at,
    }


def closing_log(attempt: Attempt, *, token: str, finished_at: Any) -> Row:
    """The columns that end the attempt's row; nothing in them holds a secret."""
    verdict, last = attempt.verdict, attempt.calls[-1] if attempt.calls else None
    is_good = verdict.kind == "ok"
    row: Row = {
        "status": "SUCCESS" if is_good else "FAILED",
        "error_message": None if is_good else redact(verdict.message or verdict.code, token),
        "error_class": None if is_good else verdict.kind,
        "error_code": None if is_good else redact(verdict.code, token),
        "outcome_unknown": verdict.outcome_unknown,
        "action": attempt.action,
        "calls": redact([call.summary() for call in attempt.calls], token),
        "finished_at": finished_at,
    }
    if last is not None:
        row |= {
            "request_payload": redact(last.body, token),
            "response_payload": cut(redact(last.answer, token)),
            "http_method": "POST",
            "endpoint": last.path,
            "status_code": last.status,
            "duration_ms": last.duration_ms,
        }
    return row
