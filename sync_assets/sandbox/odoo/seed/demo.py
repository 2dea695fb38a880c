"""The demo organisation: an invented French wholesaler of wine and fine food with two companies.

People, products and stock are there from the start; orders are added day by day.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime, time, timedelta

from sync_assets.sandbox.odoo.seed.catalogue import load_catalogue
from sync_assets.sandbox.odoo.seed.customers import CHF, PROSPECTS, USD, Customer, load_customers
from sync_assets.sandbox.odoo.seed.orders import Day, currency_rate
from sync_assets.sandbox.odoo.seed.rhythms import FIRST_DAY, order_days
from sync_assets.sandbox.odoo.store import Store
from sync_assets.sandbox.odoo.values import time_text


class Demo:
    """Adds the demo organisation to a store, and its orders up to any day."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._customers = load_customers(store)
        self._products = load_catalogue(store) if "product.product" in store.models else []
        self._has_sales = "sale.order" in store.models
        self._next_day = 0
        self._days = {customer.number: order_days(customer) for customer in self._customers}
        self._waiting: dict[int, list[Customer]] = defaultdict(list)
        for customer in self._customers:
            self._wait(customer)

    def extend_to(self, today: date) -> None:
        """Adds the orders of all days before `today` that are not there yet."""
        end = (today - FIRST_DAY).days
        if self._next_day >= end:
            return
        with self._store.lock:
            while self._next_day < end:
                self._add_day(self._next_day)
                self._next_day += 1

    def _wait(self, customer: Customer) -> None:
        day = next(self._days[customer.number], None)
        if day is not None:
            self._waiting[day].append(customer)

    def _add_day(self, number: int) -> None:
        buyers = sorted(self._waiting.pop(number, ()), key=lambda customer: customer.number)
        for customer in buyers:
            self._wait(customer)
        day = FIRST_DAY + timedelta(days=number)
        if day.day == 1:
            self._add_rates(day)
        if self._has_sales:
            built = Day(self._store.version, number, self._products, "stock.quant" in self._store.models)
            built.confirm(buyers)
            built.quote(self._customers[:-PROSPECTS])
            self._store.load("sale.order", built.orders)
            self._store.load("sale.order.line", built.lines)

    def _add_rates(self, day: date) -> None:
        # The rates of a month become visible together with the orders of its first day.
        moment = time_text(datetime.combine(day + timedelta(days=1), time()))
        month = (day.year - FIRST_DAY.year) * 12 + day.month
        for offset, currency_id in enumerate((USD, CHF)):
            row = {"id": month * 2 + offset, "name": day.isoformat(), "currency_id": currency_id, "company_id": 1}
            row |= {"rate": currency_rate(currency_id, day), "create_date": moment, "write_date": moment}
            self._store.load("res.currency.rate", [row])
