"""One HTTP exchange with an outside system: sending, naming what went wrong, waiting and trying again.

What an answer means belongs to the client of each system, not here.
"""

from __future__ import annotations

import logging
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TypeVar
from urllib.parse import urlsplit

import httpx

from sync_assets.clock import utc_now
from sync_assets.connections import LOOPBACK
from sync_assets.errors import ConfigurationError, SourceUnavailable

T = TypeVar("T")

# Its debug messages show the headers of answers, which may repeat the secret.
logging.getLogger("httpcore").setLevel(logging.INFO)

USER_AGENT = "sync_assets"
MAX_ANSWER_BYTES = 512 * 1024 * 1024
RETRIED_STATUSES = {408, 429, 500, 502, 503, 504}


class Unavailable(SourceUnavailable):
    """SourceUnavailable that also tells how to try again.

    `retry_after` is the wait the server asked for; `is_heavy` means a smaller request may succeed; `is_busy` means
    fewer requests at a time may.
    """

    def __init__(
        self,
        message: str,
        *,
        code: str,
        retry_after: float | None = None,
        is_heavy: bool = False,
        is_busy: bool = False,
    ) -> None:
        super().__init__(message, code=code)
        self.retry_after = retry_after
        self.is_heavy = is_heavy
        self.is_busy = is_busy


