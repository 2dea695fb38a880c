"""What went wrong, from an answer of Alleaves to the project's own errors, without any secret in the text.

Trying again does not belong here.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import quote, quote_plus

from sync_assets.errors import ConfigurationError, SourceDataError, SyncError
from sync_assets.sources.http import Answer, Unavailable, retry_after

TEXT_LIMIT = 200
_HIDDEN_TAGS = re.compile(r"<(script|style)\b.*?(</\1\s*>|$)", re.IGNORECASE | re.DOTALL)
_TAG = re.compile(r"<[^>]*(>|$)")
_TOKEN = re.compile(r"eyJ[\w-]+\.[\w-]+(\.[\w-]*)?", re.ASCII)
_AUTHORIZATION = re.compile(r"\b(Bearer|Basic)\s+[^\s\"',;]+", re.IGNORECASE)


class NotJson(Exception):
    """A body that is not JSON."""


def parse_json(body: bytes) -> Any:
    """JSON with exact numbers: integers, Decimal, and text for NaN and Infinity. Raises NotJson."""
    try:
        return json.loads(body, parse_float=_number, parse_constant=str)
    except (ValueError, RecursionError):
        raise NotJson from None


def _number(text: str) -> Decimal | str:
    try:
        return Decimal(text)
    except InvalidOperation:
        return text


class Masker:
    """Replaces every known secret in a text, however it is written there; tokens are added as they are issued."""

    def __init__(self, secrets: Iterable[str | None]) -> None:
        self._spellings: set[str] = set()
        for secret in secrets:
            self.add(secret)

    def __repr__(self) -> str:
        return "Masker()"

    def add(self, secret: str | None) -> None:
        if secret:
            in_json = {json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1]}
            more = {secret, html.escape(secret), quote(secret), quote_plus(secret), *in_json}
            # A new set, since another thread may be masking.
            self._spellings = self._spellings | more

    def __call__(self, text: str) -> str:
        for spelling in sorted(self._spellings, key=len, reverse=True):
            text = text.replace(spelling, "***")
        return _AUTHORIZATION.sub(r"\1 ***", _TOKEN.sub("***", text))


def error_text(body: bytes, mask: Callable[[str], str]) -> str:
    """The reason in an answer: `message`, else `error`, else the body without tags; masked, then at most 200 characters."""
    try:
        found = _message(parse_json(body))
    except NotJson:
        found = None
    if found is None:
        # Masked before the tags go and after, since a secret may contain what looks like one.
        found = _TAG.sub(" ", _HIDDEN_TAGS.sub(" ", mask(body[:100_000].decode("utf-8", "replace"))))
    return mask(" ".join(mask(found).split()))[:TEXT_LIMIT]


def _message(reply: Any) -> str | None:
    if isinstance(reply, Mapping):
        for name in ("message", "error"):
            value = reply.get(name)
            if isinstance(value, str) and value.strip():
                return value
            inner = _message(value)
            if inner is not None:
                return inner
    return None


def stated_error(reply: Any) -> bool:
    """True for a reply that reports a failure although its status says all is well."""
    return isinstance(reply, Mapping) and bool(reply.get("error"))


def explain(answer: Answer, who: str, mask: Callable[[str], str]) -> SyncError:
    """The error for an answer with an error status, whatever was asked but a login."""
    status, text = answer.status, error_text(answer.body, mask)
    reason = f" ({text})" if text else ""
    if status == 429:
        return Unavailable(
            f"{who}: too many calls (status 429){reason}; raise min_interval_ms",
            code="rate_limited",
            retry_after=retry_after(answer),
        )
    if status >= 500:
        return Unavailable(
            f"{who}: the server is not able to answer now (status {status}){reason}; try later",
            code=f"status_{status}",
            retry_after=retry_after(answer),
        )
    if status == 401:
        return ConfigurationError(
            f"{who}: the call was refused twice, with a new token too (status 401){reason}; check the user's rights",
            code="unauthorized",
        )
    if status == 403:
        return ConfigurationError(f"{who}: no right to read this (status 403){reason}", code="no_access")
    if status == 404:
        return ConfigurationError(
            f"{who}: the address is not known there (status 404){reason}; check base_url, the prefixes and the dialect",
            code="not_found",
        )
    return SourceDataError(f"{who}: the call was refused (status {status}){reason}", code=f"status_{status}")


def explain_login(answer: Answer, who: str, mask: Callable[[str], str]) -> SyncError:
    """The error for a login that failed; 401 and 403 say that a person must act."""
    if answer.status in (401, 403):
        return ConfigurationError(
            f"{who}: the login was refused (status {answer.status}: {error_text(answer.body, mask)}); "
            "check username, password and pin",
            code="login_refused",
        )
    return explain(answer, who, mask)


def error_reply(answer: Answer, who: str, mask: Callable[[str], str]) -> SourceDataError:
    """The error for a good status with an `error` in the reply; trying again does not help."""
    return SourceDataError(f"{who}: the server reports an error ({error_text(answer.body, mask)})", code="error_reply")


def not_json(answer: Answer, who: str, mask: Callable[[str], str]) -> Unavailable:
    """The error for a good status with a body that is not JSON, such as a web page or half an answer."""
    return Unavailable(
        f"{who}: the answer is not JSON ({error_text(answer.body, mask) or 'it is empty'}); "
        "check base_url, or try later",
        code="not_json",
    )
