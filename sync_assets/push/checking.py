"""The connection test and the self-test of a push target, as lines for a person and an exit code.

Nothing is written by the connection test; the self-test pushes one test product. Printing does not belong here.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

from sync_assets.clock import utc_now
from sync_assets.connections import LOOPBACK, Org, VendorConnection, secret_value
from sync_assets.errors import ConfigurationError, SyncError
from sync_assets.push.engine import Engine, server_of
from sync_assets.push.payloads import build_wanted
from sync_assets.push.planning import TARGET, plan_rows
from sync_assets.push.states import Pace, Trigger
from sync_assets.sources.shop import Variant
from sync_assets.targets.vendor_api import Call, TargetPaused, VendorClient, redact
from sync_assets.warehouse import Warehouse, push, push_log
from sync_assets.warehouse.push_limits import Limiter

TEST_SECONDS = 15.0
TEST_PRODUCT, TEST_SKU = "test_local_product", "TEST-LOCAL-001"
WIDTH = 38


@dataclass
class Report:
    """The lines to print and the exit code: 0 good, 1 unreachable or failing, 2 to be configured."""

    lines: list[str] = field(default_factory=list)
    exit_code: int = 0

    def step(self, name: str, outcome: str) -> None:
        self.lines.append(f"{name} ".ljust(WIDTH + 1, ".") + f" {outcome}")

    def end(self, line: str, exit_code: int) -> Report:
        self.lines.append(line)
        self.exit_code = exit_code
        return self


def check_target(warehouse: Warehouse, org: Org) -> Report:
    """Reads a SKU that cannot exist. A success lifts the target's block."""
    report = Report([f"Target: {TARGET} (organisation {org.org_id})"])
    vendor = org.targets.vendor_api
    if vendor is None:
        return report.end("targets.vendor_api is not set in connections.yaml", 2)
    try:
        token = secret_value(vendor.api_token, org=org.org_id)
    except ConfigurationError as error:
        return report.end(error.message, 2)
    report.lines += [
        f"  Base URL:   {vendor.base_url}",
        f"  Partner ID: {vendor.partner_id}",
        f"  API token:  set ({len(token)} characters)",
    ]
    report.step("Step 1: Checking the settings", "ok")
    limiter = Limiter(warehouse, server_of(vendor.base_url), paused=TargetPaused)
    try:
        with VendorClient(vendor, token, permit=limiter.permit, timeout_seconds=TEST_SECONDS) as client:
            call = client.call("read", {"default_code": f"NO-SUCH-SKU-{uuid.uuid4().hex[:12].upper()}"})
    except TargetPaused as pause:
        return report.end(f"The server asked for a pause; try again in {pause.seconds:.0f} s", 1)
    _explain(report, call, token)
    if report.exit_code == 0:
        push.save_target(warehouse, org.org_id, TARGET, blocked_until=None, blocked_reason=None)
    return report


def _explain(report: Report, call: Call, token: str) -> Report:
    message = redact(call.verdict.message, token)
    if call.status is None:
        report.step("Step 2: Reaching the server", "failed")
        return report.end(f"The server cannot be reached: {message}", 2 if call.verdict.kind == "fatal" else 1)
    report.step("Step 2: Reaching the server", f"ok ({call.duration_ms} ms)")
    answer = call.answer if isinstance(call.answer, dict) else {}
    error = answer.get("error")
    is_envelope = answer.get("jsonrpc") == "2.0" and not error
    if 200 <= call.status < 300 and ("result" in answer or is_envelope) and not error:
        result = answer.get("result")
        said = result.get("error") if isinstance(result, dict) else None
        report.step("Step 3: Reading an unknown SKU", f"ok ({redact(said, token)})" if isinstance(said, str) else "ok")
        return report.end("Connected.", 0)
    report.step("Step 3: Reading an unknown SKU", "failed")
    if call.verdict.kind == "fatal" and call.verdict.code in ("unauthorized", "partner_refused"):
        refusals = {401: "The token was refused", 403: "The partner id is not allowed for this token"}
        return report.end(refusals[call.status], 2)
    if error and call.status != 404:
        return report.end("The server answered, but its vendor module raised an error", 1)
    if call.status == 404 or call.status < 400:
        return report.end("No vendor API at this address", 2)
    return report.end(f"The server cannot be used now: {message}", 1)


def self_test(
    warehouse: Warehouse, org: Org, *, allow_real: bool = False, now: Callable[[], datetime] = utc_now
) -> Report:
    """The six steps with a test product; the first that fails ends it with exit code 1."""
    report = Report()
    vendor = org.targets.vendor_api
    if vendor is None:
        return report.end("targets.vendor_api is not set in connections.yaml", 2)
    if not allow_real and urlsplit(vendor.base_url).hostname not in LOOPBACK:
        return report.end("This is a real server; allow it with --allow-real, or use the sandbox", 2)
    steps = _steps(warehouse, org, vendor, now)
    for number in range(1, 7):
        try:
            report.lines.append(f"Step {number}: {next(steps)}")
        except (SyncError, TargetPaused, AssertionError) as error:
            return report.end(f"Step {number}: failed: {error}", 1)
    return report.end("All six steps passed.", 0)


def _steps(warehouse: Warehouse, org: Org, vendor: VendorConnection, now: Callable[[], datetime]) -> Iterator[str]:
    yield f"Product {TEST_PRODUCT}"
    yield f"Variant {TEST_SKU}"
    stock = Decimal(100 - 10)
    yield f"Inventory 100, reserved 10. Available stock: {stock} units"
    token = secret_value(vendor.api_token, org=org.org_id)
    variant = Variant(TEST_SKU, TEST_PRODUCT, "Test Local Product", "Default", TEST_SKU, stock, Decimal(0))
    (wanted,), _ = build_wanted([variant], vendor.model_copy(update={"channel_id": None}), {})
    engine = Engine(
        warehouse, org, run_id=f"self-test-{uuid.uuid4().hex[:12]}", pace=Pace(), keys=[wanted.push_key], now=now
    )
    read = engine.client.call("read", {"default_code": TEST_SKU})
    _demand(read.verdict.kind in ("ok", "switch"), redact(read.verdict.message, token))
    yield f"Direct API: read answers, so the product is to be {'updated' if read.decision == 'update' else 'created'}"
    trigger = Trigger("TEST", force=True, retries_all=True)
    with push.planning(warehouse, org.org_id, TARGET) as connection:
        held = push.states(connection, org.org_id, TARGET, [wanted.push_key], lock=True)
        push.save_states(connection, plan_rows(org, held, [wanted], trigger, at=now()))
    engine.work()
    _demand(engine.tally.succeeded == 1, engine.fatal.message if engine.fatal else f"{engine.tally.details}")
    yield f"Pushed with logging: {engine.tally.details[0]['action']}"
    chosen = push_log.LogFilter(trigger_type="TEST", sku=TEST_SKU)
    found = push_log.logs(warehouse, org.org_id, chosen, limit=1)["logs"]
    _demand(bool(found) and found[0]["run_id"] == engine.run_id, "the sync log has no row of this push")
    yield f"Sync log row {found[0]['id']}: {found[0]['status']}"


def _demand(is_good: bool, message: Any) -> None:
    if not is_good:
        raise SyncError(str(message), code="self_test")
