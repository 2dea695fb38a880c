"""The rules an avatar run follows, and its outcome: rows to write, families in error, counts.

Computing the rows does not belong here; see `avatars.py`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

import pandas as pd

from sync_assets.errors import ConfigurationError
from sync_assets.transforms.scores import ruleset_named
from sync_assets.transforms.windows import as_utc, window_start


@dataclass(frozen=True)
class AvatarRules:
    """What counts and how it is scored; raises ConfigurationError for a value that makes no sense.

    `is_partial`: part of the input could not be read. `org_id` may stay empty when a frame has that column.
    """

    as_of: datetime
    months_back: int = 4
    max_customers: int = 0
    revenue_basis: Literal["taxed", "untaxed"] = "taxed"
    root_policy: Literal["topmost", "commercial"] = "topmost"
    ruleset: str = "maestro_v2"
    high_churn_cutoff: int = 70
    is_partial: bool = False
    default_currency: str = "EUR"
    org_id: str = ""

    def __post_init__(self) -> None:
        window_start(self.as_of, self.months_back)
        ruleset_named(self.ruleset)
        if self.max_customers < 0:
            raise ConfigurationError(f"max_customers is {self.max_customers}; use 0 for all or a positive number")
        for name, known in (("revenue_basis", ("taxed", "untaxed")), ("root_policy", ("topmost", "commercial"))):
            if getattr(self, name) not in known:
                raise ConfigurationError(f"{name} is {getattr(self, name)!r}; use {' or '.join(known)}")
        object.__setattr__(self, "as_of", as_utc(self.as_of))

    @property
    def start(self) -> datetime | None:
        """First instant of the window; None = whole history."""
        return window_start(self.as_of, self.months_back)

    @property
    def is_limited(self) -> bool:
        return self.max_customers > 0

    @property
    def order_amount(self) -> str:
        """Column of canonical.sales_orders that holds the amount in the company currency."""
        return "company_total" if self.revenue_basis == "taxed" else "company_total_untaxed"

    @property
    def line_amount(self) -> str:
        """Column of canonical.sales_lines that holds the amount in the order currency."""
        return "price_total" if self.revenue_basis == "taxed" else "price_total_untaxed"


@dataclass(frozen=True)
class AvatarPlan:
    """What a run would write. `frame` has the columns of marts.customer_avatars, one row per family to write.

    Families in error and, in a limited run, the families outside the limit are not in it: their rows stay untouched.
    `errors`: {partner_id or customer_key, name, code, message}; `warnings`: {code, message}; `counts`: orders_counted,
    orders_in_error, orders_outside_limit, orders_in_future, orders_anonymous, lines_unit_unknown, skipped, created,
    deactivated.
    """

    frame: pd.DataFrame
    rules: AvatarRules
    errors: list[dict[str, Any]] = field(default_factory=list)
    warnings: list[dict[str, str]] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)

    @property
    def is_limited(self) -> bool:
        return self.rules.is_limited


def family_id(customer_key: str) -> dict[str, Any]:
    """How a family is named in reports: by partner id for Odoo, else by key.

    >>> family_id("odoo-123"), family_id("alleaves-7")
    ({'partner_id': 123}, {'customer_key': 'alleaves-7'})
    """
    source, _, number = customer_key.partition("-")
    if source == "odoo" and number.isascii() and number.isdigit():
        return {"partner_id": int(number)}
    return {"customer_key": customer_key}


def error_entry(customer_key: str, name: str | None, code: str) -> dict[str, Any]:
    """One family that could not be processed.

    >>> error_entry("odoo-123", "ACME Corp", "currency_rate_missing")["message"]
    'Error processing ACME Corp (id 123): currency_rate_missing'
    """
    identity = family_id(customer_key)
    (number,) = identity.values()
    shown = name or f"Partner {customer_key.partition('-')[2] or customer_key}"
    return {**identity, "name": shown, "code": code, "message": f"Error processing {shown} (id {number}): {code}"}
