"""The store keeps what Odoo keeps: times of writing, totals, copies, names, and what deleting does."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sync_assets.sandbox.odoo import OdooSandbox
from sync_assets.sandbox.odoo.errors import OdooError
from sync_assets.sandbox.odoo.store import Store
from sync_assets_tests.sandbox.odoo_calls import VERSIONS


class Clock:
    """A clock that goes on by a second whenever it is read."""

    def __init__(self) -> None:
        self.now = datetime(2026, 5, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now


@pytest.fixture(params=VERSIONS)
def store(request: pytest.FixtureRequest) -> Store:
    found = OdooSandbox(request.param, records="empty").store
    found.now = Clock()
    return found


class Watch:
    """Tells which records were written since it was last asked."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.seen: dict[tuple[str, int], str] = {}
        self()

    def __call__(self) -> set[tuple[str, int]]:
        now = {(model, it["id"]): it["write_date"] for model in self.store.models for it in self.store.records(model)}
        written = {key for key, moment in now.items() if self.seen.get(key) != moment}
        self.seen = now
        return written


def order(store: Store, **values: Any) -> tuple[int, list[int], int]:
    """An order with two lines of one product; ids of order, lines and product."""
    product = store.create("product.product", {"name": "Wine", "default_code": "W1", "list_price": 12.5})
    tax = store.create("account.tax", {"name": "20 %", "amount": 20.0})
    taxes = "tax_ids" if store.version >= 19 else "tax_id"
    lines = [(0, 0, {"product_id": product, "product_uom_qty": n, "price_unit": 12.5, taxes: [tax]}) for n in (2, 3)]
    order_id = store.create("sale.order", {"partner_id": 1, "order_line": lines, **values})
    return order_id, store.linked("sale.order.line", "order_id", order_id), product


def value(store: Store, model: str, record_id: int, *names: str) -> Any:
    record = store.get(model, record_id)
    assert record is not None
    return tuple(record[name] for name in names) if len(names) > 1 else record[names[0]]


def test_one_creation_is_one_transaction(store: Store) -> None:
    order_id, lines, _ = order(store)
    dates = {value(store, "sale.order.line", line, "create_date") for line in lines}
    assert dates == {value(store, "sale.order", order_id, "create_date"), *dates}
    assert len(dates) == 1
    with store.transaction_at(datetime(2026, 4, 1, 10, 0, 0, 123_456)):
        first = store.create("res.partner", {"name": "A"})
        store.write("res.partner", [1, first], {"city": "Lyon"})
    assert value(store, "res.partner", 1, "write_date") == "2026-04-01 10:00:00.123456"
    assert value(store, "res.partner", first, "write_date", "create_date") == ("2026-04-01 10:00:00.123456",) * 2


def test_totals_of_an_order_follow_its_lines(store: Store) -> None:
    order_id, (one, other), _ = order(store)
    amounts = ("amount_untaxed", "amount_tax", "amount_total")
    assert value(store, "sale.order.line", one, "price_subtotal", "price_total") == (25.0, 30.0)
    assert value(store, "sale.order", order_id, *amounts) == (62.5, 12.5, 75.0)
    watch = Watch(store)
    store.write("sale.order.line", other, {"product_uom_qty": 1.0, "discount": 10.0})
    assert value(store, "sale.order", order_id, *amounts) == (36.25, 7.25, 43.5)
    assert watch() == {("sale.order", order_id), ("sale.order.line", other)}
    note = store.create("sale.order.line", {"order_id": order_id, "display_type": "line_note", "name": "Hello"})
    assert watch() == {("sale.order.line", note)}
    assert value(store, "sale.order.line", note, "product_id", "product_uom_qty", "price_total") == (False, 0.0, 0.0)
    store.unlink("sale.order.line", other)
    assert watch() == {("sale.order", order_id)}
    assert value(store, "sale.order", order_id, *amounts) == (25.0, 5.0, 30.0)


def test_binary_dust_in_the_tax_of_a_line(store: Store) -> None:
    tax = store.create("account.tax", {"name": "15 %", "amount": 15.0})
    product = store.create("product.product", {"name": "X"})
    taxes = "tax_ids" if store.version >= 19 else "tax_id"
    line = {"product_id": product, "price_unit": 52.47, taxes: [tax]}
    order_id = store.create("sale.order", {"partner_id": 1, "order_line": [(0, 0, line)]})
    found = value(store, "sale.order.line", store.linked("sale.order.line", "order_id", order_id)[0], "price_tax")
    assert round(found, 2) == 7.87
    assert (found == 7.87) is (store.version == 17)


def test_lines_copy_from_their_order(store: Store) -> None:
    order_id, lines, product = order(store, user_id=6)
    unit = "product_uom_id" if store.version >= 19 else "product_uom"
    copies = ("state", "order_partner_id", "salesman_id", "company_id", "currency_id", unit)
    assert value(store, "sale.order.line", lines[0], *copies) == ("draft", 1, 6, 1, 126, 1)
    watch = Watch(store)
    store.write("sale.order", order_id, {"state": "sale", "date_order": "2026-05-02 10:00:00"})
    assert watch() == {("sale.order", order_id), *(("sale.order.line", line) for line in lines)}
    assert value(store, "sale.order.line", lines[0], "state", "qty_to_invoice", "invoice_status") == (
        "sale",
        2.0,
        "to invoice",
    )
    assert value(store, "sale.order", order_id, "invoice_status", "delivery_status") == ("to invoice", "pending")
    for line in lines:
        store.write("sale.order.line", line, {"qty_delivered": 9.0, "qty_invoiced": 9.0})
    watch()
    store.write("sale.order", order_id, {"state": "sale"})
    assert watch() == {("sale.order", order_id)}
    assert value(store, "sale.order", order_id, "delivery_status") == "full"
    assert product


