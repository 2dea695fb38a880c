"""The Alleaves client: logs in, walks the lists of both dialects with retries, and names what went wrong.

What the values of a row mean does not belong here.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import partial
from types import TracebackType
from typing import Any

import httpx
import orjson

from sync_assets.clock import utc_now
from sync_assets.connections import AlleavesConnection, credentials
from sync_assets.errors import ConfigurationError, SourceDataError, SyncError
from sync_assets.sources.alleaves.calls import (
    Call,
    Window,
    customers_call,
    inventory_call,
    locations_call,
    login_call,
    orders_call,
)
from sync_assets.sources.alleaves.containers import Rows, read_rows
from sync_assets.sources.alleaves.decoding import customer_id, inventory_key, location_id, order_id
from sync_assets.sources.alleaves.decoding.values import read_id
from sync_assets.sources.alleaves.faults import (
    Masker,
    NotJson,
    error_reply,
    explain,
    explain_login,
    not_json,
    parse_json,
    stated_error,
)
from sync_assets.sources.alleaves.paging import Key, Walk, walk_pages
from sync_assets.sources.alleaves.tokens import TokenKeeper, read_token
from sync_assets.sources.http import Answer, RetryPolicy, Throttle, new_http, send

Pages = Iterator[list[Any]]

PARALLEL_CALLS = 4
RETRIES = RetryPolicy(attempts=4, first_wait=1.0, growth=4.0, spread=0.2, longest_wait=20.0, longest_wish=60.0)


@dataclass(frozen=True)
class Note:
    """Something odd about a whole list, counted: duplicates_in_fetch, total_mismatch, location_unread."""

    entity: str
    code: str
    message: str
    count: int = 1


class _Unauthorized(Exception):
    """A data call was answered 401."""


class AlleavesClient:
    """Reads one Alleaves account; never writes. Usable from several threads, closed by `with`.

    `transport`, `now`, `sleep` and `clock` (seconds, monotonic) are for tests, `retry` for callers with their own
    patience.
    """

    def __init__(
        self,
        connection: AlleavesConnection,
        *,
        username: str,
        password: str,
        pin: str | None = None,
        partner_id: str | None = None,
        org: str,
        transport: httpx.BaseTransport | None = None,
        retry: RetryPolicy | None = None,
        now: Callable[[], datetime] = utc_now,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.connection = connection
        self.org = org
        self.retry = retry or replace(RETRIES, total_seconds=connection.retry_seconds, sleep=sleep)
        self.calls = 0
        self.logins = 0
        self.notes: list[Note] = []
        # Secrets pasted into files often end in a line break.
        self._username, self._password = username.rstrip("\r\n"), password.rstrip("\r\n")
        self._pin, self._partner_id = _tidy(pin), _tidy(partner_id)
        hidden = [] if isinstance(connection.username, str) else [self._username]
        self._mask = Masker([*hidden, self._password, self._pin, self._partner_id])
        self._http = new_http(
            connection.base_url, timeout_seconds=connection.timeout_s, parallel=PARALLEL_CALLS, transport=transport
        )
        gap = connection.min_interval_ms / 1000
        self._throttle = Throttle(PARALLEL_CALLS, 1 / gap if gap else None, sleep=sleep, clock=clock)
        self._tokens = TokenKeeper(self._log_in, now)
        self._login_location: str | None = None
        self._lock = threading.Lock()

    def __repr__(self) -> str:
        return f"AlleavesClient({self.connection.base_url!r}, org={self.org!r})"

    def __enter__(self) -> AlleavesClient:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self._http.close()

    def login(self) -> None:
        """Logs in unless there is a living token. Raises ConfigurationError or SourceUnavailable.

        A refusal is final: the client never tries that login again.
        """
        self._tokens.current()

    @property
    def location_ids(self) -> tuple[str, ...]:
        """The configured locations, else the one that the login named. Raises ConfigurationError `no_location`."""
        if self.connection.location_ids:
            return tuple(read_id(one) or one for one in self.connection.location_ids)
        self.login()
        if self._login_location is None:
            raise ConfigurationError(
                f"{self.org}: Alleaves names no location for this user; set location_ids", code="no_location"
            )
        return (self._login_location,)

    @property
    def scopes(self) -> tuple[str | None, ...]:
        """What customers and orders are asked for one by one: each location, or (None,) for the whole account."""
        return (None,) if self.connection.dialect == "observed" else self.location_ids

    def locations(self) -> list[Any] | None:
        """The account's locations as received; None where the dialect has no such call, or it failed.

        A failure is kept as the note `location_unread`. Raises ConfigurationError `no_location` when a good reply
        lacks a configured location, and what the login raises.
        """
        if self.connection.dialect == "documented":
            return None
        self.login()
        try:
            found = self.read_locations()
        except SyncError as error:
            self._note("locations", "location_unread", error.message)
            return None
        known = {location_id(row) for row in found}
        missing = [one for one in self.location_ids if one not in known]
        if missing:
            raise ConfigurationError(
                f"{self.org}: Alleaves has no location {', '.join(missing)}; "
                f"correct location_ids, it has: {', '.join(sorted(one for one in known if one)) or 'none'}",
                code="no_location",
            )
        return found

    def read_locations(self) -> list[Any]:
        """The account's locations as received; raises every failure. Observed dialect only."""
        return self._rows(locations_call(self.connection)).elements

    def customers(self, *, location_id: str | None = None) -> Pages:
        """All customers, page by page, as received. `location_id` is one of `scopes`; without it all are read."""
        for scope in self._scopes(location_id):
            yield from self._walk(partial(customers_call, self.connection, scope), customer_id)

    def orders(self, start: date, end: date, *, location_id: str | None = None, timezone: str = "UTC") -> Pages:
        """The orders from `start` to `end`, store dates, page by page, as received.

        The documented dialect knows no end, so later orders come too. `location_id` is one of `scopes`; without it
        all are read.
        """
        window = Window(start, end, timezone)
        for scope in self._scopes(location_id):
            yield from self._walk(partial(orders_call, self.connection, scope, window), order_id)

    def inventory(self, location_id: str) -> list[Any]:
        """The whole inventory of a location as received; of rows with the same item, batch and area the last one."""
        call = inventory_call(self.connection, location_id)
        rows = self._rows(call).elements
        last: dict[Any, Any] = {inventory_key(row) or ("no key", number): row for number, row in enumerate(rows)}
        if len(last) < len(rows):
            message = f"{self._who(call)}: rows came more than once; the last one counts"
            self._note(call.entity, "duplicates_in_fetch", message, len(rows) - len(last))
        return list(last.values())

    def _scopes(self, location_id: str | None) -> tuple[str | None, ...]:
        return self.scopes if location_id is None or self.connection.dialect == "observed" else (location_id,)

    def _walk(self, call: Callable[[int], Call], key: Key) -> Pages:
        first = call(1)
        return walk_pages(
            Walk(
                who=self._who(first),
                page_size=self.connection.page_size,
                max_pages=self.connection.max_pages,
                fetch=lambda page: self._rows(call(page)),
                key=key,
                note=partial(self._note, first.entity),
                walk_until_empty=self.connection.walk_until_empty,
            )
        )

    def _rows(self, call: Call) -> Rows:
        reply = self._data(call)
        return read_rows(reply, call.list_name, who=self._who(call))

    def _data(self, call: Call) -> Any:
        """The reply to a data call; after a 401 it is repeated once with a new token."""
        token = self._tokens.current()
        for is_last in (False, True):
            try:
                return self.retry.run(partial(self._exchange, call, token, is_last))
            except _Unauthorized:
                token = self._tokens.replace(token)
        raise AssertionError("the second answer 401 is explained")

    def _exchange(self, call: Call, token: str, is_last: bool) -> Any:
        headers = {"Authorization": f"Bearer {token}"}
        if self._partner_id:
            headers["X-Partner-ID"] = self._partner_id
        answer = self._send(call, headers)
        if answer.status == 401 and not is_last:
            raise _Unauthorized
        if answer.status >= 400:
            raise explain(answer, self._who(call), self._mask)
        return self._reply(call, answer)

    def _log_in(self) -> str:
        call = login_call(self.connection, self._username, self._password, self._pin)

        def attempt() -> Any:
            with self._lock:
                self.logins += 1
            answer = self._send(call, {})
            if answer.status >= 400:
                raise explain_login(answer, self._who(call), self._mask)
            return self._reply(call, answer)

        reply = self.retry.run(attempt)
        token = read_token(reply)
        if token is None:
            raise SourceDataError(
                f"{self._who(call)}: the reply holds no usable token; check base_url and path_prefix",
                code="unexpected_shape",
            )
        self._mask.add(token)
        self._login_location = read_id(reply.get("locationId"))
        return token

    def _reply(self, call: Call, answer: Answer) -> Any:
        try:
            reply = parse_json(answer.body)
        except NotJson:
            failure: SyncError = not_json(answer, self._who(call), self._mask)
        else:
            if not stated_error(reply):
                return reply
            failure = error_reply(answer, self._who(call), self._mask)
        raise failure

    def _send(self, call: Call, headers: Mapping[str, str]) -> Answer:
        request = self._http.build_request(
            call.method,
            call.url,
            params=dict(call.params) or None,
            content=None if call.body is None else orjson.dumps(call.body),
            headers={"Accept": "application/json", "Content-Type": "application/json", **headers},
        )
        with self._throttle.slot():
            with self._lock:
                self.calls += 1
            return send(
                self._http,
                request,
                who=self._who(call),
                timeout_seconds=self.connection.timeout_s,
                refuse=lambda answer, who: None,
            )

    def _who(self, call: Call) -> str:
        return f"{self.org}: Alleaves {call.entity}"

    def _note(self, entity: str, code: str, message: str, count: int = 1) -> None:
        with self._lock:
            self.notes.append(Note(entity, code, message, count))


def open_client(connection: AlleavesConnection, *, org: str, **more: Any) -> AlleavesClient:
    """A client with the secrets that the environment holds. Raises ConfigurationError when one is not set."""
    found = credentials(connection, org=org)
    return AlleavesClient(
        connection,
        username=found.username,
        password=found.password,
        pin=found.pin,
        partner_id=found.partner_id,
        org=org,
        **more,
    )


def _tidy(secret: str | None) -> str | None:
    return (secret or "").rstrip("\r\n") or None
