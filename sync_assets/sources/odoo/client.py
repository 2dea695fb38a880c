"""The Odoo client: connects, calls read methods with retries, and names what went wrong.

Which records are read, and what their values mean, does not belong here.
"""

from __future__ import annotations

import threading
from array import array
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Any
from urllib.parse import urlsplit

import httpx

from sync_assets.clock import utc_now, whole_seconds
from sync_assets.connections import OdooConnection
from sync_assets.errors import ConfigurationError, SourceDataError, SyncError
from sync_assets.sources.http import Answer, Throttle, Unavailable, http_date, new_http, send
from sync_assets.sources.odoo.faults import (
    Asked,
    Fault,
    Unusable,
    explain,
    explain_status,
    login_refused,
    no_database,
    not_odoo,
)
from sync_assets.sources.odoo.fields import FIELD_ATTRIBUTES, OdooField
from sync_assets.sources.odoo.totals import MonthTotal, month_totals, totals_request
from sync_assets.sources.odoo.transports import TRANSPORTS, Call, Transport
from sync_assets.sources.odoo.versions import ServerVersion, is_disturbed, read_version, version_probes
from sync_assets.sources.retrying import RetryBudget, RetryPolicy

OLDEST = ServerVersion(14, 0)
JSON2_SINCE = ServerVersion(19, 0)
PROBE_SECONDS = 10.0
IDS_PER_CALL = 100_000
ONLINE_CALLS_PER_SECOND = 2.0

READ_METHODS = frozenset(
    {
        "search",
        "search_read",
        "search_count",
        "read",
        "fields_get",
        "read_group",
        "formatted_read_group",
        "context_get",
        "has_group",
        "check_access_rights",
        "has_access",
    }
)