def test_variants_follow_their_template(store: Store) -> None:
    product = store.create("product.product", {"name": "Wine", "default_code": "W1", "standard_price": 4.0})
    template = value(store, "product.product", product, "product_tmpl_id")
    assert value(store, "product.template", template, "default_code", "name") == ("W1", "Wine")
    watch = Watch(store)
    store.write("product.template", template, {"list_price": 9.0})
    assert watch() == {("product.template", template), ("product.product", product)}
    store.write("product.product", product, {"standard_price": 5.0})
    assert watch() == {("product.product", product)}
    store.write("product.product", product, {"name": "Red wine"})
    assert watch() == {("product.template", template), ("product.product", product)}
    store.write("product.product", product, {"default_code": "W2"})
    assert value(store, "product.template", template, "default_code") == "W2"
    magnum = store.create("product.product", {"product_tmpl_id": template, "default_code": "W3"})
    assert value(store, "product.template", template, "default_code") is False
    made = store.create("product.template", {"name": "Cheese", "default_code": "C1", "barcode": "123"})
    (variant,) = store.linked("product.product", "product_tmpl_id", made)
    assert value(store, "product.product", variant, "default_code", "barcode", "combination_indices") == (
        "C1",
        "123",
        "",
    )
    assert magnum != variant


def test_families(store: Store) -> None:
    top = store.create("res.partner", {"name": "Top", "is_company": True})
    branch = store.create("res.partner", {"name": "Branch", "is_company": True, "parent_id": top})
    contact = store.create("res.partner", {"name": "Ann", "parent_id": branch})
    below = store.create("res.partner", {"name": "Bob", "parent_id": contact})
    commercial = [value(store, "res.partner", it, "commercial_partner_id") for it in (top, branch, contact, below)]
    assert commercial == [top, branch, branch, branch]
    assert value(store, "res.partner", below, "complete_name") == "Branch, Bob"
    watch = Watch(store)
    store.write("res.partner", branch, {"name": "Office"})
    assert value(store, "res.partner", below, "complete_name") == "Office, Bob"
    assert watch() == {("res.partner", it) for it in (branch, contact, below)}
    store.write("res.partner", branch, {"is_company": False})
    assert [value(store, "res.partner", it, "commercial_partner_id") for it in (branch, contact, below)] == [top] * 3
    watch()
    child = store.create("res.partner", {"name": "New", "parent_id": top})
    assert watch() == {("res.partner", child)}
    # Odoo refuses a cycle, an import by SQL does not.
    store.write("res.partner", top, {"parent_id": below, "is_company": False})
    assert value(store, "res.partner", top, "commercial_partner_id") in (top, branch, contact, below)


def test_writing_the_same_value_moves_write_date(store: Store) -> None:
    watch = Watch(store)
    store.write("res.partner", 1, {"city": "Bordeaux"})
    assert watch() == {("res.partner", 1)}


def test_deleting(store: Store) -> None:
    order_id, lines, _ = order(store, state="sale")
    with pytest.raises(OdooError, match="You must first cancel it"):
        store.unlink("sale.order", order_id)
    with pytest.raises(OdooError, match="another model requires"):
        store.unlink("res.partner", 1)
    store.write("sale.order", order_id, {"state": "cancel"})
    store.unlink("sale.order", order_id)
    assert store.get("sale.order", order_id) is None
    assert not store.ids("sale.order.line")
    assert all(store.get("sale.order.line", line) is None for line in lines)
    second, kept, _ = order(store, state="sale")
    watch = Watch(store)
    store.erase("sale.order", second)
    assert (store.get("sale.order", second), store.ids("sale.order.line"), watch()) == (None, kept, set())


def test_names_of_places(store: Store) -> None:
    category = store.create("product.category", {"name": "Wine", "parent_id": 1})
    red = store.create("product.category", {"name": "Red", "parent_id": category})
    store.write("product.category", category, {"name": "Wines"})
    top = "Goods" if store.version >= 19 else "All"
    assert value(store, "product.category", red, "complete_name") == f"{top} / Wines / Red"
    shelf = store.create("stock.location", {"name": "Shelf", "location_id": 8})
    assert value(store, "stock.location", shelf, "complete_name", "warehouse_id") == ("BDX/Stock/Shelf", 1)
    assert value(store, "stock.location", shelf, "parent_path").endswith(f"7/8/{shelf}/")
    product = store.create("product.product", {"name": "X"})
    inside = store.create("stock.quant", {"product_id": product, "location_id": shelf, "quantity": 3})
    outside = store.create("stock.quant", {"product_id": product, "location_id": 5, "quantity": -1})
    assert [value(store, "stock.quant", it, "company_id") for it in (inside, outside)] == [1, False]


def test_unknown_fields_are_refused(store: Store) -> None:
    with pytest.raises(OdooError, match="Invalid field 'colour'"):
        store.create("res.partner", {"name": "A", "colour": "red"})
    with pytest.raises(OdooError, match="Record does not exist"):
        store.write("res.partner", 999, {"name": "A"})


def test_threads_do_not_disturb_each_other(store: Store) -> None:
    def write() -> None:
        with store.transaction_at(datetime(2026, 1, 1)):
            for n in range(200):
                store.create("res.partner.category", {"name": f"Tag {n}"})

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    later = store.create("res.partner.category", {"name": "Mine"})
    for thread in threads:
        thread.join()
    ids = store.ids("res.partner.category")
    assert len(ids) == len(set(ids)) == 801
    assert ids == sorted(ids)
    assert value(store, "res.partner.category", later, "write_date") > "2026-05"
