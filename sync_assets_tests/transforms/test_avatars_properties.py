"""Random customers, orders and lines: the avatars agree with the rules written out by hand, and hold their promises."""

from __future__ import annotations

import json
import random
from decimal import Decimal
from fractions import Fraction
from functools import cache
from typing import Any

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
from sync_assets.transforms.avatars import AvatarPlan, build_avatars
from sync_assets_tests.transforms.avatar_reference import build_by_hand, to_cents
from sync_assets_tests.transforms.avatar_support import NOW, rows_of
from sync_assets_tests.transforms.avatar_worlds import RUNS, WORLDS_PER_RUN, Rows, rules_of, slot_of, worlds

SEEDS = st.integers(0, RUNS * WORLDS_PER_RUN - 1)


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
    written = {row["customer_key"] for row in rows}
    assert set(members) == {c["customer_key"] for c in worlds(run).customers if c["root_customer_key"] in written}


@pytest.mark.parametrize("run", range(RUNS))
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
