"""Random customers, orders and lines: the avatars agree with the rules written out by hand, and hold their promises."""

from __future__ import annotations

import json
import random
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from functools import cache
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync_assets.tables.canonical import CUSTOMERS, PRODUCT_CATALOG, SALES_LINES, SALES_ORDERS
from sync_assets.tables.marts import CUSTOMER_AVATARS
from sync_assets.tables.spec import Table
from sync_assets.transforms.avatar_changes import Comparison, compare
from sync_assets.transforms.avatar_checks import (
    check_no_order_lost,
    check_revenue_matches,
    check_scores_in_range,
)
from sync_assets.transforms.avatar_products import DIVIDEND, RATE, _rounded
from sync_assets.transforms.avatars import AvatarPlan, AvatarRules, build_avatars
from sync_assets_tests.transforms.avatar_reference import build_by_hand, to_cents
from sync_assets_tests.transforms.avatar_support import AS_OF, NOW, ORG, customer, line, order, product, rows_of

# An example is one small world of customers. Eight worlds with ids of their own are computed in one run, which is much
# faster than eight runs, and each example looks at its own part of the outcome.
WORLDS_PER_RUN = 8
IDS_PER_WORLD = 1000
SEEDS = st.integers(0, 1023)
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


def arrow(table: Table, rows: list[dict[str, Any]]) -> pa.Table:
    return pa.Table.from_pylist(rows, schema=table.arrow_schema())


@cache
def first_plan(run: int) -> AvatarPlan:
    w = worlds(run)
    return build_avatars(
        arrow(CUSTOMERS, w.customers),
        arrow(SALES_ORDERS, w.orders),
        arrow(SALES_LINES, w.lines),
        arrow(PRODUCT_CATALOG, w.products),
        arrow(CUSTOMER_AVATARS, w.existing),
        rules_of(run),
        now=NOW,
    )


@cache
def second_plan(run: int) -> AvatarPlan:
    """A run right after the first one: the same data in another order, lines in pieces, and the first one's rows stored."""
    w, rng = worlds(run), random.Random(1000 + run)

    def mixed(rows: Rows) -> Rows:
        return rng.sample(rows, len(rows))

    lines = mixed(w.lines)
    cut = rng.randint(0, len(lines))
    return build_avatars(
        arrow(CUSTOMERS, mixed(w.customers)),
        arrow(SALES_ORDERS, mixed(w.orders)),
        iter([arrow(SALES_LINES, lines[:cut]), arrow(SALES_LINES, lines[cut:])]),
        arrow(PRODUCT_CATALOG, mixed(w.products)),
        stored_after(run),
        rules_of(run),
        now=NOW,
    )


@cache
def stored_after(run: int) -> pa.Table:
    """The table after the first run: rows it wrote, and rows it left alone."""
    written = first_plan(run).frame
    keys = set(written["customer_key"])
    kept = arrow(CUSTOMER_AVATARS, [row for row in worlds(run).existing if row["customer_key"] not in keys])
    return pa.concat_tables([kept, pa.Table.from_pandas(written, preserve_index=False).cast(kept.schema)])


@cache
def by_hand(run: int) -> tuple[dict[str, dict[str, Any]], dict[str, str], dict[str, int]]:
    return build_by_hand(*worlds(run), rules_of(run))


@cache
def comparison(run: int) -> Comparison:
    return compare(second_plan(run), stored_after(run))


first_rows = cache(lambda run: rows_of(first_plan(run)))
second_rows = cache(lambda run: rows_of(second_plan(run)))


def part(rows: dict[str, Any], slot: int) -> dict[str, Any]:
    return {key: row for key, row in rows.items() if slot_of(key) == slot}


@settings(max_examples=1000, deadline=None)
@given(SEEDS)
def test_avatars_agree_with_the_rules_written_out_by_hand(seed):
    run, slot = divmod(seed, WORLDS_PER_RUN)
    expected, errors, counts = by_hand(run)
    rows = part(first_rows(run), slot)
    assert rows.keys() == part(expected, slot).keys()
    for key, found in rows.items():
        wanted = expected[key]
        row = {name: found[name] for name in wanted}
        for name in ("top_products", "product_categories"):
            row[name] = json.loads(row[name], parse_float=Decimal)
            assert json.dumps(row[name], default=float) == json.dumps(wanted[name], default=float), "order of keys"
        assert row == wanted
    plan = first_plan(run)
    found_errors = {
        f"odoo-{e['partner_id']}" if "partner_id" in e else e["customer_key"]: e["code"] for e in plan.errors
    }
    assert found_errors == errors
    assert {name: value for name, value in plan.counts.items() if value} == {k: v for k, v in counts.items() if v}


@settings(max_examples=1000, deadline=None)
@given(SEEDS)
def test_input_order_does_not_matter(seed):
    run, slot = divmod(seed, WORLDS_PER_RUN)
    assert list(part(first_rows(run), slot).items()) == list(part(second_rows(run), slot).items())
    first, second = first_plan(run), second_plan(run)
    assert (first.errors, first.warnings) == (second.errors, second.warnings)


@settings(max_examples=1000, deadline=None)
@given(SEEDS)
def test_running_twice_changes_nothing(seed):
    run, slot = divmod(seed, WORLDS_PER_RUN)
    keys = comparison(run).actions["customer_key"].tolist()
    mine = [place for place, key in enumerate(keys) if slot_of(key) == slot]
    assert [comparison(run).action[place] for place in mine] == ["unchanged"] * len(mine)
    assert not any(entry["changes"] for entry in comparison(run).diff)
    assert second_plan(run).counts["created"] == second_plan(run).counts["deactivated"] == 0


@settings(max_examples=1000, deadline=None)
@given(SEEDS)
def test_each_partner_is_in_exactly_one_family(seed):
    run, slot = divmod(seed, WORLDS_PER_RUN)
    # An inactive row may be of a former root that is a member of another family today.
    rows = [row for row in part(first_rows(run), slot).values() if row["is_active"]]
    members = [key for row in rows for key in [row["customer_key"], *row["child_customer_keys"]]]
    assert len(members) == len(set(members))


@pytest.mark.parametrize("run", range(128))
def test_checks_pass_on_every_run(run):
    w, plan = worlds(run), first_plan(run)
    orders, customers = arrow(SALES_ORDERS, w.orders), arrow(CUSTOMERS, w.customers)
    assert check_no_order_lost(plan)[0]
    assert check_scores_in_range(plan.frame)[0]
    assert check_revenue_matches(plan, orders, customers)[0]


@settings(max_examples=1000, deadline=None)
@given(st.lists(st.tuples(st.integers(-100_000, 100_000), st.integers(1, 2_000_000)), min_size=1, max_size=6))
def test_sums_of_quotients_are_rounded_as_exact_fractions(parts):
    amounts = pa.array([Decimal(a).scaleb(-2) for a, _ in parts], pa.decimal128(38, 2)).cast(DIVIDEND)
    rates = pa.array([Decimal(r).scaleb(-6) for _, r in parts], pa.decimal128(28, 8)).cast(RATE)
    table = pa.table({"family": [0] * len(parts), "q": pc.divide(amounts, rates)})
    summed = table.group_by("family").aggregate([("q", "sum")])["q_sum"]
    exact = sum(Fraction(a, 100) / Fraction(r, 10**6) for a, r in parts)
    assert _rounded(summed).to_pylist() == [to_cents(exact)]
