"""What the settings of every connection are made of: secrets by reference, addresses, time zones.

Settings of one system do not belong here.
"""

from __future__ import annotations

import os
import re
from typing import Annotated, Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, SecretStr

from sync_assets.errors import ConfigurationError

REFERENCE = re.compile(r"^\$\{([A-Z][A-Z0-9_]*)\}$")
LOOPBACK = {"localhost", "127.0.0.1", "::1"}


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def resolve_secret(value: Any) -> Any:
    """The environment's value for `${NAME}`. A missing variable stays a reference until the secret is asked for."""
    if isinstance(value, SecretStr):
        return value
    match = REFERENCE.match(value) if isinstance(value, str) else None
    if match is None:
        raise ValueError(
            "must be a reference to an environment variable such as ${ODOO_API_KEY}, never the secret itself"
        )
    return SecretStr(value)


Secret = Annotated[SecretStr, BeforeValidator(resolve_secret)]


def secret_value(secret: SecretStr, *, org: str) -> str:
    """What the environment holds for a `${NAME}` reference. Raises ConfigurationError when it is not set."""
    name, value = _looked_up(secret)
    if not value:
        raise ConfigurationError(
            f"{org}: the environment variable {name} is not set; set it or add it to .env", code="secret_missing"
        )
    return value


def optional_secret(secret: SecretStr | None, *, org: str) -> str | None:
    """As `secret_value`, but None without a reference, and for a variable that is set to nothing."""
    if secret is None or _looked_up(secret)[1] == "":
        return None
    return secret_value(secret, org=org)


def _looked_up(secret: SecretStr) -> tuple[str, str | None]:
    match = REFERENCE.match(secret.get_secret_value())
    assert match is not None
    name = match.group(1)
    value = os.environ.get(name)
    return name, value or _dotenv().get(name) or value


def _dotenv() -> dict[str, str | None]:
    from dotenv import dotenv_values

    from sync_assets.settings import PROJECT_ROOT

    return dotenv_values(PROJECT_ROOT / ".env")


def check_url(url: str) -> str:
    """The address without a trailing slash. Raises ValueError when it names no host, or a user."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("must start with https:// (or http:// on this machine) and name a host")
    try:
        is_port_good = parts.port is None or parts.port > 0
    except ValueError:
        is_port_good = False
    if not is_port_good:
        raise ValueError("the port must be a number from 1 to 65535")
    if re.search(r"[\s\\]", url):
        raise ValueError("must not contain blanks or backslashes")
    if parts.username or parts.password:
        raise ValueError("must not contain a user or password; there are settings for the login")
    return url.rstrip("/")


def check_https(url: str, setting: str, *, allow_plain_http: bool) -> None:
    """Raises ValueError for an address that would send secrets in the clear."""
    parts = urlsplit(url)
    if parts.scheme == "http" and parts.hostname not in LOOPBACK and not allow_plain_http:
        raise ValueError(f"{setting} is not https; use https, or set allow_plain_http: true if the network is trusted")


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except Exception as error:  # zoneinfo raises several kinds for a malformed name
        raise ValueError(f"{name!r} is not a time zone; use a name such as Europe/Paris") from error
    return name


Zone = Annotated[str, AfterValidator(_known_zone)]
