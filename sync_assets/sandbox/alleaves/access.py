"""Who may log in and with what, and what the login answers.

What a token looks like and how long it lives belongs to `tokens.py`.
"""

from __future__ import annotations

import base64
import binascii
from datetime import datetime
from typing import Any

from sync_assets.sandbox.alleaves.dialects import Refused
from sync_assets.sandbox.alleaves.tokens import Tokens

USERNAME = "sync@greenleaf.example"
PASSWORD = "sandbox-password"  # noqa: S105 - invented
PIN = "4321"
MISSING = "Missing Authorization Header"
_COMPANY = {"id_company": 77, "company": "Green Leaf Collective"}
_USER = {"id_user": 4004, "name_first": "Sync", "name_last": "Robot"}


class Access:
    """The one user of the account. A `pin` of None asks for none; a `partner_id` asks for it on every data call."""

    def __init__(self, tokens: Tokens) -> None:
        self.tokens = tokens
        self.username = USERNAME
        self.password = PASSWORD
        self.pin: str | None = PIN
        self.partner_id: str | None = None

    def log_in(self, body: Any, authorization: str | None, now: datetime, dialect: str, locations: list[str]) -> Any:
        """The login's answer. Raises Refused (401) without password or pin, or with wrong ones."""
        if not self._is_basic(authorization):
            given = body if isinstance(body, dict) else {}
            if not given.get("password") or (self.pin is not None and not given.get("pin")):
                raise Refused(401, MISSING)
            right = given.get("username") == self.username and given["password"] == self.password
            if not right or (self.pin is not None and str(given["pin"]) != self.pin):
                raise Refused(401, "Invalid username, password or pin")
        claims = {"id_user": _USER["id_user"], "id_company": _COMPANY["id_company"]}
        token = self.tokens.issue(now, claims)
        if dialect == "documented":
            return {"token": token, **({"locationId": locations[0]} if locations else {})}
        return {**_USER, **_COMPANY, "username": self.username, "token": token}

    def check(self, authorization: str | None, partner_id: str | None, now: datetime) -> None:
        """Raises Refused when a data call comes without a living token (401) or without the partner's id (403)."""
        kind, _, token = (authorization or "").partition(" ")
        if kind.lower() != "bearer" or not token:
            raise Refused(401, MISSING)
        if not self.tokens.is_valid(token, now):
            raise Refused(401, "Token has expired")
        if self.partner_id is not None and partner_id != self.partner_id:
            raise Refused(403, "Unknown partner")

    def _is_basic(self, authorization: str | None) -> bool:
        kind, _, encoded = (authorization or "").partition(" ")
        if kind.lower() != "basic":
            return False
        try:
            given = base64.b64decode(encoded, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            return False
        return given == f"{self.username}:{self.password}"
