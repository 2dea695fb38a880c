"""The connection test: what can be reached and read, and what to do where it cannot. Nothing is written.

Reading whole lists does not belong here.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import httpx

from sync_assets.clock import utc_now
from sync_assets.connections import AlleavesConnection, Credentials
from sync_assets.errors import SyncError
from sync_assets.sources.alleaves.client import AlleavesClient
from sync_assets.sources.alleaves.decoding import Rules, decode_customer, decode_location, store_timezone
from sync_assets.sources.checks import ConnectionReport
from sync_assets.sources.http import RetryPolicy

STEPS = ("address", "login", "locations", "customers", "orders", "inventory", "contacts")
ORDER_DAYS = 2
_ADDRESS_CODES = {"host_not_found", "unreachable", "tls", "bad_url", "redirected", "timeout"}


def test_connection(
    connection: AlleavesConnection,
    secret_getter: Callable[[], Credentials],
    *,
    org: str,
    transport: httpx.BaseTransport | None = None,
    retry: RetryPolicy | None = None,
    now: datetime | None = None,
    sleep: Callable[[float], None] = time.sleep,
) -> ConnectionReport:
    """Tries every step and reports each; expected failures become checks, never exceptions.

    `secret_getter` returns the login's values, and may raise ConfigurationError when one is not set.
    """
    report = ConnectionReport(org)
    moment = now or utc_now()
    # A small patience: somebody is waiting for this report.
    patience = retry or RetryPolicy(attempts=2, total_seconds=60, longest_wish=10, sleep=sleep)
    try:
        secrets = secret_getter()
        with AlleavesClient(
            connection,
            username=secrets.username,
            password=secrets.password,
            pin=secrets.pin,
            partner_id=secrets.partner_id,
            org=org,
            transport=transport,
            retry=patience,
            now=lambda: moment,
            sleep=sleep,
        ) as client:
            _run(report, client, moment)
    except SyncError as error:
        report.fail(next((step for step in STEPS if not _has(report, step)), STEPS[-1]), error)
    for step in STEPS:
        if not _has(report, step):
            report.add(step, "skipped", "Not tried, since an earlier step failed")
    return report


def _has(report: ConnectionReport, step: str) -> bool:
    return any(check.name == step for check in report.checks)


def _run(report: ConnectionReport, client: AlleavesClient, now: datetime) -> None:
    try:
        client.login()
    except SyncError as error:
        if error.code not in _ADDRESS_CODES:
            report.add("address", "good", client.connection.base_url)
        raise
    report.add("address", "good", client.connection.base_url)
    report.add("login", "good", f"The login works, {client.connection.dialect} dialect")
    rules = Rules.of(client.connection, org_id=report.org, now=now)
    timezone = _check_locations(report, client, rules)
    customers = _check_customers(report, client)
    _check_orders(report, client, now, timezone)
    _check_inventory(report, client)
    _check_contacts(report, customers, rules)


def _check_locations(report: ConnectionReport, client: AlleavesClient, rules: Rules) -> str:
    """Reports the locations; the store's time zone."""
    ids = client.location_ids
    received = client.locations()
    setting = client.connection.timezone
    if received is None:
        notes = [note.message for note in client.notes if note.code == "location_unread"]
        if notes:
            report.add("locations", "warning", f"{', '.join(ids)}; not verified: {_own(report, notes[-1])}")
        else:
            report.add("locations", "good", f"{', '.join(ids)}; this dialect has no call to verify it")
        return setting or "UTC"
    rows = [row for row in (decode_location(one, rules)[0] for one in received) if row]
    names = [f"{row['location_id']} {row['location'] or ''}".strip() for row in rows if row["location_id"] in ids]
    timezone = store_timezone(rows, ids, setting)
    report.add("locations", "good", f"{', '.join(names)}; time zone {timezone}")
    return timezone


def _check_customers(report: ConnectionReport, client: AlleavesClient) -> list[Any]:
    """Reports the first page of customers; its rows."""
    page = _first_page(report, "customers", lambda: next(client.customers(), []))
    if page is not None:
        report.add("customers", "good" if page else "warning", f"{len(page)} customers on the first page")
    return page or []


def _check_orders(report: ConnectionReport, client: AlleavesClient, now: datetime, timezone: str) -> None:
    start, end = (now - timedelta(days=ORDER_DAYS)).date(), (now + timedelta(days=1)).date()
    page = _first_page(report, "orders", lambda: next(client.orders(start, end, timezone=timezone), []))
    if page is not None:
        more = " or more" if len(page) >= client.connection.page_size else ""
        report.add("orders", "good" if page else "warning", f"{len(page)}{more} orders in the last {ORDER_DAYS} days")


def _check_inventory(report: ConnectionReport, client: AlleavesClient) -> None:
    counts = {}
    for one in client.location_ids:
        rows = _first_page(report, "inventory", partial(client.inventory, one))
        if rows is None:
            return
        counts[one] = len(rows)
    shown = ", ".join(f"{count} rows at {one}" for one, count in counts.items())
    report.add("inventory", "good" if all(counts.values()) else "warning", shown)


def _first_page(report: ConnectionReport, step: str, read: Callable[[], list[Any]]) -> list[Any] | None:
    """What `read` brings; None, and a bad check, when it fails."""
    try:
        return read()
    except SyncError as error:
        report.fail(step, error)
        return None


def _check_contacts(report: ConnectionReport, received: list[Any], rules: Rules) -> None:
    """Reports how many customers of the page can be recognised by an e-mail or a phone number."""
    rows = [row for row in (decode_customer(one, rules)[0] for one in received) if row]
    if not rows:
        report.add("contacts", "skipped", "No customer was read")
        return
    reachable = sum(1 for row in rows if _can_be_reached(row))
    share = f"{100 * reachable / len(rows):.0f} % of {len(rows)} customers have an e-mail or a phone number"
    report.add("contacts", "good" if reachable else "warning", share)


def _can_be_reached(row: Mapping[str, Any]) -> bool:
    return row["email"] is not None or row["phone_last10"] is not None


def _own(report: ConnectionReport, message: str) -> str:
    return message.removeprefix(f"{report.org}: ")
