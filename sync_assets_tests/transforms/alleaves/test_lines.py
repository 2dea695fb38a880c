from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync_assets.tables.canonical import SALES_LINES
from sync_assets.transforms.alleaves import USUAL_RULES, AlleavesRaw, PosRules, count_links, map_lines
from sync_assets.transforms.mapped import Mapped

from .frames import EARLIER, NOW, acme, batch, codes, column, customer, line, menu, only, order, orders, shuffled, store

GOODS = menu(
    batch("501", cost="4.1250", name="Blue Fig 3.5g"),
    batch("502", name="Grape Soda"),
    batch("503", name="Twin"),
    batch("504", name="Twin"),
).frame


def shop(sold: list[dict[str, Any]], lines: list[dict[str, Any]]) -> AlleavesRaw:
    return store(customers=[customer("42")], orders=sold, lines=lines)


def map_shop(raw: AlleavesRaw, goods: pd.DataFrame = GOODS, rules: PosRules = USUAL_RULES) -> Mapped:
    mapped = map_lines(raw, orders(raw).frame, goods, acme(), rules, synced_at=NOW)
    SALES_LINES.contract.validate(mapped.frame)
    return mapped


def sell(*lines: dict[str, Any], goods: pd.DataFrame = GOODS, **fields: Any) -> Mapped:
    """The lines of order 7, whose fields are given."""
    return map_shop(shop([order("7", **fields)], list(lines)), goods)


def totals(mapped: Mapped, name: str = "price_total") -> list[str | None]:
    return [None if value is None else str(value) for value in column(mapped, name)]


def test_a_line() -> None:
    item = line("7", 1, "20.00", inventory_item_id="501", product_name="Blue Fig", quantity="2")
    assert only(sell(item, total="22.60", tax="2.60")) == {
        "org_id": "acme",
        "sale_line_key": "alleaves-7-1",
        "source": "alleaves",
        "source_id": "7-1",
        "order_id": "alleaves-7",
        "order_ref": "7",
        "customer_key": "alleaves-42",
        "source_partner_id": "42",
        "product_key": "alleaves-501",
        "date_sale": EARLIER,
        "quantity_units": Decimal("2.000"),
        "unit_label": None,
        "quantity_product_units": Decimal("2.000"),
        "quantity_bottles_75cl_eq": None,
        "price_unit": Decimal("11.30"),
        "price_unit_untaxed": Decimal("10.00"),
        "price_total": Decimal("22.60"),
        "price_total_untaxed": Decimal("20.00"),
        "cost_total": Decimal("8.25"),
        "currency": "USD",
        "cost_currency": "USD",
        "margin_percent": Decimal("58.75"),
        "margin_basis": "untaxed",
        "document_type": "receipt",
        "is_return": False,
        "channel": "store",
        "notes": None,
        "synced_at": NOW,
    }


def test_the_total_is_shared_by_amount_to_the_cent() -> None:
    lines = [
        line("7", 1, "10.00"),
        line("7", 2, "-10.00"),
        line("7", 3, "10.00"),
        line("7", 4, None),
        line("7", 5, "0"),
    ]
    mapped = sell(*lines, total="10.00", tax="0.50")
    assert totals(mapped) == ["3.34", "3.33", "3.33", "0.00", "0.00"]
    assert totals(mapped, "price_total_untaxed") == ["3.17", "3.17", "3.16", "0.00", "0.00"]


def test_without_amounts_it_is_shared_by_quantity_and_then_equally() -> None:
    by_quantity = sell(line("7", 1, "0", quantity="3"), line("7", 2, None, quantity="-1"), total="10.00")
    assert totals(by_quantity) == ["7.50", "2.50"]
    unknown = sell(line("7", 1, None, quantity=None), line("7", 2, None, quantity="3"), total="10.00")
    assert totals(unknown) == ["2.50", "7.50"]
    equally = sell(line("7", 1, "0", quantity="0"), line("7", 2, None, quantity="0"), total="0.01")
    assert totals(equally) == ["0.01", "0.00"]
    assert totals(equally, "price_unit") == [None, None]


def test_an_order_without_lines_is_one_line_number_0() -> None:
    """Number 37."""
    mapped = sell(total="12.00", tax="2.00")
    row = only(mapped)
    assert (row["sale_line_key"], row["product_key"], row["quantity_units"]) == ("alleaves-7-0", None, Decimal("1.000"))
    assert (row["price_total"], row["price_total_untaxed"]) == (Decimal("12.00"), Decimal("10.00"))
    assert (mapped.rows_in, codes(mapped)) == (1, [])
    assert only(sell(total="-12.00"))["quantity_units"] == Decimal("-1.000")


