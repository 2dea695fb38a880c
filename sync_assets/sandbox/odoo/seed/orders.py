"""The orders of one day and their lines, complete as Odoo would have stored them.

On which days a customer orders belongs to `rhythms.py`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from sync_assets.sandbox.dice import Dice
from sync_assets.sandbox.odoo.recompute import order_totals
from sync_assets.sandbox.odoo.seed.base import BOX_OF_SIX, DOZENS, EUR, UNITS
from sync_assets.sandbox.odoo.seed.catalogue import (
    DISCONTINUED_ON,
    DOWN_PAYMENT,
    EXPORT_TAX,
    TAX_PERCENT,
    UNIT_SIZE,
    Product,
)
from sync_assets.sandbox.odoo.seed.customers import CHF, USD, Customer
from sync_assets.sandbox.odoo.seed.rhythms import FIRST_DAY, rhythm
from sync_assets.sandbox.odoo.values import line_amounts, time_text

Row = dict[str, Any]

# Ids are counted by day, so that the orders of a day keep them whatever comes before or after.
ORDERS_PER_DAY, LINES_PER_DAY, FIRST_QUOTE = 100, 1_000, 90
_SECONDS_APART = 6  # 90 orders fit into the ten minutes after 05:00
_HANDS_BACK = 3  # the customer some of whose orders are returns only, with a negative total


def currency_rate(currency_id: int, day: date) -> float:
    """Units of the currency per euro in that month."""
    if currency_id == EUR:
        return 1.0
    month = day.year * 12 + day.month
    return round({USD: 1.09, CHF: 0.95}[currency_id] + 0.03 * math.sin(month / 3 + currency_id), 4)


class Day:
    """Builds the rows of one day; `orders` and `lines` are ready to be loaded."""

    def __init__(self, version: int, number: int, products: Sequence[Product], has_stock: bool) -> None:
        self.version = version
        self.number = number
        self.date = FIRST_DAY + timedelta(days=number)
        self.products = products
        self.has_stock = has_stock
        self.orders: list[Row] = []
        self.lines: list[Row] = []
        # The nightly batch touches all orders of a day in one transaction, so they share one write_date. It lies at
        # the midnight on which the day becomes visible, where a window by write_date cannot miss it.
        self._written = time_text(
            datetime.combine(self.date + timedelta(days=1), time(0, 0, 0, 118_000 + number % 1000))
        )
        self._unit = "product_uom_id" if version >= 19 else "product_uom"
        self._taxes = "tax_ids" if version >= 19 else "tax_id"

    def confirm(self, customers: Sequence[Customer]) -> None:
        """One confirmed order for each of the customers, in the morning batch."""
        for position, customer in enumerate(customers):
            moment = datetime.combine(self.date, time(5)) + timedelta(seconds=position * _SECONDS_APART)
            self._add(position, customer, "sale", moment, Dice(5, self.number, customer.number))

    def quote(self, customers: Sequence[Customer]) -> None:
        """The day's quotations: drafts, sent ones, and those that were cancelled."""
        dice = Dice(6, self.number)
        for position in range(dice.between(0, 1) if dice.chance(85) else 2):
            moment = datetime.combine(self.date, time(9)) + timedelta(minutes=dice.between(0, 480))
            state = dice.pick(("draft", "sent", "cancel", "cancel"))
            self._add(FIRST_QUOTE + position, dice.pick(customers), state, moment, dice)

    def _add(self, position: int, customer: Customer, state: str, moment: datetime, dice: Dice) -> None:
        order_id = (self.number + 1) * ORDERS_PER_DAY + position
        # Most orders are placed by the root, the others by any member of the family.
        partner_id = customer.id if dice.chance(50) else dice.pick(customer.members)
        order: Row = {
            "id": order_id,
            "name": f"S{order_id:05d}",
            "state": state,
            "locked": state == "sale" and dice.chance(70),
            "date_order": time_text(moment),
            "partner_id": partner_id,
            "partner_invoice_id": customer.id,
            "partner_shipping_id": partner_id,
            "company_id": customer.company_id,
            "currency_id": customer.currency_id,
            "currency_rate": currency_rate(customer.currency_id, self.date),
            "pricelist_id": 1 if customer.currency_id == EUR else False,
            "user_id": customer.user_id,
            "team_id": 1,
            "client_order_ref": f"BC-{order_id}" if dice.chance(20) else False,
            "origin": False,
            "create_date": time_text(datetime.combine(self.date, time(4, 30)))
            if state == "sale"
            else time_text(moment),
            "write_date": self._written,
        }
        lines = self._order_lines(order, customer, dice)
        order |= order_totals(order, lines)
        if self.has_stock:
            order["warehouse_id"] = customer.company_id  # each company has one, of the same number
            order["delivery_status"] = "full" if state == "sale" else False
        self.orders.append(order)
        self.lines += lines

    def _order_lines(self, order: Row, customer: Customer, dice: Dice) -> list[Row]:
        lines: list[Row] = []
        is_return = customer.number == _HANDS_BACK and dice.chance(30)
        if dice.chance(7):
            lines.append(self._line(order, lines, {"display_type": "line_section", "name": "Sélection de la saison"}))
        basket = {"weekly": 6, "fortnightly": 6}.get(rhythm(customer) if customer.is_active else "", 4)
        most = 24 if customer.number % 17 == 2 else (2, 4, 7, 10)[customer.number % 4]
        for _ in range(dice.between(1, basket)):
            product = self._choose(customer, dice)
            quantity = float(dice.between(1, most))
            if is_return or dice.chance(0.8):
                quantity = -quantity
            lines.append(self._product_line(order, lines, product, quantity, customer, dice))
        if dice.chance(4):
            lines.append(
                self._line(order, lines, {"display_type": "line_note", "name": "Livrer avant 11 h.\nSonner deux fois."})
            )
        if dice.chance(1.5):
            payment = {"product_id": DOWN_PAYMENT, "name": "Acompte", "is_downpayment": True, "price_unit": 150.0}
            lines.append(self._line(order, lines, {**payment, self._unit: UNITS}))
        return lines

    def _choose(self, customer: Customer, dice: Dice) -> Product:
        while True:
            # Customers have their habits: most of what they buy comes from a dozen products.
            favourite = (customer.number * 29 + dice.below(12) * 7) % len(self.products)
            product = self.products[favourite] if dice.chance(65) else dice.pick(self.products)
            if not product.is_archived or self.date.isoformat() < DISCONTINUED_ON:
                return product

    def _product_line(
        self, order: Row, before: list[Row], product: Product, quantity: float, customer: Customer, dice: Dice
    ) -> Row:
        unit = product.uom_id
        if unit == UNITS and dice.chance(14):
            unit = DOZENS if dice.chance(50) else BOX_OF_SIX
            quantity = math.copysign(max(1.0, abs(quantity) // 6), quantity)
        size = UNIT_SIZE[unit] / UNIT_SIZE[product.uom_id]
        price = round(product.price * size * order["currency_rate"], 2)
        values = {"product_id": product.id, "name": product.name, "product_uom_qty": quantity, "price_unit": price}
        values |= {"discount": float(dice.pick((5, 10, 12.5))) if dice.chance(10) else 0.0, self._unit: unit}
        values[self._taxes] = [EXPORT_TAX if customer.is_export else product.tax_id]
        return self._line(order, before, values)

    def _line(self, order: Row, before: list[Row], values: Row) -> Row:
        """A complete line; sections, notes and down payments have the quantity 0."""
        number = len(self.lines) + len(before) + 1
        quantity = values.get("product_uom_qty", 0.0)
        percent = sum(TAX_PERCENT[tax] for tax in values.get(self._taxes, ()))
        subtotal, tax, total = line_amounts(
            self.version, quantity, values.get("price_unit", 0.0), values.get("discount", 0.0), percent
        )
        is_sold = order["state"] == "sale"
        return {
            "id": (self.number + 1) * LINES_PER_DAY + number,
            "order_id": order["id"],
            "sequence": 10 + len(before),
            "product_uom_qty": quantity,
            "qty_delivered": quantity if is_sold else 0.0,
            "qty_invoiced": quantity if is_sold else 0.0,
            "price_subtotal": subtotal,
            "price_tax": tax,
            "price_total": total,
            "state": order["state"],
            "order_partner_id": order["partner_id"],
            "salesman_id": order["user_id"],
            "company_id": order["company_id"],
            "currency_id": order["currency_id"],
            "invoice_status": "invoiced" if is_sold else "no",
            "create_date": order["create_date"],
            "write_date": self._written,
            **values,
        }
