"""Random small worlds of customers, orders and lines with all the faults that can occur, the same for the same number."""

from __future__ import annotations

import random
from datetime import timedelta
from decimal import Decimal
from functools import cache
from typing import Any, NamedTuple

from sync_assets.transforms.avatars import AvatarRules
from sync_assets_tests.transforms.avatar_support import AS_OF, ORG, customer, line, order, product

# An example is one small world of customers. Eight worlds with ids of their own are computed in one run, which is much
# faster than eight runs, and each example looks at its own part of the outcome.
WORLDS_PER_RUN = 8
IDS_PER_WORLD = 1000
RUNS = 128
AGES = [
    0,
    1,
    59,
    86_399,
    86_400,
    100_000,
    5 * 86_400,
    31 * 86_400,
    95 * 86_400,
    122 * 86_400,
    122 * 86_400 + 1,
    400 * 86_400,
]
RATES = [Decimal(rate) for rate in ("1.1", "3", "6", "0.85", "7.123456", "2")]
Rows = list[dict[str, Any]]


class World(NamedTuple):
    customers: Rows
    orders: Rows
    lines: Rows
    products: Rows
    existing: Rows


def money(rng: random.Random) -> Decimal:
    return Decimal(rng.choice([rng.randint(-500, 2_000), rng.randint(0, 2_000_000)])).scaleb(-2)


def world(seed: int) -> World:
    rng = random.Random(seed)
    base = seed % WORLDS_PER_RUN * IDS_PER_WORLD
    customers: list[dict[str, Any]] = []
    for number in rng.sample(range(base + 1, base + 120), rng.randint(1, 12)):
        key = f"{'alleaves' if rng.random() < 0.2 else 'odoo'}-{number}"
        roots = [c["customer_key"] for c in customers if c["root_customer_key"] == c["customer_key"]]
        root = rng.choice(roots) if roots and key.startswith("odoo") and rng.random() < 0.5 else None
        if root and root.startswith("alleaves"):
            root = None
        name = rng.choice([key, " ", f"Domaine {number}", f'"Ch. d\'É{number}"'])
        seller = rng.choice([None, 7])
        email = rng.choice([None, "", f"mail{number}@example.org"])
        customers.append(customer(key, root, display_name=name, email=email, salesperson_id=seller))
    products = [
        product(
            key,
            number,
            source=source,
            name=rng.choice([f"Wine {number}", 'Rosé "L\'été" \\ 75cl\n']),
            default_code=rng.choice([None, key]),
            source_category_id=rng.choice(["2", "12"]) if source == "odoo" else None,
            source_category=rng.choice(["Red", "White", None]) if source != "odoo" else rng.choice(["Red", "White"]),
        )
        for key, number, source in [
            (f"P{base + 1}", base + 9, "odoo"),
            (f"P{base + 2}", base + 10, "odoo"),
            (f"P{base + 3}", base + 11, "odoo"),
            (f"P{base + 4}", "x4", "alleaves"),
        ]
    ]
    products += [product(f"Q{base + number}", base + 100 + number) for number in range(rng.choice([0, 0, 12]))]
    orders, lines = [], []
    faulty = rng.random() < 0.5
    for number in range(base, base + rng.randint(0, 25)):
        key = rng.choice(customers)["customer_key"]
        foreign = rng.random() < 0.25
        total = money(rng)
        values: dict[str, Any] = {
            "ordered_at": AS_OF - timedelta(seconds=rng.choice(AGES)),
            "is_counted": rng.random() < 0.9,
            "company_total_untaxed": money(rng),
            "currency": "USD" if foreign else "EUR",
            "currency_rate": rng.choice(RATES) if foreign else rng.choice([None, Decimal(9)]),
        }
        if faulty and rng.random() < 0.2:
            key, change = rng.choice(
                [
                    (f"odoo-{base + 999}", {}),
                    (None, {}),
                    (key, {"ordered_at": None}),
                    (key, {"ordered_at": AS_OF + timedelta(seconds=1)}),
                    (key, {"company_currency": "USD", "currency": "USD"}),
                    (key, {"currency_rate": rng.choice([None, Decimal(0), Decimal(-1)])}),
                    (key, {"company_total": None, "company_total_untaxed": None}),
                ]
            )
            values |= change
        orders.append(order(number, key, total, **values))
        for _ in range(rng.randint(0, 5)):
            unit = rng.choice([None, Decimal("0.500"), Decimal("12.000")])
            known = rng.choice(products)["product_key"]
            lines.append(
                line(
                    base + len(lines),
                    number,
                    rng.choice([known, known, known, known, None, "GONE"]),
                    rng.choice([Decimal("0.01"), money(rng)]),
                    price_total_untaxed=rng.choice([None, money(rng)]),
                    quantity_product_units=unit,
                    quantity_units=Decimal("3.000"),
                )
            )
    existing = [
        {
            "org_id": ORG,
            "customer_key": key,
            "odoo_partner_id": int(key[5:]) if key.startswith("odoo") else None,
            "name": f"Old {key}",
            "first_order_date": AS_OF - timedelta(days=300),
            "last_order_date": AS_OF - timedelta(days=rng.randint(0, 250)),
            "currency": "EUR",
            "is_active": rng.random() < 0.8,
        }
        for key in {*[c["customer_key"] for c in rng.sample(customers, len(customers) // 2)], f"odoo-{base + 777}"}
    ]
    return World(customers, orders, lines, products, existing)


@cache
def worlds(run: int) -> World:
    """The worlds of one run together, in random order."""
    rng = random.Random(-run)
    parts = [world(run * WORLDS_PER_RUN + slot) for slot in range(WORLDS_PER_RUN)]
    together = ([row for rows in same for row in rows] for same in zip(*parts, strict=True))
    return World(*(rng.sample(rows, len(rows)) for rows in together))


@cache
def rules_of(run: int) -> AvatarRules:
    rng = random.Random(run)
    return AvatarRules(
        AS_OF,
        months_back=rng.choice([4, 4, 0, 1]),
        max_customers=rng.choice([0, 0, 0, 15]),
        revenue_basis=rng.choice(["taxed", "untaxed"]),
        is_partial=rng.random() < 0.1,
        org_id=ORG,
    )


def slot_of(key: str) -> int:
    return int(key.partition("-")[2]) // IDS_PER_WORLD