def test_three_unit_rows_of_one_product_are_three_lines() -> None:
    """Number 37."""
    mapped = sell(*(line("7", n, "5.00", inventory_item_id="502") for n in (1, 2, 3)), total="15.00")
    assert column(mapped, "sale_line_key") == ["alleaves-7-1", "alleaves-7-2", "alleaves-7-3"]
    assert totals(mapped) == ["5.00"] * 3


def test_a_refund_takes_goods_back() -> None:
    """Number 34: whatever sign the lines have."""
    lines = [line("7", 1, "10.00", quantity="2", inventory_item_id="501"), line("7", 2, "-20.00", quantity="-1")]
    mapped = sell(*lines, total="-30.00", tax="-3.00")
    assert totals(mapped) == ["-10.00", "-20.00"]
    assert totals(mapped, "price_total_untaxed") == ["-9.00", "-18.00"]
    assert totals(mapped, "quantity_units") == ["-2.000", "-1.000"]
    assert totals(mapped, "price_unit") == ["5.00", "20.00"]
    assert totals(mapped, "cost_total") == ["-8.25", None]
    assert column(mapped, "is_return") == [True, True]


def test_an_unknown_quantity_is_1() -> None:
    assert only(sell(line("7", quantity=None)))["quantity_units"] == Decimal("1.000")


def test_without_tax_the_untaxed_amounts_are_unknown_and_the_margin_is_on_the_taxed_one() -> None:
    row = only(sell(line("7", inventory_item_id="501"), total="10.00", tax=None))
    assert (row["price_total_untaxed"], row["price_unit_untaxed"], row["margin_basis"]) == (None, None, "taxed")


def test_which_lines_are_sales() -> None:
    sold = [
        order("1"),
        order("2", status="void"),
        order("3", created_at=None),
        order("4", total=None),
        order("5", "99"),
        order("6", None),
        order("8", created_at=NOW + timedelta(days=2)),
    ]
    mapped = map_shop(shop(sold, [line(str(n)) for n in range(1, 8)]))
    # Order 8 has no lines of its own, line 7 no order.
    assert column(mapped, "sale_line_key") == ["alleaves-1-1", "alleaves-8-0"]
    assert mapped.skipped == {
        "order_missing": 1,
        "order_not_counted": 1,
        "order_undated": 1,
        "order_unmatched": 2,
        "order_without_total": 1,
    }
    assert mapped.rows_in == 8


@pytest.mark.parametrize(
    ("said", "product"),
    [
        ({"inventory_item_id": "501"}, "alleaves-501"),
        ({"inventory_item_id": "501", "item_id": "502", "product_name": "Grape Soda"}, "alleaves-501"),
        ({"item_id": "502", "product_name": " grape  SODA"}, "alleaves-502"),
        ({"item_id": "503", "product_name": "Twin"}, "alleaves-503"),
        # The id of a line that happens to be an item's too: the name decides.
        ({"item_id": "501", "product_name": "Grape Soda"}, "alleaves-502"),
        ({"inventory_item_id": "999", "product_name": "Grape Soda"}, "alleaves-502"),
        ({"product_name": "Grape Soda"}, "alleaves-502"),
        ({"product_name": "Twin"}, None),
        ({"item_id": "501"}, None),
        ({"item_id": "501", "product_name": "Grape"}, None),
        ({"inventory_item_id": "999"}, None),
        ({}, None),
    ],
)
def test_which_product_a_line_names(said: dict[str, str], product: str | None) -> None:
    assert only(sell(line("7", **said)))["product_key"] == product


def test_lines_without_product_are_one_finding_per_product() -> None:
    lines = [line("7", n, product_name="Gone") for n in (1, 2)] + [line("7", 3, inventory_item_id="999")]
    mapped = sell(*lines, line("7", 4), line("7", 5))
    assert codes(mapped) == [("-", "unlinked_line"), ("999", "unlinked_line"), ("Gone", "unlinked_line")]
    assert {reject["severity"] for reject in mapped.rejects} == {"warning"}


def test_links_by_method() -> None:
    said = [
        {"inventory_item_id": "501"},
        {"item_id": "502", "product_name": "Grape Soda"},
        {"product_name": "Grape Soda"},
        {"product_name": "Gone"},
    ]
    raw = shop([order("7")], [line("7", n, **fields) for n, fields in enumerate(said, 1)])
    assert count_links(raw, GOODS) == {"id": 1, "id_and_name": 1, "name": 1, "unlinked": 1}


