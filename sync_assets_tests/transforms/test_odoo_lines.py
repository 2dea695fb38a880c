from __future__ import annotations

from decimal import Decimal
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync_assets.tables.canonical import SALES_LINES
from sync_assets.tables.raw import ODOO_SALE_ORDER_LINES
from sync_assets.transforms.columns import to_arrow
from sync_assets.transforms.odoo import LINE_COLUMNS, LineLookups, OdooRaw, map_lines, prepare_line_lookups

from .odoo_frames import (
    EARLIER,
    NOW,
    acme,
    catalogue,
    codes,
    column,
    frame,
    line,
    map_in_chunks,
    odoo,
    order,
    orders,
    product,
    products,
    sales_lines,
)

COSTS = [{"id": 1, "company_id": 1, "standard_price": "3"}, {"id": 1, "company_id": 2, "standard_price": "9"}]


def shop(*orders: dict[str, Any], **more: Any) -> OdooRaw:
    goods = products(product(1, default_code="RIES"), product(2, template_uom_id=2), product(3, template_uom_id=10))
    return odoo(partners=[{"id": 1}, {"id": 2, "parent_id": 1}], orders=list(orders or [order(1, 2)]), **goods, **more)


def only(raw: OdooRaw, row: dict[str, Any]) -> dict[str, Any]:
    mapped = sales_lines(raw, row)
    SALES_LINES.contract.validate(mapped.frame)
    return {name: column(mapped, name)[0] for name in mapped.frame.columns}


def test_a_line() -> None:
    row = line(70, product_uom_qty="2", uom_id=2, price_subtotal="100", price_total="120")
    assert only(shop(costs=COSTS), row) == {
        "org_id": "acme",
        "sale_line_key": "odoo-70",
        "source": "odoo",
        "source_id": "70",
        "order_id": "odoo-1",
        "order_ref": "S00001",
        "customer_key": "odoo-1",
        "source_partner_id": "2",
        "product_key": "RIES",
        "date_sale": EARLIER,
        "quantity_units": Decimal("2.000"),
        "unit_label": "Dozens",
        "quantity_product_units": Decimal("24.000"),
        "quantity_bottles_75cl_eq": None,
        "price_unit": Decimal("60.00"),
        "price_unit_untaxed": Decimal("50.00"),
        "price_total": Decimal("120.00"),
        "price_total_untaxed": Decimal("100.00"),
        "cost_total": Decimal("72.00"),
        "currency": "EUR",
        "cost_currency": "EUR",
        "margin_percent": Decimal("28.00"),
        "margin_basis": "untaxed",
        "document_type": "order",
        "is_return": False,
        "channel": "direct",
        "notes": None,
        "synced_at": NOW,
    }


def test_what_is_no_sale_is_counted() -> None:
    raw = shop(
        order(1),
        order(2, state="draft"),
        order(3, date_order=None),
        order(4, total=None),
        order(5, deleted_at=NOW),
        order(6, currency_id=None),
    )
    mapped = sales_lines(
        raw,
        line(1),
        line(2, deleted_at=NOW),
        line(3, display_type="line_section", product_id=None, product_uom_qty="0"),
        line(4, display_type="line_note", product_id=1),
        line(5, product_id=None),
        line(6, is_downpayment=True),
        line(7, 2),
        line(8, 3),
        line(9, 4),
        line(10, 5),
        line(11, 6),
        line(12, 99),
        line(13, None),
    )
    assert column(mapped, "source_id") == ["1"]
    assert mapped.skipped == {
        "deleted": 1,
        "section_line": 3,
        "downpayment": 1,
        "order_not_counted": 1,
        "order_undated": 1,
        "order_without_total": 1,
        "order_deleted": 1,
        "order_rejected": 1,
        "order_missing": 2,
    }
    assert mapped.rejected == 0


def test_a_return() -> None:
    row = only(shop(costs=COSTS), line(1, product_uom_qty="-2", price_subtotal="-20", price_total="-24"))
    assert (row["quantity_units"], row["is_return"]) == (Decimal("-2.000"), True)
    assert (row["price_unit"], row["cost_total"], row["margin_percent"]) == (
        Decimal("12.00"),
        Decimal("-6.00"),
        Decimal("70.00"),
    )


def test_a_line_of_nothing_and_a_free_bottle() -> None:
    row = only(shop(costs=COSTS), line(1, product_uom_qty="0", price_subtotal="5"))
    assert (row["price_unit"], row["price_unit_untaxed"], row["is_return"]) == (None, None, False)
    row = only(shop(costs=COSTS), line(1, price_subtotal="0", price_total="0"))
    assert (row["price_unit"], row["margin_percent"], row["margin_basis"]) == (Decimal("0.00"), None, None)


def test_the_margin_vector() -> None:
    costs = [{"id": 1, "company_id": 1, "standard_price": "36"}]
    assert only(shop(costs=costs), line(1, price_subtotal="91"))["margin_percent"] == Decimal("60.44")


def test_the_cost_is_that_of_the_selling_company() -> None:
    companies = [{"id": 1, "name": "Nord", "currency_id": 1}, {"id": 2, "name": "Sud", "currency_id": 1}]
    raw = shop(order(1, company_id=2), companies=companies, costs=COSTS)
    assert only(raw, line(1))["cost_total"] == Decimal("9.00")


def test_a_foreign_order_has_no_margin_on_the_products_cost() -> None:
    raw = shop(order(1, currency_id=2, currency_rate="1.1"), costs=COSTS)
    row = only(raw, line(1))
    assert (row["currency"], row["cost_currency"], row["margin_percent"]) == ("USD", "EUR", None)


