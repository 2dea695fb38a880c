"""Who is synced: organisations with their sources and targets, from connections.yaml.

A mistake in one organisation is reported and leaves the others untouched. Opening connections does not belong here.
"""

from __future__ import annotations

import codecs
import os
import re
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import yaml
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)

from sync_assets.errors import ConfigurationError

ORG_ID = re.compile(r"^[a-z0-9][a-z0-9_-]{0,62}$")
FIELD_NAME = re.compile(r"^[a-z_][a-z0-9_]*$")
REFERENCE = re.compile(r"^\$\{([A-Z][A-Z0-9_]*)\}$")
LOOPBACK = {"localhost", "127.0.0.1", "::1"}


def _resolve_secret(value: Any) -> Any:
    """The environment's value for `${NAME}`. A missing variable stays a reference until the secret is asked for."""
    if isinstance(value, SecretStr):
        return value
    match = REFERENCE.match(value) if isinstance(value, str) else None
    if match is None:
        raise ValueError(
            "must be a reference to an environment variable such as ${ODOO_API_KEY}, never the secret itself"
        )
    return SecretStr(value)


Secret = Annotated[SecretStr, BeforeValidator(_resolve_secret)]


def secret_value(secret: SecretStr, *, org: str) -> str:
    """What the environment holds for a `${NAME}` reference. Raises ConfigurationError when it is not set."""
    match = REFERENCE.match(secret.get_secret_value())
    assert match is not None
    name = match.group(1)
    value = os.environ.get(name) or _dotenv().get(name)
    if not value:
        raise ConfigurationError(
            f"{org}: the environment variable {name} is not set; set it or add it to .env", code="secret_missing"
        )
    return value


def _dotenv() -> dict[str, str | None]:
    from dotenv import dotenv_values

    from sync_assets.settings import PROJECT_ROOT

    return dotenv_values(PROJECT_ROOT / ".env")


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def _field_names(names: tuple[str, ...]) -> tuple[str, ...]:
    for name in names:
        if not FIELD_NAME.match(name):
            raise ValueError(f"{name!r} is not a field name")
    return names


class OdooConnection(_Strict):
    """How to reach one Odoo database, and how to read it. Durations in seconds."""

    url: str
    database: str
    login: str
    api_key: Secret
    transport: Literal["auto", "json2", "jsonrpc", "xmlrpc"] = "auto"
    server_version: str | None = None
    allow_plain_http: bool = False
    company_ids: tuple[int, ...] = ()
    lang: str = "en_US"
    page_size: int = Field(1000, ge=50, le=2000)
    parallel_calls: int = Field(2, ge=1, le=4)
    calls_per_second: float | None = Field(None, gt=0)
    overlap_seconds: int = Field(900, ge=60)
    timeout_seconds: float = Field(100, gt=0)
    retry_seconds: float = Field(900, gt=0)
    key_expires_on: str | None = None
    extra_fields: dict[str, Annotated[tuple[str, ...], AfterValidator(_field_names)]] = {}

    @field_validator("url")
    @classmethod
    def _check_url(cls, url: str) -> str:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError("must start with https:// (or http:// on this machine) and name a host")
        if parts.username or parts.password:
            raise ValueError("must not contain a user or password; use login and api_key")
        return url.rstrip("/")

    @model_validator(mode="after")
    def _check_https(self) -> OdooConnection:
        parts = urlsplit(self.url)
        if parts.scheme == "http" and parts.hostname not in LOOPBACK and not self.allow_plain_http:
            raise ValueError("url is not https; use https, or set allow_plain_http: true if the network is trusted")
        return self


class AvatarSettings(_Strict):
    """Rules of the customer avatars of one organisation; the defaults are those of the requirement."""

    months_back: int = Field(default=4, ge=0)
    revenue_basis: Literal["taxed", "untaxed"] = "taxed"
    root_policy: Literal["topmost", "commercial"] = "topmost"
    high_churn_cutoff: int = Field(default=70, ge=0, le=100)
    fresh_hours: int = Field(default=26, ge=1)


def _known_encoding(name: str | None) -> str | None:
    try:
        return name and codecs.lookup(name).name
    except LookupError as error:
        raise ValueError(f"{name!r} is not an encoding; use a name such as utf-8 or cp1252") from error


IsavigneKind = Literal["produits", "clients", "ventes", "stock", "contacts"]
DocumentType = Literal["invoice", "receipt", "credit_note", "order"]


