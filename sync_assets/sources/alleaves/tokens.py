"""The token of a login: how long it lives, when it is renewed, and one login at a time.

How a login is sent does not belong here.
"""

from __future__ import annotations

import base64
import binascii
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from sync_assets.errors import ConfigurationError, SyncError
from sync_assets.sources.alleaves.faults import NotJson, parse_json

DEFAULT_LIFE = timedelta(minutes=15)
LONGEST_MARGIN = timedelta(seconds=300)


@dataclass(frozen=True)
class Token:
    """A token and its life, UTC."""

    text: str = field(repr=False)
    issued_at: datetime
    expires_at: datetime

    @classmethod
    def issued(cls, text: str, now: datetime) -> Token:
        """A token that was just received; without a usable expiry it lives 15 minutes."""
        expires_at = read_expiry(text)
        if expires_at is None or expires_at <= now:
            expires_at = now + DEFAULT_LIFE
        return cls(text, now, expires_at)

    def is_due(self, now: datetime) -> bool:
        """True when the time left is under a third of its life, or under five minutes, whichever is less."""
        margin = min(LONGEST_MARGIN, (self.expires_at - self.issued_at) / 3)
        return self.expires_at - now < margin


def read_expiry(text: str) -> datetime | None:
    """The `exp` claim of a JWT in UTC; None for what is no JWT or has no readable one."""
    parts = text.split(".")
    if len(parts) != 3:
        return None
    try:
        claims = parse_json(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
        seconds = claims.get("exp") if isinstance(claims, Mapping) else None
        if isinstance(seconds, bool) or not isinstance(seconds, int | Decimal):
            return None
        return datetime.fromtimestamp(float(seconds), UTC)
    except (NotJson, binascii.Error, ValueError, OverflowError, OSError):
        return None


class TokenKeeper:
    """Holds the token of one connection; thread safe. A refused login stays refused for the keeper's whole life."""

    def __init__(self, log_in: Callable[[], str], now: Callable[[], datetime]) -> None:
        self._log_in, self._now = log_in, now
        self._token: Token | None = None
        self._refusal: SyncError | None = None
        self._lock = threading.Lock()

    def current(self) -> str:
        """A token with enough life left; logs in when there is none. Raises what the login raised."""
        with self._lock:
            if self._token is None or self._token.is_due(self._now()):
                self._renew()
            return self._held()

    def replace(self, refused: str) -> str:
        """Another token than the refused one, by one login however many calls were refused with it."""
        with self._lock:
            if self._token is None or self._token.text == refused:
                self._renew()
            return self._held()

    def _renew(self) -> None:
        self._token = None
        if self._refusal is not None:
            raise self._refusal
        try:
            self._token = Token.issued(self._log_in(), self._now())
        except ConfigurationError as error:
            self._refusal = error
            raise

    def _held(self) -> str:
        assert self._token is not None
        return self._token.text


def read_token(reply: Any) -> str | None:
    """The token in a login's reply, None when there is no usable one: it has to fit into a header."""
    token = reply.get("token") if isinstance(reply, Mapping) else None
    text = token.strip() if isinstance(token, str) else ""
    return text if text and text.isascii() and text.isprintable() else None
