"""The connection test: what works, what does not, and what to do about it, right by right. Nothing is written.

Reading whole streams does not belong here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from urllib.parse import urlsplit

import httpx

from sync_assets.clock import utc_now
from sync_assets.connections import LOOPBACK, OdooConnection
from sync_assets.errors import ConfigurationError, SyncError
from sync_assets.sources.checks import Check, ConnectionReport
from sync_assets.sources.odoo.client import OdooClient
from sync_assets.sources.odoo.streams import STREAMS, Stream, plan_fields
from sync_assets.sources.odoo.transports import TRANSPORTS
from sync_assets.sources.odoo.versions import ServerVersion
from sync_assets.sources.retrying import RetryPolicy

STEPS = ("address", "version", "login", "clock", "models", "completeness", "companies", "key")
CLOCK_SECONDS = 60
KEY_WARNING_DAYS, KEY_BAD_DAYS = 14, 3
KEYS_EXPIRE_SINCE = ServerVersion(18, 0)
RECORD_METHOD_SINCE = ServerVersion(18, 0)
PART_OF_ORDERS = "This user may see only part of the orders; give it Sales / User: All Documents"
ALL_DOCUMENTS = "sales_team.group_sale_salesman_all_leads"
_ADDRESS_CODES = {"host_not_found", "unreachable", "tls", "bad_url"}


def test_connection(
    connection: OdooConnection,
    secret_getter: Callable[[], str],
    *,
    org: str,
    http: httpx.Client | None = None,
    retry: RetryPolicy | None = None,
    now: datetime | None = None,
) -> ConnectionReport:
    """Tries every step and every right, and reports each; expected failures become checks, never exceptions.

    `secret_getter` returns the API key, and may raise ConfigurationError when it is not set.
    """
    report = ConnectionReport(org)
    try:
        _run(report, connection, secret_getter, http, retry or RetryPolicy(attempts=2, total_seconds=60), now)
    except SyncError as error:
        report.fail(next((step for step in STEPS if not _has(report, step)), STEPS[-1]), error)
    for step in STEPS:
        if not _has(report, step):
            report.add(step, "skipped", "Not tried, since an earlier step failed")
    return report


def _has(report: ConnectionReport, step: str) -> bool:
    models = {stream.model for stream in STREAMS.values()}
    return any(check.name == step or (step == "models" and check.name in models) for check in report.checks)


def _run(
    report: ConnectionReport,
    connection: OdooConnection,
    secret_getter: Callable[[], str],
    http: httpx.Client | None,
    retry: RetryPolicy,
    now: datetime | None,
) -> None:
    parts = urlsplit(connection.url)
    if parts.scheme != "https" and parts.hostname not in LOOPBACK and not connection.allow_plain_http:
        raise ConfigurationError(
            f"{report.org}: The address is not https; use https, or set allow_plain_http", code="bad_url"
        )
    secret = ""
    secret_missing: ConfigurationError | None = None
    try:
        secret = secret_getter()
    except ConfigurationError as error:
        secret_missing = error
    # A small timeout: somebody is waiting for this report.
    patient = connection.model_copy(update={"timeout_seconds": min(connection.timeout_seconds, 30.0)})
    with OdooClient(patient, secret, org=report.org, http=http, retry=retry) as client:
        try:
            version = client.detect_version()
        except SyncError as error:
            if error.code not in _ADDRESS_CODES:
                report.add("address", "good", connection.url)
            raise
        report.add("address", "good", connection.url)
        report.add("version", "good", f"Odoo {version.text}, {TRANSPORTS[client.transport_name].label}")
        if secret_missing:
            raise secret_missing
        report.add("login", "good", f"User {client.log_in()}")
        _check_clock(report, client, now or utc_now())
        readable = _check_models(report, client)
        _check_completeness(report, client, "sale.order" in readable)
        _check_companies(report, client)
        _check_key(report, client, (now or utc_now()).date())


def _check_clock(report: ConnectionReport, client: OdooClient, now: datetime) -> None:
    if not client.is_server_clock_known:
        report.add("clock", "warning", "The server does not tell its time; the own clock less 60 s is used")
        return
    seconds = round((client.server_time - now).total_seconds())
    if abs(seconds) < CLOCK_SECONDS:
        report.add("clock", "good", f"Difference {abs(seconds)} s")
    else:
        order = "ahead of" if seconds > 0 else "behind"
        report.add(
            "clock",
            "warning",
            f"The server's clock is {abs(seconds)} s {order} this machine's; set both by a time server",
        )


def _check_models(report: ConnectionReport, client: OdooClient) -> set[str]:
    readable: set[str] = set()
    for stream in STREAMS.values():
        if stream.is_per_company:
            continue
        try:
            report.add(stream.model, "good", _try_model(client, stream))
            readable.add(stream.model)
        except SyncError as error:
            if error.code == "not_installed" and not stream.is_required:
                report.add(stream.model, "skipped", f"The {stream.app} app is not installed: {stream.model} is skipped")
            else:
                report.fail(stream.model, error)
    return readable


def _try_model(client: OdooClient, stream: Stream) -> str:
    """Reads one record with exactly the planned fields, and counts all."""
    plan = plan_fields(stream, client.fields(stream.model), client.connection.extra_fields)
    client.call(stream.model, "search_read", domain=[], fields=plan.fields, limit=1, order="id", load="")
    drift = [note.message.removeprefix(f"{stream.model}: ") for note in plan.notes if note.severity == "warning"]
    return f"Records readable: {client.count(stream.model):,}" + (f" ({'; '.join(drift)})" if drift else "")


def _check_completeness(report: ConnectionReport, client: OdooClient, can_read_orders: bool) -> None:
    if not can_read_orders:
        report.add("completeness", "skipped", "Sale orders cannot be read")
        return
    try:
        sees_all = sees_all_orders(client)
    except SyncError:
        report.add(
            "completeness",
            "warning",
            "Not verified whether the user sees all orders: the server refuses to tell its groups",
        )
        return
    if sees_all:
        report.add("completeness", "good", "The user sees all orders (Sales / User: All Documents)")
    else:
        report.add("completeness", "warning", PART_OF_ORDERS)


def sees_all_orders(client: OdooClient) -> bool:
    """Whether the user has the right to all sale orders; without it Odoo silently shows only its own."""
    ids = [client.uid] if client.version >= RECORD_METHOD_SINCE else []
    return bool(client.call("res.users", "has_group", *ids, group_ext_id=ALL_DOCUMENTS))


def _check_companies(report: ConnectionReport, client: OdooClient) -> None:
    everywhere = {"allowed_company_ids": None}
    try:
        user = client.call("res.users", "read", [client.uid], fields=["company_ids"], load="", context=everywhere)
        allowed = sorted(user[0]["company_ids"]) if user else []
        rows = client.call(
            "res.company",
            "search_read",
            domain=[["id", "in", allowed]],
            fields=["name"],
            order="id",
            load="",
            context=everywhere,
        )
    except SyncError as error:
        report.fail("companies", error)
        return
    missing = [str(company) for company in client.connection.company_ids if company not in allowed]
    if missing:
        report.add(
            "companies",
            "warning",
            f"The user may not choose the companies {', '.join(missing)}; add them to the user or correct company_ids",
        )
    else:
        report.add("companies", "good", f"{len(rows)} companies: {', '.join(str(row['name']) for row in rows)}")


def _check_key(report: ConnectionReport, client: OdooClient, today: date) -> None:
    if client.version < KEYS_EXPIRE_SINCE:
        report.add("key", "good", "API keys do not expire on this version")
        return
    expires = _expiry(client)
    if expires is None:
        report.add("key", "warning", "When the API key expires is not known; set key_expires_on")
        return
    if expires == date.max:
        report.add("key", "good", "The API key does not expire")
        return
    days = (expires - today).days
    if days > KEY_WARNING_DAYS:
        report.add("key", "good", f"The API key expires on {expires.isoformat()}, in {days} days")
        return
    advice = "create a new key for the user, store it, test it, then revoke the old one"
    check = Check("key", "warning", f"The API key expires on {expires.isoformat()}; {advice}")
    report.checks.append(check if days > KEY_BAD_DAYS else replace(check, status="bad", code="key_expires"))


def _expiry(client: OdooClient) -> date | None:
    stated = client.connection.key_expires_on
    if stated:
        try:
            return date.fromisoformat(stated)
        except ValueError:
            raise ConfigurationError(
                f"{client.org}: key_expires_on must be a date such as 2031-01-31", code="bad_setting"
            ) from None
    try:
        keys = client.call(
            "res.users.apikeys",
            "search_read",
            domain=[["user_id", "=", client.uid]],
            fields=["expiration_date"],
            order="id",
        )
        dates = [key.get("expiration_date") for key in keys]
    except (SyncError, AttributeError):
        return None
    # Which of several keys is in use cannot be told; a lasting key gives false.
    known = [date.fromisoformat(str(text)[:10]) for text in dates if text]
    return min(known) if known else (date.max if dates else None)
