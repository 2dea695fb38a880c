"""The demo organisation: the same on every day, the promised number of customers, and every case the pipeline must meet."""

from __future__ import annotations

import calendar
import random
from bisect import bisect_right
from collections import Counter, defaultdict
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from sync_assets.sandbox.odoo import OdooSandbox, recompute
from sync_assets.sandbox.odoo.seed.base import EUR
from sync_assets.sandbox.odoo.seed.customers import ACTIVE_ROOTS
from sync_assets.sandbox.odoo.seed.rhythms import FIRST_DAY
from sync_assets.sandbox.odoo.store import Store
from sync_assets_tests.sandbox.odoo_calls import VERSIONS, Caller

TODAY = date(2026, 11, 21)
LAST_DAY = date(2028, 12, 31)


@pytest.fixture(scope="module")
def store() -> Store:
    return OdooSandbox("18.0", today=TODAY).store


@pytest.fixture(scope="module")
def long_store() -> Store:
    return OdooSandbox("18.0", today=LAST_DAY).store


def root_of(store: Store, partner_id: int) -> int:
    """The topmost partner; on a cycle the smallest id."""
    path: list[int] = []
    while True:
        if partner_id in path:
            return min(path[path.index(partner_id) :])
        path.append(partner_id)
        parent = store.get("res.partner", partner_id)["parent_id"]
        if not parent:
            return partner_id
        partner_id = parent