@pytest.mark.parametrize(
    ("extra", "expected"),
    [
        ('{"purchase_price": 4.125}', ("8.25", "USD", "17.50")),
        ('{"purchase_price": 0.0}', ("72.00", "EUR", None)),
        ('{"purchase_price": false}', ("72.00", "EUR", None)),
        ('{"note": "purchase_price"}', ("72.00", "EUR", None)),
        (None, ("72.00", "EUR", None)),
    ],
)
def test_the_cost_on_the_line_is_per_sold_unit_in_the_orders_currency(extra: str | None, expected: Any) -> None:
    raw = shop(order(1, currency_id=2, currency_rate="1.1"), costs=COSTS)
    row = only(raw, line(1, product_uom_qty="2", uom_id=2, extra=extra))
    margin = Decimal(expected[2]) if expected[2] else None
    assert (row["cost_total"], row["cost_currency"], row["margin_percent"]) == (
        Decimal(expected[0]),
        expected[1],
        margin,
    )


@pytest.mark.parametrize(("unit", "product_id"), [(10, 1), (55, 1), (None, 1), (1, 3)])
def test_a_unit_that_cannot_be_converted(unit: int | None, product_id: int) -> None:
    mapped = sales_lines(shop(costs=COSTS), line(1, uom_id=unit, product_id=product_id))
    assert column(mapped, "quantity_product_units") == column(mapped, "cost_total") == [None]
    assert column(mapped, "quantity_units") == [Decimal("1.000")]
    assert codes(mapped) == [("1", "unknown_unit")]


def test_dozens_counted_in_dozens() -> None:
    assert only(shop(), line(1, product_id=2, product_uom_qty="18"))["quantity_product_units"] == Decimal("1.500")


def test_an_unknown_product_keeps_its_revenue() -> None:
    mapped = sales_lines(shop(), line(1, product_id=88))
    assert (column(mapped, "product_key"), column(mapped, "price_total")) == ([None], [Decimal("12.00")])
    assert codes(mapped) == [("1", "unknown_product")]


def test_a_deleted_product_is_still_known() -> None:
    raw = odoo(partners=[{"id": 1}], orders=[order(1)], **product(1, default_code="OLD", deleted_at=NOW))
    mapped = sales_lines(raw, line(1))
    assert (column(mapped, "product_key"), codes(mapped)) == (["OLD"], [])


def test_lines_that_cannot_be_loaded() -> None:
    raw = shop(order(1), order(2, None))
    mapped = sales_lines(
        raw, line(1, product_uom_qty=None), line(2, product_uom_qty="1e17"), line(3, 2, product_id=88), line(4, 2)
    )
    assert column(mapped, "source_id") == ["4"]
    assert mapped.rejected == 3
    assert codes(mapped) == [("1", "missing_value"), ("2", "bad_number"), ("3", "missing_value")]


def test_an_unknown_partner_is_the_customer_of_its_lines() -> None:
    assert only(shop(order(1, 99)), line(1))["customer_key"] == "odoo-99"


def test_a_chunk_may_be_an_arrow_table_with_the_needed_columns_only() -> None:
    raw = shop()
    lookups = prepare_line_lookups(raw, orders(raw).frame, catalogue(raw)[1])
    chunk = to_arrow(frame("lines", [line(1), line(2)])).select(LINE_COLUMNS)
    assert set(LINE_COLUMNS) <= set(ODOO_SALE_ORDER_LINES.column)
    assert map_lines(chunk, lookups, acme(), synced_at=NOW).frame.equals(sales_lines(raw, line(1), line(2)).frame)


amounts = st.one_of(st.none(), st.decimals(-(10**5), 10**5, places=8).map(str))
rows = st.lists(
    st.fixed_dictionaries(
        {
            "id": st.integers(1, 60),
            "order_id": st.one_of(st.none(), st.integers(1, 8)),
            "product_id": st.one_of(st.none(), st.integers(1, 4)),
            "display_type": st.sampled_from([None, None, None, "", "line_section"]),
            "is_downpayment": st.sampled_from([None, False, False, True]),
            "product_uom_qty": amounts,
            "uom_id": st.sampled_from([None, 1, 1, 2, 10, 77]),
            "price_subtotal": amounts,
            "price_total": amounts,
            "extra": st.sampled_from([None, '{"purchase_price": 2.5}', "{}"]),
            "deleted_at": st.sampled_from([None, None, NOW]),
        }
    ),
    unique_by=lambda row: row["id"],
)
ORDERS = (
    order(1, 2),
    order(2, 1, currency_id=2, currency_rate="1.1"),
    order(3, 99),
    order(4, None),
    order(5, state="draft"),
    order(6, deleted_at=NOW),
    order(7, date_order=None),
)


@cache
def lookups() -> LineLookups:
    raw = shop(*ORDERS, costs=COSTS)
    return prepare_line_lookups(raw, orders(raw).frame, catalogue(raw)[1])


@settings(max_examples=40, deadline=None)
@given(rows, st.integers(1, 3), st.randoms(use_true_random=False))
def test_chunks_give_the_whole_and_no_line_is_lost(found: list[dict[str, Any]], parts: int, random: Any) -> None:
    whole = map_in_chunks(lookups(), acme(), found)
    SALES_LINES.contract.validate(whole.frame)
    assert whole.rows_in == len(found)
    random.shuffle(found)
    chunked = map_in_chunks(lookups(), acme(), found, parts)
    assert chunked.frame.sort_values("sale_line_key", ignore_index=True).equals(
        whole.frame.sort_values("sale_line_key", ignore_index=True)
    )
    assert (chunked.skipped, chunked.rejected, codes(chunked)) == (whole.skipped, whole.rejected, codes(whole))
