"""What a failure reported by an Odoo server means: one class, one code, one line that says what to do.

Failures below the application (timeouts, redirects, status 429) are named in `sources/http.py`.
"""

from __future__ import annotations

import html
import json
import re
from dataclasses import dataclass, field
from urllib.parse import quote

from sync_assets.errors import ConfigurationError, SourceDataError, SyncError
from sync_assets.sources.http import Answer, Unavailable

_RIGHTS = {
    "sale.order": "Sales / User: All Documents",
    "sale.order.line": "Sales / User: All Documents",
    "stock.warehouse": "Inventory / User",
    "stock.location": "Inventory / User",
    "stock.quant": "Inventory / User",
}
_NO_DATABASE = re.compile(r'database "[^"]*" does not exist')
_NO_MODEL = re.compile(r"^object \S+ doesn't exist|^the model '[^']*' does not exist", re.IGNORECASE)
_NO_METHOD = re.compile(r"\bmethod '[^']*' does not exist|has no attribute", re.IGNORECASE)
_NO_FIELD = re.compile(r"invalid field '?([\w.]+)'?", re.IGNORECASE)
_WRONG_ARGUMENT = re.compile(
    r"unexpected keyword argument|missing .*required .*argument|positional argument|multiple values for", re.IGNORECASE
)
_LOCKED = re.compile(r"could not serialize|deadlock|could not obtain lock|concurrent update", re.IGNORECASE)
_TOO_HEAVY = re.compile(r"time limit|timeout|memory", re.IGNORECASE)
_GONE = re.compile(r"record does not exist or has been deleted|record\(s\) .*deleted", re.IGNORECASE)
_LOCK_NAMES = {"SerializationFailure", "DeadlockDetected", "LockNotAvailable", "TransactionRollbackError"}
_HEAVY_NAMES = {"MemoryError", "QueryCanceled", "QueryCanceledError", "TimeoutError", "CPUTimeLimitExceeded"}
_BUSINESS_NAMES = {"UserError", "ValidationError", "RedirectWarning", "Warning"}
_DATABASE_NAMES = {"OperationalError", "InterfaceError", "PoolError", "InternalError"}


class Fault(Exception):
    """A failure as the server reported it. `name` is the last part of the exception's name; never shown as it is."""

    def __init__(self, name: str, message: str, *, status: int = 200) -> None:
        super().__init__(name)
        self.name = name.rpartition(".")[2]
        self.is_builtin = name.startswith("builtins.") or "." not in name
        self.message = message
        self.status = status


class Unusable(Exception):
    """An answer that is no answer of the protocol: a web page, or cut off."""


@dataclass(frozen=True)
class Asked:
    """What was asked of whom, for the messages."""

    org: str
    database: str
    secret: str = field(repr=False)
    model: str = ""
    method: str = ""

    @property
    def who(self) -> str:
        return f"{self.org}: Odoo" + (f" {self.model}" if self.model else "")

    @property
    def right(self) -> str:
        """The right whose lack most often explains a refusal of this model."""
        return _RIGHTS.get(self.model, f"read access to {self.model}" if self.model else "read access")

    def shown(self, text: str) -> str:
        """Server text fit for a message: its first paragraph on one line, without the secret however it is escaped."""
        for written in self._spellings():
            text = text.replace(written, "***")
        return " ".join(text.strip().split("\n\n")[0].split())[:300]

    def _spellings(self) -> list[str]:
        secret = self.secret
        as_json = [json.dumps(secret, ensure_ascii=is_ascii)[1:-1] for is_ascii in (True, False)]
        as_python = repr(secret)[1:-1]
        found = {
            secret,
            *as_json,
            as_python,
            html.escape(secret),
            html.escape(secret, quote=False),
            quote(secret, safe=""),
        }
        return sorted(found - {""}, key=len, reverse=True)


