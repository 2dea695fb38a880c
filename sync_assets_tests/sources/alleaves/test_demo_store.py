"""The whole demo store through decoding: what its edge cases become, and that both dialects end in one model."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime
from typing import Any

import orjson
import pytest

from sync_assets.sandbox.alleaves import Store, demo_store
from sync_assets.sandbox.alleaves import documented as documented_rows
from sync_assets.sandbox.alleaves.seed.locations import SECRET_MARKER
from sync_assets.sandbox.alleaves.seed.odd_customers import case_ids
from sync_assets.sources.alleaves import (
    Issue,
    Rules,
    decode_customer,
    decode_inventory_row,
    decode_location,
    decode_order,
)
from sync_assets.sources.alleaves.faults import parse_json

TODAY = date(2026, 11, 20)
RULES = Rules(
    org_id="leaf",
    now=datetime(2026, 11, 20, 18, tzinfo=UTC),
    timezone="America/Los_Angeles",
    location_ids=("1000", "1001"),
)


@pytest.fixture(scope="module")
def store() -> Store:
    return demo_store(TODAY)


def received(rows: Any) -> list[Any]:
    """Rows as they come out of a reply."""
    return parse_json(orjson.dumps(list(rows)))


def codes(issues: list[Issue]) -> dict[str, int]:
    return dict(Counter(issue.code for issue in issues))


def test_customers(store: Store) -> None:
    found = [decode_customer(row, RULES) for row in received(store.customers)]
    assert all(row is not None for row, _ in found)
    rows = [row for row, _ in found if row is not None]
    by_id = {row["customer_id"]: row for row in rows}
    # 15: none is lost, none merged
    assert len(by_id) == len(store.customers)
    assert codes([issue for _, issues in found for issue in issues]) == {"bad_email": 1, "bad_number": 1}

    def of_case(case: int, column: str) -> list[Any]:
        return [by_id[str(number)][column] for number in case_ids(case)]

    assert of_case(16, "email_status") == ["real"] * 3 + ["missing"] * 2
    assert of_case(16, "phone_last10")[3:] == ["5550107777"] * 2
    assert of_case(17, "email") == ["vivian.capital@mail.example"]
    assert of_case(18, "email_status") == ["missing"] * 2 + ["placeholder"] * 4 + ["invalid"]
    assert of_case(19, "email_status") == ["real"]
    assert of_case(20, "is_guest") == [True, True, False, False, False, False, False]
    assert of_case(20, "display_name")[3:] == [
        "Wanda Whole-Name",
        "Łukasz Żółkiewski-Ångström",
        "Ann Blank",
        "美咲 青木",
    ]
    assert [str(points) for points in of_case(22, "loyalty_points")] == [
        "120.00",
        "120.00",
        "0.00",
        "250.50",
        "1000.00",
        "-5.00",
        "0.00",
        "550.00",
    ]
    assert of_case(23, "birth_date") == [None] * 3
    assert len(of_case(23, "customer_id")) == 3


def test_both_dialects_end_in_one_model(store: Store) -> None:
    names = ("order_id", "customer_ref", "email", "created_at", "status", "type", "total")
    told = []
    for rows in (store.orders, map(documented_rows.order, store.orders)):
        decoded = [decode_order(row, RULES)[0] for row in received(rows)]
        told.append({row["order_id"]: tuple(row[name] for name in names) for row in decoded if row})
    # Orders under another id name, of a foreign shop or with a flag that contradicts the word are told differently.
    alike = [told[0][order] == told[1].get(order) for order in told[0]]
    assert len(alike) > 11_900
    assert alike.count(False) <= 5


def test_orders_and_their_products(store: Store) -> None:
    lines, issues, totals = [], [], []
    for row in received(store.orders):
        order, its_lines, its_issues = decode_order(row, RULES)
        lines += its_lines
        issues += its_issues
        totals += [order["total"]] if order else []
    assert len(totals) == len(store.orders) - 2
    found = codes(issues)
    assert (found["no_order_id"], found["other_location"], found["no_total"], found["no_lines"]) == (1, 1, 2, 2)
    assert (found["status_conflict"], found["unknown_status"], found["future_date"]) == (2, 1, 1)
    assert len(lines) > len(totals)


def test_inventory_and_locations(store: Store) -> None:
    found = [decode_inventory_row(row, RULES, location_id=str(row["id_location"])) for row in received(store.inventory)]
    rows = [row for row, _ in found if row]
    keys = {(row["location_id"], row["item_id"], row["batch_id"], row["area_id"]) for row in rows}
    assert len(keys) == len(rows) == len(store.inventory)
    assert codes([issue for _, issues in found for issue in issues]) == {"bad_percent": 1}
    assert sum(1 for row in rows if row["area_id"] == "-") >= 1
    locations = [decode_location(row, RULES) for row in received(store.locations)]
    assert [row["location_id"] for row, _ in locations if row] == ["1000", "1001"]
    assert SECRET_MARKER in str(store.locations)
    assert SECRET_MARKER not in str(locations)
