"""Tokens as the service hands them out: a signed JWT with an expiry, or one of the variants seen elsewhere.

Who may ask for one belongs to `access.py`.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
from datetime import datetime
from typing import Any

DAY_SECONDS = 86_400
DOCUMENTED_SECONDS = 900
KINDS = ("jwt", "opaque", "no_exp", "past_exp")


class Tokens:
    """Hands out tokens that live for `seconds`.

    `kind` is jwt, opaque (no JWT at all), no_exp (JWT without expiry) or past_exp (its `exp` is already past, as from a
    server whose clock is slow). The service itself always keeps to `seconds`.
    """

    def __init__(self, seconds: float, kind: str = "jwt") -> None:
        self.seconds = seconds
        self.kind = kind
        self._key = secrets.token_bytes(32)
        self._ends: dict[str, float] = {}

    def issue(self, now: datetime, claims: dict[str, Any]) -> str:
        """A new token, valid from `now`."""
        if self.kind not in KINDS:
            raise ValueError(f"token kind {self.kind!r} is not one of {', '.join(KINDS)}")
        start = int(now.timestamp())
        claims = {**claims, "jti": len(self._ends) + 1, "iat": start}
        if self.kind == "jwt":
            claims["exp"] = int(start + self.seconds)
        elif self.kind == "past_exp":
            claims["exp"] = start - 60
        token = secrets.token_urlsafe(32) if self.kind == "opaque" else self._signed(claims)
        self._ends[token] = start + self.seconds
        return token

    def is_valid(self, token: str, now: datetime) -> bool:
        return now.timestamp() < self._ends.get(token, 0)

    def revoke(self, token: str) -> None:
        """Ends the token's life, as after a fault 401."""
        self._ends[token] = 0

    def revoke_all(self) -> None:
        self._ends = dict.fromkeys(self._ends, 0.0)

    def _signed(self, claims: dict[str, Any]) -> str:
        signed = f"{_part({'alg': 'HS256', 'typ': 'JWT'})}.{_part(claims)}"
        signature = hmac.new(self._key, signed.encode(), hashlib.sha256).digest()
        return f"{signed}.{_text(signature)}"


def claims_of(token: str) -> dict[str, Any]:
    """The claims inside a JWT, unverified."""
    part = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


def _part(content: dict[str, Any]) -> str:
    return _text(json.dumps(content, separators=(",", ":")).encode())


def _text(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()
