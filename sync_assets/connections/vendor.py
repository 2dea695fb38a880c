"""How to reach a shop's database and the vendor API that gets its stock, and the rules of pushing.

Reading the one and writing to the other do not belong here; see `sources/shop.py` and `targets/vendor_api`.
"""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, field_validator, model_validator

from sync_assets.connections.settings import Secret, Strict, check_https, check_url

TABLE_NAME = re.compile(r"^[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)?$")


def _check_table_name(name: str) -> str:
    if not TABLE_NAME.match(name):
        raise ValueError(f"{name!r} is not a table name; write orders or shop.orders")
    return name


TableName = Annotated[str, AfterValidator(_check_table_name)]


class ShopTables(Strict):
    """What the shop's tables are called, optionally with their schema."""

    products: TableName = "products"
    product_variants: TableName = "product_variants"
    locations: TableName = "locations"
    inventory: TableName = "inventory"
    orders: TableName = "orders"
    order_items: TableName = "order_items"
    variant_options: TableName = "variant_options"
    channel_prices: TableName = "channel_prices"


class ShopConnection(Strict):
    """The shop's PostgreSQL, which is only read. Durations in seconds.

    `url` is a SQLAlchemy URL; `database` names a database on the warehouse's own server instead.
    """

    url: Secret | None = None
    database: str | None = Field(None, pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")
    tables: ShopTables = ShopTables()
    shipped_statuses: tuple[str, ...] = Field(("SHIPPED", "DELIVERED"), min_length=1)
    overlap_seconds: int = Field(900, ge=0)
    timeout_seconds: float = Field(60, gt=0)

    @model_validator(mode="after")
    def _check_place(self) -> ShopConnection:
        if (self.url is None) == (self.database is None):
            raise ValueError("set either url or database")
        return self


class VendorConnection(Strict):
    """The partner's vendor API and the rules of the push. Durations in seconds; `channel_id` is the linked channel."""

    base_url: str
    api_token: Secret
    partner_id: str = Field(min_length=1)
    mode: Literal["v1", "v2"] = "v1"
    enabled: bool = True
    channel_id: str | None = None
    always_read: bool = False
    full_update: bool = False
    on_exclusion: Literal["leave", "zero"] = "leave"
    max_plan: int = Field(5000, ge=1)
    parallel_calls: int = Field(5, ge=1, le=5)
    timeout_seconds: float = Field(30, gt=0, le=30)
    run_seconds: float = Field(600, gt=0)
    alert_after: int = Field(5, ge=1)
    log_days: int = Field(90, ge=1)

    @field_validator("base_url")
    @classmethod
    def _check_base_url(cls, url: str) -> str:
        check_https(check_url(url), "base_url", allow_plain_http=False)
        return check_url(url)


class Targets(Strict):
    """The systems that something is sent to."""

    vendor_api: VendorConnection | None = None

    @property
    def names(self) -> set[str]:
        """The targets that are configured."""
        return {name for name, connection in self if connection is not None}
