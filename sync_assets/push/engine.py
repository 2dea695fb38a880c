"""Brings every due item to the vendor with several workers. Killed anywhere, the next one goes on where it ended.

One attempt is in `attempts.py`, what is wanted in `planning.py`, a whole run in `runs.py`.
"""

from __future__ import annotations

import hashlib
import random
import threading
import time
import uuid
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from sync_assets.clock import utc_now
from sync_assets.connections import Org, secret_value
from sync_assets.push.attempts import Attempt, closing_log, make_attempt, opening_log
from sync_assets.push.planning import TARGET, connections_of
from sync_assets.push.states import Pace, after_failure, after_pause, after_success
from sync_assets.targets.vendor_api import TargetPaused, VendorClient, Verdict, redact
from sync_assets.targets.vendor_api.answers import Endpoint
from sync_assets.warehouse import Warehouse, push, push_runs
from sync_assets.warehouse.push_limits import Limiter

Row = dict[str, Any]
IDLE_SECONDS = 0.2
LEASE_SHORT = Verdict("retryable", "lease_short", "Too little of the lease was left for another call")


@dataclass
class Tally:
    """What happened to the items of one run; shared by its workers."""

    succeeded: int = 0
    failed: int = 0
    calls: int = 0
    details: list[Row] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def add(self, row: Row, attempt: Attempt, status: str) -> None:
        with self.lock:
            self.calls += len(attempt.calls)
            self.succeeded += status == "completed"
            self.failed += status == "failed"
            if status in ("completed", "failed"):
                code = attempt.verdict.code or None
                self.details.append(
                    {"push_key": row["push_key"], "status": status, "action": attempt.action, "code": code}
                )


