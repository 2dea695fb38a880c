"""The avatar rules a second time, one family and one order after the other, to compare the fast code with."""

from __future__ import annotations

import calendar
import math
from collections import defaultdict
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from sync_assets.transforms.avatars import AvatarRules

Row = dict[str, Any]


def to_cents(value: Fraction) -> Decimal:
    scaled = abs(value) * 100
    whole = scaled.numerator // scaled.denominator
    whole += 1 if scaled - whole >= Fraction(1, 2) else 0
    return Decimal(whole if value >= 0 else -whole).scaleb(-2)


def months_before(moment: datetime, months: int) -> datetime:
    year, month = moment.year, moment.month
    for _ in range(months):
        month -= 1
        if month == 0:
            year, month = year - 1, 12
    return moment.replace(year=year, month=month, day=min(moment.day, calendar.monthrange(year, month)[1]))


def whole_days(start: datetime, end: datetime) -> int:
    return max(0, math.floor((end - start).total_seconds() / 86400))


def id_order(key: str) -> tuple[Any, ...]:
    source, _, number = key.partition("-")
    return (source, 0, int(number), key) if number.isdigit() else (source, 1, 0, key)


def scores(days: int, frequency: int | None, orders: int, revenue: Decimal) -> tuple[int, int, int, int]:
    average = Fraction(revenue) / orders if orders else Fraction(0)
    if orders == 0:
        churn = 100
    elif frequency:
        ratio = Fraction(days, frequency)
        steps = [(Fraction(1, 2), 0), (1, 20), (Fraction(3, 2), 40), (2, 60), (3, 80)]
        churn = next((value for limit, value in steps if ratio < limit), 100)
    else:
        churn = next((value for limit, value in [(30, 10), (60, 30), (90, 50), (120, 70)] if days < limit), 90)
    bonus = 20 if revenue > 10000 else 10 if revenue > 5000 else 5 if revenue > 1000 else 0
    engagement = 100 - min(60, days // 3) + min(30, 3 * orders) + bonus
    engagement = max(0, min(100, engagement))
    health = (100 - churn + engagement) // 2
    upsell = 40 if average > 1000 else 25 if average > 500 else 10 if average > 200 else 0
    upsell += 30 if orders > 10 else 20 if orders > 5 else 10 if orders > 3 else 0
    upsell += 20 if revenue > 10000 else 10 if revenue > 5000 else 0
    upsell += 10 if churn < 30 else 0
    return churn, engagement, max(0, min(100, health)), min(100, upsell)


def build_by_hand(
    customers: list[Row],
    orders: list[Row],
    lines: list[Row],
    products: list[Row],
    existing: list[Row],
    rules: AvatarRules,
) -> tuple[dict[str, Row], dict[str, str], dict[str, int]]:
    """Rows to write by customer_key, error code by family, counts."""
    people = {row["customer_key"]: row for row in customers}
    start = months_before(rules.as_of, rules.months_back) if rules.months_back else None
    amount = "company_total" if rules.revenue_basis == "taxed" else "company_total_untaxed"
    counts: dict[str, int] = defaultdict(int)
    families: dict[str, list[Row]] = defaultdict(list)
    for order in orders:
        if not order["is_counted"]:
            continue
        at = order["ordered_at"]
        if at is not None and at > rules.as_of:
            counts["orders_in_future"] += 1
        elif at is None or start is None or at >= start:
            key = order["customer_key"]
            if key is None:
                counts["orders_anonymous"] += 1
                continue
            counts["orders_counted"] += 1
            families[people[key]["root_customer_key"] if key in people else key].append(order)
    errors: dict[str, str] = {}
    for key, bought in families.items():
        abroad = [o for o in bought if o["currency"] != o["company_currency"]]
        if key not in people:
            errors[key] = "partner_missing"
        elif any(o["ordered_at"] is None for o in bought):
            errors[key] = "order_date_missing"
        elif any(o[amount] is None or not o["currency_rate"] or o["currency_rate"] < 0 for o in abroad):
            errors[key] = "currency_rate_missing"
        elif any(o[amount] is None for o in bought):
            errors[key] = "order_total_missing"
        elif len({o["company_currency"] for o in bought}) > 1:
            errors[key] = "mixed_currency"
    counts["orders_in_error"] = sum(len(families[key]) for key in errors)
    good = {key: bought for key, bought in families.items() if key not in errors}
    ranked = sorted(good, key=lambda key: (-sum(o[amount] for o in good[key]), id_order(key)))
    chosen = set(ranked[: rules.max_customers] if rules.max_customers else ranked)
    counts["orders_outside_limit"] = sum(len(bought) for key, bought in good.items() if key not in chosen)
    lines_of: dict[str, list[Row]] = defaultdict(list)
    for line in lines:
        lines_of[line["order_id"]].append(line)
    catalogue = {row["product_key"]: row for row in products}
    result = {}
    for key in chosen:
        row = {**_about(key, people), **_metrics(good[key], amount, rules)}
        row["top_products"], row["product_categories"] = _bought(good[key], lines_of, catalogue, rules, counts)
        result[key] = row
    stored = {row["customer_key"]: row for row in existing}
    if not rules.max_customers and not rules.is_partial:
        for key in stored.keys() - families.keys():
            result[key] = _left(key, stored[key], people, rules)
    roots = {row["root_customer_key"] for row in customers}
    counts["skipped"] = len(roots - families.keys() - stored.keys())
    counts["created"] = len(result.keys() - stored.keys())
    left = [key for key, row in result.items() if not row["is_active"]]
    counts["deactivated"] = sum(1 for key in left if stored[key]["is_active"])
    return result, errors, dict(counts)


def _about(key: str, people: dict[str, Row]) -> Row:
    root = people[key]
    name = root["display_name"]
    children = [k for k, row in people.items() if row["root_customer_key"] == key and k != key]
    return {
        "odoo_partner_id": int(root["source_id"]) if root["source"] == "odoo" else None,
        "name": f"Partner {root['source_id']}" if not name.strip() or name == key else name,
        "email": root["email"] if (root.get("email") or "").strip() else None,
        "assigned_salesperson_id": root.get("salesperson_id"),
        "child_customer_keys": sorted(children, key=id_order),
        "children_count": len(children),
    }


def _metrics(orders: list[Row], amount: str, rules: AvatarRules) -> Row:
    number, revenue = len(orders), sum((o[amount] for o in orders), Decimal(0))
    first, last = min(o["ordered_at"] for o in orders), max(o["ordered_at"] for o in orders)
    frequency = whole_days(first, last) // (number - 1) if number > 1 else None
    days = whole_days(last, rules.as_of)
    return {
        "total_orders": number,
        "total_revenue": revenue,
        "avg_order_value": to_cents(Fraction(revenue) / number),
        "first_order_date": first,
        "last_order_date": last,
        "order_frequency_days": frequency,
        "days_since_last_order": days,
        "is_active": True,
        "currency": orders[0]["company_currency"],
        **_named(scores(days, frequency, number, revenue)),
    }


def _named(values: tuple[int, int, int, int]) -> Row:
    names = ("churn_risk_score", "engagement_score", "health_score", "upsell_potential_score")
    return dict(zip(names, values, strict=True))


def _bought(
    orders: list[Row],
    lines_of: dict[str, list[Row]],
    catalogue: dict[str, Row],
    rules: AvatarRules,
    counts: dict[str, int],
) -> tuple[list[Row], Row]:
    amount = "price_total" if rules.revenue_basis == "taxed" else "price_total_untaxed"
    sold: dict[str, Row] = defaultdict(
        lambda: {"revenue": Fraction(0), "quantity": Decimal(0), "orders": set(), "lines": 0}
    )
    kinds: dict[str, Row] = defaultdict(lambda: {"revenue": Fraction(0), "orders": set()})
    for order in orders:
        rate = Fraction(1) if order["currency"] == order["company_currency"] else Fraction(order["currency_rate"])
        for line in lines_of[order["order_key"]]:
            key = line["product_key"]
            if key is None:
                continue
            unit_known = line["quantity_product_units"] is not None
            counts["lines_unit_unknown"] += not unit_known
            value = Fraction(line[amount] or 0) / rate
            total = sold[key]
            total["revenue"] += value
            total["quantity"] += line["quantity_product_units"] if unit_known else line["quantity_units"]
            total["orders"].add(order["order_key"])
            total["lines"] += 1
            product = catalogue.get(key)
            if product and product["source_category"]:
                kind = kinds[_category(product)]
                kind["revenue"] += value
                kind["orders"].add(order["order_key"])
    top = []
    for key, total in sold.items():
        product = catalogue.get(key)
        top.append(
            {
                "product_id": int(product["source_id"]) if product and product["source"] == "odoo" else key,
                "name": product["name"] if product else key,
                "default_code": product["default_code"] if product else None,
                "total_quantity": total["quantity"],
                "total_revenue": to_cents(total["revenue"]),
                "order_count": len(total["orders"]),
                "order_lines": total["lines"],
            }
        )

    def place(entry: Row) -> tuple[Any, ...]:
        number = entry["product_id"]
        return (-entry["total_revenue"], *((0, number, "") if isinstance(number, int) else (1, 0, number)))

    categories = {}
    for key in sorted(kinds, key=lambda key: (0, int(key), "") if key.isdigit() else (1, 0, key)):
        names = [row["source_category"] for row in catalogue.values() if _category(row) == key]
        revenue, number = to_cents(kinds[key]["revenue"]), len(kinds[key]["orders"])
        categories[key] = {"name": min(names), "total_revenue": revenue, "order_count": number}
    return sorted(top, key=place)[:10], categories


def _category(product: Row) -> str | None:
    return product["source_category_id"] if product["source"] == "odoo" else product["source_category"]


def _left(key: str, stored: Row, people: dict[str, Row], rules: AvatarRules) -> Row:
    last = stored["last_order_date"]
    days = whole_days(last, rules.as_of)
    row = {name: stored[name] for name in ("name", "odoo_partner_id", "currency", "first_order_date")}
    return {
        **(_about(key, people) if key in people else {**row, "child_customer_keys": [], "children_count": 0}),
        "first_order_date": stored["first_order_date"],
        "last_order_date": last,
        "total_orders": 0,
        "total_revenue": Decimal("0.00"),
        "avg_order_value": Decimal("0.00"),
        "order_frequency_days": None,
        "days_since_last_order": days,
        "top_products": [],
        "product_categories": {},
        "is_active": False,
        "currency": stored["currency"],
        **_named(scores(days, None, 0, Decimal(0))),
    }