class Throttle:
    """Bounds how many requests run at once and how many start per second; thread safe.

    After `slow_down` one request runs at a time, until 20 in a row went well.
    """

    GOOD_BEFORE_SPEEDING_UP = 20

    def __init__(
        self,
        parallel: int,
        per_second: float | None,
        *,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.parallel = self.allowed = parallel
        self._gap = 1 / per_second if per_second else 0.0
        self._sleep, self._clock = sleep, clock
        self._next_start = 0.0
        self._running = self._good = 0
        self._changed = threading.Condition()

    @contextmanager
    def slot(self) -> Iterator[None]:
        """Waits for a free place and the next allowed start."""
        with self._changed:
            self._changed.wait_for(lambda: self._running < self.allowed)
            self._running += 1
            start = max(self._clock(), self._next_start)
            self._next_start = start + self._gap
            delay = start - self._clock()
        try:
            if delay > 0:
                self._sleep(delay)
            yield
        finally:
            with self._changed:
                self._running -= 1
                self._changed.notify_all()

    def slow_down(self) -> None:
        with self._changed:
            self.allowed, self._good = 1, 0

    def went_well(self) -> None:
        with self._changed:
            self._good += 1
            if self._good >= self.GOOD_BEFORE_SPEEDING_UP and self.allowed < self.parallel:
                self.allowed = self.parallel
                self._changed.notify_all()


@dataclass(frozen=True)
class Answer:
    """What came back: status, headers, the whole body, and its size on the wire."""

    status: int
    headers: httpx.Headers
    body: bytes
    received_bytes: int

    @property
    def is_web_page(self) -> bool:
        head = self.body[:200].lstrip().lower()
        return head.startswith((b"<!doctype html", b"<html")) or (
            "html" in self.headers.get("content-type", "") and not head.startswith(b"<?xml")
        )


def new_http(
    url: str, *, timeout_seconds: float, parallel: int = 1, transport: httpx.BaseTransport | None = None
) -> httpx.Client:
    """An HTTP/1.1 client with keep-alive and gzip that follows no redirect."""
    return httpx.Client(
        transport=transport,
        timeout=httpx.Timeout(timeout_seconds, connect=min(timeout_seconds, 10.0)),
        limits=httpx.Limits(max_connections=parallel, max_keepalive_connections=parallel),
        headers={"User-Agent": USER_AGENT, "Accept-Encoding": "gzip"},
        follow_redirects=False,
        # A proxy from the environment cannot reach a server on this machine.
        trust_env=urlsplit(url).hostname not in LOOPBACK,
    )


def send(
    http: httpx.Client,
    request: httpx.Request,
    *,
    who: str,
    timeout_seconds: float,
    refuse: Callable[[Answer, str], None] | None = None,
) -> Answer:
    """Sends one request and reads the whole answer within `timeout_seconds`.

    Raises ConfigurationError for a redirect or a bad certificate, and Unavailable for everything that may pass, error
    statuses included. `who` begins each message. Other error statuses are returned for the caller to explain.
    `refuse(answer, who)` raises in place of `refuse_passing`, for systems that explain their statuses themselves.
    """
    deadline = time.monotonic() + timeout_seconds
    request.extensions = {**request.extensions, "timeout": _timeouts(timeout_seconds)}
    try:
        with closing(http.send(request, stream=True, follow_redirects=False)) as response:
            body = _read(response, deadline, who, timeout_seconds)
    except httpx.HTTPError as error:
        failure = _explain(error, who, request.url.netloc.decode(), timeout_seconds)
    else:
        answer = Answer(response.status_code, response.headers, body, response.num_bytes_downloaded)
        _refuse_redirect(answer, who, request.url)
        (refuse or refuse_passing)(answer, who)
        return answer
    # Raised outside the handler: httpx's error holds the request, and the request holds the secret.
    raise failure


def _timeouts(seconds: float) -> dict[str, float]:
    return {"connect": min(seconds, 10.0), "read": seconds, "write": seconds, "pool": seconds}


def _read(response: httpx.Response, deadline: float, who: str, timeout_seconds: float) -> bytes:
    chunks, size = [], 0
    for chunk in response.iter_bytes():
        chunks.append(chunk)
        size += len(chunk)
        if time.monotonic() > deadline:
            raise _timed_out(who, timeout_seconds)
        if size > MAX_ANSWER_BYTES:
            raise Unavailable(
                f"{who}: the answer is larger than {MAX_ANSWER_BYTES >> 20} MiB", code="too_large", is_heavy=True
            )
    return b"".join(chunks)


def _timed_out(who: str, seconds: float) -> Unavailable:
    return Unavailable(f"{who}: no complete answer within {seconds:g} s; try later", code="timeout", is_heavy=True)


def _explain(error: httpx.HTTPError, who: str, host: str, timeout_seconds: float) -> ConfigurationError | Unavailable:
    causes = list(_causes(error))
    if any(isinstance(cause, socket.gaierror) for cause in causes):
        return Unavailable(f"{who}: Host not found: {host}; check the url", code="host_not_found")
    tls = next((cause for cause in causes if isinstance(cause, ssl.SSLError)), None)
    if tls is not None and not isinstance(tls, ssl.SSLEOFError):
        reason = getattr(tls, "verify_message", None) or tls.reason or "the handshake failed"
        return ConfigurationError(
            f"{who}: the certificate of {host} is not accepted ({reason}); have it renewed", code="tls"
        )
    if isinstance(error, httpx.ConnectTimeout | httpx.PoolTimeout):
        return Unavailable(f"{who}: {host} does not accept connections in time; try later", code="timeout")
    if isinstance(error, httpx.TimeoutException):
        return _timed_out(who, timeout_seconds)
    if isinstance(error, httpx.ConnectError):
        return Unavailable(f"{who}: nothing answers at {host}; check the url, or try later", code="unreachable")
    if isinstance(error, httpx.DecodingError):
        return Unavailable(f"{who}: the answer's compression is broken; try later", code="truncated")
    if isinstance(error, httpx.UnsupportedProtocol):
        return ConfigurationError(f"{who}: the url must start with https://", code="bad_url")
    return Unavailable(
        f"{who}: the server closed the connection without a complete answer; try later", code="reset", is_heavy=True
    )


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _refuse_redirect(answer: Answer, who: str, url: httpx.URL) -> None:
    if 300 <= answer.status < 400:
        target = url.join(answer.headers.get("location", "/"))
        raise ConfigurationError(
            f"{who}: the server redirects to {target.scheme}://{target.netloc.decode()}; set that address as url",
            code="redirected",
        )


def refuse_passing(answer: Answer, who: str) -> None:
    """Raises Unavailable for an error status that may pass."""
    status = answer.status
    if status == 429:
        raise Unavailable(
            f"{who}: too many calls (status 429); lower calls_per_second",
            code="rate_limited",
            retry_after=retry_after(answer),
            is_busy=True,
        )
    # A status 500 may be an application error with a reason in its body, which only the caller can read.
    if status in RETRIED_STATUSES and (status != 500 or answer.is_web_page or not answer.body):
        raise Unavailable(
            f"{who}: the server is not able to answer now (status {status}); try later",
            code=f"status_{status}",
            retry_after=retry_after(answer),
            is_heavy=status >= 500,
            is_busy=status == 502,
        )


def retry_after(answer: Answer) -> float | None:
    """Seconds of the Retry-After header, which holds seconds or a date."""
    value = answer.headers.get("retry-after", "").strip()
    if not value:
        return None
    try:
        return max(0.0, float(value))
    except ValueError:
        moment = http_date(value)
        return max(0.0, (moment - utc_now()).total_seconds()) if moment else None


def http_date(value: str | None) -> datetime | None:
    """A header's date in UTC, None when it is missing or unreadable."""
    try:
        moment = parsedate_to_datetime(value or "")
    except (TypeError, ValueError):
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