def test_a_later_inventory_links_older_lines() -> None:
    item = line("7", product_name="New Dawn")
    assert only(sell(item))["product_key"] is None
    assert only(sell(item, goods=menu(batch("600", name="New Dawn")).frame))["product_key"] == "alleaves-600"


def test_an_item_of_two_locations_has_the_cost_of_the_first_configured() -> None:
    goods = menu(batch("501", cost="2"), batch("501", cost="3", location_id="2000")).frame
    raw = shop([order("7")], [line("7", inventory_item_id="501")])
    assert only(map_shop(raw, goods))["cost_total"] == Decimal("2.00")
    assert only(map_shop(raw, goods, PosRules(location_ids=("2000", "1000"))))["cost_total"] == Decimal("3.00")


def test_a_cost_in_another_currency_makes_no_margin() -> None:
    row = only(sell(line("7", inventory_item_id="501"), currency="CAD"))
    assert (row["cost_currency"], row["margin_percent"]) == ("USD", None)


def test_blocks_of_orders_give_the_same_lines_as_the_whole() -> None:
    sold = [order(str(n), total=f"{n}.01") for n in range(1, 8)]
    raw = shop(sold, [line(str(n % 6 + 1), n, f"{n}.00") for n in range(1, 12)])
    whole, canonical = map_shop(raw), orders(raw).frame
    blocks = []
    for start in (0, 3, 5):
        own = canonical.iloc[start : {0: 3, 3: 5, 5: 7}[start]]
        part = replace(raw, lines=raw.lines[raw.lines["order_id"].isin(own["source_id"])])
        blocks.append(map_lines(part, own, GOODS, acme(), synced_at=NOW).frame)
    assert pd.concat(blocks, ignore_index=True).equals(whole.frame)


def test_no_lines_and_no_menu() -> None:
    empty = menu().frame
    assert map_shop(store(), empty).rows_in == 0
    assert only(sell(line("7"), goods=empty))["product_key"] is None


found_orders = st.lists(
    st.fixed_dictionaries(
        {
            "order_id": st.integers(1, 12).map(str),
            "customer_ref": st.sampled_from(["42", "42", "42", "99", None]),
            "status": st.sampled_from(["completed", "completed", "unknown", "void"]),
            "total": st.one_of(st.none(), st.decimals(-(10**4), 10**4, places=2).map(str)),
            "tax": st.one_of(st.none(), st.decimals(-(10**3), 10**3, places=2).map(str)),
            "created_at": st.sampled_from([EARLIER, EARLIER, None]),
        }
    ),
    unique_by=lambda row: row["order_id"],
)
found_lines = st.lists(
    st.fixed_dictionaries(
        {
            "order_id": st.integers(1, 13).map(str),
            "line_no": st.integers(1, 5),
            "line_total": st.one_of(st.none(), st.decimals(-99, 99, places=2).map(str), st.just("0")),
            "quantity": st.sampled_from([None, "0", "1", "2.5", "-1"]),
            "inventory_item_id": st.sampled_from([None, "501", "999"]),
            "product_name": st.sampled_from([None, "Grape Soda", "Twin"]),
        }
    ),
    unique_by=lambda row: (row["order_id"], row["line_no"]),
)


@settings(max_examples=30, deadline=None)
@given(found_orders, found_lines, st.integers(0, 99))
def test_lines_add_up_to_their_order_and_order_does_not_matter(
    sold: list[dict[str, Any]], lines: list[dict[str, Any]], seed: int
) -> None:
    raw = shop([order("0") | row for row in sold], lines)
    mapped = map_shop(raw)
    counted = orders(raw).frame
    is_sale = counted["is_counted"] & counted["ordered_at"].notna() & counted["total"].notna()
    sales = counted[is_sale].set_index("order_key")
    without_lines = set(sales["source_id"]) - {row["order_id"] for row in lines}
    assert mapped.rows_in == len(lines) + len(without_lines)
    assert set(column(mapped, "order_id")) == set(sales.index)
    for key, own in mapped.frame.groupby("order_id"):
        assert own["price_total"].sum() == sales.loc[key, "total"]
        untaxed = sales.loc[key, "total_untaxed"]
        assert (
            own["price_total_untaxed"].isna().all() if pd.isna(untaxed) else own["price_total_untaxed"].sum() == untaxed
        )
        assert all(part * sales.loc[key, "total"] >= 0 for part in own["price_total"])
    again = map_shop(shuffled(raw, seed))
    assert again.frame.equals(mapped.frame)
    assert (again.skipped, codes(again)) == (mapped.skipped, codes(mapped))