def months_before(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def order_times(store: Store) -> dict[int, list[str]]:
    times = defaultdict(list)
    for order in store.records("sale.order"):
        if order["state"] == "sale":
            times[root_of(store, order["partner_id"])].append(order["date_order"])
    return {root: sorted(found) for root, found in times.items()}


def test_exactly_231_roots_bought_in_four_months_whatever_the_day(long_store: Store) -> None:
    times = order_times(long_store)
    dice = random.Random(7)
    span = (LAST_DAY - date(2025, 7, 1)).days
    days = [date(2025, 7, 1) + timedelta(days=dice.randrange(span + 1)) for _ in range(400)]
    for day in [date(2025, 7, 1), LAST_DAY, *days]:
        for clock in ("00:00:01", "12:00:00", "23:59:59"):
            # On the day itself the orders of that day are not there yet.
            first, last = f"{months_before(day, 4)} {clock}", f"{day} 00:00:00"
            roots = [it for it, found in times.items() if bisect_right(found, last) > bisect_right(found, first)]
            assert len(roots) == ACTIVE_ROOTS == 231, (day, clock)


def test_later_days_only_add(store: Store) -> None:
    later = OdooSandbox("18.0", today=TODAY + timedelta(days=40)).store
    for model in store.models:
        for record in store.records(model):
            assert later.get(model, record["id"]) == record
    midnight = str(TODAY)
    added = [it for model in later.models for it in later.records(model) if store.get(model, it["id"]) is None]
    assert added
    assert all(it["create_date"] >= midnight and it["write_date"] > midnight for it in added)
    assert all(it["write_date"] <= f"{midnight} 00:00:01" for model in store.models for it in store.records(model))


@pytest.mark.parametrize("version", VERSIONS)
def test_the_seed_is_what_the_store_would_have_computed(version: str) -> None:
    store = OdooSandbox(version, today=date(2025, 6, 1)).store
    for model in store.models:
        for record in store.records(model):
            computed = recompute.compute(store, model, record)
            assert {name: record[name] for name in computed} == computed, (model, record["id"])
            fields = store.models[model].fields
            for name in set(record) - {"id"}:
                relation = fields[name].relation
                if relation and fields[name].type == "many2one" and record[name]:
                    assert store.get(relation, record[name]) is not None, (model, record["id"], name)
                if fields[name].type == "datetime" and record[name]:
                    assert len(record[name]) == 26


def test_the_days_grow_with_the_clock_unless_today_is_given() -> None:
    midnight = datetime(2025, 2, 11, tzinfo=UTC)

    def orders(caller: Caller, domain: Any = ()) -> int:
        return caller.call("sale.order", "search_count", domain=list(domain))

    with OdooSandbox("19.0", today=date(2025, 2, 10)) as server, Caller(server, "json2") as caller:
        server.store.now = lambda: midnight + timedelta(days=400)
        before = orders(caller)
        server.today = None
        server.store.now = lambda: midnight - timedelta(seconds=1)
        assert orders(caller) == before
        server.store.now = lambda: midnight
        # The orders of the 10th appear at midnight with that very write_date, so that no window can miss them.
        assert orders(caller, [["write_date", ">=", "2025-02-11 00:00:00"]]) == orders(caller) - before > 0


def test_sizes(store: Store) -> None:
    sizes = {model: len(store.ids(model)) for model in store.models}
    assert 1_000 <= sizes["res.partner"] <= 1_200
    assert 5_000 <= sizes["sale.order"] <= 8_000
    assert 20_000 <= sizes["sale.order.line"] <= 30_000
    assert 170 <= sizes["product.product"] <= 190
    assert sizes["product.category"] == 12
    assert sizes["res.company"] == 2
    assert {company["currency_id"] for company in store.records("res.company")} == {EUR}


def test_orders_of_every_kind(store: Store) -> None:
    orders, lines = list(store.records("sale.order")), list(store.records("sale.order.line"))
    states = Counter(order["state"] for order in orders)
    assert set(states) == {"draft", "sent", "sale", "cancel"}
    assert min(states.values()) > 50
    for order in orders:
        if order["state"] == "sale":
            assert "05:00:00" <= order["date_order"][11:19] < "05:10:00"
    assert {order["date_order"][:10] for order in orders} >= {
        str(FIRST_DAY + timedelta(days=n)) for n in (10, 100, 500)
    }
    assert max(order["date_order"] for order in orders) < str(TODAY)
    currencies = {store.get("res.currency", order["currency_id"])["name"] for order in orders}
    assert currencies == {"EUR", "USD", "CHF"}
    assert all((order["currency_rate"] == 1.0) is (order["currency_id"] == EUR) for order in orders)
    assert {order["company_id"] for order in orders} == {1, 2}
    assert any(order["amount_total"] < 0 for order in orders)
    assert {line["display_type"] for line in lines} == {False, "line_section", "line_note"}
    assert any(line["is_downpayment"] for line in lines)
    assert any(line["product_uom_qty"] < 0 for line in lines)
    assert {line["product_uom"] for line in lines} == {False, 1, 2, 3}
    archived = {product["id"] for product in store.records("product.product") if not product["active"]}
    assert any(line["product_id"] in archived for line in lines)
    rates = {rate["name"]: rate["rate"] for rate in store.records("res.currency.rate") if rate["currency_id"] == 1}
    dollars = next(order for order in reversed(orders) if order["currency_id"] == 1)
    assert rates[dollars["date_order"][:8] + "01"] == dollars["currency_rate"]


def test_families_of_every_kind(store: Store) -> None:
    partners = {it["id"]: it for it in store.records("res.partner") if it["id"] > 100}
    buyers = {order["partner_id"] for order in store.records("sale.order") if order["state"] == "sale"}
    roots = {root_of(store, it) for it in partners}
    active = {root_of(store, it) for it in buyers}
    assert len(roots) == 231 + 60 + 40
    assert len(active) == 231 + 60

    def depth(partner: dict[str, Any]) -> int:
        above, steps = partner["parent_id"], 0
        while above and steps < 5:
            above, steps = partners[above]["parent_id"], steps + 1
        return steps

    depths = Counter(depth(it) for it in partners.values())
    assert {0, 1, 2, 3} <= set(depths)
    assert any(depth(partners[it]) == 3 for it in buyers)
    assert any(not partners[it]["active"] for it in buyers)
    assert any(not partners[it]["is_company"] for it in active)
    cycle = [
        it["id"] for it in partners.values() if it["parent_id"] and partners[it["parent_id"]]["parent_id"] == it["id"]
    ]
    assert len(cycle) == 2
    assert min(cycle) in active
    assert {root_of(store, it) for it in cycle} == {min(cycle)}
    assert {"contact", "invoice", "delivery"} == {it["type"] for it in partners.values()}
    assert {len(it["category_id"]) for it in partners.values()} == {0, 1, 2, 3}
    assert any(it["name"] is False for it in partners.values())
    assert any(it["email"] is False for it in partners.values())
    assert all(it["email"].strip().endswith((".example", ".Example")) for it in partners.values() if it["email"])
    assert any(not it.isascii() for it in (partner["name"] or "" for partner in partners.values()))
    sellers = Counter(partners[it]["user_id"] for it in active)
    assert sellers[False] > 10
    assert len(sellers) == 9
    assert sum(not store.get("res.users", it)["active"] for it in sellers if it) == 1


def test_products_and_stock(store: Store) -> None:
    products, templates = list(store.records("product.product")), list(store.records("product.template"))
    assert max(Counter(it["product_tmpl_id"] for it in products).values()) == 2
    assert any(it["default_code"] is False for it in products)
    assert 0 < sum(not it["active"] for it in products) < 20
    assert all(round(it["list_price"], 2) == it["list_price"] for it in templates)
    usages = Counter(store.get("stock.location", it["location_id"])["usage"] for it in store.records("stock.quant"))
    assert set(usages) == {"internal", "customer", "inventory"}
    quants = list(store.records("stock.quant"))
    internal = [it for it in quants if it["company_id"]]
    assert {store.get("stock.location", it["location_id"])["warehouse_id"] for it in internal} == {1, 2}
    assert any(it["reserved_quantity"] > 0 for it in internal)
    assert sum(it["quantity"] < 0 for it in internal) == 1
    assert any(it["lot_id"] for it in quants)
    assert any(it["owner_id"] for it in quants)


def test_customers_of_every_rhythm(store: Store) -> None:
    times = order_times(store)
    begin, end = str(months_before(TODAY, 4)), str(TODAY)
    revenue: Counter[int] = Counter()
    for order in store.records("sale.order"):
        if order["state"] == "sale" and begin <= order["date_order"] < end:
            revenue[root_of(store, order["partner_id"])] += order["amount_total"] / order["currency_rate"]
    assert 5 <= sum(amount > 10_000 for amount in revenue.values()) <= 40
    assert min(revenue.values()) < 100
    ratios = Counter()
    for found in times.values():
        inside = [datetime.fromisoformat(it) for it in found if begin <= it < end]
        if not inside:
            continue
        days = (datetime.combine(TODAY, datetime.min.time()) - inside[-1]).days
        frequency = (inside[-1] - inside[0]).days // (len(inside) - 1) if len(inside) > 1 else 0
        if len(inside) == 1:
            ratios[f"one, {min(days // 30, 3)} months ago"] += 1
        elif frequency:
            ratios[min(int(2 * days / frequency), 6)] += 1
    assert {0, 1, 2, 3, 6} <= set(ratios)
    assert {f"one, {months} months ago" for months in range(4)} <= set(ratios)


def test_a_salesperson_sees_only_a_part(store: Store) -> None:
    with OdooSandbox("18.0", today=date(2025, 3, 1)) as server:
        with Caller(server) as caller:
            everything = caller.call("sale.order", "search_count", [])
        with Caller(server, "jsonrpc", "own@sandbox.example", "own-key") as caller:
            assert 0 < caller.call("sale.order", "search_count", []) < everything / 2
