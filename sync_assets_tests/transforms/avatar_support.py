"""Small canonical frames for the avatar tests, with invented names."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pandas as pd

from sync_assets.tables.canonical import CUSTOMERS, PRODUCT_CATALOG, SALES_LINES, SALES_ORDERS
from sync_assets.tables.marts import CUSTOMER_AVATARS
from sync_assets.tables.spec import Table
from sync_assets.transforms.avatars import AvatarPlan, AvatarRules, build_avatars

ORG = "cellar"
AS_OF = datetime(2026, 6, 30, 12, tzinfo=UTC)
NOW = datetime(2026, 6, 30, 12, 0, 5, tzinfo=UTC)


def rules(**values: Any) -> AvatarRules:
    return AvatarRules(**{"as_of": AS_OF, **values})


def frame_of(table: Table, rows: list[dict[str, Any]]) -> pd.DataFrame:
    """Any rows as a frame of `table`, also none."""
    return table.frame(pd.DataFrame(rows, columns=list(table.frame_columns), dtype=object))


def customer(key: str = "odoo-1", root: str | None = None, **values: Any) -> dict[str, Any]:
    source, _, number = key.partition("-")
    return {
        "org_id": ORG,
        "customer_key": key,
        "source": source,
        "source_id": number,
        "parent_customer_key": root,
        "root_customer_key": root or key,
        "display_name": f"Cave {number}",
        **values,
    }


def order(number: int, customer_key: str | None = "odoo-1", amount: Any = "100.00", **values: Any) -> dict[str, Any]:
    """A counted order in EUR, one day before AS_OF."""
    total = None if amount is None else Decimal(amount)
    return {
        "org_id": ORG,
        "order_key": f"odoo-{number}",
        "source": "odoo",
        "source_id": str(number),
        "customer_key": customer_key,
        "ordered_at": AS_OF - timedelta(days=1),
        "is_counted": True,
        "company_total": total,
        "company_total_untaxed": total,
        "currency": "EUR",
        "company_currency": "EUR",
        **values,
    }


def line(number: int, order_number: int, product_key: str | None = "RED", amount: Any = "10.00", **values: Any) -> dict:
    total = None if amount is None else Decimal(amount)
    return {
        "org_id": ORG,
        "sale_line_key": f"odoo-{number}",
        "order_id": f"odoo-{order_number}",
        "product_key": product_key,
        "quantity_units": Decimal(1),
        "quantity_product_units": Decimal(1),
        "price_total": total,
        "price_total_untaxed": total,
        "currency": "EUR",
        **values,
    }


def product(key: str, number: int | str, **values: Any) -> dict[str, Any]:
    return {
        "org_id": ORG,
        "product_key": key,
        "source": "odoo",
        "source_id": str(number),
        "name": f"Wine {key}",
        "default_code": key,
        "source_category_id": "12",
        "source_category": "Drinks / Red",
        **values,
    }


def build(
    customers: list[dict[str, Any]],
    orders: list[dict[str, Any]],
    lines: Any = (),
    products: list[dict[str, Any]] | None = None,
    existing: pd.DataFrame | None = None,
    *,
    now: datetime = NOW,
    **values: Any,
) -> AvatarPlan:
    catalogue = [product("RED", 1)] if products is None else products
    return build_avatars(
        frame_of(CUSTOMERS, customers),
        frame_of(SALES_ORDERS, orders),
        frame_of(SALES_LINES, list(lines)) if isinstance(lines, list | tuple) else lines,
        frame_of(PRODUCT_CATALOG, catalogue),
        CUSTOMER_AVATARS.empty() if existing is None else existing,
        rules(**values),
        now=now,
    )


def rows_of(plan: AvatarPlan) -> dict[str, dict[str, Any]]:
    """The plan's rows as Python values, by customer_key."""
    columns = {name: plan.frame[name].array.__arrow_array__().to_pylist() for name in plan.frame.columns}
    rows = [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]
    return {row["customer_key"]: row for row in rows}


def one(plan: AvatarPlan) -> dict[str, Any]:
    (row,) = rows_of(plan).values()
    return row


def avatars(*rows: tuple[str, bool, int, int, int, int]) -> pd.DataFrame:
    """Stored avatars from a few columns."""
    names = ("customer_key", "is_active", "churn_risk_score", "upsell_potential_score", "health_score", "total_revenue")
    frame = CUSTOMER_AVATARS.frame([dict(zip(names, row, strict=True)) for row in rows])
    last = pd.Series([NOW] * len(frame), dtype=frame["last_sync_odoo"].dtype)
    return frame.assign(last_sync_odoo=last, engagement_score=frame["health_score"])


STORED = avatars(
    ("odoo-1", True, 70, 60, 50, 100),
    ("odoo-2", True, 69, 80, 51, 900),
    ("odoo-3", True, 100, 10, 50, 50),
    ("odoo-4", False, 100, 99, 0, 0),
    ("odoo-5", True, 49, 60, 50, 10),
    ("odoo-6", True, 49, 60, 50, 20),
    ("odoo-7", True, 50, 90, 50, 20),
    ("odoo-8", True, 20, 59, 51, 20),
)
