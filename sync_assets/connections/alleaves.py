"""How to reach one Alleaves account, how to read it, and the shop's own rules about its data.

Speaking to it does not belong here; that is `sources/alleaves`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal, get_args

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, field_validator, model_validator

from sync_assets.connections.settings import (
    REFERENCE,
    Secret,
    Strict,
    Zone,
    check_https,
    check_url,
    optional_secret,
    resolve_secret,
    secret_value,
)

Dialect = Literal["observed", "documented"]
OrderStatus = Literal[
    "pending", "confirmed", "preparing", "ready", "packed", "completed", "cancelled", "void", "unknown"
]
ORDER_STATUSES: tuple[str, ...] = get_args(OrderStatus)
DEFAULTS = {
    "observed": {"base_url": "https://app.alleaves.com", "inventory_prefix": "/api"},
    "documented": {"base_url": "https://api.alleaves.com", "inventory_prefix": ""},
}
_PREFIX = re.compile(r"(/[\w.~-]+)*")


def _prefix(text: str) -> str:
    trimmed = text.strip().strip("/")
    prefix = f"/{trimmed}" if trimmed else ""
    if not _PREFIX.fullmatch(prefix):
        raise ValueError("must be a path such as /api, or empty")
    return prefix


def _location_id(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, int | str) or not str(value).strip():
        raise ValueError("must be a location's id, a number or text")
    return str(value).strip()


def _resolve_optional(value: Any) -> Any:
    return None if value is None or (isinstance(value, str) and not value.strip()) else resolve_secret(value)


def _secret_if_reference(value: Any) -> Any:
    return SecretStr(value) if isinstance(value, str) and REFERENCE.match(value) else value


def _lower(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(name.strip().lower().removeprefix("@") for name in names)


Prefix = Annotated[str, AfterValidator(_prefix)]
LocationId = Annotated[str, BeforeValidator(_location_id)]
OptionalSecret = Annotated[SecretStr | None, BeforeValidator(_resolve_optional)]
LowerNames = Annotated[tuple[str, ...], AfterValidator(_lower)]


class AlleavesConnection(Strict):
    """How to reach one Alleaves account, and how to read it. Units are in the names; `batch_size` is rows per write."""

    dialect: Dialect = "observed"
    base_url: str
    path_prefix: Prefix = "/api"
    inventory_prefix: Prefix
    username: Annotated[str | SecretStr, BeforeValidator(_secret_if_reference)]
    password: Secret
    pin: OptionalSecret = None
    partner_id: OptionalSecret = None
    location_ids: tuple[LocationId, ...] = ()
    timezone: Zone | None = None
    currency: str = Field("USD", pattern=r"^[A-Z]{3}$")
    allow_plain_http: bool = False
    page_size: int = Field(100, ge=1, le=1000)
    max_pages: int = Field(10_000, ge=1)
    timeout_s: float = Field(15, gt=0)
    min_interval_ms: int = Field(300, ge=0)
    retry_seconds: float = Field(300, gt=0)
    walk_until_empty: bool = False
    window_days: int = Field(90, ge=1)
    batch_size: int = Field(400, ge=1)
    keep_birth_date: bool = False
    placeholder_email_domains: LowerNames = ("alleaves.local", "unknown.local")
    excluded_order_statuses: tuple[OrderStatus, ...] = ("void", "cancelled")
    unsellable_area_types: LowerNames = ("damaged", "scrap", "quarantine")
    estimate_missing_prices: bool = False

    @model_validator(mode="before")
    @classmethod
    def _fill_in(cls, settings: Any) -> Any:
        """The address and the inventory's path depend on the dialect."""
        if not isinstance(settings, dict):
            return settings
        dialect = settings.get("dialect", "observed")
        return {**DEFAULTS["documented" if dialect == "documented" else "observed"], **settings}

    @field_validator("base_url")
    @classmethod
    def _check_url(cls, url: str) -> str:
        return check_url(url)

    @field_validator("username")
    @classmethod
    def _check_username(cls, username: str | SecretStr) -> str | SecretStr:
        if isinstance(username, str) and not username.strip():
            raise ValueError("must not be empty")
        return username

    @field_validator("location_ids")
    @classmethod
    def _check_locations(cls, location_ids: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(location_ids))

    @model_validator(mode="after")
    def _check_https(self) -> AlleavesConnection:
        check_https(self.base_url, "base_url", allow_plain_http=self.allow_plain_http)
        return self


@dataclass(frozen=True)
class Credentials:
    """The values behind the login settings; never shown."""

    username: str = field(repr=False)
    password: str = field(repr=False)
    pin: str | None = field(default=None, repr=False)
    partner_id: str | None = field(default=None, repr=False)


def credentials(connection: AlleavesConnection, *, org: str) -> Credentials:
    """What the environment holds for the login. Raises ConfigurationError `secret_missing` when a variable is not set."""
    username = connection.username
    return Credentials(
        username=username if isinstance(username, str) else secret_value(username, org=org),
        password=secret_value(connection.password, org=org),
        pin=optional_secret(connection.pin, org=org),
        partner_id=optional_secret(connection.partner_id, org=org),
    )
