"""Catalogues of several sources as one: who gives a row, what is filled, what is computed anew."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pandas as pd

from sync_assets.tables.canonical import PRODUCT_CATALOG
from sync_assets.transforms.products import merge_catalogues

NOW = datetime(2026, 1, 15, tzinfo=UTC)
D = Decimal
PRIORITY = ("odoo", "isavigne", "alleaves")


def product(source: str, key: str, **fields: Any) -> dict[str, Any]:
    usual = {
        "org_id": "acme",
        "product_key": key,
        "source": source,
        "source_id": f"{source} {key}",
        "name": f"{source} {key}",
        "category": "rouge",
        "is_wine": True,
        "currency": "EUR",
        "grape_varieties": [],
        "flavors": [],
        "active": True,
        "synced_at": NOW,
    }
    return usual | fields


def merged(
    *rows: dict[str, Any], priority: tuple[str, ...] = PRIORITY, bounds: Any = None
) -> dict[str, dict[str, Any]]:
    sources = {row["source"] for row in rows}
    frames = {name: PRODUCT_CATALOG.frame([row for row in rows if row["source"] == name]) for name in sources}
    found = merge_catalogues(frames, priority, bounds or {})
    PRODUCT_CATALOG.contract.validate(found)
    columns = {name: found[name].array.__arrow_array__().to_pylist() for name in found.columns}
    return {key: {name: columns[name][i] for name in columns} for i, key in enumerate(columns["product_key"])}


def test_the_first_source_gives_the_row_and_the_next_fill_it() -> None:
    rows = merged(
        product("isavigne", "P1", region="Alsace", vintage=2019, grape_varieties=["Riesling"], active=False),
        product("odoo", "P1", vintage=2020, list_price_untaxed=D("10.00")),
        product("alleaves", "P1", region="Reno", unit_label="each"),
        product("alleaves", "A1"),
    )
    assert set(rows) == {"P1", "A1"}
    row = rows["P1"]
    assert (row["source"], row["source_id"], row["name"], row["active"]) == ("odoo", "odoo P1", "odoo P1", True)
    assert (row["vintage"], row["region"], row["grape_varieties"], row["unit_label"]) == (
        2020,
        "Alsace",
        ["Riesling"],
        "each",
    )
    assert rows["A1"]["source"] == "alleaves"


def test_the_priority_is_a_setting_and_does_not_depend_on_the_order_of_frames() -> None:
    rows = (product("odoo", "P1"), product("isavigne", "P1"))
    assert merged(*rows, priority=("isavigne", "odoo"))["P1"]["source"] == "isavigne"
    assert merged(*reversed(rows))["P1"]["source"] == "odoo"
    assert merged(*rows, priority=("alleaves",))["P1"]["source"] == "isavigne"


def test_what_follows_from_prices_is_computed_anew() -> None:
    row = merged(
        product("odoo", "P1", list_price_untaxed=D("10.00")),
        product(
            "isavigne", "P1", list_price=D("40.00"), cost_price=D("6.00"), cost_currency="EUR", margin_percent=D(85)
        ),
    )["P1"]
    assert (row["list_price"], row["price_segment"]) == (D("40.00"), "premium")
    assert (row["margin_percent"], row["margin_basis"], row["cost_currency"]) == (D("40.00"), "untaxed", "EUR")


def test_a_price_filled_in_from_another_source_is_banded_by_the_own_bounds() -> None:
    rows = (product("odoo", "P1"), product("isavigne", "P1", list_price=D("40.00")))
    assert merged(*rows)["P1"]["price_segment"] == "premium"
    assert merged(*rows, bounds={"EUR": (D(40), D(50), D(60))})["P1"]["price_segment"] == "standard"
    assert merged(*rows, bounds={"USD": (D(40), D(50), D(60))})["P1"]["price_segment"] == "premium"


def test_prices_of_another_currency_are_not_mixed() -> None:
    row = merged(
        product("odoo", "P1", currency="USD", list_price_untaxed=D("10.00")),
        product("isavigne", "P1", list_price=D("40.00"), cost_price=D("6.00"), cost_currency="EUR"),
    )["P1"]
    assert (row["list_price"], row["cost_price"], row["cost_currency"]) == (None, D("6.00"), "EUR")
    assert row["margin_percent"] is None


def test_nothing_and_one_source() -> None:
    assert len(merge_catalogues({}, PRIORITY, {})) == 0
    frame = PRODUCT_CATALOG.frame([product("odoo", "P1", margin_percent=D("3.00"), margin_basis="taxed")])
    pd.testing.assert_frame_equal(
        merge_catalogues({"odoo": frame, "isavigne": PRODUCT_CATALOG.empty()}, PRIORITY, {}), frame
    )
