"""How to reach one Odoo database, and how to read it.

Speaking to it does not belong here; that is `sources/odoo`.
"""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, field_validator, model_validator

from sync_assets.connections.settings import Secret, Strict, check_https, check_url

FIELD_NAME = re.compile(r"^[a-z_][a-z0-9_]*$")


def _field_names(names: tuple[str, ...]) -> tuple[str, ...]:
    for name in names:
        if not FIELD_NAME.match(name):
            raise ValueError(f"{name!r} is not a field name")
    return names


class OdooConnection(Strict):
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
    run_retry_seconds: float = Field(120, gt=0)
    key_expires_on: str | None = None
    extra_fields: dict[str, Annotated[tuple[str, ...], AfterValidator(_field_names)]] = {}

    @field_validator("url")
    @classmethod
    def _check_url(cls, url: str) -> str:
        return check_url(url)

    @model_validator(mode="after")
    def _check_https(self) -> OdooConnection:
        check_https(self.url, "url", allow_plain_http=self.allow_plain_http)
        return self