def explain(fault: Fault, asked: Asked) -> SyncError:
    """The project's own error for a server's fault. Unknown failures are taken as temporary when they may be."""
    name, text, who = fault.name, fault.message, asked.who
    first_line = text.strip().split("\n")[0]
    if fault.status == 401 or name in ("AccessDenied", "Unauthorized", "SessionExpiredException"):
        return login_refused(asked)
    if _NO_DATABASE.search(text):
        return no_database(asked)
    if "unauthorized or invalid companies" in text:
        return ConfigurationError(
            f"{who}: the user may not read one of the configured companies; "
            "add it to the user's allowed companies or correct company_ids",
            code="no_access",
        )
    if name in ("AccessError", "Forbidden") or fault.status == 403:
        return ConfigurationError(
            f"{asked.org}: No right to read {asked.model}: give the user {asked.right} ({asked.shown(text)})",
            code="no_access",
        )
    if _NO_MODEL.search(first_line):
        return ConfigurationError(
            f"{who}: the app that brings {asked.model} is not installed; install it, or leave this stream out",
            code="not_installed",
        )
    if _NO_METHOD.search(first_line) and (fault.status == 404 or name in ("AttributeError", "NotFound")):
        return _protocol(asked, text)
    if name == "MissingError" or _GONE.search(text):
        return Unavailable(f"{who}: a record was deleted while it was read; try again", code="record_gone")
    if name in _LOCK_NAMES or _LOCKED.search(text):
        return Unavailable(
            f"{who}: the database is busy with other writes; try later", code="serialization", is_busy=True
        )
    if name in _HEAVY_NAMES or (name in _DATABASE_NAMES and _TOO_HEAVY.search(text)):
        return Unavailable(
            f"{who}: the server ran out of memory or time; try later or lower page_size",
            code="too_heavy",
            is_heavy=True,
        )
    missing = _NO_FIELD.search(first_line)
    if missing and name in ("ValueError", "KeyError", "Exception", "UnprocessableEntity"):
        return SourceDataError(
            f"{who}: the field {missing.group(1)} does not exist any more; check the module that brought it",
            code="field_missing",
        )
    if "invalid language code" in text.lower():
        return ConfigurationError(
            f"{who}: the configured lang is not installed; install it or set lang to one that is", code="bad_language"
        )
    if name in _BUSINESS_NAMES:
        return SourceDataError(f"{who}: the server refuses: {asked.shown(text)}", code="business_rule")
    if fault.status in (400, 404, 405, 415, 422) or (name == "TypeError" and _WRONG_ARGUMENT.search(text)):
        return _protocol(asked, text)
    if name in _DATABASE_NAMES:
        return Unavailable(f"{who}: Odoo does not reach its database; try later", code="server_error", is_heavy=True)
    if fault.is_builtin and name not in ("ConnectionError", "OSError", "InternalServerError", ""):
        # A plain Python error comes from computing a value; the same rows give the same error.
        return SourceDataError(
            f"{who}: the server fails on these records ({name}: {asked.shown(text)})", code="server_error"
        )
    return Unavailable(
        f"{who}: the server failed ({name or 'no reason given'}); try later", code="server_error", is_heavy=True
    )


def login_refused(asked: Asked) -> ConfigurationError:
    return ConfigurationError(
        f"{asked.org}: The API key was refused: wrong, revoked or expired (or the login is wrong); create a new key",
        code="login_refused",
    )


def no_database(asked: Asked) -> ConfigurationError:
    return ConfigurationError(
        f"{asked.org}: Database {asked.database} does not exist on this server; correct `database`", code="no_database"
    )


def not_odoo(asked: Asked) -> ConfigurationError:
    return ConfigurationError(
        f"{asked.org}: This is not an Odoo server (a web page came back); correct the url", code="not_odoo"
    )


def _protocol(asked: Asked, text: str) -> ConfigurationError:
    return ConfigurationError(
        f"{asked.who}: the server does not understand the call {asked.method} ({asked.shown(text)}); report this bug",
        code="protocol",
    )


def explain_status(answer: Answer, asked: Asked) -> SyncError:
    """The error for an answer that is not of the protocol at all."""
    if answer.status == 401:
        return login_refused(asked)
    if answer.status == 403:
        return ConfigurationError(
            f"{asked.who}: a proxy or firewall refuses the call (status 403); let this machine's address pass",
            code="no_access",
        )
    if answer.status == 404:
        return not_odoo(asked)
    if answer.status >= 500:
        return Unavailable(
            f"{asked.who}: the server is not able to answer now (status {answer.status}); try later",
            code=f"status_{answer.status}",
            is_heavy=True,
        )
    if answer.status >= 400:
        return _protocol(asked, f"status {answer.status}")
    if answer.is_web_page:
        return Unavailable(
            f"{asked.who}: a web page instead of JSON came back; check the url, or try later", code="html"
        )
    return Unavailable(f"{asked.who}: the answer was cut off or is not of the protocol; try later", code="truncated")
