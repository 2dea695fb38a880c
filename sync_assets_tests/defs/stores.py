"""Small stores of the Alleaves sandbox, and an organisation that points at one."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from sync_assets.sandbox.alleaves import AlleavesSandbox, Store
from sync_assets.sandbox.alleaves.seed.catalogue import Item, priced, stock_row
from sync_assets.sandbox.alleaves.seed.customers import customer_row
from sync_assets.sandbox.alleaves.seed.locations import MAIN, location_rows
from sync_assets.sandbox.alleaves.seed.orders import line_row, order_row, set_status
from sync_assets.sandbox.dice import Dice
from sync_assets_tests.defs.support import Project

TODAY = datetime.now(UTC).date()
ITEM = Item(5001, "Blue Fig Indica 3.5g", "Category > Flower", 35.0)
BUSINESS_TABLES = ("canonical.", "marts.")


def person(number: int, email: str | None = None, **given: Any) -> dict[str, Any]:
    return customer_row(number, TODAY, name_first=f"Ana{number}", name_last="Diaz", email=email, **given)


def sale(number: int, customer: int | None, total: float = 40.0, *, days_ago: int = 10, **given: Any) -> dict[str, Any]:
    """A completed order of one line."""
    created = datetime.combine(TODAY - timedelta(days=days_ago), datetime.min.time(), UTC) + timedelta(hours=18)
    row = order_row(number, created, [ITEM], Dice(number), id_customer=customer, tax=0, total=total, amount=total)
    line = line_row(number, 0, ITEM, 1)
    return row | {"items": [line | {"price": total, "total": total}], "date_updated": row["date_created"]} | given


def void(order: dict[str, Any]) -> None:
    set_status(order, "void")


def goods(count: int = 60, today: date = TODAY) -> list[dict[str, Any]]:
    """Items with one batch each; the first is the one that `sale` sells."""
    first = stock_row(ITEM.number, 1, today, item=ITEM.name, on_hand=10, available=9, cost_of_good=17.5, **priced(35.0))
    rest = [
        stock_row(5001 + n, 1 + n, today, item=f"Item {n}", on_hand=5, available=5, cost_of_good=4.0, **priced(10.0))
        for n in range(1, count)
    ]
    return [first, *rest]


def shop(
    customers: list[dict[str, Any]], orders: list[dict[str, Any]], stock: list[dict[str, Any]] | None = None
) -> Store:
    return Store(location_rows(), customers, orders, goods() if stock is None else stock)


def add_store(project: Project, org: str, pos: AlleavesSandbox, patch: pytest.MonkeyPatch, /, **settings: Any) -> None:
    """An organisation whose only source is the sandbox store."""
    patch.setenv("TEST_POS_PASSWORD", pos.password)
    patch.setenv("TEST_POS_PIN", pos.pin or "")
    connection = {
        "dialect": pos.dialect,
        "base_url": pos.url,
        "username": pos.username,
        "password": "${TEST_POS_PASSWORD}",
        "pin": "${TEST_POS_PIN}",
        "location_ids": [MAIN],
        "min_interval_ms": 0,
        "timeout_s": 2,
        "retry_seconds": 0.2,
    } | settings.pop("alleaves", {})
    base = {"name": org.title(), "currency": "USD", "country": "US", "timezone": "America/Los_Angeles"}
    project.add(org, base | settings, alleaves=connection)


def business(project: Project, org: str = "shop") -> dict[str, list[Any]]:
    """Canonical tables and marts of an organisation, without run stamps and without the history of segments."""
    return {
        name: rows
        for name, rows in project.tables(org).items()
        if name.startswith(BUSINESS_TABLES) and name != "marts.customer_segment_changes"
    }