class Engine:
    """Brings due items of one organisation to its vendor; one object per run."""

    def __init__(
        self,
        warehouse: Warehouse,
        org: Org,
        *,
        run_id: str,
        pace: Pace | None = None,
        keys: Sequence[str] | None = None,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        _, self.vendor = connections_of(org)
        self.warehouse, self.org, self.run_id, self.keys, self.now = warehouse, org.org_id, run_id, keys, now
        self.pace = pace or Pace()
        self.tally = Tally()
        self.token = secret_value(self.vendor.api_token, org=org.org_id)
        self.limiter = Limiter(warehouse, server_of(self.vendor.base_url), paused=TargetPaused)
        self.client = VendorClient(self.vendor, self.token, permit=self.limiter.permit)
        self.fatal: Verdict | None = None
        self._ends_at = time.monotonic() + self.vendor.run_seconds
        self._stop = threading.Event()
        self._busy = 0
        self._lock = threading.Lock()

    def work(self) -> None:
        """Pushes until nothing is due any more, the time is over or a fatal error came. Raises what a worker raised."""
        state = push.target_state(self.warehouse, self.org, TARGET)
        if state.get("blocked_until") and state["blocked_until"] > self.now():
            self.fatal = Verdict("fatal", "target_blocked", state["blocked_reason"] or "The target is blocked")
            return
        push.reap(self.warehouse, self.org, TARGET, at=self.now(), lease_seconds=self.pace.lease)
        workers = self.vendor.parallel_calls
        with self.client, ThreadPoolExecutor(workers, thread_name_prefix="push") as pool:
            for future in [pool.submit(self._work) for _ in range(workers)]:
                future.result()

    def _work(self) -> None:
        try:
            while not self._stop.is_set() and time.monotonic() < self._ends_at:
                with self._lock:
                    self._busy += 1
                try:
                    is_done = self._take_one()
                finally:
                    with self._lock:
                        self._busy -= 1
                if not is_done and not self._wait():
                    return
        except BaseException:
            self._stop.set()
            raise

    def _take_one(self) -> bool:
        if self.limiter.pause_left() > 0:
            return False
        token = f"{int(self.now().timestamp() * 1000):012x}{uuid.uuid4().hex[:20]}"
        row = push.claim(
            self.warehouse,
            self.org,
            TARGET,
            token=token,
            at=self.now(),
            lease_seconds=self.pace.lease,
            keys=self.keys,
        )
        if row is not None:
            self._push(row)
        return row is not None

    def _wait(self) -> bool:
        """Sleeps a little; False when nothing will become due in this run."""
        left = push.waiting(self.warehouse, self.org, TARGET, self.keys)
        with self._lock:
            is_busy = self._busy > 0
        if not left["left"] and not is_busy:
            return False
        seconds = IDLE_SECONDS
        if not is_busy:
            due = 0.0 if left["is_now"] else (left["due_at"] - self.now()).total_seconds()
            due = max(due, self.limiter.pause_left())
            if due > min(self.pace.longest_wish, self._ends_at - time.monotonic()):
                return False
            seconds = min(max(due, 0.02), IDLE_SECONDS)
        self._stop.wait(seconds)
        return True

    def _push(self, row: Row) -> None:
        attempt = Attempt()
        last_start = time.monotonic() + self.pace.lease - 1.1 * self.client.timeout_seconds
        channel = self.vendor.channel_id if self.vendor.mode == "v2" else None
        key = hashlib.sha256(f"{TARGET}|{row['push_key']}|{row['desired_version']}".encode()).hexdigest()
        push.open_log(
            self.warehouse,
            opening_log(row, run_id=self.run_id, created_at=self.now(), channel_id=channel, key=key),
        )
        # Confirmed already, and due for one more look after an unknown outcome.
        is_check = (
            row["verify_at"] is not None
            and row["verify_at"] <= self.now()
            and row["acked_hash"] == row["desired_hash"]
            and not row["outcome_unknown"]
        )

        def call(endpoint: Endpoint, body: Row) -> Any:
            if time.monotonic() > last_start:
                raise _LeaseShort
            made = self.client.call(endpoint, body)
            if made.verdict.retry_after:
                self.limiter.pause(made.verdict.retry_after)
            return made

        try:
            make_attempt(
                row,
                call,
                always_read=self.vendor.always_read,
                full_update=self.vendor.full_update,
                is_check=is_check,
                into=attempt,
            )
        except TargetPaused as pause:
            self._give_back(row, attempt, pause.seconds)
            return
        except _LeaseShort:
            attempt.verdict = LEASE_SHORT
        attempt.verdict = replace(
            attempt.verdict,
            code=redact(attempt.verdict.code, self.token),
            message=redact(attempt.verdict.message, self.token),
        )
        self._end(row, attempt, is_check)

    def _end(self, row: Row, attempt: Attempt, is_check: bool) -> None:
        at, verdict = self.now(), attempt.verdict
        if verdict.kind == "ok":
            remote_id = redact(attempt.remote_id, self.token)
            changes = after_success(row, remote_id=remote_id, pace=self.pace, at=at, is_verified=is_check)
        else:
            chance = random.random()  # noqa: S311
            changes = after_failure(row, verdict, pace=self.pace, at=at, chance=chance, is_check=is_check)
        if verdict.kind == "fatal":
            self._block(verdict)
        if self._finish(row, attempt, changes, is_ended=changes["status"] in ("completed", "failed")):
            # A late look that found all well pushed nothing.
            is_quiet = is_check and attempt.action == "read" and verdict.kind == "ok"
            self.tally.add(row, attempt, "checked" if is_quiet else changes["status"])
            if not is_quiet and changes["status"] in ("completed", "failed"):
                has_failed = verdict.kind != "ok"
                push.count_failure(self.warehouse, self.org, TARGET, failed=has_failed)
                push_runs.progress(self.warehouse, self.org, self.run_id)
        else:
            self.tally.add(row, attempt, "lost")

    def _give_back(self, row: Row, attempt: Attempt, seconds: float) -> None:
        """Ends an attempt that the server's wish for a pause cut short; it does not count."""
        at = self.now()
        attempt.verdict = Verdict("retryable", "paused", f"The server asked for a pause of {seconds:.0f} s")
        if not attempt.calls:
            push.drop_log(self.warehouse, self.org, row["lease_token"])
        self._finish(row, attempt, after_pause(row, seconds=seconds, at=at), is_ended=False)
        self.tally.add(row, attempt, "waiting")

    def _finish(self, row: Row, attempt: Attempt, changes: Row, *, is_ended: bool) -> bool:
        is_held, problem = push.finish(
            self.warehouse,
            self.org,
            TARGET,
            row["push_key"],
            token=row["lease_token"],
            changes=changes,
            sent_hash=row["desired_hash"],
            is_ended=is_ended,
            log=closing_log(attempt, token=self.token, finished_at=self.now()),
        )
        if problem is not None:
            with self.tally.lock:
                self.tally.problems.append(f"log row {row['lease_token']} was not written: {problem}")
        return is_held

    def _block(self, verdict: Verdict) -> None:
        self.fatal = verdict
        self._stop.set()
        until = self.now() + timedelta(seconds=self.pace.block)
        reason = f"{verdict.code}: {verdict.message}"
        push.save_target(self.warehouse, self.org, TARGET, blocked_until=until, blocked_reason=reason)


class _LeaseShort(Exception):
    pass


def server_of(url: str) -> str:
    """Scheme, host and port, which share one limit.

    >>> server_of("https://odoo.example.test/base")
    'https://odoo.example.test:443'
    """
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.hostname}:{parts.port or (443 if parts.scheme == 'https' else 80)}"
