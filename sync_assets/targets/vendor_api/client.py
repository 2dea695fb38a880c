"""The three calls of the vendor API over HTTP, each with its verdict; the token is in the headers and nowhere else.

Retries, the order of calls and the shared limit do not belong here; the limit comes in as `permit`.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from types import TracebackType
from typing import Any
from urllib.parse import urlsplit

import httpx
import orjson

from sync_assets.clock import utc_now
from sync_assets.connections import VendorConnection
from sync_assets.errors import ConfigurationError
from sync_assets.sources.http import Answer, Unavailable, http_date, new_http, send
from sync_assets.targets.vendor_api.answers import NOT_JSON, Decision, Endpoint, Verdict, classify, decide, parse

Permit = Callable[[], AbstractContextManager[object]]
NOT_SENT = {"host_not_found", "unreachable"}


class TargetPaused(Exception):
    """The server asked everyone for a pause; nothing was sent. `seconds` are left."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"paused for {seconds:.0f} s")
        self.seconds = seconds


@dataclass(frozen=True)
class Call:
    """One call and its answer; `answer` is the JSON, None when nothing usable came back."""

    endpoint: Endpoint
    path: str
    body: dict[str, Any]
    status: int | None
    duration_ms: int
    answer: Any
    verdict: Verdict

    @property
    def decision(self) -> Decision:
        """What a read says."""
        return decide(self.status, self.answer) if self.status is not None else "unknown"

    def summary(self) -> dict[str, Any]:
        """The call as a line of the log's column `calls`."""
        return {
            "endpoint": self.endpoint,
            "status": self.status,
            "duration_ms": self.duration_ms,
            "code": self.verdict.code or None,
        }


class VendorClient:
    """Calls one vendor API; usable from several threads, closed by `with`.

    `permit` is entered before a call and left after its answer. It may raise TargetPaused.
    """

    def __init__(
        self,
        connection: VendorConnection,
        token: str,
        *,
        permit: Permit,
        http: httpx.Client | None = None,
        timeout_seconds: float | None = None,
    ) -> None:
        self.connection = connection
        # Keys pasted into files often end in a line break.
        self.token = token.strip()
        self.timeout_seconds = timeout_seconds or connection.timeout_seconds
        self._permit = permit
        self._owns_http = http is None
        self._http = http or new_http(
            connection.base_url, timeout_seconds=self.timeout_seconds, parallel=connection.parallel_calls
        )

    def __repr__(self) -> str:
        return f"VendorClient({self.connection.base_url!r})"

    def __enter__(self) -> VendorClient:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        if self._owns_http:
            self._http.close()

    def call(self, endpoint: Endpoint, body: dict[str, Any]) -> Call:
        """One call. Whatever goes wrong is a verdict; only TargetPaused is raised."""
        url = f"{self.connection.base_url}/vendor_api/product/{endpoint}"
        request = self._http.build_request(
            "POST",
            url,
            params={"partner_id": self.connection.partner_id},
            content=orjson.dumps(body),
            headers={"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"},
        )
        is_sent = threading.Event()

        def note(event: str, info: dict[str, Any]) -> None:
            if event == "http11.send_request_headers.started":
                is_sent.set()

        request.extensions = {**request.extensions, "trace": note}
        # The connection is chosen after the wait, since a server may close one that is idle meanwhile.
        with self._permit():
            begun = time.monotonic()
            status, answer, verdict = self._send(endpoint, request, is_sent)
            seconds = time.monotonic() - begun
        return Call(endpoint, urlsplit(url).path, body, status, round(1000 * seconds), answer, verdict)

    def _send(
        self, endpoint: Endpoint, request: httpx.Request, is_sent: threading.Event
    ) -> tuple[int | None, Any, Verdict]:
        try:
            answer = send(
                self._http, request, who="vendor API", timeout_seconds=self.timeout_seconds, refuse=_refuse_nothing
            )
        except ConfigurationError as error:
            return None, None, Verdict("fatal", error.code, error.message)
        except Unavailable as error:
            if error.code in ("truncated", "too_large"):
                return None, None, Verdict("retryable", "bad_answer", error.message, endpoint != "read")
            # Before the headers went out, the server cannot have done anything.
            is_unknown = endpoint != "read" and error.code not in NOT_SENT and is_sent.is_set()
            code = "timeout" if error.code == "timeout" and is_sent.is_set() else "network"
            return None, None, Verdict("retryable", code, error.message, is_unknown)
        body = parse(answer.body)
        verdict = classify(endpoint, answer.status, body, wish_of(answer.headers.get("retry-after")))
        return answer.status, None if body is NOT_JSON else body, verdict


def _refuse_nothing(answer: Answer, who: str) -> None:
    """Every status is the classifier's."""


def wish_of(header: str | None) -> float | None:
    """Seconds of a Retry-After header in whole seconds or as a date; None when negative, past or unreadable.

    >>> wish_of("12"), wish_of("-3"), wish_of("soon"), wish_of(None)
    (12.0, None, None, None)
    """
    text = (header or "").strip()
    if text.isascii() and text.isdigit():
        return float(text) if len(text) < 10 else 1e9
    moment = http_date(text)
    seconds = (moment - utc_now()).total_seconds() if moment else 0.0
    return seconds if seconds > 0 else None