class OdooClient:
    """Reads from one Odoo database; never writes. Usable from `parallel_calls` threads, closed by `with`.

    `http` and `retry` are for tests and for callers with their own patience.
    """

    def __init__(
        self,
        connection: OdooConnection,
        secret: str,
        *,
        org: str,
        http: httpx.Client | None = None,
        retry: RetryPolicy | None = None,
    ) -> None:
        self.connection = connection
        self.org = org
        self.retry = retry or RetryPolicy(
            total_seconds=connection.retry_seconds, budget=RetryBudget(connection.run_retry_seconds)
        )
        self.calls = 0
        self.bytes_received = 0
        self.uid: int | None = None
        self.transport_name = ""
        self.is_server_clock_known = False
        # Keys pasted into files often end in a line break.
        self._secret = secret.rstrip("\r\n")
        self._owns_http = http is None
        self._http = http or new_http(
            connection.url, timeout_seconds=connection.timeout_seconds, parallel=connection.parallel_calls
        )
        online = (urlsplit(connection.url).hostname or "").endswith(".odoo.com")
        per_second = connection.calls_per_second or (ONLINE_CALLS_PER_SECOND if online else None)
        self.throttle = Throttle(connection.parallel_calls, per_second, sleep=self.retry.sleep)
        self._transport: Transport | None = None
        self._version: ServerVersion | None = None
        self._server_time: datetime | None = None
        self._fields: dict[str, dict[str, OdooField]] = {}
        self._companies = list(connection.company_ids) or None
        self._lock = threading.RLock()

    def __repr__(self) -> str:
        return f"OdooClient({self.connection.url!r}, {self.connection.database!r}, org={self.org!r})"

    def __enter__(self) -> OdooClient:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        if self._owns_http:
            self._http.close()

    @property
    def version(self) -> ServerVersion:
        """The server's version. Raises as `connect` does."""
        self.connect()
        assert self._version is not None
        return self._version

    @property
    def server_time(self) -> datetime:
        """The server's clock when the client connected, UTC, whole seconds."""
        self.connect()
        assert self._server_time is not None
        return self._server_time

    def connect(self) -> None:
        """Detects the version and logs in, once. Raises ConfigurationError or SourceUnavailable."""
        with self._lock:
            if self.uid is None:
                self.detect_version()
                self.log_in()

    def detect_version(self) -> ServerVersion:
        """Asks for the version and picks the transport, without logging in."""
        with self._lock:
            if self._version is None:
                stated = ServerVersion.parse(self.connection.server_version)
                self._version = stated or self.retry.run(self._probe_version)
                if self._version < OLDEST:
                    too_old, self._version = self._version.text, None
                    raise ConfigurationError(
                        f"{self.org}: Odoo {too_old} is too old; 14.0 is the oldest that can be read",
                        code="version_too_old",
                    )
                chosen = self.connection.transport
                if chosen == "json2" and self._version < JSON2_SINCE:
                    older, self._version = self._version.text, None
                    raise ConfigurationError(
                        f"{self.org}: Odoo {older} has no JSON-2; set transport to auto", code="bad_setting"
                    )
                if chosen == "auto":
                    chosen = "json2" if self._version >= JSON2_SINCE else "jsonrpc"
                self.transport_name = chosen
                self._transport = TRANSPORTS[chosen](self.connection.database, self.connection.login, self._secret)
            return self._version

    def _probe_version(self) -> ServerVersion:
        asked = self._asked("", "version")
        redirected: SyncError | None = None
        disturbed: SyncError | None = None
        for call in version_probes(self.connection.transport):
            try:
                answer = self._send(call, asked, timeout_seconds=min(PROBE_SECONDS, self.connection.timeout_seconds))
            except ConfigurationError as error:
                if error.code != "redirected":
                    raise
                redirected = error
                continue
            version = read_version(call, answer)
            if version is not None:
                self._note_time(answer)
                return version
            if is_disturbed(answer):
                disturbed = explain_status(answer, asked)
        raise disturbed or redirected or not_odoo(asked)

    def _note_time(self, answer: Answer) -> None:
        stated = http_date(answer.headers.get("date"))
        self.is_server_clock_known = stated is not None
        # Without the server's clock the own one is taken with a margin, since a window that ends too late loses rows.
        self._server_time = whole_seconds(stated or utc_now() - timedelta(seconds=60))

    def log_in(self) -> int:
        """Logs in with the detected transport; the user id. Raises ConfigurationError when refused."""
        self.detect_version()
        asked = self._asked("", "login")
        if self.transport_name == "json2" and not (self._secret.isascii() and self._secret.isprintable()):
            # It travels in a header there, which cannot hold it.
            raise login_refused(asked)

        def attempt() -> Any:
            assert self._transport is not None
            answer = self._send(self._transport.login_call(), asked)
            if self._server_time is None:
                self._note_time(answer)
            return self._understood(answer, asked)

        assert self._transport is not None
        uid = self._transport.logged_in(self.retry.run(attempt))
        if uid is None:
            raise login_refused(asked)
        self.uid = uid
        return uid

    def call(self, model: str, method: str, *ids: Any, **named: Any) -> Any:
        """One call of a read method, retried while the source is unavailable.

        Record methods take their ids as one list or as single arguments. Everything else goes by name; `context` is
        merged over the default one, where None removes a key. Raises SyncError with a code, and ConfigurationError for
        a method that is not on the list of read methods.
        """
        self.connect()
        return self.retry.run(lambda: self.call_once(model, method, *ids, **named))

    def call_once(self, model: str, method: str, *ids: Any, **named: Any) -> Any:
        """As `call`, without trying again."""
        if method not in READ_METHODS:
            raise ConfigurationError(
                f"{self.org}: the method {method} is not permitted; only records are read", code="not_permitted"
            )
        self.connect()
        assert self._transport is not None
        asked = self._asked(model, method)
        records = list(ids[0]) if len(ids) == 1 and isinstance(ids[0], list | tuple) else list(ids) or None
        named["context"] = self._context(named.get("context") or {})
        try:
            call = self._transport.call(model, method, records, named)
        except Fault as fault:
            raise explain(fault, asked) from None
        result = self._understood(self._send(call, asked), asked)
        self.throttle.went_well()
        return result

    def _context(self, more: Mapping[str, Any]) -> dict[str, Any]:
        context: dict[str, Any] = {"active_test": False, "lang": self.connection.lang}
        if self.connection.company_ids:
            context["allowed_company_ids"] = list(self.connection.company_ids)
        return {key: value for key, value in {**context, **more}.items() if value is not None}

    def _asked(self, model: str, method: str) -> Asked:
        return Asked(self.org, self.connection.database, self._secret, model, method)

    def _send(self, call: Call, asked: Asked, *, timeout_seconds: float | None = None) -> Answer:
        seconds = timeout_seconds or self.connection.timeout_seconds
        request = self._http.build_request(
            call.http_method, self.connection.url + call.path, content=call.body, headers=dict(call.headers)
        )
        with self.throttle.slot():
            with self._lock:
                self.calls += 1
            try:
                answer = send(self._http, request, who=asked.who, timeout_seconds=seconds)
            except Unavailable as error:
                if error.is_busy:
                    self.throttle.slow_down()
                raise
        with self._lock:
            self.bytes_received += answer.received_bytes
        return answer

    def _understood(self, answer: Answer, asked: Asked) -> Any:
        assert self._transport is not None
        failure: SyncError
        try:
            return self._transport.read(answer)
        except Fault as fault:
            failure = explain(fault, asked)
        except Unusable:
            if answer.status == 404 and self.transport_name == "json2":
                failure = no_database(asked)
            else:
                failure = explain_status(answer, asked)
        if isinstance(failure, Unavailable) and failure.is_busy:
            self.throttle.slow_down()
        raise failure

    def fields(self, model: str, *, refresh: bool = False) -> dict[str, OdooField]:
        """The model's fields as the user may see them, asked once per client unless `refresh`."""
        with self._lock:
            known = self._fields.get(model)
        if known is None or refresh:
            answer = self.call(model, "fields_get", attributes=FIELD_ATTRIBUTES)
            if not isinstance(answer, dict):
                raise SourceDataError(
                    f"{self._asked(model, '').who}: the list of fields cannot be read", code="bad_answer"
                )
            known = {name: OdooField.described(name, attributes) for name, attributes in answer.items()}
            with self._lock:
                self._fields[model] = known
        return known

    def companies(self) -> list[int]:
        """The configured companies, else those the user may choose; asked once."""
        if self._companies is None:
            self.connect()
            rows = self.call("res.users", "read", [self.uid], fields=["company_ids"], load="")
            self._companies = sorted(rows[0]["company_ids"]) if rows else []
        return self._companies

    def ids(self, model: str) -> array[int]:
        """All ids the user may see, archived records included, in order; compact, for there may be millions."""
        found = array("q")
        while True:
            after = found[-1] if found else 0
            page = self.call(
                model, "search", domain=[["id", ">", after]] if found else [], order="id", limit=IDS_PER_CALL
            )
            try:
                found.extend(array("q", page))
            except (TypeError, OverflowError):
                raise SourceDataError(
                    f"{self.org}: Odoo {model}: the answer is not a list of ids", code="bad_answer"
                ) from None
            if len(page) < IDS_PER_CALL:
                return found
            if page[0] <= after or found[-1] <= after:
                # Half a list would look like deletions.
                raise SourceDataError(f"{self.org}: Odoo {model}: the ids do not come in order", code="bad_answer")

    def id_dates(self, model: str, *, after: int, limit: int) -> list[tuple[int, datetime | None]]:
        """The next `limit` pairs of id and write_date (UTC) above the id `after`."""
        rows = self.call(
            model, "search_read", domain=[["id", ">", after]], fields=["write_date"], order="id", limit=limit, load=""
        )
        return [
            (row["id"], datetime.fromisoformat(row["write_date"]).replace(tzinfo=UTC) if row["write_date"] else None)
            for row in rows
        ]

    def count(self, model: str, domain: Any = ()) -> int:
        """How many records of the model match, archived ones included."""
        return int(self.call(model, "search_count", domain=list(domain)))

    def read_group(
        self,
        model: str = "sale.order",
        *,
        date_field: str = "date_order",
        amount_field: str = "amount_total",
        domain: Any = (),
    ) -> list[MonthTotal]:
        """Control totals per month (UTC) and state: (month 'YYYY-MM', state, count, sum of the amount), sorted."""
        method, named = totals_request(self.version, date_field, amount_field, domain)
        return month_totals(self.call(model, method, context={"tz": "UTC"}, **named), date_field, amount_field)