class IsavigneConnection(_Strict):
    """Where one organisation's iSaVigne exports are, and how to read them. `patterns` are file name patterns by kind."""

    export_path: Path
    patterns: dict[IsavigneKind, str] = {}
    settle_seconds: float = Field(30, ge=0)
    encoding: Annotated[str | None, AfterValidator(_known_encoding)] = None
    delimiter: Literal[";", ",", "\t", "|"] | None = None
    decimal_mark: Literal["auto", ","] = "auto"
    customer_code_case: Literal["keep", "upper"] = "keep"
    produits_delivery: Literal["full", "partial"] = "full"
    default_vat_rate: Decimal | None = Field(Decimal(20), ge=0, le=100)
    line_number_scope: Literal["global", "year", "document"] = "global"
    counted_document_types: tuple[DocumentType, ...] = ("invoice", "receipt", "credit_note")
    anonymous_sales: Literal["keep", "reject"] = "keep"
    expected_kinds: tuple[IsavigneKind, ...] = ("produits", "clients", "ventes", "stock")
    max_age_days: int = Field(8, ge=1)
    reject_limit: float = Field(0.2, ge=0, le=1)


class Sources(_Strict):
    odoo: OdooConnection | None = None
    isavigne: IsavigneConnection | None = None


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except Exception as error:  # zoneinfo raises several kinds for a malformed name
        raise ValueError(f"{name!r} is not a time zone; use a name such as Europe/Paris") from error
    return name


class Org(_Strict):
    """One organisation: who it is, what is read from where."""

    org_id: str
    name: str
    timezone: Annotated[str, AfterValidator(_known_zone)] = "Europe/Paris"
    country: str = Field("FR", pattern=r"^[A-Z]{2}$")
    currency: str = Field("EUR", pattern=r"^[A-Z]{3}$")
    active: bool = True
    default_vat_rate: Decimal | None = Field(None, ge=0, le=100)
    list_price_basis: Literal["untaxed", "taxed"] = "untaxed"
    avatars: AvatarSettings = AvatarSettings()
    sources: Sources = Sources()

    @field_validator("org_id")
    @classmethod
    def _check_org_id(cls, org_id: str, info: ValidationInfo) -> str:
        if not ORG_ID.match(org_id):
            raise ValueError("use lower-case letters, digits, - and _ only, at most 63")
        return org_id


@dataclass(frozen=True)
class Connections:
    """The good organisations by id, and one line per problem found in the file."""

    orgs: dict[str, Org] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    @property
    def active(self) -> dict[str, Org]:
        return {org_id: org for org_id, org in self.orgs.items() if org.active}

    def org(self, org_id: str) -> Org:
        """Raises ConfigurationError for an unknown organisation, with the names that exist."""
        if org_id not in self.orgs:
            known = ", ".join(sorted(self.orgs)) or "none"
            why = next((f" ({problem})" for problem in self.problems if f" {org_id}:" in problem), "")
            raise ConfigurationError(
                f"Unknown organisation {org_id!r}{why}; connections.yaml has: {known}", code="unknown_org"
            )
        return self.orgs[org_id]


def load_connections(path: Path) -> Connections:
    """Reads connections.yaml. Raises ConfigurationError when the file itself cannot be read.

    A wrong organisation becomes a line in `problems` that names the file, the organisation and the field.
    """
    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    except FileNotFoundError:
        raise ConfigurationError(
            f"{path} does not exist; set SYNC_ASSETS_CONNECTIONS or create it", code="no_connections"
        ) from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        where = getattr(error, "problem_mark", None)
        line = f" (line {where.line + 1})" if where else ""
        raise ConfigurationError(
            f"{path} is not valid YAML{line}; check the indentation", code="bad_connections"
        ) from None
    entries = document.get("orgs") if isinstance(document, dict) else None
    if not isinstance(entries, dict):
        raise ConfigurationError(f"{path} needs a top-level mapping `orgs:`", code="bad_connections")
    found = Connections()
    for org_id, entry in entries.items():
        try:
            found.orgs[str(org_id)] = Org.model_validate({"org_id": str(org_id), **(entry or {})})
        except (ValidationError, TypeError) as error:
            found.problems.extend(_explain(path, str(org_id), error))
    return found


def _explain(path: Path, org_id: str, error: ValidationError | TypeError) -> list[str]:
    if isinstance(error, TypeError):
        return [f"{path.name}, {org_id}: must be a mapping"]
    lines = []
    for problem in error.errors(include_input=False, include_url=False):
        where = ".".join(str(part) for part in problem["loc"]) or "entry"
        lines.append(f"{path.name}, {org_id}: {where}: {problem['msg'].removeprefix('Value error, ')}")
    return lines
